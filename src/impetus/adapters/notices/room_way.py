"""What channels share that write into rooms of a chat server: a server, a bot's token, and a room that may be everybody's."""

import json
import re
from typing import ClassVar

import httpx

from impetus.adapters.notices.http_way import request
from impetus.core.errors import Malformed
from impetus.ports.notices import AddressRefused


class RoomWay:
    """A bot on one server; `ROOM` is how a room's id looks there, `LIMIT` says it, `REMEDY` where a person finds it."""

    ROOM: ClassVar[re.Pattern[str]]
    NO_ROOM: ClassVar[str]
    LIMIT: ClassVar[str]
    REMEDY: ClassVar[str]

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
        if not self.ROOM.fullmatch(address):
            raise Malformed(self.NO_ROOM, value=address[:40], limit=self.LIMIT, remedy=self.REMEDY)
        return address

    def _ask(self, path: str) -> None:
        """Ask the server something that needs the token; raises what `request` raises."""
        request(self._way, "GET", f"{self._server}{path}", headers=self._headers)

    def _say(self, method: str, path: str, body: object) -> httpx.Response:
        """Send a JSON body and return the good answer; `AddressRefused` where the server refuses the room."""
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {**self._headers, "content-type": "application/json"}
        url = f"{self._server}{path}"
        return request(self._way, method, url, headers=headers, content=content, denied=AddressRefused)
