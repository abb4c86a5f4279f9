"""What an installation connected to the outside: city systems and the way of public warnings."""

from collections.abc import Callable, Mapping

from impetus.core.action import ActionKind
from impetus.desk.context import Desk
from impetus.desk.effects_on_city import CityEffector
from impetus.desk.warning_release import WarningEffector
from impetus.ports.effects import Effector

CONNECTED: Mapping[ActionKind, Callable[[Desk], Effector]] = {
    ActionKind.CITY_SYSTEM: CityEffector,
    ActionKind.PUBLIC_WARNING: WarningEffector,
}
"""Kinds that reach the world, when something is declared for them."""


def is_connected(desk: Desk, kind: ActionKind) -> bool:
    """Say whether something is declared that this kind could reach."""
    if kind is ActionKind.CITY_SYSTEM:
        return bool(desk.outside.city.devices())
    return kind is ActionKind.PUBLIC_WARNING and bool(desk.outside.gateways.sender())
