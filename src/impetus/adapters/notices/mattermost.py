"""Mattermost: a bot posts into a channel; `pending_post_id` is the message's id, by which the server knows a repetition.

**Source**: Mattermost API v4, `POST /posts`, `GET /users/me`.
"""

import re

from impetus.adapters.notices.room_way import RoomWay
from impetus.core.notice import Outgoing, text_of
from impetus.ports.notices import Sent

API = "/api/v4"
ROOM = re.compile(r"[a-z0-9]{26}")


class MattermostChannel(RoomWay):
    """Fulfils `impetus.ports.notices.Channel` over Mattermost; a room is a channel there."""

    kind = "mattermost"
    ROOM = ROOM
    NO_ROOM = "this is no Mattermost channel"
    LIMIT = "26 of a-z and 0-9"
    REMEDY = "copy the id from the channel's information"

    def send(self, message: Outgoing, address: str) -> Sent:
        """Post the text."""
        post = {"channel_id": address, "message": text_of(message), "pending_post_id": message.id}
        self._say("POST", f"{API}/posts", post)
        return Sent(receipt="posted")

    def check(self) -> None:
        """Ask the server who we are."""
        self._ask(f"{API}/users/me")
