"""One step of an effect's life: the table decides, this stores it, logs it, writes the timeline and tells the screens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from impetus.core.actor import Actor, platform
from impetus.core.effect import EFFECT_LIFECYCLE, LIVE_EFFECTS, CityEffect, EffectEvent, EffectState
from impetus.core.effects import Effect
from impetus.core.errors import Unknown
from impetus.core.incident import IncidentEntry
from impetus.core.log_record import Processing
from impetus.core.stop import refusal
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.ports import Unit

EFFECTS = platform("effects")
NOT_KNOWN = "nobody knows whether it was set; look at it"


def refuse_when_stopped(desk: Desk, what: str) -> None:
    """Raise `Stopped` when a person stopped the site or all; to be asked right before sending."""
    stop = desk.stops.standing().of_everything()
    if stop is not None:
        raise refusal(stop, what)


def move_effect(  # noqa: PLR0913 - a step says this much, and the last parts are named at the call
    desk: Desk, unit: Unit, effect: CityEffect, event: EffectEvent, actor: Actor, *, receipt: str = "", why: str = ""
) -> CityEffect:
    """Take one step of the table, store, log, tell."""
    outcome = EFFECT_LIFECYCLE.step(effect.state, event)
    at = max(desk.clock.now(), effect.changed_at)
    is_over = outcome.state not in LIVE_EFFECTS
    moved = replace(
        effect,
        state=EffectState(outcome.state),
        changed_at=at,
        receipt=receipt[:300] or effect.receipt,
        trouble="" if is_over else effect.trouble,
    )
    stored = unit.effects.replace(moved)
    if Effect.RECORD in outcome.effects:
        tell_effect(unit, stored, actor, at, f"effect.{event.value}", sound=Effect.SOUND in outcome.effects, why=why)
        note_done(
            desk,
            actor,
            f"effect.{event.value}",
            f"effect:{stored.id}",
            processing=Processing.CONTROL,
            why=why or receipt[:300],
            case=str(stored.incident or ""),
            facts={"device": stored.device, "state": stored.state.value, "action": stored.action},
        )
    return stored


SAYINGS: Mapping[str, str] = {
    "effect.send": "{name}: {words} is being sent, until {until} UTC",
    "effect.confirm": "{name} shows: {words}, until {until} UTC",
    "effect.lose": "{name}: nobody knows whether it shows {words}; it is taken back at {until} UTC all the same",
    "effect.refuse": "{name} did not take {words}: {receipt}",
    "effect.revert": "{name}: {words} is being taken back",
    "effect.confirm_revert": "{name} no longer shows {words}",
    "effect.replace": "{name} shows {words} no longer: {receipt}",
    "effect.overdue": "{name} should no longer show {words} since {until} UTC, and has not confirmed it: {trouble}",
}
"""One sentence for people in the timeline, by event."""


def tell_effect(  # noqa: PLR0913 - a step says this much, and the last parts are named at the call
    unit: Unit, effect: CityEffect, actor: Actor, at: datetime, event: str, *, sound: bool, why: str = ""
) -> None:
    """Write the timeline's line and wake the screens."""
    said = SAYINGS[event].format(
        name=effect.name,
        words=f"“{effect.words}”",
        until=f"{effect.until:%H:%M:%S}",
        receipt=effect.receipt,
        trouble=effect.trouble,
    )
    unit.outbox.add(
        at,
        "effect",
        str(effect.id),
        {
            "state": effect.state.value,
            "incident": effect.incident,
            "sound": sound,
            "simulated": effect.simulated,
        },
    )
    if effect.incident is None:
        return
    try:
        incident = unit.incidents.get(effect.incident)
    except Unknown:
        return
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=at,
            event=event,
            who=actor.name,
            text=f"{said} ({why})" if why else said,
            detail={"effect": effect.id, "device": effect.device, "version": incident.version},
        )
    )
    unit.outbox.add(
        at,
        "incident",
        str(incident.id),
        {
            "state": incident.state.value,
            "severity": incident.severity.value,
            "version": incident.version,
            "sound": sound,
            "simulated": incident.simulated,
        },
    )
