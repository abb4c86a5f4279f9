"""What needs no broker: where it is said to be, what a topic and a body mean, and what the board says of a subscription."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as some
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from impetus.adapters.broker import OPTIONS, Broker, read_broker
from impetus.adapters.mqtt import (
    ARROW,
    ARROW_BEGINS,
    JSON,
    TOPIC,
    Subscription,
    SubscriptionStatus,
    media_of,
    source_of,
)
from impetus.core.errors import Malformed, Misconfigured, OurFault, Refused

BROKER = Broker(host="broker.city", port=1883, user="ingest", password="se:cret")


def stated(kind: str) -> Properties:
    """Return the properties of a message that states its content type."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.ContentType = kind
    return properties


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("mqtt://u@h", 1883, False),
        ("mqtts://u@h", 8883, True),
        ("mqtt://u@h:1", 1, False),
        ("mqtts://u@h:65535", 65535, True),
        ("mqtt://u@[::1]:1884", 1884, False),
    ],
)
def test_the_port_is_the_schemes_unless_it_is_said(url: str, port: int, tls: bool) -> None:  # noqa: FBT001 - a column of the table
    """1883 in clear, 8883 over TLS (IANA)."""
    broker = read_broker(url)
    assert (broker.port, broker.tls) == (port, tls)


def test_user_and_password_may_hold_any_sign() -> None:
    """Escaped in the URL, plain for the broker."""
    broker = read_broker("mqtt://in%40gest:p%3Aa%2Fss%20w@broker.city")
    assert (broker.user, broker.password) == ("in@gest", "p:a/ss w")


def test_a_password_of_a_file_is_its_first_line(tmp_path: Path) -> None:
    """So that a newline at its end, or a comment below, costs nothing; it goes before one in the URL."""
    file = tmp_path / "password"
    file.write_text("  from file \nand more\n")
    assert read_broker(f"mqtt://u:url@h?password_file={file}").password == "from file"


def test_without_options_we_are_the_ingest() -> None:
    """One installation, one name at the broker; a second needs its own."""
    plain, named = read_broker("mqtt://u@h"), read_broker("mqtt://u@h?client_id=quay&cafile=/ca.pem")
    assert (plain.client_id, plain.cafile) == ("impetus-ingest", None)
    assert (named.client_id, named.cafile) == ("quay", "/ca.pem")


@pytest.mark.parametrize("url", ["", "broker.city", "mqtt://", "ws://u@h", "mqtt://u@h:65536", "mqtt://u@h:-1"])
def test_an_address_that_is_none_is_refused_with_the_form(url: str) -> None:
    """The installation is at fault, and its administrator reads how it is written."""
    with pytest.raises(Misconfigured) as told:
        read_broker(url)
    assert "mqtt[s]://user@host:port" in str(told.value.limit)


def test_an_option_that_does_not_exist_is_refused_with_those_that_do() -> None:
    """A typing mistake in `cafile` must not mean the system's authorities."""
    with pytest.raises(Misconfigured) as told:
        read_broker("mqtts://u@h?ca_file=/ca.pem")
    assert "ca_file" in str(told.value.value)
    assert all(option in str(told.value.limit) for option in OPTIONS)


@pytest.mark.parametrize("url", ["mqtt://h", "mqtt://:secret@h"])
def test_a_broker_without_a_user_is_not_used(url: str) -> None:
    """Anybody who reaches it could speak for every sensor."""
    with pytest.raises(Misconfigured) as told:
        read_broker(url)
    assert "names no user" in told.value.detail
    assert told.value.remedy == "add one: mqtt://user@host"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Absent, or no text."""
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Misconfigured) as told:
        read_broker(f"mqtt://u@h?password_file={file}")
    assert told.value.value == str(file)


@pytest.mark.parametrize("url", ["mqtt://u:se:cret@h:port", "mqtt://u:secret@h?x=1", "ws://u:secret@h"])
def test_no_refusal_shows_the_password(url: str) -> None:
    """It goes to logs and to the board."""
    with pytest.raises(Misconfigured) as told:
        read_broker(url)
    assert "cret" not in str(told.value.problem())


def test_a_broker_is_shown_without_its_password() -> None:
    """In every log line."""
    assert repr(BROKER) == "mqtt://ingest@broker.city:1883"


@given(some.text(some.characters(codec="utf-8", exclude_characters="/+#\0"), min_size=1, max_size=20))
def test_the_source_is_the_middle_of_the_topic(source: str) -> None:
    """Whatever it is called; whether it is declared is asked later."""
    assert source_of(TOPIC.replace("+", source)) == source


@pytest.mark.parametrize("topic", ["", "impetus", "impetus/observations", "impetus/a/b/observations"])
def test_a_topic_of_other_levels_is_a_bug_of_ours(topic: str) -> None:
    """We never subscribed to it."""
    with pytest.raises(OurFault) as told:
        source_of(topic)
    assert told.value.limit == TOPIC


@pytest.mark.parametrize(
    ("properties", "body", "media"),
    [
        (None, b"{}", JSON),
        (None, b"", JSON),
        (None, ARROW_BEGINS, ARROW),
        (None, ARROW_BEGINS[:3], JSON),
        (stated("Application/JSON; charset=utf-8"), ARROW_BEGINS, JSON),
        (stated(ARROW), b"{}", ARROW),
        (stated("text/csv"), b"{}", "text/csv"),
    ],
)
def test_what_a_message_states_counts_before_what_it_looks_like(
    properties: Properties | None, body: bytes, media: str
) -> None:
    """A wrong statement is refused as what it says, not taken for what it may be."""
    assert media_of(properties, body) == media


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (SubscriptionStatus(), "MQTT not connected: connecting"),
        (SubscriptionStatus(trouble="refused"), "MQTT not connected: refused"),
        (SubscriptionStatus(connected=True, delivered=7), "MQTT connected, 7 messages taken"),
        (SubscriptionStatus(connected=True, watched=True), "MQTT connected, 0 messages taken"),
        (SubscriptionStatus(connected=True, watched=False), "MQTT connected, 0 messages taken, silence not watched"),
    ],
)
def test_the_board_says_how_the_subscription_is(status: SubscriptionStatus, said: str) -> None:
    """In a few words."""
    assert status.note() == said


async def _nobody(_source: str, _media: str, _body: bytes) -> None:
    """Take a message and do nothing with it."""


def handed_on(deliver: Callable[[str, str, bytes], Awaitable[None]]) -> SubscriptionStatus:
    """Hand one message on and return how the subscription stands."""
    subscription = Subscription(BROKER, deliver)
    topic = "impetus/square/observations"
    message = aiomqtt.Message(topic=topic, payload=b"{}", qos=1, retain=False, mid=1, properties=None)
    asyncio.run(subscription._hand_on(message))
    return subscription.status


def test_a_message_that_was_taken_is_counted() -> None:
    """With its source and its kind."""
    seen: list[tuple[str, str, bytes]] = []

    async def deliver(source: str, media: str, body: bytes) -> None:
        seen.append((source, media, body))

    assert handed_on(deliver).delivered == 1
    assert seen == [("square", JSON, b"{}")]


@pytest.mark.parametrize("error", [Malformed("no JSON"), Refused("not yours", rule="a rule")])
def test_a_message_that_is_refused_is_counted_and_done_with(error: Exception) -> None:
    """Sent again it would be refused again, so the broker may forget it."""

    async def deliver(_source: str, _media: str, _body: bytes) -> None:
        raise error

    status = handed_on(deliver)
    assert (status.refused, status.delivered) == (1, 0)


def test_what_there_is_no_room_for_is_counted() -> None:
    """A full queue drops what was sent without a promise, and the board shows it."""
    subscription = Subscription(BROKER, _nobody)
    waiting = subscription._queue_type()(maxsize=1)
    message = aiomqtt.Message(topic="t", payload=b"", qos=0, retain=False, mid=1, properties=None)
    waiting.put_nowait(message)
    with pytest.raises(asyncio.QueueFull):
        waiting.put_nowait(message)
    assert subscription.status.dropped == 1
