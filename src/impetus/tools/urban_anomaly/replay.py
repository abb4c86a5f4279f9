"""Readings through the tool as shipped, one moment after the other: what it told, and how rare it found each reading.

Readings are sorted by arrival, then datastream, and each moment of arrival is one batch with `at` that moment, followed by
a tick: the answer does not depend on how files or callers cut them. Nothing is looked at before its time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Protocol

import numpy as np

from impetus.core.finding import Finding
from impetus.core.observation import Batch, Float64s, Int64s, from_us
from impetus.tools.urban_anomaly.detect import Scored
from impetus.tools.urban_anomaly.tool import Tool


class Takes(Protocol):
    """What a detector does with a batch."""

    def __call__(self, batch: Batch, *, at: datetime) -> Scored:
        """Score readings, then learn from them."""
        ...


@dataclass(slots=True, kw_only=True)
class Listened:
    """A tool of which every reading's rarity is kept: `last` is what it made of what it took since asked. Mutable."""

    tool: Tool
    last: list[tuple[Batch, Scored]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen in on the detector; what the tool does is not changed."""
        take: Takes = self.tool.detector.take

        def take_and_keep(batch: Batch, *, at: datetime) -> Scored:
            scored = take(batch, at=at)
            self.last.append((batch, scored))
            return scored

        self.tool.detector.take = take_and_keep  # type: ignore[method-assign]  # this instance alone, to listen in

    def rarity(self, readings: Batch) -> Float64s:
        """Return the surprise of each of the readings taken last, `-log10 p`; 0 where the tool has no opinion.

        The tool may leave readings out before it scores them: they are told apart by datastream and time.
        """
        rarest: dict[tuple[int, int], float] = {}
        for batch, scored in self.last:
            ids, times = batch.datastream[scored.row].tolist(), batch.time_us[scored.row].tolist()
            for *key, surprise in zip(ids, times, surprise_of(scored).tolist(), strict=True):
                rarest[key[0], key[1]] = max(surprise, rarest.get((key[0], key[1]), 0.0))
        self.last.clear()
        keys = zip(readings.datastream.tolist(), readings.time_us.tolist(), strict=True)
        return np.array([rarest.get(key, 0.0) for key in keys])


def surprise_of(scored: Scored) -> Float64s:
    """Return `-log10 p` of readings, 0 for what is not judged."""
    p = np.where(np.isfinite(scored.p), scored.p, 1.0)
    return np.asarray(-np.log10(np.clip(p, 1e-300, 1.0)), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """One moment: the rows of the readings that arrived, and what was told."""

    at_us: int
    rows: Int64s
    findings: Sequence[Finding]


def replay(tool: Tool, readings: Batch, arrival_us: Int64s) -> Iterator[Moment]:
    """Yield moments in order; readings that arrive together are one batch."""
    order = np.lexsort((readings.time_us, readings.datastream, arrival_us)).astype(np.int64)
    arrival = arrival_us[order]
    cuts = np.flatnonzero(np.concatenate(([True], arrival[1:] != arrival[:-1]))) if len(order) else order
    for first, last in pairwise([*cuts.tolist(), len(order)]):
        rows = order[first:last]
        at = from_us(int(arrival[first]))
        findings = [*tool.observe(readings.take(rows), at=at), *tool.tick(at=at)]
        yield Moment(at_us=int(arrival[first]), rows=rows, findings=findings)


def told_once(findings: Sequence[Finding], told: set[str]) -> list[Finding]:
    """Return the findings about something not told before, and remember them."""
    fresh = []
    for finding in findings:
        event = f"{finding.kind}{finding.subject}{finding.began}"
        if event not in told:
            told.add(event)
            fresh.append(finding)
    return fresh


Progress = Callable[[str], None]
