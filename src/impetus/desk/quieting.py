"""Quiet rules, whatever they are for: made, ended, read; what they put aside is counted, visible, and comes back.

`planned_works` and `exceptions` are the two doors to it. An alert that a rule matches is shelved the moment it is raised, by
the platform and with the rule's reason in its history; getting worse brings it back at once, as it does any shelved alert.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor, platform
from impetus.core.alert import Alert, AlertState
from impetus.core.attention import Quiet, QuietKind
from impetus.core.errors import Conflict, Unknown
from impetus.core.finding import Kind, Severity
from impetus.core.ids import DatastreamId, SourceId, ToolId, ZoneId
from impetus.desk.action_step import person_of
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes import quiet

QUIETING = platform("quiet")
TITLE_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants put aside: what it is called, why, from when until when, how severe at most, and what matches."""

    title: str
    why: str
    since: datetime
    until: datetime
    up_to: Severity = Severity.MODERATE
    tool: ToolId | None = None
    alert_kind: Kind | None = None
    zone: ZoneId | None = None
    subject: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShown:
    """A rule as it is read: whether it stands now, how many alerts it put aside, and the latest of them."""

    rule: Quiet
    is_in_force: bool
    aside: int
    latest: tuple[Alert, ...] = ()


def make(desk: Desk, actor: Actor, kind: QuietKind, wanted: Wanted, *, owner: str) -> Quiet:
    """Store a rule in its owner's name; `Malformed` when it may not stand."""
    permit(desk, actor, Operation.LOAD_MANAGE, on=f"quiet:{kind.value}")
    person_of(actor)
    at = desk.clock.now()
    rule = quiet.check(
        Quiet(
            id=0,
            kind=kind,
            title=words(wanted.title, "the title", needed=True, longest=TITLE_CHARS),
            why=words(wanted.why, "the reason", needed=True),
            owner=owner,
            since=wanted.since,
            until=wanted.until,
            up_to=wanted.up_to,
            made_by=actor.name,
            made_at=at,
            tool=wanted.tool,
            alert_kind=wanted.alert_kind,
            zone=wanted.zone,
            subject=wanted.subject,
            source=wanted.source,
        ),
        at,
    )
    with desk.store.write() as unit:
        if owner != actor.name and unit.accounts.by_name(owner) is None:
            raise Unknown(f"nobody here is called {owner!r}", value=owner, remedy="choose from the list")
        stored = unit.attention.add_rule(rule)
        _note(desk, actor, "make", stored)
        return stored


def end(desk: Desk, actor: Actor, kind: QuietKind, rule_id: int) -> Quiet:
    """End a rule before its time; what it put aside comes back now."""
    permit(desk, actor, Operation.LOAD_MANAGE, on=f"quiet:{rule_id}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        rule = _of_kind(unit, kind, rule_id)
        if rule.ended_at is not None or at >= rule.until:
            raise Conflict(f"{rule.title} is over already", value=rule_id, remedy="reload")
        ended = replace(rule, ended_at=at, ended_by=actor.name)
        unit.attention.replace_rule(ended)
        for alert in _put_aside(unit, rule):
            unit.alerts.replace(replace(alert, shelved_until=at))
        _note(desk, actor, "end", ended)
        return ended


def review(desk: Desk, actor: Actor, kind: QuietKind, rule_id: int) -> Quiet:
    """Say at the hand-over that one read that a rule ran out."""
    permit(desk, actor, Operation.LOAD_READ, on=f"quiet:{rule_id}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        rule = _of_kind(unit, kind, rule_id)
        if rule.ended_at is None and at < rule.until:
            raise Conflict(f"{rule.title} still stands", value=rule_id, limit=rule.until.isoformat(), remedy="wait")
        reviewed = replace(rule, reviewed_at=at, reviewed_by=actor.name)
        unit.attention.replace_rule(reviewed)
        _note(desk, actor, "review", reviewed)
        return reviewed


def rules(desk: Desk, actor: Actor, kind: QuietKind) -> tuple[RuleShown, ...]:
    """Return the rules of a kind, the latest to end first, with how many alerts each put aside and the latest ten."""
    permit(desk, actor, Operation.LOAD_READ, on=f"quiet:{kind.value}")
    at = desk.clock.now()
    with desk.store.read() as unit:
        found = unit.attention.rules(kind)
        counts = unit.attention.counts([rule.id for rule in found])
        return tuple(
            RuleShown(
                rule=rule,
                is_in_force=quiet.in_force(rule, at),
                aside=counts[rule.id],
                latest=tuple(unit.alerts.get(alert) for alert in unit.attention.alerts_of(rule.id, limit=10)),
            )
            for rule in found
        )


def standing(unit: Unit, at: datetime) -> tuple[Quiet, ...]:
    """Return the rules in force, whatever they are for."""
    return tuple(rule for rule in unit.attention.rules(ends_after=at) if quiet.in_force(rule, at))


def sources_of(unit: Unit) -> Mapping[DatastreamId, SourceId]:
    """Return which source each datastream belongs to, for rules about a source."""
    return {each.id: each.source for each in unit.sources.catalogue().datastreams.values()}


def rule_for(
    rules_: Sequence[Quiet], sources: Mapping[DatastreamId, SourceId], alert: Alert, at: datetime
) -> Quiet | None:
    """Return the rule that puts a new alert aside, None when none does."""
    if not rules_:
        return None
    return quiet.first_match(rules_, alert, at, {sources[each] for each in alert.datastreams if each in sources})


def _of_kind(unit: Unit, kind: QuietKind, rule_id: int) -> Quiet:
    """Return the rule, if it is of that kind."""
    rule = unit.attention.rule(rule_id)
    if rule.kind is not kind:
        raise Unknown(f"there is no {kind.value} {rule_id}", value=rule_id, remedy="reload")
    return rule


def _put_aside(unit: Unit, rule: Quiet) -> list[Alert]:
    """Return the alerts that stay shelved because of this rule alone; one that a person shelved since is theirs."""
    found = [unit.alerts.get(alert) for alert in unit.attention.alerts_of(rule.id, limit=10_000)]
    return [alert for alert in found if alert.state is AlertState.SHELVED and alert.shelved_until == rule.until]


def _note(desk: Desk, actor: Actor, verb: str, rule: Quiet) -> None:
    """Write it into the log."""
    note_done(desk, actor, f"quiet.{verb}", f"quiet:{rule.id}", why=rule.why, facts={"kind": rule.kind.value})
