"""Links of incidents and alerts, and what is shared with other agencies."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.situation import _changed
from impetus.adapters.sql.situation_schema import LINKS, RECEIVED, SHARE_TASKS, SHARES
from impetus.core.ids import AlertId, IncidentId, LinkId, ShareId, TaskId
from impetus.core.situation import Link, Received, Share, ShareTask

LINK = RowCodec(Link)
SHARE = RowCodec(Share)
TASK = RowCodec(ShareTask)
RECEIPT = RowCodec(Received)
LINKS_SHOWN, SHARES_SHOWN, TASKS_SHOWN = 200, 100, 100


class SqlLinks(Repository):
    """Fulfils `impetus.ports.situation.Links`."""

    def add(self, link: Link) -> Link:
        """Store a new one and return it with its id."""
        return replace(link, id=LinkId(self._add(LINKS, LINK.to_row(link))))

    def get(self, link: LinkId) -> Link:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(LINKS).where(LINKS.c.id == link))
        if row is None:
            raise unknown("link", link)
        return LINK.from_row(row)

    def end(self, link: Link) -> bool:
        """Store that it was undone; false when somebody did before."""
        standing = sa.update(LINKS).where(LINKS.c.id == link.id, LINKS.c.undone_at.is_(None))
        return self._connection.execute(standing.values(LINK.to_row(link))).rowcount == 1

    def of_incident(self, incident: IncidentId) -> Sequence[Link]:
        """Return every link the incident is an end of, oldest first."""
        return self._last(sa.or_(LINKS.c.incident == incident, LINKS.c.other == incident))

    def of_alert(self, alert: AlertId) -> Sequence[Link]:
        """Return every link the alert is an end of, oldest first."""
        return self._last(sa.or_(LINKS.c.alert == alert, LINKS.c.other_alert == alert))

    def _last(self, mine: sa.ColumnElement[bool]) -> Sequence[Link]:
        rows = self._rows(sa.select(LINKS).where(mine).order_by(LINKS.c.id.desc()).limit(LINKS_SHOWN))
        return tuple(LINK.from_row(row) for row in reversed(rows))


class SqlShares(Repository):
    """Fulfils `impetus.ports.situation.Shares`."""

    def add(self, share: Share) -> Share:
        """Store a new one and return it with its id."""
        return replace(share, id=ShareId(self._add(SHARES, SHARE.to_row(share))))

    def get(self, share: ShareId) -> Share:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(SHARES).where(SHARES.c.id == share))
        if row is None:
            raise unknown("share", share)
        return SHARE.from_row(row)

    def replace(self, share: Share) -> None:
        """Store the change."""
        self._connection.execute(sa.update(SHARES).where(SHARES.c.id == share.id).values(SHARE.to_row(share)))

    def of_incident(self, incident: IncidentId) -> Sequence[Share]:
        """Return them, oldest first."""
        mine = sa.select(SHARES).where(SHARES.c.incident == incident).order_by(SHARES.c.id)
        return tuple(SHARE.from_row(row) for row in self._rows(mine.limit(SHARES_SHOWN)))

    def add_task(self, task: ShareTask) -> ShareTask:
        """Store a new one and return it with its id."""
        return replace(task, id=TaskId(self._add(SHARE_TASKS, TASK.to_row(task))))

    def task(self, task: TaskId) -> ShareTask:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(SHARE_TASKS).where(SHARE_TASKS.c.id == task))
        if row is None:
            raise unknown("task of another agency", task)
        return TASK.from_row(row)

    def replace_task(self, before: ShareTask, after: ShareTask) -> None:
        """Store the change if it still stands as `before` says."""
        row = TASK.to_row(before)
        same = [SHARE_TASKS.c[name] == row[name] for name in ("id", "state", "changed_at")]
        if self._connection.execute(sa.update(SHARE_TASKS).where(*same).values(TASK.to_row(after))).rowcount != 1:
            raise _changed("task", before.id)

    def tasks(self, share: ShareId) -> Sequence[ShareTask]:
        """Return a share's tasks, oldest first."""
        mine = sa.select(SHARE_TASKS).where(SHARE_TASKS.c.share == share).order_by(SHARE_TASKS.c.id)
        return tuple(TASK.from_row(row) for row in self._rows(mine.limit(TASKS_SHOWN)))

    def put_received(self, received: Received) -> None:
        """Store where an incident came from, or what came of it since."""
        self._put(RECEIVED, RECEIPT.to_row(received))

    def received(self, incident: IncidentId) -> Received | None:
        """Return where an incident came from, None for one of our own."""
        row = self._row(sa.select(RECEIVED).where(RECEIVED.c.incident == incident))
        return RECEIPT.from_row(row) if row else None

    def received_before(self, agency: str, share: int) -> Received | None:
        """Return what came of a share before, None when it never came."""
        mine = sa.select(RECEIVED).where(RECEIVED.c.agency == agency, RECEIVED.c.share == share)
        row = self._row(mine)
        return RECEIPT.from_row(row) if row else None
