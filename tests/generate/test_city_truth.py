"""What happens in a made-up city, and how it shows in the readings."""

from datetime import timedelta

import numpy as np
import pytest

from impetus.core.errors import Malformed
from impetus.core.observation import from_us
from impetus.generate.city_bend import SPIKES, Bender, envelope, spikes_at
from impetus.generate.city_days import Day, Weather, day_of, first_day
from impetus.generate.city_plan import SORTS, plan_city
from impetus.generate.city_truth import FAULTS, HOUR_US, PER_MILLION, REST_US, WARM_UP_WEEKS, Truth, plan_truth

CITY = plan_city(seed=5, streams=400)
TRUTHS = plan_truth(CITY, 6)
WEEKS = 6


def begun(truth: Truth) -> int:
    """Return the day of the city, from 0, on which a happening begins."""
    return (from_us(truth.start_us).date() - first_day(WEEKS)).days


def only(*truths: Truth, pace: int = 300, day: int = 20) -> tuple[Day, Day, np.ndarray, np.ndarray]:
    """Return a day as it would have been, as these happenings bend it, how late it is stamped and what arrives."""
    when = first_day(WEEKS) + timedelta(days=day)
    plain, bent = (day_of(CITY, Weather(city=CITY), when, pace) for _ in range(2))
    Bender(city=CITY, truths=[]).bend(plain)
    late_s, arrives = Bender(city=CITY, truths=list(truths)).bend(bent)
    return plain, bent, late_s, arrives


def noon(kind: str, category: str = "event", *, rows: tuple[int, ...] = (0,), **given: float) -> Truth:
    """Return a happening from nine to twelve on day 20."""
    start = int(day_of(CITY, Weather(city=CITY), first_day(WEEKS) + timedelta(days=20), 300).time_us[0]) + 9 * HOUR_US
    return Truth(
        number=1,
        category=category,
        kind=kind,
        start_us=start,
        onset_us=start,
        end_us=start + 3 * HOUR_US,
        rows=rows,
        signs=(1.0,) * len(rows),
        **given,
    )


def test_every_kind_of_event_and_fault_happens() -> None:
    """Local, regional, gradual, parting datastreams, football, holidays, clocks; and seven faults."""
    kinds = {(truth.category, truth.kind) for truth in TRUTHS}
    assert {("fault", fault) for fault in FAULTS} <= kinds
    events = {kind for kind in PER_MILLION if not kind.startswith("football")}
    assert {("event", kind) for kind in events} <= kinds
    assert {("event", "football_match"), ("expected", "football_match")} <= kinds
    assert {("expected", "holiday"), ("expected", "dst")} <= kinds


def test_nothing_happens_while_the_tool_learns() -> None:
    """The first two weeks are ordinary, and everything ends before the city does."""
    assert all(begun(truth) >= 7 * WARM_UP_WEEKS - 1 for truth in TRUTHS)
    assert all(begun(truth) >= 7 * WARM_UP_WEEKS for truth in TRUTHS if truth.rows)
    assert max(truth.end_us for truth in TRUTHS if truth.rows) < TRUTHS[0].start_us + 5 * 7 * REST_US


def test_two_happenings_at_one_thing_are_a_day_apart() -> None:
    """Of every two that share a thing, one ends well before the other begins; what is told is about one of them."""
    placed = [truth for truth in TRUTHS if truth.rows and truth.kind != "football_match"]
    for place, one in enumerate(placed):
        for other in placed[place + 1 :]:
            if {int(CITY.thing[row]) for row in one.rows} & {int(CITY.thing[row]) for row in other.rows}:
                assert other.start_us > one.end_us or one.start_us > other.end_us


def test_the_truth_follows_from_the_seed() -> None:
    """Equal seeds, equal happenings."""
    assert plan_truth(plan_city(seed=5, streams=400), 6) == TRUTHS
    assert plan_truth(plan_city(seed=6, streams=400), 6) != TRUTHS


def test_a_city_that_has_no_time_for_events_is_refused() -> None:
    """Two weeks are for learning."""
    with pytest.raises(Malformed, match="2 weeks"):
        plan_truth(CITY, 2)


def test_a_local_event_is_as_large_as_it_says() -> None:
    """Five standard deviations at its hours, on its datastream and no other."""
    plain, bent, _, _ = only(noon("local", sd=5.0))
    pushed = (bent.value - plain.value) / plain.sd
    assert pushed[0, 9 * 12 : 12 * 12] == pytest.approx(5.0, abs=0.1)
    assert not pushed[1:].any()
    assert not pushed[0, : 9 * 12].any()


def test_something_that_goes_down_leaves_a_tenth() -> None:
    """Counts do not go below nothing because an event was large."""
    down = noon("local", sd=50.0)
    _, bent, _, _ = only(
        Truth(number=1, category="event", kind="local", start_us=down.start_us, onset_us=down.start_us,
              end_us=down.end_us, sd=50.0, rows=(0,), signs=(-1.0,))
    )  # fmt: skip
    assert (bent.value[0] >= 0).all()


def test_parting_datastreams_are_each_ordinary_and_together_strange() -> None:
    """One goes up and the other down, two and a half deviations each."""
    truth = next(one for one in TRUTHS if one.kind == "correlation_break")
    assert sorted(truth.signs) == [-1.0, 1.0]
    assert CITY.thing[truth.rows[0]] == CITY.thing[truth.rows[1]]
    assert truth.sd == 2.5


def test_a_gradual_event_begins_small_and_counts_from_three_deviations() -> None:
    """Its onset is where it has grown to three standard deviations."""
    truth = next(one for one in TRUTHS if one.kind == "gradual")
    share = envelope(truth, np.array([truth.start_us, truth.onset_us, truth.end_us - 1]))
    assert share[0] == 0.0
    assert share[1] * truth.sd == pytest.approx(3.0, abs=0.15)
    assert share[2] == pytest.approx(1.0, abs=0.02)


def test_people_come_to_a_match_and_leave_it() -> None:
    """Full after half an hour, gone at the end."""
    truth = noon("football_match", sd=6.0)
    at = truth.start_us + np.array([0, HOUR_US // 4, HOUR_US, 3 * HOUR_US - 1])
    assert envelope(truth, at).round(2).tolist() == [0.0, 0.5, 1.0, 0.0]


def test_a_stuck_instrument_repeats_itself_also_after_midnight() -> None:
    """One value for the whole time, the one it had."""
    late = noon("stuck", "fault")
    over = Truth(number=1, category="fault", kind="stuck", start_us=late.start_us, onset_us=late.start_us,
                 end_us=late.start_us + 24 * HOUR_US, rows=(0,), signs=(1.0,))  # fmt: skip
    bender, weather, seen = Bender(city=CITY, truths=[over]), Weather(city=CITY), set()
    for offset in (20, 21):
        day = day_of(CITY, weather, first_day(WEEKS) + timedelta(days=offset), 300)
        bender.bend(day)
        inside = (day.time_us >= over.start_us) & (day.time_us < over.end_us)
        seen |= set(day.value[0, inside].tolist())
    assert len(seen) == 1


def test_an_instrument_that_drops_out_reads_its_lowest_now_and_then() -> None:
    """Most readings are zero, the others are right."""
    plain, bent, _, _ = only(noon("dropout", "fault"))
    span = slice(9 * 12, 12 * 12)
    dropped = bent.value[0, span] == SORTS[int(CITY.sort[0])].lowest
    assert 0.4 < dropped.mean() < 0.95
    assert np.array_equal(bent.value[0, span][~dropped], plain.value[0, span][~dropped])


def test_a_spike_is_one_reading_alone() -> None:
    """Three of them in three hours, far out, calm on both sides."""
    truth = noon("spike", "fault", amount=30.0)
    plain, bent, _, _ = only(truth)
    wild = np.flatnonzero(bent.value[0] != plain.value[0])
    assert len(wild) == SPIKES
    assert (np.diff(wild) > 1).all()
    assert np.array_equal(spikes_at(truth, plain.time_us), wild)


def test_a_unit_is_a_factor_and_a_drift_a_ramp() -> None:
    """A thousand times as much; or a little more every hour."""
    plain, bent, _, _ = only(noon("unit", "fault", amount=1000.0))
    assert bent.value[0, 10 * 12] == pytest.approx(1000.0 * plain.value[0, 10 * 12])
    plain, bent, _, _ = only(noon("drift", "fault", amount=8.0))
    moved = (bent.value - plain.value)[0, 9 * 12 : 12 * 12] / plain.sd[0, 9 * 12 : 12 * 12]
    assert moved[0] == pytest.approx(0.0, abs=0.1)
    assert moved[-1] == pytest.approx(8.0, abs=0.2)


def test_a_wrong_clock_changes_stamps_and_a_missing_link_loses_readings() -> None:
    """Values stay what they are."""
    plain, bent, late_s, _ = only(noon("clock", "fault", amount=3.0))
    assert set(late_s[0, 9 * 12 : 12 * 12].tolist()) == {-10_800}
    assert np.array_equal(plain.value, bent.value)
    _, _, _, arrives = only(noon("missing", "fault"))
    assert not arrives[0, 9 * 12 : 12 * 12].any()
    assert arrives[1:].mean() > 0.99
