"""Findings and alerts to fuse in tests, and a generator of labelled sets."""

import json
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from impetus.core.alert import Alert
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, FindingKey, ToolId
from impetus.core.place import EARTH_RADIUS_M, Point
from impetus.core.text import Phrase
from impetus.core.tool import Raise
from impetus.tools.fusion import detect
from impetus.tools.fusion.config import Config
from impetus.tools.fusion.evaluate import Labelled

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
SQUARE = Point(lon=10.7339, lat=59.9127)
CONFIG = Config()


def seen(**changes: object) -> Finding:
    """Return a moderate anomaly in the square at 21:00, with these fields changed."""
    finding = Finding(
        key=FindingKey("k1"),
        tool=ToolId("urban_anomaly"),
        kind=Kind.ANOMALY,
        subject="zone:south-east",
        headline=Phrase(template="{count} people", values={"count": 61}),
        why=Phrase(template="usual is {low} to {high}", values={"low": 10, "high": 30}),
        began=AT,
        noticed=AT,
        severity=Severity.MODERATE,
        point=SQUARE,
    )
    return replace(finding, **changes)  # type: ignore[arg-type]  # a test names the field it means


def moved(metres_north: float, metres_east: float = 0.0) -> Point:
    """Return the point this far from the middle of the square."""
    lat = SQUARE.lat + math.degrees(metres_north / EARTH_RADIUS_M)
    lon = SQUARE.lon + math.degrees(metres_east / EARTH_RADIUS_M / math.cos(math.radians(SQUARE.lat)))
    return Point(lon=lon, lat=lat)


def later(seconds: float, **changes: object) -> Finding:
    """Return a finding noticed so many seconds after 21:00."""
    at = AT + timedelta(seconds=seconds)
    return seen(began=at, noticed=at, **changes)


def alert_of(finding: Finding, number: int = 1, **changes: object) -> Alert:
    """Return the alert a finding becomes when nothing else is there, with these fields changed."""
    answer = detect.join(CONFIG, finding, [], at=finding.noticed)
    assert isinstance(answer, Raise)
    return replace(answer.alert, id=AlertId(number), version=1, **changes)  # type: ignore[arg-type]  # as above


def seeded(seed: int) -> random.Random:
    """Return chance that a test can repeat."""
    return random.Random(seed)  # noqa: S311  # a labelled set must be the same in every run, not secret


def labelled_set(rng: random.Random, *, happenings: int = 60, hours: float = 24.0) -> list[Labelled]:
    """Return findings of unrelated happenings spread over a square kilometre and a day.

    Each happening is seen by one to four tools' subjects within 40 m and two minutes, one to six times each.
    """
    found: list[Labelled] = []
    for happening in range(happenings):
        start_s = rng.uniform(0, hours * 3600)
        north, east = rng.uniform(-500, 500), rng.uniform(-500, 500)
        for witness in range(rng.randint(1, 4)):
            tool = rng.choice(["urban_anomaly", "firearm", "bacteria"])
            first_s = start_s + rng.uniform(0, 120)
            point = moved(north + rng.uniform(-20, 20), east + rng.uniform(-20, 20))
            for repeat in range(rng.randint(1, 6)):
                finding = later(
                    first_s + 60 * repeat,
                    key=FindingKey(f"{happening}/{witness}/{repeat}"),
                    tool=ToolId(tool),
                    subject=f"thing:{happening}-{witness}",
                    point=point,
                    severity=rng.choice([Severity.MINOR, Severity.MODERATE, Severity.SEVERE]),
                )
                found.append(Labelled(finding=finding, truth=str(happening)))
    return found


SETS = 20


def write_sets(directory: Path, *, sets: int = SETS) -> None:
    """Write the labelled sets of the card as files."""
    for seed in range(sets):
        document = {"findings": [_document(each) for each in labelled_set(seeded(seed))]}
        (directory / f"synthetic-{seed:02d}.json").write_text(json.dumps(document), encoding="utf-8")


def _document(each: Labelled) -> dict[str, str | float]:
    finding = each.finding
    assert finding.point is not None
    return {
        "key": finding.key,
        "tool": finding.tool,
        "kind": finding.kind,
        "subject": finding.subject,
        "began": finding.began.isoformat(),
        "noticed": finding.noticed.isoformat(),
        "severity": finding.severity,
        "lon": finding.point.lon,
        "lat": finding.point.lat,
        "truth": each.truth,
    }
