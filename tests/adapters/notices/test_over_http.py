"""Webhook, Matrix, Mattermost and web push against real local servers that check and decrypt what they are sent."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import http_ece
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from adapters.notices.servers import Site, browser, http_site, is_signed, vapid_claims
from adapters.notices.test_mail import MESSAGE
from impetus.adapters.notices import http_way, web_push
from impetus.adapters.notices.matrix import MatrixChannel
from impetus.adapters.notices.mattermost import MattermostChannel
from impetus.adapters.notices.web_push import Subscription, WebPushChannel, encrypt, from_text, to_text
from impetus.adapters.notices.webhook import WebhookChannel, key_of
from impetus.core.errors import ImpetusError, Malformed, Misconfigured, NotNow
from impetus.ports.notices import AddressRefused
from impetus.testing.chance import SeededChance
from impetus.testing.clock import SettableClock

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROOM, POST_ROOM = "!square:city.example", "a" * 26
AT = datetime(2026, 3, 14, 21, 0, 5, tzinfo=UTC)


def webhook(site: Site) -> WebhookChannel:
    """Return the webhook to a site."""
    return WebhookChannel(
        f"{site.address}/hook?key=hidden",
        SECRET,
        source="/impetus/oslo",
        way=http_way.client(),
        clock=SettableClock(AT),
    )


def matrix(site: Site) -> MatrixChannel:
    """Return the way into rooms of a site."""
    return MatrixChannel(site.address, "syt_token", way=http_way.client())


def mattermost(site: Site) -> MattermostChannel:
    """Return the way into channels of a site."""
    return MattermostChannel(site.address, "bot-token", way=http_way.client())


def push(site: Site) -> WebPushChannel:
    """Return the way to browsers whose push service is the site."""
    return WebPushChannel(
        (site.address,),
        ec.generate_private_key(ec.SECP256R1()),
        contact="mailto:ops@city.example",
        way=http_way.client(),
        clock=SettableClock(AT),
        chance=SeededChance(),
    )


def address_at(way: Any, site: Site) -> str:
    """Return an address that a way takes."""
    if way.kind == "web_push":
        return browser().subscription(f"{site.address}/push/1")
    return {"webhook": "", "matrix": ROOM, "mattermost": POST_ROOM}[way.kind]


WAYS: list[Callable[[Site], Any]] = [webhook, matrix, mattermost, push]


def test_a_webhook_is_a_signed_cloudevent_that_says_what_goes_out_and_nothing_else() -> None:
    """The receiver checks the signature itself; a changed body does not pass."""
    with http_site() as site:
        sent = webhook(site).send(MESSAGE, "")
    (asked,) = site.asked
    assert sent.is_delivered
    assert is_signed(asked, SECRET)
    assert not is_signed(replace(asked, body=asked.body.replace(b"12", b"13")), SECRET)
    assert asked.headers["webhook-timestamp"] == str(int(AT.timestamp()))
    event = json.loads(asked.body)
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", MESSAGE.id, "org.impetus.notice.v1")
    assert set(event["data"]) == {
        "number", "title", "place", "urgency", "link", "answer_link", "answer_until", "simulated",
    }  # fmt: skip


def test_the_signature_is_the_standards_own_example() -> None:
    """**Source**: Standard Webhooks, the worked example of its reference libraries."""
    from impetus.adapters.notices.webhook import sign

    body = b'{"test": 2432232314}'
    signed = sign(key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "A" * 200, "whsec_???"]
)
def test_a_webhooks_secret_that_is_none_is_refused_without_being_repeated(secret: str) -> None:
    """24 to 64 bytes in base64 after its prefix."""
    with pytest.raises(Misconfigured) as refused:
        key_of(secret)
    assert len(secret) < 12 or secret not in repr(refused.value.problem())


def test_a_matrix_message_goes_into_the_room_under_its_own_transaction() -> None:
    """The same message again is the same transaction: the server shows it once."""
    with http_site(always=(200, {}, b'{"event_id": "$abc"}')) as site:
        sent = [matrix(site).send(MESSAGE, ROOM) for _ in range(2)]
    paths = {asked.path for asked in site.asked}
    assert paths == {"/_matrix/client/v3/rooms/%21square%3Acity.example/send/m.room.message/oslo-notice-7-9"}
    assert site.asked[0].headers["authorization"] == "Bearer syt_token"
    assert json.loads(site.asked[0].body)["body"].startswith("incident 12: Crowd at the quay")
    assert sent[0].receipt == "event $abc"


def test_a_mattermost_post_carries_the_id_by_which_a_repetition_is_known() -> None:
    """To the channel, by the bot."""
    with http_site(always=(201, {}, b"{}")) as site:
        mattermost(site).send(MESSAGE, POST_ROOM)
    said = json.loads(site.asked[0].body)
    assert (site.asked[0].path, said["channel_id"]) == ("/api/v4/posts", POST_ROOM)
    assert said["pending_post_id"] == MESSAGE.id


def test_a_push_message_is_read_by_its_browser_and_by_nobody_else() -> None:
    """What passes the push service says nothing in clear; the browser decrypts it, another one cannot."""
    reader, other = browser(), browser()
    with http_site(always=(201, {}, b"")) as site:
        push(site).send(MESSAGE, reader.subscription(f"{site.address}/push/1"))
    (asked,) = site.asked
    assert b"quay" not in asked.body
    said = reader.read(asked.body)
    assert (said["title"], said["id"]) == ("incident 12: Crowd at the quay: æøå (south-east)", MESSAGE.id)
    with pytest.raises((http_ece.ECEException, InvalidTag)):
        other.read(asked.body)
    assert (asked.headers["content-encoding"], asked.headers["urgency"]) == ("aes128gcm", "high")
    assert len(asked.headers["topic"]) == 32


def test_a_push_is_signed_for_its_own_service_and_for_half_a_day() -> None:
    """**Source**: RFC 8292, section 2: audience, expiry within 24 hours, whom to write to."""
    with http_site(always=(201, {}, b"")) as site:
        push(site).send(MESSAGE, browser().subscription(f"{site.address}/push/1"))
        claims = vapid_claims(site.asked[0].headers["authorization"])
    assert claims == {
        "aud": site.address,
        "exp": int((AT + timedelta(hours=12)).timestamp()),
        "sub": "mailto:ops@city.example",
    }


def test_the_encryption_is_the_standards_own_example() -> None:
    """**Source**: RFC 8291, section 5 and appendix A."""
    sender = web_push.key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    to = Subscription(
        endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        point=from_text("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        auth=from_text("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    body = encrypt(
        b"When I grow up, I want to be a watermelon", to, salt=from_text("DGv6ra1nlYgDCS1FRnbzlw"), sender=sender
    )
    assert to_text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_whose_push_service_was_not_named_is_refused() -> None:
    """An address comes from a browser; it must not make us knock wherever it likes."""
    with http_site() as site, pytest.raises(Malformed, match="not one of ours"):
        push(site).send(MESSAGE, browser().subscription("http://169.254.169.254/latest"))
    assert site.asked == []


@given(text=st.text(max_size=300) | st.dictionaries(st.text(max_size=8), st.text(max_size=8)).map(json.dumps))
def test_no_text_but_a_subscription_is_one(text: str) -> None:
    """Whatever a browser, or somebody who is none, sends."""
    with pytest.raises(Malformed):
        web_push.read_subscription(text)


@pytest.mark.parametrize("make", WAYS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    ("status", "error"),
    [(500, NotNow), (503, NotNow), (429, NotNow), (401, Misconfigured), (404, AddressRefused), (410, AddressRefused), (400, AddressRefused), (302, Misconfigured)],
)  # fmt: skip
def test_an_answer_decides_whose_fault_it_is(make: Callable[[Site], Any], status: int, error: type[Exception]) -> None:
    """Later, never, or mend the channel; no redirection is followed, and no secret stands in what is said."""
    with http_site(always=(status, {"location": "http://127.0.0.1:1/", "retry-after": "7"}, b"")) as site:
        way = make(site)
        with pytest.raises(error) as refused:
            way.send(MESSAGE, address_at(way, site))
        assert len(site.asked) == 1
    assert isinstance(refused.value, ImpetusError)
    said = json.dumps(refused.value.problem())
    assert not [word for word in ("syt_token", "bot-token", "hidden", "/push/1", SECRET) if word in said]
    assert not isinstance(refused.value, NotNow) or refused.value.retry_after_s == 7.0


@pytest.mark.parametrize("make", [matrix, mattermost], ids=lambda make: make.__name__)
def test_a_room_that_refuses_us_says_nothing_against_the_server(make: Callable[[Site], Any]) -> None:
    """403 in a room is about the room."""
    with http_site(always=(403, {}, b"{}")) as site:
        way = make(site)
        with pytest.raises(AddressRefused):
            way.send(MESSAGE, address_at(way, site))


@pytest.mark.parametrize("make", WAYS, ids=lambda make: make.__name__)
def test_a_server_that_is_gone_is_asked_again_later(make: Callable[[Site], Any]) -> None:
    """Both when something is sent and when it is only asked whether it is there."""
    with http_site() as site:
        way = make(site)
        way.check()
    for act in (way.check, lambda: way.send(MESSAGE, address_at(way, site))):
        with pytest.raises(NotNow):
            act()


@pytest.mark.parametrize("address", ["", "square", "#square:city.example", "!", "!a b:c", "!x:y/../z"])
def test_what_is_no_room_is_refused(address: str) -> None:
    """Before anything is asked of a server."""
    with http_site() as site:
        for way in (matrix(site), mattermost(site)):
            with pytest.raises(Malformed):
                way.check_address(address)
