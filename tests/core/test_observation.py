"""Readings in columns, times as whole microseconds, and the catalogue they are looked up in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import (
    Batch,
    Catalogue,
    Datastream,
    batch_of,
    concatenate,
    empty_batch,
    from_us,
    to_us,
)

OSLO_SUMMER = timezone(timedelta(hours=2))
readings = some.lists(
    some.tuples(
        some.integers(-(2**63), 2**63 - 1), some.integers(-(2**63), 2**63 - 1), some.floats(allow_nan=False, width=64)
    ),
    max_size=20,
)


def columns_of(batch: Batch) -> list[tuple[int, int, float]]:
    """Return a batch as rows, for comparing."""
    return list(zip(batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist(), strict=True))


def rows_of(rows: list[tuple[int, int, float]]) -> Batch:
    """Return rows as a batch."""
    return batch_of([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


@pytest.mark.parametrize(
    ("at", "us"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2000, 1, 1, tzinfo=UTC), 946_684_800_000_000),
        (datetime(1970, 1, 1, 2, 0, 0, 1, tzinfo=OSLO_SUMMER), 1),
    ],
)
def test_a_time_is_whole_microseconds_since_1970_in_utc(at: datetime, us: int) -> None:
    """Worked out by hand, before the epoch and in another zone too."""
    assert to_us(at) == us
    assert from_us(us) == at


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can say when that was; guessing would shift a city by an hour twice a year."""
    with pytest.raises(Malformed, match="has no zone") as refusal:
        to_us(datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001 - a naive time is the point
    assert refusal.value.remedy == "add Z or an offset"


def test_what_comes_back_is_in_utc() -> None:
    """Whatever zone a time was given in, it is shown in one."""
    assert from_us(to_us(datetime(2026, 7, 1, 12, tzinfo=OSLO_SUMMER))).tzinfo is UTC


@given(some.datetimes(timezones=some.just(UTC)))
def test_no_microsecond_is_lost_on_the_way(at: datetime) -> None:
    """Any moment a datetime can name survives the way there and back."""
    assert from_us(to_us(at)) == at


zones = some.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(some.datetimes(timezones=zones), some.datetimes(timezones=zones))
def test_times_sort_as_their_numbers_do(one: datetime, other: datetime) -> None:
    """Integer order is the order of the moments, across zones."""
    assert (to_us(one) < to_us(other)) is (one < other)


INTS, FLOATS = np.zeros(3, dtype=np.int64), np.zeros(3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"datastream": INTS[:2]},
        {"time_us": INTS[:0]},
        {"result": np.zeros(4)},
        {"datastream": INTS.astype(np.int32)},
        {"time_us": FLOATS},
        {"result": FLOATS.astype(np.float32)},
        {"result": INTS},
        {"time_us": INTS.astype("datetime64[us]")},
        {"datastream": INTS.astype(np.uint64)},
    ],
)
def test_columns_that_do_not_fit_together_are_refused(wrong: dict[str, Any]) -> None:
    """A shorter column or another type is a bug that would show only much later as a wrong number."""
    columns = {"datastream": INTS, "time_us": INTS, "result": FLOATS}
    assert len(Batch(**columns)) == 3
    with pytest.raises(Malformed, match="columns differ"):
        Batch(**{**columns, **wrong})


def test_columns_with_two_axes_are_refused() -> None:
    """Equal shapes are not enough: a table of readings is no column of them."""
    square = np.zeros((2, 2), dtype=np.int64)
    with pytest.raises(Malformed):
        Batch(datastream=square, time_us=square, result=square.astype(np.float64))


def test_a_batch_is_made_of_anything_like_a_list() -> None:
    """Types are converted, values are kept."""
    batch = batch_of([1, 2], (10, 20), np.array([1, 2], dtype=np.float32))
    assert columns_of(batch) == [(1, 10, 1.0), (2, 20, 2.0)]


def test_lists_of_unequal_length_make_no_batch() -> None:
    """A reading without a time is none."""
    with pytest.raises(Malformed):
        batch_of([1, 2], [10], [1.0, 2.0])


def test_rows_are_taken_by_number_and_by_mask() -> None:
    """By number in the order asked, by mask in the order there."""
    batch = batch_of([1, 2, 3], [10, 20, 30], [0.1, 0.2, 0.3])
    assert columns_of(batch.take(np.array([2, 0]))) == [(3, 30, 0.3), (1, 10, 0.1)]
    assert columns_of(batch.take(np.array([True, False, True]))) == [(1, 10, 0.1), (3, 30, 0.3)]


def test_taking_does_not_share_memory() -> None:
    """Who changes a copy does not change what it was taken from."""
    batch = batch_of([1, 2], [10, 20], [0.1, 0.2])
    batch.take(np.array([True, True])).result[0] = 9.0
    assert batch.result[0] == 0.1


def test_nothing_joined_is_an_empty_batch() -> None:
    """A quiet moment is no special case."""
    assert len(empty_batch()) == len(concatenate([])) == len(concatenate([empty_batch(), empty_batch()])) == 0


@given(some.lists(readings, max_size=5))
@settings(max_examples=30)
def test_joining_keeps_every_row_in_order(parts: list[list[tuple[int, int, float]]]) -> None:
    """Batches joined are the rows of one after the rows of the other."""
    joined = concatenate([rows_of(part) for part in parts])
    assert columns_of(joined) == [row for part in parts for row in part]


@given(readings, some.data())
@settings(max_examples=30)
def test_a_batch_cut_anywhere_joins_to_itself(rows: list[tuple[int, int, float]], drawn: some.DataObject) -> None:
    """Cutting and joining lose nothing."""
    batch, cut = rows_of(rows), drawn.draw(some.integers(0, len(rows)))
    first, rest = batch.take(np.arange(cut)), batch.take(np.arange(cut, len(rows)))
    assert columns_of(concatenate([first, rest])) == rows


def datastream(number: int) -> Datastream:
    """Return a datastream of that number."""
    return Datastream(
        id=DatastreamId(number),
        key=DatastreamKey(f"square/c{number}/people"),
        source=SourceId("square"),
        thing=ThingKey(f"square/c{number}"),
        thing_name=f"C{number}",
        observed_property="people",
        unit="{count}",
    )


def test_a_catalogue_finds_datastreams_by_their_stable_name() -> None:
    """Numbers differ between installations, names do not."""
    catalogue = Catalogue(version=1, datastreams={DatastreamId(number): datastream(number) for number in (3, 9)})
    assert catalogue.by_key()[DatastreamKey("square/c9/people")].id == 9
    assert len(catalogue.by_key()) == 2


@pytest.mark.parametrize(("numbers", "highest"), [((), 0), ((1,), 1), ((7, 3, 5), 7)])
def test_the_highest_id_says_how_long_columns_of_state_must_be(numbers: tuple[int, ...], highest: int) -> None:
    """Without datastreams there is row 0, which is nobody's."""
    catalogue = Catalogue(datastreams={DatastreamId(number): datastream(number) for number in numbers})
    assert catalogue.highest_id() == highest


def test_what_is_not_said_of_a_datastream_has_a_stated_default() -> None:
    """A minute's cadence, kept as observations, no freshness of its own, and not simulated."""
    made = datastream(1)
    assert (made.cadence_s, made.retention, made.freshness_s, made.simulated) == (60.0, "observations", 0.0, False)
    assert made.lowest < -1e17 < 1e17 < made.highest
