"""`impetus evaluate`: a tool's figures from labelled data."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from impetus.cli.say import error_line
from impetus.core.errors import ImpetusError, Misconfigured
from impetus.run.tools import InstalledTool, find_tool


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate)


def evaluate(
    tool: Annotated[str, typer.Argument(help="Id of an installed tool, such as `urban_anomaly`.")],
    directory: Annotated[Path, typer.Argument(help="Labelled data; its layout is in docs/reference/evaluate.md.")],
    json_only: Annotated[bool, typer.Option("--json", help="Print the figures as one line of JSON.")] = False,
    card: Annotated[bool, typer.Option("--card", help="Write the tool's model card with these figures.")] = False,
) -> None:
    """Measure a tool on labelled data: progress on stderr, the figures last on stdout."""
    try:
        found = find_tool(tool)
        figures = _module(found, "evaluate").evaluate(directory, progress)
        if card:
            _write_card(found, figures)
    except ImpetusError as error:
        typer.echo(error_line(error), err=True)
        raise typer.Exit(error.exit_code) from error
    typer.echo(json.dumps(figures) if json_only else json.dumps(figures, indent=2))


def progress(said: str) -> None:
    """Tell how far it is, on stderr."""
    typer.echo(said, err=True)


def _module(tool: InstalledTool, name: str) -> ModuleType:
    tool.factory()
    try:
        return importlib.import_module(f"{tool.package}.{name}")
    except ModuleNotFoundError as error:
        raise Misconfigured(
            f"tool {tool.id} has no module {name}", value=tool.id, remedy=f"write {tool.package}/{name}.py"
        ) from error


def _write_card(tool: InstalledTool, figures: object) -> None:
    """Write the card anew, or, where the tool's card has a section a layout, the section of these figures."""
    card, file = _module(tool, "card"), (tool.directory or Path()) / "card.md"
    if hasattr(card, "renew_card"):
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        text = card.renew_card(before, figures)
    else:
        text = card.write_card(figures)
    file.write_text(text, encoding="utf-8")
    progress(f"wrote {file}")
