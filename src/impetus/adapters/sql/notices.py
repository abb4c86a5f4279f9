"""Notices, who was asked, how each delivery fared, and how the channels fare."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.calls_schema import CHANNEL_HEALTH, DELIVERIES, NOTICES, RECIPIENTS
from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.errors import Conflict
from impetus.core.ids import AccountId, IncidentId, NoticeId
from impetus.core.notice import ChannelHealth, Delivery, DeliveryState, NoticeRecord, Recipient
from impetus.core.observation import to_us

NOTICE, RECIPIENT, DELIVERY, HEALTH = (
    RowCodec(NoticeRecord),
    RowCodec(Recipient),
    RowCodec(Delivery),
    RowCodec(ChannelHealth),
)
MOST_NOTICES = 10_000
"""Notices kept; of more, the oldest that ended go and are counted. A thousand bad nights. House rule."""
TRIM_EVERY = 64


class SqlNotices(Repository):
    """Fulfils `impetus.ports.calls.Notices`."""

    def add(self, notice: NoticeRecord) -> NoticeRecord:
        """Store a new one, or return the one that has its key."""
        known = self._row(sa.select(NOTICES).where(NOTICES.c.key == notice.key))
        if known is not None:
            return NOTICE.from_row(known)
        stored = replace(notice, id=NoticeId(self._add(NOTICES, NOTICE.to_row(notice))))
        if stored.id % TRIM_EVERY == 0:
            self._trim()
        return stored

    def is_known(self, key: str) -> bool:
        """Say whether a notice has this key."""
        return self._row(sa.select(NOTICES.c.id).where(NOTICES.c.key == key)) is not None

    def get(self, notice: NoticeId) -> NoticeRecord:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(NOTICES).where(NOTICES.c.id == notice))
        if row is None:
            raise unknown("notice", notice)
        return NOTICE.from_row(row)

    def replace(self, notice: NoticeRecord) -> NoticeRecord:
        """Store the change if nobody else did first."""
        after = replace(notice, version=notice.version + 1)
        unchanged = (NOTICES.c.id == notice.id, NOTICES.c.version == notice.version)
        if self._connection.execute(sa.update(NOTICES).where(*unchanged).values(NOTICE.to_row(after))).rowcount == 1:
            return after
        raise Conflict(
            f"notice {notice.id} was changed by somebody else",
            value=notice.version,
            limit=f"version {self.get(notice.id).version}",
            remedy="reload; somebody acted before you",
        )

    def find(
        self, *, incident: IncidentId | None = None, is_open: bool = False, limit: int = 100
    ) -> Sequence[NoticeRecord]:
        """Return notices, newest first."""
        found = sa.select(NOTICES)
        if incident is not None:
            found = found.where(NOTICES.c.incident == incident)
        if is_open:
            found = found.where(NOTICES.c.ended_at.is_(None))
        return tuple(NOTICE.from_row(row) for row in self._rows(found.order_by(NOTICES.c.id.desc()).limit(limit)))

    def ask(self, recipient: Recipient) -> bool:
        """Store that a person is asked, once."""
        return self._put_once(RECIPIENTS, RECIPIENT.to_row(recipient))

    def recipients(self, notices: Sequence[NoticeId]) -> Sequence[Recipient]:
        """Return who was asked by these, in order."""
        mine = sa.select(RECIPIENTS).where(RECIPIENTS.c.notice.in_(list(notices)))
        rows = self._rows(mine.order_by(RECIPIENTS.c.notice, RECIPIENTS.c.step, RECIPIENTS.c.person))
        return tuple(RECIPIENT.from_row(row) for row in rows)

    def asked_of(self, account: AccountId, *, limit: int = 50) -> Sequence[Recipient]:
        """Return what a person was asked and has not acknowledged, of notices not ended."""
        mine = (
            sa.select(RECIPIENTS)
            .join(NOTICES, NOTICES.c.id == RECIPIENTS.c.notice)
            .where(RECIPIENTS.c.account == account, RECIPIENTS.c.acked_at.is_(None), NOTICES.c.ended_at.is_(None))
        )
        rows = self._rows(mine.order_by(RECIPIENTS.c.notice.desc()).limit(limit))
        return tuple(RECIPIENT.from_row(row) for row in rows)

    def by_token(self, token_hash: str) -> Recipient | None:
        """Return whose token it is."""
        row = self._row(sa.select(RECIPIENTS).where(RECIPIENTS.c.token_hash == token_hash))
        return RECIPIENT.from_row(row) if row else None

    def answer(self, recipient: Recipient) -> None:
        """Store a recipient as changed."""
        self._put(RECIPIENTS, RECIPIENT.to_row(recipient))

    def queue(self, delivery: Delivery) -> Delivery | None:
        """Store a delivery, once for a person and channel."""
        row = {name: value for name, value in DELIVERY.to_row(delivery).items() if name != "id"}
        if not self._put_once(DELIVERIES, row):
            return None
        stored = self._row(
            sa.select(DELIVERIES.c.id).where(
                DELIVERIES.c.notice == delivery.notice,
                DELIVERIES.c.person == delivery.person,
                DELIVERIES.c.channel == delivery.channel,
            )
        )
        return None if stored is None else replace(delivery, id=stored["id"])

    def deliveries(self, notices: Sequence[NoticeId]) -> Sequence[Delivery]:
        """Return the deliveries of these, in order."""
        mine = sa.select(DELIVERIES).where(DELIVERIES.c.notice.in_(list(notices)))
        return tuple(DELIVERY.from_row(row) for row in self._rows(mine.order_by(DELIVERIES.c.id)))

    def due(self, at: datetime, *, channel: str, limit: int = 20) -> Sequence[Delivery]:
        """Return queued deliveries of a channel whose time has come, the longest due first."""
        mine = sa.select(DELIVERIES).where(
            DELIVERIES.c.channel == channel,
            DELIVERIES.c.next_at <= to_us(at),
            DELIVERIES.c.state == DeliveryState.QUEUED.value,
        )
        rows = self._rows(mine.order_by(DELIVERIES.c.next_at, DELIVERIES.c.id).limit(limit))
        return tuple(DELIVERY.from_row(row) for row in rows)

    def change(self, delivery: Delivery) -> None:
        """Store a delivery as changed."""
        mine = sa.update(DELIVERIES).where(DELIVERIES.c.id == delivery.id)
        self._connection.execute(mine.values(DELIVERY.to_row(delivery)))

    def healths(self) -> Sequence[ChannelHealth]:
        """Return how every channel that was ever used fares, by name."""
        rows = self._rows(sa.select(CHANNEL_HEALTH).order_by(CHANNEL_HEALTH.c.channel))
        return tuple(HEALTH.from_row(row) for row in rows)

    def put_health(self, health: ChannelHealth) -> None:
        """Store how a channel fares."""
        self._put(CHANNEL_HEALTH, HEALTH.to_row(health))

    def erase_before(self, before: datetime, *, spared: Sequence[IncidentId] = (), limit: int = 500) -> int:
        """Erase notices that ended before the time; recipients and deliveries go with them."""
        old = sa.select(NOTICES.c.id).where(NOTICES.c.ended_at < to_us(before))
        if spared:
            old = old.where(sa.or_(NOTICES.c.incident.is_(None), NOTICES.c.incident.not_in(list(spared))))
        return self._connection.execute(sa.delete(NOTICES).where(NOTICES.c.id.in_(old.limit(limit)))).rowcount

    def _trim(self) -> None:
        """Let the oldest ended go beyond the bound, counted as dropped."""
        edge = sa.select(NOTICES.c.id).order_by(NOTICES.c.id.desc()).offset(MOST_NOTICES).limit(1).scalar_subquery()
        old = sa.delete(NOTICES).where(NOTICES.c.id <= edge, NOTICES.c.ended_at.is_not(None))
        if dropped := self._connection.execute(old).rowcount:
            self._count("dropped.notices", dropped)
