"""The manifest of a tool: what is taken, and every way it is refused, with the field and what would be right."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Misconfigured
from impetus.core.finding import Kind
from impetus.core.manifest import TOOL_ID, Limits, Manifest, Senses, read_manifest

WHOLE = """
[tool]
id = "night_noise"
name = "Night noise"
summary = "Says when it is loud at night."
version = "3"
[senses]
input = "observations"
properties = ["noise_level", "traffic_flow"]
[emits]
kinds = ["anomaly", "fault"]
[ethics]
purposes = ["public_health"]
personal_data = []
retention = "observations"
legal_class = "no personal data"
[limits]
memory_mib = 256
silence_s = 20.5
findings_per_min = 30
"""


def changed(old: str, new: str) -> str:
    """Return the manifest with one line other than it is."""
    assert old in WHOLE
    return WHOLE.replace(old, new)


def outcome(text: str) -> Manifest | Misconfigured:
    """Return the manifest, or what it is refused with."""
    try:
        return read_manifest(text)
    except Misconfigured as error:
        return error


def refusal_of(text: str) -> Misconfigured:
    """Return the error a manifest is refused with."""
    with pytest.raises(Misconfigured) as refusal:
        read_manifest(text)
    return refusal.value


def test_a_whole_manifest_is_read_into_its_type() -> None:
    """Every field arrives where it belongs."""
    assert read_manifest(WHOLE) == Manifest(
        id="night_noise",  # type: ignore[arg-type]  # a ToolId is a text
        name="Night noise",
        summary="Says when it is loud at night.",
        version="3",
        senses=Senses.OBSERVATIONS,
        emits=frozenset({Kind.ANOMALY, Kind.FAULT}),
        properties=frozenset({"noise_level", "traffic_flow"}),
        purposes=("public_health",),
        personal_data=(),
        retention="observations",
        legal_class="no personal data",
        limits=Limits(memory_mib=256, silence_s=20.5, findings_per_min=30),
    )


@pytest.mark.parametrize("table", ["tool", "senses", "emits", "ethics", "limits"])
def test_every_table_must_be_there(table: str) -> None:
    """What is left out is not assumed: each table answers a question of the platform."""
    error = refusal_of(re.sub(rf"(?ms)^\[{table}\].*?(?=^\[|\Z)", "", WHOLE))
    assert (error.detail, error.remedy) == (f"manifest lacks the table [{table}]", f"add [{table}]")


def test_a_table_nobody_knows_is_refused_with_those_there_are() -> None:
    """A misspelt table would otherwise say nothing and look as if it did."""
    error = refusal_of(f"{WHOLE}[limit]\nmemory_mib = 1\n")
    assert error.value == ["limit"]
    assert error.limit == "tool, senses, emits, ethics, capabilities, limits"


@pytest.mark.parametrize(
    "line",
    [
        'id = "night_noise"',
        'name = "Night noise"',
        'summary = "Says when it is loud at night."',
        'version = "3"',
        'input = "observations"',
        'retention = "observations"',
        'legal_class = "no personal data"',
    ],
)
@pytest.mark.parametrize("instead", ["", '"  "', "7", '["a text"]'])
def test_a_text_that_is_missing_empty_or_no_text_is_refused_by_name(line: str, instead: str) -> None:
    """The field is named, with what it holds and what to set."""
    name = line.partition(" =")[0]
    error = refusal_of(changed(line, f"{name} = {instead}" if instead else ""))
    assert f"manifest field {name} is" in error.detail
    assert (error.limit, error.remedy) == ("a text", f"set {name}")


@pytest.mark.parametrize("line", ['properties = ["noise_level", "traffic_flow"]', "personal_data = []"])
@pytest.mark.parametrize("instead", ['"noise_level"', "[1]", '["noise", false]', "{}"])
def test_a_list_of_something_else_is_refused(line: str, instead: str) -> None:
    """One text is no list of texts, and a number is no text."""
    name = line.partition(" =")[0]
    error = refusal_of(changed(line, f"{name} = {instead}"))
    assert f"manifest field {name} is" in error.detail
    assert error.limit == "a list of texts"


def test_a_list_left_out_is_empty() -> None:
    """A tool that names no property wants them all."""
    assert read_manifest(changed('properties = ["noise_level", "traffic_flow"]', "")).properties == frozenset()


@pytest.mark.parametrize("identity", ["Night", "9nights", "night-noise", "night noise", "a" * 32, "nøise", "_n"])
def test_an_id_that_is_no_slug_is_refused(identity: str) -> None:
    """It names a directory, a process and a row of the board: lower-case letters, digits, underscores, up to 31."""
    error = refusal_of(changed('id = "night_noise"', f'id = "{identity}"'))
    assert (error.value, error.limit) == (identity, TOOL_ID.pattern)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ('input = "observations"', 'input = "video"', "observations, findings, posts"),
        ('"anomaly", "fault"', '"anomaly", "crime"', "anomaly, fault, silence, platform"),
    ],
)
def test_a_word_outside_its_list_is_refused_with_the_list(old: str, new: str, allowed: str) -> None:
    """A tool cannot sense or emit what the platform has no word for."""
    error = refusal_of(changed(old, new))
    assert error.limit == allowed
    assert error.remedy == "choose one of these"


@pytest.mark.parametrize("name", ["memory_mib = 256", "silence_s = 20.5", "findings_per_min = 30"])
@pytest.mark.parametrize("value", ["0", "-1", "0.5", "inf", "-inf", "nan", "true", '"many"', "[1]"])
def test_a_limit_that_is_no_number_from_one_up_is_refused(name: str, value: str) -> None:
    """A limit of nothing stops a tool that does no wrong; one without an end is none."""
    field = name.partition(" =")[0]
    error = refusal_of(changed(name, f"{field} = {value}"))
    assert error.detail.startswith(f"limits.{field} is")
    assert "from 1 up" in str(error.limit)


def test_an_unknown_limit_is_refused_with_those_there_are() -> None:
    """A misspelt limit would otherwise limit nothing."""
    error = refusal_of(changed("memory_mib = 256", "memory_mb = 256"))
    assert "limits.memory_mb" in error.detail
    assert "memory_mib" in str(error.limit)


def test_limits_left_out_are_the_stated_defaults() -> None:
    """Half a GiB, a quarter of a minute of silence, ten findings a second."""
    text = WHOLE.partition("[limits]")[0] + "[limits]"
    assert read_manifest(text).limits == Limits(memory_mib=512, silence_s=15.0, findings_per_min=600)


@pytest.mark.parametrize("text", ["[tool", "id = ", "\x00", "[tool]\nid = 'a'\nid = 'b'"])
def test_what_is_not_toml_is_refused_with_where(text: str) -> None:
    """The parser's own words are kept: they name the line."""
    error = refusal_of(text)
    assert "manifest is not TOML" in error.detail
    assert isinstance(error.__cause__, tomllib.TOMLDecodeError)


def test_an_empty_manifest_lacks_its_first_table() -> None:
    """The first thing that is missing is named."""
    assert refusal_of("").value == "tool"


@given(some.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A manifest is written by a stranger: whatever it holds, the answer is a manifest or one error."""
    assert isinstance(outcome(text), Manifest | Misconfigured)


words = some.one_of(some.text(max_size=12), some.integers(), some.floats(), some.booleans(), some.lists(some.text()))


@given(some.sampled_from(["id", "name", "input", "kinds", "properties", "memory_mib", "silence_s"]), words)
def test_any_value_of_any_field_is_taken_or_refused(field: str, value: object) -> None:
    """Each field in turn holds anything TOML can say."""
    line = next(line for line in WHOLE.splitlines() if line.startswith(f"{field} ="))
    answer = outcome(WHOLE.replace(line, f"{field} = {written(value)}"))
    if isinstance(answer, Misconfigured):
        assert field in answer.detail
        assert answer.remedy
    else:
        assert answer.version == "3"


def written(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str):
        return (
            '"' + "".join(char if char.isalnum() and char.isascii() else f"\\U{ord(char):08X}" for char in value) + '"'
        )
    return repr(value)
