"""What every memory of stops must do: files and the one in memory alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impetus.adapters.stop_files import StopFiles
from impetus.core.errors import Conflict
from impetus.core.log_record import LogRecord, Outcome
from impetus.core.stop import StopState, parse_target
from impetus.ports.stops import Stops
from impetus.testing.stops import MemoryStops

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOOL, SOURCE, EVERYTHING = (parse_target(text) for text in ("tool:noisy", "source:square", "all"))


@pytest.fixture(params=["files", "memory"])
def stops(request: pytest.FixtureRequest, tmp_path: Path) -> Stops:
    """Return an empty memory of each kind."""
    made: dict[str, Callable[[], Stops]] = {"files": lambda: StopFiles(tmp_path / "stops"), "memory": MemoryStops}
    return made[request.param]()


def line(number: int) -> LogRecord:
    """Return a line for the log."""
    at = AT + timedelta(seconds=number)
    return LogRecord(at=at, who="ada", role="operator", act="stop.make", outcome=Outcome.DONE, subject="tool:noisy")


def test_nothing_is_stopped_at_first(stops: Stops) -> None:
    """No stop, no trouble, nothing to show."""
    assert (stops.standing().stops, stops.standing().trouble, list(stops.all())) == ((), None, [])


def test_a_stop_stands_with_who_and_when(stops: Stops) -> None:
    """Without a reason: that is asked afterwards."""
    made = stops.stop(TOOL, by="ada", at=AT)
    assert (made.state, made.by, made.at, made.asks_why) == (StopState.STOPPED, "ada", AT, True)
    assert stops.standing().of_tool("noisy") == made
    assert stops.standing().of_tool("other") is None


def test_a_second_stop_keeps_the_first_name_and_time(stops: Stops) -> None:
    """Two people press at once: one stop."""
    stops.stop(TOOL, by="ada", at=AT)
    again = stops.stop(TOOL, by="bo", at=AT + timedelta(seconds=3))
    assert (again.by, again.at) == ("ada", AT)
    assert len(stops.standing().stops) == 1


def test_a_reason_can_come_with_the_stop_or_after_it(stops: Stops) -> None:
    """And a second stop with a reason gives the first its reason."""
    assert stops.stop(TOOL, by="ada", at=AT, why="smoke").state is StopState.EXPLAINED
    stops.stop(SOURCE, by="ada", at=AT)
    told = stops.explain(SOURCE, by="bo", at=AT + timedelta(minutes=5), why="wrong square")
    assert (told.state, told.why, told.why_by) == (StopState.EXPLAINED, "wrong square", "bo")
    stops.stop(EVERYTHING, by="ada", at=AT)
    assert stops.stop(EVERYTHING, by="cy", at=AT, why="court order").why_by == "cy"


def test_lifting_ends_it_and_keeps_who_and_why(stops: Stops) -> None:
    """The lifted stop stays on the page."""
    stops.stop(TOOL, by="ada", at=AT, why="smoke")
    lifted = stops.lift(TOOL, by="sam", at=AT + timedelta(hours=1), why="sensor changed")
    assert (lifted.state, lifted.lifted_by, lifted.lifted_why) == (StopState.LIFTED, "sam", "sensor changed")
    assert stops.standing().of_tool("noisy") is None
    assert [stop.lifted_by for stop in stops.all()] == ["sam"]


def test_what_was_lifted_can_be_stopped_anew(stops: Stops) -> None:
    """With a fresh name, time and question."""
    stops.stop(TOOL, by="ada", at=AT, why="smoke")
    stops.lift(TOOL, by="sam", at=AT, why="gone")
    again = stops.stop(TOOL, by="bo", at=AT + timedelta(days=1))
    assert (again.by, again.why, again.lifted_by, again.asks_why) == ("bo", "", "", True)
    assert stops.standing().of_tool("noisy") is not None


@pytest.mark.parametrize("is_lifted", [False, True])
def test_what_is_not_stopped_is_neither_explained_nor_lifted(stops: Stops, *, is_lifted: bool) -> None:
    """Never stopped, or lifted by somebody a moment ago."""
    if is_lifted:
        stops.stop(TOOL, by="ada", at=AT)
        stops.lift(TOOL, by="sam", at=AT, why="gone")
    with pytest.raises(Conflict):
        stops.explain(TOOL, by="ada", at=AT, why="late")
    with pytest.raises(Conflict):
        stops.lift(TOOL, by="ada", at=AT, why="twice")


def test_stops_stand_beside_each_other(stops: Stops) -> None:
    """Lifting one leaves the other."""
    stops.stop(TOOL, by="ada", at=AT)
    stops.stop(EVERYTHING, by="bo", at=AT + timedelta(seconds=1))
    stops.lift(TOOL, by="sam", at=AT, why="gone")
    assert stops.standing().of_tool("noisy") is not None
    assert [str(stop.target) for stop in stops.standing().stops] == ["all"]
    assert [stop.is_in_force for stop in stops.all()] == [True, False]


def test_lines_for_the_log_wait_in_order_until_they_are_forgotten(stops: Stops) -> None:
    """Each under a name."""
    for number in range(3):
        stops.keep(line(number))
    waiting = stops.kept()
    assert [record for _, record in waiting] == [line(number) for number in range(3)]
    stops.forget(waiting[0][0])
    stops.forget(waiting[0][0])
    assert [record.at for _, record in stops.kept()] == [line(1).at, line(2).at]
