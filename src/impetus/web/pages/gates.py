"""What waits for people's decision: the page of proposals and messages, and the answers, as forms.

Three answers stand equal and none is preselected; an answer carries the hash of what was shown, so that nobody agrees to
something that changed meanwhile, and the moment it was shown, which is counted by the week and kept with nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Form, Path, Request, Response

from impetus.core.action import CLASS_RULES, KIND_RULES, Action, ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.ids import ActionId, IncidentId
from impetus.core.text import Phrase
from impetus.desk import gate_reading, gates
from impetus.desk.context import Desk
from impetus.desk.needs import needs
from impetus.desk.package import fetch_package
from impetus.desk.perform import can_perform
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages import bar
from impetus.web.render import page
from impetus.web.session import Person
from impetus.web.shown import moment

LARGEST_ID = 2**63 - 1
MOST_MINUTES = 24 * 60
ASKED = (ActionKind.MESSAGE, ActionKind.EVIDENCE_PACKAGE, ActionKind.CITY_SYSTEM, ActionKind.PUBLIC_WARNING)
"""Kinds a person proposes from a form; a note has its own line in the timeline, an identity its own page."""

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]


class Seen(TypedDict):
    """What an answer is about: the hash of what was shown, and when it was."""

    content_hash: str
    shown: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One of the three answers as it was sent: what was shown, why, and when it was shown."""

    content: str
    why: str
    shown: str

    def seen(self) -> Seen:
        """Return what it is about; `Malformed` for a moment that is none."""
        return Seen(content_hash=self.content, shown=moment(self.shown))


def _read_answer(
    content: Annotated[str, Form(max_length=64)],
    why: Words = "",
    shown: Annotated[str, Form(max_length=40)] = "",
) -> Answer:
    """Take the fields that all three answers have."""
    return Answer(content=content, why=why, shown=shown)


Answered = Annotated[Answer, Depends(_read_answer)]

SAID: dict[ActionState, str] = {
    ActionState.PROPOSED: N_("Asked; {still} must agree"),
    ActionState.APPROVED: N_("You agreed; {still} more must agree"),
    ActionState.AUTHORISED: N_("Agreed; it will be performed"),
    ActionState.PERFORMING: N_("Agreed; it is being performed"),
    ActionState.PERFORMED: N_("Done: {receipt}"),
    ActionState.DECLINED: N_("Declined; nothing happens"),
    ActionState.EXPIRED: N_("Its time is over; nothing happens"),
    ActionState.WITHDRAWN: N_("Withdrawn; nothing happens"),
    ActionState.FAILED: N_("It was agreed to and failed: {receipt}"),
}


@router.get("/gates")
def show_gates(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return what waits for the reader, what they may watch, and how it ended."""
    return _page(request, desk, actor, "gates.html")


@router.get("/gates/now")
def gates_now(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _page(request, desk, actor, "gates_now.html")


def _page(request: Request, desk: Desk, actor: Actor, template: str) -> Response:
    return page(
        request,
        template,
        actor=actor,
        pending=gate_reading.pending(desk, actor),
        figures=gates.gate_figures(desk, actor),
        rules=CLASS_RULES,
        bar=bar.bar_of(needs(desk, actor)),
    )


def proposable(desk: Desk, actor: Actor) -> tuple[ActionKind, ...]:
    """Return the kinds the actor may propose here: those that something performs."""
    if not may(actor, Operation.ACTIONS_PROPOSE):
        return ()
    return tuple(kind for kind in ASKED if KIND_RULES[kind].is_proposable and can_perform(desk, kind))


@router.post("/incidents/{incident}/propose")
def propose(  # noqa: PLR0913 - a proposal has this many parts
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    kind: Annotated[ActionKind, Form()],
    minutes: Annotated[int, Form(ge=1, le=MOST_MINUTES)],
    why: Words = "",
    target: Words = "",
    to: Annotated[list[str] | None, Form()] = None,
    text: Words = "",
    recipient: Words = "",
    regime: Words = "",
    command: Words = "",
    until: Words = "",
    area: Words = "",
) -> Response:
    """Propose something about the incident."""
    said = {"text": text, "recipient": recipient, "regime": regime, "command": command, "until": until, "area": area}

    def act() -> Done:
        parameters = {"to": ", ".join(to or ()), **said}
        action = gates.propose(
            desk,
            actor,
            gates.Proposal(
                kind=kind,
                target=target or recipient or area or parameters["to"] or str(kind),
                why=why,
                lasts=timedelta(minutes=minutes),
                incident=IncidentId(incident),
                parameters={name: value for name, value in parameters.items() if value},
            ),
        )
        return _done(action, back=f"/incidents/{incident}")

    return perform(request, act)


def _done(action: Action, *, back: str = "/gates", agreed: int = 0) -> Done:
    """Say where a proposal stands now."""
    values: dict[str, str | int | float] = {"still": action.rule.persons - agreed, "receipt": action.receipt}
    return Done(said=Phrase(template=SAID[action.state], values=values), back=back)


def _answer(request: Request, desk: Desk, actor: Actor, answer: Callable[[], Action]) -> Response:
    """Take an answer and say where the proposal stands then."""

    def act() -> Done:
        action = answer()
        agreed = len(gate_reading.proposal(desk, actor, action.id).agreed)
        return _done(action, back=f"/incidents/{action.incident}" if action.incident else "/gates", agreed=agreed)

    return perform(request, act)


@router.post("/gates/{action}/approve")
def approve(request: Request, desk: TheDesk, actor: Person, action: Id, said: Answered) -> Response:
    """Say yes."""
    return _answer(
        request, desk, actor, lambda: gates.approve(desk, actor, ActionId(action), why=said.why, **said.seen())
    )


@router.post("/gates/{action}/decline")
def decline(request: Request, desk: TheDesk, actor: Person, action: Id, said: Answered) -> Response:
    """Say no, with the reason."""
    return _answer(
        request, desk, actor, lambda: gates.decline(desk, actor, ActionId(action), why=said.why, **said.seen())
    )


@router.post("/gates/{action}/lack")
def lack(request: Request, desk: TheDesk, actor: Person, action: Id, said: Answered) -> Response:
    """Say that there is not enough information, and what is missing."""
    return _answer(
        request, desk, actor, lambda: gates.lack(desk, actor, ActionId(action), missing=said.why, **said.seen())
    )


@router.post("/gates/{action}/withdraw")
def withdraw(request: Request, desk: TheDesk, actor: Person, action: Id, why: Words = "") -> Response:
    """Take one's own proposal back."""
    return _answer(request, desk, actor, lambda: gates.withdraw(desk, actor, ActionId(action), why=why))


@router.post("/gates/{action}/add")
def add(request: Request, desk: TheDesk, actor: Person, action: Id, why: Words = "") -> Response:
    """Add what was missing; everybody is asked again."""

    def change() -> Action:
        now = gate_reading.proposal(desk, actor, ActionId(action)).action
        added = "\n".join(each for each in (now.parameters.get("added", ""), why.strip()) if each)
        return gates.change(desk, actor, now.id, parameters={**now.parameters, "added": added}, why=why)

    return _answer(request, desk, actor, change)


@router.post("/gates/{action}/read")
def read_message(request: Request, desk: TheDesk, actor: Person, action: Id) -> Response:
    """Take a message off one's page."""

    def act() -> Done:
        gate_reading.read_message(desk, actor, ActionId(action))
        return Done(said=Phrase(template=N_("Read")), back="/gates")

    return perform(request, act)


@router.post("/gates/{action}/package")
def package(desk: TheDesk, actor: Person, action: Id) -> Response:
    """Return a package that was decided on; a form, not a link: each fetching is a disclosure."""
    body = fetch_package(desk, actor, ActionId(action))
    name = f'attachment; filename="evidence-package-{action}.zip"'
    return Response(body, media_type="application/zip", headers={"content-disposition": name})
