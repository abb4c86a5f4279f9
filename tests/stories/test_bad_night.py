"""A bad night at the real desk: a storm of findings, a few of them real, and a script from outside that counts.

The desk, fusion and the store are the real ones, the state is a file, and only the clock is set. What people were asked is
counted by `count_night.py` in a process of its own, which reads the file and knows nothing of the platform.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from impetus.bench.alarm_load import Night, count, make_night, night_desk, replay
from impetus.core.finding import Finding, Severity

COUNTER = Path(__file__).with_name("count_night.py")
Live = Callable[..., dict[str, Any]]


def quiet(words: str) -> None:
    """Say nothing."""
    del words


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Return how to live through a night: what the outside script counted, beside what the platform's own bench says."""

    def living(night: Night, *, operators: int, step_s: int = 1) -> dict[str, Any]:
        desk = night_desk(tmp_path / "home")
        replay(desk, night, operators=operators, progress=quiet, step_s=step_s)
        own = count(desk, night)
        desk.close()
        return {**counted(tmp_path / "home" / "state.sqlite3", night, tmp_path / "real.json"), "own": own}

    return living


def counted(state: Path, night: Night, real: Path) -> dict[str, Any]:
    """Let the outside script count."""
    real.write_text(json.dumps(night.said()), encoding="utf-8")
    command = [sys.executable, "-I", str(COUNTER), str(state), str(real)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return dict(json.loads(said.stdout))


def test_a_few_bad_minutes_are_shown_in_time_and_wear_nobody_out(live: Live) -> None:
    """A hundred findings in two minutes, four of them real: all four in time, ten cards at most, counted from outside."""
    night = make_night(findings=100, hours=1 / 30, real=4)
    night = replace(night, findings=tuple(_no_minor(each) for each in night.findings))
    told = live(night, operators=2, step_s=2)
    assert told["late"] == {}
    assert told["in_time"] == told["real"] == 4
    assert 0 < told["most_per_seat_in_10_min"] <= 10
    assert told["own"]["most_cards_per_seat_10min"] == told["most_per_seat_in_10_min"]


def _no_minor(finding: Finding) -> Finding:
    """Return the finding; a minor one a little worse, so that the test need not wait a quarter of an hour for it."""
    return replace(finding, severity=Severity.MODERATE) if finding.severity is Severity.MINOR else finding


@pytest.mark.slow
@pytest.mark.parametrize("operators", [1, 2, 4])
def test_a_bad_night_is_shown_in_time_and_wears_nobody_out(live: Live, operators: int) -> None:
    """Three thousand findings in an hour, twenty of them real: all twenty in time and ten cards at most, even for one."""
    night = make_night()
    told = live(night, operators=operators)
    assert (told["real"], told["in_time"], told["late"]) == (20, 20, {})
    assert told["most_per_seat_in_10_min"] <= 10
    assert told["own"]["findings"] == 3000


def test_the_script_finds_what_was_shown_late_and_what_never_was(live: Live, tmp_path: Path) -> None:
    """A planted lie in the state is found: a card moved by two minutes, and a line taken away."""
    night = make_night(findings=6, hours=1 / 120, real=2)
    live(night, operators=1, step_s=2)
    state = tmp_path / "home" / "state.sqlite3"
    with sqlite3.connect(state) as database:
        alerts = [
            database.execute("SELECT alert FROM findings WHERE key = ?", (each["key"],)).fetchone()[0]
            for each in night.said()
        ]
        database.execute(
            "UPDATE asks SET at = at + 120000000 WHERE id IN (SELECT ask FROM ask_lines WHERE alert = ?)", alerts[:1]
        )
        database.execute("DELETE FROM ask_lines WHERE alert = ?", alerts[1:])
    told = counted(state, night, tmp_path / "real.json")
    assert sorted(told["late"]) == sorted(each["key"] for each in night.said())
    assert None in told["late"].values()
    assert told["in_time"] == 0
