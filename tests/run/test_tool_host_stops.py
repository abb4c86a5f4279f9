"""The host of a tool under the kill switch: nothing of a stopped source or camera is read, nothing is said about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impetus.core.stop import Target, parse_target
from impetus.run.tool_host import Host
from impetus.testing.clock import SettableClock
from run.test_tool_host import Stage, Trial

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENT = 0.2
"""Seconds after which a look at the stops is made anew."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage with a host's surroundings."""
    return Stage(tmp_path)


def hold(stage: Stage, target: str) -> Target:
    """Stop a target and let the moment pass in which an older look is believed."""
    wanted = parse_target(target)
    stage.desk.stops.stop(wanted, by="ada", at=AT)
    pass_moment(stage)
    return wanted


def pass_moment(stage: Stage) -> None:
    """Let an older look at the stops lose its value."""
    assert isinstance(stage.clock, SettableClock)
    stage.clock.set(stage.clock.now() + timedelta(seconds=MOMENT))


def seen(host: Host) -> list[float]:
    """Return what the tool was handed."""
    assert isinstance(host.tool, Trial)
    return host.tool.seen


@pytest.mark.parametrize("target", ["source:square", "camera:square/n1", "camera:n1"])
def test_readings_of_what_is_stopped_are_not_handed_to_the_tool(stage: Stage, target: str) -> None:
    """Those that were on the bus before the stop, too; after it is lifted, the tool goes on with what comes then."""
    host = stage.host()
    stage.send(1.0)
    host.turn()
    stage.send(2.0)
    wanted = hold(stage, target)
    host.turn()
    stage.desk.stops.lift(wanted, by="sam", at=AT, why="mended")
    pass_moment(stage)
    stage.send(3.0)
    host.turn()
    assert seen(host) == [1.0, 3.0]


@pytest.mark.parametrize("target", ["source:quay", "camera:square/n2", "tool:other"])
def test_other_stops_change_nothing(stage: Stage, target: str) -> None:
    """Another source, another camera, another tool."""
    hold(stage, target)
    host = stage.host()
    stage.send(1.0)
    host.turn()
    assert seen(host) == [1.0]
    assert not host.heart.stopping.is_set()


@pytest.mark.parametrize("target", ["tool:trial", "site", "all"])
def test_a_stopped_tool_ends_itself_and_says_nothing_more(stage: Stage, target: str) -> None:
    """The supervisor kills it anyway; this is the second lock, for a supervisor that is slow."""
    host = stage.host()
    stage.send(50.0)
    hold(stage, target)
    host.turn()
    assert seen(host) == []
    assert host.heart.stopping.is_set()
    assert stage.told() == []
    assert "stopped by ada" in host.tally.note()


def test_a_stop_between_seeing_and_saying_keeps_the_finding_back(stage: Stage) -> None:
    """What waits for a bus that is full when the stop comes is not published when there is room again."""
    host = stage.host()
    host.guard.waiting.append(b"a finding that waits")
    hold(stage, "tool:trial")
    host._publish([])
    assert host.guard.waiting == []
    assert stage.told() == []
