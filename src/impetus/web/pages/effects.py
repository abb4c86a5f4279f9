"""City systems: what stands now and until when, what nobody knows, taking back, and proposing something new."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Form, Path, Query, Request, Response

from impetus.core.action import ActionKind
from impetus.core.actor import Actor
from impetus.core.effect import Device
from impetus.core.ids import IncidentId
from impetus.core.text import Phrase
from impetus.desk import effect_reading, gates
from impetus.desk.context import Desk
from impetus.desk.effect_reading import EffectShown
from impetus.desk.take_back import revert_effect
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages.gates import SAID
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
AGREE_WITHIN = timedelta(minutes=60)
"""How long a proposal from this page may be agreed to. House rule; its end is absolute and does not wait."""

router = APIRouter(prefix="/effects")
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device and what may stand on it."""

    device: Device
    effect: EffectShown | None


@router.get("")
def show_effects(
    request: Request, desk: TheDesk, actor: Person, incident: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0
) -> Response:
    """Return what stands in the city."""
    return _page(request, desk, actor, "effects.html", incident)


@router.get("/now")
def effects_now(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _page(request, desk, actor, "effects_now.html", 0)


@router.get("/map")
def effects_map(desk: TheDesk, actor: Person) -> Response:
    """Return the devices that stand on the map, with what was sent to them and what is known of it."""
    rows = _rows(desk, actor)
    marks = [
        {
            "id": row.device.id,
            "name": row.device.name,
            "kind": row.device.kind.value,
            "lon": row.device.point.lon,
            "lat": row.device.point.lat,
            "simulated": row.device.simulated,
            "words": row.effect.words if row.effect else "",
            "state": row.effect.state if row.effect else "",
            "until": row.effect.until.isoformat() if row.effect else "",
        }
        for row in rows
        if row.device.point is not None
    ]
    return Response(orjson.dumps(marks), media_type="application/json")


@router.post("/set")
def propose_set(  # noqa: PLR0913 - a proposal has this many parts
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    device: Annotated[str, Form(max_length=200)],
    minutes: Annotated[int, Form(ge=1, le=240)],
    command: Words = "",
    why: Words = "",
    incident: Annotated[int, Form(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """Propose to set a device until so many minutes from now."""

    def act() -> Done:
        ends: datetime = desk.clock.now() + timedelta(minutes=minutes)
        names = {each.id: each.name for each in effect_reading.devices(desk, actor)}
        action = gates.propose(
            desk,
            actor,
            gates.Proposal(
                kind=ActionKind.CITY_SYSTEM,
                target=names.get(device, device),
                why=why,
                lasts=AGREE_WITHIN,
                incident=IncidentId(incident) if incident else None,
                parameters={"command": command, "until": ends.astimezone(UTC).isoformat(timespec="seconds")},
            ),
        )
        values: dict[str, str | int | float] = {"still": action.rule.persons, "receipt": action.receipt}
        return Done(said=Phrase(template=SAID[action.state], values=values), back="/effects")

    return perform(request, act)


@router.post("/{effect}/revert")
def revert(request: Request, desk: TheDesk, actor: Person, effect: Id, why: Words = "") -> Response:
    """Take an effect back before its end."""

    def act() -> Done:
        done = revert_effect(desk, actor, effect, why=why)
        said = N_("{name} is back to normal") if not done.trouble else N_("{name} is being taken back: {trouble}")
        values: dict[str, str | int | float] = {"name": done.name, "trouble": done.trouble}
        return Done(said=Phrase(template=said, values=values), back="/effects")

    return perform(request, act)


def _rows(desk: Desk, actor: Actor) -> tuple[DeviceRow, ...]:
    live = {each.device: each for each in reversed(effect_reading.effects_shown(desk, actor)) if each.is_live}
    return tuple(DeviceRow(device=each, effect=live.get(each.id)) for each in effect_reading.devices(desk, actor))


def _page(request: Request, desk: Desk, actor: Actor, template: str, incident: int) -> Response:
    shown = effect_reading.effects_shown(desk, actor)
    rows = _rows(desk, actor)
    return page(
        request,
        template,
        actor=actor,
        live=[each for each in shown if each.is_live],
        over=[each for each in shown if not each.is_live],
        rows=rows,
        fault=effect_reading.declaration_fault(desk, actor),
        incident_id=incident,
        may_propose=bool(rows) and may(actor, Operation.ACTIONS_PROPOSE),
        may_revert=may(actor, Operation.EFFECTS_REVERT),
    )
