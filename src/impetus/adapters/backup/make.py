"""Making a backup of an installation while it runs, and checking one."""

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from impetus.adapters.backup.files import HomeFiles, pack
from impetus.adapters.backup.manifest import (
    FILES,
    MANIFEST,
    PIECES,
    ROWS,
    UNFINISHED,
    Manifest,
    Piece,
    digest,
    read_manifest,
    write_manifest,
)
from impetus.adapters.backup.state import StateRows, encode_rows
from impetus.adapters.class_keys import file_name
from impetus.adapters.durable_file import disk_full, sync_directory, write_durably
from impetus.adapters.key_safe import RING
from impetus.adapters.remains import note_backup
from impetus.adapters.sql.engine import open_reader
from impetus.adapters.sql.migrate import HEAD
from impetus.core.errors import Conflict, Refused
from impetus.ports import Chance, Clock
from impetus.ports.backups import KeyName, Label, Made, Move, Verified
from impetus.ports.ethics import Signatures
from impetus.ports.retention import ClassKeys

STATE_FILE = "state.sqlite3"
LEVEL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Which installation it is."""

    home: Path
    name: str
    program: str


class FileBackups:
    """Port `Backups` over folders."""

    def __init__(self, site: Site, keys: ClassKeys, signatures: Signatures, clock: Clock, chance: Chance) -> None:
        self._site, self._keys, self._signatures, self._clock, self._chance = site, keys, signatures, clock, chance

    def make(self, target: Path, label: Label, move: Move) -> Made:
        """Copy the installation into a new or empty folder; `NotNow` when the disk is full: what is there is unfinished."""
        _require_empty(target, self._site.home)
        made_at = self._clock.now()
        try:
            (target / PIECES).mkdir(mode=0o700, parents=True)
            note_backup(self._site.home, target, made_at)
            write_durably(target / UNFINISHED, b"")
        except OSError as error:
            raise disk_full(error, target) from error
        writer = _PieceWriter(target, self._keys)
        files = HomeFiles(self._site.home, made_at.date(), label)
        with self._state(label) as state:
            rows, count = max(1, state.count()), files.count() + 1
            for key, group in state.groups():
                writer.write(ROWS, key, len(group), encode_rows(group))
                move(0.5 * min(1.0, writer.counts[ROWS] / rows), "rows")
        for key, lot in files.lots():
            writer.write(FILES, key, len(lot), pack(lot))
            move(0.5 + 0.5 * min(1.0, writer.counts[FILES] / count), "files")
        manifest = Manifest(
            id=self._chance.token()[:16],
            made_at=made_at,
            site=self._site.name,
            program=self._site.program,
            schema=HEAD,
            pieces=tuple(writer.pieces),
        )
        sync_directory(target / PIECES)
        write_manifest(target, manifest, self._signatures)
        (target / UNFINISHED).unlink()
        sync_directory(target)
        move(1.0, "done")
        return writer.made(target, manifest)

    @contextmanager
    def _state(self, label: Label) -> Iterator[StateRows]:
        """Give the rows of the state as they are at one moment."""
        engine = open_reader(f"sqlite:///{self._site.home / STATE_FILE}")
        try:
            with engine.connect() as connection, connection.begin() as transaction:
                yield StateRows(connection, self._clock.now().date(), label)
                transaction.rollback()
        finally:
            engine.dispose()


class _PieceWriter:
    """Seals pieces and writes them, numbered."""

    def __init__(self, target: Path, keys: ClassKeys) -> None:
        self._target, self._keys = target, keys
        self.pieces: list[Piece] = []
        self.counts = {ROWS: 0, FILES: 0}

    def write(self, what: str, key: KeyName, count: int, content: bytes) -> None:
        """Pack, seal and write one piece durably."""
        path = f"{PIECES}/{len(self.pieces):06d}"
        sealed = self._keys.seal(zlib.compress(content, LEVEL), about=f"backup piece:{what}", kind=key[0], day=key[1])
        piece = Piece(
            path=path, what=what, count=count, kind=key[0], day=key[1], bytes_=len(sealed), sha256=digest(sealed)
        )
        try:
            descriptor = os.open(self._target / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(sealed)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise disk_full(error, self._target) from error
        self.pieces.append(piece)
        self.counts[what] += count

    def made(self, target: Path, manifest: Manifest) -> Made:
        """Return what was made."""
        return Made(
            place=target,
            made_at=manifest.made_at,
            pieces=len(self.pieces),
            rows=self.counts[ROWS],
            files=self.counts[FILES],
            bytes_=sum(piece.bytes_ for piece in self.pieces),
            keys=len({(piece.kind, piece.day) for piece in self.pieces}),
        )


def check_backup(place: Path, keys: Sequence[Path], move: Move) -> Verified:
    """Read every piece of a backup and compare it with the signed manifest; needs nothing but the folder.

    `keys` are homes or key safes: with them it also says what can no longer be opened because its key was destroyed.
    """
    manifest = read_manifest(place)
    troubles: list[str] = []
    for number, piece in enumerate(manifest.pieces, 1):
        trouble = trouble_of(place, piece)
        troubles.extend([trouble] if trouble else [])
        move(number / max(1, len(manifest.pieces)), piece.path)
    extra = {path.name for path in (place / PIECES).iterdir()} - {Path(piece.path).name for piece in manifest.pieces}
    troubles.extend(f"{PIECES}/{name} is not in the manifest" for name in sorted(extra))
    return Verified(
        made_at=manifest.made_at,
        site=manifest.site,
        pieces=len(manifest.pieces),
        bytes_=sum(piece.bytes_ for piece in manifest.pieces),
        signed_by=manifest.key,
        troubles=tuple(troubles),
        unreadable=_unreadable(manifest, keys) if keys else None,
    )


def trouble_of(place: Path, piece: Piece) -> str:
    """Say what is wrong with a piece, empty when it is as it was written."""
    try:
        content = (place / piece.path).read_bytes()
    except FileNotFoundError:
        return f"{piece.path} is missing"
    except OSError as error:
        return f"{piece.path} cannot be read: {error.strerror}"
    if len(content) != piece.bytes_:
        return f"{piece.path} has {len(content)} bytes, not the {piece.bytes_} written: it was cut or replaced"
    return "" if digest(content) == piece.sha256 else f"{piece.path} was changed"


def _unreadable(manifest: Manifest, keys: Sequence[Path]) -> dict[str, int]:
    """Count, by class, the pieces whose key is in none of these places."""
    counted: dict[str, int] = {}
    for piece in manifest.pieces:
        name = file_name(piece.kind, piece.day)
        if not any((place / RING / name).is_file() for place in keys):
            counted[piece.kind] = counted.get(piece.kind, 0) + 1
    return counted


def _require_empty(target: Path, home: Path) -> None:
    """Refuse a folder that holds something, and one inside the home: it would be lost with what it copies."""
    if target.resolve().is_relative_to(home.resolve()):
        raise Refused(
            f"{target} lies inside the installation",
            rule="a backup lies apart from what it backs up",
            value=str(target),
            source="house rule",
            remedy="choose a folder on another disk",
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        is_half = (target / UNFINISHED).exists() and not (target / MANIFEST).exists()
        raise Conflict(
            f"{target} holds something already{': a backup that was never finished' if is_half else ''}",
            value=str(target),
            limit="a new or empty folder",
            remedy="remove it, or name another folder" if is_half else "name another folder",
        )


__all__ = ["FileBackups", "Site", "check_backup", "trouble_of"]
