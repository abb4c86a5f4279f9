"""Merging small files of a partition, so that their number stays bounded whatever the rate.

Sixteen neighbours merged equally often become one, unless that would be larger than a full file. A row is rewritten about
once per factor of sixteen. A crash at any point leaves the files it was made from, or also the merged one, which then
counts alone (see `files`).
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from impetus.adapters.durable_file import sync_directory
from impetus.adapters.parquet.columns import in_order, read_part, write_part
from impetus.adapters.parquet.files import Part, all_parts, live_parts
from impetus.core.observation import concatenate

FAN_IN = 16
"""Files merged at once: few files (at most 15 of each level stay), few rewrites."""
FULL_ROWS = 2_000_000
"""Rows of a full file, 48 MB as columns: what one merge may take of memory, three times over. House rule."""

FULL = -1


def merge_once(directory: Path, flushed: int) -> bool:
    """Merge one group of neighbours if there is one, remove what was replaced, and say whether anything was merged."""
    group = due(live_parts(directory, flushed))
    if group:
        rows = in_order(concatenate([read_part(part) for part in group]))
        write_part(directory, rows, (group[0].first, group[-1].last), group[0].level + 1)
        sync_directory(directory)
    remove_replaced(directory, flushed)
    return bool(group)


def due(parts: Sequence[Part]) -> Sequence[Part]:
    """Return the first group of neighbours worth merging: sixteen of a level, or as many as fill a file; empty for none."""
    for level, run in groupby(parts, key=lambda part: part.level if part.rows < FULL_ROWS // 2 else FULL):
        group: list[Part] = []
        if level == FULL:
            continue
        for part in run:
            if sum(one.rows for one in group) + part.rows > FULL_ROWS:
                if len(group) > 1:
                    return group
                group = []
            group.append(part)
            if len(group) == FAN_IN:
                return group
    return ()


def remove_replaced(directory: Path, flushed: int) -> None:
    """Remove the files that do not count: merged into another, or of a flush that never was committed."""
    live = {part.path for part in live_parts(directory, flushed)}
    for part in all_parts(directory):
        if part.path not in live:
            part.path.unlink(missing_ok=True)
