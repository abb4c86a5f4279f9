"""Why so quiet, why so loud: alarms that came against alarms that were promised, and what cannot raise any."""

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from impetus.core.ids import ToolId
from impetus.core.observation import Float64s
from impetus.desk import sensor_rates
from impetus.desk.sensor_rates import BINS, Rate, Rates
from impetus.web.context import TheDesk
from impetus.web.names import N_, name_of
from impetus.web.render import page
from impetus.web.sensor_words import property_of
from impetus.web.session import Person

WIDTH, HEIGHT = 640, 180
LOWEST, HIGHEST = 0.1, 10.0
"""Ends of the logarithmic scale of actual over promised."""
DOTS = 200
"""Datastreams drawn on the scale at most; with more, quantiles stand for them."""

router = APIRouter()
Tool = Annotated[str, Query(max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]

VERDICTS = {
    "unknown": (N_("Too early to say"), N_("Less than one alarm was promised in the time that was judged.")),
    "kept": (N_("As promised"), N_("The difference to what was promised is within chance.")),
    "loud": (
        N_("Louder than promised"),
        N_("More alarms came than chance allows: something is going on, or a bar is too low."),
    ),
    "quiet": (
        N_("Quieter than promised"),
        N_("Fewer alarms came than chance allows: nobody is shown what was promised."),
    ),
}
"""What the largest words on the page say, and what they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the histogram in the chart's units, its share of all, 0..1, and the lower end of its p."""

    x: float
    y: float
    width: float
    height: float
    share: float
    p: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """p-values of a day by twentieths; `even_y` is where each would end if they were spread evenly."""

    columns: tuple[Column, ...]
    even_y: float
    total: int
    width: int = WIDTH
    height: int = HEIGHT


@router.get("/sensors/rates")
def show_rates(request: Request, desk: TheDesk, actor: Person, tool: Tool | None = None) -> Response:
    """Return the page, of all tools or of one."""
    rates = sensor_rates.rates(desk, actor, tool=ToolId(tool) if tool else None)
    return page(
        request,
        "sensor_rates.html",
        actor=actor,
        rates=rates,
        verdict=VERDICTS[verdict_of(rates.rate)],
        histogram=histogram_of(rates),
        dots=dots_of(rates.ratios),
        scale=scale_of(rates.rate),
        marks=[(each, across(each)) for each in (0.1, 0.3, 1.0, 3.0, 10.0)],
        tool_name=name_of,
        property_of=property_of,
        is_known=math.isfinite,
    )


def verdict_of(rate: Rate) -> str:
    """Say in one word how actual and promised compare."""
    if not math.isfinite(rate.ratio):
        return "loud" if rate.is_loud else "unknown"
    return "loud" if rate.is_loud else "quiet" if rate.is_quiet else "kept"


def histogram_of(rates: Rates) -> Histogram:
    """Return the histogram's boxes; the highest column fills it."""
    counts = rates.histogram.tolist()
    total = sum(counts)
    top = max(*counts, total / BINS * 1.5, 1)
    step = WIDTH / BINS
    columns = tuple(
        Column(
            x=round(place * step + 1, 1),
            y=round(HEIGHT * (1 - count / top), 1),
            width=round(step - 2, 1),
            height=round(HEIGHT * count / top, 1),
            share=count / total if total else 0.0,
            p=place / BINS,
            count=count,
        )
        for place, count in enumerate(counts)
    )
    return Histogram(columns=columns, even_y=round(HEIGHT * (1 - total / BINS / top), 1), total=total)


def across(ratio: float) -> float:
    """Return where a ratio lies on the logarithmic scale, 0..`WIDTH`; what is beyond an end lies at it.

    >>> across(0.1), across(1.0), across(1_000.0)
    (0.0, 320.0, 640.0)
    """
    share = math.log(max(ratio, LOWEST) / LOWEST) / math.log(HIGHEST / LOWEST)
    return round(WIDTH * min(1.0, share), 1)


def dots_of(ratios: Float64s) -> tuple[float, ...]:
    """Return where datastreams lie on the scale, thinned by rank."""
    if len(ratios) > DOTS:
        ratios = ratios[[round(place * (len(ratios) - 1) / (DOTS - 1)) for place in range(DOTS)]]
    return tuple(across(float(each)) for each in ratios)


def scale_of(rate: Rate) -> dict[str, float] | None:
    """Return where the whole lies on the scale, with its limits; None while nothing was promised."""
    if rate.promised <= 0:
        return None
    low, high = rate.limits
    return {"at": across(rate.alarms / rate.promised), "low": across(low), "high": across(high)}
