"""The top bar: what needs me now, and how many alerts this seat is asked to bear."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from impetus.core.alert import AlertState
from impetus.desk.needs import NeedsView, needs
from impetus.desk.views import PictureView
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

SUSTAINABLE_PER_10_MIN = 2
"""Alerts in ten minutes that are no strain: one is sustainable, two is "manageable". Source: EEMUA 191, 3rd edition."""
FLOOD_PER_10_MIN = 10
"""Alerts in ten minutes beyond which it is a flood. Source: EEMUA 191; ISA-18.2."""
TREND_STEP = 1.5

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the bar says. `load_percent` is the meter, full at a flood; `trend` compares ten minutes with the hour.

    `per_10_min` is what this seat was asked; `is_flood` says that alerts come together, because there are so many.
    """

    needs: int
    severity: str
    alert: int | None
    per_10_min: int
    load_percent: int
    load_severity: str
    trend: str
    waiting: int = 0
    is_flood: bool = False


def bar_of(view: PictureView | NeedsView) -> Bar:
    """Return the bar of a picture: alerts nobody has taken, the most urgent of them, and the load."""
    waiting = [alert for alert in view.alerts if alert.state is AlertState.NEW]
    count = view.raised_10_min if view.asked_10_min is None else view.asked_10_min
    return Bar(
        needs=view.counts.get(AlertState.NEW, len(waiting)),
        severity=waiting[0].severity.value if waiting else "normal",
        alert=waiting[0].id if waiting else None,
        per_10_min=count,
        load_percent=min(100, 100 * count // FLOOD_PER_10_MIN),
        load_severity=_load_severity(count),
        trend=_trend(view.raised_10_min, view.raised_hour),
        waiting=view.waiting,
        is_flood=view.is_flood,
    )


def _load_severity(count: int) -> str:
    if count > FLOOD_PER_10_MIN:
        return "severe"
    return "moderate" if count > SUSTAINABLE_PER_10_MIN else "normal"


def _trend(count: int, hour: int) -> str:
    """Say whether the last ten minutes bring clearly more or less than the hour's average."""
    usual = hour / 6
    if count > usual * TREND_STEP + 1:
        return N_("rising")
    return N_("falling") if count + 1 < usual / TREND_STEP else N_("steady")


@router.get("/bar")
def bar(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the bar's two parts for every page; nothing for roles that do not see alerts."""
    if not may(actor, Operation.ALERTS_READ):
        return Response(status_code=204)
    return page(request, "bar.html", actor=actor, bar=bar_of(needs(desk, actor)))
