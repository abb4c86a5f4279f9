"""The map of a sampler network, drawn on the server: outlines, samplers, arrows of wind and a scale, as SVG.

Drawn without a script and without tiles, so that it shows in every browser, in print, and offline. North is up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from impetus.core.place import Point
from impetus.core.source_area import AreaKind, SourceArea, to_metres
from impetus.desk.samples import Mast, Network, SamplerRow

WIDTH, HEIGHT, MARGIN = 720.0, 460.0, 46.0
LEAST_WIDTH_M = 800.0
"""Narrowest ground drawn: a few streets, so that one sampler alone is not a wall of colour. House rule."""
SCALES_M = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
LONGEST_SCALE = 0.3
ARROW = 34.0
FASTEST_MPS = 12.0
FEATHER = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDrawn:
    """An outline as a path; `number` is its place in the list beside the map."""

    number: int
    path: str
    kind: AreaKind
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerDrawn:
    """A sampler's place and the severity whose shape it has."""

    x: float
    y: float
    thing: str
    name: str
    severity: str
    is_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrowDrawn:
    """An arrow the way the wind blows, longer for faster."""

    path: str
    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AirMap:
    """The whole drawing in a box of `width` by `height`; `scale_m` metres are `scale_px` long."""

    width: float
    height: float
    areas: tuple[AreaDrawn, ...]
    samplers: tuple[SamplerDrawn, ...]
    arrows: tuple[ArrowDrawn, ...]
    scale_m: int
    scale_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """How ground becomes the box: an origin, its middle in metres, and pixels a metre."""

    origin: Point
    middle: tuple[float, float]
    per_m: float

    def at(self, point: Point) -> tuple[float, float]:
        """Return where a point is drawn."""
        east, north = to_metres(self.origin, point)
        x = WIDTH / 2 + (east - self.middle[0]) * self.per_m
        return round(x, 1), round(HEIGHT / 2 - (north - self.middle[1]) * self.per_m, 1)


def air_map(network: Network, severities: Sequence[str]) -> AirMap | None:
    """Draw a network whose samplers have these severities, in order; None when nothing has a place."""
    placed = [(each, severity) for each, severity in zip(network.samplers, severities, strict=True) if _point(each)]
    corners = [corner for shown in network.areas for ring in shown.area.rings for corner in ring]
    points = [point for each, _ in placed if (point := _point(each))] + corners
    points += [mast.point for mast in network.masts if mast.point]
    if not points:
        return None
    view = _view(points)
    scale_m = max((each for each in SCALES_M if each * view.per_m <= LONGEST_SCALE * WIDTH), default=SCALES_M[0])
    return AirMap(
        width=WIDTH,
        height=HEIGHT,
        areas=tuple(_area(number, shown.area, view) for number, shown in enumerate(network.areas, 1)),
        samplers=tuple(_sampler(each, severity, view) for each, severity in placed),
        arrows=tuple(_arrow(mast, view) for mast in network.masts if mast.point),
        scale_m=scale_m,
        scale_px=round(scale_m * view.per_m, 1),
    )


def _point(each: SamplerRow) -> Point | None:
    return each.row.datastream.point


def _view(points: Sequence[Point]) -> _View:
    flat = [to_metres(points[0], point) for point in points]
    lows, highs = ([pick(each[axis] for each in flat) for axis in (0, 1)] for pick in (min, max))
    wide, tall = (max(high - low, LEAST_WIDTH_M / 2) for low, high in zip(lows, highs, strict=True))
    per_m = min((WIDTH - 2 * MARGIN) / max(wide, LEAST_WIDTH_M), (HEIGHT - 2 * MARGIN) / tall)
    return _View(origin=points[0], middle=((lows[0] + highs[0]) / 2, (lows[1] + highs[1]) / 2), per_m=per_m)


def _area(number: int, area: SourceArea, view: _View) -> AreaDrawn:
    rings = [[view.at(corner) for corner in ring] for ring in area.rings]
    path = "".join("M" + "L".join(f"{x:g},{y:g}" for x, y in ring) + "Z" for ring in rings)
    largest = max(rings, key=len)
    x, y = (sum(corner[axis] for corner in largest) / len(largest) for axis in (0, 1))
    return AreaDrawn(number=number, path=path, kind=area.kind, x=round(x, 1), y=round(y, 1))


def _sampler(each: SamplerRow, severity: str, view: _View) -> SamplerDrawn:
    stream = each.row.datastream
    x, y = view.at(stream.point or view.origin)
    return SamplerDrawn(
        x=x, y=y, thing=stream.thing, name=stream.thing_name, severity=severity, is_left=x > 0.75 * WIDTH
    )


def _arrow(mast: Mast, view: _View) -> ArrowDrawn:
    """Return an arrow through the mast that points where the wind blows to, with its head there."""
    x, y = view.at(mast.point or view.origin)
    length = ARROW * (0.5 + 0.5 * min(mast.speed_mps / FASTEST_MPS, 1.0))
    to = math.radians(mast.from_deg + 180.0)
    east, south = math.sin(to), -math.cos(to)
    tip, tail = (x + east * length, y + south * length), (x - east * length, y - south * length)
    barbs = [(tip[0] - FEATHER * math.sin(to + turn), tip[1] + FEATHER * math.cos(to + turn)) for turn in (-0.5, 0.5)]
    head = "".join(f"M{tip[0]:.1f},{tip[1]:.1f}L{barb[0]:.1f},{barb[1]:.1f}" for barb in barbs)
    return ArrowDrawn(path=f"M{tail[0]:.1f},{tail[1]:.1f}L{tip[0]:.1f},{tip[1]:.1f}{head}", x=x, y=y, name=mast.name)
