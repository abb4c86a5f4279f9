"""Compile what is compiled, before anybody waits for it: two things, two days, once through every pass."""

from datetime import UTC, datetime

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, batch_of, from_us, to_us
from impetus.core.place import Point
from impetus.core.tool import SensingTool

HOUR_US = 3_600_000_000
THINGS, HOURS = 5, 48
"""Five things, so that each has the neighbours a region needs; two days, so that every view has been asked."""


def rehearse(tool: SensingTool) -> None:
    """Run made-up readings through a tool that knows `made_up`; takes seconds once, then a fraction of one."""
    began_us = to_us(datetime(2026, 1, 5, tzinfo=UTC))
    ids = np.arange(1, 2 * THINGS + 1)
    for hour in range(HOURS):
        time_us = began_us + hour * HOUR_US
        batch = batch_of(ids, np.full(len(ids), time_us), (10.0 + ids + (hour * 7) % 5).astype(np.float64))
        tool.observe(batch, at=from_us(time_us))
    tool.tick(at=from_us(began_us + HOURS * HOUR_US))


def made_up() -> Catalogue:
    """Declare five things with two datastreams each."""
    return Catalogue(
        version=1,
        datastreams={
            DatastreamId(number): Datastream(
                id=DatastreamId(number),
                key=DatastreamKey(f"warm/{number}"),
                source=SourceId("warm"),
                thing=ThingKey(f"warm/{(number + 1) // 2}"),
                thing_name=f"warm {number}",
                observed_property=f"made_up_{number % 2}",
                unit="1",
                point=Point(lon=10.0 + number // 2 / 1_000, lat=59.9),
                cadence_s=3_600.0,
                simulated=True,
            )
            for number in range(1, 2 * THINGS + 1)
        },
    )
