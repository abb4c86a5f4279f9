"""The part Notifier: decides what open notices need, and lets each channel bring its messages by a thread of its own.

A channel that hangs holds up nobody but itself. The main thread plans, tells of dead channels and beats; it never talks to
the network. Killed anywhere, the part goes on from the state: a try that was written down is made again at its time.
"""

import logging
import threading
from collections.abc import Callable

from impetus.core.errors import ImpetusError, NotNow
from impetus.desk.channel_health import check_channel, tell_channels
from impetus.desk.context import Desk
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices, watch_untaken
from impetus.desk.hand_over import refresh_given
from impetus.run.heartbeat import Heart
from impetus.settings import Settings
from impetus.wiring import open_desk

BEAT_S = 1.0
TURN_S = 1.0
"""Seconds between two looks when nothing changes; a change wakes the part at once. House rule."""
UNTAKEN_S = 5.0

log = logging.getLogger(__name__)


def run(settings: Settings, heart: Heart) -> None:
    """Tell people until told to stop."""
    desk = open_desk(settings)
    try:
        Notifier(desk, heart).run()
    finally:
        desk.close()


class Notifier:
    """The planner, and one worker a channel."""

    def __init__(self, desk: Desk, heart: Heart) -> None:
        self._desk, self._heart = desk, heart
        self._workers: dict[str, threading.Thread] = {}
        self._troubles: dict[str, str] = {}
        self._seen = 0
        self._moves = 0
        now_s = desk.clock.monotonic_s()
        self._beaten_s, self._untaken_s = now_s - BEAT_S, now_s - UNTAKEN_S

    def run(self) -> None:
        """Take turns until told to stop, and wait for tries that are under way as long as a stopping part may."""
        while not self._heart.stopping.is_set():
            self.turn()
            self._seen = self._newest()
            self._desk.store.wait_for_change(self._seen, timeout_s=TURN_S)
        for worker in self._workers.values():
            worker.join(timeout=TURN_S)

    def turn(self) -> None:
        """Plan once, see that every channel has its worker, tell of dead channels, beat."""
        now_s = self._desk.clock.monotonic_s()
        if now_s - self._untaken_s >= UNTAKEN_S:
            self._untaken_s = now_s
            self.attempt("untaken alerts", lambda: watch_untaken(self._desk))
            self.attempt("hand-over", lambda: refresh_given(self._desk))
        self._moves += self.attempt("notices", lambda: watch_notices(self._desk))
        self.attempt("channels", lambda: tell_channels(self._desk))
        self._see_to_workers()
        if now_s - self._beaten_s >= BEAT_S:
            self._beat(now_s)

    def attempt(self, what: str, act: Callable[[], int]) -> int:
        """Do something that a full disk may forbid; say so on the board until it works again."""
        try:
            done = act()
        except ImpetusError as error:
            if what not in self._troubles:
                log.warning("%s: %s", what, error.detail)
            self._troubles[what] = error.detail
            if not isinstance(error, NotNow):
                self._heart.stopping.wait(TURN_S)
            return 0
        self._troubles.pop(what, None)
        return done

    def _see_to_workers(self) -> None:
        """Start a worker for every channel that has none; one whose channel is gone ends by itself."""
        for name in self._desk.channels.channels():
            worker = self._workers.get(name)
            if worker is None or not worker.is_alive():
                worker = threading.Thread(target=self._work, args=(name,), name=f"channel-{name}", daemon=True)
                self._workers[name] = worker
                worker.start()
        self._workers = {name: worker for name, worker in self._workers.items() if worker.is_alive()}

    def _work(self, channel: str) -> None:
        """Bring one channel's messages and ask it every minute whether it is there, while it is configured."""
        while not self._heart.stopping.is_set() and channel in self._desk.channels.channels():
            seen = self._newest()
            self.attempt(f"channel {channel}", lambda: send_due(self._desk, channel))
            self.attempt(f"check of {channel}", lambda: int(check_channel(self._desk, channel)))
            self._desk.store.wait_for_change(seen, timeout_s=TURN_S)

    def _newest(self) -> int:
        try:
            with self._desk.store.read() as unit:
                return unit.outbox.newest()
        except NotNow:
            return self._seen

    def _beat(self, now_s: float) -> None:
        """Say that the part is alive, and what is wrong with the channels."""
        fault = self._desk.channels.fault()
        note = "; ".join(part for part in (fault, *self._troubles.values()) if part)
        self._heart.beat(rate_per_s=self._moves / max(now_s - self._beaten_s, 1e-3), note=note)
        self._beaten_s, self._moves = now_s, 0
