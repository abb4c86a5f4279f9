"""Start an installation: check that it may listen where it is told to, then supervise its parts until the end."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

from impetus.core.board import PartStatus
from impetus.core.errors import Misconfigured, Refused
from impetus.run.board import Board, Pens
from impetus.run.child_log import LIMIT_BYTES
from impetus.run.log import log_to_file
from impetus.run.parts import plan_parts
from impetus.run.restarts import Pace
from impetus.run.supervisor import Supervisor
from impetus.settings import Settings
from impetus.wiring import open_bus, open_clock, open_codec, open_door, open_state


def supervise(
    settings: Settings,
    *,
    arguments: Sequence[str] = (),
    on_row: Callable[[PartStatus], None] | None = None,
    pace: Pace | None = None,
) -> None:
    """Serve until SIGTERM; `arguments` go to every child, `on_row` is told of each part that reads differently."""
    clock = open_clock()
    log_to_file("supervisor", settings.home / "log" / "supervisor.log", limit_bytes=LIMIT_BYTES)

    def pens() -> Pens:
        store, bus = open_state(settings), open_bus(settings, clock)
        return Pens(store=store, bus=bus, codec=open_codec(), door=open_door(settings, store, bus, clock))

    parts = plan_parts(settings, arguments)
    Supervisor(settings.home, parts, Board(pens, clock), clock, pace=pace, on_row=on_row).run()


def check_reach(host: str, *, behind_tls: bool) -> None:
    """Refuse to listen beyond this machine unless somebody said that TLS is in front: passwords would travel in clear."""
    if behind_tls or is_loopback(host):
        return
    raise Refused(
        f"host is {host}: other machines could reach it, and it speaks plain HTTP",
        rule="passwords and readings do not travel in clear",
        value=host,
        limit="127.0.0.1, ::1 or localhost",
        source="GDPR, article 32(1)(a)",
        remedy="put a TLS proxy in front and add --behind-tls; see docs/how-to/run-an-installation.md",
    )


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach the host; a name other than `localhost` counts as reachable."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_ports(settings: Settings) -> None:
    """Raise `Misconfigured` when a port is taken or the address is not ours, before anything is started."""
    for host, port in ((settings.host, settings.port), settings.ingest_address):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except (OSError, OverflowError) as error:
                raise Misconfigured(
                    f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
                    value=f"{host}:{port}",
                    limit="an address of this machine and a free port",
                    remedy="choose another --port, or stop what uses it",
                ) from error


def free_port() -> int:
    """Return a port of this machine that nobody listens on, with its neighbour free for the ingest."""
    for _ in range(100):
        with socket.socket() as web, socket.socket() as ingest:
            web.bind(("127.0.0.1", 0))
            port = int(web.getsockname()[1])
            try:
                ingest.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise Misconfigured("no two free ports next to each other", limit="127.0.0.1", remedy="close programs that listen")
