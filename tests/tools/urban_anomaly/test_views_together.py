"""Datastreams of one thing together: what neither shows alone is seen, causally, once a moment, and fades when it lasts."""

import pickle
from functools import cache

import numpy as np
import pytest

from impetus.core.observation import Batch, Catalogue, empty_batch, from_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector, Scored
from impetus.tools.urban_anomaly.views import View
from impetus.tools.urban_anomaly.views_together import WIDTH, fresh_together
from tools.urban_anomaly.junction import A_DAY, junction, listened, p_by_moment, quarters, readings

DAYS = 10


@cache
def odd_night() -> tuple[Batch, slice]:
    """Return twelve days with, on the last, rush-hour traffic at three in the morning, and which moments those are."""
    time_us, flow, density = quarters(DAYS)
    odd = slice((DAYS - 1) * A_DAY + 12, (DAYS - 1) * A_DAY + 16)
    flow[odd], density[odd] = 300.0, 14.0
    return readings(time_us, flow, density), odd


@cache
def odd_heard() -> tuple[Detector, Scored]:
    """Return a detector that listened to those days, and what it made of them; callers change neither."""
    detector, scored = listened(odd_night()[0])
    assert scored is not None
    return detector, scored


def odd_p() -> np.ndarray:
    """Return the verdict of every moment of those days."""
    return p_by_moment(odd_heard()[1], odd_night()[0])


def test_traffic_of_eight_o_clock_at_three_is_the_rarest_of_all() -> None:
    """No moment of the second week is as rare as those."""
    _, odd = odd_night()
    p = odd_p()
    usual = np.delete(p[7 * A_DAY :], np.arange(odd.start, odd.stop + 2) - 7 * A_DAY)
    assert np.nanmax(p[odd][1:]) < np.nanmin(usual)
    assert np.nanmax(p[odd][1:]) < 1e-4


def test_what_is_only_odd_together_is_seen() -> None:
    """At noon as dense as at eight, with the flow of noon: each has been seen, never both."""
    time_us, flow, density = quarters(DAYS - 2)
    noon = (DAYS - 3) * A_DAY + 48
    density[noon : noon + 3] = 10.0
    batch = readings(time_us, flow, density)
    scored = listened(batch)[1]
    assert scored is not None
    assert np.nanmax(p_by_moment(scored, batch)[noon + 1 : noon + 3]) < 1e-3


def test_the_last_of_a_moment_carries_its_verdict() -> None:
    """Flow, first of each moment, has no verdict once the thing is known; density has it, and says which view carried."""
    scored, odd = odd_heard()[1], odd_night()[1]
    mine = scored.row[np.isin(scored.row, np.arange(2 * odd.start, 2 * odd.stop))]
    p = dict(zip(scored.row.tolist(), scored.p.tolist(), strict=True))
    carried = dict(zip(scored.row.tolist(), scored.carried.tolist(), strict=True))
    assert [p[row] for row in mine.tolist() if row % 2 == 0] == [1.0] * 4
    assert {carried[row] for row in mine.tolist() if row % 2} <= {View.TOGETHER, View.SEASONAL}


def test_where_batches_are_cut_changes_no_verdict() -> None:
    """Pieces say what one piece says, even if a cut parts flow from density."""
    batch, _ = odd_night()
    whole, cuts = odd_heard()[0], 7
    pieces, last = listened(batch, cuts)
    assert last is not None
    part = batch.take(np.array_split(np.arange(len(batch)), cuts)[-1])
    assert np.array_equal(p_by_moment(last, part), odd_p()[-len(p_by_moment(last, part)) :], equal_nan=True)
    assert np.array_equal(whole.together.past, pieces.together.past, equal_nan=True)


def test_cutting_the_stream_short_changes_nothing_said_before() -> None:
    """Any prefix of the days gives the same verdicts: nothing looks ahead."""
    batch, _ = odd_night()
    for moments in (4 * A_DAY + 17,):
        short = batch.take(np.arange(2 * moments))
        scored = listened(short)[1]
        assert scored is not None
        assert np.array_equal(p_by_moment(scored, short), odd_p()[:moments], equal_nan=True)


def test_a_pickled_detector_goes_on_as_if_nothing_had_happened() -> None:
    """What is learnt lies in the snapshot."""
    batch, _ = odd_night()
    first, rest = batch.take(np.arange(2 * 4 * A_DAY)), batch.take(np.arange(2 * 4 * A_DAY, len(batch)))
    detector = pickle.loads(pickle.dumps(listened(first)[0]))  # noqa: S301  # pickled on this line
    scored = detector.take(rest, at=from_us(int(rest.time_us[-1])))
    assert np.array_equal(p_by_moment(scored, rest), odd_p()[4 * A_DAY :], equal_nan=True)


@pytest.mark.slow
def test_a_lasting_change_is_usual_within_a_week_and_the_next_event_is_seen() -> None:
    """Half as dense again from day ten on: strange at first, calm after seven days, and a new queue at night still told."""
    time_us, flow, density = quarters(19)
    density[10 * A_DAY :] *= 1.5
    odd = slice(18 * A_DAY + 12, 18 * A_DAY + 16)
    flow[odd], density[odd] = 300.0, 20.0
    batch = readings(time_us, flow, density)
    scored = listened(batch)[1]
    assert scored is not None
    p = p_by_moment(scored, batch)
    assert np.nanmin(p[10 * A_DAY : 11 * A_DAY]) < 1e-3
    assert np.nanmin(p[17 * A_DAY : 18 * A_DAY]) > 1e-4
    assert np.nanmax(p[odd][1:]) < 1e-4


def test_a_missing_half_gives_no_verdict_of_the_moment() -> None:
    """Without density at a time there is nothing to look at together; the next whole moment is judged again."""
    batch = odd_night()[0].take(np.arange(2 * 4 * A_DAY))
    gone = len(batch) - 3
    scored = listened(batch.take(np.delete(np.arange(len(batch)), gone)))[1]
    assert scored is not None
    kept = dict(zip(scored.row.tolist(), scored.p.tolist(), strict=True))
    assert kept[len(batch) - 4] == 1.0
    assert 0 < kept[len(batch) - 2] < 1


def test_only_things_with_several_datastreams_are_groups() -> None:
    """The lamp stands alone."""
    together = fresh_together()
    together.learn(junction())
    assert together.group_of.tolist() == [-1, 0, 0, -1]
    assert together.members[0].tolist() == [1, 2] + [0] * (WIDTH - 2)


def test_what_another_tool_judges_is_left_to_it() -> None:
    """Without density the loop has one datastream, and is no group."""
    together = fresh_together()
    together.learn(junction(), leaves=frozenset({"density"}))
    assert together.names == []


def test_a_thing_that_is_withdrawn_and_returns_is_still_known() -> None:
    """A catalogue without it, then with it: four weeks of moments are not lost."""
    detector = pickle.loads(pickle.dumps(odd_heard()[0]))  # noqa: S301  # pickled on this line
    known = detector.together.known.copy()
    detector.learn(Catalogue(version=2, datastreams={}))
    assert detector.together.group_of.max() == -1
    detector.learn(junction())
    assert detector.together.known.tolist() == known.tolist()


def test_a_detector_without_datastreams_waits() -> None:
    """Nothing in, nothing out."""
    scored = Detector(Config(), Catalogue()).take(empty_batch(), at=from_us(0))
    assert len(scored.row) == 0
