"""Settings of the detector: what is taken, and what is refused with its range."""

from dataclasses import fields

import pytest

from impetus.core.errors import Misconfigured
from impetus.tools.urban_anomaly.config import RANGES, Config, from_settings


def test_no_settings_are_the_defaults() -> None:
    """An installation that says nothing gets the stated defaults, each within its own range."""
    config = from_settings({})
    assert config == Config()
    assert all(low <= getattr(config, name) <= high for name, (low, high) in RANGES.items())


def test_every_number_has_a_range() -> None:
    """A field without a range could be set to nonsense."""
    assert {item.name for item in fields(Config)} - {"timezone", "country", "leaves"} == set(RANGES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_z", 1.0),
        ("start_z", "5"),
        ("start_z", True),
        ("start_z", float("nan")),
        ("start_readings", 2.5),
        ("end_z", 6.0),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", 3),
        ("no_such", 1),
    ],
)
def test_a_wrong_setting_is_refused(name: str, value: object) -> None:
    """The error names the setting and says what would be right."""
    with pytest.raises(Misconfigured) as raised:
        from_settings({name: value})
    assert name in raised.value.detail or name.replace("_", " ") in raised.value.detail
    assert raised.value.limit


def test_a_good_setting_is_taken() -> None:
    """Values in range arrive in their own type."""
    config = from_settings({"start_z": 6, "start_readings": 4.0, "timezone": "Europe/Oslo"})
    assert (config.start_z, config.start_readings, config.timezone) == (6.0, 4, "Europe/Oslo")
    assert isinstance(config.start_readings, int)
