"""The demonstration's duty: a rotation, an escalation that begins by itself, a watch, and a mailbox instead of telephones."""

from datetime import date, time, timedelta

from impetus.core.actor import Actor
from impetus.core.call import PlanKind
from impetus.core.finding import Severity
from impetus.desk import contacts, hand_over, on_call_desk, shift_log
from impetus.desk.context import Desk
from impetus.desk.sign_in import actor_of
from impetus.processes.call_plan import Escalation
from impetus.processes.on_call import EscalationStep, Rotation

CHANNELS = """\
# Written by `impetus demo` at each start. Messages go into the demonstration's own mailbox, on the page Mailbox: nothing
# leaves this machine. docs/how-to/be-on-call.md says how a city names its mail server, chat and push services here.
[channels.mailbox]
kind = "mailbox"
"""
MAILBOX = "mailbox"
ROTATION = Rotation(
    name="square",
    people=("operator", "supervisor"),
    begins=date(2026, 1, 5),
    days=7,
    handover=time(7),
    zone="Europe/Oslo",
)
ESCALATION = Escalation(
    name="square-watch",
    steps=(
        EscalationStep(asks=("rotation:square",), wait=timedelta(minutes=2)),
        EscalationStep(asks=("supervisor",), wait=timedelta(minutes=5)),
    ),
    alerts_from=Severity.MODERATE,
    untaken=timedelta(minutes=1),
)
"""Shorter waits than a city would choose, so that a visitor sees them end."""
FIRST_NOTE = "Exercise: the square is watched from now on. Pinned lines are read back at every hand-over."


def make_duty(desk: Desk, actor: Actor) -> None:
    """Put the demonstration's people on duty, once; a second start finds them there."""
    with desk.store.read() as unit:
        people = {
            name: actor_of(account) for name in ROTATION.people if (account := unit.accounts.by_name(name)) is not None
        }
        is_made = unit.calls.plan(PlanKind.ROTATION, ROTATION.name) is not None
        has_watch = unit.shifts.at_watch(hand_over.WATCH) is not None
    for name, person in people.items():
        contacts.put_contact(desk, person, MAILBOX, f"{name}'s telephone")
    if not is_made:
        on_call_desk.save_rotation(desk, actor, ROTATION, version=0)
        on_call_desk.save_escalation(desk, actor, ESCALATION, version=0)
    if not has_watch:
        hand_over.begin_shift(desk, people["operator"])
        note = shift_log.write_note(desk, people["operator"], FIRST_NOTE)
        shift_log.pin(desk, people["operator"], note.id)
