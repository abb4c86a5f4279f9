"""The red team: 64 configurations that must be refused with their article, 30 near the border that must not."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from impetus.ethics.prohibited import Component, Configuration, judge

DOCUMENT = tomllib.loads((Path(__file__).parent / "red_team.toml").read_text(encoding="utf-8"))
REFUSED: list[dict[str, Any]] = DOCUMENT["refused"]
LEGITIMATE: list[dict[str, Any]] = DOCUMENT["legitimate"]


def configuration(line: dict[str, Any]) -> Configuration:
    """Return the configuration of one line."""
    components = tuple(
        Component(
            id=tool["t"],
            senses=tuple(tool.get("s", ())),
            does=tuple(tool.get("d", ())),
            gives=tuple(tool.get("g", ())),
            settings=tuple(tool.get("c", ())),
            recipients=tuple(tool.get("r", ())),
            smallest_group=tool.get("k"),
        )
        for tool in line["tools"]
    )
    links = tuple((start, end) for start, end in line.get("l", ()))
    return Configuration(components=components, links=links, places=tuple(line.get("p", ())))


def named(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what parametrises a test over lines."""
    return {"argvalues": lines, "ids": [line["name"] for line in lines]}


def test_the_red_team_is_as_large_as_promised() -> None:
    """64 and 30, each with a name of its own."""
    assert (len(REFUSED), len(LEGITIMATE)) == (64, 30)
    assert len({line["name"] for line in (*REFUSED, *LEGITIMATE)}) == 94


@pytest.mark.parametrize("line", **named(REFUSED))
def test_a_prohibited_configuration_is_refused_with_its_article(line: dict[str, Any]) -> None:
    """Rule, article, reason, and what would be allowed instead."""
    refusals = judge(configuration(line))
    assert line["article"] in {refusal.article for refusal in refusals}, refusals
    for refusal in refusals:
        assert refusal.why.endswith(".")
        assert refusal.what_would_be_allowed
        assert set(refusal.components) <= {tool["t"] for tool in line["tools"]}


@pytest.mark.parametrize("line", **named(LEGITIMATE))
def test_a_legitimate_configuration_is_not_refused(line: dict[str, Any]) -> None:
    """However near the border it lies."""
    assert judge(configuration(line)) == ()


@pytest.mark.parametrize("line", **named([line for line in REFUSED if line.get("l")]))
def test_what_is_refused_because_of_its_wiring_is_refused_for_all_that_is_wired(line: dict[str, Any]) -> None:
    """The refusal names the whole chain, so that people see which wire to cut."""
    chains = [set(refusal.components) for refusal in judge(configuration(line)) if refusal.article == line["article"]]
    assert max(map(len, chains)) == len(line["tools"])
