"""Key safes: copies of an installation's keys, kept apart from its backups, for the day its machine is gone.

A safe is a directory a city keeps on a medium of its own: the installation's key, its signing keys and the ring of class
keys. Bringing it up to date copies what is new and destroys what was destroyed; until then it could bring back what was
erased, and every run of retention says so. What each safe held when it was last brought up to date is written down in
the home, so that this can be told without the safe.
"""

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from impetus.adapters.durable_file import disk_full, sync_directory, write_durably
from impetus.core.errors import Malformed, Misconfigured, Refused
from impetus.ports.retention import KeySafe

MARK_FILE = "impetus-key-safe.json"
FORMAT = "impetus-key-safe-1"
BOOK = "key-safes.json"
"""In the home beside the ring: which safes there are."""
RING, KEY, SIGNING, PSEUDONYMS = "class-keys", "key", "signing", "pseudonyms/days"
OVERWRITES = 2
"""Times a key's file is overwritten; once is enough for a disk that writes in place (NIST SP 800-88), twice to be read."""


class Entry(TypedDict):
    """What is written down of a safe: when it was last brought up to date, and the names of the keys it then held."""

    synced_at: str
    keys: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What bringing a safe up to date did."""

    place: Path
    copied: int
    destroyed: int
    kept: int


def sync_safe(home: Path, safe: Path, at: datetime) -> Synced:
    """Make the safe hold exactly the keys the installation has; `Refused` for a safe of another installation.

    `NotNow` when there is no room. May be interrupted and done again.
    """
    _require_own(home, safe)
    ring = safe / RING
    try:
        for directory in (safe, ring, safe / SIGNING):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        here, there = set(_names(home / RING)), set(_names(ring))
        for name in sorted(here - there):
            _copy(home / RING / name, ring / name)
        destroyed = sum(shred(ring / name) for name in sorted(there - here))
        _copy(home / KEY, safe / KEY)
        for name in _plain_names(home / SIGNING):
            _copy(home / SIGNING / name, safe / SIGNING / name)
        destroyed += _mirror(home / PSEUDONYMS, safe / PSEUDONYMS)
        sync_directory(ring)
    except OSError as error:
        raise disk_full(error, safe) from error
    write_durably(safe / MARK_FILE, json.dumps({"format": FORMAT, "synced_at": at.isoformat()}).encode())
    _write_down(home, safe, at, sorted(here))
    return Synced(place=safe, copied=len(here - there), destroyed=destroyed, kept=len(here))


def copy_keys(safe: Path, home: Path) -> None:
    """Copy every key of a safe into a new home."""
    _copy(safe / KEY, home / KEY)
    for folder in (RING, SIGNING, PSEUDONYMS):
        if (safe / folder).is_dir():
            (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in _plain_names(safe / folder):
                _copy(safe / folder / name, home / folder / name)


def require_safe(safe: Path) -> None:
    """Raise `Malformed` for a directory that is no key safe."""
    try:
        is_one = json.loads((safe / MARK_FILE).read_bytes())["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        is_one = False
    if not is_one or not (safe / KEY).is_file():
        raise Malformed(
            f"{safe} is no key safe",
            value=str(safe),
            limit=f"a folder with {MARK_FILE}, {KEY} and {RING}/",
            remedy="name the folder that `impetus backup keys` wrote",
        )


def safes_of(ring: Path) -> Sequence[KeySafe]:
    """Return the safes written down beside a ring, and how many keys each had that the ring has no more."""
    here = set(_names(ring))
    return [
        KeySafe(
            place=place,
            synced_at=datetime.fromisoformat(entry["synced_at"]),
            behind=len(set(entry["keys"]) - here),
        )
        for place, entry in sorted(_book(ring.parent).items())
    ]


def _require_own(home: Path, safe: Path) -> None:
    """Refuse what is neither empty nor this installation's safe."""
    if not safe.exists() or not any(safe.iterdir()):
        return
    require_safe(safe)
    if (safe / KEY).read_bytes() != (home / KEY).read_bytes():
        raise Refused(
            f"{safe} is the key safe of another installation",
            rule="a safe belongs to one installation",
            value=str(safe),
            source="house rule",
            remedy="choose an empty folder",
        )


def _names(directory: Path) -> list[str]:
    return [name for name in _plain_names(directory) if "." in name]


def _plain_names(directory: Path) -> list[str]:
    if not directory.is_dir():
        return []
    return sorted(entry.name for entry in os.scandir(directory) if entry.is_file() and not entry.name.startswith("."))


def _mirror(source: Path, target: Path) -> int:
    """Make a folder of keys in the safe like the one in the home; return how many were destroyed."""
    here, there = set(_plain_names(source)), set(_plain_names(target))
    if here or there:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in sorted(here - there):
        _copy(source / name, target / name)
    return sum(shred(target / name) for name in sorted(there - here))


def _copy(source: Path, target: Path) -> None:
    """Copy a small secret file durably, readable by its owner only."""
    write_durably(target, source.read_bytes())


def shred(file: Path) -> bool:
    """Overwrite a small file, make that last, unlink it, and say whether it was there."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        size = os.fstat(descriptor).st_size
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        for _ in range(OVERWRITES):
            os.pwrite(descriptor, os.urandom(size), 0)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    file.unlink(missing_ok=True)
    return True


def _book(home: Path) -> dict[str, "Entry"]:
    try:
        book = json.loads((home / BOOK).read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Misconfigured(
            f"{home / BOOK} cannot be read", remedy="remove it and bring each key safe up to date"
        ) from error
    return {
        str(place): Entry(synced_at=str(entry["synced_at"]), keys=list(entry["keys"])) for place, entry in book.items()
    }


def _write_down(home: Path, safe: Path, at: datetime, keys: Sequence[str]) -> None:
    entry = Entry(synced_at=at.astimezone(UTC).isoformat(), keys=list(keys))
    book = _book(home) | {str(safe.resolve()): entry}
    write_durably(home / BOOK, json.dumps(book).encode())
