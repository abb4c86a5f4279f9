"""DATEX II measured data of both versions: worked samples, errors of detectors, sites and their places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import sample, told, units
from impetus.adapters.feeds.datex2 import read_datex2, read_sites
from impetus.adapters.feeds.options import Box, Reading
from impetus.core.errors import ImpetusError, Malformed
from impetus.core.feed import FeedReport

ANY = Reading()
FORM = '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0"><payloadPublication>{inside}</payloadPublication></d2LogicalModel>'
SITE = '<siteMeasurements><measurementSiteReference id="s"/><measurementTimeDefault>2026-06-01T10:00:00Z</measurementTimeDefault>{inside}</siteMeasurements>'
VALUE = '<measuredValue index="{index}"><measuredValue><basicData>{inside}</basicData></measuredValue></measuredValue>'
FLOW = "<vehicleFlow><vehicleFlowRate>{rate}</vehicleFlowRate></vehicleFlow>"


def read(*values: str) -> FeedReport:
    """Read one site with these values."""
    return read_datex2(FORM.format(inside=SITE.format(inside="".join(values))).encode(), ANY, {})


def test_version_2_is_read_by_site_and_number() -> None:
    """Wind in metres per second; no vehicles have no speed; what the sender calls an error has no value."""
    report = read_datex2(sample("datex2-v2.xml"), ANY, {})
    assert told(report) == [
        ("har_r162_01/traffic_flow_1", "2026-06-01 10:00:00", 1260.0),
        ("har_r162_01/traffic_speed_2", "2026-06-01 10:00:00", 47.5),
        ("har_r162_01/traffic_speed_3", "2026-06-01 10:00:00", None),
        ("har_r162_01/occupancy_4", "2026-06-01 10:00:00", None),
        ("har_w_07/air_temperature", "2026-06-01 09:50:00", -3.5),
        ("har_w_07/wind_speed", "2026-06-01 09:50:00", 10.0),
        ("har_w_07/wind_direction", "2026-06-01 09:50:00", 270.0),
    ]
    assert report.left_out == {"a quantity nobody here knows": 1}
    assert units(report)["har_r162_01/traffic_flow_1"] == "/h"
    assert report.whole_at_us is None


def test_version_3_says_the_same_under_the_same_names() -> None:
    """A value with a time of its own has that time, the end of its period."""
    assert told(read_datex2(sample("datex2-v3.xml"), ANY, {})) == [
        ("har_r162_01/traffic_flow_1", "2026-06-01 10:00:00", 1260.0),
        ("har_r162_01/traffic_speed_2", "2026-06-01 10:00:00", 47.5),
        ("har_r162_01/traffic_flow_3", "2026-06-01 09:55:00", 600.0),
    ]


def test_the_table_of_sites_gives_names_and_places() -> None:
    """A site without a place is a site all the same."""
    sites = read_sites(sample("datex2-sites.xml"))
    tunnel = sites["HAR_R162_01"]
    assert (tunnel.key, tunnel.name) == ("har_r162_01", "Ring 162, harbour tunnel")
    assert tunnel.point is not None
    assert (tunnel.point.lon, tunnel.point.lat) == (10.74, 59.905)
    assert sites["HAR_W_07"].point is None
    here = Reading(box=Box(west=10.7, south=59.9, east=10.8, north=59.95))
    inside = read_datex2(sample("datex2-v2.xml"), here, sites)
    assert {stream.thing.name for stream in inside.streams} == {"Ring 162, harbour tunnel"}
    assert inside.left_out["not asked for"] == 1


def test_only_sites_that_were_asked_for() -> None:
    """By their own name."""
    report = read_datex2(sample("datex2-v2.xml"), Reading(only=frozenset({"HAR_W_07"})), {})
    assert {stream.thing.key for stream in report.streams} == {"har_w_07"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([VALUE.format(index=-1, inside=FLOW.format(rate=1))], "a value without a number or without a content"),
        ([VALUE.format(index=10_000, inside=FLOW.format(rate=1))], "a value without a number or without a content"),
        (['<measuredValue index="1"/>'], "a value without a number or without a content"),
        ([VALUE.format(index=1, inside="")], "a quantity nobody here knows"),
        ([VALUE.format(index=1, inside=FLOW.format(rate="many"))], "a record that cannot be read"),
        ([VALUE.format(index=1, inside=FLOW.format(rate=1))] * 2, "a second value of one quantity"),
    ],
)
def test_what_cannot_be_used_is_counted(values: list[str], reason: str) -> None:
    """With the reason, in words of ours."""
    assert read(*values).left_out == {reason: 1}


def test_a_value_may_be_a_day_s_last_and_still_have_no_time() -> None:
    """Then it is no reading."""
    body = FORM.format(inside=SITE.format(inside=VALUE.format(index=1, inside=FLOW.format(rate=1)))).replace(
        "2026-06-01T10:00:00Z", "?"
    )
    assert read_datex2(body.encode(), ANY, {}).left_out == {"a time that cannot be read": 1}


@pytest.mark.parametrize(
    "body", [b"", b"<html/>", b"<Siri xmlns='http://www.siri.org.uk/siri'/>", b"<!DOCTYPE x><d2LogicalModel/>"]
)
def test_another_body_is_refused_whole(body: bytes) -> None:
    """An error page is no traffic."""
    with pytest.raises(Malformed):
        read_datex2(body, ANY, {})
    with pytest.raises(Malformed):
        read_sites(body)


@settings(max_examples=40)
@given(st.integers(0, 2500), st.binary(max_size=20))
def test_whatever_comes_is_read_or_refused(cut: int, raw: bytes) -> None:
    """Publications cut and broken anywhere."""
    outcomes = set()
    for name in ("datex2-v2.xml", "datex2-v3.xml", "datex2-sites.xml"):
        whole = sample(name)
        for body in (whole[:cut] + raw + whole[cut:], whole[:cut]):
            try:
                read_sites(body)
                outcomes.add(len(read_datex2(body, ANY, {})) >= 0)
            except ImpetusError as error:
                outcomes.add(bool(error.remedy))
    assert outcomes == {True}
