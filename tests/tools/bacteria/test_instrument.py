"""Samples put together from their parts, and what is wrong with them before anybody asks what is in the air."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Catalogue, batch_of, to_us
from impetus.tools.bacteria.detect import Judged
from impetus.tools.bacteria.faults import ACCEPT_AFTER, CODES, SET_ASIDE, Fault, Health
from impetus.tools.bacteria.instrument import MAX_OPEN, PARTS, Inlet, Sample, samplers_of
from impetus.tools.bacteria.repairs import Repair, Repairs
from tools.bacteria.air import ONLY_LOAD, START, WHOLE, sample, samplers

NOW_US = to_us(START)
MINUTE_US = 60_000_000
SOUND = {"duration_s": 1_500.0, "volume_m3": 3.0, "collector_ml": 15.0, "flag": 0.0}


def inlet(catalogue: Catalogue) -> Inlet:
    """Return an inlet that waits two minutes."""
    made = Inlet(wait_us=2 * MINUTE_US)
    made.learn(catalogue)
    return made


def sent(to: Inlet, ids: Sequence[int], time_us: int, values: Sequence[float]) -> list[Sample]:
    """Let readings of one time come in, a second after it."""
    return to.take(batch_of(ids, [time_us] * len(ids), values), at_us=time_us + 1_000_000)


def test_a_sample_is_whole_when_its_last_part_has_come() -> None:
    """In two messages and out of order, one sample comes of it."""
    made = inlet(samplers(1, WHOLE))
    assert sent(made, [6, 3, 1], NOW_US, [0.0, 3.0, 210.0]) == []
    [whole] = sent(made, [2, 5, 4], NOW_US, [1500.0, 44.0, 15.0])
    assert (whole.concentration, whole.volume_m3, whole.duration_s) == (210.0, 3.0, 1500.0)
    assert whole.missing == ()
    assert math.isnan(whole.limit)


def test_a_sampler_that_declares_only_its_load_is_whole_at_once() -> None:
    """What is not declared is not waited for."""
    [whole] = sent(inlet(samplers(1, ONLY_LOAD)), [1], NOW_US, [210.0])
    assert whole.concentration == 210.0


def test_a_part_that_never_comes_is_waited_for_and_named() -> None:
    """After the waiting time the sample is let go, with what is missing."""
    made = inlet(samplers(1, WHOLE))
    sent(made, [1, 2, 3], NOW_US, [210.0, 1500.0, 3.0])
    assert made.expire(at_us=NOW_US + 2 * MINUTE_US) == []
    [cut] = made.expire(at_us=NOW_US + 2 * MINUTE_US + 1)
    assert cut.missing == ("collector_volume", "quality_flag", "raw_signal")
    assert made.expire(at_us=NOW_US + 9 * MINUTE_US) == []


def test_a_later_whole_sample_lets_the_unfinished_one_before_it_go() -> None:
    """In the order of their times."""
    made = inlet(samplers(1, WHOLE))
    sent(made, [1], NOW_US, [210.0])
    done = sent(made, range(1, 7), NOW_US + MINUTE_US, [220.0, 1500.0, 3.0, 15.0, 44.0, 0.0])
    assert [one.concentration for one in done] == [210.0, 220.0]
    assert len(done[0].missing) == 5


def test_what_comes_late_or_twice_or_from_the_future_is_left_out() -> None:
    """A sample that was judged does not change; a clock that is a year ahead is not believed."""
    made = inlet(samplers(1))
    assert len(sent(made, [1], NOW_US, [210.0])) == 1
    assert sent(made, [1], NOW_US, [900.0]) == []
    assert sent(made, [1], NOW_US - MINUTE_US, [900.0]) == []
    assert made.late == 2
    ahead = batch_of([1], [NOW_US + 365 * 86_400_000_000], [900.0])
    assert made.take(ahead, at_us=NOW_US) == []


def test_what_waits_is_bounded() -> None:
    """A sampler that never finishes a sample holds no more than a handful."""
    made = inlet(samplers(1, WHOLE))
    done = [one for step in range(50) for one in sent(made, [1], NOW_US + step * MINUTE_US, [1.0])]
    assert len(done) == 50 - MAX_OPEN
    assert sum(map(len, made.open.values())) == MAX_OPEN


def test_a_thing_without_a_load_is_no_sampler() -> None:
    """A weather mast with a quality flag is left alone."""
    assert samplers_of(samplers(1, ("quality_flag", "air_volume"))) == {}
    assert set(samplers_of(samplers(2))) == {"city/a1", "city/a2"}


@settings(max_examples=60, deadline=None)
@given(
    some.lists(
        some.tuples(some.integers(-2, 16), some.integers(-(2**62), 2**62), some.floats(allow_nan=True)), max_size=30
    )
)
def test_no_readings_break_the_inlet(readings: list[tuple[int, int, float]]) -> None:
    """Whatever comes, samples come out in order of time, each of a declared sampler."""
    made = inlet(samplers(2, WHOLE))
    ids, times, values = ([one[place] for one in readings] for place in range(3))
    done = made.take(batch_of(ids, times, values), at_us=NOW_US)
    assert [one.time_us for one in done] == sorted(one.time_us for one in done)
    assert {one.thing for one in done} <= {"city/a1", "city/a2"}


def accustomed(*, count: int = 30) -> Health:
    """Return the health of an instrument that sent ordinary samples."""
    health, sampler = Health(), samplers_of(samplers(1, WHOLE))["city/a1"]
    rng = np.random.default_rng(1)
    for day in range(count):
        load = float(rng.gamma(9.0, 20.0))
        assert health.look(sample(load, day=day, raw=load * 3.0 / 15.0, **SOUND), sampler) is Fault.NONE
    return health


def looked(health: Health, load: float, **parts: float) -> Fault:
    """Return what an accustomed health finds wrong with a sample."""
    known = {"raw": load * parts.get("volume_m3", 3.0) / 15.0, **SOUND, **parts}
    return health.look(sample(load, day=90, **known), samplers_of(samplers(1, WHOLE))["city/a1"])


@pytest.mark.parametrize(
    ("load", "parts", "fault"),
    [
        (210.0, {}, Fault.NONE),
        (9_000.0, {}, Fault.NONE),
        (210.0, {"flag": 3.0}, Fault.MAINTENANCE),
        (210.0, {"flag": 2.0}, Fault.FLAGGED),
        (210.0, {"flag": 1.0}, Fault.DOUBTFUL),
        (210.0, {"flag": 7.0}, Fault.DOUBTFUL),
        (math.nan, {}, Fault.MISSING),
        (-3.0, {}, Fault.NEGATIVE),
        (210.0, {"raw": -1.0}, Fault.NEGATIVE),
        (210.0, {"volume_m3": 0.0}, Fault.VOLUME),
        (210.0, {"duration_s": 0.0}, Fault.VOLUME),
        (210.0, {"volume_m3": 1.0}, Fault.BLOCKED),
        (210.0, {"volume_m3": 6.0}, Fault.VOLUME),
        (210.0, {"collector_ml": 2.0}, Fault.VOLUME),
        (1e6, {}, Fault.SATURATED),
        (210.0, {"raw": 65_535.0}, Fault.SATURATED),
        (math.inf, {}, Fault.SATURATED),
        (210.0, {"raw": 28.0}, Fault.CALIBRATION),
    ],
)
def test_each_fault_is_told_from_the_others_and_from_loaded_air(
    load: float, parts: dict[str, float], fault: Fault
) -> None:
    """A load forty times the usual with sound parts is none; each thing an instrument cannot truthfully say is one."""
    assert looked(accustomed(), load, **parts) is fault


def test_a_reader_that_repeats_itself_is_stuck_unless_that_is_its_habit() -> None:
    """Seven equal loads are beyond chance for concentrations; four counts of two are an ordinary week, twenty are not."""
    fine, sampler = accustomed(), samplers_of(samplers(1))["city/a1"]
    assert [fine.look(sample(201.7, day=90 + n), sampler) for n in range(7)][-1] is Fault.STUCK
    rng, counting = np.random.default_rng(2), Health()
    for day in range(100):
        counting.look(sample(float(rng.poisson(2)), day=day), sampler)
    assert Fault.STUCK not in [counting.look(sample(2.0, day=100 + n), sampler) for n in range(4)]
    assert counting.look(sample(2.0, day=120), sampler) is Fault.NONE
    assert [counting.look(sample(2.0, day=130 + n), sampler) for n in range(20)][-1] is Fault.STUCK


def test_a_new_calibration_is_believed_after_a_while() -> None:
    """Eight samples with the new response make it the usual one."""
    health = accustomed()
    said = [looked(health, 200.0 + n, raw=(200.0 + n) * 3.0 / 15.0 / 1.5) for n in range(ACCEPT_AFTER + 2)]
    assert said[0] is Fault.CALIBRATION
    assert said[-1] is Fault.NONE


def test_every_fault_has_the_platform_s_word() -> None:
    """So that screens can show it."""
    assert set(CODES) == set(Fault) - {Fault.NONE}
    assert set(PARTS) >= set(WHOLE)


def through(*faults: Fault) -> list[Repair]:
    """Return what maintenance is told of samples with these faults."""
    repairs = Repairs()
    return [
        repair
        for day, fault in enumerate(faults)
        for repair in repairs.saw(Judged(sample=sample(1.0, day=day), fault=fault))
    ]


def test_a_fault_is_told_once_and_once_when_it_is_over() -> None:
    """However many samples it spoils; it is over after two sound ones."""
    stretch = (Fault.BLOCKED,) * 5
    told = through(*stretch, Fault.NONE, Fault.NONE, Fault.NONE)
    assert [(one.over, one.judged.fault) for one in told] == [(False, Fault.BLOCKED), (True, Fault.BLOCKED)]
    assert len(through(*stretch, Fault.NONE, *stretch)) == 1


def test_another_fault_ends_the_first() -> None:
    """Maintenance reads one fault a sampler at a time."""
    told = through(Fault.BLOCKED, Fault.STUCK)
    assert [(one.over, one.judged.fault) for one in told] == [
        (False, Fault.BLOCKED),
        (True, Fault.BLOCKED),
        (False, Fault.STUCK),
    ]


@pytest.mark.parametrize("fault", sorted(SET_ASIDE))
def test_what_the_instrument_said_itself_is_no_news(fault: Fault) -> None:
    """Maintenance knows of its own maintenance."""
    assert through(fault, fault, fault) == []


def test_one_lost_reading_is_ordinary_and_three_are_a_fault() -> None:
    """A radio link loses one now and then."""
    assert through(Fault.MISSING, Fault.NONE, Fault.MISSING) == []
    assert [one.judged.fault for one in through(*[Fault.MISSING] * 3)] == [Fault.MISSING]
