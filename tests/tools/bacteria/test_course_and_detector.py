"""One sampler's course through gaps, clocks and thinning, and what the detector makes of odd lives; nothing looked at ahead."""

import math
import pickle
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import Misconfigured
from impetus.core.finding import Kind
from impetus.core.observation import batch_of, empty_batch, to_us
from impetus.core.tool import Setting
from impetus.tools.bacteria.config import METHODS, Config, from_settings
from impetus.tools.bacteria.conformal import KEPT
from impetus.tools.bacteria.course import FIRST_FIT, ROWS, SURELY, Course, Expectation, surprise
from impetus.tools.bacteria.detect import MONTH_DAYS, MOST_WATCH, POOL_EVERY, Detector, Judged, Level
from impetus.tools.bacteria.faults import Fault
from impetus.tools.bacteria.regression import DAY_US
from impetus.tools.bacteria.sample import BLOCKED, DAYS, RELEASES, SAMPLERS, SPACING_S, batches, catalogue
from impetus.tools.bacteria.tool import Tool
from tools.bacteria.air import START, WHOLE, Street, sample, samplers

NOW_US = to_us(START)
HOUR_US = 3_600_000_000


def learnt(loads: list[float], *, every_us: int = DAY_US, limit: float = 0.0, volume: float = math.nan) -> Course:
    """Return a course that has learnt these loads."""
    course = Course(zone=UTC)
    for number, load in enumerate(loads):
        course.learn(NOW_US + number * every_us, load, limit, volume)
    return course


def lively(days: int, seed: int = 1) -> list[float]:
    """Return loads around 200."""
    return [round(float(load), 1) for load in np.random.default_rng(seed).gamma(9.0, 200 / 9.0, days)]


@pytest.mark.parametrize("seen", range(FIRST_FIT))
def test_nothing_is_expected_before_the_first_fit(seen: int) -> None:
    """Four samples are needed."""
    assert learnt([200.0] * seen).expect(NOW_US + 9 * DAY_US, math.nan) is None
    assert learnt([200.0] * FIRST_FIT).expect(NOW_US + 9 * DAY_US, math.nan) is not None


def test_a_fit_waits_for_a_tenth_more_or_a_week() -> None:
    """At forty samples the next hourly fit is at forty-four; a daily one comes when a week has passed."""
    hourly = learnt([200.0] * 200, every_us=HOUR_US)
    assert hourly.fitted_at[1] > 180
    daily = learnt(lively(400))
    assert (daily.last_us - daily.fitted_at[0]) <= max(7, 0.02 * 400) * DAY_US


@pytest.mark.parametrize(
    ("gaps", "spacing"), [([1, 1, 1], 1.0), ([1, 3], 2.0), ([2, 2, 100], (2 + 2 + 6) / 3), ([1], 1.0)]
)
def test_the_usual_spacing_by_hand(gaps: list[float], spacing: float) -> None:
    """The mean of the gaps while young; a long one counts as three usual ones."""
    course, at = Course(zone=UTC), NOW_US
    course.learn(at, 1.0, 0.0, math.nan)
    for gap in gaps:
        at += round(gap * DAY_US)
        course.learn(at, 1.0, 0.0, math.nan)
    assert course.spacing_us / DAY_US == pytest.approx(spacing)


def test_steps_are_in_usual_spacings_and_never_nought() -> None:
    """One before anything is known; a time that lies back is a hundredth."""
    assert Course(zone=UTC).steps(NOW_US) == 1.0
    course = learnt([1.0] * 3)
    assert course.steps(course.last_us + 5 * DAY_US) == pytest.approx(5.0)
    assert course.steps(course.last_us) == course.steps(course.last_us - DAY_US) == 0.01


def test_the_air_is_reckoned_relative_to_the_usual_within_bounds() -> None:
    """Half the usual, a thousandth and a thousandfold; air that is unknown or nought is usual."""
    course = learnt([200.0] * 5, volume=3.0)
    shares = [course._exposure(volume) for volume in (1.5, 0.003, 3_000.0, math.nan, 0.0, -1.0)]
    assert shares == [0.5, 0.05, 20.0, 1.0, 1.0, 1.0]


def test_half_the_air_makes_a_wider_band() -> None:
    """Fewer were counted, so the concentration is less sure."""
    course = learnt([float(one) for one in np.random.default_rng(2).poisson(12.0, 60)], volume=1.0)
    usual, less = course.expect(NOW_US + 60 * DAY_US, 1.0), course.expect(NOW_US + 60 * DAY_US, 0.25)
    assert usual is not None
    assert less is not None
    assert less.high - less.low > usual.high - usual.low
    assert less.mean == usual.mean


def expectation(mean: float, spread: float) -> Expectation:
    """Return an expectation without weather."""
    return Expectation(mean=mean, spread=spread, weather=0.0, deviation=1.0, low=0.0, high=1.0)


def test_the_normal_score_has_no_end_and_no_jump() -> None:
    """Rising with the load to far beyond what doubles can say of chances, and never below eight deviations under."""
    course = learnt([10.3] * 5)
    loads = np.geomspace(1e-6, 1e8, 400).tolist()
    scores = [course.normal(load, expectation(200.0, 4_000.0)) for load in loads]
    assert scores == sorted(scores)
    assert scores[0] == -SURELY
    assert np.isfinite(scores).all()
    assert max(np.diff([score for score in scores if 0.0 < score < 20.0])) < 1.0


def test_the_middle_of_what_is_expected_scores_nought() -> None:
    """Without weather, the centre is the median."""
    expected = expectation(200.0, 4_000.0)
    assert learnt([10.3] * 5).normal(expected.centre(), expected) == pytest.approx(0.0, abs=1e-6)


def test_samples_below_the_limit_do_not_make_counts_of_concentrations_or_the_other_way() -> None:
    """A limit of 12.5 is no count, and says nothing about whether loads are."""
    assert learnt([12.5] * 5, limit=12.5).is_whole
    assert not learnt([12.5] * 5, limit=3.0).is_whole


def test_thinning_keeps_the_newer_half_dense() -> None:
    """When the store is full every other of the older half goes; columns stay together."""
    course = learnt([float(number) for number in range(ROWS)], every_us=HOUR_US)
    assert course.count == ROWS
    course._thin()
    kept = (course.local_us[: course.count] - NOW_US) // HOUR_US
    assert course.count == ROWS * 3 // 4
    assert (np.diff(kept)[: ROWS // 4 - 1] == 2).all()
    assert (np.diff(kept)[ROWS // 4 :] == 1).all()
    assert np.array_equal(course.load[: course.count], kept.astype(np.float64))


def test_what_is_kept_depends_on_times_and_not_on_loads() -> None:
    """So that a replay with other loads keeps the same moments."""
    one = learnt([1.0] * (ROWS + 300), every_us=HOUR_US)
    other = learnt([float(number % 9) for number in range(ROWS + 300)], every_us=HOUR_US)
    assert np.array_equal(one.local_us, other.local_us)


@pytest.mark.parametrize(("days_ago", "left"), [(200, 100), (99, 100), (60, 61), (0, FIRST_FIT), (-50, FIRST_FIT)])
def test_forgetting_leaves_what_a_fit_needs(days_ago: int, left: int) -> None:
    """Of a hundred days; never fewer than four, however long ago they were."""
    course = learnt([float(number) for number in range(100)])
    course.forget(course.last_us - days_ago * DAY_US)
    assert course.count == left
    assert course.load[: course.count].tolist() == [float(number) for number in range(100 - left, 100)]


def detector(days: int, **config: float) -> Detector:
    """Return a detector that has listened to one sampler for so long."""
    made = Detector(config=Config(**config))  # type: ignore[arg-type]  # numbers of the configuration
    made.learn(samplers(1))
    for day, load in enumerate(lively(days)):
        made.take(sample(load, day=day))
    return made


def course_of(made: Detector) -> Course:
    """Return the course of its one sampler."""
    [course] = made.courses.values()
    return course


@pytest.mark.parametrize(("days", "kept"), [(30.0, 31), (60.0, 61), (1_461.0, 120)])
def test_the_past_is_as_long_as_it_is_set(days: float, kept: int) -> None:
    """Of a hundred and twenty daily samples, a month, two, or all."""
    assert course_of(detector(120, baseline_days=days)).count == kept


def test_a_sampler_that_comes_back_after_years_is_judged_by_what_was_known() -> None:
    """Its past is too old to be kept but for a little; nothing breaks, and a great load is still seen."""
    made = detector(60, baseline_days=30.0)
    back = made.take(sample(210.0, day=1_000))
    assert (back.fault, back.level) == (Fault.NONE, Level.NOTHING)
    assert course_of(made).count == FIRST_FIT + 1
    assert made.take(sample(90_000.0, day=1_001)).level is Level.ALARM


@pytest.mark.parametrize("learning", [7, 14, 30])
def test_nothing_is_judged_while_it_learns(learning: int) -> None:
    """Expected from the fifth sample on, judged from the first after learning."""
    made = Detector(config=Config(learning_samples=learning))
    made.learn(samplers(1))
    judged = [made.take(sample(load, day=day)) for day, load in enumerate(lively(40))]
    assert [math.isnan(one.chance) for one in judged] == [day < learning for day in range(40)]
    assert [math.isnan(one.expected) for one in judged] == [day < FIRST_FIT for day in range(40)]


def test_a_late_sample_is_set_aside_and_changes_nothing() -> None:
    """Its time was passed: neither judged nor learnt."""
    made = detector(40)
    before = pickle.dumps(course_of(made))
    late = made.take(sample(9_999.0, day=20.5))
    assert (late.fault, late.level) == (Fault.DOUBTFUL, Level.NOTHING)
    assert pickle.dumps(course_of(made)) == before


def test_a_faulty_sample_teaches_nothing() -> None:
    """The course is as if it had not come."""
    made = detector(40)
    before = pickle.dumps(course_of(made))
    assert made.take(sample(-1.0, day=41)).fault is Fault.NEGATIVE
    assert pickle.dumps(course_of(made)) == before


@pytest.mark.parametrize("method", METHODS)
def test_a_prefix_gives_the_same_judgements(method: str) -> None:
    """Fifty days, and then whatever: what was said of the fifty stands."""

    def said(loads: list[float]) -> list[Judged]:
        made = Detector(config=Config(method=method))
        made.learn(samplers(1))
        return [made.take(sample(load, day=day)) for day, load in enumerate(loads)]

    loads = lively(50)
    assert repr(said(loads)) == repr(said([*loads, 5.0, 9e4, 0.0])[:50])


def test_no_single_sample_raises_a_watch_at_more_than_one_in_twenty() -> None:
    """However rarely is sampled; and an alarm is never likelier than a watch."""
    made = detector(20)
    course_of(made).spacing_us = 400.0 * DAY_US
    watch, alarm = made.nominal(course_of(made))
    assert watch == MOST_WATCH
    assert alarm <= watch
    course_of(made).spacing_us = 0.0
    assert made.nominal(course_of(made))[0] == pytest.approx(0.3 / DAY_US / MONTH_DAYS)


@pytest.mark.parametrize(
    ("chance", "level"), [(0.3 / MONTH_DAYS, Level.WATCH), (0.03 / MONTH_DAYS, Level.ALARM), (0.011, Level.NOTHING)]
)
def test_levels_by_hand_for_daily_samples(chance: float, level: Level) -> None:
    """A watch at one in a hundred and one, an alarm at one in a thousand and fifteen."""
    made = detector(20)
    course_of(made).spacing_us = float(DAY_US)
    assert made._level(course_of(made), chance * (1 - 1e-9)) is level


def test_the_common_tail_is_reckoned_now_and_then() -> None:
    """After so many judged samples of all samplers together, not before."""
    made = detector(14 + POOL_EVERY - 1)
    start = made.pool
    made.take(sample(205.1, day=200))
    assert made.pool is not start


def test_a_detector_pickles_small() -> None:
    """A year of one sampler in under a tenth of a megabyte, and it stays within its stores."""
    made = detector(200)
    assert len(pickle.dumps(made)) < 110_000
    assert course_of(made).calibration.scores.shape == (KEPT,)


def test_nothing_in_the_air_for_half_a_year_and_then_one() -> None:
    """All zeros: no number breaks; a load of fifty after them is seen at once."""
    made = Detector(config=Config())
    made.learn(samplers(1))
    judged = [made.take(sample(0.0, day=day)) for day in range(180)]
    assert {one.fault for one in judged} == {Fault.NONE}
    assert {one.level for one in judged} == {Level.NOTHING}
    assert made.take(sample(50.0, day=180)).level is Level.ALARM


@settings(max_examples=12)
@given(
    some.lists(
        some.one_of(some.floats(0, 1e5), some.sampled_from([math.nan, math.inf, -1.0, 0.0, 1e300, 1e-300])),
        min_size=15,
        max_size=30,
    ),
    some.floats(0.001, 40.0),
)
def test_no_life_breaks_a_detector(loads: list[float], apart: float) -> None:
    """Whatever comes, chances are chances, and what is expected lies in its band."""
    made = Detector(config=Config(learning_samples=7))
    made.learn(samplers(1))
    for number, load in enumerate(loads):
        one = made.take(sample(load, day=number * apart))
        assert math.isnan(one.chance) or 0.0 <= one.chance <= 1.0
        assert math.isnan(one.expected) or one.low <= one.expected <= one.high
        assert 1.0 <= one.one_in <= 1e9 + 1


def test_surprise_by_hand() -> None:
    """Half is ln 2, one in a hundred at 2.326 is ln 100; it never falls."""
    assert surprise(0.0) == pytest.approx(math.log(2))
    assert surprise(2.3263) == pytest.approx(math.log(100), abs=1e-3)
    assert surprise(-9.0) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("hours", [0, 5, 12])
def test_the_course_s_clock_is_the_city_s(hours: int) -> None:
    """In New York five hours behind in January, in Auckland thirteen ahead."""
    at = NOW_US + hours * HOUR_US
    assert Course(zone=ZoneInfo("America/New_York"))._local(at) == at - 5 * HOUR_US
    assert Course(zone=ZoneInfo("Pacific/Auckland"))._local(at) == at + 13 * HOUR_US


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, "", None, [1]])
@pytest.mark.parametrize("name", ["watch_per_month", "baseline_days", "hold_off_s"])
def test_a_setting_that_is_no_number_in_range_names_its_range(name: str, value: Setting) -> None:
    """And says what to do."""
    with pytest.raises(Misconfigured, match=name) as refused:
        from_settings({name: value})
    assert ".." in str(refused.value.limit)
    assert refused.value.remedy


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "/etc/localtime", "Europe", "UTC+1"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    """Also where it would be a path."""
    with pytest.raises(Misconfigured, match="timezone"):
        from_settings({"timezone": zone})


def test_both_rates_may_be_set_together_and_must_differ() -> None:
    """An alarm is rarer than a watch."""
    assert from_settings({"watch_per_month": 1, "alarm_per_month": 0.5}).alarm_per_month == 0.5
    with pytest.raises(Misconfigured, match="alarm_per_month"):
        from_settings({"watch_per_month": 0.02})


def test_readings_cut_otherwise_into_batches_give_the_same_findings() -> None:
    """All of a day's readings at once, or one by one in any order."""
    whole, parts = Street(2, seed=4), Street(2, seed=4)
    whole.live(60)
    parts.live(60)
    at = whole.at + timedelta(days=1)
    once = whole.tool.observe(batch_of([1, 2], [to_us(at)] * 2, [4_000.0, 200.0]), at=at)
    twice = [
        finding
        for identity, load in ((2, 200.0), (1, 4_000.0))
        for finding in parts.tool.observe(batch_of([identity], [to_us(at)], [load]), at=at)
    ]
    assert list(once) == twice
    assert len(once) == 1


def test_nothing_comes_of_nothing() -> None:
    """An empty batch, readings of unknown datastreams, no samplers at all."""
    tool = Tool.create({}, samplers(1, WHOLE))
    assert tool.observe(empty_batch(), at=START) == []
    assert tool.observe(batch_of([99, -1], [NOW_US] * 2, [1.0, math.nan]), at=START) == []
    assert tool.tick(at=START) == []


def test_a_sampler_withdrawn_in_an_event_ends_it_and_comes_back_with_its_past() -> None:
    """Its event is over at the next tick; declared again, it is judged at once."""
    street = Street(seed=5)
    street.live(60)
    assert len(street.live(1, lambda _, load: 20 * load)) == 1
    declared = street.tool.catalogue
    street.tool.learn(samplers(0))
    [over] = street.tool.tick(at=street.at + timedelta(minutes=1))
    assert over.ended is not None
    street.tool.learn(declared)
    assert not math.isnan(street.tool.detector.take(sample(210.0, day=100)).chance)


def test_the_suite_s_samplers_send_what_they_declare() -> None:
    """Three with seven parts each, whole samples every half hour for six days, the same each time."""
    declared, steps = catalogue(), batches()
    assert len(declared.datastreams) == SAMPLERS * 7
    assert len(steps) == DAYS * 86_400 // SPACING_S
    for batch, at in steps:
        assert sorted(batch.datastream.tolist()) == sorted(declared.datastreams)
        assert (batch.time_us < to_us(at)).all()
    again = batches()
    assert all(np.array_equal(one.result, other.result) for (one, _), (other, _) in zip(steps, again, strict=True))


def test_the_suite_holds_a_release_and_a_blocked_inlet() -> None:
    """Two samplers hold twelve times as much at once; the third draws a third of its air for four hours."""
    steps = batches()
    results = np.array([batch.result for batch, _ in steps]).reshape(len(steps), SAMPLERS, 7)
    day, first, _ = RELEASES[0]
    at = round((day + (first + 1) / 24) * 86_400 / SPACING_S)
    assert (results[at, :2, 0] > 3 * np.median(results[:, :2, 0])).all()
    day, first, last = BLOCKED
    slow = results[:, SAMPLERS - 1, 2] < 2.0
    assert slow.sum() == (last - first) * 3_600 / SPACING_S
    assert np.flatnonzero(slow)[0] == round((day + first / 24) * 86_400 / SPACING_S)


def test_half_of_the_suite_has_both_kinds_of_findings() -> None:
    """An abnormal load and a fault within the first four days."""
    tool = Tool.create({}, catalogue())
    findings = [finding for batch, at in batches()[: 4 * 48] for finding in tool.observe(batch, at=at)]
    assert {one.kind for one in findings} == {Kind.ANOMALY, Kind.FAULT}
    assert all(one.simulated for one in findings)
    assert len({one.key for one in findings}) == len(findings)
