"""The command line. A command's module is imported when the command is used, so that help is quick and never broken.

Each module exposes `register(app)`; `COMMANDS` names the module of each command and says what it does, in the words of
the command's own help (a test compares them).
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import typer

from impetus import __version__
from impetus.cli.say import say_error
from impetus.core.errors import ImpetusError, OurFault

HELP = """Impetus: an open urban-safety platform.

Run, feed, check and measure an installation. `impetus demo` shows all of it on this machine, with simulated input."""
RUN, FEED, CHECK, ADMIN = "Run", "Feed", "Check and measure", "Administer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Where a command lives, what it does in one line, and under which heading help shows it."""

    module: str
    help: str
    panel: str


COMMANDS: Mapping[str, Command] = {
    "demo": Command(module="demo", panel=RUN, help="Run the platform on this machine with a simulated city square."),
    "serve": Command(module="serve", panel=RUN, help="Serve an installation until it is told to stop."),
    "source": Command(module="source", panel=FEED, help="Declare sources and give them tokens."),
    "replay": Command(
        module="replay", panel=FEED, help="Play recorded series into an installation, at a chosen speed."
    ),
    "tool": Command(module="tool", panel=CHECK, help="List, check and begin tools."),
    "type": Command(
        module="incident_type",
        panel=CHECK,
        help="Check incident types, and list those that come with the platform.",
    ),
    "playbook": Command(
        module="playbook", panel=CHECK, help="Check playbooks, and list those that come with the platform."
    ),
    "evaluate": Command(
        module="evaluate",
        panel=CHECK,
        help="Measure a tool on labelled data: progress on stderr, the figures last on stdout.",
    ),
    "generate": Command(module="generate", panel=CHECK, help="Make up data with known truth, to measure tools on."),
    "log": Command(module="log", panel=CHECK, help="Copy the tamper-evident log, and verify a copy."),
    "bench": Command(
        module="bench", panel=CHECK, help="Measure how fast and how safe the platform is on this machine."
    ),
    "stop": Command(
        module="stop", panel=RUN, help="Stop a tool, a camera, a source, the site or all, now; or list what is stopped."
    ),
    "lift": Command(module="stop", panel=RUN, help="Let run again what was stopped, by name and with a reason."),
    "register": Command(
        module="register", panel=ADMIN, help="See, complete and sign what each tool does and by what right."
    ),
    "assessment": Command(
        module="assessment", panel=ADMIN, help="Read, answer and export the impact assessment of a tool."
    ),
    "account": Command(module="admin", panel=ADMIN, help="Add, reset and list people's accounts."),
    "backup": Command(module="backup", panel=ADMIN, help="Make a backup while it runs; keep its keys apart."),
    "restore": Command(module="backup", panel=ADMIN, help="Make a new home of a backup and its keys."),
    "verify": Command(
        module="backup",
        panel=ADMIN,
        help="Check a backup without the installation: every piece there, as it was written, under a signed manifest.",
    ),
    "channel": Command(
        module="channel", panel=ADMIN, help="Check the channels that reach people, and keep their secrets."
    ),
    "retention": Command(
        module="retention", panel=ADMIN, help="Show what is kept for how long, and prove that the rest is gone."
    ),
    "pseudonyms": Command(
        module="pseudonyms", panel=ADMIN, help="Make the keys of pseudonyms; the master is held by three custodians."
    ),
    "token": Command(module="admin", panel=ADMIN, help="Issue, list and revoke tokens for programs."),
}


def build(wanted: Sequence[str] | None = None) -> typer.Typer:
    """Return the command line with these commands loaded, all when None; the others are there by name and help."""
    app = typer.Typer(no_args_is_help=True, help=HELP, rich_markup_mode="markdown", add_completion=False)
    app.callback()(root)
    loaded = {COMMANDS[name].module for name in (COMMANDS if wanted is None else wanted) if name in COMMANDS}
    registered: set[str] = set()
    for name, command in COMMANDS.items():
        if command.module not in loaded:
            app.command(name, help=command.help, rich_help_panel=command.panel)(_not_loaded)
        elif command.module not in registered:
            registered.add(command.module)
            import_module(f"impetus.cli.{command.module}").register(app)
    return app


def say_version(is_asked: bool) -> None:
    """Print the version and stop, when asked."""
    if is_asked:
        typer.echo(__version__)
        raise typer.Exit


def root(
    version: bool = typer.Option(
        False, "--version", callback=say_version, help="Print the version and stop.", is_eager=True
    ),
) -> None:
    """Run, feed, check and measure an installation."""


def _not_loaded() -> None:
    """Stand for a command that another one was used instead of."""
    raise OurFault("this command was not loaded", remedy="report it")


def main() -> None:
    """Run the command line; an error of ours or theirs is one line and an exit code, never a trace."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    try:
        build(words[:1])()
    except ImpetusError as error:
        say_error(error)
        raise SystemExit(error.exit_code) from None
    except ModuleNotFoundError as error:
        say_error(OurFault(f"a part of this program is missing: {error.name}", remedy="set it up again: make setup"))
        raise SystemExit(OurFault.exit_code) from None
