"""Roles for trying the supervisor: each is a real child process with one habit."""

import hashlib
import os
import signal
import subprocess
import sys
import time

from impetus.run.heartbeat import Heart
from impetus.settings import Settings


def healthy(settings: Settings, heart: Heart) -> None:
    """Beat until told to stop."""
    while not heart.stopping.wait(0.05):
        heart.beat(rate_per_s=7.0, lag=1, note="well")


def crasher(settings: Settings, heart: Heart) -> None:
    """Beat once and fail."""
    heart.beat()
    raise RuntimeError("out of luck")


def one_crash(settings: Settings, heart: Heart) -> None:
    """Die by a signal the first time, live the second."""
    mark = settings.home / "crashed"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    healthy(settings, heart)


def hanger(settings: Settings, heart: Heart) -> None:
    """Hang, deaf to signals, the first time; live the second."""
    mark = settings.home / "hung"
    if mark.exists():
        healthy(settings, heart)
        return
    mark.touch()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    heart.beat()
    time.sleep(600)


def eater(settings: Settings, heart: Heart) -> None:
    """Take 200 MiB the first time; live modestly the second."""
    mark = settings.home / "ate"
    if not mark.exists():
        mark.touch()
        held = b"x" * (200 * 1024 * 1024)
        heart.beat(note=str(len(held)))
        heart.stopping.wait(600)
        return
    healthy(settings, heart)


def deaf(settings: Settings, heart: Heart) -> None:
    """Beat for ever and never look at `stopping`."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        heart.beat()
        time.sleep(0.05)


def talker(settings: Settings, heart: Heart) -> None:
    """Write to standard error, then do as the healthy."""
    sys.stderr.write("a word for the log\n")
    sys.stderr.flush()
    healthy(settings, heart)


def told(settings: Settings, heart: Heart) -> None:
    """Say which address it was given."""
    while not heart.stopping.wait(0.05):
        heart.beat(note=f"{settings.host} {settings.port}")


def spinner(settings: Settings, heart: Heart) -> None:
    """Beat once, then never leave native code: the interpreter runs no signal handler meanwhile."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    heart.beat()
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2**31 - 1)


def frozen(settings: Settings, heart: Heart) -> None:
    """Beat until somebody halts it with SIGSTOP."""
    deaf(settings, heart)


def parent(settings: Settings, heart: Heart) -> None:
    """Start a child in its own group and one that leaves it, both deaf, then beat."""
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    command = [sys.executable, "-c", program]
    children = [subprocess.Popen(command), subprocess.Popen(command, start_new_session=True)]
    deaf(settings, heart)
    del children
