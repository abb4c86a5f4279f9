"""The rows of things looked at together: who is in one, what is kept of a half-hour, what a changed catalogue forgets."""

import numpy as np
import pytest

from impetus.core.ids import ThingKey
from impetus.core.observation import Catalogue, Datastream, Float64s
from impetus.tools.urban_anomaly.seasons import BINS
from impetus.tools.urban_anomaly.views_together import DAYS, ENOUGH, WIDTH, Together, fresh_together
from tools.urban_anomaly.town_of import catalogue_of, sensor

MINUTE_US = 60_000_000
NOON = 24.5


def box(*numbers: int, name: str = "a") -> list[Datastream]:
    """Return datastreams of one thing."""
    return [sensor(number, thing=ThingKey(name), observed_property=f"p{number}") for number in numbers]


def learnt(*catalogues: Catalogue) -> Together:
    """Return what is known after these catalogues, one after the other."""
    together = fresh_together()
    for catalogue in catalogues:
        together.learn(catalogue)
    return together


def keep(together: Together, minute: int, *values: float, position: float = NOON, group: int = 0) -> tuple[float, bool]:
    """Let a thing stand so at a minute, one spread a unit; return how rare that is and whether it was said together."""
    vector: Float64s = np.full((1, WIDTH), np.nan)
    vector[0, : len(values)] = values
    p, told = together.judge(
        np.array([group]),
        np.array([position]),
        np.array([minute * MINUTE_US]),
        vector,
        np.where(np.isnan(vector), np.nan, 1.0),
        np.zeros(1),
    )
    return float(p[0]), bool(told[0])


def test_members_are_the_lowest_ids_of_a_thing_and_no_more_than_six() -> None:
    """Of eight datastreams two are looked at alone."""
    together = learnt(catalogue_of(*box(9, 3, 5, 1, 2, 7, 8, 4)))
    assert together.members.tolist() == [[1, 2, 3, 4, 5, 7]]
    assert [place for place, group in enumerate(together.group_of.tolist()) if group < 0] == [0, 6, 8, 9]
    assert together.past.shape[3] == WIDTH


def test_moments_are_as_wide_as_the_widest_thing() -> None:
    """A thing of four beside one of two: the narrow one keeps what it knew."""
    pair, wide = box(1, 2), box(3, 4, 5, 6, name="b")
    together = learnt(catalogue_of(*pair))
    keep(together, 0, 7.0, 8.0)
    together.learn(catalogue_of(*pair, *wide))
    assert together.past.shape == (2, BINS, DAYS, 4)
    assert together.past[0, 24, 0, :2].tolist() == [7.0, 8.0]
    assert together.names == ["a", "b"]


def test_a_thing_whose_datastreams_changed_is_learnt_anew() -> None:
    """Density in place of speed makes other moments; the other thing forgets nothing."""
    other = box(8, 9, name="b")
    together = learnt(catalogue_of(*box(1, 2), *other))
    keep(together, 0, 7.0, 8.0)
    keep(together, 0, 7.0, 8.0, group=1)
    together.learn(catalogue_of(*box(1, 3), *other))
    assert together.known.tolist() == [0, 1]
    assert (together.when_min[0] < 0).all()
    assert together.members[0, :2].tolist() == [1, 3]


def test_the_same_catalogue_again_changes_nothing() -> None:
    """Nor does one in which only others changed."""
    pair = box(1, 2)
    together = learnt(catalogue_of(*pair))
    keep(together, 0, 7.0, 8.0)
    past = together.past.copy()
    together.learn(catalogue_of(*pair, *box(7, 8, name="c")))
    together.learn(catalogue_of(*pair))
    assert together.known.tolist() == [1, 0]
    assert np.array_equal(together.past[0], past[0], equal_nan=True)
    assert together.group_of[7:].tolist() == [-1, -1]


def test_a_thing_that_is_down_to_one_datastream_is_no_group() -> None:
    """There is nothing to hold it against."""
    together = learnt(catalogue_of(*box(1, 2)), catalogue_of(*box(1)))
    assert together.group_of.tolist() == [-1, -1, -1]


def test_of_a_half_hour_the_first_moment_is_kept() -> None:
    """Five and ten minutes later is the same half-hour; tomorrow is another; so is the next half-hour."""
    together = learnt(catalogue_of(*box(1, 2)))
    for minute, value, position in ((0, 1.0, NOON), (5, 2.0, NOON), (30, 3.0, NOON + 1), (1440, 4.0, NOON)):
        keep(together, minute, value, value, position=position)
    assert together.past[0, 24, :2, 0].tolist() == [1.0, 4.0]
    assert together.past[0, 25, 0, 0] == 3.0
    assert together.known.tolist() == [3]


def test_four_weeks_of_a_half_hour_are_kept_and_the_oldest_makes_room() -> None:
    """Day 28 takes the place of day 0."""
    together = learnt(catalogue_of(*box(1, 2)))
    for day in range(DAYS + 1):
        keep(together, day * 1440, float(day), 0.0)
    assert together.past[0, 24, :, 0].tolist() == [float(DAYS), *map(float, range(1, DAYS))]


def full(together: Together, *, days: int = 3) -> int:
    """Let days alike pass, each half-hour once; return the minute after."""
    rng = np.random.default_rng(2)
    for half_hour in range(days * BINS):
        keep(together, half_hour * 30, *rng.normal(0, 1, 2), position=half_hour % BINS + 0.5)
    return days * BINS * 30


def test_nothing_is_said_before_two_and_a_half_days_of_half_hours_are_known() -> None:
    """Then there is a verdict on every moment."""
    together = learnt(catalogue_of(*box(1, 2)))
    told = [keep(together, step * 30, 0.0, 1.0, position=step % BINS + 0.5)[0] for step in range(ENOUGH + 4)]
    assert np.isnan(told[: ENOUGH - 1]).all()
    assert np.isfinite(told[ENOUGH:]).all()


@pytest.mark.parametrize(("away", "rare"), [(0.0, False), (30.0, True)])
def test_a_moment_far_from_all_that_were_is_rare(away: float, *, rare: bool) -> None:
    """Thirty spreads off, and it is the joint view that says so."""
    together = learnt(catalogue_of(*box(1, 2)))
    now = full(together)
    p, told = keep(together, now, away, -away, position=0.5)
    assert (p < 0.05) is rare
    assert told or not rare


def test_what_goes_on_is_no_past() -> None:
    """Ten odd half-hours in a row do not make the tenth ordinary; the same a day later, after calm, is less rare."""
    together = learnt(catalogue_of(*box(1, 2)))
    now = full(together, days=6)
    odd = [keep(together, now + step * 30, 30.0, -30.0, position=step + 0.5)[0] for step in range(10)]
    assert max(odd) < 0.05
    for step in range(10, BINS):
        keep(together, now + step * 30, 0.0, 0.0, position=step + 0.5)
    assert keep(together, now + BINS * 30, 30.0, -30.0, position=0.5)[0] > odd[0]
