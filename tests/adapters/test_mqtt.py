"""Readings over a real Mosquitto: taken, acknowledged when durable, through restarts of the broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from impetus.adapters import mqtt
from impetus.adapters.broker import read_broker
from impetus.adapters.mqtt import ARROW, JSON, Subscription, media_of, source_of
from impetus.core.errors import Malformed, Misconfigured, NotNow, OurFault
from mqtt_broker import PATIENCE_S, Mosquitto, start_broker, until


@pytest.fixture
def broker(mosquitto: str, tmp_path: Path) -> Iterator[Mosquitto]:
    """Return a started Mosquitto that knows two users."""
    server = start_broker(mosquitto, tmp_path)
    yield server
    server.stop()


@dataclass(slots=True)
class Receiver:
    """What was delivered; raises the errors it holds first."""

    errors: list[Exception] = field(default_factory=list)
    got: list[tuple[str, str, bytes]] = field(default_factory=list)
    tried: int = 0

    async def deliver(self, source: str, media: str, body: bytes) -> None:
        """Take a message, or fail as told."""
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        self.got.append((source, media, body))


@asynccontextmanager
async def subscribed(url: str, deliver: mqtt.Deliver, **options: float) -> AsyncIterator[Subscription]:
    """Run a subscription until the block ends."""
    subscription = Subscription(read_broker(url), deliver, **options)
    running = asyncio.create_task(subscription.run())
    try:
        await until(lambda: subscription.status.connected)
        yield subscription
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def publish(
    broker: Mosquitto, *bodies: bytes, media: str | None = None, topic: str = "impetus/square/observations"
) -> None:
    """Publish as the source square with QoS 1."""
    client = read_broker(broker.url("square"))
    properties = Properties(PacketTypes.PUBLISH)
    if media is not None:
        properties.ContentType = media
    async with aiomqtt.Client(
        client.host, client.port, username=client.user, password=client.password, protocol=aiomqtt.ProtocolVersion.V5
    ) as publisher:
        for body in bodies:
            await publisher.publish(topic, body, qos=1, properties=properties)


def run(body: Awaitable[None]) -> None:
    """Run an asynchronous test."""

    async def bounded() -> None:
        await asyncio.wait_for(body, 3 * PATIENCE_S)

    asyncio.run(bounded())


@pytest.mark.real
def test_a_message_reaches_ingest_with_its_source_and_kind(broker: Mosquitto) -> None:
    """The topic is the source; the kind is the property, or what the bytes say."""

    async def story() -> None:
        receiver = Receiver()
        async with subscribed(broker.url(), receiver.deliver) as subscription:
            await publish(broker, b"{}")
            await publish(broker, b"\xff\xff\xff\xffrest")
            await publish(broker, b"x", media="Application/JSON; charset=utf-8")
            await until(lambda: len(receiver.got) == 3)
            assert [media for _, media, _ in receiver.got] == [JSON, ARROW, JSON]
            assert {source for source, _, _ in receiver.got} == {"square"}
            await until(lambda: subscription.status.watched is True)
            assert "3 messages taken" in subscription.status.note()

    run(story())


@pytest.mark.real
def test_what_is_not_durable_is_not_acknowledged_and_comes_again(broker: Mosquitto) -> None:
    """A client that dies before the readings are durable gets them again in its next life."""

    async def story() -> None:
        stuck = asyncio.Event()

        async def never(_source: str, _media: str, _body: bytes) -> None:
            stuck.set()
            await asyncio.Event().wait()

        async with subscribed(broker.url(), never):
            await publish(broker, b"kept")
            await asyncio.wait_for(stuck.wait(), PATIENCE_S)
        receiver = Receiver()
        async with subscribed(broker.url(), receiver.deliver):
            await until(lambda: bool(receiver.got))
        assert [body for _, _, body in receiver.got] == [b"kept"]
        async with subscribed(broker.url(), receiver.deliver):
            await publish(broker, b"next")
            await until(lambda: len(receiver.got) == 2)
        assert [body for _, _, body in receiver.got] == [b"kept", b"next"]

    run(story())


@pytest.mark.real
def test_a_restarted_broker_is_found_again_and_what_waited_there_comes(broker: Mosquitto) -> None:
    """Back-off, a new connection, a new subscription, and the session's messages."""

    async def story() -> None:
        receiver = Receiver()
        async with subscribed(broker.url(), receiver.deliver) as subscription:
            await publish(broker, b"before")
            await until(lambda: len(receiver.got) == 1)
            await asyncio.to_thread(broker.stop)
            await until(lambda: not subscription.status.connected)
            assert "not connected" in subscription.status.note()
            await asyncio.to_thread(broker.start)
            await until(lambda: subscription.status.connections == 2)
            await publish(broker, b"after")
            await until(lambda: len(receiver.got) == 2)

    run(story())


@pytest.mark.real
def test_not_now_is_tried_again_and_order_is_kept(broker: Mosquitto) -> None:
    """A full disk delays; nothing is lost, and acknowledgements keep their order."""

    async def story() -> None:
        receiver = Receiver(
            errors=[NotNow("full", retry_after_s=0.05), OurFault("bug"), NotNow("full", retry_after_s=0.05)]
        )
        async with subscribed(broker.url(), receiver.deliver) as subscription:
            await publish(broker, *(b"%d" % number for number in range(5)))
            await until(lambda: subscription.status.delivered == 5)
        assert {body for _, _, body in receiver.got} == {b"%d" % number for number in range(5)}
        assert receiver.tried == 8

    run(story())


@pytest.mark.real
def test_a_refused_message_does_not_stop_the_next(broker: Mosquitto) -> None:
    """It was counted and quarantined by ingest; here it is acknowledged and passed over."""

    async def story() -> None:
        receiver = Receiver(errors=[Malformed("no JSON")])
        async with subscribed(broker.url(), receiver.deliver) as subscription:
            await publish(broker, b"bad", b"good")
            await until(lambda: subscription.status.delivered == 1)
            assert (subscription.status.refused, receiver.got[0][2]) == (1, b"good")

    run(story())


@pytest.mark.real
def test_a_bug_in_handing_on_renews_the_connection_and_loses_nothing(broker: Mosquitto) -> None:
    """The message was not acknowledged, so it comes again."""

    async def story() -> None:
        receiver = Receiver(errors=[KeyError("bug")])
        async with subscribed(broker.url(), receiver.deliver) as subscription:
            await publish(broker, b"kept")
            await until(lambda: bool(receiver.got))
            assert subscription.status.connections == 2

    run(story())


@pytest.mark.real
def test_a_wrong_password_is_said_and_tried_again(broker: Mosquitto) -> None:
    """The board says why nothing comes."""

    async def story() -> None:
        url = broker.url().replace("secret-ingest", "wrong")
        subscription = Subscription(read_broker(url), Receiver().deliver)
        running = asyncio.create_task(subscription.run())
        await until(lambda: bool(subscription.status.trouble))
        assert "not connected" in subscription.status.note()
        running.cancel()

    run(story())


@pytest.mark.real
def test_a_subscription_that_fell_silent_is_renewed(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection lives, our own message no longer comes back: as after a broker lost its sessions."""
    monkeypatch.setattr(mqtt, "WATCH_PATIENCE_S", 0.5)

    async def story() -> None:
        async with subscribed(broker.url(), Receiver().deliver, watch_every_s=0.05) as subscription:
            await until(lambda: subscription.status.watched is True)
            acl = broker.folder / "acl"
            acl.write_text(acl.read_text().replace("topic readwrite impetus-watch/#\n", ""))
            assert broker.running is not None
            broker.running.send_signal(1)
            await until(lambda: subscription.status.connections >= 2)
            await until(lambda: subscription.status.watched is False)
            assert "silence not watched" in subscription.status.note()

    run(story())


def test_a_broker_url_is_read_whole(tmp_path: Path) -> None:
    """Scheme, user, password or its file, port by scheme."""
    (tmp_path / "password").write_text("from file\n")
    plain = read_broker("mqtt://square:se%3Acret@broker.city:1884")
    secured = read_broker(f"mqtts://square@broker.city?password_file={tmp_path / 'password'}&client_id=x")
    assert (plain.host, plain.port, plain.password, plain.tls) == ("broker.city", 1884, "se:cret", False)
    assert (secured.port, secured.password, secured.tls, secured.client_id) == (8883, "from file", True, "x")
    assert "cret" not in repr(plain)


@pytest.mark.parametrize(
    "url",
    [
        "http://user@host",
        "mqtt://host",
        "mqtt://user@",
        "mqtt://user@host:port",
        "mqtt://user@host?colour=red",
        "mqtt://user@host?password_file=/nonexistent",
        "mqtt://user@[::1",
    ],
)
def test_a_broker_url_that_cannot_be_used_is_refused(url: str) -> None:
    """With a remedy; no user means that anybody could speak for every sensor."""
    with pytest.raises(Misconfigured) as told:
        read_broker(url)
    assert told.value.remedy


def test_topics_and_kinds() -> None:
    """Three levels; a property wins over the bytes."""
    stated = Properties(PacketTypes.PUBLISH)
    stated.ContentType = ARROW
    assert source_of("impetus/harbour/observations") == "harbour"
    assert (media_of(None, b"{}"), media_of(stated, b"{}"), media_of(None, b"\xff\xff\xff\xff")) == (JSON, ARROW, ARROW)
    with pytest.raises(OurFault):
        source_of("impetus/observations")
