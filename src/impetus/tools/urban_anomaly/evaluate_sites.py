"""The tool's figures on site files: wide CSVs with a label or a share of votes.

All sites are replayed side by side in the order of time. The score of a row is the rarity the tool gives the rarest of its
columns; the first week of each site (at most 15 % of it) is learnt from and not scored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from impetus.core.observation import US_PER_S, Float64s, Int64s, batch_of
from impetus.tools.urban_anomaly.baselines import NAMES, Plain, blind
from impetus.tools.urban_anomaly.declared import declared
from impetus.tools.urban_anomaly.evaluate_nab import rounded
from impetus.tools.urban_anomaly.metrics import (
    Flags,
    alarms_at_budget,
    auc,
    average_precision,
    break_even_f1,
    events_found,
    interval_90,
    runs,
    vus_pr,
)
from impetus.tools.urban_anomaly.replay import Listened, Progress, replay, told_once
from impetus.tools.urban_anomaly.series import Site
from impetus.tools.urban_anomaly.tool import Tool

WARM_UP_S = 7 * 86_400
"""Seconds at the beginning of a site file that are learnt from and not scored."""
MOST_WARM_UP = 0.15
"""Largest share of a site that is warm-up: short files keep something to score."""
BUDGETS: Mapping[str, float] = {"1_a_week": 1 / 7, "1_a_day": 1.0, "3_a_day": 3.0}
"""Alarms a day and site an operator is asked to bear."""
BRIDGE_S = 3_600
"""Alarms, or marked readings, with less between them than an hour are one."""
BUFFER_S = 3 * 3_600
"""Longest buffer of VUS-PR."""
EVERY = 20_000
"""Readings between two words of progress."""
SEED = 20_140_402


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteScore:
    """One detector on one site: figures, and per budget the delay in rows of each event (None when missed)."""

    ap: float
    auc: float
    break_even_f1: float
    vus_pr: float
    found: Mapping[str, Sequence[int | None]]
    pace_s: float


def site_figures(sites: Sequence[Site], progress: Progress) -> Mapping[str, object]:
    """Return figures of the tool and the baselines, per site and their means over sites."""
    readings = sum(len(site.label) * len(site.values) for site in sites)
    progress(f"replaying {len(sites)} sites, {readings:,} readings")
    surprise, told = replayed_sites(sites, progress)
    scores = {"urban_anomaly": surprise, **_baselines(sites)}
    judged = {
        name: [judge(site, score) for site, score in zip(sites, each, strict=True)] for name, each in scores.items()
    }
    bare = [average_precision(score, site.label) for site, score in zip(sites, surprise, strict=True)]
    tool = judged.pop("urban_anomaly")
    return {
        "tool": "urban_anomaly",
        "layout": "sites",
        **means(tool),
        "mean_ap_without_warm_up": rounded(_mean(bare), 4),
        "fixed": _fixed(sites, told),
        "sites": len(sites),
        "by_file": {site.name: _one(site, score) for site, score in zip(sites, tool, strict=True)},
        "baselines": {name: means(each) for name, each in judged.items()},
    }


def replayed_sites(sites: Sequence[Site], progress: Progress) -> tuple[list[Float64s], list[Float64s]]:
    """Return per site the rarity of each row, `-log10 p` of its rarest column, and 1 where a finding was first told."""
    catalogue = declared([(site.name, dict.fromkeys(site.values, site.time_us)) for site in sites])
    listened = Listened(tool=Tool.create({}, catalogue))
    surprise, told = ([np.zeros(len(site.label)) for site in sites] for _ in range(2))
    columns = [(place, column) for place, site in enumerate(sites) for column in site.values.values()]
    sizes = [len(column) for _, column in columns]
    place = np.repeat([place for place, _ in columns], sizes)
    within = np.concatenate([np.arange(size) for size in sizes])
    ids = np.repeat(np.arange(1, len(columns) + 1), sizes)
    site_of = {number: place for number, (place, _) in enumerate(columns, start=1)}
    time_us = np.concatenate([sites[place].time_us for place, _ in columns])
    readings = batch_of(ids, time_us, np.concatenate([column for _, column in columns]))
    known, done = set[str](), 0
    for moment in replay(listened.tool, readings, time_us):
        rarity = listened.rarity(readings.take(moment.rows))
        for row, score in zip(moment.rows.tolist(), rarity.tolist(), strict=True):
            kept = surprise[place[row]]
            kept[within[row]] = max(kept[within[row]], score)
        for finding in told_once(moment.findings, known):
            site = site_of[finding.datastreams[0]]
            mine = within[moment.rows[place[moment.rows] == site]]
            told[site][mine[-1:]] = 1.0
        done += len(moment.rows)
        if done % EVERY < len(moment.rows):
            progress(f"{done:,} of {len(time_us):,} readings")
    return surprise, told


def warm_rows(site: Site) -> int:
    """Return how many rows are warm-up."""
    week = int(np.searchsorted(site.time_us, site.time_us[0] + WARM_UP_S * US_PER_S))
    return int(min(week, MOST_WARM_UP * len(site.label)))


def _pace_s(site: Site) -> float:
    return max(float(np.median(np.diff(site.time_us))) / US_PER_S, 1.0) if len(site.time_us) > 1 else 60.0


def _days(site: Site) -> float:
    return float(site.time_us[-1] - site.time_us[warm_rows(site)]) / US_PER_S / 86_400


def judge(site: Site, score: Float64s) -> SiteScore:
    """Return the figures of one score on one site, after the warm-up."""
    warm, pace_s = warm_rows(site), _pace_s(site)
    kept, label = score[warm:], site.label[warm:]
    bridge = int(BRIDGE_S / pace_s)
    events = runs(label, bridge=bridge)
    return SiteScore(
        ap=average_precision(kept, label),
        auc=auc(kept, label),
        break_even_f1=break_even_f1(kept, label),
        vus_pr=vus_pr(kept, label, longest=max(2, int(BUFFER_S / pace_s))),
        found={
            name: events_found(alarms_at_budget(kept, max(1.0, rate * _days(site)), bridge=bridge), events)
            for name, rate in BUDGETS.items()
        },
        pace_s=pace_s,
    )


def means(scores: Sequence[SiteScore]) -> dict[str, object]:
    """Return means over sites, event recall and median delay at each budget, and 90 % intervals over sites."""
    figures: dict[str, object] = {}
    intervals: dict[str, object] = {}
    for key, name in (("mean_ap", "ap"), ("auc", "auc"), ("break_even_f1", "break_even_f1"), ("vus_pr", "vus_pr")):
        values = np.array([getattr(score, name) for score in scores])
        figures[key] = rounded(_mean(values), 4)
        intervals[key] = _interval(len(values), partial(_mean_of_rows, values))
    for key, of in (("event_recall", _recall), ("delay", _delay)):
        figures[key] = {name: rounded(of(scores, name), 3) for name in BUDGETS}
        intervals[key] = {name: _interval(len(scores), partial(_of_rows, of, scores, name)) for name in BUDGETS}
    return {**figures, "interval_90": intervals}


def _interval(units: int, figure: Callable[[Int64s], float]) -> list[float | None] | None:
    ends = interval_90(units, figure, seed=SEED)
    return None if ends is None else [rounded(end, 4) for end in ends]


def _mean_of_rows(values: Float64s, rows: Int64s) -> float:
    return _mean(values[rows])


def _of_rows(
    of: Callable[[Sequence[SiteScore], str], float], scores: Sequence[SiteScore], budget: str, rows: Int64s
) -> float:
    return of([scores[row] for row in rows.tolist()], budget)


def _recall(scores: Sequence[SiteScore], budget: str) -> float:
    found = [delay is not None for score in scores for delay in score.found[budget]]
    return float(np.mean(found)) if found else float("nan")


def _delay(scores: Sequence[SiteScore], budget: str) -> float:
    """Return the median delay of events found, in readings."""
    delays = [delay for score in scores for delay in score.found[budget] if delay is not None]
    return float(np.median(delays)) if delays else float("nan")


def _mean(values: Float64s | Sequence[float]) -> float:
    """Return the mean of what is a number."""
    kept = [value for value in np.asarray(values, dtype=np.float64).tolist() if np.isfinite(value)]
    return float(np.mean(kept)) if kept else float("nan")


def _one(site: Site, score: SiteScore) -> dict[str, object]:
    return {
        "ap": rounded(score.ap, 4),
        "auc": rounded(score.auc, 4),
        "vus_pr": rounded(score.vus_pr, 4),
        "anomalies": int(site.label[warm_rows(site) :].sum()),
        "readings": len(site.label),
    }


def _fixed(sites: Sequence[Site], told: Sequence[Float64s]) -> dict[str, object]:
    """Return what the tool told as shipped: events found, false alarms a site and day."""
    found: list[bool] = []
    false_alarms, days = 0, 0.0
    for site, alarms in zip(sites, told, strict=True):
        warm = warm_rows(site)
        bridge = int(BRIDGE_S / _pace_s(site))
        events = runs(site.label[warm:], bridge=bridge)
        rows = np.flatnonzero(alarms[warm:])
        near = _widened(site.label[warm:], bridge)
        found += [delay is not None for delay in events_found([(row, row) for row in rows.tolist()], events)]
        false_alarms += int((~near[rows]).sum())
        days += _days(site)
    return {
        "events": len(found),
        "event_recall": rounded(float(np.mean(found)), 3) if found else None,
        "false_alarms_per_site_day": rounded(false_alarms / days, 4) if days else None,
    }


def _widened(label: Flags, rows: int) -> Flags:
    """Return labels that last so many rows longer: an alarm just behind an event is about it."""
    wide = label.copy()
    for first, last in runs(label):
        wide[first : last + 1 + rows] = True
    return wide


def _baselines(sites: Sequence[Site]) -> dict[str, list[Float64s]]:
    """Return the score of every baseline: the largest over a site's columns."""
    scores: dict[str, list[Float64s]] = {
        "null": [np.zeros(len(site.label)) for site in sites],
        "blind": [blind(len(site.label), warm_rows(site)) for site in sites],
        **{name: [] for name in NAMES},
    }
    for site in sites:
        plain = Plain.of(len(site.values))
        ids = np.repeat(np.arange(len(site.values)), len(site.time_us))
        local_s = np.tile(site.time_us // US_PER_S, len(site.values))
        each = plain.score(ids, local_s, np.concatenate(list(site.values.values())))
        for name, score in zip(NAMES, each, strict=True):
            scores[name].append(score.reshape(len(site.values), -1).max(axis=0))
    return scores
