"""Charts, conformal chances and the weather of the last samples, in numbers worked out by hand and in properties."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.bacteria.charts import BASELINE, LAG, LEAST_SD, RESET, Charts
from impetus.tools.bacteria.conformal import (
    EXACT_QUANTILE,
    EXCESS_CUT,
    GAIN,
    KEPT,
    MOST,
    NOMINAL,
    POOL_WEIGHT,
    TENTH,
    Calibration,
    Tail,
    far_reach,
    pooled,
    reach_of,
)
from impetus.tools.bacteria.memory import GAP, LAGS, PATIENCE, Memory

CHARTS = ("ears_c1", "ears_c2", "ears_c3", "ewma", "cusum")


def charted(*loads: float, normal: float = 0.0) -> Charts:
    """Return charts that have seen these loads."""
    charts = Charts()
    for load in loads:
        charts.learn(load, normal)
    return charts


@pytest.mark.parametrize("seen", range(BASELINE))
def test_ears_says_nothing_before_its_week(seen: int) -> None:
    """Six days are no baseline, whatever the seventh holds."""
    assert charted(*[5.0] * seen).score("ears_c1", 1e9, 0.0) == 0.0


@pytest.mark.parametrize(("seen", "is_ready"), [(BASELINE, False), (BASELINE + LAG - 1, False), (BASELINE + LAG, True)])
def test_ears_with_a_lag_needs_the_days_it_leaves_out_too(seen: int, *, is_ready: bool) -> None:
    """Nine days for C2 and C3."""
    charts = charted(*[5.0] * seen)
    assert (charts.score("ears_c2", 50.0, 0.0) > 0) == is_ready
    assert (charts.score("ears_c3", 50.0, 0.0) > 0) == is_ready


def test_a_week_of_equal_counts_is_no_certainty() -> None:
    """No deviation at all is reckoned as half a count: six against five is two deviations."""
    assert charted(*[5.0] * 7).score("ears_c1", 6.0, 0.0) == pytest.approx(1.0 / LEAST_SD)


def test_ears_forgets_what_is_older_than_its_baseline() -> None:
    """A disaster eight days ago is no part of C1, and of C2 until ten days ago."""
    charts = charted(900.0, *[5.0] * 7)
    assert charts.score("ears_c1", 6.0, 0.0) == pytest.approx(2.0)
    charts.learn(5.0, 0.0)
    assert charts.score("ears_c2", 6.0, 0.0) < 0.0
    charts.learn(5.0, 0.0)
    assert charts.score("ears_c2", 6.0, 0.0) == pytest.approx(2.0)
    assert len(charts.loads) == BASELINE + LAG


def test_c3_adds_up_three_days_beyond_one_deviation() -> None:
    """Three days of three deviations: two each, so two, four and six; a calm day takes nothing away."""
    charts = charted(8.0, 8.0, 8.0, 10.0, 12.0, 12.0, 12.0, 10.0, 10.0)
    first = charts.score("ears_c3", 16.0, 0.0)
    assert first == pytest.approx(2.0)
    charts.learn(16.0, 0.0)
    second = charts.score("ears_c2", 16.0, 0.0)
    assert charts.score("ears_c3", 16.0, 0.0) == pytest.approx(first + second - 1.0)
    assert charts.score("ears_c3", 0.0, 0.0) == pytest.approx(first)
    assert len(charts.excesses) == 2


@pytest.mark.parametrize(("normals", "moving"), [([1.0], 0.3), ([1.0, 1.0], 0.51), ([2.0, -1.0, 0.0], 0.084)])
def test_the_moving_average_by_hand(normals: list[float], moving: float) -> None:
    """Three tenths of today and seven of what was."""
    charts = Charts()
    for normal in normals:
        charts.learn(0.0, normal)
    assert charts.moving == pytest.approx(moving)


@pytest.mark.parametrize(("normals", "total"), [([0.5], 0.0), ([1.0, 1.0, 1.0], 1.5), ([2.0, -3.0, 1.0], 0.5)])
def test_the_sum_by_hand(normals: list[float], total: float) -> None:
    """Half a deviation a day passes, and below nothing it does not go."""
    charts = Charts()
    for normal in normals:
        charts.learn(0.0, normal)
    assert charts.sum == pytest.approx(total)


def test_the_sum_begins_again_only_beyond_its_reset() -> None:
    """Five exactly is kept, a hair more begins again."""
    charts = Charts()
    charts.learn(0.0, RESET + 0.5)
    assert charts.sum == RESET
    charts.learn(0.0, 0.51)
    assert charts.sum == 0.0


@pytest.mark.parametrize("method", CHARTS)
@given(loads=some.lists(some.floats(0, 1e6), max_size=15), load=some.floats(0, 1e6))
@settings(max_examples=10)
def test_asking_for_a_score_changes_nothing(method: str, loads: list[float], load: float) -> None:
    """And no chart falls as the load rises."""
    charts = charted(*loads, normal=0.3)
    before = copy.deepcopy(charts)
    low, high = charts.score(method, load, 1.0), charts.score(method, load + 1.0, 1.5)
    assert charts == before
    assert low <= high


def fed(scores: list[float]) -> Calibration:
    """Return a calibration that judged these scores, each before it learnt it."""
    made = Calibration()
    for score in scores:
        made.learn(score, made.chance(score), Tail(), is_first=True)
    return made


@pytest.mark.parametrize(("score", "chance"), [(0.0, 1.0), (0.5, math.exp(-0.5)), (1.5, math.exp(-1.5))])
def test_before_anything_was_seen_the_model_is_believed(score: float, chance: float) -> None:
    """Up to its highest tenth."""
    assert Calibration().chance(score) == pytest.approx(chance)


def test_before_anything_was_seen_the_far_tail_is_taken_longer() -> None:
    """One sample can have shown ln 2 into the tail; one further is .1 exp(-ln 2 - (1 - ln 2)/1.25), by hand .0391."""
    chance = Calibration().chance(EXACT_QUANTILE + 1.0)
    assert chance == pytest.approx(TENTH * math.exp(-math.log(2) - (1 - math.log(2)) / 1.25))
    assert chance == pytest.approx(0.0391, abs=1e-4)


def test_a_score_within_what_was_seen_has_the_share_of_what_was_seen() -> None:
    """A thousand scores between 0 and 2, half of them above 1: (512 + 60 e^-1) / (1024 + 60)."""
    made = Calibration()
    for place in range(KEPT):
        made.learn(2.0 * ((place * 389) % KEPT) / KEPT, 0.5, Tail(), is_first=True)
    made.harder = 0.0
    assert made.chance(1.0) == pytest.approx((KEPT / 2 + POOL_WEIGHT * math.exp(-1.0)) / (KEPT + POOL_WEIGHT))


def test_no_chance_is_rarer_than_what_was_seen_to_happen() -> None:
    """Forty of four hundred scores of nine: a nine is no rarer than (40 - 2 - 4) / 401."""
    made = fed([0.5] * 360 + [9.0] * 40)
    made.harder = 0.0
    assert made.chance(9.0) >= (40 - 2 - 0.1 * TENTH * 400) / 401


def test_the_newest_scores_overwrite_the_oldest() -> None:
    """After twice what is kept, nothing of the first half is left."""
    made = fed([50.0] * KEPT + [0.1] * KEPT)
    assert made.scores.max() == 0.1
    assert made.count == made.judged == 2 * KEPT


@pytest.mark.parametrize(
    ("chance", "is_first", "harder"),
    [
        (0.5, True, -GAIN * NOMINAL),
        (NOMINAL, True, GAIN * (1 - NOMINAL)),
        (NOMINAL, False, 0.0),
        (0.5, False, -GAIN * NOMINAL),
    ],
)
def test_one_sample_moves_the_correction_by_hand(chance: float, *, is_first: bool, harder: float) -> None:
    """Up by .1485 when it fell below one in a hundred, down by .0015 when not, not at all within an event."""
    made = Calibration()
    made.learn(1.0, chance, Tail(), is_first=is_first)
    assert made.harder == pytest.approx(harder)
    assert (made.exceeded, made.judged) == (int(chance <= NOMINAL), 1)


def test_the_correction_stays_within_its_bounds() -> None:
    """However long a model is wrong in one direction."""
    made = Calibration()
    for _ in range(100):
        made.learn(9.0, 0.001, Tail(), is_first=True)
    assert made.harder == MOST
    made = Calibration(harder=-MOST)
    made.learn(0.0, 1.0, Tail(), is_first=True)
    assert made.harder == -MOST


def test_a_prefix_gives_the_same_chances() -> None:
    """What comes later changes nothing that was said."""
    scores = np.random.default_rng(1).exponential(1.2, 300).tolist()
    other = [*scores[:200], *[30.0] * 100]

    def said(given_scores: list[float]) -> list[float]:
        made, chances = Calibration(), []
        for score in given_scores:
            chances.append(made.chance(score))
            made.learn(score, chances[-1], Tail(), is_first=True)
        return chances

    assert said(scores)[:200] == said(other)[:200]


def test_reliving_puts_new_scores_in_place_and_keeps_what_was_promised() -> None:
    """The newest thousand of them; counts of what was judged stand."""
    made = fed([3.0] * 30)
    exceeded, harder = made.exceeded, made.harder
    made.relive([0.2] * (KEPT + 5))
    assert made.count == KEPT
    assert made.scores.max() == 0.2
    assert (made.judged, made.exceeded, made.harder) == (30, exceeded, harder)
    made.relive([])
    assert made.count == 0
    assert made.chance(0.0) == pytest.approx(min(1.0, math.exp(harder)))


def test_the_reach_is_the_mean_of_the_uncut_exponential() -> None:
    """An exponential of mean 1 cut at 2.5 has the mean 1 - 2.5/(e^2.5 - 1) = .7765; back again it is 1."""
    cut_mean = 1.0 - EXCESS_CUT / math.expm1(EXCESS_CUT)
    assert cut_mean == pytest.approx(0.7765, abs=1e-4)
    assert reach_of(np.full(9, cut_mean), 7.0) == pytest.approx(1.0, abs=1e-3)
    assert reach_of(np.array([EXCESS_CUT, 99.0]), 7.0) == 7.0


@pytest.mark.parametrize(
    ("near", "far", "reach"), [(10, 0, 0.0), (9, 1, 0.0), (8, 2, EXCESS_CUT / math.log(10)), (0, 5, EXCESS_CUT / -math.log(0.9))]
)  # fmt: skip
def test_a_far_tail_is_read_from_how_many_lie_far(near: int, far: int, reach: float) -> None:
    """A tenth of those in the tail may be events; two tenths leave one in ten beyond the cut."""
    assert far_reach(np.array([0.1] * near + [9.0] * far)) == pytest.approx(reach)


def test_nothing_has_no_far_tail() -> None:
    """And does not divide by its number."""
    assert far_reach(np.array([])) == 0.0


def test_the_common_tail_is_a_weighted_mean() -> None:
    """Sixty parts exact, 100 of one and 300 of another: reach (60 + 200 + 150) / 460."""
    both = [
        Calibration(count=100, own=Tail(start=3.0, reach=2.0)),
        Calibration(count=300, own=Tail(start=2.0, reach=0.5)),
    ]
    common = pooled(both)
    assert common.reach == pytest.approx((60 + 100 * 2.0 + 300 * 0.5) / 460)
    assert common.start == pytest.approx((60 * EXACT_QUANTILE + 100 * 3.0 + 300 * 2.0) / 460)


def test_a_young_sampler_borrows_the_tail_of_the_others() -> None:
    """After one score nearly all of it is theirs; after a thousand of its own nearly nothing."""
    lent = Tail(start=4.0, reach=3.0)
    young = Calibration()
    young.learn(0.5, 0.6, lent, is_first=True)
    assert young.tail.start == pytest.approx((1 * EXACT_QUANTILE + 60 * 4.0) / 61)
    old = Calibration()
    for score in np.random.default_rng(2).exponential(1.0, KEPT).tolist():
        old.learn(score, 0.5, lent, is_first=True)
    assert old.tail.start == pytest.approx(EXACT_QUANTILE, abs=0.35)
    assert old.tail.reach < 1.6


def test_a_calibration_comes_back_from_a_snapshot() -> None:
    """And goes on as if nothing had happened."""
    made = fed(np.random.default_rng(3).exponential(1.0, 50).tolist())
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - pickled on this very line
    assert [again.chance(score) for score in (0.1, 2.0, 8.0)] == [made.chance(score) for score in (0.1, 2.0, 8.0)]


def remembered(*scores: float, steps: float = 1.0) -> Memory:
    """Return a memory of these scores."""
    memory = Memory()
    for score in scores:
        memory.learn(score, steps)
    return memory


def test_without_a_past_the_next_score_is_a_normal_one() -> None:
    """Mean nought, deviation one, however far ahead."""
    assert Memory().expect(1.0) == (0.0, 1.0)
    assert Memory().expect(1e6) == (0.0, 1.0)


def test_likeness_is_not_told_across_a_gap() -> None:
    """Neighbours three spacings apart are no neighbours: only the score itself is kept."""
    assert len(remembered(*[1.0] * 9).last) == LAGS + 1
    assert len(remembered(*[1.0] * 9, steps=GAP + 0.1).last) == 1


def test_a_lasting_new_level_is_believed_after_patience() -> None:
    """Far to the same side more often than it has patience: the next is expected there, and a far one to the other side ends it."""
    memory = remembered(*[4.0] * (PATIENCE + 3))
    assert memory.same > PATIENCE
    assert memory.expect(1.0)[0] > 1.0
    memory.learn(-9.0, 1.0)
    assert memory.same == -1


def test_the_weather_fades_with_time() -> None:
    """What was high an hour ago is less so in ten, and nothing in a thousand; the doubt grows to one."""
    memory = Memory(share=0.6, fade=0.8, mean=2.0, var=0.1)
    means = [memory.expect(steps)[0] for steps in (0.0, 1.0, 10.0, 1000.0)]
    assert means == pytest.approx([2.0, 1.6, 2.0 * 0.8**10, 0.0], abs=1e-9)
    doubts = [memory.expect(steps)[1] for steps in (0.0, 1.0, 10.0, 1000.0)]
    assert doubts == pytest.approx([math.sqrt(0.5), math.sqrt(0.4 + 0.6 * 0.36 + 0.1 * 0.64), math.sqrt(0.4 + 0.6 * (1 - 0.8**20) + 0.1 * 0.8**20), 1.0])  # fmt: skip


@settings(max_examples=40)
@given(
    some.lists(some.tuples(some.floats(-8.0, 1e3), some.floats(0.01, 1e4)), max_size=60),
    some.floats(0.0, 1e4),
)
def test_any_past_gives_a_finite_expectation(past: list[tuple[float, float]], ahead: float) -> None:
    """With a deviation above zero and bounded shares, whatever came and however irregularly."""
    memory = Memory()
    for score, steps in past:
        memory.learn(score, steps)
    mean, deviation = memory.expect(ahead)
    assert math.isfinite(mean)
    assert 0.2 < deviation < 2.0
    assert 0.0 <= memory.share <= 0.95
    assert 0.0 <= memory.fade <= 0.98


def test_scores_that_take_turns_are_no_weather() -> None:
    """High, low, high, low: neighbours are unlike, and nothing lasting is seen in it."""
    memory = remembered(*[1.5, -1.5] * 60)
    assert (memory.share, memory.fade) == (0.0, 0.0)
