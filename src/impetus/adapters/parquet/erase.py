"""Erasing readings: a whole day's directory, or a day's files written anew with only what a hold covers.

A file written anew has the flushes of the one it replaces and is merged once more: whichever of the two is found after a
crash, the newer counts alone (see `files`), and the older goes with the next sweep.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impetus.adapters.durable_file import sync_directory
from impetus.adapters.parquet.columns import read_part, write_part
from impetus.adapters.parquet.files import Part, Partition, all_parts, live_parts
from impetus.adapters.parquet.merge import remove_replaced
from impetus.core.observation import Batch, to_us
from impetus.ports import Spared

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What became of one partition: rows gone, rows left because they are held, bytes freed."""

    rows: int = 0
    held: int = 0
    bytes_: int = 0


def erase_partition(partition: Partition, flushed: int, spared: Sequence[Spared]) -> Erased:
    """Erase a day of a class, all but the spared readings; `NotNow` when there is no room to write those anew."""
    concerned = [one for one in spared if _overlaps(one, partition)]
    size = _bytes(partition)
    parts = live_parts(partition.path, flushed)
    if not concerned:
        shutil.rmtree(partition.path)
        sync_directory(partition.path.parent)
        return Erased(rows=sum(part.rows for part in parts), bytes_=size)
    held = [_erase_in_part(partition, part, concerned) for part in parts]
    remove_replaced(partition.path, flushed)
    for part in all_parts(partition.path):
        if part.last > flushed:
            part.path.unlink(missing_ok=True)
    if not any(held):
        shutil.rmtree(partition.path)
    sync_directory(partition.path if any(held) else partition.path.parent)
    gone = sum(part.rows for part in parts) - sum(held)
    return Erased(rows=gone, held=sum(held), bytes_=max(0, size - _bytes(partition)))


def _erase_in_part(partition: Partition, part: Part, spared: Sequence[Spared]) -> int:
    """Write a file anew with only its spared readings, and return how many those are."""
    batch = read_part(part)
    kept = _mask(batch, spared)
    count = int(kept.sum())
    if count == len(batch):
        return count
    if count:
        write_part(partition.path, batch.take(kept), (part.first, part.last), level=part.level + 1)
        sync_directory(partition.path)
    part.path.unlink(missing_ok=True)
    return count


def _mask(batch: Batch, spared: Sequence[Spared]) -> Mask:
    """Return which readings are spared."""
    kept = np.zeros(len(batch), dtype=np.bool_)
    for one in spared:
        wanted = np.array(sorted(one.datastreams), dtype=np.int64)
        within = (batch.time_us >= to_us(one.since)) & (batch.time_us < to_us(one.until))
        kept |= within & np.isin(batch.datastream, wanted)
    return kept


def _overlaps(one: Spared, partition: Partition) -> bool:
    return to_us(one.since) < partition.end_us and to_us(one.until) > partition.start_us


def _bytes(partition: Partition) -> int:
    return sum(part.path.stat().st_size for part in all_parts(partition.path))
