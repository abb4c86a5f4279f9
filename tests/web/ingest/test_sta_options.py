"""The query options of SensorThings and what it writes, worked by hand: spans, orders, links, and a clear no."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed, TooLarge
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import EPOCH, Datastream, from_us, to_us
from impetus.core.place import Point
from impetus.web.ingest.sta_entities import (
    datastream_entity,
    observation_entity,
    observation_link,
    quoted,
    service_root,
    thing_entity,
)
from impetus.web.ingest.sta_query import (
    COLLECTION_OPTIONS,
    LARGEST_PAGE,
    LARGEST_SKIP,
    OBSERVATION_OPTIONS,
    PAGE,
    NotOffered,
    Query,
    read_query,
)
from impetus.web.ingest.wire import MAX_BODY_BYTES, MAX_ROWS, check_rows, check_size, media_of, shown, us_of, us_of_text

NOON = "2026-06-01T12:00:00Z"
NOON_US = to_us(datetime(2026, 6, 1, 12, tzinfo=UTC))
BASE = "http://127.0.0.1:8471/sta/v1.1"


def span(text: str) -> tuple[int | None, int | None]:
    """Return the half-open span that a filter leaves, relative to noon."""
    query = read_query({"$filter": text}, OBSERVATION_OPTIONS)
    low, high = query.since_us, query.until_us
    return (None if low is None else low - NOON_US, None if high is None else high - NOON_US)


@pytest.mark.parametrize(
    ("word", "left"),
    [("ge", (0, None)), ("gt", (1, None)), ("lt", (None, 0)), ("le", (None, 1)), ("eq", (0, 1))],
)
def test_each_comparison_leaves_its_half_open_span(word: str, left: tuple[int | None, int | None]) -> None:
    """In whole microseconds: after noon begins one later, up to noon ends one later."""
    assert span(f"phenomenonTime {word} {NOON}") == left


def test_terms_narrow_one_another() -> None:
    """The later start and the earlier end win, in whatever order they come."""
    later = "2026-06-01T12:00:01Z"
    both = (f"phenomenonTime ge {NOON}", f"phenomenonTime gt {later}")
    assert span(" and ".join(both)) == span(" and ".join(reversed(both))) == (1_000_001, None)
    ends = (f"phenomenonTime le {NOON}", f"phenomenonTime lt {later}")
    assert span(" and ".join(ends)) == span(" and ".join(reversed(ends))) == (None, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["ge", "gt", "le", "lt", "eq"]), st.integers(-5, 5)),
        min_size=1,
        max_size=8,
    ),
    st.integers(-8, 8),
)
def test_a_span_holds_exactly_what_every_term_holds(terms: list[tuple[str, int]], second: int) -> None:
    """For any terms and any time: in the span if and only if each comparison is true."""
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    compare = {
        "ge": second.__ge__,
        "gt": second.__gt__,
        "le": second.__le__,
        "lt": second.__lt__,
        "eq": second.__eq__,
    }
    text = " and ".join(f"phenomenonTime {word} {(start + timedelta(seconds=at)).isoformat()}" for word, at in terms)
    low, high = span(text)
    inside = (low is None or low <= second * 1_000_000) and (high is None or second * 1_000_000 < high)
    assert inside == all(compare[word](at) for word, at in terms)


@pytest.mark.parametrize("text", ["Datastream/id eq 7", "Datastream/@iot.id eq 7", "  Datastream/id  eq  7 "])
def test_a_filter_names_a_datastream(text: str) -> None:
    """By either name of its id."""
    assert read_query({"$filter": text}, OBSERVATION_OPTIONS).datastream == 7


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, Query()),
        ({"$top": "0"}, Query(top=0)),
        ({"$top": "7", "$skip": "3"}, Query(top=7, skip=3)),
        ({"$top": "999999999"}, Query(top=LARGEST_PAGE)),
        ({"$skip": str(LARGEST_SKIP)}, Query(skip=LARGEST_SKIP)),
        ({"$count": "true"}, Query(count=True)),
        ({"$orderby": "phenomenonTime"}, Query()),
        ({"$orderby": " phenomenonTime  desc "}, Query(newest_first=True)),
        ({"token": "x", "top": "5"}, Query()),
    ],
)
def test_options_are_read_as_the_standard_has_them(options: dict[str, str], query: Query) -> None:
    """What has no dollar is not the standard's and is left alone; a page is never larger than its bound."""
    assert read_query(options, OBSERVATION_OPTIONS) == query
    assert Query().top == PAGE


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"$expand": "Thing"}, NotOffered),
        ({"$select": "result"}, NotOffered),
        ({"$filter": "result gt 5"}, NotOffered),
        ({"$filter": f"phenomenonTime ne {NOON}"}, NotOffered),
        ({"$filter": f"phenomenonTime gt {NOON} or phenomenonTime lt {NOON}"}, NotOffered),
        ({"$filter": ""}, NotOffered),
        ({"$orderby": "result"}, NotOffered),
        ({"$orderby": "phenomenonTime DESC"}, NotOffered),
        ({"$filter": "phenomenonTime gt yesterday"}, Malformed),
        ({"$filter": "phenomenonTime gt 2026-06-01T12:00:00"}, Malformed),
        ({"$filter": " and ".join([f"phenomenonTime gt {NOON}"] * 9)}, Malformed),
        ({"$top": "-1"}, Malformed),
        ({"$top": "1.5"}, Malformed),
        ({"$top": ""}, Malformed),
        ({"$top": "\u0663"}, Malformed),
        ({"$skip": str(LARGEST_SKIP + 1)}, Malformed),
        ({"$count": "yes"}, Malformed),
    ],
)
def test_what_is_not_offered_and_what_is_wrong_are_two_answers(
    options: dict[str, str], refusal: type[Malformed | NotOffered]
) -> None:
    """501 for another part of the standard, 400 for a value that cannot be read; both name the limit and the remedy."""
    with pytest.raises(refusal) as refused:
        read_query(options, OBSERVATION_OPTIONS)
    assert type(refused.value) is refusal
    assert refused.value.limit is not None
    assert refused.value.remedy


@pytest.mark.parametrize("name", sorted(OBSERVATION_OPTIONS - COLLECTION_OPTIONS))
def test_a_collection_offers_less_than_observations(name: str) -> None:
    """Things and datastreams are neither filtered nor ordered."""
    with pytest.raises(NotOffered):
        read_query({name: "x"}, COLLECTION_OPTIONS)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00+0100", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00.0000019Z", 1),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("2026-02-30T00:00:00Z", None),
        ("1970-01-01T24:00:01Z", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01", None),
        ("\u0661970-01-01T00:00:00Z", None),
        ("0", None),
        ("", None),
        ("1970-01-01T00:00:00Z" + " " * 60, None),
    ],
)
def test_times_are_read_to_the_microsecond(text: str, us: int | None) -> None:
    """RFC 3339 with a zone, finer digits cut; anything else is no time."""
    assert us_of_text(text) == us


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_we_write_we_read(at: datetime) -> None:
    """A time in an answer can be sent back as a filter."""
    assert us_of_text(at.isoformat()) == to_us(at)
    assert from_us(to_us(at)) == at


@pytest.mark.parametrize("value", [None, True, 1.0, [0], {}, 2**63, -(2**63)])
def test_what_is_neither_text_nor_a_whole_number_is_no_time(value: object) -> None:
    """True is not one second, and what does not fit 64 bits is nothing."""
    assert us_of(value) is None
    assert us_of(0) == us_of(EPOCH.isoformat()) == 0


@given(st.one_of(st.text(), st.integers(), st.floats(), st.lists(st.integers()), st.none()))
def test_a_value_in_a_sentence_is_short(value: object) -> None:
    """Whatever came, sixty characters of it are enough."""
    assert 0 < len(shown(value)) <= 60


@pytest.mark.parametrize(
    ("beyond", "size", "rows"), [(False, MAX_BODY_BYTES, MAX_ROWS), (True, MAX_BODY_BYTES + 1, MAX_ROWS + 1)]
)
def test_bounds_are_taken_and_one_more_is_not(size: int, rows: int, *, beyond: bool) -> None:
    """Eight MiB and fifty thousand rows are accepted to the last."""
    if not beyond:
        check_size(bytes(size))
        check_rows(rows)
        assert (size, rows) == (8 * 1024 * 1024, 50_000)
        return
    with pytest.raises(TooLarge):
        check_size(bytes(size))
    with pytest.raises(TooLarge):
        check_rows(rows)


@pytest.mark.parametrize("kind", ["application/json", " Application/JSON ;charset=x", "application/json;;"])
def test_a_media_type_is_bare(kind: str) -> None:
    """Parameters and capitals do not make it another."""
    assert media_of(kind) == "application/json"


STREAM = Datastream(
    id=DatastreamId(7),
    key=DatastreamKey("square/t 1/pm10"),
    source=SourceId("square"),
    thing=ThingKey("square/t 1"),
    thing_name="Sampler 1",
    observed_property="PM10",
    unit="ug/m3",
    lowest=0.0,
    highest=1000.0,
)


def test_a_thing_carries_what_is_known_of_it() -> None:
    """Source and name always, position and zone when there are any; simulated as soon as one of its streams is."""
    bare = thing_entity(BASE, [STREAM])
    placed = thing_entity(
        BASE, [replace(STREAM, point=Point(lon=10.7, lat=59.9), zone=ZoneId("south")), replace(STREAM, simulated=True)]
    )
    assert bare["properties"] == {"source": "square", "simulated": False}
    assert placed["properties"] == {
        "source": "square",
        "simulated": True,
        "position": {"type": "Point", "coordinates": [10.7, 59.9]},
        "zone": "south",
    }
    assert bare["@iot.selfLink"] == f"{BASE}/Things('square/t%201')"


def test_a_datastream_says_its_unit_in_ucum_and_what_it_can_measure() -> None:
    """With links to its thing and its observations."""
    entity = datastream_entity(BASE, STREAM)
    assert entity["unitOfMeasurement"] == {
        "name": "ug/m3",
        "symbol": "ug/m3",
        "definition": "http://unitsofmeasure.org/",
    }
    assert entity["properties"] == {"lowest": 0.0, "highest": 1000.0, "cadence_s": 60.0, "simulated": False}
    assert entity["Observations@iot.navigationLink"] == f"{BASE}/Datastreams(7)/Observations"


@pytest.mark.parametrize(("result", "written"), [(1.5, 1.5), (0.0, 0.0), (-0.0, 0.0), (math.nan, None)])
def test_an_observation_is_named_by_its_datastream_and_time(result: float, written: float | None) -> None:
    """A missing value is null; the link is the one it was created at."""
    entity = observation_entity(BASE, 7, 1_500_000, result)
    assert (entity["result"], entity["phenomenonTime"]) == (written, "1970-01-01T00:00:01.500000Z")
    assert entity["@iot.selfLink"] == observation_link(BASE, 7, 1_500_000) == f"{BASE}/Observations('7_1500000')"


@pytest.mark.parametrize(
    ("key", "path"), [("a/b", "'a/b'"), ("å", "'%C3%A5'"), ("x')/../y", "'x%27%29/../y'"), ("a?b#c", "'a%3Fb%23c'")]
)
def test_a_key_in_a_path_cannot_leave_its_quotes(key: str, path: str) -> None:
    """Quotes, brackets and marks are escaped; slashes are part of keys."""
    assert quoted(key) == path


def test_the_root_names_each_set_with_its_address() -> None:
    """And nothing that is not offered."""
    sets = service_root(BASE)["value"]
    assert sets == [{"name": name, "url": f"{BASE}/{name}"} for name in ("Things", "Datastreams", "Observations")]
