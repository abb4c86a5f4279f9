"""The model card: words by hand, numbers by `impetus evaluate urban_anomaly DIR --card`, never typed.

Each layout has its section; an evaluation renews the section of its layout and leaves the others as they were measured.
"""

from collections.abc import Mapping, Sequence
from typing import Any

HEAD = """# Urban Anomaly Detector

*Written by `impetus evaluate urban_anomaly DIR --card`; edit `card.py`, not this file.*

## What it does
For each sensor it learns what is normal for the half-hour, the kind of day and the level of the last hours; for the
datastreams of one thing what is normal together; and for neighbours what is normal side by side. It tells when readings
leave that, further than this sensor's own past makes common, and says whether the city or the instrument is strange.

## What it does not do
- It does not know why. A football match, a closed road and a broken sensor can look alike; the plot lets a person judge.
- It does not see what no sensor measures, and changes over weeks become normal, as they should.
- `one_in` is counted from the sensor's own readings, never extrapolated beyond how many were seen. Readings follow each
  other, so chance alarms cluster: it is not a rate of false events.
- It works on counts and measurements of places; it holds nothing about persons.

## How the figures were made
Every record was replayed in the order of time through the tool as shipped, one moment after the other; nothing was looked at
ahead and no threshold was chosen on labels, except where a line says so. Each baseline stands on the same page: saying
nothing (null), alarms at even distances (blind), a moving z-score, a z-score by the half-hour, and the distance to the
nearest value ever seen. Ranges in brackets are 90 % bootstrap intervals.
"""
SECTIONS = ("city", "sites", "nab")
ABSENT = "*Not measured yet.*"
CITY_ROWS = (
    ("false alarms per 1,000 stream-days", "false_alarms_per_1000_stream_days"),
    ("incidents per 8-hour shift, whole city", "incidents_per_shift"),
    ("recall of events of 5 sd and more", "event_recall"),
    ("median delay, readings", "delay_samples"),
    ("explanation: a carrying datastream among the first three", "hit_at_3"),
    ("incidents per event told", "incidents_per_event"),
    ("fault or event, macro-F1", "fault_macro_f1"),
    ("faults raised as security events", "faults_as_security"),
)
SITE_ROWS = (
    ("mean average precision", "mean_ap"),
    ("area under the ROC curve", "auc"),
    ("break-even F1", "break_even_f1"),
    ("VUS-PR", "vus_pr"),
)


def write_card(figures: Mapping[str, Any]) -> str:
    """Return a card with the section of these figures alone."""
    return renew_card("", figures)


def renew_card(before: str, figures: Mapping[str, Any]) -> str:
    """Return the card with the section of these figures' layout renewed, the others as they stood in `before`."""
    texts = {name: _section(before, name) or ABSENT for name in SECTIONS}
    made = {"city": _city, "sites": _sites, "nab": _nab}[figures["layout"]]
    texts[figures["layout"]] = made(figures)
    return HEAD + "".join(f"\n{_opening(name)}\n{texts[name]}\n{_closing(name)}\n" for name in SECTIONS)


def _opening(name: str) -> str:
    return f"<!-- {name} -->"


def _closing(name: str) -> str:
    return f"<!-- end of {name} -->"


def _section(text: str, name: str) -> str:
    _, opened, rest = text.partition(_opening(name))
    inside, closed, _ = rest.partition(_closing(name))
    return inside.strip() if opened and closed else ""


def _city(figures: Mapping[str, Any]) -> str:
    """Return the section on a made-up city."""
    others = figures["baselines"]
    kinds = [
        (f"event: {kind.replace('_', ' ')}", one["recall"], one["of"])
        for kind, one in figures["event_recall_by_kind"].items()
    ] + [(f"fault: {kind}", one["told"], one["of"]) for kind, one in figures["faults_by_kind"].items()]
    causes = ", ".join(f"{count} {cause}" for cause, count in figures["false_alarms_by_cause"].items())
    return f"""## On a made-up city
{figures["streams"]:,} datastreams, {figures["readings"]:,} readings, {figures["stream_days"]:,} stream-days judged, {figures["events"]} events and {figures["faults"]} faults planted (`impetus generate city`).

{_table(CITY_ROWS, figures, others)}

False alarms by what was there: {causes}. The range it states for {_said(figures["range_coverage_stated"])} of calm readings held {_said(figures["range_coverage"])} of them.

| what | told as that | of |
|---|---|---|
{_rows(kinds)}"""


def _sites(figures: Mapping[str, Any]) -> str:
    """Return the section on labelled sites."""
    recall, delay = figures["event_recall"], figures["delay"]
    budgets = [(budget.replace("_", " "), recall[budget], delay[budget]) for budget in recall]
    return f"""## On labelled sites
{figures["sites"]} sites; the score of a row is how rare the tool finds it; the first week is learnt from and not scored.

{_table(SITE_ROWS, figures, figures["baselines"])}

| alarms allowed a site | events found | median delay, readings |
|---|---|---|
{_rows(budgets)}"""


def _nab(figures: Mapping[str, Any]) -> str:
    """Return the section on the benchmark."""
    fixed = figures["fixed"]
    groups = {"all": fixed, **figures["by_group"]}
    scored = {"this tool": figures["nab"], **figures["baselines"]}
    rows = [
        (
            name,
            f"{one['windows_hit']} of {one['windows']}",
            one["false_alarms"],
            one["false_alarms_per_stream_day"],
            "" if one["median_delay_h"] is None else f"{one['median_delay_h']} h",
            one["standard"],
            one["low_fp"],
        )
        for name, one in groups.items()
    ]
    keys = ("standard", "standard_held_out", "low_fp", "low_fp_held_out", "low_fn", "low_fn_held_out")
    scores = [(name, *(one[key] for key in keys)) for name, one in scored.items()]
    return f"""## On the Numenta Anomaly Benchmark
{figures["series"]} series ({figures["readings"]:,} readings, {fixed["stream_days"]} stream-days), as shipped, no threshold chosen on the labels:

| | windows hit | false alarms | per stream-day | median delay into the window | standard | low FP |
|---|---|---|---|---|---|---|
{_rows(rows)}

The benchmark's own way (one threshold chosen on the same labels, from the rarity of each reading), and with the threshold
from the other half of the files:

| | standard | held out | low FP | held out | low FN | held out |
|---|---|---|---|---|---|---|
{_rows(scores)}

This benchmark is weak evidence: its windows are wide, and alarms at random earn points. It is here as a check that nothing
is broken, not as proof of use."""


def _table(rows: Sequence[tuple[str, str]], figures: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of figures with the tool's interval, and the baselines beside it."""
    names = list(others)
    lines = [
        f"| {said} | {_with_ends(figures, key)} | " + " | ".join(_said(others[name].get(key)) for name in names) + " |"
        for said, key in rows
    ]
    head = "| | this tool | " + " | ".join(name.replace("_", " ") for name in names) + " |"
    return "\n".join([head, "|---|---|" + "---|" * len(names), *lines])


def _with_ends(figures: Mapping[str, Any], key: str) -> str:
    ends = figures["interval_90"].get(key)
    return _said(figures[key]) + (f" [{_said(ends[0])}, {_said(ends[1])}]" if ends else "")


def _rows(rows: Sequence[Sequence[object]]) -> str:
    return "\n".join("| " + " | ".join(_said(cell) for cell in row) + " |" for row in rows)


def _said(value: object) -> str:
    """Write a figure; what has none is left blank, it is not nought."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
