"""Lines to devices over a real broker and a real HTTP server: answered, refused, away, or honestly unknown."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import paho.mqtt.client as paho_mqtt
import pytest

from adapters.city_program import authorised_action
from impetus.adapters.broker import read_broker
from impetus.adapters.effectors import mqtt as mqtt_line
from impetus.adapters.effectors.declared import HttpLine, MqttLine
from impetus.adapters.effectors.http import HttpLink
from impetus.adapters.effectors.mqtt import MqttLink
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.errors import NotNow
from impetus.demo.city_systems import City, Face
from impetus.testing.city import SIGN
from mqtt_broker import Mosquitto, free_port

BROKER = "mosquitto"


@pytest.fixture(scope="module")
def given() -> Authorised[Action]:
    """Return one agreed action; its end is in the past of the machine's clock."""
    return authorised_action()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Return a real broker that lets the platform and the devices in."""
    server = start(tmp_path)
    yield server
    server.stop()


def start(folder: Path) -> Mosquitto:
    """Start a Mosquitto with two users and a list of who may say what."""
    import subprocess

    port = free_port()
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    for user in ("impetus", "devices"):
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, f"secret-{user}"], check=True)
    (folder / "acl").write_text(
        "user impetus\ntopic write city/+/set\ntopic read city/+/state\n"
        "user devices\ntopic read city/+/set\ntopic write city/+/state\n"
    )
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nacl_file {folder / 'acl'}\nuser root\n"
    )
    server = Mosquitto(BROKER, folder, port)
    server.start()
    return server


class Device:
    """The demonstration's sign behind a real broker, in a thread of paho's own."""

    def __init__(self, port: int, *, is_mute: bool = False) -> None:
        self.city = City(now=lambda: datetime(2026, 3, 14, 21, 0, tzinfo=UTC), faces={"sign-e1": Face()})
        self.is_mute, self.heard = is_mute, list[dict[str, str]]()
        self._client = paho_mqtt.Client(paho_mqtt.CallbackAPIVersion.VERSION2)
        self._client.username_pw_set("devices", "secret-devices")
        self._client.on_message = self._answer
        self._ready = threading.Event()
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe("city/+/set", qos=1)
        assert self._ready.wait(10)

    def _answer(self, _client: object, _state: object, message: paho_mqtt.MQTTMessage) -> None:
        self.heard.append(json.loads(message.payload))
        answer = self.city.take(message.topic.split("/")[1], message.payload)
        if answer is not None and not self.is_mute:
            self._client.publish("city/sign-e1/state", json.dumps(answer), qos=1, retain=True)

    def close(self) -> None:
        """Go away."""
        self._client.loop_stop()
        self._client.disconnect()


def link(port: int) -> MqttLink:
    """Return the line to the sign."""
    return MqttLink(
        SIGN, MqttLine(broker=read_broker(f"mqtt://impetus:secret-impetus@127.0.0.1:{port}"), topic="city/sign-e1")
    )


def test_a_sign_over_a_real_broker_shows_answers_repeats_and_clears(
    broker: Mosquitto, given: Authorised[Action]
) -> None:
    """Set, set again, ask, clear, clear again: one effect, and each answer is the device's own."""
    device = Device(broker.port)
    line = link(broker.port)
    assert line.perform(given).succeeded
    assert line.perform(given).succeeded
    shown = line.shown()
    assert shown is not None
    assert (shown.key, shown.words) == (given.key, "leave by E2")
    assert line.revert(given).succeeded
    assert line.revert(given).succeeded
    assert device.city.faces["sign-e1"].words == ""
    assert device.heard[0] == {
        "do": "set",
        "key": given.key,
        "words": "leave by E2",
        "until": given.what.parameters["ends"],
    }
    device.close()


def test_a_device_that_does_not_answer_is_unknown(
    broker: Mosquitto, given: Authorised[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sent; whether it is shown nobody can say."""
    monkeypatch.setattr(mqtt_line, "ANSWER_S", 0.3)
    device = Device(broker.port, is_mute=True)
    outcome = link(broker.port).perform(given)
    assert (outcome.succeeded, outcome.is_known) == (False, False)
    assert len(device.heard) == 1
    assert not link(broker.port).revert(given).succeeded
    device.close()


def test_a_broker_that_is_away_and_a_wrong_password_are_known_not_to_have_sent_anything(
    broker: Mosquitto, given: Authorised[Action]
) -> None:
    """Not now, and nothing was sent: it may be tried again."""
    wrong = MqttLine(broker=read_broker(f"mqtt://impetus:guess@127.0.0.1:{broker.port}"), topic="city/sign-e1")
    for line in (MqttLink(SIGN, wrong), link(free_port())):
        with pytest.raises(NotNow, match="nothing was sent"):
            line.perform(given)
        assert line.shown() is None


def test_a_command_whose_end_is_over_is_refused_by_the_device(broker: Mosquitto, given: Authorised[Action]) -> None:
    """A queue that held it for hours does no harm."""
    device = Device(broker.port)
    device.city.now = lambda: datetime(2026, 3, 15, tzinfo=UTC)
    outcome = link(broker.port).perform(given)
    assert (outcome.succeeded, outcome.is_known, "too late" in outcome.receipt) == (False, True, True)
    device.close()


def test_nonsense_on_the_state_topic_is_no_answer(
    broker: Mosquitto, given: Authorised[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes nonsense there makes nothing known."""
    monkeypatch.setattr(mqtt_line, "ANSWER_S", 0.3)
    device = Device(broker.port, is_mute=True)
    for body in (b"[]", b"{", b"\xff", b'{"answers": 1}', b"[" * 5000):
        device._client.publish("city/sign-e1/state", body, qos=1, retain=True).wait_for_publish(5)
    assert not link(broker.port).perform(given).is_known
    device.close()


class Firewall(BaseHTTPRequestHandler):
    """A firewall with an API: PUT blocks, DELETE lets through; `status` is what it answers."""

    blocks: ClassVar[dict[str, dict[str, str]]] = {}
    headers_seen: ClassVar[list[dict[str, str]]] = []
    status: ClassVar[int] = 0

    def do_PUT(self) -> None:
        """Block."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.status:
            type(self).blocks[self.path] = body
        self._say(self.status or 201)

    def do_DELETE(self) -> None:
        """Let through."""
        known = type(self).blocks.pop(self.path, None)
        self._say(self.status or (204 if known else 404))

    def _say(self, status: int) -> None:
        type(self).headers_seen.append({name.lower(): value for name, value in self.headers.items()})
        if status < 0:
            self.connection.close()
            return
        self.send_response(status)
        if status == 302:
            self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def firewall() -> Iterator[int]:
    """Return the port of a real HTTP server."""
    Firewall.blocks, Firewall.headers_seen, Firewall.status = {}, [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Firewall)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def http_link(port: int) -> HttpLink:
    """Return the line to the firewall."""
    return HttpLink(SIGN, HttpLine(url=f"http://127.0.0.1:{port}/blocks/{{key}}", token="t0ken"))


def test_a_firewall_blocks_and_lets_through_again(firewall: int, given: Authorised[Action]) -> None:
    """PUT under the effect's own key, twice is once; DELETE, and gone already is as good."""
    line = http_link(firewall)
    assert line.perform(given).succeeded
    assert line.perform(given).succeeded
    assert list(Firewall.blocks.values()) == [
        {"key": given.key, "words": "leave by E2", "until": given.what.parameters["ends"]}
    ]
    assert Firewall.headers_seen[0]["authorization"] == "Bearer t0ken"
    assert Firewall.headers_seen[0]["idempotency-key"] == given.key
    assert line.revert(given).succeeded
    assert line.revert(given).succeeded
    assert (Firewall.blocks, line.shown()) == ({}, None)


@pytest.mark.parametrize(
    ("status", "is_known"),
    [(400, True), (403, True), (409, True), (500, False), (503, False), (302, False), (-1, False)],
)
def test_what_an_answer_means(firewall: int, given: Authorised[Action], status: int, *, is_known: bool) -> None:
    """Theirs to refuse; when their machine is in trouble, or sends us elsewhere, nobody knows."""
    Firewall.status = status
    outcome = http_link(firewall).perform(given)
    assert (outcome.succeeded, outcome.is_known) == (False, is_known)


def test_a_server_that_is_not_there_got_nothing(given: Authorised[Action]) -> None:
    """Not now, and it says that nothing was sent."""
    with pytest.raises(NotNow, match="nothing was sent"):
        http_link(free_port()).perform(given)
