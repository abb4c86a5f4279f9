"""The keeper's watches: who went silent, whether the disk fills up, whose shelf time is over.

What was told is kept in a small file, so that a keeper that starts anew neither repeats itself nor forgets to say that
something is over. Findings that the bus has no room for wait, the oldest go first and are counted.
"""

import json
import shutil
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from impetus.adapters.durable_file import write_durably
from impetus.core.errors import NotNow
from impetus.core.finding import Finding
from impetus.core.ids import SourceId
from impetus.core.observation import Batch, Catalogue, Datastream, Source, from_us, to_us
from impetus.desk.context import Desk
from impetus.desk.platform_finding import publish_findings
from impetus.desk.triage import wake_due
from impetus.desk.watch_disk import Disk, watch_disk
from impetus.desk.watch_freshness import Watched, watch_freshness

MAX_WAITING = 200
"""Findings kept while the bus has no room. House rule."""
UNHEARD = 0


class Watches:
    """What the keeper watches beside history."""

    def __init__(self, desk: Desk, home: Path) -> None:
        self._desk = desk
        self._home = home
        self._file = home / "watches.json"
        self._started = desk.clock.now()
        self._heard_us = np.zeros(1024, dtype=np.int64)
        self._silent, self._low_since = _recall(self._file)
        self._waiting: deque[Finding] = deque(maxlen=MAX_WAITING)
        self._stopped: dict[str, datetime] = {}
        self.dropped = 0

    def hear(self, batch: Batch) -> None:
        """Note that readings of these datastreams arrived now."""
        known = batch.datastream[batch.datastream > 0]
        if not known.size:
            return
        if known.max() >= self._heard_us.shape[0]:
            grown = np.zeros(2 * int(known.max()), dtype=np.int64)
            grown[: self._heard_us.shape[0]] = self._heard_us
            self._heard_us = grown
        self._heard_us[known] = to_us(self._desk.clock.now())

    def look(self, catalogue: Catalogue) -> None:
        """Look once at everything, and tell what is new; `NotNow` when state or disk cannot be written now."""
        at = self._desk.clock.now()
        found, silent = watch_freshness(self._watched(catalogue), self._silent, started=self._started, at=at)
        usage = shutil.disk_usage(self._home)
        disk = Disk(free_bytes=usage.free, total_bytes=usage.total)
        told, low_since = watch_disk(disk, self._low_since, at=at)
        self._tell([*found, *told])
        if (silent, low_since) != (self._silent, self._low_since):
            self._silent, self._low_since = silent, low_since
            _remember(self._file, silent, low_since)
        wake_due(self._desk)

    def _tell(self, findings: list[Finding]) -> None:
        """Publish what is new and what waited."""
        self.dropped += max(0, len(self._waiting) + len(findings) - MAX_WAITING)
        self._waiting.extend(findings)
        if not self._waiting:
            return
        try:
            publish_findings(self._desk, self._waiting)
        except NotNow:
            return
        self._waiting.clear()

    def _watched(self, catalogue: Catalogue) -> list[Watched]:
        """Return everybody who promised to speak, with when they last did."""
        with self._desk.store.read() as unit:
            sources = unit.sources.all()
            seen = {status.source: status.seen_at for status in unit.sources.statuses()}
        promised = [datastream for datastream in catalogue.datastreams.values() if datastream.freshness_s > 0]
        return self._not_stopped(
            [
                *(_source(source, seen) for source in sources if source.freshness_s > 0),
                *(self._datastream(datastream) for datastream in promised),
            ]
        )

    def _not_stopped(self, watched: list[Watched]) -> list[Watched]:
        """Return whom nobody told to be silent; whose stop was lifted gets its whole time again."""
        standing, at = self._desk.stops.standing(), self._desk.clock.now()
        heard: list[Watched] = []
        for one in watched:
            thing = one.key.rpartition("/")[0]
            if (standing.of_thing(thing) if thing else standing.of_source(one.source)) is not None:
                self._stopped[one.subject] = at
                continue
            since = self._stopped.get(one.subject)
            heard.append(one if since is None else replace(one, seen=max(since, one.seen or since)))
        return heard

    def _datastream(self, datastream: Datastream) -> Watched:
        """Return a datastream to be watched."""
        known = datastream.id < self._heard_us.shape[0]
        heard_us = int(self._heard_us[datastream.id]) if known else UNHEARD
        return Watched(
            source=datastream.source,
            name=f"{datastream.thing_name} ({datastream.observed_property})",
            limit_s=datastream.freshness_s,
            seen=from_us(heard_us) if heard_us != UNHEARD else None,
            datastream=datastream.id,
            key=datastream.key,
            simulated=datastream.simulated,
            point=datastream.point,
            zone=datastream.zone,
        )


def _source(source: Source, seen: Mapping[SourceId, datetime | None]) -> Watched:
    """Return a source to be watched."""
    return Watched(
        source=source.id,
        name=source.name,
        limit_s=source.freshness_s,
        seen=seen.get(source.id),
        simulated=source.simulated,
    )


def _remember(file: Path, silent: Mapping[str, datetime], low_since: datetime | None) -> None:
    """Write down who is silent, and since when the disk is nearly full."""
    document = {
        "silent": {subject: to_us(since) for subject, since in silent.items()},
        "disk_low_since": None if low_since is None else to_us(low_since),
    }
    write_durably(file, json.dumps(document).encode())


def _recall(file: Path) -> tuple[dict[str, datetime], datetime | None]:
    """Read what was written down; nothing when it is not there or not readable: then things are told once more."""
    try:
        document = json.loads(file.read_bytes())
        low_us = document["disk_low_since"]
        silent = {str(subject): from_us(since) for subject, since in document["silent"].items()}
        return silent, None if low_us is None else from_us(low_us)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}, None
