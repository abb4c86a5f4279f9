"""`impetus log`: take a copy of the tamper-evident log, and verify one: offline, without an installation."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_progress
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.core.actor import console
from impetus.core.errors import Conflict, TheirFault, Unknown
from impetus.ethics.log.checkpoint import COSIGNATURE, VerifierKey, parse_key
from impetus.ethics.log.rebuild import Copy
from impetus.ethics.log.verdict import Verdict

SHOWN_FAULTS = 20

app_log = typer.Typer(no_args_is_help=True, help="Copy the tamper-evident log, and verify a copy.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(app_log, name="log", rich_help_panel="Check and measure")


@app_log.command("verify")
def verify_copy(
    directory: Annotated[Path, typer.Argument(help="Folder of the copy, as `impetus log export` writes it.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint from elsewhere: a witness, an earlier export.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="File with the log's verifier key; else the copy's own is used.")
    ] = None,
    witness_key: Annotated[
        list[Path] | None, typer.Option(help="File with a witness's verifier key; may be given several times.")
    ] = None,
    json_only: Annotated[bool, typer.Option("--json", help="Print the verdict as one line of JSON.")] = False,
) -> None:
    """Recompute a copy of the log and compare it with what was signed and witnessed; needs no network and no home.

    Exit code 0: everything fits. 65: something does not, and it says what and where.
    """
    from impetus.adapters.signatures import verify as check  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.tile_log import TileFiles  # noqa: PLC0415 - help needs none of it
    from impetus.ethics.log.verify import Trusted, verify  # noqa: PLC0415 - help needs none of it

    if not directory.is_dir():
        raise Unknown(f"there is no folder {directory}", value=str(directory), remedy="name the folder of a copy")
    files = TileFiles(directory)
    trusted = Trusted(
        checkpoint=None if checkpoint is None else _read(checkpoint),
        key=None if key is None else _key(key),
        witnesses=tuple(_witness_key(file) for file in witness_key or ()),
    )
    copy = Copy(read=files.read, names=files.names())
    verdict = verify(copy, trusted, check, progress=lambda done: say_progress(f"{done:,} entries"))
    typer.echo(json.dumps(_facts(verdict)) if json_only else _words(verdict, has_checkpoint=checkpoint is not None))
    if not verdict.is_sound:
        raise typer.Exit(TheirFault.exit_code)


@app_log.command("export")
def export(
    directory: Annotated[Path, typer.Argument(help="Folder to write the copy into; made when it is not there.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a copy of the log that anybody can verify: entries without names, hashes, the newest checkpoint, the key."""
    from impetus.cli.admin import desk_of  # noqa: PLC0415 - help needs none of it
    from impetus.desk.verify_log import export_log  # noqa: PLC0415 - help needs none of it

    if directory.exists() and any(directory.iterdir()):
        raise Conflict(
            f"{directory} is not empty", value=str(directory), limit="an empty folder", remedy="choose another"
        )

    def keep(path: str, content: bytes) -> None:
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    with desk_of(home) as desk:
        size = export_log(desk, console(), keep)
    typer.echo(f"{size:,} entries are in {directory}. Verify them: impetus log verify {directory} --checkpoint FILE")


def _words(verdict: Verdict, *, has_checkpoint: bool) -> str:
    """Return the verdict for people: one sentence, then what is wrong, then remarks."""
    lines = [verdict.sentence()]
    if not verdict.is_sound:
        lines += [f"  {fault.where}: {fault.what}" for fault in verdict.faults[:SHOWN_FAULTS]]
        hidden = len(verdict.faults) + verdict.more_faults - SHOWN_FAULTS
        lines += [f"  and {hidden:,} more"] if hidden > 0 else []
    lines += [f"Note: {remark}." for remark in verdict.remarks]
    if verdict.is_sound and not has_checkpoint:
        lines.append("Note: whoever has the log's key could have rewritten it; give a checkpoint that a witness kept.")
    return os.linesep.join(lines)


def _facts(verdict: Verdict) -> dict[str, object]:
    return {
        "sound": verdict.is_sound,
        "origin": verdict.origin,
        "size": verdict.size,
        "minimum": verdict.minimum,
        "root": verdict.root.hex(),
        "entries": verdict.entries,
        "compared": verdict.compared,
        "signed_by": verdict.signed_by,
        "key_trusted": verdict.is_key_trusted,
        "witnesses": [{"name": one.name, "at": one.at.isoformat()} for one in verdict.cosigned],
        "faults": [{"where": fault.where, "what": fault.what} for fault in verdict.faults],
        "more_faults": verdict.more_faults,
        "remarks": verdict.remarks,
    }


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unknown(f"{file} cannot be read: {error.strerror}", value=str(file), remedy="name a file") from error


def _key(file: Path) -> VerifierKey:
    return parse_key(_read(file).decode("utf-8", "replace").strip())


def _witness_key(file: Path) -> VerifierKey:
    """Return a witness's key; a plain Ed25519 key is taken as that of a witness by its name."""
    key = _key(file)
    return VerifierKey(name=key.name, public_key=key.public_key, kind=COSIGNATURE)
