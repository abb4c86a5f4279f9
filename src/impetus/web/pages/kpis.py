"""Key figures: how alerts are worked on, by tool, type, zone or week, never by person; as a page with plots and as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from impetus.core.actor import Actor
from impetus.desk.context import Desk
from impetus.desk.kpis import MOST_WEEKS, Kpis, WeekLoad, kpis
from impetus.processes.alarm_load import MOST_PER_10_MIN
from impetus.processes.kpis import By, Figures, Span, Step
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_, name_of
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS)]
BYS = (
    (By.TOOL, N_("By tool")),
    (By.TYPE, N_("By type")),
    (By.ZONE, N_("By zone")),
    (By.WEEK, N_("By week")),
)
STEPS = (
    (Step.DETECT, N_("Detect"), N_("from when it happened to when the alert was raised")),
    (Step.ACKNOWLEDGE, N_("Acknowledge"), N_("from raised to when somebody first had it")),
    (Step.TRIAGE, N_("Triage"), N_("from raised to the first verdict")),
    (Step.QUALIFY, N_("Qualify"), N_("from raised to joining an incident, or to being closed without one")),
    (Step.RESOLVE, N_("Resolve"), N_("from raised to closed for good")),
)
"""Each time with its name and its definition, as the page says them."""
CHART_WIDTH, CHART_HEIGHT = 640, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One week of the chart: its box in the chart's units, its load, and whether it is over."""

    x: float
    y: float
    width: float
    height: float
    load: WeekLoad


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Alerts in ten minutes, week by week.

    `sustained_y` is where one in ten minutes lies, what one person can sustain (EEMUA 191); `flood_y` where ten would, None
    when off the chart.
    """

    columns: tuple[Column, ...]
    most: float
    sustained_y: float
    flood_y: float | None
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT


@router.get("/kpis")
def show_kpis(
    request: Request, desk: TheDesk, settings: TheSettings, actor: Person, by: By = By.TOOL, weeks: Weeks = 8
) -> Response:
    """Return the figures with their definitions; of simulated alerts where all input is, and then the page says so."""
    figures = _read(desk, actor, by, weeks, simulated=settings.simulated)
    return page(
        request,
        "kpis.html",
        actor=actor,
        figures=figures,
        weeks=weeks,
        bys=BYS,
        steps=STEPS,
        chart=chart_of(figures.load),
        names_of={row.key: name_of(row.key) for row in figures.rows},
        longest_s=max((span.p90_s for row in figures.rows for span in row.times.values() if span), default=0.0),
    )


@router.get("/kpis.csv")
def kpis_csv(desk: TheDesk, settings: TheSettings, actor: Person, by: By = By.TOOL, weeks: Weeks = 8) -> Response:
    """Return the same figures for a spreadsheet; what is withheld on the page is empty here."""
    figures = _read(desk, actor, by, weeks, simulated=settings.simulated)
    world = "simulated-" if figures.is_simulated else ""
    name = f'attachment; filename="impetus-kpis-{world}{by.value}-{figures.since.date()}.csv"'
    return Response(csv_of(figures), media_type="text/csv; charset=utf-8", headers={"content-disposition": name})


def csv_of(figures: Kpis) -> str:
    """Return the figures as RFC 4180 text; seconds, shares of 0..1, and empty where nothing is told."""
    text = io.StringIO()
    writer = csv.writer(text)
    times = [f"{step.value}_{part}_s" for step in Step for part in ("median", "p90")]
    writer.writerow(
        ["since", "until", figures.by.value, "alerts", "clear", "false_alarms", "benign", "false_share", *times]
    )
    for row in (*figures.rows, figures.total):
        writer.writerow([figures.since.date(), figures.until.date(), _safe(row.key), *_cells(row)])
    return text.getvalue()


def chart_of(load: Sequence[WeekLoad]) -> Chart:
    """Return the chart's boxes: the busiest week fills three quarters of it at least."""
    most = max((week.per_10_min for week in load), default=0.0)
    top = max(most, 1.0) * 1.1
    step = CHART_WIDTH / max(1, len(load))
    columns = tuple(
        Column(
            x=round(place * step + step * 0.1, 1),
            y=round(CHART_HEIGHT * (1 - week.per_10_min / top), 1),
            width=round(step * 0.8, 1),
            height=round(CHART_HEIGHT * week.per_10_min / top, 1),
            load=week,
        )
        for place, week in enumerate(load)
    )
    flood_y = round(CHART_HEIGHT * (1 - MOST_PER_10_MIN / top), 1) if top > MOST_PER_10_MIN else None
    return Chart(columns=columns, most=most, sustained_y=round(CHART_HEIGHT * (1 - 1 / top), 1), flood_y=flood_y)


def _read(desk: Desk, actor: Actor, by: By, weeks: int, *, simulated: bool) -> Kpis:
    since = desk.clock.now() - timedelta(weeks=weeks - 1)
    return kpis(desk, actor, since=since, by=by, simulated=simulated)


def _cells(row: Figures) -> list[object]:
    share = "" if row.false_share is None else round(row.false_share, 4)
    times = [each for step in Step for each in _seconds(row.times[step])]
    return [row.alerts, row.clear, row.false_alarms, row.benign, share, *times]


def _seconds(span: Span | None) -> tuple[float | str, float | str]:
    return ("", "") if span is None else (round(span.median_s, 1), round(span.p90_s, 1))


def _safe(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula. Source: OWASP, CSV injection."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
