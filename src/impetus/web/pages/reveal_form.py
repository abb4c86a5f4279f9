"""The form that asks to lift a mask: the same over a camera's picture and over a piece of evidence."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request, Response

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.ids import IncidentId
from impetus.core.incident import Incident, IncidentState
from impetus.core.text import Phrase
from impetus.desk import read, reveals
from impetus.desk.context import Desk
from impetus.ethics.guard import Operation, may
from impetus.ethics.reveal import ANSWER_WITHIN, MAX_REVEAL
from impetus.web.acts import Done, perform
from impetus.web.names import N_

OPEN_INCIDENTS = 50
MINUTES = (2, 5, 10, 20, int(MAX_REVEAL.total_seconds() // 60))
"""Spans offered; none is preselected. House rule."""
ANSWER_MINUTES = int(ANSWER_WITHIN.total_seconds() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealForm:
    """What was filled in, as text: nothing is chosen beforehand, so each field may be empty."""

    incident: str
    minutes: str
    why: str
    recipient: str


def _read_form(
    incident: Annotated[str, Form(max_length=20)] = "",
    minutes: Annotated[str, Form(max_length=4)] = "",
    why: Annotated[str, Form()] = "",
    recipient: Annotated[str, Form()] = "",
) -> RevealForm:
    """Take the fields of the form."""
    return RevealForm(incident=incident, minutes=minutes, why=why, recipient=recipient)


Filled = Annotated[RevealForm, Depends(_read_form)]


def ask_reveal(request: Request, desk: Desk, actor: Actor, subject: str, form: RevealForm) -> Response:
    """Ask that the mask over a subject (`camera:KEY`, `evidence:ID`) be lifted, and lead back to its page."""

    def act() -> Done:
        made = reveals.ask(
            desk,
            actor,
            subject,
            IncidentId(chosen_number(form.incident, N_("the incident"))),
            why=form.why,
            minutes=chosen_number(form.minutes, N_("the minutes")),
            recipient=form.recipient,
        )
        said = Phrase(
            template=N_("Asked: reveal {reveal}. A supervisor or the data protection officer answers"),
            values={"reveal": made.id},
        )
        return Done(said=said, back=f"{request.url.path.removesuffix('/reveal')}?incident={made.incident}")

    return perform(request, act)


def open_incidents(desk: Desk, actor: Actor) -> tuple[Incident, ...]:
    """Return the incidents a reveal can be for."""
    if not may(actor, Operation.INCIDENTS_READ):
        return ()
    states = (IncidentState.OPEN, IncidentState.OFFERED)
    return read.list_incidents(desk, actor, states=states, limit=OPEN_INCIDENTS).items


def chosen_number(text: str, what: str) -> int:
    """Read a number that has to be chosen; raises `Malformed` when nothing was."""
    if not (text.isascii() and text.isdecimal()):
        raise Malformed(f"{what} is not chosen", value=text, limit="one of the list", remedy="choose one")
    return int(text)
