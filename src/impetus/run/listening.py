"""Uvicorn inside a child process: the heart listens to signals, the socket is ours, streams end in time."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from impetus.core.errors import Misconfigured

BACKLOG: Final = 2048
GRACE_S: Final = 1
"""Seconds a request may take to finish after the process was told to stop; the supervisor waits two. House rule."""
KEEP_ALIVE_S: Final = 30


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals as they are."""
        yield


def configured(app: ASGIApp) -> uvicorn.Config:
    """Return how an app is served: uvloop, httptools, no access log, no server header."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; `Misconfigured` when the address is not ours or the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host}:{port}: {error.strerror}",
            value=f"{host}:{port}",
            limit="an address of this machine and a free port",
            remedy="choose another port, or stop what uses it",
        ) from error
