"""Matrix: one text a message into a room; the transaction id is the message's, so a server shows a repetition once.

**Source**: Matrix specification 1.11, client-server API, `PUT /rooms/{roomId}/send/{eventType}/{txnId}`. Rooms must not be
encrypted: the platform holds no keys of people's devices. That is why the message says so little.
"""

import json
import re
from urllib.parse import quote

import httpx

from impetus.adapters.notices.http_way import request
from impetus.core.errors import Malformed
from impetus.core.notice import Outgoing, text_of
from impetus.ports.notices import AddressRefused, Sent

API = "/_matrix/client/v3"
ROOM = re.compile(r"![A-Za-z0-9._~=/+-]{1,180}(?::[A-Za-z0-9.:\[\]-]{1,70})?")
"""Source: Matrix specification 1.11, appendices, room ids."""
MAX_RECEIPT = 120


class MatrixChannel:
    """Fulfils `impetus.ports.notices.Channel` over Matrix."""

    kind = "matrix"

    def __init__(
        self, server: str, token: str, *, way: httpx.Client, room: str = "", takes_exercises: bool = False
    ) -> None:
        """Prepare; `room` is everybody's room, empty when each person names their own."""
        self._server, self._way = server.rstrip("/"), way
        self._headers = {"authorization": f"Bearer {token}"}
        self.takes_exercises = takes_exercises
        self.fixed_address = self.check_address(room) if room else ""

    def check_address(self, address: str) -> str:
        """Return the room's id, or refuse what is none."""
        if not ROOM.fullmatch(address):
            raise Malformed(
                "this is no Matrix room",
                value=address[:40],
                limit="!id:server",
                remedy="copy the internal id from the room's settings",
            )
        return address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Put the text into the room."""
        path = f"{API}/rooms/{quote(address, safe='')}/send/m.room.message/{quote(message.id, safe='')}"
        body = json.dumps({"msgtype": "m.text", "body": text_of(message)}, ensure_ascii=False).encode()
        headers = {**self._headers, "content-type": "application/json"}
        answer = request(
            self._way, "PUT", f"{self._server}{path}", headers=headers, content=body, denied=AddressRefused
        )
        return Sent(receipt=_event_id(answer))

    def check(self) -> None:
        """Ask the server who we are."""
        request(self._way, "GET", f"{self._server}{API}/account/whoami", headers=self._headers)


def _event_id(answer: httpx.Response) -> str:
    """Return the id the server gave the message, empty when it said none."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    event = said.get("event_id") if isinstance(said, dict) else None
    return f"event {event}"[:MAX_RECEIPT] if isinstance(event, str) else ""
