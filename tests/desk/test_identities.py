"""Behind a pseudonym: sealed, asked for by one, approved by another, shown once, and nowhere else."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import pytest

from desk.media_room import DAY, WHY, Room
from impetus.core.access import Category
from impetus.core.actor import console, platform
from impetus.core.effects import Step
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.identity import IDENTITY_LIFECYCLE, IdentityEvent, IdentityState, ShownIdentity
from impetus.core.log_record import Processing
from impetus.desk import identities, incidents
from impetus.desk.identities import Behind
from impetus.ethics.pseudonym import IdentityKind
from impetus.testing.journal import MemoryJournal

DOMAIN = "intrusion"
SECRET = "@kari_nordmann_1984"
PLAIN = "kari_nordmann_1984"
WAYS: Mapping[IdentityState, tuple[str, ...]] = {
    IdentityState.ASKED: (),
    IdentityState.APPROVED: ("approve",),
    IdentityState.SPENT: ("approve", "show"),
    IdentityState.DECLINED: ("decline",),
    IdentityState.EXPIRED: ("wait",),
}
ACTS: Mapping[str, Callable[["Vaulted"], object]] = {
    "approve": lambda room: identities.approve(room.desk, room.who("sol"), 1),
    "decline": lambda room: identities.decline(room.desk, room.who("sol"), 1, why="no"),
    "show": lambda room: identities.show(room.desk, room.who("per"), 1),
    "wait": lambda room: room.later(hours=1),
}
CELLS = [(state, event) for state in IdentityState for event in IdentityEvent if event is not IdentityEvent.EXPIRE]


class Vaulted(Room):
    """A room in which a handle is kept behind a pseudonym."""

    def __init__(self) -> None:
        """Keep it."""
        super().__init__()
        at = self.clock.now()
        tool = platform("intrusion")
        self.name = identities.pseudonymise(self.desk, tool, DOMAIN, IdentityKind.HANDLE, SECRET, at=at)
        self.behind = Behind(domain=DOMAIN, period=DAY, pseudonym=self.name)

    def ask(self, who: str = "per") -> int:
        """Ask for it and return the request's number."""
        return identities.ask(self.desk, self.who(who), self.behind, self.incident, why=WHY).id

    def state(self) -> IdentityState:
        """Return the state of request 1."""
        with self.desk.store.read() as unit:
            return unit.identities.get(1).state


@pytest.mark.parametrize(("state", "event"), CELLS)
def test_every_act_in_every_state_is_as_the_table_says(state: IdentityState, event: IdentityEvent) -> None:
    """Allowed acts change the state and tell the timeline; refused ones change nothing."""
    room = Vaulted()
    room.ask()
    for act in WAYS[state]:
        ACTS[act](room)
    identities.expire_due(room.desk)
    assert room.state() is state
    told = room.timeline()
    cell = IDENTITY_LIFECYCLE.table[state, event]
    if isinstance(cell, Step):
        ACTS[event](room)
        assert room.state() == cell.state
        assert room.timeline()[-1][0] == f"identity.{event}"
    else:
        with pytest.raises(Conflict, match=cell):
            ACTS[event](room)
        assert (room.state(), room.timeline()) == (state, told)


def test_the_value_is_shown_once_to_the_one_who_asked() -> None:
    """Then the request is spent, for them as for everybody."""
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    with pytest.raises(Refused, match="them alone"):
        identities.show(room.desk, room.who("kari"), 1)
    shown = identities.show(room.desk, room.who("per"), 1)
    assert (shown.kind, shown.value) == ("handle", PLAIN)
    for name in ("per", "sol", "kari"):
        with pytest.raises((Conflict, Refused)):
            identities.show(room.desk, room.who(name), 1)


def test_twenty_looks_at_once_show_it_once() -> None:
    """Whoever presses twice, from two tabs, gets it once."""
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)

    def look(_: int) -> ShownIdentity | None:
        try:
            return identities.show(room.desk, room.who("per"), 1)
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        seen = [each for each in pool.map(look, range(20)) if each is not None]
    assert [each.value for each in seen] == [PLAIN]


def test_asker_and_approver_are_two_persons() -> None:
    """A supervisor's own request waits for another; the console and programs are nobody here."""
    room = Vaulted()
    room.ask("sol")
    with pytest.raises(Refused, match="cannot approve"):
        identities.approve(room.desk, room.who("sol"), 1)
    with pytest.raises(Refused):
        identities.approve(room.desk, console(), 1)
    with pytest.raises(Refused):
        identities.approve(room.desk, room.who("kari"), 1)
    assert identities.approve(room.desk, room.who("dag"), 1).approved_by == "dag"


def test_the_value_stands_nowhere_but_in_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    """Not in the log's lines, the timeline, the request, a repr, the program's own log, or the stored bytes."""
    caplog.set_level(logging.DEBUG)
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    shown = identities.show(room.desk, room.who("per"), 1)
    assert isinstance(room.desk.journal, MemoryJournal)
    with room.desk.store.read() as unit:
        sealed = unit.identities.sealed(DOMAIN, DAY, room.name)
        told = [*unit.incidents.entries(room.incident), *unit.outbox.after(0)]
        request = unit.identities.get(1)
    everything = [*room.desk.journal.records, *told, asdict(request), shown, sealed, caplog.text, room.name]
    assert not any(PLAIN in repr(each) for each in everything)
    assert PLAIN.encode() not in sealed.sealed


def test_the_look_is_a_consultation_of_an_identity_in_the_log() -> None:
    """With case and reason, about the request, not about a person."""
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    identities.show(room.desk, room.who("per"), 1)
    assert isinstance(room.desk.journal, MemoryJournal)
    line = next(each for each in room.desk.journal.records if each.act == "identity.show")
    assert (line.processing, line.category) == (Processing.CONSULTATION, Category.IDENTITY)
    assert (line.who, line.subject, line.case, line.why) == ("per", "identity:1", str(room.incident), WHY)


def test_the_same_value_on_another_day_or_domain_has_another_name() -> None:
    """And no two of them open with one another's keys."""
    room = Vaulted()
    at, tool = room.clock.now(), platform("social")
    other = identities.pseudonymise(room.desk, tool, "social", IdentityKind.HANDLE, SECRET, at=at)
    again = identities.pseudonymise(room.desk, tool, DOMAIN, IdentityKind.HANDLE, "KARI_Nordmann_1984", at=at)
    assert other != room.name
    assert again == room.name


def test_without_the_days_key_nothing_is_named_kept_or_shown() -> None:
    """A day nobody made a key for has no pseudonyms; a key that is erased takes all it sealed with it."""
    room = Vaulted()
    tomorrow = room.clock.now() + timedelta(days=1)
    with pytest.raises(Unknown, match="no pseudonym key"):
        identities.pseudonymise(room.desk, platform("x"), DOMAIN, IdentityKind.HANDLE, SECRET, at=tomorrow)
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    assert room.desk.vault.erase_before(DAY + timedelta(days=1)) == 1
    with pytest.raises(Unknown, match="no pseudonym key"):
        identities.show(room.desk, room.who("per"), 1)
    assert room.state() is IdentityState.APPROVED


def test_what_is_not_kept_cannot_be_asked_for() -> None:
    """Nor for a closed incident, nor without a reason."""
    room = Vaulted()
    stranger = Behind(domain=DOMAIN, period=DAY, pseudonym="a" * 26)
    with pytest.raises(Unknown, match="nothing is kept"):
        identities.ask(room.desk, room.who("per"), stranger, room.incident, why=WHY)
    with pytest.raises(Malformed, match="reason"):
        identities.ask(room.desk, room.who("per"), room.behind, room.incident, why=" ")
    incidents.close(room.desk, room.who("kari"), room.incident, outcome="over")
    with pytest.raises((Conflict, Refused)):
        room.ask()


@pytest.mark.parametrize("hours", [1, -1, 24 * 40])
def test_a_request_ends_by_the_clock_whichever_way_it_jumps(hours: int) -> None:
    """Fifteen minutes to answer and fifteen to look; a clock set back ends it as well."""
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    room.later(hours=hours)
    assert [each.state for each in identities.requests(room.desk, room.who("dag"))] == ["expired"]
    with pytest.raises(Conflict, match="time is over"):
        identities.show(room.desk, room.who("per"), 1)
    assert identities.expire_due(room.desk) == 1
    assert identities.expire_due(room.desk) == 0


def test_who_may_not_ask_does_not() -> None:
    """Analysts and officers ask for nobody's name."""
    room = Vaulted()
    for name in ("ane", "dag"):
        with pytest.raises(Refused):
            room.ask(name)
