"""Findings and evidence as JSON: round trips, strictness, and what fuzz does to them."""

import dataclasses
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.envelope import (
    MAX_BODY_BYTES,
    TYPE,
    JsonCodec,
    decode_evidence,
    decode_finding,
    encode_evidence,
    encode_finding,
)
from impetus.adapters.evidence_document import MAX_POINTS
from impetus.core.errors import Malformed, TheirFault, TooLarge
from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.place import Point
from impetus.core.text import Phrase

AT = datetime(2026, 3, 1, 21, 4, 5, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TIME = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
PHRASE = st.builds(
    Phrase,
    template=TEXT,
    values=st.dictionaries(TEXT, st.one_of(TEXT, NUMBER, st.integers(-(2**60), 2**60)), max_size=3),
)
FINDING = st.builds(
    Finding,
    key=TEXT,
    tool=TEXT,
    kind=st.sampled_from(Kind),
    subject=TEXT,
    headline=PHRASE,
    why=PHRASE,
    began=TIME,
    noticed=TIME,
    ended=st.none() | TIME,
    severity=st.sampled_from(Severity),
    urgency=st.sampled_from(Urgency),
    certainty=st.sampled_from(Certainty),
    score=st.floats(0, 1),
    one_in=st.none() | NUMBER,
    point=st.none() | st.builds(Point, lon=st.floats(-180, 180), lat=st.floats(-90, 90)),
    zone=st.none() | TEXT,
    datastreams=st.lists(st.integers(1, 2**62), max_size=4).map(tuple),
    simulated=st.booleans(),
    facts=st.dictionaries(TEXT, NUMBER, max_size=3),
)


def finding(**changes: object) -> Finding:
    """Return a finding with every field set, some changed."""
    whole = Finding(
        key=FindingKey("urban_anomaly:7:1"),
        tool=ToolId("urban_anomaly"),
        kind=Kind.ANOMALY,
        subject="thing:demo/c11",
        headline=Phrase(template="{thing} is high", values={"thing": "C11"}),
        why=Phrase(template="one in {n}", values={"n": 4.5}),
        began=AT,
        noticed=AT + timedelta(seconds=4),
        ended=AT + timedelta(seconds=9),
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        score=0.75,
        one_in=8e4,
        point=Point(lon=10.7339, lat=59.9127),
        zone=ZoneId("quay"),
        datastreams=(DatastreamId(7),),
        simulated=True,
        facts={"residual": 4.5},
    )
    return dataclasses.replace(whole, **changes)


def evidence(key: str = "urban_anomaly:7:1", points: int = 3, series: int = 1) -> Evidence:
    """Return evidence of so many series of so many points, with a gap in what was expected."""
    one = SeriesEvidence(
        datastream=DatastreamId(7),
        title=Phrase(template="people"),
        unit="1",
        time_us=np.arange(points, dtype=np.int64) + 1_772_000_000_000_000,
        measured=np.arange(points, dtype=np.float64),
        low=np.full(points, math.nan),
        high=np.linspace(0.0, 1.0, points),
        coverage=0.99,
        from_us=1_772_000_000_000_002,
    )
    return Evidence(finding=FindingKey(key), summary=Phrase(template="more than usual"), series=(one,) * series)


def document() -> dict[str, object]:
    """Return a parsed envelope."""
    parsed: dict[str, object] = orjson.loads(encode_finding(finding(), evidence()))
    return parsed


@given(noticed=FINDING)
def test_a_finding_comes_back_as_it_was(noticed: Finding) -> None:
    """Every finding within its bounds survives, to the microsecond and the last bit."""
    assert decode_finding(encode_finding(noticed, evidence(noticed.key)))[0] == noticed


def test_evidence_comes_back_as_it_was() -> None:
    """Columns keep their values, NaN included, and their types."""
    codec = JsonCodec()
    read = codec.decode_evidence(codec.encode_evidence(evidence())).series[0]
    written = evidence().series[0]

    for name in ("time_us", "measured", "low", "high"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    assert (read.datastream, read.title, read.unit, read.coverage, read.from_us) == (
        written.datastream, written.title, written.unit, written.coverage, written.from_us,
    )  # fmt: skip


def test_the_message_is_a_cloud_event() -> None:
    """CloudEvents 1.0.2, section 3.1: id, source, specversion and type are there, and say what they should."""
    event = document()

    assert (event["specversion"], event["type"], event["id"]) == ("1.0", TYPE, "urban_anomaly:7:1")
    assert (event["source"], event["time"]) == ("urn:impetus:tool:urban_anomaly", "2026-03-01T21:04:09.123456Z")


def test_times_are_written_in_utc() -> None:
    """A time in another zone is the same moment afterwards."""
    oslo = AT.astimezone(timezone(timedelta(hours=1)))

    assert decode_finding(encode_finding(finding(began=oslo), evidence()))[0].began == AT


def test_facts_that_are_not_finite_become_nan() -> None:
    """JSON has no infinity; a fact that is none is read as NaN, so that a detector's odd number costs no finding."""
    read, _ = decode_finding(encode_finding(finding(facts={"a": math.nan, "b": math.inf}), evidence()))

    assert all(math.isnan(value) for value in read.facts.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 1.5},
        {"score": math.nan},
        {"began": datetime(2026, 1, 1)},  # noqa: DTZ001 - a naive time is what is refused
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "\udc80"},
        {"headline": Phrase(template="x" * 2001)},
        {"datastreams": (2**63,)},
        {"facts": {str(number): 1.0 for number in range(65)}},
        {"key": "other"},
    ],
)
def test_a_finding_outside_its_bounds_is_not_written(changes: Mapping[str, object]) -> None:
    """What the other end must refuse never goes on the bus."""
    with pytest.raises(Malformed):
        encode_finding(finding(**changes), evidence())


@pytest.mark.parametrize(("points", "series"), [(MAX_POINTS + 1, 1), (3, MAX_SERIES + 1)])
def test_evidence_outside_its_bounds_is_not_written(points: int, series: int) -> None:
    """Points and series are bounded."""
    with pytest.raises(TheirFault):
        encode_evidence(evidence(points=points, series=series))


def test_the_largest_evidence_fits_a_message() -> None:
    """Six series of 10,000 points are within the bound of a message."""
    assert len(encode_finding(finding(), evidence(points=MAX_POINTS, series=MAX_SERIES))) < MAX_BODY_BYTES


def test_a_message_too_large_is_refused_unread() -> None:
    """Size is looked at before content."""
    with pytest.raises(TooLarge):
        decode_finding(b" " * (MAX_BODY_BYTES + 1))


def test_columns_of_different_length_are_refused() -> None:
    """A series is four columns of one length."""
    body = orjson.loads(encode_evidence(evidence()))
    body["series"][0]["low"].append(None)

    with pytest.raises(Malformed, match="one length"):
        decode_evidence(orjson.dumps(body))


def paths(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every node of a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(deeper for name, value in inner for deeper in paths(value, (*path, name)))]


PATHS = [path for path in paths(document()) if path]


def mutated(path: tuple[str | int, ...], value: object) -> bytes:
    """Return the envelope with one node replaced."""
    root = document()
    node: object = root
    for step in path[:-1]:
        node = node[step]  # type: ignore[index]  # the path came from this document
    node[path[-1]] = value  # type: ignore[index]  # the path came from this document
    return orjson.dumps(root)


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if isinstance(path[-1], str) and "values" not in path[:-1] and "facts" not in path[:-1]],
    ids=str,
)
def test_each_field_is_needed_and_no_other_is_allowed(path: tuple[str | int, ...]) -> None:
    """Leaving out or renaming any field of a fixed shape is refused, and the refusal names the field."""
    root = document()
    node: object = root
    for step in path[:-1]:
        node = node[step]  # type: ignore[index]  # the path came from this document
    assert isinstance(node, dict)
    node[f"{path[-1]}_"] = node.pop(path[-1])

    with pytest.raises(Malformed, match=str(path[-1])):
        decode_finding(orjson.dumps(root))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | NUMBER
    | TEXT
    | st.sampled_from(["2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=500)
@given(path=st.sampled_from(PATHS), value=JSON)
def test_a_changed_node_is_read_or_malformed(path: tuple[str | int, ...], value: object) -> None:
    """Whatever stands in place of any node, reading gives a finding and evidence about it, or `Malformed`."""
    try:
        read, shown = decode_finding(mutated(path, value))
    except Malformed:
        return
    assert shown.finding == read.key


@given(body=st.binary(max_size=200) | JSON.map(orjson.dumps))
def test_any_other_bytes_are_malformed(body: bytes) -> None:
    """Noise and foreign JSON never raise anything else, for messages and evidence alike."""
    for decode in (decode_finding, decode_evidence):
        with pytest.raises(Malformed):
            decode(body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b'{"specversion": 1e999}', b"\xff\xfe", b""])
def test_hostile_json_is_malformed(body: bytes) -> None:
    """Deep nesting, huge numbers and wrong encodings are refused like any other noise."""
    with pytest.raises(Malformed):
        decode_finding(body)
