"""A device over MQTT: a command with a key, an answer with the same key, or nobody knows.

What is said on the wire, JSON in UTF-8. Under `TOPIC/set` we publish, QoS 1, not retained:
`{"do": "set", "key": K, "words": W, "until": T}` and `{"do": "clear", "key": K}`. Under `TOPIC/state` the device publishes,
retained, what it shows: `{"key": K or "", "words": W, "answers": K, "did": "set"}`, with `"refused": why` when it would not.
A device drops a command whose `until` has passed, clears by itself at `until`, ignores `clear` of a key it does not show,
and shows the same key once: so each command may be repeated.

A connection that cannot be made is `NotNow`: nothing was sent. From the publish on, silence is "not known".
"""

import asyncio
import json
import ssl
from typing import Final

import aiomqtt

from impetus.adapters.effectors.declared import MqttLine
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import Device
from impetus.core.errors import NotNow
from impetus.ports.city import Shown
from impetus.ports.effects import Outcome

CONNECT_S: Final = 3.0
ANSWER_S: Final = 4.0
"""Seconds a device may take to answer; a sign over a radio modem takes about two. House rule."""
LOOK_S: Final = 1.0
RETRY_S: Final = 5.0
MOST_BYTES: Final = 16 * 1024
QUEUED: Final = 32


class MqttLink:
    """Fulfils `impetus.ports.city.DeviceLink`. Each call has its own connection: nothing can be half alive in between."""

    def __init__(self, device: Device, line: MqttLine) -> None:
        self._device, self._line = device, line

    @property
    def is_repeatable(self) -> bool:
        """Say what was declared of the device."""
        return self._device.is_repeatable

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Set it, and wait for the device's own answer."""
        said = authorised.what.parameters
        command = {"do": "set", "key": authorised.key, "words": said["command"], "until": said["ends"]}
        answer = asyncio.run(self._ask(command))
        if answer is None:
            return Outcome(succeeded=False, receipt=f"{self._device.name} has not answered", is_known=False)
        if answer.get("refused"):
            return Outcome(succeeded=False, receipt=f"{self._device.name} refused: {_short(answer['refused'])}")
        if answer.get("key") == authorised.key:
            return Outcome(succeeded=True, receipt=f"{self._device.name} shows: {_short(answer.get('words'))}")
        return Outcome(succeeded=False, receipt=f"{self._device.name} shows something else", is_known=False)

    def revert(self, authorised: Authorised[Action]) -> Outcome:
        """Take it back, and wait for the device to say that it no longer shows it."""
        answer = asyncio.run(self._ask({"do": "clear", "key": authorised.key}))
        if answer is None:
            return Outcome(succeeded=False, receipt=f"{self._device.name} has not answered", is_known=False)
        if answer.get("key") == authorised.key:
            return Outcome(succeeded=False, receipt=f"{self._device.name} shows it still")
        return Outcome(succeeded=True, receipt=f"{self._device.name} no longer shows it")

    def shown(self) -> Shown | None:
        """Return what the device last said that it shows, None when it never did or the broker is away."""
        try:
            answer = asyncio.run(self._look())
        except NotNow:
            return None
        if answer is None:
            return None
        return Shown(key=_short(answer.get("key", "")), words=_short(answer.get("words", "")))

    async def _ask(self, command: dict[str, str]) -> dict[str, object] | None:
        """Publish a command and return the answer to it, None when none came: then nobody knows."""
        is_sent, found = False, None
        try:
            async with self._client() as client:
                await client.subscribe(f"{self._line.topic}/state", qos=1)
                is_sent = True
                await client.publish(f"{self._line.topic}/set", json.dumps(command).encode(), qos=1)
                async with asyncio.timeout(ANSWER_S):
                    async for message in client.messages:
                        answer = _read(message.payload)
                        if (answer.get("answers"), answer.get("did")) == (command["key"], command["do"]):
                            found = answer
                            break
        except TimeoutError:
            return None
        except (aiomqtt.MqttError, OSError) as error:
            if not is_sent:
                raise self._away(error) from error
        return found

    async def _look(self) -> dict[str, object] | None:
        """Return the retained state."""
        try:
            async with self._client() as client:
                await client.subscribe(f"{self._line.topic}/state", qos=1)
                async with asyncio.timeout(LOOK_S):
                    async for message in client.messages:
                        return _read(message.payload) or None
        except TimeoutError:
            return None
        except (aiomqtt.MqttError, OSError) as error:
            raise self._away(error) from error
        return None

    def _away(self, error: Exception) -> NotNow:
        return NotNow(
            f"the line to {self._device.name} is away; nothing was sent ({str(error)[:80]})",
            retry_after_s=RETRY_S,
            value=self._device.id,
            remedy="it is tried again; look at the broker",
        )

    def _client(self) -> aiomqtt.Client:
        broker = self._line.broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            protocol=aiomqtt.ProtocolVersion.V311,
            max_queued_incoming_messages=QUEUED,
            tls_context=ssl.create_default_context(cafile=broker.cafile) if broker.tls else None,
            timeout=CONNECT_S,
        )


def _read(payload: object) -> dict[str, object]:
    """Return what a device said, nothing for what cannot be read."""
    if not isinstance(payload, bytes) or len(payload) > MOST_BYTES:
        return {}
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _short(value: object) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(value))[:200]
