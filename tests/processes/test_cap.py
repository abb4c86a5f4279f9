"""What makes a warning fit to be released, worked by hand: characters of a broadcast, corners of an area, words under stress."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.warning_samples import ENGLISH, NORWEGIAN, SQUARE, content
from impetus.core.place import Point
from impetus.core.warning import (
    ActualMessage,
    Area,
    Circle,
    ExerciseMessage,
    Header,
    MessageType,
    Reference,
    TestMessage,
    Wording,
)
from impetus.processes import cap

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)


def said(text: str) -> Wording:
    """Return words of exactly this broadcast text."""
    return Wording(language="en", event="e", headline=text, description="", instruction="")


@pytest.mark.parametrize(
    ("text", "characters", "pages", "alphabet"),
    [
        ("a" * 93, 93, 1, "7-bit"),
        ("a" * 94, 94, 2, "7-bit"),
        ("€", 2, 1, "7-bit"),
        ("æøå ÆØÅ", 7, 1, "7-bit"),
        ("à è ì ò ù é", 11, 1, "7-bit"),
        ("á", 1, 1, "UCS-2"),
        ("Привет", 6, 1, "UCS-2"),
        ("😀", 2, 1, "UCS-2"),
        ("я" * 41, 41, 2, "UCS-2"),
    ],
)
def test_characters_are_counted_as_the_broadcast_counts_them(
    text: str, characters: int, pages: int, alphabet: str
) -> None:
    """3GPP TS 23.038: Norwegian and Italian fit the 7-bit alphabet, one letter outside it makes all of it twice as long."""
    shown = cap.preview(said(text))
    assert (shown.characters, shown.pages, shown.alphabet) == (characters, pages, alphabet)


def test_what_fits_and_what_forces_the_longer_alphabet() -> None:
    """15 pages of 93, or of 40."""
    assert cap.preview(said("a" * 1395)).fits
    assert not cap.preview(said("a" * 1396)).fits
    assert not cap.preview(said("я" * 601)).fits
    assert cap.preview(said("caffè à la carte — no")).forces == "—"


@given(text=st.text(max_size=300))
def test_no_text_breaks_the_preview(text: str) -> None:
    """Any text has a length and at least one page."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    shown = cap.preview(said(text))
    assert shown.pages >= 1
    assert shown.characters >= len(text)


def test_a_good_warning_has_no_fault() -> None:
    """As alert, and as an update that names what it updates."""
    assert cap.faults(ActualMessage(header=HEADER, content=content(AT)), AT) == ()
    update = replace(HEADER, type=MessageType.UPDATE, references=(Reference(sender="s", identifier="city.0", sent=AT),))
    assert cap.faults(ActualMessage(header=update, content=content(AT)), AT) == ()


BOW = (
    Point(lon=0, lat=0),
    Point(lon=1, lat=1),
    Point(lon=1, lat=0),
    Point(lon=0, lat=1),
)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"area": Area(description="x")}, "polygon or a circle"),
        ({"area": replace(SQUARE, description=" ")}, "its name"),
        ({"area": Area(description="x", polygons=(BOW[:2],))}, "three corners"),
        ({"area": Area(description="x", polygons=(BOW,))}, "crosses itself"),
        ({"area": Area(description="x", circles=(Circle(centre=BOW[0], radius_km=0),))}, "radius"),
        ({"area": Area(description="x", circles=(Circle(centre=BOW[0], radius_km=101),))}, "radius"),
        ({"expires": AT}, "expire"),
        ({"wordings": (replace(ENGLISH, event=""),)}, "say the event"),
        ({"wordings": (replace(ENGLISH, headline="a\x07b"),)}, "cannot be shown"),
        ({"wordings": (ENGLISH, replace(ENGLISH, language="EN"))}, "once"),
    ],
)
def test_each_fault_is_named(change: dict[str, object], word: str) -> None:
    """One sentence that says what to do."""
    (fault,) = cap.faults(ActualMessage(header=HEADER, content=content(AT, **change)), AT)
    assert word in fault


def test_an_alert_names_nothing_and_a_follow_up_names_something() -> None:
    """CAP 1.2, section 3.2.1, references; and a sender is needed."""
    for header in (
        replace(HEADER, references=(Reference(sender="s", identifier="x", sent=AT),)),
        replace(HEADER, type=MessageType.CANCEL),
        replace(HEADER, sender=""),
    ):
        assert len(cap.faults(ActualMessage(header=header, content=content(AT)), AT)) == 1


def test_hints_help_and_hold_nothing_back() -> None:
    """Long sentences and words, no instruction, no time, capitals."""
    assert cap.hints(ENGLISH) == ()
    poor = replace(
        ENGLISH,
        headline="x" * 161,
        description="THE RESPONSIBLE AUTHORITIES OF THIS MUNICIPALITY HEREBY ANNOUNCE THAT AN EXTRAORDINARILY LARGE LEAK "
        "HAS BEEN FOUND THERE TODAY",
        instruction="",
    )
    hints = " ".join(cap.hints(poor))
    for word in ("words", "EXTRAORDINARILY", "161", "what people shall do", "until when", "capitals"):
        assert word in hints
    assert cap.faults(ActualMessage(header=HEADER, content=content(AT, wordings=(poor,))), AT) == ()


def test_the_digest_is_of_everything_but_the_time_of_sending() -> None:
    """The same words sent a minute later are what was agreed to; any other word is not, nor is any other status."""
    message = ActualMessage(header=HEADER, content=content(AT))
    later = replace(message, header=replace(HEADER, sent=AT + timedelta(minutes=1)))
    assert cap.digest_of(message) == cap.digest_of(later)
    others = [
        replace(message, content=content(AT, contact="112")),
        replace(message, content=content(AT, wordings=(ENGLISH,))),
        replace(message, content=content(AT, wordings=(NORWEGIAN, ENGLISH))),
        replace(message, content=content(AT, expires=AT + timedelta(minutes=59))),
        replace(message, content=content(AT, area=replace(SQUARE, circles=()))),
        replace(message, header=replace(HEADER, identifier="city.2")),
        ExerciseMessage(header=HEADER, content=content(AT)),
        TestMessage(header=HEADER, content=content(AT)),
    ]
    assert len({cap.digest_of(each) for each in (message, *others)}) == len(others) + 1


def test_rings_cross_or_do_not() -> None:
    """Worked by hand: a bow crosses, a square and an arrow do not."""
    assert cap.crosses(BOW)
    assert not cap.crosses((BOW[0], BOW[2], BOW[1], BOW[3]))
    arrow = (Point(lon=0, lat=0), Point(lon=2, lat=1), Point(lon=0, lat=2), Point(lon=1, lat=1))
    assert not cap.crosses(arrow)


def test_what_is_said_in_short_fits() -> None:
    """For whoever is asked to agree: each language's headline, cut with a mark."""
    assert cap.said_in_short(content(AT), 200) == f"en: {ENGLISH.headline} · nb: {NORWEGIAN.headline}"
    assert cap.said_in_short(content(AT), 10) == "en: Leave…"
