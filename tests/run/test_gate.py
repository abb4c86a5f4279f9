"""The gate: closed until the register clears the tool, closed again within seconds, and open by itself after signing."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.actor import console
from impetus.core.board import PartState
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream
from impetus.core.register import EntryState
from impetus.demo.exercise_register import KEY, OFFICER, make_exercise, sign_by
from impetus.desk.context import Desk
from impetus.run.gate import JUDGE_EVERY_S, Gate, NotCleared
from impetus.run.heartbeat import BACK_TO_GATE, Beat, decode_beat, encode_beat
from impetus.run.parts import Part
from impetus.run.restarts import Pace, Restarts
from impetus.run.supervised import Child, Phase, state_alive
from impetus.run.tools import find_tool
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.register import clear, configuration_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "urban_anomaly"


@dataclass
class ListeningHeart:
    """A heart that acts on its n-th beat, so that waiting ends without a clock."""

    acts: dict[int, object] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    beats: list[dict[str, object]] = field(default_factory=list)

    def beat(self, **said: object) -> None:
        """Keep what was said and do what is due."""
        self.beats.append(said)
        act = self.acts.get(len(self.beats))
        if callable(act):
            act()


@pytest.fixture
def desk() -> Desk:
    """Return an installation whose tool is cleared as an exercise."""
    made = memory_desk(AT)
    clear(made, find_tool(ToolId(TOOL)))
    return made


def change(desk: Desk, old: str = '["simulated place"]', new: str = '["school"]') -> None:
    """Change something material."""
    configuration = configuration_of(desk)
    assert old in configuration.text
    configuration.text = configuration.text.replace(old, new)


def later(desk: Desk, seconds: float = 1.1) -> None:
    """Let time pass."""
    clock_of(desk).advance(seconds)


def stream(source: str = "square", *, simulated: bool = True) -> Datastream:
    """Return a datastream of a source."""
    return Datastream(
        id=DatastreamId(1),
        key=DatastreamKey(f"{source}/a/count"),
        source=SourceId(source),
        thing=ThingKey(f"{source}/a"),
        thing_name="A",
        observed_property="count",
        unit="1",
        simulated=simulated,
    )


def test_a_cleared_tool_passes(desk: Desk) -> None:
    """And nothing is said about it."""
    gate, heart = Gate(desk, TOOL), ListeningHeart()
    assert gate.wait(heart) is True  # type: ignore[arg-type]  # it beats like one
    assert heart.beats == []
    gate.require()


def test_a_tool_nobody_signed_for_stands_and_says_what_is_missing() -> None:
    """It beats as blocked, and is told to stop while it stands."""
    desk, heart = memory_desk(AT), ListeningHeart()
    heart.acts[1] = heart.stopping.set
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, switched_on=(TOOL,))
    assert Gate(desk, TOOL).wait(heart) is False  # type: ignore[arg-type]  # it beats like one
    [said] = heart.beats
    assert said["blocked"] is True
    assert str(said["note"]).startswith("missing: a manifest that can be read")


def test_a_signature_opens_the_gate_by_itself(desk: Desk) -> None:
    """Signed at the second beat, let through at the next look."""
    change(desk)
    heart = ListeningHeart(
        acts={1: lambda: later(desk), 2: lambda: (sign_by(desk, console(), TOOL, OFFICER, KEY), later(desk))}
    )
    assert Gate(desk, TOOL).wait(heart) is True  # type: ignore[arg-type]  # it beats like one
    assert len(heart.beats) == 2
    assert "kinds of place changed" in str(heart.beats[0]["note"])


def test_a_material_change_closes_the_gate_at_the_next_look(desk: Desk) -> None:
    """Within a second or so, whatever the tool is doing."""
    gate = Gate(desk, TOOL)
    gate.require()
    change(desk)
    later(desk)
    with pytest.raises(NotCleared, match="kinds of place changed: simulated place → school"):
        gate.require()


def test_time_alone_closes_the_gate(desk: Desk) -> None:
    """No file and no row changes when a statement expires."""
    gate = Gate(desk, TOOL)
    gate.require()
    clock_of(desk).set(AT + timedelta(days=365, seconds=-JUDGE_EVERY_S))
    gate.require()
    later(desk, JUDGE_EVERY_S)
    with pytest.raises(NotCleared, match="expired on 2027-11-22"):
        gate.require()


def test_nothing_is_judged_twice_within_a_second(desk: Desk) -> None:
    """The hot path asks at every batch."""
    gate = Gate(desk, TOOL)
    first = gate.judgement()
    change(desk)
    assert gate.judgement() is first
    later(desk)
    assert gate.judgement() is not first


def test_a_tampered_signature_closes_the_gate(desk: Desk) -> None:
    """Whoever writes into the state cannot forge what an officer's key says."""
    change(desk)
    with desk.store.write() as unit:
        last = unit.register.signings(TOOL)[-1]
        unit.register.sign(replace(last, entry_hash="0" * 64))
    assert Gate(desk, TOOL).judgement().state is EntryState.STALE


def test_an_exercise_lets_simulated_readings_through_and_no_others(desk: Desk) -> None:
    """A real source beside it is not looked at."""
    gate = Gate(desk, TOOL)
    gate.require()
    assert gate.admits(stream())
    assert not gate.admits(stream(simulated=False))


def test_only_the_sources_an_entry_covers_reach_the_tool() -> None:
    """A new camera is not assessed yet, so nothing of it passes."""
    desk = memory_desk(AT)
    clear(desk, find_tool(ToolId(TOOL)), is_real=True)
    gate = Gate(desk, TOOL)
    gate.require()
    assert gate.admits(stream("anywhere", simulated=False))
    change(desk, 'covers = ["*"]', 'covers = ["square"]')
    configuration = configuration_of(desk)
    configuration.facts = replace(configuration.facts, is_exercise=True)
    make_exercise(desk, console())
    configuration.facts = replace(configuration.facts, is_exercise=False)
    later(desk)
    version = gate.version
    assert gate.judgement().state is not EntryState.RUNNING
    assert gate.version > version
    assert not gate.admits(stream("school", simulated=True))
    assert gate.admits(stream("square"))


def test_a_beat_carries_that_it_is_blocked() -> None:
    """Through the pipe and back; older beats say nothing of it."""
    assert decode_beat(encode_beat(Beat(note="missing: x", blocked=True))) == Beat(note="missing: x", blocked=True)
    assert decode_beat(b'{"rate_per_s":0,"lag":0,"dropped":0,"note":""}') == Beat()
    assert decode_beat(b'{"rate_per_s":0,"lag":0,"dropped":0,"note":"","blocked":"yes"}') == Beat()


def test_a_child_at_its_gate_is_blocked_not_running() -> None:
    """The row's state follows the beat."""
    assert state_alive(None) is PartState.STARTING
    assert state_alive(Beat()) is PartState.RUNNING
    assert state_alive(Beat(blocked=True)) is PartState.BLOCKED


class Ended:
    """A process that ended with a code."""

    def __init__(self, code: int) -> None:
        self.pid, self.code, self.stdout = 1, code, None

    def poll(self) -> int:
        """Return how it ended."""
        return self.code


def test_a_child_that_goes_back_to_its_gate_is_no_failure(tmp_path: object) -> None:
    """No trouble to tell, no restart counted; it stands at the gate again in a moment."""
    child = Child(Part(id=ToolId(TOOL), role=f"tool:{TOOL}", name="Tool"), tmp_path, Restarts(pace=Pace()))  # type: ignore[arg-type]  # pytest's path
    child.phase, child._process = Phase.ALIVE, Ended(BACK_TO_GATE)  # type: ignore[assignment]
    assert child.judge(10.0) is None
    assert (child.phase, child.restarts.total) == (Phase.WAITING, 0)
    assert not child.is_due(10.0)
    assert child.is_due(10.0 + Pace().first_s)
