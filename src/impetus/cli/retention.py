"""`impetus retention`: what is kept for how long, what is held, what was erased, and the proof by search."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from impetus.cli.admin import Json, desk_of
from impetus.cli.say import progress_bar, show_panel, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import console
from impetus.core.errors import OurFault
from impetus.settings import keep_of, read_settings

MARKS = 1_000

retention_app = typer.Typer(
    no_args_is_help=True, help="Show what is kept for how long, and prove that the rest is gone."
)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(retention_app, name="retention", rich_help_panel="Administer")


@retention_app.command("classes")
def classes(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List what is kept: from when on, how long, then what happens, and why."""
    from impetus.desk.retention_reading import retention_view  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        view = retention_view(desk, console(), keep_of(read_settings(home)))
    rows = [
        (row.name, row.start.value, _days(row.period), row.action.value, str(row.held), row.because)
        for row in view.classes
    ]
    _print(("what", "from when", "kept", "then", "held", "because"), rows, json_only=json_only)


@retention_app.command("runs")
def runs(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List the newest runs: what was due, gone and held, and the hash under which the log has the report."""
    from impetus.desk.retention_reading import retention_view  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        view = retention_view(desk, console(), keep_of(read_settings(home)))
    rows = [
        (_time(run.at), _time(run.ended_at), str(run.due), str(run.gone), str(run.held), run.digest[:16])
        for run in view.runs
    ]
    _print(("began", "ended", "due", "gone", "held", "report"), rows, json_only=json_only)


@retention_app.command("holds")
def holds(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List what is held, the first to end first; holds are placed and lifted on the screens, by name."""
    from impetus.desk.holds import standing  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        found = standing(desk, console())
    rows = [(str(hold.id), hold.subject, hold.owner, _time(hold.until), hold.why) for hold in found]
    _print(("hold", "on", "owner", "until", "why"), rows, json_only=json_only)


@retention_app.command("prove")
def prove(
    home: Home = DEFAULT_HOME,
    marks: Annotated[int, typer.Option(help="Marks to plant, spread over every store.", min=20)] = MARKS,
    json_only: Json = False,
) -> None:
    """Prove erasure by search: plant marks in a scratch installation, let their time pass, look at every byte.

    The scratch installation has this one's retention and program; nothing of this one is touched. Marks under a hold must
    be there afterwards, all others nowhere. The result is stored and shown to the data protection officer.
    """
    from impetus.run.proof import prove_erasure  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        with progress_bar("proof") as move:
            proof = prove_erasure(read_settings(home), marks, move)
        with desk.store.write() as unit:
            unit.retention_runs.add_proof(proof)
    facts: dict[str, Any] = {
        "planted": proof.planted,
        "found": proof.found,
        "held": proof.held,
        "held_found": proof.held_found,
        "files": proof.files,
        "bytes": proof.bytes_,
    }
    if json_only:
        typer.echo(json.dumps(facts))
    else:
        show_panel("Proof of erasure", {name.replace("_", " "): f"{fact:,}" for name, fact in facts.items()})
    if not proof.is_good:
        raise OurFault(
            f"{proof.found} of {proof.planted} marks were found, {proof.held_found} of {proof.held} held ones",
            value=proof.found,
            limit="0 found, every held one there",
            remedy="report it: retention does not do what it says",
        )


def _days(period: timedelta) -> str:
    return f"{period.days} days" if period else "at once"


def _time(at: datetime | None) -> str:
    return "at work" if at is None else f"{at:%Y-%m-%d %H:%M:%SZ}"


def _print(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, json_only: bool) -> None:
    """Print rows as a table, or as one line of JSON."""
    if json_only:
        typer.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows]))
    else:
        show_table(columns, rows)
