"""Warnings to the public, and those read in. No statement here changes a warning's status."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec, dump, load
from impetus.adapters.sql.effects_schema import PUBLIC_WARNINGS, WARNINGS_READ_IN
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.errors import Conflict, Malformed
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.ids import ActionId, IncidentId
from impetus.core.observation import from_us, to_us
from impetus.core.place import Point
from impetus.core.warning import (
    Area,
    Category,
    Circle,
    MessageType,
    PublicWarning,
    ReadIn,
    Response,
    Status,
    WarningContent,
    WarningState,
    Wording,
)

READ_IN = RowCodec(ReadIn)
MOST_READ_IN = 20_000
"""Warnings of others kept; the oldest go first and are counted. House rule."""
FIXED = ("status", "type", "identifier", "chain", "follows", "at")
"""Columns that say what a warning is; no change touches them."""


class SqlWarnings(Repository):
    """Fulfils `impetus.ports.city.Warnings`."""

    def add(self, warning: PublicWarning) -> PublicWarning:
        """Store a new one; the first of a chain names itself."""
        stored = replace(warning, id=self._add(PUBLIC_WARNINGS, _to_row(warning)))
        if stored.chain:
            return stored
        first = sa.update(PUBLIC_WARNINGS).where(PUBLIC_WARNINGS.c.id == stored.id).values(chain=stored.id)
        self._connection.execute(first)
        return replace(stored, chain=stored.id)

    def get(self, warning: int) -> PublicWarning:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(PUBLIC_WARNINGS).where(PUBLIC_WARNINGS.c.id == warning))
        if row is None:
            raise unknown("warning", warning)
        return _of_row(row)

    def replace(self, warning: PublicWarning) -> PublicWarning:
        """Store the change if nobody else did first; `Malformed` for a status that is not the stored one."""
        stored = self.get(warning.id)
        if stored.status is not warning.status:
            raise Malformed(
                f"warning {warning.id} is {stored.status} and cannot become {warning.status}",
                value=warning.status,
                limit=stored.status,
                remedy="draft a new warning",
            )
        after = replace(warning, version=warning.version + 1)
        unchanged = (PUBLIC_WARNINGS.c.id == warning.id, PUBLIC_WARNINGS.c.version == warning.version)
        changes = {name: value for name, value in _to_row(after).items() if name not in FIXED}
        if self._connection.execute(sa.update(PUBLIC_WARNINGS).where(*unchanged).values(changes)).rowcount:
            return after
        raise Conflict(
            f"warning {warning.id} was changed by somebody else",
            value=warning.version,
            limit=f"version {stored.version}",
            remedy="look at it as it is now, then act again",
        )

    def all(self, *, incident: IncidentId | None = None, limit: int = 100) -> Sequence[PublicWarning]:
        """Return them, newest first."""
        statement = sa.select(PUBLIC_WARNINGS)
        if incident is not None:
            statement = statement.where(PUBLIC_WARNINGS.c.incident == incident)
        return tuple(_of_row(row) for row in self._rows(statement.order_by(PUBLIC_WARNINGS.c.id.desc()).limit(limit)))

    def of_chain(self, chain: int) -> Sequence[PublicWarning]:
        """Return the warnings of a chain, oldest first."""
        mine = sa.select(PUBLIC_WARNINGS).where(PUBLIC_WARNINGS.c.chain == chain)
        return tuple(_of_row(row) for row in self._rows(mine.order_by(PUBLIC_WARNINGS.c.id).limit(500)))

    def erase_over(self, before: datetime, *, limit: int = 500) -> int:
        """Erase those last changed before the time."""
        some = sa.select(PUBLIC_WARNINGS.c.id).where(PUBLIC_WARNINGS.c.changed_at < to_us(before)).limit(limit)
        return self._connection.execute(sa.delete(PUBLIC_WARNINGS).where(PUBLIC_WARNINGS.c.id.in_(some))).rowcount

    def take_in(self, read_in: ReadIn) -> bool:
        """Store that an alert was read in, once."""
        table = WARNINGS_READ_IN
        is_new = self._put_once(table, READ_IN.to_row(read_in))
        oldest = sa.select(table.c.at).order_by(table.c.at.desc()).offset(MOST_READ_IN).limit(1).scalar_subquery()
        dropped = self._connection.execute(sa.delete(table).where(table.c.at <= oldest)).rowcount if is_new else 0
        if dropped:
            self._count("dropped.warnings_read_in", dropped)
        return is_new

    def is_read_in(self, feed: str, sender: str, identifier: str, sent: datetime) -> bool:
        """Say whether an alert was read in."""
        table = WARNINGS_READ_IN
        own = (table.c.feed == feed, table.c.sender == sender, table.c.identifier == identifier)
        return self._row(sa.select(table.c.at).where(*own, table.c.sent == to_us(sent))) is not None

    def read_in(self, *, limit: int = 100) -> Sequence[ReadIn]:
        """Return what was read in, newest first."""
        newest = sa.select(WARNINGS_READ_IN).order_by(WARNINGS_READ_IN.c.at.desc()).limit(limit)
        return tuple(READ_IN.from_row(row) for row in self._rows(newest))

    def erase_read_in(self, before: datetime, *, limit: int = 500) -> int:
        """Erase what was read in before the time."""
        table = WARNINGS_READ_IN
        keys = (table.c.feed, table.c.sender, table.c.identifier, table.c.sent)
        some = sa.select(*keys).where(table.c.at < to_us(before)).limit(limit)
        return self._connection.execute(sa.delete(table).where(sa.tuple_(*keys).in_(some))).rowcount


def _to_row(warning: PublicWarning) -> dict[str, Any]:
    return {
        "version": warning.version,
        "status": str(warning.status),
        "type": str(warning.type),
        "state": str(warning.state),
        "identifier": warning.identifier,
        "sender": warning.sender,
        "content": dump(_document(warning.content)),
        "drafted_by": warning.drafted_by,
        "at": to_us(warning.at),
        "changed_at": to_us(warning.changed_at),
        "incident": warning.incident,
        "follows": warning.follows,
        "chain": warning.chain,
        "action": warning.action,
        "sent_at": None if warning.sent_at is None else to_us(warning.sent_at),
        "digest": warning.digest,
        "receipt": warning.receipt,
    }


def _of_row(row: Any) -> PublicWarning:  # noqa: ANN401 - a row of the database; each column has one type
    return PublicWarning(
        id=row["id"],
        version=row["version"],
        status=Status(row["status"]),
        type=MessageType(row["type"]),
        state=WarningState(row["state"]),
        identifier=row["identifier"],
        sender=row["sender"],
        content=_content(load(row["content"])),
        drafted_by=row["drafted_by"],
        at=from_us(row["at"]),
        changed_at=from_us(row["changed_at"]),
        incident=None if row["incident"] is None else IncidentId(row["incident"]),
        follows=row["follows"],
        chain=row["chain"],
        action=None if row["action"] is None else ActionId(row["action"]),
        sent_at=None if row["sent_at"] is None else from_us(row["sent_at"]),
        digest=row["digest"],
        receipt=row["receipt"],
    )


def _document(content: WarningContent) -> Mapping[str, object]:
    """Return the content as plain JSON values."""
    area = content.area
    return {
        "category": str(content.category),
        "severity": str(content.severity),
        "urgency": str(content.urgency),
        "certainty": str(content.certainty),
        "response": str(content.response),
        "expires": to_us(content.expires),
        "contact": content.contact,
        "web": content.web,
        "wordings": [
            [each.language, each.event, each.headline, each.description, each.instruction] for each in content.wordings
        ],
        "area": area.description,
        "polygons": [[[point.lon, point.lat] for point in ring] for ring in area.polygons],
        "circles": [[circle.centre.lon, circle.centre.lat, circle.radius_km] for circle in area.circles],
    }


def _content(document: Any) -> WarningContent:  # noqa: ANN401 - what `_document` wrote
    return WarningContent(
        category=Category(document["category"]),
        severity=Severity(document["severity"]),
        urgency=Urgency(document["urgency"]),
        certainty=Certainty(document["certainty"]),
        response=Response(document["response"]),
        expires=from_us(document["expires"]),
        contact=document["contact"],
        web=document["web"],
        wordings=tuple(
            Wording(language=language, event=event, headline=headline, description=description, instruction=instruction)
            for language, event, headline, description, instruction in document["wordings"]
        ),
        area=Area(
            description=document["area"],
            polygons=tuple(tuple(Point(lon=lon, lat=lat) for lon, lat in ring) for ring in document["polygons"]),
            circles=tuple(
                Circle(centre=Point(lon=lon, lat=lat), radius_km=radius_km)
                for lon, lat, radius_km in document["circles"]
            ),
        ),
    )
