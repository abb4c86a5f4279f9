"""Edges of the instrument: clocks that jump, parts withdrawn, readers that always said the same, faults that change places."""

import math
import pickle
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Catalogue, batch_of, to_us
from impetus.tools.bacteria.detect import Judged
from impetus.tools.bacteria.faults import BLOCKED_BELOW, FULL, KEPT, LEAST, LIQUID, VOLUME_ABOVE, Fault, Health
from impetus.tools.bacteria.instrument import (
    CONCENTRATION,
    FUTURE_US,
    MAX_OPEN,
    PARTS,
    Flag,
    Inlet,
    Sample,
    Sampler,
    samplers_of,
)
from impetus.tools.bacteria.repairs import WELL_AFTER, Repair, Repairs
from tools.bacteria.air import START, WHOLE, sample, samplers

NOW_US = to_us(START)
MINUTE_US = 60_000_000
PAIR = (CONCENTRATION, "air_volume")


def inlet(catalogue: Catalogue) -> Inlet:
    """Return an inlet that waits two minutes."""
    made = Inlet(wait_us=2 * MINUTE_US)
    made.learn(catalogue)
    return made


def only_sampler(parts: tuple[str, ...] = WHOLE) -> Sampler:
    """Return the one sampler with these parts."""
    return samplers_of(samplers(1, parts))["city/a1"]


@pytest.mark.parametrize(("ahead_us", "count"), [(FUTURE_US, 1), (FUTURE_US + 1, 0), (-NOW_US, 1), (-NOW_US - 1, 0)])
def test_a_time_is_believed_up_to_five_minutes_ahead_and_back_to_1970(ahead_us: int, count: int) -> None:
    """And not a microsecond more."""
    assert len(inlet(samplers(1)).take(batch_of([1], [NOW_US + ahead_us], [9.0]), at_us=NOW_US)) == count


def test_a_clock_that_runs_backwards_does_not_fill_the_memory() -> None:
    """Fifty unfinished samples, each older than the one before: the oldest is let go, and what waits stays bounded."""
    made = inlet(samplers(1, WHOLE))
    for step in range(50):
        made.take(batch_of([1], [NOW_US - step * 1_000], [1.0]), at_us=NOW_US)
    assert sum(map(len, made.open.values())) <= MAX_OPEN


def test_a_sample_that_was_let_go_is_not_begun_again() -> None:
    """Its late parts are counted and left out."""
    made = inlet(samplers(1, WHOLE))
    made.take(batch_of([1], [NOW_US], [1.0]), at_us=NOW_US)
    assert len(made.expire(at_us=NOW_US + 3 * MINUTE_US)) == 1
    assert made.take(batch_of([2, 3], [NOW_US] * 2, [1.0, 1.0]), at_us=NOW_US) == []
    assert made.late == 2
    assert made.expire(at_us=NOW_US + 9 * MINUTE_US) == []


def test_the_last_word_of_a_part_counts() -> None:
    """Sent twice before the sample is whole, the second value stands."""
    made = inlet(samplers(1, PAIR))
    made.take(batch_of([2], [NOW_US], [1.0]), at_us=NOW_US)
    made.take(batch_of([2], [NOW_US], [3.0]), at_us=NOW_US)
    [whole] = made.take(batch_of([1], [NOW_US], [210.0]), at_us=NOW_US)
    assert whole.volume_m3 == 3.0


def test_a_part_that_says_nan_has_come() -> None:
    """The sensor said it has no value: the sample is whole and nothing is missing."""
    made = inlet(samplers(1, PAIR))
    [whole] = made.take(batch_of([1, 2], [NOW_US] * 2, [210.0, math.nan]), at_us=NOW_US)
    assert whole.missing == ()
    assert math.isnan(whole.flow_m3_per_s)


def test_samples_of_several_samplers_come_out_by_time_then_by_name() -> None:
    """Whatever the order of the readings."""
    made = inlet(samplers(3))
    times = [NOW_US + MINUTE_US, NOW_US, NOW_US]
    done = made.take(batch_of([1, 3, 2], times, [1.0, 2.0, 3.0]), at_us=NOW_US + MINUTE_US)
    assert [(one.time_us - NOW_US, str(one.thing)) for one in done] == [
        (0, "city/a2"),
        (0, "city/a3"),
        (MINUTE_US, "city/a1"),
    ]


def test_a_withdrawn_part_does_not_stand_in_for_one_that_is_still_to_come() -> None:
    """Of three parts one is withdrawn after it came: two others make the sample whole, one and the withdrawn do not."""
    full = samplers(1, (CONCENTRATION, "air_volume", "raw_signal"))
    made = inlet(full)
    made.take(batch_of([3], [NOW_US], [44.0]), at_us=NOW_US)
    left = {identity: one for identity, one in full.datastreams.items() if one.observed_property != "raw_signal"}
    made.learn(replace(full, datastreams=left))
    assert made.take(batch_of([2], [NOW_US], [3.0]), at_us=NOW_US) == []
    [whole] = made.take(batch_of([1], [NOW_US], [210.0]), at_us=NOW_US)
    assert (whole.concentration, whole.missing) == (210.0, ())


def test_a_withdrawn_sampler_drops_what_waits_and_the_others_keep_theirs() -> None:
    """And its readings are no readings any more."""
    both = samplers(2, PAIR)
    made = inlet(both)
    made.take(batch_of([1, 3], [NOW_US] * 2, [1.0, 2.0]), at_us=NOW_US)
    one = {identity: stream for identity, stream in both.datastreams.items() if stream.thing == "city/a2"}
    made.learn(replace(both, datastreams=one))
    assert set(made.open) == {"city/a2"}
    assert made.take(batch_of([2], [NOW_US], [3.0]), at_us=NOW_US) == []


@settings(max_examples=30)
@given(some.permutations(range(1, 7)), some.lists(some.integers(0, 6), min_size=1, max_size=3))
def test_however_a_sample_is_cut_into_batches_it_is_the_same_sample(order: list[int], cuts: list[int]) -> None:
    """Six parts in any order, in any batches: one sample."""
    made, done = inlet(samplers(1, WHOLE)), []
    edges = sorted({0, 6, *cuts})
    for first, last in pairwise(edges):
        ids = order[first:last]
        done += made.take(batch_of(ids, [NOW_US] * len(ids), [float(one) for one in ids]), at_us=NOW_US)
    [whole] = done
    assert (whole.concentration, whole.duration_s, whole.volume_m3) == (1.0, 2.0, 3.0)
    assert (whole.collector_ml, whole.raw, whole.flag) == (4.0, 5.0, 6.0)


@pytest.mark.parametrize(
    ("concentration", "limit", "is_censored"),
    [(5.0, 8.0, True), (8.0, 8.0, True), (8.1, 8.0, False), (5.0, 0.0, False), (5.0, math.nan, False), (math.nan, 8.0, False)],
)  # fmt: skip
def test_a_sample_is_censored_at_or_below_a_limit_that_is_known(
    concentration: float, limit: float, *, is_censored: bool
) -> None:
    """Without a limit nothing lies below it."""
    assert sample(concentration, limit=limit).is_censored == is_censored


def test_flow_and_response_by_hand() -> None:
    """3 m3 in 1,500 s are .002 m3/s; 200 a m3 of 3 m3 over 50 signals in 15 mL are .8."""
    whole = sample(200.0, duration_s=1500.0, volume_m3=3.0, raw=50.0, collector_ml=15.0)
    assert whole.flow_m3_per_s == pytest.approx(0.002)
    assert whole.response == pytest.approx(0.8)
    assert sample(200.0, raw=50.0).response == pytest.approx(4.0)


@pytest.mark.parametrize("parts", [{"raw": 0.0}, {}, {"raw": 50.0, "concentration": 0.0}, {"raw": -2.0}])
def test_a_response_that_cannot_be_known_is_nan(parts: dict[str, float]) -> None:
    """No signal, or nothing made of it."""
    load = parts.pop("concentration", 200.0)
    assert math.isnan(sample(load, **parts).response)


def test_every_part_fills_a_field_of_a_sample() -> None:
    """And no two the same."""
    assert len(set(PARTS.values())) == len(PARTS)
    assert set(PARTS.values()) <= set(Sample.__slots__)
    assert list(Flag) == [0, 1, 2, 3]


def test_a_reader_that_was_stuck_from_its_first_sample_stays_stuck() -> None:
    """At the twenty-fifth equal load that is beyond chance, and the next ones do not make it sound."""
    health, sampler = Health(), only_sampler((CONCENTRATION,))
    found = [health.look(sample(201.7, day=day), sampler) for day in range(40)]
    assert found == [Fault.NONE] * 24 + [Fault.STUCK] * 16
    assert health.look(sample(188.0, day=50), sampler) is Fault.NONE


def test_air_that_never_held_anything_is_not_a_stuck_reader() -> None:
    """Nothing, day after day from the first on, is what a clean place sends."""
    health, sampler = Health(), only_sampler((CONCENTRATION,))
    assert {health.look(sample(0.0, day=day), sampler) for day in range(300)} == {Fault.NONE}


def test_a_stuck_reader_stays_stuck_however_long() -> None:
    """After fifty ordinary loads, three hundred equal ones: told as stuck from the sixth or so on, to the end."""
    health, sampler = Health(), only_sampler((CONCENTRATION,))
    for day in range(50):
        health.look(sample(200.0 + 1.7 * day, day=day), sampler)
    found = [health.look(sample(777.0, day=100 + day), sampler) for day in range(300)]
    first = found.index(Fault.STUCK)
    assert 3 <= first <= 7
    assert set(found[first:]) == {Fault.STUCK}


def test_samples_below_the_limit_repeat_themselves_honestly() -> None:
    """The limit of detection, told again and again, is no stuck reader."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "detection_limit"))
    assert {health.look(sample(12.0, day=day, limit=12.0), sampler) for day in range(60)} == {Fault.NONE}


@pytest.mark.parametrize(
    ("share", "fault"),
    [
        (BLOCKED_BELOW * 0.999, Fault.BLOCKED),
        (BLOCKED_BELOW * 1.001, Fault.NONE),
        (VOLUME_ABOVE * 0.999, Fault.NONE),
        (VOLUME_ABOVE * 1.001, Fault.VOLUME),
    ],
)
def test_flow_has_a_range_about_what_is_usual(share: float, fault: Fault) -> None:
    """Seven tenths and one and a half, after five samples that say what is usual."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "air_volume", "sample_duration"))
    for day in range(LEAST):
        health.look(sample(200.0 + day, day=day, volume_m3=3.0, duration_s=1500.0), sampler)
    assert health.look(sample(210.0, day=9, volume_m3=3.0 * share, duration_s=1500.0), sampler) is fault


def test_before_five_samples_nothing_is_usual() -> None:
    """A tenth of the flow of four samples is not yet odd."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "air_volume", "sample_duration"))
    for day in range(LEAST - 1):
        health.look(sample(200.0 + day, day=day, volume_m3=3.0, duration_s=1500.0), sampler)
    assert health.look(sample(210.0, day=9, volume_m3=0.3, duration_s=1500.0), sampler) is Fault.NONE


def test_a_longer_sample_is_no_other_flow() -> None:
    """Twice the air in twice the time."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "air_volume", "sample_duration"))
    for day in range(10):
        health.look(sample(200.0 + day, day=day, volume_m3=3.0, duration_s=1500.0), sampler)
    assert health.look(sample(210.0, day=20, volume_m3=6.0, duration_s=3000.0), sampler) is Fault.NONE


@pytest.mark.parametrize("share", [LIQUID[0] * 0.99, LIQUID[1] * 1.01])
def test_liquid_has_a_range_and_its_absence_is_none(share: float) -> None:
    """Half and twice of what is usual; a level nobody reported is not wrong."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "collector_volume"))
    for day in range(10):
        health.look(sample(200.0 + day, day=day, collector_ml=15.0), sampler)
    assert health.look(sample(210.0, day=20, collector_ml=15.0 * share), sampler) is Fault.VOLUME
    assert health.look(sample(211.0, day=21, collector_ml=math.nan), sampler) is Fault.NONE


@pytest.mark.parametrize(
    ("share", "fault"), [(FULL * 0.999, Fault.NONE), (FULL, Fault.SATURATED), (1.2, Fault.SATURATED)]
)
def test_the_end_of_a_reader_s_range_is_what_it_declares(share: float, fault: Fault) -> None:
    """Of the concentration's own range, from 99.5 in a hundred on."""
    assert Health().look(sample(1e6 * share), only_sampler((CONCENTRATION,))) is fault


def test_a_fault_teaches_the_instrument_nothing() -> None:
    """Forty blocked samples do not make little air usual."""
    health, sampler = Health(), only_sampler((CONCENTRATION, "air_volume", "sample_duration"))
    for day in range(10):
        health.look(sample(200.0 + day, day=day, volume_m3=3.0, duration_s=1500.0), sampler)
    found = {
        health.look(sample(200.0 + day, day=20 + day, volume_m3=1.0, duration_s=1500.0), sampler) for day in range(KEPT)
    }
    assert found == {Fault.BLOCKED}
    assert len(health.flows) == 10


def test_the_instrument_s_own_word_comes_before_any_other() -> None:
    """In maintenance, nothing it sends is wrong; called bad, it is not also negative."""
    sampler = only_sampler()
    odd = {"volume_m3": 0.0, "raw": -1.0}
    assert Health().look(sample(-5.0, flag=3.0, **odd), sampler) is Fault.MAINTENANCE
    assert Health().look(sample(-5.0, flag=2.0, **odd), sampler) is Fault.FLAGGED
    assert Health().look(sample(math.nan, flag=2.0), sampler) is Fault.MISSING


def test_health_comes_back_from_a_snapshot() -> None:
    """With its habits."""
    health, sampler = Health(), only_sampler((CONCENTRATION,))
    for day in range(30):
        health.look(sample(200.0 + day, day=day), sampler)
    again = pickle.loads(pickle.dumps(health))  # noqa: S301 - pickled on this very line
    assert again == health


def told(repairs: Repairs, *faults: Fault, sampler: int = 1) -> list[Repair]:
    """Let samples with these faults be seen, and return what maintenance hears."""
    return [
        repair
        for day, fault in enumerate(faults)
        for repair in repairs.saw(Judged(sample=sample(1.0, day=day, sampler=sampler), fault=fault))
    ]


def test_faults_of_two_samplers_are_two() -> None:
    """One getting well does not make the other well."""
    repairs = Repairs()
    told(repairs, Fault.BLOCKED)
    told(repairs, Fault.STUCK, sampler=2)
    assert [one.over for one in told(repairs, *[Fault.NONE] * WELL_AFTER)] == [True]
    assert (repairs.fault_of(sample(1.0).thing), repairs.fault_of(sample(1.0, sampler=2).thing)) == (
        Fault.NONE,
        Fault.STUCK,
    )


def test_a_fault_is_over_with_the_sample_that_shows_it_and_began_with_the_first() -> None:
    """The end bears the fault's own name and the time of its first sample."""
    [began, over] = told(Repairs(), Fault.BLOCKED, Fault.BLOCKED, Fault.NONE, Fault.NONE)
    assert (began.began_us, over.began_us) == (NOW_US, NOW_US)
    assert over.judged.sample.time_us == NOW_US + 3 * 86_400_000_000
    assert over.judged.fault is Fault.BLOCKED


@pytest.mark.parametrize(
    ("faults", "count"),
    [
        ((Fault.FLAGGED, Fault.NONE, Fault.FLAGGED), 0),
        ((Fault.FLAGGED, Fault.FLAGGED), 1),
        ((Fault.MISSING, Fault.FLAGGED, Fault.MISSING, Fault.FLAGGED), 0),
        ((Fault.MISSING, Fault.MAINTENANCE, Fault.MISSING, Fault.MISSING), 0),
        ((Fault.BLOCKED, Fault.DOUBTFUL, Fault.BLOCKED), 1),
        ((Fault.BLOCKED, Fault.NONE, Fault.DOUBTFUL, Fault.NONE), 2),
    ],
)
def test_what_is_ordinary_alone_must_come_in_a_row(faults: tuple[Fault, ...], count: int) -> None:
    """Two flagged, three lost; a doubtful sample neither tells a fault nor ends one."""
    assert len(told(Repairs(), *faults)) == count


@settings(max_examples=40)
@given(some.lists(some.sampled_from(sorted(Fault)), max_size=40))
def test_every_fault_told_is_over_before_the_next_is_told(faults: list[Fault]) -> None:
    """One at a time, each end after its beginning, with the fault it began with."""
    running: Fault | None = None
    for repair in told(Repairs(), *faults):
        assert repair.over == (running is not None)
        assert running in (None, repair.judged.fault)
        running = None if repair.over else repair.judged.fault
