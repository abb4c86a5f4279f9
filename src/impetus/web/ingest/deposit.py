"""From a request's raw body to a receipt, the way HTTP, SensorThings and MQTT share.

Bodies are read raw and handed to the wire modules; no model library sees a reading. Durability is awaited, never waited
for: the event loop reads the next body while the commit thread of `Intake` writes.
"""

import asyncio
from typing import Final

from fastapi import Request

from impetus.core.actor import Actor
from impetus.core.board import Rule
from impetus.core.errors import TheirFault, TooLarge
from impetus.desk.ingest import Intake
from impetus.desk.parcel import Parcel, Receipt
from impetus.web.ingest.door import Door
from impetus.web.ingest.wire import ARROW, JSON, MAX_BODY_BYTES, Names, UnsupportedMedia
from impetus.web.ingest.wire_arrow import read_arrow
from impetus.web.ingest.wire_json import read_json

READERS: Final = {JSON: read_json, ARROW: read_arrow}


async def actor_of(request: Request) -> Actor:
    """Return who sends."""
    door: Door = request.app.state.door
    return await door.actor(request)


def intake_of(request: Request) -> Intake:
    """Return the intake of this process."""
    intake: Intake = request.app.state.intake
    return intake


async def body_of(request: Request, limit: int = MAX_BODY_BYTES, *, sender: Actor | None = None) -> bytes:
    """Read the body up to the limit; beyond it `TooLarge`, without reading on.

    When a person stops the sender's source half way, `Stopped`: what came is dropped and the connection is closed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia(
            f"content encoding {request.headers['content-encoding'][:50]}",
            value=request.headers["content-encoding"],
            limit="identity",
            remedy="send the body as it is",
        )
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        if sender is not None and sender.source is not None:
            intake_of(request).stops.refuse_source(sender.source)
        size += len(part)
        if size > limit:
            raise TooLarge(f"body over {limit} bytes", value=f"{size} or more", limit=limit, remedy="send it in parts")
        parts.append(part)
    return b"".join(parts)


async def deposit(intake: Intake, actor: Actor, media: str, body: bytes) -> Receipt:
    """Read a body of a media type and wait for its receipt; used by HTTP and MQTT alike.

    A body that cannot be read at all is counted as one malformed record and quarantined, and raises.
    """
    source = intake.source_of(actor)
    intake.stops.refuse_source(source)
    names = intake.names(source)
    try:
        parcel = read(media, body, names)
    except TheirFault as error:
        intake.refuse(actor, Rule.MALFORMED, error.detail, body)
        raise
    return await settled(intake, actor, parcel)


def read(media: str, body: bytes, names: Names) -> Parcel:
    """Read a body of a media type into a parcel."""
    reader = READERS.get(media)
    if reader is None:
        raise UnsupportedMedia(
            f"media type {media[:50] or 'is missing'}",
            value=media,
            limit=", ".join(READERS),
            remedy="send one of these",
        )
    return reader(body, names)


async def settled(intake: Intake, actor: Actor, parcel: Parcel) -> Receipt:
    """Submit a parcel and wait, without blocking the loop, until it is durable."""
    return await asyncio.wrap_future(intake.submit(actor, parcel))
