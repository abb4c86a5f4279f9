"""One child process: `python -m impetus.run.child ROLE --home HOME`.

Imports the role's module and nothing else, because how fast a killed part is back is decided by what it imports. A role
is taken by one process of a home at a time: a child waits for a predecessor that is still stopping, and ends it when it
does not stop.
"""

import argparse
import contextlib
import fcntl
import importlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from impetus.core.errors import ImpetusError, Misconfigured, NotNow
from impetus.run.heartbeat import Heart, open_heart
from impetus.run.log import log_to_stderr
from impetus.settings import Settings, override, read_settings

ROLES = {
    "web": "impetus.run.web",
    "ingest": "impetus.run.ingest",
    "keeper": "impetus.run.keeper",
    "log": "impetus.run.log_keeper",
    "effects": "impetus.run.city_systems",
    "feeds": "impetus.run.cap_reader",
    "notifier": "impetus.run.notifier",
    "polled": "impetus.run.polled",
    "simulator": "impetus.run.simulator",
    "fusion": "impetus.run.fusion_host",
    "posts": "impetus.run.posts",
}
"""Roles with a module of their own; `tool:ID` is a sensing tool, `call:MODULE:FUNCTION` any function of a role's shape."""
PATIENCE_S = 6.0
"""Seconds a predecessor may take to leave its role before it is killed: more than it gives itself. House rule."""
LOOK_EVERY_S = 0.05

Role = Callable[[Settings, Heart], None]

log = logging.getLogger(__name__)


def find_role(role: str) -> Role:
    """Import the module of a role and return the function that runs it; `Misconfigured` when there is none."""
    kind, _, name = role.partition(":")
    if kind in ROLES and not name:
        return _function(ROLES[kind], "run")
    if kind == "tool" and name:
        host: Callable[..., None] = _function("impetus.run.tool_host", "run")
        return partial(host, tool=name)
    if kind == "call" and name.count(":") == 1:
        return _function(*name.split(":"))
    raise Misconfigured(
        f"no role {role!r}", value=role, limit=", ".join([*ROLES, "tool:ID"]), remedy="name one of these"
    )


def _function(module: str, name: str) -> Role:
    role: Role = getattr(importlib.import_module(module), name)
    return role


def take_role(home: Path, role: str, heart: Heart) -> int:
    """Become the only process of this home in this role and return the lock's descriptor, to be kept open.

    A predecessor still there after `PATIENCE_S` is killed: it holds the lock, so the pid in the file is its own.
    """
    directory = home / "lock"
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / role.replace(":", "-"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline_s = time.monotonic() + PATIENCE_S
    while not _locked(descriptor):
        if heart.stopping.wait(LOOK_EVERY_S):
            raise NotNow(f"stopped while waiting for the role {role}", retry_after_s=1.0, value=role)
        if time.monotonic() > deadline_s:
            _end_holder(descriptor)
            deadline_s = time.monotonic() + PATIENCE_S
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_holder(descriptor: int) -> None:
    """Kill the process whose pid the lock file names."""
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace")
    if text.isdigit() and int(text) != os.getpid():
        log.warning("predecessor %s does not leave its role; killing it", text)
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(text), signal.SIGKILL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one role until it is told to stop; the exit code says whose fault an early end was."""
    parser = argparse.ArgumentParser(prog="python -m impetus.run.child", description="Run one part of an installation.")
    parser.add_argument("role", help="web, ingest, keeper, log, fusion, simulator, posts or tool:ID")
    parser.add_argument("--home", type=Path, required=True, help="folder of the installation")
    parser.add_argument("--port", type=int, help="instead of the port in the settings")
    parser.add_argument("--host", help="instead of the host in the settings")
    chosen = parser.parse_args(arguments)
    log_to_stderr(chosen.role)
    heart = open_heart()
    try:
        lock = take_role(chosen.home, chosen.role, heart)
        settings, run = override(read_settings(chosen.home), chosen.port, chosen.host), find_role(chosen.role)
        if not heart.stopping.is_set():
            run(settings, heart)
        os.close(lock)
    except ImpetusError as error:
        log.exception("%s", error.detail)
        return error.exit_code
    except Exception as error:
        said = f"nobody expected {error!r}"
        log.exception("%s", said)
        return 70
    return 0


if __name__ == "__main__":
    sys.exit(main())
