"""Measure the main job end to end: readings in by HTTP, durable, through the detector, alerts on a screen.

Feeders play 10,000 datastreams in Arrow batches of 500 over a few kept connections, as fast as they are acknowledged. Probes,
one a second, make one datastream jump far out of its band; the clock runs from sending the first such reading until the
alert's event reaches a client of the server-sent events. The figure counts readings from the first sent to the moment the
detector and the history have taken in the last one, so that a backlog cannot pass for speed.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from impetus.adapters.arrow import encode
from impetus.bench.installation import BENCH, Installation, installation
from impetus.core.errors import OurFault
from impetus.core.ids import SourceId
from impetus.core.observation import Batch, Int64s
from impetus.desk import tokens
from impetus.desk.declare_source import declare, read_document
from impetus.wiring import open_desk

Progress = Callable[[str], None]

DATASTREAMS = 10_000
ROWS = 500
FEEDERS = 4
PROBES = 200
"""Datastreams set apart for probing, each used once: after an event a sensor is held off. 1 km apart, so that fusion does not join."""
WARM_UP_TICKS = 500
WARM_UP_STEP_US = 900 * 1_000_000
"""Readings of each datastream before measuring, a quarter of an hour apart and ending now: five days."""
JUMP = 40.0
"""Height of a probe in standard deviations of the noise."""
DRAIN_LIMIT_S = 120.0
PEER_READINGS_PER_S = 3_333
"""ThingsBoard's published figure on 4 vCPU with PostgreSQL, for comparison. Source: its performance page, read 2026."""


@dataclass(slots=True, kw_only=True)
class Feed:
    """What the feeders share: where to send, what was accepted, which probe is up since when."""

    host: str
    port: int
    token: str
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    probe: int = 0
    probe_sent: float = 0.0


def declaration() -> dict[str, object]:
    """Return the declaration of a bench source with its datastreams, probes first and far apart."""
    things = []
    for number in range(DATASTREAMS):
        lat = 59.0 + (number % PROBES) * 0.01 if number < PROBES else 60.0
        things.append(
            {
                "key": f"t{number}",
                "name": f"Counter {number}",
                "position": [10.0, lat],
                "datastreams": [{"property": "people", "unit": "1", "lowest": -1e9, "highest": 1e9, "cadence_s": 1.0}],
            }
        )
    return {"source": {"id": "bench", "name": "Bench", "kind": "bench", "simulated": True}, "things": things}


def send(connection: http.client.HTTPConnection, feed: Feed, batch: Batch) -> None:
    """Post one batch and count what came back; waits and repeats when told "not now"."""
    body = encode(batch)
    headers = {"Authorization": f"Bearer {feed.token}", "Content-Type": "application/vnd.apache.arrow.stream"}
    while not feed.stop.is_set():
        connection.request("POST", "/api/v1/observations", body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == http.client.SERVICE_UNAVAILABLE:
            feed.stop.wait(float(answer.headers.get("Retry-After", "1")))
            continue
        if answer.status >= http.client.BAD_REQUEST:
            raise OurFault(f"ingest answered {answer.status}: {content[:300]!r}")
        receipt = json.loads(content)
        with feed.lock:
            feed.accepted += receipt["accepted"]
            feed.refused += len(batch) - receipt["accepted"]
        return


def feeder(feed: Feed, ids: Int64s, seed: int, ticks: int | None) -> None:
    """Play these datastreams tick by tick until stopped, or for so many ticks."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(100.0, 1.0, size=(64, ids.size))
    connection = http.client.HTTPConnection(feed.host, feed.port, timeout=60)
    tick = 0
    while not feed.stop.is_set() and (ticks is None or tick < ticks):
        values = noise[tick % 64].copy()
        if feed.probe:
            hit = ids == feed.probe
            values[hit] += JUMP
            if hit.any() and not feed.probe_sent:
                feed.probe_sent = time.perf_counter()
        now_us = time.time_ns() // 1000 - (0 if ticks is None else (ticks - tick) * WARM_UP_STEP_US)
        for start in range(0, ids.size, ROWS):
            part = slice(start, start + ROWS)
            times = np.full(ids[part].size, now_us, dtype=np.int64)
            send(connection, feed, Batch(datastream=ids[part], time_us=times, result=values[part]))
        tick += 1
    connection.close()


def play(feed: Feed, ids: Int64s, *, ticks: int | None) -> list[threading.Thread]:
    """Start the feeders, each with its own share of the datastreams."""
    shares = np.array_split(ids, FEEDERS)
    threads = [
        threading.Thread(target=feeder, args=(feed, share, seed, ticks), daemon=True)
        for seed, share in enumerate(shares)
    ]
    for thread in threads:
        thread.start()
    return threads


class Screen(threading.Thread):
    """A client of the event stream that notes when each alert is first shown."""

    def __init__(self, target: Installation) -> None:
        """Connect at `start`."""
        super().__init__(daemon=True)
        self.target = target
        self.shown = threading.Condition()
        self.seen: dict[str, float] = {}

    def run(self) -> None:
        """Read events until the connection ends."""
        settings = self.target.settings
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=300)
        headers = {"Authorization": f"Bearer {self.target.reader}", "Accept": "text/event-stream"}
        connection.request("GET", "/api/v1/events", headers=headers)
        answer = connection.getresponse()
        while line := answer.readline():
            if line.startswith(b"data:") and b'"alert"' in line:
                subject = str(json.loads(line[5:])["subject"])
                with self.shown:
                    self.seen.setdefault(subject, time.perf_counter())
                    self.shown.notify_all()


def probe_once(target: Installation, feed: Feed, screen: Screen, datastream: int) -> float | None:
    """Raise one probe, wait until an alert about it is shown, and return the seconds; None when none came in 10 s."""
    before = set(screen.seen)
    feed.probe_sent, feed.probe = 0.0, datastream
    deadline = time.perf_counter() + 10.0
    try:
        while time.perf_counter() < deadline:
            with screen.shown:
                fresh = [alert for alert in screen.seen if alert not in before]
                if not fresh:
                    screen.shown.wait(0.25)
                    continue
            for alert in fresh:
                before.add(alert)
                facts = target.get(f"/api/v1/alerts/{alert}")
                if f"bench/t{datastream - 1}" in json.dumps(facts):
                    return screen.seen[alert] - feed.probe_sent
        return None
    finally:
        feed.probe = 0


def wait_until_drained(target: Installation) -> None:
    """Wait until the detector and the keeper report no lag."""
    deadline = time.perf_counter() + DRAIN_LIMIT_S
    while time.perf_counter() < deadline:
        parts = {str(part["part"]): part for part in _rows(target.get("/api/v1/parts"))}
        if all(int(str(parts.get(name, {}).get("lag", 1))) == 0 for name in ("urban_anomaly", "keeper")):
            return
        time.sleep(0.2)
    raise OurFault("the detector or the history did not catch up", limit=f"{DRAIN_LIMIT_S:g} s")


def _rows(document: object) -> list[dict[str, object]]:
    return [row for row in document if isinstance(row, dict)] if isinstance(document, list) else []


def prepare(target: Installation, document: dict[str, object] | None = None) -> tuple[Feed, Int64s]:
    """Declare the datastreams of a document, issue the source's token, and return the feed and the ids."""
    desk = open_desk(target.settings)
    declared = declare(desk, BENCH, read_document(document or declaration()))
    _, secret = tokens.issue(desk, BENCH, "bench-feed", ["observations.write"], source=SourceId("bench"))
    desk.close()
    host, port = target.settings.ingest_address
    return Feed(host=host, port=port, token=secret), np.array([item.id for item in declared], dtype=np.int64)


def wait_until_known(feed: Feed) -> None:
    """Wait until the ingest has read the declaration."""
    deadline = time.perf_counter() + 10.0
    while time.perf_counter() < deadline:
        connection = http.client.HTTPConnection(feed.host, feed.port, timeout=10)
        connection.request("GET", "/api/v1/datastreams", headers={"Authorization": f"Bearer {feed.token}"})
        answer = connection.getresponse()
        known = answer.read()
        connection.close()
        if answer.status == http.client.OK and len(known) > DATASTREAMS:
            return
        time.sleep(0.1)
    raise OurFault("the ingest did not learn of the declaration", limit="10 s")


def measure(target: Installation, progress: Progress, seconds: float) -> dict[str, object]:
    """Warm up, feed and probe for so many seconds, drain, and return the figures."""
    feed, ids = prepare(target)
    wait_until_known(feed)
    progress(f"warming up: {WARM_UP_TICKS} readings of {DATASTREAMS} datastreams")
    for thread in play(feed, ids, ticks=WARM_UP_TICKS):
        thread.join()
    wait_until_drained(target)
    screen = Screen(target)
    screen.start()
    feed.accepted = feed.refused = 0
    latencies, missed, memory = [], 0, []
    before = target.cpu_s()
    began = time.perf_counter()
    threads = play(feed, ids, ticks=None)
    for number in range(PROBES):
        if time.perf_counter() - began >= seconds:
            break
        latency = probe_once(target, feed, screen, int(ids[number]))
        missed += latency is None
        latencies += [latency] if latency is not None else []
        memory.append(target.memory_mib())
        progress(f"{time.perf_counter() - began:4.0f} s  {feed.accepted:,} readings  last probe {latency}")
        time.sleep(0.5)
    feed.stop.set()
    for thread in threads:
        thread.join()
    fed_s = time.perf_counter() - began
    wait_until_drained(target)
    total_s = time.perf_counter() - began
    after = target.cpu_s()
    third = max(1, len(memory) // 3)
    return {
        "readings_per_s": round(feed.accepted / total_s),
        "acknowledged_per_s": round(feed.accepted / fed_s),
        "seconds": round(total_s, 1),
        "readings": feed.accepted,
        "refused": feed.refused,
        "event_to_screen_p50_s": round(float(np.percentile(latencies, 50)), 3) if latencies else None,
        "event_to_screen_p95_s": round(float(np.percentile(latencies, 95)), 3) if latencies else None,
        "probes": len(latencies) + missed,
        "probes_missed": missed,
        "cpu_s_per_million": {
            part: round((used - before.get(part, 0.0)) / feed.accepted * 1e6, 2) for part, used in after.items()
        },
        "memory_mib": round(float(np.mean(memory[-third:]))),
        "memory_growth_ratio": round(float(np.mean(memory[-third:]) / np.mean(memory[third : 2 * third])), 3),
        "peer": {"name": "ThingsBoard, published, 4 vCPU", "readings_per_s": PEER_READINGS_PER_S},
        "ratio_to_peer": round(feed.accepted / total_s / PEER_READINGS_PER_S, 1),
    }


def run(progress: Progress, *, seconds: float = 60.0) -> dict[str, object]:
    """Run the benchmark on a fresh installation."""
    with installation(bus_limit_mib=4096) as target:
        return measure(target, progress, seconds)
