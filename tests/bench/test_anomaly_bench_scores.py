"""The bench beside peers: how each is fed, that none looks ahead, and that its ratios are what they say."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from impetus.bench import anomaly
from impetus.bench.detect import catalogue_of
from impetus.core.observation import to_us
from impetus.generate.sites import SiteDays, make_site


def made_of(flow: list[float], density: list[float] | None = None) -> SiteDays:
    """Return a site of these readings, nothing in them marked."""
    begin = datetime(2026, 1, 5)  # noqa: DTZ001 - site files bear local times without a zone
    return SiteDays(
        time=[begin + timedelta(minutes=15 * row) for row in range(len(flow))],
        flow=np.array(flow),
        density=np.array(density or [1.0] * len(flow)),
        share=np.zeros(len(flow)),
    )


def first(site: SiteDays, readings: int) -> SiteDays:
    """Return the first readings of a site."""
    return SiteDays(
        time=site.time[:readings],
        flow=site.flow[:readings],
        density=site.density[:readings],
        share=site.share[:readings],
    )


@pytest.fixture(scope="module")
def site() -> SiteDays:
    """Return a short made-up site."""
    return make_site(seed=2, number=1, weeks=2)


def test_local_times_are_taken_as_universal_and_a_quarter_apart() -> None:
    """The files bear no zone; the distance between readings is what counts."""
    times = anomaly._times(made_of([1.0, 2.0, 3.0]))
    assert int(times[0]) == to_us(datetime(2026, 1, 5, tzinfo=UTC))
    assert np.diff(times).tolist() == [900_000_000] * 2


def test_features_are_shares_of_the_largest_of_the_first_week_alone() -> None:
    """A later jam of twice that is two, not one: the rest of the file is not known beforehand."""
    week = anomaly.WARM_UP
    features = anomaly._features(made_of([50.0] * week + [100.0], [4.0] * week + [2.0]))
    assert features[0].tolist() == [1.0, 1.0]
    assert features[-1].tolist() == [2.0, 0.5]


def test_a_dead_loop_has_features_all_the_same() -> None:
    """A week of zeros divides by next to nothing and not by nothing."""
    features = anomaly._features(made_of([0.0] * anomaly.WARM_UP))
    assert np.isfinite(features).all()
    assert not features[:, 0].any()


@pytest.mark.slow
def test_ours_looks_only_back(site: SiteDays) -> None:
    """The scores of the first days are the same when nothing comes after."""
    readings = anomaly.WARM_UP + 40
    whole, part = (anomaly.ours_on(each) for each in (first(site, readings + 60), first(site, readings)))
    assert np.array_equal(whole[:readings], part)


@pytest.mark.slow
def test_ours_scores_each_moment_by_the_stranger_of_its_two(site: SiteDays) -> None:
    """A surprise is never negative, and a road that stands still after a calm week is one."""
    readings = anomaly.WARM_UP + 64
    calm = first(site, readings)
    flow, density = calm.flow.copy(), calm.density.copy()
    flow[-4:], density[-4:] = 0.0, 400.0
    scores = anomaly.ours_on(SiteDays(time=calm.time, flow=flow, density=density, share=calm.share))
    assert len(scores) == readings
    assert (scores >= 0).all()
    assert scores[-4:].max() > np.quantile(scores[anomaly.WARM_UP : -4], 0.9)


def test_a_score_that_is_not_a_number_ranks_last(site: SiteDays) -> None:
    """One that is silent but for the marked is as good as one that knows."""
    shy = anomaly.judged(site, lambda each: np.where(each.share >= anomaly.POSITIVE, 1.0, np.nan))
    assert shy["ap"] == 1.0


def test_the_warm_up_is_not_judged(site: SiteDays) -> None:
    """Whatever is said in the first week changes no figure."""

    def shouting(each: SiteDays) -> np.ndarray:
        scores = each.share.copy()
        scores[: anomaly.WARM_UP] = 1e9
        return scores

    assert anomaly.judged(site, shouting)["ap"] == 1.0


def test_a_ranking_the_wrong_way_round_is_worse_than_chance(site: SiteDays) -> None:
    """Average precision falls below the share of the marked."""
    wrong = anomaly.judged(site, lambda each: -each.share)
    assert wrong["ap"] < float((site.share[anomaly.WARM_UP :] >= anomaly.POSITIVE).mean())


class CountingTrees:
    """Stands where river's trees stand, and notes in which order it is asked and taught."""

    def __init__(self, **_: object) -> None:
        """Begin with nothing learnt."""
        self.learnt = 0

    def score_one(self, row: dict[str, float]) -> float:
        """Return how many readings were learnt before this one."""
        assert set(row) == {"flow", "density"}
        return float(self.learnt)

    def learn_one(self, _: dict[str, float]) -> None:
        """Learn one."""
        self.learnt += 1


def test_river_is_asked_before_it_is_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The n-th reading is scored by what n - 1 taught."""
    monkeypatch.setattr(anomaly, "import_module", lambda _: SimpleNamespace(HalfSpaceTrees=CountingTrees))
    assert anomaly.river_trees(made_of([1.0, 5.0, 2.0])).tolist() == [0.0, 1.0, 2.0]


class WeekForest:
    """Stands where PyOD's forest stands: scores a reading by how many it was fitted to, and the last of them."""

    fitted: tuple[int, float] = (0, 0.0)

    def __init__(self, **_: object) -> None:
        """Take any setting."""

    def fit(self, rows: np.ndarray) -> "WeekForest":
        """Note what it was fitted to."""
        self.fitted = (len(rows), float(rows[-1, 0]))
        return self

    def decision_function(self, rows: np.ndarray) -> np.ndarray:
        """Return, for each row, the last value fitted to."""
        assert self.fitted[0] == anomaly.WARM_UP
        return np.full(len(rows), self.fitted[1])


def test_pyod_is_fitted_each_day_to_the_week_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day and a half after the warm-up are two fits; the first week has no score."""
    monkeypatch.setattr(anomaly, "import_module", lambda _: SimpleNamespace(IForest=WeekForest))
    week, day = anomaly.WARM_UP, anomaly.A_DAY
    flow = np.arange(1.0, week + day + day // 2 + 1)
    scores = anomaly.pyod_forest(made_of(flow.tolist()))
    assert not scores[:week].any()
    assert set(scores[week : week + day].tolist()) == {1.0}
    assert scores[week + day :] == pytest.approx((week + day) / week)
    assert len(scores) == len(flow)


class LateProfile:
    """Stands where stumpy's incremental profile stands: the distance of a window is its last value, at first unknown."""

    def __init__(self, values: np.ndarray, *, m: int, egress: bool) -> None:
        """Begin with the first week; nothing may be let go."""
        assert not egress
        self.window, self.values = m, values.tolist()

    def update(self, value: float) -> None:
        """Take one more."""
        self.values.append(value)

    @property
    def left_P_(self) -> np.ndarray:  # noqa: N802 - stumpy's own name
        """Return a distance a window, the first infinite as in stumpy."""
        distances = np.array(self.values[self.window - 1 :])
        distances[0] = np.inf
        return distances


def test_stumpys_distance_belongs_to_the_last_reading_of_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said before a window is full, what is unknown is nought, and of two datastreams the larger counts."""
    monkeypatch.setattr(anomaly, "import_module", lambda _: SimpleNamespace(stumpi=LateProfile))
    week = anomaly.WARM_UP
    scores = anomaly.stumpy_profile(made_of([10.0] * week + [30.0, 5.0], [2.0] * week + [1.0, 4.0]))
    assert not scores[: anomaly.WINDOW].any()
    assert scores[anomaly.WINDOW] == 1.0
    assert scores[-2:].tolist() == [3.0, 2.0]


def test_ratios_follow_from_the_figures_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that is there has a rate, an average precision and both ratios, and the figures are plain JSON."""
    for name, value in (("SITE_WEEKS", 2), ("DATASTREAMS", 20), ("TICKS", 4)):
        monkeypatch.setattr(anomaly, name, value)
    monkeypatch.setattr(anomaly, "ours_on", lambda each: each.share)
    monkeypatch.setattr(anomaly, "PEERS", {"numpy.flow": lambda each: each.share / 2.0, "no_such.Thing": None})
    said: list[str] = []
    figures = anomaly.run(said.append)
    theirs = figures["numpy.flow"]
    assert isinstance(theirs, dict)
    assert theirs["times_ap"] == 1.0
    rate = float(str(figures["detector_readings_per_s"])) / theirs["readings_per_s"]
    assert theirs["times_faster"] == pytest.approx(rate, abs=0.06)
    assert figures["peers_absent"] == ["no_such.Thing"]
    assert [line.partition(":")[0] for line in said][-2:] == ["numpy.flow", "no_such.Thing"]
    assert json.loads(json.dumps(figures)) == figures


@pytest.mark.parametrize(("datastreams", "things", "wanted"), [(4, None, 4), (4, 1, 1), (6, 3, 3), (1, None, 1)])
def test_the_catalogue_of_a_bench_has_as_many_things_as_asked(
    datastreams: int, things: int | None, wanted: int
) -> None:
    """Each datastream its own thing, or spread over fewer; datastreams of one thing measure different things."""
    catalogue = catalogue_of(datastreams, things=things)
    declared = list(catalogue.datastreams.values())
    assert [int(each.id) for each in declared] == list(range(1, datastreams + 1))
    assert len({each.thing for each in declared}) == wanted
    assert len({(each.thing, each.observed_property) for each in declared}) == datastreams


def test_no_datastreams_are_an_empty_catalogue() -> None:
    """With nothing declared, the highest id is nought."""
    assert catalogue_of(0).highest_id() == 0
