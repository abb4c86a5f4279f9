"""The log's files, in a directory and in memory: there whole or not at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from full_disk import full_disk
from impetus.adapters.tile_log import TileFiles
from impetus.core.errors import Malformed, NotNow
from impetus.ports.ethics import LogFiles
from impetus.testing.log_files import MemoryLogFiles


@pytest.fixture(params=["directory", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> LogFiles:
    """Give each adapter of the port in turn, empty."""
    return TileFiles(tmp_path / "home" / "log-tiles") if request.param == "directory" else MemoryLogFiles()


def test_what_is_written_is_read(files: LogFiles) -> None:
    """Under its path, replaced whole by the next writing; None for what is not there."""
    files.write({"checkpoint": b"one", "tile/0/x001/234": b"hashes", "tile/0/000.p/7": b"few"})
    files.write({"checkpoint": b"two"})
    assert files.read("checkpoint") == b"two"
    assert files.read("tile/0/x001/234") == b"hashes"
    assert files.read("tile/0/000") is None
    assert files.read("tile/0") is None
    assert files.read("checkpoint/deeper") is None


def test_names_are_those_of_the_log(files: LogFiles) -> None:
    """Sorted, without the keeper's own notes."""
    files.write({"key": b"k", "tile/entries/000": b"e", ".keeper": b"{}", "checkpoint": b"c"})
    assert list(files.names()) == ["checkpoint", "key", "tile/entries/000"]
    assert files.read(".keeper") == b"{}"


def test_nothing_there_is_no_error(files: LogFiles) -> None:
    """A log that was never written has no names and no files."""
    assert list(files.names()) == []
    assert files.read("checkpoint") is None
    assert files.remove(["checkpoint", "tile/0/000.p"]) == 0


def test_removing_takes_files_and_what_lies_below_folders(files: LogFiles) -> None:
    """The partial tiles of a tile go with their folder; the tile stays."""
    files.write({"tile/0/000": b"full", "tile/0/000.p/1": b"a", "tile/0/000.p/2": b"b", "tile/0/001": b"next"})
    assert files.remove(["tile/0/000.p", "tile/0/001", "tile/0/002"]) == 3
    assert list(files.names()) == ["tile/0/000"]


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../key", "tile/../../key", "tile/", "UPPER", "a b", "a\n", "é", "x" * 201]
)
def test_other_paths_are_refused(files: LogFiles, path: str) -> None:
    """Nothing is read, written or removed outside the log, whatever an address says."""
    for act in (lambda: files.read(path), lambda: files.write({path: b""}), lambda: files.remove([path])):
        with pytest.raises(Malformed, match="cannot name a file of the log"):
            act()


@given(st.text(max_size=40))
def test_no_path_leads_outside(path: str) -> None:
    """Any text is a file below the directory, or refused."""
    directory = Path("log-tiles")
    try:
        file = TileFiles(directory)._at(path)
    except Malformed:
        return
    assert os.path.normpath(file).startswith("log-tiles/")


def test_files_are_their_owners_only(tmp_path: Path) -> None:
    """Entries hold no names, but who may see them is for the guard to say."""
    files = TileFiles(tmp_path / "log-tiles")
    files.write({"tile/0/000": b"x"})
    assert (tmp_path / "log-tiles/tile/0/000").stat().st_mode & 0o077 == 0
    assert (tmp_path / "log-tiles/tile/0").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_not_now_and_leaves_the_old_file(tmp_path: Path) -> None:
    """What was there before is there still, and no half file lies about."""
    files = TileFiles(tmp_path / "log-tiles")
    files.write({"checkpoint": b"old"})
    with full_disk(), pytest.raises(NotNow, match="no room"):
        files.write({"checkpoint": bytes(100_000)})
    assert files.read("checkpoint") == b"old"
    assert sorted(path.name for path in (tmp_path / "log-tiles").iterdir()) == ["checkpoint"]


def test_left_overs_of_a_killed_writer_go_when_they_are_old(tmp_path: Path) -> None:
    """A temporary file of an hour ago belongs to nobody; no reader ever sees one."""
    directory = tmp_path / "log-tiles"
    directory.mkdir()
    left = directory / ".checkpoint.abc.new"
    left.write_bytes(b"half")
    assert list(TileFiles(directory).names()) == []
    os.utime(left, (0, 0))
    TileFiles(directory)
    assert not left.exists()
