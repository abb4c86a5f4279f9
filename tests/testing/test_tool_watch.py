"""Seeing whether a tool touches the outside, tried in a process of its own: the hook cannot be taken out again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOUCHES = {
    "a file": ("open(__file__).close()", "open "),
    "a directory": ("os.listdir('.')", "os.listdir"),
    "a path": ("list(pathlib.Path('.').glob('*'))", "os.scandir"),
    "a socket": ("socket.socket().close()", "socket."),
    "a process": ("subprocess.run(['true'])", "subprocess.Popen"),
    "a thread": ("threading.Thread(target=int).start()", "threading._start_new_thread"),
    "a database": ("sqlite3.connect(':memory:').close()", "sqlite3.connect"),
    "the clock of the module": ("time.time()", "time.time"),
    "the clock by name": ("monotonic()", "time.monotonic"),
    "the calendar": ("datetime.now()", "datetime.now"),
    "the calendar by its module": ("dt.datetime.utcnow()", "datetime.utcnow"),
    "chance": ("random.random()", "random.random"),
    "chance by name": ("randint(1, 6)", "random.randint"),
    "secrets": ("secrets.token_hex()", "secrets.token_hex"),
    "sleep": ("time.sleep(0)", "time.sleep"),
}
"""What a tool might do, and what is noted of it."""
ALLOWED = {
    "making a time": "datetime(2026, 3, 2)",
    "asking what is a time": "assert isinstance(real_time, datetime)",
    "counting": "sum(range(1000))",
    "columns": "numpy.arange(9).cumsum()",
    "seeded chance": "numpy.random.default_rng(1).normal()",
    "words": "json.dumps({'a': 1})",
}
TOY = """
import datetime as dt, json, os, pathlib, random, secrets, socket, sqlite3, subprocess, threading, time
import numpy
from datetime import datetime
from random import randint
from time import monotonic
real_time = datetime(2026, 3, 2)
"""
RUN = """
import json, sys
import toy.tool
from impetus.testing.tool_watch import Watch
lines = json.loads(sys.argv[1])
compiled = {line: compile(line, toy.tool.__file__, "exec") for line in lines}
for line in lines:
    exec(compiled[line], vars(toy.tool))
watch, noted = Watch(), {}
watch.install("toy")
for line in lines:
    watch.touched.clear()
    with watch.watching():
        exec(compiled[line], vars(toy.tool))
    noted[line] = sorted(watch.touched)
exec(compiled[lines[0]], vars(toy.tool))
print(json.dumps({"noted": noted, "after": sorted(watch.touched) == noted[lines[-1]]}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what was noted of each line, all run in one process."""
    site = tmp_path_factory.mktemp("site")
    (site / "toy").mkdir()
    (site / "toy" / "__init__.py").write_text("")
    (site / "toy" / "tool.py").write_text(TOY)
    lines = [*(line for line, _ in TOUCHES.values()), *ALLOWED.values()]
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(lines)],
        env={"PYTHONPATH": str(site)},
        cwd=Path(site),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def noted(seen: dict[str, object], line: str) -> list[str]:
    """Return what was noted of one line."""
    by_line = seen["noted"]
    assert isinstance(by_line, dict)
    found: list[str] = by_line[line]
    return found


@pytest.mark.parametrize("what", sorted(TOUCHES))
def test_touching_the_outside_is_noted(seen: dict[str, object], what: str) -> None:
    """However it is reached: by its module, by its name, or through another library."""
    line, expected = TOUCHES[what]
    assert any(one.startswith(expected) for one in noted(seen, line)), noted(seen, line)


@pytest.mark.parametrize("what", sorted(ALLOWED))
def test_work_of_ones_own_is_not(seen: dict[str, object], what: str) -> None:
    """Arithmetic, words, times that are made, and chance that follows from a seed."""
    assert noted(seen, ALLOWED[what]) == []


def test_nothing_is_noted_when_nobody_watches(seen: dict[str, object]) -> None:
    """Afterwards the process may open what it likes: the hook stays and is silent."""
    assert seen["after"] is True
