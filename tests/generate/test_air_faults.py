"""What made-up instruments report: a calm one by hand, each fault by hand, and where faults may fall."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import to_us
from impetus.generate import air_instrument
from impetus.generate.air import AIR_M3, DAY_US, LIQUID_ML, START, WARM_UP_DAYS, Counts
from impetus.generate.air_instrument import COLUMNS, DURATION_S, FAULTS, GAIN, RAW_HIGHEST, Reported, report

ROWS = slice(10, 14)


def counted(samples: int = 1_000, *, count: float = 20.0, outbreak: slice | None = None) -> Counts:
    """Return so many days on which the same was caught, an outbreak where asked."""
    felt = np.zeros(samples)
    if outbreak is not None:
        felt[outbreak] = 6.0
    return Counts(
        time_us=to_us(START) + np.arange(samples, dtype=np.int64) * DAY_US,
        expected=np.full(samples, count),
        count=np.full(samples, count),
        outbreak=felt,
    )


def calm(samples: int = 40, *, count: float = 20.0) -> Reported:
    """Return the reports of an instrument without faults."""
    return report(np.random.default_rng(1), counted(samples, count=count), faults_per_year=0.0)


def broken(kind: str, *, seed: int = 3, rows: slice = ROWS) -> tuple[Reported, Reported]:
    """Return reports without faults, and the same with one fault in some rows."""
    whole, hurt = calm(), calm()
    FAULTS[kind][0](np.random.default_rng(seed), hurt.columns, rows)
    return whole, hurt


def changed(whole: Reported, hurt: Reported) -> dict[str, list[int]]:
    """Return the rows that a fault changed, by column."""
    return {
        name: rows
        for name in COLUMNS
        if (rows := np.flatnonzero(~np.isclose(whole.columns[name], hurt.columns[name], equal_nan=True)).tolist())
    }


def test_a_calm_instrument_reports_every_column_and_no_fault() -> None:
    """Numbers in each, a duration of 25 minutes, a flag of nought."""
    made = calm()
    assert set(made.columns) == set(COLUMNS)
    assert all(len(column) == 40 and np.isfinite(column).all() for column in made.columns.values())
    assert set(made.columns["duration_s"].tolist()) == {DURATION_S}
    assert not made.columns["flag"].any()
    assert made.fault == [""] * 40


def test_a_concentration_is_the_count_over_the_air_whatever_the_liquid_was() -> None:
    """Twenty in some three cubic metres: the raw signal is rounded, so a thousandth is left over."""
    made = calm()
    assert made.columns["value"] == pytest.approx(20.0 / made.columns["volume_m3"], rel=1e-3)
    assert float(made.columns["volume_m3"].mean()) == pytest.approx(AIR_M3, rel=0.02)
    assert float(made.columns["collector_ml"].mean()) == pytest.approx(LIQUID_ML, rel=0.02)


def test_the_raw_signal_is_whole_and_falls_with_more_liquid() -> None:
    """Forty for each of twenty counts in the usual liquid."""
    made = calm()
    raw = made.columns["raw"]
    assert (raw == np.round(raw)).all()
    assert raw == pytest.approx(20.0 * GAIN * LIQUID_ML / made.columns["collector_ml"], abs=0.5)


def test_what_sixteen_bits_do_not_hold_is_cut_off() -> None:
    """A hundred thousand counts are reported as what 65,535 would be: a lower concentration than the true one."""
    made = calm(count=100_000.0)
    assert set(made.columns["raw"].tolist()) == {RAW_HIGHEST}
    assert (made.columns["value"] < 100_000.0 / made.columns["volume_m3"]).all()


def test_nothing_caught_is_zero_and_not_missing() -> None:
    """A zero is a measurement, with a limit of half a count in its air."""
    made = calm(count=0.0)
    assert not made.columns["value"].any()
    assert made.columns["limit"] == pytest.approx(0.5 / made.columns["volume_m3"])


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("blocked", {"value", "volume_m3"}),
        ("saturated", {"value", "raw"}),
        ("stuck", {"value", "raw", "volume_m3", "collector_ml"}),
        ("negative", {"value"}),
        ("volume", {"value", "volume_m3"}),
        ("calibration", {"value"}),
        ("flagged", {"value", "flag"}),
        ("missing", {"value"}),
        ("maintenance", {"value", "flag"}),
    ],
)
def test_a_fault_changes_its_own_columns_in_its_own_rows(kind: str, columns: set[str]) -> None:
    """No row beside it, no column that it has nothing to do with."""
    found = changed(*broken(kind))
    assert set(found) == columns
    assert all(set(rows) <= set(range(ROWS.start, ROWS.stop)) for rows in found.values())
    assert found["value"] == list(range(ROWS.start, ROWS.stop))


def test_every_kind_of_fault_has_a_test_of_its_columns() -> None:
    """A tenth kind would need a line above."""
    assert set(FAULTS) == {
        "blocked", "saturated", "stuck", "negative", "volume", "calibration", "flagged", "missing", "maintenance",
    }  # fmt: skip


def test_a_blocked_inlet_draws_less_and_tells_more() -> None:
    """A tenth to a half of the air; the value is one to six times what it was."""
    for seed in range(10):
        whole, hurt = broken("blocked", seed=seed)
        air = hurt.columns["volume_m3"][ROWS] / whole.columns["volume_m3"][ROWS]
        told = hurt.columns["value"][ROWS] / whole.columns["value"][ROWS]
        assert ((air >= 0.1) & (air <= 0.5)).all()
        assert ((told >= 1.0) & (told <= 6.0)).all()


def test_a_saturated_reader_tells_the_highest_it_can() -> None:
    """65,535 over forty a count over the air."""
    _, hurt = broken("saturated")
    assert set(hurt.columns["raw"][ROWS].tolist()) == {RAW_HIGHEST}
    highest = RAW_HIGHEST / GAIN * hurt.columns["collector_ml"][ROWS] / LIQUID_ML / hurt.columns["volume_m3"][ROWS]
    assert hurt.columns["value"][ROWS] == pytest.approx(highest)


def test_a_stuck_instrument_repeats_the_sample_before() -> None:
    """To the last digit, in everything it measures."""
    whole, hurt = broken("stuck")
    for name in ("value", "raw", "volume_m3", "collector_ml"):
        assert set(hurt.columns[name][ROWS].tolist()) == {float(whole.columns[name][ROWS.start - 1])}


def test_a_negative_value_is_below_zero_by_a_little() -> None:
    """A tenth to five below nothing, which no air holds."""
    _, hurt = broken("negative")
    assert ((hurt.columns["value"][ROWS] <= -0.1) & (hurt.columns["value"][ROWS] >= -5.0)).all()


def test_a_wrong_volume_is_none_or_far_too_much() -> None:
    """Nought, two and a half, or four times."""
    seen = set()
    for seed in range(20):
        whole, hurt = broken("volume", seed=seed)
        ratio = hurt.columns["volume_m3"][ROWS] / whole.columns["volume_m3"][ROWS]
        seen.add(round(float(ratio[0]), 6))
    assert seen == {0.0, 2.5, 4.0}


def test_a_lost_calibration_goes_up_or_down_by_the_same_range() -> None:
    """1.3 to 2.5 times, or that part of it; raw signal and air stay, so it can be seen."""
    told = []
    for seed in range(20):
        whole, hurt = broken("calibration", seed=seed)
        told.append(float(hurt.columns["value"][12] / whole.columns["value"][12]))
    up = [each for each in told if each > 1]
    down = [1 / each for each in told if each < 1]
    assert up
    assert down
    assert all(1.3 <= each <= 2.5 for each in (*up, *down))


@pytest.mark.parametrize(("kind", "flag"), [("flagged", 2.0), ("maintenance", 3.0)])
def test_what_the_instrument_says_of_itself_is_in_the_flag(kind: str, flag: float) -> None:
    """2 is bad, 3 is being worked on."""
    _, hurt = broken(kind)
    assert set(hurt.columns["flag"][ROWS].tolist()) == {flag}
    assert not hurt.columns["flag"][: ROWS.start].any()


def test_a_missing_value_is_not_a_number() -> None:
    """And not nought: nothing was measured."""
    _, hurt = broken("missing")
    assert np.isnan(hurt.columns["value"][ROWS]).all()
    assert np.isfinite(np.delete(hurt.columns["value"], np.arange(10, 14))).all()


def test_faults_last_as_long_as_their_kind_does() -> None:
    """Never shorter or longer than the table says, over many years."""
    rng = np.random.default_rng(9)
    seen = set()
    for _ in range(30):
        for kind, rows in air_instrument._plan(rng, counted(3_650), 6.0):
            shortest, longest = FAULTS[kind][1]
            assert shortest <= rows.stop - rows.start <= longest
            seen.add(kind)
    assert seen == set(FAULTS)


def test_faults_begin_after_the_first_year_and_keep_apart() -> None:
    """A dozen samples between two of them, and none runs over the end."""
    for seed in range(10):
        planned = sorted(
            (rows.start, rows.stop) for _, rows in air_instrument._plan(np.random.default_rng(seed), counted(), 12.0)
        )
        assert planned
        assert planned[0][0] >= WARM_UP_DAYS
        assert planned[-1][1] < 1_000
        assert all(after[0] - before[1] >= 12 for before, after in pairwise(planned))


def test_faults_keep_away_from_outbreaks() -> None:
    """A dozen samples on either side: what is asked to be found is not hidden by an instrument."""
    counts = counted(outbreak=slice(500, 900))
    near = {
        row
        for seed in range(20)
        for _, rows in air_instrument._plan(np.random.default_rng(seed), counts, 24.0)
        for row in range(rows.start, rows.stop)
    }
    assert near
    assert not near & set(range(488, 912))


def test_where_all_is_outbreak_there_is_no_room_for_a_fault() -> None:
    """None is squeezed in."""
    assert air_instrument._plan(np.random.default_rng(0), counted(outbreak=slice(0, 1_000)), 24.0) == []


@pytest.mark.parametrize("samples", [1, 2, 13, 25])
def test_few_samples_bring_no_trouble(samples: int) -> None:
    """One sample is learnt from; a fault that does not fit is left out."""
    made = report(np.random.default_rng(2), counted(samples), faults_per_year=24.0)
    assert len(made.fault) == samples
    assert made.fault[0] == ""


def test_labels_are_where_the_plan_put_them() -> None:
    """Each labelled run has one kind, and there are as many runs as faults were planned."""
    made = report(np.random.default_rng(5), counted(2_000), faults_per_year=10.0)
    starts = [row for row in range(1, 2_000) if made.fault[row] and made.fault[row] != made.fault[row - 1]]
    assert len(starts) > 10
    assert {made.fault[row] for row in starts} <= set(FAULTS)
    bad = np.array([fault in {"flagged", "maintenance"} for fault in made.fault])
    assert np.array_equal(made.columns["flag"] > 0, bad)


@given(seed=some.integers(0, 2**31 - 1), samples=some.integers(1, 500), per_year=some.floats(0.0, 24.0))
@settings(max_examples=25, deadline=None)
def test_reports_are_numbers_but_where_the_value_is_missing(seed: int, samples: int, per_year: float) -> None:
    """Whatever is drawn: one value a sample, NaN only where it is labelled so."""
    made = report(np.random.default_rng(seed), counted(samples), faults_per_year=per_year)
    absent = np.array([fault == "missing" for fault in made.fault])
    assert np.array_equal(np.isnan(made.columns["value"]), absent)
    assert all(np.isfinite(made.columns[name]).all() for name in COLUMNS if name != "value")
    assert all(len(column) == samples for column in made.columns.values())
