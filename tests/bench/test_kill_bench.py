"""The kill switch, measured: a tool that will not stop, an endless sender, state and bus down."""

import pytest

from impetus.bench import kill
from impetus.bench.kill import LIMIT_S, TRIALS, percentile


@pytest.mark.parametrize(
    "trials",
    [6, pytest.param(TRIALS, marks=pytest.mark.slow)],
)
def test_the_last_byte_in_and_the_last_output_come_within_two_seconds(
    trials: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the 99th percentile; deaf, spinning and halted in turns, the state locked and the bus's folder gone."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    figures = kill.run(lambda _: None, trials=trials)
    assert figures["trials"] == trials
    assert float(str(figures["last_output_p99_s"])) <= LIMIT_S
    assert float(str(figures["last_byte_in_p99_s"])) <= LIMIT_S


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1.0], 0.99, 1.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), ([float(n) for n in range(1, 201)], 0.99, 198.0)],
)
def test_a_percentile_is_by_nearest_rank(values: list[float], share: float, expected: float) -> None:
    """The 99th of two hundred is the 198th."""
    assert percentile(values, share) == expected
