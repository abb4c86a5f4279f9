"""Files beside the stores that hold copies of what has a time, erased by when they were last written.

Tool snapshots (a pickle may hold readings), the text logs of the parts, what a process that died left half written, and
backups that lie where they were made. A backup that is out of reach, in a drawer or on a tape, stays written down; the
keys of what it holds are destroyed all the same, which is what makes it unreadable.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from impetus.adapters.durable_file import sync_directory, write_durably
from impetus.core.errors import Misconfigured

BACKUPS = "backups.json"
"""In the home: where backups were made, and when."""
MANIFEST, UNFINISHED = "manifest.json", "unfinished"
HALF_DONE = (".new", ".partial")
NOT_WALKED = frozenset({"bus", "log-tiles"})
"""Directories with nothing half done that anybody could read: the bus heals itself, tiles hold commitments."""


class FileRemains:
    """Port `Remains` over the home of an installation."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def sweep(self, horizons: Mapping[str, datetime]) -> Mapping[str, int]:
        """Erase files last written before their store's horizon; return how many, by store."""
        stores: Mapping[str, Callable[[float], int]] = {
            "tool snapshots": lambda before: _unlink_old(self._home.glob("tools/*/snapshot*"), before),
            "text logs": lambda before: _unlink_old(self._home.glob("log/*"), before),
            "half done": lambda before: _unlink_old(self._half_done(), before),
            "backups": self._drop_backups,
        }
        return {store: stores[store](horizon.timestamp()) for store, horizon in horizons.items()}

    def _half_done(self) -> Iterator[Path]:
        """Walk the temporary files of processes that may be gone."""
        for folder, names, files in os.walk(self._home):
            names[:] = [name for name in names if name not in NOT_WALKED]
            yield from (Path(folder) / file for file in files if file.endswith(HALF_DONE))

    def _drop_backups(self, before: float) -> int:
        """Remove backups that are too old where they can be reached; forget those that were removed by somebody else."""
        known = read_backups(self._home)
        gone = [place for place, made in known.items() if made < before and _is_reachable(Path(place))]
        for place in gone:
            shutil.rmtree(place)
            sync_directory(Path(place).parent)
        if gone:
            _write(self._home, {place: made for place, made in known.items() if place not in gone})
        return len(gone)


def note_backup(home: Path, place: Path, made_at: datetime) -> None:
    """Write down that a backup was made, before it holds anything."""
    _write(home, {**read_backups(home), str(place.resolve()): made_at.timestamp()})


def read_backups(home: Path) -> Mapping[str, float]:
    """Return where backups were made, and when, in seconds since 1970."""
    try:
        return {str(place): float(made) for place, made in json.loads((home / BACKUPS).read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError) as error:
        raise Misconfigured(
            f"{home / BACKUPS} cannot be read", value=str(home / BACKUPS), remedy="mend it, or remove it"
        ) from error


def _write(home: Path, known: Mapping[str, float]) -> None:
    write_durably(home / BACKUPS, json.dumps(dict(known)).encode())


def _is_reachable(place: Path) -> bool:
    """Say whether a backup lies there, and nothing else."""
    return (place / "pieces").is_dir() and any((place / mark).is_file() for mark in (MANIFEST, UNFINISHED))


def _unlink_old(files: Iterator[Path], before: float) -> int:
    """Unlink the files last written before a time, and make that last."""
    touched: set[Path] = set()
    count = 0
    for file in files:
        with suppress(FileNotFoundError, IsADirectoryError):
            if file.is_file() and file.stat().st_mtime < before:
                file.unlink()
                touched.add(file.parent)
                count += 1
    for directory in touched:
        with suppress(FileNotFoundError):
            sync_directory(directory)
    return count
