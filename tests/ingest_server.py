"""The ingest's app on a real loopback port, for tests of what talks to it over the network."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from impetus.core.admission import Limits
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.desk.ingest import Intake
from impetus.run.listening import Server, configured, listen
from impetus.settings import Settings
from impetus.web.ingest.app import create_ingest_app
from ingest_samples import ADMINISTRATOR, SQUARE, TightBus, make_desk


@dataclass(slots=True)
class RunningIngest:
    """An ingest that can be started and stopped at one port."""

    desk: Desk
    bus: TightBus
    intake: Intake
    app: FastAPI
    port: int
    _server: Server | None = None
    _thread: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def token(self, *operations: str, source: str = SQUARE) -> str:
        """Return a token that carries these operations for a source."""
        return tokens.issue(self.desk, ADMINISTRATOR, source, operations, source=source)[1]  # type: ignore[arg-type]

    def start(self) -> None:
        """Listen; connections made from now on are answered."""
        server = Server(configured(self.app))
        door = listen("127.0.0.1", self.port)
        self._server = server
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[door])))
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait until the last answer is out."""
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = None


@contextmanager
def running_ingest() -> Iterator[RunningIngest]:
    """Yield an ingest over a desk in memory, not yet listening."""
    bus = TightBus()
    desk = make_desk(bus=bus)
    intake = Intake(desk, Limits(default_retention_us=10**17, late_us=10**17))
    intake.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_ingest_app(desk, Settings(home=Path("unused")), intake)
    ingest = RunningIngest(desk, bus, intake, app, port)
    yield ingest
    ingest.stop()
    intake.close()
