"""The timetable's `trips.txt`: which route a trip belongs to, for feeds that name trips only.

**Source**: GTFS Schedule Reference, trips.txt (`trip_id`, `route_id`).
"""

import csv
import io
from collections.abc import Mapping
from typing import Final

from impetus.core.errors import Malformed, TooLarge

MOST_TRIPS: Final = 1_000_000
"""A country's timetable has some hundred thousand. House rule."""
NAMES: Final = ("trip_id", "route_id")


def read_trips(body: bytes) -> Mapping[str, str]:
    """Return the route of each trip; `Malformed` when it is no such table, rows without either are passed over."""
    try:
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        if not set(NAMES) <= set(rows.fieldnames or ()):
            raise Malformed(
                "trips.txt lacks its columns",
                value=str(rows.fieldnames)[:100],
                limit=", ".join(NAMES),
                remedy="take it from the timetable",
            )
        found: dict[str, str] = {}
        for row in rows:
            trip, route = (row[name] or "" for name in NAMES)
            if trip.strip() and route.strip():
                found[trip.strip()] = route.strip()
            if len(found) > MOST_TRIPS:
                raise TooLarge(f"more than {MOST_TRIPS} trips", limit=MOST_TRIPS, remedy="keep the city's trips only")
    except (csv.Error, UnicodeDecodeError) as error:
        raise Malformed(
            f"trips.txt cannot be read: {str(error)[:100]}", limit="CSV, UTF-8", remedy="take it from the timetable"
        ) from error
    return found
