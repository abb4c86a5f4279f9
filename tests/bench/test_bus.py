"""The measurement of the bus measures."""

import pytest

from impetus.bench import bus


def test_the_bus_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short run gives every figure, above zero and plausible, and says what it is doing."""
    for name, value in {"ALONE": 20, "TOGETHER": 4, "EACH": 5, "LIVE_S": 0.2}.items():
        monkeypatch.setattr(bus, name, value)
    said: list[str] = []

    figures = bus.run(said.append)

    assert len(said) == 4
    assert all(value > 0 for value in figures.values())
    assert 12_000 < figures["message_bytes"] < 13_000
    assert figures["consumer_core_share"] < 1
