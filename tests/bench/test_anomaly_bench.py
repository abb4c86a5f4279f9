"""The bench beside river, stumpy and PyOD: what it measures, and that an absent peer is said, not invented."""

import numpy as np
import pytest

from impetus.bench import anomaly
from impetus.generate.sites import SiteDays, make_site


@pytest.fixture(scope="module")
def site() -> SiteDays:
    """Return a short made-up site."""
    return make_site(seed=1, number=0, weeks=2)


def test_a_scorer_is_judged_after_a_week_by_rate_and_rank(site: SiteDays) -> None:
    """One that knows the votes is perfect, one that says nothing is chance."""
    perfect = anomaly.judged(site, lambda each: each.share)
    nothing = anomaly.judged(site, lambda each: np.zeros(len(each.time)))
    assert perfect["ap"] == 1.0
    label = site.share[anomaly.WARM_UP :] >= anomaly.POSITIVE
    assert nothing["ap"] == pytest.approx(float(label.mean()), abs=1e-4)
    assert perfect["readings_per_s"] > 0


def test_the_detector_alone_has_a_rate() -> None:
    """A few ticks of a few datastreams."""
    assert anomaly.core_rate(50, 4) > 0


def test_a_peer_that_is_not_installed_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ratio is made up for it."""
    monkeypatch.setattr(anomaly, "SITE_WEEKS", 2)
    monkeypatch.setattr(anomaly, "DATASTREAMS", 20)
    monkeypatch.setattr(anomaly, "TICKS", 4)
    monkeypatch.setattr(anomaly, "ours_on", lambda each: each.flow)
    monkeypatch.setattr(anomaly, "PEERS", {"no_such_library.Thing": anomaly.river_trees})
    said: list[str] = []
    figures = anomaly.run(said.append)
    assert figures["peers_absent"] == ["no_such_library.Thing"]
    assert "no_such_library.Thing" not in figures
    assert any("not installed" in line for line in said)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(anomaly.PEERS))
def test_each_peer_that_is_installed_scores_every_reading(name: str, site: SiteDays) -> None:
    """Causally, and with numbers."""
    pytest.importorskip(name.partition(".")[0])
    scores = anomaly.PEERS[name](site)
    assert len(scores) == len(site.time)
    assert np.isfinite(scores).all()
    assert scores[anomaly.WARM_UP :].max() > 0
