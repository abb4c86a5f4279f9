"""Web push: a message encrypted for one browser, signed as ours, through that browser's push service.

The push service learns that a message came, and nothing of what it says (RFC 8291). It goes only to services the
installation names: an address comes from a browser, and must not make us knock wherever it likes.

**Source**: RFC 8030 (push), RFC 8188 and RFC 8291 (encryption), RFC 8292 (VAPID).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import http_ece
import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from impetus.adapters.notices.http_way import knock, request
from impetus.core.errors import Malformed, Misconfigured
from impetus.core.finding import Urgency
from impetus.core.notice import Outgoing, headline_of
from impetus.ports import Chance, Clock
from impetus.ports.notices import Sent

TTL_S = 3600
"""Seconds a push service keeps a message for a device that sleeps; the link lives twice that. House rule."""
TOKEN_FOR = timedelta(hours=12)
"""How long a signature holds. Source: RFC 8292, section 2: at most 24 hours."""
POINT_BYTES, AUTH_BYTES, SALT_BYTES, HALF_BYTES = 65, 16, 16, 32
"""An uncompressed P-256 point and an authentication secret. Source: RFC 8291, sections 3.1 and 3.2."""
URGENCY: Mapping[Urgency, str] = {Urgency.IMMEDIATE: "high", Urgency.EXPECTED: "normal"}
"""Source: RFC 8030, section 5.3."""
TOPIC_CHARS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where a browser is reached: its push service's address, its public key and its authentication secret."""

    endpoint: str
    point: bytes
    auth: bytes


class WebPushChannel:
    """Fulfils `impetus.ports.notices.Channel` over web push."""

    kind = "web_push"
    fixed_address = ""

    def __init__(  # noqa: PLR0913 - what an installation configures, and what the program brings
        self,
        services: tuple[str, ...],
        key: ec.EllipticCurvePrivateKey,
        *,
        contact: str,
        way: httpx.Client,
        clock: Clock,
        chance: Chance,
        takes_exercises: bool = False,
    ) -> None:
        """Prepare; `services` are the only origins messages go to."""
        self.takes_exercises, self._contact = takes_exercises, contact
        self._origins = tuple(origin_of(service) for service in services)
        self._key, self._way, self._clock, self._chance = key, way, clock, chance

    @property
    def public_key(self) -> str:
        """Return the key browsers subscribe with, as base64url text."""
        return to_text(point_of(self._key))

    def check_address(self, address: str) -> str:
        """Return the subscription, checked: its service is one of ours, its keys are keys."""
        self._subscription(address)
        return address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Encrypt and hand the message to the browser's push service, which does not say whether it arrived."""
        to = self._subscription(address)
        body = encrypt(content_of(message), to, salt=self._chance.bytes_(SALT_BYTES))
        headers = {
            "ttl": str(TTL_S),
            "urgency": URGENCY.get(message.urgency, "low"),
            "topic": topic_of(message.id),
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "authorization": self._authorization(origin_of(to.endpoint)),
        }
        answer = request(self._way, "POST", to.endpoint, headers=headers, content=body)
        return Sent(receipt=f"{urlsplit(to.endpoint).hostname} answered {answer.status_code}")

    def check(self) -> None:
        """Knock at every service."""
        for origin in self._origins:
            knock(origin)

    def _authorization(self, origin: str) -> str:
        """Return the header that says who we are. Source: RFC 8292, section 3."""
        ends = int((self._clock.now() + TOKEN_FOR).timestamp())
        return f"vapid t={token_of(self._key, origin, ends, self._contact)}, k={self.public_key}"

    def _subscription(self, address: str) -> Subscription:
        """Return what a browser's subscription says, or refuse it."""
        to = read_subscription(address)
        if origin_of(to.endpoint) not in self._origins:
            raise Malformed(
                "this browser's push service is not one of ours",
                value=origin_of(to.endpoint),
                limit=", ".join(self._origins),
                remedy="let its address be added to the channel's services",
            )
        return to


def read_subscription(text: str) -> Subscription:
    """Return the subscription in `PushSubscription.toJSON()`'s form; `Malformed` for anything else."""
    try:
        said = json.loads(text)
        keys = said["keys"]
        endpoint, point, auth = said["endpoint"], from_text(keys["p256dh"]), from_text(keys["auth"])
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        is_good = isinstance(endpoint, str) and len(point) == POINT_BYTES and len(auth) == AUTH_BYTES
        urlsplit(endpoint)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnsupportedAlgorithm):
        is_good = False
    if not is_good:
        raise Malformed(
            "this is no push subscription",
            value=f"{len(text)} characters",
            limit="endpoint, keys.p256dh (a P-256 point) and keys.auth (16 bytes)",
            remedy="let the browser subscribe again",
        )
    return Subscription(endpoint=endpoint, point=point, auth=auth)


def encrypt(
    content: bytes, to: Subscription, *, salt: bytes, sender: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """Return the content encrypted for one browser, with a fresh key of ours unless one is given.

    **Source**: RFC 8291, section 4.
    """
    key = sender or ec.generate_private_key(ec.SECP256R1())
    return bytes(
        http_ece.encrypt(content, salt=salt, private_key=key, dh=to.point, auth_secret=to.auth, version="aes128gcm")
    )


def content_of(message: Outgoing) -> bytes:
    """Return what the browser shows: one line and the links."""
    said = {
        "id": message.id,
        "title": headline_of(message),
        "link": message.link,
        "answer_link": message.answer_link,
        "at": message.at.isoformat(),
        "simulated": message.simulated,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def topic_of(id_: str) -> str:
    """Return the topic by which a push service replaces a repetition. Source: RFC 8030, section 5.4."""
    return to_text(hashlib.sha256(id_.encode()).digest())[:TOPIC_CHARS]


def token_of(key: ec.EllipticCurvePrivateKey, audience: str, ends: int, contact: str) -> str:
    """Return a JSON web token signed with ES256. Source: RFC 7518, section 3.4."""
    parts = ({"typ": "JWT", "alg": "ES256"}, {"aud": audience, "exp": ends, "sub": contact})
    said = ".".join(to_text(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    one, two = utils.decode_dss_signature(key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{to_text(one.to_bytes(HALF_BYTES) + two.to_bytes(HALF_BYTES))}"


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address. Source: RFC 6454, section 6.2."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half as 65 bytes."""
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    """Return the private key of a text written by `text_of_key`."""
    try:
        return ec.derive_private_key(int.from_bytes(from_text(text)), ec.SECP256R1())
    except ValueError as error:
        raise Misconfigured("the push key is none", remedy="remove the secret; a new one is made") from error


def text_of_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the private key as text, to be sealed."""
    return to_text(key.private_numbers().private_value.to_bytes(HALF_BYTES))


def to_text(plain: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """Return the bytes of base64url without padding; `ValueError` for anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
