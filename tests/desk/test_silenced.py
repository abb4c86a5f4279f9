"""What was on its way when a person stopped a tool becomes no alert, now or later; everything else passes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.samples import AT, fuse, publish, seen
from impetus.core.errors import NotNow
from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId, DatastreamKey, Offset, SourceId, ThingKey, ToolId
from impetus.core.log_record import LogRecord
from impetus.core.observation import Datastream, Source
from impetus.core.stop import Standing, Stop, StopState, parse_target
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.platform_finding import PLATFORM
from impetus.desk.raise_alert import Outcome, raise_alerts
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.journal import MemoryJournal
from impetus.tools.fusion.tool import Tool

TOOL = "tool:urban_anomaly"


@pytest.fixture
def desk() -> Desk:
    """Return a desk with a camera of the square."""
    made = memory_desk(AT)
    stream = Datastream(
        id=DatastreamId(0),
        key=DatastreamKey("square/c11/frame_rate"),
        source=SourceId("square"),
        thing=ThingKey("square/c11"),
        thing_name="C11",
        observed_property="frame_rate",
        unit="1/s",
    )
    with made.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="Square", kind="http"), [stream])
    return made


def stop(desk: Desk, target: str) -> None:
    """Let somebody stop it now."""
    desk.stops.stop(parse_target(target), by="sol", at=desk.clock.now())


def lift(desk: Desk, target: str) -> None:
    """Let somebody lift it now."""
    desk.stops.lift(parse_target(target), by="sol", at=desk.clock.now(), why="mended")


def later(desk: Desk, seconds: float = 60.0) -> None:
    """Let time pass."""
    clock_of(desk).advance(seconds)


def noticed(desk: Desk, key: str, **changes: object) -> Finding:
    """Return a finding of now."""
    at = desk.clock.now()
    return replace(seen(key, subject=f"zone:{key}"), began=at, noticed=at, **changes)  # type: ignore[arg-type]  # as named


def test_a_finding_on_the_bus_when_its_tool_is_stopped_becomes_no_alert(desk: Desk) -> None:
    """It is passed over and counted, for the board and for the log; the cursor stands behind it."""
    publish(desk, noticed(desk, "a"))
    later(desk)
    stop(desk, TOOL)
    outcome = take(desk)
    assert (outcome.raised, outcome.silenced, outcome.cursor) == (0, 1, 1)
    assert isinstance(desk.journal, MemoryJournal)
    desk.tally.write_all(desk.journal, desk.clock.now())
    assert counted(desk.journal.records) == 1


def test_nor_does_it_after_the_lift(desk: Desk) -> None:
    """What the tool saw before the stop is not told an hour later as if it were now."""
    publish(desk, noticed(desk, "a"))
    later(desk)
    stop(desk, TOOL)
    later(desk)
    lift(desk, TOOL)
    later(desk, 3600)
    assert take(desk).silenced == 1


def test_what_the_tool_finds_after_the_lift_is_an_alert(desk: Desk) -> None:
    """A stop that is over silences nothing new."""
    stop(desk, TOOL)
    later(desk)
    lift(desk, TOOL)
    later(desk)
    publish(desk, noticed(desk, "a"))
    assert take(desk).raised == 1


def test_other_tools_and_the_platform_itself_are_heard(desk: Desk) -> None:
    """Also with everything stopped the platform says what is wrong with itself."""
    other, own = noticed(desk, "a", tool=ToolId("counter")), noticed(desk, "b", tool=PLATFORM)
    publish(desk, other, own)
    stop(desk, TOOL)
    assert take(desk).raised == 2
    stop(desk, "all")
    publish(desk, noticed(desk, "c", tool=ToolId("counter")), noticed(desk, "d", tool=PLATFORM))
    outcome = take(desk)
    assert (outcome.raised, outcome.silenced) == (1, 1)


@pytest.mark.parametrize("target", ["camera:c11", "camera:square/c11", "source:square", "all"])
def test_a_finding_about_a_stopped_camera_or_source_becomes_no_alert(desk: Desk, target: str) -> None:
    """Whoever found it."""
    publish(desk, noticed(desk, "a", datastreams=(DatastreamId(1),)))
    stop(desk, target)
    assert take(desk).silenced == 1


@pytest.mark.parametrize("target", ["camera:c1", "source:squ", "tool:urban"])
def test_a_stop_of_something_else_silences_nothing(desk: Desk, target: str) -> None:
    """A name that only begins alike is another."""
    publish(desk, noticed(desk, "a", datastreams=(DatastreamId(1),)))
    stop(desk, target)
    assert take(desk).raised == 1


def test_of_many_only_those_from_before_are_passed_over(desk: Desk) -> None:
    """In their order, and the rest is as if they had not been there."""
    publish(desk, noticed(desk, "a"), noticed(desk, "b"))
    later(desk)
    stop(desk, TOOL)
    later(desk)
    lift(desk, TOOL)
    later(desk)
    publish(desk, noticed(desk, "c"), replace(noticed(desk, "d"), noticed=AT))
    outcome = take(desk)
    assert (outcome.raised, outcome.silenced) == (1, 3)


def test_an_alert_that_was_there_stays(desk: Desk) -> None:
    """A stop takes nothing back: somebody still has to judge it."""
    fuse(desk, noticed(desk, "a"))
    stop(desk, TOOL)
    with desk.store.read() as unit:
        assert sum(unit.alerts.count_open().values()) == 1


def test_a_stop_from_the_future_silences_nothing_once_it_is_lifted(desk: Desk) -> None:
    """A clock that is set back an hour must not swallow an hour of findings."""
    later(desk, 3600)
    stop(desk, TOOL)
    lift(desk, TOOL)
    clock_of(desk).set(AT + timedelta(seconds=60))
    publish(desk, noticed(desk, "a"))
    assert take(desk).raised == 1


def test_while_nobody_can_tell_what_is_stopped_findings_wait(desk: Desk) -> None:
    """None is lost and none becomes an alert."""
    publish(desk, noticed(desk, "a"))
    blind = replace(desk, stops=Blind())
    with pytest.raises(NotNow, match="nobody can tell"):
        take(blind)
    assert take(desk).raised == 1


class Blind:
    """Stops that cannot be read."""

    def standing(self) -> Standing:
        """Say that everything is stopped, because nobody can tell."""
        found = Stop(target=parse_target("all"), state=StopState.STOPPED, at=AT, by="nobody", trouble="unreadable")
        return Standing(trouble=found)

    def __getattr__(self, name: str) -> object:
        """Fail for anything else."""
        raise AssertionError(name)


def take(desk: Desk) -> Outcome:
    """Let fusion take in what is on the bus."""
    with desk.store.read() as unit:
        passed = unit.cursors.get("fusion", FINDINGS)
    return raise_alerts(desk, Tool.create({}), desk.bus.read(FINDINGS, Offset(passed), limit=100))


def counted(records: Sequence[LogRecord]) -> int:
    """Return how many silenced findings the log was told of."""
    return sum(record.count for record in records if record.act == "finding.silence")
