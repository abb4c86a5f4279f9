"""Where a load in the air came from: a calibrated region with three samplers or more, the sector upwind with fewer.

How it works: every place of a grid around the samplers is asked how likely it makes what all samplers showed, also those that
showed nothing; strength of the source, stability of the air and the error of the wind's direction are summed over
(`plume_kernels`). Squares are divided where it matters, and the fewest that hold the stated probability are the region.

What is allowed for is set wide on purpose, and checked: of sources that were planted with known truth, 85 to 95 of a hundred
lie in their 90 % region (`docs/decisions/0024`). It does not know streets, tall sources or two sources at once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.ids import ThingKey
from impetus.core.observation import Float64s, Int64s
from impetus.core.place import Point
from impetus.core.source_area import (
    LEAST_AREA_M2,
    LEAST_SAMPLERS,
    MAX_SAMPLERS,
    AreaKind,
    SamplerUsed,
    SourceArea,
    Wind,
    from_metres,
    to_metres,
)
from impetus.tools.bacteria.outline import Mask, grown, outlines
from impetus.tools.bacteria.plume import LEAST_WIND_MPS, SPREAD_AT_SOURCE_M, URBAN, Stability
from impetus.tools.bacteria.plume_kernels import Doubt, Seen, likelihoods
from impetus.tools.bacteria.wind import PARTS, Winds, during, mean_wind

COVERAGE = 0.9
"""Probability with which a region is told to hold the source."""
MASS = 0.86
"""Share of the summed likelihood that a region holds: what held the source nine times in ten in releases planted for setting it
(seeds 7 to 11). Less than told, because what is allowed for is set wide."""
MAX_SAMPLES = 600
"""Samples one area is worked out from, the newest: two days of a dozen samplers each hour. House rule, bounds the work."""
LEAST_MARGIN_M = 1_500.0
"""How far beyond the outermost samplers a source is looked for, at least; and at least half the network's width."""
MARGIN_SHARE = 0.5
FIRST_SQUARES = 32
"""Squares along each side of the first grid."""
HALVINGS = 4
"""How often squares are divided at most: from some 300 m to some 20 m in a city."""
SMALLEST_M = 40.0
"""Side below which squares are not divided: a house. House rule."""
MAX_DIVIDED = 200
"""Squares divided at once at most, the likeliest; a region that wide needs no finer edge."""
ENOUGH_SQUARES = 250
"""Squares in a region from which on its edge is fine enough."""
FIRST_REACH, REACH = 60.0, 12.0
"""Log-likelihood below the best at which a square is still divided: among the first, whose middles may all miss a plume, and at
least, one in 160,000; halved each time."""
ERROR = 0.55
"""What the plume formula leaves out of a sample, as the deviation of a logarithm: a factor of two either way holds four
samples in five. **Source**: Chang and Hanna, Meteorol. Atmos. Phys. 87, 167 (2004): acceptable models lie within a factor of two
for half their samples or more."""
LASTING_DEG, PASSING_DEG = 6.0, 9.0
"""Errors of the wind's direction, one deviation: of the mast against the city, for the whole event; and of each time. Together
eleven degrees. **Source**: WMO-No. 8, part I, 5: 5 degrees of the instrument; the rest for the distance to the mast."""
WEAK_MPS = 0.5
"""Sideways wandering of the air whatever the wind, m/s: what makes direction worthless in weak wind. **Source**: Hanna,
J. Climate Appl. Meteor. 22, 1424 (1983)."""
STEADY_MPS = 2.0
"""Wind from which on the wandering is within the errors above."""
OFFSETS = 9
"""Errors of direction tried, over two and a half deviations either way."""
KINDS = {Stability.AB: 0.15, Stability.C: 0.25, Stability.D: 0.4, Stability.EF: 0.2}
"""How likely each stability is when nothing else is known; neutral most, as over towns. House rule after Pasquill's table."""
STRENGTHS: Float64s = np.arange(-2.0, 3.0) * 1.5
"""Logarithms of the factors on the first guess of a source's strength that are tried first: twentyfold either way."""
QUARTERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.int64)
LEAST_SHOWN_M2 = 2.0 * LEAST_AREA_M2
"""Smallest region drawn, before its corners are cut: the formula knows no single house."""
SECTOR_REACH_M = 3_000.0
"""How far a sector is drawn; it claims nothing about distance. House rule."""
SECTOR_PLUME_DEG = 8.0
"""Width of a plume as seen from its source, one deviation. **Source**: Briggs urban D, 0.16 x sideways at 100 m."""
SECTOR_SIGMAS = 1.645
"""Deviations either side that hold nine in ten."""
SECTOR_STEPS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class AirSample:
    """One sample that may be used, and no other: flagged ones are left out before.

    `measured`, `expected` (the middle of what is usual), `spread` (one deviation of what is usual, above 0) and `limit` (least
    the reader tells from nothing, 0 for unknown) in one unit per m3; times are microseconds.
    """

    thing: ThingKey
    name: str
    point: Point
    began_us: int
    ended_us: int
    measured: float
    expected: float
    spread: float
    limit: float = 0.0


def locate(samples: Sequence[AirSample], winds: Winds) -> SourceArea | None:
    """Return where it may have come from, None when there was no wind to tell by or nothing to tell of.

    Give every usable sample of every sampler from the event's beginning on, also those that showed nothing. Cost: a fraction
    of a second, up to some seconds for hundreds of samples.
    """
    usable = [(each, wind) for each in _newest(samples) if (wind := during(winds, each.began_us, each.ended_us))]
    if not usable or not any(each.measured > each.expected for each, _ in usable):
        return None
    used = _used([each for each, _ in usable])
    mean = _mean_wind(usable)
    if len(used) < LEAST_SAMPLERS:
        return _sector(used, mean, len(usable))
    origin = used[0].point
    columns = _columns(usable, origin)
    return _region(columns, used, mean, origin)


def _newest(samples: Sequence[AirSample]) -> list[AirSample]:
    """Return the newest samples that hold numbers, oldest first."""
    good = [each for each in samples if math.isfinite(each.measured + each.expected + each.spread)]
    return sorted(good, key=lambda each: (each.ended_us, each.thing))[-MAX_SAMPLES:]


def _used(samples: Sequence[AirSample]) -> tuple[SamplerUsed, ...]:
    """Return each sampler with its highest sample, the most surprising sampler first."""
    highest: dict[ThingKey, AirSample] = {}
    for each in samples:
        other = highest.get(each.thing)
        if other is None or _surprise(each) > _surprise(other):
            highest[each.thing] = each
    ranked = sorted(highest.values(), key=_surprise, reverse=True)
    return tuple(
        SamplerUsed(thing=each.thing, name=each.name, point=each.point, measured=each.measured, expected=each.expected)
        for each in ranked[:MAX_SAMPLERS]
    )


def _surprise(sample: AirSample) -> float:
    return (sample.measured - sample.expected) / max(sample.spread, 1e-9)


def _mean_wind(usable: Sequence[tuple[AirSample, tuple[Float64s, Float64s]]]) -> Wind:
    """Return the mean wind of the samples that showed too much; its spread is the doubt, not the turning alone."""
    high = [wind for each, wind in usable if _surprise(each) > 1.0] or [wind for _, wind in usable]
    mean = mean_wind(np.concatenate([speed for speed, _ in high]), np.concatenate([bearing for _, bearing in high]))
    doubt = math.hypot(LASTING_DEG, PASSING_DEG, mean.spread_deg, _wandering_deg(mean.speed_mps))
    return Wind(from_deg=mean.from_deg, speed_mps=mean.speed_mps, spread_deg=doubt)


def _wandering_deg(speed_mps: float) -> float:
    """Return what weak wind adds to the error of direction."""
    if speed_mps >= STEADY_MPS:
        return 0.0
    return math.degrees(math.atan2(WEAK_MPS, max(speed_mps, LEAST_WIND_MPS)))


def _columns(usable: Sequence[tuple[AirSample, tuple[Float64s, Float64s]]], origin: Point) -> Seen:
    """Lay samples out in columns; samples whose middles lie within half a sample's length share one time."""
    middles = np.array([(each.began_us + each.ended_us) / 2 for each, _ in usable])
    order = np.argsort(middles, kind="stable")
    rows = [usable[row] for row in order.tolist()]
    length = float(np.median([each.ended_us - each.began_us for each, _ in usable]))
    starts = np.flatnonzero(np.diff(middles[order]) > 0.5 * length) + 1
    speed, bearing = (np.array([wind[part] for _, wind in rows]) for part in (0, 1))
    parts = PARTS if np.ptp(bearing, axis=1).any() else 1
    floor = [max(0.05 * each.expected, 0.5 * each.limit, 1e-6) for each, _ in rows]
    return Seen(
        sites=np.array([to_metres(origin, each.point) for each, _ in rows]),
        speed=np.maximum(speed[:, :parts], LEAST_WIND_MPS),
        from_rad=np.radians(bearing[:, :parts]),
        measured=np.array([max(each.measured, low) for (each, _), low in zip(rows, floor, strict=True)]),
        background=np.array([max(each.expected, low) for (each, _), low in zip(rows, floor, strict=True)]),
        spread=np.array([max(each.spread, 0.1 * low) for (each, _), low in zip(rows, floor, strict=True)]),
        slot_from=np.array([0, *starts.tolist(), len(rows)], dtype=np.int64),
    )


def _region(seen: Seen, used: tuple[SamplerUsed, ...], mean: Wind, origin: Point) -> SourceArea:
    """Divide squares where the source may be, and outline the fewest that hold it."""
    low, side = _searched(seen.sites)
    grid = _Grid(low=low, unit_m=side / (FIRST_SQUARES << HALVINGS), seen=seen, doubt=_doubt(mean))
    mask = _drawn(*grid.divided())
    unit = grid.unit_m
    rings = tuple(
        tuple(from_metres(origin, low[0] + x * unit, low[1] + y * unit) for x, y in ring.tolist())
        for ring in outlines(grown(mask, math.ceil(LEAST_SHOWN_M2 / unit**2)))
    )
    return SourceArea(
        kind=AreaKind.REGION,
        coverage=COVERAGE,
        rings=rings,
        wind=mean,
        samplers=used,
        samples=len(seen.measured),
        is_open=bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()),
    )


def _searched(sites: Float64s) -> tuple[Float64s, float]:
    """Return the south-western corner and the side of the square that is searched, metres."""
    lowest, highest = sites.min(axis=0), sites.max(axis=0)
    width = float((highest - lowest).max())
    side = width + 2 * max(LEAST_MARGIN_M, MARGIN_SHARE * width)
    return (lowest + highest) / 2 - side / 2, side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """The square that is searched: corners of squares are whole numbers of the smallest side, `unit_m`, from `low`."""

    low: Float64s
    unit_m: float
    seen: Seen
    doubt: Doubt

    def divided(self) -> tuple[Int64s, Int64s, Float64s]:
        """Return corners `(squares, 2)`, sides and log-likelihoods of squares, small ones where the source may be."""
        side = 1 << HALVINGS
        first = np.stack(np.meshgrid(np.arange(FIRST_SQUARES), np.arange(FIRST_SQUARES)), axis=-1)
        corners = first.reshape(-1, 2).astype(np.int64) * side
        sides = np.full(len(corners), side)
        fit = self.fit(corners, sides)
        reach = FIRST_REACH
        while side > 1 and side * self.unit_m > SMALLEST_M and len(fewest(sides, fit)) <= ENOUGH_SQUARES:
            chosen = self.worth_dividing(sides == side, fit, reach)
            side, reach = side // 2, max(reach / 2, REACH)
            quarters = (corners[chosen][:, None, :] + side * QUARTERS).reshape(-1, 2)
            halves = np.full(len(quarters), side)
            fit = np.concatenate([fit[~chosen], self.fit(quarters, halves)])
            corners = np.concatenate([corners[~chosen], quarters])
            sides = np.concatenate([sides[~chosen], halves])
        return corners, sides, fit

    @staticmethod
    def worth_dividing(largest: Mask, fit: Float64s, reach: float) -> Mask:
        """Return the squares, of those last divided, that come within reach of the best; the best of them if too many."""
        within = np.flatnonzero(largest & (fit > fit[largest].max() - reach))
        chosen = np.zeros(len(fit), dtype=np.bool_)
        chosen[within[np.argsort(-fit[within], kind="stable")[:MAX_DIVIDED]]] = True
        return chosen

    def fit(self, corners: Int64s, sides: Int64s) -> Float64s:
        """Return the log-likelihood of each square's middle."""
        return likelihoods(self.low + (corners + sides[:, None] / 2) * self.unit_m, self.seen, self.doubt)


def _doubt(mean: Wind) -> Doubt:
    """Return what is summed over, with more doubt about the direction of a weak wind."""
    passing_deg = math.hypot(PASSING_DEG, _wandering_deg(mean.speed_mps))
    offsets = np.linspace(-2.5, 2.5, OFFSETS) * math.hypot(LASTING_DEG, passing_deg)
    lasting = np.exp(-0.5 * (offsets / LASTING_DEG) ** 2)
    passing = np.exp(-0.5 * ((offsets[:, None] - offsets[None, :]) / passing_deg) ** 2)
    fits = [URBAN[kind] for kind in KINDS]
    return Doubt(
        offsets_rad=np.radians(offsets),
        lasting=lasting / lasting.sum(),
        passing=passing / passing.sum(axis=1, keepdims=True),
        fits=np.array([[fit.side, fit.up, fit.bend, fit.power] for fit in fits]),
        fit_weights=np.array(list(KINDS.values())),
        strengths=STRENGTHS,
        error=ERROR,
        least=SPREAD_AT_SOURCE_M,
    )


def fewest(sides: Int64s, fit: Float64s) -> NDArray[np.intp]:
    """Return the fewest squares that together hold the coverage, the likeliest first."""
    mass = np.exp(fit - fit.max()) * sides.astype(np.float64) ** 2
    order = np.argsort(-fit, kind="stable")
    held = np.cumsum(mass[order]) / mass.sum()
    return order[: int(np.searchsorted(held, MASS)) + 1]


def _drawn(corners: Int64s, sides: Int64s, fit: Float64s) -> Mask:
    """Return the fewest squares that hold the coverage, on the finest grid."""
    chosen = fewest(sides, fit)
    mask = np.zeros((FIRST_SQUARES << HALVINGS,) * 2, dtype=np.bool_)
    for (column, row), side in zip(corners[chosen].tolist(), sides[chosen].tolist(), strict=True):
        mask[row : row + side, column : column + side] = True
    return mask


def _sector(used: tuple[SamplerUsed, ...], mean: Wind, samples: int) -> SourceArea:
    """Return the ground upwind of the most surprising sampler, as wide as the doubt about the wind."""
    apex = used[0].point
    half = min(SECTOR_SIGMAS * math.hypot(mean.spread_deg, SECTOR_PLUME_DEG), 170.0)
    bearings = np.radians(np.linspace(mean.from_deg - half, mean.from_deg + half, SECTOR_STEPS))
    arc = [
        from_metres(apex, SECTOR_REACH_M * math.sin(bearing), SECTOR_REACH_M * math.cos(bearing))
        for bearing in bearings.tolist()
    ]
    return SourceArea(
        kind=AreaKind.SECTOR,
        coverage=COVERAGE,
        rings=((apex, *arc),),
        wind=mean,
        samplers=used,
        samples=samples,
        is_open=True,
    )
