"""Taking back what was set: at its end or before, tried until the device says that it is gone.

Nobody has to remember: what is live at its end is found in the store by whichever process looks next, also after all of
them died. A stop does not hold this back, because the state a stop leads to is the safe one, and a sign that still says
"leave by E2" is not safe. People are told when something stays longer than it should.

**Source**: AI Act, article 14(4)(e): a stop lets the system come to a halt in a safe state; record 0018.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.action import LIVE, Action
from impetus.core.actor import Actor
from impetus.core.authorised import Authorised
from impetus.core.effect import LIVE_EFFECTS, CityEffect, EffectEvent, EffectState
from impetus.core.errors import Conflict, ImpetusError, NotNow, Refused, Unknown
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.decide import authorise_reversal
from impetus.desk.effect_step import EFFECTS, move_effect, tell_effect
from impetus.desk.permit import permit
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began, trouble_ended
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports.city import DeviceLink
from impetus.ports.effects import Outcome

LOST_AFTER = timedelta(seconds=60)
"""How long a sending may take before nobody knows; longer than any line's own time-outs. House rule."""
RESEND_WITHIN = timedelta(seconds=60)
"""A newer effect being sent holds taking back an older one for so long at most: its words would be cleared. House rule."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=30)
OVERDUE_AFTER = timedelta(seconds=60)
"""How long past its end people are not yet alarmed: a device that is restarted is back by then. House rule."""


def revert_effect(desk: Desk, actor: Actor, effect_id: int, *, why: str) -> CityEffect:
    """Take an effect back before its end, with a reason; tried at once and then until the device says it is gone."""
    permit(desk, actor, Operation.EFFECTS_REVERT, on=f"effect:{effect_id}")
    text, at = words(why, "the reason", needed=True), desk.clock.now()
    with desk.store.write() as unit:
        effect = unit.effects.get(effect_id)
        if effect.state is EffectState.REVERTING:
            return effect
        asked = replace(effect, until=min(effect.until, at), reverted_by=actor.name, next_try=at)
        moved = move_effect(desk, unit, asked, EffectEvent.REVERT, actor, why=text)
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


def _tend(desk: Desk, effect: CityEffect, live: Sequence[CityEffect], at: datetime) -> bool:  # noqa: PLR0911 - one answer for each way an effect may stand
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
    is_time = effect.next_try is None or at >= effect.next_try
    if effect.state is EffectState.UNKNOWN and is_time:
        return _look_again(desk, effect, None)
    return effect.state is EffectState.STANDING and is_time and _is_gone(desk, effect)


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


def _is_gone(desk: Desk, effect: CityEffect) -> bool:
    """Ask now and then whether the device still shows it: one that was restarted, or set by hand, does not."""
    try:
        shown = desk.outside.city.link(effect.device).shown()
    except ImpetusError:
        shown = None
    if shown is not None and shown.key != effect.key:
        return _settle(desk, effect, EffectEvent.REPLACE, f"{effect.name} shows something else, or nothing")
    with desk.store.write() as unit:
        now = unit.effects.get(effect.id)
        if now.state is EffectState.STANDING:
            unit.effects.replace(replace(now, next_try=min(desk.clock.now() + LONGEST_WAIT, now.until)))
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
                claimed = move_effect(
                    desk, unit, replace(trying, attempts=1), EffectEvent.REVERT, EFFECTS, why="its end"
                )
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
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 10)))


def _settle(desk: Desk, effect: CityEffect, event: EffectEvent, receipt: str) -> bool:
    """Store a step unless somebody else did first."""
    try:
        with desk.store.write() as unit:
            moved = move_effect(desk, unit, unit.effects.get(effect.id), event, EFFECTS, receipt=receipt)
    except Conflict:
        return False
    if moved.is_told and moved.state not in LIVE_EFFECTS:
        publish_findings(desk, [trouble_ended(_overdue_report(moved, over=True), moved.until, desk.clock.now())])
    return True


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
            tell_effect(unit, changed, EFFECTS, at, "effect.overdue", sound=True)
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
