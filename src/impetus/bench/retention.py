"""Retention over ten million readings and many alerts, beside ingest that does not stop.

One process publishes readings on the bus and notes a source's counters, as ingest does, ten times a second; how long
each takes is measured before and while another process, the keeper's part, runs retention. Half of the readings lie on a
day that goes whole, half on a day of which a hold keeps one datastream in a hundred, so that its files are written anew.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from impetus.adapters.sql.store import open_store
from impetus.bench.alerts import fill
from impetus.core.actor import Actor, Role, platform
from impetus.core.board import Rule
from impetus.core.errors import OurFault
from impetus.core.ids import DatastreamId, DatastreamKey, Offset, SourceId, ThingKey
from impetus.core.observation import Batch, Datastream, Source, batch_of, to_us
from impetus.desk import holds
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.sweep import sweep
from impetus.settings import Settings, keep_of
from impetus.wiring import open_desk

Progress = Callable[[str], None]
ROWS = 10_000_000
ALERTS = 20_000
STREAMS = 100
FLUSH_ROWS = 1_000_000
PUBLISHED_ROWS = 500
EVERY_S = 0.02
"""Seconds between two publishes: 25,000 readings a second, a large city. House rule."""
BEFORE_S = 10.0
SOURCE = SourceId("trial")
OFFICER = Actor(name="bench", role=Role.DPO)


@dataclass(slots=True)
class Feeder:
    """Publishes and counts as ingest does, and remembers how long each took, in milliseconds."""

    desk: Desk
    publish_ms: list[float] = field(default_factory=list)
    count_ms: list[float] = field(default_factory=list)

    def feed(self, is_over: Callable[[], bool]) -> None:
        """Publish until it is over."""
        now_us = to_us(self.desk.clock.now())
        body = self.desk.columns.encode(readings(PUBLISHED_ROWS, now_us))
        number = 0
        while not is_over():
            began = time.perf_counter()
            self.desk.bus.publish(OBSERVATIONS, [body])
            self.publish_ms.append((time.perf_counter() - began) * 1e3)
            if number % 5 == 0:
                began = time.perf_counter()
                with self.desk.store.write() as unit:
                    unit.sources.count(SOURCE, {Rule.ACCEPTED: PUBLISHED_ROWS}, self.desk.clock.now())
                self.count_ms.append((time.perf_counter() - began) * 1e3)
            number += 1
            time.sleep(EVERY_S)

    def figures(self) -> Mapping[str, float]:
        """Return the medians and 95th percentiles, and forget."""
        named = {"publish": self.publish_ms, "count": self.count_ms}
        found = {
            f"{name}_{word}_ms": round(float(np.percentile(values, share)), 3)
            for name, values in named.items()
            for word, share in (("p50", 50), ("p95", 95), ("max", 100))
        }
        self.publish_ms, self.count_ms = [], []
        return found


def run(progress: Progress, *, rows: int = ROWS, alerts: int = ALERTS, before_s: float = BEFORE_S) -> dict[str, object]:
    """Fill an installation, run retention beside a feeder, and return how long things took, with their ratio."""
    with tempfile.TemporaryDirectory(prefix="impetus-retention-") as folder:
        settings = Settings(home=Path(folder) / "home", bus_limit_mib=256)
        desk = open_desk(settings)
        progress(f"filling {rows:,} readings and {alerts:,} alerts")
        prepare(desk, settings.home, rows, alerts)
        size = sum(bytes_ for _, _, bytes_ in desk.history.days())
        feeder = Feeder(desk=desk)
        progress("feeding alone")
        until = time.monotonic() + before_s
        feeder.feed(lambda: time.monotonic() > until)
        alone = feeder.figures()
        progress("feeding beside retention")
        began = time.monotonic()
        with subprocess.Popen([sys.executable, "-m", "impetus.bench.retention", str(settings.home)]) as child:
            feeder.feed(lambda: child.poll() is not None)
        took_s = time.monotonic() - began
        if child.returncode:
            raise OurFault("retention failed beside the feeder", value=child.returncode, remedy="see standard error")
        beside = feeder.figures()
        with desk.store.read() as unit:
            [report] = unit.retention_runs.newest(limit=1)
        desk.close()
    return {
        "rows": rows,
        "history_mib": round(size / 2**20, 1),
        "gone": report.gone,
        "held": report.held,
        "erase_s": round(took_s, 2),
        "run_s": round(((report.ended_at or report.at) - report.at).total_seconds(), 2),
        "alone": alone,
        "beside": beside,
        "publish_p95_ratio": round(beside["publish_p95_ms"] / alone["publish_p95_ms"], 2),
        "count_p95_ratio": round(beside["count_p95_ms"] / alone["count_p95_ms"], 2),
    }


def prepare(desk: Desk, home: Path, rows: int, alerts: int) -> None:
    """Store readings of two days long over, one under a hold in part, and closed alerts of a year ago."""
    old = desk.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=60)
    with desk.store.write() as unit:
        streams = [_stream(number) for number in range(STREAMS)]
        unit.sources.declare(Source(id=SOURCE, name="Trial", kind="bench", simulated=True), streams)
    for day in (old, old + timedelta(days=1)):
        for start in range(0, rows // 2, FLUSH_ROWS):
            count = min(FLUSH_ROWS, rows // 2 - start)
            through = Offset(desk.history.through() + 1)
            desk.history.append(readings(count, to_us(day)), "observations", through=through)
            desk.history.flush()
    since, until = (old + timedelta(days=days) for days in (1, 3))
    held = f"datastream:trial/t0/p@{since.isoformat()}/{until.isoformat()}"
    holds.place(desk, OFFICER, held, desk.clock.now() + timedelta(days=30), "a measurement")
    store = open_store(home)
    fill(store, alerts, ending=desk.clock.now() - timedelta(days=400), progress=lambda _: None, open_share=0.0)
    store.close()


def readings(count: int, start_us: int) -> Batch:
    """Return readings of all datastreams in turn, within one day."""
    chance = np.random.default_rng(count)
    times = start_us + np.sort(chance.integers(0, 86_000_000_000, count))
    return batch_of(np.arange(count) % STREAMS + 1, times, chance.normal(20.0, 5.0, count))


def _stream(number: int) -> Datastream:
    return Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"trial/t{number}/p"),
        source=SOURCE,
        thing=ThingKey(f"trial/t{number}"),
        thing_name=f"T{number}",
        observed_property="p",
        unit="1",
    )


def sweep_all(home: Path) -> None:
    """Run retention until nothing is due, taking a breath between pieces as the keeper does."""
    settings = replace(Settings(home=home), bus_limit_mib=256)
    desk = open_desk(settings)
    while not sweep(desk, platform("keeper"), keep_of(settings)).is_complete:
        time.sleep(0.005)
    desk.close()


if __name__ == "__main__":
    sweep_all(Path(sys.argv[1]))
