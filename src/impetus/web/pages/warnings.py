"""Public warnings: composer with a preview of phones, release by two, update and cancel, and others' warnings read in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response

from impetus.core.actor import Actor
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.ids import IncidentId
from impetus.core.text import Phrase
from impetus.core.warning import (
    Area,
    Category,
    MessageType,
    PublicWarning,
    Status,
    WarningContent,
    WarningState,
    Wording,
)
from impetus.core.warning import Response as ResponseType
from impetus.desk import feeds, gate_reading, warnings
from impetus.desk.context import Desk
from impetus.ethics.guard import Operation, may
from impetus.processes import cap
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person
from impetus.web.warning_form import Composed, circle_text, content_of, corners_text

LARGEST_ID = 2**63 - 1
MOST_MINUTES = 24 * 60
FIRST_MINUTES = 60
ASK_MINUTES = 30
EMPTY = Wording(language="", event="", headline="", description="")

router = APIRouter(prefix="/warnings")
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Version = Annotated[int, Form(ge=0, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]
Many = Annotated[list[str] | None, Form()]


def composed(  # noqa: PLR0913 - the composer's form has this many fields
    *,
    category: Annotated[Category, Form()] = Category.SAFETY,
    severity: Annotated[Severity, Form()] = Severity.SEVERE,
    urgency: Annotated[Urgency, Form()] = Urgency.IMMEDIATE,
    certainty: Annotated[Certainty, Form()] = Certainty.LIKELY,
    response: Annotated[ResponseType, Form()] = ResponseType.SHELTER,
    minutes: Annotated[int, Form(ge=1, le=MOST_MINUTES)] = FIRST_MINUTES,
    area: Words = "",
    polygon: Annotated[str, Form(max_length=20_000)] = "",
    circle: Words = "",
    language: Many = None,
    event: Many = None,
    headline: Many = None,
    description: Many = None,
    instruction: Many = None,
    contact: Words = "",
    web: Words = "",
) -> Composed:
    """Return the composer's form."""
    return Composed(
        category=category,
        severity=severity,
        urgency=urgency,
        certainty=certainty,
        response=response,
        minutes=minutes,
        area=area,
        polygon=polygon,
        circle=circle,
        languages=language or (),
        events=event or (),
        headlines=headline or (),
        descriptions=description or (),
        instructions=instruction or (),
        contact=contact,
        web=web,
    )


Composition = Annotated[Composed, Depends(composed)]


@router.get("")
def show_warnings(
    request: Request, desk: TheDesk, settings: TheSettings, actor: Person,
    incident: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:  # fmt: skip
    """Return the warnings drafted and sent, and those of other authorities."""
    return page(
        request,
        "warnings.html",
        actor=actor,
        warnings=warnings.warnings(desk, actor),
        read_in=feeds.read_in(desk, actor, 50),
        incident=incident,
        statuses=[Status.EXERCISE, Status.TEST]
        if settings.is_exercise
        else [Status.EXERCISE, Status.TEST, Status.ACTUAL],
        may_draft=may(actor, Operation.WARNINGS_DRAFT),
    )


@router.post("")
def draft(
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    status: Annotated[Status, Form()],
    incident: Annotated[int, Form(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """Begin a draft and go to its composer."""

    def act() -> Done:
        wording = Wording(language=settings.language, event="", headline="", description="")
        content = WarningContent(
            category=Category.SAFETY,
            severity=Severity.SEVERE,
            urgency=Urgency.IMMEDIATE,
            certainty=Certainty.LIKELY,
            response=ResponseType.SHELTER,
            wordings=(wording,),
            area=Area(description=""),
            expires=desk.clock.now() + timedelta(minutes=FIRST_MINUTES),
        )
        made = warnings.draft(desk, actor, content, status=status, incident=IncidentId(incident) if incident else None)
        return _went(made, N_("Drafted; nobody is asked yet"))

    return perform(request, act)


@router.get("/{warning}")
def show_warning(request: Request, desk: TheDesk, actor: Person, warning: Id) -> Response:
    """Return one warning: the composer while it is a draft, what was sent once it is out."""
    return _page(request, desk, actor, warning, "warning.html")


@router.get("/{warning}/now")
def warning_now(request: Request, desk: TheDesk, actor: Person, warning: Id) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _page(request, desk, actor, warning, "warning_now.html")


@router.post("/{warning}/preview")
def preview(request: Request, desk: TheDesk, actor: Person, warning: Id, form: Composition) -> Response:
    """Return how phones would show what is typed, without storing it."""
    view = warnings.warning_view(desk, actor, warning)
    content = content_of(form, desk.clock.now())
    return page(
        request,
        "_warning_phones.html",
        actor=actor,
        view=view,
        previews=[cap.preview(each) for each in content.wordings],
        hints={each.language: cap.hints(each) for each in content.wordings},
        faults=(),
    )


@router.post("/{warning}/save")
def save(request: Request, desk: TheDesk, actor: Person, warning: Id, form: Composition, version: Version) -> Response:
    """Keep the draft."""

    def act() -> PublicWarning:
        return warnings.change(desk, actor, warning, content_of(form, desk.clock.now()), version=version)

    return _answer(request, act, N_("Kept; nobody is asked yet"))


@router.post("/{warning}/propose")
def propose(  # noqa: PLR0913 - the request, who asks, what about, and the form
    request: Request,
    desk: TheDesk,
    actor: Person,
    warning: Id,
    *,
    version: Version,
    why: Words = "",
    minutes: Annotated[int, Form(ge=1, le=120)] = ASK_MINUTES,
) -> Response:
    """Ask two people to release exactly this."""

    def act() -> PublicWarning:
        return warnings.propose(desk, actor, warning, version=version, why=why, lasts=timedelta(minutes=minutes))

    return _answer(request, act, N_("Two people are asked to release it"))


@router.post("/{warning}/discard")
def discard(request: Request, desk: TheDesk, actor: Person, warning: Id, version: Version, why: Words = "") -> Response:
    """Put a draft away."""
    return _answer(
        request, lambda: warnings.discard(desk, actor, warning, version=version, why=why), N_("The draft is put away")
    )


@router.post("/{warning}/update")
def update(request: Request, desk: TheDesk, actor: Person, warning: Id) -> Response:
    """Draft an update."""
    return _answer(
        request, lambda: warnings.update(desk, actor, warning), N_("An update is drafted; nobody is asked yet")
    )


@router.post("/{warning}/cancel")
def cancel(request: Request, desk: TheDesk, actor: Person, warning: Id) -> Response:
    """Draft the cancellation."""
    return _answer(
        request, lambda: warnings.cancel(desk, actor, warning), N_("A cancellation is drafted; nobody is asked yet")
    )


@router.get("/{warning}/cap.xml")
def document(desk: TheDesk, actor: Person, warning: Id) -> Response:
    """Return the CAP document, as it was handed over or as it would be now."""
    view = warnings.warning_view(desk, actor, warning)
    name = f'attachment; filename="{view.warning.identifier}.cap.xml"'
    return Response(view.xml, media_type="application/cap+xml", headers={"content-disposition": name})


def _answer(request: Request, act: Callable[[], PublicWarning], said: str) -> Response:
    return perform(request, lambda: _went(act(), said))


def _went(warning: PublicWarning, said: str) -> Done:
    """Say what was done, and go to the warning's own page."""
    where = f"/warnings/{warning.id}"
    return Done(said=Phrase(template=said), back=where, go=where)


def _page(request: Request, desk: Desk, actor: Actor, warning_id: int, template: str) -> Response:
    view = warnings.warning_view(desk, actor, warning_id)
    content = view.warning.content
    may_draft = may(actor, Operation.WARNINGS_DRAFT)
    is_draft = view.warning.state in (WarningState.DRAFT, WarningState.FAILED)
    is_out = view.warning.state in (WarningState.RELEASED, WarningState.UNKNOWN)
    has_later = any(each.id > view.warning.id and each.state is not WarningState.DISCARDED for each in view.chain)
    minutes = max(1, round((content.expires - desk.clock.now()).total_seconds() / 60))
    return page(
        request,
        template,
        actor=actor,
        view=view,
        proposal=gate_reading.proposal(desk, actor, view.action.id) if view.action else None,
        previews=view.previews,
        hints=view.hints,
        faults=view.faults,
        wordings=(*content.wordings, EMPTY),
        minutes=minutes if minutes > 1 else FIRST_MINUTES,
        polygon=corners_text(content.area),
        circle=circle_text(content.area),
        choices={
            "category": list(Category),
            "severity": list(Severity),
            "urgency": list(Urgency),
            "certainty": list(Certainty),
            "response": list(ResponseType),
        },
        is_draft=is_draft and may_draft,
        may_follow=is_out and may_draft and not has_later and view.warning.type is not MessageType.CANCEL,
        may_ask=may_draft and view.warning.state in (WarningState.DRAFT, WarningState.FAILED, WarningState.UNKNOWN),
    )
