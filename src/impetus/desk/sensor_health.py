"""The health board: thousands of sensors in order of trouble, filtered, as codes for a grid and rows for a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from impetus.core.actor import Actor
from impetus.core.errors import Unknown
from impetus.core.ids import DatastreamId, ToolId
from impetus.core.observation import Datastream, Int64s, from_us
from impetus.core.standing import FaultKind, Standing, StandingState
from impetus.desk.context import Desk
from impetus.desk.standing import Sensors, sensors

UNJUDGED = 255
"""Stands for a datastream that no tool judges where others have their `StandingState`."""
TROUBLE: Mapping[int, int] = {
    StandingState.FAULT: 0,
    StandingState.SILENT: 1,
    StandingState.STRANGE: 2,
    StandingState.LEARNING: 4,
    StandingState.CALM: 5,
    UNJUDGED: 6,
}
"""Order of trouble for whoever looks after sensors: what needs a visit first."""
ROWS = 60
"""Rows of the table of one page. House rule: what is read before somebody filters."""


class Order(StrEnum):
    """What stands first on the board."""

    TROUBLE = "trouble"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sensors: of a state (`UNJUDGED` too), a source, a zone, and with a text in thing, property or key; None for all."""

    state: int | None = None
    source: str = ""
    zone: str = ""
    text: str = ""
    order: Order = Order.TROUBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sensor of the table. `state` is None for one that no tool judges; figures are NaN when unknown."""

    datastream: Datastream
    state: StandingState | None
    fault: FaultKind
    tool: ToolId | None
    heard_at: datetime | None
    measured: float
    low: float
    high: float
    p: float
    alarms: int
    days: float
    nominal: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Health:
    """The board: `ids` and `codes` `(sensors,)` in the wanted order for the grid, and the first rows of them.

    `counts` holds how many there are of each state among all that fit the other filters; `zones` and `sources` are what
    can be asked for.
    """

    sensors: Sensors
    ids: Int64s
    codes: NDArray[np.uint8]
    rows: tuple[Row, ...]
    counts: Mapping[int, int]
    zones: tuple[str, ...]
    sources: tuple[str, ...]
    total: int


def health(desk: Desk, actor: Actor, wanted: Wanted, *, rows: int = ROWS) -> Health:
    """Return the board for what is wanted."""
    shown = sensors(desk, actor, on="page:sensors")
    fitting = [each for each in shown.datastreams.values() if _fits(each, wanted)]
    ids = np.fromiter((each.id for each in fitting), dtype=np.int64, count=len(fitting))
    row = shown.standing.rows_of(ids)
    codes = np.where(row >= 0, shown.standing.state[np.maximum(row, 0)] if len(shown.standing) else UNJUDGED, UNJUDGED)
    counts = {code: int(np.count_nonzero(codes == code)) for code in TROUBLE}
    kept = np.ones(len(ids), dtype=np.bool_) if wanted.state is None else codes == wanted.state
    order = np.flatnonzero(kept)[_order(fitting, shown.standing, row, codes, wanted.order)[kept].argsort(kind="stable")]
    ids, codes = ids[order], codes[order].astype(np.uint8)
    return Health(
        sensors=shown,
        ids=ids,
        codes=codes,
        rows=tuple(row_of(shown, DatastreamId(int(each))) for each in ids[:rows]),
        counts=counts,
        zones=tuple(sorted({each.zone for each in shown.datastreams.values() if each.zone})),
        sources=tuple(sorted({each.source for each in shown.datastreams.values()})),
        total=len(shown.datastreams),
    )


def one(desk: Desk, actor: Actor, identity: DatastreamId) -> Row:
    """Return one sensor's row; `Unknown` when there is none."""
    shown = sensors(desk, actor, on=f"datastream:{identity}")
    if identity not in shown.datastreams:
        raise Unknown(f"there is no datastream {identity}", value=identity, remedy="open one from the list of sensors")
    return row_of(shown, identity)


def row_of(shown: Sensors, identity: DatastreamId) -> Row:
    """Return one sensor's row."""
    standing = shown.standing
    place = int(standing.rows_of(np.array([identity]))[0])
    if place < 0:
        return Row(
            datastream=shown.datastreams[identity],
            state=None,
            fault=FaultKind.NONE,
            tool=None,
            heard_at=None,
            measured=np.nan,
            low=np.nan,
            high=np.nan,
            p=np.nan,
            alarms=0,
            days=0.0,
            nominal=np.nan,
        )
    heard_us = int(standing.time_us[place])
    return Row(
        datastream=shown.datastreams[identity],
        state=StandingState(int(standing.state[place])),
        fault=FaultKind(int(standing.fault[place])),
        tool=shown.tools[int(shown.tool[place])],
        heard_at=from_us(heard_us) if heard_us >= 0 else None,
        measured=float(standing.measured[place]),
        low=float(standing.low[place]),
        high=float(standing.high[place]),
        p=float(standing.p[place]),
        alarms=int(standing.alarms[place]),
        days=float(standing.days[place]),
        nominal=float(standing.nominal[place]),
    )


def _fits(datastream: Datastream, wanted: Wanted) -> bool:
    """Say whether a sensor is of the wanted source, zone and text."""
    if (wanted.source and datastream.source != wanted.source) or (wanted.zone and datastream.zone != wanted.zone):
        return False
    text = wanted.text.strip().casefold()
    return not text or any(
        text in each.casefold()
        for each in (datastream.key, datastream.thing_name, datastream.observed_property.replace("_", " "))
    )


def _order(
    fitting: list[Datastream], standing: Standing, row: NDArray[np.intp], codes: NDArray[np.int64], order: Order
) -> NDArray[np.int64]:
    """Return the place of each sensor in the wanted order."""
    if order is Order.PLACE:
        keys = [(each.zone or "~", each.thing_name, each.observed_property) for each in fitting]
        ranked = sorted(range(len(keys)), key=keys.__getitem__)
    else:
        trouble = np.zeros(256, dtype=np.int64)
        for code, place in TROUBLE.items():
            trouble[code] = place
        p = np.where(row >= 0, standing.p[np.maximum(row, 0)] if len(standing) else np.nan, np.nan)
        ranked = np.lexsort((np.nan_to_num(p, nan=1.0), trouble[codes])).tolist()
    places = np.empty(len(fitting), dtype=np.int64)
    places[np.asarray(ranked, dtype=np.int64)] = np.arange(len(fitting))
    return places
