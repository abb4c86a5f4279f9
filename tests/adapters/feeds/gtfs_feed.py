"""A feed of GTFS-Realtime, built piece by piece."""

from google.transit.gtfs_realtime_pb2 import FeedMessage, TripDescriptor

AT_S = 1_780_308_000
"""2026-06-01 10:00:00 UTC."""


def feed(at_s: int = AT_S) -> FeedMessage:
    """Return an empty feed of a time."""
    made = FeedMessage()
    made.header.gtfs_realtime_version = "2.0"
    made.header.timestamp = at_s
    return made


def vehicle(
    made: FeedMessage,
    route: str,
    *,
    lon: float = 10.73,
    lat: float = 59.91,
    speed: float | None = None,
    age_s: int = 10,
) -> None:
    """Add a vehicle."""
    entity = made.entity.add()
    entity.id = f"v{len(made.entity)}"
    entity.vehicle.trip.route_id = route
    entity.vehicle.vehicle.id = "4711"
    entity.vehicle.vehicle.license_plate = "AB 12345"
    entity.vehicle.position.longitude, entity.vehicle.position.latitude = lon, lat
    entity.vehicle.timestamp = AT_S - age_s
    if speed is not None:
        entity.vehicle.position.speed = speed


def trip(made: FeedMessage, route: str, *stops: tuple[int, int], delay: int | None = None, gone: bool = False) -> None:
    """Add a trip; stops are (seconds from the feed's time, delay)."""
    entity = made.entity.add()
    entity.id = f"t{len(made.entity)}"
    entity.trip_update.trip.route_id = route
    if gone:
        entity.trip_update.trip.schedule_relationship = TripDescriptor.CANCELED
    if delay is not None:
        entity.trip_update.delay = delay
    for from_now_s, late_s in stops:
        stop = entity.trip_update.stop_time_update.add()
        stop.arrival.time, stop.arrival.delay = AT_S + from_now_s, late_s


def notice(made: FeedMessage, *routes: str, start: int = 0, end: int = 0) -> None:
    """Add a notice about routes."""
    entity = made.entity.add()
    entity.id = f"a{len(made.entity)}"
    for route in routes:
        entity.alert.informed_entity.add().route_id = route
    if start or end:
        period = entity.alert.active_period.add()
        period.start, period.end = start, end
