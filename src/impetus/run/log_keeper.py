"""The part Log: records from the bus into the tamper-evident log, checkpoints, witnesses, and pruning in time.

The main thread is the log's one writer. Witnesses are shown checkpoints by a second thread, because they may take seconds to
answer; their signatures come back to the first. A third reads and recomputes the whole log once a day.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from impetus.adapters.record_codec import decode_record
from impetus.adapters.signatures import verify as check_signature
from impetus.adapters.witnesses import open_witnesses
from impetus.core.actor import platform
from impetus.core.errors import ImpetusError, NotNow, OurFault
from impetus.core.finding import Finding
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk.context import LOG, Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.log_notes import read_asked, read_verified, write_trouble
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began
from impetus.desk.show_witnesses import SUBJECT, Witnesses
from impetus.desk.verify_log import verify_log
from impetus.run.heartbeat import Heart
from impetus.settings import Settings
from impetus.wiring import open_desk

ACTOR = platform("log")
SEAL_S = 10.0
"""Seconds between checkpoints while entries arrive. House rule; with it, at most ten seconds of entries are unsigned."""
BEAT_S = 1.0
TRIM_S = 600.0
"""Raw records hold names: what became entries leaves the bus within ten minutes. House rule."""
CHORES_S = 3600.0
"""Pruning looks for what is due once an hour. House rule."""
VERIFY_EVERY = timedelta(days=1)
"""The whole log is read and recomputed once a day. House rule."""
ASKED_S, DAILY_S = 2.0, 60.0
"""Seconds between looks for somebody who asked for a verification, and for whether the daily one is due. House rule."""
WITNESS_S = 1.0

log = logging.getLogger(__name__)


def run(settings: Settings, heart: Heart) -> None:
    """Keep the log until told to stop."""
    desk = open_desk(settings)
    try:
        LogKeeper(desk, settings, heart).run()
    finally:
        desk.close()


@dataclass(slots=True, kw_only=True)
class Due:
    """When, on the monotonic clock, each chore is next, and when the last beat was; what is wrong, by chore."""

    seal_s: float
    beaten_s: float
    trim_s: float
    chores_s: float
    taken: int = 0
    troubles: dict[str, str] = field(default_factory=dict)


class LogKeeper:
    """The log's one writer and its clockwork."""

    def __init__(self, desk: Desk, settings: Settings, heart: Heart) -> None:
        origin = f"impetus/{desk.tenant}"
        self._desk, self._heart = desk, heart
        self._kept = timedelta(days=settings.log_days)
        self.writer = LogWriter(desk, ACTOR, origin=origin, decode=decode_record)
        self.witnesses = Witnesses(desk, ACTOR, open_witnesses(settings.log_witnesses, origin, desk.clock))
        self._cosigned: queue.SimpleQueue[tuple[str, tuple[str, ...]]] = queue.SimpleQueue()
        self._verifying = threading.Event()
        self._daily_s = desk.clock.monotonic_s() + DAILY_S
        now_s = desk.clock.monotonic_s()
        self._due = Due(seal_s=now_s, beaten_s=now_s, trim_s=now_s + TRIM_S, chores_s=now_s + BEAT_S)

    def run(self) -> None:
        """Take turns until told to stop, then sign what is left."""
        threading.Thread(target=self._show_witnesses, name="witnesses", daemon=True).start()
        threading.Thread(target=self._verify_daily, name="verify", daemon=True).start()
        while not self._heart.stopping.is_set():
            more = self.turn()
            if not more and not self._heart.stopping.is_set():
                self._desk.bus.wait(LOG, self.writer.offset, timeout_s=BEAT_S)
        self.attempt("decisions", self._write_tally)
        while self.attempt("records", self.writer.take):
            pass
        self.attempt("checkpoint", self.writer.seal)

    def turn(self) -> bool:
        """Take in what is on the bus, do what is due, and say whether there is more to take in."""
        now_s, before = self._desk.clock.monotonic_s(), self.writer.size
        more = self.attempt("records", self.writer.take)
        self._due.taken += max(0, self.writer.size - before)
        if now_s >= self._due.seal_s and not self.writer.is_sealed and self.attempt("checkpoint", self.writer.seal):
            self._due.seal_s = now_s + SEAL_S
        self._add_cosignatures()
        if now_s >= self._due.trim_s:
            self._due.trim_s = now_s + TRIM_S
            self.attempt("bus", self._trim)
        if now_s >= self._due.chores_s and not self._due.troubles:
            self._due.chores_s = now_s + CHORES_S
            self.attempt("retention", self._prune)
        if now_s - self._due.beaten_s >= BEAT_S:
            self.beat(now_s)
        return more

    def beat(self, now_s: float) -> None:
        """Say that the part is alive, how fast, how far behind, and what is wrong."""
        troubles = [
            *self._due.troubles.values(),
            *(f"{one.name}: {one.trouble}" for one in self.witnesses.seen if one.trouble),
        ]
        since_s = max(now_s - self._due.beaten_s, 1e-3)
        lag = max(0, self._desk.bus.status(LOG).last - self.writer.offset)
        self._heart.beat(
            rate_per_s=self._due.taken / since_s, lag=lag, dropped=self.writer.unreadable, note="; ".join(troubles)
        )
        self._due.beaten_s, self._due.taken = now_s, 0

    def attempt(self, what: str, act: Callable[[], bool]) -> bool:
        """Do something that a full disk or a damaged log may forbid; say so on the board until it works again."""
        try:
            done = act()
        except ImpetusError as error:
            self._say(what, error)
            self._heart.stopping.wait(BEAT_S)
            return False
        if self._due.troubles.pop(what, None):
            self._note_troubles()
        return done

    def _say(self, what: str, error: ImpetusError) -> None:
        """Note a trouble; a damaged log is a severe finding as well, the first time."""
        if self._due.troubles.get(what) == error.detail:
            return
        log.warning("%s: %s", what, error.detail)
        is_told = error.detail in self._due.troubles.values()
        self._due.troubles[what] = error.detail
        self._note_troubles()
        if isinstance(error, OurFault) and not is_told:
            self._tell(error.detail)

    def _note_troubles(self) -> None:
        try:
            write_trouble(self._desk.log_files, "; ".join(self._due.troubles.values()))
        except NotNow as error:
            log.warning("%s", error.detail)

    def _tell(self, why: str) -> None:
        try:
            publish_findings(self._desk, [damage_finding(self._desk, why)])
        except NotNow as error:
            log.warning("the finding about the log has to wait: %s", error.detail)

    def _add_cosignatures(self) -> None:
        while not self._cosigned.empty():
            text, lines = self._cosigned.get()
            self.attempt("cosignatures", partial(self.writer.cosign, text, lines))

    def _write_tally(self) -> bool:
        """Write what this part itself was permitted and only counted yet, so that it is in the last checkpoint."""
        self._desk.tally.write_all(self._desk.journal, self._desk.clock.now())
        return False

    def _trim(self) -> bool:
        """Let the raw records that became entries leave the bus."""
        return bool(self._desk.bus.trim(LOG, older_than=self._desk.clock.now()))

    def _prune(self) -> bool:
        """Remove entries whose time is over; what is left is done in the next turns. Openings go in retention's runs."""
        removed = 0 if self._verifying.is_set() else self.writer.prune(self._desk.clock.now() - self._kept)
        if removed:
            log.info("%d entries were removed from the beginning of the log", removed)
            self._due.chores_s = self._desk.clock.monotonic_s()
        return False

    def _show_witnesses(self) -> None:
        """Show each new checkpoint, until told to stop."""
        while not self._heart.stopping.wait(WITNESS_S):
            try:
                for cosigned in self.witnesses.show():
                    self._cosigned.put(cosigned)
            except ImpetusError as error:
                log.warning("witnesses: %s", error.detail)

    def _verify_daily(self) -> None:
        """Read and recompute the whole log when it is due, until told to stop."""
        while not self._heart.stopping.wait(ASKED_S):
            if self.is_verification_due():
                self.verify()

    def is_verification_due(self) -> bool:
        """Say whether somebody asked for it, or a day has passed since the last time."""
        files, now_s = self._desk.log_files, self._desk.clock.monotonic_s()
        if read_asked(files) is not None:
            return True
        if now_s < self._daily_s:
            return False
        self._daily_s = now_s + DAILY_S
        last = read_verified(files)
        return last is None or self._desk.clock.now() - last.at >= VERIFY_EVERY

    def verify(self) -> None:
        """Read and recompute the whole log now, note the verdict, and tell when something is wrong."""
        self._verifying.set()
        try:
            verdict = verify_log(self._desk, ACTOR, check_signature)
            if not verdict.is_sound:
                log.error("%s", verdict.sentence())
                self._tell(verdict.sentence())
        except ImpetusError as error:
            log.warning("verification: %s", error.detail)
        finally:
            self._verifying.clear()


def damage_finding(desk: Desk, why: str) -> Finding:
    """Return the finding that the stored log does not fit together."""
    at = desk.clock.now()
    report = SelfReport(
        key=f"platform:log:damaged:{to_us(at)}",
        subject=SUBJECT,
        headline=Phrase(template="The log was changed or damaged"),
        why=Phrase(
            template="{why} Keep a copy of log-tiles, verify it against a witness's checkpoint, and bring back a good one.",
            values={"why": why},
        ),
    )
    return trouble_began(report, at)
