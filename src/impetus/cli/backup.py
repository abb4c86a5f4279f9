"""`impetus backup`, `restore` and `verify`: copies of an installation, and the keys that open them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from impetus.cli.admin import Json, desk_of
from impetus.cli.say import progress_bar, say_progress, show_panel
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import console, platform
from impetus.core.errors import Malformed
from impetus.settings import SETTINGS_FILE, keep_of, read_settings

MIB = 1024 * 1024
MAKE = "make"
RESTORER = platform("restore")


class MakesByDefault(TyperGroup):
    """A group whose first command is meant when none is named: `impetus backup DIR`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's own, under no public name
        """Read the first word as a folder when it names no command."""
        is_named = not args or args[0] in self.commands or args[0] == "--help"
        return super().parse_args(ctx, args if is_named else [MAKE, *args])


backup_app = typer.Typer(
    cls=MakesByDefault, no_args_is_help=True, help="Make a backup while it runs; keep its keys apart."
)


def register(app: typer.Typer) -> None:
    """Add the three commands."""
    app.add_typer(backup_app, name="backup", rich_help_panel="Administer")
    app.command("restore", rich_help_panel="Administer")(restore)
    app.command("verify", rich_help_panel="Administer")(verify)


@backup_app.command(MAKE)
def make(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder, on another disk.")],
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Make a backup of an installation, whether it runs or not.

    Everything in it is encrypted by class and day. Its keys are not in it: bring a key safe up to date as well, and keep
    the two apart.
    """
    from impetus.desk.backups import make as make_backup  # noqa: PLC0415 - help needs none of it
    from impetus.wiring import open_backups  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk, progress_bar("backup") as move:
        settings = read_settings(home)
        made = make_backup(desk, console(), open_backups(settings, desk), folder, keep_of(settings), move)
    _say(
        "Backup made",
        {
            "folder": str(made.place),
            "made_at": made.made_at.isoformat(timespec="seconds"),
            "pieces": made.pieces,
            "rows": made.rows,
            "files": made.files,
            "mib": round(made.bytes_ / MIB, 1),
            "keys": made.keys,
        },
        json_only=json_only,
        hint="It opens only with the keys. Bring the key safe up to date: impetus backup keys SAFE",
    )


@backup_app.command("keys")
def keys(
    safe: Annotated[Path, typer.Argument(help="The key safe: a folder on a medium kept apart from the backups.")],
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Bring a key safe up to date: copy new keys, destroy those that retention destroyed."""
    from impetus.adapters.key_safe import sync_safe  # noqa: PLC0415 - help needs none of it
    from impetus.core.log_record import Processing  # noqa: PLC0415 - help needs none of it
    from impetus.desk.noted import note_done  # noqa: PLC0415 - help needs none of it
    from impetus.desk.permit import permit  # noqa: PLC0415 - help needs none of it
    from impetus.ethics.guard import Operation  # noqa: PLC0415 - help needs none of it

    with desk_of(home) as desk:
        permit(desk, console(), Operation.BACKUPS_MAKE)
        synced = sync_safe(home, safe, desk.clock.now())
        facts = {"copied": synced.copied, "destroyed": synced.destroyed, "kept": synced.kept}
        note_done(desk, console(), "backup.keys", "key_safe:any", processing=Processing.DISCLOSURE, facts=facts)
    _say(
        "Key safe up to date",
        {"folder": str(safe), "copied": synced.copied, "destroyed": synced.destroyed, "keys": synced.kept},
        json_only=json_only,
        hint="Whoever has this and a backup can read everything in it. Keep it under lock, apart from the backups.",
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="The backup.")],
    safe: Annotated[Path, typer.Option("--keys", help="The key safe of the installation.")],
    home: Annotated[Path, typer.Option("--home", help="A new or empty folder for the installation.")],
    json_only: Json = False,
) -> None:
    """Make a new home of a backup and its keys, and erase what is over its time before anything is served.

    What retention erased stays erased: its keys are gone. Sessions end; people sign in again.
    """
    from impetus.adapters.backup.restore import restore_backup  # noqa: PLC0415 - help needs none of it

    with progress_bar("restore") as move:
        restored = restore_backup(folder, safe, home, move)
    erased = _sweep(home)
    _say(
        "Restored",
        {
            "home": str(restored.home),
            "as_of": restored.made_at.isoformat(timespec="seconds"),
            "rows": restored.rows,
            "files": restored.files,
            "pieces_erased_before": sum(restored.unreadable.values()),
            "erased_now": erased,
        },
        json_only=json_only,
        hint=f"Serve it with: impetus serve --home {home}",
    )


def verify(
    folder: Annotated[Path, typer.Argument(help="The backup.")],
    keys: Annotated[
        list[Path] | None, typer.Option("--keys", help="A key safe or home, to tell what can still be opened.")
    ] = None,
    json_only: Json = False,
) -> None:
    """Check a backup without the installation: every piece there, as it was written, under a signed manifest."""
    from impetus.adapters.backup.make import check_backup  # noqa: PLC0415 - help needs none of it

    with progress_bar("verify") as move:
        found = check_backup(folder, keys or [], move)
    for trouble in found.troubles:
        say_progress(trouble)
    if found.troubles:
        raise Malformed(
            f"the backup in {folder} is damaged in {len(found.troubles)} places",
            value=len(found.troubles),
            limit="every piece as it was written",
            remedy="take another copy of it, or make a new backup",
        )
    unreadable = (
        "not asked; name a key safe with --keys" if found.unreadable is None else sum(found.unreadable.values())
    )
    facts = {name: value for name, value in asdict(found).items() if name in ("site", "pieces")}
    _say(
        "Backup is whole",
        {
            **facts,
            "made_at": found.made_at.isoformat(timespec="seconds"),
            "mib": round(found.bytes_ / MIB, 1),
            "signed_by": found.signed_by,
            "pieces_erased": unreadable,
        },
        json_only=json_only,
    )


def _sweep(home: Path) -> int:
    """Run retention in a restored home until nothing is due."""
    from impetus.desk.sweep import sweep  # noqa: PLC0415 - help needs none of it

    if not (home / SETTINGS_FILE).exists():
        say_progress("the backup has no settings: the defaults hold")
    erased = 0
    with desk_of(home) as desk:
        keep = keep_of(read_settings(home))
        while True:
            report = sweep(desk, RESTORER, keep)
            erased += report.erased
            if report.is_complete:
                return erased


def _say(title: str, facts: dict[str, Any], *, json_only: bool, hint: str = "") -> None:
    """Print what was done."""
    if json_only:
        typer.echo(json.dumps(facts))
    else:
        show_panel(title, {name.replace("_", " "): f"{fact}" for name, fact in facts.items()}, hint=hint)
