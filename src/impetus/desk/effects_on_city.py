"""Setting city systems: the act that reaches the world, and what is written before and after it.

How it holds. A row with its end is stored before anything is sent, so whoever dies between sending and recording leaves a
row in `sending`, and `take_back` finds it. Sending again with the same key has one effect on a device that promises so; on
any other the row becomes `unknown`. A stop of the site or of all holds back setting, also at the last moment.

**Source**: AI Act, article 14(4)(e); class C of the house's ethics; record 0018.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import LIVE_EFFECTS, CityEffect, Device, EffectEvent, EffectState
from impetus.core.errors import ImpetusError, NotNow, Refused
from impetus.desk.context import Desk
from impetus.desk.devices import check_exercise, checked_command, device_of, end_of
from impetus.desk.effect_step import EFFECTS, NOT_KNOWN, move_effect, refuse_when_stopped, tell_effect
from impetus.ports import Unit
from impetus.ports.city import DeviceLink
from impetus.ports.effects import Outcome


class CityEffector:
    """Fulfils `impetus.ports.effects.Effector`: sets one device until a time, and leaves the row that ends it."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(
        self, target: str, parameters: Mapping[str, str], *, at: datetime, is_simulated: bool
    ) -> Mapping[str, str]:
        """Return the parameters of a proposal with the device and the end written out; `Malformed` says what is wrong."""
        device = device_of(self._desk, parameters.get("device", target))
        check_exercise(device, is_simulated=is_simulated)
        command = checked_command(device, parameters["command"])
        ends = end_of(parameters["until"], at, device.longest)
        return {**parameters, "device": device.id, "command": command, "ends": ends.astimezone(UTC).isoformat()}

    def reaches_simulated(self, action: Action) -> bool:
        """Say whether the action's device is a simulated one."""
        return device_of(self._desk, action.parameters.get("device", "")).simulated

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Set the device; what is not known is left to be taken back all the same."""
        effect, link = self._begin(authorised)
        if link is None:
            is_there = effect.state is EffectState.STANDING
            return Outcome(succeeded=is_there, receipt=effect.receipt or NOT_KNOWN, is_known=is_there)
        try:
            refuse_when_stopped(self._desk, f"setting {effect.name}")
            outcome = link.perform(authorised)
        except NotNow as error:
            _note_unsent(self._desk, effect.id, error.detail)
            raise
        except ImpetusError as error:
            outcome = Outcome(succeeded=False, receipt=error.detail, is_known=effect.attempts == 1)
        return self._record(effect, outcome)

    def _begin(self, authorised: Authorised[Action]) -> tuple[CityEffect, DeviceLink | None]:
        """Store the row before anything is sent; no link when nothing more may be sent.

        While it is being sent, `attempts` counts the tries that may have reached the device.
        """
        desk, action = self._desk, authorised.what
        device = device_of(desk, action.parameters["device"])
        link, at = desk.outside.city.link(device.id), desk.clock.now()
        until = datetime.fromisoformat(action.parameters["ends"])
        with desk.store.write() as unit:
            known = unit.effects.of_action(action.id)
            if known is not None and known.key == authorised.key:
                if known.state is not EffectState.SENDING:
                    return known, None
                if at < known.until and (link.is_repeatable or not known.attempts):
                    return unit.effects.replace(replace(known, attempts=known.attempts + 1)), link
                return move_effect(desk, unit, known, EffectEvent.LOSE, EFFECTS, receipt=NOT_KNOWN), None
            if at >= until:
                raise Refused(
                    f"its end was {until:%H:%M:%S}",
                    rule="an effect has an end",
                    value=until.isoformat(),
                    remedy="propose it anew",
                )
            effect = unit.effects.add(_fresh(action, device, authorised.key, at, until))
            tell_effect(unit, effect, EFFECTS, at, "effect.send", sound=False)
            return effect, link

    def _record(self, effect: CityEffect, outcome: Outcome) -> Outcome:
        """Store what became of the sending; a newer effect of the device replaces the older ones."""
        event = EffectEvent.CONFIRM if outcome.succeeded else EffectEvent.LOSE
        if not outcome.succeeded and outcome.is_known:
            event = EffectEvent.REFUSE
        with self._desk.store.write() as unit:
            now = unit.effects.get(effect.id)
            is_open = now.state in (EffectState.SENDING, EffectState.UNKNOWN)
            if not is_open or (event is EffectEvent.LOSE and now.state is EffectState.UNKNOWN):
                return outcome
            moved = move_effect(self._desk, unit, now, event, EFFECTS, receipt=outcome.receipt)
            if event is EffectEvent.CONFIRM:
                _replace_older(self._desk, unit, moved)
        return outcome


def _note_unsent(desk: Desk, effect_id: int, trouble: str) -> None:
    """Keep that a try did not reach the device."""
    with desk.store.write() as unit:
        effect = unit.effects.get(effect_id)
        unit.effects.replace(replace(effect, attempts=max(0, effect.attempts - 1), trouble=trouble[:300]))


def _replace_older(desk: Desk, unit: Unit, newest: CityEffect) -> None:
    for each in unit.effects.find(states=LIVE_EFFECTS, limit=500):
        if each.device == newest.device and each.id < newest.id:
            move_effect(desk, unit, each, EffectEvent.REPLACE, EFFECTS, receipt=f"replaced by effect {newest.id}")


def _fresh(action: Action, device: Device, key: str, at: datetime, until: datetime) -> CityEffect:
    return CityEffect(
        id=0,
        version=0,
        action=action.id,
        key=key,
        device=device.id,
        name=device.name,
        kind=device.kind,
        words=action.parameters["command"],
        state=EffectState.SENDING,
        attempts=1,
        at=at,
        until=until,
        changed_at=at,
        incident=action.incident,
        point=device.point,
        simulated=device.simulated,
    )
