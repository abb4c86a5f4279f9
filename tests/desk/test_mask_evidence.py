"""Evidence that shows people: stored as it came, shown masked, clear only one piece through one open reveal."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from desk.media_room import WHY, Room
from impetus.core.errors import Conflict, Refused
from impetus.core.evidence import Evidence, EvidenceRecord, ImageEvidence, TextEvidence
from impetus.core.ids import AlertId, EvidenceId, FindingKey
from impetus.core.picture import Box, Frame, Pixels
from impetus.core.text import Phrase
from impetus.desk import reveals
from impetus.desk.access import access_evidence
from impetus.desk.access_media import access_clear_evidence
from impetus.desk.mask_evidence import UNMASKABLE, mask_words, masked_evidence
from impetus.testing.media import HEIGHT, PERSON, SKIN, WIDTH

ID = EvidenceId("post-1")
AT = datetime(2026, 3, 14, 20, 59, tzinfo=UTC)
POST = "Kari Nordmann and @luca_99 bring flares, call +47 912 34 567"


class Shown(Room):
    """A room with one piece of evidence: a post and a picture of somebody."""

    def __init__(self, *, boxes: tuple[Box, ...] | None = (PERSON,)) -> None:
        """Store it as the platform would."""
        super().__init__()
        pixels = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
        pixels[PERSON.top : PERSON.bottom, PERSON.left : PERSON.right] = SKIN
        self.evidence = Evidence(
            finding=FindingKey("gun"),
            summary=Phrase(template="a post and a picture"),
            texts=(TextEvidence(title=Phrase(template="post"), text=POST, at=AT, language="en"),),
            images=(
                ImageEvidence(
                    title=Phrase(template="camera"),
                    camera="c14",
                    at=AT,
                    body=self.desk.pictures.encode(pixels),
                    boxes=boxes,
                ),
            ),
        )
        self.desk.blobs.put(ID, self.desk.codec.encode_evidence(self.evidence))
        record = EvidenceRecord(
            id=ID, finding=FindingKey("gun"), media_type="application/json", bytes_=1, stored_at=self.clock.now()
        )
        with self.desk.store.write() as unit:
            unit.evidence.add(record)
            alert = unit.alerts.get(AlertId(1))
            unit.alerts.replace(replace(alert, evidence=(ID,)))

    def seen(self, name: str) -> Evidence:
        """Return what somebody is shown of it."""
        found = access_evidence(self.desk, self.who(name), [ID], on="alert:1")[0]
        assert found is not None
        return found


def shows_skin(room: Room, body: bytes) -> bool:
    """Say whether any pixel is near the person's own colour."""
    pixels = room.desk.pictures.decode(body).astype(int)
    return bool((np.abs(pixels - SKIN).max(axis=2) < 30).any())


def test_what_is_shown_by_default_has_nobody_in_it() -> None:
    """Names, handle and number are masked, the person is the one figure, and both say that they are masked."""
    room = Shown()
    shown = room.seen("kari")
    assert shown.texts[0].text == "[name 1] and [handle 1] bring flares, call [phone 1]"
    assert not shows_skin(room, shown.images[0].body)
    assert shown.texts[0].is_masked
    assert shown.images[0].is_masked
    assert shown.images[0].boxes is None


def test_who_may_not_see_such_masked_things_gets_the_evidence_without_them() -> None:
    """Planners and officers see the alert and its series; masked pictures are for those on duty."""
    room = Shown()
    shown = room.seen("dag")
    assert (shown.texts, shown.images) == ((), ())
    assert shown.summary == room.evidence.summary


def test_a_picture_nobody_looked_at_for_persons_has_no_body() -> None:
    """Dropped, not passed."""
    assert Shown(boxes=None).seen("kari").images[0].body == b""


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_picture_that_is_none_has_no_body(body: bytes) -> None:
    """Whatever a tool sent, a page shows it masked or not at all."""
    room = Shown()
    broken = replace(room.evidence, images=(replace(room.evidence.images[0], body=body),))
    assert masked_evidence(room.desk, broken).images[0].body == b""


def test_masks_that_crash_hide_everything() -> None:
    """Text and picture are both left out when their masks fail."""

    class Broken:
        """A port whose every answer is a crash."""

        def masked(self, frame: Frame) -> Pixels | None:
            raise ZeroDivisionError(frame.camera)

        def phones(self, text: str) -> list[tuple[int, int]]:
            raise ZeroDivisionError(text)

        def is_given_name(self, word: str) -> bool:
            raise ZeroDivisionError(word)

        def is_family_name(self, word: str) -> bool:
            raise ZeroDivisionError(word)

    room = Shown()
    shown = masked_evidence(replace(room.desk, masks=Broken(), text_masks=Broken()), room.evidence)
    assert shown.texts[0].text == UNMASKABLE
    assert shown.images[0].body == b""


def test_the_clear_piece_is_for_one_person_through_one_open_reveal() -> None:
    """Asked, approved, opened; stamped with the name; over when it is over."""
    room = Shown()
    subject = f"evidence:{ID}"
    room.opened(subject=subject)
    clear = access_clear_evidence(room.desk, room.who("kari"), ID, 1)
    assert clear.texts[0].text == POST
    assert shows_skin(room, clear.images[0].body)
    assert clear.images[0].body != room.evidence.images[0].body
    for name in ("bo", "sol"):
        with pytest.raises(Refused):
            access_clear_evidence(room.desk, room.who(name), ID, 1)
    room.later(minutes=10)
    with pytest.raises(Refused):
        access_clear_evidence(room.desk, room.who("kari"), ID, 1)


def test_a_reveal_of_a_camera_opens_no_evidence() -> None:
    """One thing at a time."""
    room = Shown()
    room.opened()
    with pytest.raises(Refused):
        access_clear_evidence(room.desk, room.who("kari"), ID, 1)


def test_a_reveal_that_waits_opens_nothing() -> None:
    """Asked and approved are not open."""
    room = Shown()
    reveals.ask(room.desk, room.who("kari"), f"evidence:{ID}", room.incident, why=WHY, minutes=5)
    with pytest.raises(Refused):
        access_clear_evidence(room.desk, room.who("kari"), ID, 1)
    with pytest.raises(Conflict):
        reveals.open_(room.desk, room.who("kari"), 1)


def test_what_came_masked_stays_as_it_came() -> None:
    """Masking masked evidence changes nothing."""
    room = Shown()
    once = masked_evidence(room.desk, room.evidence)
    assert masked_evidence(room.desk, once) == once or masked_evidence(room.desk, once).texts == once.texts


def test_words_of_a_post_are_masked_by_the_desk() -> None:
    """The verb other use cases call."""
    assert mask_words(Room().desk, "ring Kari Nordmann") == "ring [name 1]"
