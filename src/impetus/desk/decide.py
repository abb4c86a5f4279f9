"""Decisions: what was seen, the options, the choice and the reason, frozen; a correction is a new decision.

And what decisions make possible: the only place where an `Authorised` is built. It is built from what stands in the store,
at the moment it is used, and from nothing a caller claims: who agreed, to exactly what, whether they still may, and whether
it is still time.

**Source**: joint decision log (JESIP, "Joint Doctrine", decision logs): clear, intelligible, accurate, written at once, struck
through and never erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from impetus.core.action import (
    AGREEING,
    CLASS_RULES,
    KIND_RULES,
    Action,
    ActionKind,
    answerable_of,
    deciders_of,
)
from impetus.core.actor import Actor, Role
from impetus.core.authorised import _SEAL, Authorised
from impetus.core.effect import CityEffect, EffectState
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import AccountId, IncidentId
from impetus.core.incident import Decision, IncidentEvent
from impetus.desk.context import Desk
from impetus.desk.decision_log import Judged, checked_judged
from impetus.desk.incidents import Move, take_step
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit

T = TypeVar("T")
SOURCE = "nothing affects the world without a human decision: AI Act, article 14; GDPR, article 22"
REVERSIBLE = timedelta(days=366)
NOT_ENOUGH = "Not enough information"
"""The option that is always there: deciding that one cannot decide yet, with what is missing as the reason."""
MIN_OPTIONS, MAX_OPTIONS = 2, 8
"""A decision chooses between at least two options (doing nothing is one); more than eight nobody weighs. House rule."""
MAX_OPTION = 500
"""Longest option in characters; house rule."""


def decide(  # noqa: PLR0913  # a decision has this many parts, and each is named at the call
    desk: Desk,
    actor: Actor,
    incident: IncidentId,
    *,
    seen: str,
    options: Sequence[str],
    choice: str,
    reason: str,
    corrects: int | None = None,
    judged: Judged | None = None,
) -> Decision:
    """Record a decision of an open incident for good; `corrects` names an earlier one that it strikes through."""
    permit(desk, actor, Operation.DECISIONS_WRITE, on=f"incident:{incident}")
    rests = checked_judged(judged or Judged(), desk.clock.now())
    decision = Decision(
        id=0,
        incident=incident,
        at=desk.clock.now(),
        who=actor.name,
        seen=words(seen, "what was seen", needed=True),
        options=_options(options),
        choice=words(choice, "the choice", needed=True, longest=MAX_OPTION),
        reason=words(reason, "the reason", needed=True),
        corrects=corrects,
        risks=rests.risks,
        powers=rests.powers,
        assumptions=rests.assumptions,
        with_whom=tuple(rests.with_whom),
        review_at=rests.review_at,
    )
    if decision.choice not in decision.options:
        raise Malformed(
            f"choice {choice!r} is not one of the options",
            value=choice,
            limit=" | ".join(decision.options),
            remedy="choose one of the options, or add it to them",
        )
    with desk.store.write() as unit:
        _check_correction(corrects, unit.incidents.decisions(incident))
        act = Move(actor=actor, event=IncidentEvent.DECIDE, at=decision.at, text=decision.choice)
        take_step(desk, unit, unit.incidents.get(incident), act)
        return unit.incidents.decide(decision)


def _options(options: Sequence[str]) -> tuple[str, ...]:
    """Return the options, each said once; refuses fewer than two: one option is no decision."""
    given = tuple(words(option, "an option", needed=True, longest=MAX_OPTION) for option in options)
    distinct = tuple(dict.fromkeys(given))
    if not MIN_OPTIONS <= len(distinct) <= MAX_OPTIONS:
        raise Malformed(
            f"{len(distinct)} different options",
            value=len(distinct),
            limit=f"{MIN_OPTIONS}..{MAX_OPTIONS}",
            remedy="name what else could have been done; doing nothing is an option",
        )
    return distinct


def _check_correction(corrects: int | None, decisions: Sequence[Decision]) -> None:
    """Refuse a correction of what is not there, or was corrected already: corrections form a line, not a tree."""
    if corrects is None:
        return
    if corrects not in {decision.id for decision in decisions}:
        raise Malformed(
            f"this incident has no decision {corrects}", value=corrects, limit="a decision of it", remedy="reload"
        )
    for decision in decisions:
        if decision.corrects == corrects:
            raise Conflict(
                f"decision {corrects} was corrected by {decision.who} at {decision.at:%H:%M:%S}",
                value=corrects,
                limit=decision.id,
                remedy=f"correct decision {decision.id} instead",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One person's yes as it stands in the store: the number of its line, whose it is, and when it was given."""

    decision: int
    account: AccountId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an authorisation is made of. `begins` is when it was asked for, `expires` when it is over; `key` names it."""

    kind: ActionKind
    consents: tuple[Consent, ...]
    content_hash: str
    key: str
    begins: datetime
    expires: datetime


def authorise(unit: Unit, what: T, terms: Terms, *, at: datetime) -> Authorised[T]:
    """Return the authorisation when enough different people agreed, who still may, and it is still time; else `Refused`.

    To be called in the unit that spends it: the caller stores, in the same unit, that it is spent.

    **Source**: AI Act, article 14(4)(d): people decide; article 14(5): two, for what reaches furthest.
    """
    rule = CLASS_RULES[KIND_RULES[terms.kind].action_class]
    _check_time(terms, at)
    roles = standing(unit, terms.kind, [consent.account for consent in terms.consents])
    if len(roles) < rule.persons:
        raise _refused("not enough people have agreed", f"{len(roles)} of {rule.persons}", "ask who else may decide")
    if rule.persons and not answerable_of(terms.kind) & set(roles.values()):
        raise _refused(
            "nobody answerable is among those who agreed",
            ", ".join(sorted(set(roles.values()))),
            f"ask somebody who is {' or '.join(sorted(answerable_of(terms.kind)))}",
        )
    return Authorised(
        what=what,
        decisions=tuple(consent.decision for consent in terms.consents if consent.account in roles),
        persons=tuple(roles),
        valid_until=terms.expires,
        content_hash=terms.content_hash,
        key=terms.key,
        seal=_SEAL,
    )


def authorise_action(unit: Unit, action: Action, *, at: datetime) -> Authorised[Action]:
    """Return the authorisation of a stored proposal, from the yeses to exactly what it says now."""
    stored = unit.actions.get(action.id)
    content_hash = stored.content_hash()
    terms = Terms(
        kind=stored.kind,
        consents=consents_of(unit, stored),
        content_hash=content_hash,
        key=f"action:{stored.id}:{content_hash[:32]}",
        begins=stored.at,
        expires=stored.expires,
    )
    return authorise(unit, stored, terms, at=at)


def authorise_reversal(unit: Unit, effect: CityEffect, *, at: datetime) -> Authorised[Action]:
    """Return the authorisation to take an effect back: its end was part of what people agreed to, and nothing revokes it.

    It is built from the stored effect and the decisions its action rests on, also when that action's time is long over or
    who agreed has left; an effect that is over gives none. `valid_until` is a year away: taking back has no last moment.

    **Source**: class C of the house's ethics: a reversible act with an end.
    """
    stored = unit.effects.get(effect.id)
    action = unit.actions.get(stored.action)
    if stored.state is not EffectState.REVERTING or at < stored.until:
        raise _refused("it is not to be taken back now", stored.state.value, "look at how it stands")
    consents = consents_of(unit, action)
    return Authorised(
        what=action,
        decisions=tuple(consent.decision for consent in consents),
        persons=tuple(dict.fromkeys(consent.account for consent in consents)),
        valid_until=stored.until + REVERSIBLE,
        content_hash=action.content_hash(),
        key=stored.key,
        seal=_SEAL,
    )


def standing(unit: Unit, kind: ActionKind, accounts: Sequence[AccountId]) -> dict[AccountId, Role]:
    """Return those of the accounts whose yes counts now, each once: not disabled, and of a role that decides on it."""
    roles = {account: _role_of(unit, account) for account in accounts}
    return {account: role for account, role in roles.items() if role is not None and role in deciders_of(kind)}


def consents_of(unit: Unit, action: Action) -> tuple[Consent, ...]:
    """Return every yes to exactly what a stored proposal says now."""
    content_hash = action.content_hash()
    return tuple(
        Consent(decision=entry.id, account=entry.account, at=entry.at)
        for entry in unit.actions.entries(action.id)
        if entry.event in AGREEING and entry.account is not None and entry.content_hash == content_hash
    )


def _check_time(terms: Terms, at: datetime) -> None:
    """Refuse what is over, what was asked for or agreed to after now (a clock went back), and what lasts too long."""
    longest = CLASS_RULES[KIND_RULES[terms.kind].action_class].longest
    if at >= terms.expires or terms.expires - terms.begins > longest:
        raise _refused("its time is over", f"{terms.expires:%H:%M:%S}", "propose it anew")
    newest = max((terms.begins, *(consent.at for consent in terms.consents)))
    if at < newest:
        raise _refused("the clock went back since it was agreed to", f"{newest:%H:%M:%S}", "propose it anew")


def _role_of(unit: Unit, account: AccountId) -> Role | None:
    """Return the role of an account that may still act, None for one that is gone or disabled."""
    try:
        found = unit.accounts.get(account)
    except Unknown:
        return None
    return None if found.disabled_at is not None else found.role


def _refused(detail: str, value: str, remedy: str) -> Refused:
    """Return the refusal with its source."""
    return Refused(detail, rule="an effect needs a valid decision", value=value, source=SOURCE, remedy=remedy)
