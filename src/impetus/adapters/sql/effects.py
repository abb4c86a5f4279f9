"""What was set in the city."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.effects_schema import CITY_EFFECTS
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.effect import OVER_EFFECTS, CityEffect, EffectState
from impetus.core.errors import Conflict
from impetus.core.ids import ActionId, IncidentId
from impetus.core.observation import to_us

EFFECT = RowCodec(CityEffect)


class SqlEffects(Repository):
    """Fulfils `impetus.ports.city.Effects`."""

    def add(self, effect: CityEffect) -> CityEffect:
        """Store a new one; its key is there once."""
        if self._row(sa.select(CITY_EFFECTS.c.id).where(CITY_EFFECTS.c.key == effect.key)) is not None:
            raise Conflict(
                "this effect was begun already", value=effect.key, limit="once", remedy="look at how it stands"
            )
        return replace(effect, id=self._add(CITY_EFFECTS, EFFECT.to_row(effect)))

    def get(self, effect: int) -> CityEffect:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(CITY_EFFECTS).where(CITY_EFFECTS.c.id == effect))
        if row is None:
            raise unknown("effect", effect)
        return EFFECT.from_row(row)

    def of_action(self, action: ActionId) -> CityEffect | None:
        """Return what an action set; the newest when it was changed and agreed to again."""
        mine = sa.select(CITY_EFFECTS).where(CITY_EFFECTS.c.action == action)
        row = self._row(mine.order_by(CITY_EFFECTS.c.id.desc()).limit(1))
        return EFFECT.from_row(row) if row else None

    def replace(self, effect: CityEffect) -> CityEffect:
        """Store the change if nobody else did first."""
        after = replace(effect, version=effect.version + 1)
        unchanged = (CITY_EFFECTS.c.id == effect.id, CITY_EFFECTS.c.version == effect.version)
        if self._connection.execute(sa.update(CITY_EFFECTS).where(*unchanged).values(EFFECT.to_row(after))).rowcount:
            return after
        raise Conflict(
            f"effect {effect.id} was changed by somebody else",
            value=effect.version,
            limit=f"version {self.get(effect.id).version}",
            remedy="reload; somebody acted before you",
        )

    def find(
        self, *, states: Sequence[EffectState] = (), incident: IncidentId | None = None, limit: int = 200
    ) -> Sequence[CityEffect]:
        """Return effects, newest first."""
        statement = sa.select(CITY_EFFECTS)
        if states:
            statement = statement.where(CITY_EFFECTS.c.state.in_([str(state) for state in states]))
        if incident is not None:
            statement = statement.where(CITY_EFFECTS.c.incident == incident)
        rows = self._rows(statement.order_by(CITY_EFFECTS.c.id.desc()).limit(limit))
        return tuple(EFFECT.from_row(row) for row in rows)

    def erase_over(self, before: datetime, *, limit: int = 500) -> int:
        """Erase those that were over before the time."""
        old = (
            CITY_EFFECTS.c.state.in_([str(state) for state in OVER_EFFECTS]),
            CITY_EFFECTS.c.changed_at < to_us(before),
        )
        some = sa.select(CITY_EFFECTS.c.id).where(*old).limit(limit)
        return self._connection.execute(sa.delete(CITY_EFFECTS).where(CITY_EFFECTS.c.id.in_(some))).rowcount
