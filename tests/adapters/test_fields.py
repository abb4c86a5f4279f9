"""Strict reading, field by field: what fits is taken once, what does not is refused by path, value and limit."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.fields import MAX_WHOLE, Fields, say_time
from impetus.core.errors import Malformed

Take = Callable[[Fields], object]


class Colour(StrEnum):
    """Words to choose from."""

    RED = "red"
    BLUE = "blue"


TAKES: dict[str, Take] = {
    "constant": lambda fields: fields.constant("x", "1.0"),
    "text": lambda fields: fields.text("x", 5),
    "truth": lambda fields: fields.truth("x"),
    "number": lambda fields: fields.number("x", lowest=0, highest=10),
    "whole": lambda fields: fields.whole_number("x"),
    "time": lambda fields: fields.time("x"),
    "word": lambda fields: fields.one_of("x", Colour),
    "inner": lambda fields: fields.inner("x").end(),
    "inners": lambda fields: [each.end() for each in fields.inners("x", 2)],
    "whole numbers": lambda fields: fields.whole_numbers("x", 3),
    "column": lambda fields: fields.column("x", 3).tolist(),
    "facts": lambda fields: fields.facts("x", 2, 3),
    "values": lambda fields: fields.values("x", 2, 3),
}
GOOD: list[tuple[str, object, object]] = [
    ("constant", "1.0", None),
    ("text", "abcde", "abcde"),
    ("text", "æøå", "æøå"),
    ("truth", False, False),
    ("number", 3, 3.0),
    ("number", 10.0, 10.0),
    ("whole", -5, -5),
    ("whole", MAX_WHOLE, MAX_WHOLE),
    ("time", "2026-03-01T21:04:05Z", datetime(2026, 3, 1, 21, 4, 5, tzinfo=UTC)),
    ("time", "2026-03-01T21:04:05.123456Z", datetime(2026, 3, 1, 21, 4, 5, 123456, tzinfo=UTC)),
    ("word", "blue", Colour.BLUE),
    ("inner", {}, None),
    ("inners", [{}, {}], [None, None]),
    ("whole numbers", [1, 2, 3], [1, 2, 3]),
    ("whole numbers", [], []),
    ("column", [1, 2.5], [1.0, 2.5]),
    ("facts", {"a": 1, "b": 2.5}, {"a": 1.0, "b": 2.5}),
    ("values", {"a": "abc", "b": 2}, {"a": "abc", "b": 2}),
]
BAD: list[tuple[str, object]] = [
    ("constant", "1.1"),
    ("constant", 1.0),
    ("text", ""),
    ("text", "abcdef"),
    ("text", 5),
    ("text", None),
    ("truth", 0),
    ("truth", "true"),
    ("number", -0.1),
    ("number", 10.1),
    ("number", True),
    ("number", "3"),
    ("number", math.nan),
    ("number", math.inf),
    ("whole", 1.0),
    ("whole", True),
    ("whole", MAX_WHOLE + 1),
    ("time", "2026-03-01T21:04:05"),
    ("time", "2026-03-01T21:04:05+00:00"),
    ("time", "2026-13-01T21:04:05Z"),
    ("time", "2026-03-01T25:04:05Z"),
    ("time", "2026-03-01T21:04:05.1234567Z"),
    ("time", "2026-03-01 21:04:05Z"),
    ("time", "\u0662026-03-01T21:04:05Z"),
    ("time", 1_772_000_000),
    ("word", "green"),
    ("word", "RED"),
    ("word", None),
    ("inner", []),
    ("inner", {"y": 1}),
    ("inners", {}),
    ("inners", [{}, 1]),
    ("inners", [{}, {}, {}]),
    ("whole numbers", [1, 2.0]),
    ("whole numbers", [True]),
    ("whole numbers", [1, 2, 3, 4]),
    ("whole numbers", "123"),
    ("column", ["1"]),
    ("column", [True]),
    ("column", [1, 2, 3, 4]),
    ("facts", {"a": "1"}),
    ("facts", {"a": True}),
    ("facts", {"abcd": 1}),
    ("facts", {"a": 1, "b": 2, "c": 3}),
    ("facts", [1]),
    ("values", {"a": "abcd"}),
    ("values", {"a": [1]}),
    ("values", {"a": False}),
]


@pytest.mark.parametrize(("kind", "value", "expected"), GOOD)
def test_what_fits_is_taken_and_nothing_is_left(kind: str, value: object, expected: object) -> None:
    """In its own type; afterwards the object has no field any more."""
    fields = Fields({"x": value}, "event")
    assert TAKES[kind](fields) == expected
    fields.end()


@pytest.mark.parametrize(("kind", "value"), BAD, ids=str)
def test_what_does_not_fit_is_refused_by_its_path(kind: str, value: object) -> None:
    """The sentence names the field from the top, and what would have been right or what is too much."""
    with pytest.raises(Malformed, match=r"event\.x") as refusal:
        TAKES[kind](Fields({"x": value}, "event"))
    assert refusal.value.limit or refusal.value.remedy


@pytest.mark.parametrize("kind", TAKES)
def test_what_is_absent_is_named(kind: str) -> None:
    """No field has a value of its own that nobody sent."""
    with pytest.raises(Malformed, match="event lacks the field x") as refusal:
        TAKES[kind](Fields({"y": 1}, "event"))
    assert refusal.value.remedy == "add x"


@pytest.mark.parametrize("kind", TAKES)
def test_a_field_is_taken_once(kind: str) -> None:
    """Asking for it again finds nothing: no two parts of a reader can both mean it."""
    value = next(good for name, good, _ in GOOD if name == kind)
    fields = Fields({"x": value}, "event")
    TAKES[kind](fields)
    with pytest.raises(Malformed, match="lacks the field x"):
        TAKES[kind](fields)


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_what_is_no_object_has_no_fields(document: object) -> None:
    """Refused at once, with the place it stands at."""
    with pytest.raises(Malformed, match=r"event\.data is ") as refusal:
        Fields(document, "event.data")
    assert refusal.value.limit == "an object"


def test_a_field_nobody_asked_for_is_named() -> None:
    """The first of them in order, short however long it is."""
    with pytest.raises(Malformed, match=r"event has the unknown field a{80}$"):
        Fields({"b": 1, "a" * 500: 2}, "event").end()


def test_null_is_nothing_where_it_may_be() -> None:
    """An optional field is there and null, or there and right; absent it is refused all the same."""
    fields = Fields({"x": None, "y": "abc"}, "event")
    assert fields.optional("x", lambda name: fields.text(name, 5)) is None
    assert fields.optional("y", lambda name: fields.text(name, 5)) == "abc"
    with pytest.raises(Malformed, match="lacks the field z"):
        fields.optional("z", lambda name: fields.text(name, 5))


def test_null_is_nan_in_columns_facts_and_values() -> None:
    """Where a number may be missing, and only there."""
    fields = Fields({"a": [None, 1], "b": {"x": None}, "c": {"x": None}}, "event")
    assert math.isnan(fields.column("a", 2)[0])
    assert math.isnan(fields.facts("b", 1, 3)["x"])
    value = fields.values("c", 1, 3)["x"]
    assert isinstance(value, float)
    assert math.isnan(value)


def test_a_long_list_is_not_spelled_out() -> None:
    """The answer to a million numbers is one sentence."""
    with pytest.raises(Malformed, match=r"event\.x is a list of 1000000, not a list of at most 3"):
        Fields({"x": [0] * 1_000_000}, "event").column("x", 3)


def test_inner_paths_count_their_places() -> None:
    """The third series' unit is found without counting."""
    inners = Fields({"series": [{"unit": "1"}, {"unit": "2"}, {"unit": ""}]}, "evidence").inners("series", 5)
    with pytest.raises(Malformed, match=r"evidence\.series\[2\]\.unit"):
        [each.text("unit", 5) for each in inners]


@given(
    at=st.datetimes(
        datetime(1970, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
        datetime(9998, 1, 1),  # noqa: DTZ001 - as above
        timezones=st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_a_time_that_is_said_is_read_as_the_same_moment(at: datetime) -> None:
    """From any zone, to the microsecond."""
    assert Fields({"x": say_time(at)}, "event").time("x") == at


def test_a_time_without_a_zone_is_not_said() -> None:
    """Nobody guesses where it was noon."""
    with pytest.raises(Malformed, match="has no zone"):
        say_time(datetime(2026, 1, 1))  # noqa: DTZ001 - a naive time is what is refused
