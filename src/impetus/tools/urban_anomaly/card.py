"""The model card: words by hand, numbers by `impetus evaluate urban_anomaly DIR --card`, never typed."""

from collections.abc import Mapping
from typing import Any

CARD = """# Urban Anomaly Detector

*Written by `impetus evaluate urban_anomaly DIR --card`; edit `card.py`, not this file.*

## What it does
For each sensor it learns what is normal for the half-hour, the kind of day and the level of the last hours, and tells when
readings stay far outside it, further than this sensor's own past makes common. It needs one day before it says anything
and two weeks before it knows working days from week-ends.

## What it does not do
- It does not know why. A football match, a closed road and a broken sensor can look alike; the plot lets a person judge.
- It does not see what no sensor measures, slow drifts over weeks (they become normal), or patterns that are strange only in
  how several sensors move together.
- `one_in` is counted from the sensor's own readings, never extrapolated beyond how many were seen. Readings follow each
  other, so chance alarms cluster: it is not a rate of false events.
- It works on counts and measurements of places; it holds nothing about persons.

## Figures
On {series} series of the Numenta Anomaly Benchmark ({readings:,} readings, {stream_days} stream-days; the traffic, taxi and
artificial groups), replayed in order, as shipped, no threshold chosen on the labels:

| | windows hit | false alarms | per stream-day | median delay into the window | NAB standard | NAB low FP |
|---|---|---|---|---|---|---|
{rows}

The benchmark's own way (one threshold chosen on the same labels), and with the threshold from the other half of the files:

| | standard | held out | low FP | held out |
|---|---|---|---|---|
{baselines}

90 % interval over files drawn again: standard {standard_90_percent}, low FP {low_fp_90_percent}. Twenty-five windows are few:
differences of ten points mean little.

Settings were chosen on the artificial series and every other real one; the first version of the rules had been seen to run on
all of them, so treat even the fixed figures as optimistic by a few points. This benchmark is known to be weak evidence:
its windows are wide, and alarms at random earn points. It is here as a check that nothing is broken, not as proof of use.
"""


def write_card(figures: Mapping[str, Any]) -> str:
    """Return the card for figures of the benchmark layout."""
    fixed = figures["fixed"]
    groups = {"all": fixed, **figures["by_group"]}
    scored = {"this tool": figures["nab"], **figures["baselines"]}
    return CARD.format(
        series=figures["series"],
        readings=figures["readings"],
        stream_days=fixed["stream_days"],
        rows="\n".join(_row(name, counted) for name, counted in groups.items()),
        baselines="\n".join(
            f"| {name} | {one['standard']} | {one['standard_held_out']} | {one['low_fp']} | {one['low_fp_held_out']} |"
            for name, one in scored.items()
        ),
        standard_90_percent=_span(fixed["standard_90_percent"]),
        low_fp_90_percent=_span(fixed["low_fp_90_percent"]),
    )


def _row(name: str, counted: Mapping[str, Any]) -> str:
    delay = "" if counted["median_delay_h"] is None else f"{counted['median_delay_h']} h"
    scores = " | ".join("" if counted[one] is None else str(counted[one]) for one in ("standard", "low_fp"))
    return (
        f"| {name} | {counted['windows_hit']} of {counted['windows']} | {counted['false_alarms']} "
        f"| {counted['false_alarms_per_stream_day']} | {delay} | {scores} |"
    )


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]} to {ends[1]}"
