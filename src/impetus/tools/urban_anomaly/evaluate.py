"""The tool's figures from labelled series: replayed in order through the tool as shipped, nothing looked at ahead.

Two layouts: the Numenta Anomaly Benchmark's, and wide sensor files of sites (see `series.py`). The benchmark's own score
is given because it is known, with the threshold it picks on the labels; the figures to believe are `fixed` (the tool as
shipped, no threshold chosen on these labels), `held_out`, the false alarms and the delays, beside baselines.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from impetus.core.errors import Unknown
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, Float64s, Int64s, batch_of, from_us
from impetus.tools.urban_anomaly import nab
from impetus.tools.urban_anomaly.baselines import BASELINES
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector
from impetus.tools.urban_anomaly.nab import LOW_FP, STANDARD, Labelled, Outcome
from impetus.tools.urban_anomaly.series import Site, is_nab, read_nab, read_sites
from impetus.tools.urban_anomaly.tool import Tool

Progress = Callable[[str], None]
WARM_UP_S = 7 * 86_400
"""Seconds at the beginning of a site file that are learnt from and not scored, at most 15 % of a file."""
BOOTSTRAP_SEED = 20_140_401
CHUNK = 2_000


def evaluate(directory: Path, progress: Progress) -> Mapping[str, object]:
    """Measure the tool on a directory; `Unknown` when it is absent or holds nothing that is labelled."""
    if not directory.is_dir():
        raise Unknown(
            f"{directory} is not there",
            value=str(directory),
            limit="a directory with labelled series",
            remedy="obtain the data set, or point IMPETUS_DATA at it",
        )
    if is_nab(directory):
        return nab_figures(read_nab(directory, text_of), progress)
    return site_figures(read_sites(directory, text_of), progress)


def text_of(file: Path) -> str:
    """Return the text of a file; what is not UTF-8 in it is replaced, since only numbers and names matter."""
    return file.read_text(encoding="utf-8-sig", errors="replace")


def nab_figures(files: Sequence[Labelled], progress: Progress) -> Mapping[str, object]:
    """Return the benchmark's figures for the tool and the baselines."""
    progress(f"replaying {len(files)} series, {sum(len(file.value) for file in files):,} readings")
    scores = replay(files, progress)
    groups = sorted({file.name.partition("/")[0] for file in files})
    figures: dict[str, object] = {"tool": "urban_anomaly", "layout": "nab", "nab": _scores(files, scores)}
    figures["fixed"] = _counted(files, scores)
    figures["by_group"] = {group: _counted(*_of_group(files, scores, group)) for group in groups}
    figures["by_file"] = {file.name: _counted([file], [score]) for file, score in zip(files, scores, strict=True)}
    progress("baselines")
    figures["baselines"] = {name: _scores(files, list(map(one, files))) for name, one in BASELINES.items()}
    figures["series"], figures["readings"] = len(files), sum(len(file.value) for file in files)
    return figures


def replay(files: Sequence[Labelled], progress: Progress) -> list[Float64s]:
    """Return one score a row: that of a finding first told at that row, 0 elsewhere; all files side by side."""
    catalogue = _catalogue([(file.name, file.time_us) for file in files])
    tool = Tool.create({}, catalogue)
    scores = [np.zeros(len(file.value)) for file in files]
    at = from_us(max(int(file.time_us[-1]) for file in files)) + timedelta(days=1)
    longest, told = max(len(file.value) for file in files), set[str]()
    for row in range(longest):
        if row % CHUNK == 0:
            progress(f"row {row:,} of {longest:,}")
        some = [place for place, file in enumerate(files) if row < len(file.value)]
        batch = batch_of(
            [place + 1 for place in some],
            [int(files[place].time_us[row]) for place in some],
            [float(files[place].value[row]) for place in some],
        )
        for finding in tool.observe(batch, at=at):
            place, event = finding.datastreams[0] - 1, f"{finding.kind}{finding.subject}{finding.began}"
            if event not in told:
                told.add(event)
                scores[place][row] = max(scores[place][row], finding.score)
    return scores


def _scores(files: Sequence[Labelled], scores: Sequence[Float64s]) -> dict[str, object]:
    """Return the benchmark's score under both profiles, and what it is without choosing on the labels."""
    figures: dict[str, object] = {}
    for name, profile in (("standard", STANDARD), ("low_fp", LOW_FP)):
        best = nab.best_threshold(files, scores, profile)
        figures[name] = _round(nab.normalised(nab.at_threshold(files, scores, best, profile), profile))
        held = nab.held_out(files, scores, profile)
        figures[f"{name}_held_out"] = _round(nab.normalised(held, profile))
    return figures


def _counted(files: Sequence[Labelled], scores: Sequence[Float64s]) -> dict[str, object]:
    """Return figures of all alarms as shipped: scores with an interval, windows hit, false alarms, delay."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    figures: dict[str, object] = {}
    for name, profile in (("standard", STANDARD), ("low_fp", LOW_FP)):
        outcomes = nab.at_threshold(files, scores, 0.0, profile)
        figures[name] = _round(nab.normalised(outcomes, profile))
        if len(files) > 1 and figures[name] is not None:
            figures[f"{name}_90_percent"] = [_round(end) for end in nab.bootstrap(outcomes, profile, rng)]
    return {**figures, **_alarms(nab.at_threshold(files, scores, 0.0, STANDARD))}


def _alarms(outcomes: Sequence[Outcome]) -> dict[str, object]:
    days = sum(outcome.days for outcome in outcomes)
    delays = [delay for outcome in outcomes for delay in outcome.delays_s]
    false_alarms = sum(outcome.false_alarms for outcome in outcomes)
    return {
        "windows": sum(outcome.windows for outcome in outcomes),
        "windows_hit": sum(outcome.hit for outcome in outcomes),
        "false_alarms": false_alarms,
        "stream_days": _round(days),
        "false_alarms_per_stream_day": round(false_alarms / days, 4) if days else None,
        "median_delay_h": _round(float(np.median(delays)) / 3600) if delays else None,
    }


def _of_group(
    files: Sequence[Labelled], scores: Sequence[Float64s], group: str
) -> tuple[list[Labelled], list[Float64s]]:
    pairs = [pair for pair in zip(files, scores, strict=True) if pair[0].name.startswith(f"{group}/")]
    return [file for file, _ in pairs], [score for _, score in pairs]


def site_figures(sites: Sequence[Site], progress: Progress) -> Mapping[str, object]:
    """Return average precision per site file and its mean over files, scored after the warm-up."""
    by_file: dict[str, object] = {}
    after, every = [], []
    for site in sites:
        progress(
            f"{site.name}: {len(site.label):,} readings, {len(site.values)} columns, {int(site.label.sum())} anomalies"
        )
        score = site_scores(site)
        warm = int(min(np.searchsorted(site.time_us, site.time_us[0] + WARM_UP_S * 1_000_000), 0.15 * len(score)))
        after.append(average_precision(score[warm:], site.label[warm:]))
        every.append(average_precision(score, site.label))
        by_file[site.name] = {
            "ap": _round(after[-1], 4),
            "anomalies": int(site.label[warm:].sum()),
            "readings": len(score),
        }
    return {
        "tool": "urban_anomaly",
        "layout": "sites",
        "mean_ap": _round(float(np.nanmean(after)), 4),
        "mean_ap_without_warm_up": _round(float(np.nanmean(every)), 4),
        "sites": len(sites),
        "by_file": by_file,
    }


def site_scores(site: Site) -> Float64s:
    """Return |z| of each row, the largest over its columns."""
    catalogue = _catalogue([(f"{site.name}/{name}", site.time_us) for name in site.values])
    detector = Detector(Config(), catalogue)
    columns = list(site.values.values())
    ids = np.repeat(np.arange(1, len(columns) + 1), len(site.time_us))
    batch = batch_of(ids, np.tile(site.time_us, len(columns)), np.concatenate(columns))
    scored = detector.take(batch, at=from_us(int(site.time_us[-1])) + timedelta(days=1))
    scores = np.zeros(len(site.time_us))
    np.maximum.at(scores, scored.row % len(site.time_us), np.abs(scored.z))
    return scores


def average_precision(scores: Float64s, label: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    """Return the area under precision over recall, equal scores taken together; NaN without anomalies.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
    0.8333333333333333
    """
    total = int(label.sum())
    if not total:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found, taken = np.cumsum(label[order]), np.arange(1, len(order) + 1)
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    gained = np.diff(np.concatenate(([0], found[last])))
    return float((found[last] / taken[last] * gained).sum() / total)


def _catalogue(series: Sequence[tuple[str, Int64s]]) -> Catalogue:
    """Declare each series as a thing of its own, with the cadence it has."""
    return Catalogue(
        version=1,
        datastreams={
            DatastreamId(place): Datastream(
                id=DatastreamId(place),
                key=DatastreamKey(f"evaluation/{name}/value"),
                source=SourceId("evaluation"),
                thing=ThingKey(f"evaluation/{name}"),
                thing_name=name,
                observed_property="value",
                unit="1",
                cadence_s=max(float(np.median(np.diff(time_us))) / 1e6, 1.0) if len(time_us) > 1 else 60.0,
            )
            for place, (name, time_us) in enumerate(series, start=1)
        },
    )


def _round(value: float, places: int = 1) -> float | None:
    return None if np.isnan(value) else round(value, places)
