"""A real Mosquitto for tests, and waiting for what a broker or a thread does."""

import asyncio
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.publish
import pytest

PATIENCE_S = 20.0


@dataclass(slots=True)
class Mosquitto:
    """A real broker on a free loopback port, with a password file and no anonymous clients."""

    program: str
    folder: Path
    port: int
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.running = subprocess.Popen(
            [self.program, "-c", str(self.folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            with suppress(subprocess.TimeoutExpired):
                self.running.wait(0.05)
        pytest.fail("Mosquitto does not listen")

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait(10)
            self.running = None

    def publish(self, topic: str, body: bytes) -> None:
        """Publish as the source square with QoS 1, and wait until the broker has it."""
        user = {"username": "square", "password": "secret-square"}
        paho.mqtt.publish.single(topic, body, qos=1, hostname="127.0.0.1", port=self.port, auth=user)  # type: ignore[arg-type]

    def url(self, user: str = "ingest", options: str = "") -> str:
        """Return the address for a user."""
        return f"mqtt://{user}:secret-{user}@127.0.0.1:{self.port}{options}"


def start_broker(program: str, folder: Path) -> Mosquitto:
    """Return a started Mosquitto that knows two users: `ingest` reads every source, `square` writes its own."""
    port = free_port()
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    for user in ("ingest", "square"):
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, f"secret-{user}"], check=True)
    (folder / "acl").write_text(
        "user ingest\ntopic read impetus/+/observations\ntopic readwrite impetus-watch/#\n"
        "user square\ntopic write impetus/square/observations\n"
    )
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nacl_file {folder / 'acl'}\n"
        f"persistence true\npersistence_location {folder}/\nuser root\n"
    )
    server = Mosquitto(program, folder, port)
    server.start()
    return server


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the state belongs to a broker or a thread; nothing rings when it changes
            await asyncio.sleep(0.01)
