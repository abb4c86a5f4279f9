"""What every test may ask for, and the loud list of what did not run."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")
"""How long an example takes says how busy the machine is, not whether the code is right."""

ROOT = Path(__file__).resolve().parents[1]
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def data_folder() -> Path:
    """Return where the public data sets lie: `IMPETUS_DATA`, by default beside the project."""
    return Path(os.environ.get("IMPETUS_DATA", ROOT / "../shared/data")).resolve()


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of public data sets, or skip saying how to get them."""
    folder = data_folder()
    if not folder.is_dir():
        absent(
            f"public data sets: set IMPETUS_DATA to a folder laid out as in docs/how-to/get-data.md ({folder} is absent)"
        )
    return folder


@pytest.fixture(scope="session")
def mosquitto() -> str:
    """Return the path of a real Mosquitto, or skip saying what to install."""
    if not MOSQUITTO:
        absent("Mosquitto: apt-get install mosquitto")
    return str(MOSQUITTO)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a real Chromium, or skip saying what to install."""
    if not CHROMIUM:
        absent("Chromium: apt-get install chromium")
    return str(CHROMIUM)


def absent(what: str) -> None:
    """Skip here; under CI, where nothing may be skipped, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"CI skips nothing: {what}")
    pytest.skip(what)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List loudly what was skipped and what would make it run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("NOT RUN", sep="!", red=True)
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"  {count} tests: {reason}")
