"""The real web process, served from a thread for as long as a test or the screenshots need it."""

import contextlib
import threading
from collections.abc import Iterator

from impetus.run.heartbeat import Heart
from impetus.run.web import listen, serve
from impetus.web.app import create_app
from screens.seeded import Seeded


@contextlib.contextmanager
def served(town: Seeded, port: int = 0) -> Iterator[str]:
    """Serve the installation on a port of this machine, a free one for 0, and give its address."""
    if not port:
        with listen("127.0.0.1", 0) as probe:
            port = probe.getsockname()[1]
    heart = Heart()
    thread = threading.Thread(
        target=serve, args=(create_app(town.desk, town.settings), "127.0.0.1", port, heart), daemon=True
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        heart.stopping.set()
        thread.join(timeout=10)
