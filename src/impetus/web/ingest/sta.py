"""OGC SensorThings 1.1, the part a sensor network needs: read what is declared, read observations, create them.

A token bound to a source sees and writes that source; one bound to none sees every source it may read. Things and
datastreams are declared (`/api/v1/sources`), not created here, because what may come in is decided before it comes.

**Source**: OGC 18-088.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from fastapi import APIRouter, Request, Response

from impetus.core.actor import Actor
from impetus.core.admission import IS_ACKNOWLEDGED
from impetus.core.board import Rule
from impetus.core.errors import Conflict, TheirFault, Unknown
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, Datastream, from_us, to_us
from impetus.desk import read
from impetus.desk.context import Desk
from impetus.desk.parcel import Parcel, Receipt
from impetus.web.ingest import documented
from impetus.web.ingest.answers import json_answer, receipt_document
from impetus.web.ingest.deposit import actor_of, body_of, intake_of, settled
from impetus.web.ingest.sta_entities import (
    ROOT,
    Entity,
    datastream_entity,
    observation_entity,
    observation_link,
    service_root,
    thing_entity,
)
from impetus.web.ingest.sta_query import COLLECTION_OPTIONS, OBSERVATION_OPTIONS, Query, read_query
from impetus.web.ingest.sta_write import read_data_array, read_observation

LATEST_SPAN: Final = timedelta(days=1)
"""How far back observations are read when no time is asked for. House rule."""
MAX_DATASTREAM_ID: Final = 2**63 - 1

router = APIRouter(prefix=ROOT, responses=documented.ERRORS, tags=["SensorThings"])


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{ROOT}"


async def _visible(request: Request) -> tuple[Actor, list[Datastream]]:
    """Return who asks and the datastreams they may know of."""
    actor = await actor_of(request)
    return actor, intake_of(request).visible(actor)


def _one(datastreams: Sequence[Datastream], number: int) -> Datastream:
    found = next((each for each in datastreams if each.id == number), None)
    if found is None:
        raise Unknown(
            f"there is no datastream {number}", value=number, limit="declared datastreams", remedy="see Datastreams"
        )
    return found


def _page(request: Request, query: Query, entities: Sequence[Entity], total: int) -> Response:
    """Answer one page of a collection with the link to the next."""
    document: Entity = {"value": list(entities)}
    if query.count:
        document["@iot.count"] = total
    if query.skip + len(entities) < total and entities:
        following = request.url.include_query_params(**{"$skip": query.skip + len(entities), "$top": query.top})
        document["@iot.nextLink"] = str(following)
    return json_answer(document)


@router.get("")
@router.get("/", include_in_schema=False)
async def get_root(request: Request) -> Response:
    """Return what the service offers."""
    await actor_of(request)
    return json_answer(service_root(_base(request)))


@router.get("/Things")
async def get_things(request: Request) -> Response:
    """Return things by key."""
    _, visible = await _visible(request)
    query = read_query(request.query_params, COLLECTION_OPTIONS)
    things = _things(visible)
    chosen = list(things.values())[query.skip : query.skip + query.top]
    return _page(request, query, [thing_entity(_base(request), each) for each in chosen], len(things))


@router.get("/Things('{key:path}')/Datastreams")
async def get_thing_datastreams(request: Request, key: str) -> Response:
    """Return the datastreams of a thing."""
    _, visible = await _visible(request)
    query = read_query(request.query_params, COLLECTION_OPTIONS)
    return _datastreams_page(request, query, _thing(visible, key))


@router.get("/Things('{key:path}')")
async def get_thing(request: Request, key: str) -> Response:
    """Return a thing."""
    _, visible = await _visible(request)
    return json_answer(thing_entity(_base(request), _thing(visible, key)))


@router.get("/Datastreams")
async def get_datastreams(request: Request) -> Response:
    """Return datastreams by number."""
    _, visible = await _visible(request)
    return _datastreams_page(request, read_query(request.query_params, COLLECTION_OPTIONS), visible)


@router.get("/Datastreams({number:int})")
async def get_datastream(request: Request, number: int) -> Response:
    """Return a datastream."""
    _, visible = await _visible(request)
    return json_answer(datastream_entity(_base(request), _one(visible, number)))


@router.get("/Datastreams({number:int})/Thing")
async def get_datastream_thing(request: Request, number: int) -> Response:
    """Return the thing of a datastream."""
    _, visible = await _visible(request)
    return json_answer(thing_entity(_base(request), _thing(visible, _one(visible, number).thing)))


@router.get("/Datastreams({number:int})/Observations")
async def get_datastream_observations(request: Request, number: int) -> Response:
    """Return observations of a datastream."""
    actor, visible = await _visible(request)
    query = read_query(request.query_params, OBSERVATION_OPTIONS)
    return await _observations(request, actor, query, [_one(visible, number)])


@router.get("/Observations")
async def get_observations(request: Request) -> Response:
    """Return observations of the datastreams that may be read, or of the one the filter names."""
    actor, visible = await _visible(request)
    query = read_query(request.query_params, OBSERVATION_OPTIONS)
    chosen = visible if query.datastream is None else [_one(visible, query.datastream)]
    return await _observations(request, actor, query, chosen)


@router.get("/Observations('{number:int}_{time_us:int}')")
async def get_observation(request: Request, number: int, time_us: int) -> Response:
    """Return one observation."""
    actor, visible = await _visible(request)
    datastream = _one(visible, number)
    found = await _read(request, actor, Query(since_us=time_us, until_us=time_us + 1), [datastream])
    if not len(found):
        raise Unknown(f"there is no observation {number}_{time_us}", value=time_us, remedy="see Observations")
    return json_answer(observation_entity(_base(request), number, time_us, float(found.result[-1])))


@router.post("/Observations", status_code=201, openapi_extra=documented.STA_OBSERVATION)
async def post_observation(request: Request) -> Response:
    """Create one observation; 201 with its address, also when it was known already."""
    return await _create(request, None)


@router.post("/Datastreams({number:int})/Observations", status_code=201, openapi_extra=documented.STA_OBSERVATION)
async def post_datastream_observation(request: Request, number: int) -> Response:
    """Create one observation of this datastream."""
    return await _create(request, number)


@router.post("/CreateObservations", status_code=201, openapi_extra=documented.STA_DATA_ARRAY)
async def post_data_array(request: Request) -> Response:
    """Create many observations; the answer has, for each row, its address or `"error"` (section 13.2)."""
    actor = await actor_of(request)
    intake = intake_of(request)
    names = intake.names(intake.source_of(actor))
    parcel = read_data_array(await body_of(request, sender=actor), names, _now_us(request))
    receipt = await settled(intake, actor, parcel)
    return json_answer(_answers(_base(request), parcel.batch, receipt), 201)


async def _create(request: Request, number: int | None) -> Response:
    actor = await actor_of(request)
    intake = intake_of(request)
    names = intake.names(intake.source_of(actor))
    parcel = read_observation(await body_of(request, sender=actor), names, _now_us(request), number)
    receipt = await settled(intake, actor, parcel)
    if receipt.refused:
        raise _refusal(receipt)
    link = _link(_base(request), parcel, 0)
    entity = observation_entity(_base(request), *_row(parcel.batch, 0))
    return json_answer(entity, 201, {"Location": link})


def _refusal(receipt: Receipt) -> TheirFault:
    """Return why the one observation was refused: in conflict with a known one, or against another rule."""
    refusal = receipt.refusals[0]
    family = Conflict if refusal.rule is Rule.CONFLICT else TheirFault
    return family(
        refusal.detail,
        value=refusal.rule,
        limit="the rules of ingest",
        remedy=str(receipt_document(receipt)["quarantine"]),
    )


def _answers(base: str, batch: Batch, receipt: Receipt) -> list[str]:
    """Return the address of each row that is kept or known, `error` for each that was refused."""
    fine = IS_ACKNOWLEDGED[receipt.codes].tolist()
    rows = zip(batch.datastream.tolist(), batch.time_us.tolist(), fine, strict=True)
    return [observation_link(base, number, time_us) if good else "error" for number, time_us, good in rows]


def _link(base: str, parcel: Parcel, row: int) -> str:
    number, time_us, _ = _row(parcel.batch, row)
    return observation_link(base, number, time_us)


def _row(batch: Batch, row: int) -> tuple[int, int, float]:
    return int(batch.datastream[row]), int(batch.time_us[row]), float(batch.result[row])


def _now_us(request: Request) -> int:
    desk: Desk = request.app.state.desk
    return to_us(desk.clock.now())


def _things(datastreams: Sequence[Datastream]) -> dict[str, list[Datastream]]:
    things: dict[str, list[Datastream]] = {}
    for datastream in sorted(datastreams, key=lambda each: each.key):
        things.setdefault(datastream.thing, []).append(datastream)
    return things


def _thing(visible: Sequence[Datastream], key: str) -> list[Datastream]:
    found = [each for each in visible if each.thing == key]
    if not found:
        raise Unknown(f"there is no thing {key[:100]!r}", value=key[:100], limit="declared things", remedy="see Things")
    return found


def _datastreams_page(request: Request, query: Query, datastreams: Sequence[Datastream]) -> Response:
    chosen = datastreams[query.skip : query.skip + query.top]
    entities = [datastream_entity(_base(request), each) for each in chosen]
    return _page(request, query, entities, len(datastreams))


async def _observations(request: Request, actor: Actor, query: Query, datastreams: Sequence[Datastream]) -> Response:
    """Answer a page of observations by time."""
    found = await _read(request, actor, query, datastreams)
    order = np.lexsort((found.datastream, found.time_us))
    order = order[::-1] if query.newest_first else order
    page = found.take(order[query.skip : query.skip + query.top])
    base = _base(request)
    return _page(request, query, [observation_entity(base, *_row(page, row)) for row in range(len(page))], len(found))


async def _read(request: Request, actor: Actor, query: Query, datastreams: Sequence[Datastream]) -> Batch:
    """Read history; the last day when no time was asked for."""
    desk: Desk = request.app.state.desk
    now_us = _now_us(request)
    span_us = LATEST_SPAN // timedelta(microseconds=1)
    until_us = query.until_us if query.until_us is not None else max(now_us, query.since_us or 0) + span_us
    since_us = query.since_us if query.since_us is not None else until_us - 2 * span_us
    try:
        since, until = from_us(since_us), from_us(until_us)
    except OverflowError as error:
        raise Unknown(
            "the time lies outside the calendar", value=since_us, limit="years 1..9999", remedy="mend it"
        ) from error
    numbers = [DatastreamId(each.id) for each in datastreams]
    return await asyncio.to_thread(read.series, desk, actor, numbers, since, until)
