"""What the demonstration's supervisor put aside: works in the city that the readings would cry about, for the page to show."""

from datetime import timedelta

from impetus.core.finding import Kind, Severity
from impetus.desk import planned_works
from impetus.desk.context import Desk
from impetus.desk.quieting import Wanted
from impetus.desk.sign_in import actor_of

TITLE = "The fountain's pump is renewed"
LASTS = timedelta(days=7)


def plan_demo_works(desk: Desk, supervisor: str) -> bool:
    """Plan works at the fountain for a week, unless they stand already; says whether they were planned now.

    They put aside minor faults of the fountain's own meters and nothing else: no part of the story is hidden by them.
    """
    with desk.store.read() as unit:
        account = unit.accounts.by_name(supervisor)
    if account is None:
        return False
    actor = actor_of(account)
    if any(shown.is_in_force and shown.rule.title == TITLE for shown in planned_works.works(desk, actor)):
        return False
    at = desk.clock.now()
    planned_works.plan_works(
        desk,
        actor,
        Wanted(
            title=TITLE,
            why="its meters are switched off and on again while the pump is changed",
            since=at,
            until=at + LASTS,
            up_to=Severity.MINOR,
            alert_kind=Kind.FAULT,
            subject="thing:demo/fountain",
        ),
    )
    return True
