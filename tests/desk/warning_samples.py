"""A warning worth releasing, for tests."""

from dataclasses import replace
from datetime import datetime, timedelta

from desk.city_samples import CityRoom
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.ids import IncidentId
from impetus.core.place import Point
from impetus.core.warning import (
    Area,
    Category,
    Circle,
    PublicWarning,
    Response,
    Status,
    WarningContent,
    Wording,
)
from impetus.desk import warnings

ENGLISH = Wording(
    language="en",
    event="Gas leak",
    headline="Leave the square to the west",
    description="Fire service: gas leak at City Hall Square since 21:00.",
    instruction="Walk west. Do not use lifts. More at 21:30.",
)
NORWEGIAN = Wording(
    language="nb",
    event="Gasslekkasje",
    headline="Gå vestover fra plassen",
    description="Brannvesenet: gasslekkasje på Rådhusplassen siden 21:00.",
    instruction="Gå vestover. Ikke bruk heis. Mer kl. 21:30.",
)
SQUARE = Area(
    description="City Hall Square",
    polygons=(
        (
            Point(lon=10.7322, lat=59.9110),
            Point(lon=10.7348, lat=59.9110),
            Point(lon=10.7348, lat=59.9120),
            Point(lon=10.7322, lat=59.9120),
        ),
    ),
    circles=(Circle(centre=Point(lon=10.7335, lat=59.9115), radius_km=0.25),),
)


def content(at: datetime, **changes: object) -> WarningContent:
    """Return what a good warning says, with these parts changed."""
    good = WarningContent(
        category=Category.SAFETY,
        severity=Severity.EXTREME,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.OBSERVED,
        response=Response.EVACUATE,
        wordings=(ENGLISH, NORWEGIAN),
        area=SQUARE,
        expires=at + timedelta(hours=1),
        contact="110",
    )
    return replace(good, **changes)  # type: ignore[arg-type]  # a test names the part it means


def drafted(room: CityRoom, status: Status = Status.ACTUAL, **changes: object) -> PublicWarning:
    """Let ada draft one about the incident."""
    return warnings.draft(
        room.desk, room.people["ada"], content(room.now, **changes), status=status, incident=IncidentId(1)
    )


def asked(room: CityRoom, warning: PublicWarning) -> PublicWarning:
    """Let ada ask two people to release it."""
    return warnings.propose(
        room.desk, room.people["ada"], warning.id, version=warning.version, why="people must leave now"
    )


def release(room: CityRoom, warning: PublicWarning) -> PublicWarning:
    """Ask, let two agree, and return how it stands then."""
    proposed = asked(room, warning)
    for name in ("sol", "siv"):
        with room.desk.store.read() as unit:
            assert proposed.action is not None
            action = unit.actions.get(proposed.action)
        room.approve(action, name)
    return stored(room, warning.id)


def stored(room: CityRoom, number: int) -> PublicWarning:
    """Return a warning as stored."""
    with room.desk.store.read() as unit:
        return unit.warnings.get(number)
