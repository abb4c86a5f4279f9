"""The demonstration's city: a broker that lets nobody in without this start's password, and devices that end by themselves."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.city_program import authorised_action
from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.effectors.city import DeclaredCity
from impetus.core.effect import DeviceKind
from impetus.demo.broker import broker_settings, serve_broker
from impetus.demo.city_systems import DEVICES, FOLDER, City, make_city, serve_city
from mqtt_broker import free_port
from patience import until

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
LIMIT_S = 20.0


@dataclass(slots=True, kw_only=True)
class Running:
    """A running broker with the simulated city behind it."""

    home: Path
    port: int
    city: City

    def password(self, user: str) -> str:
        """Return this start's password."""
        return (self.home / FOLDER / f"{user}.password").read_text()

    def enter(self, user: str | None, password: str | None) -> bool:
        """Say whether the broker lets somebody in."""

        async def knock() -> bool:
            try:
                async with self.client(user, password):
                    return True
            except aiomqtt.MqttError:
                return False

        return asyncio.run(knock())

    def client(self, user: str | None, password: str | None) -> aiomqtt.Client:
        """Return a client that comes as somebody."""
        return aiomqtt.Client(
            "127.0.0.1",
            self.port,
            username=user,
            password=password,
            protocol=aiomqtt.ProtocolVersion.V311,
            timeout=5.0,
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return the demonstration's broker and city, each in a thread of its own."""
    home, port, stop = tmp_path_factory.mktemp("home"), free_port(), threading.Event()
    make_city(home, port)
    now = Running(home=home, port=port, city=City(now=lambda: AT))
    up = threading.Event()
    broker = threading.Thread(target=lambda: asyncio.run(serve_broker(home, stop.is_set, up.set)), daemon=True)
    broker.start()
    assert up.wait(LIMIT_S)
    devices = threading.Thread(
        target=lambda: asyncio.run(serve_city(now.city, "127.0.0.1", port, now.password("devices"), stop.is_set)),
        daemon=True,
    )
    devices.start()
    link = DeclaredCity(home, XmlCap()).link("sign-ne")
    until(lambda: link.shown() is not None, limit_s=LIMIT_S, what="the city says what it shows")
    yield now
    stop.set()
    devices.join(LIMIT_S)
    broker.join(LIMIT_S)


def test_the_broker_listens_on_this_machine_only() -> None:
    """Loopback, a password file, a list of who may say what, and nothing that lets anybody in unnamed."""
    settings = broker_settings(Path("users"), 1884)
    assert settings["listeners"]["default"]["bind"] == "127.0.0.1:1884"
    assert not any("Anonymous" in name for name in settings["plugins"])


@pytest.mark.parametrize(
    ("user", "password"),
    [(None, None), ("impetus", None), ("impetus", ""), ("impetus", "guess"), ("nobody", "guess"), ("devices", "guess")],
)
def test_nobody_comes_in_without_this_starts_password(running: Running, user: str | None, password: str | None) -> None:
    """Unnamed, unknown, without or with a wrong password: turned away by the running broker."""
    assert not running.enter(user, password)
    assert running.enter("impetus", running.password("impetus"))


def test_one_users_password_is_not_anothers(running: Running) -> None:
    """Each has its own."""
    assert not running.enter("impetus", running.password("devices"))


def test_each_start_makes_new_passwords_that_only_the_owner_can_read(running: Running, tmp_path: Path) -> None:
    """The password before does not open the door after."""
    make_city(tmp_path, 1884)
    before = (tmp_path / FOLDER / "impetus.password").read_text()
    make_city(tmp_path, 1884)
    assert (tmp_path / FOLDER / "impetus.password").read_text() != before
    for file in (tmp_path / FOLDER).iterdir():
        assert file.stat().st_mode & 0o077 == 0
    assert before not in (tmp_path / FOLDER / "users").read_text()
    assert running.port


def test_the_platforms_user_cannot_speak_for_a_device_nor_listen_to_commands(running: Running) -> None:
    """What a sign shows only the sign says."""

    async def try_it() -> tuple[object, object]:
        async with running.client("impetus", running.password("impetus")) as client:
            refused = await client.subscribe("#", qos=1)
            await client.publish("city/sign-se/state", b'{"key": "lie", "words": "lie"}', qos=1, retain=True)
            return refused, await client.subscribe("city/+/set", qos=1)

    answers = asyncio.run(try_it())
    assert all("0x80" in str(each) or "Unspecified" in str(each) for each in answers)
    shown = DeclaredCity(running.home, XmlCap()).link("sign-se").shown()
    assert shown is not None
    assert shown.key == ""


def test_a_sign_is_set_and_taken_back_over_the_broker(running: Running) -> None:
    """The whole way: declaration, line, broker, device, answer."""
    city = DeclaredCity(running.home, XmlCap())
    assert city.fault() == ""
    assert {device.kind for device in city.devices()} == {DeviceKind.SIGN, DeviceKind.PUBLIC_ADDRESS}
    assert all(device.simulated and device.point for device in city.devices())
    agreed, link = authorised_action("leave by W2"), city.link("sign-nw")
    assert link.perform(agreed).succeeded
    assert running.city.faces["sign-nw"].words == "leave by W2"
    assert link.revert(agreed).succeeded
    assert running.city.faces["sign-nw"].words == ""


def command(do: str, key: str, *, until_s: float = 60, words: str = "leave") -> bytes:
    """Return a command as it stands on the wire."""
    return json.dumps(
        {"do": do, "key": key, "words": words, "until": (AT + timedelta(seconds=until_s)).isoformat()}
    ).encode()


def test_what_was_set_clears_itself_at_its_end_when_nobody_says_so() -> None:
    """The platform may be dead: the sign is not."""
    now = [AT]
    city = City(now=lambda: now[0])
    city.take("sign-ne", command("set", "a", until_s=60))
    now[0] = AT + timedelta(seconds=59)
    assert city.expire() == []
    now[0] = AT + timedelta(seconds=60)
    assert city.expire() == ["sign-ne"]
    assert city.state("sign-ne") == {"key": "", "words": ""}


def test_only_what_is_shown_is_cleared() -> None:
    """An old clearing that comes late does not take newer words away."""
    city = City(now=lambda: AT)
    city.take("sign-ne", command("set", "a"))
    city.take("sign-ne", command("set", "b"))
    answer = city.take("sign-ne", command("clear", "a"))
    assert answer is not None
    assert (answer["key"], answer["answers"]) == ("b", "a")


@pytest.mark.parametrize("change", [{"until_s": -1}, {"words": ""}, {"words": "x" * 501}])
def test_what_a_device_cannot_do_it_refuses(change: dict[str, object]) -> None:
    """Too late, empty, too long."""
    answer = City(now=lambda: AT).take("sign-ne", command("set", "a", **change))  # type: ignore[arg-type]  # named parts
    assert answer is not None
    assert answer["refused"]


@given(
    body=st.binary(max_size=60) | st.text(max_size=40).map(lambda text: json.dumps({"do": "set", "key": text}).encode())
)
def test_no_message_breaks_a_device(body: bytes) -> None:
    """Fuzzed: an answer or none."""
    city = City(now=lambda: AT)
    answer = city.take(DEVICES[0].id, body)
    assert answer is None or "did" in answer
