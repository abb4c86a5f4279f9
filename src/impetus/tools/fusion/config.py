"""Settings of fusion: every field with unit, range, default and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from impetus.core.errors import Misconfigured
from impetus.core.tool import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """When a finding repeats an alert, when it joins one, and when it is a new one."""

    group_s: float = 1_800.0
    """s, 1..86,400. An episode is over when nothing was noticed for half an hour; the next one is a new alert. House rule."""
    join_m: float = 100.0
    """m, 1..10,000. What happens further apart on a square is not one thing to the people there. House rule."""
    join_s: float = 300.0
    """s, 1..86,400. Five minutes between the end of one and the start of the other; a crowd crosses a square in two."""
    refire_s: float = 900.0
    """s, 0..86,400. For a quarter of an hour after closing, more of the same is what was just judged. House rule."""
    max_chance: float = 0.05
    """probability, above 0 up to 1. Joined only if unrelated alerts would come this close in fewer cases than 1 in 20."""
    area_km2: float = 1.0
    """km², 0.0001..100,000. The area that is watched; unrelated alerts are spread over it. Set it for each city."""
    background_per_hour: float = 6.0
    """alerts an hour, 0.001..10,000. One in ten minutes, what an operator can sustain (EEMUA 191)."""
    alerts_per_subject_per_hour: int = 4
    """alerts, 1..1,000. More of one subject in an hour are counted with the newest one, unless they are worse. House rule."""


RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "group_s": (1, 86_400),
        "join_m": (1, 10_000),
        "join_s": (1, 86_400),
        "refire_s": (0, 86_400),
        "max_chance": (1e-9, 1),
        "area_km2": (1e-4, 100_000),
        "background_per_hour": (1e-3, 10_000),
        "alerts_per_subject_per_hour": (1, 1_000),
    }
)


def from_settings(settings: Mapping[str, Setting]) -> Config:
    """Check settings and build the configuration; `Misconfigured` names the setting, its value and its range."""
    types = {item.name: type(item.default) for item in fields(Config)}
    values: dict[str, float | int] = {}
    for name, value in settings.items():
        if name not in types:
            raise Misconfigured(
                f"fusion has no setting {name}", value=name, limit=", ".join(types), remedy="remove it or mend its name"
            )
        values[name] = _checked(name, value, whole=types[name] is int)
    return Config(**values)  # type: ignore[arg-type]  # `_checked` made each value the type of its field


def _checked(name: str, value: Setting, *, whole: bool) -> float | int:
    """Return the number in the type of its field, within its range."""
    lowest, highest = RANGES[name]
    is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not is_number or not lowest <= float(value) <= highest:
        kind = "a whole number" if whole else "a number"
        raise Misconfigured(
            f"fusion.{name} is {value!r}",
            value=value,
            limit=f"{kind}, {lowest:g}..{highest:g}",
            remedy="choose a value in range",
        )
    return int(value) if whole else float(value)
