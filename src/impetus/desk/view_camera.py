"""Looking at a camera: masked for everybody on duty, clear for the one whose reveal is open, and always as a PNG."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from impetus.core.actor import Actor
from impetus.core.errors import NotNow, Unknown
from impetus.core.ids import IncidentId, SourceId
from impetus.core.picture import CameraSight
from impetus.core.place import Point, distance_m
from impetus.core.reveal import Reveal, RevealState
from impetus.core.stop import Stop
from impetus.desk.access_media import Seen, access_clear_frame, access_masked_frame
from impetus.desk.context import Desk
from impetus.desk.known_datastreams import known_datastreams
from impetus.desk.permit import permit
from impetus.desk.reveal_step import is_good
from impetus.ethics.guard import Operation

NOTICE_SIZE = (960, 540)
NEARBY = 3
"""Cameras offered beside an incident; more nobody looks at under stress. House rule."""
FRAME_RATE = "frame_rate"
"""Property by which cameras report how many pictures a second they give."""
DROPPED, DARK, STOPPED = "Not masked, so not shown", "No picture from this camera", "Stopped by a person"
"""What stands in place of a picture; message ids of the catalogues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture as shown: `masked` unless it is the clear one; `notice` says why there is none to see."""

    picture: bytes = field(repr=False)
    masked: bool
    watermark: str
    at: datetime
    simulated: bool
    notice: str = ""
    reveal: Reveal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRow:
    """A camera on a list: what it is, how far from the place asked about, and whether somebody stopped it."""

    sight: CameraSight
    away_m: float | None = None
    stop: Stop | None = None


def cameras(desk: Desk, actor: Actor, *, near: Point | None = None) -> tuple[CameraRow, ...]:
    """Return every camera, the nearest first when a place is given."""
    permit(desk, actor, Operation.MEDIA_READ)
    standing = desk.stops.standing()
    rows = [
        CameraRow(
            sight=sight,
            away_m=None if near is None or sight.point is None else distance_m(near, sight.point),
            stop=standing.of_thing(sight.thing),
        )
        for sight in desk.media.cameras()
    ]
    if near is not None:
        rows.sort(key=lambda row: float("inf") if row.away_m is None else row.away_m)
    return tuple(rows)


def camera(desk: Desk, actor: Actor, key: str) -> CameraRow:
    """Return one camera, or raise `Unknown`."""
    found = next((row for row in cameras(desk, actor) if row.sight.key == key), None)
    if found is None:
        raise Unknown(f"there is no camera {key[:80]}", value=key, remedy="choose one from the list of cameras")
    return found


def view(
    desk: Desk, actor: Actor, camera_key: str, incident: IncidentId | None = None, *, say: Callable[[str], str] = str
) -> Shown:
    """Return what this person may see of a camera now.

    Clear and stamped when their own reveal of it is open, masked otherwise; a sentence in place of a picture when it
    cannot be masked, gives none, or was stopped. `say` translates that sentence.
    """
    row = camera(desk, actor, camera_key)
    if row.stop is not None:
        return _notice(desk, row.sight, STOPPED, say)
    if _is_dark(desk, row.sight):
        return _notice(desk, row.sight, DARK, say)
    reveal = own_open_reveal(desk, actor, f"camera:{camera_key}")
    try:
        if reveal is not None:
            return _shown(desk, row.sight, access_clear_frame(desk, actor, camera_key, reveal.id), reveal, say)
        return _shown(desk, row.sight, access_masked_frame(desk, actor, camera_key, incident), None, say)
    except NotNow:
        return _notice(desk, row.sight, DARK, say)


def own_open_reveal(desk: Desk, actor: Actor, subject: str) -> Reveal | None:
    """Return the open reveal of this subject that this person asked for, None when there is none."""
    if actor.account is None:
        return None
    with desk.store.read() as unit:
        found = unit.reveals.find(states=(RevealState.OPEN,), subject=subject)
    at = desk.clock.now()
    return next((each for each in found if each.asked_account == actor.account and is_good(each, at)), None)


def _is_dark(desk: Desk, sight: CameraSight) -> bool:
    """Say whether the camera itself reports that it gives no pictures: its newest frame rate is 0."""
    with desk.store.read() as unit:
        known = known_datastreams(desk.store, unit).by_source.get(SourceId(sight.source), ())
    wanted = next((each.id for each in known if each.key == f"{sight.thing}/{FRAME_RATE}"), None)
    if wanted is None:
        return False
    latest = desk.history.latest()
    return bool(np.any(latest.result[latest.datastream == wanted] == 0))


def _shown(desk: Desk, sight: CameraSight, seen: Seen, reveal: Reveal | None, say: Callable[[str], str]) -> Shown:
    if seen.pixels is None:
        return _notice(desk, sight, DROPPED, say, size=seen.size)
    pixels = desk.pictures.mark(seen.pixels, f"{say('Simulated')}  {sight.name}") if seen.simulated else seen.pixels
    return Shown(
        picture=desk.pictures.encode(pixels),
        masked=reveal is None,
        watermark=seen.watermark,
        at=seen.at,
        simulated=seen.simulated,
        reveal=reveal,
    )


def _notice(
    desk: Desk,
    sight: CameraSight,
    words: str,
    say: Callable[[str], str],
    *,
    size: tuple[int, int] = NOTICE_SIZE,
) -> Shown:
    """Return a neutral picture with a sentence on it."""
    pixels = desk.pictures.notice(*size, say(words))
    return Shown(
        picture=desk.pictures.encode(pixels),
        masked=True,
        watermark="",
        at=desk.clock.now(),
        simulated=sight.simulated,
        notice=words,
    )
