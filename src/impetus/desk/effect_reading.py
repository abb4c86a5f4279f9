"""What is set in the city now and was lately: what was sent, what is known of it, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.effect import LIVE_EFFECTS, CityEffect, Device, EffectState
from impetus.core.ids import IncidentId
from impetus.core.place import Point
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation

SHOWN_AFTER = timedelta(hours=12)
"""How long an effect that is over stays on the page: a shift. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectShown:
    """One effect as people see it.

    `state` is `sending`, `standing`, `unknown`, `reverting`, `overdue` (should be gone and is not confirmed gone),
    `reverted`, `refused` or `replaced`. `trouble` is why it could not be taken back yet.
    """

    id: int
    device: str
    kind: str
    words: str
    since: datetime
    until: datetime
    state: str
    point: Point | None
    simulated: bool
    incident: IncidentId | None
    name: str = ""
    receipt: str = ""
    trouble: str = ""
    is_live: bool = False


def effects_shown(desk: Desk, actor: Actor, incident_id: IncidentId | None = None) -> tuple[EffectShown, ...]:
    """Return what may stand in the city now, and what was over lately; newest first."""
    permit(desk, actor, Operation.EFFECTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        live = unit.effects.find(states=LIVE_EFFECTS, incident=incident_id)
        lately = unit.effects.find(incident=incident_id, limit=50)
    over = [each for each in lately if each.state not in LIVE_EFFECTS and at - each.changed_at <= SHOWN_AFTER]
    return tuple(_shown(each, at) for each in sorted((*live, *over), key=lambda each: each.id, reverse=True))


def devices(desk: Desk, actor: Actor) -> tuple[Device, ...]:
    """Return the city systems that can be driven from here."""
    permit(desk, actor, Operation.EFFECTS_READ)
    return tuple(desk.outside.city.devices())


def declaration_fault(desk: Desk, actor: Actor) -> str:
    """Return why the declaration of city systems cannot be read, empty when it can."""
    permit(desk, actor, Operation.EFFECTS_READ)
    return desk.outside.city.fault()


def _shown(effect: CityEffect, at: datetime) -> EffectShown:
    is_overdue = effect.state in LIVE_EFFECTS and at > effect.until
    return EffectShown(
        id=effect.id,
        device=effect.device,
        kind=effect.kind.value,
        words=effect.words,
        since=effect.at,
        until=effect.until,
        state="overdue" if is_overdue else EffectState(effect.state).value,
        point=effect.point,
        simulated=effect.simulated,
        incident=effect.incident,
        name=effect.name,
        receipt=effect.receipt,
        trouble=effect.trouble,
        is_live=effect.state in LIVE_EFFECTS,
    )


def overdue(desk: Desk) -> str:
    """Say in a few words what should be gone and is not, empty when nothing is; for the board."""
    at = desk.clock.now()
    with desk.store.read() as unit:
        late = [each for each in unit.effects.find(states=LIVE_EFFECTS) if at > each.until]
    if not late:
        return ""
    return f"{len(late)} to be taken back, first {late[-1].name} since {late[-1].until:%H:%M:%S}"
