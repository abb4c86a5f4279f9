"""The heart of a child, over a real pipe and real processes."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.run.heartbeat import HEART_FD, MAX_NOTE_CHARS, Beat, Heart, decode_beat, encode_beat

WAITS = "from impetus.run.heartbeat import open_heart; h = open_heart(); h.beat(note='up'); print('up', flush=True); h.stopping.wait(20)"
DEAF = "import time; from impetus.run.heartbeat import open_heart; h = open_heart(); print('up', flush=True); time.sleep(20)"


def _child(program: str, writing_end: int) -> subprocess.Popen[str]:
    """Start a child that holds the writing end, and wait until its heart is open."""
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        pass_fds=(writing_end,),
        env={**os.environ, HEART_FD: str(writing_end)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    return child


def test_a_beat_arrives_as_it_was_sent() -> None:
    """Rate, lag, drops and note come out of the pipe unchanged."""
    reading, writing = os.pipe()
    Heart(writing).beat(rate_per_s=2.5, lag=3, dropped=4, note="catching up")
    assert decode_beat(os.read(reading, 4096)) == Beat(rate_per_s=2.5, lag=3, dropped=4, note="catching up")


def test_a_heart_without_a_pipe_beats_into_nothing() -> None:
    """A role can be run by hand, without a supervisor."""
    heart = Heart()
    heart.beat(rate_per_s=1.0)
    assert not heart.stopping.is_set()


def test_a_full_pipe_costs_beats_and_never_blocks() -> None:
    """A supervisor that is busy does not stop its children."""
    reading, writing = os.pipe()
    heart = Heart(writing)
    for _ in range(5000):
        heart.beat(note="x" * 1000)
    assert decode_beat(os.read(reading, 4096).split(b"\n")[0]) == Beat(note="x" * MAX_NOTE_CHARS)
    assert not heart.stopping.is_set()


@given(st.binary(max_size=200))
def test_a_line_that_is_no_beat_is_no_beat(line: bytes) -> None:
    """Whatever a child writes, the supervisor reads a beat or nothing."""
    assert decode_beat(line) is None or isinstance(decode_beat(line), Beat)


@given(st.text(max_size=400), st.integers(0, 2**40))
def test_every_beat_is_read_back(note: str, lag: int) -> None:
    """Coding and decoding agree, and a line fits into what a pipe writes in one piece."""
    line = encode_beat(Beat(note=note, lag=lag))
    assert len(line) <= 4096
    assert decode_beat(line) == Beat(note=note[:MAX_NOTE_CHARS], lag=lag)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_child_stops_when_it_is_told_to(number: signal.Signals) -> None:
    """Both signals set `stopping`."""
    _reading, writing = os.pipe()
    child = _child(WAITS, writing)
    child.send_signal(number)
    assert child.wait(timeout=10) == 0


def test_a_child_stops_when_its_supervisor_dies() -> None:
    """The death of the reading end is enough."""
    reading, writing = os.pipe()
    child = _child(WAITS, writing)
    os.close(writing)
    os.close(reading)
    assert child.wait(timeout=10) == 0


def test_a_deaf_child_ends_by_force_when_its_supervisor_dies() -> None:
    """A role that never looks at `stopping` still does not outlive its supervisor by more than seconds."""
    reading, writing = os.pipe()
    child = _child(DEAF, writing)
    os.close(writing)
    os.close(reading)
    assert child.wait(timeout=10) == 0
