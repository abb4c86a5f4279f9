"""How far each consumer has come in each topic."""

import sqlalchemy as sa

from impetus.adapters.sql.repository import Repository
from impetus.adapters.sql.schema import CURSORS
from impetus.core.ids import Offset


class SqlCursors(Repository):
    """Fulfils `impetus.ports.Cursors`."""

    def get(self, consumer: str, topic: str) -> Offset:
        """Return the position, 0 for a new consumer."""
        mine = sa.and_(CURSORS.c.consumer == consumer, CURSORS.c.topic == topic)
        return Offset(self._connection.execute(sa.select(CURSORS.c.position).where(mine)).scalar() or 0)

    def move(self, consumer: str, topic: str, offset: Offset) -> None:
        """Move it, in the same transaction as what the messages before it caused."""
        self._put(CURSORS, {"consumer": consumer, "topic": topic, "position": offset})
