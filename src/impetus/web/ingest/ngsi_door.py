"""Where context brokers send their notifications: one path of the ingest's door, with the token of the source.

A broker subscribes on our behalf with this address and the token as a receiver header (NGSI-LD, `receiverInfo`). What is new is
declared when the token may declare; else its readings are refused as undeclared, as anybody's. A notification about things
that are none of ours is answered 200 as well: the broker did nothing wrong.
"""

import asyncio

from fastapi import APIRouter, Request, Response

from impetus.core.actor import Actor
from impetus.core.board import Rule
from impetus.core.errors import TheirFault, Unknown
from impetus.core.feed import FeedReport
from impetus.desk.context import Desk
from impetus.desk.declare_seen import declare_seen
from impetus.desk.ingest import Intake
from impetus.desk.parcel import Parcel
from impetus.web.ingest import documented
from impetus.web.ingest.answers import answer_receipt, json_answer
from impetus.web.ingest.deposit import actor_of, body_of, intake_of, settled
from impetus.web.ingest.ngsi import read_entities
from impetus.web.ingest.wire import Names, UnsupportedMedia, check_rows, check_size, media_of
from impetus.web.ingest.wire_json import columns_of, parse, record

router = APIRouter()
MEDIA = frozenset({"application/json", "application/ld+json", "application/geo+json"})


@router.post("/api/v1/ngsi-ld", openapi_extra=documented.NGSI, responses=documented.RECEIPTS)
async def post_entities(request: Request) -> Response:
    """Take an NGSI-LD notification in, or entities by themselves. Answers as observations do."""
    actor = await actor_of(request)
    intake = intake_of(request)
    source = intake.source_of(actor)
    intake.stops.refuse_source(source)
    media = media_of(request.headers.get("content-type", ""))
    if media not in MEDIA:
        raise UnsupportedMedia(
            f"media type {media[:50]}", value=media, limit=", ".join(sorted(MEDIA)), remedy="send one of these"
        )
    body = await body_of(request, sender=actor)
    report = await asyncio.to_thread(_read, intake, actor, body)
    desk: Desk = request.app.state.desk
    if len(report) and await asyncio.to_thread(declare_seen, desk, actor, source, report):
        await asyncio.to_thread(intake.refresh)
    if not len(report):
        nothing = {"source": source, "received": 0, "accepted": 0, "refused": 0, "counts": {}}
        return json_answer({**nothing, "left_out": dict(report.left_out)})
    return answer_receipt(await settled(intake, actor, parcel_of(report, intake.names(source), source, len(body))))


def parcel_of(report: FeedReport, names: Names, source: str, size: int) -> Parcel:
    """Return the readings as a parcel; one of a datastream that nobody declared stays in it, to be refused as that."""
    keys = [f"{source}/{stream.key}" for stream in report.streams]
    rows = list(zip(report.stream.tolist(), report.time_us.tolist(), report.result.tolist(), strict=True))
    check_rows(len(rows))
    details: dict[int, str] = {}
    batch = columns_of(((keys[stream], at_us, value) for stream, at_us, value in rows), names, details)

    def came(row: int) -> bytes:
        stream, at_us, value = rows[row]
        return record({"datastream": keys[stream], "time": at_us, "result": value})

    return Parcel(batch=batch, details=details, record=came, size_bytes=size)


def _read(intake: Intake, actor: Actor, body: bytes) -> FeedReport:
    """Read a body; one that cannot be read at all is counted and quarantined, and raises."""
    check_size(body)
    try:
        return read_entities(parse(body))
    except TheirFault as error:
        try:
            intake.refuse(actor, Rule.MALFORMED, error.detail, body)
        except Unknown:
            raise error from None  # a source that declares itself with its first good body: nothing to count under yet
        raise
