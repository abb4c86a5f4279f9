"""Bells and sleepers across threads and processes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from impetus.adapters.wake import ABANDONED_S, FIFO_BYTES, Bell, Sleeper


def test_a_ring_wakes_every_sleeper(tmp_path: Path) -> None:
    """Two sleepers of one directory both wake from one ring."""
    one, two = Sleeper(tmp_path), Sleeper(tmp_path)

    Bell(tmp_path).ring()

    assert [one.wait(5), two.wait(5)] == [True, True]


def test_a_ring_before_the_wait_is_not_lost(tmp_path: Path) -> None:
    """The byte stays in the FIFO, so waiting afterwards returns at once, and only once."""
    sleeper = Sleeper(tmp_path)
    for _ in range(3):
        Bell(tmp_path).ring()

    assert sleeper.wait(5)
    assert not sleeper.wait(0)


def test_a_sleeper_wakes_for_another_process(tmp_path: Path) -> None:
    """A bell in another process ends a wait well before its time."""
    sleeper = Sleeper(tmp_path)
    program = f"from pathlib import Path; from impetus.adapters.wake import Bell; Bell(Path({str(tmp_path)!r})).ring()"
    with subprocess.Popen([sys.executable, "-c", program]) as ringer:
        assert sleeper.wait(30)
        assert ringer.wait(30) == 0


def test_a_wait_sleeps_without_using_the_processor(tmp_path: Path) -> None:
    """Waiting in vain takes its time and next to no processor time."""
    sleeper = Sleeper(tmp_path)
    wall, cpu = time.monotonic(), time.thread_time()

    assert not sleeper.wait(0.2)

    assert time.monotonic() - wall >= 0.19
    assert time.thread_time() - cpu < 0.05


def test_ringing_nobody_is_no_error(tmp_path: Path) -> None:
    """A directory that does not exist has no listeners."""
    Bell(tmp_path / "absent").ring()

    assert not (tmp_path / "absent").exists()


def test_a_dead_sleeper_is_removed_by_the_next_ring(tmp_path: Path) -> None:
    """A FIFO nobody reads any more goes, the living one stays."""
    living = Sleeper(tmp_path)
    os.mkfifo(tmp_path / "99999-dead")

    Bell(tmp_path).ring()

    assert living.wait(5)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_fifo_never_named_is_removed_when_old(tmp_path: Path) -> None:
    """What a maker left behind by dying goes after a while, and a fresh one is left alone."""
    for name, age_s in ((".old", ABANDONED_S + 5), (".fresh", 0.0)):
        os.mkfifo(tmp_path / name)
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)

    Sleeper(tmp_path).close()

    assert [path.name for path in tmp_path.iterdir()] == [".fresh"]


def test_ringing_a_full_fifo_does_not_block(tmp_path: Path) -> None:
    """A sleeper that never looks costs the bell nothing."""
    sleeper, bell = Sleeper(tmp_path), Bell(tmp_path)
    for _ in range(FIFO_BYTES + 10):
        bell.ring()

    assert sleeper.wait(0)
    assert not sleeper.wait(0)


def test_a_closed_sleeper_leaves_nothing(tmp_path: Path) -> None:
    """Closing twice is harmless and removes the FIFO."""
    sleeper = Sleeper(tmp_path)
    sleeper.close()
    sleeper.close()

    assert list(tmp_path.iterdir()) == []


def test_no_ring_is_lost_between_looking_and_sleeping(tmp_path: Path) -> None:
    """A consumer that looks first and sleeps second sees each of 2,000 things without ever timing out."""
    sleeper, bell, done = Sleeper(tmp_path), Bell(tmp_path), [0]

    def produce() -> None:
        for _ in range(2_000):
            done[0] += 1
            bell.ring()

    producer = threading.Thread(target=produce)
    producer.start()
    while done[0] < 2_000:
        assert sleeper.wait(10)
    producer.join()


def test_a_directory_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """A path that is no directory is an error, not silence."""
    (tmp_path / "file").write_text("")

    with pytest.raises(NotADirectoryError):
        Bell(tmp_path / "file").ring()
