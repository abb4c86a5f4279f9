"""Keys by class and day, real and in memory: what one sealed opens until it is destroyed, and never again."""

from datetime import date
from pathlib import Path

import pytest

from impetus.adapters.chance import SystemChance
from impetus.adapters.class_keys import BlobKeys, FileClassKeys, label_of
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.key_safe import shred
from impetus.core.errors import Malformed, Unknown
from impetus.ports.retention import ClassKeys
from impetus.testing.clock import SettableClock
from impetus.testing.retention import MemoryClassKeys

DAY = date(2026, 3, 1)


def ring_of(home: Path) -> FileClassKeys:
    """Return the ring of a home."""
    chance = SystemChance()
    return FileClassKeys(home / "class-keys", FileKeys(home / "key", chance), chance)


@pytest.fixture(params=["file", "memory"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> ClassKeys:
    """Give each adapter in turn."""
    return ring_of(tmp_path) if request.param == "file" else MemoryClassKeys()


def test_what_was_sealed_opens(keys: ClassKeys) -> None:
    """Under its name; and it says of which class and day it is."""
    sealed = keys.seal(b"plain", about="x", kind="alerts", day=DAY)
    assert b"plain" not in sealed
    assert keys.open(sealed, about="x") == b"plain"
    assert keys.label(sealed) == ("alerts", DAY)
    assert list(keys.days()) == [("alerts", DAY)]


def test_a_destroyed_key_opens_nothing_any_more(keys: ClassKeys) -> None:
    """Only that of its class and day; a new key under the same name opens nothing of the old one's."""
    gone = keys.seal(b"a", about="x", kind="alerts", day=DAY)
    kept = keys.seal(b"b", about="x", kind="alerts", day=date(2026, 3, 2))
    assert keys.destroy([("alerts", DAY), ("evidence", DAY)]) == 1
    with pytest.raises(Unknown, match="is not here"):
        keys.open(gone, about="x")
    assert keys.open(kept, about="x") == b"b"
    assert list(keys.days()) == [("alerts", date(2026, 3, 2))]


@pytest.mark.parametrize("about", ["y", "", "x "])
def test_another_name_does_not_open_it(keys: ClassKeys, about: str) -> None:
    """What is moved under another name is noticed."""
    sealed = keys.seal(b"plain", about="x", kind="alerts", day=DAY)
    with pytest.raises(Malformed):
        keys.open(sealed, about=about)


def test_a_key_made_anew_does_not_open_what_the_old_one_sealed(tmp_path: Path) -> None:
    """Erased stays erased, whatever is sealed under that day later."""
    ring = ring_of(tmp_path)
    gone = ring.seal(b"a", about="x", kind="alerts", day=DAY)
    ring.destroy([("alerts", DAY)])
    ring.seal(b"b", about="x", kind="alerts", day=DAY)
    with pytest.raises(Malformed, match="changed or moved, or its key is another"):
        ring.open(gone, about="x")


def test_every_process_sees_a_key_destroyed(tmp_path: Path) -> None:
    """Also one that has it in memory."""
    one, other = ring_of(tmp_path), ring_of(tmp_path)
    sealed = one.seal(b"a", about="x", kind="alerts", day=DAY)
    assert other.open(sealed, about="x") == b"a"
    one.destroy([("alerts", DAY)])
    with pytest.raises(Unknown):
        other.open(sealed, about="x")


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    """In the head, which says the class and day, as in the rest; and a cut."""
    ring = ring_of(tmp_path)
    sealed = ring.seal(b"plain", about="x", kind="alerts", day=DAY)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((Malformed, Unknown)):
            ring.open(bytes(changed), about="x")
    for length in range(len(sealed)):
        with pytest.raises((Malformed, Unknown)):
            ring.open(sealed[:length], about="x")


@pytest.mark.parametrize("sealed", [b"", b"\x01" * 60, b"\x02", b"\x02\x00" + bytes(40), b"\x02\x05a/b.c" + bytes(60)])
def test_what_no_class_key_sealed_has_no_label(sealed: bytes) -> None:
    """Bytes of the installation's key, and any others."""
    assert label_of(sealed) is None


@pytest.mark.parametrize("kind", ["", "../x", "A", "a b", "x" * 64])
def test_a_class_that_cannot_be_a_files_name_is_refused(tmp_path: Path, kind: str) -> None:
    """No name leads out of the ring."""
    with pytest.raises(Malformed):
        ring_of(tmp_path).seal(b"", about="x", kind=kind, day=DAY)


def test_keys_lie_sealed_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    """Nothing else is in the ring, and what is no key there is none."""
    ring = ring_of(tmp_path)
    ring.seal(b"a", about="x", kind="alerts", day=DAY)
    (tmp_path / "class-keys" / "alerts.2026-13-01").write_bytes(b"")
    (tmp_path / "class-keys" / "notes").write_bytes(b"")
    [file] = (tmp_path / "class-keys").glob("alerts.2026-03-01")
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 1 + 12 + 32 + 16
    assert ring.days() == [("alerts", DAY)]


def test_shredding_overwrites_before_it_unlinks(tmp_path: Path) -> None:
    """A second name of the same file shows what it holds afterwards: nothing of before."""
    file, other = tmp_path / "key", tmp_path / "other"
    file.write_bytes(b"secret" * 10)
    other.hardlink_to(file)
    assert shred(file)
    assert not file.exists()
    assert b"secret" not in other.read_bytes()
    assert len(other.read_bytes()) == 60
    assert not shred(file)


def test_blobs_of_before_class_keys_still_open(tmp_path: Path) -> None:
    """What the installation's own key sealed is read as it is; new ones are sealed by day, and sealed again for a hold."""
    from datetime import UTC, datetime

    old = FileKeys(tmp_path / "key", SystemChance())
    keys = BlobKeys(ring_of(tmp_path), old, SettableClock(datetime(2026, 3, 1, 12, tzinfo=UTC)))
    before = old.seal(b"old", about="blob:a")
    assert keys.open(before, about="blob:a") == b"old"
    assert label_of(keys.seal(b"new", about="blob:b")) == ("evidence", DAY)
    again = keys.reseal(before, about="blob:a", kind="held-1", day=DAY)
    assert again is not None
    assert label_of(again) == ("held-1", DAY)
    assert keys.open(again, about="blob:a") == b"old"
    assert keys.reseal(again, about="blob:a", kind="held-1", day=DAY) is None
