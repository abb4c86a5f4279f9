"""What a maintainer reads about an instrument: which one, what it does, since when; never that the city is strange."""

from collections.abc import Sequence
from datetime import datetime

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey
from impetus.core.observation import Datastream, from_us
from impetus.core.standing import FaultKind
from impetus.core.text import Phrase
from impetus.tools.urban_anomaly.faults import Fault
from impetus.tools.urban_anomaly.words import MOST_NAMED, TOOL, figure, named

STUCK = "{property} sensor at {thing} reports the same value: {measured}{unit}"
WHY_STUCK = "{measured}{unit} for {minutes} min without change; this sensor usually moves"
SPIKE = "{property} sensor at {thing} gave one impossible-looking reading: {measured}{unit}"
WHY_SPIKE = "one reading of {measured}{unit} between normal ones; look at its cable and its power"
DROPOUT = "{property} sensor at {thing} drops to its lowest value again and again: {measured}{unit}"
WHY_DROPOUT = "{measured}{unit} between ordinary readings within {minutes} min, and its neighbours are as usual; look at its cable and its power"
DRIFT = "{property} sensor at {thing} drifts: {measured}{unit}"
WHY_DRIFT = "it went further from its own usual values for two days, steadily and alone; clean or calibrate it"
UNIT = "{property} sensor at {thing} seems to report in another unit: {measured}{unit}"
WHY_UNIT = "its readings are ordinary once taken times a factor between units; look at how it was set up"
CLOCK = "The clock of {thing} is wrong by {minutes} min"
WHY_CLOCK = (
    "its readings come in steadily with times that are {minutes} min off; they are left out until its clock is right"
)
MISSING = "{thing} sends nothing any more"
WHY_MISSING = "no reading for {minutes} min while the sensors around it go on; its last was {measured}{unit}"
SAID = {
    FaultKind.STUCK: (STUCK, WHY_STUCK),
    FaultKind.SPIKE: (SPIKE, WHY_SPIKE),
    FaultKind.DROPOUT: (DROPOUT, WHY_DROPOUT),
    FaultKind.DRIFT: (DRIFT, WHY_DRIFT),
    FaultKind.UNIT: (UNIT, WHY_UNIT),
    FaultKind.CLOCK: (CLOCK, WHY_CLOCK),
    FaultKind.MISSING: (MISSING, WHY_MISSING),
}
CODES = {kind: kind.name.lower() for kind in FaultKind}
"""How a kind is called in keys and facts."""
SCORE = 0.5
"""Faults are not ranked against each other."""
DIGITS = 200.0


def fault_finding(fault: Fault, streams: Sequence[Datastream], *, at: datetime) -> Finding:
    """Say that a sensor, not the city, is strange; once when it begins and once when it is over.

    `streams` are the datastreams it is about: all of a thing where the fault is the thing's, else the one that shows it.
    """
    datastream = next((each for each in streams if each.id == fault.datastream), streams[0])
    headline, why = SAID[fault.kind]
    name, spike = CODES[fault.kind], fault.kind is FaultKind.SPIKE
    over = fault.over or spike
    key = f"{TOOL}:{Kind.FAULT}:thing:{datastream.thing}:{fault.since_us}:{name}:{streams[0].id}"
    values = {
        **named(datastream),
        "measured": figure(fault.value, max(abs(fault.value), 1e-6) / DIGITS),
        "minutes": _minutes(fault),
    }
    return Finding(
        key=FindingKey(f"{key}:over" if fault.over else key),
        tool=TOOL,
        kind=Kind.FAULT,
        subject=f"thing:{datastream.thing}",
        headline=Phrase(template=headline, values=values),
        why=Phrase(template=why, values=values),
        began=from_us(fault.since_us),
        noticed=at,
        ended=from_us(max(fault.at_us, fault.since_us)) if over else None,
        severity=Severity.MINOR,
        urgency=Urgency.PAST if over else Urgency.FUTURE,
        certainty=Certainty.POSSIBLE,
        score=SCORE,
        point=datastream.point,
        zone=datastream.zone,
        datastreams=tuple(each.id for each in streams[:MOST_NAMED]),
        simulated=datastream.simulated,
        facts={"measured": fault.value, "fault": float(fault.kind)},
    )


def _minutes(fault: Fault) -> int:
    """Return how many minutes a fault lasted so far, or how many a clock is off."""
    if fault.kind is FaultKind.CLOCK:
        return round(abs(fault.value) / 60)
    return max(0, (fault.at_us - fault.since_us) // 60_000_000)
