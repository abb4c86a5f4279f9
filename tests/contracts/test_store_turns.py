"""Writers of several processes take turns fairly."""

import fcntl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from impetus.adapters.sql import turns
from impetus.adapters.sql.turns import Turns
from impetus.core.errors import NotNow

LONG_S = 20.0
LOOKS = 10_000


def until_queued(file: Path) -> None:
    """Wait until somebody stands at the head of the queue."""
    with Path(f"{file}-queue").open() as queue:
        for _ in range(LOOKS):
            try:
                fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(queue, fcntl.LOCK_UN)
            threading.Event().wait(0.001)
    pytest.fail("nobody queued")


def test_who_has_just_written_does_not_go_before_who_waits(tmp_path: Path) -> None:
    """A writer that writes again at once comes after the one that queued meanwhile."""
    file = tmp_path / "state"
    busy, patient = Turns(file), Turns(file)
    order: list[str] = []

    def wait_and_write() -> None:
        with patient.own():
            order.append("patient")

    with ThreadPoolExecutor(1) as pool:
        with busy.own():
            order.append("busy")
            waiting = pool.submit(wait_and_write)
            until_queued(file)
        with busy.own():
            order.append("busy")
        waiting.result(LONG_S)
    assert order == ["busy", "patient", "busy"]


def test_a_turn_that_does_not_come_is_given_up_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gave up holds neither the queue nor the turn, nor the lock of its own threads."""
    monkeypatch.setattr(turns, "BUSY_TIMEOUT_S", 0.05)
    one, other, third = (Turns(tmp_path / "state") for _ in range(3))
    with one.own(), pytest.raises(NotNow), other.own():
        pass
    with third.own():
        pass
    with other.own():
        pass


def test_an_exception_ends_the_turn(tmp_path: Path) -> None:
    """A unit that fails does not keep others waiting."""
    one, other = Turns(tmp_path / "state"), Turns(tmp_path / "state")
    with pytest.raises(ZeroDivisionError), one.own():
        _ = 1 / 0
    with other.own():
        pass


def test_closing_twice_is_no_error(tmp_path: Path) -> None:
    """The lock files are given back once."""
    one = Turns(tmp_path / "state")
    one.close()
    one.close()
    with Turns(tmp_path / "state").own():
        assert {file.name for file in tmp_path.iterdir()} == {"state-queue", "state-turn"}
