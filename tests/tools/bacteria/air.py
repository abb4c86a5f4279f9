"""Samplers to measure with: a made-up one with what it usually holds, and a street of them to listen to."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Catalogue, Datastream, batch_of, to_us
from impetus.core.place import Point
from impetus.tools.bacteria.instrument import CONCENTRATION, Sample
from impetus.tools.bacteria.tool import Tool

START = datetime(2025, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ONLY_LOAD = (CONCENTRATION,)
WHOLE = (CONCENTRATION, "sample_duration", "air_volume", "collector_volume", "raw_signal", "quality_flag")
HIGHEST = {CONCENTRATION: 1e6, "raw_signal": 65_535.0}


def stream(identity: int, sampler: int, name: str, *, apart_m: float = 300.0, simulated: bool = False) -> Datastream:
    """Return one part of one sampler; samplers stand in a row, so far apart."""
    return Datastream(
        id=DatastreamId(identity),
        key=DatastreamKey(f"city/a{sampler}/{name}"),
        source=SourceId("city"),
        thing=ThingKey(f"city/a{sampler}"),
        thing_name=f"A{sampler}",
        observed_property=name,
        unit="/m3" if name == CONCENTRATION else "1",
        point=Point(lon=10.73, lat=59.91 + sampler * apart_m / 111_195.0),
        zone=ZoneId("quay"),
        lowest=0.0,
        highest=HIGHEST.get(name, 1e9),
        cadence_s=86_400.0,
        simulated=simulated,
    )


def samplers(
    count: int, parts: Sequence[str] = ONLY_LOAD, *, apart_m: float = 300.0, simulated: bool = False
) -> Catalogue:
    """Return so many samplers, each with these parts."""
    pairs = [(sampler, name) for sampler in range(1, count + 1) for name in parts]
    streams = [
        stream(identity, *pair, apart_m=apart_m, simulated=simulated) for identity, pair in enumerate(pairs, start=1)
    ]
    return Catalogue(version=len(streams), datastreams={one.id: one for one in streams})


def sample(concentration: float, *, day: float = 0.0, sampler: int = 1, **parts: float) -> Sample:
    """Return a sample so many days after the start."""
    return Sample(
        thing=ThingKey(f"city/a{sampler}"),
        time_us=to_us(START) + round(day * 86_400e6),
        concentration=concentration,
        **parts,  # type: ignore[arg-type]  # the parts of a sample are numbers
    )


Bend = Callable[[int, float], float]


class Street:
    """Samplers that have been listened to: `live` lets time pass and returns what was said."""

    def __init__(self, count: int = 1, *, every: timedelta = DAY, seed: int = 1, apart_m: float = 300.0) -> None:
        self.catalogue = samplers(count, apart_m=apart_m)
        self.tool = Tool.create({}, self.catalogue)
        self.count, self.every, self.at = count, every, START
        self.rng = np.random.default_rng(seed)

    def live(self, steps: int, bend: Bend = lambda _, load: load) -> list[Finding]:
        """Let so many samples pass at each sampler, around 200 in a cubic metre, bent by what happens."""
        findings: list[Finding] = []
        for _ in range(steps):
            self.at += self.every
            loads = [bend(place, float(self.rng.gamma(9.0, 200 / 9.0))) for place in range(1, self.count + 1)]
            ids = list(range(1, self.count + 1))
            batch = batch_of(ids, [to_us(self.at)] * self.count, [round(load, 1) for load in loads])
            findings += self.tool.observe(batch, at=self.at + timedelta(seconds=1))
            findings += self.tool.tick(at=self.at + timedelta(seconds=2))
        return findings


def times(factor: float, *samplers_: int) -> Bend:
    """Return what multiplies the load of these samplers."""
    return lambda place, load: load * (factor if place in samplers_ else 1.0)
