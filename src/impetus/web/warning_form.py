"""The composer's form into what a warning says: lists of fields for the languages, corners of a polygon one a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.errors import Malformed
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.place import Point
from impetus.core.warning import Area, Category, Circle, Response, WarningContent, Wording

MOST_LINES = 200
_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*", re.ASCII)
_CIRCLE = re.compile(
    r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s+(\d{1,4}(?:\.\d{1,6})?)\s*", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What the composer's form holds, as it was typed."""

    category: Category
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    response: Response
    minutes: int
    area: str
    polygon: str
    circle: str
    languages: Sequence[str]
    events: Sequence[str]
    headlines: Sequence[str]
    descriptions: Sequence[str]
    instructions: Sequence[str]
    contact: str = ""
    web: str = ""


def content_of(composed: Composed, at: datetime) -> WarningContent:
    """Return what the form says; `Malformed` names the line or field that cannot be read."""
    return WarningContent(
        category=composed.category,
        severity=composed.severity,
        urgency=composed.urgency,
        certainty=composed.certainty,
        response=composed.response,
        expires=at + timedelta(minutes=composed.minutes),
        contact=composed.contact.strip(),
        web=composed.web.strip(),
        wordings=_wordings(composed),
        area=Area(
            description=composed.area.strip(),
            polygons=polygons_of(composed.polygon),
            circles=circles_of(composed.circle),
        ),
    )


def _wordings(composed: Composed) -> tuple[Wording, ...]:
    columns = (
        composed.languages, composed.events, composed.headlines, composed.descriptions, composed.instructions,
    )  # fmt: skip
    if len({len(column) for column in columns}) != 1:
        raise Malformed("the languages' fields do not match", value=[len(each) for each in columns], remedy="reload")
    rows = (tuple(_plain(text) for text in row) for row in zip(*columns, strict=True))
    return tuple(
        Wording(language=language, event=event, headline=headline, description=description, instruction=instruction)
        for language, event, headline, description, instruction in rows
        if any((event, headline, description, instruction))
    )


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def polygons_of(text: str) -> tuple[tuple[Point, ...], ...]:
    r"""Return the polygon whose corners stand one a line, latitude first; none for an empty text.

    >>> polygons_of("59.91, 10.73\n59.92, 10.73\n59.92, 10.74")[0][1].lat
    59.92
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise Malformed(f"{len(lines)} corners", value=len(lines), limit=MOST_LINES, remedy="draw it more simply")
    ring = tuple(_corner(line, number) for number, line in enumerate(lines, start=1))
    closed = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    return (closed,) if closed else ()


def _corner(line: str, number: int) -> Point:
    found = _PAIR.fullmatch(line)
    if found is None:
        raise Malformed(
            f"corner {number} is {line[:40]!r}", value=line[:40], limit="latitude, longitude", remedy="59.9115, 10.7335"
        )
    return Point(lat=float(found.group(1)), lon=float(found.group(2)))


def circles_of(text: str) -> tuple[Circle, ...]:
    """Return the circle written as latitude, longitude and kilometres; none for an empty text."""
    if not text.strip():
        return ()
    found = _CIRCLE.fullmatch(text)
    if found is None:
        raise Malformed(
            f"the circle is {text[:40]!r}",
            value=text[:40],
            limit="latitude, longitude kilometres",
            remedy="59.9115, 10.7335 0.5",
        )
    lat, lon, radius_km = (float(part) for part in found.groups())
    return (Circle(centre=Point(lat=lat, lon=lon), radius_km=radius_km),)


def corners_text(area: Area) -> str:
    """Return the first polygon as the form writes it."""
    return "\n".join(f"{point.lat:.6f}, {point.lon:.6f}" for point in (area.polygons[0] if area.polygons else ()))


def circle_text(area: Area) -> str:
    """Return the first circle as the form writes it."""
    if not area.circles:
        return ""
    circle = area.circles[0]
    return f"{circle.centre.lat:.6f}, {circle.centre.lon:.6f} {circle.radius_km:g}"
