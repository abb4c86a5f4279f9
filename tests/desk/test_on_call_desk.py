"""Plans of who is on call at the desk: saved by version, laid over by stand-ins, drawn over changes of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from desk.call_house import DUTY, SQUARE, House, house
from desk.samples import AT
from impetus.core.call import Plan, PlanKind, StandIn
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.desk import accounts, on_call_desk
from impetus.desk.on_call_desk import MOST_PLANS, Calendar, RotationView
from impetus.processes.call_plan import read_rotation, write_rotation
from impetus.processes.on_call import EscalationStep, Override
from impetus.testing.desk import clock_of
from impetus.testing.journal import MemoryJournal
from town import CONSOLE

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROTATION, ESCALATION = PlanKind.ROTATION, PlanKind.ESCALATION
MONDAY = datetime(2026, 3, 16, 6, tzinfo=UTC)
"""07:00 in Oslo, when ben's week begins."""


@pytest.fixture
def home() -> House:
    """Return the house with its rotation and escalation, and nobody's address."""
    return house(reached=False)


@pytest.fixture(scope="module")
def still() -> House:
    """Return one house for all tests that change nothing."""
    return house(reached=False)


def over(person: str, begins: datetime, ends: datetime, why: str = "leave") -> Override:
    """Return somebody in another's place on the rotation duty."""
    return Override(rotation="duty", person=person, begins=begins, ends=ends, why=why)


def stand_in(home: House, person: str, begins: datetime, ends: datetime) -> StandIn:
    """Let the supervisor put somebody in another's place."""
    return on_call_desk.stand_in(home.desk, home.people["sol"], over(person, begins, ends))


def weeks(home: House, since: datetime = AT, count: int = 5) -> Calendar:
    """Return the calendar as an operator sees it."""
    return on_call_desk.calendar(home.desk, home.people["ada"], since=since, weeks=count)


def duty(home: House, since: datetime = AT, count: int = 5) -> RotationView:
    """Return the rotation duty in the calendar."""
    return next(view for view in weeks(home, since, count).rotations if view.rotation.name == "duty")


def now(home: House) -> str:
    """Return who has it now."""
    shift = duty(home).now
    return "" if shift is None else shift.person


def test_the_calendar_says_who_has_it_now_and_from_when_to_when(still: House) -> None:
    """Saturday evening lies in ada's week, which ends on Monday at seven in Oslo; ben's follows."""
    view = duty(still, count=1)
    assert view.version == 1
    assert view.now is not None
    assert (view.now.person, view.now.ends) == ("ada", MONDAY)
    assert [(one.person, one.begins, one.ends) for one in view.stretches] == [
        ("ada", AT, MONDAY),
        ("ben", MONDAY, AT + 7 * DAY),
    ]


@pytest.mark.parametrize("count", [0, -1, 14, 1000])
def test_more_weeks_than_a_page_draws_are_refused(still: House, count: int) -> None:
    """With the bound."""
    with pytest.raises(Malformed, match=f"{count} weeks"):
        weeks(still, count=count)


@pytest.mark.parametrize(("since", "hours"), [("2026-03-23", 167), ("2026-10-19", 169), ("2026-06-01", 168)])
def test_the_weeks_of_the_changed_clock_have_an_hour_less_or_more(still: House, since: str, hours: int) -> None:
    """Turns still end at seven on the wall clock; without a gap, and each minute is somebody's."""
    begins = datetime.fromisoformat(f"{since}T00:00+00:00")
    stretches = duty(still, begins, 3).stretches
    assert stretches[0].begins == begins
    assert stretches[-1].ends == begins + 21 * DAY
    assert all(one.ends == following.begins for one, following in pairwise(stretches))
    assert hours in {(one.ends - one.begins) / HOUR for one in stretches}


def test_a_stand_in_over_the_night_of_the_changed_clock_lasts_as_long_as_it_says(home: House) -> None:
    """From 22:00 on 28 March to 07:00 on 29 March in Oslo are eight hours, and who had the turn has it again after."""
    begins, ends = datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)
    stand_in(home, "siv", begins, ends)
    stretches = duty(home, begins - HOUR, 1).stretches
    assert [(one.person, one.instead_of, (one.ends - one.begins) / HOUR) for one in stretches[:3]] == [
        ("ada", "", 1),
        ("siv", "ada", 8),
        ("ada", "", 24),
    ]


def test_a_stand_in_counts_from_its_first_moment_to_its_last(home: House) -> None:
    """Exclusive of the last."""
    stand_in(home, "siv", AT + HOUR, AT + 2 * HOUR)
    said = []
    for _ in range(3):
        said.append(now(home))
        clock_of(home.desk).advance(3600)
    assert said == ["ada", "siv", "ada"]


def test_of_two_that_overlap_the_later_written_counts_and_without_it_the_earlier(home: House) -> None:
    """Cancelling the second brings the first back, cancelling both the rotation."""
    first = stand_in(home, "siv", AT, AT + DAY)
    second = stand_in(home, "eva", AT, AT + HOUR)
    assert now(home) == "eva"
    on_call_desk.cancel_stand_in(home.desk, home.people["sol"], second.id)
    assert now(home) == "siv"
    on_call_desk.cancel_stand_in(home.desk, home.people["sol"], first.id)
    assert now(home) == "ada"
    assert weeks(home).stand_ins == ()


def test_a_cancelled_stand_in_says_who_and_is_not_cancelled_twice(home: House) -> None:
    """Nor one that ended."""
    one = stand_in(home, "siv", AT, AT + HOUR)
    cancelled = on_call_desk.cancel_stand_in(home.desk, home.people["siv"], one.id)
    assert (cancelled.cancelled_by, cancelled.cancelled_at) == ("siv", AT)
    other = stand_in(home, "siv", AT, AT + HOUR)
    clock_of(home.desk).advance(3600)
    for number in (one.id, other.id, 99):
        with pytest.raises(Unknown, match=f"no stand-in {number} lies ahead"):
            on_call_desk.cancel_stand_in(home.desk, home.people["sol"], number)


@pytest.mark.parametrize(
    "wanted",
    [
        over("siv", AT - DAY, AT),  # it is over already
        over("siv", AT, AT + timedelta(days=366, seconds=1)),  # longer than a leap year
        over("siv", AT, AT + DAY, why="  "),
        over("nobody", AT, AT + DAY),
        replace(over("siv", AT, AT + DAY), rotation="none"),
        over("rotation:duty", AT, AT + DAY),
        over("escalation:square", AT, AT + DAY),
    ],
)
def test_a_stand_in_that_cannot_be_meant_is_refused_and_nothing_is_stored(still: House, wanted: Override) -> None:
    """Before anything else happens."""
    with pytest.raises(Malformed):
        on_call_desk.stand_in(still.desk, still.people["sol"], wanted)
    assert weeks(still).stand_ins == ()


def test_a_plan_is_saved_over_the_version_that_was_looked_at(home: House) -> None:
    """Two supervisors look at version 1: the first saves, the second is told who."""
    desk, longer = home.desk, replace(DUTY, days=14)
    assert on_call_desk.save_rotation(desk, home.people["sol"], longer, version=1).version == 2
    with pytest.raises(Conflict, match="was changed by sol meanwhile"):
        on_call_desk.save_rotation(desk, home.people["siv"], DUTY, version=1)
    with pytest.raises(Conflict):
        on_call_desk.save_rotation(desk, home.people["siv"], DUTY, version=3)
    assert duty(home).rotation.days == 14


def test_a_new_name_begins_at_nothing_and_an_ended_one_may_begin_again(home: House) -> None:
    """Version 3 after the end; its history is one."""
    desk, sol = home.desk, home.people["sol"]
    spare = replace(DUTY, name="spare")
    with pytest.raises(Conflict, match="nobody meanwhile"):
        on_call_desk.save_rotation(desk, sol, spare, version=4)
    on_call_desk.save_rotation(desk, sol, spare, version=0)
    assert on_call_desk.retire(desk, sol, ROTATION, "spare", version=1).retired
    assert [view.rotation.name for view in weeks(home).rotations] == ["duty"]
    with pytest.raises(Unknown, match="there is no rotation spare"):
        on_call_desk.retire(desk, sol, ROTATION, "spare", version=2)
    assert on_call_desk.save_rotation(desk, sol, spare, version=0).version == 3


def test_a_rotation_an_escalation_asks_is_not_ended_before_it(home: House) -> None:
    """Its step would ask nobody."""
    desk, sol = home.desk, home.people["sol"]
    with pytest.raises(Conflict, match="the escalation square asks duty"):
        on_call_desk.retire(desk, sol, ROTATION, "duty", version=1)
    on_call_desk.retire(desk, sol, ESCALATION, "square", version=1)
    on_call_desk.retire(desk, sol, ROTATION, "duty", version=1)
    assert (weeks(home).rotations, weeks(home).escalations) == ((), ())


def test_there_are_a_hundred_plans_of_a_kind_and_no_more_also_by_beginning_an_ended_one_again(home: House) -> None:
    """A page of them is a page nobody reads."""
    desk, sol = home.desk, home.people["sol"]
    with desk.store.write() as unit:
        for number in range(MOST_PLANS - 1):
            name = f"r{number}"
            body = write_rotation(replace(DUTY, name=name))
            unit.calls.save_plan(Plan(id=0, kind=ROTATION, name=name, version=1, body=body, by="sol", at=AT))
    with pytest.raises(Conflict, match="100 plans"):
        on_call_desk.save_rotation(desk, sol, replace(DUTY, name="more"), version=0)
    on_call_desk.retire(desk, sol, ROTATION, "r0", version=1)
    on_call_desk.save_rotation(desk, sol, replace(DUTY, name="more"), version=0)
    with pytest.raises(Conflict, match="100 plans"):
        on_call_desk.save_rotation(desk, sol, replace(DUTY, name="r0"), version=0)
    on_call_desk.save_rotation(desk, sol, replace(DUTY, name="r1", days=3), version=1)
    on_call_desk.retire(desk, sol, ROTATION, "r2", version=1)


@pytest.mark.parametrize("asks", [("nobody",), ("ada", "nobody"), ("rotation:none",), ("escalation:square",)])
def test_an_escalation_asks_people_and_rotations_there_are(still: House, asks: tuple[str, ...]) -> None:
    """Not another escalation, which could go round for ever."""
    wrong = replace(SQUARE, name="wrong", steps=(EscalationStep(asks=asks, wait=HOUR),))
    with pytest.raises(Malformed):
        on_call_desk.save_escalation(still.desk, still.people["sol"], wrong, version=0)


def test_people_who_left_are_not_offered_and_not_put_into_a_plan(home: House) -> None:
    """And are left out where a plan of before names them."""
    accounts.disable(home.desk, CONSOLE, "ben")
    assert on_call_desk.people(home.desk, home.people["ada"]) == ("ada", "eva", "siv", "sol")
    with pytest.raises(Malformed, match="nobody here is called ben"):
        on_call_desk.save_rotation(home.desk, home.people["sol"], DUTY, version=1)
    with home.desk.store.read() as unit:
        assert on_call_desk.holder(unit, "duty", MONDAY) == "ben"
        found = on_call_desk.resolve(unit, ["rotation:duty", "ben", "siv"], MONDAY)
        assert [account.name for account in found] == ["siv"]


def test_names_and_rotations_stand_for_each_person_once(still: House) -> None:
    """In the order they were named; what is not there stands for nobody."""
    with still.desk.store.read() as unit:
        found = on_call_desk.resolve(unit, ["sol", "rotation:duty", "ada", "rotation:none", "nobody", "sol"], AT)
        assert [account.name for account in found] == ["sol", "ada"]
        assert on_call_desk.resolve(unit, [], AT) == ()
        assert on_call_desk.holder(unit, "duty", AT - 10 * DAY) == ""


def test_a_rotation_of_another_place_hands_over_by_the_clock_of_that_place(home: House) -> None:
    """Eight in the morning in Kathmandu is 02:15 UTC."""
    far = replace(DUTY, name="far", zone="Asia/Kathmandu", begins=date(2026, 3, 1), days=1, handover=time(8))
    on_call_desk.save_rotation(home.desk, home.people["sol"], far, version=0)
    view = next(each for each in weeks(home).rotations if each.rotation.name == "far")
    assert view.now is not None
    assert view.now.ends == datetime(2026, 3, 15, 2, 15, tzinfo=UTC)


def test_every_change_of_a_plan_is_a_line_in_the_log_with_what_it_says_now(home: House) -> None:
    """Who is called at night is nobody's secret."""
    journal = home.desk.journal
    assert isinstance(journal, MemoryJournal)
    on_call_desk.save_rotation(home.desk, home.people["sol"], replace(DUTY, days=3), version=1)
    line = next(each for each in reversed(journal.records) if each.act == "call.save_rotation")
    assert (line.who, line.subject, line.facts["version"]) == ("sol", "rotation:duty", 2)
    assert read_rotation(str(line.facts["body"])).days == 3
