"""`impetus playbook`: whether a playbook can be followed to its end, and which ones come with the platform."""

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_error, show_table
from impetus.core.errors import ImpetusError, Malformed, Unknown
from impetus.processes.playbook import Playbook
from impetus.processes.playbook_text import Fault

playbook_app = typer.Typer(no_args_is_help=True, help="Check playbooks, and list those that come with the platform.")
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(playbook_app, name="playbook", rich_help_panel="Check and measure")


@playbook_app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Playbook files: front matter and numbered steps.")],
    json_only: Json = False,
) -> None:
    """Read playbooks and say every fault with its line and what would mend it; exit code 65 when there is one.

    A playbook is right when every step is somebody's, every way leads on, there is a way to the end from everywhere,
    every deadline says what then, every question may be answered `cannot tell`, and no act takes fewer people than its class.
    """
    found = {str(file): _read(file)[1] for file in existing(files)}
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


@playbook_app.command("list")
def list_playbooks(json_only: Json = False) -> None:
    """Show the playbooks that come with the platform."""
    with resources.as_file(resources.files("impetus.processes") / "library") as folder:
        read = [(file.name, _read(file)[0]) for file in sorted(folder.glob("*.md"))]
    if json_only:
        facts = [
            {
                "file": name,
                "title": one.title,
                "incident_type": one.incident_type,
                "version": one.version,
                "steps": len(one.steps),
            }
            for name, one in read
        ]
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    rows = [
        (one.incident_type, one.title, str(one.version), str(len(one.steps)), ", ".join(one.roles)) for _, one in read
    ]
    show_table(("incident type", "title", "version", "steps", "roles"), rows)


@playbook_app.command("draw")
def draw(
    file: Annotated[Path, typer.Argument(help="A playbook file; one with faults is drawn as far as it goes.")],
) -> None:
    """Print a playbook as a drawing (SVG)."""
    from impetus.processes.draw_playbook import draw_playbook  # noqa: PLC0415 - help draws nothing

    typer.echo(draw_playbook(_read(*existing([file]))[0]), nl=False)


@playbook_app.command("export")
def export(file: Annotated[Path, typer.Argument(help="A playbook file without faults.")]) -> None:
    """Print a playbook as CACAO 2.0 JSON."""
    from impetus.processes.cacao import to_cacao  # noqa: PLC0415 - help exports nothing
    from impetus.wiring import open_clock  # noqa: PLC0415 - help tells no time

    playbook, faults = _read(*existing([file]))
    if faults:
        raise Malformed(
            f"{file} has {len(faults)} faults", value=str(file), limit="none", remedy=f"impetus playbook check {file}"
        )
    typer.echo(json.dumps(to_cacao(playbook, open_clock().now()), indent=2, ensure_ascii=False))


@playbook_app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="A CACAO 2.0 JSON file whose steps are done by hand.")]) -> None:
    """Print a CACAO 2.0 playbook as our text; what a machine would have to do is refused."""
    from impetus.adapters.playbook_file import write_front  # noqa: PLC0415 - help needs no YAML
    from impetus.processes.cacao import from_cacao  # noqa: PLC0415 - help imports nothing
    from impetus.processes.playbook_text import write_steps  # noqa: PLC0415 - help writes nothing

    try:
        document = json.loads(*(one.read_text(encoding="utf-8", errors="replace") for one in existing([file])))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{file} is no JSON: {error}", value=str(file), remedy="export it again") from error
    playbook = from_cacao(document if isinstance(document, dict) else {})
    front = {
        name: getattr(playbook, name) for name in ("title", "incident_type", "version", "roles", "summary", "sources")
    }
    typer.echo(write_front(front) + write_steps(playbook.steps), nl=False)


def _read(file: Path) -> tuple[Playbook, Sequence[Fault]]:
    """Return a file's playbook, as far as it can be read, and every fault of it."""
    from impetus.adapters.playbook_file import read_document  # noqa: PLC0415 - help needs no YAML
    from impetus.processes.check_playbook import check_playbook  # noqa: PLC0415 - help needs no judgement
    from impetus.processes.playbook_text import Front, read_playbook  # noqa: PLC0415 - help reads nothing

    document = read_document(file.read_text(encoding="utf-8", errors="replace"))
    values = {"title": "", "incident_type": "", "version": 0, "roles": ()} | dict(document.values)
    front = Front(**values, lines=document.lines)  # type: ignore[arg-type]  # read_document gives each field its type
    playbook, faults = read_playbook(front, document.body)
    flaws = [Fault(line=flaw.line, rule="front", says=flaw.says, remedy=flaw.remedy) for flaw in document.flaws]
    return playbook, check_playbook(playbook, [*flaws, *faults])


def existing(files: Sequence[Path]) -> Sequence[Path]:
    """Return the files, or leave with the one that is not there."""
    for file in files:
        if not file.is_file():
            error: ImpetusError = Unknown(f"there is no file {file}", value=str(file), remedy="mend the path")
            say_error(error)
            raise typer.Exit(error.exit_code)
    return files


def facts_of(fault: Fault) -> dict[str, str | int]:
    """Return a fault as JSON says it."""
    return {"line": fault.line, "rule": fault.rule, "says": fault.says, "remedy": fault.remedy}
