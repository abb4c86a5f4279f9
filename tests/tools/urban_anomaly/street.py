"""A street of sensors for the detector's tests: two weeks of days alike, and whatever a test adds."""

import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Batch, Catalogue, Datastream, batch_of, concatenate, to_us
from impetus.core.place import Point
from impetus.core.tool import Setting
from impetus.tools.urban_anomaly.tool import Tool

START = datetime(2026, 3, 2, tzinfo=UTC)
CADENCE = timedelta(minutes=5)

Change = Callable[[int, datetime, float], float | None]
"""From datastream, time and usual value to what was measured; None for no reading at all."""


def catalogue(count: int, *, zone: str | None = None, unit: str = "{count}") -> Catalogue:
    """Return counters C1 .. along a street, in one zone or in none."""
    streams = [
        Datastream(
            id=DatastreamId(number),
            key=DatastreamKey(f"street/c{number}/people_count"),
            source=SourceId("street"),
            thing=ThingKey(f"street/c{number}"),
            thing_name=f"C{number}",
            observed_property="people_count",
            unit=unit,
            point=Point(lon=10.73, lat=59.91 + number * 1e-4),
            zone=ZoneId(zone) if zone else None,
            lowest=0.0,
            cadence_s=CADENCE.total_seconds(),
        )
        for number in range(1, count + 1)
    ]
    return Catalogue(version=count, datastreams={stream.id: stream for stream in streams})


class Street:
    """Sensors with days alike, and a tool that listens."""

    def __init__(
        self, count: int = 1, *, zone: str | None = None, settings: Mapping[str, Setting] | None = None, seed: int = 1
    ) -> None:
        self.catalogue = catalogue(count, zone=zone)
        self.tool = Tool.create(settings or {}, self.catalogue)
        self.rng = np.random.default_rng(seed)
        self.at = START

    def usual(self, at: datetime) -> float:
        """Return what is normal: few at night, many at noon, fewer at the week-end."""
        hour = at.hour + at.minute / 60
        return (20 + 80 * np.exp(-(((hour - 13) / 4) ** 2))) * (0.6 if at.weekday() >= 5 else 1.0)

    def batch(self, at: datetime, change: Change | None = None) -> Batch:
        """Return one reading of each sensor."""
        rows = []
        for number in sorted(self.catalogue.datastreams):
            value: float | None = self.usual(at) + float(self.rng.normal(0, 3))
            if change is not None:
                value = change(number, at, value)
            if value is not None:
                rows.append((number, to_us(at), value))
        return batch_of(*zip(*rows, strict=True)) if rows else batch_of([], [], [])

    def live(self, span: timedelta, change: Change | None = None) -> list[Finding]:
        """Let time pass, reading by reading, and return what the tool said."""
        findings: list[Finding] = []
        end = self.at + span
        while self.at < end:
            findings += self.tool.observe(self.batch(self.at, change), at=self.at)
            findings += self.tool.tick(at=self.at)
            self.at += CADENCE
        return findings

    def skip(self, span: timedelta) -> list[Finding]:
        """Let ordinary time pass a day at a time: what is learnt is the same, and tests are quicker."""
        findings: list[Finding] = []
        end = self.at + span
        while self.at < end:
            until = min(self.at + timedelta(days=1), end)
            steps = [self.at + step * CADENCE for step in range(-(-(until - self.at) // CADENCE))]
            findings += self.tool.observe(concatenate([self.batch(at) for at in steps]), at=until)
            self.at = steps[-1] + CADENCE
        return findings


def times(factor: float, *numbers: int) -> Change:
    """Return a change by which these sensors read a multiple of what they would."""
    return lambda number, _, value: value * factor if number in numbers else value


@cache
def _learnt(count: int, zone: str | None) -> bytes:
    street = Street(count, zone=zone)
    street.skip(timedelta(days=14, hours=12))
    return pickle.dumps(street)


def learnt(count: int = 1, *, zone: str | None = None) -> Street:
    """Return a street that was listened to for two weeks, at noon; made once, each caller has its own."""
    street: Street = pickle.loads(_learnt(count, zone))  # noqa: S301  # pickled by the function above
    return street
