"""`impetus type`: whether a text says an incident type, and which ones come with the platform."""

import json
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.playbook import Json, existing, facts_of
from impetus.cli.say import show_table
from impetus.core.errors import Malformed

type_app = typer.Typer(no_args_is_help=True, help="Check incident types, and list those that come with the platform.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(type_app, name="type", rich_help_panel="Check and measure")


@type_app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Files of incident types, in YAML.")], json_only: Json = False
) -> None:
    """Read incident types and say every fault with its line and what would mend it; exit code 65 when there is one.

    A type is right when it has what a screen needs, its colour goes with its shape, its triggers ask for something there is,
    and what is to start when one is opened has a playbook. Whether that playbook is there is known where it is saved.
    """
    from impetus.adapters.process_texts import read_fields  # noqa: PLC0415 - help needs no YAML
    from impetus.processes.incident_type import read_type  # noqa: PLC0415 - help needs no judgement

    texts = {str(file): file.read_text(encoding="utf-8", errors="replace") for file in existing(files)}
    found = {file: read_type(read_fields(text))[1] for file, text in texts.items()}
    if json_only:
        facts = {file: [facts_of(fault) for fault in faults] for file, faults in found.items()}
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for file, faults in found.items():
            for fault in faults:
                typer.echo(f"{file}:{fault.line}: {fault.says} [{fault.rule}]; to mend it: {fault.remedy}")
            if not faults:
                typer.echo(f"{file}: nothing wrong found")
    if any(found.values()):
        raise typer.Exit(Malformed.exit_code)


@type_app.command("list")
def list_types(json_only: Json = False) -> None:
    """Show the incident types that come with the platform."""
    from impetus.adapters.process_texts import ProcessFiles  # noqa: PLC0415 - help needs no YAML
    from impetus.processes.incident_type import read_type  # noqa: PLC0415 - help needs no judgement

    texts = ProcessFiles()
    read = [read_type(texts.read_fields(texts.shipped("type", slug) or ""))[0] for slug in texts.shipped_slugs("type")]
    if json_only:
        facts = [
            {
                "type": one.slug,
                "title": one.title,
                "priority": one.priority,
                "playbook": one.playbook,
                "start": one.start,
            }
            for one in read
        ]
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    rows = [(one.slug, one.title, one.shape, one.priority, one.sound, one.playbook, one.start) for one in read]
    show_table(("type", "title", "shape", "priority", "sound", "playbook", "starts"), rows)
