"""What tests of feeds share: the recorded samples, and a report said in a form that can be read at a glance."""

import math
from pathlib import Path

from impetus.core.feed import FeedReport
from impetus.core.observation import from_us

SAMPLES = Path(__file__).parent / "adapters" / "feeds" / "samples"


def sample(name: str) -> bytes:
    """Return a sample as it would come over a line."""
    return (SAMPLES / name).read_bytes()


def told(report: FeedReport) -> list[tuple[str, str, float | None]]:
    """Return each reading as key, time in UTC and value, None for no value."""
    rows = zip(report.stream.tolist(), report.time_us.tolist(), report.result.tolist(), strict=True)
    return [
        (report.streams[stream].key, f"{from_us(at_us):%Y-%m-%d %H:%M:%S}", None if math.isnan(value) else value)
        for stream, at_us, value in rows
    ]


def units(report: FeedReport) -> dict[str, str]:
    """Return the unit of each datastream by key."""
    return {stream.key: stream.measure.unit for stream in report.streams}
