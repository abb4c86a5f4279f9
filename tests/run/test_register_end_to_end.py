"""The start gate with real processes: blocked without a register, running after a signature, stopped by a change."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from impetus.core.actor import console
from impetus.core.board import PartState, PartStatus
from impetus.demo.exercise_register import make_exercise
from impetus.desk.context import FINDINGS, Desk
from impetus.run.start import free_port
from impetus.settings import read_settings
from impetus.wiring import open_desk
from patience import until

TOOL = "urban_anomaly"
SECONDS = 90.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of an exercise with one tool, in which nothing is registered."""
    (tmp_path / "impetus.toml").write_text(
        f'exercise = true\ntools = ["{TOOL}"]\nport = {free_port()}\n', encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """Return the desk of the home, beside a process that serves it."""
    made = open_desk(read_settings(home))
    with (home / "serve.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "impetus", "serve", "--home", str(home)], stdout=said, stderr=said
        )
    yield made
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    made.store.close()


def row(desk: Desk) -> PartStatus | None:
    """Return the tool's row on the board."""
    with desk.store.read() as unit:
        return next((each for each in unit.parts.all() if each.part == TOOL), None)


def reads(desk: Desk, state: PartState, words: str = "") -> bool:
    """Say whether the tool's row reads like this now."""
    found = row(desk)
    return found is not None and found.state is state and words in found.note


@pytest.mark.slow
def test_a_tool_waits_at_its_gate_starts_when_signed_and_stops_when_changed(desk: Desk, home: Path) -> None:
    """No failure and no restart is counted on the way, and nobody is alarmed."""
    until(
        lambda: reads(desk, PartState.BLOCKED, "(the data protection officer or an administrator)"),
        limit_s=SECONDS,
        what="blocked, saying who may mend it",
    )
    make_exercise(desk, console())
    until(lambda: reads(desk, PartState.RUNNING), limit_s=SECONDS, what="running after the signature")
    register = home / "register.toml"
    text = register.read_text(encoding="utf-8")
    register.write_text(re.sub(r"place_kinds = .*", 'place_kinds = ["school entrance"]', text), encoding="utf-8")
    until(
        lambda: reads(desk, PartState.BLOCKED, "kinds of place changed: simulated place → school entrance"),
        limit_s=SECONDS,
        what="blocked, naming the change",
    )
    make_exercise(desk, console())
    until(lambda: reads(desk, PartState.RUNNING), limit_s=SECONDS, what="running after the new signature")
    found = row(desk)
    assert found is not None
    assert found.restarts == 0
    assert desk.bus.status(FINDINGS).last == 0
