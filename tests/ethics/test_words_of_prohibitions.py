"""What each configuration of the red team is told, whole; how identifiers are read; where the figures of outputs begin and end."""

import base64
import codecs
import math
import struct
from dataclasses import replace
from datetime import timedelta

import pytest

from ethics.golden import check_words
from ethics.test_outputs import AT, CALM, shown, vector, with_text
from ethics.test_red_team import REFUSED, configuration
from impetus.core.ids import FindingKey, ZoneId
from impetus.core.text import Phrase
from impetus.ethics.capability import DEEPEST, LONG, MOST_FORMS, Fact, facts_of, unfold
from impetus.ethics.outputs import (
    FOLLOWED,
    KEPT_UP,
    LONGEST_TRACK,
    MOST_REMEMBERED,
    PICTURE,
    SHORTEST_VECTOR,
    VECTOR,
    Sightings,
    holds_picture,
    holds_vector,
    inspect,
    is_vector,
)
from impetus.ethics.prohibited import RULES, Component, Configuration, Refusal, conclude, judge, sharpest, upstream


def said(refusal: Refusal) -> str:
    """Return a refusal as text."""
    return (
        f"{refusal.rule} ({refusal.article}) of {', '.join(refusal.components)}\n"
        f"  {refusal.why}\n  allowed: {refusal.what_would_be_allowed}"
    )


def test_what_each_configuration_of_the_red_team_is_told() -> None:
    """Every rule it meets, in the order of the rules, with the components that meet it together."""
    check_words("red_team", {line["name"]: "\n".join(map(said, judge(configuration(line)))) for line in REFUSED})


def test_several_components_are_told_once_and_in_order() -> None:
    """One rule met by two chains names all of both; rules come in their order; a small cell comes last."""
    small = Component(id="z", does=("count",), smallest_group=9)
    reader = Component(id="a", gives=("number plate",), smallest_group=3)
    cropper = Component(id="m", gives=("face_crop",))
    other = Component(id="b", gives=("plate",))
    feeder = Component(id="f", does=("count",))
    made = judge(Configuration(components=(small, reader, cropper, other, feeder), links=(("f", "a"), ("nobody", "b"))))
    assert [(refusal.rule, refusal.components) for refusal in made] == [
        ("face crops", ("m",)),
        ("number plates", ("a", "b", "f", "nobody")),
        ("cells with too few people", ("a", "f", "z")),
    ]


def test_places_and_purposes_of_the_site_count_for_every_component() -> None:
    """And those of a component for itself alone."""
    calm = Component(id="calm", does=("emotion",))
    assert [one.rule for one in judge(Configuration(components=(calm,), places=("office",)))] == [
        "emotion at work or school"
    ]
    assert [one.rule for one in judge(Configuration(components=(calm,), purposes=("school",)))] == [
        "emotion at work or school"
    ]
    elsewhere = Component(id="desk", places=("office",), purposes=("school",))
    assert [one.rule for one in judge(Configuration(components=(calm, elsewhere)))] == ["emotion"]


def test_what_covers_falls_silent_only_when_the_sharper_is_met() -> None:
    """Of rules met together the sharpest are told, none is lost when it stands alone."""
    by_name = {rule.name: rule for rule in RULES}
    wide, sharp = by_name["emotion"], by_name["emotion at work or school"]
    assert sharpest([wide]) == [wide]
    assert sharpest([wide, sharp]) == [sharp]
    assert sharpest([sharp, wide]) == [sharp]
    assert sharpest([]) == []


def test_conclusions_go_on_until_nothing_new_follows() -> None:
    """A track and a list of persons seen by a camera identify; identification of a face embeds it."""
    assert conclude(frozenset({Fact.TRACK, Fact.WATCHLIST, Fact.VIDEO, Fact.GAIT})) >= {Fact.IDENTIFY, Fact.EMBED}
    assert conclude(frozenset({Fact.TRACK, Fact.VIDEO})) == {Fact.TRACK, Fact.VIDEO}
    assert conclude(frozenset()) == frozenset()


def test_a_chain_is_followed_through_every_branch() -> None:
    """Two feeders of one feeder, round a loop."""
    links = [("a", "c"), ("b", "c"), ("c", "d"), ("d", "b"), ("x", "y")]
    assert upstream("d", links) == {"a", "b", "c", "d"}
    assert upstream("a", links) == {"a"}


DISGUISES = {
    "plain": "face_id",
    "leet": "f4c3",
    "leet with signs": "m@$k!",
    "look-alikes": "f\u0430\u0441\u0435",
    "wide": "\uff26\uff21\uff23\uff25",
    "base64": base64.b64encode(b"gait").decode(),
    "urlsafe base64 without its end": base64.urlsafe_b64encode(b"emotion>?").decode().rstrip("="),
    "hexadecimal": b"gait".hex(),
    "hexadecimal of no text": "00ff00ff",
    "base64 of no text": base64.b64encode(bytes(range(128, 140))).decode(),
    "backwards": "noitome",
    "rotated": codecs.encode("emotion", "rot13"),
    "a word too short to be turned": "ecaf12",
    "six letters": "sdrawk",
    "seven letters": "sdrawkc",
    "two disguises": base64.b64encode(b"noitome!").decode(),
    "three disguises": base64.b64encode(codecs.encode("gniddebme", "rot13").encode()).decode(),
}


def test_disguises_are_taken_off() -> None:
    """Each text with every form that is looked at, in order."""
    check_words("disguises", {name: "\n".join(unfold(text)) for name, text in DISGUISES.items()})
    assert (LONG, DEEPEST, MOST_FORMS) == (7, 3, 64)


IDENTIFIERS = (
    "face",
    "surface",
    "faceEmbedding_v2",
    "FACEEmbedding",
    "face2gait",
    "rock face",
    "rock face gait",
    "face rock",
    "face of gait",
    "trade union member",
    "union member",
    "social credit",
    "social-credit-score",
    "voice print id",
    "voiceprintid",
    "cross camera",
    "re identification",
    "person of interest",
    "følelser",
    "folelser",
    "ansiktsgjenkjenningssystem",
    "nummerskiltleser",
    "profilering",
    "manipulering",
    "subliminaltone",
    "Überwachung",
    "plate count",
    "plate",
    "plate_count_plate",
    "plate count, number plate",
    "rock face, face embedding",
    "the surface of a rock face of stone",
    "stress detection",
    "x" * 393 + " gait",
    "x" * 395 + " gait",
    "x" * 396 + " gait",
    "",
)


def test_identifiers_are_read_into_facts() -> None:
    """Words, pairs, threes, beginnings of long words; innocent pairs; and no more than 400 letters."""
    found = {
        f"{text[:60] or 'nothing'}{f' ({len(text)} letters)' if len(text) > 60 else ''}": ", ".join(
            sorted(fact.value for fact in facts_of([text]))
        )
        for text in IDENTIFIERS
    }
    check_words("identifiers", {"facts": "\n".join(f"{text}: {facts or 'nothing'}" for text, facts in found.items())})


def test_a_vector_begins_at_32_numbers_of_length_1() -> None:
    """One number fewer, a longer or shorter one, too few different numbers, or one that is infinite: no vector."""
    unit = vector(SHORTEST_VECTOR)
    assert is_vector(unit)
    assert not is_vector(vector(SHORTEST_VECTOR - 1))
    assert is_vector([number * 1.0009 for number in unit])
    assert is_vector([number * 0.9991 for number in unit])
    assert not is_vector([number * 1.0011 for number in unit])
    assert not is_vector([number * 0.9989 for number in unit])
    assert not is_vector([*unit, math.inf])
    assert not is_vector([*unit, math.nan])

    def of(different: int) -> list[float]:
        numbers = [float(1 + at % different) for at in range(40)]
        return [number / math.hypot(*numbers) for number in numbers]

    assert len(set(of(10))) == 10
    assert not is_vector(of(10))
    assert is_vector(of(11))


def test_a_list_in_a_text_begins_at_32_numbers() -> None:
    """31 numbers are a measurement, 32 a vector, in any writing."""
    for between in (" ", ",", ";", "][", ") ("):
        assert holds_vector(between.join(["0.125"] * SHORTEST_VECTOR))
        assert not holds_vector(between.join(["0.125"] * (SHORTEST_VECTOR - 1)))
    assert holds_vector(", ".join(["-1.5e-3"] * SHORTEST_VECTOR))
    assert not holds_vector(" a ".join(["0.125"] * SHORTEST_VECTOR))


@pytest.mark.parametrize(("letter", "size"), [("f", 4), ("d", 8)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_bytes_are_a_vector_from_32_floats(letter: str, size: int, order: str) -> None:
    """In either order; of which at most one in ten is nothing or beyond belief."""
    numbers = [0.01 * (number + 1) for number in range(40)]

    def text(values: list[float]) -> str:
        return base64.b64encode(struct.pack(f"{order}{len(values)}{letter}", *values)).decode()

    assert holds_vector(text(numbers))
    assert holds_vector(text([*numbers[4:], 0.0, 0.0, 0.0, 0.0]))
    assert holds_vector(text([*numbers[4:], 20.5, 1e-7, 0.0, -21.0]))
    assert not holds_vector(text([1000.0 * number for number in numbers]))
    assert not holds_vector(text([0.0] * 40))
    assert holds_vector(text(numbers[:SHORTEST_VECTOR]))
    assert not holds_vector(text(numbers[: SHORTEST_VECTOR - 2]))
    if size == 8:
        assert not holds_vector(text([*numbers[5:], *[1e-6] * 5]))
        assert not holds_vector(text([*numbers[5:], *[-20.0] * 5]))
        assert holds_vector(text([*numbers[5:], *[-1.1e-6] * 5]))
        assert holds_vector(text([*numbers[5:], *[-19.9] * 5]))
        assert not holds_vector(text([*numbers[5:], 0.0, 0.0, 0.0, 0.0, 0.0]))


def test_half_precision_counts_only_at_length_1() -> None:
    """Two bytes are too little to tell a number from a word."""
    unit = vector(64)
    assert holds_vector(base64.b64encode(struct.pack("<64e", *unit)).decode())
    assert holds_vector(struct.pack(">64e", *unit).hex())
    assert not holds_vector(base64.b64encode(struct.pack("<62e", *[0.5 + at / 128 for at in range(62)])).decode())


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"], ids=["png", "jpeg", "gif", "webp", "bmp"]
)
def test_pictures_are_known_by_how_they_begin(head: bytes) -> None:
    """In base64, with or without its end, in the other alphabet, cut by one sign, in hexadecimal; not in the middle."""
    body = head + b"?>" * 40
    plain = base64.b64encode(body).decode()
    for text in (
        plain,
        plain.rstrip("="),
        base64.urlsafe_b64encode(body).decode(),
        f"see {plain}",
        plain.rstrip("=") + "A",
    ):
        assert holds_picture(text), text
    assert holds_picture(body[:64].hex())
    assert not holds_picture(body[:60].hex())
    assert not holds_picture(base64.b64encode(b"x" + body).decode())
    assert not holds_picture(base64.b64encode(body[:24]).decode())


@pytest.mark.parametrize("text", ["data:image/png;base64,AA", "DATA:IMAGE/GIF;x", "see data:image/webp"])
def test_a_picture_may_say_what_it_is(text: str) -> None:
    """In any case of letters."""
    assert holds_picture(text)
    assert not holds_picture(text.replace("mage", "mge").replace("MAGE", "MGE"))


def test_every_place_of_a_finding_is_looked_at() -> None:
    """Subject, key, names and values of each phrase, summary, titles and units; and what is found decides what is told."""
    picture = "data:image/png;base64,AAAA"
    numbers = " ".join(["0.125"] * SHORTEST_VECTOR)
    hidden = {
        "subject": replace(CALM, subject=picture),
        "key": replace(CALM, key=FindingKey(picture)),
        "a fact's name": replace(CALM, facts={picture: 1.0}),
        "a template": replace(CALM, headline=Phrase(template=picture)),
        "a value's name": replace(CALM, headline=Phrase(template="x", values={picture: 1})),
        "a value": with_text(picture),
    }
    for place, finding in hidden.items():
        assert inspect(finding, shown()) is PICTURE, place
    evidence = shown(CALM, [1.0, 2.0])
    titled = replace(evidence, series=(replace(evidence.series[0], title=Phrase(template=picture)),))
    unit = replace(evidence, series=(replace(evidence.series[0], unit=picture),))
    for changed in (replace(evidence, summary=Phrase(template=picture)), titled, unit):
        assert inspect(CALM, changed) is PICTURE
    assert inspect(with_text(f"{picture} {numbers}"), shown()) is PICTURE
    assert inspect(with_text(numbers), shown()) is VECTOR
    assert inspect(CALM, shown(CALM, [1.0], vector())) is VECTOR
    assert inspect(replace(CALM, facts={f"f{at}": each for at, each in enumerate(vector(64))}), shown()) is VECTOR
    named = inspect(replace(CALM, facts={"number_plate": 1.0}), shown())
    assert named is not None
    assert (named.rule, named.components) == ("number plates", ("",))


def look(
    sightings: Sightings, value: object, place: str, after: timedelta = timedelta(0), **known: object
) -> Refusal | None:
    """Look at a finding with a value about a place."""
    phrase = Phrase(template="{label}", values={"label": value})  # type: ignore[dict-item]  # a text or number
    finding = replace(CALM, headline=phrase, noticed=AT + after)
    return sightings.look(finding, shown(finding), [place], known)


@pytest.mark.parametrize(
    ("value", "is_identifier", "is_persons"),
    [
        ("person-1", True, True),
        ("PERSON_1", True, True),
        ("subject9", True, True),
        ("visitor:9", True, True),
        ("individual-9", True, True),
        ("pedestrian#9", True, True),
        ("track-9", True, True),
        ("uid7", True, False),
        ("pid:88", True, False),
        ("0123456789ab", True, False),
        ("012345678a", True, False),
        ("01234567a", False, False),
        ("0123456789", False, False),
        ("abcdefabcd", False, False),
        ("c0ffee00-0000-4000-8000-00000000beef", True, False),
        ("Platform 3", False, False),
        ("person", False, False),
    ],
)
def test_what_is_taken_for_an_identifier(value: str, is_identifier: bool, is_persons: bool) -> None:  # noqa: FBT001 - a table's columns
    """At two places it is one followed; a person's own may not live longer than a track even at one."""
    sightings = Sightings()
    assert look(sightings, value, "here") is None
    assert look(sightings, value, "there") is (FOLLOWED if is_identifier else None)
    alone = Sightings()
    look(alone, value, "here")
    assert look(alone, value, "here", LONGEST_TRACK) is None
    later = LONGEST_TRACK + timedelta(microseconds=1)
    assert look(alone, value, "here", later) is (KEPT_UP if is_persons else None)


def test_known_names_are_no_identifiers_wherever_they_stand() -> None:
    """As a value, inside one, and as the subject's own name; and a name by which a person is meant needs no form."""
    sightings = Sightings()
    for place in ("here", "there"):
        assert look(sightings, "uid7", place, uid7=None) is None
        assert look(sightings, "see uid7 now", place, uid7=None) is None
    about = replace(CALM, subject="thing:uid9")
    assert sightings.look(about, shown(about), ["here"], {"uid9": None}) is None
    assert sightings.look(about, shown(about), ["there"], {"uid9": None}) is None
    assert sightings.look(about, shown(about), ["here"], {}) is None
    assert sightings.look(about, shown(about), ["there"], {}) is FOLLOWED
    keyed = replace(CALM, subject="thing:square:uid9")
    assert sightings.look(keyed, shown(keyed), ["elsewhere"], {"square:uid9": None}) is None
    shouted = Sightings()
    loud = replace(CALM, subject="thing:UID9")
    assert shouted.look(loud, shown(loud), ["here"], {}) is None
    assert look(shouted, "uid9", "there") is FOLLOWED
    kept = Sightings()
    for after, told in ((timedelta(0), None), (LONGEST_TRACK, None), (2 * LONGEST_TRACK, KEPT_UP)):
        finding = replace(CALM, facts={"person_id": 4.0}, noticed=AT + after)
        assert kept.look(finding, shown(finding), ["here"], {}) is told
    numbered = Sightings()
    for fact, told in (("here", None), ("there", FOLLOWED)):
        finding = replace(CALM, facts={"person_id": 4.0})
        assert numbered.look(finding, shown(finding), [fact], {}) is told
    other = replace(CALM, facts={"person_id": 5.0})
    assert numbered.look(other, shown(other), ["elsewhere"], {}) is None


def test_a_place_is_a_thing_else_the_zone_else_the_subject() -> None:
    """Two things of one finding are one sighting; another zone, or another subject, is another place."""
    both = Sightings()
    finding = replace(CALM, headline=Phrase(template="{x}", values={"x": "person-4"}))
    assert both.look(finding, shown(finding), ["here", "there"], {}) is None
    assert both.look(finding, shown(finding), ["here", "there"], {}) is None
    assert both.look(finding, shown(finding), ["here"], {}) is FOLLOWED
    by_zone = Sightings()
    for zone, told in (("east", None), ("east", None), ("west", FOLLOWED)):
        zoned = replace(finding, zone=ZoneId(zone))
        assert by_zone.look(zoned, shown(zoned), [], {}) is told
    by_subject = Sightings()
    for subject, told in (("a:b", None), ("a:b", None), ("a:c", FOLLOWED)):
        named = replace(finding, subject=subject)
        assert by_subject.look(named, shown(named), [], {}) is told


def test_the_oldest_identifiers_are_forgotten_first() -> None:
    """4,096 are remembered; one looked at again is young again."""
    sightings = Sightings()
    look(sightings, "person-a1", "here")
    look(sightings, "person-b1", "here")
    for number in range(MOST_REMEMBERED - 2):
        look(sightings, f"person-{number}", "here")
    look(sightings, "person-a1", "here")
    assert len(sightings.seen) == MOST_REMEMBERED
    look(sightings, "person-new1", "here")
    assert len(sightings.seen) == MOST_REMEMBERED
    assert "person-a1" in sightings.seen
    assert "person-b1" not in sightings.seen
