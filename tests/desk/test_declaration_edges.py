"""The edges of a declaration: each bound exactly at it and one beyond, and what the refusal says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Malformed, Refused, TooLarge
from impetus.desk import declare_source
from impetus.desk.declare_source import MAX_SECONDS, MAX_TEXT, WIDEST, Declaration, read_document, read_json, read_toml
from impetus.desk.identity_words import INNOCENT, SOURCES, refuse_identity, words_of


def document(
    source: dict[str, Any] | None = None, thing: dict[str, Any] | None = None, stream: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a declaration of one datastream, with these fields changed."""
    datastream = {"property": "pm10", "unit": "ug/m3", **(stream or {})}
    return {
        "source": {"id": "harbour", **(source or {})},
        "things": [{"key": "mast1", "datastreams": [datastream], **(thing or {})}],
    }


def read(**parts: dict[str, Any]) -> Declaration:
    """Read such a declaration."""
    return read_document(document(**parts))


def refused(**parts: dict[str, Any]) -> Malformed:
    """Return why such a declaration is malformed."""
    with pytest.raises(Malformed) as told:
        read(**parts)
    return told.value


def test_the_least_that_can_be_declared() -> None:
    """A source's name is its id, a thing's its key; the rest has its default."""
    made = read()
    [stream] = made.datastreams
    assert (made.source.name, made.source.kind, made.source.freshness_s) == ("harbour", "sensors", 300.0)
    assert (stream.key, stream.thing_name, stream.cadence_s, stream.freshness_s) == (
        "harbour/mast1/pm10",
        "mast1",
        60.0,
        0.0,
    )
    assert (stream.lowest, stream.highest, stream.point, stream.zone) == (-WIDEST, WIDEST, None, None)


def test_a_source_may_have_no_things_yet() -> None:
    """Declared first, furnished later."""
    assert read_document({"source": {"id": "harbour"}}).datastreams == ()


@pytest.mark.parametrize("slug", ["a", "0", "a" * 63, "a-b_c", "9lives"])
def test_an_id_is_a_short_lower_case_slug(slug: str) -> None:
    """Up to 63 characters, as in a host name."""
    assert read(source={"id": slug}).source.id == slug


@pytest.mark.parametrize("slug", ["", "a" * 64, "A", "-a", "_a", "a b", "a/b", "å", "a\n", "a.b"])
def test_an_id_of_another_form_is_refused_with_the_form(slug: str) -> None:
    """It becomes part of keys, topics and paths."""
    told = refused(source={"id": slug})
    assert "source.id" in told.detail
    assert told.limit


@pytest.mark.parametrize("key", ["mast1", "north/mast1", "a/b/c/d", "cam:1", "v1.2"])
def test_a_thing_may_have_a_path_of_four_parts(key: str) -> None:
    """Under its source's name."""
    assert read(thing={"key": key}).datastreams[0].thing == f"harbour/{key}"


@pytest.mark.parametrize("key", ["a/b/c/d/e", "/a", "a/", "a//b", "..", "a/../b", "Mast"])
def test_a_thing_with_another_path_is_refused(key: str) -> None:
    """No empty part, no way up, no fifth."""
    assert "things[0].key" in refused(thing={"key": key}).detail


@pytest.mark.parametrize("name", ["x", "x" * MAX_TEXT, "Tårnet på Rådhuset"])
def test_a_name_is_any_printable_text_up_to_its_bound(name: str) -> None:
    """In any language."""
    assert read(source={"name": name}).source.name == name


@pytest.mark.parametrize("name", ["", "   ", "x" * (MAX_TEXT + 1), "a\nb", "a\x00b", "\u202edesrever", 7, None, ["x"]])
def test_a_name_of_another_kind_is_refused_with_its_bound(name: object) -> None:
    """Nothing that would not print, nothing that turns the text round."""
    assert refused(source={"name": name}).limit == f"1..{MAX_TEXT} printable characters"


@pytest.mark.parametrize("unit", ["1", "Cel", "ug/m3", "{people}", "m/s2", "x" * 64])
def test_a_unit_is_printable_ascii_without_blanks(unit: str) -> None:
    """UCUM 2.1, section 2.1."""
    assert read(stream={"unit": unit}).datastreams[0].unit == unit


@pytest.mark.parametrize("unit", ["", "µg", "m s", "x" * 65, "°C"])
def test_a_unit_of_another_form_is_refused(unit: str) -> None:
    """`Cel`, not a sign for degrees."""
    assert "datastreams[0].unit" in refused(stream={"unit": unit}).detail


@pytest.mark.parametrize("seconds", [0, 0.001, MAX_SECONDS])
@pytest.mark.parametrize("field", ["cadence_s", "freshness_s"])
def test_seconds_go_from_none_to_a_year(field: str, seconds: float) -> None:
    """Both ends belong to it."""
    assert getattr(read(stream={field: seconds}).datastreams[0], field) == seconds


@pytest.mark.parametrize("seconds", [-0.001, MAX_SECONDS + 1, float("nan"), float("inf"), True, "60", None])
@pytest.mark.parametrize("field", ["cadence_s", "freshness_s"])
def test_seconds_beyond_are_refused_with_their_range(field: str, seconds: object) -> None:
    """A truth value and a text are no numbers."""
    told = refused(stream={field: seconds})
    assert field in told.detail
    assert told.limit == f"a number 0..{MAX_SECONDS:g}"


@pytest.mark.parametrize(("lowest", "highest"), [(0, 0), (-WIDEST, WIDEST), (-1.5, 2)])
def test_a_range_may_be_a_point_and_as_wide_as_there_is(lowest: float, highest: float) -> None:
    """Inclusive at both ends."""
    [stream] = read(stream={"lowest": lowest, "highest": highest}).datastreams
    assert (stream.lowest, stream.highest) == (lowest, highest)


def test_a_range_the_wrong_way_round_is_refused_with_both_ends() -> None:
    """The remedy is to swap them."""
    told = refused(stream={"lowest": 1, "highest": 0})
    assert (told.value, told.limit, told.remedy) == (1.0, 0.0, "swap them")


@pytest.mark.parametrize("position", [[10.73, 59.91], {"lon": 10.73, "lat": 59.91}, [-180, -90], [180, 90]])
def test_a_position_is_longitude_then_latitude(position: object) -> None:
    """As a list or by name, to the ends of the globe."""
    assert read(thing={"position": position}).datastreams[0].point is not None


@pytest.mark.parametrize(
    "position",
    [[], [10.73], [10.73, 59.91, 0], ["10", "59"], [True, False], {"lon": 1}, {"lon": 1, "lat": 2, "z": 3}, 5, "x"],
)
def test_a_position_of_another_shape_is_refused_with_the_shape(position: object) -> None:
    """Longitude first, so that it is said which is which."""
    told = refused(thing={"position": position})
    assert told.limit == "[lon, lat] or lon and lat, in degrees, WGS 84"


@pytest.mark.parametrize("position", [[180.1, 0], [0, 90.1], [59.91, 100.73]])
def test_a_position_off_the_globe_is_refused(position: object) -> None:
    """Latitude and longitude swapped are often caught so."""
    assert "globe" in refused(thing={"position": position}).detail


def test_there_may_be_exactly_as_many_datastreams_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused with the number and what to do."""
    monkeypatch.setattr(declare_source, "MAX_DATASTREAMS", 2)
    streams = [{"property": f"p{number}", "unit": "1"} for number in range(3)]
    assert len(read(thing={"datastreams": streams[:2]}).datastreams) == 2
    with pytest.raises(TooLarge) as told:
        read(thing={"datastreams": streams})
    assert (told.value.limit, told.value.remedy) == (2, "declare in parts")


@pytest.mark.parametrize("reader", [read_toml, read_json])
def test_a_text_beyond_its_bound_is_refused_unread(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any parser sees it."""
    monkeypatch.setattr(declare_source, "MAX_BYTES", 10)
    with pytest.raises(TooLarge) as told:
        reader("x" * 11)
    assert (told.value.value, told.value.limit) == (11, 10)


@pytest.mark.parametrize("where", ["source", "thing", "stream"])
def test_an_unknown_field_is_refused_with_those_that_are_known(where: str) -> None:
    """A typing mistake is not passed over: the setting it meant would silently not be."""
    told = refused(**{where: {"colour": "red"}})
    assert "'colour'" in told.detail
    assert ", " in str(told.limit)


@pytest.mark.parametrize("text", ["[source", "a = 1\na = 2", "\x00", "x" * 100])
def test_a_text_that_is_no_toml_is_refused_as_that(text: str) -> None:
    """With what the parser says of it."""
    with pytest.raises(Malformed, match="not TOML"):
        read_toml(text)


@pytest.mark.parametrize("word", sorted(SOURCES))
def test_every_word_for_a_person_is_refused_with_its_source(word: str) -> None:
    """Each rests on a clause of the law or on house law 7, which is named."""
    with pytest.raises(Refused) as told:
        refuse_identity(word, "property")
    assert told.value.source == SOURCES[word]
    assert "nothing can switch this rule off" in told.value.remedy


def is_refused(name: str) -> bool:
    """Say whether a property of that name stands for a person."""
    try:
        refuse_identity(name, "property")
    except Refused:
        return True
    return False


@pytest.mark.parametrize("pair", sorted(INNOCENT))
def test_a_pair_of_words_that_means_no_person_is_not_refused(pair: str) -> None:
    """In any of the usual spellings, though one of its words alone would be."""
    first, second = pair.split()
    for name in (f"{first}_{second}", f"{first}-{second}", f"{first} {second}"):
        assert not is_refused(name), name
    assert is_refused(first) or is_refused(second)


def test_an_innocent_pair_excuses_only_itself() -> None:
    """A second word for a person beside it is still found."""
    with pytest.raises(Refused, match="face"):
        refuse_identity("plate_count_face", "property")


@given(some.text(max_size=60))
def test_words_are_lower_case_and_lose_no_letter(name: str) -> None:
    """Every ASCII letter and digit of a name stands in one of its words."""
    words = words_of(name)
    kept = [character.lower() for character in name if character.isascii() and character.isalnum()]
    assert "".join(words) == "".join(kept)
