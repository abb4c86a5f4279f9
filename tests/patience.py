"""Waiting for something to come about, with a limit: how tests look at processes that live by themselves."""

import threading
import time
from collections.abc import Callable

LOOK_EVERY_S = 0.05


def until(condition: Callable[[], bool], *, limit_s: float, what: str) -> None:
    """Return as soon as the condition holds; fail saying what did not come about within the limit."""
    deadline_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline_s, f"{what}: not within {limit_s:g} s"
        threading.Event().wait(LOOK_EVERY_S)
