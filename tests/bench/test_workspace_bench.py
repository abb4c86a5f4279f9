"""The benches of the workspace and of the fan-out measure what they say, on few lines and few streams."""

import json

import pytest

from impetus.bench import fan_out, workspace


def test_delays_are_counted_over_every_screen_and_losses_told() -> None:
    """Two changes, two screens, worked by hand: 2, 2 and 4 ms, one that never came."""
    found = fan_out.figures([0, 10_000_000], [[2_000_000, 12_000_000], [4_000_000, 0]], 2)
    assert (found["streams"], found["changes"], found["lost"]) == (2, 2, 1)
    assert (found["p50_ms"], found["max_ms"], found["last_screen_p50_ms"]) == (2.0, 4.0, 3.0)


@pytest.mark.slow
@pytest.mark.real
def test_the_workspace_is_asked_for_and_timed() -> None:
    """A real web process, both homes filled, every page asked for; the figures can be written as JSON."""
    said: list[str] = []
    found = json.loads(json.dumps(workspace.run(said.append, lines=120, rounds=3)))
    assert found["lines"] == 120
    assert found["open_p95_ms"] == found["at_many"]["open"]["p95_ms"] > 0
    assert set(found["at_few"]) == set(found["at_many"]) == {"open", "live part", "older lines"}
    assert any("120 lines" in line for line in said)


@pytest.mark.slow
@pytest.mark.real
def test_a_change_reaches_every_stream() -> None:
    """Ten streams of two people, three changes: nothing is lost and every delay is positive."""
    found = fan_out.run(lambda _: None, streams=10, people=2, changes=3)
    assert (found["streams"], found["lost"]) == (10, 0)
    assert 0 < found["p50_ms"] <= found["p95_ms"]
