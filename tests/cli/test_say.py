"""How the command line says things: one line an error, facts on one output, progress on the other."""

import importlib.metadata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.console import Console
from impetus.cli import COMMANDS, build
from impetus.cli.say import error_line, progress_bar, say_error, show_panel, show_table
from impetus.core.errors import (
    Conflict,
    ImpetusError,
    Malformed,
    Misconfigured,
    NotNow,
    OurFault,
    Refused,
    TooLarge,
    Unknown,
)

FAMILIES = [
    (OurFault("x"), 70),
    (Misconfigured("x"), 78),
    (Malformed("x"), 65),
    (TooLarge("x"), 65),
    (Unknown("x"), 65),
    (Conflict("x"), 65),
    (Refused("x", rule="a rule"), 77),
    (NotNow("x", retry_after_s=2.0), 75),
]


@pytest.mark.parametrize(("error", "code"), FAMILIES, ids=lambda each: type(each).__name__)
def test_each_family_has_its_exit_code_and_title(
    error: ImpetusError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes of sysexits.h, so that a script can tell whose fault it was; titles so that a person can."""
    say_error(error)
    said = capsys.readouterr()
    assert error.exit_code == code
    assert said.out == ""
    assert said.err.startswith(f"{error.title}: x")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40) | st.integers() | st.none(), st.text(max_size=40))
def test_whatever_an_error_is_about_it_is_one_line(detail: str, limit: object, remedy: str) -> None:
    """File names and answers of other programs may hold line breaks."""
    assert len(error_line(Malformed(detail, limit=limit, remedy=remedy)).splitlines()) <= 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Malformed("port is 0"), "port is 0"),
        (Malformed("port is 0", limit="1..9"), "port is 0 (allowed: 1..9)"),
        (Malformed("port is 0", limit=0), "port is 0 (allowed: 0)"),
        (Malformed("port is 0", remedy="choose one"), "port is 0. To mend it: choose one"),
        (NotNow("the disk is full", retry_after_s=2.5), "the disk is full. To mend it: try again in 2.5 s"),
    ],
)
def test_an_error_says_what_it_has_and_no_more(error: ImpetusError, line: str) -> None:
    """No empty brackets, no remedy that is none."""
    assert error_line(error) == line


def test_brackets_in_an_error_are_said_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The console's own markup is not taken from a file's name."""
    say_error(Malformed("[bold]file[/] is [red"))
    assert "[bold]file[/] is [red" in capsys.readouterr().err


def test_a_table_shows_what_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup in a cell is text."""
    show_table(("name", "state"), [("[red]x[/]", "on"), ("y", "off")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["name", "state"], ["[red]x[/]", "on"], ["y", "off"]]


def test_a_panel_shows_facts_and_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    """Labels, facts, and what to know of them."""
    show_panel("Title", {"page": "http://[::1]:8470/"}, hint="Ctrl-C stops.")
    said = capsys.readouterr().out
    assert all(word in said for word in ("Title", "page", "http://[::1]:8470/", "Ctrl-C stops."))


def test_progress_without_a_terminal_is_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """A log is not filled by a bar."""
    with progress_bar("playing") as move:
        for step in range(101):
            move(step / 100)
        move(1.0, "done")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [f"playing: {share}%" for share in range(0, 101, 10)]


def test_progress_says_what_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    """The words of the moment instead of the label."""
    with progress_bar("playing") as move:
        move(0.5, "Monday")
    assert capsys.readouterr().err == "Monday: 50%\n"


def test_the_version_is_the_packages(console: Console) -> None:
    """One number, on standard output."""
    said = console.type("--version")
    assert (said.code, said.out.strip()) == (0, importlib.metadata.version("impetus"))


def test_without_a_word_help_is_shown(console: Console) -> None:
    """Every command is named."""
    said = console.type()
    assert all(name in said.out + said.err for name in COMMANDS)


@pytest.mark.parametrize(
    "words", [("serve", "--colour", "red"), ("account", "drop"), ("replay",), ("demo", "--speed", "0")]
)
def test_a_wrong_word_is_exit_code_2(words: tuple[str, ...], console: Console) -> None:
    """And never a trace."""
    said = console.type(*words)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_a_command_that_was_not_loaded_is_there_by_name() -> None:
    """Help knows all of them, whichever is used."""
    assert len(build(["serve"]).registered_commands) + len(build(["serve"]).registered_groups) == len(COMMANDS)
