"""Seats, their meter and their cards at the desk: whose it is, who sees it, and that nothing on it is hidden."""

from datetime import timedelta

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertEvent, AlertState, Verdict
from impetus.core.attention import Because
from impetus.core.errors import Refused
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import ToolId, ZoneId
from impetus.core.place import Point
from impetus.desk import alarm_load, follow, triage
from impetus.desk.context import Desk
from impetus.desk.flood import call, heard, tend
from impetus.processes.alarm_load import LoadState
from impetus.run.keeper import KEEPER
from impetus.testing.desk import clock_of, memory_desk


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


@pytest.fixture
def ada(desk: Desk) -> Actor:
    """Return an operator who sits at her screen."""
    somebody = person(desk, "ada", Role.OPERATOR)
    alarm_load.sit(desk, somebody)
    return somebody


def apart(number: int, **changes: object) -> Finding:
    """Return findings that have nothing to do with each other but their zone."""
    return seen(
        f"{number}", **{"subject": f"thing:x/{number}", "tool": ToolId(f"t{number}"), "kind": Kind.FAULT, **changes}
    )


def test_an_alert_is_put_before_who_sits_there(desk: Desk, ada: Actor) -> None:
    """One card, one of ten, and the alert waits no longer."""
    fuse(desk, seen("a"))
    load = alarm_load.load_of(desk, ada)
    assert (load.seat, load.shown_10min, load.limit, load.state) == ("ada", 1, 10, LoadState.CALM)
    assert (load.waiting, load.late, load.seats, load.is_flood) == (0, 0, 1, False)
    (card,) = alarm_load.cards(desk, ada)
    assert [each.id for bundle in card.bundles for each in bundle.own] == [1]


def test_after_ten_minutes_the_meter_is_empty_and_after_a_day_the_cards_are_gone(desk: Desk, ada: Actor) -> None:
    """The meter looks back ten minutes, the page a day."""
    fuse(desk, seen("a"))
    clock_of(desk).advance(600)
    assert alarm_load.load_of(desk, ada).shown_10min == 0
    assert len(alarm_load.cards(desk, ada)) == 1
    clock_of(desk).advance(timedelta(days=1).total_seconds())
    assert alarm_load.sweep_load(desk, KEEPER) == 1
    assert alarm_load.cards(desk, ada) == ()


def test_everything_on_a_card_can_be_opened_and_the_worst_speak_for_themselves(desk: Desk, ada: Actor) -> None:
    """Six of a place and kind: two severe ones by their own headlines, the rest behind a count that adds up."""
    fuse(desk, seen("first"))
    zone = {"zone": ZoneId("quay")}
    fuse(desk, *(apart(n, severity=Severity.SEVERE if n < 2 else Severity.MINOR, **zone) for n in range(6)))
    clock_of(desk).advance(60)
    tend(desk)
    newest, _ = alarm_load.cards(desk, ada)
    (bundle,) = newest.bundles
    assert [each.severity for each in bundle.own] == [Severity.SEVERE, Severity.SEVERE]
    assert (len(bundle.more), bundle.count, newest.count) == (4, 6, 6)
    assert bundle.severity is Severity.SEVERE


def test_what_waits_is_visible_before_it_is_asked(desk: Desk, ada: Actor) -> None:
    """The second within a minute of a single seat waits, in sight, and is asked when the minute is over."""
    fuse(desk, seen("a"))
    fuse(desk, apart(1))
    assert [each.id for bundle in alarm_load.waiting(desk, ada) for each in bundle.own] == [2]
    assert alarm_load.load_of(desk, ada).waiting == 1
    clock_of(desk).advance(59)
    assert tend(desk) == 0
    clock_of(desk).advance(1)
    assert tend(desk) == 1
    assert alarm_load.waiting(desk, ada) == ()


def test_what_somebody_took_from_the_list_asks_nobody_any_more(desk: Desk, ada: Actor) -> None:
    """It is before them."""
    fuse(desk, seen("a"))
    fuse(desk, apart(1))
    triage.acknowledge(desk, ada, alert(desk, 2).id)
    clock_of(desk).advance(60)
    assert tend(desk) == 0


def test_what_is_joined_to_a_held_alert_is_put_before_its_owner(desk: Desk, ada: Actor) -> None:
    """Something of another tool close by: not a sound of its own, but a line on a card, even if the owner acts meanwhile."""
    here = Point(lon=10.7339, lat=59.9127)
    fuse(desk, seen("a", point=here))
    triage.acknowledge(desk, ada, alert(desk).id)
    fuse(desk, seen("b", point=here, tool=ToolId("smoke"), subject="smoke:1"))
    assert len(alert(desk).tools) == 2
    heard_of = alert(desk).id
    with desk.store.write() as unit:
        heard(unit, heard_of, AlertEvent.CLOSE)
        known = unit.attention.waits(heard_of)
    assert known is not None
    assert (known.because, known.wanted) == (Because.MORE, "ada")


def test_closing_from_an_old_screen_hides_nothing_that_was_joined_since(desk: Desk, ada: Actor) -> None:
    """Something worse of another tool is joined while ada closes what she saw: it is put before her all the same."""
    here = Point(lon=10.7339, lat=59.9127)
    fuse(desk, seen("a", point=here))
    triage.assess(desk, ada, alert(desk).id, verdict=Verdict.FALSE_ALARM)
    fuse(desk, seen("b", point=here, tool=ToolId("smoke"), subject="smoke:1", severity=Severity.EXTREME))
    triage.close(desk, ada, alert(desk).id)
    clock_of(desk).advance(60)
    assert tend(desk) == 1
    newest = alarm_load.cards(desk, ada)[0]
    assert (newest.ask.severity, newest.count) == (Severity.EXTREME, 1)


def test_a_call_that_waits_already_keeps_the_sooner_limit_and_the_worse_severity(desk: Desk) -> None:
    """Minor for ten minutes, then severe: due a minute from then; and not later for becoming minor again."""
    fuse(desk, seen("a"))
    found = alert(desk)
    later = AT + timedelta(minutes=10)
    with desk.store.write() as unit:
        call(unit, found, AT, because=Because.NEW, severity=Severity.MINOR)
        call(unit, found, later, because=Because.WORSE, severity=Severity.SEVERE)
        first = unit.attention.waits(found.id)
        call(unit, found, later, because=Because.BACK, severity=Severity.MINOR)
        assert unit.attention.waits(found.id) == first
    assert first is not None
    assert (first.since, first.severity, first.because) == (later, Severity.SEVERE, Because.WORSE)


def test_a_seat_is_noted_every_half_minute_and_given_up_after_a_minute_and_a_half(desk: Desk, ada: Actor) -> None:
    """Asking more often writes nothing; a screen that went silent is asked no more."""
    assert alarm_load.sit(desk, ada) is False
    clock_of(desk).advance(31)
    assert alarm_load.sit(desk, ada) is True
    assert alarm_load.load_of(desk, ada).seats == 1
    clock_of(desk).advance(91)
    assert alarm_load.load_of(desk, ada).seats == 0


@pytest.mark.parametrize(
    ("role", "sits"), [(Role.OPERATOR, True), (Role.SUPERVISOR, True), (Role.ANALYST, False), (Role.DPO, False)]
)
def test_only_who_works_on_alerts_has_a_seat(desk: Desk, role: Role, sits: bool) -> None:  # noqa: FBT001 - a table's column
    """And a supervisor's is asked second."""
    assert alarm_load.sit(desk, person(desk, "eva", role)) is sits
    with desk.store.read() as unit:
        assert [seat.is_second for seat in unit.attention.seats(AT)] == [role is Role.SUPERVISOR] * sits


def test_nobody_is_shown_or_told_anothers_cards(desk: Desk, ada: Actor) -> None:
    """Bo's page is empty, and the change goes to ada's stream alone; what is for everybody goes to all."""
    bo = person(desk, "bo", Role.OPERATOR)
    fuse(desk, seen("a"))
    assert alarm_load.cards(desk, bo) == ()
    assert alarm_load.load_of(desk, bo).shown_10min == 0
    assert [follow.may_be_told(each, "ask", seat="ada") for each in (ada, bo)] == [True, False]
    assert follow.may_be_told(bo, "ask")


def test_who_may_not_see_the_load_is_refused(desk: Desk) -> None:
    """An analyst looks at the city, not at seats."""
    with pytest.raises(Refused):
        alarm_load.load_of(desk, person(desk, "ann", Role.ANALYST))


def test_with_nobody_there_everybody_is_asked(desk: Desk) -> None:
    """Whoever sits down finds the card on their page, and it is one of their ten."""
    fuse(desk, seen("a"))
    bo = person(desk, "bo", Role.OPERATOR)
    (card,) = alarm_load.cards(desk, bo)
    assert card.ask.seat == ""
    assert alarm_load.load_of(desk, bo).shown_10min == 1
    assert alert(desk).state is AlertState.NEW
