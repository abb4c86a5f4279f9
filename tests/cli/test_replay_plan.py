"""What `impetus replay` makes of files before it sends anything: the declaration, the order, the pieces and the shift."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.adapters.series_files import Series, SeriesFile, read_csv
from impetus.cli.replay import MOST_ROWS, TICK_S, Plan, pieces, plan_of, shift_of
from impetus.core.errors import Malformed
from impetus.core.observation import US_PER_S, batch_of
from impetus.desk.declare_source import read_document

NOW_US = 1_780_315_200_000_000
MINUTE_US = 60 * US_PER_S


def file(name: str, **series: list[int]) -> SeriesFile:
    """Return a file of series, each a list of minutes at which it was read."""
    return SeriesFile(
        path=Path(f"{name}.csv"),
        series=tuple(
            Series(
                name=each,
                time_us=np.array(minutes, dtype=np.int64) * MINUTE_US,
                result=np.array(minutes, dtype=np.float64),
            )
            for each, minutes in series.items()
        ),
    )


def plan(*files: SeriesFile, simulated: bool = True) -> Plan:
    """Return the plan of files played as `recorded`."""
    return plan_of(files, "recorded", unit="1", simulated=simulated)


def test_one_series_is_a_value_and_several_keep_their_names() -> None:
    """The file is the thing."""
    made = plan(file("taxi", whatever=[0]), file("air", no2=[0], pm10=[0]))
    assert made.keys == ("recorded/taxi/value", "recorded/air/no2", "recorded/air/pm10")


@pytest.mark.parametrize("simulated", [True, False])
def test_the_declaration_is_one_that_the_platform_takes(simulated: bool) -> None:  # noqa: FBT001 - a column of the table
    """What is written here is read there, keys and all."""
    made = plan(file("NYC taxi (2014)", value=[0, 5]), simulated=simulated)
    read = read_document(made.declaration)
    assert tuple(datastream.key for datastream in read.datastreams) == made.keys
    assert all(datastream.simulated is simulated for datastream in read.datastreams)
    assert read.source.kind == "replay"


@pytest.mark.parametrize(
    ("minutes", "cadence_s"), [([], 0.0), ([3], 0.0), ([0, 5, 10], 300.0), ([0, 5, 10, 500], 300.0)]
)
def test_the_cadence_is_the_usual_gap(minutes: list[int], cadence_s: float) -> None:
    """The median, so that one night's outage does not make a sensor slow."""
    [thing] = plan(file("f", value=minutes), file("g", value=[0])).declaration["things"][:1]  # type: ignore[index]  # a list of tables
    assert thing["datastreams"][0]["cadence_s"] == cadence_s


def test_a_recording_sparser_than_a_year_is_declared_as_sparse_as_may_be() -> None:
    """The declaration's own bound."""
    made = plan(file("census", value=[0, 10 * 366 * 1440]))
    assert read_document(made.declaration).datastreams[0].cadence_s == 366 * 86_400.0


def test_readings_of_all_files_are_played_by_time() -> None:
    """Equal times in the order of the files."""
    made = plan(file("a", value=[0, 2, 4]), file("b", value=[1, 2, 3]))
    assert made.readings.result.tolist() == [0, 1, 2, 2, 3, 4]
    assert made.readings.datastream.tolist() == [0, 1, 0, 1, 1, 0]


@pytest.mark.parametrize("names", [("speed", "speed"), ("Speed!", "speed"), ("a b", "a_b")])
def test_files_that_would_be_one_thing_are_refused(names: tuple[str, str]) -> None:
    """Both are named, and one is to be renamed."""
    with pytest.raises(Malformed) as told:
        plan(*(file(name, value=[0]) for name in names))
    assert [Path(each).stem for each in told.value.value] == list(names)  # type: ignore[attr-defined]  # a list of paths
    assert told.value.remedy == "rename one"


@pytest.mark.parametrize(
    ("speed", "expected_us"), [(1.0, NOW_US), (3600.0, NOW_US - 10 * MINUTE_US), (0.0, NOW_US - 10 * MINUTE_US)]
)
def test_a_shift_puts_the_beginning_or_the_end_at_now(speed: float, expected_us: int) -> None:
    """At its own speed a recording begins now; faster, it ends now: nothing lies in the future."""
    readings = plan(file("f", value=[5, 15])).readings
    assert int(readings.time_us[0]) + shift_of(readings, speed, NOW_US) == expected_us


def test_nothing_is_shifted_by_nothing() -> None:
    """An empty recording has no end to put anywhere."""
    assert shift_of(batch_of([], [], []), 3600.0, NOW_US) == 0


@given(
    some.lists(some.integers(0, 10**12), max_size=60).map(sorted),
    some.sampled_from([0.0, 0.5, 1.0, 60.0, 3600.0, 1e6]),
)
def test_pieces_cover_every_reading_once_and_in_order(times: list[int], speed: float) -> None:
    """Whatever the speed: none is left out, none comes twice, and none is empty."""
    cut = list(pieces(np.array(times, dtype=np.int64), speed))
    assert [row for start, end in cut for row in range(start, end)] == list(range(len(times)))
    assert all(0 < end - start <= MOST_ROWS for start, end in cut)


@given(
    some.lists(some.integers(0, 10**10), min_size=1, max_size=60).map(sorted), some.sampled_from([1.0, 60.0, 3600.0])
)
def test_a_piece_holds_what_falls_due_within_a_tick(times: list[int], speed: float) -> None:
    """So that what is played lags its time by less than a person sees."""
    for start, end in pieces(np.array(times, dtype=np.int64), speed):
        assert times[end - 1] - times[start] <= TICK_S * US_PER_S * speed


def test_a_file_of_the_world_becomes_a_plan() -> None:
    """From its text to what is declared and sent."""
    text = "timestamp;NO2 (µg/m³);T\n2026-06-01 12:00:00;1,5;20\n2026-06-01 12:05:00;;21\n"
    made = plan(read_csv(text, Path("Mast 1.csv")))
    assert made.keys == ("recorded/mast_1/no2_g_m", "recorded/mast_1/t")
    assert made.readings.result.tolist()[0] == 1.5
    assert np.isnan(made.readings.result).sum() == 1
