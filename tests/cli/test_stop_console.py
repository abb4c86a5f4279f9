"""The kill switch at the machine: with a state and without one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.console import Console
from impetus.adapters.stop_files import StopFiles
from impetus.core.stop import StopState


def stops(console: Console) -> StopFiles:
    """Return the stops of the console's home."""
    return StopFiles(console.home / "stops")


def no_state(console: Console) -> None:
    """Put something in the state's place that no database can open."""
    (console.home / "state.sqlite3").mkdir()


@pytest.mark.parametrize("prepare", [lambda _: None, no_state], ids=["with a state", "without"])
def test_a_stop_is_made_said_and_asked_about(console: Console, prepare: Callable[[Console], None]) -> None:
    """One command, no questions first; the reason is asked afterwards."""
    prepare(console)
    said = console.at_home("stop", "ALL", "--as", "Ada")
    assert said.code == 0
    assert said.out.startswith("all is stopped by Ada at ")
    assert "say why when there is time: impetus stop all --why" in said.err
    [stop] = stops(console).standing().stops
    assert (stop.by, stop.asks_why) == ("Ada", True)


def test_the_same_command_with_a_reason_explains(console: Console) -> None:
    """The name and time of the stop stay."""
    console.at_home("stop", "tool:noisy", "--as", "Ada")
    console.at_home("stop", "tool:noisy", "--as", "Bo", "--why", "it shouted")
    [stop] = stops(console).standing().stops
    assert (stop.by, stop.why, stop.why_by, stop.state) == ("Ada", "it shouted", "Bo", StopState.EXPLAINED)


def test_a_mistyped_tool_is_stopped_and_warned_of(console: Console) -> None:
    """It holds, and whoever typed it learns that nothing ran under that name."""
    console.at_home("account", "list")
    said = console.at_home("stop", "tool:urban_anomoly", "--as", "Ada")
    assert said.code == 0
    assert "WARNING: nothing here is called tool:urban_anomoly" in said.err


def test_a_mistyped_target_or_home_stops_nothing_and_says_so(console: Console, tmp_path: Path) -> None:
    """Exit codes of wrong input."""
    assert console.at_home("stop", "the noisy one", "--as", "Ada").code == 65
    wrong = console.type("stop", "all", "--home", str(tmp_path / "nowhere"))
    assert wrong.code == 65
    assert "no installation" in wrong.err
    assert stops(console).standing().stops == ()


def test_a_lift_needs_a_name_and_a_reason(console: Console) -> None:
    """The command line says which is missing."""
    console.at_home("stop", "all", "--as", "Ada")
    assert console.at_home("lift", "all", "--as", "Ada").code == 2
    assert console.at_home("lift", "all", "--why", "over").code == 2
    assert stops(console).standing().of_everything() is not None


def test_a_lift_is_for_those_whose_account_may(console: Console) -> None:
    """Nobody unknown, no operator; a supervisor, by the name of the account."""
    console.at_home("account", "add", "olga", "--role", "operator")
    console.at_home("account", "add", "sam", "--role", "supervisor")
    console.at_home("stop", "all", "--as", "olga")
    assert console.at_home("lift", "all", "--as", "zoe", "--why", "over").code == 77
    assert console.at_home("lift", "all", "--as", "olga", "--why", "over").code == 77
    assert stops(console).standing().of_everything() is not None
    said = console.at_home("lift", "all", "--as", "SAM", "--why", "over")
    assert said.code == 0
    assert "lifted by sam" in said.out
    assert stops(console).standing().of_everything() is None


def test_a_lift_works_without_a_state_by_a_name_that_is_somebodys(console: Console) -> None:
    """The name is believed and said to be; a shared one is not enough."""
    no_state(console)
    console.at_home("stop", "all", "--as", "Ada")
    assert console.at_home("lift", "all", "--as", "root", "--why", "over").code == 77
    said = console.at_home("lift", "all", "--as", "Sam Sund", "--why", "over")
    assert said.code == 0
    assert "the name is taken as given" in said.err
    assert stops(console).standing().of_everything() is None


def test_lines_for_the_log_wait_when_it_cannot_be_reached_and_go_there_when_it_can(console: Console) -> None:
    """Beside the stops, until some command or the keeper can carry them."""
    no_state(console)
    console.at_home("stop", "all", "--as", "Ada")
    assert [record.act for _, record in stops(console).kept()] == ["stop.make"]
    (console.home / "state.sqlite3").rmdir()
    console.at_home("stop", "tool:noisy", "--as", "Ada")
    assert stops(console).kept() == []


def test_the_list_shows_who_why_and_what_is_odd(console: Console) -> None:
    """As a table, and as JSON for scripts."""
    console.at_home("stop", "tool:noisy", "--as", "Ada")
    (console.home / "stops" / "STOPP").touch()
    said = console.at_home("stop", "list")
    assert "reason missing" in said.out
    assert "STOPP" in said.err
    facts = console.at_home("stop", "list", "--json").facts
    assert {fact["target"] for fact in facts} == {"all", "tool:noisy"}
