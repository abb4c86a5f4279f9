"""The decision log: what a decision rests on, which were struck through, and which want looking at again.

Nothing in it is ever left out: a corrected decision stands struck through beside the one that corrects it.

**Source**: joint decision log and joint decision model (JESIP, "Joint Doctrine: The Interoperability Framework", edition 3,
2021): gather information, assess risks, consider powers and policies, identify options, take action and review.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.ids import IncidentId
from impetus.core.incident import Decision
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation

MAX_NAME, MOST_NAMES = 80, 20
LONGEST_REVIEW = timedelta(days=30)
"""Bounds of who took part, and of when to look at a decision again; house rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What else a decision rests on: risks and powers weighed, assumptions, who took part, and when to look at it again.

    `review_at` lies after the decision and at most `LONGEST_REVIEW` away.
    """

    risks: str = ""
    powers: str = ""
    assumptions: str = ""
    with_whom: Sequence[str] = ()
    review_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision in the log: by which it was struck through, and whether it wants looking at again by now."""

    decision: Decision
    struck_by: int | None
    is_due: bool


def decision_log(desk: Desk, actor: Actor, incident: IncidentId) -> tuple[DecisionView, ...]:
    """Return an incident's decisions, oldest first, the corrected ones struck through and never left out."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident}")
    at = desk.clock.now()
    with desk.store.read() as unit:
        unit.incidents.get(incident)
        decisions = unit.incidents.decisions(incident)
    struck = {each.corrects: each.id for each in decisions if each.corrects is not None}
    return tuple(
        DecisionView(
            decision=each,
            struck_by=struck.get(each.id),
            is_due=each.id not in struck and each.review_at is not None and each.review_at <= at,
        )
        for each in decisions
    )


def checked_judged(judged: Judged, at: datetime) -> Judged:
    """Return it with its words in order; refuses long ones, too many people, and a review that is past or too far away."""
    names = tuple(dict.fromkeys(words(name, "a name", needed=True, longest=MAX_NAME) for name in judged.with_whom))
    if len(names) > MOST_NAMES:
        raise Malformed(f"{len(names)} people", value=len(names), limit=MOST_NAMES, remedy="name their services")
    review = judged.review_at
    if review is not None and (review.tzinfo is None or not at < review <= at + LONGEST_REVIEW):
        raise Malformed(
            f"to be looked at again {review:%Y-%m-%d %H:%M}",
            value=review.isoformat(),
            limit=f"after now, within {LONGEST_REVIEW.days} days",
            remedy="name a time while the incident lasts",
        )
    return Judged(
        risks=words(judged.risks, "the risks", needed=False),
        powers=words(judged.powers, "powers and policy", needed=False),
        assumptions=words(judged.assumptions, "the assumptions", needed=False),
        with_whom=names,
        review_at=review,
    )
