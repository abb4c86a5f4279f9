"""`impetus assessment`: the impact assessment of a tool: read it, answer it step by step, and take it along."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from impetus.cli.admin import desk_of
from impetus.cli.register import Json, Tool
from impetus.cli.say import say_progress, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import console
from impetus.core.assessment import FilledBy
from impetus.core.errors import Malformed

if TYPE_CHECKING:
    from impetus.core.assessment import QuestionSeen, SectionSeen
    from impetus.desk.context import Desk

FORMS = {"html": "html", "pdf": "pdf", "cnil": "json"}

app_ = typer.Typer(no_args_is_help=True, help="Read, answer and export the impact assessment of a tool.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(app_, name="assessment", rich_help_panel="Administer")


@app_.command("show")
def show(tool: Tool, home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """Print every question with its answer, and every claim with what stands behind it now."""
    from impetus.desk.register_reading import assessment_view  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        view = assessment_view(desk, console(), tool)
    if json_only:
        answers = {question.id: question.answer for section in view.sections for question in section.questions}
        lights = {row.id: row.light.value for row in view.frameworks}
        typer.echo(json.dumps({"tool": tool, "answers": answers, "frameworks": lights}))
        return
    for section in view.sections:
        typer.echo(f"\n{section.title}")
        show_table(("question", "asks", "answer"), [(one.id, one.asks, _short(one)) for one in section.questions])
    claims = {claim.id: claim for row in view.frameworks for claim in row.claims}
    typer.echo("\nClaims")
    show_table(("claim", "light", "because"), [(one.id, one.light.value, one.because) for one in claims.values()])


@app_.command("answer")
def answer(
    tool: Annotated[str, typer.Argument(help="The tool's id, or `site`.")],
    question: Annotated[str, typer.Argument(help="The question's id; `impetus assessment show TOOL` lists them.")],
    text: Annotated[str, typer.Argument(help="The answer, in your own words, or one of the choices.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Answer one question; the answer that stood is struck through and stays."""
    from impetus.desk.register import answer as give  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = give(desk, console(), tool, question, text)
    typer.echo(f"{made.question} of {made.tool} is answered")


@app_.command("fill")
def fill(tool: Tool, home: Home = DEFAULT_HOME) -> None:
    """Go through every open question of the city's part, one after the other; an empty line skips, Ctrl-C stops."""
    from impetus.desk.register_reading import assessment_view  # noqa: PLC0415 - help needs none of it

    if not sys.stdin.isatty():
        raise Malformed("nobody is at the keyboard", remedy="use impetus assessment answer TOOL QUESTION TEXT")
    with desk_of(home) as desk:
        view = assessment_view(desk, console(), tool)
        for section in view.sections:
            _ask(desk, tool, section)
    typer.echo(f"next: impetus register missing {tool}")


def _ask(desk: "Desk", tool: str, section: "SectionSeen") -> None:
    """Ask the open questions of a section."""
    from impetus.desk.register import answer as give  # noqa: PLC0415 - help needs none of it

    asked = [one for one in section.questions if one.filled_by is FilledBy.CITY and not one.answer]
    if asked:
        typer.echo(f"\n{section.title}: {section.intro}")
    for question in asked:
        typer.echo(f"\n{question.asks}\n  {question.help}\n  For instance: {question.example}\n  {question.law}")
        while said := str(typer.prompt(", ".join(question.choices) or "Answer", default="", show_default=False)):
            try:
                give(desk, console(), tool, question.id, said)
            except Malformed as error:
                say_progress(f"{error.detail}; {error.remedy}")
            else:
                break


@app_.command("export")
def export(
    tool: Tool,
    form: Annotated[str, typer.Option("--format", help="html, pdf, or cnil (JSON for the French PIA tool).")] = "html",
    out: Annotated[Path | None, typer.Option(help="File to write; named after the tool when left out.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write the assessment with register entry, risks, frameworks and signatures, for people or for another program."""
    from impetus.desk.assessments import export as write  # noqa: PLC0415 - help needs none of it

    if form not in FORMS:
        raise Malformed(f"format is {form!r}", value=form, limit=", ".join(FORMS), remedy="choose one")
    with desk_of(home) as desk:
        content = write(desk, console(), tool, form)
    file = out or Path(f"{tool}-assessment.{FORMS[form]}")
    file.write_bytes(content)
    typer.echo(str(file))


def _short(question: "QuestionSeen") -> str:
    if not question.answer:
        return "open" if question.is_mandatory else ""
    return question.answer if len(question.answer) <= 120 else f"{question.answer[:117]}…"  # noqa: PLR2004 - one row
