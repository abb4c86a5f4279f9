"""One tool's entry in the register, in plain words."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from impetus.core.assessment import FilledBy, QuestionSeen
from impetus.core.errors import Unknown
from impetus.desk.register_reading import AssessmentView, assessment_view, register_rows
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk
from impetus.web.pages.assessment_parts import questions
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
Tool = Annotated[str, Path(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]


def makers_words(view: AssessmentView) -> tuple[QuestionSeen, ...]:
    """Return what the tool's maker answered, in the order asked."""
    return tuple(
        question for question in questions(view.sections) if question.filled_by is FilledBy.TOOL and question.answer
    )


@router.get("/ethics/register/{tool}")
def show_entry(request: Request, desk: TheDesk, actor: Person, tool: Tool) -> HTMLResponse:
    """Show what one tool is for, by what right, who answers for it, and what is missing; `Unknown` for no such tool."""
    row = next((each for each in register_rows(desk, actor) if each.tool == tool), None)
    if row is None:
        raise Unknown(f"{tool} is not in the register", value=tool, remedy="see what is in it under Ethics")
    try:
        view = assessment_view(desk, actor, tool)
    except Unknown:  # switched on and not installed: there is an entry to show, and nothing to assess
        view = None
    return page(
        request,
        "register_entry.html",
        actor=actor,
        row=row,
        view=view,
        told=makers_words(view) if view else (),
        may_ask=may(actor, Operation.ACCESSES_READ),
    )
