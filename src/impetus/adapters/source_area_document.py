"""A source area as a JSON document: corners as longitude and latitude by turns, read as strictly as all evidence."""

import math
from collections.abc import Mapping, Sequence

from impetus.adapters import fields
from impetus.core.errors import Malformed
from impetus.core.ids import ThingKey
from impetus.core.place import MAX_LAT_DEG, MAX_LON_DEG, Point
from impetus.core.source_area import MAX_CORNERS, MAX_RINGS, MAX_SAMPLERS, AreaKind, SamplerUsed, SourceArea, Wind

MAX_NAME = 200
FULL_CIRCLE_DEG = 360.0
MOST_WIND_MPS = 150.0
"""Strongest wind believed, metres a second. **Source**: WMO record gust, 113 m/s (Barrow Island, 1996)."""
MOST_SAMPLES = 100_000
DIGITS = 6
"""Decimals of a corner: a tenth of a metre."""


def source_area_document(area: SourceArea) -> dict[str, object]:
    """Lay out an area."""
    return {
        "kind": area.kind.value,
        "coverage": area.coverage,
        "rings": [{"corners": _corners(ring)} for ring in area.rings],
        "wind": {
            "from_deg": area.wind.from_deg,
            "speed_mps": area.wind.speed_mps,
            "spread_deg": area.wind.spread_deg,
        },
        "samplers": [_sampler_document(sampler) for sampler in area.samplers],
        "samples": area.samples,
        "is_open": area.is_open,
    }


def read_source_area(document: fields.Fields) -> SourceArea:
    """Read an area; what is no area, such as a dot, is refused."""
    kind = document.one_of("kind", AreaKind)
    coverage = document.number("coverage", lowest=0.0, highest=1.0)
    rings = tuple(_ring(each) for each in document.inners("rings", MAX_RINGS))
    wind = _wind(document.inner("wind"))
    samplers = tuple(_sampler(each) for each in document.inners("samplers", MAX_SAMPLERS))
    samples, is_open = document.whole_number("samples"), document.truth("is_open")
    document.end()
    if not 1 <= samples <= MOST_SAMPLES:
        raise document.wrong("samples", samples, f"1..{MOST_SAMPLES}")
    try:
        return SourceArea(
            kind=kind,
            coverage=coverage,
            rings=rings,
            wind=wind,
            samplers=samplers,
            samples=samples,
            is_open=is_open,
        )
    except Malformed as error:
        raise document.wrong("rings", error.detail, str(error.limit)) from error


def _corners(ring: Sequence[Point]) -> list[float]:
    return [round(number, DIGITS) for point in ring for number in (point.lon, point.lat)]


def _ring(document: fields.Fields) -> tuple[Point, ...]:
    numbers = document.column("corners", 2 * MAX_CORNERS).tolist()
    document.end()
    pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(numbers) % 2 or not all(abs(lon) <= MAX_LON_DEG and abs(lat) <= MAX_LAT_DEG for lon, lat in pairs):
        raise document.wrong("corners", numbers[:4], "longitude and latitude by turns, on the globe")
    return tuple(Point(lon=lon, lat=lat) for lon, lat in pairs)


def _wind(document: fields.Fields) -> Wind:
    wind = Wind(
        from_deg=document.number("from_deg", lowest=0.0, highest=FULL_CIRCLE_DEG),
        speed_mps=document.number("speed_mps", lowest=0.0, highest=MOST_WIND_MPS),
        spread_deg=document.number("spread_deg", lowest=0.0, highest=FULL_CIRCLE_DEG),
    )
    document.end()
    return wind


def _sampler_document(sampler: SamplerUsed) -> Mapping[str, object]:
    return {
        "thing": sampler.thing,
        "name": sampler.name,
        "lon": round(sampler.point.lon, DIGITS),
        "lat": round(sampler.point.lat, DIGITS),
        "measured": sampler.measured if math.isfinite(sampler.measured) else None,
        "expected": sampler.expected if math.isfinite(sampler.expected) else None,
    }


def _sampler(document: fields.Fields) -> SamplerUsed:
    measured = document.optional("measured", document.number)
    expected = document.optional("expected", document.number)
    sampler = SamplerUsed(
        thing=ThingKey(document.text("thing", MAX_NAME)),
        name=document.text("name", MAX_NAME, shortest=0),
        point=Point(
            lon=document.number("lon", lowest=-MAX_LON_DEG, highest=MAX_LON_DEG),
            lat=document.number("lat", lowest=-MAX_LAT_DEG, highest=MAX_LAT_DEG),
        ),
        measured=math.nan if measured is None else measured,
        expected=math.nan if expected is None else expected,
    )
    document.end()
    return sampler
