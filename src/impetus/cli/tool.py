"""`impetus tool`: which tools there are, whether one keeps to the rules, and a start for a new one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from impetus.cli.say import error_line
from impetus.core.errors import ImpetusError
from impetus.run.new_tool import write_new_tool
from impetus.run.tools import find_tool, installed

T = TypeVar("T")

tool_app = typer.Typer(no_args_is_help=True, help="List, check and begin tools.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tool_app, name="tool")


@tool_app.command("list")
def list_tools(json_only: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False) -> None:
    """Show every installed tool; a broken one with its fault."""
    tools = installed()
    if json_only:
        typer.echo(json.dumps([{"id": one.id, "package": one.package, "fault": one.fault} for one in tools.values()]))
        return
    table = Table(Column("id", no_wrap=True), "name", "senses", "emits", "package", "fault")
    for one in tools.values():
        manifest = one.manifest
        emits = ", ".join(sorted(manifest.emits)) if manifest else ""
        table.add_row(
            one.id,
            manifest.name if manifest else "",
            manifest.senses if manifest else "",
            emits,
            one.package,
            one.fault,
        )
    Console().print(table)


@tool_app.command("check")
def check(name: Annotated[str, typer.Argument(help="Id of an installed tool.")]) -> None:
    """Run the conformance suite on an installed tool; exit code 1 when it finds a fault."""
    from impetus.testing.check_tool import check_tool  # noqa: PLC0415  # the suite is loaded only by who runs it

    _or_exit(lambda: find_tool(name))
    typer.echo(f"checking {name}; this takes about half a minute", err=True)
    faults = check_tool(name)
    for fault in faults:
        typer.echo(f"{fault.check}: {fault.detail}")
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{name} keeps to the rules")


@tool_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Id of the new tool, such as `night_noise`.")],
    directory: Annotated[
        Path | None, typer.Option("--directory", "-d", help="Where; `impetus-NAME` by default.")
    ] = None,
) -> None:
    """Write the package of a new tool that passes the conformance suite as it is."""
    target = directory or Path(f"impetus-{name.replace('_', '-')}")
    for file in _or_exit(lambda: write_new_tool(name, target)):
        typer.echo(str(file))
    typer.echo(f"next: pip install -e {target} && impetus tool check {name}", err=True)


def _or_exit(ask: Callable[[], T]) -> T:
    """Return the answer, or say what is wrong and leave with the error's exit code."""
    try:
        return ask()
    except ImpetusError as error:
        typer.echo(error_line(error), err=True)
        raise typer.Exit(error.exit_code) from error
