"""`impetus serve`: serve an installation."""

from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_progress, show_panel
from impetus.core.board import PartState, PartStatus
from impetus.desk.views import OneTimeSecret
from impetus.settings import Settings, override, read_settings

Home = Annotated[Path, typer.Option("--home", help="Folder of the installation; made at the first start.")]
DEFAULT_HOME = Path("var/home")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", rich_help_panel="Run")(serve)


def serve(
    home: Home = DEFAULT_HOME,
    port: Annotated[
        int | None, typer.Option(help="Port of the page instead of the settings'; readings: one above.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on instead of the settings'.")] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A TLS proxy stands in front; needed to listen beyond this machine.")
    ] = False,
) -> None:
    """Serve an installation until it is told to stop.

    The first start makes the installation's key, its state and one administrator, whose one-time password is printed
    once and stored nowhere. Settings are read from `impetus.toml` in the home.
    """
    from impetus.run.start import check_ports, check_reach, supervise  # noqa: PLC0415 - the rest of help needs none of it

    settings = override(read_settings(home), port, host)
    check_reach(settings.host, behind_tls=behind_tls)
    check_ports(settings)
    secret = _first_start(settings)
    show_panel("Impetus", _facts(settings, secret), hint=_hint(secret))
    arguments = [*(["--port", str(port)] if port is not None else []), *(["--host", host] if host is not None else [])]
    supervise(settings, arguments=arguments, on_row=say_row)


def _first_start(settings: Settings) -> OneTimeSecret | None:
    """Make the home and its first administrator when there is none."""
    from impetus.desk.accounts import first_start  # noqa: PLC0415 - the rest of help needs none of it
    from impetus.wiring import open_desk  # noqa: PLC0415 - the rest of help needs none of it

    desk = open_desk(settings)
    try:
        return first_start(desk)
    finally:
        desk.close()


def page_url(settings: Settings) -> str:
    """Return the address of the page."""
    return f"http://{_bracketed(settings.host)}:{settings.port}/"


def ingest_url(settings: Settings) -> str:
    """Return the address readings go to."""
    host, port = settings.ingest_address
    return f"http://{_bracketed(host)}:{port}/"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _facts(settings: Settings, secret: OneTimeSecret | None) -> dict[str, str]:
    facts = {"page": page_url(settings), "readings": ingest_url(settings), "home": str(settings.home)}
    if secret:
        facts |= {"sign in as": secret.name, "one-time password": secret.password}
    return facts


def _hint(secret: OneTimeSecret | None) -> str:
    if secret:
        return "The password is shown this once. You will be asked for your own at the first sign-in. Ctrl-C stops."
    return "Forgot a password? impetus account reset NAME. Ctrl-C stops."


def say_row(row: PartStatus) -> None:
    """Tell, on standard error, that a part changed its state; remarks of a healthy part stay on the board."""
    if row.state is PartState.RUNNING and row.note:
        return
    say_progress(f"{row.part}: {row.state.value}{f' ({row.note})' if row.note else ''}")
