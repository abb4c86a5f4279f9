"""What an operator reads: headlines, reasons, severities. Templates are message ids of the catalogues."""

from datetime import datetime, timedelta

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.observation import Datastream, from_us
from impetus.core.text import Phrase, Value
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.group import Carrier, Group, Member

TOOL = ToolId("urban_anomaly")
SIMULATED = "simulated:"
"""What tells a place of made-up readings, and a finding about it, from the real place of the same name."""
SURE_ONE_IN = 1_000.0
"""One in so many readings: rarer than this is likely no chance. House rule."""
FAR_SEVERE = 2.0
"""Multiple of `start_z` from which three agreeing things are severe. House rule."""
FAR_MODERATE = 2.5
"""Multiple of `start_z` from which one thing alone is moderate. House rule."""
LONG_AGO = timedelta(hours=1)
"""Readings this old tell of the past: of an event in them nobody knows that it lasts. House rule, as fusion's."""
MANY_THINGS = 3
"""Things of one zone that agree before anything is called severe. House rule."""

ABOVE = "{property} far above normal at {thing}: {measured}{unit}"
BELOW = "{property} far below normal at {thing}: {measured}{unit}"
TOGETHER_ABOVE = "{things} sensors in {zone} far from normal together, most of all {property} above normal at {thing}"
TOGETHER_BELOW = "{things} sensors in {zone} far from normal together, most of all {property} below normal at {thing}"
AROUND_ABOVE = (
    "{things} sensors near each other far from normal together, most of all {property} above normal at {thing}"
)
AROUND_BELOW = (
    "{things} sensors near each other far from normal together, most of all {property} below normal at {thing}"
)
TOGETHER = (TOGETHER_BELOW, TOGETHER_ABOVE)
AROUND = (AROUND_BELOW, AROUND_ABOVE)
MOST_NAMED = 64
"""Datastreams named in one finding, those that carry it most first: a finding stays small. House rule."""
WHY = "{measured}{unit} measured, {low} to {high}{unit} expected at this time of day ({percent} % of readings); 1 in {one_in} readings of this sensor is this far off"
WHY_REGION = "{measured}{unit} measured, {low} to {high}{unit} expected at this time of day ({percent} % of readings); with its {fellows} neighbours it is {times} times as far off as they usually are together"
WHY_ALONE = "{measured}{unit} measured, {low} to {high}{unit} expected at this time of day ({percent} % of readings); its {fellows} neighbours did not go with it: it is {times} times as far from them as usual"
WHYS = {Carrier.OWN: WHY, Carrier.REGION: WHY_REGION, Carrier.ALONE: WHY_ALONE}


def severity_of(group: Group, config: Config) -> Severity:
    """Say how bad, from how far and how many agree; a statistic alone is never extreme."""
    lead = group.lead()
    far, things = max(abs(lead.z), abs(lead.strength)) / config.start_z, group.things()
    if things >= MANY_THINGS and far >= FAR_SEVERE:
        return Severity.SEVERE
    return Severity.MODERATE if things > 1 or far >= FAR_MODERATE else Severity.MINOR


def group_finding(group: Group, severity: Severity, *, at: datetime) -> Finding:
    """Say what a group is, as it stands. Its key begins with what it began as, whatever it became."""
    ranked, things, first = group.ranked(), group.things(), group.first
    lead, zone = ranked[0], first.zone
    subject = f"zone:{zone}" if things > 1 and zone else f"thing:{first.thing}"
    above = lead.z > 0
    several = TOGETHER if zone else AROUND
    template = several[above] if things > 1 else (ABOVE if above else BELOW)
    values = {**_values(lead), "things": things, "zone": str(zone or "")}
    simulated = first.simulated
    key = f"{TOOL}:{Kind.ANOMALY}:{SIMULATED if simulated else ''}thing:{first.thing}:{group.began_us}"
    rare = max(member.one_in for member in ranked)
    over = group.over or is_past(group, at)
    return Finding(
        key=FindingKey(f"{key}:{group.tellings}" if group.tellings else key),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=subject,
        headline=Phrase(template=template, values=values),
        why=Phrase(template=WHYS[lead.carrier], values=values),
        began=from_us(group.began_us),
        noticed=at,
        ended=newest(group) if over else None,
        severity=severity,
        urgency=_urgency(severity, over=over),
        certainty=Certainty.LIKELY if things > 1 or lead.one_in >= SURE_ONE_IN else Certainty.POSSIBLE,
        score=score_of(max(abs(lead.z), abs(lead.strength))),
        one_in=rare if rare > 0 else None,
        point=lead.datastream.point,
        zone=lead.datastream.zone,
        datastreams=tuple(member.datastream.id for member in ranked[:MOST_NAMED]),
        simulated=simulated,
        facts={"measured": lead.value, "expected": lead.expected, "z": lead.z, "things": float(things)},
    )


def newest(group: Group) -> datetime:
    """Return when the last of a group's members was seen."""
    return from_us(max(member.seen_us for member in group.members.values()))


def is_past(group: Group, at: datetime) -> bool:
    """Say whether a group was last seen so long ago that nobody knows whether it lasts."""
    return at - newest(group) > LONG_AGO


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
    """Return what sentences about a member may name."""
    datastream = member.datastream
    low, high = expected_range(member)
    step = max(high - low, abs(member.value - member.expected)) / 20
    return {
        **named(datastream),
        "measured": figure(member.value, step),
        "low": figure(low, step),
        "high": figure(high, step),
        "percent": round(100 * member.coverage),
        "one_in": figure(member.one_in, 1.0),
        "fellows": member.fellows,
        "times": figure(abs(member.strength), 1.0),
    }


def expected_range(member: Member) -> tuple[float, float]:
    """Return the range that holds the stated share of readings; what the instrument cannot report is cut."""
    reach = member.reach * member.scale
    return (
        max(member.expected - reach, member.datastream.lowest),
        min(member.expected + reach, member.datastream.highest),
    )


def named(datastream: Datastream) -> dict[str, Value]:
    """Return how a datastream is called in a sentence: its property, its thing, its unit with the space before it."""
    return {
        "property": datastream.observed_property.replace("_", " ").capitalize(),
        "thing": datastream.thing_name,
        "unit": "" if datastream.unit in {"1", "{count}"} else f" {datastream.unit}",
    }


def figure(value: float, step: float) -> str:
    """Write a number with no more decimals than differences of `step` need, thousands set apart.

    >>> figure(12345.678, 10.0), figure(3.14159, 0.05), figure(-0.001, 0.5)
    ('12,346', '3.14', '0.0')
    """
    decimals = next((places for places in range(6) if step >= 10.0 ** (-places)), 6)
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text
