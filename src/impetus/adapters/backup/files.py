"""The files of a home as lots for pieces: which there are, under which key each lies, and packing them.

Left out: the state (its rows are pieces of their own), the bus (what it holds is in history and state within seconds, or
on its way), every key (they go to a key safe), locks, wake-ups and text logs. A file larger than a piece lies in several.
"""

import contextlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from impetus.adapters.class_keys import label_of
from impetus.adapters.parquet.files import live_parts, partitions
from impetus.core.errors import OurFault
from impetus.core.observation import from_us
from impetus.ports.backups import HistoryDay, KeyName, Label

LOT_BYTES = 16 * 1024 * 1024
"""Bytes of files in a piece at most; what making and restoring take of memory, a few times over. House rule."""
ATTEMPTS = 20
"""Times history is listed again when its files were merged or swept while they were copied."""
KEYS = ("key", "class-keys", "signing", "pseudonyms/days")
LEFT_OUT = frozenset({*KEYS, "bus", "lock", "log", "wake", "key-safes.json", "backups.json"})
SPECIAL = frozenset({"history", "blobs", "log-tiles", "tools"})
STATE_PREFIX = "state."
LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One file, or a part of one: its path in the home, where the part begins, the whole's size, and its bytes."""

    path: str
    offset: int
    size: int
    modified_ns: int
    content: bytes


Lot = tuple[KeyName, list[Stored]]


class HomeFiles:
    """Walks the files of a home that belong into a backup."""

    def __init__(self, home: Path, today: date, label: Label) -> None:
        self._home, self._today, self._label = home, today, label

    def lots(self) -> Iterator[Lot]:
        """Yield `((class, day), [file, …])`, about `LOT_BYTES` at a time."""
        waiting: dict[KeyName, list[Stored]] = {}
        for key, stored in self._files():
            lot = waiting.setdefault(key, [])
            lot.append(stored)
            if sum(len(one.content) for one in lot) >= LOT_BYTES or len(lot) >= LOT_BYTES // 4096:
                yield key, waiting.pop(key)
        yield from waiting.items()

    def count(self) -> int:
        """Return about how many files there are, to show progress by."""
        return sum(1 for _ in self._home.rglob("*"))

    def _files(self) -> Iterator[tuple[KeyName, Stored]]:
        yield from self._blobs()
        yield from self._history()
        yield from self._tiles()
        own = self._label("snapshots", self._today, None)
        for path in sorted(self._home.glob("tools/*/snapshot")):
            yield from ((own, part) for part in _parts(self._home, path))
        state = self._label("state", self._today, None)
        for path in self._others():
            yield from ((state, part) for part in _parts(self._home, path))

    def _blobs(self) -> Iterator[tuple[KeyName, Stored]]:
        """Yield blobs, as encrypted, under the key they are sealed with already; older ones under the day they were stored."""
        for path in sorted(self._home.glob("blobs/??/*")):
            if path.name.startswith("."):
                continue
            key: KeyName | None = None
            for part in _parts(self._home, path):
                stored = from_us(part.modified_ns // 1_000).date()
                key = key or label_of(part.content) or self._label("evidence", stored, None)
                yield key, part

    def _history(self) -> Iterator[tuple[KeyName, Stored]]:
        """Yield the files of history that one moment's state counts: they never change, so a look-alike is the same."""
        done: set[str] = set()
        root = self._home / "history"
        for _ in range(ATTEMPTS):
            state = _read(root / "state.json")
            if state is None:
                return
            found = [
                (partition, part.path)
                for partition in partitions(root)
                for part in live_parts(partition.path, int(json.loads(state)["flush"]))
            ]
            is_whole = True
            for partition, path in found:
                if path.name in done:
                    continue
                parts = list(_parts(self._home, path))
                is_whole = is_whole and bool(parts)
                done.update({path.name} if parts else ())
                day = _calendar_day(partition.day)
                own = HistoryDay(retention=partition.retention, day=day)
                key = self._label(f"history-{partition.retention}", day, own)
                yield from ((key, part) for part in parts)
            if is_whole:
                yield self._label("state", self._today, None), _whole("history/state.json", state)
                latest = self._label("history-latest", self._today, None)
                yield from ((latest, part) for part in _parts(self._home, root / "latest.saved"))
                return
        raise OurFault("files of the history change faster than they are copied", remedy="make the backup again")

    def _tiles(self) -> Iterator[tuple[KeyName, Stored]]:
        """Yield the log: its checkpoint before the tiles, which are written before the checkpoint that counts them."""
        key = self._label("log", self._today, None)
        root = self._home / "log-tiles"
        first = [root / "checkpoint"] if (root / "checkpoint").is_file() else []
        rest = sorted(path for path in root.rglob("*") if path not in first and not path.name.endswith(".new"))
        for path in (*first, *rest):
            yield from ((key, part) for part in _parts(self._home, path))

    def _others(self) -> Iterator[Path]:
        """Walk the files that no other rule speaks of: settings, place, register, stops, whatever a site put there."""
        for folder, names, files in os.walk(self._home):
            names[:] = sorted(name for name in names if not self._is_left_out(Path(folder) / name))
            for name in sorted(files):
                path = Path(folder) / name
                if not self._is_left_out(path) and not name.endswith((".new", ".partial")):
                    yield path

    def _is_left_out(self, path: Path) -> bool:
        name = path.relative_to(self._home).as_posix()
        return name in LEFT_OUT or name in SPECIAL or name.startswith(STATE_PREFIX) or path.is_symlink()


def pack(files: list[Stored]) -> bytes:
    """Return files as one run of bytes: for each a header in JSON and the content, both behind their length."""
    out = bytearray()
    for file in files:
        head = json.dumps([file.path, file.offset, file.size, file.modified_ns]).encode()
        out += LENGTH.pack(len(head)) + head + LENGTH.pack(len(file.content)) + file.content
    return bytes(out)


def unpack(content: bytes) -> Iterator[Stored]:
    """Yield what `pack` was given; `OurFault` for a path that leads out of a home."""
    place = 0
    while place < len(content):
        head, place = _run(content, place)
        body, place = _run(content, place)
        path, offset, size, modified_ns = json.loads(head)
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise OurFault(f"a backup holds {path!r}, which lies in no home", value=path, remedy="do not restore it")
        yield Stored(path=path, offset=offset, size=size, modified_ns=modified_ns, content=body)


def _run(content: bytes, place: int) -> tuple[bytes, int]:
    (length,) = LENGTH.unpack_from(content, place)
    start = place + LENGTH.size
    return content[start : start + length], start + length


def _parts(home: Path, path: Path) -> Iterator[Stored]:
    """Yield a file in parts of a lot's size; nothing for one that is gone or no plain file."""
    with contextlib.suppress(FileNotFoundError, IsADirectoryError), path.open("rb") as file:
        found = os.fstat(file.fileno())
        name, offset = path.relative_to(home).as_posix(), 0
        while True:
            content = file.read(LOT_BYTES)
            if content or not offset:
                yield Stored(
                    path=name, offset=offset, size=found.st_size, modified_ns=found.st_mtime_ns, content=content
                )
            offset += len(content)
            if len(content) < LOT_BYTES:
                return


def _calendar_day(day: str) -> date:
    """Return a partition's day, the first of our calendar for one before it."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        return date.min


def _whole(path: str, content: bytes) -> Stored:
    return Stored(path=path, offset=0, size=len(content), modified_ns=0, content=content)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
