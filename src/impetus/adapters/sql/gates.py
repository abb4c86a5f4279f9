"""Proposals, planted alerts and the figures that name nobody."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.gates_schema import (
    ACTION_ENTRIES,
    ACTIONS,
    FIGURE_PEOPLE,
    FIGURES,
    PERFORMANCES,
    PLANTS,
)
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.action import LIVE, Action, ActionEntry, ActionState, Performance
from impetus.core.errors import Conflict
from impetus.core.ids import AccountId, ActionId, AlertId, IncidentId
from impetus.core.observation import to_us
from impetus.core.plant import Plant

ACTION = RowCodec(Action)
ENTRY = RowCodec(ActionEntry)
PERFORMANCE = RowCodec(Performance)
PLANT = RowCodec(Plant)
ENTRIES_SHOWN = 500
ENDED = tuple(state for state in ActionState if state not in LIVE)


class SqlActions(Repository):
    """Fulfils `impetus.ports.gates.Actions`."""

    def add(self, action: Action) -> Action:
        """Store a new one and return it with its id."""
        return replace(action, id=ActionId(self._add(ACTIONS, ACTION.to_row(action))))

    def get(self, action: ActionId) -> Action:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(ACTIONS).where(ACTIONS.c.id == action))
        if row is None:
            raise unknown("action", action)
        return ACTION.from_row(row)

    def replace(self, action: Action) -> Action:
        """Store the change if nobody else did first."""
        after = replace(action, version=action.version + 1)
        unchanged = (ACTIONS.c.id == action.id, ACTIONS.c.version == action.version)
        change = sa.update(ACTIONS).where(*unchanged).values(ACTION.to_row(after))
        if self._connection.execute(change).rowcount == 1:
            return after
        raise Conflict(
            f"action {action.id} was changed by somebody else",
            value=action.version,
            limit=f"version {self.get(action.id).version}",
            remedy="reload; somebody acted before you",
        )

    def find(
        self, *, states: Sequence[ActionState] = (), incident: IncidentId | None = None, limit: int = 100
    ) -> Sequence[Action]:
        """Return proposals, newest first."""
        statement = sa.select(ACTIONS)
        if states:
            statement = statement.where(ACTIONS.c.state.in_([str(state) for state in states]))
        if incident is not None:
            statement = statement.where(ACTIONS.c.incident == incident)
        return tuple(ACTION.from_row(row) for row in self._rows(statement.order_by(ACTIONS.c.id.desc()).limit(limit)))

    def record(self, entry: ActionEntry) -> ActionEntry:
        """Add a line to a proposal's history and return it with its id."""
        return replace(entry, id=self._add(ACTION_ENTRIES, ENTRY.to_row(entry)))

    def entries(self, action: ActionId) -> Sequence[ActionEntry]:
        """Return its history, oldest first."""
        mine = sa.select(ACTION_ENTRIES).where(ACTION_ENTRIES.c.action == action)
        rows = self._rows(mine.order_by(ACTION_ENTRIES.c.id).limit(ENTRIES_SHOWN))
        return tuple(ENTRY.from_row(row) for row in rows)

    def begin(self, performance: Performance) -> None:
        """Store that an effect begins; the primary key is what makes it happen once."""
        if not self._put_once(PERFORMANCES, PERFORMANCE.to_row(performance)):
            raise Conflict(
                f"action {performance.action} was begun already",
                value=performance.action,
                limit="once",
                remedy="reload; propose it anew to do it again",
            )

    def finish(self, performance: Performance) -> None:
        """Store how it ended."""
        mine = sa.update(PERFORMANCES).where(PERFORMANCES.c.action == performance.action)
        self._connection.execute(mine.values(PERFORMANCE.to_row(performance)))

    def performance(self, action: ActionId) -> Performance | None:
        """Return what is known of its effect, None when none began."""
        row = self._row(sa.select(PERFORMANCES).where(PERFORMANCES.c.action == action))
        return PERFORMANCE.from_row(row) if row else None

    def erase_done(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase proposals that ended before the time, but those of these incidents; histories go with them."""
        free = sa.or_(ACTIONS.c.incident.is_(None), ACTIONS.c.incident.not_in(spared))
        some = sa.select(ACTIONS.c.id).where(*_done_before(before), free).limit(limit)
        return self._connection.execute(sa.delete(ACTIONS).where(ACTIONS.c.id.in_(some))).rowcount

    def done_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many proposals of these incidents ended before the time."""
        these = (*_done_before(before), ACTIONS.c.incident.in_(incidents))
        return self._connection.execute(sa.select(sa.func.count()).select_from(ACTIONS).where(*these)).scalar_one()


def _done_before(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a proposal ended before the time."""
    return ACTIONS.c.state.in_([str(state) for state in ENDED]), ACTIONS.c.changed_at < to_us(before)


class SqlPlants(Repository):
    """Fulfils `impetus.ports.gates.Plants`."""

    def add(self, plant: Plant) -> Plant:
        """Store a new one and return it with its id."""
        return replace(plant, id=self._add(PLANTS, PLANT.to_row(plant)))

    def get(self, plant: int) -> Plant:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(PLANTS).where(PLANTS.c.id == plant))
        if row is None:
            raise unknown("planted alert", plant)
        return PLANT.from_row(row)

    def replace(self, plant: Plant) -> None:
        """Store the change."""
        self._connection.execute(sa.update(PLANTS).where(PLANTS.c.id == plant.id).values(PLANT.to_row(plant)))

    def all(self, *, limit: int = 100) -> Sequence[Plant]:
        """Return them, newest first."""
        return tuple(
            PLANT.from_row(row) for row in self._rows(sa.select(PLANTS).order_by(PLANTS.c.id.desc()).limit(limit))
        )

    def open(self) -> Sequence[Plant]:
        """Return those that are waiting to be raised or not disclosed yet, oldest first."""
        rows = self._rows(
            sa.select(PLANTS)
            .where(PLANTS.c.disclosed_at.is_(None), PLANTS.c.cancelled_at.is_(None))
            .order_by(PLANTS.c.id)
        )
        return tuple(PLANT.from_row(row) for row in rows)

    def of_alert(self, alert: AlertId) -> Plant | None:
        """Return the plant that an alert is, None for a real one."""
        row = self._row(sa.select(PLANTS).where(PLANTS.c.alert == alert))
        return PLANT.from_row(row) if row else None

    def erase_done(self, before: datetime) -> int:
        """Erase those disclosed or cancelled before the time."""
        ended = sa.func.coalesce(PLANTS.c.disclosed_at, PLANTS.c.cancelled_at)
        return self._connection.execute(sa.delete(PLANTS).where(ended < to_us(before))).rowcount


class SqlFigures(Repository):
    """Fulfils `impetus.ports.gates.Figures`. No column names a person, and none is joined to one that does."""

    def add(self, week: datetime, name: str, bucket: int, *, person: AccountId | None = None) -> None:
        """Count one more, and remember that this person was among the week's people."""
        self._add_to(FIGURES, "count", {"week": to_us(week), "name": name, "bucket": bucket, "count": 1})
        if person is not None:
            self._put_once(FIGURE_PEOPLE, {"week": to_us(week), "mark": _mark(week, person)})

    def counts(self, week: datetime) -> Mapping[tuple[str, int], int]:
        """Return a week's counts by name and bucket."""
        rows = self._rows(sa.select(FIGURES).where(FIGURES.c.week == to_us(week)))
        return {(row["name"], row["bucket"]): row["count"] for row in rows}

    def people(self, week: datetime) -> int:
        """Return how many different people a week's counts are of."""
        mine = sa.select(sa.func.count()).select_from(FIGURE_PEOPLE).where(FIGURE_PEOPLE.c.week == to_us(week))
        return int(self._connection.execute(mine).scalar_one())

    def erase_before(self, week: datetime) -> int:
        """Erase weeks before the time; return rows erased."""
        return sum(
            self._connection.execute(sa.delete(table).where(table.c.week < to_us(week))).rowcount
            for table in (FIGURES, FIGURE_PEOPLE)
        )


def _mark(week: datetime, person: AccountId) -> str:
    """Return a mark that is another one next week.

    It hides nobody from who holds the database, and need not: it says only that somebody decided something that week, as
    the histories do, and never what, how fast or how often.
    """
    return hashlib.sha256(f"{week.isoformat()}:{person}".encode()).hexdigest()[:16]
