"""Which alerts a quiet rule puts aside, until when, and whether what it put aside is still so when it ends.

**Source**: suppression by design and out-of-service need a reason, an owner, an end and a count, ISA-18.2 and IEC 62682;
the numbers are house rules.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from impetus.core.alert import Alert
from impetus.core.attention import Quiet, QuietKind
from impetus.core.errors import Malformed
from impetus.core.finding import Kind, Severity

LONGEST = {QuietKind.WORKS: timedelta(days=14), QuietKind.EXCEPTION: timedelta(days=90)}
"""Longest time a rule may stand: works of two weeks, an exception until the quarter is over. House rule."""
STILL_SO = timedelta(minutes=30)
"""An episode counts as going on when it was noticed within half an hour before the end, as fusion counts. House rule."""
LASTING = frozenset({Kind.FAULT, Kind.SILENCE, Kind.PLATFORM})
"""Kinds that are conditions: nobody said that they are over, so they are still so."""


def in_force(rule: Quiet, at: datetime) -> bool:
    """Say whether the rule stands at a time."""
    return rule.ended_at is None and rule.since <= at < rule.until


def matches(rule: Quiet, alert: Alert, sources: Iterable[str] = ()) -> bool:
    """Say whether the rule is about this alert: every part that is set agrees, and it is not too severe.

    `sources` are the sources its datastreams belong to. What nobody could grade is touched only from moderate up.
    """
    rank = max(alert.severity.rank, Severity.MODERATE.rank if alert.severity is Severity.UNKNOWN else 0)
    if rank > rule.up_to.rank or alert.severity is Severity.EXTREME:
        return False
    same_subject = rule.subject is None or alert.subject == rule.subject or alert.subject.startswith(f"{rule.subject}/")
    return (
        (rule.tool is None or rule.tool in alert.tools)
        and (rule.alert_kind is None or rule.alert_kind is alert.kind)
        and (rule.zone is None or rule.zone == alert.zone)
        and same_subject
        and (rule.source is None or rule.source in set(sources))
    )


def first_match(rules: Iterable[Quiet], alert: Alert, at: datetime, sources: Iterable[str] = ()) -> Quiet | None:
    """Return the rule that puts the alert aside longest, None when none does."""
    known = tuple(sources)
    found = [rule for rule in rules if in_force(rule, at) and matches(rule, alert, known)]
    return max(found, key=lambda rule: (rule.until, -rule.id), default=None)


def is_still_so(alert: Alert, at: datetime) -> bool:
    """Say whether what was put aside still goes on when it comes back."""
    return alert.kind in LASTING or at - alert.last_at <= STILL_SO


def check(rule: Quiet, at: datetime) -> Quiet:
    """Return the rule if it may stand, else raise `Malformed` that names what is wrong.

    It must match something in particular, end after it began and not in the past, not last too long, and never touch what is
    extreme.
    """
    if not any((rule.tool, rule.alert_kind, rule.zone, rule.subject, rule.source)):
        raise Malformed(
            "the rule is about everything",
            limit="a tool, kind, zone, source or subject",
            remedy="say what it is about",
        )
    if rule.up_to is Severity.EXTREME:
        raise Malformed(
            "a rule never touches what is extreme",
            value=rule.up_to.value,
            limit="minor, moderate or severe",
            remedy="choose the highest severity it may put aside",
        )
    if rule.up_to is Severity.UNKNOWN:
        raise Malformed(
            "up to which severity?", value=rule.up_to.value, limit="minor, moderate, severe", remedy="choose"
        )
    longest = LONGEST[rule.kind]
    if rule.since.tzinfo is None or rule.until.tzinfo is None:
        raise Malformed("a time has no zone", value=rule.until, limit="aware times", remedy="add Z or an offset")
    if not max(rule.since, at) < rule.until <= rule.since + longest:
        raise Malformed(
            f"the rule stands from {rule.since.isoformat()} until {rule.until.isoformat()}",
            value=rule.until.isoformat(),
            limit=f"an end ahead, at most {longest.days} days after it begins",
            remedy="choose an end; it can be made anew then",
        )
    return rule
