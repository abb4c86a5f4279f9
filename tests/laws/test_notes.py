"""Every act of the desk leaves a line in the log: shown on the syntax tree, and by doing each act."""

import ast

import pytest

from desk.samples import AT, fuse, person, seen
from desk.test_roles import CASES, ONE, UseCase, everything
from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import NotNow
from impetus.core.log_record import LogRecord, Outcome
from impetus.desk import incidents, tokens
from impetus.desk.context import Desk
from impetus.desk.sign_in import actor_of
from impetus.ethics.guard import Operation
from impetus.testing.desk import memory_desk
from impetus.testing.journal import MemoryJournal
from laws.notes import silent
from laws.tree import SRC, Module, modules

DESK = SRC / "desk"
EXCUSED: dict[tuple[str, str], str] = {
    ("call_watch", "erase_calls"): "a piece of a retention run, as those of erasers are",
    ("erasers", "*"): "a retention run is one line with its sums, written when the run is over (desk/sweep.py)",
    ("media_watch", "erase_reveals"): "a piece of a retention run, as those of erasers are",
    ("intake_tally", "write"): "counters of readings; that a source sends is a decision, counted by the minute",
    ("keep_log", "*"): "brings the lines themselves into the log, and prunes it",
}
"""Public functions that change the state without a line, each with its reason; the list may only shrink."""


def test_every_act_of_the_desk_leaves_a_line() -> None:
    """Who opens a writing unit notes what was done, before it commits."""
    assert silent(modules(DESK), EXCUSED) == []


def test_no_excuse_for_a_silent_act_is_left_over() -> None:
    """An excuse for what writes its line by now would let it fall silent again."""
    found = {tuple(place.split(".")) for place in silent(modules(DESK), {})}
    assert {place for place in EXCUSED if place[1] != "*"} <= found
    assert {module for module, name in EXCUSED if name == "*"} <= {module for module, _ in found}


@pytest.mark.parametrize(
    "text",
    [
        "def erase(desk):\n    with desk.store.write() as unit:\n        unit.alerts.erase()\n",
        "def erase(desk):\n    _quietly(desk)\n\ndef _quietly(desk):\n    with desk.store.write() as unit:\n        unit.x()\n",
        "class Eraser:\n    def erase(self):\n        with self._desk.store.write() as unit:\n            unit.x()\n",
    ],
)
def test_a_planted_silent_act_is_found(text: str) -> None:
    """The law sees a function, one that hides behind a private one, and a method."""
    planted = Module(path=DESK / "peek.py", text=text, tree=ast.parse(text))
    assert silent([planted], {}) == ["peek.erase"]


def test_a_line_written_deep_below_counts() -> None:
    """A use case may note through what it calls, also in another module."""
    deep = "from impetus.desk.low import step\ndef erase(desk):\n    with desk.store.write() as unit:\n        step(unit)\n"
    low = "def step(unit):\n    note_done(unit)\n"
    planted = [
        Module(path=DESK / f"{name}.py", text=text, tree=ast.parse(text)) for name, text in (("a", deep), ("low", low))
    ]
    assert silent(planted, {}) == []


def _desk() -> Desk:
    """Return a desk with two alerts, an incident of ada's from the first, a colleague bo, and a token."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"), seen("b", subject="zone:north"))
    ada = person(desk, "ada", Role.OPERATOR)
    person(desk, "bo", Role.OPERATOR)
    incidents.open_incident(desk, ada, "Crowd", [ONE])
    tokens.issue(desk, console(), "wall", ["alerts.read"])
    desk.tally.write_all(desk.journal, desk.clock.now())  # what follows is a look of its own
    return desk


def _who(desk: Desk, operation: str) -> Actor:
    """Return who may: the console for what is managed, ada for the rest."""
    if str(operation).startswith(("accounts", "tokens", "sources")):
        return console()
    with desk.store.read() as unit:
        account = unit.accounts.by_name("ada")
    assert account is not None
    return actor_of(account)


CHANGING = [
    case
    for case in CASES
    if str(case[0]).split(".")[1]
    in {"acknowledge", "assess", "shelve", "offer", "close", "note", "join", "leave", "open_incident", "decide"}
    | {"add", "reset", "disable", "enable", "issue", "revoke", "declare"}
    and str(case[0]) not in {"triage.offer", "triage.close"}
]
"""Acts that this desk's state allows at once."""


@pytest.mark.parametrize(("name", "operation", "act"), CHANGING, ids=[str(case[0]) for case in CHANGING])
def test_doing_it_leaves_the_decision_and_the_deed(name: str, operation: Operation, act: UseCase) -> None:
    """First who may, by which rule; then what was done: two lines, in this order, with who and on what."""
    desk = _desk()
    records = _records(desk)
    before = len(records)
    who = _who(desk, operation)
    act(desk, who)
    fresh = records[before:]
    assert fresh[0].outcome is Outcome.PERMITTED
    assert fresh[0].act == operation
    done = [record for record in fresh if record.outcome is Outcome.DONE]
    assert done, name
    assert all(record.who == who.name and ":" in record.subject and record.controller for record in done)


@pytest.mark.parametrize(("name", "operation", "act"), CHANGING, ids=[str(case[0]) for case in CHANGING])
def test_what_cannot_be_logged_does_not_happen(name: str, operation: Operation, act: UseCase) -> None:
    """A log that takes no line any more stops the act, and the state stands as it was."""
    del name
    desk = _desk()
    records = _records(desk)
    before, who, journal = everything(desk), _who(desk, operation), desk.journal
    assert isinstance(journal, MemoryJournal)
    journal.room = len(records) + 1  # the decision still fits, the deed does not
    with pytest.raises(NotNow, match="the log is full"):
        act(desk, who)
    assert everything(desk) == before
    assert records[-1].outcome is Outcome.PERMITTED


def test_what_the_platform_does_is_counted() -> None:
    """Alerts raised by themselves are a count, written when their minute is over, and none is lost."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"), seen("b", subject="zone:north"))
    desk.tally.write_all(desk.journal, desk.clock.now())
    raised = [record for record in _records(desk) if record.act == "alert.raise" and record.outcome is Outcome.DONE]
    assert sum(record.count for record in raised) == 2
    assert {record.who for record in raised} == {platform("fusion").name}


def _records(desk: Desk) -> list[LogRecord]:
    assert isinstance(desk.journal, MemoryJournal)
    return desk.journal.records
