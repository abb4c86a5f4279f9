"""Who sends: the bearer token, looked up once in a few seconds and not at every batch.

At 200 batches a second a look into the store for each would be the dearest part of taking readings in. What is remembered
is bounded and short-lived: a revoked token is refused within `TTL_S`. Unknown tokens are remembered apart, so that guesses
neither reach the store twice nor push the known ones out.
"""

import asyncio
from collections import OrderedDict
from typing import Final, TypeVar

from fastapi import Request

from impetus.core.actor import Actor
from impetus.core.errors import Unauthenticated
from impetus.desk import tokens
from impetus.desk.context import Desk

TTL_S: Final = 5.0
"""Seconds a looked-up token is believed: what a revocation may take to bite. House rule."""
REMEMBERED: Final = 1024
SCHEME: Final = "bearer "

Entry = TypeVar("Entry")
_Known = OrderedDict[str, tuple[float, Actor]]
_Unknown = OrderedDict[str, tuple[float, Unauthenticated]]


class Door:
    """Looks tokens up; belongs to one event loop."""

    def __init__(self, desk: Desk) -> None:
        """Remember nobody."""
        self._desk = desk
        self._known: _Known = OrderedDict()
        self._unknown: _Unknown = OrderedDict()

    async def actor(self, request: Request) -> Actor:
        """Return the service whose bearer token came with the request, or raise `Unauthenticated`."""
        header = request.headers.get("authorization", "")
        if header[: len(SCHEME)].lower() != SCHEME:
            raise Unauthenticated(
                "no token came with the request",
                rule="token",
                remedy="send Authorization: Bearer <token of the source>",
            )
        return await self.who(header[len(SCHEME) :].strip())

    async def who(self, bearer: str) -> Actor:
        """Return the service of a token, from memory when it was looked up within `TTL_S`."""
        now_s = self._desk.clock.monotonic_s()
        known = self._known.get(bearer)
        if known is not None and now_s - known[0] < TTL_S:
            return known[1]
        unknown = self._unknown.get(bearer)
        if unknown is not None and now_s - unknown[0] < TTL_S:
            raise unknown[1].with_traceback(None)
        return await self._look_up(bearer, now_s)

    async def _look_up(self, bearer: str, now_s: float) -> Actor:
        try:
            actor = await asyncio.to_thread(tokens.who, self._desk, bearer)
        except Unauthenticated as error:
            self._known.pop(bearer, None)
            _remember(self._unknown, bearer, (now_s, error))
            raise
        self._unknown.pop(bearer, None)
        _remember(self._known, bearer, (now_s, actor))
        return actor


def _remember(memory: OrderedDict[str, Entry], bearer: str, entry: Entry) -> None:
    memory[bearer] = entry
    memory.move_to_end(bearer)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
