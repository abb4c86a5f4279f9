"""`impetus channel`: check the file of the channels, keep their secrets, and ask each whether it is there."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import show_table
from impetus.core.errors import ImpetusError, Malformed, Misconfigured

channel_app = typer.Typer(no_args_is_help=True, help="Check the channels that reach people, and keep their secrets.")
Home = Annotated[Path, typer.Option(help="Folder of the installation.")]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
HOME = Path("var/home")
MOST_CHARS = 4096


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(channel_app, name="channel", rich_help_panel="Administer")


@channel_app.command("check")
def check(home: Home = HOME, json_only: Json = False) -> None:
    """Read `channels.toml` and say every flaw with its line and what would mend it; exit code 65 when there is one."""
    from impetus.adapters.notices.book import CHANNELS_FILE  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.notices.channels_text import read_channels  # noqa: PLC0415 - help needs none of it
    from impetus.settings import read_settings  # noqa: PLC0415 - help needs none of it

    file = home / CHANNELS_FILE
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{file} cannot be read: {error}", value=str(file), remedy="write it as UTF-8") from error
    said = read_channels(text, simulated=read_settings(home).simulated)
    if json_only:
        flaws = [{"line": flaw.line, "says": flaw.says, "remedy": flaw.remedy} for flaw in said.flaws]
        channels = [{"name": entry.name, "kind": entry.kind, "line": entry.line} for entry in said.entries]
        typer.echo(json.dumps({"channels": channels, "flaws": flaws}, ensure_ascii=False))
    else:
        for flaw in said.flaws:
            typer.echo(f"{file}:{flaw.line}: {flaw.says}; to mend it: {flaw.remedy}")
        if not said.flaws:
            names = ", ".join(f"{entry.name} ({entry.kind})" for entry in said.entries)
            typer.echo(f"{file}: {names or 'no channel: nothing goes out'}")
    if said.flaws:
        raise typer.Exit(Malformed.exit_code)


@channel_app.command("secret")
def secret(
    name: Annotated[str, typer.Argument(help="The name that `secret` in channels.toml says.")], home: Home = HOME
) -> None:
    """Keep a secret, read from standard input, sealed under the installation's key; it is printed nowhere."""
    from impetus.adapters.chance import SystemChance  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.file_keys import FileKeys  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.notices.secrets import ChannelSecrets  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import make_home  # noqa: PLC0415 - help needs none of it

    text = typer.prompt("secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read(MOST_CHARS + 2)
    make_home(home)
    ChannelSecrets(home, FileKeys(home / "key", SystemChance())).keep(name, text.strip())
    typer.echo(f"kept: {name}")


@channel_app.command("try")
def try_all(home: Home = HOME) -> None:
    """Ask every channel whether it is there, sending nothing to anybody; exit code 78 when one is not."""
    from impetus.settings import read_settings  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_desk  # noqa: PLC0415 - help needs none of it

    desk = open_desk(read_settings(home))
    try:
        rows = [(name, way.kind, _said(way.check)) for name, way in sorted(desk.channels.channels().items())]
        fault = desk.channels.fault()
    finally:
        desk.close()
    show_table(("channel", "kind", "state"), rows)
    if fault:
        raise Misconfigured(fault, remedy="mend channels.toml")
    if any(state != "is there" for _, _, state in rows):
        raise typer.Exit(Misconfigured.exit_code)


def _said(check_: Callable[[], None]) -> str:
    """Return what a channel said when it was asked."""
    try:
        check_()
    except ImpetusError as error:
        return error.detail
    return "is there"
