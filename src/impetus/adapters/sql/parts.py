"""The board: one row for each part of the platform."""

from collections.abc import Sequence

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository
from impetus.adapters.sql.schema import PARTS
from impetus.core.board import PartStatus
from impetus.core.ids import ToolId

PART = RowCodec(PartStatus)


class SqlParts(Repository):
    """Fulfils `impetus.ports.Parts`."""

    def report(self, status: PartStatus) -> None:
        """Store or update one row."""
        self._put(PARTS, PART.to_row(status))

    def all(self) -> Sequence[PartStatus]:
        """Return every row by part."""
        return tuple(PART.from_row(row) for row in self._rows(sa.select(PARTS).order_by(PARTS.c.part)))

    def forget(self, part: ToolId) -> None:
        """Remove a row; one that is not there is no error."""
        self._connection.execute(sa.delete(PARTS).where(PARTS.c.part == part))
