"""Rotations and escalations by version, stand-ins, and people's contacts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.calls_schema import CALL_PLANS, CONTACTS, STAND_INS
from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository
from impetus.adapters.sql.schema import ACCOUNTS
from impetus.core.call import Contact, Plan, PlanKind, StandIn
from impetus.core.errors import Conflict
from impetus.core.ids import AccountId
from impetus.core.observation import to_us

PLAN, STAND_IN, CONTACT = RowCodec(Plan), RowCodec(StandIn), RowCodec(Contact)
MOST_STAND_INS = 500
"""Stand-ins read at once; more than a year of one for every day. House rule."""


class SqlCalls(Repository):
    """Fulfils `impetus.ports.calls.Calls`."""

    def save_plan(self, plan: Plan) -> Plan:
        """Store the next version; the unique key is what finds that somebody saved first."""
        if not self._put_once(CALL_PLANS, {name: value for name, value in PLAN.to_row(plan).items() if name != "id"}):
            raise Conflict(
                f"{plan.kind} {plan.name} was changed by somebody else",
                value=plan.version,
                limit="the version after the newest",
                remedy="reload; somebody acted before you",
            )
        stored = self.plan(plan.kind, plan.name)
        return plan if stored is None else stored

    def plans(self, kind: PlanKind) -> Sequence[Plan]:
        """Return the newest version of every plan of this kind that is not retired."""
        newest = (
            sa.select(CALL_PLANS.c.name, sa.func.max(CALL_PLANS.c.version).label("version"))
            .where(CALL_PLANS.c.kind == kind.value)
            .group_by(CALL_PLANS.c.name)
            .subquery()
        )
        mine = sa.and_(CALL_PLANS.c.name == newest.c.name, CALL_PLANS.c.version == newest.c.version)
        found = sa.select(CALL_PLANS).join(newest, mine).where(CALL_PLANS.c.kind == kind.value)
        rows = self._rows(found.where(CALL_PLANS.c.retired.is_(False)).order_by(CALL_PLANS.c.name))
        return tuple(PLAN.from_row(row) for row in rows)

    def plan(self, kind: PlanKind, name: str) -> Plan | None:
        """Return the newest version, retired or not."""
        mine = sa.select(CALL_PLANS).where(CALL_PLANS.c.kind == kind.value, CALL_PLANS.c.name == name)
        row = self._row(mine.order_by(CALL_PLANS.c.version.desc()).limit(1))
        return PLAN.from_row(row) if row else None

    def add_stand_in(self, stand_in: StandIn) -> StandIn:
        """Store one and return it with its id."""
        return replace(stand_in, id=self._add(STAND_INS, STAND_IN.to_row(stand_in)))

    def cancel_stand_in(self, stand_in: StandIn) -> None:
        """Store that it was cancelled."""
        row = STAND_IN.to_row(stand_in)
        said = {name: row[name] for name in ("cancelled_at", "cancelled_by")}
        self._connection.execute(sa.update(STAND_INS).where(STAND_INS.c.id == stand_in.id).values(said))

    def stand_ins(self, *, since: datetime) -> Sequence[StandIn]:
        """Return those that end after the time and were not cancelled, in the order written."""
        later = sa.select(STAND_INS).where(STAND_INS.c.ends > to_us(since), STAND_INS.c.cancelled_at.is_(None))
        return tuple(STAND_IN.from_row(row) for row in self._rows(later.order_by(STAND_INS.c.id).limit(MOST_STAND_INS)))

    def put_contact(self, contact: Contact) -> None:
        """Store a contact, or replace the person's one of the same channel."""
        self._put(CONTACTS, CONTACT.to_row(contact))

    def remove_contact(self, account: AccountId, channel: str) -> bool:
        """Forget it."""
        mine = sa.delete(CONTACTS).where(CONTACTS.c.account == account, CONTACTS.c.channel == channel)
        return self._connection.execute(mine).rowcount > 0

    def contacts(self, account: AccountId | None = None) -> Sequence[Contact]:
        """Return a person's contacts, or everybody's, in their order."""
        found = sa.select(CONTACTS)
        if account is not None:
            found = found.where(CONTACTS.c.account == account)
        rows = self._rows(found.order_by(CONTACTS.c.account, CONTACTS.c.place, CONTACTS.c.channel))
        return tuple(CONTACT.from_row(row) for row in rows)

    def erase_before(self, before: datetime, *, limit: int = 500) -> int:
        """Erase what is over: stand-ins, versions that no longer count, and contacts of people who may not sign in."""
        old = sa.select(STAND_INS.c.id).where(STAND_INS.c.ends < to_us(before)).limit(limit)
        gone = self._connection.execute(sa.delete(STAND_INS).where(STAND_INS.c.id.in_(old))).rowcount
        later = CALL_PLANS.alias()
        follows = sa.and_(
            later.c.kind == CALL_PLANS.c.kind, later.c.name == CALL_PLANS.c.name, later.c.version > CALL_PLANS.c.version
        )
        over = sa.or_(
            sa.exists().where(follows, later.c.at < to_us(before)),
            sa.and_(CALL_PLANS.c.retired.is_(True), CALL_PLANS.c.at < to_us(before), ~sa.exists().where(follows)),
        )
        versions = [row["id"] for row in self._rows(sa.select(CALL_PLANS.c.id).where(over).limit(limit))]
        gone += self._connection.execute(sa.delete(CALL_PLANS).where(CALL_PLANS.c.id.in_(versions))).rowcount
        departed = sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.disabled_at.is_not(None))
        return gone + self._connection.execute(sa.delete(CONTACTS).where(CONTACTS.c.account.in_(departed))).rowcount
