"""A tool's impact assessment: questions answered one by one, statements, what is missing, the signature, and copies to take."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError, OurFault
from impetus.core.text import Phrase
from impetus.desk import assessments, register
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.register_reading import AssessmentView, assessment_view
from impetus.desk.signing import Proof
from impetus.web.acts import Done, perform, wants_json
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages.assessment_parts import grid, progress, questions
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter(prefix="/ethics/assessments/{tool}")
Tool = Annotated[str, Path(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Name = Annotated[str, Path(max_length=100)]
Text = Annotated[str, Form(max_length=20_000)]
Secret = Annotated[str, Form(max_length=1000)]
Code = Annotated[str, Form(max_length=12)]

Form_ = Literal["html", "pdf", "cnil"]
FORMS: Mapping[Form_, tuple[str, str]] = {
    "html": ("assessment.html", "text/html; charset=utf-8"),
    "pdf": ("assessment.pdf", "application/pdf"),
    "cnil": ("pia.json", "application/json"),
}
"""What each form of a copy is called, and its media type."""


@router.get("")
def show_assessment(request: Request, desk: TheDesk, actor: Person, tool: Tool) -> HTMLResponse:
    """Show a tool's assessment; `Unknown` for a tool that has none."""
    return _show(request, desk, actor, tool)


@router.post("/answers/{question}")
def answer(request: Request, desk: TheDesk, actor: Person, tool: Tool, question: Name, *, text: Text = "") -> Response:
    """Save one answer; what was typed is shown again when it is refused."""

    def act() -> Done:
        register.answer(desk, actor, tool, question, text)
        return Done(said=Phrase(template=N_("Saved")), back=f"/ethics/assessments/{tool}#q-{question}")

    return _acted(request, desk, actor, tool, act, typed={question: text})


@router.post("/statements/{claim}")
def state(  # noqa: PLR0913 - an address with two names, and a form
    request: Request,
    desk: TheDesk,
    actor: Person,
    tool: Tool,
    claim: Name,
    *,
    text: Text = "",
    password: Secret = "",
    totp: Code = "",
) -> Response:
    """State that a claim is so, signed with one's own key."""

    def act() -> Done:
        made = register.state_(desk, actor, tool, claim, text, Proof(password=password, totp=totp or None))
        said = Phrase(template=N_("Stated; it counts until {day}"), values={"day": f"{made.expires_at:%Y-%m-%d}"})
        address = f"/ethics/assessments/{tool}#assessment-head"
        return Done(said=said, back=address)

    return _acted(request, desk, actor, tool, act, typed={f"claim:{claim}": text})


@router.post("/sign")
def sign(
    request: Request, desk: TheDesk, actor: Person, tool: Tool, *, password: Secret = "", totp: Code = ""
) -> Response:
    """Sign entry and assessment as they stand now, with one's own key."""

    def act() -> Done:
        register.sign(desk, actor, tool, Proof(password=password, totp=totp or None))
        said = Phrase(template=N_("Signed: {tool} may start"), values={"tool": tool})
        address = f"/ethics/assessments/{tool}#sign"
        return Done(said=said, back=address)

    return _acted(request, desk, actor, tool, act)


@router.post("/export")
def export(desk: TheDesk, actor: Person, tool: Tool, *, form: Annotated[Form_, Form()]) -> Response:
    """Give a copy of the whole document; the log then says who took it and in which form."""
    name, media = FORMS[form]
    headers = {"content-disposition": f'attachment; filename="{tool}-{name}"', "cache-control": "no-store"}
    return Response(assessments.export(desk, actor, tool, form), media_type=media, headers=headers)


def _acted(
    request: Request,
    desk: Desk,
    actor: Actor,
    tool: str,
    act: Callable[[], Done],
    *,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Do it; a refusal of a form sent by the browser's own hand shows the page again with what was typed."""
    try:
        return perform(request, act)
    except ImpetusError as refusal:
        if wants_json(request) or isinstance(refusal, OurFault):
            raise
        return _show(request, desk, actor, tool, typed=typed, wrong=refusal)


def _show(
    request: Request,
    desk: Desk,
    actor: Actor,
    tool: str,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: ImpetusError | None = None,
) -> HTMLResponse:
    view = assessment_view(desk, actor, tool)
    every = questions(view.sections)
    return page(
        request,
        "assessment.html",
        actor=actor,
        status=wrong.status if wrong else 200,
        view=view,
        progress=progress(view.sections),
        answered=sum(bool(each.answer) for each in every),
        asked=len(every),
        grid=grid(view.risks, frameworks().risk.levels),
        ready=is_ready(view),
        typed=typed or {},
        wrong=wrong,
    )


def is_ready(view: AssessmentView) -> bool:
    """Say whether nothing but a signature is missing."""
    return view.row.refusal is None and all(each.field in SIGNATURE_FIELDS for each in view.row.missing)


SIGNATURE_FIELDS = frozenset({"signature"})
"""What the register calls the one thing that signing itself supplies."""
