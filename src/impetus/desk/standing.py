"""How every sensor stands now, over all tools: the columns that each screen about sensors reads, behind one door.

A datastream that two tools judge is shown by the one that says the worse of it. One that no tool judges is not in the
columns; whoever shows sensors says how many those are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from impetus.core.actor import Actor
from impetus.core.ids import DatastreamId, ToolId
from impetus.core.observation import Datastream, Int64s, from_us, to_us
from impetus.core.standing import (
    STANDING_TYPES,
    Standing,
    StandingPast,
    StandingState,
    joined_past,
    standing_of,
    unknown_standing,
)
from impetus.desk.context import Desk
from impetus.desk.known_datastreams import known_datastreams
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation

STALE = timedelta(seconds=60)
"""Age from which a standing is no longer called now: six of the host's turns. House rule."""


BEHIND, QUICK_S = timedelta(minutes=10), 120.0
"""Age of the newest reading seen that is odd where something measures at least so often, in seconds. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensors:
    """Every datastream there is, and how those that a tool judges stand.

    `tool` `(datastreams,)` is the place in `tools` of who judges it. `unjudged` are the datastreams of no tool, by id.
    `as_of` is when the oldest of the tools' answers was made, None when none ever answered.
    """

    at: datetime
    standing: Standing
    tools: tuple[ToolId, ...]
    tool: NDArray[np.int16]
    datastreams: Mapping[DatastreamId, Datastream]
    unjudged: tuple[DatastreamId, ...]
    as_of: datetime | None

    @property
    def is_stale(self) -> bool:
        """Say whether what is shown is no longer how sensors stand now."""
        return self.as_of is None or self.at - self.as_of > STALE

    @property
    def heard_at(self) -> datetime | None:
        """Return when the newest reading that any tool has seen was measured, None for never."""
        newest_us = int(self.standing.time_us.max(initial=-1))
        return from_us(newest_us) if newest_us >= 0 else None

    @property
    def is_behind(self) -> bool:
        """Say whether the tools have seen nothing of now: they catch up with the past, or nothing comes in.

        Only where something measures often enough for that to be odd.
        """
        quick = any(0 < each.cadence_s <= QUICK_S for each in self.datastreams.values())
        return quick and self.heard_at is not None and self.at - self.heard_at > BEHIND

    def count(self, state: StandingState) -> int:
        """Return how many datastreams are in a state."""
        return int(np.count_nonzero(self.standing.state == state))


def sensors(desk: Desk, actor: Actor, *, on: str) -> Sensors:
    """Return how every sensor stands now; `on` names the screen that asks."""
    permit(desk, actor, Operation.SENSORS_READ, on=on)
    at = desk.clock.now()
    with desk.store.read() as unit:
        datastreams = known_datastreams(desk.store, unit).catalogue.datastreams
    found = [
        (tool, standing) for tool in desk.standings.tools() if (standing := desk.standings.newest(tool)) is not None
    ]
    standing, tool = _joined(
        [each for _, each in found], np.fromiter(datastreams, dtype=np.int64, count=len(datastreams))
    )
    judged = set(standing.datastream.tolist())
    return Sensors(
        at=at,
        standing=standing,
        tools=tuple(tool for tool, _ in found),
        tool=tool,
        datastreams=datastreams,
        unjudged=tuple(each for each in sorted(datastreams) if each not in judged),
        as_of=min((from_us(each.at_us) for _, each in found), default=None),
    )


def past(
    desk: Desk, tools: Sequence[ToolId], datastreams: Int64s | None, since: datetime, until: datetime
) -> StandingPast:
    """Return what was written down over all tools; to be called by use cases that asked the guard already."""
    return joined_past([desk.standings.between(tool, datastreams, since, until) for tool in tools])


def _joined(standings: Sequence[Standing], known: Int64s) -> tuple[Standing, NDArray[np.int16]]:
    """Join tools' columns, leaving out what is not in the catalogue, and say which tool each row came from."""
    if not standings:
        return unknown_standing(np.empty(0, dtype=np.int64), at_us=to_us(from_us(0))), np.empty(0, dtype=np.int16)
    columns = {name: np.concatenate([getattr(each, name) for each in standings]) for name in STANDING_TYPES}
    tool = np.concatenate([np.full(len(each), place, dtype=np.int16) for place, each in enumerate(standings)])
    order = np.lexsort((-columns["state"].astype(np.int16), columns["datastream"]))
    ids = columns["datastream"][order]
    is_first = np.concatenate(([True], ids[1:] != ids[:-1])) if len(ids) else np.empty(0, dtype=np.bool_)
    rows = order[is_first & np.isin(ids, known)]
    made = {name: column[rows] for name, column in columns.items()}
    oldest = min(each.at_us for each in standings)
    return standing_of(made, at_us=oldest, coverage=standings[0].coverage), tool[rows]
