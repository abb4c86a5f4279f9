"""Standings in files: what a kill, another version or a stranger's file leave behind is passed over, and reading goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impetus.adapters.standing_files import FORECAST, MERGE_AT, NEWEST, PAST, StandingFiles
from impetus.core.errors import Malformed
from impetus.core.ids import ToolId
from impetus.core.observation import to_us
from impetus.core.standing import StandingPast, past_of, unknown_standing

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
UAD = ToolId("urban_anomaly")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
IDS = np.array([1, 2])


def moment(at: datetime) -> StandingPast:
    """Return two datastreams at a moment."""
    return past_of(unknown_standing(IDS, at_us=0), to_us(at))


def written(files: StandingFiles, count: int) -> list[datetime]:
    """Write so many moments, a minute apart."""
    moments = [AT + number * MINUTE for number in range(count)]
    for at in moments:
        files.append(UAD, moment(at))
    return moments


def read(files: StandingFiles) -> list[int]:
    """Return the moments there are of the first datastream."""
    moments: list[int] = files.between(UAD, np.array([1]), AT - DAY, AT + DAY).time_us.tolist()
    return moments


def test_a_day_is_a_few_files_while_it_lasts_and_one_when_it_is_over(tmp_path: Path) -> None:
    """Sixteen moments become one file; settled, the day is one sorted file and its folder is gone."""
    files, kept = StandingFiles(tmp_path), tmp_path / UAD / PAST
    written(files, 2 * MERGE_AT + 3)
    assert len(list((kept / "2026-06-01").iterdir())) == 2 + 3
    assert files.settle(AT + DAY) == 1
    assert [path.name for path in kept.iterdir()] == ["2026-06-01.parquet"]


def test_whoever_is_killed_between_merging_and_tidying_leaves_no_moment_twice(tmp_path: Path) -> None:
    """The single files that a merged one covers do not count, nor does a folder beside its settled file."""
    files, day = StandingFiles(tmp_path), tmp_path / UAD / PAST / "2026-06-01"
    moments = written(files, MERGE_AT - 1)
    singles = {path.name: path.read_bytes() for path in day.iterdir()}
    moments += [AT + (MERGE_AT - 1) * MINUTE]
    files.append(UAD, moment(moments[-1]))
    for name, content in singles.items():
        (day / name).write_bytes(content)
    assert read(files) == [to_us(at) for at in moments]
    folder = {path.name: path.read_bytes() for path in day.iterdir()}
    files.settle(AT + DAY)
    day.mkdir()
    for name, content in folder.items():
        (day / name).write_bytes(content)
    assert read(files) == [to_us(at) for at in moments]
    assert files.settle(AT + DAY) == 1
    assert read(files) == [to_us(at) for at in moments]


def test_a_settled_day_is_read_by_the_groups_that_may_have_what_is_wanted(tmp_path: Path) -> None:
    """Of many datastreams only one comes back, whole."""
    files = StandingFiles(tmp_path)
    ids = np.arange(1, 2_001)
    for number in range(40):
        files.append(UAD, past_of(unknown_standing(ids, at_us=0), to_us(AT + number * MINUTE)))
    files.settle(AT + DAY)
    past = files.between(UAD, np.array([1_999]), AT, AT + DAY)
    assert (len(past), set(past.datastream.tolist())) == (40, {1_999})
    assert len(files.between(UAD, np.array([5_000]), AT, AT + DAY)) == 0


@pytest.mark.parametrize("name", [NEWEST, FORECAST])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    """It is written anew within seconds: until then the tool has not answered."""
    files = StandingFiles(tmp_path)
    (tmp_path / UAD).mkdir(exist_ok=True)
    (tmp_path / UAD / name).write_bytes(content)
    assert files.newest(UAD) is None
    assert files.forecast(UAD) is None


@pytest.mark.parametrize("said", [b"{}", b'{"at_us": 1, "coverage": 2.0}', b'{"another": 1}', b"[]"])
def test_a_file_of_another_version_says_nothing(tmp_path: Path, said: bytes) -> None:
    """Columns or figures beside them that are not ours."""
    (tmp_path / UAD).mkdir()
    table = pa.table({"datastream": [1]}).replace_schema_metadata({"impetus": said})
    for name in (NEWEST, FORECAST):
        with pa.OSFile(str(tmp_path / UAD / name), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
            file.write_table(table)
    assert StandingFiles(tmp_path).newest(UAD) is None
    assert StandingFiles(tmp_path).forecast(UAD) is None


@pytest.mark.parametrize("tool", ["../other", "", "Tool", "a/b"])
def test_a_tool_is_a_slug(tmp_path: Path, tool: str) -> None:
    """Nothing is read or written beside the tools' folders."""
    with pytest.raises(Malformed, match="tool"):
        StandingFiles(tmp_path / "tools").put(ToolId(tool), unknown_standing(IDS, at_us=0))


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """Sweeping takes standings and days of the past, and nothing beside them."""
    files = StandingFiles(tmp_path)
    files.put(UAD, unknown_standing(IDS, at_us=0))
    written(files, 2)
    notes = tmp_path / UAD / PAST / "notes"
    notes.write_text("kept")
    (tmp_path / UAD / "snapshot").write_text("kept")
    assert files.sweep(datetime.now(UTC) + 400 * DAY) == 2
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["notes", "snapshot"]


def test_a_moment_of_nothing_is_no_file(tmp_path: Path) -> None:
    """A tool that knows no datastream leaves no trace of the past."""
    StandingFiles(tmp_path).append(UAD, past_of(unknown_standing(np.empty(0, dtype=np.int64), at_us=0), 5))
    assert list(tmp_path.iterdir()) == []
