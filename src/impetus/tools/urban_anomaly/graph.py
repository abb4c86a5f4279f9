"""Who is near whom: the datastreams that should move alike, and the things whose events can be one.

Fellows are the nearest datastreams of the same property on other things; without positions, those of the same zone. What
is simulated has no real fellow. "Near enough to be one event" follows the city's own grain: as far as a thing's
`GRAIN`-th nearest, so that a dense network joins within streets and a sparse one within districts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue, Datastream, Float64s
from impetus.core.place import EARTH_RADIUS_M
from impetus.tools.urban_anomaly.compiled import Int32s

FELLOWS = 8
"""Fellows of one datastream: with itself nine, enough to average noise away, few enough to stay local. House choice."""
FURTHEST_M = 2_000.0
"""Nothing further than this is a neighbour: a city's weather is one, its streets are not. House choice."""
GRAIN = 12
"""How many of the nearest things one event is expected to reach. House choice."""
LEAST_REACH_M = 60.0
"""Things closer than this are one place whatever the grain: a crossing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """`fellows` `(datastreams, FELLOWS)` ids, -1 where there are fewer; `east_m`, `north_m` and `reach_m` `(datastreams,)`.

    `kin` `(datastreams,)` numbers the sets of datastreams of one property, simulated or real, -1 for none.

    Rows are datastream ids; positions are metres on a plane around the middle of the catalogue, NaN without a position.
    """

    fellows: Int32s
    kin: Int32s
    east_m: Float64s
    north_m: Float64s
    reach_m: Float64s
    zone: dict[int, str] = field(default_factory=dict)
    thing: dict[int, str] = field(default_factory=dict)

    def are_near(self, one: int, other: int) -> bool:
        """Say whether events of two datastreams can be one event."""
        if self.thing.get(one) == self.thing.get(other):
            return True
        apart_m = float(np.hypot(self.east_m[one] - self.east_m[other], self.north_m[one] - self.north_m[other]))
        if np.isnan(apart_m):
            return self.zone.get(one, "") != "" and self.zone.get(one) == self.zone.get(other)
        return apart_m <= max(float(self.reach_m[one]), float(self.reach_m[other]))


def graph_of(catalogue: Catalogue, count: int) -> Graph:
    """Lay out the neighbours of a catalogue in `count` rows; ids beyond are left out."""
    streams = [each for each in catalogue.datastreams.values() if 0 < each.id < count]
    east_m, north_m = _on_a_plane(streams, count)
    fellows = np.full((count, FELLOWS), -1, dtype=np.int32)
    alike: dict[tuple[str, bool], list[Datastream]] = defaultdict(list)
    for each in streams:
        alike[each.observed_property, each.simulated].append(each)
    kin = np.full(count, -1, dtype=np.int32)
    for number, members in enumerate(alike.values()):
        _fill(fellows, members, east_m, north_m)
        kin[[each.id for each in members]] = number
    return Graph(
        fellows=fellows,
        kin=kin,
        east_m=east_m,
        north_m=north_m,
        reach_m=_reaches(streams, east_m, north_m),
        zone={int(each.id): str(each.zone or "") for each in streams},
        thing={int(each.id): str(each.thing) for each in streams},
    )


def _on_a_plane(streams: Sequence[Datastream], count: int) -> tuple[Float64s, Float64s]:
    """Return metres east and north; exact enough within a city."""
    east_m, north_m = np.full(count, np.nan), np.full(count, np.nan)
    placed = [(each.id, each.point) for each in streams if each.point is not None]
    if placed:
        ids = np.array([identity for identity, _ in placed], dtype=np.int64)
        lon = np.radians([point.lon for _, point in placed])
        lat = np.radians([point.lat for _, point in placed])
        middle = float(lat.mean())
        east_m[ids] = (lon - lon.mean()) * np.cos(middle) * EARTH_RADIUS_M
        north_m[ids] = (lat - middle) * EARTH_RADIUS_M
    return east_m, north_m


def _fill(fellows: Int32s, members: Sequence[Datastream], east_m: Float64s, north_m: Float64s) -> None:
    """Give each of some datastreams of one property its fellows."""
    placed = [each for each in members if each.point is not None]
    if len(placed) > 1:
        ids = np.array([each.id for each in placed], dtype=np.int64)
        spots = np.column_stack((east_m[ids], north_m[ids]))
        things = [each.thing for each in placed]
        _, found = cKDTree(spots).query(spots, k=min(len(ids), 3 * FELLOWS), distance_upper_bound=FURTHEST_M)
        for place, row in enumerate(found.tolist()):
            others = (other for other in row if other < len(ids) and things[other] != things[place])
            _put(fellows, int(ids[place]), (int(ids[other]) for other in others))
    zones: dict[str, list[Datastream]] = defaultdict(list)
    for each in members:
        if each.zone:
            zones[each.zone].append(each)
    for each in members:
        if each.point is None and each.zone:
            _put(fellows, int(each.id), (int(other.id) for other in zones[each.zone] if other.thing != each.thing))


def _put(fellows: Int32s, row: int, others: Iterable[int]) -> None:
    for place, other in zip(range(FELLOWS), others, strict=False):
        fellows[row, place] = other


def _reaches(streams: Sequence[Datastream], east_m: Float64s, north_m: Float64s) -> Float64s:
    """Return how far each datastream's thing reaches: to its `GRAIN`-th nearest thing, within bounds."""
    reach_m = np.full(len(east_m), LEAST_REACH_M)
    first: dict[str, DatastreamId] = {}
    for each in streams:
        if each.point is not None:
            first.setdefault(str(each.thing), each.id)
    if len(first) > 1:
        ids = np.array(list(first.values()), dtype=np.int64)
        spots = np.column_stack((east_m[ids], north_m[ids]))
        apart_m, _ = cKDTree(spots).query(spots, k=min(len(ids), GRAIN + 1))
        own = dict(zip(first, np.clip(apart_m[:, -1], LEAST_REACH_M, FURTHEST_M).tolist(), strict=True))
        for each in streams:
            reach_m[each.id] = own.get(str(each.thing), LEAST_REACH_M)
    return reach_m
