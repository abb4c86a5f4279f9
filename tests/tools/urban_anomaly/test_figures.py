"""The figures of the tool and of what anybody could do, counted by hand on files of a few hundred readings."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.observation import to_us
from impetus.tools.urban_anomaly.baselines import BASELINES, BLIND_ALARMS, HOLD_OFF_S, blind, ewma_z, static
from impetus.tools.urban_anomaly.card import write_card
from impetus.tools.urban_anomaly.columns import STEPS_PER_DOUBLING, Columns, fresh_columns
from impetus.tools.urban_anomaly.evaluate import average_precision, nab_figures, replay, site_figures, site_scores
from impetus.tools.urban_anomaly.explain import WIDEST_REACH, reach_of
from impetus.tools.urban_anomaly.nab import Labelled
from impetus.tools.urban_anomaly.series import Site
from tools.urban_anomaly.street import START

HALF_AN_HOUR_US = 1_800_000_000
A_DAY = 48
ID = 1


def labelled(value: Sequence[float], *, name: str = "g/f.csv", windows: tuple[tuple[int, int], ...] = ()) -> Labelled:
    """Return a file of readings half an hour apart."""
    time_us = to_us(START) + np.arange(len(value)) * HALF_AN_HOUR_US
    return Labelled(name=name, time_us=time_us, value=np.array(value, dtype=np.float64), windows=windows)


def quiet(days: int = 4, *, seed: int = 1) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return days alike around fifty."""
    return 50 + np.random.default_rng(seed).normal(0, 1, days * A_DAY)


def test_blind_alarms_come_at_even_distances_after_probation() -> None:
    """Twenty of them, the first where scoring begins, whatever the readings."""
    rows = np.flatnonzero(blind(labelled([0.0] * 1000)))
    assert (len(rows), rows[0]) == (BLIND_ALARMS, 150)
    assert set(np.diff(rows).tolist()) <= {42, 43}


def test_a_static_threshold_is_set_by_the_probation_part() -> None:
    """Mean 1 and deviation 1 of fifteen readings of 0 and 2: a reading of 5 is four deviations out."""
    values = [0.0, 2.0] * 7 + [1.0] + [1.0] * 85
    values[60] = 5.0
    scores = static(labelled(values))
    assert np.argmax(scores) == 60
    assert scores[60] == pytest.approx(4 / math.sqrt(14 / 15))


def test_a_moving_score_looks_only_back() -> None:
    """What comes later changes nothing of what was said before."""
    values = quiet()
    changed = values.copy()
    changed[150:] += 30
    before, after = ewma_z(labelled(values)), ewma_z(labelled(changed))
    assert (before[:150] == after[:150]).all()
    assert after[150] > before[150]


@pytest.mark.parametrize("name", ["static_threshold", "ewma_z"])
def test_a_baseline_is_silent_for_a_day_unless_it_gets_worse(name: str) -> None:
    """Each score that is told is the highest of the day before it."""
    file = labelled(quiet())
    scores = BASELINES[name](file)
    held = round(HOLD_OFF_S * 1e6 / HALF_AN_HOUR_US)
    told = np.flatnonzero(scores)
    assert len(told) > 0
    assert all(not (scores[max(0, row - held) : row] >= scores[row]).any() for row in told)


def with_sizes(sizes: dict[int, float], readings: float) -> Columns:
    """Return columns of a datastream whose surprises came in these sizes."""
    columns = fresh_columns(2)
    columns.readings[ID] = readings
    for level, count in sizes.items():
        columns.sizes[level, ID] = count
    return columns


def test_a_band_is_as_wide_as_its_coverage_needs() -> None:
    """Of 100 readings 3 were 2 deviations out and 2 were 4: within 2 lie 95, within 2.3 (the next size) 98."""
    reach, coverage = reach_of(with_sizes({5: 3.0, 10: 2.0}, 100.0), ID)
    assert (reach, coverage) == (pytest.approx(2 ** (6 / STEPS_PER_DOUBLING)), pytest.approx(0.98))


def test_a_steady_sensor_has_the_narrowest_band() -> None:
    """No surprise was ever larger than one deviation: that is how wide it is drawn, and all readings lay in it."""
    assert reach_of(with_sizes({}, 100.0), ID) == (1.0, 1.0)


def test_an_erratic_sensor_has_the_widest_band_and_says_what_it_really_holds() -> None:
    """Half of its readings were off the scale: the band cannot hold 98 %, and does not claim to."""
    assert reach_of(with_sizes({31: 50.0}, 100.0), ID) == (WIDEST_REACH, 0.5)


@given(some.lists(some.integers(0, 30), min_size=32, max_size=32), some.floats(0.5, 0.99), some.floats(0.5, 0.99))
def test_more_coverage_is_never_a_narrower_band(sizes: list[int], one: float, other: float) -> None:
    """Asking for more of the past makes a band no narrower, and what is stated was held."""
    columns = with_sizes(dict(enumerate(map(float, sizes))), float(sum(sizes)))
    (narrow, _), (wide, _) = (reach_of(columns, ID, coverage) for coverage in sorted((one, other)))
    assert 1.0 <= narrow <= wide <= WIDEST_REACH


scored = some.lists(some.tuples(some.sampled_from([0.0, 0.1, 0.5, 0.9]), some.booleans()), min_size=1, max_size=20)


@given(scored)
def test_average_precision_is_between_chance_at_the_very_worst_and_one(rows: list[tuple[float, bool]]) -> None:
    """Perfect when every anomaly ranks above everything else, and never above one."""
    scores, label = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    if label.any():
        assert 0 < average_precision(scores, label) <= 1
        assert average_precision(label.astype(np.float64), label) == 1.0
    else:
        assert math.isnan(average_precision(scores, label))


@given(scored)
def test_average_precision_depends_on_ranks_only(rows: list[tuple[float, bool]]) -> None:
    """Any rising change of the scores leaves it as it was."""
    scores, label = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    if label.any():
        assert average_precision(np.exp(scores) * 7 - 3, label) == pytest.approx(average_precision(scores, label))


def test_replaying_scores_the_row_at_which_a_finding_is_first_told() -> None:
    """A jump on the third day: one score at the second or third row of it, nothing anywhere else."""
    values = quiet()
    values[120:130] += 60
    [scores] = replay([labelled(values)], lambda _: None)
    [row] = np.flatnonzero(scores).tolist()
    assert 121 <= row <= 123
    assert 0 < scores[row] < 1


def test_files_are_replayed_side_by_side_without_touching_each_other() -> None:
    """A jump in one file is nothing to the other, and a shorter file ends by itself."""
    jump = quiet()
    jump[120:130] += 60
    loud, calm = replay([labelled(jump), labelled(quiet(2, seed=2), name="g/b.csv")], lambda _: None)
    [alone] = replay([labelled(jump)], lambda _: None)
    assert loud.tolist() == alone.tolist()
    assert not calm.any()


def test_the_figures_count_what_was_told() -> None:
    """One window hit, one false alarm: by hand from a file with a jump inside a window and one outside."""
    values = quiet(6)
    values[120:130] += 60
    values[220:230] += 60
    figures = nab_figures([labelled(values, windows=((118, 135),))], lambda _: None)
    fixed = figures["fixed"]
    assert isinstance(fixed, dict)
    assert (fixed["windows"], fixed["windows_hit"], fixed["false_alarms"]) == (1, 1, 1)
    assert fixed["stream_days"] == pytest.approx(5.1, abs=0.05)
    assert (figures["series"], figures["readings"]) == (1, 6 * A_DAY)


def site(values: dict[str, Sequence[float]], label: Sequence[bool]) -> Site:
    """Return a site of readings half an hour apart."""
    columns = {name: np.array(column, dtype=np.float64) for name, column in values.items()}
    time_us = to_us(START) + np.arange(len(label)) * HALF_AN_HOUR_US
    return Site(name="north", time_us=time_us, values=columns, label=np.array(label, dtype=np.bool_))


def test_a_row_of_a_site_is_as_strange_as_its_strangest_column() -> None:
    """A jump of the speed alone makes the row stand out, and a gap in the flow takes nothing away."""
    flow, speed = quiet(3), quiet(3, seed=2)
    speed[100] += 60
    flow[100] = np.nan
    scores = site_scores(site({"flow": flow.tolist(), "speed": speed.tolist()}, [False] * len(flow)))
    assert np.argmax(scores) == 100
    assert len(scores) == len(flow)


def test_a_site_is_scored_after_its_warm_up() -> None:
    """The first 15 % are learnt from: anomalies in them are not counted, and both figures are given."""
    flow = quiet(8)
    label = np.zeros(len(flow), dtype=np.bool_)
    for row in (20, 300):
        flow[row] += 60
        label[row] = True
    figures = site_figures([site({"flow": flow.tolist()}, label.tolist())], lambda _: None)
    by_file = figures["by_file"]
    assert isinstance(by_file, dict)
    assert by_file["north"]["anomalies"] == 1
    assert figures["mean_ap"] == 1.0
    assert isinstance(figures["mean_ap_without_warm_up"], float)
    assert figures["mean_ap_without_warm_up"] < 1.0


COUNTED = {
    "standard": 56.7,
    "low_fp": 54.3,
    "standard_90_percent": [39.7, 70.1],
    "low_fp_90_percent": [37.6, 67.1],
    "windows": 25,
    "windows_hit": 16,
    "false_alarms": 12,
    "stream_days": 488.5,
    "false_alarms_per_stream_day": 0.0246,
    "median_delay_h": 17.1,
}
SCORES = {"standard": 56.7, "standard_held_out": 53.7, "low_fp": 54.3, "low_fp_held_out": 51.3}
FIGURES = {
    "series": 19,
    "readings": 70336,
    "fixed": COUNTED,
    "by_group": {"quiet": {**COUNTED, "standard": None, "low_fp": None, "median_delay_h": None}},
    "nab": SCORES,
    "baselines": {"blind": {**SCORES, "standard": 0.0}},
}


def test_the_card_writes_each_figure_where_it_belongs() -> None:
    """A table of groups, one of baselines, and the interval; numbers by the thousand are set apart."""
    card = write_card(FIGURES)
    assert "On 19 series of the Numenta Anomaly Benchmark (70,336 readings, 488.5 stream-days;" in card
    assert "| all | 16 of 25 | 12 | 0.0246 | 17.1 h | 56.7 | 54.3 |" in card
    assert "| blind | 0.0 | 53.7 | 54.3 | 51.3 |" in card
    assert "standard 39.7 to 70.1, low FP 37.6 to 67.1" in card


def test_the_card_leaves_blank_what_has_no_figure() -> None:
    """A group without windows has no score and no delay; it does not have a nought."""
    assert "| quiet | 16 of 25 | 12 | 0.0246 |  |  |  |" in write_card(FIGURES)
