"""The health board: every sensor as one mark of a dense grid, worst first, with filters, a cursor and a table below."""

import base64
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from impetus.core.actor import Actor
from impetus.core.ids import DatastreamId
from impetus.core.units import written
from impetus.desk import sensor_health
from impetus.desk.context import Desk
from impetus.desk.sensor_health import Order, Row, Wanted
from impetus.web.context import TheDesk
from impetus.web.names import name_of
from impetus.web.render import page, words_of
from impetus.web.sensor_words import FAULTS, STATE_KEYS, STATES, odds_of, property_of
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
CODES = {key: code for code, key in STATE_KEYS.items()}

router = APIRouter()
Text = Annotated[str, Query(max_length=120)]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


def _read(state: Text = "", source: Text = "", zone: Text = "", q: Text = "", order: Order = Order.TROUBLE) -> Wanted:
    """Read the filters; a state nobody knows is none."""
    return Wanted(state=CODES.get(state), source=source, zone=zone, text=q, order=order)


Filters = Annotated[Wanted, Depends(_read)]


@router.get("/sensors")
def show_health(request: Request, desk: TheDesk, actor: Person, wanted: Filters) -> Response:
    """Return the board; without scripts the counts and the table say it."""
    return page(
        request,
        "sensor_health.html",
        actor=actor,
        health=sensor_health.health(desk, actor, wanted),
        wanted=wanted,
        orders=Order,
        states=STATES,
        keys=STATE_KEYS,
        faults=FAULTS,
        odds_of=odds_of,
        written=written,
        tool_name=name_of,
        property_of=property_of,
        query=str(request.url.query),
    )


@router.get("/sensors/grid")
def grid(desk: TheDesk, actor: Person, wanted: Filters) -> Response:
    """Return ids and states in the order of the board, a byte a state."""
    health = sensor_health.health(desk, actor, wanted, rows=0)
    told = {"ids": health.ids.tolist(), "codes": base64.b64encode(health.codes.tobytes()).decode()}
    return Response(orjson.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/sensors/{sensor}/said")
def said(request: Request, desk: TheDesk, actor: Person, sensor: Id) -> Response:
    """Return one sensor's line for the cursor of the grid."""
    row = _row(desk, actor, sensor)
    words = words_of(request)
    state = CODES["unjudged"] if row.state is None else int(row.state)
    parts = [
        row.datastream.thing_name,
        words.gettext(property_of(row.datastream.observed_property)),
        words.gettext(STATES[state]),
    ]
    fault = FAULTS[row.fault]
    told = {"text": " \N{MIDDLE DOT} ".join([*parts, *([words.gettext(fault)] if fault else [])])}
    return Response(orjson.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})


def _row(desk: Desk, actor: Actor, sensor: int) -> Row:
    return sensor_health.one(desk, actor, DatastreamId(sensor))
