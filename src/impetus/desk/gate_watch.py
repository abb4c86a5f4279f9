"""What the gates do by themselves, every few seconds: end what is over, finish what was begun, tend planted tests."""

from datetime import timedelta

from impetus.core.actor import Actor
from impetus.core.ids import IncidentId
from impetus.desk.context import Desk
from impetus.desk.decision_figures import KEPT_WEEKS, week_of
from impetus.desk.gates import expire_due, perform_due
from impetus.desk.held_cases import held_cases
from impetus.desk.holds import cover_now
from impetus.desk.permit import permit
from impetus.desk.plants import tend
from impetus.ethics.guard import Operation

ACTIONS_KEPT = timedelta(days=730)
"""How long an ended proposal is kept: who agreed to what may be asked in court for that long. House rule, to be checked."""
PLANTS_KEPT = timedelta(days=365)
READ_IN_KEPT = timedelta(days=180)
"""How long a warning of somebody else is kept: as long as the alert it became. House rule."""


def watch_gates(desk: Desk) -> int:
    """Do what is due and return how many things changed; cheap when nothing is."""
    return expire_due(desk) + perform_due(desk) + tend(desk)


def sweep_gates(desk: Desk, actor: Actor) -> int:
    """Erase ended proposals, disclosed tests and figures whose time is over; return rows erased."""
    permit(desk, actor, Operation.RETENTION_SWEEP)
    at = desk.clock.now()
    with desk.store.write() as unit:
        cases = [IncidentId(case) for case in held_cases(unit, cover_now(unit, at))]
        return (
            unit.actions.erase_done(at - ACTIONS_KEPT, spared=cases)
            + unit.custody.erase_over(at - ACTIONS_KEPT, spared=cases)
            + unit.effects.erase_over(at - ACTIONS_KEPT)
            + unit.warnings.erase_over(at - ACTIONS_KEPT)
            + unit.warnings.erase_read_in(at - READ_IN_KEPT)
            + unit.plants.erase_done(at - PLANTS_KEPT)
            + unit.figures.erase_before(week_of(at) - timedelta(weeks=KEPT_WEEKS))
        )
