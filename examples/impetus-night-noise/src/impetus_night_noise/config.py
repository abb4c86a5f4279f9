"""Settings of Night noise: every field with unit, range, default and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from impetus.core.errors import Misconfigured
from impetus.core.tool import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """When the tool speaks."""

    limit: float = 55.0
    """dB(A), 0..140. The interim night target outdoors of the WHO Night Noise Guidelines for Europe (2009)."""
    readings: int = 3
    """readings, 1..1,000. One loud reading is a passing car, three in a row are something."""
    night_from_hour: int = 23
    """hour of local time, 0..23. Night of the European noise directive 2002/49/EC, annex I."""
    night_until_hour: int = 7
    """hour of local time, 0..23. As above."""
    timezone: str = "UTC"
    """IANA name; night is where the sensor is."""

    def zone(self) -> tzinfo:
        """Return the time zone."""
        return ZoneInfo(self.timezone)


RANGES = {"limit": (0.0, 140.0), "readings": (1, 1_000), "night_from_hour": (0, 23), "night_until_hour": (0, 23)}


def from_settings(settings: Mapping[str, Setting]) -> Config:
    """Check settings; `Misconfigured` names the setting, its value and its range."""
    known = {item.name for item in fields(Config)}
    for name, value in settings.items():
        if name not in known:
            raise Misconfigured(f"unknown setting {name}", value=name, limit=", ".join(sorted(known)))
        if name == "timezone":
            _check_zone(value)
            continue
        lowest, highest = RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise Misconfigured(f"setting {name} is {value!r}", value=value, limit=f"{lowest:g}..{highest:g}")
    return Config(**settings)  # type: ignore[arg-type]  # each was checked against its range just above


def _check_zone(value: Setting) -> None:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"timezone is {value!r}", value=value, limit="an IANA name") from error
