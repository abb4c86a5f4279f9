"""`impetus account` and `impetus token`: people and programs, worked on in the home directly.

Whoever can read the home can read its key, so the command line acts as administrator without asking for a password.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import show_panel, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import Role, console
from impetus.core.errors import Unknown
from impetus.core.ids import SourceId
from impetus.desk.context import Desk
from impetus.settings import SETTINGS_FILE, read_settings

Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]

account_app = typer.Typer(no_args_is_help=True, help="Add, reset and list people's accounts.")
token_app = typer.Typer(no_args_is_help=True, help="Issue, list and revoke tokens for programs.")


def register(app: typer.Typer) -> None:
    """Add both groups."""
    app.add_typer(account_app, name="account", rich_help_panel="Administer")
    app.add_typer(token_app, name="token", rich_help_panel="Administer")


@contextmanager
def desk_of(home: Path) -> Iterator[Desk]:
    """Open the desk of an installation that exists, and close it."""
    from impetus.wiring import open_desk  # noqa: PLC0415 - help needs none of it

    if not (home / "state.sqlite3").exists() and not (home / SETTINGS_FILE).exists():
        raise Unknown(
            f"there is no installation in {home}",
            value=str(home),
            remedy="name its folder with --home, or start it once: impetus serve --home DIR",
        )
    desk = open_desk(read_settings(home))
    try:
        yield desk
    finally:
        desk.close()


def _print_secret(title: str, facts: dict[str, str], *, json_only: bool, hint: str) -> None:
    """Print what is shown once."""
    if json_only:
        typer.echo(json.dumps(facts))
    else:
        show_panel(title, {name.replace("_", " "): fact for name, fact in facts.items()}, hint=hint)


@account_app.command("add")
def add_account(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the person is here.")] = Role.OPERATOR,
    language: Annotated[str, typer.Option(help="Language of their screens: en, nb or it.")] = "en",
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Add an account and print its one-time password."""
    from impetus.desk.accounts import add  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = add(desk, console(), name, role, language)
    _print_secret(
        "Account added",
        {"user": made.name, "password": made.password},
        json_only=json_only,
        hint="Shown this once; to be changed at the first sign-in.",
    )


@account_app.command("reset")
def reset_account(
    name: Annotated[str, typer.Argument(help="Whose password is lost.")],
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Give an account a new one-time password; ends its sessions and removes its second factor."""
    from impetus.desk.accounts import reset  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = reset(desk, console(), name)
    _print_secret(
        "Account reset",
        {"user": made.name, "password": made.password},
        json_only=json_only,
        hint="Shown this once; to be changed at the first sign-in.",
    )


@account_app.command("password")
def change_password(
    name: Annotated[str, typer.Argument(help="Whose password; the old one is asked for, then the new one.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Replace an account's password by one of its own, as at the first sign-in."""
    from impetus.cli.register import ask_secret, person_of  # noqa: PLC0415 - help needs none of it
    from impetus.desk import accounts  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        person = person_of(desk, name)
        old, new = ask_secret(f"Password of {name}"), ask_secret("New password")
        accounts.change_password(desk, person, old=old, new=new)
    typer.echo(f"{name} has a password of their own")


@account_app.command("list")
def list_accounts(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List the accounts, without anything secret."""
    from impetus.desk.accounts import everyone  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        people = everyone(desk, console())
    rows = [
        (
            person.name,
            person.role.value,
            "disabled" if person.disabled_at else "must change password" if person.must_change else "active",
            "yes" if person.totp_sealed else "no",
        )
        for person in people
    ]
    _print_rows(("name", "role", "state", "second factor"), rows, json_only=json_only)


@token_app.command("issue")
def issue_token(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    operations: Annotated[list[str], typer.Argument(help="What it may do, such as alerts.read observations.write.")],
    source: Annotated[str | None, typer.Option(help="The one source it may send readings for.")] = None,
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Issue a token for a program and print it."""
    from impetus.desk.tokens import issue  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        token, secret = issue(desk, console(), name, operations, SourceId(source) if source else None)
    _print_secret(
        "Token issued",
        {"id": str(token.id), "name": token.name, "token": secret},
        json_only=json_only,
        hint="Shown this once. Programs send it as: Authorization: Bearer TOKEN",
    )


@token_app.command("list")
def list_tokens(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List the tokens, without their secrets."""
    from impetus.desk.tokens import everything  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        issued = everything(desk, console())
    rows = [
        (
            str(token.id),
            token.name,
            ", ".join(sorted(token.operations)),
            str(token.source or ""),
            "revoked" if token.revoked_at else "active",
        )
        for token in issued
    ]
    _print_rows(("id", "name", "operations", "source", "state"), rows, json_only=json_only)


@token_app.command("revoke")
def revoke_token(
    token: Annotated[int, typer.Argument(help="Its id; `impetus token list` shows it.")], home: Home = DEFAULT_HOME
) -> None:
    """Revoke a token at once."""
    from impetus.desk.tokens import revoke  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        revoke(desk, console(), token)
    typer.echo(f"token {token} is revoked")


def _print_rows(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, json_only: bool) -> None:
    """Print rows as a table, or as one line of JSON."""
    if json_only:
        typer.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows]))
    else:
        show_table(columns, rows)
