"""Every act in every state, against the table: what it allows happens as it says, what it refuses changes nothing."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import ALERT_LIFECYCLE, Alert, AlertEvent, AlertState, Verdict
from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict
from impetus.core.ids import AlertId
from impetus.desk import incidents, triage
from impetus.desk.context import Desk
from impetus.ports import Change
from impetus.testing.desk import memory_desk

ONE = AlertId(1)
LATER = AT + timedelta(hours=1)
Acting = Callable[[Desk, Actor], object]

WAYS: Mapping[AlertState, tuple[str, ...]] = {
    AlertState.NEW: (),
    AlertState.HELD: ("assess",),
    AlertState.OFFERED: ("assess", "offer"),
    AlertState.SHELVED: ("shelve",),
    AlertState.CLOSED: ("assess", "close"),
}
"""How an alert comes into each state; judged where it may be, so that closing is not refused for want of a verdict."""
ACTS: Mapping[str, Acting] = {
    "acknowledge": lambda desk, who: triage.acknowledge(desk, who, ONE),
    "undo": lambda desk, who: triage.undo(desk, who, ONE, why="by mistake"),
    "assess": lambda desk, who: triage.assess(desk, who, ONE, verdict=Verdict.BENIGN, why="a concert"),
    "shelve": lambda desk, who: triage.shelve(desk, who, ONE, until=LATER, why="works"),
    "offer": lambda desk, who: triage.offer(desk, who, ONE, to="bo", why="my shift ends"),
    "accept": lambda desk, who: triage.accept(desk, who, ONE),
    "decline": lambda desk, who: triage.decline(desk, who, ONE, why="full hands"),
    "close": lambda desk, who: triage.close(desk, who, ONE, why="over"),
    "reopen": lambda desk, who: triage.reopen(desk, who, ONE, why="again"),
    "join": lambda desk, who: incidents.open_incident(desk, who, "Crowd", [ONE]),
}
ANSWERS = {"accept", "decline"}
CELLS = [(state, event) for state in AlertState for event in ACTS]
ALLOWED = [cell for cell in CELLS if isinstance(ALERT_LIFECYCLE.table[cell[0], AlertEvent(cell[1])], Step)]
REFUSED = [cell for cell in CELLS if cell not in ALLOWED]


class Room:
    """A desk with one alert in a state, and who is there: sol, a supervisor who may do anything, and bo, who is asked."""

    def __init__(self, state: AlertState) -> None:
        self.desk = memory_desk(AT)
        fuse(self.desk, seen("a"))
        self.sol = person(self.desk, "sol", Role.SUPERVISOR)
        self.bo = person(self.desk, "bo", Role.OPERATOR)
        for way in WAYS[state]:
            ACTS[way](self.desk, self.sol)
        assert alert(self.desk).state is state
        self.mark = self._newest()

    def _newest(self) -> int:
        with self.desk.store.read() as unit:
            return unit.outbox.newest()

    def act(self, event: str) -> Actor:
        """Let whoever would do it do it: bo answers, sol does the rest."""
        who = self.bo if event in ANSWERS else self.sol
        ACTS[event](self.desk, who)
        return who

    def told(self) -> list[Change]:
        """Return what the screens were told of the alert since it came into its state."""
        with self.desk.store.read() as unit:
            return [change for change in unit.outbox.after(self.mark) if change.kind == "alert"]

    def lines(self) -> int:
        """Return how long the alert's history is."""
        with self.desk.store.read() as unit:
            return len(unit.alerts.entries(ONE))


def step_of(state: AlertState, event: str) -> Step:
    """Return what the table says comes of it."""
    cell = ALERT_LIFECYCLE.table[state, AlertEvent(event)]
    assert isinstance(cell, Step)
    return cell


@pytest.mark.parametrize(("state", "event"), ALLOWED)
def test_what_the_table_allows_leads_where_it_says(state: AlertState, event: str) -> None:
    """The state after, and who has it: taken by who acted, freed, or left with its owner."""
    room = Room(state)
    before = alert(room.desk)
    who = room.act(event)
    after, step = alert(room.desk), step_of(state, event)
    assert after.state == step.state
    expected = who.name if Effect.TAKE in step.effects else None if Effect.RELEASE in step.effects else before.owner
    assert after.owner == expected
    assert after.version == before.version + 1


@pytest.mark.parametrize(("state", "event"), ALLOWED)
def test_what_is_done_is_written_and_told_once(state: AlertState, event: str) -> None:
    """One line with who, when and the state after; one change with the version; aloud where the table says so."""
    room = Room(state)
    lines = room.lines()
    who = room.act(event)
    with room.desk.store.read() as unit:
        entry = unit.alerts.entries(ONE)[-1]
    after = alert(room.desk)
    assert room.lines() == lines + 1
    assert (entry.event, entry.who, entry.at, entry.state) == (event, who.name, AT, after.state)
    assert entry.detail["version"] == after.version
    (change,) = room.told()
    assert (change.subject, change.facts["state"], change.facts["version"]) == ("1", after.state, after.version)
    assert change.facts["sound"] is (Effect.SOUND in step_of(state, event).effects)


@pytest.mark.parametrize(("state", "event"), REFUSED)
def test_what_the_table_refuses_changes_nothing_and_says_why(state: AlertState, event: str) -> None:
    """The table's own sentence, what would be allowed, who acted last; no line, no change, no version."""
    room = Room(state)
    before, lines = alert(room.desk), room.lines()
    with pytest.raises(Conflict) as refusal:
        room.act(event)
    cell = ALERT_LIFECYCLE.table[state, AlertEvent(event)]
    assert isinstance(cell, str)
    assert cell in refusal.value.detail
    assert refusal.value.limit == ", ".join(ALERT_LIFECYCLE.allowed(state))
    assert (alert(room.desk), room.lines(), room.told()) == (before, lines, [])


@pytest.mark.parametrize(
    ("event", "state", "why"),
    [
        ("undo", AlertState.HELD, "by mistake"),
        ("assess", AlertState.NEW, "a concert"),
        ("shelve", AlertState.HELD, "works"),
        ("offer", AlertState.HELD, "my shift ends"),
        ("decline", AlertState.OFFERED, "full hands"),
        ("close", AlertState.HELD, "over"),
        ("reopen", AlertState.CLOSED, "again"),
    ],
)
def test_the_reason_is_written_as_it_was_given(event: str, state: AlertState, why: str) -> None:
    """Word by word, with the act it belongs to."""
    room = Room(state)
    room.act(event)
    with room.desk.store.read() as unit:
        assert unit.alerts.entries(ONE)[-1].why == why


@pytest.mark.parametrize(
    ("event", "state", "detail"),
    [
        ("assess", AlertState.NEW, {"verdict": "benign"}),
        ("shelve", AlertState.NEW, {"until": LATER.isoformat()}),
        ("offer", AlertState.HELD, {"to": "bo"}),
        ("close", AlertState.HELD, {"verdict": "benign"}),
        ("join", AlertState.NEW, {"incident": 1}),
    ],
)
def test_the_line_says_what_was_chosen(event: str, state: AlertState, detail: Mapping[str, str | int]) -> None:
    """The verdict, the time, the person, the incident: the history needs no other table to be read."""
    room = Room(state)
    room.act(event)
    with room.desk.store.read() as unit:
        assert unit.alerts.entries(ONE)[-1].detail.items() >= detail.items()


def _is_whole(found: Alert) -> bool:
    """Say whether what must hold of any alert holds of this one."""
    owned = found.state in (AlertState.HELD, AlertState.OFFERED)
    return (
        (found.owner is not None) == owned
        and (found.offered_to is not None) == (found.state is AlertState.OFFERED)
        and (found.shelved_until is not None) == (found.state is AlertState.SHELVED)
        and (found.verdict is None or found.state is not AlertState.NEW)
    )


@pytest.mark.parametrize(("state", "event"), ALLOWED)
def test_an_alert_is_whole_after_every_act(state: AlertState, event: str) -> None:
    """Owned exactly while held or offered, asked, put aside and judged only where that means something."""
    room = Room(state)
    assert _is_whole(alert(room.desk))
    room.act(event)
    assert _is_whole(alert(room.desk))
