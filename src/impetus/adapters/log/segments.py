"""Segment files of a topic: their names, and finding them."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from impetus.adapters.durable_file import sync_directory
from impetus.adapters.log.frames import MARK_BYTES

NAME = re.compile(r"(?P<first>\d{20})-(?P<mark>[0-9a-f]{16})\.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of the log. `first` is the offset of its first message; `mark` begins each of its frames."""

    first: int
    mark: bytes
    path: Path


def segments_of(directory: Path) -> list[Segment]:
    """Return the segments of a topic, oldest first; other files are none."""
    names = os.listdir(directory)  # noqa: PTH208 - names are all a reader needs at each roll-over
    matches = [match for name in names if (match := NAME.fullmatch(name))]
    return sorted(
        (
            Segment(first=int(match["first"]), mark=bytes.fromhex(match["mark"]), path=directory / match.string)
            for match in matches
        ),
        key=lambda segment: segment.first,
    )


def make_segment(directory: Path, first: int) -> Segment:
    """Make an empty segment whose name survives a power cut; an unused one of the same offset is removed."""
    for old in segments_of(directory):
        if old.first >= first:
            old.path.unlink()
    mark = os.urandom(MARK_BYTES)
    path = directory / f"{first:020d}-{mark.hex()}.log"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    sync_directory(directory)
    return Segment(first=first, mark=mark, path=path)


def total_bytes(segments: Sequence[Segment]) -> int:
    """Return the bytes all segments take."""
    return sum(segment.path.stat().st_size for segment in segments)
