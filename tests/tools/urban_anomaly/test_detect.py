"""When a datastream starts and ends an event, one rule a test, in robust deviations from a known expectation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import Misconfigured
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, Catalogue, batch_of, from_us, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import MAX_DATASTREAMS, SPIKE_AGAIN_US, Detector, Fault, Mark
from tools.urban_anomaly.calm import CADENCE_S, EXPECTED, Calm, primed
from tools.urban_anomaly.street import START, catalogue

NOTHING, STARTED, ENDED = Mark.NOTHING, Mark.STARTED, Mark.ENDED
DAY_S, HOUR_S = 86_400.0, 3_600.0
LONG_SILENCE_S = 21 * CADENCE_S
"""More than twenty cadences: a run or an event does not last over it."""


def test_z_is_the_distance_from_what_is_expected() -> None:
    """The stage of these tests: 100 is expected, a deviation is 1."""
    scored = Calm().feed(0.0, 4.0, -3.0)
    assert scored.z.tolist() == pytest.approx([0.0, 4.0, -3.0], abs=0.05)
    assert scored.expected.tolist() == pytest.approx([EXPECTED] * 3, abs=0.05)


def test_three_strange_readings_in_a_row_start_an_event() -> None:
    """One is a glitch, two may be chance."""
    assert Calm().marks(6, 6, 6, 6) == [NOTHING, NOTHING, STARTED, NOTHING]


def test_two_are_enough_when_they_are_twice_as_far_out() -> None:
    """Beyond ten deviations nobody waits for a third."""
    assert Calm().marks(11, 11) == [NOTHING, STARTED]


def test_below_normal_is_as_strange_as_above() -> None:
    """An empty square is news too."""
    assert Calm().marks(-6, -6, -6)[-1] is STARTED


def test_a_start_says_how_rare_it_was_and_nothing_else_does() -> None:
    """One in a hundred thousand readings and one: nothing of that size was seen before."""
    scored = Calm().feed(6, 6, 6, 6)
    assert scored.one_in.tolist() == pytest.approx([0, 0, 1e5 + 1, 0], rel=1e-3)


@pytest.mark.parametrize("between", [0.0, 2.4, -6.0, -3.0])
def test_a_run_ends_with_calm_or_on_the_other_side(between: float) -> None:
    """Two above, one normal or below, two above: no three in a row."""
    assert Calm().marks(6, 6, between, 6, 6) == [NOTHING] * 5


def test_a_half_strange_reading_neither_counts_nor_ends_a_run() -> None:
    """Three deviations are neither calm nor strange: the fourth strange-looking reading is the third strange one."""
    assert Calm().marks(6, 6, 3, 3, 6) == [NOTHING] * 4 + [STARTED]


def test_a_run_does_not_last_over_a_silence() -> None:
    """After twenty cadences of nothing, what was strange before is another story."""
    calm = Calm()
    calm.marks(6, 6)
    calm.wait(LONG_SILENCE_S)
    assert calm.marks(6, 6) == [NOTHING, NOTHING]
    assert calm.marks(6) == [STARTED]


def test_an_event_ends_after_five_calm_readings() -> None:
    """Calm must last; a reading that is not calm begins the count anew."""
    calm = Calm()
    calm.marks(6, 6, 6)
    assert calm.marks(0, 0, 0, 0, 3, 0, 0, 0, 0, 0) == [NOTHING] * 9 + [ENDED]


def test_an_event_ends_with_the_first_reading_after_a_long_silence() -> None:
    """What was not seen is not said to have lasted."""
    calm = Calm()
    calm.marks(6, 6, 6)
    calm.wait(LONG_SILENCE_S)
    assert calm.marks(6) == [ENDED]


def over(calm: Calm) -> Calm:
    """Let an event of six deviations begin and be over."""
    assert calm.marks(6, 6, 6)[-1] is STARTED
    assert calm.marks(0, 0, 0, 0, 0)[-1] is ENDED
    return calm


def test_more_of_the_same_within_the_hold_off_is_the_same_event() -> None:
    """Six hours after an event of six deviations, seven are no news."""
    calm = over(Calm())
    assert calm.marks(7, 7, 7, 7) == [NOTHING] * 4


def test_something_clearly_bigger_is_news_within_the_hold_off() -> None:
    """One and a half times the last peak: more than nine."""
    assert over(Calm()).marks(9.5, 9.5, 9.5)[-1] is STARTED


def test_after_the_hold_off_the_same_is_news_again() -> None:
    """Six hours and a minute later."""
    calm = over(Calm())
    calm.wait(6 * HOUR_S + 60)
    assert calm.marks(6, 6, 6)[-1] is STARTED


def test_what_a_sensor_often_does_is_no_news() -> None:
    """A hundred readings of six deviations in fifty days are two a day: above the bar of one, below a bar of three."""
    assert often(Calm()).marks(6, 6, 6, 6) == [NOTHING] * 4
    assert often(Calm(exceedances_per_day=3.0)).marks(6, 6, 6)[-1] is STARTED


def often(calm: Calm) -> Calm:
    """Give the sensor a past of two such readings a day."""
    calm.detector.columns.sizes[12, 1] = 100.0
    return calm


def test_a_young_sensor_is_not_silenced_by_its_own_run() -> None:
    """With a quarter of a day of past, three readings of one run would be more than two a day, each against the others."""
    calm = Calm()
    calm.detector.columns.days[1] = 0.25
    assert calm.marks(6, 6, 6)[-1] is STARTED


def test_a_departure_nobody_can_see_in_the_plot_is_no_event() -> None:
    """Spread of 100, departure of 30: less than half the spread, however many deviations."""
    calm = Calm()
    calm.detector.columns.spread[1] = 100.0
    assert calm.marks(30, 30, 30) == [NOTHING] * 3
    assert calm.marks(55, 55)[-1] is STARTED


def test_a_datastream_that_is_still_learnt_is_not_judged() -> None:
    """In its first day z is told as nothing, whatever comes."""
    calm = Calm()
    calm.detector.columns.first_us[1] = calm.time_us - int((DAY_S - HOUR_S) * 1e6)
    scored = calm.feed(*[50.0] * 30)
    assert set(scored.z.tolist()) == {0.0}
    assert set(scored.mark.tolist()) == {NOTHING}


def test_a_lone_reading_far_out_is_the_instrument() -> None:
    """Told with the calm reading after it, about the one before: when, which value, how far."""
    calm = Calm()
    began_us = calm.time_us + int(CADENCE_S * 1e6)
    scored = calm.feed(0, 20, 0)
    assert scored.fault.tolist() == [Fault.NOTHING, Fault.NOTHING, Fault.SPIKE]
    assert scored.about_us[2] == began_us
    assert (scored.about_value[2], scored.about_z[2]) == pytest.approx((EXPECTED + 20, 20), abs=0.1)


@pytest.mark.parametrize("zs", [(20, 20, 0), (11, 0), (20, 3), (20, 6, 0)])
def test_two_far_out_or_one_not_far_enough_or_no_calm_after_is_no_spike(zs: tuple[float, ...]) -> None:
    """A spike is exactly one reading beyond twelve deviations between calm ones."""
    assert Fault.SPIKE not in Calm().faults(0, *zs)


def test_a_spike_before_a_silence_is_not_told() -> None:
    """What came between is not known to have been calm."""
    calm = Calm()
    calm.faults(0, 20)
    calm.wait(LONG_SILENCE_S)
    assert calm.faults(0) == [Fault.NOTHING]


def test_a_sensor_that_spikes_is_told_once_a_week() -> None:
    """A day later nothing more is said, after a week it is."""
    calm = Calm()
    assert Fault.SPIKE in calm.faults(0, 20, 0)
    calm.wait(DAY_S)
    assert Fault.SPIKE not in calm.faults(0, 20, 0)
    calm.wait(SPIKE_AGAIN_US / 1e6)
    assert Fault.SPIKE in calm.faults(0, 20, 0)


def stuck_after(calm: Calm, value: float = 0.5) -> int | None:
    """Return at which equal reading the sensor is called stuck, None within a hundred."""
    faults = calm.faults(*[value] * 100)
    return faults.index(Fault.STUCK) + 1 if Fault.STUCK in faults else None


def test_a_value_that_stands_still_for_half_an_hour_is_stuck() -> None:
    """Thirty equal readings are reached first; half an hour since the first is one reading later."""
    assert stuck_after(Calm()) == 31


def test_a_sensor_that_has_stood_still_before_is_given_three_times_as_long() -> None:
    """Twenty equal readings are usual here: stuck at sixty."""
    calm = Calm()
    calm.detector.columns.longest[1] = 20
    assert stuck_after(calm) == 60


def test_a_sensor_that_seldom_moves_is_not_stuck() -> None:
    """A tenth of its readings differ from the one before: standing still says nothing."""
    calm = Calm()
    calm.detector.columns.moves[1] = 0.1
    assert stuck_after(calm) is None


def test_a_stuck_sensor_is_told_once_and_again_when_it_moves() -> None:
    """The end names the value and when it began."""
    calm = Calm()
    began_us = calm.time_us
    assert calm.faults(*[0.5] * 60).count(Fault.STUCK) == 1
    scored = calm.feed(0.7, 0.8)
    assert scored.fault.tolist() == [Fault.MOVED, Fault.NOTHING]
    assert (scored.about_us[0], scored.about_value[0]) == (began_us, EXPECTED + 0.5)


def test_what_was_stuck_does_not_become_usual() -> None:
    """A hundred equal readings of a broken sensor are not how long it may stand still from now on."""
    calm = Calm()
    calm.faults(*[0.5] * 100)
    calm.faults(0.7)
    assert stuck_after(calm, 0.9) == 31


@pytest.mark.parametrize(
    ("ids", "times", "values"),
    [
        ([2], [0], [1.0]),
        ([0], [0], [1.0]),
        ([-5], [0], [1.0]),
        ([2**62], [0], [1.0]),
        ([1], [601 * 10**6], [1.0]),
        ([1], [-(10**17)], [1.0]),
        ([1], [0], [2e18]),
        ([1], [0], [float("nan")]),
        ([1], [0], [float("-inf")]),
    ],
)
def test_what_cannot_be_used_is_left_out_and_counted(ids: list[int], times: list[int], values: list[float]) -> None:
    """Undeclared, more than ten minutes ahead, before 1970, beyond any instrument, or no number."""
    calm = Calm()
    batch = batch_of(ids, [calm.time_us + time for time in times], values)
    assert len(calm.detector.take(batch, at=from_us(calm.time_us)).row) == 0
    assert calm.detector.ignored == 1
    assert calm.marks(6, 6, 6)[-1] is STARTED


def test_a_reading_not_newer_than_the_newest_is_left_out() -> None:
    """A resend or a straggler neither counts twice nor goes back in time."""
    calm = Calm()
    calm.feed(0, 0)
    again = batch_of([1, 1], [calm.time_us - 60_000_000, calm.time_us - 120_000_000], [200.0, 200.0])
    assert len(calm.detector.take(again, at=from_us(calm.time_us)).row) == 0
    assert calm.detector.ignored == 2


def test_rows_say_which_reading_they_are_about() -> None:
    """Left-out readings leave gaps; what is scored names its row in the batch."""
    calm = Calm()
    batch = batch_of([7, 1, 1], [calm.time_us + 5, calm.time_us + 9, calm.time_us + 3], [1.0, 106.0, 100.0])
    scored = calm.detector.take(batch, at=from_us(calm.time_us))
    assert scored.row.tolist() == [2, 1]
    assert scored.z.tolist() == pytest.approx([0.0, 6.0], abs=0.05)


def test_more_datastreams_than_there_is_room_for_are_refused() -> None:
    """The state is laid out by the highest id: one wild number must not take the machine's memory."""
    stream = catalogue(1).datastreams[DatastreamId(1)]
    with pytest.raises(Misconfigured) as refusal:
        Detector(Config(), Catalogue(version=1, datastreams={DatastreamId(MAX_DATASTREAMS + 1): stream}))
    assert refusal.value.limit == MAX_DATASTREAMS


def test_a_withdrawn_datastream_is_silent_and_not_forgotten() -> None:
    """Declared again, it goes on with what was learnt."""
    calm = Calm()
    calm.detector.learn(Catalogue(version=2))
    assert calm.marks(6, 6, 6) == []
    calm.detector.learn(catalogue(1))
    assert calm.marks(6, 6, 6)[-1] is STARTED


zs = some.lists(some.sampled_from([0.0, 0.5, 3.0, 6.0, 11.0, 20.0, -6.0, -11.0]), min_size=1, max_size=24)


@given(zs, some.integers(0, 24))
@settings(max_examples=25)
def test_where_a_batch_is_cut_does_not_matter(readings: list[float], cut: int) -> None:
    """Reading by reading, in two batches or in one: the same marks, faults and distances."""
    whole = Calm().feed(*readings)
    parts = Calm()
    pieces = [parts.feed(*piece) for piece in (readings[:cut], readings[cut:]) if piece]
    for name in ("z", "mark", "fault", "one_in", "about_us", "expected"):
        assert [value for piece in pieces for value in getattr(piece, name).tolist()] == getattr(whole, name).tolist()


@given(some.permutations(range(12)))
@settings(max_examples=20)
def test_the_order_of_rows_within_a_batch_does_not_matter(order: list[int]) -> None:
    """Two datastreams of six readings each, shuffled: what is said of each is what is said in order."""
    ids, times = [1] * 6 + [2] * 6, [to_us(START) + step * 60_000_000 for step in range(6)] * 2
    values = [EXPECTED + z for z in (0, 6, 6, 6, 0, 0, -6, -6, 0, -6, -6, -6)]
    rows = list(zip(ids, times, values, strict=True))
    assert told_of(rows) == told_of([rows[place] for place in order])


def told_of(rows: list[tuple[int, int, float]]) -> dict[tuple[int, int], tuple[int, float]]:
    """Return mark and z by datastream and time."""
    detector = Detector(Config(), catalogue(2))
    for row in (1, 2):
        primed(detector, row)
    batch: Batch = batch_of([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    scored = detector.take(batch, at=START.replace(hour=1))
    return {
        (int(batch.datastream[row]), int(batch.time_us[row])): (int(mark), float(z))
        for row, mark, z in zip(scored.row, scored.mark, scored.z, strict=True)
    }
