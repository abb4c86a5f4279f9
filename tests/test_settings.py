"""Settings of an installation: what is taken, and each way one is refused, with its key, value, range and remedy."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Misconfigured
from impetus.settings import (
    LANGUAGES,
    RANGES,
    SETTINGS_FILE,
    Settings,
    override,
    read_settings,
    settings_from,
)

HOME = Path("home")
TEXTS = ["site", "host", "language", "timezone", "basemap", "mqtt_url"]
WHOLE_NUMBERS = [
    "port",
    "ingest_port",
    "bus_limit_mib",
    "observations_days",
    "alerts_days",
    "evidence_days",
    "quarantine_days",
    "access_days",
    "log_days",
    "incidents_days",
    "accounts_days",
    "text_logs_days",
    "backups_days",
]
NUMBERS = ["late_s", "future_s"]


def taken(**document: object) -> Settings:
    """Return the settings of a document."""
    return settings_from(document, HOME)


def refusal_of(**document: object) -> Misconfigured:
    """Return the error a document is refused with."""
    with pytest.raises(Misconfigured) as refusal:
        settings_from(document, HOME)
    return refusal.value


def test_an_empty_document_is_the_defaults() -> None:
    """An installation that says nothing runs."""
    assert taken() == Settings(home=HOME)


def test_every_setting_is_described() -> None:
    """The docstring names each field, so that the reference and the code cannot drift apart."""
    described = Settings.__doc__ or ""
    assert [item.name for item in fields(Settings) if f"`{item.name}`" not in described] == ["home"]


def test_every_number_has_a_range_and_its_default_lies_in_it() -> None:
    """A number without a range could be set to nonsense."""
    assert set(RANGES) == {*WHOLE_NUMBERS, *NUMBERS}
    for name, (lowest, highest) in RANGES.items():
        assert lowest <= getattr(Settings(home=HOME), name) <= highest


@pytest.mark.parametrize("name", sorted(RANGES))
def test_the_ends_of_a_range_are_taken(name: str) -> None:
    """Lowest and highest are values like any other."""
    for end in RANGES[name]:
        assert getattr(taken(**{name: end}), name) == end


@pytest.mark.parametrize("name", sorted(RANGES))
@pytest.mark.parametrize("step", [-1, 1])
def test_beyond_a_range_is_refused_with_the_range(name: str, step: int) -> None:
    """One below the lowest and one above the highest: key, value, both ends and what to do."""
    lowest, highest = RANGES[name]
    value = lowest - 1 if step < 0 else highest + 1
    error = refusal_of(**{name: value})
    assert error.detail.startswith(f"setting {name} is {value}")
    assert error.limit == f"{lowest:g}..{highest:g}"
    assert error.remedy == "choose a value in range"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_out_of_every_range(name: str, value: float) -> None:
    """TOML can say inf and nan; a clock cannot be compared with them."""
    assert refusal_of(**{name: value}).remedy == "choose a value in range"


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", [3, True, ["x"], {"a": 1}])
def test_a_text_that_is_none_is_refused_with_its_type(name: str, value: object) -> None:
    """A number where a name belongs is a mistake, not to be turned into a text."""
    error = refusal_of(**{name: value})
    assert (error.value, error.limit) == (value, "str")
    assert f"setting {name} is" in error.detail


@pytest.mark.parametrize("name", WHOLE_NUMBERS)
@pytest.mark.parametrize("value", [20.0, True, "20", [20]])
def test_a_whole_number_that_is_none_is_refused_with_its_type(name: str, value: object) -> None:
    """Yes is not one, and "8470" is not 8470."""
    assert refusal_of(**{name: value}).limit == "int"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_whole_number_is_fine_where_fractions_are(name: str) -> None:
    """It arrives as a fraction; yes is still not one."""
    value = getattr(taken(**{name: 60}), name)
    assert (value, type(value)) == (60.0, float)
    assert refusal_of(**{name: True}).limit == "float"


@pytest.mark.parametrize("value", [1, "yes", "true", [True]])
def test_only_yes_or_no_says_whether_it_is_simulated(value: object) -> None:
    """A label that keeps exercises from being taken for real is not guessed from something like it."""
    assert taken(simulated=True).simulated
    assert refusal_of(simulated=value).limit == "bool"


@pytest.mark.parametrize("name", ["hosts", "tools"])
def test_a_list_of_names_is_taken_in_its_order(name: str) -> None:
    """The order of tools is the order on the board."""
    assert getattr(taken(**{name: ["b", "a"]}), name) == ("b", "a")
    assert getattr(taken(**{name: []}), name) == ()


@pytest.mark.parametrize("name", ["hosts", "tools"])
@pytest.mark.parametrize("value", ["urban_anomaly", [1], ["a", None], {"a": 1}])
def test_a_list_of_something_else_is_refused(name: str, value: object) -> None:
    """One text is not a list of its letters."""
    assert refusal_of(**{name: value}).limit == "tuple"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_with_a_catalogue_is_taken(language: str) -> None:
    """English, Norwegian and Italian from the first screen on."""
    assert taken(language=language).language == language


@pytest.mark.parametrize("language", ["no", "EN", "", "de"])
def test_a_language_without_a_catalogue_is_refused_with_those_there_are(language: str) -> None:
    """A page in half a language is worse than a start that says why not."""
    error = refusal_of(language=language)
    assert (error.value, error.limit, error.remedy) == (language, "en, nb, it", "choose one")


@pytest.mark.parametrize("name", ["Port", "ports", "home", "", "retention", "__class__"])
def test_an_unknown_name_is_refused_with_those_there_are(name: str) -> None:
    """A misspelt setting would look as if it were set; home is where the file lies and not in it."""
    error = refusal_of(**{name: 1})
    assert error.detail == f"unknown setting {name}"
    assert "port" in str(error.limit).split(", ")
    assert "home" not in str(error.limit).split(", ")


def test_settings_of_tools_are_handed_on_as_they_are() -> None:
    """Each tool checks its own."""
    chosen = {"fusion": {"join_m": 50}, "urban_anomaly": {"start_z": 6.0}}
    assert taken(tool_settings=chosen).tool_settings == chosen
    assert refusal_of(tool_settings=["fusion"]).limit == "dict"


@pytest.mark.parametrize(("chosen", "ingest"), [(0, 8471), (9000, 9000)])
def test_the_ingest_listens_beside_the_web_unless_told_where(chosen: int, ingest: int) -> None:
    """Sensors and people have doors of their own, next to each other by default."""
    assert taken(ingest_port=chosen, host="10.0.0.1").ingest_address == ("10.0.0.1", ingest)


def test_the_plan_of_the_place_lies_in_the_home() -> None:
    """One directory holds everything of an installation."""
    assert taken().place_file == HOME / "place.geojson"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """A new home needs no file."""
    assert read_settings(tmp_path) == Settings(home=tmp_path)


def test_a_file_is_read(tmp_path: Path) -> None:
    """Texts beyond ASCII and tables of tools arrive."""
    (tmp_path / SETTINGS_FILE).write_text('site = "Rådhusplassen"\n[tool_settings.fusion]\njoin_m = 50\n', "utf-8")
    settings = read_settings(tmp_path)
    assert settings.site == "Rådhusplassen"
    assert settings.tool_settings["fusion"]["join_m"] == 50


@pytest.mark.parametrize("content", [b"port = ", b"port 1", b"\xff\xfe", b"port = 1\nport = 2"])
def test_a_file_that_is_not_toml_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    """The parser's words say where; ours say which file."""
    (tmp_path / SETTINGS_FILE).write_bytes(content)
    with pytest.raises(Misconfigured, match="is not TOML") as refusal:
        read_settings(tmp_path)
    assert refusal.value.value == str(tmp_path / SETTINGS_FILE)
    assert refusal.value.exit_code == 78


def test_the_command_line_wins_over_the_file() -> None:
    """Only what it says; what it leaves out stays."""
    settings = taken(port=9000, host="10.0.0.1", site="Testby")
    assert override(settings, None, None) == settings
    changed = override(settings, 9001, "::1")
    assert (changed.port, changed.host, changed.site) == (9001, "::1", "Testby")


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_of_the_command_line_is_held_to_the_same_range(port: int) -> None:
    """There is one check, whoever says it."""
    assert override(taken(), 1, None).port == 1
    with pytest.raises(Misconfigured, match="setting port is"):
        override(taken(), port, None)


anything = some.recursive(
    some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=10)),
    lambda inner: some.one_of(
        some.lists(inner, max_size=3), some.dictionaries(some.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(some.sampled_from([item.name for item in fields(Settings)]), anything)
def test_any_value_is_taken_in_its_type_or_refused_by_name(name: str, value: object) -> None:
    """Nothing that is not what the field says gets in, and nothing else than the one error comes out."""
    try:
        settings = taken(**{name: value})
    except Misconfigured as error:
        named = name in error.detail
    else:
        named = type(getattr(settings, name)) is type(getattr(Settings(home=HOME), name))
    assert named
