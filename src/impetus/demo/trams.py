"""The demonstration's trams: a GTFS-Realtime feed as a transport operator would publish it, invented and said to be.

Two lines. The 12 crosses the square: when the crowd stands on the rails its vehicles come later and later and then are gone,
until people have left; the 31 goes round and is only a little late. The feed is a file that is written anew every few
seconds, and the platform reads it as it reads any other (`sources.toml`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.transit.gtfs_realtime_pb2 import FeedMessage

from impetus.demo.script import LOOP_S

FOLDER: Final = "city/trams"
FILE: Final = "vehicles.pb"
SOURCE: Final = "trams"
EVERY_S: Final = 10.0
"""Seconds between two pictures: what operators of such feeds offer. House rule."""
BLOCKED_S: Final = (60.0, 600.0)
"""When in the scenario the rails are not free: from the crowd's growing to its leaving (`demo.script`)."""
FILLS_S: Final = 90.0
LINES: Final = ("12", "31")
SOURCES: Final = f"""\
# Written by `impetus demo` at each start: everything here is simulated.
[[source]]
id = "{SOURCE}"
name = "Trams (simulated)"
format = "gtfs-realtime"
folder = "{FOLDER}"
files = "*.pb"
every_s = {EVERY_S:g}
freshness_s = 120
simulated = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tram:
    """One invented vehicle: its line, how late it is and how fast."""

    line: str
    late_s: int
    speed_mps: float


def trams_at(at_s: float, script_s: float) -> tuple[Tram, ...]:
    """Return the trams on the road: `at_s` seconds since 1970, `script_s` seconds since the scenario began."""
    hour = at_s / 3600 % 24
    usual = round(4 + 2 * math.sin((hour - 8) * math.pi / 12) + 0.8 * math.sin(at_s / 613))
    moment_s = script_s % LOOP_S
    blocked = min(1.0, max(0.0, (moment_s - BLOCKED_S[0]) / FILLS_S)) if moment_s < BLOCKED_S[1] else 0.0
    left = {"12": round(usual * (1 - blocked)), "31": usual}
    slow = {"12": 600 * blocked, "31": 60 * blocked}
    return tuple(
        Tram(
            line=line,
            late_s=round(20 + 25 * math.sin(at_s / 97 + number) + slow[line]),
            speed_mps=6.0 * (1 - blocked / 2),
        )
        for line in LINES
        for number in range(left[line])
    )


def feed_at(at_s: float, script_s: float) -> bytes:
    """Return the whole picture of a moment as GTFS-Realtime: vehicles, and how late each trip is at its next stop."""
    feed = FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = int(at_s)
    for number, tram in enumerate(trams_at(at_s, script_s)):
        seen = feed.entity.add()
        seen.id = f"v{number}"
        seen.vehicle.trip.route_id = tram.line
        seen.vehicle.timestamp = int(at_s)
        seen.vehicle.position.longitude, seen.vehicle.position.latitude = 10.733 + number / 1000, 59.911
        seen.vehicle.position.speed = tram.speed_mps
        foretold = feed.entity.add()
        foretold.id = f"t{number}"
        foretold.trip_update.trip.route_id = tram.line
        stop = foretold.trip_update.stop_time_update.add()
        stop.arrival.time, stop.arrival.delay = int(at_s) + 60, tram.late_s
    body: bytes = feed.SerializeToString()
    return body


def make_trams(home: Path) -> None:
    """Declare the trams as a source of the demonstration and make the folder they are written into."""
    (home / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "sources.toml").write_text(SOURCES, encoding="ascii")


@dataclass(slots=True, kw_only=True)
class TramWriter:
    """Writes the feed into the home when its time has come; `now_s` are seconds since 1970."""

    home: Path
    now_s: Callable[[], float]
    speed: float = 1.0
    _began_s: float | None = None
    _next_s: float = 0.0

    def write_due(self) -> bool:
        """Write the picture of this moment, whole or not at all; say whether it was time."""
        now_s = self.now_s()
        self._began_s = now_s if self._began_s is None else self._began_s
        if now_s < self._next_s:
            return False
        self._next_s = now_s + EVERY_S
        file = self.home / FOLDER / FILE
        fresh = file.with_suffix(".new")
        fresh.write_bytes(feed_at(now_s, (now_s - self._began_s) * self.speed))
        fresh.replace(file)
        return True
