"""Air quality as NILU's service tells it: a list of stations' newest hours (`/aq/utd`, `/obs/utd`).

Each entry holds `station`, `component`, `unit`, `fromTime`, `toTime`, `value`, `latitude`, `longitude`. A value is of the
hour that ends at `toTime`, and is taken at its end: before then nobody could know it. What the service marks as not valid
is a reading without a value, so that a sick instrument is not taken for a silent one.

**Source**: the service's own description; entries as recorded by us (`tests/adapters/feeds/samples`).
"""

from collections.abc import Mapping
from typing import Final

from impetus.adapters.feeds.json_body import parse_json
from impetus.adapters.feeds.options import Reading
from impetus.core.errors import Malformed
from impetus.core.feed import FeedDraft, FeedReport, point_of, thing_of
from impetus.core.quantity import AIR, WEATHER, Measure, told_in
from impetus.core.said import number, text, time_us

COMPONENTS: Final[Mapping[str, Measure]] = {
    **{measure.property: measure for measure in AIR.values()},
    "pm2.5": AIR["pm25"],
    "benzen": AIR["benzene"],
    "temp": WEATHER["air_temperature"],
}
HOUR_S: Final = 3600.0


def read_nilu(body: bytes, how: Reading) -> FeedReport:
    """Read the newest values of stations; one bad entry is left out, with the reason."""
    entries = parse_json(body)
    if not isinstance(entries, list):
        raise Malformed("the body is no list of values", limit="a list, as of /aq/utd", remedy="look at the address")
    draft = FeedDraft()
    for entry in entries:
        _take(entry, how, draft)
    return draft.report()


def _take(entry: object, how: Reading, draft: FeedDraft) -> None:
    if not isinstance(entry, dict) or not text(entry.get("station")):
        draft.leave_out("an entry without a station")
        return
    station = text(entry["station"])
    point = point_of(number(entry.get("longitude")), number(entry.get("latitude")))
    if not how.wants(station) or not how.is_inside(point):
        draft.leave_out("not asked for")
        return
    measure = COMPONENTS.get(text(entry.get("component")).lower())
    at_us, value = time_us(entry.get("toTime"), how.zone), number(entry.get("value"))
    if measure is None or at_us is None:
        draft.leave_out("a component nobody here knows" if measure is None else "a time that cannot be read")
        return
    told = told_in(measure, 0.0 if value is None else value, text(entry.get("unit")) or measure.unit)
    if told is None:
        draft.leave_out("a unit that does not fit")
        return
    is_sound = value is not None and entry.get("isValid") is not False
    draft.add(thing_of(station, point=point), told[0], at_us, told[1] if is_sound else float("nan"), cadence_s=HOUR_S)
