"""Take a copy of who looked: the same lines as on the screen, and one more in the log that says who took them."""

from datetime import datetime

from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor
from impetus.core.log_record import Processing
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.who_looked import Access, who_looked
from impetus.ethics.guard import Operation

MOST = 10_000
"""Lines of one copy; more are asked for in shorter spans. House rule."""
AT_ONCE = 200


def copy_accesses(desk: Desk, actor: Actor, *, subject: str, since: datetime, until: datetime) -> tuple[Access, ...]:
    """Return at most `MOST` lines, newest first, and note that this person has a copy of them.

    **Source**: Directive (EU) 2016/680, article 25(1): a disclosure is logged with who got it.
    """
    use = Use(category=Category.STAFF, purpose=Purpose.OVERSIGHT, recipient=actor.name)
    permit(desk, actor, Operation.ACCESSES_READ, on=subject, use=use)
    taken: list[Access] = []
    after: str | None = None
    while len(taken) < MOST:
        found = who_looked(desk, actor, subject=subject, since=since, until=until, after=after, limit=AT_ONCE)
        taken += found.items
        after = found.next
        if after is None:
            break
    note_done(
        desk,
        actor,
        "accesses.export",
        subject,
        processing=Processing.DISCLOSURE,
        category=Category.STAFF,
        purpose=Purpose.OVERSIGHT,
        recipient=actor.name,
        count=max(1, len(taken)),
        facts={"since": since.isoformat(), "until": until.isoformat()},
    )
    return tuple(taken[:MOST])
