"""Matrix: one text a message into a room; the transaction id is the message's, so a server shows a repetition once.

**Source**: Matrix specification 1.11, client-server API, `PUT /rooms/{roomId}/send/{eventType}/{txnId}`. Rooms must not be
encrypted: the platform holds no keys of people's devices. That is why the message says so little.
"""

import re
from urllib.parse import quote

import httpx

from impetus.adapters.notices.room_way import RoomWay
from impetus.core.notice import Outgoing, text_of
from impetus.ports.notices import Sent

API = "/_matrix/client/v3"
ROOM = re.compile(r"![A-Za-z0-9._~=/+-]{1,180}(?::[A-Za-z0-9.:\[\]-]{1,70})?")
"""Source: Matrix specification 1.11, appendices, room ids."""
MAX_RECEIPT = 120


class MatrixChannel(RoomWay):
    """Fulfils `impetus.ports.notices.Channel` over Matrix."""

    kind = "matrix"
    ROOM = ROOM
    NO_ROOM = "this is no Matrix room"
    LIMIT = "!id:server"
    REMEDY = "copy the internal id from the room's settings"

    def send(self, message: Outgoing, address: str) -> Sent:
        """Put the text into the room."""
        path = f"{API}/rooms/{quote(address, safe='')}/send/m.room.message/{quote(message.id, safe='')}"
        answer = self._say("PUT", path, {"msgtype": "m.text", "body": text_of(message)})
        return Sent(receipt=_event_id(answer))

    def check(self) -> None:
        """Ask the server who we are."""
        self._ask(f"{API}/account/whoami")


def _event_id(answer: httpx.Response) -> str:
    """Return the id the server gave the message, empty when it said none."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    event = said.get("event_id") if isinstance(said, dict) else None
    return f"event {event}"[:MAX_RECEIPT] if isinstance(event, str) else ""
