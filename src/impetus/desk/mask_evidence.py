"""Evidence as it is shown: series as they are, texts and pictures masked, clear only one piece through one reveal."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError, Refused
from impetus.core.evidence import Evidence, ImageEvidence, TextEvidence
from impetus.core.picture import Frame, Pixels
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.mask_text import mask

UNMASKABLE = "[not masked, so not shown]"
SIMULATED = "Simulated"

log = logging.getLogger(__name__)


def masked_evidence(desk: Desk, evidence: Evidence) -> Evidence:
    """Return the evidence with nobody in it; what cannot be masked is left out and says so."""
    return replace(
        evidence,
        texts=tuple(_masked_text(desk, text) for text in evidence.texts),
        images=tuple(_masked_image(desk, image) for image in evidence.images),
    )


def only(evidence: Evidence, kinds: frozenset[Category]) -> Evidence:
    """Return the evidence without the kinds that may not be seen."""
    return replace(
        evidence,
        texts=evidence.texts if Category.TEXT_MASKED in kinds else (),
        images=evidence.images if Category.IMAGE_MASKED in kinds else (),
    )


def seen_kinds(desk: Desk, actor: Actor, on: str, evidences: Sequence[Evidence]) -> frozenset[Category]:
    """Return which masked kinds the actor may see of this evidence; asks the guard only for kinds that are there."""
    present = {
        Category.TEXT_MASKED: any(evidence.texts for evidence in evidences),
        Category.IMAGE_MASKED: any(evidence.images for evidence in evidences),
    }
    uses = {kind: Use(category=kind, purpose=Purpose.PUBLIC_SAFETY) for kind, is_there in present.items() if is_there}
    return frozenset(kind for kind, use in uses.items() if may_see(desk, actor, on, use))


def without_authors(evidence: Evidence) -> Evidence:
    """Return the evidence with its texts' pseudonyms left out; that there is one, and of which domain, stays."""
    texts = (
        text if text.author is None else replace(text, author=replace(text.author, pseudonym=""))
        for text in evidence.texts
    )
    return replace(evidence, texts=tuple(texts))


def may_see(desk: Desk, actor: Actor, on: str, use: Use) -> bool:
    """Say whether the guard lets this person see this kind of thing on an alert, for that use."""
    try:
        permit(desk, actor, Operation.ALERTS_READ, on=on, use=use)
    except Refused:
        return False
    return True


def stamped_evidence(desk: Desk, evidence: Evidence, mark: str) -> Evidence:
    """Return the evidence in clear, every picture stamped with whose screen it is shown on."""
    return replace(evidence, images=tuple(_stamped(desk, image, mark) for image in evidence.images))


def mask_words(desk: Desk, text: str) -> str:
    """Return a text with everything that points at a person masked."""
    return mask(text, desk.text_masks)


def _masked_text(desk: Desk, text: TextEvidence) -> TextEvidence:
    """Mask one text; a mask that fails hides all of it: fails closed."""
    if text.is_masked:
        return text
    try:
        return replace(text, text=mask_words(desk, text.text), is_masked=True)
    except Exception:
        log.exception("the mask of a text crashed; the text is left out")
        return replace(text, text=UNMASKABLE, is_masked=True)


def _masked_image(desk: Desk, image: ImageEvidence) -> ImageEvidence:
    """Mask one picture; without boxes, or when anything goes wrong, it has no body: fails closed."""
    if image.is_masked:
        return image
    try:
        pixels = desk.pictures.decode(image.body)
        frame = Frame(camera=image.camera, at=image.at, pixels=pixels, boxes=image.boxes, simulated=image.simulated)
        shown = desk.masks.masked(frame)
        body = b"" if shown is None else desk.pictures.encode(_marked(desk, image, shown))
    except ImpetusError:
        body = b""
    except Exception:
        log.exception("the mask of a picture crashed; the picture is left out")
        body = b""
    return replace(image, body=body, boxes=None, is_masked=True)


def _stamped(desk: Desk, image: ImageEvidence, mark: str) -> ImageEvidence:
    pixels = desk.pictures.stamp(desk.pictures.decode(image.body), mark)
    return replace(image, body=desk.pictures.encode(_marked(desk, image, pixels)), boxes=None)


def _marked(desk: Desk, image: ImageEvidence, pixels: Pixels) -> Pixels:
    """Return the pixels with the mark of simulated input where it is."""
    return desk.pictures.mark(pixels, f"{SIMULATED}  {image.camera.upper()}") if image.simulated else pixels
