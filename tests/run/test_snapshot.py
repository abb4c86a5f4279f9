"""Snapshots: replaced whole or not at all, and never loaded when they are somebody else's or not as they were written."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from full_disk import full_disk
from impetus.core.errors import NotNow
from impetus.core.ids import Offset
from impetus.run.snapshot import ASIDE, FILE, Stamp, read_snapshot, write_snapshot

STAMP = Stamp(tool="trial", version="1", manifest_hash="abc", offset=Offset(41), catalogue_version=3, dropped=2)
STATE = {"learnt": [1.5, 2.5], "seen": 7}
PICKLED = pickle.dumps(STATE)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a directory with the snapshot of a tool in it."""
    write_snapshot(tmp_path, STAMP, PICKLED)
    return tmp_path


def spoil(home: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of the snapshot."""
    file = home / FILE
    file.write_bytes(change(file.read_bytes()))


def why_not(home: Path, wanted: Stamp = STAMP) -> str:
    """Return why the snapshot was set aside."""
    found = read_snapshot(home, wanted)
    assert isinstance(found, str)
    return found


def test_what_was_written_is_read_back(home: Path) -> None:
    """Where the tool stood, what it had learnt, and the very bytes."""
    assert read_snapshot(home, STAMP) == (STAMP, STATE, PICKLED)


def test_without_a_snapshot_there_is_none(tmp_path: Path) -> None:
    """A new tool is no fault, also where there is no directory yet."""
    assert read_snapshot(tmp_path, STAMP) is None
    assert read_snapshot(tmp_path / "absent", STAMP) is None


def test_a_directory_is_made_for_the_first(tmp_path: Path) -> None:
    """Home needs nothing prepared."""
    write_snapshot(tmp_path / "tools" / "trial", STAMP, PICKLED)
    assert (tmp_path / "tools" / "trial" / FILE).is_file()


def test_the_next_replaces_the_one_before(home: Path) -> None:
    """There is one file, and it is the newest."""
    write_snapshot(home, replace(STAMP, offset=Offset(99)), pickle.dumps("newer"))
    stamp, state, _ = read_snapshot(home, STAMP) or ()
    assert (stamp.offset, state) == (99, "newer")
    assert [file.name for file in home.iterdir()] == [FILE]


def test_the_first_line_can_be_read_by_a_person(home: Path) -> None:
    """Whose it is and where it stood, without unpickling anything."""
    head = json.loads((home / FILE).read_bytes().partition(b"\n")[0])
    assert (head["tool"], head["offset"], head["bytes"]) == ("trial", 41, len(PICKLED))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tool": "other"}, "its tool is 'trial', not 'other'"),
        ({"version": "2"}, "its version is '1', not '2'"),
        ({"manifest_hash": "def"}, "its manifest_hash is 'abc', not 'def'"),
    ],
)
def test_a_snapshot_of_something_else_is_set_aside_with_the_reason(
    home: Path, changes: dict[str, str], said: str
) -> None:
    """A tool that changed does not inherit a state it may not understand."""
    assert why_not(home, replace(STAMP, **changes)) == f"snapshot set aside: {said}"  # type: ignore[arg-type]
    assert (home / ASIDE).is_file()
    assert read_snapshot(home, STAMP) is None


@pytest.mark.parametrize("changes", [{"offset": Offset(0)}, {"catalogue_version": 9}, {"dropped": 0}])
def test_where_the_host_stands_meanwhile_does_not_matter(home: Path, changes: dict[str, int]) -> None:
    """Only tool, version and manifest are compared; the rest is what the snapshot is there to say."""
    assert read_snapshot(home, replace(STAMP, **changes)) == (STAMP, STATE, PICKLED)  # type: ignore[arg-type]


class Trap:
    """A pickle that leaves a mark when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]  # called with the mark as its argument


def test_nothing_is_unpickled_before_its_stamp_was_checked(tmp_path: Path) -> None:
    """The pickle of another version is not opened at all; that of this one is."""
    mark = tmp_path / "opened"
    write_snapshot(tmp_path, STAMP, pickle.dumps(Trap(mark)))
    why_not(tmp_path, replace(STAMP, version="2"))
    assert not mark.exists()
    write_snapshot(tmp_path, STAMP, pickle.dumps(Trap(mark)))
    read_snapshot(tmp_path, STAMP)
    assert mark.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content[:-1], "bytes that are not the"),
        (lambda content: content + b"x", "bytes that are not the"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "bytes that are not the"),
        (lambda content: content.replace(b'"trial"', b'"tria1"'), "its tool is 'tria1'"),
        (lambda _: b"", "set aside"),
        (lambda _: b"nonsense", "set aside"),
        (lambda _: b"{}\n", "set aside"),
        (lambda _: b"[]\n", "set aside"),
        (lambda content: content.replace(b'"dropped": 2', b'"dropt": 2'), "dropt"),
    ],
)
def test_a_snapshot_that_is_not_as_it_was_written_is_set_aside(
    home: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    """Torn, grown, turned, forged or no snapshot at all: kept for a look, and never loaded."""
    spoil(home, change)
    assert said in why_not(home)
    assert (home / ASIDE).is_file()
    assert not (home / FILE).exists()


def test_a_pickle_that_does_not_open_is_set_aside(tmp_path: Path) -> None:
    """Bytes as they were written, of a class that is no longer there."""
    write_snapshot(tmp_path, STAMP, b"cno_such_module_anywhere\nTool\n.")
    assert "no_such_module_anywhere" in why_not(tmp_path)


def test_setting_aside_again_keeps_the_newest_for_a_look(home: Path) -> None:
    """One file aside, not a growing heap of them."""
    why_not(home, replace(STAMP, version="2"))
    write_snapshot(home, replace(STAMP, offset=Offset(50)), PICKLED)
    why_not(home, replace(STAMP, version="2"))
    assert [file.name for file in home.iterdir()] == [ASIDE]
    assert b'"offset": 50' in (home / ASIDE).read_bytes()


def test_a_full_disk_leaves_the_old_snapshot_and_no_half_of_a_new_one(home: Path) -> None:
    """It is tried again later; until then the last good one stands."""
    with full_disk(), pytest.raises(NotNow, match="snapshot not written") as refusal:
        write_snapshot(home, replace(STAMP, offset=Offset(99)), PICKLED)
    assert refusal.value.remedy == "make room on the disk"
    assert read_snapshot(home, STAMP) == (STAMP, STATE, PICKLED)
    assert [file.name for file in home.iterdir()] == [FILE]


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file where the directory should be."""
    (tmp_path / "tools").write_text("in the way")
    with pytest.raises(NotNow) as refusal:
        write_snapshot(tmp_path / "tools", STAMP, PICKLED)
    assert refusal.value.retry_after_s == 10.0


@given(some.integers(0, 10_000))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_a_snapshot_is_torn_it_is_not_loaded(tmp_path: Path, kept: int) -> None:
    """A machine that lost power may leave any beginning of the file: it is set aside unless it is the whole."""
    write_snapshot(tmp_path, STAMP, PICKLED)
    whole = (tmp_path / FILE).read_bytes()
    kept %= len(whole)
    spoil(tmp_path, lambda content: content[:kept])
    assert "set aside" in why_not(tmp_path)
