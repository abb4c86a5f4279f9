"""The wind as measured: speed and direction of every mast, put together, and what it was while a sample was drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from impetus.core.ids import DatastreamId, ThingKey
from impetus.core.observation import US_PER_S, Batch, Catalogue, Float64s, Int64s
from impetus.core.source_area import Wind

SPEED, DIRECTION = "wind_speed", "wind_direction"
KEPT = 20_000
"""Readings of wind kept at most: a fortnight of one mast each minute. House rule."""
NEAR_US = 3_600 * US_PER_S
"""How far from a sample the nearest reading of wind may lie, when none lies within it: an hour. House rule."""
PARTS = 4
"""Parts a sample is divided into, each with its own mean wind: a turn of the wind within a sample shows. House rule."""
UNPAIRED = 200
"""Halves of a reading, speed without direction or the other way, that wait for the other at most."""
FULL_CIRCLE_DEG = 360.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Winds:
    """Readings of wind, columns `(readings,)`, oldest first: where it blows from in degrees, and how fast."""

    time_us: Int64s
    speed_mps: Float64s
    from_deg: Float64s

    def __len__(self) -> int:
        """Return the number of readings."""
        return int(self.time_us.shape[0])


def winds_of(time_us: Sequence[int] | Int64s, speed_mps: Sequence[float], from_deg: Sequence[float]) -> Winds:
    """Return the readings that can be used, in the order of their times: a calm, a gap and a NaN are left out."""
    times = np.asarray(time_us, dtype=np.int64)
    speeds, bearings = np.asarray(speed_mps, dtype=np.float64), np.asarray(from_deg, dtype=np.float64)
    good = np.isfinite(speeds) & np.isfinite(bearings) & (speeds > 0.0)
    order = np.argsort(times[good], kind="stable")
    return Winds(
        time_us=times[good][order],
        speed_mps=speeds[good][order],
        from_deg=np.mod(bearings[good][order], FULL_CIRCLE_DEG),
    )


def during(winds: Winds, began_us: int, ended_us: int) -> tuple[Float64s, Float64s] | None:
    """Return speed and direction in each of the `PARTS` of an interval, None when no reading is within an hour of it.

    Directions are averaged as vectors, so that 350 and 10 degrees make north and not south.
    """
    edges = np.linspace(began_us, max(ended_us, began_us + 1), PARTS + 1)
    speeds, bearings = np.empty(PARTS), np.empty(PARTS)
    for part in range(PARTS):
        low, high = edges[part], edges[part + 1]
        inside = (winds.time_us >= low) & (winds.time_us <= high)
        if not inside.any():
            middle = (low + high) / 2
            nearest = _nearest(winds, middle)
            if nearest is None or abs(winds.time_us[nearest] - middle) > NEAR_US + (high - low) / 2:
                return None
            inside = winds.time_us == winds.time_us[nearest]
        mean = mean_wind(winds.speed_mps[inside], winds.from_deg[inside])
        speeds[part], bearings[part] = mean.speed_mps, mean.from_deg
    return speeds, bearings


def mean_wind(speed_mps: Float64s, from_deg: Float64s) -> Wind:
    """Return the mean of speeds, and the mean and the spread of directions as of unit vectors.

    **Source**: Yamartino, J. Climate Appl. Meteor. 23, 1362 (1984): the spread of a direction in one pass.
    """
    angle = np.radians(from_deg)
    east, north = float(np.mean(np.sin(angle))), float(np.mean(np.cos(angle)))
    short = math.sqrt(max(0.0, 1.0 - (east * east + north * north)))
    spread = math.asin(min(1.0, short)) * (1.0 + (2.0 / math.sqrt(3.0) - 1.0) * short**3)
    return Wind(
        from_deg=math.degrees(math.atan2(east, north)) % FULL_CIRCLE_DEG,
        speed_mps=float(np.mean(speed_mps)),
        spread_deg=math.degrees(spread),
    )


def _nearest(winds: Winds, time_us: float) -> int | None:
    if not len(winds):
        return None
    after = int(np.searchsorted(winds.time_us, time_us))
    near = [row for row in (after - 1, after) if 0 <= row < len(winds)]
    return min(near, key=lambda row: abs(float(winds.time_us[row]) - time_us))


@dataclass(slots=True, kw_only=True)
class Masts:
    """Collects wind from a stream of readings; mutable, pickles, bounded by `KEPT`.

    Speed and direction of one mast belong together when they bear the same time.
    """

    places: dict[DatastreamId, tuple[ThingKey, str]] = field(default_factory=dict)
    half: dict[tuple[ThingKey, int], tuple[str, float]] = field(default_factory=dict)
    readings: list[tuple[int, float, float]] = field(default_factory=list)

    def learn(self, catalogue: Catalogue) -> None:
        """Take in which datastreams are wind."""
        self.places = {
            each.id: (each.thing, each.observed_property)
            for each in catalogue.datastreams.values()
            if each.observed_property in (SPEED, DIRECTION)
        }

    def take(self, batch: Batch) -> None:
        """Keep the readings of wind among these."""
        wanted = np.isin(batch.datastream, list(self.places)) if self.places else np.zeros(len(batch), dtype=bool)
        for row in np.flatnonzero(wanted & np.isfinite(batch.result)).tolist():
            thing, observed = self.places[DatastreamId(int(batch.datastream[row]))]
            self._pair((thing, int(batch.time_us[row])), observed, float(batch.result[row]))
        del self.readings[:-KEPT]

    def winds(self, since_us: int, until_us: int) -> Winds:
        """Return the wind between two times, an hour more on either side."""
        near = [each for each in self.readings if since_us - NEAR_US <= each[0] <= until_us + NEAR_US]
        return winds_of([each[0] for each in near], [each[1] for each in near], [each[2] for each in near])

    def _pair(self, key: tuple[ThingKey, int], observed: str, result: float) -> None:
        other = self.half.pop(key, None)
        if other is None or other[0] == observed:
            self.half[key] = (observed, result)
            while len(self.half) > UNPAIRED:
                del self.half[next(iter(self.half))]
            return
        speed, bearing = (result, other[1]) if observed == SPEED else (other[1], result)
        self.readings.append((key[1], speed, bearing))
