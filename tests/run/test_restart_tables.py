"""The delays between restarts, worked out by hand, and what holds for any course of failures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.run.restarts import Pace, Restarts

PATIENT = Pace(failures=1000)
COURSES = st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 300)), min_size=1, max_size=40)


def _delays(pace: Pace, course: list[tuple[float, float]]) -> list[float]:
    """Return the delay after each failure of a course of (at, alive for)."""
    restarts = Restarts(pace=pace)
    return [restarts.fail(at_s, alive_s=alive_s) for at_s, alive_s in course]


@pytest.mark.parametrize(
    ("pace", "delays"),
    [
        (Pace(), [0.5, 1.0, 2.0, 4.0, 60.0, 60.0]),
        (replace(Pace(), first_s=2.0, failures=9), [2.0, 4.0, 8.0, 16.0, 30.0, 30.0]),
        (replace(Pace(), most_s=3.0, failures=9), [0.5, 1.0, 2.0, 3.0, 3.0, 3.0]),
        (replace(Pace(), failures=1), [60.0] * 6),
        (replace(Pace(), failures=2, retry_s=5.0), [0.5, 5.0, 5.0, 5.0, 5.0, 5.0]),
        (replace(Pace(), first_s=40.0, failures=9), [30.0] * 6),
    ],
)
def test_the_delays_of_six_quick_failures(pace: Pace, delays: list[float]) -> None:
    """Doubling, its bound, and the last straw, each by itself."""
    assert _delays(pace, [(float(at), 0.5) for at in range(6)]) == delays


@pytest.mark.parametrize(("alive_s", "next_delay_s"), [(59.9, 4.0), (60.0, 0.5), (3600.0, 0.5)])
def test_a_minute_alive_begins_the_delays_anew(alive_s: float, next_delay_s: float) -> None:
    """The limit itself is health; a breath less is not."""
    course = [(0.0, 1.0), (10.0, 1.0), (20.0, 1.0), (100.0, alive_s)]
    assert _delays(PATIENT, course)[-1] == next_delay_s


@pytest.mark.parametrize(("span_s", "is_failed"), [(0.0, True), (300.0, True), (300.1, False)])
def test_five_failures_count_when_the_window_holds_them(span_s: float, is_failed: bool) -> None:  # noqa: FBT001 - a column of the table
    """The first and the fifth at most five minutes apart, both ends included."""
    restarts = Restarts(pace=Pace())
    for number in range(5):
        restarts.fail(1000.0 + span_s * number / 4, alive_s=1.0)
    assert restarts.is_failed is is_failed


def test_a_failed_part_is_no_longer_failed_when_its_failures_are_old() -> None:
    """Tried every minute, a part that fails each time at once stays within the window; one that lasts leaves it."""
    restarts = Restarts(pace=Pace())
    for at in range(5):
        restarts.fail(float(at), alive_s=0.1)
    for retry in range(1, 10):
        restarts.fail(4.0 + 100.0 * retry, alive_s=40.0)
    assert not restarts.is_failed
    assert restarts.total == 14


def test_failing_each_time_it_is_tried_stays_failed() -> None:
    """Once a minute is five in five minutes."""
    restarts = Restarts(pace=Pace())
    for at in range(5):
        restarts.fail(float(at), alive_s=0.1)
    for retry in range(1, 10):
        assert restarts.fail(4.0 + 60.0 * retry, alive_s=0.1) == 60.0
    assert restarts.is_failed


def test_the_first_failure_begins_the_first_episode_however_long_it_lived() -> None:
    """A part that ran for a day and dies is news, as is one that never came up."""
    for alive_s in (0.0, 86_400.0):
        restarts = Restarts(pace=Pace())
        restarts.fail(0.0, alive_s=alive_s)
        assert (restarts.episode, restarts.begins_episode) == (1, True)


def test_a_thousand_failures_cost_no_more_memory_than_their_window() -> None:
    """Only what lies within the window is remembered; the total is a number."""
    restarts = Restarts(pace=Pace())
    for number in range(1000):
        restarts.fail(number * 60.0, alive_s=0.1)
    assert len(restarts.recent_s) == 6
    assert (restarts.total, restarts.in_a_row) == (1000, 1000)


def test_a_part_that_never_stops_failing_never_overflows() -> None:
    """Doubling ends before a float does."""
    restarts = Restarts(pace=replace(PATIENT, most_s=1e300, window_s=1.0))
    assert max(restarts.fail(number * 10.0, alive_s=0.1) for number in range(3000)) == 0.5 * 2.0**30


@given(COURSES)
def test_a_delay_never_shrinks_within_an_episode(course: list[tuple[float, float]]) -> None:
    """Until the part was healthy, or the window moved on, each wait is at least as long as the one before."""
    restarts, at_s, before_s, episode = Restarts(pace=PATIENT), 0.0, 0.0, 0
    for gap_s, alive_s in course:
        at_s += gap_s
        delay_s = restarts.fail(at_s, alive_s=alive_s)
        assert restarts.episode != episode or delay_s >= before_s
        before_s, episode = delay_s, restarts.episode


@given(COURSES)
def test_every_failure_is_counted_and_episodes_are_begun_once_each(course: list[tuple[float, float]]) -> None:
    """As many beginnings as episodes, never more than failures; one more for each that had been healthy."""
    restarts, at_s, begun = Restarts(pace=Pace()), 0.0, 0
    for gap_s, alive_s in course:
        at_s += gap_s
        restarts.fail(at_s, alive_s=alive_s)
        begun += restarts.begins_episode
    healthy = sum(alive_s >= 60.0 for _, alive_s in course[1:])
    assert restarts.total == len(course)
    assert begun == restarts.episode == 1 + healthy


@given(COURSES)
def test_the_same_course_later_gives_the_same_delays(course: list[tuple[float, float]]) -> None:
    """Nothing depends on the hour: only on gaps and lives."""
    whole = [(float(round(gap_s)), alive_s) for gap_s, alive_s in course]
    times = [sum(gap_s for gap_s, _ in whole[: number + 1]) for number in range(len(whole))]
    lives = [alive_s for _, alive_s in whole]
    now = _delays(Pace(), list(zip(times, lives, strict=True)))
    later = _delays(Pace(), [(at_s + 2.0**20, alive_s) for at_s, alive_s in zip(times, lives, strict=True)])
    assert now == later
