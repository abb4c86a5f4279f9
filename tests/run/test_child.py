"""One child process: its role, its lock, its exit code."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from impetus.core.errors import Misconfigured, NotNow
from impetus.run.child import find_role, take_role
from impetus.run.heartbeat import Heart


def _child(role: str, home: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-m", "impetus.run.child", role, "--home", str(home)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("role", ["", "nobody", "web:2", "tool:", "call:os", "tool"])
def test_a_role_that_does_not_exist_is_refused_by_name(role: str) -> None:
    """The error lists the roles there are."""
    with pytest.raises(Misconfigured) as caught:
        find_role(role)
    assert "keeper" in str(caught.value.limit)


def test_a_child_stops_on_sigterm_and_says_that_all_was_well(tmp_path: Path) -> None:
    """Exit code 0 after an ordinary end."""
    child = _child("call:trial_roles:talker", tmp_path)
    assert child.stderr is not None
    assert child.stderr.readline() == "a word for the log\n"
    child.terminate()
    assert child.wait(timeout=10) == 0


def test_an_unexpected_error_is_logged_with_its_trace(tmp_path: Path) -> None:
    """One JSON line on standard error, exit code 70."""
    child = _child("call:trial_roles:crasher", tmp_path)
    _, said = child.communicate(timeout=20)
    words = json.loads(said.splitlines()[-1])
    assert child.returncode == 70
    assert "out of luck" in words["trace"]


def test_wrong_settings_end_a_child_with_the_code_of_its_error(tmp_path: Path) -> None:
    """Configuration mistakes have their own exit code and sentence."""
    (tmp_path / "impetus.toml").write_text("port = 99999999\n")
    child = _child("call:trial_roles:healthy", tmp_path)
    _, said = child.communicate(timeout=20)
    assert child.returncode == 78
    assert "99999999" in json.loads(said.splitlines()[-1])["what"]


def test_a_predecessor_that_stays_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role has one process; the newer one wins after patience."""
    monkeypatch.setattr("impetus.run.child.PATIENCE_S", 0.2)
    predecessor = _child("call:trial_roles:deaf", tmp_path)
    _until_held(tmp_path / "lock" / "call-trial_roles-deaf", predecessor.pid)
    os.close(take_role(tmp_path, "call:trial_roles:deaf", Heart()))
    assert predecessor.wait(timeout=10) == -9


def test_waiting_for_a_role_ends_when_told_to_stop(tmp_path: Path) -> None:
    """A child that waits is still polite."""
    taken = take_role(tmp_path, "keeper", Heart())
    heart = Heart()
    heart.stopping.set()
    with pytest.raises(NotNow):
        take_role(tmp_path, "keeper", heart)
    os.close(taken)


def _until_held(file: Path, pid: int) -> None:
    """Wait until the process has taken its role."""
    while not file.exists() or file.read_text() != str(pid):
        os.sched_yield()
    with file.open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
