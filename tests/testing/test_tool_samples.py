"""The input every tool is checked with: ordinary at first, then strange, and hostile in every way we know."""

import math
from datetime import timedelta

import numpy as np
import pytest

from impetus.core.manifest import read_manifest
from impetus.core.observation import to_us
from impetus.testing.tool_samples import (
    CADENCE_S,
    DAYS,
    START,
    STREAMS,
    UNDECLARED,
    by_day,
    hostile_steps,
    joined,
    large_step,
    sample_catalogue,
    sample_steps,
)
from testing.toys import MANIFEST, MANIFEST_TEXT

CATALOGUE = sample_catalogue(MANIFEST)
STEPS = sample_steps(CATALOGUE)


def test_the_sample_is_the_same_in_every_process() -> None:
    """Two runs that are compared must have heard the same."""
    again = sample_steps(sample_catalogue(MANIFEST))
    assert all((one[0].result == other[0].result).all() for one, other in zip(STEPS, again, strict=True))


def test_every_datastream_speaks_every_ten_minutes_for_four_days() -> None:
    """In order, a second before it is handed over."""
    assert len(STEPS) == DAYS * 86_400 // CADENCE_S
    for number, (batch, at) in enumerate(STEPS):
        assert len(batch) == STREAMS
        assert set(batch.time_us.tolist()) == {to_us(START + timedelta(seconds=number * CADENCE_S))}
        assert to_us(at) - int(batch.time_us[0]) == 1_000_000


def test_half_of_the_datastreams_are_strange_at_times_and_only_in_the_end() -> None:
    """Two days to learn from, then readings eight times what they should be."""
    values = np.array([batch.result for batch, _ in STEPS])
    odd, even = values[:, 0::2], values[:, 1::2]
    half = len(STEPS) // 2
    assert odd[half:].max() > 300
    assert odd[:half].max() < 100
    assert even.max() < 100


def test_a_tool_gets_the_properties_it_asks_for() -> None:
    """Those of its manifest, or two usual ones when it wants them all."""
    usual = {stream.observed_property for stream in CATALOGUE.datastreams.values()}
    assert usual == {"people_count", "noise_level"}
    wanting = read_manifest(
        MANIFEST_TEXT.replace('input = "observations"', 'input = "observations"\nproperties = ["x"]')
    )
    assert {stream.observed_property for stream in sample_catalogue(wanting).datastreams.values()} == {"x"}


def test_days_hold_every_reading_once() -> None:
    """A replay hands over by the day what came by the minute."""
    days = by_day(STEPS)
    assert len(days) == DAYS
    assert sum(len(batch) for batch, _ in days) == sum(len(batch) for batch, _ in STEPS)
    whole, at = joined(STEPS)
    assert at == STEPS[-1][1]
    assert whole.result.tolist() == [value for batch, _ in days for value in batch.result.tolist()]


HOSTILE = hostile_steps(STEPS)
AHEAD_US = np.concatenate([batch.time_us.astype(np.float64) - to_us(at) for batch, at in HOSTILE])
EVERYTHING = joined(HOSTILE)[0]


@pytest.mark.parametrize(
    ("kind", "which"),
    [
        ("missing", np.isnan(EVERYTHING.result)),
        ("infinite", np.isinf(EVERYTHING.result)),
        ("tiny", EVERYTHING.result == 5e-324),
        ("huge", EVERYTHING.result == 1e308),
        ("undeclared", EVERYTHING.datastream == UNDECLARED),
        ("numbered as high as it goes", EVERYTHING.datastream == 2**63 - 1),
        ("numbered below nought", EVERYTHING.datastream < 0),
        ("before the epoch", EVERYTHING.time_us < 0),
        ("years ahead", AHEAD_US > 1e14),
        ("late", (AHEAD_US < -1e8) & (AHEAD_US > -1e10)),
    ],
)
def test_hostile_input_holds_each_sort_there_is(kind: str, which: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
    """A sort that is left out is a sort no tool is tried with."""
    assert which.any(), kind


def test_hostile_input_holds_nothing_at_all_and_many_readings_of_one_moment() -> None:
    """An empty batch, and twenty values of one datastream at one time."""
    assert any(len(batch) == 0 for batch, _ in HOSTILE)
    assert any(len(batch) == 20 and len(set(batch.time_us.tolist())) == 1 for batch, _ in HOSTILE)


def test_hostile_input_holds_sound_readings_in_between() -> None:
    """So that a tool which survives by falling silent is found."""
    sound = [batch for batch, _ in HOSTILE if len(batch) == STREAMS and np.isfinite(batch.result).all()]
    assert len(sound) >= 50


@pytest.mark.parametrize("readings", [1, 7, 4_096])
def test_a_large_step_is_many_readings_of_few_datastreams_in_order(readings: int) -> None:
    """The worst a replay can give: long runs of the same datastreams, each newer than all before."""
    batch, at = large_step(CATALOGUE, readings)
    assert len(batch) == readings
    assert set(batch.datastream.tolist()) <= set(CATALOGUE.datastreams)
    assert (np.diff(batch.time_us) > 0).all()
    assert math.isclose(to_us(at) - int(batch.time_us[-1]), 1_000_000)
