"""The mutation score counts what mutmut wrote, and a tree without mutants does not pass."""

import json
from pathlib import Path

import pytest

from laws.mutation_score import main, score

FIGURES = {
    "killed": 80,
    "survived": 10,
    "total": 105,
    "no_tests": 2,
    "skipped": 5,
    "suspicious": 1,
    "timeout": 6,
    "segfault": 1,
}


def test_the_score_counts_crashes_and_timeouts_as_noticed_and_lines_without_a_test_as_not() -> None:
    """80 + 6 + 1 + 1 of 100."""
    assert score(FIGURES) == pytest.approx(0.88)


def test_no_mutants_is_no_score() -> None:
    """A run that found nothing to break proves nothing."""
    assert score(dict.fromkeys(FIGURES, 0)) == 0.0


@pytest.mark.parametrize(("killed", "status"), [(77, 0), (76, 1)])
def test_below_the_bound_fails(killed: int, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """85 of 100 passes, 84 does not, and the line says how far it got."""
    file = tmp_path / "stats.json"
    file.write_text(json.dumps(FIGURES | {"killed": killed}), encoding="utf-8")
    assert main(file) == status
    assert "mutation score 8" in capsys.readouterr().out
