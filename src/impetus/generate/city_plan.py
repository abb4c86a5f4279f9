"""Where a made-up city's sensors stand and what they measure: things in zones, one or two datastreams a thing, in columns.

Nothing here is measured anywhere: shapes, shares and sizes are house choices, made so that a city has rush hours, quiet
Sundays, neighbours that move together, counts that are whole numbers, and instruments of very different pace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s

CENTRE_LON, CENTRE_LAT = 10.74, 59.91
"""The middle of the made-up city, WGS 84: the demonstration's."""
DEGREES_LAT_PER_M = 1.0 / 111_195.0
"""Degrees of latitude per metre on the sphere."""
SPACING_M = 900.0
"""Distance between the middles of zones."""
ZONE_REACH_M = 260.0
"""Standard deviation of the distance of a thing from the middle of its zone."""
THINGS_PER_ZONE = 25

Shape = tuple[tuple[float, ...], tuple[float, ...]]
"""Local hours 0..24 and the share of a busy hour at each."""
SHAPES: Mapping[str, tuple[Shape, Shape, Shape]] = MappingProxyType(
    {
        "commute": (
            ((0, 4, 6, 8, 10, 13, 15, 17, 19, 22, 24), (0.12, 0.06, 0.35, 1.0, 0.62, 0.6, 0.8, 1.05, 0.6, 0.3, 0.12)),
            ((0, 5, 8, 12, 16, 19, 24), (0.2, 0.08, 0.25, 0.6, 0.65, 0.45, 0.2)),
            ((0, 5, 9, 13, 17, 20, 24), (0.22, 0.08, 0.2, 0.5, 0.6, 0.4, 0.12)),
        ),
        "town": (
            ((0, 5, 8, 10, 12, 14, 17, 20, 24), (0.15, 0.06, 0.4, 0.5, 0.95, 0.75, 1.0, 0.6, 0.15)),
            ((0, 5, 9, 12, 15, 19, 22, 24), (0.3, 0.08, 0.3, 0.95, 1.1, 0.8, 0.65, 0.35)),
            ((0, 5, 10, 14, 17, 21, 24), (0.35, 0.08, 0.25, 0.7, 0.6, 0.3, 0.15)),
        ),
        "housing": (
            ((0, 4, 7, 9, 15, 18, 21, 24), (0.5, 0.4, 0.95, 0.6, 0.6, 1.0, 0.9, 0.5)),
            ((0, 4, 9, 12, 18, 21, 24), (0.55, 0.42, 0.85, 0.8, 1.0, 0.9, 0.55)),
            ((0, 4, 10, 13, 18, 21, 24), (0.55, 0.42, 0.9, 0.85, 1.0, 0.85, 0.5)),
        ),
        "sun": (((0, 5, 15, 21, 24), (0.35, 0.2, 1.0, 0.55, 0.35)),) * 3,
        "flat": (((0, 24), (0.6, 0.6)),) * 3,
    }
)
"""Shapes of a working day, a Saturday, and a Sunday or public holiday."""
SHAPE_NAMES = tuple(SHAPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """What one datastream of a thing measures.

    `floor` and `swing` make the normal value of `level * (floor + swing * shape)`; `noise` is the standard deviation at a
    busy hour as a share of `level`; `decimals` rounds; `lowest` and `highest` bound what the instrument can report.
    """

    name: str
    unit: str
    level: float
    floor: float
    swing: float
    noise: float
    decimals: int
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of thing: its share of the things, its pace, the shape its day follows, what it measures."""

    name: str
    share: float
    cadence_s: int
    shape: str
    sorts: tuple[Sort, ...]


def _sort(name: str, unit: str, numbers: tuple[float, float, float, float], decimals: int, highest: float) -> Sort:
    level, floor, swing, noise = numbers
    lowest = -60.0 if name == "air_temperature" else 0.0
    return Sort(name=name, unit=unit, level=level, floor=floor, swing=swing, noise=noise, decimals=decimals,
                lowest=lowest, highest=highest)  # fmt: skip


MODELS: tuple[Model, ...] = (
    Model(name="road", share=0.40, cadence_s=300, shape="commute", sorts=(
        _sort("traffic_flow", "/min", (60, 0.0, 1.0, 0.09), 1, 400),
        _sort("traffic_density", "/km", (28, 0.02, 1.0, 0.10), 1, 250))),
    Model(name="square", share=0.22, cadence_s=300, shape="town", sorts=(
        _sort("people_count", "{count}", (220, 0.02, 1.0, 0.10), 0, 20_000),
        _sort("sound_level", "dB", (1, 46, 18.0, 2.0), 1, 130))),
    Model(name="car_park", share=0.10, cadence_s=600, shape="town", sorts=(
        _sort("occupied_spaces", "{count}", (420, 0.1, 1.0, 0.07), 0, 2_000),)),
    Model(name="air", share=0.10, cadence_s=3600, shape="commute", sorts=(
        _sort("no2", "ug/m3", (38, 0.3, 1.0, 0.16), 1, 1_000),
        _sort("pm10", "ug/m3", (24, 0.5, 0.6, 0.16), 1, 2_000))),
    Model(name="substation", share=0.10, cadence_s=900, shape="housing", sorts=(
        _sort("active_power", "kW", (310, 0.3, 0.8, 0.07), 1, 10_000),)),
    Model(name="water_main", share=0.05, cadence_s=900, shape="housing", sorts=(
        _sort("water_flow", "L/s", (42, 0.15, 1.0, 0.08), 2, 2_000),)),
    Model(name="weather", share=0.03, cadence_s=600, shape="sun", sorts=(
        _sort("air_temperature", "Cel", (1, 2.0, 9.0, 1.2), 1, 60),)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class City:
    """The datastreams in columns of shape `(streams,)`; ids are 1.. in order, `sort` counts through all sorts.

    `level`, `lag_h` (hours its day runs behind) and `calm` (its noise against its sort's) make each its own.
    """

    seed: int
    thing: Int64s
    model: Int64s
    sort: Int64s
    zone: Int64s
    cadence_s: Int64s
    lon: Float64s
    lat: Float64s
    level: Float64s
    lag_h: Float64s
    calm: Float64s

    def __len__(self) -> int:
        """Return the number of datastreams."""
        return len(self.thing)

    def at_cadence(self, cadence_s: int) -> NDArray[np.intp]:
        """Return the rows of datastreams of this pace."""
        return np.flatnonzero(self.cadence_s == cadence_s)

    def paces(self) -> list[int]:
        """Return the paces there are, s."""
        return [int(pace) for pace in np.unique(self.cadence_s)]


SORTS: tuple[Sort, ...] = tuple(sort for model in MODELS for sort in model.sorts)


def plan_city(*, seed: int, streams: int) -> City:
    """Lay out a city of exactly so many datastreams, from the seed alone."""
    rng = np.random.default_rng([seed, 1])
    models = _models(rng, streams)
    sizes = np.array([len(MODELS[model].sorts) for model in models])
    thing = np.repeat(np.arange(len(models)), sizes)[:streams]
    model = np.repeat(models, sizes)[:streams]
    first = np.cumsum([0, *(len(each.sorts) for each in MODELS)])
    within = np.arange(streams) - np.concatenate(([0], np.cumsum(sizes)))[thing]
    zones = max(4, -(-len(models) // THINGS_PER_ZONE))
    zone = rng.integers(0, zones, len(models))
    lon, lat = _places(rng, zone, zones)
    sort = first[model] + within
    levels = np.array([each.level for each in SORTS])
    own = np.where(levels[sort] > 1, np.exp(rng.normal(0, 0.35, streams)), 1.0)
    return City(
        seed=seed,
        thing=thing.astype(np.int64),
        model=model.astype(np.int64),
        sort=sort.astype(np.int64),
        zone=zone[thing].astype(np.int64),
        cadence_s=np.array([each.cadence_s for each in MODELS], dtype=np.int64)[model],
        lon=lon[thing],
        lat=lat[thing],
        level=levels[sort] * own,
        lag_h=rng.normal(0, 0.4, len(models))[thing],
        calm=np.exp(rng.normal(0, 0.2, streams)),
    )


def _models(rng: np.random.Generator, streams: int) -> Int64s:
    """Draw models of things until they have enough datastreams; the first few are one of each."""
    shares = np.array([model.share for model in MODELS])
    drawn = np.concatenate([np.arange(len(MODELS)), rng.choice(len(MODELS), streams, p=shares / shares.sum())])
    sizes = np.array([len(model.sorts) for model in MODELS])[drawn]
    enough = int(np.searchsorted(np.cumsum(sizes), streams)) + 1
    return np.asarray(drawn[:enough], dtype=np.int64)


def _places(rng: np.random.Generator, zone: Int64s, zones: int) -> tuple[Float64s, Float64s]:
    """Put zones on a square grid around the middle of the city, and things around the middles of zones; degrees."""
    side = int(np.ceil(np.sqrt(zones)))
    east = (zone % side - (side - 1) / 2) * SPACING_M + rng.normal(0, ZONE_REACH_M, len(zone))
    north = (zone // side - (side - 1) / 2) * SPACING_M + rng.normal(0, ZONE_REACH_M, len(zone))
    lat = CENTRE_LAT + north * DEGREES_LAT_PER_M
    return CENTRE_LON + east * DEGREES_LAT_PER_M / np.cos(np.radians(CENTRE_LAT)), lat


def zone_names(city: City) -> Sequence[str]:
    """Return the name of each datastream's zone."""
    return [f"zone-{number:03d}" for number in city.zone.tolist()]


def thing_names(city: City) -> Sequence[str]:
    """Return the name of each datastream's thing, such as `road-00012`."""
    return [
        f"{MODELS[model].name}-{thing:05d}"
        for model, thing in zip(city.model.tolist(), city.thing.tolist(), strict=True)
    ]
