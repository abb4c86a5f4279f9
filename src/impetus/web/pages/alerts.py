"""All alerts: filtered, in pages that stay quick however many there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.alert import AlertState
from impetus.core.finding import Severity
from impetus.core.ids import ToolId
from impetus.desk import read
from impetus.ports import AlertQuery
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

OPEN = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED)
STATES = (
    ("open", N_("Open")),
    ("new", N_("Nobody has it")),
    ("held", N_("Taken")),
    ("offered", N_("Being handed on")),
    ("shelved", N_("Shelved")),
    ("closed", N_("Closed")),
    ("all", N_("All")),
)
SPANS = (("", N_("Any time")), ("1", N_("Last hour")), ("24", N_("Last day")), ("168", N_("Last week")))
PAGE_SIZE = 50

router = APIRouter()
Word = Annotated[str, Query(max_length=100)]


class Order(StrEnum):
    """How the list is ordered."""

    NEWEST = "newest"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the visitor asked to see, as the form shows it."""

    state: str = "open"
    tool: str = ""
    severity: str = ""
    owner: str = ""
    hours: str = ""
    order: str = Order.URGENT

    def query(self, actor: Actor, now: datetime, after: str | None) -> AlertQuery:
        """Return the question to the store; a word it does not know asks for everything."""
        return AlertQuery(
            states=self._states(),
            tool=ToolId(self.tool) if self.tool else None,
            severity=Severity(self.severity) if self.severity in set(Severity) else None,
            owner=actor.name if self.owner == "me" else self.owner or None,
            raised_since=now - timedelta(hours=int(self.hours)) if self.hours in dict(SPANS) and self.hours else None,
            order=self.order if self.order in set(Order) else Order.URGENT,
            after=after,
            limit=PAGE_SIZE,
        )

    def _states(self) -> tuple[AlertState, ...]:
        if self.state == "open":
            return OPEN
        return (AlertState(self.state),) if self.state in set(AlertState) else ()

    def address(self, after: str | None = None) -> str:
        """Return the address of this list, or of its next page."""
        words = {
            "state": self.state,
            "tool": self.tool,
            "severity": self.severity,
            "owner": self.owner,
            "hours": self.hours,
            "order": self.order,
            "after": after or "",
        }
        return "/alerts?" + urlencode({name: word for name, word in words.items() if word})


@router.get("/alerts")
def show_alerts(  # noqa: PLR0913 - a list has as many parameters as filters
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    state: Word = "open",
    tool: Word = "",
    severity: Word = "",
    owner: Word = "",
    hours: Word = "",
    order: Word = Order.URGENT.value,
    after: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Show one page of alerts."""
    chosen = Filter(state=state, tool=tool, severity=severity, owner=owner, hours=hours, order=order)
    found = read.list_alerts(desk, actor, chosen.query(actor, desk.clock.now(), after or None))
    return page(
        request,
        "alerts.html",
        actor=actor,
        alerts=found.items,
        chosen=chosen,
        here=chosen.address(after),
        older=chosen.address(found.next) if found.next else None,
        is_first=not after,
        states=STATES,
        spans=SPANS,
        tools=(*settings.tools, "platform"),
    )
