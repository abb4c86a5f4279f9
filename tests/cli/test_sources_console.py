"""`impetus source` at the console: TOML and JSON, again and again, refusals that change nothing."""

import json
from pathlib import Path

import pytest

from cli.console import Console
from ingest_samples import declaration

SQUARE = {
    "source": {"id": "square", "name": "Square", "kind": "http"},
    "things": [
        {
            "key": "t1",
            "name": "T1",
            "position": [10.73, 59.91],
            "datastreams": [{"property": "temperature", "unit": "Cel", "lowest": -40, "highest": 60}],
        }
    ],
}


def _file(console: Console, text: str, name: str = "square.toml") -> Path:
    file = console.home.parent / name
    file.write_text(text)
    return file


def _declare(console: Console, text: str, name: str = "square.toml") -> dict[str, object]:
    said = console.at_home("source", "declare", str(_file(console, text, name)), "--json")
    assert said.code == 0, said.err
    return dict(said.facts)


def test_toml_and_json_declare_the_same(console: Console) -> None:
    """The ending of the file's name says which it is."""
    toml = _declare(console, declaration("square", 1))
    assert _declare(console, json.dumps(SQUARE), "square.json") == toml
    assert toml == {"source": "square", "datastreams": {"square/t1/temperature": 1}}


def test_declaring_again_changes_nothing(console: Console) -> None:
    """The same numbers, as often as it is said."""
    first = _declare(console, declaration("square", 3))
    assert [_declare(console, declaration("square", 3)) for _ in range(3)] == [first] * 3


def test_a_longer_declaration_keeps_the_numbers_there_are(console: Console) -> None:
    """History is kept by number; a new thermometer gets the next one."""
    _declare(console, declaration("square", 2))
    _declare(console, declaration("harbour", 1))
    longer = _declare(console, declaration("square", 3))
    assert longer["datastreams"] == {
        "square/t1/temperature": 1,
        "square/t2/temperature": 2,
        "square/t3/temperature": 4,
    }


def test_a_person_sees_number_unit_and_range(console: Console) -> None:
    """What they will look for when a reading is refused."""
    said = console.at_home("source", "declare", str(_file(console, declaration("square", 1))))
    assert all(word in said.out for word in ("square/t1/temperature", "Cel", "-40 .. 60"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[source]\n",
        '[source]\nid = ""\n',
        '[source]\nid = "square"\ncolour = "red"\n',
        declaration("Square Square", 1),
        declaration("square", 1).replace("highest = 60", "highest = -50"),
        declaration("square", 1).replace("59.91", "159.91"),
        declaration("square", 1).replace('unit = "Cel"', "unit = 7"),
        declaration("square", 1).replace("lowest = -40", "lowest = nan"),
        declaration("square", 1) + declaration("square", 1).partition("[[things]]")[2].join(["[[things]]", ""]),
    ],
)
def test_a_declaration_that_is_wrong_declares_nothing(text: str, console: Console) -> None:
    """One line, exit code 65, and the list is as it was."""
    said = console.at_home("source", "declare", str(_file(console, text)))
    assert said.code == 65
    assert len(said.err.strip().splitlines()) == 1
    assert console.at_home("source", "list", "--json").facts == []


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"\x80" * 40])
def test_a_file_that_is_no_text_is_refused(body: bytes, console: Console) -> None:
    """By its name, not by a trace."""
    file = console.home.parent / "square.toml"
    file.write_bytes(body)
    said = console.at_home("source", "declare", str(file))
    assert (said.code, "cannot be read" in said.err) == (65, True)


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_what_is_no_file_is_refused(name: str, console: Console) -> None:
    """Neither nothing nor a folder can be declared."""
    said = console.at_home("source", "declare", name)
    assert said.code == 65
    assert "check the path" in said.err


def test_a_list_tells_who_never_spoke(console: Console) -> None:
    """With as many datastreams as were declared."""
    _declare(console, declaration("square", 3))
    _declare(console, declaration("harbour", 1))
    listed = console.at_home("source", "list", "--json").facts
    assert [(each["source"], each["datastreams"], each["seen_at"], each["counts"]) for each in listed] == [
        ("harbour", 1, None, {}),
        ("square", 3, None, {}),
    ]
    assert console.at_home("source", "list").out.count("never") == 2


def test_a_token_is_for_a_source_there_is(console: Console) -> None:
    """A slip in the name is caught; a source that declares itself may be new."""
    _declare(console, declaration("square", 1))
    assert console.at_home("source", "token", "square").code == 0
    refused = console.at_home("source", "token", "sqaure")
    assert (refused.code, "--may-declare" in refused.err) == (65, True)
    assert console.at_home("source", "token", "sqaure", "--may-declare").code == 0


def test_a_token_that_may_declare_says_so_in_the_list(console: Console) -> None:
    """An administrator sees which token could do more than send."""
    _declare(console, declaration("square", 1))
    console.at_home("source", "token", "square")
    console.at_home("source", "token", "square", "--may-declare")
    operations = [token["operations"] for token in console.at_home("token", "list", "--json").facts]
    assert operations == ["observations.write", "observations.write, sources.declare"]
