"""Mattermost: a bot posts into a channel; `pending_post_id` is the message's id, by which the server knows a repetition.

**Source**: Mattermost API v4, `POST /posts`, `GET /users/me`.
"""

import json
import re

import httpx

from impetus.adapters.notices.http_way import request
from impetus.core.errors import Malformed
from impetus.core.notice import Outgoing, text_of
from impetus.ports.notices import AddressRefused, Sent

API = "/api/v4"
ROOM = re.compile(r"[a-z0-9]{26}")


class MattermostChannel:
    """Fulfils `impetus.ports.notices.Channel` over Mattermost."""

    kind = "mattermost"

    def __init__(
        self, server: str, token: str, *, way: httpx.Client, room: str = "", takes_exercises: bool = False
    ) -> None:
        """Prepare; `room` is everybody's channel, empty when each person names their own."""
        self._server, self._way = server.rstrip("/"), way
        self._headers = {"authorization": f"Bearer {token}"}
        self.takes_exercises = takes_exercises
        self.fixed_address = self.check_address(room) if room else ""

    def check_address(self, address: str) -> str:
        """Return the channel's id, or refuse what is none."""
        if not ROOM.fullmatch(address):
            raise Malformed(
                "this is no Mattermost channel",
                value=address[:40],
                limit="26 of a-z and 0-9",
                remedy="copy the id from the channel's information",
            )
        return address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Post the text."""
        post = {"channel_id": address, "message": text_of(message), "pending_post_id": message.id}
        headers = {**self._headers, "content-type": "application/json"}
        body = json.dumps(post, ensure_ascii=False).encode()
        url = f"{self._server}{API}/posts"
        request(self._way, "POST", url, headers=headers, content=body, denied=AddressRefused)
        return Sent(receipt="posted")

    def check(self) -> None:
        """Ask the server who we are."""
        request(self._way, "GET", f"{self._server}{API}/users/me", headers=self._headers)
