"""The Parquet history under what happens to processes and disks."""

import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from full_disk import full_disk
from impetus.adapters.parquet import merge
from impetus.adapters.parquet.files import all_parts, live_parts, partitions
from impetus.adapters.parquet.latest import ABSENT, MOST_ROWS, Latest, read_latest
from impetus.adapters.parquet.merge import FAN_IN, due, merge_once
from impetus.adapters.parquet_history import BUFFER_ROWS, ParquetHistory
from impetus.core.errors import Malformed, NotNow, OurFault
from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import batch_of, empty_batch, from_us, to_us

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_US = to_us(AT)
FOREVER = (datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
ONE = [DatastreamId(1)]
KEEPER = """
import sys
from pathlib import Path
import numpy as np
from impetus.adapters.parquet_history import ParquetHistory
from impetus.core.observation import batch_of
history = ParquetHistory(Path(sys.argv[1]))
offset = history.through()
while True:
    for _ in range(5):
        offset += 1
        times = 1_772_323_200_000_000 + offset * 40_000_000_000 + np.arange(20)
        history.append(batch_of(np.ones(20), times, np.full(20, offset)), "observations", through=offset)
    print(history.flush(), flush=True)
"""


def kept(history: ParquetHistory) -> list[float]:
    """Return every reading of the first datastream."""
    return history.read(ONE, *FOREVER, limit=1_000_000).result.tolist()


def take_in(history: ParquetHistory, offset: int, rows: int = 3, second: int | None = None) -> None:
    """Take in some readings whose result is the offset they came with."""
    times = AT_US + (offset if second is None else second) * 1_000_000 + np.arange(rows)
    history.append(batch_of(np.ones(rows), times, np.full(rows, offset)), "observations", through=Offset(offset))


@pytest.mark.parametrize(
    ("seed", "lives"), [(0, 2), *(pytest.param(seed, 12, marks=pytest.mark.slow) for seed in (1, 2, 3))]
)
def test_a_killed_keeper_keeps_every_reading_once(tmp_path: Path, seed: int, lives: int) -> None:
    """Killed at random moments of writing and merging: what was flushed is there, each reading once."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable moment, no secret
    flushed = 0
    for _ in range(lives):
        with subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as keeper:
            assert keeper.stdout is not None
            for _ in range(rng.randrange(1, 15)):
                flushed = int(keeper.stdout.readline())
            select_some_moment(rng)
            keeper.send_signal(signal.SIGKILL)

    history = ParquetHistory(tmp_path)
    through = history.through()

    assert through >= flushed > 0
    assert sorted(kept(history)) == [float(offset) for offset in range(1, through + 1) for _ in range(20)]


def select_some_moment(rng: random.Random) -> None:
    """Let a random number of microseconds of work pass, so that the kill lands anywhere in a flush."""
    sum(range(rng.randrange(1, 400_000)))


def test_files_of_a_flush_that_never_was_committed_do_not_count(tmp_path: Path) -> None:
    """Without the state's word a file is not history; the next start removes it."""
    history = ParquetHistory(tmp_path)
    take_in(history, 1)
    history.flush()
    state = (tmp_path / "state.json").read_bytes()
    take_in(history, 2)
    history.flush()
    (tmp_path / "state.json").write_bytes(state)

    again = ParquetHistory(tmp_path)
    assert (again.through(), kept(again)) == (1, [1.0] * 3)
    take_in(again, 2)
    again.flush()
    assert kept(again) == [1.0] * 3 + [2.0] * 3
    assert len(list(tmp_path.rglob("*.parquet"))) == 2


def test_half_written_files_are_removed_at_the_next_start(tmp_path: Path) -> None:
    """A temporary file of a dead keeper goes when another begins to append."""
    history = ParquetHistory(tmp_path)
    take_in(history, 1)
    history.flush()
    half = tmp_path / "observations" / "2026-03-01" / "x.new"
    half.write_bytes(b"half")

    take_in(ParquetHistory(tmp_path), 2)

    assert not half.exists()


@pytest.mark.parametrize("flushes", [70, pytest.param(600, marks=pytest.mark.slow)])
def test_the_number_of_files_of_a_day_stays_small(tmp_path: Path, flushes: int) -> None:
    """However many flushes, they leave a handful of files, and every reading once."""
    history = ParquetHistory(tmp_path)
    for offset in range(1, flushes + 1):
        take_in(history, offset, second=offset % 7)
        history.flush()

    assert len(list(tmp_path.rglob("*.parquet"))) < 3 * FAN_IN
    assert sorted(kept(history)) == [float(offset) for offset in range(1, flushes + 1) for _ in range(3)]


def test_a_merge_that_died_before_removing_doubles_nothing(tmp_path: Path) -> None:
    """When the merged file and those it was made from are both there, only the merged one counts, then alone remains."""
    history = ParquetHistory(tmp_path)
    for offset in range(1, FAN_IN):
        take_in(history, offset)
        history.flush()
    (partition,) = partitions(tmp_path)
    before = {part.path: part.path.read_bytes() for part in all_parts(partition.path)}
    take_in(history, FAN_IN)
    history.flush()
    for path, content in before.items():
        path.write_bytes(content)

    again = ParquetHistory(tmp_path)
    assert len(kept(again)) == 3 * FAN_IN
    take_in(again, FAN_IN + 1)
    assert len(all_parts(partition.path)) == 1


def test_full_files_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is full is not rewritten, and its small neighbours are not merged across it."""
    monkeypatch.setattr(merge, "FULL_ROWS", 20)
    history = ParquetHistory(tmp_path)
    for offset, rows in enumerate([3, 3, 15, 3, 3, 8, 8, 8], 1):
        take_in(history, offset, rows)
        history.flush()
    (partition,) = partitions(tmp_path)

    parts = live_parts(partition.path, 8)

    assert [(part.first, part.last) for part in parts] == [(1, 1), (2, 2), (3, 3), (4, 6), (7, 7), (8, 8)]
    assert len(kept(history)) == 51


def test_nothing_is_due_in_an_empty_partition(tmp_path: Path) -> None:
    """Merging nothing does nothing."""
    assert due([]) == ()
    assert not merge_once(tmp_path, 5)


def test_a_full_disk_keeps_readings_waiting_and_recovers(tmp_path: Path) -> None:
    """A flush without room says so, loses nothing and doubles nothing, and works when there is room again."""
    history = ParquetHistory(tmp_path)
    take_in(history, 1)
    history.flush()
    for room_bytes in (0, 40, 3000):
        noise = np.random.default_rng(1).random(5000)
        history.append(
            batch_of(np.ones(5000), AT_US + noise * 1e9, noise), "observations", through=Offset(2 + room_bytes)
        )
        with pytest.raises(NotNow), full_disk(room_bytes=room_bytes):
            history.flush()
        assert (history.through(), len(kept(history))) == (1, 3)

    assert history.flush() == 3002
    assert len(kept(history)) == 15_003
    assert len(list(tmp_path.rglob("*.new"))) == 0


def test_readings_that_cannot_be_flushed_are_bounded(tmp_path: Path) -> None:
    """Beyond the bound nothing more is taken in: the bus keeps it."""
    history = ParquetHistory(tmp_path)
    half = BUFFER_ROWS // 2
    for _ in range(2):
        take_in(history, 1, rows=half)

    with pytest.raises(NotNow):
        take_in(history, 1, rows=1)


def test_another_process_reads_what_was_flushed_and_the_latest(tmp_path: Path) -> None:
    """A reader that only reads follows the keeper, also when the number of datastreams grows."""
    keeper, reader = ParquetHistory(tmp_path), ParquetHistory(tmp_path)
    assert len(reader.latest()) == 0
    keeper.append(batch_of([1, 5000], [AT_US, AT_US], [1.0, 2.0]), "observations", through=Offset(1))
    assert reader.latest().datastream.tolist() == [1, 5000]
    keeper.append(batch_of([1, 90_000], [AT_US + 1, AT_US], [3.0, 4.0]), "observations", through=Offset(2))
    keeper.flush()

    assert reader.latest().result.tolist() == [3.0, 2.0, 4.0]
    assert (reader.through(), kept(reader)) == (2, [1.0, 3.0])


def test_the_latest_is_right_after_a_restart(tmp_path: Path) -> None:
    """What was saved at the last flush, and what is taken in again since."""
    history = ParquetHistory(tmp_path)
    take_in(history, 5)
    history.flush()
    take_in(history, 6)

    again = ParquetHistory(tmp_path)
    take_in(again, 4)

    assert again.latest().result.tolist() == [5.0]


def test_what_cannot_be_a_datastream_is_not_kept_as_latest(tmp_path: Path) -> None:
    """Ids out of range and the time that means "absent" are passed over."""
    latest = Latest(tmp_path)
    latest.take_in(batch_of([-1, 0, MOST_ROWS, 3, 4], [1, 1, 1, ABSENT, 1], [1.0, 1.0, 1.0, 1.0, 2.0]))

    assert latest.all().datastream.tolist() == [4]


@pytest.mark.parametrize("content", [b"", b"noise", b"\x93NUMPY\x01\x00", bytes(200)])
def test_damaged_latest_files_show_nothing_rather_than_fail(tmp_path: Path, content: bytes) -> None:
    """Display fails open."""
    (tmp_path / "latest.saved").write_bytes(content)

    assert len(Latest(tmp_path).all()) == 0
    assert len(read_latest(tmp_path / "absent")) == 0


def test_a_writer_that_died_in_the_middle_does_not_stop_readers(tmp_path: Path) -> None:
    """An odd count means "being written"; a reader does not wait for ever."""
    latest = Latest(tmp_path)
    latest.take_in(batch_of([1], [1], [1.0]))
    latest._words[0] += 1

    assert read_latest(tmp_path).result.tolist() == [1.0]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"flush": "x", "through": 1}', b"[]"])
def test_a_damaged_state_stops_history_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    """Guessing would double or lose readings."""
    (tmp_path / "state.json").write_bytes(content)

    with pytest.raises(OurFault, match="cannot be read"):
        ParquetHistory(tmp_path).through()


@pytest.mark.parametrize("retention", ["", "..", "a/b", "A"])
def test_a_class_that_could_leave_the_directory_is_refused(tmp_path: Path, retention: str) -> None:
    """Classes are plain words."""
    with pytest.raises(Malformed):
        ParquetHistory(tmp_path).append(empty_batch(), retention, through=Offset(1))


def test_times_beyond_any_calendar_are_kept_and_swept(tmp_path: Path) -> None:
    """The furthest times a column can hold have a day, too."""
    history = ParquetHistory(tmp_path)
    history.append(batch_of([1, 1], [-(2**63) + 1, 2**63 - 1], [1.0, 2.0]), "observations", through=Offset(1))
    history.flush()

    assert len(history.days()) == 2
    assert history.sweep({"observations": AT}).rows == 1


def test_a_read_looks_only_where_it_must(tmp_path: Path) -> None:
    """Days and files outside the span are not opened: they may even be unreadable."""
    history = ParquetHistory(tmp_path)
    for offset, second in ((1, 0), (2, 3600), (3, 86_400)):
        take_in(history, offset, second=second)
        history.flush()
    for part in tmp_path.rglob("*.parquet"):
        if f"_{AT_US + 3_600_000_000}_" not in part.name:
            os.truncate(part, 10)

    span = (AT + timedelta(minutes=30), AT + timedelta(minutes=90))
    assert history.read(ONE, *span).result.tolist() == [2.0] * 3


def test_reading_goes_back_until_there_is_enough(tmp_path: Path) -> None:
    """With a limit, older files are not opened once there is enough."""
    history = ParquetHistory(tmp_path)
    for offset in range(1, 6):
        take_in(history, offset, rows=100, second=offset * 86_400)
        history.flush()
    oldest = min(tmp_path.rglob("*.parquet"), key=lambda path: path.parent.name)
    os.truncate(oldest, 10)

    found = history.read(ONE, from_us(0), FOREVER[1], limit=150)

    assert found.result.tolist() == [4.0] * 50 + [5.0] * 100
