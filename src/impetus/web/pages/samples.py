"""Second samples by hand: what was asked for, who has it, the chain of custody, and what the laboratory found."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response

from impetus.core.custody import FieldSample, LabOutcome, SampleEvent, SampleState, SealState
from impetus.core.ids import AlertId, IncidentId, ThingKey
from impetus.core.text import Phrase
from impetus.desk import custody
from impetus.desk.custody import Found, Wanted
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.event_words import incident_words
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
STATES = {
    SampleState.ASKED: N_("asked for"),
    SampleState.TAKEN: N_("taken, under way"),
    SampleState.RECEIVED: N_("in the laboratory"),
    SampleState.REPORTED: N_("result is in"),
    SampleState.CALLED_OFF: N_("called off"),
    SampleState.LOST: N_("lost"),
}
SEVERITIES = {
    SampleState.ASKED: "moderate",
    SampleState.TAKEN: "minor",
    SampleState.RECEIVED: "minor",
    SampleState.REPORTED: "normal",
    SampleState.CALLED_OFF: "unknown",
    SampleState.LOST: "severe",
}
OUTCOMES = {
    LabOutcome.USUAL: N_("within what is usual"),
    LabOutcome.RAISED: N_("above what is usual"),
    LabOutcome.UNCLEAR: N_("cannot tell"),
}
SEALS = {SealState.WHOLE: N_("whole"), SealState.BROKEN: N_("broken"), SealState.UNKNOWN: N_("not looked at")}

router = APIRouter(prefix="/samples")
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]
Line = Annotated[str, Form(max_length=200)]
Act = Callable[[], FieldSample]


@router.get("")
def show_samples(
    request: Request, desk: TheDesk, actor: Person, incident: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0
) -> Response:
    """Return samples, newest first."""
    case = IncidentId(incident) if incident else None
    found = custody.samples(desk, actor, incident=case)
    now = desk.clock.now()
    return page(
        request,
        "samples.html",
        actor=actor,
        samples=found,
        late={each.id for each in found if each.is_late(now)},
        incident=incident,
        **_words(),
    )


@router.post("")
def ask(  # noqa: PLR0913 - the form has this many fields
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    sampler: Line,
    why: Words = "",
    minutes: Annotated[int, Form(ge=1, le=custody.MOST_MINUTES)] = 30,
    incident: Annotated[int, Form(ge=0, le=LARGEST_ID)] = 0,
    alert: Annotated[int, Form(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """Ask for a second sample and go to its page."""
    wanted = Wanted(
        sampler=ThingKey(sampler),
        why=why,
        minutes=minutes,
        incident=IncidentId(incident) if incident else None,
        alert=AlertId(alert) if alert else None,
    )
    return _answer(request, lambda: custody.ask(desk, actor, wanted), N_("Asked for; nobody has taken it yet"))


@router.get("/{sample}")
def show_sample(request: Request, desk: TheDesk, actor: Person, sample: Id) -> Response:
    """Return one sample with its chain of custody."""
    view = custody.sample_view(desk, actor, sample)
    return page(
        request,
        "sample.html",
        actor=actor,
        view=view,
        sample=view.sample,
        events=SampleEvent,
        may_tell=SampleEvent.TELL in view.may_do,
        entry_words=lambda event: incident_words(f"sample.{event}"),
        **_words(),
    )


@router.post("/{sample}/take")
def take(  # noqa: PLR0913 - the form has this many fields
    request: Request, desk: TheDesk, actor: Person, sample: Id, *, seal: Line = "", holder: Line = "", place: Line = ""
) -> Response:
    """Write down that it was taken."""
    return _answer(
        request,
        lambda: custody.take(desk, actor, sample, seal=seal, holder=holder, place=place),
        N_("Written down: taken and sealed"),
    )


@router.post("/{sample}/hand_on")
def hand_on(
    request: Request, desk: TheDesk, actor: Person, sample: Id, *, holder: Line = "", place: Line = ""
) -> Response:
    """Write down who has it now."""
    return _answer(
        request,
        lambda: custody.hand_on(desk, actor, sample, holder=holder, place=place),
        N_("Written down: handed on"),
    )


@router.post("/{sample}/receive")
def receive(  # noqa: PLR0913 - the form has this many fields
    request: Request,
    desk: TheDesk,
    actor: Person,
    sample: Id,
    *,
    seal_state: Annotated[SealState, Form()] = SealState.UNKNOWN,
    holder: Line = "",
    place: Line = "",
) -> Response:
    """Write down that a laboratory has it."""
    return _answer(
        request,
        lambda: custody.receive(desk, actor, sample, holder=holder, place=place, seal_state=seal_state),
        N_("Written down: the laboratory has it"),
    )


@router.post("/{sample}/report")
def report(  # noqa: PLR0913 - the form has this many fields
    request: Request,
    desk: TheDesk,
    actor: Person,
    sample: Id,
    *,
    outcome: Annotated[LabOutcome, Form()],
    reference: Line = "",
    measured: Annotated[float | None, Form()] = None,
    text: Words = "",
) -> Response:
    """Write down what the laboratory says."""
    said = Found(outcome=outcome, reference=reference, measured=measured, text=text)
    return _answer(request, lambda: custody.report(desk, actor, sample, said), N_("Written down: the result"))


@router.post("/{sample}/tell")
def tell(request: Request, desk: TheDesk, actor: Person, sample: Id) -> Response:
    """Call public health on duty."""
    return _answer(request, lambda: custody.tell(desk, actor, sample), N_("Public health on duty is called"))


@router.post("/{sample}/call_off")
def call_off(request: Request, desk: TheDesk, actor: Person, sample: Id, why: Words = "") -> Response:
    """Call it off."""
    return _answer(request, lambda: custody.call_off(desk, actor, sample, why=why), N_("Called off"))


@router.post("/{sample}/lose")
def lose(request: Request, desk: TheDesk, actor: Person, sample: Id, why: Words = "") -> Response:
    """Say that it is lost."""
    return _answer(request, lambda: custody.lose(desk, actor, sample, why=why), N_("Written down: lost"))


def _answer(request: Request, act: Act, said: str) -> Response:
    """Do it, say so, and go to the sample's page."""

    def done() -> Done:
        where = f"/samples/{act().id}"
        return Done(said=Phrase(template=said), back=where, go=where)

    return perform(request, done)


def _words() -> dict[str, Any]:
    """Return what the templates of these pages say with."""
    return {
        "states": STATES,
        "severities": SEVERITIES,
        "outcomes": OUTCOMES,
        "seals": SEALS,
        "asks_public_health": custody.PUBLIC_HEALTH,
    }
