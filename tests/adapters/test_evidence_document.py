"""Texts and pictures of evidence on the wire: they come back as they went, and nothing crooked gets in."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.envelope import decode_evidence, encode_evidence
from impetus.core.errors import TheirFault
from impetus.core.evidence import (
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_TEXT_CHARS,
    MAX_TEXTS,
    Author,
    Evidence,
    ImageEvidence,
    TextEvidence,
)
from impetus.core.ids import FindingKey
from impetus.core.picture import Box
from impetus.core.text import Phrase

AT = datetime(2026, 3, 1, 21, 4, 5, 123456, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PHRASES = st.builds(Phrase, template=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
AUTHORS = st.builds(
    Author,
    domain=st.text("abc_", min_size=1, max_size=20),
    period=st.dates(date(1000, 1, 1)),
    pseudonym=st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26),
    kind=st.sampled_from(["handle", "plate"]),
)
TEXTS = st.builds(
    TextEvidence,
    title=PHRASES,
    text=WORDS,
    at=TIMES,
    language=st.sampled_from(["", "nb", "it"]),
    author=st.none() | AUTHORS,
    is_masked=st.booleans(),
)
BOXES = st.builds(
    lambda left, top, wide, tall: Box(left=left, top=top, right=left + wide, bottom=top + tall),
    st.integers(-100, 4000),
    st.integers(-100, 4000),
    st.integers(0, 500),
    st.integers(0, 500),
)
IMAGES = st.builds(
    ImageEvidence,
    title=PHRASES,
    camera=WORDS,
    at=TIMES,
    body=st.binary(max_size=200),
    boxes=st.none() | st.lists(BOXES, max_size=5).map(tuple),
    is_masked=st.booleans(),
    simulated=st.booleans(),
)
SHOWN = Evidence(
    finding=FindingKey("gun"),
    summary=Phrase(template="seen"),
    texts=(
        TextEvidence(
            title=Phrase(template="post"),
            text="Kari was here",
            at=AT,
            language="en",
            author=Author(domain="posts", period=date(2026, 3, 1), pseudonym="a" * 26, kind="handle"),
        ),
    ),
    images=(
        ImageEvidence(
            title=Phrase(template="camera"),
            camera="c14",
            at=AT,
            body=b"\x89PNG",
            boxes=(Box(left=1, top=2, right=3, bottom=4),),
        ),
    ),
)


@given(texts=st.lists(TEXTS, max_size=MAX_TEXTS), images=st.lists(IMAGES, max_size=MAX_IMAGES))
def test_texts_and_pictures_come_back_as_they_went(texts: list[TextEvidence], images: list[ImageEvidence]) -> None:
    """Every field, boxes that are none and boxes that nobody is in included."""
    evidence = Evidence(finding=FindingKey("k"), summary=Phrase(template="s"), texts=tuple(texts), images=tuple(images))
    back = decode_evidence(encode_evidence(evidence))
    assert (back.texts, back.images) == (evidence.texts, evidence.images)


def test_evidence_without_them_reads_as_it_always_did() -> None:
    """Stored before texts and pictures were known: the fields are absent, and stay so."""
    plain = Evidence(finding=FindingKey("k"), summary=Phrase(template="s"))
    body = encode_evidence(plain)
    assert set(json.loads(body)) == {"finding", "summary", "series"}
    assert decode_evidence(body) == plain or decode_evidence(body).texts == ()


def test_nobody_looked_and_nobody_was_there_are_two_things() -> None:
    """None stays none, an empty tuple empty: the one is dropped when shown, the other passes."""
    for boxes in (None, ()):
        image = ImageEvidence(title=Phrase(template="c"), camera="c", at=AT, body=b"x", boxes=boxes)
        evidence = Evidence(finding=FindingKey("k"), summary=Phrase(template="s"), images=(image,))
        assert decode_evidence(encode_evidence(evidence)).images[0].boxes == boxes


def spoiled(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> bytes:
    """Return a good document with its first text and picture changed."""
    document = json.loads(encode_evidence(SHOWN))
    change(document["texts"][0], document["images"][0])
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda text, _: text.pop("text"),
        lambda text, _: text.update(face="yes"),
        lambda text, _: text.update(text="x" * (MAX_TEXT_CHARS + 1)),
        lambda text, _: text.update(text=None),
        lambda text, _: text.update(at="yesterday"),
        lambda text, _: text.update(language="x" * 36),
        lambda text, _: text.update(is_masked="no"),
        lambda text, _: text.update(author="@kari"),
        lambda text, _: text["author"].update(pseudonym="@kari_nordmann"),
        lambda text, _: text["author"].update(pseudonym="Kari Nordmann from Bergen!"),
        lambda text, _: text["author"].update(name="Kari"),
        lambda text, _: text["author"].update(period="2026-02-30"),
        lambda text, _: text["author"].update(period="20260301"),
        lambda text, _: text["author"].update(domain=""),
        lambda text, _: text["author"].pop("kind"),
        lambda _, image: image.pop("boxes"),
        lambda _, image: image.update(embedding=[0.1]),
        lambda _, image: image.update(body="not base 64!"),
        lambda _, image: image.update(body="A" * (2 * MAX_IMAGE_BYTES)),
        lambda _, image: image.update(body=7),
        lambda _, image: image.update(boxes=[1, 2, 3]),
        lambda _, image: image.update(boxes=[3, 2, 1, 4]),
        lambda _, image: image.update(boxes=[0, 0, 10**9, 1]),
        lambda _, image: image.update(boxes=[0, 0, 1.5, 1]),
        lambda _, image: image.update(boxes="all"),
        lambda _, image: image.update(simulated=1),
    ],
)
def test_crooked_texts_and_pictures_are_refused(
    change: Callable[[dict[str, Any], dict[str, Any]], object],
) -> None:
    """Each with the place of what is wrong."""
    with pytest.raises(TheirFault, match="evidence"):
        decode_evidence(spoiled(change))


def test_too_many_of_them_are_refused() -> None:
    """An operator looks at no more, and a message has an end."""
    for name, most in (("texts", MAX_TEXTS), ("images", MAX_IMAGES)):
        document = json.loads(encode_evidence(SHOWN))
        document[name] = document[name] * (most + 1)
        with pytest.raises(TheirFault, match=name):
            decode_evidence(json.dumps(document).encode())


@settings(max_examples=300)
@given(place=st.integers(0, 10_000), sign=st.integers(0, 255))
def test_a_changed_byte_reads_as_evidence_or_is_refused(place: int, sign: int) -> None:
    """Nothing else happens: no crash, no half reading."""
    body = bytearray(encode_evidence(SHOWN))
    body[place % len(body)] = sign
    try:
        read = decode_evidence(bytes(body))
    except TheirFault as refusal:
        read = None
        said = refusal.detail
    assert read is not None or said


def test_what_people_wrote_stands_in_no_repr() -> None:
    """A repr ends in logs."""
    assert "Kari" not in repr(SHOWN)
    assert "PNG" not in repr(SHOWN.images[0])


def test_an_author_that_is_no_pseudonym_is_not_repeated_in_the_refusal() -> None:
    """Whoever put a name there by mistake does not find it in a log."""
    crooked = spoiled(lambda text, _: text["author"].update(pseudonym="kari.nordmann@example.org"))
    with pytest.raises(TheirFault) as refused:
        decode_evidence(crooked)
    assert "kari" not in str(refused.value.problem())
