"""Incidents, their timelines and decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, check_limit, read_cursor, unknown, write_cursor
from impetus.adapters.sql.schema import ALERTS, DECISIONS, INCIDENT_ENTRIES, INCIDENTS
from impetus.core.errors import Conflict
from impetus.core.ids import IncidentId
from impetus.core.incident import Decision, Incident, IncidentEntry, IncidentEvent, IncidentState
from impetus.core.observation import to_us
from impetus.ports import Page

INCIDENT = RowCodec(Incident)
ENTRY = RowCodec(IncidentEntry)
DECISION = RowCodec(Decision)
ORDER = "incidents"
TIMELINE = "timeline"
ENTRIES_SHOWN = 1_000
ENTRIES_KEPT = 10_000
"""Lines of one timeline kept at most; a line a minute for a week stays below."""


class SqlIncidents(Repository):
    """Fulfils `impetus.ports.Incidents`."""

    def add(self, incident: Incident) -> Incident:
        """Store a new one and return it with its id."""
        return replace(incident, id=IncidentId(self._add(INCIDENTS, INCIDENT.to_row(incident))))

    def get(self, incident: IncidentId) -> Incident:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(INCIDENTS).where(INCIDENTS.c.id == incident))
        if row is None:
            raise unknown("incident", incident)
        return INCIDENT.from_row(row)

    def replace(self, incident: Incident) -> Incident:
        """Store the change if nobody else did first."""
        after = replace(incident, version=incident.version + 1)
        unchanged = (INCIDENTS.c.id == incident.id, INCIDENTS.c.version == incident.version)
        change = sa.update(INCIDENTS).where(*unchanged).values(INCIDENT.to_row(after))
        if self._connection.execute(change).rowcount == 1:
            return after
        raise Conflict(
            f"incident {incident.id} was changed by somebody else",
            value=incident.version,
            limit=f"version {self.get(incident.id).version}",
            remedy="reload; somebody acted before you",
        )

    def find(
        self, *, states: Sequence[IncidentState] = (), after: str | None = None, limit: int = 50
    ) -> Page[Incident]:
        """Return one page, newest first."""
        check_limit(limit)
        statement = sa.select(INCIDENTS)
        if states:
            statement = statement.where(INCIDENTS.c.state.in_([str(state) for state in states]))
        if after is not None:
            statement = statement.where(INCIDENTS.c.id < read_cursor(after, ORDER, 1)[0])
        rows = self._rows(statement.order_by(INCIDENTS.c.id.desc()).limit(limit + 1))
        items = tuple(INCIDENT.from_row(row) for row in rows[:limit])
        return Page(items=items, next=write_cursor(ORDER, items[-1].id) if len(rows) > limit else None)

    def record(self, entry: IncidentEntry) -> None:
        """Add a line to the timeline; `Unknown` when there is no such incident."""
        self._add(INCIDENT_ENTRIES, ENTRY.to_row(entry))
        self._keep_newest(INCIDENT_ENTRIES, INCIDENT_ENTRIES.c.incident, entry.incident, ENTRIES_KEPT)

    def entries(self, incident: IncidentId) -> Sequence[IncidentEntry]:
        """Return the timeline, oldest first."""
        mine = sa.select(INCIDENT_ENTRIES).where(INCIDENT_ENTRIES.c.incident == incident)
        rows = self._rows(mine.order_by(INCIDENT_ENTRIES.c.id.desc()).limit(ENTRIES_SHOWN))
        return tuple(ENTRY.from_row(row) for row in reversed(rows))

    def timeline(self, incident: IncidentId, *, after: str | None = None, limit: int = 50) -> Page[IncidentEntry]:
        """Return one page of the timeline, newest first."""
        check_limit(limit)
        mine = sa.select(INCIDENT_ENTRIES).where(INCIDENT_ENTRIES.c.incident == incident)
        if after is not None:
            mine = mine.where(INCIDENT_ENTRIES.c.id < read_cursor(after, TIMELINE, 1)[0])
        rows = self._rows(mine.order_by(INCIDENT_ENTRIES.c.id.desc()).limit(limit + 1))
        items = tuple(ENTRY.from_row(row) for row in rows[:limit])
        return Page(items=items, next=write_cursor(TIMELINE, rows[limit - 1]["id"]) if len(rows) > limit else None)

    def has_note(self, incident: IncidentId, key: str) -> bool:
        """Look through the notes of one timeline; a key is part of the line it belongs to, so it goes when that goes."""
        note = INCIDENT_ENTRIES.c.incident == incident, INCIDENT_ENTRIES.c.event == IncidentEvent.NOTE.value
        keyed = INCIDENT_ENTRIES.c.detail.contains(f'"{key}"', autoescape=True)
        return self._row(sa.select(INCIDENT_ENTRIES.c.id).where(*note, keyed).limit(1)) is not None

    def decide(self, decision: Decision) -> Decision:
        """Store a decision for good; nothing changes one, and only retention erases it, with its incident."""
        return replace(decision, id=self._add(DECISIONS, DECISION.to_row(decision)))

    def decisions(self, incident: IncidentId) -> Sequence[Decision]:
        """Return the decisions, oldest first."""
        mine = sa.select(DECISIONS).where(DECISIONS.c.incident == incident).order_by(DECISIONS.c.id)
        return tuple(DECISION.from_row(row) for row in self._rows(mine))

    def closed_before(
        self, before: datetime, *, after: tuple[datetime, IncidentId] | None = None, limit: int = 500
    ) -> Sequence[Incident]:
        """Return closed incidents without alerts, closed before the time, longest ago first."""
        old = sa.select(INCIDENTS).where(*_due(before))
        if after is not None:
            position = sa.tuple_(sa.literal(to_us(after[0])), sa.literal(after[1]))
            old = old.where(sa.tuple_(INCIDENTS.c.closed_at, INCIDENTS.c.id) > position)
        rows = self._rows(old.order_by(INCIDENTS.c.closed_at, INCIDENTS.c.id).limit(limit))
        return tuple(INCIDENT.from_row(row) for row in rows)

    def erase_closed(self, before: datetime, *, among: Sequence[IncidentId]) -> int:
        """Erase those among these that are still due, with timelines and decisions."""
        chosen = sa.select(INCIDENTS.c.id).where(INCIDENTS.c.id.in_(among), *_due(before))
        ids = list(self._connection.execute(chosen).scalars())
        for table in (INCIDENT_ENTRIES, DECISIONS):
            self._connection.execute(sa.delete(table).where(table.c.incident.in_(ids)))
        return self._connection.execute(sa.delete(INCIDENTS).where(INCIDENTS.c.id.in_(ids))).rowcount if ids else 0


def _due(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what an incident must fulfil to be erased: closed long enough, and no alert speaks of it."""
    closed = INCIDENTS.c.state == "closed", INCIDENTS.c.closed_at < to_us(before)
    return (*closed, ~sa.exists().where(ALERTS.c.incident == INCIDENTS.c.id))
