"""`impetus register`: what each tool does and by what right, who signed, what is missing, and the steps that mend it."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from impetus.cli.admin import desk_of
from impetus.cli.say import say_progress, show_panel, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import Actor, console
from impetus.core.errors import Malformed, Unauthenticated, Unknown
from impetus.desk.context import Desk

if TYPE_CHECKING:
    from impetus.desk.register_reading import RegisterRow

Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Tool = Annotated[str, typer.Argument(help="The tool's id; `impetus register show` lists them.")]
Name = Annotated[str, typer.Option("--as", help="The officer's account; their password is asked for.")]

Made = TypeVar("Made")

app_ = typer.Typer(no_args_is_help=True, help="See, complete and sign what each tool does and by what right.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(app_, name="register", rich_help_panel="Administer")


@app_.command("show")
def show(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List the tools with their state, their signature, and how much is missing."""
    from impetus.desk.register_reading import register_rows  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        rows = register_rows(desk, console())
    if json_only:
        typer.echo(json.dumps([_facts(row) for row in rows]))
        return
    columns = ("tool", "state", "covers", "kept", "signed", "missing")
    show_table(columns, [_cells(row) for row in rows])


@app_.command("missing")
def missing(tool: Tool, home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """Say everything that keeps a tool from running: what, who may supply it, and how."""
    from impetus.desk.register_reading import register_rows  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        row = next((one for one in register_rows(desk, console()) if one.tool == tool and not one.place), None)
    if row is None:
        raise Unknown(f"no tool {tool!r} is installed", value=tool, remedy="impetus register show")
    if json_only:
        typer.echo(json.dumps(_facts(row)))
        return
    for change in row.stale_because:
        typer.echo(f"changed since it was signed: {change}")
    if row.refusal:
        typer.echo(f"prohibited: {row.refusal.why} ({row.refusal.article})")
    show_table(("field", "what", "who", "how"), [(m.field, m.what, m.who_may_supply, m.how) for m in row.missing])
    if not (row.missing or row.stale_because or row.refusal):
        typer.echo(f"{tool}: nothing is missing, it is {row.state}")


@app_.command("init")
def init(home: Home = DEFAULT_HOME) -> None:
    """Write a register file to fill in, with an entry for each tool that is switched on."""
    from impetus.desk.register import begin  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        begin(desk, console())
    typer.echo(f"fill in {home / 'register.toml'}; then: impetus register missing TOOL")


@app_.command("officer")
def officer(
    name: Annotated[str, typer.Argument(help="Whose account; add it first: impetus account add NAME --role dpo")],
    office: Annotated[str, typer.Option(help="The office they hold.")] = "Data protection officer",
    home: Home = DEFAULT_HOME,
) -> None:
    """Name an account as officer, with the public key of its own key pair, in the register file."""
    from impetus.desk.register import appoint  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = appoint(desk, console(), name, office)
    show_panel("Officer named", {"name": made.name, "office": made.office, "public key": made.public_key})


@app_.command("sign")
def sign(
    tool: Tool,
    name: Name,
    signature: Annotated[
        str, typer.Option(help="Made elsewhere over `register document`, 128 hexadecimal digits.")
    ] = "",
    at: Annotated[str, typer.Option(help="The time in that document, such as 2026-11-22T12:00:00Z.")] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """Sign a tool's entry and assessment as they stand now; a tool that waits at its gate then starts by itself."""
    from impetus.desk import register as desk_register  # noqa: PLC0415 - help needs none of it
    from impetus.desk.signing import Proof  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        if signature:
            made = desk_register.sign_outside(desk, console(), tool, name, _time(at), _hex(signature))
        else:
            made = with_code(
                lambda password, code: desk_register.sign(
                    desk, person_of(desk, name), tool, Proof(password=password, totp=code)
                ),
                name,
            )
    typer.echo(f"{tool} is signed by {made.officer}{' as an exercise' if made.is_exercise else ''}")


@app_.command("document")
def document(
    tool: Tool,
    name: Name,
    at: Annotated[str, typer.Option(help="Time of the signature; now when left out.")] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """Print the document an officer signs elsewhere with a key of their own (Ed25519 over these bytes, no line end)."""
    from impetus.desk.register import document as made  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        when = _time(at) if at else desk.clock.now().replace(microsecond=0)
        words = made(desk, console(), tool, name, when)
    sys.stdout.buffer.write(words)
    sys.stdout.flush()
    say_progress(
        f"\nsign it, then: impetus register sign {tool} --as {name} --at {when:%Y-%m-%dT%H:%M:%SZ} --signature HEX"
    )


@app_.command("state")
def state(
    tool: Annotated[str, typer.Argument(help="The tool's id, or `site`.")],
    claim: Annotated[str, typer.Argument(help="Which claim; `impetus assessment show TOOL` lists them.")],
    text: Annotated[str, typer.Argument(help="What is so: when, where, who did it.")],
    name: Name,
    home: Home = DEFAULT_HOME,
) -> None:
    """State, signed and dated, that something is so which the system cannot see by itself."""
    from impetus.desk.register import state_  # noqa: PLC0415 - help needs none of it
    from impetus.desk.signing import Proof  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = with_code(
            lambda password, code: state_(
                desk, person_of(desk, name), tool, claim, text, Proof(password=password, totp=code)
            ),
            name,
        )
    typer.echo(f"{made.about}: stated by {made.who}, counts until {made.expires_at:%Y-%m-%d}")


@app_.command("withdraw")
def withdraw(
    tool: Tool,
    signing: Annotated[int, typer.Argument(help="The signature's number.")],
    name: Name,
    why: Annotated[str, typer.Option(help="The reason.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Take a signature back; the tool stops within seconds when no other covers it."""
    from impetus.desk.register import withdraw as take_back  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        take_back(desk, person_of(desk, name), tool, signing, why)
    typer.echo(f"signature {signing} of {tool} is withdrawn")


@app_.command("exercise")
def exercise(home: Home = DEFAULT_HOME) -> None:
    """Make the register of an exercise: invented officers sign; clears tools for simulated input only."""
    from impetus.demo.exercise_register import make_exercise  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        made = make_exercise(desk, console())
    typer.echo(f"exercise: signed {', '.join(made)}" if made else "exercise: everything was signed already")


def with_code(act: Callable[[str, str | None], Made], name: str) -> Made:
    """Ask for the password, and for a code when there is a second factor."""
    password = ask_secret(f"Password of {name}")
    try:
        return act(password, None)
    except Unauthenticated as refusal:
        if refusal.rule != "second factor":
            raise
    return act(password, ask_secret("Code of the second factor"))


def ask_secret(label: str) -> str:
    """Ask without showing, or read a line where nobody can type."""
    if sys.stdin.isatty():
        return str(typer.prompt(label, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\n")


def person_of(desk: Desk, name: str) -> Actor:
    """Return the person of an account; the console signs nothing."""
    from impetus.desk.sign_in import actor_of  # noqa: PLC0415 - help needs none of it

    with desk.store.read() as unit:
        account = unit.accounts.by_name(name.strip())
    if account is None or account.disabled_at is not None:
        raise Unknown(f"nobody here is called {name!r}", value=name, remedy="impetus account list")
    return actor_of(account)


def _time(text: str) -> datetime:
    """Read a UTC time to the second."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed(
            f"time {text!r}", value=text, limit="such as 2026-11-22T12:00:00Z", remedy="give --at as in the document"
        ) from error


def _hex(text: str) -> bytes:
    """Read hexadecimal digits."""
    try:
        return bytes.fromhex(text.strip())
    except ValueError as error:
        raise Malformed(
            "the signature is not hexadecimal", value=text[:40], limit="128 digits", remedy="give it as hex"
        ) from error


def _cells(row: "RegisterRow") -> tuple[str, ...]:
    signed = f"{row.signed_at:%Y-%m-%d} {row.signed_by}" if row.signed_at else ""
    said = "; ".join((*row.stale_because, *row.warnings)) or (f"{len(row.missing)} things" if row.missing else "")
    return (row.tool, row.state.value, row.covers, row.kept, signed, said)


def _facts(row: "RegisterRow") -> dict[str, object]:
    return {
        "tool": row.tool,
        "place": row.place,
        "state": row.state.value,
        "covers": row.covers,
        "kept": row.kept,
        "signed_by": row.signed_by,
        "signed_at": row.signed_at.isoformat() if row.signed_at else None,
        "exercise": row.is_exercise,
        "changed": list(row.stale_because),
        "warnings": list(row.warnings),
        "missing": [{"field": m.field, "what": m.what, "who": m.who_may_supply, "how": m.how} for m in row.missing],
    }
