"""What stands beside an incident at a glance: who works on it, under which laws, whom it asked, what it set in the city.

Who only looks at a page is not here, because it is not recorded: the workers' page promises so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.access import Regime
from impetus.core.actor import Actor
from impetus.core.incident import Incident, IncidentEntry
from impetus.desk.context import Desk
from impetus.desk.effect_reading import EffectShown, effects_shown
from impetus.desk.notice_reading import NoticeView, notices_view
from impetus.desk.shares import SharesView
from impetus.ethics.guard import Operation, may

LATELY = timedelta(hours=1)
"""How long after their last line somebody counts as working on it. House rule."""
MOST_NAMED = 6
MACHINES = "platform:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside an incident. `people` wrote lately, the last first; `agencies` have it shared with them now."""

    people: tuple[str, ...]
    agencies: tuple[str, ...]
    laws: frozenset[str]
    notices: tuple[NoticeView, ...]
    effects: tuple[EffectShown, ...]


def beside(
    desk: Desk, actor: Actor, incident: Incident, entries: Sequence[IncidentEntry], shared: SharesView
) -> Beside:
    """Return what stands beside an incident; parts that the actor may not see are empty."""
    live = [view.share for view in shared.shares if view.share.ended_at is None]
    received = () if shared.received is None else (shared.received.agency,)
    return Beside(
        people=lately(entries, desk.clock.now(), owner=incident.owner),
        agencies=tuple(dict.fromkeys((*received, *(share.agency for share in live)))),
        laws=frozenset({Regime.GDPR.value, *(share.regime for share in live)}),
        notices=notices_view(desk, actor, incident.id) if may(actor, Operation.CALLS_READ) else (),
        effects=effects_shown(desk, actor, incident.id) if may(actor, Operation.EFFECTS_READ) else (),
    )


def lately(entries: Sequence[IncidentEntry], now: datetime, *, owner: str) -> tuple[str, ...]:
    """Return who wrote in the last hour, the last first, at most six: people only, and not the owner, who is named anyway."""
    fresh = (entry for entry in reversed(entries) if now - entry.at <= LATELY)
    names = (entry.who for entry in fresh if entry.who != owner and not entry.who.startswith(MACHINES))
    return tuple(dict.fromkeys(names))[:MOST_NAMED]
