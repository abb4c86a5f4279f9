"""Who is on call: worked by hand across changes of the clock and leap days, and no minute is lost or counted twice."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.processes.on_call import (
    Due,
    EscalationStep,
    Override,
    Rotation,
    check_steps,
    due_steps,
    on_call,
    shifts,
)

OSLO = "Europe/Oslo"
WEEKLY = Rotation(
    name="supervisors", people=("Ada", "Bo", "Cy"), begins=date(2026, 3, 16), days=7, handover=time(7), zone=OSLO
)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(OSLO)).astimezone(UTC)


@pytest.mark.parametrize(
    ("local", "person"),
    [
        ("2026-03-16T07:00", "Ada"),
        ("2026-03-23T06:59", "Ada"),
        ("2026-03-23T07:00", "Bo"),
        ("2026-03-29T12:00", "Bo"),
        ("2026-03-30T06:59", "Bo"),
        ("2026-03-30T07:00", "Cy"),
        ("2026-04-06T07:00", "Ada"),
        ("2026-10-26T06:59", "Bo"),
        ("2026-10-26T07:00", "Cy"),
        ("2028-02-29T12:00", "Ada"),
    ],
)
def test_turns_hand_over_at_seven_on_the_wall_clock(local: str, person: str) -> None:
    """Weeks counted on the calendar: also after the clock changed on 29 March and 25 October 2026, and on a leap day."""
    shift = on_call(WEEKLY, _at(local))
    assert shift
    assert shift.person == person


def test_before_it_begins_nobody_is_on_call() -> None:
    """A minute before the first handover."""
    assert on_call(WEEKLY, _at("2026-03-16T06:59")) is None


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-11-22", 24)])
def test_a_night_across_a_change_of_the_clock_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    """Daily turns from seven to seven."""
    daily = Rotation(name="n", people=("Ada", "Bo"), begins=date(2026, 1, 1), days=1, handover=time(7), zone=OSLO)
    shift = on_call(daily, _at(f"{day}T12:00"))
    assert shift
    assert shift.ends - shift.begins == timedelta(hours=hours)


def test_a_handover_that_the_clock_jumps_over_happens_right_after_the_jump() -> None:
    """On 29 March 2026 there is no 02:30 in Oslo: at 02:00 it is 03:00, which is 01:00 UTC."""
    early = Rotation(name="n", people=("Ada", "Bo"), begins=date(2026, 3, 28), days=1, handover=time(2, 30), zone=OSLO)
    shift = on_call(early, _at("2026-03-29T12:00"))
    assert shift
    assert (shift.person, shift.begins) == ("Bo", datetime(2026, 3, 29, 1, tzinfo=UTC))


def test_a_handover_that_comes_twice_happens_the_first_time() -> None:
    """On 25 October 2026 it is 02:30 at 00:30 and again at 01:30 UTC."""
    early = Rotation(name="n", people=("Ada", "Bo"), begins=date(2026, 10, 24), days=1, handover=time(2, 30), zone=OSLO)
    shift = on_call(early, _at("2026-10-25T12:00"))
    assert shift
    assert (shift.person, shift.begins) == ("Bo", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


ROTATIONS = st.builds(
    Rotation,
    name=st.just("r"),
    people=st.lists(st.sampled_from("ABCDEFG"), min_size=1, max_size=5, unique=True).map(tuple),
    begins=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    days=st.integers(1, 28),
    handover=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    zone=st.sampled_from([OSLO, "Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)


@given(rotation=ROTATIONS, later=st.integers(0, 400 * 24 * 60))
def test_every_minute_has_exactly_one_person_and_turns_go_round(rotation: Rotation, later: int) -> None:
    """Turns touch end to start, each lasts its days give or take the change of the clock, and people follow in order."""
    since = datetime.combine(rotation.begins, time(0), tzinfo=UTC) + timedelta(days=2, minutes=later)
    turns = list(shifts(rotation, since, since + timedelta(days=rotation.days * 3)))
    assert turns[0].begins <= since < turns[0].ends
    for one, following in pairwise(turns):
        assert one.ends == following.begins
        place = rotation.people.index(one.person)
        assert following.person == rotation.people[(place + 1) % len(rotation.people)]
    for turn in turns:
        assert abs(turn.ends - turn.begins - timedelta(days=rotation.days)) <= timedelta(hours=1)
        assert on_call(rotation, turn.begins) == turn
        assert on_call(rotation, turn.ends - timedelta(minutes=1)) == turn


def _override(person: str, begins: str, ends: str, rotation: str = "supervisors") -> Override:
    return Override(rotation=rotation, person=person, begins=_at(begins), ends=_at(ends), why="leave")


def test_an_override_stands_in_and_says_for_whom() -> None:
    """From its first moment to its last, exclusive; of its own rotation only."""
    swap = _override("Dee", "2026-03-18T07:00", "2026-03-19T07:00")
    inside = on_call(WEEKLY, _at("2026-03-18T07:00"), [swap])
    assert inside
    assert (inside.person, inside.instead_of) == ("Dee", "Ada")
    outside = on_call(WEEKLY, _at("2026-03-19T07:00"), [swap])
    assert outside
    assert outside.person == "Ada"
    other = on_call(
        WEEKLY, _at("2026-03-18T12:00"), [_override("Dee", "2026-03-18T07:00", "2026-03-19T07:00", "drivers")]
    )
    assert other
    assert other.person == "Ada"


def test_of_two_overrides_the_one_written_later_counts() -> None:
    """A correction needs no deletion."""
    first = _override("Dee", "2026-03-18T07:00", "2026-03-20T07:00")
    second = _override("Eli", "2026-03-18T18:00", "2026-03-19T06:00")
    names = [
        shift.person
        for hour in ("2026-03-18T12:00", "2026-03-18T20:00", "2026-03-19T12:00")
        if (shift := on_call(WEEKLY, _at(hour), [first, second]))
    ]
    assert names == ["Dee", "Eli", "Dee"]


STEPS = (
    EscalationStep(asks=("operators",), wait=timedelta(minutes=5)),
    EscalationStep(asks=("supervisors", "Ada"), wait=timedelta(minutes=10)),
    EscalationStep(asks=("head of duty",), wait=timedelta(minutes=30)),
)


@pytest.mark.parametrize(
    ("minutes", "places"), [(-1, []), (0, [0]), (4, [0]), (5, [0, 1]), (14, [0, 1]), (15, [0, 1, 2]), (6000, [0, 1, 2])]
)
def test_steps_come_due_one_after_another_and_the_last_stays(minutes: int, places: list[int]) -> None:
    """Five minutes for the first, ten for the second, and then nobody is let go."""
    asked = _at("2026-03-29T01:50")
    due = due_steps(STEPS, asked, asked + timedelta(minutes=minutes))
    assert [one.place for one in due] == places
    if due:
        assert due[0] == Due(place=0, asks=("operators",), since=asked)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (EscalationStep(asks=(), wait=timedelta(minutes=5)),),
        (EscalationStep(asks=("a",), wait=timedelta(0)),),
        (EscalationStep(asks=("a",), wait=timedelta(hours=5)),),
        (EscalationStep(asks=("a",), wait=timedelta(minutes=1)),) * 11,
    ],
)
def test_an_escalation_that_would_leave_somebody_alone_is_refused(steps: tuple[EscalationStep, ...]) -> None:
    """Nobody asked, no wait, too long a wait, no step or too many."""
    with pytest.raises(Malformed) as refused:
        check_steps(steps)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        {"people": ()},
        {"people": ("Ada", "Ada")},
        {"people": tuple(str(number) for number in range(51))},
        {"days": 0},
        {"days": 367},
        {"handover": time(7, 0, 1)},
        {"handover": time(7, tzinfo=UTC)},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"zone": ""},
    ],
)
def test_a_rotation_that_cannot_be_told_is_refused(change: dict[str, object]) -> None:
    """With the value and what is allowed."""
    fields = {name: getattr(WEEKLY, name) for name in WEEKLY.__slots__} | change
    with pytest.raises(Malformed) as refused:
        Rotation(**fields)
    assert refused.value.limit


@pytest.mark.parametrize(
    ("begins", "ends"), [("2026-03-19T07:00", "2026-03-19T07:00"), ("2026-03-20T07:00", "2026-03-19T07:00")]
)
def test_an_override_that_ends_before_it_begins_is_refused(begins: str, ends: str) -> None:
    """It would stand in for nobody."""
    with pytest.raises(Malformed):
        _override("Dee", begins, ends)
