"""Whatever a feed says of a vehicle, a driver or a passenger, nothing of it leaves the reader: a law over every format."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.gtfs_feed import AT_S, feed
from impetus.adapters.feeds.gtfs_realtime import read_gtfs_realtime
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.siri import read_siri
from impetus.core.feed import FeedReport
from impetus.web.ingest.ngsi import read_entities

MARK = st.text("ABCDEFGHJKLMNPQRSTUVXYZ", min_size=9, max_size=12)
"""What stands where a person could be found: nine letters that occur nowhere else."""
DEGREES = st.floats(10.00001, 10.99999)


def said(report: FeedReport) -> str:
    """Return everything a report holds, as text."""
    return repr((report.streams, report.time_us.tolist(), report.result.tolist(), dict(report.left_out)))


@settings(max_examples=25)
@given(MARK, DEGREES)
def test_gtfs_realtime_tells_no_vehicle(mark: str, lon: float) -> None:
    """Id, label, plate, trip, start and place."""
    made = feed()
    entity = made.entity.add()
    entity.id = mark
    seen = entity.vehicle
    seen.trip.route_id, seen.trip.trip_id, seen.trip.start_time = "12", mark, mark
    seen.vehicle.id, seen.vehicle.label, seen.vehicle.license_plate = mark, mark, mark
    seen.position.longitude, seen.position.latitude, seen.stop_id = lon, lon, mark
    seen.timestamp = AT_S
    foretold = made.entity.add()
    foretold.id = mark + "2"
    foretold.trip_update.trip.route_id, foretold.trip_update.trip.trip_id = "12", mark
    foretold.trip_update.vehicle.label = mark
    report = read_gtfs_realtime(made.SerializeToString(), Reading())
    assert len(report) == 3
    assert mark not in said(report)
    assert f"{lon:.4f}"[:7] not in said(report)


SIRI = """<Siri xmlns="http://www.siri.org.uk/siri"><ServiceDelivery><ResponseTimestamp>2026-06-01T10:00:00Z</ResponseTimestamp>
<VehicleActivity><VehicleMonitoringRef>{m}</VehicleMonitoringRef><MonitoredVehicleJourney><LineRef>12</LineRef>
<FramedVehicleJourneyRef><DatedVehicleJourneyRef>{m}</DatedVehicleJourneyRef></FramedVehicleJourneyRef><DriverRef>{m}</DriverRef>
<DriverName>{m}</DriverName><BlockRef>{m}</BlockRef><VehicleRef>{m}</VehicleRef><CourseOfJourneyRef>{m}</CourseOfJourneyRef>
<VehicleLocation><Longitude>{lon}</Longitude><Latitude>{lon}</Latitude></VehicleLocation><Delay>PT1M</Delay>
<MonitoredCall><StopPointRef>{m}</StopPointRef></MonitoredCall></MonitoredVehicleJourney></VehicleActivity>
<EstimatedVehicleJourney><LineRef>12</LineRef><DatedVehicleJourneyRef>{m}</DatedVehicleJourneyRef><VehicleRef>{m}</VehicleRef>
</EstimatedVehicleJourney></ServiceDelivery></Siri>"""


@settings(max_examples=25)
@given(MARK, DEGREES)
def test_siri_tells_no_vehicle_and_no_driver(mark: str, lon: float) -> None:
    """The classes have no field for them."""
    report = read_siri(SIRI.format(m=mark, lon=lon).encode(), Reading())
    assert len(report) == 5
    assert mark not in said(report)
    assert f"{lon:.4f}"[:7] not in said(report)


@settings(max_examples=25)
@given(
    MARK,
    st.sampled_from(
        ["Person", "Vehicle", "Device", "UserObserved", "VehicleObserved", "PatientMonitoring", "PersonMonitoring"]
    ),
)
def test_entities_of_people_and_what_they_drive_or_wear_tell_nothing(mark: str, kind: str) -> None:
    """Also when what they measure is something we know."""
    base = {"dateObserved": "2026-06-01T10:00:00Z", "temperature": 37.9, "name": mark, "owner": mark}
    report = read_entities([{"id": f"urn:ngsi-ld:{kind}:{mark}", "type": kind, **base}])
    assert len(report) == 0
    assert mark not in said(report)


@settings(max_examples=25)
@given(MARK)
def test_of_an_entity_of_a_place_only_what_is_measured_is_taken(mark: str) -> None:
    """Address, owner, description and whatever else a sender adds stay where they are."""
    extra = dict.fromkeys(
        ("address", "owner", "description", "source", "dataProvider", "contactPoint", "licencePlate"), mark
    )
    body = {
        "id": "urn:ngsi-ld:AirQualityObserved:quay",
        "type": "AirQualityObserved",
        "dateObserved": "2026-06-01T10:00:00Z",
        "no2": 7,
        **extra,
    }
    report = read_entities(json.loads(json.dumps(body)))
    assert len(report) == 1
    assert mark not in said(report)
