"""Draws Oslo's Rådhusplassen schematically: `python -m impetus.demo.draw` writes `radhusplassen.geojson`.

A sketch from memory of the square's proportions, not a survey: 150 m along the quay, 100 m deep, the City Hall with its
two towers to the north, the harbour to the south. Positions are metres east (`x`) and north (`y`) of the middle of the
square, turned into WGS 84 on the sphere. Everything is made up but the shape; no real camera stands where one is drawn.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from impetus.core.place import EARTH_RADIUS_M, Point

PLACE_FILE = "radhusplassen.geojson"
CENTRE = Point(lon=10.7335, lat=59.9115)
HALF_WIDTH_M, HALF_DEPTH_M = 75.0, 50.0
CELL_M = 5.0
FEEDERS = 3
"""Counters that feed one cell of the density picture, by inverse square of their distance. House rule."""

Feature = dict[str, object]
Ring = Sequence[tuple[float, float]]
MetrePoint = tuple[float, float]

ZONES: Mapping[str, tuple[str, Ring]] = {
    "centre": ("Centre", ((-30, -10), (30, -10), (30, 25), (-30, 25))),
    "north-west": ("North-west", ((-75, 10), (-30, 10), (-30, 25), (0, 25), (0, 50), (-75, 50))),
    "north-east": ("North-east", ((0, 25), (30, 25), (30, 10), (75, 10), (75, 50), (0, 50))),
    "south-west": ("South-west", ((-75, -30), (0, -30), (0, -10), (-30, -10), (-30, 10), (-75, 10))),
    "south-east": ("South-east", ((0, -30), (75, -30), (75, 10), (30, 10), (30, -10), (0, -10))),
    "quay": ("Quay", ((-75, -50), (75, -50), (75, -30), (-75, -30))),
}
"""The six zones; together they are the square, and no two overlap."""

BUILDINGS: Mapping[str, tuple[str, Ring]] = {
    "city-hall": ("City Hall", ((-28, 58), (28, 58), (28, 88), (-28, 88))),
    "tower-west": ("City Hall, west tower", ((-23, 75), (-10, 75), (-10, 94), (-23, 94))),
    "tower-east": ("City Hall, east tower", ((10, 75), (23, 75), (23, 94), (10, 94))),
    "block-north-west": ("Offices", ((-104, 84), (-60, 84), (-60, 118), (-104, 118))),
    "block-north": ("Offices", ((-52, 104), (-14, 104), (-14, 124), (-52, 124))),
    "block-north-middle": ("Offices", ((14, 104), (52, 104), (52, 124), (14, 124))),
    "block-north-east": ("Offices", ((60, 84), (104, 84), (104, 118), (60, 118))),
    "block-west": ("Former railway station", ((-138, -22), (-94, -22), (-94, 20), (-138, 20))),
    "block-west-north": ("Theatre block", ((-138, 34), (-94, 34), (-94, 74), (-138, 74))),
    "block-east": ("Shops", ((94, -22), (138, -22), (138, 20), (94, 20))),
    "block-east-north": ("Shops", ((94, 34), (138, 34), (138, 74), (94, 74))),
    "ferry-house": ("Ferry house", ((-16, -78), (16, -78), (16, -70), (-16, -70))),
}
STREETS: Mapping[str, tuple[str, Ring]] = {
    "street-west": ("West street", ((-92, -66), (-78, -66), (-78, 124), (-92, 124))),
    "street-east": ("East street", ((78, -66), (92, -66), (92, 124), (78, 124))),
    "street-north": ("Tram street", ((-150, 50.5), (150, 50.5), (150, 56.5), (-150, 56.5))),
    "promenade": ("Harbour promenade", ((-150, -66), (150, -66), (150, -52), (-150, -52))),
}
EXITS: Mapping[str, tuple[str, str, MetrePoint, MetrePoint]] = {
    "exit-nw": ("Exit north-west", "north-west", (-75, 22), (-75, 39)),
    "exit-sw": ("Exit south-west", "south-west", (-75, -26), (-75, -9)),
    "exit-ne": ("Exit north-east", "north-east", (75, 22), (75, 39)),
    "exit-se": ("Exit south-east", "south-east", (75, -26), (75, -9)),
    "exit-s": ("Exit to the quay", "quay", (-9, -50), (9, -50)),
}
CAMERAS: Mapping[str, tuple[str, MetrePoint, tuple[int, int, int], str]] = {
    "c1": ("centre", (-26, 57), (190, 50, 45), "s1"),
    "c2": ("north-east", (26, 57), (170, 50, 45), "s2"),
    "c3": ("north-west", (-73, 47), (132, 52, 36), "s1"),
    "c4": ("south-west", (-74, 4), (95, 60, 40), "s1"),
    "c5": ("south-east", (74, 4), (265, 60, 40), "s2"),
    "c6": ("quay", (0, -49), (0, 65, 38), "s3"),
    "c7": ("north-east", (73, 47), (228, 52, 36), "s2"),
    "c8": ("quay", (44, -60), (290, 55, 45), "s3"),
    "c9": ("quay", (-73, -48), (45, 55, 36), "s4"),
    "c10": ("quay", (-44, -60), (70, 55, 45), "s4"),
    "c11": ("south-east", (73, -47), (315, 55, 36), "s3"),
    "c12": ("centre", (0, 6), (150, 75, 32), "s4"),
    "c14": ("centre", (-14, 57), (182, 38, 40), "s2"),
}
"""Zone, position, (heading, span, range in degrees, degrees, metres) and the switch that carries the picture."""
SAMPLERS: Mapping[str, tuple[str, MetrePoint]] = {
    "a1": ("north-west", (-47, 14)),
    "a2": ("north-east", (46, 14)),
    "a3": ("centre", (0, -9)),
    "a4": ("quay", (22, -41)),
}
SWITCHES: Mapping[str, tuple[str, MetrePoint]] = {
    "s1": ("north-west", (-62, 48)),
    "s2": ("north-east", (62, 48)),
    "s3": ("quay", (62, -47)),
    "s4": ("quay", (-62, -47)),
}
SENSORS: Mapping[str, tuple[str, str, MetrePoint]] = {
    "n1": ("Noise meter N1", "north-west", (-35, 45)),
    "n2": ("Noise meter N2", "south-east", (55, -20)),
    "n3": ("Noise meter N3", "quay", (-20, -45)),
    "w1": ("Weather mast W1", "quay", (-6, -47)),
    "t1": ("Tram stop T1", "north-west", (-50, 49)),
}
LABELS: Mapping[str, tuple[str, MetrePoint]] = {
    "label-city-hall": ("City Hall", (0, 66)),
    "label-harbour": ("HARBOUR", (0, -102)),
    "label-exit-s": ("S", (0, -57)),
}
COUNTER_X_M = (-56.0, -19.0, 19.0, 56.0)
COUNTER_Y_M = (37.0, 12.0, -14.0, -40.0)


def counters() -> Mapping[str, tuple[str, MetrePoint]]:
    """Return the sixteen people counters, p1 in the north-west to p16 in the south-east, with zone and position."""
    spots = [(x, y) for y in COUNTER_Y_M for x in COUNTER_X_M]
    return {f"p{number}": (zone_of(spot), spot) for number, spot in enumerate(spots, 1)}


def zone_of(spot: MetrePoint) -> str:
    """Return the zone a spot of the square lies in, `quay` for anything south of all."""
    for key, (_, ring) in ZONES.items():
        if _inside(ring, spot):
            return key
    return "quay"


def _inside(ring: Ring, spot: MetrePoint) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        if (ay > spot[1]) != (by > spot[1]):
            inside ^= spot[0] < ax + (spot[1] - ay) / (by - ay) * (bx - ax)
    return inside


def locate(spot: MetrePoint) -> Point:
    """Turn metres east and north of the middle of the square into WGS 84, to about a centimetre."""
    lat = CENTRE.lat + math.degrees(spot[1] / EARTH_RADIUS_M)
    lon = CENTRE.lon + math.degrees(spot[0] / (EARTH_RADIUS_M * math.cos(math.radians(CENTRE.lat))))
    return Point(lon=round(lon, 7), lat=round(lat, 7))


def _at(spot: MetrePoint) -> list[float]:
    point = locate(spot)
    return [point.lon, point.lat]


def _feature(role: str, key: str, name: str, geometry: Feature, **more: object) -> Feature:
    return {"type": "Feature", "properties": {"role": role, "key": key, "name": name, **more}, "geometry": geometry}


def _polygon(ring: Ring) -> Feature:
    return {"type": "Polygon", "coordinates": [[_at(spot) for spot in (*ring, ring[0])]]}


def _spot(spot: MetrePoint) -> Feature:
    return {"type": "Point", "coordinates": _at(spot)}


def _rectangle(x: float, y: float, width: float, height: float) -> Ring:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def _grounds() -> Iterator[Feature]:
    """Yield water, streets, the square, buildings and zones, in the order they are painted."""
    yield _feature("water", "harbour", "Harbour", _polygon(_rectangle(-150, -150, 300, 80)))
    for key, (name, ring) in STREETS.items():
        yield _feature("street", key, name, _polygon(ring))
    square = _rectangle(-HALF_WIDTH_M, -HALF_DEPTH_M, 2 * HALF_WIDTH_M, 2 * HALF_DEPTH_M)
    yield _feature("ground", "square", "City Hall Square", _polygon(square))
    for key, (name, ring) in BUILDINGS.items():
        yield _feature("building", key, name, _polygon(ring))
    for key, (name, ring) in ZONES.items():
        yield _feature("zone", key, name, _polygon(ring), zone=key)


def _assets() -> Iterator[Feature]:
    """Yield exits, cameras and every instrument."""
    for key, (name, zone, start, end) in EXITS.items():
        line: Feature = {"type": "LineString", "coordinates": [_at(start), _at(end)]}
        yield _feature("exit", key, name, line, zone=zone, width_m=math.dist(start, end))
    for key, (zone, spot, (heading, span, reach), switch) in CAMERAS.items():
        sight = {"heading_deg": heading, "span_deg": span, "range_m": reach, "switch": switch}
        yield _feature("camera", key, key.upper(), _spot(spot), zone=zone, **sight)
    for role, name, things in (
        ("sampler", "Air sampler", SAMPLERS),
        ("counter", "People counter", counters()),
        ("switch", "Switch", SWITCHES),
    ):
        for key, (zone, spot) in things.items():
            yield _feature(role, key, f"{name} {key.upper()}", _spot(spot), zone=zone)
    for key, (name, zone, spot) in SENSORS.items():
        yield _feature("sensor", key, name, _spot(spot), zone=zone)
    for key, (name, spot) in LABELS.items():
        yield _feature("label", key, name, _spot(spot))


def _cells() -> Iterator[Feature]:
    """Yield the grid of the density picture, row by row from the north-west, each with the counters that feed it."""
    columns, rows = int(2 * HALF_WIDTH_M / CELL_M), int(2 * HALF_DEPTH_M / CELL_M)
    for row in range(rows):
        for column in range(columns):
            x, y = -HALF_WIDTH_M + column * CELL_M, HALF_DEPTH_M - (row + 1) * CELL_M
            middle = (x + CELL_M / 2, y + CELL_M / 2)
            shape = _polygon(_rectangle(x, y, CELL_M, CELL_M))
            key = f"cell-{row}-{column}"
            yield _feature("cell", key, key, shape, zone=zone_of(middle), counters=_feeders(middle))


def _feeders(middle: MetrePoint) -> dict[str, float]:
    """Return the nearest counters with weights that sum to 1."""
    near = sorted((math.dist(spot, middle), key) for key, (_, spot) in counters().items())[:FEEDERS]
    shares = {key: 1 / max(distance, CELL_M / 2) ** 2 for distance, key in near}
    return {key: round(share / sum(shares.values()), 3) for key, share in shares.items()}


def draw_features() -> list[Feature]:
    """Return every feature of the place, in the order they are painted."""
    return [*_grounds(), *_assets(), *_cells()]


def place_text() -> str:
    """Return the place as a GeoJSON FeatureCollection (RFC 7946), one feature a line, so that a change reads as one."""
    about = {"key": "square", "name": "City Hall Square", "centre": [CENTRE.lon, CENTRE.lat], "schematic": True}
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in draw_features())
    head = json.dumps({"type": "FeatureCollection", "properties": about}, ensure_ascii=False)
    return f'{head[:-1]}, "features": [\n{lines}\n]}}\n'


def read_place() -> str:
    """Return the text of the place that ships with the demo."""
    return resources.files("impetus.demo").joinpath(PLACE_FILE).read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(PLACE_FILE).write_text(place_text(), encoding="utf-8")
