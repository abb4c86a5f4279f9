"""What a notice needs next: hand-worked situations, and what holds for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.core.finding import Severity, Urgency
from impetus.core.ids import AccountId, NoticeId
from impetus.core.notice import DELIVERY_LIFECYCLE, Delivery, DeliveryEvent, DeliveryState, NoticeRecord, Recipient
from impetus.processes.call_calendar import stretches
from impetus.processes.call_plan import Escalation, read_escalation, read_rotation, write_escalation, write_rotation
from impetus.processes.notifying import Ask, End, Hurry, Known, Queue, backoff_s, next_moves
from impetus.processes.on_call import EscalationStep, Override, Rotation, on_call
from processes.test_on_call import ROTATIONS, WEEKLY

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
RECORD = NoticeRecord(
    id=NoticeId(1), version=0, key="k", to=("ada",), title="t", text="", incident=None, alert=None, place="",
    urgency=Urgency.IMMEDIATE, asked_by="x", at=AT, ends=AT + timedelta(hours=12),
)  # fmt: skip
STEPS = (EscalationStep(asks=("a",), wait=timedelta(minutes=5)), EscalationStep(asks=("b",), wait=timedelta(minutes=9)))


def recipient(person: str, *, step: int = 0, acked: bool = False) -> Recipient:
    """Return somebody who is asked."""
    return Recipient(
        notice=NoticeId(1), person=person, account=AccountId(1), step=step, asked_at=AT, token_hash=person,
        token_sealed=None, token_until=AT, acked_at=AT if acked else None,
    )  # fmt: skip


def delivery(person: str, channel: str, state: DeliveryState) -> Delivery:
    """Return one way to somebody, as it stands."""
    return Delivery(id=1, notice=NoticeId(1), person=person, channel=channel, state=state, changed_at=AT)


KNOWN = Known(
    notice=RECORD, recipients=(recipient("ada"),), ways={"ada": ("mail", "chat")}, usable=frozenset({"mail", "chat"})
)
QUEUED, FAILED, SENT = DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.SENT


@pytest.mark.parametrize(
    ("deliveries", "dead", "moves"),
    [
        ((), set(), (Queue(person="ada", channel="mail"),)),
        ((), {"mail"}, (Queue(person="ada", channel="chat"),)),
        ((), {"mail", "chat"}, (Queue(person="ada", channel="mail"),)),
        ((("mail", QUEUED),), set(), ()),
        ((("mail", SENT),), {"mail"}, ()),
        ((("mail", QUEUED),), {"mail"}, (Queue(person="ada", channel="chat"),)),
        ((("mail", FAILED),), set(), (Queue(person="ada", channel="chat"),)),
        ((("mail", FAILED),), {"chat"}, ()),
        ((("mail", FAILED), ("chat", FAILED)), set(), ()),
    ],
)
def test_a_person_is_tried_by_their_next_way_that_can_work(
    deliveries: tuple[tuple[str, DeliveryState], ...], dead: set[str], moves: tuple[Queue, ...]
) -> None:
    """In their own order; a dead channel is passed over, and taken when nothing else was ever tried."""
    made = tuple(delivery("ada", channel, state) for channel, state in deliveries)
    assert next_moves(replace(KNOWN, deliveries=made, dead=frozenset(dead)), AT) == moves


def test_a_step_that_reaches_nobody_is_cut_short_by_what_is_left_of_it() -> None:
    """Two of its five minutes have passed: three are left out; the last step is never cut."""
    lost = (delivery("ada", "mail", FAILED), delivery("ada", "chat", FAILED))
    known = replace(KNOWN, steps=STEPS, deliveries=lost)
    assert next_moves(known, AT + timedelta(minutes=2)) == (Hurry(step=0, by_s=180.0),)
    hurried = replace(known, notice=replace(RECORD, ahead_s=180.0))
    assert next_moves(hurried, AT + timedelta(minutes=2)) == (Ask(step=1, asks=("b",)),)
    last = replace(hurried, notice=replace(RECORD, ahead_s=180.0, step=1))
    assert next_moves(last, AT + timedelta(minutes=3)) == ()


def test_without_any_channel_nobody_is_hurried() -> None:
    """People look at their pages in their own time."""
    assert next_moves(replace(KNOWN, steps=STEPS, usable=frozenset()), AT) == ()


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (replace(KNOWN, over="the incident was closed"), "the incident was closed"),
        (replace(KNOWN, recipients=(recipient("ada", acked=True),)), "acknowledged by ada"),
        (replace(KNOWN, steps=STEPS, recipients=(recipient("ada"), recipient("bo", acked=True))), "acknowledged by bo"),
    ],
)
def test_it_ends_when_somebody_has_it_or_nobody_needs_to(known: Known, why: str) -> None:
    """One is enough in an escalation; everybody asked without one."""
    assert next_moves(known, AT) == (End(why=why),)
    assert next_moves(replace(KNOWN, recipients=(recipient("ada"), recipient("bo", acked=True))), AT) != (End(why=why),)


def test_it_ends_when_its_time_is_over_and_then_needs_nothing() -> None:
    """Twelve hours after it was asked."""
    assert next_moves(KNOWN, RECORD.ends) == (End(why="its time is over"),)
    assert next_moves(replace(KNOWN, notice=replace(RECORD, ended_at=AT)), RECORD.ends) == ()


STATES = st.sampled_from(list(DeliveryState))


@given(
    states=st.dictionaries(st.sampled_from(["mail", "chat", "push"]), STATES),
    dead=st.sets(st.sampled_from(["mail", "chat", "push"])),
    ways=st.permutations(["mail", "chat", "push"]),
    minutes=st.integers(0, 700),
    step=st.integers(0, 1),
)
def test_nobody_is_queued_twice_by_one_channel_and_a_look_after_the_moves_asks_for_less(
    states: dict[str, DeliveryState], dead: set[str], ways: list[str], minutes: int, step: int
) -> None:
    """Whatever stands: a queued way was not used before, and once it is queued on a living channel nothing more is queued."""
    made = tuple(delivery("ada", channel, state) for channel, state in states.items())
    known = Known(
        notice=replace(RECORD, step=step), steps=STEPS, recipients=(recipient("ada", step=step),), deliveries=made,
        ways={"ada": ways}, usable=frozenset({"mail", "chat"}), dead=frozenset(dead),
    )  # fmt: skip
    at = AT + timedelta(minutes=minutes)
    queued = [move for move in next_moves(known, at) if isinstance(move, Queue)]
    assert len(queued) <= 1
    for move in queued:
        assert move.channel not in states
        assert move.channel in known.usable
        after = replace(known, deliveries=(*made, delivery("ada", move.channel, QUEUED)))
        again = [one for one in next_moves(after, at) if isinstance(one, Queue)]
        assert not again or move.channel in dead


def test_waits_between_tries_grow_and_stay_below_ten_minutes() -> None:
    """Five seconds, then three times as long each."""
    waits = [backoff_s(attempts) for attempts in range(1, 20)]
    assert waits[0] == 5.0
    assert all(before <= after <= 600.0 for before, after in pairwise(waits))


def test_every_state_of_a_delivery_can_be_acknowledged_but_once() -> None:
    """Also one that was given up: the link came through after all."""
    for state in DeliveryState:
        allowed = DELIVERY_LIFECYCLE.allowed(state)
        assert (DeliveryEvent.ACKNOWLEDGE in allowed) == (state is not DeliveryState.ACKNOWLEDGED)


ZONES: list[tuple[str, str, int]] = [
    ("Europe/Oslo", "2026-03-28", 23),
    ("Europe/Oslo", "2026-10-24", 25),
    ("Europe/Rome", "2026-03-28", 23),
    ("Europe/Rome", "2026-10-24", 25),
    ("Europe/Lisbon", "2026-03-28", 23),
    ("Europe/Lisbon", "2026-10-24", 25),
    ("Pacific/Kiritimati", "2026-03-28", 24),
    ("Pacific/Kiritimati", "2026-10-24", 24),
    ("Europe/Oslo", "2028-02-28", 24),
    ("Pacific/Kiritimati", "2028-02-29", 24),
]
"""Zone, the day a turn of one day begins at 07:00, and its hours, from the zones' own rules. Source: IANA tz database."""


@pytest.mark.parametrize(("zone", "day", "hours"), ZONES)
def test_a_day_of_duty_has_the_hours_of_its_place(zone: str, day: str, hours: int) -> None:
    """The clock changes on 29 March and 25 October 2026 in Europe, never on Kiritimati; 29 February 2028 is a day."""
    from datetime import date, time
    from zoneinfo import ZoneInfo

    daily = Rotation(name="d", people=("Ada", "Bo"), begins=date(2026, 1, 1), days=1, handover=time(7), zone=zone)
    noon = datetime.combine(date.fromisoformat(day), time(12), tzinfo=ZoneInfo(zone))
    turn = on_call(daily, noon)
    assert turn is not None
    assert turn.ends - turn.begins == timedelta(hours=hours)
    assert turn.begins.astimezone(ZoneInfo(zone)).hour == turn.ends.astimezone(ZoneInfo(zone)).hour == 7


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("Europe/Oslo", "2026-03-15T06:00:00+00:00"),
        ("Europe/Rome", "2026-03-15T06:00:00+00:00"),
        ("Europe/Lisbon", "2026-03-15T07:00:00+00:00"),
        ("Pacific/Kiritimati", "2026-03-14T17:00:00+00:00"),
    ],
)
def test_seven_oclock_is_another_moment_in_each_place(zone: str, utc: str) -> None:
    """Kiritimati is fourteen hours ahead of Greenwich: its Sunday begins while it is still Saturday morning there."""
    from datetime import date, time

    daily = Rotation(name="d", people=("Ada", "Bo"), begins=date(2026, 3, 15), days=1, handover=time(7), zone=zone)
    begins = datetime.fromisoformat(utc)
    assert on_call(daily, begins - timedelta(seconds=1)) is None
    turn = on_call(daily, begins)
    assert turn is not None
    assert (turn.person, turn.begins) == ("Ada", begins)


@given(rotation=ROTATIONS, days=st.integers(1, 60), cover=st.integers(0, 100), length=st.integers(1, 90))
def test_stretches_touch_end_to_start_and_say_who_is_on_call_at_each_moment(
    rotation: Rotation, days: int, cover: int, length: int
) -> None:
    """With a stand-in anywhere; the picture and the calling never differ."""
    since = datetime(rotation.begins.year, rotation.begins.month, rotation.begins.day, tzinfo=UTC) + timedelta(days=3)
    until = since + timedelta(days=days)
    stands = since + timedelta(hours=cover * 5)
    override = Override(rotation="r", person="Zoe", begins=stands, ends=stands + timedelta(hours=length), why="leave")
    found = stretches(rotation, since, until, [override])
    assert (found[0].begins, found[-1].ends) == (since, until)
    for one, following in pairwise(found):
        assert one.ends == following.begins
        assert (one.person, one.instead_of) != (following.person, following.instead_of) or rotation.people == (
            one.person,
        )
    for stretch in found:
        held = on_call(rotation, stretch.begins, [override])
        assert held is not None
        assert (held.person, held.instead_of) == (stretch.person, stretch.instead_of)


@given(rotation=ROTATIONS)
def test_a_rotation_as_text_comes_back_as_it_was(rotation: Rotation) -> None:
    """Whatever people and days."""
    assert read_rotation(write_rotation(rotation)) == rotation


@given(
    minutes=st.lists(st.integers(1, 240), min_size=1, max_size=10),
    severity=st.none() | st.sampled_from(list(Severity)),
    untaken=st.integers(1, 240),
)
def test_an_escalation_as_text_comes_back_as_it_was(
    minutes: list[int], severity: Severity | None, untaken: int
) -> None:
    """Whatever steps."""
    steps = tuple(EscalationStep(asks=("rotation:duty", "Ada"), wait=timedelta(minutes=number)) for number in minutes)
    plan = Escalation(name="square", steps=steps, alerts_from=severity, untaken=timedelta(minutes=untaken))
    assert read_escalation(write_escalation(plan)) == plan


@given(text=st.text(max_size=200) | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.dictionaries(st.sampled_from(["name", "steps", "people", "days", "untaken_s"]), inner) | st.lists(inner)).map(lambda said: __import__("json").dumps(said)))  # fmt: skip
def test_no_text_is_misread_as_a_plan(text: str) -> None:
    """A plan that was misread would call the wrong person."""
    for read in (read_rotation, read_escalation):
        with pytest.raises(Malformed):
            read(text)


@pytest.mark.parametrize("name", ["", "A", "a b", "a/b", "x" * 41, "é", "../x"])
def test_a_plan_with_an_odd_name_is_refused(name: str) -> None:
    """It stands in addresses."""
    with pytest.raises(Malformed):
        Escalation(name=name, steps=STEPS)
    with pytest.raises(Malformed):
        write_rotation(replace(WEEKLY, name=name))
