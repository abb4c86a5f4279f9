"""What every adapter of the port `Keys` promises."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from full_disk import full_disk
from impetus.adapters.chance import SystemChance
from impetus.adapters.file_keys import FileKeys
from impetus.core.errors import Malformed, Misconfigured, NotNow
from impetus.ports import Keys
from impetus.testing.keys import PlainKeys

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["file", "memory"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Keys:
    """Give each adapter in turn."""
    return FileKeys(tmp_path / "key", SystemChance()) if request.param == "file" else PlainKeys()


@QUICK
@given(plain=st.binary(max_size=500), about=st.text(max_size=40))
def test_what_is_sealed_opens_under_its_name(keys: Keys, plain: bytes, about: str) -> None:
    """Sealing and opening give back every bytes under every name."""
    assert keys.open(keys.seal(plain, about=about), about=about) == plain


@QUICK
@given(one=st.text(max_size=20), other=st.text(max_size=20))
def test_another_name_does_not_open(keys: Keys, one: str, other: str) -> None:
    """Bytes moved under another name are refused."""
    if one == other:
        return
    with pytest.raises(Malformed):
        keys.open(keys.seal(b"plain", about=one), about=other)


@QUICK
@given(sealed=st.binary(max_size=100))
def test_any_other_bytes_do_not_open(keys: Keys, sealed: bytes) -> None:
    """Bytes that nobody sealed are refused, of whatever length."""
    with pytest.raises(Malformed):
        keys.open(sealed, about="x")


def test_each_changed_byte_is_noticed(keys: Keys) -> None:
    """Flipping one bit anywhere makes it unreadable."""
    sealed = keys.seal(b"0123456789", about="x")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Malformed):
            keys.open(bytes(changed), about="x")


def test_the_plain_bytes_do_not_show(keys: Keys) -> None:
    """Sealed bytes do not contain the plain ones."""
    assert b"a secret" not in keys.seal(b"a secret", about="x")


def test_sealing_twice_gives_different_bytes(tmp_path: Path) -> None:
    """The real adapter never uses a nonce twice, so equal secrets cannot be told to be equal."""
    keys = FileKeys(tmp_path / "key", SystemChance())
    sealed = [keys.seal(b"plain", about="x") for _ in range(200)]

    assert all(one[1:13] != other[1:13] for one, other in itertools.combinations(sealed, 2))


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """A second start reads the first one's key; the file has mode 0600 and nothing lies beside it."""
    sealed = FileKeys(tmp_path / "home" / "key", SystemChance()).seal(b"plain", about="x")

    assert FileKeys(tmp_path / "home" / "key", SystemChance()).open(sealed, about="x") == b"plain"
    assert (tmp_path / "home" / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The platform does not start with a key that may be known, and says what to do."""
    FileKeys(tmp_path / "key", SystemChance())
    (tmp_path / "key").chmod(mode)

    with pytest.raises(Misconfigured) as refusal:
        FileKeys(tmp_path / "key", SystemChance())

    assert "chmod 600" in refusal.value.remedy


@pytest.mark.parametrize(
    "text", ["", "impetus-key-1:", "impetus-key-1:zz", "00" * 32, "impetus-key-1:" + "00" * 31, "\xff"]
)
def test_a_file_that_holds_no_key_is_refused_and_not_replaced(tmp_path: Path, text: str) -> None:
    """A damaged key stops the start; making a new one would lose everything sealed."""
    file = tmp_path / "key"
    file.write_text(text, encoding="latin-1")
    file.chmod(0o600)

    with pytest.raises(Misconfigured):
        FileKeys(file, SystemChance())

    assert file.read_text(encoding="latin-1") == text


def test_another_installation_cannot_open(tmp_path: Path) -> None:
    """Two key files are two keys."""
    one, other = (FileKeys(tmp_path / name, SystemChance()) for name in ("one", "other"))

    with pytest.raises(Malformed):
        other.open(one.seal(b"plain", about="x"), about="x")


def test_the_first_of_two_starts_makes_the_key(tmp_path: Path) -> None:
    """A start that finds the key made in between uses that key."""

    class Racing(SystemChance):
        def bytes_(self, count: int) -> bytes:
            if count == 32 and not file.exists():
                FileKeys(file, SystemChance())
            return super().bytes_(count)

    file = tmp_path / "key"
    late = FileKeys(file, Racing())

    assert FileKeys(file, SystemChance()).open(late.seal(b"plain", about="x"), about="x") == b"plain"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_no_room_for_the_key_is_not_now(tmp_path: Path) -> None:
    """A first start on a full disk says so and leaves no half key."""
    with pytest.raises(NotNow), full_disk():
        FileKeys(tmp_path / "key", SystemChance())

    assert not list(tmp_path.iterdir())
