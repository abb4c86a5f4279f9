"""The main job in one process: readings through the ingest's door, over the bus, through tool and fusion, to the pages.

Every part is the real one; only what would be a disk, a process or a wall clock is in memory. A turn of the platform is a
method call, so that a test decides who is fast, who is slow and who is killed when.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from httpx import Response
from starlette.testclient import TestClient

from impetus.core.admission import Limits
from impetus.core.alert import Alert
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import Offset, SourceId, ToolId
from impetus.core.observation import Batch, concatenate, to_us
from impetus.desk import tokens
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.declare_source import declare, read_document
from impetus.desk.ingest import Intake
from impetus.ports import Clock
from impetus.run import fusion_host, tool_host
from impetus.run.heartbeat import Heart
from impetus.run.keeper import Keeper
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.testing.bus import MemoryBus
from impetus.testing.clock import SettableClock
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.register import clear
from impetus.tools.fusion.tool import Tool as Fusion
from impetus.web.app import create_app
from impetus.web.ingest.app import create_ingest_app
from town import CONSOLE, NOW, Town

QUICK = {
    "learning_s": 1_800.0,
    "start_readings": 3,
    "end_readings": 3,
    "stuck_readings": 1_000,
    "exceedances_per_day": 500.0,
}
"""The detector as shipped, but believing a sensor after half an hour and expecting several crowds a day, so that a story
fits in a test."""
USUAL = 20.0
MINUTE_S = 60
SQUARE = SourceId("square")

Measure = Callable[[int, int], float]
"""From counter and minute to people counted."""


def usual(counter: int, minute: int) -> float:
    """Return twenty people, give or take three, by a rule and not by chance."""
    return USUAL + (counter * 5 + minute * 7) % 7 - 3


def crowd(_counter: int, minute: int) -> float:
    """Return nine times as many, and more each minute."""
    return 9 * USUAL + minute


def square(
    source: str = SQUARE, *, zone: str = "quay", lon: float = 10.73, pulse_within_s: float = 0.0
) -> dict[str, Any]:
    """Return the declaration of a source: three people counters twenty metres apart in one zone, and a camera's pulse.

    The camera is watched only when it must give a pulse within so many seconds.
    """
    things: list[dict[str, Any]] = [
        {
            "key": f"c{number}",
            "position": [lon, round(59.91 + number * 2e-4, 4)],
            "zone": zone,
            "datastreams": [{"property": "people_count", "unit": "{people}", "lowest": 0, "highest": 5000}],
        }
        for number in (1, 2, 3)
    ]
    pulse = {"property": "frames_per_minute", "unit": "1/min", "freshness_s": pulse_within_s}
    camera = {"key": "camera", "position": [lon, 59.9103], "zone": zone, "datastreams": [pulse]}
    return {"source": {"id": source, "name": source.title(), "freshness_s": 0}, "things": [*things, camera]}


@dataclass(slots=True)
class City:
    """One installation: its desk, its intake behind a door, and its tool, fusion and keeper as they stand now."""

    home: Path
    desk: Desk
    settings: Settings
    intake: Intake
    door: TestClient
    tool: tool_host.Host = field(init=False)
    fusion: fusion_host.Host = field(init=False)
    keeper: Keeper = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)
    minute: int = 0

    @property
    def clock(self) -> SettableClock:
        """Return the clock that a story moves."""
        return clock_of(self.desk)

    @property
    def began(self) -> datetime:
        """Return when the story began."""
        return NOW

    @property
    def now_us(self) -> int:
        """Return the clock in microseconds."""
        return to_us(self.clock.now())

    def declare(self, document: dict[str, Any]) -> str:
        """Declare a source, let the parts that are up learn of it, and return its token."""
        source = SourceId(document["source"]["id"])
        declare(self.desk, CONSOLE, read_document(document))
        self.intake.refresh()
        self.tokens[source] = tokens.issue(self.desk, CONSOLE, source, ["observations.write"], source)[1]
        return self.tokens[source]

    def start(self) -> None:
        """Start tool, fusion and keeper where their snapshot, cursor and history say."""
        self.tool = tool_host.Host(self.desk, find_tool(ToolId("urban_anomaly")), self.settings, Heart())
        self.fusion = fusion_host.Host(self.desk, Fusion.create({}), Heart())
        self.keeper = Keeper(self.desk, self.settings, Heart())

    def post(self, body: object, source: str = SQUARE, *, media: str = "application/json") -> Response:
        """Send a body through the door with a source's token, as it is."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {self.tokens[source]}", "Content-Type": media}
        return self.door.post("/api/v1/observations", content=content, headers=headers)

    def minutes(
        self, count: int, measure: Measure = usual, *, counters: Sequence[int] = (1, 2, 3), source: str = SQUARE
    ) -> dict[str, int]:
        """Let minutes pass in which each counter counts once, send them at the end, and return the counts per rule."""
        began_us = to_us(self.clock.now())
        rows = [(number, step) for step in range(1, count + 1) for number in counters]
        self.clock.advance(count * MINUTE_S)
        self.minute += count
        answer = self.post(
            {
                "datastream": [f"{source}/c{number}/people_count" for number, _ in rows],
                "time": [began_us + step * MINUTE_S * 1_000_000 for _, step in rows],
                "result": [measure(number, step) for number, step in rows],
            },
            source,
        )
        counts: dict[str, int] = answer.json()["counts"]
        return counts

    def turn(self) -> None:
        """Let tool, fusion and keeper take in all that waits, once each."""
        self.keeper.turn()
        self.tool.turn()
        while self.fusion.turn():
            pass

    def live(self, count: int, measure: Measure = usual, **chosen: Any) -> None:
        """Let minutes pass and the platform follow."""
        self.minutes(count, measure, **chosen)
        self.turn()

    def say(self, said: Sequence[tuple[Finding, Evidence]]) -> None:
        """Put findings on the bus as a tool would."""
        self.desk.bus.publish(FINDINGS, [self.desk.codec.encode_finding(*pair) for pair in said])

    def alerts(self) -> list[Alert]:
        """Return every alert, oldest first."""
        with self.desk.store.read() as unit:
            found = unit.alerts.recent((), near_since=NOW - timedelta(days=400))
        return sorted(found, key=lambda alert: alert.id)

    def findings(self) -> list[Finding]:
        """Return what tools have said on the bus."""
        bodies = [message.body for message in self.desk.bus.read(FINDINGS, Offset(0), limit=10_000)]
        return [self.desk.codec.decode_finding(body)[0] for body in bodies]

    def readings(self) -> Batch:
        """Return what was taken in, from the bus."""
        messages = self.desk.bus.read(OBSERVATIONS, Offset(0), limit=10_000)
        return concatenate([self.desk.columns.decode(message.body) for message in messages])

    @contextmanager
    def pages(self) -> Iterator[Town]:
        """Open the web over this installation."""
        town = Town(desk=self.desk, settings=self.settings, app=create_app(self.desk, self.settings))
        try:
            yield town
        finally:
            town.app.state.web.hub.stop()
            for client in town.clients:
                client.close()


def open_city(home: Path, bus: Callable[[Clock], MemoryBus] = MemoryBus) -> City:
    """Return an installation with one square, nothing heard yet, over a bus of this kind."""
    settings = Settings(home=home, site="Testby", tool_settings={"urban_anomaly": dict(QUICK)})
    desk = memory_desk(NOW)
    desk = replace(desk, bus=bus(desk.clock))
    intake = Intake(desk, Limits())
    intake.start()
    door = TestClient(create_ingest_app(desk, settings, intake), raise_server_exceptions=False)
    city = City(home=home, desk=desk, settings=settings, intake=intake, door=door)
    clear(desk, find_tool(ToolId("urban_anomaly")), find_tool(ToolId("fusion")), is_real=True)
    city.declare(square())
    city.start()
    return city


def close_city(city: City) -> None:
    """Give back what an installation holds."""
    city.door.close()
    city.intake.close()
    city.desk.store.close()
