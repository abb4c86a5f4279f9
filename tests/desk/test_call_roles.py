"""Who may call people, stand in, answer, hand over and write the log: each verb refused to every role that may not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.call_house import DUTY, SQUARE, House, house
from desk.samples import AT
from impetus.core.actor import Role
from impetus.core.call import PlanKind
from impetus.core.errors import Refused
from impetus.core.ids import HandOverId, NoticeId
from impetus.desk import channel_health, contacts, escalate, hand_over, notice_reading, notices, on_call_desk, shift_log
from impetus.ethics.guard import Operation
from impetus.ethics.matrix import MATRIX
from impetus.processes.on_call import Override

LEAVE = Override(rotation="duty", person="siv", begins=AT, ends=AT + timedelta(days=1), why="leave")
VERBS: dict[str, tuple[Operation, Callable[..., object]]] = {
    "calendar": (Operation.CALLS_READ, lambda desk, who: on_call_desk.calendar(desk, who, since=AT)),
    "people": (Operation.CALLS_READ, on_call_desk.people),
    "reachable": (Operation.CALLS_READ, contacts.reachable),
    "channels_view": (Operation.CALLS_READ, channel_health.channels_view),
    "notices_view": (Operation.CALLS_READ, notice_reading.notices_view),
    "save_rotation": (
        Operation.CALLS_MANAGE,
        lambda desk, who: on_call_desk.save_rotation(desk, who, DUTY, version=1),
    ),
    "save_escalation": (
        Operation.CALLS_MANAGE,
        lambda desk, who: on_call_desk.save_escalation(desk, who, SQUARE, version=1),
    ),
    "retire": (
        Operation.CALLS_MANAGE,
        lambda desk, who: on_call_desk.retire(desk, who, PlanKind.ESCALATION, "square", version=1),
    ),
    "stand_in": (Operation.CALLS_MANAGE, lambda desk, who: on_call_desk.stand_in(desk, who, LEAVE)),
    "cancel_stand_in": (Operation.CALLS_MANAGE, lambda desk, who: on_call_desk.cancel_stand_in(desk, who, 1)),
    "call_off": (Operation.CALLS_MANAGE, lambda desk, who: notices.call_off(desk, who, NoticeId(1), why="x")),
    "acknowledge": (Operation.CALLS_ANSWER, lambda desk, who: notices.acknowledge(desk, who, NoticeId(1))),
    "asked_of_me": (Operation.CALLS_ANSWER, notice_reading.asked_of_me),
    "send_test": (Operation.CALLS_ANSWER, lambda desk, who: notices.send_test(desk, who, simulated=True)),
    "own_contacts": (Operation.CALLS_ANSWER, contacts.own_contacts),
    "put_contact": (Operation.CALLS_ANSWER, lambda desk, who: contacts.put_contact(desk, who, "mail", "a@b.example")),
    "forget_contact": (Operation.CALLS_ANSWER, lambda desk, who: contacts.forget_contact(desk, who, "mail")),
    "shift_log": (Operation.SHIFTS_READ, shift_log.shift_log),
    "watch_view": (Operation.SHIFTS_READ, hand_over.watch_view),
    "write_note": (Operation.SHIFTS_WRITE, lambda desk, who: shift_log.write_note(desk, who, "x")),
    "pin": (Operation.SHIFTS_WRITE, lambda desk, who: shift_log.pin(desk, who, 1)),
    "unpin": (Operation.SHIFTS_WRITE, lambda desk, who: shift_log.unpin(desk, who, 1)),
    "strike": (Operation.SHIFTS_WRITE, lambda desk, who: shift_log.strike(desk, who, 1, why="x")),
    "begin_shift": (Operation.SHIFTS_WRITE, hand_over.begin_shift),
    "give": (Operation.SHIFTS_WRITE, lambda desk, who: hand_over.give(desk, who, to="ben")),
    "read_item": (Operation.SHIFTS_WRITE, lambda desk, who: hand_over.read_item(desk, who, 1)),
    "take": (Operation.SHIFTS_WRITE, lambda desk, who: hand_over.take(desk, who, HandOverId(1))),
    "withdraw": (Operation.SHIFTS_WRITE, lambda desk, who: hand_over.withdraw(desk, who, HandOverId(1), why="x")),
}
"""Each verb, what it asks for, and a call of it; a verb that is permitted may still find nothing to do."""
REFUSED = [(name, role) for name, (operation, _) in VERBS.items() for role in Role if operation not in MATRIX[role].may]


@pytest.fixture(scope="module")
def home() -> House:
    """Return one house for all: whoever is refused changes nothing."""
    return house()


def state(home: House) -> tuple[object, ...]:
    """Return what any of the verbs could have changed."""
    with home.desk.store.read() as unit:
        return (
            unit.outbox.newest(),
            unit.calls.plans(PlanKind.ROTATION),
            unit.calls.plans(PlanKind.ESCALATION),
            unit.calls.stand_ins(since=AT),
            unit.calls.contacts(),
            unit.notices.find(),
            unit.shifts.notes(),
            unit.shifts.recent(),
        )


@pytest.mark.parametrize(("name", "role"), REFUSED, ids=[f"{name}-{role}" for name, role in REFUSED])
def test_a_role_that_may_not_is_refused_and_nothing_changes(home: House, name: str, role: Role) -> None:
    """By the matrix, before anything is looked up."""
    operation, verb = VERBS[name]
    who = replace(home.people["ada"], role=role, operations=frozenset())
    before = state(home)
    with pytest.raises(Refused, match=f"may not {operation}"):
        verb(home.desk, who)
    assert state(home) == before


@pytest.mark.parametrize("name", VERBS)
def test_somebody_may_and_somebody_may_not(name: str) -> None:
    """A verb that everybody may, or nobody, would need no permission."""
    operation, _ = VERBS[name]
    may = {role for role in Role if operation in MATRIX[role].may}
    assert may
    assert may != set(Role)


@pytest.mark.parametrize("role", [role for role in Role if Operation.NOTICES_SEND in MATRIX[role].may])
def test_only_the_platform_sends(role: Role) -> None:
    """People propose, the parts of the platform send."""
    assert role is Role.PLATFORM
    assert Operation.NOTICES_SEND == "notices.send"


def test_the_turns_of_the_platform_do_nothing_in_a_house_where_nothing_is_due() -> None:
    """No verb of the watch asks a person for leave."""
    made = house(reached=False)
    assert (escalate.watch_notices(made.desk), escalate.watch_untaken(made.desk)) == (0, 0)
    assert channel_health.tell_channels(made.desk) == 0
