"""Sites judged by hand: what is warm-up, what a budget finds, what is counted as shipped, and means over sites."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s
from impetus.tools.urban_anomaly import evaluate_sites
from impetus.tools.urban_anomaly.baselines import NAMES
from impetus.tools.urban_anomaly.evaluate_sites import BUDGETS, SiteScore, judge, means, site_figures, warm_rows
from impetus.tools.urban_anomaly.metrics import Flags
from impetus.tools.urban_anomaly.series import Site
from tools.urban_anomaly.town_of import BEGIN_US

HALF_HOUR_US = 1_800_000_000
A_DAY = 48


def flags(length: int, *rows: int) -> Flags:
    """Return labels true at these rows."""
    made = np.zeros(length, dtype=np.bool_)
    made[list(rows)] = True
    return made


def site(length: int, *rows: int, step_us: int = HALF_HOUR_US, columns: int = 1) -> Site:
    """Return a site of so many readings with anomalies at these rows; values say nothing."""
    value = np.random.default_rng(1).normal(50, 1, length)
    return Site(
        name="north",
        time_us=BEGIN_US + np.arange(length, dtype=np.int64) * step_us,
        values={f"c{number}": value + number for number in range(columns)},
        label=flags(length, *rows),
    )


def scores(length: int, **rows: float) -> Float64s:
    """Return scores of 0 but at these rows: `r_300=5.0`."""
    made = np.zeros(length)
    for name, score in rows.items():
        made[int(name.removeprefix("r_"))] = score
    return made


@pytest.mark.parametrize(
    ("length", "step_us", "rows"),
    [(100 * A_DAY, HALF_HOUR_US, 7 * A_DAY), (20 * A_DAY, HALF_HOUR_US, 3 * A_DAY), (10, 86_400_000_000, 1), (1, 1, 0)],
    ids=["a week of a long site", "15 % of a short one", "ten days of one reading", "one reading"],
)
def test_a_week_is_warm_up_but_never_more_than_a_share(length: int, step_us: int, rows: int) -> None:
    """So that a short file keeps something to score."""
    assert warm_rows(site(length, step_us=step_us)) == rows


def test_a_perfect_score_finds_all_at_once() -> None:
    """Two events of two days in twenty: every figure is one, both found at their first row at every budget above one."""
    label = (400, 401, 700)
    made = judge(site(20 * A_DAY, *label), scores(20 * A_DAY, r_400=5.0, r_401=5.0, r_700=4.0))
    assert (made.ap, made.auc, made.break_even_f1) == (1.0, 1.0, 1.0)
    assert made.found == {name: [0, 0] for name in BUDGETS}
    assert made.pace_s == 1800.0


def test_a_late_alarm_is_a_delay_in_rows_and_a_missed_event_has_none() -> None:
    """Found at its third row; the second event never."""
    made = judge(site(20 * A_DAY, 400, 401, 402, 700), scores(20 * A_DAY, r_402=5.0))
    assert made.found["1_a_day"] == [2, None]


def test_a_tight_budget_leaves_the_lower_alarms_out() -> None:
    """Seventeen days at one a week are two alarms: the two highest of three, and the event scored third is missed."""
    marked = site(20 * A_DAY, 400, 700)
    made = judge(marked, scores(20 * A_DAY, r_300=9.0, r_400=8.0, r_700=7.0))
    assert made.found["1_a_week"] == [0, None]
    assert made.found["1_a_day"] == [0, 0]


def test_what_lies_in_the_warm_up_is_neither_asked_nor_called() -> None:
    """An anomaly and an alarm within the first three days of twenty count for nothing."""
    made = judge(site(20 * A_DAY, 10, 400), scores(20 * A_DAY, r_20=99.0, r_400=1.0))
    assert (made.ap, made.found["1_a_week"]) == (1.0, [0])


def test_marks_an_hour_apart_are_one_event() -> None:
    """With two unmarked half-hours between them; with three they are two."""
    one, two = (
        judge(site(20 * A_DAY, 400, last), scores(20 * A_DAY, r_400=5.0)).found["1_a_day"] for last in (403, 404)
    )
    assert (one, two) == ([0], [0, None])


def site_score(ap: float, found: dict[str, list[int | None]]) -> SiteScore:
    """Return one detector on one site."""
    return SiteScore(
        ap=ap, auc=0.5, break_even_f1=ap, vus_pr=math.nan, found={name: found.get(name, []) for name in BUDGETS},
        pace_s=300.0,
    )  # fmt: skip


def test_means_are_over_sites_and_recall_over_events() -> None:
    """Precision .2 and .6 are .4; of one event here and three there, three were found, with delays 0, 4 and 2."""
    budget = "1_a_day"
    made = means([site_score(0.2, {budget: [0]}), site_score(0.6, {budget: [4, 2, None]})])
    recall, delay = made["event_recall"], made["delay"]
    assert isinstance(recall, dict)
    assert isinstance(delay, dict)
    assert (made["mean_ap"], recall[budget], delay[budget]) == (0.4, 0.75, 2.0)


def test_what_no_site_has_has_no_figure() -> None:
    """No volume, no events at the other budgets: none, rather than nought."""
    made = means([site_score(0.2, {"1_a_day": [None]}), site_score(math.nan, {})])
    recall, delay = made["event_recall"], made["delay"]
    assert isinstance(recall, dict)
    assert isinstance(delay, dict)
    assert (made["vus_pr"], recall["3_a_day"], recall["1_a_day"], delay["1_a_day"]) == (None, None, 0.0, None)
    assert made["mean_ap"] == 0.2, "a site without anomalies is left out of the mean"


def test_the_interval_of_one_site_is_a_point() -> None:
    """Drawn again it is always the same site."""
    ends = means([site_score(0.2, {"1_a_day": [3]})])["interval_90"]
    assert isinstance(ends, dict)
    assert ends["mean_ap"] == [0.2, 0.2]
    assert ends["delay"]["1_a_day"] == [3.0, 3.0]
    assert ends["vus_pr"] is None


def test_as_shipped_an_alarm_just_behind_an_event_is_no_false_one() -> None:
    """Events at 400 and 600; told at 402, within the hour, at 500 and at 600: one found, one false in seventeen days."""
    told = scores(20 * A_DAY, r_402=1.0, r_500=1.0, r_600=1.0)
    made = evaluate_sites._fixed([site(20 * A_DAY, 400, 600)], [told])
    assert (made["events"], made["event_recall"]) == (2, 0.5)
    assert made["false_alarms_per_site_day"] == pytest.approx(1 / 17, abs=0.001)


def test_labels_are_widened_behind_and_never_out_of_the_rows() -> None:
    """Two rows longer each; the one at the end has no room."""
    assert np.flatnonzero(evaluate_sites._widened(flags(10, 2, 9), 2)).tolist() == [2, 3, 4, 9]
    assert np.flatnonzero(evaluate_sites._widened(flags(10, 2), 0)).tolist() == [2]


@given(some.sets(some.integers(0, 29)), some.integers(0, 6))
@settings(max_examples=30)
def test_widening_is_what_looking_back_says(rows: set[int], longer: int) -> None:
    """A row is wide where one of the rows up to so many before it is marked."""
    wide = evaluate_sites._widened(flags(30, *rows), longer)
    assert wide.tolist() == [any(row - back in rows for back in range(longer + 1)) for row in range(30)]


def test_every_baseline_has_a_score_for_every_row_of_every_site() -> None:
    """The largest over a site's columns: of two equal columns that of one; blind ones begin behind the warm-up."""
    one, two = site(10 * A_DAY), site(10 * A_DAY, columns=2)
    made = evaluate_sites._baselines([one, two])
    assert set(made) == {"null", "blind", *NAMES}
    assert all([len(each) for each in both] == [10 * A_DAY] * 2 for both in made.values())
    assert np.flatnonzero(made["blind"][0])[0] == warm_rows(one)
    for name in ("ewma_z", "value_novelty"):
        assert made[name][1] == pytest.approx(made[name][0], rel=1e-6, abs=1e-6)


def test_a_site_without_anomalies_has_no_precision_and_is_named() -> None:
    """It is replayed all the same, and what it tells there is false."""
    quiet = site(A_DAY)
    made = site_figures([quiet], lambda _: None)
    assert (made["mean_ap"], made["sites"]) == (None, 1)
    assert made["by_file"] == {"north": {"ap": None, "auc": None, "vus_pr": None, "anomalies": 0, "readings": A_DAY}}
