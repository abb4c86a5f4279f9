"""Air samplers: the network on a map with wind and source areas, and one sampler with every sample it drew."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from impetus.core.ids import ThingKey
from impetus.core.source_area import AreaKind
from impetus.core.standing import StandingState
from impetus.core.units import written
from impetus.desk import samples
from impetus.desk.samples import PARTS, SamplerRow
from impetus.desk.sensor_health import UNJUDGED
from impetus.ethics.guard import Operation, may
from impetus.web.air_map import air_map
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.sensor_words import FAULTS, STATES, odds_of, property_of
from impetus.web.session import Person
from impetus.web.sparks import spark

POINTS_OF_COMPASS = (
    N_("north"),
    N_("north-east"),
    N_("east"),
    N_("south-east"),
    N_("south"),
    N_("south-west"),
    N_("west"),
    N_("north-west"),
)
FLAGS = {0: N_("good"), 1: N_("doubtful"), 2: N_("bad"), 3: N_("maintenance")}
SEVERITY = {
    StandingState.STRANGE: "severe",
    StandingState.FAULT: "moderate",
    StandingState.SILENT: "unknown",
    StandingState.CALM: "normal",
    StandingState.LEARNING: "minor",
}
M2_PER_KM2 = 1e6

router = APIRouter(prefix="/samplers")


@router.get("")
def show_network(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the network."""
    network = samples.network(desk, actor)
    return page(
        request,
        "samplers.html",
        actor=actor,
        network=network,
        drawn=air_map(network, [severity_of(each) for each in network.samplers]),
        may_ask=may(actor, Operation.SAMPLES_WORK),
        **_words(),
    )


@router.get("/{thing:path}")
def show_sampler(
    request: Request, desk: TheDesk, actor: Person, thing: Annotated[str, Path(min_length=1, max_length=200)]
) -> Response:
    """Return one sampler."""
    view = samples.sampler(desk, actor, ThingKey(thing))
    return page(
        request,
        "sampler.html",
        actor=actor,
        view=view,
        row=view.sampler.row,
        plot=spark(view.series, width=720, height=180) if view.series else None,
        parts=[name for name in PARTS if name in view.units],
        flags=FLAGS,
        may_ask=may(actor, Operation.SAMPLES_WORK) and view.sampler.by_hand is None,
        **_words(),
    )


def compass(from_deg: float) -> str:
    """Return the nearest of eight points of the compass, to be translated.

    >>> compass(350.0), compass(226.0)
    ('north', 'south-west')
    """
    return POINTS_OF_COMPASS[round(from_deg / 45.0) % 8]


def severity_of(each: SamplerRow) -> str:
    """Return the severity whose shape a sampler is shown with."""
    return "unknown" if each.row.state is None else SEVERITY[each.row.state]


def _words() -> dict[str, Any]:
    """Return what the templates of this page say with."""
    return {
        "states": STATES,
        "faults": FAULTS,
        "unjudged": UNJUDGED,
        "odds_of": odds_of,
        "property_of": property_of,
        "written": written,
        "compass": compass,
        "severity_of": severity_of,
        "region": AreaKind.REGION,
        "km2": M2_PER_KM2,
    }
