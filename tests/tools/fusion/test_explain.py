"""The sentence that says why, and the probability in it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Misconfigured
from impetus.core.manifest import Senses, read_manifest
from impetus.tools.fusion import config as settings
from impetus.tools.fusion.config import Config, from_settings
from impetus.tools.fusion.explain import chance_of
from impetus.tools.fusion.tool import Tool
from tools.fusion.samples import AT, seeded, seen

METRES = st.floats(0, 1e6)
SECONDS = st.floats(0, 1e6)


def test_the_chance_is_what_a_simulation_finds() -> None:
    """Unrelated alerts thrown on a map twenty thousand times come this close as often as the formula says."""
    config, rng = Config(area_km2=1.0, background_per_hour=60.0), seeded(7)
    distance_m, gap_s = 100.0, 120.0
    side_m, hits, trials = 1_000.0, 0, 20_000
    for _ in range(trials):
        hits += any(
            (rng.uniform(-side_m / 2, side_m / 2) ** 2 + rng.uniform(-side_m / 2, side_m / 2) ** 2) ** 0.5 < distance_m
            for _ in range(_poisson(rng, 60 / 3600 * 2 * gap_s))
        )
    expected = chance_of(config, distance_m=distance_m, gap_s=gap_s, lasted_s=0.0)
    assert hits / trials == pytest.approx(expected, abs=0.01)


def _poisson(rng: random.Random, mean: float) -> int:
    """Count arrivals of a Poisson process in a unit of time."""
    arrivals, elapsed = 0, rng.expovariate(mean)
    while elapsed < 1:
        arrivals += 1
        elapsed += rng.expovariate(mean)
    return arrivals


@given(METRES, METRES, SECONDS, SECONDS)
def test_the_chance_is_a_probability_that_grows_with_distance_and_time(
    near_m: float, far_m: float, soon_s: float, late_s: float
) -> None:
    """Further apart, in space or time, is never less likely by chance; and it is always within 0 and 1."""
    (near_m, far_m), (soon_s, late_s) = sorted((near_m, far_m)), sorted((soon_s, late_s))
    close = chance_of(Config(), distance_m=near_m, gap_s=soon_s, lasted_s=0.0)
    assert 0 < close <= chance_of(Config(), distance_m=far_m, gap_s=late_s, lasted_s=60.0) <= 1


def test_every_setting_has_a_range_and_its_default_lies_in_it() -> None:
    """The ranges name exactly the settings."""
    default = Config()
    assert set(settings.RANGES) == set(Config.__slots__)
    for name, (lowest, highest) in settings.RANGES.items():
        assert lowest <= getattr(default, name) <= highest


def test_settings_are_taken_in_their_types() -> None:
    """Whole numbers are fine where fractions are allowed, not the other way round."""
    assert from_settings({"join_m": 50, "alerts_per_subject_per_hour": 2}) == Config(
        join_m=50.0, alerts_per_subject_per_hour=2
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"join_km": 1},
        {"join_m": 0},
        {"join_m": "far"},
        {"join_s": True},
        {"max_chance": 1.5},
        {"join_m": float("nan")},
        {"alerts_per_subject_per_hour": 2.5},
    ],
)
def test_wrong_settings_are_refused_with_their_range(wrong: dict[str, float]) -> None:
    """An unknown name, a wrong type, a value out of range, NaN: each says what would be right."""
    with pytest.raises(Misconfigured) as refusal:
        Tool.create(wrong)
    assert refusal.value.limit
    assert refusal.value.remedy


def test_the_tool_is_its_pure_parts_and_its_manifest_says_so() -> None:
    """The glue adds nothing: same fingerprint, same answer; and the manifest senses findings."""
    tool = Tool.create({})
    manifest_file = settings.__file__.replace("config.py", "manifest.toml")
    with open(manifest_file, encoding="utf-8") as file:  # noqa: PTH123  # a path as text is what __file__ gives
        manifest = read_manifest(file.read())
    assert manifest.senses is Senses.FINDINGS
    assert tool.join(seen(), [], at=AT).alert.fingerprint == tool.fingerprint(seen())
    assert tool.horizon_s() == 3_600.0
