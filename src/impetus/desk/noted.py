"""The line in the log that says what was done: written inside the unit of the act, just before it commits.

A crash between the two leaves a line of an act that was taken back, never an act without a line.
"""

from collections.abc import Mapping
from typing import TypedDict, Unpack

from impetus.core.access import Category, Purpose, Regime
from impetus.core.actor import Actor
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk.context import Desk


class Said(TypedDict, total=False):
    """What may be said of an act beyond who, what and on what; `processing` is alteration unless said otherwise."""

    processing: Processing
    why: str
    case: str
    recipient: str
    purpose: Purpose
    category: Category
    regime: Regime
    controller: str
    count: int
    facts: Mapping[str, str | int | float | bool]


def note_done(desk: Desk, actor: Actor, act: str, subject: str, **said: Unpack[Said]) -> None:
    """Write that an act was done; `NotNow` when the log cannot take it, and then the act must not happen.

    `act` is a verb of the desk (`alert.acknowledge`), `subject` what it was done to, `kind:id`, never a person.
    """
    said.setdefault("processing", Processing.ALTERATION)
    said.setdefault("controller", desk.tenant)
    record = LogRecord(
        at=desk.clock.now(),
        who=actor.name,
        role=actor.role.value,
        act=act,
        subject=subject,
        outcome=Outcome.DONE,
        **said,
    )
    desk.journal.write([record])


def tally_done(desk: Desk, actor: Actor, act: str, count: int = 1) -> None:
    """Count acts of a machine without personal data, of which there are many; they are one line a minute."""
    if count:
        record = LogRecord(
            at=desk.clock.now(),
            who=actor.name,
            role=actor.role.value,
            act=act,
            outcome=Outcome.DONE,
            processing=Processing.ALTERATION,
            controller=desk.tenant,
            count=count,
        )
        desk.tally.take(desk.journal, record)
