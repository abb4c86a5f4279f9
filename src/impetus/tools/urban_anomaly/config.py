"""Settings of the Urban Anomaly Detector: every field with unit, range, default and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from impetus.core.errors import Misconfigured
from impetus.core.tool import Setting
from impetus.tools.urban_anomaly.holidays_of import country_code
from impetus.tools.urban_anomaly.left import LEAVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How the detector learns, when it speaks, and how often.

    All defaults are house choices, set on the artificial NAB series and every other real one (see `card.md`), and none
    is per sensor: each sensor's own history decides what is far.
    """

    timezone: str = "UTC"
    """IANA name. The "time of day" that seasons follow is the city's, not the computer's."""
    country: str = ""
    """ISO 3166-1 code whose public holidays count as Sundays; empty for none."""
    learning_s: float = 86_400.0
    """s, 0..2,592,000. Nothing is said about a datastream before one whole day was seen: no season is known earlier."""
    memory_days: float = 10.0
    """visits of a time of day, 1..100. Two working weeks: long enough for a steady band, short enough to follow spring."""
    level_s: float = 10_800.0
    """s, 60..604,800. Three hours: today's general level is taken in within a morning, a crowd of an hour is not."""
    scale_s: float = 172_800.0
    """s, 600..2,592,000. Two days: the usual size of surprises changes slowly."""
    start_z: float = 5.0
    """robust deviations, 2..50. Beyond five, readings of a quiet sensor are rare enough to ask a person."""
    end_z: float = 2.5
    """robust deviations, 0.5..50, below `start_z`. Half way back counts as calm; the gap keeps an event from flapping."""
    start_readings: int = 3
    """readings, 1..100. One strange reading is a glitch, three in a row are something; 30 s at a 10 s cadence."""
    end_readings: int = 5
    """readings, 1..1,000. Calm must last before an event is over."""
    least_effect: float = 0.5
    """share of the datastream's own spread, 0..10. A departure an operator cannot see in the plot is not worth one."""
    exceedances_per_day: float = 1.0
    """readings a day, 0.01..10,000. A level that a sensor passes more often than this by itself is no news from it."""
    hold_off_s: float = 21_600.0
    """s, 0..604,800. After an event the same sensor starts another only if clearly bigger: one alarm an event."""
    update_s: float = 60.0
    """s, 1..86,400. More things joining a running event are told at most once a minute, unless it gets worse."""
    stuck_readings: int = 30
    """readings, 2..100,000. Fewest equal readings in a row that can mean a stuck sensor."""
    stuck_s: float = 1_800.0
    """s, 0..604,800. A value may stand still this long without anybody asking why."""
    spike_z: float = 12.0
    """robust deviations, 3..1,000. A single reading this far out, with calm on both sides, is the instrument."""
    leaves: str = LEAVES
    """Comma list of observed properties, empty for none. Those of air samplers: another tool knows the instrument."""

    def zone(self) -> ZoneInfo:
        """Return the time zone."""
        return ZoneInfo(self.timezone)


RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "learning_s": (0, 2_592_000),
        "memory_days": (1, 100),
        "level_s": (60, 604_800),
        "scale_s": (600, 2_592_000),
        "start_z": (2, 50),
        "end_z": (0.5, 50),
        "start_readings": (1, 100),
        "end_readings": (1, 1_000),
        "least_effect": (0, 10),
        "exceedances_per_day": (0.01, 10_000),
        "hold_off_s": (0, 604_800),
        "update_s": (1, 86_400),
        "stuck_readings": (2, 100_000),
        "stuck_s": (0, 604_800),
        "spike_z": (3, 1_000),
    }
)


def from_settings(settings: Mapping[str, Setting]) -> Config:
    """Check settings and build the configuration; `Misconfigured` names the setting, its value and its range."""
    types = {item.name: item.type for item in fields(Config)}
    values: dict[str, Setting] = {}
    for name, value in settings.items():
        if name not in types:
            raise Misconfigured(
                f"unknown setting urban_anomaly.{name}",
                value=name,
                limit=", ".join(sorted(types)),
                remedy="remove it or mend its name",
            )
        values[name] = _value(name, value, whole=types[name] is int)
    config = Config(**values)  # type: ignore[arg-type]  # each value was given its field's type just above
    if config.end_z >= config.start_z:
        raise Misconfigured(
            f"end_z is {config.end_z:g}, start_z is {config.start_z:g}",
            value=config.end_z,
            limit=f"below {config.start_z:g}",
            remedy="let an event end nearer to normal than it starts",
        )
    return config


def _value(name: str, value: Setting, *, whole: bool) -> Setting:
    if name == "timezone":
        return _zone_name(value)
    if name == "leaves":
        return str(value)
    return country_code(str(value)) if name == "country" else _number(name, value, whole=whole)


def _number(name: str, value: Setting, *, whole: bool) -> float | int:
    lowest, highest = RANGES[name]
    good = isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest
    if not good or (whole and value != int(value)):
        raise Misconfigured(
            f"setting urban_anomaly.{name} is {value!r}",
            value=value,
            limit=f"{'a whole number in ' if whole else ''}{lowest:g}..{highest:g}",
            remedy="choose a value in range",
        )
    return int(value) if whole else float(value)


def _zone_name(value: Setting) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(
            f"timezone is {value!r}", value=value, limit="an IANA name", remedy="write it as Europe/Oslo"
        ) from error
