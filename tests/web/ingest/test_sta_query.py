"""The query options of SensorThings: what each says, its edge, and the words of its refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Malformed
from impetus.web.ingest.sta_query import (
    COLLECTION_OPTIONS,
    FILTERS,
    LARGEST_PAGE,
    LARGEST_SKIP,
    MAX_TERMS,
    OBSERVATION_OPTIONS,
    PAGE,
    NotOffered,
    Query,
    read_query,
)

NOON = "2026-06-01T12:00:00Z"
NOON_US = 1_780_315_200_000_000


def read(**options: str) -> Query:
    """Read options of Observations, written without their dollar."""
    return read_query({f"${name}": value for name, value in options.items()}, OBSERVATION_OPTIONS)


def test_nothing_asked_is_the_first_page_oldest_first() -> None:
    """A hundred entities, not counted, over all time and every datastream."""
    assert read_query({}, OBSERVATION_OPTIONS) == Query(top=PAGE, skip=0, count=False, newest_first=False)


@pytest.mark.parametrize(
    ("asked", "given"), [("0", 0), ("1", 1), ("1000", 1000), ("1001", LARGEST_PAGE), ("999999999", LARGEST_PAGE)]
)
def test_a_page_is_as_large_as_asked_up_to_the_largest(asked: str, given: int) -> None:
    """More than the largest page is not refused: the standard lets a service give less, with a link to the next."""
    assert read(top=asked).top == given


@pytest.mark.parametrize("asked", ["-1", "+1", "1.0", "1e3", "", " 1", "0x10", "ten", "9999999999", "1_000"])
@pytest.mark.parametrize("option", ["top", "skip"])
def test_a_number_is_digits_and_nothing_else(option: str, asked: str) -> None:
    """What only some parsers would take is refused by all."""
    with pytest.raises(Malformed) as told:
        read(**{option: asked})
    assert told.value.value == asked
    assert told.value.limit == "a whole number from 0"


def test_skipping_ends_where_a_filter_is_the_better_way() -> None:
    """Exactly at the limit is taken; one beyond names the limit and the way on."""
    assert read(skip=str(LARGEST_SKIP)).skip == LARGEST_SKIP
    with pytest.raises(Malformed) as told:
        read(skip=str(LARGEST_SKIP + 1))
    assert (told.value.value, told.value.limit) == (LARGEST_SKIP + 1, LARGEST_SKIP)
    assert "$filter" in told.value.remedy


@pytest.mark.parametrize(("asked", "given"), [("true", True), ("false", False)])
def test_a_count_is_asked_for_or_not(asked: str, given: bool) -> None:  # noqa: FBT001 - a column of the table
    """The two words of the standard."""
    assert read(count=asked).count is given


@pytest.mark.parametrize("asked", ["True", "1", "", "yes", "true "])
def test_a_count_is_asked_for_in_no_other_word(asked: str) -> None:
    """A guess would count where nobody asked."""
    with pytest.raises(Malformed) as told:
        read(count=asked)
    assert told.value.limit == "true, false"


@pytest.mark.parametrize(
    ("asked", "newest_first"),
    [
        ("phenomenonTime", False),
        ("phenomenonTime asc", False),
        (" phenomenonTime  desc ", True),
        ("phenomenonTime desc", True),
    ],
)
def test_observations_are_ordered_by_time(asked: str, newest_first: bool) -> None:  # noqa: FBT001 - a column of the table
    """Either way; ascending is the default of the standard."""
    assert read(orderby=asked).newest_first is newest_first


@pytest.mark.parametrize("asked", ["result", "phenomenonTime DESC", "phenomenonTime desc,result", "", "id"])
def test_another_order_is_not_offered_and_says_what_is(asked: str) -> None:
    """501, so that a client can tell "not here" from "wrong"."""
    with pytest.raises(NotOffered) as told:
        read(orderby=asked)
    assert told.value.status == 501
    assert "phenomenonTime desc" in str(told.value.limit)


@pytest.mark.parametrize(
    "term",
    [
        "result gt 5",
        "phenomenonTime ne 2026-06-01T12:00:00Z",
        "Datastream/id ne 7",
        "Datastream/id eq 'a'",
        "Datastream/name eq 'x'",
        "phenomenonTime ge 2026-06-01T12:00:00Z or Datastream/id eq 7",
        "not (Datastream/id eq 7)",
        "geo.distance(location, POINT(0 0)) lt 5",
        "",
    ],
)
def test_another_filter_is_not_offered_and_says_what_is(term: str) -> None:
    """The whole list of filters stands in the refusal."""
    with pytest.raises(NotOffered) as told:
        read(filter=term)
    assert told.value.limit == FILTERS


@pytest.mark.parametrize("time", ["yesterday", "2026-06-01", "2026-06-01T12:00:00", "2026-13-01T12:00:00Z", "0"])
def test_a_time_that_is_none_is_the_askers_mistake(time: str) -> None:
    """400, with the form that is read."""
    with pytest.raises(Malformed) as told:
        read(filter=f"phenomenonTime ge {time}")
    assert told.value.limit == "RFC 3339 with a zone"


def test_terms_are_bounded() -> None:
    """Eight are read; the ninth is refused with both numbers."""
    term = "Datastream/id eq 7"
    assert read(filter=" and ".join([term] * MAX_TERMS)).datastream == 7
    with pytest.raises(Malformed) as told:
        read(filter=" and ".join([term] * (MAX_TERMS + 1)))
    assert (told.value.value, told.value.limit) == (MAX_TERMS + 1, MAX_TERMS)


@pytest.mark.parametrize("option", ["$expand", "$select", "$filter", "$orderby", "$apply"])
def test_a_collection_of_things_is_neither_filtered_nor_expanded(option: str) -> None:
    """Only what pages it; the refusal lists what is offered here, not elsewhere."""
    with pytest.raises(NotOffered) as told:
        read_query({option: "x"}, COLLECTION_OPTIONS)
    assert told.value.limit == "$count, $skip, $top"


def test_options_without_a_dollar_are_not_ours() -> None:
    """A cache buster or a tracking parameter is passed over, as the standard leaves it."""
    assert read_query({"v": "3", "top": "7"}, OBSERVATION_OPTIONS) == Query()


def test_a_long_option_is_shown_short() -> None:
    """What is quoted back is bounded."""
    with pytest.raises(NotOffered) as told:
        read_query({"$" + "x" * 10_000: ""}, OBSERVATION_OPTIONS)
    assert len(told.value.detail) < 120


@given(some.integers(0, 999_999_999), some.integers(0, LARGEST_SKIP))
def test_any_page_that_is_asked_for_is_within_bounds(top: int, skip: int) -> None:
    """No request makes a page larger than the largest."""
    query = read(top=str(top), skip=str(skip))
    assert 0 <= query.top <= LARGEST_PAGE
    assert query.skip == skip
