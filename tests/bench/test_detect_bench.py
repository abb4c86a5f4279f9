"""The bench of the detector gives the figures the contract names."""

from impetus.bench import detect


def test_the_detector_bench_gives_rates_and_ratios(monkeypatch: object) -> None:
    """A short run has a positive rate for the tool and each peer, and their ratios."""
    monkeypatch.setattr(detect, "BATCHES", 8)
    said: list[str] = []
    figures = detect.run(said.append)
    assert figures["readings_per_s"] > 0
    assert figures["times_plain_seasonal"] > 0
    assert any("readings/s" in line for line in said)
