"""Setting city systems, and taking back what was set: the two acts that reach the world, and what is written around them.

How it holds. A row with its end is stored before anything is sent, so whoever dies between sending and recording leaves a
row in `sending`. Sending again with the same key has one effect on a device that promises so; on any other the row becomes
`unknown`. Whatever is live at its end is taken back, tried until the device says that it is gone; nobody has to remember.
A stop of the site or of all holds back setting, also at the last moment; it does not hold back taking back, because the
state a stop leads to is the safe one, and a sign that still says "leave by E2" is not safe.

**Source**: AI Act, article 14(4)(e): a stop lets the system come to a halt in a safe state; record 0018.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from impetus.core.action import LIVE, Action
from impetus.core.actor import Actor, platform
from impetus.core.authorised import Authorised
from impetus.core.effect import EFFECT_LIFECYCLE, LIVE_EFFECTS, CityEffect, Device, DeviceKind, EffectEvent, EffectState
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, ImpetusError, Malformed, NotNow, Refused, Unknown
from impetus.core.incident import IncidentEntry
from impetus.core.log_record import Processing
from impetus.core.stop import refusal
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.decide import authorise_reversal
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began, trouble_ended
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.ports.city import DeviceLink
from impetus.ports.effects import Outcome

EFFECTS = platform("effects")
SHORTEST = timedelta(minutes=1)
LOST_AFTER = timedelta(seconds=60)
"""How long a sending may take before nobody knows; longer than any line's own time-outs. House rule."""
RESEND_WITHIN = timedelta(seconds=60)
"""A newer effect being sent holds taking back an older one for so long at most: its words would be cleared. House rule."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=30)
OVERDUE_AFTER = timedelta(seconds=60)
"""How long past its end people are not yet alarmed: a device that is restarted is back by then. House rule."""
WIDEST_BLOCK = {4: 16, 6: 32}
"""Shortest prefix a firewall block may have: more than that is a whole provider. House rule."""
NOT_KNOWN = "nobody knows whether it was set; look at it"


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
                return _move(desk, unit, known, EffectEvent.LOSE, EFFECTS, receipt=NOT_KNOWN), None
            if at >= until:
                raise Refused(
                    f"its end was {until:%H:%M:%S}",
                    rule="an effect has an end",
                    value=until.isoformat(),
                    remedy="propose it anew",
                )
            effect = unit.effects.add(_fresh(action, device, authorised.key, at, until))
            _tell(unit, effect, EFFECTS, at, "effect.send", sound=False)
            return effect, link

    def _record(self, effect: CityEffect, outcome: Outcome) -> Outcome:
        """Store what became of the sending; a newer effect of the device replaces the older ones."""
        event = EffectEvent.CONFIRM if outcome.succeeded else EffectEvent.LOSE
        if not outcome.succeeded and outcome.is_known:
            event = EffectEvent.REFUSE
        with self._desk.store.write() as unit:
            now = unit.effects.get(effect.id)
            if now.state not in (EffectState.SENDING, EffectState.UNKNOWN) or now.state == event:
                return outcome
            if event is EffectEvent.LOSE and now.state is EffectState.UNKNOWN:
                return outcome
            moved = _move(self._desk, unit, now, event, EFFECTS, receipt=outcome.receipt)
            if event is EffectEvent.CONFIRM:
                _replace_older(self._desk, unit, moved)
        return outcome


def device_of(desk: Desk, said: str) -> Device:
    """Return the device somebody means, by id, `kind:id` or name; `Malformed` names those there are."""
    wanted = said.strip().casefold()
    devices = desk.outside.city.devices()
    for device in devices:
        if wanted in {device.id.casefold(), f"{device.kind}:{device.id}".casefold(), device.name.casefold()}:
            return device
    fault = desk.outside.city.fault()
    raise Malformed(
        f"no city system is called {said[:80]!r}" if not fault else f"no city system can be driven: {fault}",
        value=said[:80],
        limit=", ".join(device.id for device in devices) or "none is declared",
        remedy="name one that is declared in effectors.toml" if not fault else "mend effectors.toml",
    )


def checked_command(device: Device, command: str) -> str:
    """Return the words a device is to take; `Malformed` when it does not know them or has no room."""
    said = " ".join(command.split())
    if device.commands and said not in device.commands:
        raise Malformed(
            f"{device.name} does not know {said[:60]!r}", value=said[:60], limit=", ".join(device.commands),
            remedy="choose one of these",
        )  # fmt: skip
    if not 0 < len(said) <= device.most_words:
        raise Malformed(
            f"{len(said)} characters for {device.name}", value=len(said), limit=f"1..{device.most_words}",
            remedy="say it in fewer words",
        )  # fmt: skip
    if device.kind is DeviceKind.FIREWALL:
        return _network(said)
    return said


def _network(said: str) -> str:
    """Return the network a firewall is to block; nothing wider than a house rule, nothing else than an address."""
    try:
        network = ip_network(said)
    except ValueError as error:
        raise Malformed(
            f"{said[:60]!r} is no network",
            value=said[:60],
            limit="an address or network",
            remedy="write 203.0.113.7/32",
        ) from error
    if network.prefixlen < WIDEST_BLOCK[network.version]:
        raise Malformed(
            f"{network} is {network.num_addresses} addresses",
            value=str(network),
            limit=f"/{WIDEST_BLOCK[network.version]} or narrower",
            remedy="block less",
        )
    return str(network)


def end_of(until: str, at: datetime, longest: timedelta) -> datetime:
    """Return when an effect ends: the time said, else as long as the device may be set.

    A time is ISO 8601 with an offset. Words ("end of incident") name no moment; they stay beside the end that is set, so
    that people read both, and the end is never left open.
    """
    try:
        ends = datetime.fromisoformat(until.strip())
    except ValueError:
        return at + longest
    if ends.tzinfo is None:
        raise Malformed(
            f"the end {until} has no offset", value=until, limit="2026-11-22T22:00:00+01:00", remedy="add it"
        )
    if not at + SHORTEST <= ends <= at + longest:
        raise Malformed(
            f"the end {ends:%H:%M:%S} is {'over' if ends <= at else 'out of range'}",
            value=until,
            limit=f"{SHORTEST} .. {longest} from now",
            remedy="choose an end in range; propose it again when it is over",
        )
    return ends


def check_exercise(device: Device, *, is_simulated: bool) -> None:
    """Refuse to let exercise input move a real device.

    **Source**: processes of the house: exercises have no way to a live effector.
    """
    if is_simulated and not device.simulated:
        raise Refused(
            f"{device.name} is real and this comes from simulated input",
            rule="exercises have no way to a live effector",
            value=device.id,
            limit="a simulated device",
            source="processes of the house; HSEEP",
            remedy="choose a simulated device, or propose it from a real incident",
        )


def revert_effect(desk: Desk, actor: Actor, effect_id: int, *, why: str) -> CityEffect:
    """Take an effect back before its end, with a reason; tried at once and then until the device says it is gone."""
    permit(desk, actor, Operation.EFFECTS_REVERT, on=f"effect:{effect_id}")
    text, at = words(why, "the reason", needed=True), desk.clock.now()
    with desk.store.write() as unit:
        effect = unit.effects.get(effect_id)
        if effect.state is EffectState.REVERTING:
            return effect
        asked = replace(effect, until=min(effect.until, at), reverted_by=actor.name, next_try=at)
        moved = _move(desk, unit, asked, EffectEvent.REVERT, actor, why=text)
    _take_back(desk, moved)
    with desk.store.read() as unit:
        return unit.effects.get(effect_id)


def tend_effects(desk: Desk) -> int:
    """Do what is due: learn what was lost, take back what is over, alarm about what stays. Return how many changed.

    For a part of its own, each second; cheap when nothing is due.
    """
    permit(desk, EFFECTS, Operation.EFFECTS_REVERT)
    at = desk.clock.now()
    with desk.store.read() as unit:
        live = unit.effects.find(states=LIVE_EFFECTS, limit=500)
    if not live:
        return 0
    return sum(_tend(desk, effect, live, at) for effect in reversed(live))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newer:
    """What is newer on a device: something that stands, or something on its way since a moment ago."""

    stands: bool
    is_coming: bool


def _tend(desk: Desk, effect: CityEffect, live: Sequence[CityEffect], at: datetime) -> bool:
    """Do what is due for one effect."""
    if effect.state is EffectState.SENDING and _is_left(desk, effect, at):
        if not effect.attempts:
            return _settle(desk, effect, EffectEvent.REFUSE, effect.trouble or "nothing was sent")
        return _look_again(desk, effect, EffectEvent.LOSE)
    if effect.is_due(at):
        newer = _newer(effect, live, at)
        if newer.stands:
            return _settle(desk, effect, EffectEvent.REPLACE, "something newer stands on it")
        if newer.is_coming or (effect.next_try is not None and at < effect.next_try):
            return False
        return _take_back(desk, effect)
    if effect.state is EffectState.UNKNOWN and (effect.next_try is None or at >= effect.next_try):
        return _look_again(desk, effect, None)
    return False


def _is_left(desk: Desk, effect: CityEffect, at: datetime) -> bool:
    """Say whether nobody sends it any more: its action is over, or stopped trying long ago."""
    if at - effect.changed_at < LOST_AFTER:
        return False
    with desk.store.read() as unit:
        try:
            state = unit.actions.get(effect.action).state
        except Unknown:
            return True
    return state not in LIVE


def _newer(effect: CityEffect, live: Sequence[CityEffect], at: datetime) -> _Newer:
    same = [each for each in live if each.device == effect.device and each.id > effect.id and not each.is_due(at)]
    coming = (each for each in same if each.state is EffectState.SENDING and at - each.changed_at < RESEND_WITHIN)
    return _Newer(stands=any(each.state is EffectState.STANDING for each in same), is_coming=any(coming))


def _look_again(desk: Desk, effect: CityEffect, otherwise: EffectEvent | None) -> bool:
    """Ask the device what it shows; only what it says itself makes something known."""
    try:
        shown = desk.outside.city.link(effect.device).shown()
    except ImpetusError:
        shown = None
    if shown is not None and shown.key == effect.key:
        return _settle(desk, effect, EffectEvent.CONFIRM, f"{effect.name} says that it shows it")
    if otherwise is not None:
        return _settle(desk, effect, otherwise, "nobody knows whether it was set")
    wait = _wait(effect.attempts)
    with desk.store.write() as unit:
        now = unit.effects.get(effect.id)
        if now.state is EffectState.UNKNOWN:
            unit.effects.replace(replace(now, attempts=now.attempts + 1, next_try=desk.clock.now() + wait))
    return False


def _take_back(desk: Desk, effect: CityEffect) -> bool:
    """Try once to take an effect back; the row says first that somebody tries, and when the next may."""
    at = desk.clock.now()
    try:
        with desk.store.write() as unit:
            now = unit.effects.get(effect.id)
            trying = replace(now, attempts=now.attempts + 1, next_try=at + _wait(now.attempts))
            if now.state is EffectState.REVERTING:
                claimed = unit.effects.replace(replace(trying, changed_at=max(at, now.changed_at)))
            else:
                claimed = _move(desk, unit, replace(trying, attempts=1), EffectEvent.REVERT, EFFECTS, why="its end")
            authorised = authorise_reversal(unit, claimed, at=at)
        outcome = _reverted(desk.outside.city.link(claimed.device), authorised)
    except Conflict:
        return False
    except (NotNow, Unknown, Refused) as error:
        outcome = Outcome(succeeded=False, receipt=error.detail)
    if outcome.succeeded:
        return _settle(desk, effect, EffectEvent.CONFIRM_REVERT, outcome.receipt)
    _note_trouble(desk, effect.id, outcome.receipt)
    return False


def _reverted(link: DeviceLink, authorised: Authorised[Action]) -> Outcome:
    """Say it to the device; what nobody knows is not done, and is tried again."""
    return link.revert(authorised)


def _wait(attempts: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 10))


def _settle(desk: Desk, effect: CityEffect, event: EffectEvent, receipt: str) -> bool:
    """Store a step unless somebody else did first."""
    try:
        with desk.store.write() as unit:
            moved = _move(desk, unit, unit.effects.get(effect.id), event, EFFECTS, receipt=receipt)
    except Conflict:
        return False
    if moved.is_told and moved.state not in LIVE_EFFECTS:
        publish_findings(desk, [trouble_ended(_overdue_report(moved, over=True), moved.until, desk.clock.now())])
    return True


def _note_unsent(desk: Desk, effect_id: int, trouble: str) -> None:
    """Keep that a try did not reach the device."""
    with desk.store.write() as unit:
        effect = unit.effects.get(effect_id)
        unit.effects.replace(replace(effect, attempts=max(0, effect.attempts - 1), trouble=trouble[:300]))


def _note_trouble(desk: Desk, effect_id: int, trouble: str) -> None:
    """Keep why it did not work, and alarm people once when an end is long past."""
    at = desk.clock.now()
    with desk.store.write() as unit:
        effect = unit.effects.get(effect_id)
        if effect.state not in LIVE_EFFECTS:
            return
        is_late = at - effect.until >= OVERDUE_AFTER and not effect.is_told
        changed = unit.effects.replace(replace(effect, trouble=trouble[:300], is_told=effect.is_told or is_late))
        if is_late:
            _tell(unit, changed, EFFECTS, at, "effect.overdue", sound=True)
    if is_late:
        publish_findings(desk, [trouble_began(_overdue_report(changed), at)])


def _overdue_report(effect: CityEffect, *, over: bool = False) -> SelfReport:
    """Return what people are told of an effect that should be gone."""
    headline = "{device} is back to normal" if over else "{device} may still show what should be gone"
    return SelfReport(
        key=f"platform:effect:{effect.id}:{'over' if over else 'overdue'}",
        subject=f"effect:{effect.id}",
        headline=Phrase(template=headline, values={"device": effect.name}),
        why=Phrase(
            template="{words} was to end at {until} UTC; the last try said: {trouble}",
            values={
                "words": effect.words,
                "until": f"{effect.until:%Y-%m-%d %H:%M:%S}",
                "trouble": (effect.receipt if over else effect.trouble) or "nothing",
            },
        ),
    )


def refuse_when_stopped(desk: Desk, what: str) -> None:
    """Raise `Stopped` when a person stopped the site or all; to be asked right before sending."""
    stop = desk.stops.standing().of_everything()
    if stop is not None:
        raise refusal(stop, what)


def _replace_older(desk: Desk, unit: Unit, newest: CityEffect) -> None:
    for each in unit.effects.find(states=LIVE_EFFECTS, limit=500):
        if each.device == newest.device and each.id < newest.id:
            _move(desk, unit, each, EffectEvent.REPLACE, EFFECTS, receipt=f"replaced by effect {newest.id}")


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


def _move(
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
        _tell(unit, stored, actor, at, f"effect.{event.value}", sound=Effect.SOUND in outcome.effects, why=why)
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
    "effect.replace": "{name}: {words} gave way to something newer",
    "effect.overdue": "{name} should no longer show {words} since {until} UTC, and has not confirmed it: {trouble}",
}
"""One sentence for people in the timeline, by event."""


def _tell(
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
    facts: dict[str, str | int | float | bool | None] = {
        "state": effect.state.value,
        "sound": sound,
        "simulated": effect.simulated,
    }
    unit.outbox.add(at, "effect", str(effect.id), {**facts, "incident": effect.incident})
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
        at, "incident", str(incident.id), {**facts, "state": incident.state.value, "version": incident.version}
    )
