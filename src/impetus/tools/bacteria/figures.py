"""What replayed samples are worth in figures: false alarms against promised ones, events found, how late, faults told apart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s
from impetus.tools.bacteria.series import DAY_US, Series

NOMINAL = 0.01
"""The chance at which figures are told: once in a hundred samples, 1 % a day for daily samplers."""
RARER = 0.003
WARM_UP_DAYS = 365.0
"""Days at the beginning that are learnt from and not scored: a year, at most half of a series."""
LEAST_EXPECTED = 1.0
"""Promised false alarms below which a sampler's own ratio means nothing."""
DRAWS = 400
BOOTSTRAP_SEED = 20_190_401
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """One series with what the tool said: `chance` NaN where not judged, `started` findings by row, `fault` by row."""

    series: Series
    chance: Float64s
    watch: Flags
    alarm: Flags
    fault: tuple[str, ...]

    def warm(self) -> int:
        """Return the first row that is scored."""
        first = self.series.time_us[0] + int(WARM_UP_DAYS * DAY_US)
        return int(min(np.searchsorted(self.series.time_us, first), len(self.series) // 2))

    def quiet(self) -> Flags:
        """Return the rows that count for false alarms: judged, after the warm-up, outside outbreaks and true faults."""
        quiet = np.isfinite(self.chance) & (self.series.outbreak <= 0)
        quiet[: self.warm()] = False
        if self.series.fault:
            quiet &= np.array([not fault for fault in self.series.fault])
        return quiet

    def events(self) -> list[tuple[int, int]]:
        """Return first and last row of each outbreak after the warm-up."""
        marked = np.concatenate(([False], self.series.outbreak > 0, [False]))
        edges = np.flatnonzero(np.diff(marked.astype(np.int8)))
        spans = [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]
        return [(first, last) for first, last in spans if first >= self.warm()]


def ratio_of(hits: Flags, quiet: Flags, nominal: float) -> float:
    """Return actual over promised false alarms; NaN where fewer than one was promised."""
    promised = nominal * int(quiet.sum())
    return float((hits & quiet).sum()) / promised if promised >= LEAST_EXPECTED else math.nan


def detections(hits: Flags, events: Sequence[tuple[int, int]]) -> list[int | None]:
    """Return how many samples into each event the first hit came, None for never."""
    return [int(found[0]) if len(found := np.flatnonzero(hits[first : last + 1])) else None for first, last in events]


def false_alarms(scored: Sequence[Scored], nominal: float = NOMINAL) -> dict[str, object]:
    """Return actual over promised false alarms: all together, the worst sampler, and what the worst would be by chance."""
    ratios = {one.series.name: ratio_of(one.chance <= nominal, one.quiet(), nominal) for one in scored}
    known = {name: ratio for name, ratio in ratios.items() if not math.isnan(ratio)}
    if not known:
        return {"mean": None, "worst": None, "worst_sampler": None, "samplers": 0}
    hits = sum(int(((one.chance <= nominal) & one.quiet()).sum()) for one in scored)
    judged = sum(int(one.quiet().sum()) for one in scored)
    worst = max(known, key=lambda name: known[name])
    return {
        "mean": round(hits / (nominal * judged), 3),
        "worst": round(known[worst], 3),
        "worst_sampler": worst,
        "worst_by_chance": round(_chance_worst([int(one.quiet().sum()) for one in scored], nominal), 3),
        "samplers": len(known),
        "samples": judged,
        "interval_90": _interval(list(known.values())),
    }


def _chance_worst(samples: Sequence[int], nominal: float) -> float:
    """Return the median of the worst ratio among samplers that keep their promise exactly, each sample a draw of its own."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    counted = np.array([count for count in samples if nominal * count >= LEAST_EXPECTED])
    drawn = rng.binomial(counted, nominal, size=(DRAWS, len(counted))) / (nominal * counted)
    return float(np.median(drawn.max(axis=1)))


def detection(scored: Sequence[Scored], nominal: float = NOMINAL) -> dict[str, object]:
    """Return the probability of detection and the delay over all events, and by size where sizes are known."""
    found: list[tuple[float, int | None, float]] = []
    for one in scored:
        events = one.events()
        for (first, _), late in zip(events, detections(one.chance <= nominal, events), strict=True):
            days = (one.series.time_us[first + (late or 0)] - one.series.time_us[first]) / DAY_US
            found.append((float(one.series.outbreak[first]), late, float(days)))
    sizes = sorted({size for size, _, _ in found})
    hit = [late is not None for _, late, _ in found]
    return {
        "events": len(found),
        "pod": _round(float(np.mean(hit))) if hit else None,
        "interval_90": _interval([float(one) for one in hit]),
        "delay_samples": _mean([float(late) for _, late, _ in found if late is not None]),
        "delay_days": _mean([days for _, late, days in found if late is not None]),
        "by_size": {
            f"{size:g}": _mean([float(late is not None) for one, late, _ in found if one == size]) for size in sizes
        },
    }


def levels(scored: Sequence[Scored], promised: Mapping[str, float], month_days: float) -> dict[str, object]:
    """Return findings begun outside outbreaks a sampler-month, by level, beside what is promised."""
    months = sum(float(one.series.time_us[-1] - one.series.time_us[one.warm()]) / DAY_US / month_days for one in scored)
    quiet = [_calm(one) for one in scored]
    counted = {
        "watch": sum(int((one.watch & calm).sum()) for one, calm in zip(scored, quiet, strict=True)),
        "alarm": sum(int((one.alarm & calm).sum()) for one, calm in zip(scored, quiet, strict=True)),
    }
    return {
        name: {
            "per_sampler_month": _round(counted[name] / months, 4),
            "promised": promised[name],
            "count": counted[name],
        }
        for name in counted
    }


def _calm(one: Scored) -> Flags:
    calm = one.series.outbreak <= 0
    calm[: one.warm()] = False
    return calm


def fault_scores(scored: Sequence[Scored]) -> dict[str, object]:
    """Return F1 of each fault by sample and their mean, and how many fault samples raised an alarm; empty without labels."""
    pairs = [
        pair
        for one in scored
        if one.series.fault
        for pair in zip(one.series.fault[one.warm() :], one.fault[one.warm() :], one.chance[one.warm() :], strict=True)
    ]
    kinds = sorted({truth for truth, _, _ in pairs if truth})
    if not kinds:
        return {}
    each = {kind: _f1([(truth == kind, said == kind) for truth, said, _ in pairs]) for kind in kinds}
    spoiled = [chance for truth, _, chance in pairs if truth]
    return {
        "macro_f1": _round(float(np.mean(list(each.values())))),
        "by_kind": {kind: _round(value) for kind, value in each.items()},
        "raised_as_load": _round(float(np.mean([chance <= NOMINAL for chance in spoiled])), 4),
        "samples": len(spoiled),
    }


def _f1(pairs: Sequence[tuple[bool, bool]]) -> float:
    both = sum(truth and said for truth, said in pairs)
    return 2 * both / max(sum(truth for truth, _ in pairs) + sum(said for _, said in pairs), 1)


def equalised(scored: Sequence[Scored], scores: Sequence[Float64s], nominal: float = NOMINAL) -> dict[str, object]:
    """Return a baseline's figures at the threshold where it cries as often as promised on the quiet samples of these files."""
    calm = np.concatenate([score[one.quiet()] for one, score in zip(scored, scores, strict=True)])
    if not len(calm):
        return {"pod": None, "worst": None}
    threshold = float(np.quantile(calm, 1.0 - nominal))
    found, ratios = [], []
    for one, score in zip(scored, scores, strict=True):
        hits = score > threshold
        found += [late is not None for late in detections(hits, one.events())]
        ratios.append(ratio_of(hits, one.quiet(), nominal))
    known = [ratio for ratio in ratios if not math.isnan(ratio)]
    return {
        "pod": _round(float(np.mean(found))) if found else None,
        "mean": _round(float(np.mean(known))) if known else None,
        "worst": _round(max(known)) if known else None,
    }


def _interval(values: Sequence[float]) -> list[float] | None:
    """Return the 90 % interval of the mean over values drawn again; None for fewer than two."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no interval
        return None
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    means = rng.choice(np.array(values), size=(DRAWS, len(values))).mean(axis=1)
    return [round(float(end), 3) for end in np.quantile(means, (0.05, 0.95))]


def _mean(values: Sequence[float]) -> float | None:
    return _round(float(np.mean(values))) if values else None


def _round(value: float, places: int = 3) -> float:
    return round(value, places)
