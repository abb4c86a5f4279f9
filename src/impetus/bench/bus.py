"""Measure the local bus: how fast it makes messages durable, and what reading them costs.

On the disk of this machine, in a temporary folder, with messages as ingest publishes them: 500 readings, about 12 KB.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from impetus.adapters.arrow import encode
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
from impetus.core.errors import OurFault
from impetus.core.ids import Offset
from impetus.core.observation import batch_of

Progress = Callable[[str], None]

READINGS = 500
ALONE = 1_000
"""Messages published one after the other: each waits for the disk by itself."""
TOGETHER = 32
EACH = 150
"""Publishers at once, and messages of each: they share the disk's waits."""
CONSUMERS = 3
LIVE_S = 5.0
LIVE_PER_S = 200
"""The rate of 100,000 readings a second, followed by consumers that sleep in between."""
LIMIT_BYTES = 1 << 30

CONSUMER = """
import sys, time
from pathlib import Path
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
folder, after, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
bus = LocalBus(folder, clock=SystemClock(), limit_bytes=1 << 30)
last = after + count
print("ready", flush=True)
started = time.process_time()
while after < last and bus.wait("bench", after, timeout_s=30):
    after = bus.read("bench", after)[-1].offset
print(time.process_time() - started, flush=True)
"""
"""What a consumer does: sleep, read what is new, sleep. Prints the seconds of processor time it took."""


def run(progress: Progress) -> dict[str, float]:
    """Publish and read; return messages and megabytes a second, and shares of one core."""
    batch = batch_of(np.arange(READINGS), np.arange(READINGS), np.random.default_rng(7).random(READINGS))
    body = encode(batch)
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        bus = LocalBus(Path(folder), clock=SystemClock(), limit_bytes=LIMIT_BYTES)
        progress(f"publishing {ALONE} messages of {len(body)} bytes one by one")
        alone_per_s = _alone(bus, body)
        progress(f"publishing from {TOGETHER} threads at once")
        together_per_s = _together(bus, body)
        progress("reading them all")
        read_per_s = _read_all(bus)
        progress(f"following {LIVE_PER_S} messages/s with {CONSUMERS} consumers for {LIVE_S:g} s")
        publisher, consumers = _live(Path(folder), bus, body)
        bus.close()
    megabytes = len(body) / 1e6
    return {
        "message_bytes": len(body),
        "publish_per_s": round(alone_per_s),
        "publish_mb_per_s": round(alone_per_s * megabytes, 1),
        "publish_together_per_s": round(together_per_s),
        "publish_together_mb_per_s": round(together_per_s * megabytes, 1),
        "read_per_cpu_s": round(read_per_s),
        "read_mb_per_cpu_s": round(read_per_s * megabytes, 1),
        "publisher_core_share": round(publisher, 4),
        "consumer_core_share": round(consumers, 4),
    }


def _alone(bus: LocalBus, body: bytes) -> float:
    """Return messages a second when each is published alone."""
    started = time.perf_counter()
    for _ in range(ALONE):
        bus.publish("bench", [body])
    return ALONE / (time.perf_counter() - started)


def _together(bus: LocalBus, body: bytes) -> float:
    """Return messages a second when many publish at once."""

    def publish() -> None:
        for _ in range(EACH):
            bus.publish("bench", [body])

    publishers = [threading.Thread(target=publish) for _ in range(TOGETHER)]
    started = time.perf_counter()
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    return TOGETHER * EACH / (time.perf_counter() - started)


def _read_all(bus: LocalBus) -> float:
    """Return messages read per second of processor time."""
    count, after, started = 0, Offset(0), time.process_time()
    while messages := bus.read("bench", after):
        count, after = count + len(messages), messages[-1].offset
    return count / (time.process_time() - started)


def _live(folder: Path, bus: LocalBus, body: bytes) -> tuple[float, float]:
    """Return the shares of one core that a publisher at the full rate and one consumer take."""
    count = int(LIVE_S * LIVE_PER_S)
    command = [sys.executable, "-c", CONSUMER, str(folder), str(bus.status("bench").last), str(count)]
    consumers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(CONSUMERS)]
    for consumer in consumers:
        _line(consumer)
    before, started = time.thread_time(), time.perf_counter()
    for number in range(count):
        bus.publish("bench", [body])
        time.sleep(max(0.0, started + (number + 1) / LIVE_PER_S - time.perf_counter()))
    spent_s, lasted_s = time.thread_time() - before, time.perf_counter() - started
    shares = [float(_line(consumer)) / lasted_s for consumer in consumers]
    for consumer in consumers:
        consumer.wait()
    return spent_s / lasted_s, sum(shares) / CONSUMERS


def _line(consumer: subprocess.Popen[str]) -> str:
    """Wait for a consumer to say something."""
    if consumer.stdout is None or not (line := consumer.stdout.readline()):
        raise OurFault("a consumer of the measurement ended early", remedy="look at its error above")
    return line
