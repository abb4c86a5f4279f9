"""What every adapter of the port `Blobs` promises."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from full_disk import full_disk
from impetus.adapters.chance import SystemChance
from impetus.adapters.durable_file import ABANDONED_S
from impetus.adapters.file_blobs import FileBlobs
from impetus.adapters.file_keys import FileKeys
from impetus.core.errors import Malformed, NotNow, TheirFault, Unknown
from impetus.ports import Blobs
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.clock import SettableClock
from impetus.testing.keys import PlainKeys

AT = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def clock() -> SettableClock:
    """Give a clock that stands still."""
    return SettableClock(AT)


@pytest.fixture(params=["file", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Blobs:
    """Give each adapter in turn."""
    if request.param == "memory":
        return MemoryBlobs(PlainKeys(), clock)
    return FileBlobs(tmp_path / "blobs", FileKeys(tmp_path / "key", SystemChance()), clock)


@QUICK
@given(name=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z"), plain=st.binary(max_size=300))
def test_what_is_stored_is_got_back(blobs: Blobs, name: str, plain: bytes) -> None:
    """Any bytes under any allowed name come back."""
    blobs.put(name, plain)

    assert blobs.get(name) == plain


@QUICK
@given(
    name=st.one_of(
        st.text(max_size=20), st.sampled_from(["..", ".", "", "../key", "a/b", "/etc/passwd", "a\0", "a" * 129])
    )
)
def test_a_name_is_allowed_or_refused_and_never_escapes(blobs: Blobs, name: str) -> None:
    """A name that is not plain letters, digits and ._- is refused by every verb before any file is touched."""
    if (
        name
        and name[0].isalnum()
        and all(char.isascii() and (char.isalnum() or char in "._-") for char in name)
        and len(name) < 129
    ):
        return
    for act in (lambda: blobs.put(name, b""), lambda: blobs.get(name), lambda: blobs.erase([name])):
        with pytest.raises(Malformed):
            act()


def test_the_same_name_again_replaces(blobs: Blobs) -> None:
    """The last bytes stored under a name are the ones kept."""
    blobs.put("a", b"first, and longer")
    blobs.put("a", b"second")

    assert blobs.get("a") == b"second"
    assert blobs.names() == ["a"]


def test_what_was_never_stored_is_unknown(blobs: Blobs) -> None:
    """Getting an absent name is their fault and says so."""
    with pytest.raises(Unknown):
        blobs.get("absent")


def test_erasing_counts_what_existed(blobs: Blobs) -> None:
    """Erasing absent names is no error and not counted."""
    for name in ("a", "b", "c"):
        blobs.put(name, b"x")

    assert blobs.erase(["a", "c", "absent"]) == 2
    assert blobs.names() == ["b"]


def test_names_older_than_a_time_are_found(blobs: Blobs, clock: SettableClock) -> None:
    """A blob's age is that of its last storing; "older than" does not include the moment itself."""
    blobs.put("old", b"x")
    later = clock.advance(60)
    blobs.put("new", b"x")

    assert blobs.names() == ["new", "old"]
    assert blobs.names(older_than=later) == ["old"]
    assert blobs.names(older_than=AT) == []


def test_the_size_is_at_least_that_of_the_bytes(blobs: Blobs) -> None:
    """Size counts what is stored and falls to nothing with the last blob."""
    blobs.put("a", b"x" * 1000)
    blobs.put("b", b"x" * 500)
    assert 1500 <= blobs.size_bytes() < 2000

    blobs.erase(["a", "b"])
    assert blobs.size_bytes() == 0


@pytest.fixture
def files(tmp_path: Path, clock: SettableClock) -> FileBlobs:
    """Give the file adapter."""
    return FileBlobs(tmp_path / "blobs", FileKeys(tmp_path / "key", SystemChance()), clock)


def stored(tmp_path: Path) -> list[Path]:
    """Return every file under the blob directory."""
    return [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_files_hold_no_plain_bytes_and_are_private(files: FileBlobs, tmp_path: Path) -> None:
    """What lies on the disk is encrypted and readable by its owner only."""
    files.put("a", b"a face in a crowd")

    (path,) = stored(tmp_path)
    assert b"crowd" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_copied_over_another_does_not_open(files: FileBlobs, tmp_path: Path) -> None:
    """The name is bound into the ciphertext."""
    files.put("a", b"one")
    files.put("b", b"two")
    by_name = {path.name: path for path in stored(tmp_path)}
    by_name["b"].write_bytes(by_name["a"].read_bytes())

    with pytest.raises(TheirFault):
        files.get("b")


def test_a_full_disk_keeps_the_old_bytes(files: FileBlobs, tmp_path: Path) -> None:
    """When there is no room the new bytes are refused, the old ones stay, and no half file is left."""
    files.put("a", b"old")

    with pytest.raises(NotNow), full_disk():
        files.put("a", b"new")

    assert files.get("a") == b"old"
    assert [path.name for path in stored(tmp_path)] == ["a"]


def test_what_a_dead_writer_left_is_removed_at_the_next_start(
    files: FileBlobs, tmp_path: Path, clock: SettableClock
) -> None:
    """Old temporary files go, fresh ones of a living writer stay, and neither is a blob."""
    files.put("a", b"x")
    shard = stored(tmp_path)[0].parent
    for name, age_s in ((".a.1.new", ABANDONED_S + 9), (".a.2.new", 0.0)):
        (shard / name).write_bytes(b"half")
        os.utime(shard / name, (time.time() - age_s,) * 2)

    again = FileBlobs(tmp_path / "blobs", FileKeys(tmp_path / "key", SystemChance()), clock)

    assert again.names() == ["a"]
    assert sorted(path.name for path in shard.iterdir()) == [".a.2.new", "a"]
