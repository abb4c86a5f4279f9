"""Readings from an MQTT broker: subscribe, hand on, acknowledge when they are durable.

Topic `impetus/<source>/observations`; the source is the topic, so the broker's access list decides who may speak for whom.
A body is JSON or an Arrow stream as over HTTP; the content type is taken from the MQTT 5 property, else from the leading
bytes.

What is guaranteed. We subscribe with QoS 1 and a session that outlives the connection, and send PUBACK only after `deliver`
returned, which it does when the readings are durable or have been counted as refused. So a reading published with QoS 1
while this client's session exists reaches the log at least once, and a second time is a duplicate that ingest drops. What
is published with QoS 0 may be lost on the way; so may what comes before the first connection, or beyond the broker's own
queue limit while we are away. aiomqtt acknowledges by itself; we switch that off in the client underneath (`manual_ack`).

Silence is watched: a subscription can be dead while the connection lives (a broker restarted without its sessions). Every
`WATCH_EVERY_S` we send ourselves a message through the broker; when it does not come back the connection is renewed. A
broker that does not let us publish there gets one warning, and the watch is off and says so.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import aiomqtt
import paho.mqtt.client as paho_mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from impetus.adapters.broker import Broker
from impetus.core.errors import NotNow, OurFault, Refused, TheirFault

LOGGER = logging.getLogger(__name__)
TOPIC: Final = "impetus/+/observations"
LEVELS: Final = 3
WATCH_TOPIC: Final = "impetus-watch"
SESSION_S: Final = 86_400
"""Seconds the broker keeps our session, and what comes in it, while we are away. House rule: a day."""
IN_FLIGHT: Final = 64
"""Messages the broker may send before the first is acknowledged (MQTT 5, 3.1.2.11.3, Receive Maximum)."""
MAX_PACKET_BYTES: Final = 8 * 1024 * 1024 + 4096
"""Largest packet we take (MQTT 5, 3.1.2.11.4); the broker leaves out larger ones."""
MAX_WAITING: Final = 1024
"""QoS 0 messages that wait to be handed on; more are dropped and counted."""
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
KEEPALIVE_S: Final = 15
WATCH_EVERY_S: Final = 30.0
WATCH_PATIENCE_S: Final = 10.0
ARROW_BEGINS: Final = b"\xff\xff\xff\xff"
"""Continuation marker of an Arrow IPC stream; no JSON begins with it."""
JSON: Final = "application/json"
ARROW: Final = "application/vnd.apache.arrow.stream"

_HandedOn = tuple[aiomqtt.Message, asyncio.Task[None]]
Deliver = Callable[[str, str, bytes], Awaitable[None]]
"""Take a body of a media type from a source; returns when it is durable or counted as refused, else raises."""


def media_of(properties: Properties | None, body: bytes) -> str:
    """Return the media type of a message: its content type property, else what its leading bytes say."""
    stated = getattr(properties, "ContentType", None)
    if isinstance(stated, str) and stated:
        return stated.partition(";")[0].strip().lower()
    return ARROW if body.startswith(ARROW_BEGINS) else JSON


def source_of(topic: str) -> str:
    """Return the source a topic stands for.

    >>> source_of("impetus/square/observations")
    'square'
    """
    levels = topic.split("/")
    if len(levels) != LEVELS:
        raise OurFault(f"subscribed to {topic[:100]} by mistake", value=topic[:100], limit=TOPIC)
    return levels[1]


@dataclass(slots=True, kw_only=True)
class SubscriptionStatus:
    """How the subscription is, for the board. `watched` is whether our own message comes back, None while unknown."""

    connected: bool = False
    connections: int = 0
    delivered: int = 0
    refused: int = 0
    dropped: int = 0
    watched: bool | None = None
    trouble: str = ""

    def note(self) -> str:
        """Say it in a few words."""
        if not self.connected:
            return f"MQTT not connected: {self.trouble or 'connecting'}"
        unwatched = ", silence not watched" if self.watched is False else ""
        return f"MQTT connected, {self.delivered} messages taken{unwatched}"


class Subscription:
    """Keeps a subscription alive and hands its messages on, until the task that runs it is cancelled."""

    def __init__(self, broker: Broker, deliver: Deliver, *, watch_every_s: float = WATCH_EVERY_S) -> None:
        """Stand ready; nothing is connected before `run`."""
        self._broker = broker
        self._deliver = deliver
        self._watch_every_s = watch_every_s
        self.status = SubscriptionStatus()

    async def run(self) -> None:
        """Connect, subscribe and hand on; after a lost connection wait, twice as long each time, and begin again."""
        wait_s = FIRST_WAIT_S
        while True:
            connections = self.status.connections
            try:
                await self._serve()
            except* (aiomqtt.MqttError, OSError) as group:
                self._note_trouble(group.exceptions[0])
            except* Exception as group:
                LOGGER.exception("a bug ended the connection to %r", self._broker)
                self._note_trouble(group.exceptions[0])
            self.status.connected = False
            if self.status.connections > connections:
                wait_s = FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)

    def _note_trouble(self, error: BaseException) -> None:
        self.status.trouble = str(error)[:100]
        LOGGER.warning("lost %r: %s", self._broker, error)

    async def _serve(self) -> None:
        """Serve one connection to its end."""
        async with self._client() as client:
            paho = client._client  # noqa: SLF001 - aiomqtt offers no acknowledgement by hand; paho underneath does
            paho.manual_ack_set(True)
            await client.subscribe(TOPIC, qos=1)
            self.status.connected, self.status.trouble = True, ""
            self.status.connections += 1
            LOGGER.info("subscribed to %s at %r", TOPIC, self._broker)
            returned = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                ordered: asyncio.Queue[_HandedOn] = asyncio.Queue(IN_FLIGHT)
                tasks.create_task(self._acknowledge(paho, ordered))
                tasks.create_task(self._watch(client, returned))
                async for message in client.messages:
                    if message.topic.value == self._watch_topic:
                        returned.set()
                        paho.ack(message.mid, message.qos)
                        continue
                    await ordered.put((message, tasks.create_task(self._hand_on(message))))

    def _client(self) -> aiomqtt.Client:
        """Return a client with a session that outlives its connection."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = IN_FLIGHT
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user,
            password=self._broker.password,
            identifier=self._broker.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=properties,
            keepalive=KEEPALIVE_S,
            tls_context=ssl.create_default_context(cafile=self._broker.cafile) if self._broker.tls else None,
            max_queued_incoming_messages=MAX_WAITING,
            queue_type=self._queue_type(),
            timeout=WATCH_PATIENCE_S,
        )

    def _queue_type(self) -> type[asyncio.Queue[aiomqtt.Message]]:
        """Return a queue that counts what it has no room for."""
        status = self.status

        class Counting(asyncio.Queue[aiomqtt.Message]):
            """A bounded queue that counts what it drops."""

            def put_nowait(self, item: aiomqtt.Message) -> None:
                """Put, or count and say that it is full."""
                status.dropped += self.full()
                super().put_nowait(item)

        return Counting

    async def _acknowledge(self, paho: paho_mqtt.Client, ordered: "asyncio.Queue[_HandedOn]") -> None:
        """Acknowledge in the order in which messages came (MQTT 5, 4.6.0), each after its readings are durable."""
        while True:
            message, handed_on = await ordered.get()
            await handed_on
            paho.ack(message.mid, message.qos)

    async def _hand_on(self, message: aiomqtt.Message) -> None:
        """Hand a message on until it is taken or refused; not now, and a fault of ours, are tried again."""
        body = message.payload if isinstance(message.payload, bytes) else b""
        source, media = source_of(message.topic.value), media_of(message.properties, body)
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await self._deliver(source, media, body)
            except (NotNow, OurFault) as error:
                LOGGER.warning("a message of %s waits: %s", source, error.detail)
                await asyncio.sleep(max(wait_s, getattr(error, "retry_after_s", 0.0)))
                wait_s = min(LONGEST_WAIT_S, 2 * wait_s)
            except (TheirFault, Refused) as error:
                self.status.refused += 1
                LOGGER.info("a message of %s was refused: %s", source, error.detail)
                return
            else:
                self.status.delivered += 1
                return

    @property
    def _watch_topic(self) -> str:
        return f"{WATCH_TOPIC}/{self._broker.client_id}"

    async def _watch(self, client: aiomqtt.Client, returned: asyncio.Event) -> None:
        """Send ourselves a message now and then; end the connection when it stops coming back."""
        await client.subscribe(self._watch_topic, qos=0)
        self.status.watched = None
        while True:
            returned.clear()
            with contextlib.suppress(aiomqtt.MqttError):  # a refused publish shows as a message that does not come back
                await client.publish(self._watch_topic, b"", qos=0)
            try:
                await asyncio.wait_for(returned.wait(), WATCH_PATIENCE_S)
                self.status.watched = True
            except TimeoutError:
                if self.status.watched:
                    raise aiomqtt.MqttError("our own message did not come back: the subscription is silent") from None
                self.status.watched = False
                LOGGER.warning(
                    "%r does not return messages on %s; silence is not watched", self._broker, self._watch_topic
                )
                return
            await asyncio.sleep(self._watch_every_s)
