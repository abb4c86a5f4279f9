"""The parts of the Parquet history by themselves: names, which files count, columns, and the newest readings."""

import math
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from full_disk import full_disk
from impetus.adapters.parquet.columns import GROUP_ROWS, in_order, read_part, read_rows, write_part
from impetus.adapters.parquet.files import (
    DAY,
    US_PER_DAY,
    Part,
    Partition,
    all_parts,
    day_name,
    live_parts,
    part_name,
    partitions,
)
from impetus.adapters.parquet.latest import LEAST_ROWS, Latest, read_latest
from impetus.adapters.parquet.merge import FAN_IN, due, merge_once, remove_replaced
from impetus.core.errors import NotNow
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, batch_of, to_us

AT_US = to_us(datetime(2026, 3, 1, 12, tzinfo=UTC))
EVERY_FOLDER = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
READINGS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50), st.floats(width=32)), min_size=1, max_size=60)


def readings(rows: list[tuple[int, int, float]]) -> Batch:
    """Build a batch of `(datastream, seconds, result)`."""
    return batch_of([row[0] for row in rows], [AT_US + row[1] * 1_000_000 for row in rows], [row[2] for row in rows])


def part(first: int, last: int, rows: int = 10, level: int = 0) -> Part:
    """Return a file of these flushes, only by name."""
    name = part_name((first, last), rows, (first, last), level)
    return Part(path=Path(name), first=first, last=last, rows=rows, oldest_us=first, newest_us=last, level=level)


@given(day=st.integers(-800_000, 2_900_000))
def test_a_day_has_a_name_that_leads_back_to_it(day: int) -> None:
    """Before 1970, after 9999: a name of letters a folder can have, in the order of days."""
    name = day_name(day)
    partition = Partition(retention="observations", day=name, path=Path(name))
    assert DAY.fullmatch(name)
    assert (partition.start_us, partition.end_us) == (day * US_PER_DAY, (day + 1) * US_PER_DAY)


@EVERY_FOLDER
@given(rows=READINGS, first=st.integers(0, 10**12 - 1), level=st.integers(0, 9))
def test_a_files_name_says_what_is_in_it(
    tmp_path: Path, rows: list[tuple[int, int, float]], first: int, level: int
) -> None:
    """Flushes, rows, the oldest and the newest: nobody opens it to know."""
    batch = in_order(readings(rows))
    path = write_part(tmp_path, batch, (first, first), level)
    (found,) = all_parts(tmp_path)
    assert (found.path, found.first, found.last, found.rows, found.level) == (path, first, first, len(batch), level)
    assert (found.oldest_us, found.newest_us) == (int(batch.time_us.min()), int(batch.time_us.max()))
    back = read_part(found)
    assert back.result.tobytes() == batch.result.tobytes()
    assert np.array_equal(back.time_us, batch.time_us)
    path.unlink()


def test_names_that_are_none_of_ours_are_passed_over(tmp_path: Path) -> None:
    """What somebody else put there is neither read nor counted, and days are listed oldest first."""
    for folder in ("observations/2026-03-02", "observations/2026-03-01", "short/2026-03-01", "Other/2026-03-01", "x/y"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "observations/2026-03-01/notes.txt").write_text("x")
    (tmp_path / "observations/2026-03-01/1_2_3.parquet").write_text("x")
    (tmp_path / "state.json").write_text("{}")
    found = [(one.retention, one.day) for one in partitions(tmp_path)]
    assert found == [("observations", "2026-03-01"), ("short", "2026-03-01"), ("observations", "2026-03-02")]
    assert all_parts(tmp_path / "observations/2026-03-01") == []


def test_a_folder_that_went_meanwhile_is_an_empty_one(tmp_path: Path) -> None:
    """A sweep runs beside readers: what it took is simply not there."""
    assert all_parts(tmp_path / "gone") == []
    assert partitions(tmp_path / "gone") == []
    assert live_parts(tmp_path / "gone", 99) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(2, 9), min_size=1, max_size=8), kept=st.lists(st.booleans(), min_size=8, max_size=8))
def test_every_flush_counts_once_whatever_was_merged_and_not_removed(
    tmp_path: Path, cuts: list[int], kept: list[bool]
) -> None:
    """Merged files beside those they were made from: the live ones cover each flush exactly once."""
    for path in tmp_path.glob("*.parquet"):
        path.unlink()
    start, last = 1, sum(cuts)
    for length, keep in zip(cuts, kept, strict=False):
        (tmp_path / part_name((start, start + length - 1), 1, (0, 0), 1)).touch()
        for flush in range(start, start + length):
            if keep:
                (tmp_path / part_name((flush, flush), 1, (0, 0), 0)).touch()
        start += length
    covered = [flush for one in live_parts(tmp_path, last) for flush in range(one.first, one.last + 1)]
    assert covered == list(range(1, last + 1))
    remove_replaced(tmp_path, last)
    assert len(list(tmp_path.iterdir())) == len(live_parts(tmp_path, last)) == len(cuts)


def test_what_was_never_committed_does_not_count_and_goes(tmp_path: Path) -> None:
    """A flush beyond the state's is half a truth: not read, removed at the next start."""
    for flush in (1, 2, 3):
        (tmp_path / part_name((flush, flush), 1, (0, 0), 0)).touch()
    assert [one.first for one in live_parts(tmp_path, 2)] == [1, 2]
    remove_replaced(tmp_path, 2)
    assert [one.first for one in all_parts(tmp_path)] == [1, 2]


@given(count=st.integers(0, 3 * FAN_IN))
def test_sixteen_neighbours_of_a_level_are_merged_and_fewer_are_not(count: int) -> None:
    """So that at most fifteen of each level stay."""
    group = due([part(number, number) for number in range(count)])
    assert [one.first for one in group] == (list(range(FAN_IN)) if count >= FAN_IN else [])


def test_a_merge_keeps_every_reading_in_order(tmp_path: Path) -> None:
    """Sixteen files become one of the next level, sorted, and the sixteen are gone."""
    rng = np.random.default_rng(7)
    batches = [readings([(int(n), int(s), float(s)) for n, s in rng.integers(1, 9, (20, 2))]) for _ in range(FAN_IN)]
    for number, batch in enumerate(batches, 1):
        write_part(tmp_path, in_order(batch), (number, number), 0)
    assert merge_once(tmp_path, FAN_IN)
    (merged,) = all_parts(tmp_path)
    found = read_part(merged)
    assert (merged.first, merged.last, merged.rows, merged.level) == (1, FAN_IN, 20 * FAN_IN, 1)
    assert sorted(found.result.tolist()) == sorted(value for batch in batches for value in batch.result.tolist())
    order = list(zip(found.datastream.tolist(), found.time_us.tolist(), strict=True))
    assert order == sorted(order)


def test_of_equal_readings_the_order_stays() -> None:
    """Sorting by datastream and time moves no two readings of the same moment past each other."""
    batch = in_order(readings([(2, 0, 1.0), (1, 5, 2.0), (2, 0, 3.0), (1, 5, 4.0), (1, 0, 5.0)]))
    assert batch.result.tolist() == [5.0, 2.0, 4.0, 1.0, 3.0]


@EVERY_FOLDER
@given(
    rows=READINGS, wanted=st.sets(st.integers(0, 6), min_size=1), span=st.tuples(st.integers(0, 50), st.integers(0, 50))
)
def test_rows_of_some_datastreams_and_times_are_what_a_filter_gives(
    tmp_path: Path, rows: list[tuple[int, int, float]], wanted: set[int], span: tuple[int, int]
) -> None:
    """The start counts, the end does not; asked for one datastream or for many, known or not."""
    batch = in_order(readings(rows))
    path = write_part(tmp_path, batch, (1, 1), 0)
    since, until = AT_US + min(span) * 1_000_000, AT_US + max(span) * 1_000_000
    found = read_rows(all_parts(tmp_path)[0], [DatastreamId(one) for one in wanted], since, until)
    mask = np.isin(batch.datastream, sorted(wanted)) & (batch.time_us >= since) & (batch.time_us < until)
    assert found.result.tobytes() == batch.result[mask].tobytes()
    assert np.array_equal(found.datastream, batch.datastream[mask])
    path.unlink()


def test_groups_that_cannot_have_it_are_not_opened(tmp_path: Path) -> None:
    """A file of two groups: asked for a datastream of the second, damage in the first is not met."""
    rows = GROUP_ROWS
    batch = batch_of(
        np.repeat([1, 2], rows), np.tile(np.arange(rows) + AT_US, 2), np.random.default_rng(1).random(2 * rows)
    )
    path = write_part(tmp_path, batch, (1, 1), 0)
    first = pq.ParquetFile(path).metadata.row_group(0).column(2)
    content = bytearray(path.read_bytes())
    content[first.data_page_offset : first.data_page_offset + 100] = b"\xff" * 100
    path.write_bytes(content)
    (damaged,) = all_parts(tmp_path)
    assert len(read_rows(damaged, [DatastreamId(2)], AT_US, AT_US + rows)) == rows
    assert len(read_rows(damaged, [DatastreamId(9)], AT_US, AT_US + rows)) == 0
    with pytest.raises(OSError, match="header"):
        read_rows(damaged, [DatastreamId(1)], AT_US, AT_US + rows)


def test_without_room_a_part_leaves_nothing(tmp_path: Path) -> None:
    """No file under its name, none under another."""
    with pytest.raises(NotNow), full_disk(room_bytes=100):
        write_part(tmp_path, readings([(1, second, second / 7) for second in range(2_000)]), (1, 1), 0)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(READINGS, max_size=5))
def test_the_latest_is_the_newest_and_of_equals_the_last(
    tmp_path: Path, batches: list[list[tuple[int, int, float]]]
) -> None:
    """Compared with a plain loop, however readings are split into batches and whatever their order."""
    for name in ("latest", "latest.saved"):
        (tmp_path / name).unlink(missing_ok=True)
    latest, expected = Latest(tmp_path), dict[int, tuple[int, float]]()
    for rows in batches:
        latest.take_in(readings(rows))
        for number, second, result in rows:
            if number not in expected or expected[number][0] <= second:
                expected[number] = (second, result)
    found = read_latest(tmp_path)
    assert found.datastream.tolist() == sorted(expected)
    for number, result in zip(found.datastream.tolist(), found.result.tolist(), strict=True):
        kept = expected[number][1]
        assert result == kept or (math.isnan(result) and math.isnan(kept))


def test_readers_never_see_half_of_a_change(tmp_path: Path) -> None:
    """While a writer changes every datastream at once, a reader sees all of one moment: the count goes before and after."""
    latest = Latest(tmp_path)
    ids, done = np.arange(1, 200), threading.Event()
    latest.take_in(batch_of(ids, np.full(199, AT_US), np.zeros(199)))

    def change() -> None:
        for number in range(1, 300):
            latest.take_in(batch_of(ids, np.full(199, AT_US + number), np.full(199, float(number))))
        done.set()

    writer = threading.Thread(target=change)
    writer.start()
    seen = []
    while not done.is_set():
        found = read_latest(tmp_path)
        assert len(set(found.result.tolist())) == 1
        assert len(set(found.time_us.tolist())) == 1
        seen.append(found.result[0])
    writer.join()
    assert seen == sorted(seen)


def test_a_reader_follows_when_the_columns_grow(tmp_path: Path) -> None:
    """A new file takes the old one's name: each look opens what is there now."""
    latest = Latest(tmp_path)
    latest.take_in(batch_of([1], [AT_US], [1.0]))
    for highest in (LEAST_ROWS + 1, 5 * LEAST_ROWS, 40 * LEAST_ROWS):
        latest.take_in(batch_of([highest], [AT_US], [float(highest)]))
        assert read_latest(tmp_path).datastream.tolist()[-1] == highest
        assert read_latest(tmp_path).result.tolist()[0] == 1.0


def test_what_was_saved_is_there_after_a_start(tmp_path: Path) -> None:
    """NaN too: the sensor said that it had no value, and that was the latest it said."""
    latest = Latest(tmp_path)
    latest.take_in(batch_of([3, 7], [AT_US, AT_US + 1], [math.nan, 2.0]))
    latest.save()
    latest.take_in(batch_of([9], [AT_US], [1.0]))
    again = Latest(tmp_path).all()
    assert again.datastream.tolist() == [3, 7]
    assert math.isnan(again.result[0])


def test_no_room_for_the_columns_is_not_now(tmp_path: Path) -> None:
    """Room is taken before it is used: a full disk is an answer, not a killed process."""
    with pytest.raises(NotNow), full_disk():
        Latest(tmp_path)
    latest = Latest(tmp_path)
    latest.take_in(batch_of([1], [AT_US], [1.0]))
    with pytest.raises(NotNow), full_disk():
        latest.take_in(batch_of([90_000], [AT_US], [1.0]))
    assert latest.all().datastream.tolist() == [1]
