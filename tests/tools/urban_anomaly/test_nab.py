"""The benchmark's arithmetic, worked out by hand on one file of a thousand minutes.

The window is rows 500 to 599, a hundred wide. An alarm at row r lies at -(599 - r + 1) / 100 of it; its worth is
2 / (1 + e^(5 position)) - 1, over 0.986614, the worth of the first point. Silence is -1 a window, so that a score is
50 x (points + 1) with one window.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly import nab
from impetus.tools.urban_anomaly.nab import LOW_FP, STANDARD, Labelled, Outcome, Profile

MINUTE_US = 60_000_000
ROWS = 1000
FIRST_SCORED = 150


def labelled(*windows: tuple[int, int], rows: int = ROWS, name: str = "g/f.csv") -> Labelled:
    """Return a file of one reading a minute."""
    return Labelled(name=name, time_us=np.arange(rows) * MINUTE_US, value=np.zeros(rows), windows=windows)


def at(*rows: int, of: int = ROWS) -> np.ndarray:
    """Return alarms at these rows."""
    flags = np.zeros(of, dtype=np.bool_)
    flags[list(rows)] = True
    return flags


def points(*rows: int, profile: Profile = STANDARD, windows: tuple[tuple[int, int], ...] = ((500, 599),)) -> float:
    """Return the points alarms at these rows earn."""
    return nab.judge(labelled(*windows), at(*rows), profile).points


@pytest.mark.parametrize(
    ("position", "worth"),
    [
        (-1.0, 0.986614),
        (-0.5, 0.848284),
        (-0.25, 0.554600),
        (0.0, 0.0),
        (0.5, -0.848284),
        (3.0, -0.9999994),
        (3.01, -1.0),
    ],
)
def test_the_worth_of_an_alarm_falls_along_a_sigmoid(position: float, worth: float) -> None:
    """Worked by hand: near 1 at the beginning, nothing at the end, the full price three widths behind."""
    assert nab.sigmoid(position) == pytest.approx(worth, abs=1e-6)


@given(some.floats(-5, 5), some.floats(-5, 5))
def test_later_is_never_worth_more(one: float, other: float) -> None:
    """The sigmoid falls and stays within -1 and 1."""
    early, late = sorted((one, other))
    assert 1 >= nab.sigmoid(early) >= nab.sigmoid(late) >= -1


@pytest.mark.parametrize(("row", "earned"), [(500, 1.0), (550, 0.859793), (575, 0.562125), (599, 0.025334)])
def test_an_alarm_in_the_window_earns_its_place_in_it(row: int, earned: float) -> None:
    """First point, middle, three quarters, last point; each over the worth of the first."""
    assert points(row) == pytest.approx(earned, abs=1e-6)


@pytest.mark.parametrize(("row", "score"), [(500, 100.0), (550, 92.98965), (599, 51.2667)])
def test_the_score_of_one_window_is_fifty_times_points_and_one(row: int, score: float) -> None:
    """50 x (0.859793 + 1) = 92.99: scaled between silence and perfection."""
    outcome = nab.judge(labelled((500, 599)), at(row), STANDARD)
    assert nab.normalised([outcome], STANDARD) == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize(
    ("row", "price"), [(300, 1.0), (605, 0.150366), (649, 0.851786), (698, 0.986614), (896, 0.9999994), (999, 1.0)]
)
def test_an_alarm_outside_costs_by_its_distance_behind_the_window(row: int, price: float) -> None:
    """Before any window the whole price; behind one, (row - 599) / 99 along the sigmoid. Standard: 0.11 of it."""
    assert points(500, row) == pytest.approx(1.0 - 0.11 * price, abs=1e-6)
    assert points(500, row, profile=LOW_FP) == pytest.approx(1.0 - 0.22 * price, abs=1e-6)


def test_a_missed_window_costs_one_and_an_alarm_elsewhere_does_not_make_up_for_it() -> None:
    """One of two windows hit at its first point: 1 - 1 = 0 points, 50 of 100."""
    two = ((300, 399), (500, 599))
    assert points(300, windows=two) == pytest.approx(0.0)
    outcome = nab.judge(labelled(*two), at(300), STANDARD)
    assert nab.normalised([outcome], STANDARD) == pytest.approx(50.0)
    assert (outcome.windows, outcome.hit, outcome.false_alarms) == (2, 1, 0)


def test_an_alarm_between_two_windows_is_priced_from_the_one_before_it() -> None:
    """Row 450 lies half a width behind rows 300 to 399: 51 / 99 along the sigmoid, 0.11 x 0.858570."""
    two = ((300, 399), (500, 599))
    assert points(300, 500, 450, windows=two) == pytest.approx(2.0 - 0.11 * 0.858570, abs=1e-6)


def test_the_delay_is_from_the_beginning_of_the_window_to_its_first_alarm() -> None:
    """Thirty rows of a minute are 1,800 s; later alarms of the window say nothing more."""
    assert nab.judge(labelled((500, 599)), at(530, 531, 590), STANDARD).delays_s == (1800.0,)


def test_days_are_those_that_were_scored() -> None:
    """850 of 1,000 minutes come after probation: 849 minutes between the first and the last of them."""
    assert nab.judge(labelled(), at(), STANDARD).days == pytest.approx(849 / 1440)


@pytest.mark.parametrize(("rows", "unscored"), [(1000, 150), (10, 1), (6, 0), (5000, 750), (20_000, 750)])
def test_probation_is_fifteen_in_a_hundred_of_at_most_five_thousand(rows: int, unscored: int) -> None:
    """Long files are learnt from no longer than 750 points."""
    assert labelled(rows=rows).probation() == unscored


def test_alarms_in_probation_neither_earn_nor_cost() -> None:
    """Even in a window that reaches into it: only the part that is scored can be hit."""
    assert points(10, FIRST_SCORED - 1, windows=()) == 0.0
    reaching = ((100, 199),)
    assert points(120, windows=reaching) == -1.0
    assert points(150, windows=reaching) == pytest.approx(0.859793, abs=1e-6)


@given(some.sets(some.integers(0, ROWS - 1), max_size=12))
@settings(max_examples=60)
def test_no_alarms_are_perfect_and_none_beat_perfection(rows: set[int]) -> None:
    """Whatever is raised, one window cannot earn more than 1; silence is exactly -1."""
    earned = points(*rows)
    assert earned <= 1.0
    assert points() == -1.0


@given(some.sets(some.integers(FIRST_SCORED, 499), max_size=6), some.integers(FIRST_SCORED, 499))
@settings(max_examples=40)
def test_one_more_false_alarm_is_never_free(rows: set[int], another: int) -> None:
    """Before the window each costs 0.11, once."""
    more = rows | {another}
    assert points(500, *rows) - points(500, *more) == pytest.approx(0.11 * (len(more) - len(rows)))


def test_a_threshold_lets_through_what_is_not_below_it_and_never_nothing() -> None:
    """A score of 0 is silence, whatever the threshold."""
    scores = np.zeros(ROWS)
    scores[[500, 300]] = (0.8, 0.4)
    file = labelled((500, 599))

    def false_alarms(threshold: float) -> int:
        return nab.at_threshold([file], [scores], threshold, STANDARD)[0].false_alarms

    assert [false_alarms(threshold) for threshold in (0.0, 0.4, 0.41)] == [1, 1, 0]


def test_the_best_threshold_is_the_highest_that_scores_best() -> None:
    """With the labels in hand: cut the false 0.4, keep the true 0.8."""
    scores = np.zeros(ROWS)
    scores[[500, 300]] = (0.8, 0.4)
    assert nab.best_threshold([labelled((500, 599))], [scores], STANDARD) == 0.8


def test_where_every_alarm_is_false_the_best_threshold_is_silence() -> None:
    """No finite threshold does better than none at all."""
    scores = np.zeros(ROWS)
    scores[300] = 0.9
    assert nab.best_threshold([labelled((500, 599))], [scores], STANDARD) == math.inf
    assert nab.best_threshold([labelled((500, 599))], [np.zeros(ROWS)], STANDARD) == math.inf


def test_many_scores_are_tried_at_their_quantiles() -> None:
    """A thousand different scores are not a thousand judgements: the answer is one of them, and good."""
    scores = np.linspace(0.001, 1.0, ROWS)
    scores[500] = 2.0
    best = nab.best_threshold([labelled((500, 599))], [scores], STANDARD, most=20)
    assert best == 2.0


def test_held_out_judges_each_file_by_the_other_half() -> None:
    """Two files: the first is judged at 0.8, best on the second, the second at 0.4, best on the first: worked by hand.

    At 0.8 the first file's 0.4 is not raised, its window missed: -1. At 0.4 the second file's 0.5 before the window is
    raised too: 1 - 0.11.
    """
    first, second = np.zeros(ROWS), np.zeros(ROWS)
    first[500] = 0.4
    second[[500, 300]] = (0.8, 0.5)
    files = [labelled((500, 599), name="g/a.csv"), labelled((500, 599), name="g/b.csv")]
    outcomes = nab.held_out(files, [first, second], STANDARD)
    assert [outcome.points for outcome in outcomes] == pytest.approx([-1.0, 0.89])


def outcome_of(earned: float, windows: int = 1) -> Outcome:
    """Return what a file came to."""
    return Outcome(points=earned, windows=windows, hit=0, false_alarms=0, days=1.0, delays_s=())


def test_files_are_added_up_before_they_are_scaled() -> None:
    """Three windows and points of 1, 0.5 and -1: 100 x (0.5 + 3) / 6."""
    outcomes = [outcome_of(1.0), outcome_of(0.5), outcome_of(-1.0)]
    assert nab.normalised(outcomes, STANDARD) == pytest.approx(100 * 3.5 / 6)


def test_the_interval_of_equal_files_has_no_width() -> None:
    """Drawing the same again and again leaves no doubt."""
    low, high = nab.bootstrap([outcome_of(0.5)] * 4, STANDARD, np.random.default_rng(1), rounds=20)
    assert low == high == pytest.approx(75.0)


def test_the_interval_holds_the_score_and_repeats_with_its_seed() -> None:
    """Ends of the middle nine tenths of what other draws of the files would have given."""
    outcomes = [outcome_of(one) for one in (1.0, 0.8, -1.0, 0.2, 0.9, -0.4)]
    low, high = nab.bootstrap(outcomes, STANDARD, np.random.default_rng(1), rounds=200)
    assert low < nab.normalised(outcomes, STANDARD) < high
    assert (low, high) == nab.bootstrap(outcomes, STANDARD, np.random.default_rng(1), rounds=200)


def test_without_windows_there_is_no_interval() -> None:
    """What cannot be scored is not given a number."""
    ends = nab.bootstrap([outcome_of(0.0, windows=0)], STANDARD, np.random.default_rng(1), rounds=5)
    assert all(math.isnan(end) for end in ends)
