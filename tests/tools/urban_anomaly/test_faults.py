"""The signatures of instruments, each worked by hand: 100 is expected, a deviation is 1, a reading comes every five minutes."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Catalogue, Float64s, batch_of, from_us
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.fault_kernels import BLOCK_US, FACTORS
from impetus.tools.urban_anomaly.faults import Fault, Faults, Looked
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.region import Around
from impetus.tools.urban_anomaly.seen import Seen
from tools.urban_anomaly.town_of import BEGIN_US, CADENCE_S, STEP_US, cut, line, noise, seen_of

DAY = 288
HOUR = 12
STUCK, DROPOUT, DRIFT, SPIKE = FaultKind.STUCK, FaultKind.DROPOUT, FaultKind.DRIFT, FaultKind.SPIKE
UNIT, CLOCK, MISSING = FaultKind.UNIT, FaultKind.CLOCK, FaultKind.MISSING


class Bench:
    """Some instruments on a bench that have been calm for a day."""

    def __init__(self, sensors: int = 1, *, moments: int = DAY, declared: Catalogue | None = None) -> None:
        self.sensors = sensors
        self.catalogue = line(sensors) if declared is None else declared
        self.faults = Faults(Config(), self.catalogue, graph_of(self.catalogue, sensors + 1))
        self.now_us = BEGIN_US
        self.silences: list[Fault] = []
        if moments:
            self.feed(noise(moments, sensors))

    def feed(self, z: Float64s, *, expected: float = 100.0, shared: float = 0.0) -> Looked:
        """Take readings `(moments, sensors)` so many deviations from what was expected; `shared` is the fellows' mean."""
        z = z.reshape(-1, self.sensors)
        seen = seen_of(z, expected=expected, since_us=self.now_us)
        self.now_us += len(z) * STEP_US
        return self.look(seen, shared)

    def values(self, *values: float, expected: float = 100.0) -> Looked:
        """Take readings of the one sensor with these values."""
        return self.feed(np.array(values) - expected, expected=expected)

    def look(self, seen: Seen, shared: float = 0.0) -> Looked:
        """Look at readings."""
        count = len(seen)
        around = Around(
            mean=np.full(count, shared),
            count=np.full(count, 8),
            strength=np.zeros((2, count)),
            mark=np.zeros((2, count), dtype=np.int64),
        )
        self.silences = self.faults.silent(seen)
        return self.faults.look(seen, around, seen.time_us // 3_600_000_000 % 24)


def began(looked: Looked) -> list[FaultKind]:
    """Return the faults that began, in order."""
    return [FaultKind(int(code)) for code in looked.began if code]


def over(looked: Looked) -> list[FaultKind]:
    """Return the faults that are over, in order."""
    return [FaultKind(int(code)) for code in looked.over if code]


def suspects(looked: Looked) -> list[FaultKind]:
    """Return what each reading is suspected of."""
    return [FaultKind(int(code)) for code in looked.suspect]


def test_calm_is_no_fault() -> None:
    """Four days of five instruments: nothing begins, nothing is suspected for long."""
    bench = Bench(5, moments=0)
    looked = bench.feed(noise(4 * DAY, 5))
    assert began(looked) == []
    assert np.count_nonzero(looked.suspect) == 0


def test_a_value_that_stands_still_is_stuck_after_half_an_hour() -> None:
    """Six equal readings are no chance for an instrument that always moved; half an hour since the first is the seventh."""
    looked = Bench().values(*[100.5] * 10)
    assert np.flatnonzero(looked.began).tolist() == [6]
    assert began(looked) == [STUCK]
    assert looked.about[6] == 100.5


def test_a_stuck_value_is_suspected_from_its_third_reading() -> None:
    """No event starts on it while it is."""
    assert suspects(Bench().values(100.5, 100.5, 100.5)) == [FaultKind.NONE, FaultKind.NONE, STUCK]


def test_a_stuck_sensor_that_moves_is_over() -> None:
    """And what it said since when is told with the end."""
    bench = Bench()
    since_us = bench.now_us
    bench.values(*[100.5] * 12)
    looked = bench.values(101.0, 99.5)
    assert over(looked) == [STUCK]
    assert looked.since_us[0] == since_us


def test_a_sensor_that_often_stands_still_is_given_three_times_as_long() -> None:
    """Six equal readings came in its past: stuck at eighteen."""
    bench = Bench(moments=0)
    past = noise(DAY, 1)
    past[100:106] = past[100]
    bench.feed(past)
    looked = bench.values(*[100.5] * 35)
    assert np.flatnonzero(looked.began).tolist() == [17]


def test_a_sensor_that_hardly_ever_moves_is_never_stuck() -> None:
    """Standing still is what it does."""
    bench = Bench(moments=0)
    assert began(bench.values(*[100.0] * 600)) == []


def test_three_readings_at_the_bottom_among_ordinary_ones_are_a_dropout() -> None:
    """Nothing, nothing, ordinary, nothing: the third."""
    looked = Bench().values(0.0, 0.0, 100.4, 0.0, 99.8)
    assert np.flatnonzero(looked.began).tolist() == [3]
    assert began(looked) == [DROPOUT]
    assert suspects(looked)[:3] == [DROPOUT] * 3


def test_a_dropout_is_over_after_eight_readings_without_any() -> None:
    """Less might be luck."""
    bench = Bench()
    bench.values(0.0, 0.0, 0.0)
    looked = bench.feed(noise(9, 1))
    assert np.flatnonzero(looked.over).tolist() == [7]


def test_a_sensor_that_is_often_at_the_bottom_does_not_drop_out() -> None:
    """A tenth of its past readings were nothing: an empty street at night."""
    bench = Bench(moments=0)
    past = noise(DAY, 1)
    past[::10] = -100.0
    bench.feed(past)
    assert began(bench.values(0.0, 0.0, 0.0, 0.0)) == []


def test_what_the_neighbours_do_too_is_no_instruments() -> None:
    """Traffic that is stopped everywhere is no dropout, and no unit."""
    assert began(Bench().feed(np.full(6, -100.0), shared=-3.0)) in ([], [STUCK])
    assert UNIT not in began(Bench().feed(noise(10, 1) * 0.1 - 90.0, shared=-3.0))


def test_one_wild_reading_between_calm_ones_is_a_spike() -> None:
    """Told with the calm reading after it, about the wild one."""
    bench = Bench()
    at_us = bench.now_us
    looked = bench.values(140.0, 100.2)
    assert began(looked) == [SPIKE]
    assert (looked.since_us[1], looked.about[1]) == (at_us, 140.0)


@pytest.mark.parametrize("values", [(140.0, 141.0, 100.0), (110.0, 100.0), (140.0, 103.0)])
def test_two_wild_or_one_that_is_not_wild_enough_or_no_calm_is_no_spike(values: tuple[float, ...]) -> None:
    """A spike is exactly one reading beyond twelve deviations, then calm."""
    assert began(Bench().values(*values)) == []


def test_a_sensor_that_spikes_is_told_once_a_week() -> None:
    """The second within the week is left out, the one after it is told."""
    bench = Bench()
    assert began(bench.values(140.0, 100.0)) == [SPIKE]
    assert began(bench.values(140.0, 100.0)) == []
    bench.now_us += 7 * DAY * STEP_US
    bench.values(100.1)
    assert began(bench.values(140.0, 100.0)) == [SPIKE]


@pytest.mark.parametrize("factor", FACTORS.tolist())
def test_readings_that_fit_once_divided_by_a_factor_are_another_unit(factor: float) -> None:
    """Six of them; it is suspected from the first, so no event starts on it."""
    looked = Bench().values(*(factor * (100.0 + noise(8, 1).reshape(-1))))
    assert np.flatnonzero(looked.began).tolist() == [5]
    assert began(looked) == [UNIT]
    assert suspects(looked)[0] is UNIT


def test_an_event_that_crosses_a_factor_is_no_unit() -> None:
    """It goes up to nearly four times and on: it fits once or twice by chance, never six times."""
    looked = Bench().values(*np.linspace(300.0, 500.0, 24))
    assert began(looked) == []


def test_another_unit_is_over_when_readings_jump_back() -> None:
    """At once, with the first ordinary reading."""
    bench = Bench()
    bench.values(*(10.0 * (100.0 + noise(8, 1).reshape(-1))))
    looked = bench.values(100.3, 99.9)
    assert np.flatnonzero(looked.over).tolist() == [0]


def test_after_a_fault_its_sensor_is_suspected_for_a_while() -> None:
    """Six hours: what it taught is being unlearnt."""
    bench = Bench()
    bench.values(*(10.0 * (100.0 + noise(8, 1).reshape(-1))))
    looked = bench.feed(noise(7 * HOUR, 1))
    assert suspects(looked)[1] is UNIT
    assert suspects(looked)[-1] is FaultKind.NONE


def test_a_slow_pull_that_no_fellow_shares_is_a_drift() -> None:
    """Twelve days as usual, then two deviations a day: told within four days."""
    bench = Bench(9, moments=0)
    bench.feed(noise(12 * DAY, 9))
    pull = np.zeros((4 * DAY, 9))
    pull[:, 4] = np.linspace(0.0, 8.0, 4 * DAY)
    looked = bench.feed(noise(4 * DAY, 9, seed=2) + pull)
    assert began(looked) == [DRIFT]
    assert np.flatnonzero(looked.began)[0] % 9 == 4


def test_a_pull_that_all_fellows_share_is_a_season() -> None:
    """Spring is no fault of nine instruments."""
    bench = Bench(9, moments=0)
    bench.feed(noise(12 * DAY, 9))
    pull = np.linspace(0.0, 8.0, 4 * DAY)[:, None]
    assert began(bench.feed(noise(4 * DAY, 9, seed=2) + pull)) == []


def test_an_event_of_hours_is_no_drift() -> None:
    """Up eight deviations within a quarter of a day, and back."""
    bench = Bench(9, moments=0)
    bench.feed(noise(12 * DAY, 9))
    crowd = np.zeros((3 * DAY, 9))
    crowd[DAY : DAY + 6 * HOUR, 4] = np.linspace(0.0, 8.0, 6 * HOUR)
    assert began(bench.feed(noise(3 * DAY, 9, seed=2) + crowd)) == []


def test_a_sensor_that_falls_silent_among_others_is_missing() -> None:
    """Five cadences of nothing: since its last reading, with what it said last."""
    bench = Bench(3)
    last_us = bench.now_us - STEP_US
    quiet = noise(8, 3)
    quiet[:, 1] = np.nan
    bench.feed(quiet)
    assert [(each.datastream, each.kind, each.since_us, each.over) for each in bench.silences] == [
        (2, MISSING, last_us, False)
    ]


def test_a_sensor_that_comes_back_is_over() -> None:
    """With the first reading; and a short silence is nobody's business."""
    bench = Bench(3)
    quiet = noise(8, 3)
    quiet[:, 1] = np.nan
    bench.feed(quiet)
    bench.feed(noise(2, 3))
    assert [(each.datastream, each.over) for each in bench.silences] == [(2, True)]
    short = noise(5, 3)
    short[:3, 0] = np.nan
    bench.feed(short)
    assert bench.silences == []


def test_when_everybody_is_silent_nobody_is_missing() -> None:
    """The platform slept: the city's own time stood still."""
    bench = Bench(3)
    bench.now_us += 10 * DAY * STEP_US
    bench.feed(noise(3, 3))
    assert bench.silences == []


def test_silences_are_the_same_however_readings_are_cut() -> None:
    """A gap within a batch is told as the gap between two batches is: began and over."""
    readings = noise(30, 3)
    readings[5:15, 1] = np.nan
    told = []
    for places in ([], [20, 30, 40, 60]):
        bench = Bench(3)
        found = []
        for part in cut(seen_of(readings, since_us=bench.now_us), places):
            bench.look(part)
            found += [(each.datastream, each.since_us, each.over) for each in bench.silences]
        told.append(found)
    assert told[0] == told[1]
    assert [each[2] for each in told[0]] == [False, True]


class Clocked:
    """One instrument whose readings come in live, each by itself."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.faults = self.bench.faults

    def send(self, count: int, *, late_s: float = 0.0, step_us: int = STEP_US) -> Iterator[tuple[bool, list[Fault]]]:
        """Send readings stamped so many seconds late; yield whether each was believed, and what was told."""
        for _ in range(count):
            self.bench.now_us += step_us
            time_us = self.bench.now_us - int(late_s * 1e6)
            good, told = self.faults.screen(batch_of([1], [time_us], [100.0]), at=from_us(self.bench.now_us))
            yield bool(good[0]), told


def test_readings_that_come_in_steadily_an_hour_off_are_a_wrong_clock() -> None:
    """Told at the third, which is left out already, as all that follow."""
    clocked = Clocked()
    list(clocked.send(5))
    sent = list(clocked.send(6, late_s=3_600.0))
    assert [good for good, _ in sent] == [True, True, False, False, False, False]
    [fault] = [fault for _, told in sent for fault in told]
    assert (fault.kind, fault.value, fault.over) == (CLOCK, 3_600.0, False)


def test_a_clock_that_runs_ahead_is_wrong_too() -> None:
    """Two hours into the future."""
    clocked = Clocked()
    list(clocked.send(5))
    told = [fault for _, faults in clocked.send(4, late_s=-7_200.0) for fault in faults]
    assert [fault.value for fault in told] == [-7_200.0]


def test_a_clock_that_is_right_again_is_over() -> None:
    """After three readings on time; then it is believed."""
    clocked = Clocked()
    list(clocked.send(5))
    list(clocked.send(6, late_s=3_600.0))
    sent = list(clocked.send(4))
    assert [good for good, _ in sent] == [False, False, True, True]
    assert [fault.over for _, told in sent for fault in told] == [True]


def test_what_was_kept_and_is_sent_at_once_is_no_wrong_clock() -> None:
    """A line was down for an hour: twelve readings come in within a second, less and less late."""
    clocked = Clocked()
    list(clocked.send(5))
    told = []
    for place in range(12):
        told += [
            fault for _, faults in clocked.send(1, late_s=3_600.0 - 300.0 * place, step_us=1_000) for fault in faults
        ]
    assert told == []


def test_a_source_that_is_always_late_is_not_wrong() -> None:
    """Half an hour behind is its usual; that is learnt from its first reading."""
    clocked = Clocked()
    assert [told for _, told in clocked.send(10, late_s=1_800.0) if told] == []


@given(
    some.lists(some.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8),
    some.lists(some.integers(-3, 9), min_size=8, max_size=8),
    some.lists(some.floats(), min_size=8, max_size=8),
)
@settings(max_examples=40)
def test_any_times_and_values_come_through_the_screen(times: list[int], ids: list[int], values: list[float]) -> None:
    """Hostile rows cost nothing and raise nothing."""
    count = len(times)
    faults = Faults(Config(), line(3), graph_of(line(3), 4))
    good, _ = faults.screen(batch_of(ids[:count], times, values[:count]), at=from_us(BEGIN_US))
    assert len(good) == count


def test_an_irregular_sensor_is_never_missing_and_has_no_clock() -> None:
    """Nobody knows when it should speak."""
    declared = line(3, cadence_s=0.0)
    bench = Bench(3, declared=declared)
    quiet = noise(50, 3)
    quiet[:, 1] = np.nan
    bench.feed(quiet)
    assert bench.silences == []


def test_what_was_withdrawn_is_not_missed() -> None:
    """A sensor taken out of the catalogue may be silent."""
    bench = Bench(3)
    bench.faults.learn(line(2), graph_of(line(2), 4))
    quiet = noise(20, 3)
    quiet[:, 2] = np.nan
    bench.feed(quiet)
    assert bench.silences == []


def test_the_blocks_of_a_drift_are_quarters_of_a_day() -> None:
    """Seventy-two readings of five minutes."""
    assert BLOCK_US / 1e6 / CADENCE_S == 72
