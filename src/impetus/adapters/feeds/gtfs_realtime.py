"""GTFS-Realtime: positions, delays and notices of public transport, told by route.

A body is one protocol buffer with vehicles, trip updates and notices in any mixture. The delay of a trip is the one at the
next stop it has not passed yet; where a feed tells only times and no delays, there is none without the timetable. What a trip
belongs to is its `route_id`; of a trip that names none the timetable's `trips.txt` says it, and without that it is left out.

**Source**: GTFS Realtime Reference, version 2.0 (FeedMessage, VehiclePosition, TripUpdate, Alert).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import DecodeError
from google.transit.gtfs_realtime_pb2 import FeedHeader, FeedMessage, TripDescriptor

from impetus.adapters.feeds.lines import STALE_S, LineTally
from impetus.adapters.feeds.options import Reading
from impetus.core.errors import Malformed, TooLarge
from impetus.core.feed import FeedDraft, FeedReport, point_of
from impetus.core.observation import US_PER_S

MOST_ENTITIES: Final = 200_000
LATEST_S: Final = 253_402_300_799
"""The last second of the year 9999; a later time is no time."""
GONE: Final = frozenset({TripDescriptor.CANCELED, TripDescriptor.ScheduleRelationship.Value("DELETED")})
Message = Any
"""A protocol buffer of the bindings; they carry no types."""


def read_gtfs_realtime(body: bytes, how: Reading, trips: Mapping[str, str] = MappingProxyType({})) -> FeedReport:
    """Read a feed; `Malformed` when it is none or has no time, entities that cannot be used are counted.

    `trips` gives the route of a trip that names none.
    """
    feed = FeedMessage()
    try:
        feed.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Malformed(
            f"the body is no GTFS-Realtime feed: {str(error)[:100]}", limit="FeedMessage", remedy="look at the address"
        ) from error
    if len(feed.entity) > MOST_ENTITIES:
        raise TooLarge(
            f"{len(feed.entity)} entities", value=len(feed.entity), limit=MOST_ENTITIES, remedy="ask for less"
        )
    at_s = _feed_s(feed)
    tally, draft = LineTally(), FeedDraft()
    for entity in feed.entity:
        for part, take in _PARTS.items():
            if entity.HasField(part):
                take(_routed(getattr(entity, part), trips), how, at_s, tally, draft)
    tally.write(draft, at_s * US_PER_S)
    is_whole = feed.header.incrementality == FeedHeader.FULL_DATASET
    return draft.report(whole_at_us=at_s * US_PER_S if is_whole else None)


def _feed_s(feed: Message) -> int:
    """Return the feed's time; one that tells none has the newest of its vehicles."""
    at_s = int(feed.header.timestamp) or max((int(each.vehicle.timestamp) for each in feed.entity), default=0)
    if 0 < at_s <= LATEST_S:
        return at_s
    raise Malformed(
        "the feed names no time", value=at_s, limit="header.timestamp", remedy="ask its operator to fill it"
    )


def _routed(part: Message, trips: Mapping[str, str]) -> Message:
    """Return a vehicle or an update with the route that the timetable gives its trip, when it names none itself."""
    if trips and part.DESCRIPTOR.name != "Alert" and not part.trip.route_id.strip():
        part.trip.route_id = trips.get(part.trip.trip_id, "")
    return part


def _vehicle(vehicle: Message, how: Reading, at_s: int, tally: LineTally, draft: FeedDraft) -> None:
    route = _route(vehicle.trip, how, draft)
    if not route:
        return
    if vehicle.timestamp and at_s - int(vehicle.timestamp) > STALE_S:
        draft.leave_out("a vehicle that no longer speaks")
        return
    place = vehicle.position if vehicle.HasField("position") else None
    if how.box and not how.is_inside(point_of(place.longitude, place.latitude) if place is not None else None):
        draft.leave_out("not asked for")
        return
    is_fast = place is not None and place.HasField("speed")
    tally.vehicle(route, speed_mps=float(vehicle.position.speed) if is_fast else None)


def _trip(update: Message, how: Reading, at_s: int, tally: LineTally, draft: FeedDraft) -> None:
    route = _route(update.trip, how, draft)
    if route:
        is_gone = update.trip.schedule_relationship in GONE
        tally.journey(route, delay_s=None if is_gone else _delay_s(update, at_s), is_cancelled=is_gone)


def _notice(alert: Message, how: Reading, at_s: int, tally: LineTally, draft: FeedDraft) -> None:
    """Count a notice for each route it names, while it is in force."""
    periods = [(int(each.start), int(each.end) or LATEST_S) for each in alert.active_period]
    if periods and not any(start <= at_s <= end for start, end in periods):
        draft.leave_out("a notice that is not in force")
        return
    named = {text for each in alert.informed_entity for text in (each.route_id, each.trip.route_id) if text.strip()}
    for route in sorted(named):
        if how.wants(route):
            tally.disruption(route)
        else:
            draft.leave_out("not asked for")


_PARTS: Final[Mapping[str, Callable[[Message, Reading, int, LineTally, FeedDraft], None]]] = {
    "vehicle": _vehicle,
    "trip_update": _trip,
    "alert": _notice,
}


def _route(trip: Message, how: Reading, draft: FeedDraft) -> str:
    """Return the route, empty when there is none or nobody asked for it."""
    route = str(trip.route_id).strip()
    if not route:
        draft.leave_out("a trip that names no route")
    elif not how.wants(route):
        draft.leave_out("not asked for")
        return ""
    return route


def _delay_s(update: Message, at_s: int) -> float | None:
    """Return the delay at the next stop, else the trip's own, else the last one told."""
    last: float | None = None
    for stop in update.stop_time_update:
        for event in (stop.arrival, stop.departure):
            if event.HasField("delay"):
                last = float(event.delay)
                if event.time >= at_s:
                    return last
    return float(update.delay) if update.HasField("delay") else last
