"""The vault: keys of days sealed in files, erased for good, and what they seal bound to its name."""

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from impetus.adapters.chance import SystemChance
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.vault import FileVault
from impetus.core.errors import Malformed, Unknown
from impetus.ports.pseudonyms import Vault
from impetus.testing.vault import MemoryVault

DAY = date(2026, 5, 3)
KEY = bytes(range(32))


@pytest.fixture(params=["file", "memory"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Return an empty vault of either sort: both keep the same promises."""
    if request.param == "memory":
        return MemoryVault()
    return FileVault(tmp_path / "days", FileKeys(tmp_path / "key", SystemChance()), SystemChance())


def test_a_days_key_comes_back(vault: Vault) -> None:
    """And the days are listed in order."""
    vault.keep({DAY + timedelta(days=1): bytes(32), DAY: KEY})
    assert vault.day(DAY) == KEY
    assert vault.days() == (DAY, DAY + timedelta(days=1))


def test_a_key_that_is_there_stays(vault: Vault) -> None:
    """A second set-up cannot change what pseudonyms of a day mean."""
    vault.keep({DAY: KEY})
    vault.keep({DAY: bytes(32)})
    assert vault.day(DAY) == KEY


def test_a_day_without_a_key_is_unknown_and_says_what_helps(vault: Vault) -> None:
    """Never made, or erased."""
    with pytest.raises(Unknown, match="2026-05-03") as refusal:
        vault.day(DAY)
    assert "custodians" in refusal.value.remedy


def test_erasing_takes_earlier_days_and_nothing_else(vault: Vault) -> None:
    """Once; the day itself stays."""
    vault.keep({DAY - timedelta(days=number): KEY for number in range(3)})
    assert vault.erase_before(DAY) == 2
    assert vault.erase_before(DAY) == 0
    assert vault.days() == (DAY,)


def test_what_is_sealed_opens_under_its_key_and_name_only(vault: Vault) -> None:
    """Another key, another name, a changed or shortened text do not open."""
    sealed = vault.seal(KEY, b"kari_n", about="identity:1")
    assert b"kari_n" not in sealed
    assert vault.open(KEY, sealed, about="identity:1") == b"kari_n"
    wrong = [
        (bytes(32), sealed, "identity:1"),
        (KEY, sealed, "identity:2"),
        (KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), "identity:1"),
        (KEY, sealed[:10], "identity:1"),
        (KEY, b"", "identity:1"),
    ]
    for key, text, about in wrong:
        with pytest.raises(Malformed):
            vault.open(key, text, about=about)


def test_the_file_of_a_day_holds_no_key_in_clear_and_is_its_owners(tmp_path: Path) -> None:
    """Sealed under the installation's key, bound to its day: renamed, it does not open."""
    vault = FileVault(tmp_path / "days", FileKeys(tmp_path / "key", SystemChance()), SystemChance())
    vault.keep({DAY: KEY})
    file = tmp_path / "days" / "2026-05-03"
    assert KEY not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.rename(tmp_path / "days" / "2026-05-04")
    with pytest.raises(Malformed):
        vault.day(DAY + timedelta(days=1))


def test_other_files_in_the_folder_are_no_days(tmp_path: Path) -> None:
    """Half-written ones are cleared away, strangers left."""
    vault = FileVault(tmp_path / "days", FileKeys(tmp_path / "key", SystemChance()), SystemChance())
    vault.keep({DAY: KEY})
    (tmp_path / "days" / "README").write_text("hello")
    assert vault.days() == (DAY,)
