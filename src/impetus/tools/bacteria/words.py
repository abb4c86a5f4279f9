"""What an operator reads: how much, against what was expected, how odd, and what to do next; never what it is.

Templates are message ids of the catalogues.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.observation import Datastream, from_us
from impetus.core.text import Phrase, Value
from impetus.tools.bacteria.detect import Judged, Level
from impetus.tools.bacteria.episodes import Episode
from impetus.tools.bacteria.faults import Fault

TOOL = ToolId("bacteria")
SIMULATED = "simulated:"
"""What tells a finding about a made-up sampler from the real one of the same name."""
MOST_ONE_IN = 1_000_000
"""Rarest "one in so many" that is said; beyond it no record of samples reaches. House rule."""
SURE_ONE_IN = 1_000.0
"""One in so many samples: rarer than this is likely no chance. House rule."""
LONG_AGO = timedelta(days=1)
"""Samples this old tell of the past: of an episode in them nobody knows that it lasts. A reader may need hours. House rule."""

ALONE = "Airborne bacteria far above normal at {thing}: {measured}{unit}"
TOGETHER = "Airborne bacteria above normal at {samplers} samplers, most at {thing}: {measured}{unit}"
WHY_WATCH = "{measured}{unit} measured, {low} to {high}{unit} expected; 1 in {one_in} samples is this high by chance. Next: look at the sampler and its neighbours, and ask for a second sample"
WHY_ALARM = "{measured}{unit} measured, {low} to {high}{unit} expected; 1 in {one_in} samples is this high by chance. Next: ask for a second sample, keep the liquid of this one, and tell public health on duty"
WHY_OVER = "the last {samples} samples were as expected, {low} to {high}{unit}; the highest was {measured}{unit}"
WHY_SILENT = "no sample came since; the highest was {measured}{unit}, {low} to {high}{unit} expected"
FAULT_HEADLINES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.MISSING: "Air sampler {thing} sends samples without a concentration",
        Fault.FLAGGED: "Air sampler {thing} calls its own samples bad",
        Fault.NEGATIVE: "Air sampler {thing} reports less than nothing: {measured}{unit}",
        Fault.VOLUME: "Air sampler {thing} reports a volume that cannot be right",
        Fault.BLOCKED: "Air sampler {thing} draws too little air: its inlet may be blocked",
        Fault.SATURATED: "Air sampler {thing}: the reader is at the end of its range",
        Fault.STUCK: "Air sampler {thing} reports the same value again and again: {measured}{unit}",
        Fault.CALIBRATION: "Air sampler {thing}: the reader answers otherwise than before, as after a calibration",
        Fault.CARRY_OVER: "Air sampler {thing}: what is left of the sample before explains this one: {measured}{unit}",
    }
)
WHY_FAULT = (
    "no alarm is raised from these samples. Next: maintenance looks at the sampler; {thing} watches nothing until then"
)
WHY_CARRIED = "the sample before was very high, and a tenth of it may stay in the collector. Next: rinse it, and take a second sample"
WHY_SATURATED = (
    "the load may be far higher than the reader can say. Next: look at the sampler, and take a second, shorter sample"
)
WHY_WELL = "the last samples are in order again"


def episode_finding(episode: Episode, *, over: bool, silent: bool, at: datetime) -> Finding:
    """Say what an episode is, as it stands."""
    lead = episode.lead()
    many = len(episode.members) > 1
    alarm = episode.level is Level.ALARM
    simulated = lead.stream.simulated
    severity = Severity.SEVERE if alarm else Severity.MODERATE if many else Severity.MINOR
    seen = from_us(max(member.seen_us for member in episode.members.values()))
    past = over or at - seen > LONG_AGO
    values: dict[str, Value] = {
        **values_of(lead.peak, lead.stream),
        "samplers": len(episode.members),
        "samples": episode.calm_needed,
    }
    why = (WHY_SILENT if silent else WHY_OVER) if over else WHY_ALARM if alarm else WHY_WATCH
    ranked = sorted(episode.members.values(), key=lambda member: (-member.peak.normal, member.stream.id))
    return Finding(
        key=FindingKey(_key(episode, lead_simulated=simulated)),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=f"thing:{episode.thing}",
        headline=Phrase(template=TOGETHER if many else ALONE, values=values),
        why=Phrase(template=why, values=values),
        began=from_us(episode.began_us),
        noticed=at,
        ended=seen if past else None,
        severity=severity,
        urgency=Urgency.PAST if past else Urgency.IMMEDIATE if alarm else Urgency.EXPECTED,
        certainty=Certainty.LIKELY if many or lead.peak.one_in >= SURE_ONE_IN else Certainty.POSSIBLE,
        score=score_of(lead.peak.normal),
        one_in=min(lead.peak.one_in, float(MOST_ONE_IN)),
        point=lead.stream.point,
        zone=lead.stream.zone,
        datastreams=tuple(member.stream.id for member in ranked[:64]),
        simulated=simulated,
        facts={
            "measured": lead.peak.sample.concentration,
            "expected": lead.peak.expected,
            "level": float(episode.level),
            "samplers": float(len(episode.members)),
        },
    )


def fault_finding(judged: Judged, stream: Datastream, began_us: int, *, over: bool, at: datetime) -> Finding:
    """Say that a sampler, not the air, is strange."""
    values = values_of(judged, stream)
    carried, saturated = judged.fault is Fault.CARRY_OVER, judged.fault is Fault.SATURATED
    why = WHY_WELL if over else WHY_CARRIED if carried else WHY_SATURATED if saturated else WHY_FAULT
    key = f"{TOOL}:{Kind.FAULT}:{SIMULATED if stream.simulated else ''}thing:{stream.thing}:{judged.fault}:{began_us}"
    return Finding(
        key=FindingKey(f"{key}:over" if over else key),
        tool=TOOL,
        kind=Kind.FAULT,
        subject=f"thing:{stream.thing}",
        headline=Phrase(template=FAULT_HEADLINES[judged.fault], values=values),
        why=Phrase(template=why, values=values),
        began=from_us(began_us),
        noticed=at,
        ended=from_us(judged.sample.time_us) if over else None,
        severity=Severity.MINOR,
        urgency=Urgency.PAST if over else Urgency.EXPECTED if saturated else Urgency.FUTURE,
        certainty=Certainty.POSSIBLE if carried else Certainty.LIKELY,
        point=stream.point,
        zone=stream.zone,
        datastreams=(stream.id,),
        simulated=stream.simulated,
    )


def score_of(normal: float) -> float:
    """Return 0..1, 0.5 at five normal deviations; only for ranking.

    >>> score_of(5.0)
    0.5
    """
    high = max(normal, 0.0)
    return high / (high + 5.0)


def values_of(judged: Judged, stream: Datastream) -> dict[str, Value]:
    """Return what sentences about a sample may name."""
    return {
        "thing": stream.thing_name,
        "unit": "" if stream.unit in {"1", "{count}"} else f" {stream.unit}",
        "measured": figure(judged.sample.concentration),
        "low": figure(judged.low),
        "high": figure(judged.high),
        "one_in": f"{min(round(judged.one_in), MOST_ONE_IN):,}",
    }


def figure(value: float) -> str:
    """Write a number with about two decimals that mean anything, thousands set apart; a dash for none.

    >>> figure(12345.678), figure(3.14159), figure(0.0), figure(212.4)
    ('12,346', '3.1', '0', '212')
    """
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is what differs from itself
        return "–"  # noqa: RUF001 - a dash for no number
    return f"{value:,.1f}" if 0 < abs(value) < 10 else f"{value:,.0f}"  # noqa: PLR2004 - one decimal below ten


def _key(episode: Episode, *, lead_simulated: bool) -> str:
    place = f"{SIMULATED if lead_simulated else ''}thing:{episode.thing}"
    key = f"{TOOL}:{Kind.ANOMALY}:{place}:{episode.began_us}"
    return f"{key}:{episode.tellings}" if episode.tellings else key
