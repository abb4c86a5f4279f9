"""Who is on call: who has it now in large, the weeks as a picture, stand-ins, escalations, and notices with their state."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Path, Query, Request, Response

from impetus.core.call import PlanKind
from impetus.core.errors import Malformed
from impetus.core.finding import Severity
from impetus.core.ids import NoticeId
from impetus.core.text import Phrase
from impetus.desk import notice_reading, notices, on_call_desk
from impetus.desk.channel_health import channels_view
from impetus.ethics.guard import Operation, may
from impetus.processes.call_plan import Escalation
from impetus.processes.on_call import EscalationStep, Override, Rotation
from impetus.web.acts import Done, perform
from impetus.web.calls_picture import monday_of, weeks_of
from impetus.web.context import TheDesk, TheSettings
from impetus.web.kept import keep
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

WEEKS = 5
LARGEST_ID = 2**63 - 1
MOST_STEPS = 10
router = APIRouter()
Word = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=4000)]
Version = Annotated[int, Form(ge=0, le=LARGEST_ID)]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Name = Annotated[str, Path(max_length=60)]


@router.get("/on-call")
def show_on_call(
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    rotation: Annotated[str, Query(max_length=60)] = "",
    escalation: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Show who is on call; with `rotation` or `escalation`, that one in its form."""
    zone, now = ZoneInfo(settings.timezone), desk.clock.now()
    since = monday_of(now, zone)
    calendar = on_call_desk.calendar(desk, actor, since=since, weeks=WEEKS)
    return page(
        request,
        "on_call.html",
        actor=actor,
        headers={} if rotation or escalation else keep(actor),
        calendar=calendar,
        pictures=[(view, weeks_of(view, since, WEEKS, zone, now)) for view in calendar.rotations],
        mine=notice_reading.asked_of_me(desk, actor),
        sent=notice_reading.notices_view(desk, actor),
        channels=channels_view(desk, actor),
        people=on_call_desk.people(desk, actor),
        edited=next((view for view in calendar.rotations if view.rotation.name == rotation), None),
        edited_escalation=next((one for one in calendar.escalations if one[0].name == escalation), None),
        may_manage=may(actor, Operation.CALLS_MANAGE),
        severities=list(Severity)[:4],
        steps_text=steps_text,
        zone=settings.timezone,
    )


@router.post("/on-call/rotations")
def save_rotation(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    rotation: Word,
    people: Words,
    begins: Word,
    days: Annotated[int, Form(ge=1, le=366)],
    handover: Word,
    zone: Word,
    version: Version = 0,
) -> Response:
    """Save a rotation, new or changed."""

    def act() -> Done:
        names = tuple(name.strip() for name in people.replace("\n", ",").split(",") if name.strip())
        made = Rotation(
            name=rotation, people=names, begins=_day(begins), days=days, handover=_clock(handover), zone=zone
        )
        on_call_desk.save_rotation(desk, actor, made, version=version)
        return Done(said=_said(N_("The rotation {name} is saved"), rotation), back="/on-call")

    return perform(request, act)


@router.post("/on-call/escalations")
def save_escalation(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    escalation: Word,
    steps: Words,
    alerts_from: Word = "",
    untaken_minutes: Annotated[int, Form(ge=1, le=240)] = 5,
    version: Version = 0,
) -> Response:
    """Save an escalation, new or changed; each line of `steps` is one step."""

    def act() -> Done:
        made = Escalation(
            name=escalation,
            steps=read_steps_text(steps),
            alerts_from=Severity(alerts_from) if alerts_from in set(Severity) else None,
            untaken=timedelta(minutes=untaken_minutes),
        )
        on_call_desk.save_escalation(desk, actor, made, version=version)
        return Done(said=_said(N_("The escalation {name} is saved"), escalation), back="/on-call")

    return perform(request, act)


@router.post("/on-call/{kind}/{name}/end")
def end_plan(request: Request, desk: TheDesk, actor: Person, kind: PlanKind, name: Name, version: Version) -> Response:
    """End a rotation or an escalation."""

    def act() -> Done:
        on_call_desk.retire(desk, actor, kind, name, version=version)
        return Done(said=_said(N_("{name} is ended; nobody is asked by it any more"), name), back="/on-call")

    return perform(request, act)


@router.post("/on-call/stand-ins")
def stand_in(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    for_rotation: Word,
    person: Word,
    stands_from: Word,
    stands_until: Word,
    why: Words,
) -> Response:
    """Put somebody in another's place for a while."""

    def act() -> Done:
        zone = ZoneInfo(settings.timezone)
        override = Override(
            rotation=for_rotation,
            person=person,
            begins=_moment(stands_from, zone),
            ends=_moment(stands_until, zone),
            why=why,
        )
        on_call_desk.stand_in(desk, actor, override)
        return Done(said=_said(N_("{name} stands in"), person), back="/on-call")

    return perform(request, act)


@router.post("/on-call/stand-ins/{number}/cancel")
def cancel_stand_in(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Take a stand-in back."""

    def act() -> Done:
        cancelled = on_call_desk.cancel_stand_in(desk, actor, number)
        return Done(said=_said(N_("{name} stands in no more"), cancelled.person), back="/on-call")

    return perform(request, act)


@router.post("/on-call/notices/{number}/acknowledge")
def acknowledge(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Say that one has it."""

    def act() -> Done:
        notices.acknowledge(desk, actor, NoticeId(number))
        return Done(said=Phrase(template=N_("You have it")), back="/on-call")

    return perform(request, act)


@router.post("/on-call/notices/{number}/call-off")
def call_off(request: Request, desk: TheDesk, actor: Person, number: Id, why: Words = "") -> Response:
    """Stop asking."""

    def act() -> Done:
        notices.call_off(desk, actor, NoticeId(number), why=why)
        return Done(
            said=Phrase(template=N_("Nobody else is asked; what was sent cannot be taken back")), back="/on-call"
        )

    return perform(request, act)


def read_steps_text(text: str) -> tuple[EscalationStep, ...]:
    """Return the steps of a text, one a line: `rotation:duty, Supervisor 1 | 5`, whom it asks and how many minutes it waits."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS:
        raise Malformed(f"{len(lines)} steps", value=len(lines), limit=MOST_STEPS, remedy="ask in fewer steps")
    steps = []
    for number, line in enumerate(lines, start=1):
        asks, _, minutes = line.rpartition("|")
        names = tuple(name.strip() for name in asks.split(",") if name.strip())
        if not minutes.strip().isdecimal() or len(minutes.strip()) > 3 or not names:  # noqa: PLR2004 - more digits are no minutes
            raise Malformed(
                f"line {number}: {line[:80]}",
                value=line[:80],
                limit="whom it asks | minutes it waits",
                remedy="write for instance: rotation:duty, Supervisor 1 | 5",
            )
        steps.append(EscalationStep(asks=names, wait=timedelta(minutes=int(minutes))))
    return tuple(steps)


def steps_text(escalation: Escalation) -> str:
    """Return an escalation's steps as the form takes them."""
    return "\n".join(f"{', '.join(step.asks)} | {int(step.wait.total_seconds() // 60)}" for step in escalation.steps)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(
            f"{text[:40]!r} is no day", value=text[:40], limit="2026-03-16", remedy="choose a day"
        ) from error


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise Malformed(
            f"{text[:40]!r} is no time", value=text[:40], limit="07:00", remedy="write hours and minutes"
        ) from error


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Return a moment of the site's wall clock; one that comes twice is the first."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(
            f"{text[:40]!r} is no time", value=text[:40], limit="2026-03-16T07:00", remedy="choose day and time"
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _said(template: str, name: str) -> Phrase:
    return Phrase(template=template, values={"name": name})
