"""The model card: words by hand, numbers by `impetus evaluate bacteria DIR --card`, never typed."""

from collections.abc import Mapping
from typing import Any

CARD = """# Bacteria Detector

*Written by `impetus evaluate bacteria DIR --card`; edit `card.py`, not this file.*

## What it does
For each air sampler it learns what load is usual for the season, the hour and the weather of the last samples, and says when a
sample holds far more, with how much, how much was expected and how rarely that happens. It tells a faulty sampler from loaded
air. It needs two weeks of samples before it says anything and a year before it knows the seasons.

## What it does not do
- It says how much, never what: no species, no cause, no culprit. That is a laboratory's word, to those who asked.
- It does not see what passes between two samples, nor a load that rises over weeks: that becomes normal.
- A fountain, a market or wind from the fields looks like a release until a person looks.
- Where the air came from is told as an area with its coverage, and only with several samplers and wind.
- It holds nothing about persons.

## Figures
On {samplers} samplers ({samples:,} samples), each replayed once in order, as shipped; the first year of each (at most half) is
learnt from and not scored. No threshold was chosen on these samples.

| | actual / promised false alarms | worst sampler | worst by chance alone |
|---|---|---|---|
| samples rarer than 1 in 100 | {mean} (90 % {interval}) | {worst} | {worst_by_chance} |

| level | findings a sampler-month where nothing happens | promised |
|---|---|---|
{levels}

| | probability of detection, once in 100 | worst sampler at that |
|---|---|---|
| this tool, threshold promised beforehand | {pod} (90 % {pod_interval}, {events} events) | {worst} |
{baselines}

Baselines were given the threshold that cries once in a hundred on the quiet samples of these very files; the tool was not.
Detection by size of event (deviations of the usual scatter): {by_size}. Delay: {delay} days on average. Faults told apart, mean
F1 by sample: {fault_f1}; samples with a fault raised as load: {raised}.
"""


def write_card(figures: Mapping[str, Any]) -> str:
    """Return the card for the figures of an evaluation."""
    kept, found, faults = figures["false_alarms_actual_over_nominal"], figures["detection"], figures["faults"]
    sizes = ", ".join(f"{size}: {share}" for size, share in found["by_size"].items())
    return CARD.format(
        samplers=figures["samplers"],
        samples=figures["samples"],
        mean=said(kept["mean"]),
        interval=span(kept.get("interval_90")),
        worst=said(kept["worst"]),
        worst_by_chance=said(kept.get("worst_by_chance")),
        levels="\n".join(
            f"| {name} | {one['per_sampler_month']} | {one['promised']} |" for name, one in figures["levels"].items()
        ),
        pod=said(found["pod"]),
        pod_interval=span(found["interval_90"]),
        events=found["events"],
        baselines="\n".join(
            f"| {name} | {said(one['pod'])} | {said(one['worst'])} |" for name, one in figures["baselines"].items()
        ),
        by_size=sizes or "not known",
        delay=said(found["delay_days"]),
        fault_f1=said(figures["fault_f1"]),
        raised=said(faults.get("raised_as_load")),
    )


def said(value: float | None) -> str:
    """Write a figure, a dash for none."""
    return "–" if value is None else f"{value:g}"  # noqa: RUF001 - a dash for no number


def span(ends: tuple[float, float] | list[float] | None) -> str:
    """Write an interval."""
    return "unknown" if ends is None else f"{ends[0]:g} to {ends[1]:g}"
