"""The measurement of the guard: it measures what it says, on few requests."""

import pytest

from impetus.bench import guard
from impetus.core.access import Category
from impetus.ethics.policy import decide


def test_the_mix_is_the_same_each_time_and_half_about_nobody() -> None:
    """Figures of two days can be compared, and some of it is permitted."""
    mix = guard.mix(400)
    assert mix == guard.mix(400)
    assert 200 <= sum(request.category is Category.NONE for request in mix) < 240
    assert any(decide(request).is_permitted for request in mix)
    assert len(set(mix)) == 400


def test_it_returns_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each figure is a positive number; which is the smaller one is for the figures to say, not for a busy machine."""
    monkeypatch.setattr(guard, "REQUESTS", 120)
    monkeypatch.setattr(guard, "LOOKS", 20)
    said: list[str] = []
    figures = guard.run(said.append)
    assert len(said) == 2
    assert all(value > 0 for value in figures.values())
    assert {"remembered_median_us", "decision_median_us", "cedar_median_us"} <= set(figures)
