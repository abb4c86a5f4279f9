"""The small boards beside the map say the worst first."""

from datetime import UTC, datetime, timedelta

from impetus.core.board import PartState, PartStatus, SourceStatus
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.desk.views import SourceView
from impetus.web.pages.tools_board import name_of, source_rows, tool_rows

NOW = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)


def part(name: str, state: PartState = PartState.RUNNING) -> PartStatus:
    """Return one row of the board."""
    return PartStatus(part=ToolId(name), state=state, seen_at=NOW)


def source(*, cadence_s: float = 10.0, freshness_s: float = 60.0, silent: bool = False) -> SourceView:
    """Return a source of two datastreams, 1 and 2."""
    identity = SourceId("square")
    streams = tuple(
        Datastream(
            id=DatastreamId(number),
            key=DatastreamKey(f"square/p{number}/people"),
            source=identity,
            thing=ThingKey(f"square/p{number}"),
            thing_name=f"P{number}",
            observed_property="people",
            unit="1",
            cadence_s=cadence_s,
        )
        for number in (1, 2)
    )
    return SourceView(
        source=Source(id=identity, name="The square", kind="test", freshness_s=freshness_s),
        status=SourceStatus(source=identity, seen_at=NOW, counts={}),
        datastreams=streams,
        silent=silent,
    )


def ages(*seconds: float) -> object:
    """Return the newest readings of datastreams 1, 2, … so many seconds old."""
    numbers = list(range(1, len(seconds) + 1))
    return batch_of(numbers, [to_us(NOW - timedelta(seconds=age)) for age in seconds], [1.0] * len(seconds))


def test_tools_stand_before_the_platforms_own_parts() -> None:
    """An operator looks for tools; screens and ingest come after."""
    rows = tool_rows([part("web"), part("urban_anomaly"), part("ingest"), part("fusion")], [])
    assert [row.name for row in rows] == ["Fusion", "Urban Anomaly", "Ingest", "Screens"]


def test_a_part_that_is_not_running_says_so_before_anything_else() -> None:
    """A silent tool is severe even with no alert, because its silence is the news."""
    (row,) = tool_rows([part("urban_anomaly", PartState.SILENT)], [])
    assert (row.severity, row.alerts) == ("severe", 0)


def test_a_third_partys_tool_has_a_readable_name() -> None:
    """An id we do not know is shown in words."""
    assert name_of("night_noise") == "Night Noise"


def test_all_fresh_is_normal() -> None:
    """Both datastreams spoke within the limit."""
    (row,) = source_rows([source()], ages(5, 59), NOW)
    assert (row.severity, row.fresh, row.total) == ("normal", 2, 2)


def test_one_stale_datastream_is_counted_out() -> None:
    """One spoke 61 seconds ago against a limit of 60, one never did."""
    (row,) = source_rows([source()], ages(61), NOW)
    assert (row.severity, row.fresh, row.total) == ("moderate", 0, 2)


def test_a_slow_datastream_has_three_cadences() -> None:
    """An hourly reading is not stale after a minute."""
    (row,) = source_rows([source(cadence_s=3600.0)], ages(7200, 10_801), NOW)
    assert row.fresh == 1


def test_a_silent_source_is_severe() -> None:
    """Silence of a whole source outweighs any count."""
    (row,) = source_rows([source(silent=True)], ages(5, 5), NOW)
    assert row.severity == "severe"
