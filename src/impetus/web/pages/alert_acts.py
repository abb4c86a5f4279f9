"""What a person does with an alert, as forms: each verb of the desk behind one address."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.alert import Alert, Verdict
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import Incident
from impetus.core.plant import is_planted
from impetus.core.text import Phrase
from impetus.desk import incidents, triage
from impetus.desk.context import Desk
from impetus.desk.incident_types import suggest_type
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.session import Person
from impetus.web.shown import moment

LARGEST_ID = 2**63 - 1
MINUTE = timedelta(minutes=1)
SUGGESTED = "suggested"
"""Said instead of a type: whatever the alert speaks for, none when it speaks for none."""

router = APIRouter(prefix="/alerts/{alert}")
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Version = Annotated[int | None, Form(ge=0)]
Words = Annotated[str, Form()]


def _done(alert: Alert, template: str, back: str, *, undoable: bool = False) -> Done:
    said = Phrase(
        template=template, values={"alert": alert.id, "owner": alert.owner or "", "to": alert.offered_to or ""}
    )
    return Done(said=said, back=back or f"/alerts/{alert.id}", undo=f"/alerts/{alert.id}/undo" if undoable else None)


@router.post("/acknowledge")
def acknowledge(
    request: Request, desk: TheDesk, actor: Person, alert: Id, version: Version = None, back: Words = ""
) -> Response:
    """Take it."""

    def act() -> Done:
        taken = triage.acknowledge(desk, actor, AlertId(alert), version=version)
        return _done(taken, N_("You have alert {alert}"), back, undoable=True)

    return perform(request, act)


@router.post("/undo")
def undo(request: Request, desk: TheDesk, actor: Person, alert: Id, back: Words = "") -> Response:
    """Take the last step back."""

    def act() -> Done:
        return _done(triage.undo(desk, actor, AlertId(alert)), N_("Taken back: alert {alert} is as it was"), back)

    return perform(request, act)


@router.post("/assess")
def assess(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Id,
    *,
    verdict: Annotated[Verdict, Form()],
    why: Words = "",
    version: Version = None,
    back: Words = "",
    shown: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Say what it was."""

    def act() -> Done:
        at = moment(shown)
        judged = triage.assess(desk, actor, AlertId(alert), verdict=verdict, why=why, version=version, shown=at)
        if is_planted(judged):
            return _done(judged, N_("Alert {alert} was a planted test. Look at what it was"), f"/alerts/{alert}")
        return _done(judged, VERDICT_SAID[verdict], back, undoable=True)

    return perform(request, act)


VERDICT_SAID: dict[Verdict, str] = {
    Verdict.CONFIRMED: N_("Alert {alert}: confirmed"),
    Verdict.FALSE_ALARM: N_("Alert {alert}: false alarm"),
    Verdict.BENIGN: N_("Alert {alert}: benign"),
    Verdict.EXERCISE: N_("Alert {alert}: exercise"),
    Verdict.NOT_ENOUGH_INFORMATION: N_("Alert {alert}: not enough information"),
}


@router.post("/shelve")
def shelve(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Id,
    *,
    minutes: Annotated[int, Form(ge=1, le=10_080)],
    why: Words = "",
    version: Version = None,
    back: Words = "",
) -> Response:
    """Put it aside for so many minutes."""

    def act() -> Done:
        until = desk.clock.now() + minutes * MINUTE
        aside = triage.shelve(desk, actor, AlertId(alert), until=until, why=why, version=version)
        return _done(aside, N_("Alert {alert} is shelved; it comes back by itself"), back, undoable=True)

    return perform(request, act)


@router.post("/offer")
def offer(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Id,
    *,
    to: Annotated[str, Form(max_length=100)],
    why: Words = "",
    version: Version = None,
    back: Words = "",
) -> Response:
    """Ask somebody to take it."""

    def act() -> Done:
        offered = triage.offer(desk, actor, AlertId(alert), to=to, why=why, version=version)
        return _done(offered, N_("{to} was asked; alert {alert} stays yours until they accept"), back, undoable=True)

    return perform(request, act)


@router.post("/accept")
def accept(
    request: Request, desk: TheDesk, actor: Person, alert: Id, version: Version = None, back: Words = ""
) -> Response:
    """Take what was handed on."""

    def act() -> Done:
        taken = triage.accept(desk, actor, AlertId(alert), version=version)
        return _done(taken, N_("You have alert {alert}"), back, undoable=True)

    return perform(request, act)


@router.post("/decline")
def decline(request: Request, desk: TheDesk, actor: Person, alert: Id, why: Words = "", back: Words = "") -> Response:
    """Leave it with its owner."""

    def act() -> Done:
        declined = triage.decline(desk, actor, AlertId(alert), why=why)
        return _done(declined, N_("Alert {alert} stays with {owner}"), back)

    return perform(request, act)


@router.post("/close")
def close(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Id,
    *,
    why: Words = "",
    version: Version = None,
    back: Words = "",
) -> Response:
    """Be done with it."""

    def act() -> Done:
        closed = triage.close(desk, actor, AlertId(alert), why=why, version=version)
        return _done(closed, N_("Alert {alert} is closed"), back, undoable=True)

    return perform(request, act)


@router.post("/reopen")
def reopen(request: Request, desk: TheDesk, actor: Person, alert: Id, why: Words = "", back: Words = "") -> Response:
    """Take a closed one up again."""

    def act() -> Done:
        return _done(triage.reopen(desk, actor, AlertId(alert), why=why), N_("Alert {alert} is open again"), back)

    return perform(request, act)


@router.post("/incident")
def incident(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Id,
    *,
    title: Words = "",
    joins: Annotated[str, Form(max_length=20)] = "",
    type_: Annotated[str, Form(alias="type", max_length=40)] = "",
) -> Response:
    """Open an incident from it, of the type chosen or suggested, or join it to one that is open."""

    def act() -> Done:
        found = (
            incidents.join(desk, actor, _number(joins), AlertId(alert))
            if joins
            else _open(desk, actor, title, AlertId(alert), type_)
        )
        address = f"/incidents/{found.id}"
        said = Phrase(template="Alert {alert} is in incident {incident}", values={"alert": alert, "incident": found.id})
        return Done(said=said, back=address, go=address)

    return perform(request, act)


def _open(desk: Desk, actor: Person, title: str, alert: AlertId, type_: str) -> Incident:
    """Open an incident; its type is the one chosen, or the one the alert speaks for."""
    if type_ == SUGGESTED:
        now = suggest_type(desk, actor, alert)
        type_ = now.type.slug if now else ""
    return incidents.open_incident(desk, actor, title, [alert], type_=type_)


def _number(text: str) -> IncidentId:
    """Read the number of an incident; raises `Malformed`."""
    if not (text.isascii() and text.isdecimal()):
        raise Malformed(
            f"{text!r} is no incident",
            value=text,
            limit="the number of an open incident",
            remedy="choose from the list",
        )
    return IncidentId(int(text))
