"""Planned works and exceptions at the desk: put aside with the reason, counted, visible, back when it is over or worse."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertState
from impetus.core.attention import Because, QuietKind
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, ToolId, ZoneId
from impetus.desk import exceptions, planned_works, triage
from impetus.desk.alarm_load import sweep_load
from impetus.desk.context import Desk
from impetus.desk.flood import tend
from impetus.desk.quieting import Wanted
from impetus.run.keeper import KEEPER
from impetus.testing.desk import clock_of, memory_desk

FOUR_HOURS = timedelta(hours=4)
NEW, SHELVED = AlertState.NEW, AlertState.SHELVED


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


@pytest.fixture
def sol(desk: Desk) -> Actor:
    """Return a supervisor."""
    return person(desk, "sol", Role.SUPERVISOR)


def wanted(**changes: object) -> Wanted:
    """Return works at the quay for four hours from now, with these fields changed."""
    plain = Wanted(title="Digging", why="diggers at the quay", since=AT, until=AT + FOUR_HOURS, zone=ZoneId("quay"))
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def at_quay(desk: Desk, key: str, **changes: object) -> Finding:
    """Return something noticed at the quay now."""
    now = desk.clock.now()
    return seen(key, **{"zone": ZoneId("quay"), "subject": "zone:quay", "began": now, "noticed": now, **changes})


def asks(desk: Desk) -> list[tuple[int, Because]]:
    """Return the alerts people were asked about so far, and why."""
    with desk.store.read() as unit:
        cards = unit.attention.asked(AT - timedelta(days=1))
        return [(line.alert, line.because) for line in unit.attention.lines([card.id for card in cards])]


def later(desk: Desk, **span: float) -> None:
    """Let time pass and the keeper look."""
    clock_of(desk).advance(timedelta(**span).total_seconds())
    triage.wake_due(desk)
    tend(desk)


def test_what_works_raise_is_shelved_with_the_reason_and_counted(desk: Desk, sol: Actor) -> None:
    """Nobody is asked; the alert is in the list of the shelved, its history says why and by what, the works count it."""
    works = planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a"))
    found = alert(desk)
    assert (found.state, found.shelved_until, found.owner) == (SHELVED, works.until, None)
    assert asks(desk) == []
    with desk.store.read() as unit:
        lines = [(line.event, line.who, line.why) for line in unit.alerts.entries(found.id)]
        assert unit.alerts.count_open()[SHELVED] == 1
    assert lines == [("raise", "platform:fusion", ""), ("shelve", "platform:quiet", "Digging: diggers at the quay")]
    (shown,) = planned_works.works(desk, sol)
    assert (shown.aside, shown.is_in_force, [each.id for each in shown.latest]) == (1, True, [found.id])


def test_it_asks_again_when_the_works_end_and_it_is_still_so(desk: Desk, sol: Actor) -> None:
    """Seen again ten minutes before the end: back, loud, with the reason it comes back for."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a"))
    later(desk, minutes=230)
    fuse(desk, at_quay(desk, "b"))
    assert asks(desk) == []
    later(desk, minutes=10)
    assert alert(desk).state is NEW
    assert asks(desk) == [(1, Because.BACK)]
    with desk.store.read() as unit:
        assert unit.alerts.entries(AlertId(1))[-1].why == "Digging is over; it is still so"


def test_what_ended_by_itself_is_told_quietly_and_together(desk: Desk, sol: Actor) -> None:
    """Three that were not seen since noon come back unowned and on one card, within a quarter of an hour."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, *(at_quay(desk, f"{n}", subject=f"thing:x/{n}", tool=ToolId(f"t{n}")) for n in range(3)))
    number = len(asks(desk))
    later(desk, hours=4)
    with desk.store.read() as unit:
        assert {each.because for each in unit.attention.waiting()} <= {Because.ENDED}
    later(desk, minutes=15)
    told = asks(desk)[number:]
    assert told
    assert {because for _, because in told} == {Because.ENDED}


def test_getting_worse_breaks_through(desk: Desk, sol: Actor) -> None:
    """A minor one that becomes moderate, which the works would have put aside: it is back, and people are asked."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a", severity=Severity.MINOR))
    fuse(desk, at_quay(desk, "b", severity=Severity.MODERATE))
    assert alert(desk).state is NEW
    assert asks(desk) == [(1, Because.WORSE)]


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": Severity.SEVERE},
        {"severity": Severity.EXTREME},
        {"zone": ZoneId("square"), "subject": "zone:square"},
    ],
)
def test_what_the_works_are_not_about_asks_as_ever(desk: Desk, sol: Actor, changes: dict[str, object]) -> None:
    """Too severe, or elsewhere."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a", **changes))
    assert alert(desk).state is NEW
    assert asks(desk) == [(1, Because.NEW)]


def test_before_they_begin_and_after_they_end_works_put_nothing_aside(desk: Desk, sol: Actor) -> None:
    """Planned for later, and over."""
    planned_works.plan_works(desk, sol, wanted(since=AT + timedelta(hours=1)))
    fuse(desk, at_quay(desk, "a"))
    assert alert(desk).state is NEW
    later(desk, hours=5)
    fuse(desk, at_quay(desk, "b", subject="zone:quay-2"))
    assert alert(desk, 2).state is NEW


def test_ending_works_early_brings_back_what_they_put_aside(desk: Desk, sol: Actor) -> None:
    """But not what a person shelved for longer since."""
    works = planned_works.plan_works(desk, sol, wanted())
    fuse(
        desk,
        at_quay(desk, "a", kind=Kind.FAULT),
        at_quay(desk, "b", subject="thing:x", kind=Kind.FAULT, tool=ToolId("y")),
    )
    until = AT + timedelta(days=1)
    triage.shelve(desk, sol, alert(desk, 2).id, until=until, why="until tomorrow")
    planned_works.end_works(desk, sol, works.id)
    later(desk, seconds=1)
    assert (alert(desk, 1).state, alert(desk, 2).state) == (NEW, SHELVED)
    assert asks(desk) == [(1, Because.BACK)]
    with pytest.raises(Conflict):
        planned_works.end_works(desk, sol, works.id)


def test_whoever_took_it_meanwhile_keeps_it(desk: Desk, sol: Actor) -> None:
    """An operator looked into the shelf and took one: the end of the works changes nothing about that."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a"))
    ada = person(desk, "ada", Role.OPERATOR)
    triage.acknowledge(desk, ada, alert(desk).id)
    later(desk, hours=5)
    assert (alert(desk).state, alert(desk).owner) == (AlertState.HELD, "ada")


def test_a_source_can_be_put_aside(desk: Desk, sol: Actor) -> None:
    """A rule about a source looks at the datastreams of what was noticed; nothing known of them means no match."""
    planned_works.plan_works(desk, sol, wanted(zone=None, source="harbour"))
    fuse(desk, at_quay(desk, "a"))
    assert alert(desk).state is NEW


def test_an_exception_is_one_in_its_owners_name(desk: Desk, sol: Actor) -> None:
    """Made by a supervisor, owned by whoever answers for it, never without one."""
    person(desk, "ada", Role.OPERATOR)
    made = exceptions.make_exception(desk, sol, wanted(until=AT + timedelta(days=30)), owner="ada")
    assert (made.kind, made.owner, made.made_by) == (QuietKind.EXCEPTION, "ada", "sol")
    assert exceptions.make_exception(desk, sol, wanted(), owner="").owner == "sol"
    with pytest.raises(Unknown):
        exceptions.make_exception(desk, sol, wanted(), owner="nobody")


def test_an_exception_that_ran_out_stands_at_every_hand_over_until_somebody_read_it(desk: Desk, sol: Actor) -> None:
    """Standing rules are named, too; works that are over are not."""
    made = exceptions.make_exception(desk, sol, wanted(), owner="sol")
    planned_works.plan_works(desk, sol, wanted())

    def named() -> list[int]:
        with desk.store.read() as unit:
            return [rule.id for rule in exceptions.to_hand_over(unit, desk.clock.now())]

    assert named() == [2, 1]
    with pytest.raises(Conflict):
        exceptions.review_exception(desk, sol, made.id)
    clock_of(desk).advance(FOUR_HOURS.total_seconds())
    assert named() == [1]
    exceptions.review_exception(desk, sol, made.id)
    assert named() == []


def test_each_kind_has_its_own_door(desk: Desk, sol: Actor) -> None:
    """Works cannot be ended as an exception, nor seen among them."""
    works = planned_works.plan_works(desk, sol, wanted())
    with pytest.raises(Unknown):
        exceptions.end_exception(desk, sol, works.id)
    assert exceptions.exceptions(desk, sol) == ()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"zone": None}, Malformed),
        ({"up_to": Severity.EXTREME}, Malformed),
        ({"why": " "}, Malformed),
        ({"title": ""}, Malformed),
    ],
)
def test_a_rule_that_may_not_stand_is_not_stored(
    desk: Desk, sol: Actor, changes: dict[str, object], refusal: type[Exception]
) -> None:
    """About everything, about the extreme, without a reason, without a name."""
    with pytest.raises(refusal):
        planned_works.plan_works(desk, sol, wanted(**changes))
    assert planned_works.works(desk, sol) == ()


def test_operators_see_rules_and_make_none(desk: Desk) -> None:
    """What asks nobody is a supervisor's decision; who plans nothing cannot even look."""
    ada, ann = person(desk, "ada", Role.OPERATOR), person(desk, "ann", Role.ANALYST)
    with pytest.raises(Refused):
        planned_works.plan_works(desk, ada, wanted())
    assert planned_works.works(desk, ada) == ()
    with pytest.raises(Refused):
        exceptions.exceptions(desk, ann)


def test_a_rule_is_erased_a_year_after_it_ended(desk: Desk, sol: Actor) -> None:
    """Not before, and its alerts stay."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a"))
    clock_of(desk).advance(timedelta(days=365).total_seconds())
    assert sweep_load(desk, KEEPER) == 0
    clock_of(desk).advance(FOUR_HOURS.total_seconds() + 1)
    assert sweep_load(desk, KEEPER) == 1
    assert alert(desk).id == 1


def test_more_of_what_works_put_aside_stays_aside_after_any_pause(desk: Desk, sol: Actor) -> None:
    """Noticed again after fifty minutes of nothing, three times: the works are about that, and nobody is asked."""
    planned_works.plan_works(desk, sol, wanted())
    for number in range(4):
        fuse(desk, at_quay(desk, f"{number}"))
        later(desk, minutes=50)
    assert (alert(desk).state, alert(desk).repeats) == (SHELVED, 3)
    assert asks(desk) == []


def test_something_else_about_the_same_place_is_put_aside_by_itself(desk: Desk, sol: Actor) -> None:
    """Another tool at the quay is another alert while the first is shelved, and the works count both."""
    planned_works.plan_works(desk, sol, wanted())
    fuse(desk, at_quay(desk, "a"))
    fuse(desk, at_quay(desk, "b", tool=ToolId("smoke")))
    assert [alert(desk, number).state for number in (1, 2)] == [SHELVED, SHELVED]
    (shown,) = planned_works.works(desk, sol)
    assert (shown.aside, [each.id for each in shown.latest]) == (2, [2, 1])
    assert asks(desk) == []


def test_of_works_and_an_exception_the_longer_one_answers(desk: Desk, sol: Actor) -> None:
    """Put aside until the exception ends, and counted with it alone; the end of the works brings nothing back."""
    planned_works.plan_works(desk, sol, wanted())
    exceptions.make_exception(desk, sol, wanted(until=AT + timedelta(days=2)), owner="")
    fuse(desk, at_quay(desk, "a"))
    assert alert(desk).shelved_until == AT + timedelta(days=2)
    assert [shown.aside for shown in planned_works.works(desk, sol)] == [0]
    assert [shown.aside for shown in exceptions.exceptions(desk, sol)] == [1]
    later(desk, hours=5)
    assert alert(desk).state is SHELVED


def test_works_of_a_tool_a_kind_or_a_thing_are_about_nothing_else(desk: Desk, sol: Actor) -> None:
    """One rule each; what none of them names asks."""
    for about in ({"tool": ToolId("noise")}, {"alert_kind": Kind.SILENCE}, {"subject": "thing:harbour"}):
        planned_works.plan_works(desk, sol, wanted(**{"zone": None, **about}))
    noticed = [
        at_quay(desk, "tool", subject="thing:a", zone=None, tool=ToolId("noise")),
        at_quay(desk, "kind", subject="thing:b", zone=None, kind=Kind.SILENCE),
        at_quay(desk, "thing", subject="thing:harbour/c11", zone=None, kind=Kind.FAULT),
        at_quay(desk, "none", subject="thing:harbours", zone=None, kind=Kind.FAULT),
    ]
    fuse(desk, *noticed)
    assert [alert(desk, number).state for number in (1, 2, 3, 4)] == [SHELVED, SHELVED, SHELVED, NEW]
    assert {number for number, _ in asks(desk)} == {4}


def test_a_rule_is_ended_and_read_once(desk: Desk, sol: Actor) -> None:
    """Ended twice is refused; one that was ended by somebody needs no reading, but may be read; unknown ones are unknown."""
    made = exceptions.make_exception(desk, sol, wanted(), owner="")
    ended = exceptions.end_exception(desk, sol, made.id)
    assert (ended.ended_at, ended.ended_by) == (desk.clock.now(), "sol")
    with pytest.raises(Conflict, match="over already"):
        exceptions.end_exception(desk, sol, made.id)
    with desk.store.read() as unit:
        assert exceptions.to_hand_over(unit, desk.clock.now()) == ()
    for act in (exceptions.end_exception, exceptions.review_exception):
        with pytest.raises(Unknown):
            act(desk, sol, 99)


def test_whoever_reads_that_an_exception_ran_out_is_named(desk: Desk, sol: Actor) -> None:
    """An operator may, with the time; who has no seat may not."""
    made = exceptions.make_exception(desk, sol, wanted(), owner="")
    clock_of(desk).advance(FOUR_HOURS.total_seconds())
    with pytest.raises(Refused):
        exceptions.review_exception(desk, person(desk, "ann", Role.ANALYST), made.id)
    read = exceptions.review_exception(desk, person(desk, "ada", Role.OPERATOR), made.id)
    assert (read.reviewed_by, read.reviewed_at) == ("ada", desk.clock.now())
