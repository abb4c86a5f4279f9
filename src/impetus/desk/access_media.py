"""The only readers of pictures of people: each asks the guard with the kind, the purpose, the case and the reason.

Masked is what anybody on duty gets. Clear is what one person gets through one open reveal, stamped with their name. A frame
that nobody could mask is dropped: what is shown then is a sentence.

**Source**: GDPR, article 25(2): by default only what is necessary; Directive (EU) 2016/680, article 25.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor
from impetus.core.errors import Refused
from impetus.core.evidence import Evidence
from impetus.core.ids import EvidenceId, IncidentId
from impetus.core.picture import Frame, Pixels
from impetus.core.reveal import Reveal, RevealState
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import stamped_evidence
from impetus.desk.permit import permit
from impetus.desk.reveal_step import is_good, looked
from impetus.ethics.guard import Operation
from impetus.ethics.reveal import watermark

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What may be shown of one frame: `pixels` are None when the frame was dropped, `size` says how large it was."""

    at: datetime
    pixels: Pixels | None
    size: tuple[int, int]
    simulated: bool
    watermark: str = ""


def access_masked_frame(desk: Desk, actor: Actor, camera: str, incident: IncidentId | None) -> Seen:
    """Return a camera's newest frame with everybody masked."""
    purpose = Purpose.PUBLIC_SAFETY if incident is None else Purpose.INCIDENT_RESPONSE
    case = "" if incident is None else str(incident)
    use = Use(category=Category.IMAGE_MASKED, purpose=purpose, case=case)
    permit(desk, actor, Operation.MEDIA_READ, on=f"camera:{camera}", use=use)
    frame = desk.media.frame(camera, desk.clock.now())
    return _seen(frame, _masked(desk, frame))


def access_clear_frame(desk: Desk, actor: Actor, camera: str, reveal: int) -> Seen:
    """Return a camera's newest frame as it is, stamped, through a reveal that this person asked for and that is open.

    Raises `Refused` for another person's reveal, another camera's, or one that is not open any more.
    """
    with desk.store.read() as unit:
        found = unit.reveals.get(reveal)
    mark = through(desk, actor, found, f"camera:{camera}", Category.IMAGE_CLEAR)
    frame = desk.media.frame(camera, desk.clock.now())
    return _seen(frame, desk.pictures.stamp(frame.pixels, mark), mark)


def access_clear_evidence(desk: Desk, actor: Actor, evidence: EvidenceId, reveal: int) -> Evidence:
    """Return one piece of evidence in clear, its pictures stamped, through a reveal this person asked for and that is open."""
    with desk.store.read() as unit:
        found = unit.reveals.get(reveal)
        unit.evidence.get(evidence)
    mark = through(desk, actor, found, f"evidence:{evidence}", Category.IMAGE_CLEAR)
    return stamped_evidence(desk, desk.codec.decode_evidence(desk.blobs.get(evidence)), mark)


def through(desk: Desk, actor: Actor, reveal: Reveal, subject: str, category: Category) -> str:
    """Check that a person may look through a reveal now, log it, keep that they did, and return the watermark."""
    use = Use(
        category=category,
        purpose=Purpose.INCIDENT_RESPONSE,
        case=str(reveal.incident),
        why=reveal.why,
        recipient=reveal.recipient,
    )
    permit(desk, actor, Operation.REVEALS_ASK, on=subject, use=use)
    with desk.store.write() as unit:
        at = desk.clock.now()
        current = unit.reveals.get(reveal.id)
        if not _is_theirs(current, actor, subject) or current.state is not RevealState.OPEN or not is_good(current, at):
            raise Refused(
                f"reveal {reveal.id} shows {actor.name} nothing of {subject} now",
                rule="the clear picture is for the person who asked, while the reveal is open",
                value=current.state.value,
                limit=f"{current.asked_by}, {current.subject}, until {current.good_until:%H:%M:%S}",
                source="house rule F5: per camera, time-boxed",
                remedy="ask for a reveal",
            )
        looked(unit, current, at)
    return watermark(actor.name, actor.role.value, at, f"reveal {reveal.id}", reveal.why)


def _is_theirs(reveal: Reveal, actor: Actor, subject: str) -> bool:
    return actor.account is not None and actor.account == reveal.asked_account and subject == reveal.subject


def _masked(desk: Desk, frame: Frame) -> Pixels | None:
    """Return the masked pixels; a mask that crashes drops the frame: fails closed."""
    try:
        return desk.masks.masked(frame)
    except Exception:
        log.exception("the mask of camera %s crashed; the frame is dropped", frame.camera)
        return None


def _seen(frame: Frame, pixels: Pixels | None, mark: str = "") -> Seen:
    height, width = frame.pixels.shape[:2]
    return Seen(at=frame.at, pixels=pixels, size=(width, height), simulated=frame.simulated, watermark=mark)
