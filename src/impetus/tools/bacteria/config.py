"""Settings of the Bacteria Detector: every field with unit, range, default and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from impetus.core.errors import Misconfigured
from impetus.core.tool import Setting

METHODS = ("regression", "ears_c1", "ears_c2", "ears_c3", "ewma", "cusum")
"""Named ways to judge a sample; all are calibrated alike, so that a switch changes what is seen and not how often is cried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How the detector learns, when it speaks, and how often.

    Defaults are house choices, set on generated samplers (seeds 0 to 9) and never on those figures are told of.
    """

    timezone: str = "UTC"
    """IANA name. The time of day and the working week that the load follows are the city's."""
    method: str = "regression"
    """One of `METHODS`. The regression; the others are there to compare with, and for who must use a named chart."""
    learning_samples: int = 14
    """samples, 7..1,000. Nothing is said before: EARS's own week of baseline, twice."""
    baseline_days: float = 1_461.0
    """days, 7..3,660. Four years: enough of each season to know it, short enough to forget a building site."""
    watch_per_month: float = 0.3
    """alarms a sampler-month where nothing happens, 0.001..30. One in a hundred daily samples: somebody looks."""
    alarm_per_month: float = 0.03
    """alarms a sampler-month where nothing happens, 0.0001..30, below `watch_per_month`. One in three years: somebody acts."""
    end_samples: int = 3
    """samples, 1..100. So many ordinary samples in a row end an event."""
    silence_s: float = 172_800.0
    """s, 60..2,592,000. Longest an event is said to last without a sample: two days."""
    hold_off_s: float = 3_600.0
    """s, 0..604,800. After an event the same sampler starts another only as an alarm: one finding an event."""
    wait_s: float = 120.0
    """s, 0..3,600. How long the parts of a sample may take to come in before it is judged without the missing ones."""
    pool_s: float = 10_800.0
    """s, 60..604,800. Samples of several samplers that ended within this are judged together as well: three hours."""
    carry_over: float = 0.1
    """share, 0..0.9. What may be left in the collector after a very high sample. House choice: a tenth."""

    def zone(self) -> ZoneInfo:
        """Return the time zone."""
        return ZoneInfo(self.timezone)


RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "learning_samples": (7, 1_000),
        "baseline_days": (7, 3_660),
        "watch_per_month": (0.001, 30),
        "alarm_per_month": (0.0001, 30),
        "end_samples": (1, 100),
        "silence_s": (60, 2_592_000),
        "hold_off_s": (0, 604_800),
        "wait_s": (0, 3_600),
        "pool_s": (60, 604_800),
        "carry_over": (0, 0.9),
    }
)


def from_settings(settings: Mapping[str, Setting]) -> Config:
    """Check settings and build the configuration; `Misconfigured` names the setting, its value and its range."""
    types = {item.name: item.type for item in fields(Config)}
    values: dict[str, Setting] = {}
    for name, value in settings.items():
        if name not in types:
            raise Misconfigured(
                f"unknown setting bacteria.{name}",
                value=name,
                limit=", ".join(sorted(types)),
                remedy="remove it or mend its name",
            )
        if types[name] is str:
            values[name] = _zone_name(value) if name == "timezone" else _method(value)
        else:
            values[name] = _number(name, value, whole=types[name] is int)
    config = Config(**values)  # type: ignore[arg-type]  # each value was given its field's type just above
    if config.alarm_per_month >= config.watch_per_month:
        raise Misconfigured(
            f"alarm_per_month is {config.alarm_per_month:g}, watch_per_month is {config.watch_per_month:g}",
            value=config.alarm_per_month,
            limit=f"below {config.watch_per_month:g}",
            remedy="let an alarm be rarer than a watch",
        )
    return config


def _number(name: str, value: Setting, *, whole: bool) -> float | int:
    lowest, highest = RANGES[name]
    good = isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest
    if not good or (whole and value != int(value)):
        raise Misconfigured(
            f"setting bacteria.{name} is {value!r}",
            value=value,
            limit=f"{'a whole number in ' if whole else ''}{lowest:g}..{highest:g}",
            remedy="choose a value in range",
        )
    return int(value) if whole else float(value)


def _method(value: Setting) -> str:
    if value not in METHODS:
        raise Misconfigured(
            f"setting bacteria.method is {value!r}", value=value, limit=", ".join(METHODS), remedy="choose one"
        )
    return str(value)


def _zone_name(value: Setting) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(
            f"timezone is {value!r}", value=value, limit="an IANA name", remedy="write it as Europe/Oslo"
        ) from error
