"""The demonstration's city: a variable-message sign at each exit and a public-address zone, over MQTT, all simulated.

They behave as real ones should: a command whose time is over is refused, the same key is shown once, only what is shown is
cleared, and what was set clears itself at its end even when nobody says so.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiomqtt

TOPIC: Final = "city"
FOLDER: Final = "city"
PLATFORM_USER, DEVICE_USER = "impetus", "devices"
LOOK_S: Final = 0.5
RETRY_S: Final = 1.0
MOST_WORDS: Final = 500
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDevice:
    """One device of the demonstration."""

    id: str
    name: str
    kind: str
    point: tuple[float, float]
    most_words: int


DEVICES: Final = (
    SimulatedDevice(id="sign-ne", name="Sign, exit north-east", kind="sign", point=(10.73480, 59.91182), most_words=60),
    SimulatedDevice(id="sign-se", name="Sign, exit south-east", kind="sign", point=(10.73480, 59.91138), most_words=60),
    SimulatedDevice(id="sign-nw", name="Sign, exit north-west", kind="sign", point=(10.73218, 59.91182), most_words=60),
    SimulatedDevice(
        id="pa-square", name="Loudspeakers, square", kind="public_address", point=(10.73350, 59.91170), most_words=200
    ),
)


@dataclass(slots=True)
class Face:
    """What one device shows, and until when."""

    key: str = ""
    words: str = ""
    until: datetime | None = None


@dataclass(slots=True)
class City:
    """Every device's face, and what it answers; no network here."""

    now: Now = lambda: datetime.now(UTC)
    faces: dict[str, Face] = field(default_factory=lambda: {device.id: Face() for device in DEVICES})

    def take(self, device: str, body: bytes) -> dict[str, str] | None:
        """Return the answer to a command, None for what is none."""
        try:
            command = json.loads(body)
            do, key = str(command["do"]), str(command["key"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if device not in self.faces or do not in {"set", "clear"}:
            return None
        refused = self._set(device, key, command) if do == "set" else self._clear(device, key)
        said = {**self.state(device), "answers": key, "did": do}
        return {**said, "refused": refused} if refused else said

    def state(self, device: str) -> dict[str, str]:
        """Return what a device shows."""
        face = self.faces[device]
        return {"key": face.key, "words": face.words}

    def expire(self) -> list[str]:
        """Clear what is over by itself and return which devices that were."""
        now = self.now()
        over = [name for name, face in self.faces.items() if face.until is not None and now >= face.until]
        for name in over:
            self.faces[name] = Face()
        return over

    def _set(self, device: str, key: str, command: dict[str, object]) -> str:
        try:
            until = datetime.fromisoformat(str(command["until"]))
            is_over = self.now() >= until
        except (ValueError, KeyError, TypeError):
            return "no end is named"
        if is_over:
            return "too late: its end is over"
        words = str(command.get("words", ""))
        if not 0 < len(words) <= MOST_WORDS:
            return "too long, or empty"
        self.faces[device] = Face(key=key, words=words, until=until)
        return ""

    def _clear(self, device: str, key: str) -> str:
        if self.faces[device].key == key:
            self.faces[device] = Face()
        return ""


async def serve_city(city: City, host: str, port: int, password: str, is_over: Callable[[], bool]) -> None:
    """Answer commands until told to stop; a broker that is away is waited for."""
    while not is_over():
        try:
            client = aiomqtt.Client(
                host, port, username=DEVICE_USER, password=password, protocol=aiomqtt.ProtocolVersion.V311, timeout=3.0
            )
            async with client:
                await client.subscribe(f"{TOPIC}/+/set", qos=1)
                for device in city.faces:
                    await _publish(client, device, city.state(device))
                async with asyncio.TaskGroup() as tasks:
                    listening = tasks.create_task(_listen(client, city))
                    tasks.create_task(_expire(client, city, is_over, listening))
        except* (aiomqtt.MqttError, OSError, TimeoutError):
            await asyncio.sleep(RETRY_S)


async def _listen(client: aiomqtt.Client, city: City) -> None:
    async for message in client.messages:
        device = message.topic.value.split("/")[1]
        body = message.payload if isinstance(message.payload, bytes) else b""
        answer = city.take(device, body)
        if answer is not None:
            await _publish(client, device, answer)


async def _expire(
    client: aiomqtt.Client, city: City, is_over: Callable[[], bool], listening: asyncio.Task[None]
) -> None:
    while not is_over() and not listening.done():
        for device in city.expire():
            await _publish(client, device, city.state(device))
        await asyncio.sleep(LOOK_S)
    listening.cancel()


async def _publish(client: aiomqtt.Client, device: str, state: dict[str, str]) -> None:
    await client.publish(f"{TOPIC}/{device}/state", json.dumps(state).encode(), qos=1, retain=True)


def make_city(home: Path, port: int) -> None:
    """Write the demonstration's declaration and new passwords for its broker; older ones are void from here on."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only whoever prepares a demonstration hashes

    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    lines = []
    for user in (PLATFORM_USER, DEVICE_USER):
        password = secrets.token_urlsafe(32)
        _write(folder / f"{user}.password", password)
        lines.append(f"{user}:{hasher.hash(password)}")
    _write(folder / "users", "\n".join(lines) + "\n")
    _write(folder / "port", str(port))
    _write(home / "effectors.toml", _declaration(port))


def _write(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="ascii")
    fresh.replace(file)


def _declaration(port: int) -> str:
    parts = ["# Written by `impetus demo` at each start: everything here is simulated."]
    for device in DEVICES:
        lon, lat = device.point
        parts.append(
            f"[[device]]\nid = {json.dumps(device.id)}\nname = {json.dumps(device.name)}\nkind = {json.dumps(device.kind)}\n"
            f"point = [{lon}, {lat}]\nlongest_minutes = 120\nmost_words = {device.most_words}\nsimulated = true\n"
            f'[device.mqtt]\nbroker = "mqtt://{PLATFORM_USER}@127.0.0.1:{port}?password_file={{home}}/{FOLDER}/{PLATFORM_USER}.password"\n'
            f'topic = "{TOPIC}/{device.id}"\n'
        )
    parts.append('[warnings]\nsender = "control-room@city.example"\n')
    gateways = {"Exercise": "warnings/exercise", "Test": "warnings/test"}
    parts += [f'[[gateway]]\nstatus = "{status}"\nfolder = "{folder}"\n' for status, folder in gateways.items()]
    return "\n".join(parts)
