"""What is configured in a home, from its files: read anew when one changes, and never passed over when one is broken."""

from pathlib import Path

import pytest

from impetus.adapters.home_configuration import HomeConfiguration
from impetus.ports.register import Configuration
from impetus.settings import read_settings
from impetus.wiring import open_configuration

TOOL = "urban_anomaly"
OFFICER = f'[[officer]]\nname = "kari"\npublic_key = "{"ab" * 32}"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with settings."""
    (tmp_path / "impetus.toml").write_text('site = "Testby"\nobservations_days = 7\n', encoding="utf-8")
    return tmp_path


def opened(home: Path) -> Configuration:
    """Open it as the wiring does."""
    return open_configuration(read_settings(home))


def test_settings_tools_and_days_are_read(home: Path) -> None:
    """With each tool's own part of its assessment."""
    found = opened(home).read()
    assert (found.site, found.days["observations"], found.is_exercise, found.fault) == ("testby", 7, False, "")
    assert found.switched_on == ("urban_anomaly", "fusion")
    part = found.installed[TOOL]
    assert part.manifest is not None
    assert part.manifest.declares.fields == ("datastream", "time_us", "result")
    assert set(part.answers) >= {"description.what", "rights.measures"}


def test_a_home_without_a_register_has_an_empty_one(home: Path) -> None:
    """Nothing is said yet; that is no fault."""
    found = opened(home)
    assert (found.register_text(), found.read().register.officers, found.read().fault) == ("", (), "")


def test_a_change_of_a_file_is_seen_at_the_next_read(home: Path) -> None:
    """The stamp changes first; without a change the same value comes back."""
    found = opened(home)
    before, stamp = found.read(), found.stamp()
    assert found.read() is before
    (home / "register.toml").write_text(OFFICER, encoding="utf-8")
    assert found.stamp() != stamp
    assert [one.name for one in found.read().register.officers] == ["kari"]
    (home / "impetus.toml").write_text("simulated = true\n", encoding="utf-8")
    assert found.read().is_exercise


def test_a_file_that_is_replaced_whole_is_seen_too(home: Path) -> None:
    """As `write_register` and an editor do."""
    found = opened(home)
    found.write_register(OFFICER)
    first, stamp = found.read(), found.stamp()
    found.write_register(OFFICER.replace("kari", "olaf"))
    assert found.stamp() != stamp
    assert found.read() != first
    assert (home / "register.toml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("register.toml", "[controler]\n", "controler"),
        ("register.toml", "[controller\n", "TOML"),
        ("impetus.toml", "colour = 3\n", "colour"),
        ("impetus.toml", "[[[", "TOML"),
    ],
)
def test_a_broken_file_is_a_fault_and_stops_everything(home: Path, file: str, text: str, said: str) -> None:
    """Not an exception: the board must be able to say it. And it heals."""
    found = opened(home)
    good = (home / file).read_text(encoding="utf-8") if (home / file).exists() else ""
    (home / file).write_text(text, encoding="utf-8")
    assert said in found.read().fault
    assert found.read().register.officers == ()
    (home / file).write_text(good, encoding="utf-8")
    assert found.read().fault == ""


def test_a_register_that_is_no_text_is_a_fault(home: Path) -> None:
    """Bytes of something else."""
    (home / "register.toml").write_bytes(b"\xff\xfe\x00")
    assert "register" in opened(home).read().fault


def test_an_endless_register_is_not_read_to_its_end(home: Path) -> None:
    """A megabyte is more than a hundred tools need; what is cut off is no TOML any more, or says less."""
    (home / "register.toml").write_text("# " + "x" * 3_000_000, encoding="utf-8")
    found = opened(home)
    assert isinstance(found, HomeConfiguration)
    assert len(found.register_text()) == 1 << 20
