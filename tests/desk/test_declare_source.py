"""Declarations are read strictly, stored by key, and never let a person's identity in."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import ImpetusError, Malformed, Refused, TooLarge
from impetus.desk.declare_source import MAX_BYTES, declare, read_document, read_json, read_toml
from impetus.desk.identity_words import SOURCES, refuse_identity
from ingest_samples import ADMINISTRATOR, SQUARE, datastreams, declaration, make_desk, sender

FULL = """
[source]
id = "square"
name = "Town hall square"
kind = "air"
simulated = true
freshness_s = 120

[[things]]
key = "c11"
name = "Sampler C11"
position = [10.7339, 59.9127]
zone = "south-east"

[[things.datastreams]]
property = "pm10"
unit = "ug/m3"
lowest = 0
highest = 2000
cadence_s = 60
freshness_s = 180
"""


def test_every_field_of_a_declaration_arrives() -> None:
    """What was written is what is declared."""
    read = read_toml(FULL)
    only = read.datastreams[0]
    assert (read.source.id, read.source.kind, read.source.simulated, read.source.freshness_s) == (
        "square",
        "air",
        True,
        120,
    )
    assert (only.key, only.thing, only.thing_name, only.unit) == (
        "square/c11/pm10",
        "square/c11",
        "Sampler C11",
        "ug/m3",
    )
    assert (only.lowest, only.highest, only.cadence_s, only.freshness_s) == (0, 2000, 60, 180)
    assert only.point is not None
    assert (only.point.lon, only.point.lat, only.zone, only.simulated) == (10.7339, 59.9127, "south-east", True)


def test_json_says_the_same_as_toml() -> None:
    """One shape, two spellings."""
    assert read_json(json.dumps(tomllib.loads(FULL))) == read_toml(FULL)


def test_a_position_may_name_its_numbers() -> None:
    """`lon` and `lat` cannot be swapped by accident."""
    named = FULL.replace("[10.7339, 59.9127]", "{ lat = 59.9127, lon = 10.7339 }")
    assert read_toml(named) == read_toml(FULL)


def test_a_declaration_again_changes_nothing() -> None:
    """A source may declare itself at each start."""
    desk = make_desk()
    before = datastreams(desk)
    stored = declare(desk, ADMINISTRATOR, read_toml(declaration()))
    assert datastreams(desk) == before
    assert [each.id for each in stored] == [1, 2, 3]


def test_a_changed_declaration_updates_by_key() -> None:
    """Ids are for good."""
    desk = make_desk()
    declare(desk, ADMINISTRATOR, read_toml(declaration().replace("highest = 60", "highest = 50")))
    assert {each.highest for key, each in datastreams(desk).items() if key.startswith("square")} == {50.0}


def test_a_token_declares_its_own_source_only() -> None:
    """Bound to harbour, it cannot redefine the square."""
    desk = make_desk()
    with pytest.raises(Refused, match="bound to the source harbour"):
        declare(desk, sender("harbour", "sources.declare"), read_toml(declaration()))
    assert declare(desk, sender(SQUARE, "sources.declare"), read_toml(declaration()))


def test_who_may_not_declare_is_refused() -> None:
    """Sending readings is not declaring."""
    with pytest.raises(Refused, match=r"sources\.declare"):
        declare(make_desk(), sender(SQUARE), read_toml(declaration()))


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ('id = "square"', 'id = "Square!"', "source.id"),
        ('id = "square"', "", "source.id"),
        ('name = "Town hall square"', "name = 3", "source.name"),
        ('name = "Town hall square"', 'name = "a\\u0000b"', "source.name"),
        ('kind = "air"', 'kind = "air"\ncolour = "red"', "colour"),
        ("freshness_s = 120", "freshness_s = -1", "source.freshness_s"),
        ("freshness_s = 120", "freshness_s = nan", "source.freshness_s"),
        ("simulated = true", 'simulated = "yes"', "source.simulated"),
        ('key = "c11"', 'key = "../etc"', "things[0].key"),
        ("position = [10.7339, 59.9127]", "position = [10.7339]", "position"),
        ("position = [10.7339, 59.9127]", "position = [200.0, 59.9127]", "not on the globe"),
        ("position = [10.7339, 59.9127]", 'position = ["a", 1]', "position"),
        ('unit = "ug/m3"', 'unit = "µg per m3"', "unit"),
        ('unit = "ug/m3"', "", "unit"),
        ("lowest = 0", "lowest = 3000", "above highest"),
        ("lowest = 0", "lowest = -inf", "lowest"),
        ("highest = 2000", "highest = true", "highest"),
        ("cadence_s = 60", 'retention = "for ever"', "retention"),
    ],
)
def test_what_is_wrong_is_named(found: str, put: str, said: str) -> None:
    """Value, limit and remedy, at the field."""
    assert found in FULL
    with pytest.raises(Malformed) as told:
        read_toml(FULL.replace(found, put))
    assert said in told.value.detail
    assert told.value.remedy
    assert told.value.limit is not None


def test_a_datastream_declared_twice_is_refused() -> None:
    """It could not be said which of the two counts."""
    twice = FULL + FULL[FULL.index("[[things.datastreams]]") :]
    with pytest.raises(Malformed, match="declared twice"):
        read_toml(twice)


def test_a_declaration_beyond_the_limits_is_refused() -> None:
    """Bytes and datastreams are bounded."""
    with pytest.raises(TooLarge):
        read_toml("#" * (MAX_BYTES + 1))
    thing = {"key": "t", "datastreams": [{"property": f"p{number}", "unit": "1"} for number in range(20_001)]}
    with pytest.raises(TooLarge):
        read_document({"source": {"id": "s"}, "things": [thing]})


@pytest.mark.parametrize(
    "prop",
    [
        "face_embedding",
        "number-plate",
        "license_plate",
        "anpr_read",
        "person_name",
        "e-mail",
        "email",
        "mac",
        "mac_address",
        "wifi_bssid",
        "imsi",
        "imei",
        "device_id",
        "user-id",
        "gait",
        "emotion",
        "gender",
        "ip_address",
    ],
)
def test_a_property_that_stands_for_a_person_is_refused_with_rule_and_source(prop: str) -> None:
    """House law 7, whatever the configuration and whoever asks."""
    with pytest.raises(Refused) as told:
        read_toml(FULL.replace('"pm10"', f'"{prop}"'))
    assert told.value.rule == "no field for a person's identity exists"
    assert "law 7" in told.value.source
    assert "count" in told.value.remedy


@pytest.mark.parametrize(
    "prop",
    ["surface_temperature", "machine_hours", "person_count", "plate_count", "people_counted", "trademark_noise", "no2"],
)
def test_a_property_that_only_sounds_like_it_is_not(prop: str) -> None:
    """Words, not letters, decide."""
    assert read_toml(FULL.replace('"pm10"', f'"{prop}"')).datastreams[0].observed_property == prop


def test_an_identity_field_is_refused_as_that_in_any_table() -> None:
    """Not as a typing mistake."""
    with pytest.raises(Refused, match="licence_plate"):
        read_toml(FULL.replace('kind = "air"', 'kind = "air"\nlicence_plate = "AB 123"'))


@given(
    some.sampled_from(sorted(SOURCES)),
    some.sampled_from(["_", "-", " ", ".", "/"]),
    some.sampled_from(["x", "raw", "9"]),
)
def test_an_identity_word_is_found_between_others_in_any_spelling(word: str, joint: str, other: str) -> None:
    """snake_case, kebab-case, UPPER and camelCase."""
    for name in (f"{other}{joint}{word}{joint}{other}", word.upper(), f"{other}{word.title()}"):
        with pytest.raises(Refused):
            refuse_identity(name, "field")


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=12),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
fields = some.sampled_from(
    [
        "source",
        "things",
        "id",
        "name",
        "kind",
        "key",
        "position",
        "zone",
        "datastreams",
        "property",
        "unit",
        "lowest",
        "highest",
    ]
)
documents = some.dictionaries(fields, values | some.dictionaries(fields, values, max_size=5), max_size=5)


@given(documents)
@settings(max_examples=200, deadline=None)
def test_whatever_is_declared_is_read_or_refused(document: dict[str, object]) -> None:
    """No document causes anything but a declaration or one of our errors."""
    statuses = {None}
    try:
        read_document(document)
    except ImpetusError as error:
        statuses.add(error.status)
    assert statuses <= {None, 400, 403, 413}


@given(some.one_of(some.text(max_size=80), some.binary(max_size=80).map(lambda raw: raw.decode("latin-1"))))
@settings(max_examples=200, deadline=None)
def test_whatever_text_comes_is_read_or_refused(text: str) -> None:
    """Neither parser lets anything else through."""
    for read in (read_toml, read_json):
        with pytest.raises(ImpetusError):
            read(text)


def test_a_read_declaration_has_no_ids_yet() -> None:
    """Numbers are given by the store."""
    assert [each.id for each in read_toml(FULL).datastreams] == [0]
