"""Compile what is compiled, before anybody waits for it: three samplers, one hour of wind, once through the map."""

from datetime import UTC, datetime

from impetus.core.ids import ThingKey
from impetus.core.observation import to_us
from impetus.core.place import Point
from impetus.tools.bacteria.source import AirSample, locate
from impetus.tools.bacteria.wind import winds_of

HOUR_US = 3_600_000_000


def rehearse() -> None:
    """Ask once where a made-up load came from, and forget the answer; takes seconds once, then a fraction of one."""
    at_us = to_us(datetime(2026, 1, 5, tzinfo=UTC))
    samples = [
        AirSample(
            thing=ThingKey(f"warm/{number}"),
            name=f"warm {number}",
            point=Point(lon=10.0 + number / 100, lat=59.9),
            began_us=at_us,
            ended_us=at_us + HOUR_US,
            measured=200.0 * 4.0**number,
            expected=200.0,
            spread=0.5,
        )
        for number in range(3)
    ]
    locate(samples, winds_of([at_us, at_us + HOUR_US], [4.0, 4.2], [270.0, 272.0]))
