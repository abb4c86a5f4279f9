"""Nothing configurable disables the guard against prohibited uses or the kill switch: settings, environment, flags, plugins.

The test enumerates what there is to configure, so that a new setting, variable, option or entry point is tried as well.
"""

import ast
import os
from collections.abc import Iterator
from dataclasses import fields, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer

from ethics.test_red_team import REFUSED, configuration
from impetus.cli import build
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.manifest import read_manifest
from impetus.core.register import SiteEntry, ToolPart
from impetus.ethics import prohibited
from impetus.ethics.outputs import inspect
from impetus.ethics.prohibited import judge
from impetus.ethics.prohibited_site import judge_tool
from impetus.run.output_guard import OutputGuard
from impetus.run.supervisor import Supervisor
from impetus.run.tool_host import Guard
from impetus.settings import Settings
from laws.tree import SRC, dotted, modules
from manifests import plain_manifest
from run.test_tool_guard import LOUD, MANIFEST

GUARD_FILES = (
    "ethics/capability.py",
    "ethics/prohibited.py",
    "ethics/prohibited_site.py",
    "ethics/outputs.py",
    "run/output_guard.py",
    "core/stop.py",
    "adapters/stop_files.py",
    "desk/stop_watch.py",
)
READING = {"os.environ", "os.getenv", "os.environb", "environ.get", "getenv"}
OFF = ("off", "0", "false", "no", "none", "disabled", "1", "true", "allow")
SUSPECT = plain_manifest(
    "watcher",
    summary="Watches.",
    properties='["frames"]',
    more='[capabilities]\ndoes = ["face recognition"]\ngives = ["hit"]',
)


def suspect(**settings: str | float | bool) -> tuple[prohibited.Refusal, ...]:
    """Judge a prohibited tool with these settings of its own."""
    part = ToolPart(id="watcher", manifest=read_manifest(SUSPECT), settings=settings)
    return judge_tool("watcher", {"watcher": part}, {"watcher"}, {"watcher": SiteEntry()})


def variables() -> set[str]:
    """Return the names of all environment variables the program reads, found in its source."""
    found = {"IMPETUS_HEART_FD", "IMPETUS_DATA"}
    for module in modules(SRC):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("IMPETUS_"):
                found.add(node.value)
    return found


def options() -> Iterator[tuple[str, str]]:
    """Yield every command with every option it has."""

    def walk(command: Any, words: str) -> Iterator[tuple[str, str]]:
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, f"{words} {name}".strip())
        yield from ((words, flag) for each in command.params for flag in each.opts)

    yield from walk(typer.main.get_command(build()), "")


@pytest.mark.parametrize("file", GUARD_FILES)
def test_the_guards_read_no_environment_no_settings_and_no_switch(file: str) -> None:
    """They import neither settings nor os.environ, and no parameter of theirs is a flag that could say no."""
    module = next(module for module in modules(SRC) if str(module.path).endswith(file))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            assert dotted(node) not in READING, f"{file}:{node.lineno}"
        if isinstance(node, ast.ImportFrom):
            assert node.module != "impetus.settings", file
        if isinstance(node, ast.arg):
            assert not {"enabled", "disable", "skip", "force", "strict", "enforce"} & set(node.arg.split("_")), node.arg


def test_no_setting_changes_a_judgement() -> None:
    """Each setting of the installation, and each name a person might try, set to whatever says no."""
    before = suspect()
    assert before
    names = {item.name for item in fields(Settings)} | {"disable_guard", "allow_prohibited", "research", "exercise"}
    for name in names:
        for value in (*OFF, True, False, 0, 1e9):
            assert {each.rule for each in suspect(**{name: value})} >= {each.rule for each in before}, name


def test_no_environment_variable_changes_a_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable the program knows, and some it does not."""
    before = [judge(configuration(line)) for line in REFUSED]
    for name in (*variables(), "IMPETUS_DEBUG", "IMPETUS_UNSAFE", "PYTHONOPTIMIZE", "DISABLE_GUARD"):
        for value in OFF:
            monkeypatch.setenv(name, value)
        assert os.environ[name]
    assert [judge(configuration(line)) for line in REFUSED] == before


def test_no_option_of_the_command_line_speaks_of_switching_a_guard_off() -> None:
    """All options of all commands, by name."""
    every = list(options())
    assert len(every) > 40
    words = {"guard", "unsafe", "force", "skip", "disable", "prohibited", "ignore", "allow", "no-stop", "without"}
    assert not [(command, flag) for command, flag in every if words & set(flag.strip("-").split("-"))]


def test_plugins_are_tools_and_nothing_else() -> None:
    """The only group of entry points the program reads is that of tools, and no tool is asked to judge."""
    asked = {
        node.value
        for module in modules(SRC)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("impetus.tool")
    }
    assert "impetus.tools" in asked
    calls = [
        module.name
        for module in modules(SRC)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func).endswith("entry_points")
    ]
    assert len(calls) == 1, calls
    assert all(entry.group == "impetus.tools" for entry in entry_points(group="impetus.tools"))


def test_a_manifest_that_says_nothing_hides_nothing() -> None:
    """Without the table of capabilities, its fields, properties and settings are judged all the same."""
    silent = SUSPECT.partition("[capabilities]")[0].replace('"frames"', '"face_embedding"')
    part = ToolPart(id="watcher", manifest=read_manifest(silent))
    assert judge_tool("watcher", {"watcher": part}, {"watcher"}, {})


def test_rules_and_productions_cannot_be_changed_by_a_tool_through_the_judgement() -> None:
    """They are tuples of frozen values; what judges takes the configuration and nothing else."""
    assert isinstance(prohibited.RULES, tuple)
    assert isinstance(prohibited.PRODUCTIONS, tuple)
    with pytest.raises(AttributeError):
        prohibited.RULES[0].needs = ()  # type: ignore[misc]  # that it cannot is the point
    assert judge.__code__.co_argcount == 1
    assert judge.__defaults__ is None
    assert inspect.__code__.co_argcount == 2


def test_no_host_can_be_built_without_the_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of a host makes its own; it is no parameter."""
    assert "outputs" not in Guard.__init__.__annotations__
    guard = Guard(manifest=MANIFEST, desk=None)  # type: ignore[arg-type]  # nothing of it is asked
    assert isinstance(guard.outputs, OutputGuard)
    finding: Finding = replace(LOUD, facts={"emotion": 1.0})
    assert inspect(finding, Evidence(finding=finding.key, summary=finding.why)) is not None
    monkeypatch.undo()


def test_no_supervisor_can_be_built_without_the_kill_switch(tmp_path: Path) -> None:
    """It opens the home's own; there is no argument for another or for none."""
    assert not [name for name in Supervisor.__init__.__annotations__ if "stop" in name]
    assert tmp_path.exists()
