"""The plume: Briggs's figures, nothing upwind, and the compiled likelihood that says what the plain one says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.tools.bacteria import plume_kernels
from impetus.tools.bacteria.plume import SPREAD_AT_SOURCE_M, URBAN, Stability, along_wind, dilution, sigmas_m
from impetus.tools.bacteria.plume_kernels import Doubt, Seen, diluted, likelihoods
from tools.bacteria import plainly


@pytest.mark.parametrize(
    ("stability", "side_m", "up_m"),
    [
        (Stability.AB, 0.32 * 2000 / 1.8**0.5, 0.24 * 2000 * 3.0**0.5),
        (Stability.C, 0.22 * 2000 / 1.8**0.5, 0.20 * 2000),
        (Stability.D, 0.16 * 2000 / 1.8**0.5, 0.14 * 2000 / 1.6**0.5),
        (Stability.EF, 0.11 * 2000 / 1.8**0.5, 0.08 * 2000 / 1.3**0.5),
    ],
)
def test_two_kilometres_away_a_plume_is_as_wide_as_briggs_found(
    stability: Stability, side_m: float, up_m: float
) -> None:
    """By hand from the urban table, with the street's width added as a square."""
    side, up = sigmas_m(stability, np.array([2000.0]))
    assert side[0] == pytest.approx(np.hypot(side_m, SPREAD_AT_SOURCE_M))
    assert up[0] == pytest.approx(np.hypot(up_m, SPREAD_AT_SOURCE_M))


def test_what_passes_a_line_across_the_wind_is_what_was_let_out() -> None:
    """Over a plane across the wind, concentration times wind is the source: nothing is lost, the ground gives it back."""
    speed, down = 4.0, 1000.0
    across = np.linspace(-2000, 2000, 4001)
    ground = dilution(Stability.D, np.full_like(across, down), across, speed).sum() * 1.0
    _, up = sigmas_m(Stability.D, np.array([down]))
    upwards = np.sqrt(np.pi / 2) * up[0]
    assert ground * upwards * speed == pytest.approx(1.0, rel=1e-3)


def test_nothing_is_carried_against_the_wind() -> None:
    """A sampler behind the source sees nothing, whatever the class."""
    for stability in Stability:
        assert dilution(stability, np.array([-1.0, 0.0]), np.array([0.0, 0.0]), 3.0).tolist() == [0.0, 0.0]


@given(bearing=st.floats(0, 360), east=st.floats(-5e3, 5e3), north=st.floats(-5e3, 5e3))
def test_turning_wind_and_places_together_changes_nothing(bearing: float, east: float, north: float) -> None:
    """A wind from the west carries east; so turned, every wind is that wind."""
    down, across = along_wind(np.array([east]), np.array([north]), bearing)
    assert np.hypot(down, across)[0] == pytest.approx(np.hypot(east, north), abs=1e-6)
    to = np.radians(bearing + 180.0)
    ahead, _ = along_wind(np.array([np.sin(to)]), np.array([np.cos(to)]), bearing)
    assert ahead[0] == pytest.approx(1.0)


@settings(max_examples=60)
@given(
    stability=st.sampled_from(Stability), down=st.floats(1.0, 2e4), slant=st.floats(-0.4, 0.4), speed=st.floats(0.5, 20)
)
def test_the_compiled_dilution_is_the_plain_one(stability: Stability, down: float, slant: float, speed: float) -> None:
    """Within five deviations; beyond, the compiled one says nothing and the plain one next to nothing."""
    fit, across = URBAN[stability], down * slant
    plain = dilution(stability, np.array([down]), np.array([across]), speed)[0]
    columns = np.array([fit.side, fit.up, fit.bend, fit.power])
    quick = diluted((down, across), (1.0, 0.0), columns, SPREAD_AT_SOURCE_M) / speed
    side, up = sigmas_m(stability, np.array([down]))
    middle = 1.0 / (np.pi * speed * side[0] * up[0])
    assert quick == pytest.approx(plain, rel=1e-9, abs=4e-6 * middle)


def scene(rng: np.random.Generator) -> tuple[Seen, Doubt]:
    """Return a few samples at two times and a few doubts, at random."""
    samples, parts, turns = 7, 2, 5
    offsets = np.radians(np.linspace(-20, 20, turns))
    lasting, passing = rng.uniform(0.1, 1, turns), rng.uniform(0.1, 1, (turns, turns))
    seen = Seen(
        sites=rng.uniform(-2000, 2000, (samples, 2)),
        speed=rng.uniform(1, 6, (samples, parts)),
        from_rad=np.radians(200 + rng.uniform(-30, 30, (samples, parts))),
        measured=rng.uniform(50, 2000, samples),
        background=rng.uniform(100, 300, samples),
        spread=rng.uniform(50, 150, samples),
        slot_from=np.array([0, 4, 7], dtype=np.int64),
    )
    doubt = Doubt(
        offsets_rad=offsets,
        lasting=lasting / lasting.sum(),
        passing=passing / passing.sum(axis=1, keepdims=True),
        fits=np.array([[0.16, 0.14, 0.0003, -0.5], [0.32, 0.24, 0.001, 0.5]]),
        fit_weights=np.array([0.7, 0.3]),
        strengths=np.array([-3.0, -1.5, 0.0, 1.5, 3.0]),
        error=0.5,
        least=15.0,
    )
    return seen, doubt


@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_likelihood_is_the_plain_one(seed: int) -> None:
    """At places the wind comes from; the compiled one reads misfits from a table and tries eleven strengths, not 301."""
    rng = np.random.default_rng(seed)
    seen, doubt = scene(rng)
    places = np.stack([rng.uniform(-3000, 0, 12), rng.uniform(-4000, -1000, 12)], axis=1)
    plain = [plainly.likelihood(place, seen, doubt) for place in places]
    assert likelihoods(places, seen, doubt) == pytest.approx(plain, abs=0.25)


def test_the_tables_begin_where_a_plume_brings_next_to_nothing() -> None:
    """A fiftieth of the background is the first entry, and the last is far above any reader's range."""
    last = plume_kernels.FIRST_RATIO + plume_kernels.RATIO_STEP * (plume_kernels.RATIOS - 1)
    assert np.exp(plume_kernels.FIRST_RATIO) == pytest.approx(0.02)
    assert np.exp(last) > 1e6
