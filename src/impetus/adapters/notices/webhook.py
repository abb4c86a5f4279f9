"""A webhook: one CloudEvent a message, signed, so that whoever takes it can tell that it is ours and new.

**Source**: Standard Webhooks 1.0.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature` with HMAC-SHA256 over
`id.timestamp.body`); CloudEvents 1.0.2, structured JSON.
"""

import base64
import hashlib
import hmac
import json

import httpx

from impetus.adapters.notices.http_way import knock, request
from impetus.core.errors import Misconfigured
from impetus.core.notice import Outgoing
from impetus.ports import Clock
from impetus.ports.notices import Sent

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
"""Length of a signing secret. Source: Standard Webhooks 1.0.0, "Signature scheme": 192 to 512 bits."""
TYPE = "org.impetus.notice.v1"


class WebhookChannel:
    """Fulfils `impetus.ports.notices.Channel`: one system takes all messages, and says by 2xx that it has them."""

    kind = "webhook"

    def __init__(
        self, url: str, secret: str, *, source: str, way: httpx.Client, clock: Clock, takes_exercises: bool = False
    ) -> None:
        """Prepare; `Misconfigured` for a secret that is no `whsec_` of 24 to 64 bytes."""
        self.takes_exercises, self.fixed_address = takes_exercises, "the configured system"
        self._url, self._key, self._source, self._way, self._clock = url, key_of(secret), source, way, clock

    def check_address(self, address: str) -> str:
        """Return the one address there is."""
        del address
        return self.fixed_address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Post the event."""
        del address
        body = json.dumps(event_of(message, self._source), ensure_ascii=False).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._key, message.id, timestamp, body),
        }
        answer = request(self._way, "POST", self._url, headers=headers, content=body)
        return Sent(receipt=f"answered {answer.status_code}", is_delivered=True)

    def check(self) -> None:
        """Knock: an empty event would be one too many."""
        knock(self._url)


def key_of(secret: str) -> bytes:
    """Return the key in a secret, or refuse it without repeating it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise Misconfigured(
            "the webhook's secret is none",
            value=f"{len(key)} bytes",
            limit=f"{PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64",
            remedy="make one: printf whsec_; openssl rand -base64 32",
        )
    return key


def sign(key: bytes, id_: str, timestamp: str, body: bytes) -> str:
    """Return the header that signs one event."""
    mac = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}"


def event_of(message: Outgoing, source: str) -> dict[str, object]:
    """Return the event: the fields that go out over every channel, and no other."""
    return {
        "specversion": "1.0",
        "id": message.id,
        "source": source,
        "type": TYPE,
        "time": message.at.isoformat(),
        "subject": message.number,
        "datacontenttype": "application/json",
        "data": {
            "number": message.number,
            "title": message.title,
            "place": message.place,
            "urgency": message.urgency.value,
            "link": message.link,
            "answer_link": message.answer_link,
            "answer_until": message.answer_until.isoformat(),
            "simulated": message.simulated,
        },
    }
