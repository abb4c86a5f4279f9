"""`impetus stop` and `impetus lift`: the kill switch at the machine, working when state, bus and web do not.

The stop is made before anything else is opened. What goes to the log is written beside the stop and carried there by the
running installation, or by this command when the log can be reached.
"""

import getpass
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_progress, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused, Unknown
from impetus.core.stop import WRITTEN, Stop, parse_target
from impetus.settings import SETTINGS_FILE

LIST = "list"
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("stop", rich_help_panel="Run")(stop)
    app.command("lift", rich_help_panel="Run")(lift)


def stop(
    target: Annotated[str, typer.Argument(help=f"What to stop: {WRITTEN}. `list` shows what is stopped.")],
    name: Annotated[str, typer.Option("--as", help="Who stops it; your account on this machine when left out.")] = "",
    why: Annotated[str, typer.Option(help="The reason; it can be given later by the same command.")] = "",
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Stop a tool, a camera, a source, the site or all, now; or list what is stopped.

    Works without the state, the bus and the web: a stop is a file under `stops` in the home. It survives a restart. The
    reason is asked afterwards; giving `--why` for what is stopped already keeps it as the reason.
    """
    from impetus.desk.stops import stop_now  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_clock, open_stops  # noqa: PLC0415 - help needs none of it

    _check_home(home)
    held, at = open_stops(home), open_clock().now()
    if target == LIST:
        _show(held.all(), json_only=json_only)
        return
    actor = Actor(name=name.strip() or getpass.getuser(), role=Role.ADMINISTRATOR)
    made = stop_now(held, actor, target, at=at, why=why)
    typer.echo(json.dumps(_facts(made)) if json_only else f"{made.target} is {made.note()}")
    if not json_only:
        made = _ask_why(home, actor, made, at)
    _carry(home, made)


def lift(
    target: Annotated[str, typer.Argument(help=f"What may run again: {WRITTEN}.")],
    name: Annotated[
        str, typer.Option("--as", help="Who lifts the stop: a person's name, an account's when there is one.")
    ],
    why: Annotated[str, typer.Option(help="Why it may run again.")],
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Let run again what was stopped, by name and with a reason.

    While the state can be read the name must be an account's whose role may lift; while it cannot, the name is believed and
    logged as given.
    """
    from impetus.desk.stops import lift_now  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_clock, open_stops  # noqa: PLC0415 - help needs none of it

    _check_home(home)
    actor = _person(home, name.strip())
    lifted = lift_now(open_stops(home), actor, target, at=open_clock().now(), why=why)
    said = f"{lifted.target} was lifted by {lifted.lifted_by}; it starts again by itself"
    typer.echo(json.dumps(_facts(lifted)) if json_only else said)
    _carry(home, None)


def _check_home(home: Path) -> None:
    """Refuse a folder that is no installation, so that nobody stops nothing by a mistyped --home."""
    if not any((home / sign).exists() for sign in ("state.sqlite3", SETTINGS_FILE, "lock", "stops")):
        raise Unknown(
            f"there is no installation in {home}",
            value=str(home),
            remedy="name its folder with --home; nothing was done",
        )


def _ask_why(home: Path, actor: Actor, made: Stop, at: datetime) -> Stop:
    """Ask for the reason, now that it is stopped; no answer is an answer, and it is asked again elsewhere."""
    from impetus.desk.stops import explain_now  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_stops  # noqa: PLC0415 - help needs none of it

    if not made.asks_why:
        return made
    if sys.stdin.isatty():
        why = typer.prompt("Why? Enter alone: later", default="", show_default=False)
        if why.strip():
            return explain_now(open_stops(home), actor, str(made.target), at=at, why=why)
    say_progress(f"say why when there is time: impetus stop {made.target} --why … --home {home}")
    return made


def _person(home: Path, name: str) -> Actor:
    """Return the person of that name; while the state can be read, only somebody with an account."""
    from impetus.cli.admin import desk_of  # noqa: PLC0415 - help needs none of it

    try:
        with desk_of(home) as desk, desk.store.read() as unit:
            account = unit.accounts.by_name(name)
    except Exception as error:  # noqa: BLE001 - the state may be broken in any way, and this must work then
        say_progress(f"the state cannot be read ({error}); the name is taken as given")
        return Actor(name=name, role=Role.ADMINISTRATOR)
    if account is None or account.disabled_at is not None:
        raise Refused(
            f"nobody here is called {name!r}",
            rule="a named person starts again what was stopped",
            value=name,
            limit="an account of this installation",
            source="AI Act, article 14(4)(e)",
            remedy="use the name of your account; impetus account list shows them",
        )
    return Actor(name=account.name, role=account.role, account=account.id)


def _carry(home: Path, made: Stop | None) -> None:
    """Carry the lines into the log and warn of a name nobody knows, as far as state and log can be reached now."""
    from impetus.cli.admin import desk_of  # noqa: PLC0415 - help needs none of it
    from impetus.desk.stops import is_known, write_kept  # noqa: PLC0415 - help needs none of it

    try:
        with desk_of(home) as desk:
            write_kept(desk)
            if made is not None and is_known(desk, parse_target(str(made.target))) is False:
                say_progress(f"WARNING: nothing here is called {made.target}; nothing was running under that name")
    except Exception as error:  # noqa: BLE001 - the stop holds; only the carrying failed, and it is tried again
        say_progress(f"the log cannot be reached now ({error}); it is told later, from {home / 'stops'}")


def _facts(stop: Stop) -> dict[str, str | bool]:
    facts = {"target": str(stop.target), "state": stop.state.value, "by": stop.by, "at": stop.at.isoformat()}
    return {**facts, "why": stop.why, "lifted_by": stop.lifted_by, "trouble": stop.trouble}


def _show(stops: Sequence[Stop], *, json_only: bool) -> None:
    """Print the stops in force and those lifted last."""
    if json_only:
        typer.echo(json.dumps([_facts(stop) for stop in stops]))
        return
    rows = [
        (
            str(stop.target),
            stop.state.value,
            stop.by,
            f"{stop.at:%Y-%m-%d %H:%M:%S}",
            stop.why or ("reason missing" if stop.is_in_force else ""),
            stop.lifted_by,
        )
        for stop in stops
    ]
    show_table(("what", "state", "by", "since (UTC)", "why", "lifted by"), rows)
    for stop in stops:
        if stop.is_in_force and (stop.trouble or stop.gone_at):
            say_progress(stop.trouble or f"the file of {stop.target} was removed by hand; that lifts nothing")
