"""Small files that are there whole or not at all: replaced, refused for want of room, and never left half."""

import errno
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from full_disk import full_disk
from impetus.adapters.durable_file import (
    ABANDONED_S,
    FULL,
    RETRY_FULL_S,
    disk_full,
    remove_abandoned,
    sync_directory,
    write_durably,
)
from impetus.core.errors import NotNow

EVERY_FOLDER = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


@EVERY_FOLDER
@given(contents=st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_the_last_content_is_there_whole_and_nothing_else(tmp_path: Path, contents: list[bytes]) -> None:
    """However often it is replaced, by longer or shorter ones; no temporary file stays."""
    for content in contents:
        write_durably(tmp_path / "state", content)
        assert (tmp_path / "state").read_bytes() == content
    assert names(tmp_path) == ["state"]


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the process's mask says, and also when it replaces one that others could read."""
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        write_durably(path, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_time_of_a_file_can_be_set(tmp_path: Path) -> None:
    """To the nanosecond: retention goes by it, and by the platform's clock, not the disk's."""
    write_durably(tmp_path / "blob", b"x", modified_ns=1_772_000_000_123_456_789)
    assert (tmp_path / "blob").stat().st_mtime_ns == 1_772_000_000_123_456_789


def test_without_room_the_old_content_stays(tmp_path: Path) -> None:
    """The answer says which file, and when to try again; nothing half written is left beside it."""
    write_durably(tmp_path / "state", b"old")
    with pytest.raises(NotNow, match="no room to write state") as refusal, full_disk(room_bytes=3):
        write_durably(tmp_path / "state", b"longer than there is room for")
    assert refusal.value.retry_after_s == RETRY_FULL_S
    assert (tmp_path / "state").read_bytes() == b"old"
    assert names(tmp_path) == ["state"]


def test_a_folder_that_is_not_there_is_no_full_disk(tmp_path: Path) -> None:
    """Another error keeps its name: trying again would not help."""
    with pytest.raises(FileNotFoundError):
        write_durably(tmp_path / "absent" / "state", b"x")


@pytest.mark.parametrize("number", sorted(FULL))
def test_no_space_no_quota_and_too_large_are_the_same_to_a_writer(number: int) -> None:
    """Three ways of a disk to say no: come back when there is room."""
    error = disk_full(OSError(number, os.strerror(number)), Path("/srv/state"))
    assert (error.value, error.retry_after_s) == ("/srv/state", RETRY_FULL_S)
    assert "writing goes on by itself" in error.remedy


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO, errno.ENOENT])
def test_any_other_error_is_raised_as_it_is(number: int) -> None:
    """A read-only or a broken disk does not mend itself."""
    with pytest.raises(OSError, match=os.strerror(number)) as told:
        disk_full(OSError(number, os.strerror(number)), Path("/srv/state"))
    assert told.value.errno == number


def test_readers_see_one_content_or_the_other_never_a_mixture(tmp_path: Path) -> None:
    """Somebody reads while it is replaced a hundred times: each look is one of the contents, whole."""
    path = tmp_path / "state"
    contents = [bytes([number]) * 5_000 for number in range(100)]
    write_durably(path, contents[0])
    done = threading.Event()

    def replace_all() -> None:
        for content in contents:
            write_durably(path, content)
        done.set()

    writer = threading.Thread(target=replace_all)
    writer.start()
    looks = 0
    while not done.is_set():
        seen = path.read_bytes()
        assert (len(seen), len(set(seen))) == (5_000, 1)
        looks += 1
    writer.join()
    assert looks > 0
    assert path.read_bytes() == contents[-1]


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    """Their temporary files have names of their own; the last one to rename stands."""
    writers = [
        threading.Thread(target=write_durably, args=(tmp_path / "state", bytes([number]) * 20_000))
        for number in range(6)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    content = (tmp_path / "state").read_bytes()
    assert (len(content), len(set(content))) == (20_000, 1)
    assert names(tmp_path) == ["state"]


def test_what_a_dead_writer_left_goes_when_it_is_old(tmp_path: Path) -> None:
    """Its temporary file, not the file itself, not a living writer's, and nothing that only looks alike."""
    ages = {".state.ab.new": ABANDONED_S + 5, ".state.cd.new": 0.0, "state.new": ABANDONED_S + 5, "state": 1e6}
    for name, age_s in ages.items():
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    remove_abandoned(tmp_path)
    assert names(tmp_path) == [".state.cd.new", "state", "state.new"]


def test_a_folder_can_be_synced_and_a_file_is_none(tmp_path: Path) -> None:
    """Names are made durable where they are kept."""
    sync_directory(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_directory(tmp_path / "file")
