"""The web as a child process: uvicorn around the app, ended within two seconds whatever streams are open."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from impetus.core.errors import Misconfigured
from impetus.run.heartbeat import Heart
from impetus.settings import Settings
from impetus.web.app import create_app
from impetus.web.context import Web
from impetus.wiring import open_desk

BEAT_S = 1.0
BACKLOG = 2048
GRACE_S = 1
"""Seconds a request may take to finish after the process was told to stop; the supervisor waits two. House rule."""


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the heart listens to signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals as they are."""
        yield


def run(settings: Settings, heart: Heart) -> None:
    """Serve the web until told to stop."""
    desk = open_desk(settings)
    try:
        serve(create_app(desk, settings), settings.host, settings.port, heart)
    finally:
        desk.close()


def serve(app: FastAPI, host: str, port: int, heart: Heart) -> None:
    """Serve an app on host and port, beating, until the heart stops; streams are ended first."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )
    with (
        listen(host, port) as door,
        asyncio.Runner(loop_factory=config.get_loop_factory()) as runner,
    ):
        runner.run(_serve(Server(config), door, app, heart))


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; `Misconfigured` when the address is not ours or the port is taken."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG
        )
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {host}:{port}: {error.strerror}",
            value=f"{host}:{port}",
            limit="an address of this machine and a free port",
            remedy="choose another port, or stop what uses it",
        ) from error


async def _serve(server: Server, door: socket.socket, app: FastAPI, heart: Heart) -> None:
    """Run the server beside its heartbeat."""
    web: Web = app.state.web
    serving = asyncio.create_task(server.serve(sockets=[door]))
    stopping = asyncio.create_task(asyncio.to_thread(heart.stopping.wait))
    beating = asyncio.create_task(_beat(server, web, heart))
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.to_thread(web.hub.stop)
        server.should_exit = True
        await serving
    finally:
        beating.cancel()
        heart.stopping.set()
        await stopping


async def _beat(server: Server, web: Web, heart: Heart) -> None:
    """Say once a second how many requests came and how many streams are open."""
    before = 0
    while True:
        now = server.server_state.total_requests
        heart.beat(
            rate_per_s=(now - before) / BEAT_S,
            dropped=web.hub.dropped,
            note=f"live views: {web.hub.clients}" if web.hub.clients else "",
        )
        before = now
        await asyncio.sleep(BEAT_S)
