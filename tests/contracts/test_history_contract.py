"""What every adapter of the port `History` promises."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impetus.adapters.parquet_history import ParquetHistory
from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import Batch, batch_of, concatenate, empty_batch, to_us
from impetus.ports import History
from impetus.testing.history import MemoryHistory

AT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
AT_US = to_us(AT)
DAY = timedelta(days=1)
FOREVER = (datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture(params=["parquet", "memory"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> History:
    """Give each adapter in turn."""
    return MemoryHistory() if request.param == "memory" else ParquetHistory(tmp_path / "history")


def readings(*rows: tuple[int, float, float]) -> Batch:
    """Build a batch of `(datastream, seconds after AT, result)`."""
    return batch_of([row[0] for row in rows], [AT_US + int(row[1] * 1e6) for row in rows], [row[2] for row in rows])


def rows_of(batch: Batch) -> list[tuple[int, float, float]]:
    """Return a batch as `(datastream, seconds after AT, result)`."""
    seconds = ((batch.time_us - AT_US) / 1e6).tolist()
    return list(zip(batch.datastream.tolist(), seconds, batch.result.tolist(), strict=True))


def streams(*numbers: int) -> list[DatastreamId]:
    """Return datastream ids."""
    return [DatastreamId(number) for number in numbers]


def everything(history: History, *numbers: int) -> list[tuple[int, float, float]]:
    """Read all of some datastreams."""
    return rows_of(history.read(streams(*numbers), *FOREVER))


def test_an_empty_history_says_so(history: History) -> None:
    """Nothing was taken in, so nothing is there."""
    assert (history.through(), history.flush(), len(history.latest()), list(history.days())) == (0, 0, 0, [])
    assert everything(history, 1) == []


def test_flushed_readings_are_read_by_datastream_then_time(history: History) -> None:
    """Order of arrival does not matter, across flushes and classes and midnight."""
    history.append(readings((2, 90, 1.0), (1, 5, 2.0)), "observations", through=Offset(1))
    history.flush()
    history.append(readings((1, 1, 3.0)), "observations", through=Offset(2))
    history.append(readings((2, 3, 4.0), (3, 3, 9.0)), "short", through=Offset(3))
    history.flush()

    assert everything(history, 2, 1) == [(1, 1, 3.0), (1, 5, 2.0), (2, 3, 4.0), (2, 90, 1.0)]


def test_readings_show_only_after_a_flush(history: History) -> None:
    """What is not durable is not history, but it is the latest."""
    history.append(readings((1, 0, 1.0)), "observations", through=Offset(4))

    assert everything(history, 1) == []
    assert history.through() == 0
    assert rows_of(history.latest()) == [(1, 0, 1.0)]


def test_a_flush_tells_how_far_history_reaches(history: History) -> None:
    """The offset given with the last readings is durable with them, readings or none."""
    history.append(readings((1, 0, 1.0)), "observations", through=Offset(4))
    assert history.flush() == history.through() == 4

    history.append(empty_batch(), "observations", through=Offset(9))
    assert history.flush() == history.through() == 9


def test_the_span_includes_its_start_and_not_its_end(history: History) -> None:
    """`since <= time < until`, to the microsecond."""
    history.append(readings(*[(1, second, float(second)) for second in range(5)]), "observations", through=Offset(1))
    history.flush()

    span = (AT + timedelta(seconds=1), AT + timedelta(seconds=3))
    assert [row[1] for row in rows_of(history.read(streams(1), *span))] == [1, 2]
    assert [row[1] for row in rows_of(history.read(streams(1), AT + timedelta(microseconds=1), span[1]))] == [1, 2]


def test_a_limit_keeps_the_newest(history: History) -> None:
    """Too many readings lose the oldest, over all datastreams asked for and over days."""
    for flush in range(4):
        rows = [(1 + minute % 2, flush * 40_000 + minute * 60, float(minute)) for minute in range(50)]
        history.append(readings(*rows), "observations", through=Offset(flush + 1))
        history.flush()

    found = rows_of(history.read(streams(1, 2), *FOREVER, limit=60))

    assert len(found) == 60
    assert min(row[1] for row in found) == 2 * 40_000 + 40 * 60
    assert found == sorted(found)


def test_nan_and_infinity_survive(history: History) -> None:
    """A sensor that had no value is kept as having had none."""
    history.append(readings((1, 0, math.nan), (1, 1, math.inf)), "observations", through=Offset(1))
    history.flush()

    results = [row[2] for row in everything(history, 1)]
    assert math.isnan(results[0])
    assert results[1] == math.inf


def test_the_latest_is_the_newest_not_the_last(history: History) -> None:
    """A late reading does not replace a newer one; of two at one time the later to arrive counts."""
    history.append(readings((7, 10, 1.0), (2, 1, 2.0), (7, 30, 3.0), (7, 20, 4.0)), "observations", through=Offset(1))
    history.append(readings((2, 1, 5.0), (7, 5, 6.0)), "observations", through=Offset(2))

    assert rows_of(history.latest()) == [(2, 1, 5.0), (7, 30, 3.0)]


def test_the_latest_goes_with_its_day(history: History) -> None:
    """The newest value is a reading like any other: it stays while its day is kept, and goes with it."""
    history.append(readings((1, 0, 1.0), (2, 9 * 86_400, 2.0)), "observations", through=Offset(1))
    history.flush()
    history.sweep({"observations": AT})
    assert rows_of(history.latest()) == [(1, 0, 1.0), (2, 9 * 86_400, 2.0)]
    history.sweep({"observations": AT + 5 * DAY})

    assert rows_of(history.latest()) == [(2, 9 * 86_400, 2.0)]


def test_a_sweep_erases_whole_days_of_a_class_and_counts_them(history: History) -> None:
    """Only days that ended before the horizon go, only of the classes named."""
    for retention, datastream in (("observations", 1), ("short", 2)):
        rows = [(datastream, day * 86_400.0, float(day)) for day in range(4)]
        history.append(readings(*rows, (datastream, 5.0, 9.0)), retention, through=Offset(datastream))
    history.flush()

    swept = history.sweep({"short": AT + 2 * DAY})

    assert (swept.partitions, swept.rows) == (2, 3)
    assert swept.bytes_ > 0
    assert [row[1] for row in everything(history, 2)] == [2 * 86_400, 3 * 86_400]
    assert len(everything(history, 1)) == 5
    assert history.sweep({"short": AT + 2 * DAY}).partitions == 0


def test_a_day_that_ends_at_the_horizon_is_erased_and_one_that_lasts_is_not(history: History) -> None:
    """The boundary is midnight UTC."""
    midnight = AT + timedelta(minutes=1)
    history.append(readings((1, 0, 1.0), (1, 60, 2.0)), "observations", through=Offset(1))
    history.flush()

    history.sweep({"observations": midnight - timedelta(microseconds=1)})
    assert len(everything(history, 1)) == 2
    history.sweep({"observations": midnight})
    assert everything(history, 1) == [(1, 60, 2.0)]


def test_days_are_listed_oldest_first_with_their_size(history: History) -> None:
    """What is kept can be shown to whoever asks what is kept."""
    history.append(readings((1, 86_400, 1.0), (1, 0, 1.0)), "observations", through=Offset(1))
    history.append(readings((1, 0, 1.0)), "short", through=Offset(1))
    history.flush()

    days = history.days()

    assert [(retention, day) for retention, day, _ in days] == [
        ("observations", "2026-03-01"), ("short", "2026-03-01"), ("observations", "2026-03-02"),
    ]  # fmt: skip
    assert all(size > 0 for _, _, size in days)


ROWS = st.lists(st.tuples(st.integers(1, 5), st.integers(-200_000, 200_000), st.floats(allow_nan=False)), max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flushes=st.lists(ROWS, max_size=5), asked=st.lists(st.integers(1, 6), unique=True), limit=st.integers(1, 60))
def test_both_adapters_answer_alike(
    tmp_path_factory: pytest.TempPathFactory,
    flushes: list[list[tuple[int, float, float]]],
    asked: list[int],
    limit: int,
) -> None:
    """Whatever was taken in, the disk answers as plain lists do, up to which of equal times are cut by the limit."""
    both: tuple[History, History] = ParquetHistory(tmp_path_factory.mktemp("history")), MemoryHistory()
    for offset, rows in enumerate(flushes, 1):
        for history in both:
            history.append(readings(*rows), "observations", through=Offset(offset))
            history.flush()

    for since, until, most in ((*FOREVER, 10_000), (AT - DAY, AT + timedelta(hours=5), 10_000), (*FOREVER, limit)):
        disk, memory = (history.read(streams(*asked), since, until, limit=most) for history in both)
        assert sorted(disk.time_us.tolist()) == sorted(memory.time_us.tolist())
        if most > limit:
            assert sorted(rows_of(disk)) == sorted(rows_of(memory))
            assert concatenate([disk]).datastream.tolist() == memory.datastream.tolist()
    np.testing.assert_array_equal(both[0].latest().result, both[1].latest().result)
