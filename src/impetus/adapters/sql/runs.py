"""Versions of incident types and playbooks, runs, and the events that are all there is of a run."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.runs_schema import REVISIONS, RUN_EVENTS, RUNS
from impetus.core.errors import Conflict
from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.observation import to_us
from impetus.core.run import Revision, Run, RunEvent

REVISION = RowCodec(Revision)
RUN = RowCodec(Run)
EVENT = RowCodec(RunEvent)
REVISIONS_KEPT = 200
"""Versions of one text kept at most; a run has its own copy, so none is missed."""
EVENTS_KEPT = 5_000
"""Events of one run at most: two hundred steps, each two dozen times. What would be more is refused, never dropped."""


class SqlRevisions(Repository):
    """Fulfils `impetus.ports.runs.Revisions`."""

    def add(self, revision: Revision) -> None:
        """Store a version; the primary key is what makes two people's saves two versions or one conflict."""
        if not self._put_once(REVISIONS, REVISION.to_row(revision)):
            raise Conflict(
                f"there is a version {revision.version} of {revision.kind} {revision.slug} already",
                value=revision.version,
                remedy="look at it as it is now, then save again",
            )
        mine = (REVISIONS.c.kind == revision.kind, REVISIONS.c.slug == revision.slug)
        old = sa.delete(REVISIONS).where(*mine, REVISIONS.c.version <= revision.version - REVISIONS_KEPT)
        dropped = self._connection.execute(old).rowcount
        if dropped:
            self._count("dropped.revisions", dropped)

    def newest(self, kind: str, slug: str) -> Revision | None:
        """Return the newest version."""
        found = self.versions(kind, slug, limit=1)
        return found[0] if found else None

    def get(self, kind: str, slug: str, version: int) -> Revision | None:
        """Return one version."""
        where = (REVISIONS.c.kind == kind, REVISIONS.c.slug == slug, REVISIONS.c.version == version)
        row = self._row(sa.select(REVISIONS).where(*where))
        return REVISION.from_row(row) if row else None

    def versions(self, kind: str, slug: str, *, limit: int = REVISIONS_KEPT) -> Sequence[Revision]:
        """Return its versions, newest first."""
        mine = sa.select(REVISIONS).where(REVISIONS.c.kind == kind, REVISIONS.c.slug == slug)
        rows = self._rows(mine.order_by(REVISIONS.c.version.desc()).limit(limit))
        return tuple(REVISION.from_row(row) for row in rows)

    def slugs(self, kind: str) -> Sequence[str]:
        """Return what has a version."""
        named = sa.select(REVISIONS.c.slug).where(REVISIONS.c.kind == kind).distinct().order_by(REVISIONS.c.slug)
        return tuple(self._connection.execute(named).scalars())


class SqlRuns(Repository):
    """Fulfils `impetus.ports.runs.Runs`."""

    def add(self, run: Run) -> Run:
        """Store a new one and return it with its id."""
        return replace(run, id=RunId(self._add(RUNS, RUN.to_row(run))))

    def get(self, run: RunId) -> Run:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(RUNS).where(RUNS.c.id == run))
        if row is None:
            raise unknown("run", run)
        return RUN.from_row(row)

    def of_incident(self, incident: IncidentId) -> Run | None:
        """Return the incident's newest run."""
        row = self._row(sa.select(RUNS).where(RUNS.c.incident == incident).order_by(RUNS.c.id.desc()).limit(1))
        return RUN.from_row(row) if row else None

    def all_of_incident(self, incident: IncidentId) -> Sequence[Run]:
        """Return the incident's runs, newest first."""
        mine = sa.select(RUNS).where(RUNS.c.incident == incident).order_by(RUNS.c.id.desc())
        return tuple(RUN.from_row(row) for row in self._rows(mine))

    def of_action(self, action: ActionId) -> tuple[Run, str] | None:
        """Return the run that proposed an action, and the step."""
        proposed = sa.select(RUN_EVENTS.c.run, RUN_EVENTS.c.step).where(RUN_EVENTS.c.action == action)
        row = self._row(proposed.order_by(RUN_EVENTS.c.number).limit(1))
        return None if row is None else (self.get(RunId(row["run"])), str(row["step"]))

    def open(self, *, limit: int = 200) -> Sequence[Run]:
        """Return runs with open steps, newest first."""
        rows = self._rows(sa.select(RUNS).where(RUNS.c.is_open).order_by(RUNS.c.id.desc()).limit(limit))
        return tuple(RUN.from_row(row) for row in rows)

    def due(self, at: datetime, *, limit: int = 200) -> Sequence[Run]:
        """Return runs in which something is late by then."""
        late = sa.select(RUNS).where(RUNS.c.due_at.is_not(None), RUNS.c.due_at <= to_us(at))
        return tuple(RUN.from_row(row) for row in self._rows(late.order_by(RUNS.c.due_at, RUNS.c.id).limit(limit)))

    def append(self, run: Run, event: RunEvent) -> Run:
        """Store what happened next if nothing else did first; the number is the event's place and its only key."""
        if event.number > EVENTS_KEPT:
            raise Conflict(
                f"run {run.id} has {EVENTS_KEPT} events",
                value=event.number,
                limit=EVENTS_KEPT,
                remedy="start the playbook anew",
            )
        after = replace(run, length=event.number)
        unchanged = (RUNS.c.id == run.id, RUNS.c.length == event.number - 1)
        moved = self._connection.execute(sa.update(RUNS).where(*unchanged).values(RUN.to_row(after))).rowcount
        if moved != 1:
            raise Conflict(
                f"run {run.id} went on while you acted",
                value=event.number,
                limit=self.get(run.id).length + 1,
                remedy="look at it as it is now, then act again",
            )
        self._connection.execute(sa.insert(RUN_EVENTS).values(EVENT.to_row(event)))
        return after

    def events(self, run: RunId) -> Sequence[RunEvent]:
        """Return everything that happened, in its order."""
        mine = sa.select(RUN_EVENTS).where(RUN_EVENTS.c.run == run).order_by(RUN_EVENTS.c.number)
        return tuple(EVENT.from_row(row) for row in self._rows(mine))
