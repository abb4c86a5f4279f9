"""When a failed part starts again: pure, so no time passes."""

from hypothesis import given
from hypothesis import strategies as st

from impetus.run.restarts import Pace, Restarts


def test_the_delay_doubles_up_to_its_bound() -> None:
    """Half a second at first, never more than thirty until the part counts as failed."""
    restarts = Restarts(pace=Pace(failures=100))
    delays = [restarts.fail(float(at), alive_s=1.0) for at in range(9)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_five_failures_in_five_minutes_make_a_part_failed_and_it_is_tried_every_minute() -> None:
    """The fifth is the last straw; hope is not given up."""
    restarts = Restarts(pace=Pace())
    delays = [restarts.fail(float(at), alive_s=1.0) for at in range(5)]
    assert restarts.is_failed
    assert delays[-1] == 60.0


def test_failures_far_apart_do_not_make_a_part_failed() -> None:
    """Only those within the window count."""
    restarts = Restarts(pace=Pace())
    for number in range(20):
        restarts.fail(number * 100.0, alive_s=30.0)
    assert not restarts.is_failed


def test_a_minute_of_health_forgives() -> None:
    """After it the delay starts anew and a new episode begins."""
    restarts = Restarts(pace=Pace())
    for at in range(5):
        restarts.fail(float(at), alive_s=1.0)
    assert restarts.fail(200.0, alive_s=61.0) == 0.5
    assert not restarts.is_failed
    assert (restarts.episode, restarts.begins_episode, restarts.total) == (2, True, 6)


def test_an_episode_begins_with_its_first_failure_only() -> None:
    """So that people are told once, not at each restart."""
    restarts = Restarts(pace=Pace())
    told = []
    for at in range(4):
        restarts.fail(float(at), alive_s=1.0)
        told.append(restarts.begins_episode)
    assert told == [True, False, False, False]


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 200)), max_size=60))
def test_a_delay_is_always_positive_and_bounded(steps: list[tuple[float, float]]) -> None:
    """Whatever happens, a part is tried again within a minute and not at once."""
    restarts, at_s = Restarts(pace=Pace()), 0.0
    for gap_s, alive_s in steps:
        at_s += gap_s
        assert 0.5 <= restarts.fail(at_s, alive_s=alive_s) <= 60.0
