"""The city as cells: how surprising each is, now and over the last hours, computed over columns.

Sensors stand in hexagons of one size, chosen from how far apart they are. A cell's surprise is the chance of its least
likely reading among so many, where nothing happens: with a hundred sensors one reading in a hundred is nothing, and the
cell says so.

**Source**: Z. Sidak, Rectangular confidence regions for the means of multivariate normal distributions, JASA 62 (1967):
the least of n independent p-values is below p with chance 1 - (1 - p)^n.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from impetus.core.actor import Actor
from impetus.core.ids import DatastreamId
from impetus.core.observation import US_PER_S, Datastream, Float64s, Int64s, to_us
from impetus.core.place import EARTH_RADIUS_M
from impetus.core.standing import Standing, StandingPast, StandingState
from impetus.desk.context import Desk
from impetus.desk.standing import Sensors, past, sensors

EDGES_M = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000)
"""Widths of a cell to choose from, in metres."""
ACROSS_FEW, ACROSS_MANY = 14, 44
"""Cells across a place with few sensors and with thousands: what a screen tells apart at a glance. House rule."""
FEW_THINGS, MANY_THINGS = 50, 5_000
MOST_FRAMES = 96
STEPS_S = (60, 300, 900, 1_800, 3_600)
SPANS_H = (1, 6, 24)
"""Hours a slider may span."""
HERE, LIKELY = 0.05, (0.01, 0.001)
MOST_OF_A_CELL = 30
LOOKED_BACK, WITHIN = timedelta(hours=6), timedelta(minutes=15)
"""How far the list's small plots look back, and how old what was written down may be to count for a moment."""
MIDDLE_SHARE = (1.0, 99.0)
"""Percentiles of longitude and latitude that decide the size of cells: one sensor declared in the sea must not."""


class Level(IntEnum):
    """How surprising a cell is. The chance is the cell's, over all its sensors."""

    NOTHING = 0
    LEARNING = 1
    USUAL = 2
    ONE_IN_20 = 3
    ONE_IN_100 = 4
    ONE_IN_1000 = 5
    EVENT = 6
    """A tool says that something is going on."""


FAULT, SILENT = 16, 32
"""Added to a level: a sensor of the cell is at fault, or silent."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Hexagons: `lon`, `lat` `(cells,)` of their centres, `size` how many datastreams each holds, `edge_m` their width.

    `datastream` `(placed,)` ascending ids, and `cell` `(placed,)` the cell of each.
    """

    lon: Float64s
    lat: Float64s
    size: Int64s
    edge_m: float
    datastream: Int64s
    cell: Int64s

    def of(self, datastreams: Int64s) -> Int64s:
        """Return the cell of each datastream, -1 for one without a place."""
        if not len(self.datastream):
            return np.full(len(datastreams), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.datastream, datastreams), len(self.datastream) - 1)
        return np.where(self.datastream[rows] == datastreams, self.cell[rows], -1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CityView:
    """The city over some hours: `levels` `(frames, cells)` hold a `Level`, plus `FAULT` and `SILENT`; the last frame is now.

    `time_us` `(frames,)` is when each frame ends; `strange`, `fault` and `silent` `(frames,)` count datastreams.
    """

    sensors: Sensors
    cells: Cells
    time_us: Int64s
    levels: NDArray[np.uint8]
    strange: Int64s
    fault: Int64s
    silent: Int64s
    unplaced: int


def city_view(desk: Desk, actor: Actor, *, hours: int = 24) -> CityView:
    """Return the city over the last hours, one of `SPANS_H`; anything else is taken for the longest."""
    shown = sensors(desk, actor, on="page:city")
    cells = cells_of(shown.datastreams)
    span = timedelta(hours=hours if hours in SPANS_H else SPANS_H[-1])
    step_us = step_of(span) * US_PER_S
    rows = past(desk, shown.tools, None, shown.at - span, shown.at)
    first = to_us(shown.at - span) // step_us + 1
    count = -(-to_us(shown.at) // step_us) - first + 1
    levels, counted = frames(rows, cells, first, count, step_us)
    levels[-1], now = levels_now(shown.standing, cells), shown.standing.state
    for place, state in enumerate((StandingState.STRANGE, StandingState.FAULT, StandingState.SILENT)):
        counted[place, -1] = np.count_nonzero(now == state)
    times = (first + np.arange(count, dtype=np.int64)) * step_us
    times[-1] = to_us(shown.at)
    return CityView(
        sensors=shown,
        cells=cells,
        time_us=times,
        levels=levels,
        strange=counted[0],
        fault=counted[1],
        silent=counted[2],
        unplaced=len(shown.datastreams) - len(cells.datastream),
    )


def step_of(span: timedelta) -> int:
    """Return the seconds of a frame.

    >>> step_of(timedelta(hours=1)), step_of(timedelta(hours=24))
    (60, 900)
    """
    return next((step for step in STEPS_S if span.total_seconds() <= step * MOST_FRAMES), STEPS_S[-1])


def cells_of(datastreams: Mapping[DatastreamId, Datastream]) -> Cells:
    """Return the cells of the datastreams that have a place."""
    placed = [(each.id, each.point.lon, each.point.lat) for each in datastreams.values() if each.point is not None]
    placed.sort()
    ids = np.array([each[0] for each in placed], dtype=np.int64)
    lon, lat = (np.array([each[axis] for each in placed], dtype=np.float64) for axis in (1, 2))
    if not len(ids):
        return Cells(lon=lon, lat=lat, size=ids, edge_m=float(EDGES_M[0]), datastream=ids, cell=ids)
    middle_lon, middle_lat = float(np.median(lon)), float(np.median(lat))
    per_degree = EARTH_RADIUS_M * math.pi / 180
    per_lon = per_degree * max(0.01, math.cos(math.radians(middle_lat)))
    x, y = (lon - middle_lon) * per_lon, (lat - middle_lat) * per_degree
    edge_m = _edge_of(x, y)
    column, row = _hexagons(x, y, edge_m)
    places, cell, size = np.unique(np.stack((column, row)), axis=1, return_inverse=True, return_counts=True)
    centre_x, centre_y = edge_m * (places[0] + places[1] / 2), edge_m * math.sqrt(3) / 2 * places[1]
    return Cells(
        lon=middle_lon + centre_x / per_lon,
        lat=middle_lat + centre_y / per_degree,
        size=size.astype(np.int64),
        edge_m=float(edge_m),
        datastream=ids,
        cell=cell.reshape(-1).astype(np.int64),
    )


def levels_now(standing: Standing, cells: Cells) -> NDArray[np.uint8]:
    """Return how surprising each cell is by the newest standing."""
    return _levels(cells.of(standing.datastream), len(cells.size), standing.p, standing.state)


def frames(
    rows: StandingPast, cells: Cells, first: int, count: int, step_us: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return levels `(frames, cells)` and counts `(3, frames)` of strange, faulty and silent datastreams.

    Frame k ends at `(first + k) * step_us`. A frame's surprise is that of its last moment; an event, a fault or a silence
    of any moment within it shows.
    """
    frame = -(-rows.time_us // step_us) - first
    inside = (frame >= 0) & (frame < count)
    rows, frame = rows.take(inside), frame[inside]
    last_us = np.full(count, -1, dtype=np.int64)
    np.maximum.at(last_us, frame, rows.time_us)
    is_last = rows.time_us == last_us[frame]
    cell = cells.of(rows.datastream)
    p = np.where(is_last, rows.p.astype(np.float64), np.nan)
    place = np.where(cell >= 0, frame * len(cells.size) + cell, -1)
    levels = _levels(place, count * len(cells.size), p, rows.state).reshape(count, len(cells.size))
    counted = np.stack(
        [
            np.bincount(frame[is_last & (rows.state == state)], minlength=count)
            for state in (StandingState.STRANGE, StandingState.FAULT, StandingState.SILENT)
        ]
    ).astype(np.int64)
    return levels, counted


def _levels(place: Int64s, places: int, p: Float64s, state: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the level of each place from its datastreams' chances and states; rows with place -1 do not count."""
    inside = place >= 0
    place, p, state = place[inside], p[inside], state[inside]
    least, judged = np.ones(places), np.zeros(places, dtype=np.int64)
    is_judged = np.isfinite(p) & np.isin(state, (StandingState.CALM, StandingState.STRANGE))
    np.minimum.at(least, place[is_judged], p[is_judged])
    np.add.at(judged, place[is_judged], 1)
    chance = -np.expm1(judged * np.log1p(-np.minimum(least, 1 - 1e-12)))
    level = np.select(
        [judged == 0, chance < LIKELY[1], chance < LIKELY[0], chance < HERE],
        [Level.NOTHING, Level.ONE_IN_1000, Level.ONE_IN_100, Level.ONE_IN_20],
        default=Level.USUAL,
    ).astype(np.uint8)
    learning = np.zeros(places, dtype=np.bool_)
    learning[place[state == StandingState.LEARNING]] = True
    level[(level == Level.NOTHING) & learning] = Level.LEARNING
    level[place[state == StandingState.STRANGE]] = Level.EVENT
    for flag, wanted in ((FAULT, StandingState.FAULT), (SILENT, StandingState.SILENT)):
        level[np.unique(place[state == wanted])] |= np.uint8(flag)
    return level


def _edge_of(x: Float64s, y: Float64s) -> int:
    """Return the width of a cell in metres: fewer cells for fewer things, never so many that none can be told apart."""
    span = max(float(np.subtract(*np.percentile(axis, MIDDLE_SHARE[::-1]))) for axis in (x, y))
    things = len(np.unique(np.round(np.stack((x, y))), axis=1).T)
    share = np.clip(math.log(max(1, things) / FEW_THINGS) / math.log(MANY_THINGS / FEW_THINGS), 0, 1)
    across = ACROSS_FEW + (ACROSS_MANY - ACROSS_FEW) * float(share)
    return next((edge for edge in EDGES_M if edge * across >= span), EDGES_M[-1])


def _hexagons(x: Float64s, y: Float64s, edge_m: float) -> tuple[Int64s, Int64s]:
    """Return column and row of the hexagon each position lies in, in axial coordinates.

    **Source**: A. Patel, Hexagonal Grids: cube rounding.
    """
    row = y / (edge_m * math.sqrt(3) / 2)
    column = x / edge_m - row / 2
    third = -column - row
    whole = [np.round(axis) for axis in (column, row, third)]
    off = [np.abs(rounded - axis) for rounded, axis in zip(whole, (column, row, third), strict=True)]
    is_column = (off[0] > off[1]) & (off[0] > off[2])
    is_row = ~is_column & (off[1] > off[2])
    column = np.where(is_column, -whole[1] - whole[2], whole[0])
    row = np.where(is_row, -whole[0] - whole[2], whole[1])
    return column.astype(np.int64), row.astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surprise:
    """One datastream as it stood at one moment, and how it came there: columns `(moments,)`, ascending by time."""

    datastream: Datastream
    state: StandingState
    measured: float
    low: float
    high: float
    p: float
    time_us: Int64s
    values: Float64s
    lows: Float64s
    highs: Float64s
    states: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprises:
    """The most surprising datastreams of one moment, worst first, at most one a thing; `more` counts other strange ones."""

    at: datetime
    items: tuple[Surprise, ...]
    more: int
    judged: int


def surprises(
    desk: Desk, actor: Actor, *, at: datetime | None = None, cell: int | None = None, limit: int = 8
) -> Surprises:
    """Return the most surprising datastreams now, or as last written down before `at`; or all of one cell, calm ones too."""
    shown = sensors(desk, actor, on="page:city")
    found: Standing | StandingPast = shown.standing
    moment = min(at or shown.at, shown.at)
    if at is not None and at < shown.at:
        rows = past(desk, shown.tools, None, moment - WITHIN, moment + timedelta(microseconds=1))
        found = rows.take(rows.time_us == rows.time_us.max(initial=-1))
    if cell is not None:
        found = found.take(cells_of(shown.datastreams).of(found.datastream) == cell)
    rows_told = _worst(found, shown.datastreams, limit) if cell is None else _all_of(found, MOST_OF_A_CELL)
    items = _with_past(desk, shown, found, rows_told, moment)
    told = sum(each.state is StandingState.STRANGE for each in items)
    return Surprises(
        at=moment,
        items=items,
        more=int(np.count_nonzero(found.state == StandingState.STRANGE)) - told,
        judged=int(np.count_nonzero(np.isfinite(found.p))),
    )


def _worst(found: Standing | StandingPast, datastreams: Mapping[DatastreamId, Datastream], limit: int) -> list[int]:
    """Return the worst row of each thing: events first, then by chance."""
    things: dict[str, int] = {}
    told = (found.state == StandingState.STRANGE) | ((found.state == StandingState.CALM) & (found.p < HERE))
    for row in _by_surprise(found, np.flatnonzero(told)):
        datastream = datastreams.get(DatastreamId(int(found.datastream[row])))
        if datastream is not None and len(things) < limit:
            things.setdefault(datastream.thing, row)
    return list(things.values())


def _all_of(found: Standing | StandingPast, limit: int) -> list[int]:
    return _by_surprise(found, np.arange(len(found)))[:limit]


def _by_surprise(found: Standing | StandingPast, rows: NDArray[np.intp]) -> list[int]:
    is_strange = found.state[rows] == StandingState.STRANGE
    ordered: list[int] = rows[np.lexsort((np.nan_to_num(found.p[rows], nan=1.0), ~is_strange))].tolist()
    return ordered


def _with_past(
    desk: Desk, shown: Sensors, found: Standing | StandingPast, rows: Sequence[int], at: datetime
) -> tuple[Surprise, ...]:
    """Return rows as objects, each with its last hours."""
    ids = found.datastream[list(rows)]
    stood = past(desk, shown.tools, ids, at - LOOKED_BACK, at + timedelta(microseconds=1))
    items = []
    for row in rows:
        datastream = shown.datastreams.get(DatastreamId(int(found.datastream[row])))
        if datastream is None:
            continue
        own = stood.take(stood.datastream == datastream.id)
        items.append(
            Surprise(
                datastream=datastream,
                state=StandingState(int(found.state[row])),
                measured=float(found.measured[row]),
                low=float(found.low[row]),
                high=float(found.high[row]),
                p=float(found.p[row]),
                time_us=own.time_us,
                values=own.measured.astype(np.float64),
                lows=own.low.astype(np.float64),
                highs=own.high.astype(np.float64),
                states=own.state,
            )
        )
    return tuple(items)
