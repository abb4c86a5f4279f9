"""`impetus bench anomaly`: the anomaly detector beside river, stumpy and PyOD, on the same readings in the same run.

Two questions: how many readings a second of processor time, and how well anomalies are ranked (average precision on a
made-up road loop labelled by made-up experts). Peers that are not installed are left out (`make peers` installs them); each
is used as its documentation shows, causally: river reading by reading, PyOD fitted to the week before and asked about the
next day, stumpy's incremental matrix profile of three hours. None knows the hour; the tool does, and that is the point.
Ratios do not depend on the machine; rates are per second of processor time of one core.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from impetus.bench.detect import catalogue_of
from impetus.core.observation import Batch, Float64s, batch_of, to_us
from impetus.generate.sites import SiteDays, make_site
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector
from impetus.tools.urban_anomaly.metrics import average_precision

SITE_WEEKS = 5
SEED = 100
A_DAY = 96
WARM_UP = 7 * A_DAY
WINDOW = 12
"""Readings of stumpy's windows: three hours."""
DATASTREAMS = 10_000
TICKS = 48
START = datetime(2026, 3, 2, tzinfo=UTC)
POSITIVE = 0.5

Progress = Callable[[str], None]
Scores = Callable[[SiteDays], Float64s]


def run(progress: Progress) -> dict[str, object]:
    """Measure and return rates, average precision, and the ratios to each peer that is installed."""
    site = make_site(seed=SEED, number=0, weeks=SITE_WEEKS)
    alone_per_s = core_rate(DATASTREAMS, TICKS)
    progress(f"detector alone, {DATASTREAMS:,} datastreams: {alone_per_s:,.0f} readings/s")
    ours = judged(site, ours_on)
    progress(f"urban_anomaly: AP {ours['ap']}")
    figures: dict[str, object] = {
        "detector_readings_per_s": round(alone_per_s),
        "ap": ours["ap"],
        "peers_absent": [name for name in PEERS if find_spec(name.partition(".")[0]) is None],
    }
    for name, peer in PEERS.items():
        if find_spec(name.partition(".")[0]) is None:
            progress(f"{name}: not installed")
            continue
        theirs = judged(site, peer)
        progress(f"{name}: {theirs['readings_per_s']:,} readings/s, AP {theirs['ap']}")
        figures[name] = {
            **theirs,
            "times_faster": round(alone_per_s / float(theirs["readings_per_s"]), 1),
            "times_ap": round(float(ours["ap"]) / max(float(theirs["ap"]), 1e-9), 2),
        }
    return figures


def judged(site: SiteDays, score: Scores) -> Mapping[str, float]:
    """Return readings a second of processor time of one scorer, and its average precision after a week."""
    began_s = time.process_time()
    scores = score(site)
    spent_s = max(time.process_time() - began_s, 1e-9)
    label = site.share >= POSITIVE
    return {
        "readings_per_s": round(2 * len(label) / spent_s),
        "ap": round(average_precision(np.nan_to_num(scores[WARM_UP:]), label[WARM_UP:]), 4),
    }


def core_rate(datastreams: int, ticks: int) -> float:
    """Return readings a second of processor time of the detector alone; the first half is learnt from and not counted."""
    detector = Detector(Config(learning_s=1_800.0), catalogue_of(datastreams))
    rng, ids = np.random.default_rng(1), np.arange(1, datastreams + 1, dtype=np.int64)
    at, spent_s, counted = START + timedelta(days=2), 0.0, 0
    for tick in range(ticks):
        time_us = np.full(datastreams, to_us(START) + tick * 60_000_000, dtype=np.int64)
        batch = Batch(datastream=ids, time_us=time_us, result=10.0 + ids % 7 + rng.normal(0, 1, datastreams))
        began_s = time.process_time()
        detector.take(batch, at=at)
        if tick >= ticks // 2:
            spent_s += time.process_time() - began_s
            counted += datastreams
    return counted / max(spent_s, 1e-9)


def _times(site: SiteDays) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array([to_us(time.replace(tzinfo=UTC)) for time in site.time], dtype=np.int64)


def ours_on(site: SiteDays) -> Float64s:
    """Return the detector's surprise of each moment: the larger of flow's and density's, `-log10 p`."""
    detector = Detector(Config(), catalogue_of(2, cadence_s=900.0, things=1))
    times, scores = _times(site), np.zeros(len(site.time))
    for row, time_us in enumerate(times.tolist()):
        batch = batch_of([1, 2], [time_us, time_us], [site.flow[row], site.density[row]])
        p = detector.take(batch, at=START + timedelta(days=365)).p
        scores[row] = -np.log10(np.nanmin(p, initial=1.0))
    return scores


def _features(site: SiteDays) -> Float64s:
    """Return flow and density `(readings, 2)`, each as a share of the first week's largest."""
    both = np.column_stack([site.flow, site.density])
    return np.asarray(both / np.maximum(both[:WARM_UP].max(axis=0), 1e-9), dtype=np.float64)


def river_trees(site: SiteDays) -> Float64s:
    """Return the scores of river's half-space trees."""
    anomaly = import_module("river.anomaly")
    trees = anomaly.HalfSpaceTrees(seed=1, limits={"flow": (0, 1.5), "density": (0, 1.5)})
    scores = []
    for flow, density in _features(site).tolist():
        row = {"flow": flow, "density": density}
        scores.append(trees.score_one(row))
        trees.learn_one(row)
    return np.array(scores)


def stumpy_profile(site: SiteDays) -> Float64s:
    """Return the left matrix profile, the larger of flow's and density's, from stumpy's incremental one."""
    stumpi = import_module("stumpy").stumpi
    scores = np.zeros(len(site.time))
    for column in _features(site).T:
        stream = stumpi(column[:WARM_UP].copy(), m=WINDOW, egress=False)
        for value in column[WARM_UP:].tolist():
            stream.update(value)
        distances = np.asarray(stream.left_P_, dtype=np.float64)
        scores[WINDOW - 1 :] = np.maximum(scores[WINDOW - 1 :], np.where(np.isfinite(distances), distances, 0.0))
    return scores


def pyod_forest(site: SiteDays) -> Float64s:
    """Return the scores of PyOD's isolation forest, fitted each day to the week before it."""
    forest = import_module("pyod.models.iforest").IForest
    features, scores = _features(site), np.zeros(len(site.time))
    for first in range(WARM_UP, len(features), A_DAY):
        fitted = forest(random_state=1).fit(features[first - WARM_UP : first])
        scores[first : first + A_DAY] = fitted.decision_function(features[first : first + A_DAY])
    return scores


PEERS: Mapping[str, Scores] = {
    "river.HalfSpaceTrees": river_trees,
    "stumpy.stumpi": stumpy_profile,
    "pyod.IForest": pyod_forest,
}
