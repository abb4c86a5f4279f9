"""The part that reads sources of others: feeds behind addresses and folders with files, as `sources.toml` declares them.

Each source has a thread of its own, so that one that hangs keeps nobody else waiting. The file is looked at every few seconds;
when it changes everything begins anew with what it says then. A file with a fault is read as nothing, and the board says
which line is wrong.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from impetus.adapters.feeds.declared import FeedDeclared
from impetus.adapters.feeds.fetch import open_origin
from impetus.adapters.feeds.sources_file import SOURCES_FILE, read_sources
from impetus.adapters.ingest_client import IngestClient
from impetus.core.errors import ImpetusError
from impetus.core.observation import US_PER_S, to_us
from impetus.desk.context import Desk
from impetus.desk.stop_watch import StopWatch
from impetus.run.feed_formats import reader_of
from impetus.run.heartbeat import Heart
from impetus.run.poller import Poller
from impetus.run.source_tokens import fresh_token
from impetus.settings import Settings
from impetus.wiring import open_desk

log = logging.getLogger(__name__)
LOOK_S: Final = 1.0
TOKEN_NAME: Final = "polled"  # noqa: S105 - the name of a token, not its secret
"""The name of the tokens of this part, one a source."""
PATIENCE_S: Final = 20.0
LEAVE_S: Final = 1.5
"""Seconds the threads may take to end when told to stop; they are daemons. House rule."""
OPERATIONS: Final = ("observations.write", "sources.declare")


class Polling:
    """The sources of one state of the file, each in its thread."""

    def __init__(self, desk: Desk, settings: Settings, declared: Sequence[FeedDeclared]) -> None:
        """Take a token for each source and begin; one that cannot begin is said, and the others do."""
        self._stopping = threading.Event()
        self._desk, self._settings = desk, settings
        self.pollers: list[Poller] = []
        self.troubles: list[str] = []
        self._clients: list[IngestClient] = []
        self._threads: list[threading.Thread] = []
        for each in declared:
            try:
                self._begin(each)
            except ImpetusError as error:
                self.troubles.append(f"{each.id}: {error.detail}")

    def _begin(self, declared: FeedDeclared) -> None:
        read = reader_of(declared)
        token = fresh_token(self._desk, TOKEN_NAME, declared.id, OPERATIONS)
        client = IngestClient(
            url=ingest_url(self._settings),
            token=token,
            patience_s=PATIENCE_S,
            sleep=self._wait,
        )
        poller = Poller(
            declared,
            open_origin(declared.origin),
            read,
            client,
            StopWatch(self._desk),
            latest_us=lambda: to_us(self._desk.clock.now()) + round(self._settings.future_s * US_PER_S),
        )
        thread = threading.Thread(target=self._run, args=(poller,), name=f"poll-{declared.id}", daemon=True)
        self.pollers.append(poller)
        self._clients.append(client)
        self._threads.append(thread)
        thread.start()

    def _wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _run(self, poller: Poller) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(poller.turn())

    def close(self) -> None:
        """Tell every thread to end, and wait a moment for those that do."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(LEAVE_S / max(1, len(self._threads)))
        for client in self._clients:
            client.close()

    def note(self) -> str:
        """Say how the sources fare: what is wrong first."""
        wrong = [f"{poller.declared.id}: {poller.status.trouble}" for poller in self.pollers if poller.status.trouble]
        left = sum(sum(poller.status.left_out.values()) for poller in self.pollers)
        fine = f"{len(self.pollers)} sources read" + (f", {left} entries left out" if left else "")
        return "; ".join([*self.troubles, *wrong, fine])

    def sent(self) -> int:
        """Return how many readings were taken since the beginning."""
        return sum(poller.status.sent for poller in self.pollers)

    def refused(self) -> int:
        """Return how many were refused."""
        return sum(poller.status.refused for poller in self.pollers)


def run(settings: Settings, heart: Heart) -> None:
    """Read every declared source until told to stop."""
    desk = open_desk(settings)
    polling, fault, stamp = _start(desk, settings)
    before = 0
    try:
        while not heart.stopping.is_set():
            if stamp_of(settings.home) != stamp:
                polling.close()
                polling, fault, stamp = _start(desk, settings)
                before = 0
            sent = polling.sent()
            heart.beat(
                rate_per_s=max(0, sent - before) / LOOK_S, dropped=polling.refused(), note=fault or polling.note()
            )
            before = sent
            heart.stopping.wait(LOOK_S)
    finally:
        polling.close()
        desk.close()


def _start(desk: Desk, settings: Settings) -> tuple[Polling, str, str]:
    """Return what is read now, the fault of the file, and the file's stamp."""
    stamp = stamp_of(settings.home)
    try:
        declared = read_sources(settings.home)
    except ImpetusError as error:
        log.exception("no source is read: %s", error.detail)
        return Polling(desk, settings, ()), error.detail, stamp
    return Polling(desk, settings, declared), "", stamp


def ingest_url(settings: Settings) -> str:
    """Return where this installation's own ingest is reached from this machine."""
    host, port = settings.ingest_address
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared with, not bound to
    return f"http://{f'[{here}]' if ':' in here else here}:{port}"


def stamp_of(home: Path) -> str:
    """Return what changes when the file does."""
    try:
        found = (home / SOURCES_FILE).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}.{found.st_size}.{found.st_ino}"
