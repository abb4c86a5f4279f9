"""The tool's figures on the Numenta Anomaly Benchmark's layout.

The benchmark's own score is given because it is known, with the threshold it picks on the labels, and with the threshold
from the other half of the files. The figures to believe are `fixed`: what the tool told as shipped, no threshold chosen.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from impetus.core.observation import Float64s, Int64s, batch_of
from impetus.tools.urban_anomaly import nab
from impetus.tools.urban_anomaly.baselines import HOLD_OFF_US, NAMES, Plain, blind
from impetus.tools.urban_anomaly.declared import declared
from impetus.tools.urban_anomaly.metrics import held
from impetus.tools.urban_anomaly.nab import LOW_FN, LOW_FP, STANDARD, Labelled, Outcome
from impetus.tools.urban_anomaly.replay import Listened, Progress, replay, told_once
from impetus.tools.urban_anomaly.tool import Tool

BOOTSTRAP_SEED = 20_140_401
PROFILES = (("standard", STANDARD), ("low_fp", LOW_FP), ("low_fn", LOW_FN))
EVERY = 20_000
"""Readings between two words of progress."""


def nab_figures(files: Sequence[Labelled], progress: Progress) -> Mapping[str, object]:
    """Return the benchmark's figures for the tool and the baselines."""
    progress(f"replaying {len(files)} series, {sum(len(file.value) for file in files):,} readings")
    told, surprise = replayed(files, progress)
    scores = [held(file.time_us, score, HOLD_OFF_US) for file, score in zip(files, surprise, strict=True)]
    groups = sorted({file.name.partition("/")[0] for file in files})
    figures: dict[str, object] = {"tool": "urban_anomaly", "layout": "nab", "nab": benchmark(files, scores)}
    figures["fixed"] = _counted(files, told)
    figures["by_group"] = {group: _counted(*_of_group(files, told, group)) for group in groups}
    figures["by_file"] = {file.name: _counted([file], [score]) for file, score in zip(files, told, strict=True)}
    progress("baselines")
    figures["baselines"] = {name: benchmark(files, each) for name, each in baseline_scores(files).items()}
    figures["series"], figures["readings"] = len(files), sum(len(file.value) for file in files)
    return figures


def replayed(files: Sequence[Labelled], progress: Progress) -> tuple[list[Float64s], list[Float64s]]:
    """Return two scores a row: of findings first told at it (0 elsewhere), and how rare the tool found it, `-log10 p`."""
    catalogue = declared([(file.name, {"value": file.time_us}) for file in files])
    listened = Listened(tool=Tool.create({}, catalogue))
    told = [np.zeros(len(file.value)) for file in files]
    surprise = [np.zeros(len(file.value)) for file in files]
    place = np.repeat(np.arange(len(files)), [len(file.value) for file in files])
    within = np.concatenate([np.arange(len(file.value)) for file in files])
    time_us = np.concatenate([file.time_us for file in files])
    readings = batch_of(place + 1, time_us, np.concatenate([file.value for file in files]))
    known, done = set[str](), 0
    for moment in replay(listened.tool, readings, time_us):
        rarity = listened.rarity(readings.take(moment.rows))
        for row, score in zip(moment.rows.tolist(), rarity.tolist(), strict=True):
            surprise[place[row]][within[row]] = score
        for finding in told_once(moment.findings, known):
            _tell(told, finding.datastreams[0] - 1, (moment.rows, place, within), finding.score)
        done += len(moment.rows)
        if done % EVERY < len(moment.rows):
            progress(f"{done:,} of {len(time_us):,} readings")
    return told, surprise


def _tell(told: list[Float64s], file: int, rows: tuple[Int64s, Int64s, Int64s], score: float) -> None:
    """Put a finding's score at the row of its file that arrived when it was told, if one did."""
    arrived, place, within = rows
    mine = arrived[place[arrived] == file]
    if len(mine):
        row = int(within[mine[-1]])
        told[file][row] = max(told[file][row], score)


def baseline_scores(files: Sequence[Labelled]) -> dict[str, list[Float64s]]:
    """Return one score a row of every baseline; each alarms at most once a day, which favours them."""
    scores: dict[str, list[Float64s]] = {
        "null": [np.zeros(len(file.value)) for file in files],
        "blind": [blind(len(file.value), file.probation()) for file in files],
        **{name: [] for name in NAMES},
    }
    for file in files:
        plain = Plain.of(1).score(np.zeros(len(file.value), dtype=np.int64), file.time_us // 1_000_000, file.value)
        for name, score in zip(NAMES, plain, strict=True):
            scores[name].append(held(file.time_us, score, HOLD_OFF_US))
    return scores


def benchmark(files: Sequence[Labelled], scores: Sequence[Float64s]) -> dict[str, object]:
    """Return the benchmark's score under its three profiles, each with the threshold from the other half beside it."""
    figures: dict[str, object] = {}
    for name, profile in PROFILES:
        best = nab.best_threshold(files, scores, profile)
        outcomes = nab.at_threshold(files, scores, best, profile)
        figures[name] = rounded(nab.normalised(outcomes, profile))
        held_out = nab.held_out(files, scores, profile)
        figures[f"{name}_held_out"] = rounded(nab.normalised(held_out, profile))
        if len(files) > 1:
            rng = np.random.default_rng(BOOTSTRAP_SEED)
            figures[f"{name}_held_out_interval_90"] = [rounded(end) for end in nab.bootstrap(held_out, profile, rng)]
    return figures


def _counted(files: Sequence[Labelled], scores: Sequence[Float64s]) -> dict[str, object]:
    """Return figures of all alarms as shipped: scores with an interval, windows hit, false alarms, delay."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    figures: dict[str, object] = {}
    for name, profile in PROFILES:
        outcomes = nab.at_threshold(files, scores, 0.0, profile)
        figures[name] = rounded(nab.normalised(outcomes, profile))
        if len(files) > 1 and figures[name] is not None:
            figures[f"{name}_interval_90"] = [rounded(end) for end in nab.bootstrap(outcomes, profile, rng)]
    return {**figures, **_alarms(nab.at_threshold(files, scores, 0.0, STANDARD))}


def _alarms(outcomes: Sequence[Outcome]) -> dict[str, object]:
    days = sum(outcome.days for outcome in outcomes)
    delays = [delay for outcome in outcomes for delay in outcome.delays_s]
    false_alarms = sum(outcome.false_alarms for outcome in outcomes)
    return {
        "windows": sum(outcome.windows for outcome in outcomes),
        "windows_hit": sum(outcome.hit for outcome in outcomes),
        "false_alarms": false_alarms,
        "stream_days": rounded(days),
        "false_alarms_per_stream_day": round(false_alarms / days, 4) if days else None,
        "median_delay_h": rounded(float(np.median(delays)) / 3600) if delays else None,
    }


def _of_group(
    files: Sequence[Labelled], scores: Sequence[Float64s], group: str
) -> tuple[list[Labelled], list[Float64s]]:
    pairs = [pair for pair in zip(files, scores, strict=True) if pair[0].name.startswith(f"{group}/")]
    return [file for file, _ in pairs], [score for _, score in pairs]


def rounded(value: float, places: int = 1) -> float | None:
    """Return a figure to so many places, None for what is not a number: JSON has no word for it."""
    return round(float(value), places) if np.isfinite(value) else None
