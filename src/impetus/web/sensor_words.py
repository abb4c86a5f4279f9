"""What sensors' states, faults and odds are called, and figures with as many digits as their range makes sense of."""

import math
from collections.abc import Mapping

from impetus.core.standing import FaultKind, StandingState
from impetus.desk.city_view import Level
from impetus.desk.sensor_health import UNJUDGED
from impetus.web.formats import Formats
from impetus.web.names import N_

STATES: Mapping[int, str] = {
    StandingState.FAULT: N_("at fault"),
    StandingState.SILENT: N_("silent"),
    StandingState.STRANGE: N_("unusual"),
    StandingState.LEARNING: N_("learning"),
    StandingState.CALM: N_("as usual"),
    UNJUDGED: N_("judged by no tool"),
}
"""Each state in a word or two, in the order of the board."""
STATE_KEYS: Mapping[int, str] = {
    StandingState.FAULT: "fault",
    StandingState.SILENT: "silent",
    StandingState.STRANGE: "strange",
    StandingState.LEARNING: "learning",
    StandingState.CALM: "calm",
    UNJUDGED: "unjudged",
}
"""What a state is called in addresses and style sheets."""
FAULTS: Mapping[FaultKind, str] = {
    FaultKind.NONE: "",
    FaultKind.STUCK: N_("the value stands still"),
    FaultKind.DROPOUT: N_("values drop out"),
    FaultKind.DRIFT: N_("it drifts away from its neighbours"),
    FaultKind.SPIKE: N_("single values jump"),
    FaultKind.CLOCK: N_("its clock jumped"),
    FaultKind.UNIT: N_("the unit seems to have changed"),
    FaultKind.MISSING: N_("readings are missing"),
}
"""What is wrong with an instrument, in words for whoever mends it."""
LEVELS: Mapping[Level, str] = {
    Level.USUAL: N_("as usual"),
    Level.ONE_IN_20: N_("1 in 20"),
    Level.ONE_IN_100: N_("1 in 100"),
    Level.ONE_IN_1000: N_("1 in 1,000"),
    Level.EVENT: N_("an event"),
}
"""How surprising a cell is, as the legend says it."""
MOST_ODDS = 1_000_000
DIGITS, MOST_DIGITS = 3, 4
DASH = "\N{EN DASH}"
"""Stands where a figure is not known."""


def property_of(name: str) -> str:
    """Return what is measured as tools write it, to be translated.

    >>> property_of("sound_level")
    'Sound level'
    """
    return name.replace("_", " ").capitalize()


def odds_of(p: float) -> int | None:
    """Return one in how many readings is this surprising, rounded to two digits; None when unknown or not worth saying.

    >>> odds_of(0.000123), odds_of(0.3), odds_of(0.0)
    (8100, None, 1000000)
    """
    if not 0 <= p < 1 / DIGITS:
        return None
    exact = min(MOST_ODDS, 1 / p) if p > 0 else MOST_ODDS
    scale = 10 ** max(0, math.floor(math.log10(exact)) - 1)
    return int(round(exact / scale) * scale)


def figure(formats: Formats, value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return a measured value with the digits that its expected range makes sense of; a dash when unknown."""
    if not math.isfinite(value):
        return DASH
    span = high - low if math.isfinite(high - low) and high > low else abs(value)
    digits = 0 if span <= 0 else max(0, min(MOST_DIGITS, DIGITS - 1 - math.floor(math.log10(span))))
    return formats.number(value, digits if abs(value) < 10**MOST_DIGITS else 0)
