"""Looking at a camera: masked by default, clear for one person for a while, and never by accident."""

import numpy as np
import pytest

from desk.media_room import CAMERA, WHY, Room
from impetus.core.access import Category
from impetus.core.errors import Conflict, Refused, Unknown
from impetus.core.log_record import Processing
from impetus.core.picture import Frame, Pixels
from impetus.desk import incidents, reveals
from impetus.desk.access_media import access_clear_frame, through
from impetus.desk.view_camera import DARK, DROPPED, STOPPED, Shown, camera, cameras, view
from impetus.testing.journal import MemoryJournal
from impetus.testing.media import PERSON, SKIN


def pixels(room: Room, shown: Shown) -> Pixels:
    """Return what is to be seen on a picture as sent."""
    return room.desk.pictures.decode(shown.picture)


def shows_skin(picture: Pixels) -> bool:
    """Say whether any pixel is near the person's own colour."""
    return bool((np.abs(picture.astype(int) - SKIN).max(axis=2) < 30).any())


def test_everybody_gets_the_masked_picture() -> None:
    """No pixel of the person's colour is left, and the picture says so."""
    room = Room()
    for name in ("kari", "sol"):
        shown = view(room.desk, room.who(name), "c14", room.incident)
        assert shown.masked
        assert not shown.notice
        assert not shows_skin(pixels(room, shown))


@pytest.mark.parametrize("name", ["dag", "per", "ane"])
def test_who_is_not_on_the_square_sees_no_camera_at_all(name: str) -> None:
    """The officer oversees lists and reasons; pictures are for those who act."""
    room = Room()
    with pytest.raises(Refused):
        view(room.desk, room.who(name), "c14")
    with pytest.raises(Refused):
        cameras(room.desk, room.who(name))


def test_the_clear_picture_is_for_the_one_who_asked_while_it_is_open() -> None:
    """Kari sees clearly, with her name on it; Bo and Sol see the mask; after ten minutes Kari does too."""
    room = Room()
    room.opened()
    clear = view(room.desk, room.who("kari"), "c14", room.incident)
    assert not clear.masked
    assert clear.watermark.startswith("kari · operator · 2026-03-14 21:00:00Z · reveal 1 · armed person")
    assert shows_skin(pixels(room, clear))
    for name in ("bo", "sol"):
        assert view(room.desk, room.who(name), "c14", room.incident).masked
    assert view(room.desk, room.who("kari"), "c12", room.incident).masked
    room.later(minutes=10)
    assert view(room.desk, room.who("kari"), "c14", room.incident).masked


@pytest.mark.parametrize("state", ["asked", "approved", "closed"])
def test_a_reveal_that_is_not_open_shows_nothing_clear(state: str) -> None:
    """Neither before it is opened nor after it is closed."""
    room = Room()
    if state == "asked":
        room.asked()
    elif state == "approved":
        room.approved()
    else:
        room.opened()
        reveals.close(room.desk, room.who("sol"), 1)
    assert view(room.desk, room.who("kari"), "c14").masked
    with pytest.raises(Refused, match="nothing"):
        access_clear_frame(room.desk, room.who("kari"), "c14", 1)


def test_nobody_borrows_a_reveal() -> None:
    """Another person, or another camera, is refused by name even when the number is known."""
    room = Room()
    room.opened()
    with pytest.raises(Refused, match="reveal 1"):
        access_clear_frame(room.desk, room.who("sol"), "c14", 1)
    with pytest.raises(Refused, match="reveal 1"):
        access_clear_frame(room.desk, room.who("kari"), "c12", 1)


def test_a_clock_set_back_wins_no_second_look() -> None:
    """After nine minutes of looking, a clock that says one minute shows the mask."""
    room = Room()
    room.opened()
    room.later(minutes=9)
    assert not view(room.desk, room.who("kari"), "c14").masked
    room.later(minutes=-8)
    assert view(room.desk, room.who("kari"), "c14").masked


def test_a_closed_incident_ends_the_clear_view() -> None:
    """The case is gone: the guard refuses the clear picture although the reveal's time is not over."""
    room = Room()
    opened = room.opened()
    incidents.close(room.desk, room.who("kari"), room.incident, outcome="over")
    with pytest.raises(Refused):
        through(room.desk, room.who("kari"), opened, CAMERA, Category.IMAGE_CLEAR)


def test_a_clear_look_is_a_consultation_in_the_log() -> None:
    """With person, camera, purpose, case, reason."""
    room = Room()
    room.opened()
    view(room.desk, room.who("kari"), "c14", room.incident)
    assert isinstance(room.desk.journal, MemoryJournal)
    looks = [line for line in room.desk.journal.records if line.category is Category.IMAGE_CLEAR]
    assert [(look.who, look.subject, look.case, look.why, look.processing) for look in looks] == [
        ("kari", CAMERA, str(room.incident), WHY, Processing.CONSULTATION)
    ]


def test_a_frame_nobody_looked_at_for_persons_is_dropped() -> None:
    """A sentence stands there, of the same size, and no pixel of the frame."""
    room = Room()
    room.media.show("c14", boxes=None)
    shown = view(room.desk, room.who("kari"), "c14")
    assert shown.notice == DROPPED
    assert shown.masked
    assert not shows_skin(pixels(room, shown))


def test_a_mask_that_crashes_drops_the_frame() -> None:
    """Whatever goes wrong in it, nothing passes."""

    class Broken:
        def masked(self, frame: Frame) -> Pixels | None:
            raise ZeroDivisionError(frame.camera)

    from dataclasses import replace

    room = Room()
    shown = view(replace(room.desk, masks=Broken()), room.who("kari"), "c14")
    assert shown.notice == DROPPED
    assert not shows_skin(pixels(room, shown))


def test_a_dark_camera_says_so() -> None:
    """No picture is no error."""
    room = Room()
    room.media.dark.add("c14")
    assert view(room.desk, room.who("kari"), "c14").notice == DARK


def test_a_stopped_camera_shows_nothing_even_revealed() -> None:
    """The kill switch is above every reveal."""
    from impetus.core.stop import parse_target

    room = Room()
    room.opened()
    room.desk.stops.stop(parse_target("camera:c14"), by="sol", at=room.clock.now())
    shown = view(room.desk, room.who("kari"), "c14")
    assert shown.notice == STOPPED
    assert not shows_skin(pixels(room, shown))


def test_the_sentence_is_in_the_viewers_language() -> None:
    """What is drawn is what the catalogue says."""
    room = Room()
    room.media.dark.add("c14")
    said = []
    view(room.desk, room.who("kari"), "c14", say=lambda words: said.append(words) or "Ikke noe bilde")
    assert said == [DARK]


def test_a_camera_that_is_not_there_is_unknown() -> None:
    """By view and by row."""
    room = Room()
    with pytest.raises(Unknown):
        view(room.desk, room.who("kari"), "c99")
    with pytest.raises(Unknown):
        camera(room.desk, room.who("kari"), "../key")


def test_the_person_really_stands_in_the_unmasked_frame() -> None:
    """The control of the tests above: before masking, the colour they look for is there."""
    room = Room()
    frame = room.media.frame("c14", room.clock.now())
    assert shows_skin(frame.pixels)
    assert tuple(frame.pixels[PERSON.top + 5, PERSON.left + 5]) == SKIN


def test_a_masked_view_needs_no_reveal_and_no_case() -> None:
    """Anybody on duty may look at the masked square to keep the public safe."""
    room = Room()
    incidents.close(room.desk, room.who("kari"), room.incident, outcome="over")
    assert view(room.desk, room.who("bo"), "c14").masked
    with pytest.raises((Conflict, Refused)):
        room.asked()
