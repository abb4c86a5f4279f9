"""SIRI: vehicles on the road (VM) and journeys as they are expected to go (ET), told by line.

Speeds are not read: operators disagree on their unit. The XML is walked record by record (`records`), and each record is bound to classes that xsdata generated from a schema of our
own: it describes the part that is read and nothing else, so that no driver, vehicle or passenger number is ever held.

A vehicle counts while it is valid. The delay of a journey is the one expected at the first stop it has still before it. All
figures of a body are of the time of its answer: SIRI names one for the whole, and lines become comparable.

**Source**: CEN/TS 15531-3, VehicleMonitoring and EstimatedTimetable; Norwegian SIRI profile 1.1 (Entur).
"""

from decimal import Decimal
from typing import Final

from xsdata.models.datatype import XmlDateTime, XmlDuration

from impetus.adapters.feeds.lines import STALE_S, LineTally
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.records import Wanted, bound, names_of, records
from impetus.adapters.feeds.siri_types import (
    EstimatedCall,
    EstimatedVehicleJourney,
    MonitoredVehicleJourney,
    VehicleActivity,
)
from impetus.core.errors import Malformed
from impetus.core.feed import FeedDraft, FeedReport, point_of
from impetus.core.observation import US_PER_S
from impetus.core.said import time_us

SIRI: Final = Wanted(
    root=frozenset({"Siri"}),
    spaces=("http://www.siri.org.uk/siri",),
    records=frozenset({"VehicleActivity", "EstimatedVehicleJourney"}),
    known=names_of(VehicleActivity, EstimatedVehicleJourney),
    heads=frozenset({"ResponseTimestamp", "MoreData"}),
)


def read_siri(body: bytes, how: Reading) -> FeedReport:
    """Read a delivery; `Malformed` when it is none or names no time, records that cannot be used are counted."""
    tally, draft = LineTally(), FeedDraft()
    at_us: int | None = None
    heads: dict[str, str] = {}
    for record, heads in records(body, SIRI):
        at_us = at_us or _answered_us(heads, how)
        if record.tag == "VehicleActivity":
            _vehicle(bound(record, VehicleActivity), how, at_us, tally, draft)
        else:
            _journey(bound(record, EstimatedVehicleJourney), how, tally, draft)
    if at_us is not None:
        tally.write(draft, at_us)
    else:
        draft.leave_out("an answer without vehicles and journeys")
    return draft.report(whole_at_us=None if heads.get("MoreData") == "true" else at_us)


def _answered_us(heads: dict[str, str], how: Reading) -> int:
    """Return the time of the answer."""
    found = time_us(heads.get("ResponseTimestamp", "").strip(), how.zone)
    if found is None:
        raise Malformed(
            "the answer names no time", limit="ServiceDelivery/ResponseTimestamp", remedy="ask its operator to fill it"
        )
    return found


def _vehicle(activity: VehicleActivity | None, how: Reading, at_us: int, tally: LineTally, draft: FeedDraft) -> None:
    journey = activity.monitored_vehicle_journey if activity else None
    if activity is None or journey is None:
        draft.leave_out("a record that cannot be read")
        return
    line = _line(journey, how, draft)
    if not line:
        return
    place = journey.vehicle_location
    if how.box and not how.is_inside(point_of(_degrees(place.longitude), _degrees(place.latitude)) if place else None):
        draft.leave_out("not asked for")
    elif journey.monitored is False or _is_over(activity, how, at_us):
        draft.leave_out("a vehicle that no longer speaks")
    else:
        delay = journey.delay
        tally.vehicle(line, delay_s=_seconds(delay) if delay is not None else None)


def _journey(journey: EstimatedVehicleJourney | None, how: Reading, tally: LineTally, draft: FeedDraft) -> None:
    if journey is None:
        draft.leave_out("a record that cannot be read")
        return
    line = _line(journey, how, draft)
    if line:
        calls = journey.estimated_calls.estimated_call if journey.estimated_calls else ()
        is_off = bool(journey.cancellation) or (bool(calls) and all(call.cancellation for call in calls))
        late = next((found for call in calls if (found := _late_s(call, how)) is not None), None)
        tally.journey(line, delay_s=late, is_cancelled=is_off)
        tally.name(line, next(iter(journey.published_line_name), ""))


def _line(journey: MonitoredVehicleJourney | EstimatedVehicleJourney, how: Reading, draft: FeedDraft) -> str:
    """Return the line, empty when there is none or nobody asked for it."""
    line = (journey.line_ref or "").strip()
    if not line:
        draft.leave_out("a journey that names no line")
    elif not how.wants(line):
        draft.leave_out("not asked for")
        return ""
    return line


def _is_over(activity: VehicleActivity, how: Reading, at_us: int) -> bool:
    """Say whether a vehicle's word is no longer valid, or too old to count."""
    recorded, until = (_us(each, how) for each in (activity.recorded_at_time, activity.valid_until_time))
    is_old = recorded is not None and at_us - recorded > STALE_S * US_PER_S
    return is_old or (until is not None and until < at_us)


def _late_s(call: EstimatedCall, how: Reading) -> float | None:
    """Return by how many seconds a stop is late, None where no time is expected or it is left out."""
    for aimed, expected in (
        (call.aimed_arrival_time, call.expected_arrival_time),
        (call.aimed_departure_time, call.expected_departure_time),
    ):
        aimed_us, expected_us = _us(aimed, how), _us(expected, how)
        if aimed_us is not None and expected_us is not None and not call.cancellation:
            return (expected_us - aimed_us) / US_PER_S
    return None


def _us(at: XmlDateTime | None, how: Reading) -> int | None:
    return None if at is None else time_us(str(at), how.zone)


def _seconds(told: XmlDuration) -> float | None:
    """Return a duration in seconds; one in months or years is no delay."""
    if told.years or told.months:
        return None
    size = (told.days or 0) * 86_400 + (told.hours or 0) * 3600 + (told.minutes or 0) * 60 + (told.seconds or 0)
    return float(-size if told.negative else size)


def _degrees(told: Decimal | None) -> float | None:
    return None if told is None else float(told)
