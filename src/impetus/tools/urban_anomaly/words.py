"""What an operator reads: headlines, reasons, severities. Templates are message ids of the catalogues."""

from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.observation import Datastream, from_us
from impetus.core.text import Phrase, Value
from impetus.tools.urban_anomaly.config import Config

TOOL = ToolId("urban_anomaly")
SIMULATED = "simulated:"
"""What tells a place of made-up readings, and a finding about it, from the real place of the same name."""
BAND_SCALES = 2.5
"""Robust deviations either side called "expected" in a sentence; the plot's band states its own coverage."""
SURE_ONE_IN = 1_000.0
"""One in so many readings: rarer than this is likely no chance. House rule."""
FAR_SEVERE = 2.0
"""Multiple of `start_z` from which three agreeing things are severe. House rule."""
FAR_MODERATE = 2.5
"""Multiple of `start_z` from which one thing alone is moderate. House rule."""
MANY_THINGS = 3
"""Things of one zone that agree before anything is called severe. House rule."""

ABOVE = "{property} far above normal at {thing}: {measured}{unit}"
BELOW = "{property} far below normal at {thing}: {measured}{unit}"
TOGETHER_ABOVE = "{things} sensors in {zone} far from normal together, most of all {property} above normal at {thing}"
TOGETHER_BELOW = "{things} sensors in {zone} far from normal together, most of all {property} below normal at {thing}"
WHY = "{measured}{unit} measured, {low} to {high}{unit} expected at this time of day; 1 in {one_in} readings of this sensor is this far off"
STUCK = "{property} sensor at {thing} reports the same value: {measured}{unit}"
WHY_STUCK = "{measured}{unit} for {minutes} min without change; this sensor usually moves"
SPIKE = "{property} sensor at {thing} gave one impossible-looking reading: {measured}{unit}"
WHY_SPIKE = "one reading of {measured}{unit} between normal ones, {low} to {high}{unit} expected"


@dataclass(slots=True, kw_only=True)
class Member:
    """One datastream's part in a group, at its peak. `z` is signed robust deviations."""

    datastream: Datastream
    began_us: int
    z: float
    value: float
    expected: float
    scale: float
    one_in: float
    seen_us: int
    running: bool = True


@dataclass(slots=True, kw_only=True)
class Group:
    """Events of one zone or thing that run together. `tellings` counts findings, `told_*` is how the last one stood."""

    place: str
    zone: ZoneId | None
    began_us: int
    members: dict[DatastreamId, Member] = field(default_factory=dict)
    tellings: int = 0
    told_us: int = 0
    told_severity: Severity = Severity.UNKNOWN
    told_things: int = 0
    over: bool = False

    def lead(self) -> Member:
        """Return the member furthest from normal, the lowest id among equals."""
        return max(self.members.values(), key=lambda member: (abs(member.z), -member.datastream.id))

    def things(self) -> int:
        """Return how many things take part."""
        return len({member.datastream.thing for member in self.members.values()})


def severity_of(group: Group, config: Config) -> Severity:
    """Say how bad, from how far and how many agree; a statistic alone is never extreme."""
    far, things = abs(group.lead().z) / config.start_z, group.things()
    if things >= MANY_THINGS and far >= FAR_SEVERE:
        return Severity.SEVERE
    return Severity.MODERATE if things > 1 or far >= FAR_MODERATE else Severity.MINOR


def group_finding(group: Group, severity: Severity, *, at: datetime) -> Finding:
    """Say what a group is, as it stands."""
    lead, things = group.lead(), group.things()
    subject = f"zone:{group.zone}" if things > 1 else f"thing:{lead.datastream.thing}"
    above = lead.z > 0
    together = (TOGETHER_ABOVE if above else TOGETHER_BELOW) if things > 1 else (ABOVE if above else BELOW)
    values = {**_values(lead), "things": things, "zone": str(group.zone or "")}
    ranked = sorted(group.members.values(), key=lambda member: (-abs(member.z), member.datastream.id))
    simulated = lead.datastream.simulated
    key = f"{TOOL}:{Kind.ANOMALY}:{SIMULATED if simulated else ''}{subject}:{group.began_us}"
    return Finding(
        key=FindingKey(f"{key}:{group.tellings}" if group.tellings else key),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=subject,
        headline=Phrase(template=together, values=values),
        why=Phrase(template=WHY, values=values),
        began=from_us(group.began_us),
        noticed=at,
        ended=from_us(max(member.seen_us for member in ranked)) if group.over else None,
        severity=severity,
        urgency=_urgency(severity, over=group.over),
        certainty=Certainty.LIKELY if things > 1 or lead.one_in >= SURE_ONE_IN else Certainty.POSSIBLE,
        score=score_of(lead.z),
        one_in=max(member.one_in for member in ranked),
        point=lead.datastream.point,
        zone=lead.datastream.zone,
        datastreams=tuple(member.datastream.id for member in ranked[:64]),
        simulated=simulated,
        facts={"measured": lead.value, "expected": lead.expected, "z": lead.z, "things": float(things)},
    )


def fault_finding(member: Member, *, stuck: bool, ended_us: int | None, at: datetime) -> Finding:
    """Say that a sensor, not the city, is strange."""
    subject = f"thing:{member.datastream.thing}"
    name = "stuck" if stuck else "spike"
    minutes = max(0, (member.seen_us - member.began_us) // 60_000_000)
    values = {**_values(member), "minutes": minutes}
    over = ended_us is not None
    key = f"{TOOL}:{Kind.FAULT}:{subject}:{member.began_us}:{name}:{member.datastream.id}"
    return Finding(
        key=FindingKey(f"{key}:over" if over and stuck else key),
        tool=TOOL,
        kind=Kind.FAULT,
        subject=subject,
        headline=Phrase(template=STUCK if stuck else SPIKE, values=values),
        why=Phrase(template=WHY_STUCK if stuck else WHY_SPIKE, values=values),
        began=from_us(member.began_us),
        noticed=at,
        ended=from_us(ended_us) if ended_us is not None else None,
        severity=Severity.MINOR,
        urgency=Urgency.PAST if over else Urgency.FUTURE,
        certainty=Certainty.POSSIBLE,
        score=score_of(member.z),
        point=member.datastream.point,
        zone=member.datastream.zone,
        datastreams=(member.datastream.id,),
        simulated=member.datastream.simulated,
        facts={"measured": member.value},
    )


def score_of(z: float) -> float:
    """Return 0..1, 0.5 at ten robust deviations; only for ranking.

    >>> score_of(-10.0)
    0.5
    """
    return abs(z) / (abs(z) + 10.0)


def _urgency(severity: Severity, *, over: bool) -> Urgency:
    if over:
        return Urgency.PAST
    return Urgency.IMMEDIATE if severity is Severity.SEVERE else Urgency.EXPECTED


def _values(member: Member) -> dict[str, Value]:
    """Return what sentences about a member may name; an expectation below what the instrument can report is cut."""
    datastream, reach = member.datastream, BAND_SCALES * member.scale
    low = max(member.expected - reach, datastream.lowest)
    high = min(member.expected + reach, datastream.highest)
    step = max(high - low, abs(member.value - member.expected)) / 20
    return {
        "property": datastream.observed_property.replace("_", " ").capitalize(),
        "thing": datastream.thing_name,
        "unit": "" if datastream.unit in {"1", "{count}"} else f" {datastream.unit}",
        "measured": figure(member.value, step),
        "low": figure(low, step),
        "high": figure(high, step),
        "one_in": figure(member.one_in, 1.0),
    }


def figure(value: float, step: float) -> str:
    """Write a number with no more decimals than differences of `step` need, thousands set apart.

    >>> figure(12345.678, 10.0), figure(3.14159, 0.05), figure(-0.001, 0.5)
    ('12,346', '3.14', '0.0')
    """
    decimals = next((places for places in range(6) if step >= 10.0 ** (-places)), 6)
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text
