"""What a person may do through the API: act on alerts and incidents, each act on the version that was seen.

A change carries the session's `X-CSRF-Token`. The version comes as `If-Match` or as `version` in the body; when
somebody acted before, the answer is 409 and says who.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from impetus.core.actor import Actor
from impetus.core.alert import Alert, Verdict
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import Incident
from impetus.desk import decide, incidents, triage
from impetus.desk.context import Desk
from impetus.desk.decision_log import Judged
from impetus.web.api_routes import ACT, Id, etag
from impetus.web.context import TheDesk
from impetus.web.documents import (
    AlertDocument,
    DecisionDocument,
    IncidentDocument,
    alert_document,
    decision_document,
    incident_document,
)
from impetus.web.i18n import Words
from impetus.web.render import words_of
from impetus.web.session import Caller

router = APIRouter()
alert_router = APIRouter(prefix="/alerts/{alert}", tags=["alerts"], responses=ACT)
MAX_TEXT_CHARS = 2000
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Body(BaseModel):
    """Base of every act: the version that was seen, and nothing unnamed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=0, le=2**53)] | None = Field(default=None, description="the version you saw")


class WithReason(Body):
    """An act with a reason, which may be empty."""

    why: Text = ""


class Assess(WithReason):
    """What the alert was."""

    verdict: Verdict


class Shelve(Body):
    """Put aside until a time, with a reason."""

    until: AwareDatetime = Field(examples=["2026-11-22T16:00:00Z"])
    why: Text = Field(examples=["roadworks until four"])


class Offer(WithReason):
    """Ask somebody to take it."""

    to: Name


class Open(Body):
    """Open an incident from alerts."""

    title: Text
    alerts: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(min_length=1, max_length=50)
    type: Annotated[str, Field(max_length=40)] = Field(default="", description="slug of its type; empty for none yet")


class Member(WithReason):
    """Which alert joins or leaves."""

    alert: Annotated[int, Field(ge=1, le=2**63 - 1)]


class Note(Body):
    """A line for the timeline."""

    text: Text


class Close(Body):
    """How the incident ended."""

    outcome: Text


class Decide(Body):
    """A decision: what was seen, what could have been done, what was chosen and why."""

    seen: Text
    options: list[Text] = Field(min_length=2, max_length=20)
    choice: Text
    reason: Text
    corrects: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    risks: Text = ""
    powers: Text = ""
    assumptions: Text = ""
    with_whom: list[Text] = Field(default_factory=list, max_length=20)
    review_at: datetime | None = None


def seen_version(if_match: Annotated[str | None, Header(max_length=100)] = None) -> int | None:
    """Return the version of `If-Match`, None when it was left out or is `*`."""
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit()):
        raise Malformed(
            "If-Match is not a version", value=if_match, limit='a number in quotes, "3"', remedy="send back the ETag"
        )
    return int(digits)


Seen = Annotated[int | None, Depends(seen_version)]


def _version(header: int | None, body: int | None) -> int | None:
    """Return the version seen; two that differ are a mistake of the caller."""
    if header is not None and body is not None and header != body:
        raise Malformed("If-Match and version differ", value=body, limit=header, remedy="send one of them")
    return body if header is None else header


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAlert:
    """One request to act on an alert: who asks, which alert, and the version they saw."""

    desk: Desk
    actor: Actor
    alert: AlertId
    seen: int | None
    words: Words
    response: Response

    def version(self, body: Body) -> int | None:
        """Return the version seen, from header or body."""
        return _version(self.seen, body.version)

    def done(self, alert: Alert) -> AlertDocument:
        """Return the alert as it now stands."""
        self.response.headers["ETag"] = etag(alert.version)
        return alert_document(alert, self.words)


def on_alert(request: Request, response: Response, desk: TheDesk, actor: Caller, alert: Id, seen: Seen) -> OnAlert:
    """Gather what a request to act on an alert brings."""
    return OnAlert(desk=desk, actor=actor, alert=AlertId(alert), seen=seen, words=words_of(request), response=response)


ThatAlert = Annotated[OnAlert, Depends(on_alert)]


def _incident(response: Response, incident: Incident) -> IncidentDocument:
    response.headers["ETag"] = etag(incident.version)
    return incident_document(incident)


@alert_router.post("/acknowledge", summary="Acknowledge an alert")
def acknowledge_alert(on: ThatAlert, body: Body) -> AlertDocument:
    """Take an alert nobody holds."""
    return on.done(triage.acknowledge(on.desk, on.actor, on.alert, version=on.version(body)))


@alert_router.post("/undo", summary="Undo an alert")
def undo_alert(on: ThatAlert, body: WithReason) -> AlertDocument:
    """Take the last step back."""
    return on.done(triage.undo(on.desk, on.actor, on.alert, why=body.why, version=on.version(body)))


@alert_router.post("/assess", summary="Assess an alert")
def assess_alert(on: ThatAlert, body: Assess) -> AlertDocument:
    """Say what the alert was; "not enough information" is a full answer."""
    return on.done(
        triage.assess(on.desk, on.actor, on.alert, verdict=body.verdict, why=body.why, version=on.version(body))
    )


@alert_router.post("/shelve", summary="Shelve an alert")
def shelve_alert(on: ThatAlert, body: Shelve) -> AlertDocument:
    """Put an alert aside until a time at most seven days ahead."""
    return on.done(triage.shelve(on.desk, on.actor, on.alert, until=body.until, why=body.why, version=on.version(body)))


@alert_router.post("/offer", summary="Offer an alert")
def offer_alert(on: ThatAlert, body: Offer) -> AlertDocument:
    """Ask somebody to take the alert."""
    return on.done(triage.offer(on.desk, on.actor, on.alert, to=body.to, why=body.why, version=on.version(body)))


@alert_router.post("/accept", summary="Accept an alert")
def accept_alert(on: ThatAlert, body: Body) -> AlertDocument:
    """Take an alert one was asked to take."""
    return on.done(triage.accept(on.desk, on.actor, on.alert, version=on.version(body)))


@alert_router.post("/decline", summary="Decline an alert")
def decline_alert(on: ThatAlert, body: WithReason) -> AlertDocument:
    """Say no to an alert one was asked to take."""
    return on.done(triage.decline(on.desk, on.actor, on.alert, why=body.why, version=on.version(body)))


@alert_router.post("/close", summary="Close an alert")
def close_alert(on: ThatAlert, body: WithReason) -> AlertDocument:
    """Close an alert that has a verdict."""
    return on.done(triage.close(on.desk, on.actor, on.alert, why=body.why, version=on.version(body)))


@alert_router.post("/reopen", summary="Reopen an alert")
def reopen_alert(on: ThatAlert, body: WithReason) -> AlertDocument:
    """Take a closed alert up again, with a reason."""
    return on.done(triage.reopen(on.desk, on.actor, on.alert, why=body.why, version=on.version(body)))


@router.post("/incidents", tags=["incidents"], summary="Open an incident", status_code=201, responses=ACT)
def open_incident(response: Response, desk: TheDesk, actor: Caller, body: Open) -> IncidentDocument:
    """Open an incident from one or more alerts; it is the caller's."""
    return _incident(
        response,
        incidents.open_incident(desk, actor, body.title, [AlertId(alert) for alert in body.alerts], type_=body.type),
    )


@router.post("/incidents/{incident}/join", tags=["incidents"], summary="Join an alert to an incident", responses=ACT)
def join_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: Member
) -> IncidentDocument:
    """Join an alert to an open incident."""
    version = _version(seen, body.version)
    return _incident(
        response, incidents.join(desk, actor, IncidentId(incident), AlertId(body.alert), why=body.why, version=version)
    )


@router.post(
    "/incidents/{incident}/leave", tags=["incidents"], summary="Take an alert out of an incident", responses=ACT
)
def leave_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: Member
) -> IncidentDocument:
    """Take an alert out of an incident."""
    version = _version(seen, body.version)
    return _incident(
        response, incidents.leave(desk, actor, IncidentId(incident), AlertId(body.alert), why=body.why, version=version)
    )


@router.post("/incidents/{incident}/note", tags=["incidents"], summary="Note on an incident", responses=ACT)
def note_incident(response: Response, desk: TheDesk, actor: Caller, incident: Id, body: Note) -> IncidentDocument:
    """Write a line into the timeline."""
    return _incident(response, incidents.note(desk, actor, IncidentId(incident), body.text))


@router.post("/incidents/{incident}/offer", tags=["incidents"], summary="Offer an incident", responses=ACT)
def offer_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: Offer
) -> IncidentDocument:
    """Ask somebody to take the incident."""
    version = _version(seen, body.version)
    return _incident(
        response, incidents.offer(desk, actor, IncidentId(incident), to=body.to, why=body.why, version=version)
    )


@router.post("/incidents/{incident}/accept", tags=["incidents"], summary="Accept an incident", responses=ACT)
def accept_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: Body
) -> IncidentDocument:
    """Take an incident one was asked to take."""
    version = _version(seen, body.version)
    return _incident(response, incidents.accept(desk, actor, IncidentId(incident), version=version))


@router.post("/incidents/{incident}/decline", tags=["incidents"], summary="Decline an incident", responses=ACT)
def decline_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: WithReason
) -> IncidentDocument:
    """Say no, or take the question back."""
    version = _version(seen, body.version)
    return _incident(response, incidents.decline(desk, actor, IncidentId(incident), why=body.why, version=version))


@router.post("/incidents/{incident}/close", tags=["incidents"], summary="Close an incident", responses=ACT)
def close_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: Close
) -> IncidentDocument:
    """Close an incident with its outcome."""
    version = _version(seen, body.version)
    return _incident(
        response, incidents.close(desk, actor, IncidentId(incident), outcome=body.outcome, version=version)
    )


@router.post("/incidents/{incident}/reopen", tags=["incidents"], summary="Reopen an incident", responses=ACT)
def reopen_incident(
    response: Response, desk: TheDesk, actor: Caller, incident: Id, seen: Seen, body: WithReason
) -> IncidentDocument:
    """Take a closed incident up again, with a reason."""
    version = _version(seen, body.version)
    return _incident(response, incidents.reopen(desk, actor, IncidentId(incident), why=body.why, version=version))


@router.post(
    "/incidents/{incident}/decisions", tags=["incidents"], summary="Record a decision", status_code=201, responses=ACT
)
def decide_incident(desk: TheDesk, actor: Caller, incident: Id, body: Decide) -> DecisionDocument:
    """Record a decision for good; a correction names the one it replaces."""
    decision = decide.decide(
        desk,
        actor,
        IncidentId(incident),
        seen=body.seen,
        options=body.options,
        choice=body.choice,
        reason=body.reason,
        corrects=body.corrects,
        judged=Judged(
            risks=body.risks,
            powers=body.powers,
            assumptions=body.assumptions,
            with_whom=body.with_whom,
            review_at=body.review_at,
        ),
    )
    return decision_document(decision)


router.include_router(alert_router)
