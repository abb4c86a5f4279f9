"""How phones and people take a warning in, worked by hand: pages, alphabets, corners, sentences, and every fault at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.warning_samples import ENGLISH, NORWEGIAN, SQUARE, content
from impetus.core.place import Point
from impetus.core.warning import ActualMessage, Area, Circle, Header, MessageType, Reference, WarningContent, Wording
from impetus.processes import cap

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)


def words(headline: str = "", description: str = "", instruction: str = "", language: str = "en") -> Wording:
    """Return words in one language."""
    return Wording(language=language, event="Leak", headline=headline, description=description, instruction=instruction)


def faults_of(changed: WarningContent, header: Header = HEADER) -> tuple[str, ...]:
    """Return what holds a warning back now."""
    return cap.faults(ActualMessage(header=header, content=changed), AT)


@pytest.mark.parametrize(
    ("wording", "text"),
    [
        (words("A", "B", "C"), "A\nB\nC"),
        (words("A", "", "C"), "A\nC"),
        (words("A"), "A"),
        (words("", "B"), "B"),
        (words(), ""),
    ],
)
def test_a_phone_shows_headline_description_and_instruction_each_on_its_line(wording: Wording, text: str) -> None:
    """What is empty takes no line; the event is for other machines and is not shown."""
    shown = cap.preview(wording)
    assert (shown.text, shown.characters, shown.pages) == (text, len(text), 1)


@pytest.mark.parametrize(
    ("letters", "count", "page"),
    [("a", 93, 93), ("€", 46, 93), ("é", 93, 93), ("\n", 93, 93), ("ж", 40, 40), ("😀", 20, 40)],
)
def test_a_page_is_full_where_the_standard_says(letters: str, count: int, page: int) -> None:
    """82 octets: 93 of the 7-bit alphabet, an escape counts twice; 40 of UCS-2 behind its language, an emoji counts twice."""
    assert cap.preview(words(letters * count)).pages == 1
    assert cap.preview(words(letters * (count + 1))).pages == 2
    assert cap.preview(words(letters)).most == page * 15


@pytest.mark.parametrize("letter", sorted(cap.GSM7_TWO))
def test_each_letter_of_the_extension_takes_two_places_and_forces_nothing(letter: str) -> None:
    """3GPP TS 23.038, 6.2.1.1."""
    shown = cap.preview(words(f"a{letter}b"))
    assert (shown.characters, shown.alphabet, shown.forces) == (4, "7-bit", "")


def test_the_alphabet_has_its_127_letters() -> None:
    """128 places but for the escape to the extension."""
    assert len(cap.GSM7) == 127
    assert not cap.GSM7 & cap.GSM7_TWO


def test_what_forces_the_longer_alphabet_is_named_once_in_order_and_cut() -> None:
    """So that whoever types finds the dash or the quotation mark that halves the room."""
    assert cap.preview(words("„Gå“ — nå — „nå“")).forces == "„“—"
    assert cap.preview(words("".join(chr(letter) for letter in range(0x430, 0x450)))).forces == "абвгдежзийклмнопрсту"


@given(text=st.text(st.sampled_from(sorted(cap.GSM7 | cap.GSM7_TWO)), max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_of_the_alphabet_fits_when_its_places_do(text: str) -> None:
    """Counted anew by hand: one place each, two for the extension; pages are what they fill, at least one."""
    places = len(text) + sum(letter in cap.GSM7_TWO for letter in text)
    shown = cap.preview(words(text))
    assert (shown.characters, shown.fits) == (places, places <= 1395)
    assert (shown.pages - 1) * 93 < max(places, 1) <= shown.pages * 93


@pytest.mark.parametrize(
    ("sentences", "hint"),
    [
        ("one two three four five six seven eight nine ten 1 2 3 4 5.", ""),
        ("one two three four five six seven eight nine ten 1 2 3 4 5 6.", "a sentence of 16 words"),
        ("Leave now! Walk west? More at 21:30.", ""),
        ("a b c d e f g h\ni j k l m n o p 9", ""),
    ],
)
def test_a_sentence_ends_at_its_mark_or_line(sentences: str, hint: str) -> None:
    """Fifteen words are taken in, sixteen are not."""
    said = " ".join(cap.hints(words("x", sentences, "Go.")))
    assert (hint in said) if hint else not said


@pytest.mark.parametrize(
    ("wording", "hint"),
    [
        (words("x", "Leak at 21.", ""), "say what people shall do"),
        (words("x", "Leak.", "Walk west."), "say until when, or when you will speak next"),
        (words("x", "LEAK AT 21", "WALK WEST"), "capitals throughout are hard to read"),
        (words("x" * 161, "Leak at 21.", "Walk."), "the headline has 161 characters"),
        (words("x", "Gasverteilungsanlage 21.", "Walk."), "long words: Gasverteilungsanlage"),
    ],
)
def test_each_hint_comes_alone(wording: Wording, hint: str) -> None:
    """One thing is wrong, one thing is said."""
    (said,) = cap.hints(wording)
    assert said.startswith(hint)


def test_hints_take_no_offence_at_what_is_fine() -> None:
    """A headline of 160, thirteen letters, a number, an instruction; and nothing typed yet says what is missing."""
    assert cap.hints(words("x" * 160, "Strassenbahns 21.", "Walk.")) == ()
    assert cap.hints(words()) == ("say what people shall do", "say until when, or when you will speak next")


def test_at_most_three_long_words_are_named() -> None:
    """In the alphabet's order, each once, without its comma."""
    long = "dddddddddddddd, cccccccccccccc aaaaaaaaaaaaaa aaaaaaaaaaaaaa bbbbbbbbbbbbbb"
    assert cap.hints(words("x", f"{long} 1.", "Go."))[0] == "long words: aaaaaaaaaaaaaa, bbbbbbbbbbbbbb, cccccccccccccc"


@pytest.mark.parametrize("language", ["", "e", "english", "en_GB", "en-", "e n", "nb-NO-x-y-z-w", "-en", "nb-N", "123"])
def test_a_language_that_is_none_is_a_fault(language: str) -> None:
    """RFC 3066: two or three letters, then where it is spoken."""
    (fault,) = faults_of(content(AT, wordings=(replace(ENGLISH, language=language),)))
    assert "write it like en or nb-NO" in fault


@pytest.mark.parametrize("language", ["en", "nb-NO", "sme", "zh-Hans", "zh-Hans-CN", "EN-gb", "de-CH-1996"])
def test_a_language_as_people_write_it_is_none(language: str) -> None:
    """In any case of letters."""
    assert faults_of(content(AT, wordings=(replace(ENGLISH, language=language),))) == ()


def test_a_language_twice_is_said_once_however_it_is_written() -> None:
    """Three blocks of English are one fault."""
    three = tuple(replace(ENGLISH, language=language) for language in ("en", "EN", "En"))
    assert faults_of(content(AT, wordings=three)) == ("language en: once is enough",)


def test_no_words_and_too_many_languages_are_faults() -> None:
    """At least one, at most twelve."""
    assert faults_of(content(AT, wordings=())) == ("write it in at least one language",)
    many = tuple(replace(ENGLISH, language=f"a{letter}") for letter in "abcdefghijklm")
    assert faults_of(content(AT, wordings=many)) == ("at most 12 languages",)
    assert faults_of(content(AT, wordings=many[:12])) == ()


@pytest.mark.parametrize(
    ("expires", "is_good"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(hours=-1), False),
    ],
)
def test_a_warning_ends_within_a_day(expires: timedelta, *, is_good: bool) -> None:
    """Not now, not before, not after a day."""
    assert (faults_of(content(AT, expires=AT + expires)) == ()) is is_good


@pytest.mark.parametrize("sender", ["", "room @city", "room,city", "room<city", "a&b", "a\tb"])
def test_a_sender_the_standard_forbids_is_a_fault(sender: str) -> None:
    """CAP 1.2, section 3.2.1: no spaces, commas, < or &."""
    assert faults_of(content(AT), replace(HEADER, sender=sender)) == ("declare the sender in effectors.toml",)


def test_every_fault_is_said_at_once() -> None:
    """Whoever mends a warning under stress mends it once."""
    bow = (Point(lon=0, lat=0), Point(lon=1, lat=1), Point(lon=1, lat=0), Point(lon=0, lat=1))
    wrong = content(
        AT,
        wordings=(replace(ENGLISH, event=" ", headline=""), replace(NORWEGIAN, description="\x01")),
        area=Area(description="", polygons=(bow, bow[:2]), circles=(Circle(centre=bow[0], radius_km=200),)),
        expires=AT,
    )
    found = faults_of(wrong, replace(HEADER, type=MessageType.UPDATE, sender=""))
    assert len(found) == 10
    assert len(set(found)) == 10


@pytest.mark.parametrize("count", [200, 201])
def test_a_polygon_has_at_most_two_hundred_corners(count: int) -> None:
    """A ring round the square, corner by corner along two sides, crosses nothing however many it has."""
    half = count // 2
    ring = tuple(Point(lon=10 + step / 1000, lat=59.0) for step in range(half)) + tuple(
        Point(lon=10 + step / 1000, lat=59.1) for step in reversed(range(count - half))
    )
    found = faults_of(content(AT, area=Area(description="x", polygons=(ring,))))
    assert found == (() if count == 200 else ("a polygon of 201 corners: at most 200",))


def test_three_times_the_same_corner_is_no_polygon() -> None:
    """Corners are counted by where they are."""
    point = Point(lon=10, lat=59)
    found = faults_of(content(AT, area=Area(description="x", polygons=((point, point, point),))))
    assert found == ("a polygon needs three corners or more",)


@pytest.mark.parametrize(("radius", "is_good"), [(0.001, True), (100, True), (0, False), (-1, False), (100.1, False)])
def test_a_circle_is_a_city_and_not_a_country(radius: float, *, is_good: bool) -> None:
    """More than nothing, at most 100 km."""
    area = Area(description="x", circles=(Circle(centre=SQUARE.circles[0].centre, radius_km=radius),))
    assert (faults_of(content(AT, area=area)) == ()) is is_good


@pytest.mark.parametrize(
    ("header", "is_good"),
    [
        (HEADER, True),
        (replace(HEADER, type=MessageType.UPDATE), False),
        (replace(HEADER, type=MessageType.CANCEL), False),
    ],
)
@pytest.mark.parametrize("names", [False, True])
def test_references_are_there_exactly_when_something_is_followed(header: Header, *, is_good: bool, names: bool) -> None:
    """CAP 1.2, section 3.2.1: an update or a cancellation names, an alert does not."""
    reference = Reference(sender="room@city.example", identifier="city.0", sent=AT)
    said = replace(header, references=(reference,) if names else ())
    assert (faults_of(content(AT), said) == ()) is (is_good is not names)


@given(
    ring=st.lists(
        st.builds(Point, lon=st.integers(-20, 20).map(float), lat=st.integers(-20, 20).map(float)),
        min_size=4,
        max_size=7,
        unique=True,
    ),
    turn=st.integers(0, 6),
)
@settings(max_examples=80, deadline=None)
def test_whether_a_ring_crosses_does_not_depend_on_where_it_begins_or_how_it_runs(ring: list[Point], turn: int) -> None:
    """The same corners from another one, or the other way round, are the same area."""
    turned = ring[turn % len(ring) :] + ring[: turn % len(ring)]
    assert cap.crosses(ring) == cap.crosses(turned) == cap.crosses(tuple(reversed(ring)))


def test_no_triangle_crosses_itself() -> None:
    """It has no two sides that do not touch."""
    assert not cap.crosses((Point(lon=0, lat=0), Point(lon=5, lat=5), Point(lon=0, lat=3)))


@pytest.mark.parametrize("most", [1, 2, 20, 60, 200])
def test_what_is_said_in_short_never_exceeds_its_room(most: int) -> None:
    """Cut with a mark, or whole."""
    said = cap.said_in_short(content(AT), most)
    assert len(said) <= most
    assert said.endswith("…") == (most < 200)


def test_what_is_agreed_to_is_one_text_for_the_same_message_and_holds_its_parts() -> None:
    """Canonical, so that two processes agree; with the words, the corners and the status in it, without the time of sending."""
    message = ActualMessage(header=HEADER, content=content(AT))
    text = cap.agreed_text(message)
    assert text == cap.agreed_text(
        ActualMessage(header=replace(HEADER, sent=AT + timedelta(hours=1)), content=content(AT))
    )
    for part in ('"Actual"', "Leave the square to the west", "10.7322", "0.25", "city.1"):
        assert part in text
    assert "2026-03-14T21:00:00" not in text
    assert len(cap.digest_of(message)) == 64
