"""How notices stand: who was asked, by which way, how each delivery fared, and who has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.ids import IncidentId
from impetus.core.notice import Delivery, DeliveryState, NoticeRecord
from impetus.desk.context import Desk
from impetus.desk.notices import number_of
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Unit

SHOWN = 50
_BEST = (
    DeliveryState.ACKNOWLEDGED,
    DeliveryState.DELIVERED,
    DeliveryState.SENT,
    DeliveryState.QUEUED,
    DeliveryState.FAILED,
    DeliveryState.CALLED_OFF,
)
PAGE_ONLY = "page_only"
"""State of a recipient who has no way but their page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientView:
    """One person asked. `state` is the best of their deliveries, `page_only` without any; `why` what failed last."""

    person: str
    step: int
    asked_at: datetime
    acked_at: datetime | None
    acked_over: str
    state: str
    why: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One notice with everybody asked; `number` is what people say aloud."""

    notice: NoticeRecord
    number: str
    recipients: tuple[RecipientView, ...]

    @property
    def has(self) -> tuple[str, ...]:
        """Return who acknowledged."""
        return tuple(one.person for one in self.recipients if one.acked_at is not None)


def notices_view(desk: Desk, actor: Actor, incident: IncidentId | None = None) -> tuple[NoticeView, ...]:
    """Return the notices of an incident, or the newest of all, newest first."""
    permit(desk, actor, Operation.CALLS_READ, on="" if incident is None else f"incident:{incident}")
    with desk.store.read() as unit:
        return _views(unit, unit.notices.find(incident=incident, limit=SHOWN))


def asked_of_me(desk: Desk, actor: Actor) -> tuple[NoticeView, ...]:
    """Return what the actor was asked and has not acknowledged."""
    permit(desk, actor, Operation.CALLS_ANSWER)
    if actor.account is None:
        return ()
    with desk.store.read() as unit:
        return _views(unit, [unit.notices.get(one.notice) for one in unit.notices.asked_of(actor.account)])


def _views(unit: Unit, notices: Sequence[NoticeRecord]) -> tuple[NoticeView, ...]:
    numbers = [notice.id for notice in notices]
    recipients, deliveries = unit.notices.recipients(numbers), unit.notices.deliveries(numbers)
    views = []
    for notice in notices:
        people = []
        for one in recipients:
            if one.notice != notice.id:
                continue
            ways = tuple(each for each in deliveries if (each.notice, each.person) == (notice.id, one.person))
            best = next((state for state in _BEST for each in ways if each.state is state), None)
            people.append(
                RecipientView(
                    person=one.person,
                    step=one.step,
                    asked_at=one.asked_at,
                    acked_at=one.acked_at,
                    acked_over=one.acked_over,
                    state="acknowledged" if one.acked_at else best.value if best else PAGE_ONLY,
                    why=next((each.why for each in reversed(ways) if each.why), ""),
                    deliveries=ways,
                )
            )
        views.append(NoticeView(notice=notice, number=number_of(notice), recipients=tuple(people)))
    return tuple(views)
