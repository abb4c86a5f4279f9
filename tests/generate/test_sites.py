"""Made-up sites of road loops: physics, votes and files."""

from pathlib import Path

import numpy as np
import pytest

from cli.console import Console
from impetus.core.errors import Malformed
from impetus.generate.sites import JAM_PER_KM, Road, _drive, _votes, generate_sites, make_site, usual

ROAD = Road(demand_per_h=1000, capacity_per_h=1200, speed_kmph=60, morning=1, evening=1, happenings=12)


def test_a_free_road_passes_what_comes_at_its_speed() -> None:
    """600 an hour are 150 a quarter, ten to a kilometre at 60 km/h."""
    flow, density = _drive(np.full(4, 600.0), np.full(4, 1200.0), ROAD)
    assert flow.tolist() == [150.0] * 4
    assert density.tolist() == [10.0] * 4


def test_a_queue_lowers_flow_and_raises_density() -> None:
    """Demand of 1,000 against 400: flow is 100 a quarter at first, a tenth less once a queue stands; density grows."""
    flow, density = _drive(np.full(3, 1000.0), np.full(3, 400.0), ROAD)
    assert flow.tolist() == [100.0, 90.0, 90.0]
    assert density[0] == pytest.approx(400 / 60 + 150 / 3)
    assert density[0] < density[1] <= JAM_PER_KM


def test_a_queue_dissolves_when_the_road_is_free_again() -> None:
    """What waited passes first."""
    flow, density = _drive(np.array([1000.0, 1000, 200, 200, 200, 200]), np.array([400.0, 1200, *[1200] * 4]), ROAD)
    assert flow[1] == 270.0
    assert density[-1] == pytest.approx(200 / 60)
    assert flow.sum() == pytest.approx((1000 * 2 + 200 * 4) / 4)


def test_the_usual_is_the_middle_of_days_of_the_same_kind() -> None:
    """Five working days of 1 to 5 have 3, a week-end of 10 and 20 has 15, at every quarter of an hour."""
    week = np.repeat([1.0, 2, 3, 4, 5, 10, 20], 96)
    assert usual(week).tolist() == np.repeat([3.0] * 5 + [15.0] * 2, 96).tolist()


def test_experts_disagree_at_the_border_and_agree_far_from_it() -> None:
    """None marks the usual, all mark what is far, some mark what is between."""
    far = np.zeros(300)
    far[100:110], far[200:210] = 4.0, 30.0
    share = _votes(np.random.default_rng(0), far)
    assert not share[:95].any()
    assert share[202:208].min() == 1.0
    assert 0.1 < share[102:108].mean() < 0.9


@pytest.mark.parametrize("number", range(4))
def test_few_readings_are_anomalies(number: int) -> None:
    """A few in a hundred at half of the votes, as where people label; readings are never negative."""
    site = make_site(seed=9, number=number, weeks=7)
    marked = site.share >= 0.5
    assert 0.002 < marked.mean() < 0.08
    assert (site.flow >= 0).all()
    assert (site.density >= 0).all()


def test_a_rush_hour_queue_that_comes_daily_is_no_anomaly() -> None:
    """What is marked is rare at any hour of the day."""
    site = make_site(seed=9, number=1, weeks=7)
    by_hour = (site.share >= 0.5).reshape(-1, 96).mean(axis=0)
    assert by_hour.max() < 0.3


def test_sites_follow_from_the_seed(tmp_path: Path) -> None:
    """Byte for byte, and another seed is another site."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate_sites(tmp_path / name, seed=seed, sites=1, weeks=2, progress=lambda _: None)
    texts = [(tmp_path / name / "site_00.csv").read_bytes() for name in "abc"]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].startswith(b"timestamp,flow,density,probability\n2026-01-05 00:00,")


@pytest.mark.parametrize(("sites", "weeks", "seed"), [(0, 7, 1), (101, 7, 1), (1, 1, 1), (1, 7, -1)])
def test_sizes_out_of_range_are_refused(sites: int, weeks: int, seed: int, tmp_path: Path) -> None:
    """By name, before anything is written."""
    with pytest.raises(Malformed, match=r"sites|weeks|seed"):
        generate_sites(tmp_path / "never", seed=seed, sites=sites, weeks=weeks, progress=lambda _: None)
    assert not (tmp_path / "never").exists()


def test_the_command_writes_sites(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One file a site, and what was written as one line of JSON."""
    console = Console(monkeypatch=monkeypatch, capture=capsys, home=tmp_path)
    said = console.type("generate", "sites", str(tmp_path / "s"), "--sites", "2", "--weeks", "2", "--json")
    assert said.code == 0
    assert (said.facts["sites"], said.facts["readings"]) == (2, 2 * 14 * 96)
    assert len(list((tmp_path / "s").glob("*.csv"))) == 2
