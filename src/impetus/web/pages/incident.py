"""The incident page: what people work on, together, with everything that was said and decided."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response

from impetus.core.action import CLASS_RULES, KIND_RULES, ActionKind
from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import Incident, IncidentEvent
from impetus.core.text import Phrase
from impetus.desk import decide as deciding
from impetus.desk import effect_reading, gate_reading, incidents, read
from impetus.desk.connected import is_connected
from impetus.desk.context import Desk
from impetus.desk.decision_log import Judged
from impetus.desk.needs import needs
from impetus.desk.run_reading import run_view
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.beside import beside
from impetus.web.cards import cards, keep_placed, memory_of
from impetus.web.context import TheDesk, TheSettings, settings_of
from impetus.web.kept import keep
from impetus.web.media_panel import panel_of
from impetus.web.names import N_, name_of
from impetus.web.pages import bar
from impetus.web.pages.gates import proposable
from impetus.web.render import is_fragment, page
from impetus.web.run_shown import run_shown
from impetus.web.session import Person
from impetus.web.shown import moment
from impetus.web.situation_shown import situation_shown

LARGEST_ID = 2**63 - 1
LARGEST_ID_DIGITS = 19
OPTION_FIELDS = 4
REVIEW_DIGITS = 5
LINES = 50
"""Lines of the timeline a page opens with; older ones are asked for. House rule: three screens of them."""

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Version = Annotated[int | None, Form(ge=0)]
Words = Annotated[str, Form()]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get("/incidents/{incident}")
def incident(request: Request, desk: TheDesk, settings: TheSettings, actor: Person, incident: Id) -> Response:
    """Return the incident's page."""
    return _answer(request, desk, actor, incident, "incident.html", basemap=bool(settings.basemap))


@router.get("/incidents/{incident}/now")
def incident_now(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _answer(request, desk, actor, incident, "incident_now.html")


@router.get("/incidents/{incident}/timeline")
def timeline(request: Request, desk: TheDesk, actor: Person, incident: Id, after: Cursor = None) -> Response:
    """Return one page of older lines: a part for the incident's page, a page of its own for browsers without scripts."""
    view = read.incident(desk, actor, IncidentId(incident), lines=1)
    told = read.timeline(desk, actor, IncidentId(incident), after=after, limit=LINES)
    part = "incident_timeline_part.html" if is_fragment(request) else "incident_timeline.html"
    return page(request, part, actor=actor, incident=view.incident, entries=told.items, older=told.next)


def _answer(
    request: Request, desk: Desk, actor: Actor, incident_id: int, template: str, *, basemap: bool = False
) -> Response:
    view = read.incident(desk, actor, IncidentId(incident_id), lines=LINES)
    led = run_view(desk, actor, view.incident.id)
    memory, situation = memory_of(request), situation_shown(desk, actor, view.incident.id)
    keep_placed(desk, actor, settings_of(request).place_file, memory)
    return page(
        request,
        template,
        actor=actor,
        headers=keep(actor) if template == "incident.html" else {},
        basemap=basemap,
        view=view,
        incident=view.incident,
        cards=cards(desk, actor, view.alerts, memory),
        option_fields=OPTION_FIELDS,
        proposals=gate_reading.proposals_of(desk, actor, view.incident.id),
        proposable=_proposable(desk, actor, view.may),
        composer=is_connected(desk, ActionKind.PUBLIC_WARNING),
        devices=effect_reading.devices(desk, actor) if is_connected(desk, ActionKind.CITY_SYSTEM) else (),
        colleagues=read.colleagues(desk, actor, Operation.INCIDENTS_WRITE),
        media=panel_of(desk, actor, view.incident),
        tool_name=name_of,
        run=None if led is None else run_shown(led),
        may_lead=may(actor, Operation.RUNS_WORK),
        **situation,
        beside=beside(desk, actor, view.incident, view.entries, situation["shared"]),
        bar=bar.bar_of(needs(desk, actor)),
    )


def _proposable(desk: Desk, actor: Actor, allowed: frozenset[str]) -> tuple[tuple[str, str, int, int], ...]:
    """Return what the actor may propose here: kind, class, people it takes, longest minutes; nothing once it is over."""
    if IncidentEvent.DECIDE not in allowed:
        return ()
    rules = [(kind, KIND_RULES[kind].action_class) for kind in proposable(desk, actor)]
    return tuple(
        (kind.value, letter.value, CLASS_RULES[letter].persons, int(CLASS_RULES[letter].longest.total_seconds() // 60))
        for kind, letter in rules
    )


def _done(incident: Incident, template: str, *, undo: str | None = None) -> Done:
    values: dict[str, str | int | float] = {
        "incident": incident.id,
        "to": incident.offered_to or "",
        "owner": incident.owner,
    }
    return Done(said=Phrase(template=template, values=values), back=f"/incidents/{incident.id}", undo=undo)


@router.post("/incidents/{incident}/note")
def note(  # noqa: PLR0913 - a note written without the server brings its key and time
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    text: Words = "",
    key: Words = "",
    written: Words = "",
) -> Response:
    """Write a line into the timeline; one that waited for the line brings a key, and stands once however often it comes."""
    case = IncidentId(incident)
    return perform(
        request,
        lambda: _done(incidents.note(desk, actor, case, text, key=key, written_at=moment(written)), N_("Noted")),
    )


@router.post("/incidents/{incident}/leave/{alert}")
def leave(request: Request, desk: TheDesk, actor: Person, incident: Id, alert: Id, why: Words = "") -> Response:
    """Take an alert out; the way back is to join it again."""

    def act() -> Done:
        left = incidents.leave(desk, actor, IncidentId(incident), AlertId(alert), why=why)
        back = f"/incidents/{incident}/join/{alert}"
        return _done(left, N_("The alert was taken out of incident {incident}"), undo=back)

    return perform(request, act)


@router.post("/incidents/{incident}/join/{alert}")
def join(request: Request, desk: TheDesk, actor: Person, incident: Id, alert: Id, why: Words = "") -> Response:
    """Join an alert."""

    def act() -> Done:
        joined = incidents.join(desk, actor, IncidentId(incident), AlertId(alert), why=why)
        return _done(joined, N_("The alert is in incident {incident}"), undo=f"/incidents/{incident}/leave/{alert}")

    return perform(request, act)


def judged_of(
    desk: TheDesk,
    *,
    risks: Words = "",
    powers: Words = "",
    assumptions: Words = "",
    with_whom: Words = "",
    review_min: Words = "",
) -> Judged:
    """Return what a decision rests on, as the form says it; minutes that are none ask for no review but a refusal later."""
    minutes = review_min.strip()
    is_number = minutes.isascii() and minutes.isdecimal() and len(minutes) <= REVIEW_DIGITS
    wait = timedelta(minutes=int(minutes) if is_number else 0)
    return Judged(
        risks=risks,
        powers=powers,
        assumptions=assumptions,
        with_whom=[name for name in map(str.strip, with_whom.split(",")) if name],
        review_at=desk.clock.now() + wait if minutes else None,
    )


@router.post("/incidents/{incident}/decide")
def decide(  # noqa: PLR0913 - a decision has this many parts
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    seen: Words = "",
    option: Annotated[list[str] | None, Form()] = None,
    choice: Annotated[int | None, Form(ge=0, le=OPTION_FIELDS)] = None,
    reason: Words = "",
    corrects: Words = "",
    judged: Annotated[Judged, Depends(judged_of)],
) -> Response:
    """Record a decision for good."""

    def act() -> Done:
        options = [*(option or []), *([""] * OPTION_FIELDS)][:OPTION_FIELDS]
        options += [deciding.NOT_ENOUGH] if choice == OPTION_FIELDS else []
        deciding.decide(
            desk,
            actor,
            IncidentId(incident),
            seen=seen,
            options=[text for text in options if text.strip()],
            choice="" if choice is None else options[choice].strip(),
            reason=reason,
            corrects=_corrected(corrects),
            judged=judged,
        )
        return Done(said=Phrase(template="The decision is recorded"), back=f"/incidents/{incident}")

    return perform(request, act)


def _corrected(text: str) -> int | None:
    """Read the number of the decision that is corrected, None when none is; raises `Malformed`."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= LARGEST_ID_DIGITS):
        raise Malformed(
            f"{text[:LARGEST_ID_DIGITS]!r} is no decision",
            value=text,
            limit="the number of a decision of this incident",
            remedy="choose from the list",
        )
    return int(text)


@router.post("/incidents/{incident}/offer")
def offer(
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    to: Annotated[str, Form(max_length=100)],
    why: Words = "",
) -> Response:
    """Ask somebody to take it."""

    def act() -> Done:
        offered = incidents.offer(desk, actor, IncidentId(incident), to=to, why=why)
        return _done(offered, N_("{to} was asked; the incident stays yours until they accept"))

    return perform(request, act)


@router.post("/incidents/{incident}/accept")
def accept(request: Request, desk: TheDesk, actor: Person, incident: Id, version: Version = None) -> Response:
    """Take what was handed on."""
    return perform(
        request,
        lambda: _done(
            incidents.accept(desk, actor, IncidentId(incident), version=version), N_("You have incident {incident}")
        ),
    )


@router.post("/incidents/{incident}/decline")
def decline(request: Request, desk: TheDesk, actor: Person, incident: Id, why: Words = "") -> Response:
    """Leave it with its owner, or take an offer back."""
    return perform(
        request,
        lambda: _done(incidents.decline(desk, actor, IncidentId(incident), why=why), N_("It stays with {owner}")),
    )


@router.post("/incidents/{incident}/close")
def close(
    request: Request, desk: TheDesk, actor: Person, incident: Id, outcome: Words = "", version: Version = None
) -> Response:
    """End it, with its outcome."""

    def act() -> Done:
        closed = incidents.close(desk, actor, IncidentId(incident), outcome=outcome, version=version)
        return _done(closed, N_("Incident {incident} is closed"))

    return perform(request, act)


@router.post("/incidents/{incident}/reopen")
def reopen(request: Request, desk: TheDesk, actor: Person, incident: Id, why: Words = "") -> Response:
    """Take a closed one up again."""
    return perform(
        request,
        lambda: _done(
            incidents.reopen(desk, actor, IncidentId(incident), why=why), N_("Incident {incident} is open again")
        ),
    )
