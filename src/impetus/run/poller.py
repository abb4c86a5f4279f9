"""One source that is read regularly: fetch, read, declare what is new, send what is newer, and say how it goes.

It sends through the same door as any sensor, with a token of its own source. What was sent already is not sent again, so that
a feed that has come to a standstill is silent, and silence is an alert. A count that a whole picture does not name is 0 in it:
a line whose vehicles are gone is news, not a gap. Whatever a feed sends, this goes on: an error is a line on the board.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from impetus.adapters.feeds.declared import FeedDeclared
from impetus.adapters.feeds.fetch import Origin
from impetus.core.errors import ImpetusError, NotNow, Stopped
from impetus.core.feed import FeedReport, FeedStream, document_of
from impetus.core.observation import Batch, batch_of, concatenate
from impetus.core.quantity import COUNTS
from impetus.desk.stop_watch import StopWatch
from impetus.run.feed_formats import Read

log = logging.getLogger(__name__)
MOST_ROWS: Final = 5000
BUG_WAIT_S: Final = 300.0
"""Seconds until a source is tried again whose body met a bug of ours. House rule."""
MANY_FORMATS: Final = frozenset({"table"})
"""Formats whose bodies may hold older rows that are news: files of the past."""


Latest = Callable[[], int]


class Client(Protocol):
    """The way to the ingest; `IngestClient` is one."""

    def datastreams(self) -> dict[str, int]:
        """Return the source's datastreams by key."""
        ...

    def declare(self, declaration: Mapping[str, object]) -> dict[str, int]:
        """Declare and return the numbers by key."""
        ...

    def send(self, batch: Batch) -> dict[str, int]:
        """Send a batch and return its counts by rule."""
        ...


@dataclass(slots=True, kw_only=True)
class PollStatus:
    """How a source fares: readings sent since the start, bodies read, what was left out by reason, what is wrong now."""

    sent: int = 0
    bodies: int = 0
    failures: int = 0
    trouble: str = ""
    left_out: Counter[str] = field(default_factory=Counter)
    refused: int = 0


class Poller:
    """Reads one source. `turn` is called by one thread."""

    def __init__(
        self, declared: FeedDeclared, origin: Origin, read: Read, client: Client, stops: StopWatch, *, latest_us: Latest
    ) -> None:
        """Stand ready; nothing is fetched before the first turn. `latest_us` gives the latest time the ingest takes now."""
        self.declared, self.status, self._latest_us = declared, PollStatus(), latest_us
        self._origin, self._read, self._client, self._stops = origin, read, client, stops
        self._numbers: dict[str, int] | None = None
        self._newest: dict[int, int] = {}

    def turn(self) -> float:
        """Read the source once, and return in how many seconds to come again; never raises."""
        try:
            self._stops.refuse_source(self.declared.id)
            self._know()
            for body in self._origin.bodies():
                self._take(self._read(body))
                self.status.bodies += 1
        except Stopped as error:
            self.status.trouble = error.detail
            return self.declared.every_s
        except ImpetusError as error:
            return self._failed(error.detail, error.retry_after_s if isinstance(error, NotNow) else 0.0)
        except Exception as error:
            log.exception("source %s met a bug", self.declared.id)
            return self._failed(f"a bug: {type(error).__name__}", BUG_WAIT_S)
        self.status.failures, self.status.trouble = 0, ""
        return self.declared.every_s

    def _failed(self, detail: str, wait_s: float) -> float:
        self.status.failures += 1
        self.status.trouble = detail[:200]
        return max(self.declared.every_s, wait_s)

    def _know(self) -> None:
        """Declare the source itself at the first turn, so that its silence is noticed even when it never speaks."""
        if self._numbers is None:
            self._client.declare(document_of(self._head(), ()))
            self._numbers = self._client.datastreams()

    def _head(self) -> dict[str, object]:
        said = self.declared
        return {
            "id": said.id,
            "name": said.name,
            "kind": said.format,
            "simulated": said.simulated,
            "freshness_s": said.freshness_s,
        }

    def _take(self, report: FeedReport) -> None:
        """Send what a body says."""
        self.status.left_out.update(report.left_out)
        numbers = self._declared(report)
        batch = self._news(concatenate([report.batch(numbers, self.declared.id), self._absent(report, numbers)]))
        for start in range(0, len(batch), MOST_ROWS):
            part = batch.take(np.arange(start, min(start + MOST_ROWS, len(batch))))
            counts = self._client.send(part)
            taken = sum(counts.get(rule, 0) for rule in ("accepted", "missing", "out_of_order", "duplicate"))
            self.status.sent += taken
            self.status.refused += len(part) - taken
        self._remember(batch)

    def _declared(self, report: FeedReport) -> dict[str, int]:
        """Declare what is new, as far as the declaration lets it, and return every number by key."""
        numbers = self._numbers if self._numbers is not None else {}
        fresh = [stream for stream in report.streams if f"{self.declared.id}/{stream.key}" not in numbers]
        room = max(0, self.declared.most_streams - len(numbers))
        if len(fresh) > room:
            self.status.left_out["a datastream beyond most_datastreams"] += len(fresh) - room
        for start in range(0, min(len(fresh), room), MOST_ROWS):
            numbers.update(self._declare(fresh[:room][start : start + MOST_ROWS]))
        self._numbers = numbers
        return numbers

    def _declare(self, fresh: list[FeedStream]) -> dict[str, int]:
        rhythmic = [replace(stream, cadence_s=self._cadence_s(stream)) for stream in fresh]
        return self._client.declare(document_of(self._head(), rhythmic, self.declared.zone_of_place))

    def _cadence_s(self, stream: FeedStream) -> float:
        """Return a datastream's rhythm: as its body told, as declared, or for a count that of our rounds."""
        return (
            stream.cadence_s or self.declared.cadence_s or (self.declared.every_s if stream.measure.is_count else 0.0)
        )

    def _absent(self, report: FeedReport, numbers: Mapping[str, int]) -> Batch:
        """Return a 0 for every known count that a whole picture does not name."""
        if report.whole_at_us is None:
            return batch_of([], [], [])
        told = {f"{self.declared.id}/{stream.key}" for stream in report.streams}
        gone = [number for key, number in numbers.items() if key.rpartition("/")[2] in COUNTS and key not in told]
        return batch_of(gone, [report.whole_at_us] * len(gone), [0.0] * len(gone))

    def _news(self, batch: Batch) -> Batch:
        """Return the readings that are newer than what was sent of their datastream, by time."""
        if self.declared.format not in MANY_FORMATS:
            newest = np.array(
                [self._newest.get(number, -(2**62)) for number in batch.datastream.tolist()], dtype=np.int64
            )
            batch = batch.take(batch.time_us > newest)
        return batch.take(np.argsort(batch.time_us, kind="stable"))

    def _remember(self, batch: Batch) -> None:
        """Remember what was told; a time ahead of ours was refused, and must not silence what comes after it."""
        for number, time_us in _last(batch.take(batch.time_us <= self._latest_us())):
            self._newest[number] = max(self._newest.get(number, time_us), time_us)


def _last(batch: Batch) -> Iterator[tuple[int, int]]:
    """Yield each datastream with the time of its last row, rows being by time."""
    yield from dict(zip(batch.datastream.tolist(), batch.time_us.tolist(), strict=True)).items()
