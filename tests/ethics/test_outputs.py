"""What leaves a tool: vectors, pictures and persons' identifiers are known by their shape; measurements are not taken for them."""

import base64
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.text import Phrase
from impetus.ethics.outputs import (
    LONGEST_TRACK,
    MOST_REMEMBERED,
    SHORTEST_VECTOR,
    Sightings,
    holds_picture,
    holds_vector,
    inspect,
    is_vector,
)

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(90))
CALM = Finding(
    key=FindingKey("trial:1"),
    tool=ToolId("trial"),
    kind=Kind.ANOMALY,
    subject="thing:square/c1",
    headline=Phrase(template="{thing} is {ratio} times its usual", values={"thing": "North gate", "ratio": 3.4}),
    why=Phrase(
        template="{measured} against {expected} at {time}",
        values={"measured": 81.5, "expected": 24, "time": "14:06:58"},
    ),
    began=AT,
    noticed=AT,
    facts={"z": 6.2, "measured": 81.5, "expected": 24.0},
)


def vector(size: int = 128, seed: int = 1) -> list[float]:
    """Return a normalised vector as a model gives it."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    numbers = [chance.gauss(0, 1) for _ in range(size)]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def shown(finding: Finding = CALM, *series: Sequence[float]) -> Evidence:
    """Return evidence with these measured series."""
    columns = [
        SeriesEvidence(
            datastream=DatastreamId(1),
            title=Phrase(template="People density"),
            unit="1/m2",
            time_us=np.arange(len(values), dtype=np.int64),
            measured=np.array(values, dtype=np.float64),
            low=np.zeros(len(values)),
            high=np.ones(len(values)),
            coverage=0.95,
            from_us=0,
        )
        for values in series
    ]
    return Evidence(finding=finding.key, summary=Phrase(template="more than usual"), series=tuple(columns))


def with_text(text: str) -> Finding:
    """Return a finding that hides a text in a value."""
    return replace(CALM, why=Phrase(template="{note}", values={"note": text}))


def test_an_ordinary_finding_passes() -> None:
    """A headline, a reason, three numbers and a day of measurements."""
    assert inspect(CALM, shown(CALM, [20 + math.sin(minute / 60) for minute in range(1440)])) is None


@pytest.mark.parametrize("size", [32, 64, 128, 512, 2048])
def test_a_normalised_vector_is_refused_as_a_series(size: int) -> None:
    """Whatever its size and however it is titled."""
    refusal = inspect(CALM, shown(CALM, [1.0, 2.0], vector(size)))
    assert refusal is not None
    assert refusal.article == "GDPR, article 9(1)"


@pytest.mark.parametrize("digits", [4, 6, 17])
@pytest.mark.parametrize("between", [" ", ",", ", ", "; "])
def test_a_vector_is_refused_as_a_text(digits: int, between: str) -> None:
    """As numbers, in any usual writing."""
    text = between.join(f"{number:.{digits}f}" for number in vector(64))
    assert inspect(with_text(f"[{text}]"), shown()) is not None


@pytest.mark.parametrize("form", ["<f", ">f", "<d"])
@pytest.mark.parametrize("hidden", ["base64", "urlsafe", "hex"])
def test_a_vector_is_refused_as_bytes_in_a_text(form: str, hidden: str) -> None:
    """32 and 64 bits, either order, in base64 or hexadecimal."""
    body = struct.pack(f"{form[0]}128{form[1]}", *vector())
    text = {
        "base64": base64.b64encode(body).decode(),
        "urlsafe": base64.urlsafe_b64encode(body).decode().rstrip("="),
        "hex": body.hex(),
    }[hidden]
    refusal = inspect(with_text(f"see {text} for more"), shown())
    assert refusal is not None
    assert refusal.rule == "biometric data"


def test_a_vector_is_refused_as_facts() -> None:
    """One number a fact, under harmless names."""
    facts = {f"f{number:03d}": each for number, each in enumerate(vector(64))}
    assert inspect(replace(CALM, facts=facts), shown()) is not None


@pytest.mark.parametrize("picture", [PNG, b"\xff\xd8\xff\xe0" + bytes(60), b"GIF89a" + bytes(60)])
def test_a_picture_in_a_text_is_refused(picture: bytes) -> None:
    """A crop of a face would come this way, past every mask."""
    for text in (base64.b64encode(picture).decode(), picture.hex().ljust(160, "0"), "data:image/png;base64,AAAA"):
        refusal = inspect(with_text(text), shown())
        assert refusal is not None
        assert refusal.article in {"GDPR, article 5(1)(c)", "GDPR, article 9(1)"}


@pytest.mark.parametrize("name", ["face_embedding", "emotion", "risk_score_person", "plate", "ZmFjZV9lbWJlZGRpbmc="])
def test_a_name_of_what_no_tool_may_give_is_refused(name: str) -> None:
    """In a fact's name or a value's, in clear or disguised."""
    assert inspect(replace(CALM, facts={name: 1.0}), shown()) is not None
    assert inspect(replace(CALM, why=Phrase(template="{" + name + "}", values={name: 1})), shown()) is not None


@pytest.mark.parametrize(
    "text",
    [
        "North gate, 14:06:58, 81.5 against 24",
        "2026-06-01T12:00:00+00:00",
        "square/c11/people_density",
        "1 2 3 4 5 6 7 8 9 10",
        "Radhusplassen sor-ost ved trikkeholdeplassen mot Aker Brygge",
        "a" * 200,
    ],
)
def test_ordinary_texts_hold_neither_vector_nor_picture(text: str) -> None:
    """Names, times, keys, a short list."""
    assert not holds_vector(text)
    assert not holds_picture(text)


@given(st.lists(st.floats(min_value=0.5, max_value=1e6), min_size=SHORTEST_VECTOR, max_size=300))
def test_measurements_are_no_vectors(numbers: list[float]) -> None:
    """Thirty-two numbers of half or more cannot have length 1."""
    assert not is_vector(numbers)


@given(st.lists(st.floats(), max_size=80), st.text(max_size=200))
def test_whatever_a_tool_gives_can_be_looked_at(numbers: list[float], text: str) -> None:
    """NaN, infinity, surrogates, nothing at all."""
    assert is_vector(numbers) in {True, False}
    assert holds_vector(text) in {True, False}
    assert holds_picture(text) in {True, False}


# identifiers of persons ----------------------------------------------------------------------------------------------


def seen(
    sightings: Sightings,
    value: object,
    thing: str,
    *,
    after_s: float = 0,
    name: str = "label",
    known: Sequence[str] = (),
) -> str:
    """Look at a finding that gives a value about a thing, and return the rule that refuses it, empty for none."""
    finding = replace(
        CALM,
        headline=Phrase(template="{" + name + "}", values={name: value}),  # type: ignore[dict-item]  # a text or number
        noticed=AT + timedelta(seconds=after_s),
    )
    refusal = sightings.look(finding, shown(finding), {thing}, dict.fromkeys(known))
    return refusal.why if refusal else ""


@pytest.mark.parametrize(
    "value", ["3f2b8c1d9e4a", "person-17", "visitor_9", "c0ffee00-0000-4000-8000-00000000beef", "pid:88"]
)
def test_the_same_identifier_at_two_cameras_is_a_person_followed(value: str) -> None:
    """Once at one camera says nothing."""
    sightings = Sightings()
    assert seen(sightings, value, "square/c1") == ""
    assert seen(sightings, value, "square/c1", after_s=1) == ""
    assert "two places" in seen(sightings, value, "square/c2", after_s=2)


@pytest.mark.parametrize("name", ["track_id", "personId", "codice_fiscale"])
def test_a_named_identifier_is_known_by_its_name_though_it_is_a_number(name: str) -> None:
    """`track_id` 17 at one camera and at the next."""
    sightings = Sightings()
    assert seen(sightings, 17, "square/c1", name=name) == ""
    assert "two places" in seen(sightings, 17, "square/c2", name=name)
    assert seen(sightings, 18, "square/c3", name=name) == ""


def test_a_persons_identifier_lives_no_longer_than_a_track() -> None:
    """Two minutes in one view; the very limit is within it."""
    sightings, limit_s = Sightings(), LONGEST_TRACK.total_seconds()
    assert seen(sightings, "person-17", "square/c1") == ""
    assert seen(sightings, "person-17", "square/c1", after_s=limit_s) == ""
    assert "longer than a track" in seen(sightings, "person-17", "square/c1", after_s=limit_s + 1)


def test_names_of_what_stands_still_are_no_persons() -> None:
    """A thing's own name is given again and again, by findings about others too."""
    sightings = Sightings()
    for thing in ("square/c1", "square/c2", "square/c3"):
        assert seen(sightings, "id7", thing, known=["id7"]) == ""
        assert seen(sightings, "Platform 3", thing) == ""
        assert seen(sightings, 3.5, thing) == ""


def test_a_finding_about_a_zone_is_at_that_zone() -> None:
    """Without a datastream the zone is the place."""
    sightings = Sightings()
    for zone, refused in (("east", False), ("east", False), ("west", True)):
        finding = replace(CALM, zone=ZoneId(zone), headline=Phrase(template="{x}", values={"x": "person-4"}))
        assert (sightings.look(finding, shown(finding), (), {}) is not None) is refused


def test_what_is_remembered_is_bounded() -> None:
    """The oldest are forgotten; a flood of identifiers takes no memory."""
    sightings = Sightings()
    for number in range(MOST_REMEMBERED + 50):
        seen(sightings, f"person-{number}", "square/c1")
    assert len(sightings.seen) == MOST_REMEMBERED
