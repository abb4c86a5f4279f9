"""`impetus bench city`: 10,000 datastreams at a hundred times real time, end to end: how late an alarm is, how much memory.

Every datastream sends a reading each five minutes of its own time, which is three seconds here: readings go in by HTTP, are
durable, pass the detector and fusion, and alerts reach a client of the server-sent events. Probes make one datastream jump.
The tool asks for a second strange reading before it speaks, so the clock of `alarm_delay` runs from the moment the second
is sent; what a tool that asks for a third adds is counted as delay. Half way the detector's process is killed with `kill -9`:
probes after that count too, and would not alarm for a day if what was learnt were lost.
"""

import http.client
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from impetus.bench import ingest
from impetus.bench.ingest import Feed, Screen, play, prepare, send, wait_until_drained, wait_until_known
from impetus.bench.installation import Installation, installation
from impetus.core.observation import Batch, Int64s

SPEED = 100.0
CADENCE_S = 300.0
JUMP = 40.0
PROBES = 150
PROBE_EVERY_S = 0.5
SHOWN_LIMIT_S = 30.0
TOOL = "urban_anomaly"
ROWS = 2_500
STREET_DEG = 0.002
"""Degrees of latitude from one street to the next: some 220 m."""

Progress = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class City:
    """What the player and the prober share: since when each probed datastream jumps, and its moments of sending. Mutable."""

    feed: Feed
    ids: Int64s
    jumping: set[int] = field(default_factory=set)
    sent: dict[int, list[float]] = field(default_factory=dict)
    ticks: int = 0


def declaration(datastreams: int) -> dict[str, object]:
    """Return the declaration: probes first, 1 km apart so that fusion does not join them, the others on a grid of streets."""
    side = max(1, round(datastreams**0.5))
    things: list[dict[str, object]] = []
    for number in range(datastreams):
        lat, lon = 59.0 + number * 0.01, 10.0
        if number >= PROBES:
            lat, lon = 61.0 + number // side * STREET_DEG, 10.0 + number % side * 2 * STREET_DEG
        people = {"property": "people", "unit": "1", "lowest": -1e9, "highest": 1e9, "cadence_s": CADENCE_S}
        things.append(
            {"key": f"t{number}", "name": f"Counter {number}", "position": [lon, lat], "datastreams": [people]}
        )
    return {"source": {"id": "bench", "name": "Bench", "kind": "bench", "simulated": True}, "things": things}


def playing(city: City, seconds: float) -> None:
    """Send every datastream once per cadence of its own time, spread evenly over it, so that time ends now."""
    rng = np.random.default_rng(2)
    connection = http.client.HTTPConnection(city.feed.host, city.feed.port, timeout=60)
    began_s, began_us = time.perf_counter(), time.time_ns() // 1000 - int(SPEED * seconds * 1e6)
    shares = np.array_split(city.ids, max(1, len(city.ids) // ROWS))
    pause_s = CADENCE_S / SPEED / len(shares)
    for turn in range(int(seconds / pause_s)):
        ids = shares[turn % len(shares)]
        city.feed.stop.wait(max(0.0, began_s + turn * pause_s - time.perf_counter()))
        values = rng.normal(100.0, 1.0, len(ids))
        probed = np.isin(ids, list(city.jumping))
        values[probed] += JUMP
        time_us = np.full(len(ids), began_us + int(turn * pause_s * SPEED * 1e6), dtype=np.int64)
        now_s = time.perf_counter()
        for identity in ids[probed].tolist():
            city.sent.setdefault(identity, []).append(now_s)
        send(connection, city.feed, Batch(datastream=ids, time_us=time_us, result=values))
        city.ticks += turn % len(shares) == 0
    connection.close()


def kill_detector(target: Installation) -> bool:
    """Kill the detector's process as a crash would, and say whether there was one."""
    import psutil  # noqa: PLC0415 - only a measurement needs it, not the start

    for child in psutil.Process(target.process.pid).children(recursive=True):
        if TOOL in child.cmdline():
            child.send_signal(signal.SIGKILL)
            return True
    return False


def delays_s(city: City, shown: dict[int, float]) -> list[float]:
    """Return, for each probe that was shown, the seconds from its second strange reading, or its first if only one was sent."""
    delays = []
    for identity, at_s in shown.items():
        sent = city.sent.get(identity, [])
        if sent:
            delays.append(max(0.0, at_s - sent[min(1, len(sent) - 1)]))
    return delays


def shown_probes(target: Installation, screen: Screen, keys: dict[str, int]) -> dict[int, float]:
    """Return when an alert about each probed datastream was first shown."""
    shown: dict[int, float] = {}
    for alert, at_s in list(screen.seen.items()):
        facts = str(target.get(f"/api/v1/alerts/{alert}"))
        for key, identity in keys.items():
            if f"{key}'" in facts or f"{key}/" in facts:
                shown[identity] = min(at_s, shown.get(identity, at_s))
    return shown


def measure(target: Installation, progress: Progress, seconds: float) -> dict[str, object]:
    """Warm up, play, probe, kill half way, and return the figures."""
    feed, ids = prepare(target, declaration(ingest.DATASTREAMS))
    wait_until_known(feed)
    progress(f"warming up: {ingest.WARM_UP_TICKS} readings of {len(ids):,} datastreams")
    for thread in play(feed, ids, ticks=ingest.WARM_UP_TICKS):
        thread.join()
    wait_until_drained(target)
    screen = Screen(target)
    screen.start()
    city, memory, killed_at = City(feed=feed, ids=ids), [], 0
    feed.accepted = feed.refused = 0
    player = threading.Thread(target=playing, args=(city, seconds), daemon=True)
    player.start()
    for number in range(min(PROBES, max(1, int((seconds - 15.0) / PROBE_EVERY_S)))):
        city.jumping.add(int(ids[number]))
        memory.append(target.memory_mib())
        if not killed_at and number * PROBE_EVERY_S > seconds / 2 and kill_detector(target):
            killed_at = number
            progress("killed the detector")
        time.sleep(PROBE_EVERY_S)
    player.join()
    wait_until_drained(target)
    time.sleep(min(2.0, SHOWN_LIMIT_S))
    probes = {f"bench/t{number}": int(ids[number]) for number in range(len(city.jumping))}
    shown = shown_probes(target, screen, probes)
    after_kill = [identity for identity in shown if killed_at and identity >= int(ids[killed_at])]
    return figures_of(city, shown, memory, (len(after_kill), len(city.jumping) - killed_at if killed_at else 0))


def figures_of(
    city: City, shown: dict[int, float], memory: list[float], after_kill: tuple[int, int]
) -> dict[str, object]:
    """Return the figures of a run."""
    delays = delays_s(city, shown)
    return {
        "datastreams": len(city.ids),
        "speed": SPEED,
        "readings": city.feed.accepted,
        "refused": city.feed.refused,
        "alarm_delay_p50_s": round(float(np.percentile(delays, 50)), 3) if delays else None,
        "alarm_delay_p99_s": round(float(np.percentile(delays, 99)), 3) if delays else None,
        "probes": len(city.jumping),
        "probes_shown": len(shown),
        "probes_after_kill": after_kill[1],
        "probes_after_kill_shown": after_kill[0],
        "memory_mib": round(max(memory)) if memory else None,
    }


def run(progress: Progress, *, seconds: float = 120.0) -> dict[str, object]:
    """Run the benchmark on a fresh installation."""
    with installation(bus_limit_mib=4096) as target:
        return measure(target, progress, seconds)
