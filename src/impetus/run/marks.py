"""Marks to be looked for: texts and numbers that occur nowhere else, planted in every store of an installation.

A text mark is a word that begins with the run's own prefix; a number mark is a reading whose bytes begin with it. Both
are found in raw bytes by the prefix alone. Files that hide bytes by their format (Parquet) are read and looked through.
"""

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

CHUNK_BYTES = 8 * 1024 * 1024
NUMBER_TAIL = 3
"""Bytes of a number that tell marks apart; the other five are the run's."""
EXPONENT = b"\x40"
"""Highest byte of a number mark: a plain number between 2 and 512."""


@dataclass(slots=True)
class Marks:
    """The marks of one run: `text` and `number` make the next one."""

    run: str
    texts: dict[str, bool] = field(default_factory=dict)
    """Each text, and whether it lies under a hold."""
    numbers: dict[bytes, bool] = field(default_factory=dict)
    """Each number as it lies in memory, little-endian, and whether it lies under a hold."""

    def text(self, *, held: bool) -> str:
        """Return a new text mark."""
        mark = f"{self.run}{len(self.texts):06x}"
        self.texts[mark] = held
        return mark

    def number(self, *, held: bool) -> float:
        """Return a new number mark."""
        run = bytes.fromhex(self.run[-8:])
        packed = len(self.numbers).to_bytes(NUMBER_TAIL, "little") + run + EXPONENT
        self.numbers[packed] = held
        value: float = struct.unpack("<d", packed)[0]
        return value

    def count(self, *, held: bool) -> int:
        """Return how many marks lie under a hold, or under none."""
        return sum(is_held is held for kind in (self.texts, self.numbers) for is_held in kind.values())


def new_marks() -> Marks:
    """Return the marks of a new run, with a prefix nobody can have written before."""
    return Marks(run=f"mark{os.urandom(8).hex()}")


@dataclass(slots=True)
class Search:
    """What a search saw: which marks where, and how much was looked at."""

    marks: Marks
    files: int = 0
    bytes_: int = 0
    found: dict[str | bytes, set[str]] = field(default_factory=dict)

    def look_through(self, root: Path) -> None:
        """Look at every byte of every file below a folder, and at the numbers in Parquet files."""
        for folder, _, names in os.walk(root):
            for name in names:
                self.look_at(Path(folder) / name, root)

    def look_at(self, path: Path, root: Path) -> None:
        """Look at every byte of a file, its name, and at what its format hides."""
        where = path.relative_to(root).as_posix()
        self.take(where.encode(), where)
        self.files += 1
        overlap = b""
        with path.open("rb") as file:
            while content := file.read(CHUNK_BYTES):
                self.bytes_ += len(content)
                self.take(overlap + content, where)
                overlap = content[-64:]
        if path.suffix == ".parquet":
            values = pq.read_table(path)["result"].to_numpy()
            self.take(np.ascontiguousarray(values, dtype="<f8").tobytes(), where)

    def take(self, content: bytes, where: str) -> None:
        """Note every mark in some bytes."""
        for mark in _matches(self.marks, content):
            self.found.setdefault(mark, set()).add(where)

    def among(self, *, held: bool) -> dict[str | bytes, set[str]]:
        """Return the found marks that lie under a hold, or under none, and where they were."""
        known: dict[str | bytes, bool] = dict(self.marks.texts.items())
        known.update(self.marks.numbers.items())
        return {mark: places for mark, places in self.found.items() if known[mark] is held}


def _matches(marks: Marks, content: bytes) -> Iterator[str | bytes]:
    """Yield the marks in some bytes."""
    text = re.escape(marks.run.encode()) + rb"[0-9a-f]{6}"
    for match in re.finditer(text, content):
        word = match.group().decode()
        if word in marks.texts:
            yield word
    number = b"[\x00-\xff]{3}" + re.escape(bytes.fromhex(marks.run[-8:]) + EXPONENT)
    for match in re.finditer(number, content, re.DOTALL):
        if match.group() in marks.numbers:
            yield match.group()
