"""Decisions: what was seen, the options, the choice and the reason, frozen; a correction is a new decision.

**Source**: joint decision log (JESIP, "Joint Doctrine", decision logs): clear, intelligible, accurate, written at once, struck
through and never erased.
"""

from collections.abc import Sequence

from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed
from impetus.core.ids import IncidentId
from impetus.core.incident import Decision, IncidentEvent
from impetus.desk.context import Desk
from impetus.desk.incidents import Move, take_step
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation

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
) -> Decision:
    """Record a decision of an open incident for good; `corrects` names an earlier one that it strikes through."""
    permit(desk, actor, Operation.DECISIONS_WRITE)
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
        take_step(unit, unit.incidents.get(incident), act)
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
