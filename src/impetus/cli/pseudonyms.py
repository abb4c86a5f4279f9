"""`impetus pseudonyms`: make the master key for three custodians, and keys of days ahead with two of them."""

import json
from typing import Annotated

import typer

from impetus.cli.admin import Json, desk_of
from impetus.cli.say import show_panel
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import console

DAYS = 365
pseudonyms_app = typer.Typer(
    no_args_is_help=True, help="Make the keys of pseudonyms; the master is held by three custodians."
)
Days = Annotated[int, typer.Option(help="How many days to make keys for, 1..400.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(pseudonyms_app, name="pseudonyms", rich_help_panel="Administer")


@pseudonyms_app.command("setup")
def setup(home: Home = DEFAULT_HOME, days: Days = DAYS, json_only: Json = False) -> None:
    """Make the master key, print its three shares once, and keep the keys of the days ahead.

    Give each line to another person, on paper. Any two of them can make more days; one alone can do nothing.
    """
    from impetus.desk.pseudonym_keys import set_up  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = set_up(desk, console(), days=days)
    if json_only:
        typer.echo(json.dumps({"shares": made.shares, "first": str(made.first), "last": str(made.last)}))
        return
    rows = {f"custodian {number}": share for number, share in enumerate(made.shares, 1)}
    show_panel(
        f"Pseudonyms until {made.last}", rows, hint="Shown once and kept by nobody here. Any two make more days."
    )


@pseudonyms_app.command("days")
def days_ahead(home: Home = DEFAULT_HOME, days: Days = DAYS, json_only: Json = False) -> None:
    """Make keys for the days behind the last one; asks for the shares of two custodians, without showing them."""
    from impetus.desk.pseudonym_keys import make_days  # noqa: PLC0415 - help needs none of it

    lines = [
        typer.prompt(f"share of the {which} custodian", hide_input=True, err=True) for which in ("first", "second")
    ]
    with desk_of(home) as desk:
        made = make_days(desk, console(), lines, days=days)
    _say(made.first, made.last, made.count, json_only=json_only)


@pseudonyms_app.command("status")
def status(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """Say which days have a key."""
    from impetus.desk.pseudonym_keys import key_days  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        found = key_days(desk, console())
    _say(found.first, found.last, found.count, json_only=json_only)


def _say(first: object, last: object, count: int, *, json_only: bool) -> None:
    if json_only:
        typer.echo(json.dumps({"first": str(first or ""), "last": str(last or ""), "days": count}))
    else:
        show_panel(
            "Pseudonym keys", {"first day": str(first or "none"), "last day": str(last or "none"), "days": str(count)}
        )
