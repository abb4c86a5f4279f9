"""The model card: words by hand, numbers by `impetus evaluate fusion DIR --card`, never typed."""

from collections.abc import Mapping

CARD = """# Fusion

*Written by `impetus evaluate fusion DIR --card`; edit `card.py`, not this file.*

## What it does
It turns what tools notice into alerts. More of the same (tool, kind and subject) is counted with the alert that is open.
What happens close together, in metres and seconds, and closer than chance would often bring it, is joined into one alert,
which says how close and how likely by chance. One subject gets four alerts in an hour at most, unless one is worse.

## What it does not do
- It does not understand: two unrelated things that do happen at one place and time are joined, and the card below says how
  often. A person can see each finding on the alert's page.
- It does not chain: what is close to something joined, but not to the alert itself, is another alert.
- It never joins simulated with real, or the platform's own trouble with the city's; a faulty sensor stays by itself.
- It holds nothing about persons: places, things and times only.

## Figures
{sets} labelled sets, **synthetic**: happenings thrown at random over a square kilometre and a day, each seen by one to four
tools within 40 m and two minutes, several times each. They show that the rules do what they say, not how a city behaves; real
labelled incidents are yet to come. Of all pairs of findings put into one alert, how many belong together (precision); of all
pairs that belong together, how many were put into one alert (recall); means over the sets, the worst set in brackets.

| way of grouping | precision | recall | F1 | alerts for {happenings:.0f} happenings, {findings:.0f} findings |
|---|---|---|---|---|
{rows}
"""

NAMES = {
    "fusion": "fusion",
    "same_identity": "only equal identities",
    "never_join": "never join",
    "all_in_window": "all within half an hour",
}


def write_card(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the card for figures of some labelled sets."""
    return CARD.format(
        sets=len(figures),
        happenings=_mean(figures, "fusion", "happenings"),
        findings=_mean(figures, "fusion", "findings"),
        rows="\n".join(_row(figures, way) for way in NAMES),
    )


def _row(figures: Mapping[str, Mapping[str, Mapping[str, float]]], way: str) -> str:
    cells = [
        f"{_mean(figures, way, figure):.3f} ({min(one[way][figure] for one in figures.values()):.3f})"
        for figure in ("precision", "recall", "f1")
    ]
    return f"| {NAMES[way]} | {' | '.join(cells)} | {_mean(figures, way, 'alerts'):.0f} |"


def _mean(figures: Mapping[str, Mapping[str, Mapping[str, float]]], way: str, figure: str) -> float:
    values = [one[way][figure] for one in figures.values()]
    return sum(values) / len(values)
