"""A site's tools judged together: what manifests, settings and the register say, and how tools are wired."""

import pytest

from impetus.core.manifest import Manifest, read_manifest
from impetus.core.register import SiteEntry, ToolPart
from impetus.ethics.prohibited import Component, Refusal
from impetus.ethics.prohibited_site import judge_tool, say, site_configuration

MANIFEST = """
[tool]
id = "{id}"
name = "{id}"
summary = "No face, no emotion and no plate is ever looked at."
version = "1"
[senses]
input = "{input}"
properties = {properties}
[emits]
kinds = ["anomaly"]
[ethics]
purposes = ["public_safety"]
retention = "observations"
legal_class = "none"
[limits]
[capabilities]
{can}
"""


def manifest(name: str, *, properties: str = "[]", can: str = "", input_: str = "observations") -> Manifest:
    """Return a manifest."""
    return read_manifest(MANIFEST.format(id=name, properties=properties, can=can, input=input_))


WALKER = ToolPart(id="walker", manifest=manifest("walker", properties='["frames"]', can='gives = ["track_id"]'))
CHECKER = ToolPart(id="checker", manifest=manifest("checker", can='does = ["compare", "wanted list", "watchlist"]'))


def rules(tool: str, *parts: ToolPart, entries: dict[str, SiteEntry] | None = None) -> set[str]:
    """Return the rules that refuse a tool among these parts, all switched on."""
    installed = {part.id: part for part in parts}
    return {each.rule for each in judge_tool(tool, installed, set(installed), entries or {})}


def wired(part: ToolPart, **settings: str | bool) -> ToolPart:
    """Return a part with settings."""
    return ToolPart(id=part.id, manifest=part.manifest, settings=settings)


def test_what_a_summary_denies_is_not_held_against_a_tool() -> None:
    """Prose is not read."""
    assert rules("walker", WALKER) == set()


def test_two_harmless_tools_side_by_side_are_not_refused() -> None:
    """They know nothing of each other."""
    assert rules("walker", WALKER, CHECKER) == set()
    assert rules("checker", WALKER, CHECKER) == set()


@pytest.mark.parametrize("setting", ["walker", "noise, walker", " walker "])
def test_a_setting_that_names_a_tool_wires_it_and_both_are_refused(setting: str) -> None:
    """The one that gives as well: together they are the use."""
    parts = (WALKER, wired(CHECKER, input=setting))
    assert rules("checker", *parts) == rules("walker", *parts) == {"identification in public places"}


def test_a_manifest_may_name_whose_output_it_takes_in() -> None:
    """Wiring that nobody set."""
    taking = ToolPart(
        id="checker", manifest=manifest("checker", can='does = ["watchlist"]\ntakes_from = ["walker", "nobody"]')
    )
    assert rules("checker", WALKER, taking) == {"identification in public places"}
    assert rules("checker", taking) == set()


def test_a_tool_over_findings_takes_in_every_tools_and_fusion_joins_by_place_alone() -> None:
    """Any tool could be listening; ours is held to places by the check of outputs."""
    for name, expected in (("joiner", {"identification in public places"}), ("fusion", set())):
        over = ToolPart(id=name, manifest=manifest(name, can='does = ["watchlist"]', input_="findings"))
        assert rules(name, WALKER, over) == expected


def test_the_place_in_the_register_counts() -> None:
    """The same reading of feelings is another article at a school."""
    tool = ToolPart(id="calm", manifest=manifest("calm", can='does = ["emotion"]'))
    assert rules("calm", tool) == {"emotion"}
    assert rules("calm", tool, entries={"calm": SiteEntry(place_kinds=("school entrance",))}) == {
        "emotion at work or school"
    }


def test_a_setting_that_is_off_says_nothing_and_one_that_is_on_does() -> None:
    """`emotion = false` is not a use of it."""
    part = ToolPart(id="walker", manifest=WALKER.manifest)
    assert rules("walker", wired(part, emotion=False)) == set()
    assert rules("walker", wired(part, emotion=True)) == {"emotion"}


def test_tools_that_are_off_unknown_or_unreadable_are_left_out() -> None:
    """Nothing can be said of them, and the plan does not start them."""
    broken = ToolPart(id="broken", fault="no manifest")
    made = site_configuration({"walker": WALKER, "broken": broken, "off": CHECKER}, {"walker", "broken", "gone"}, {})
    assert [component.id for component in made.components] == ["walker"]


def test_a_refusal_is_said_in_one_line_with_rule_and_article() -> None:
    """For the board; nothing for none."""
    tool = ToolPart(id="calm", manifest=manifest("calm", can='does = ["emotion"]'))
    said = say(judge_tool("calm", {"calm": tool}, {"calm"}, {}))
    assert said == "refused: emotion, GDPR, article 9(1): It infers what people feel."
    assert say(()) == ""


@pytest.mark.parametrize("can", ['does = "face"', "smallest_group = 0", "smallest_group = true", 'may = ["all"]'])
def test_a_table_of_capabilities_that_is_wrong_is_refused(can: str) -> None:
    """An unknown field might hide one."""
    from impetus.core.errors import Misconfigured

    with pytest.raises(Misconfigured):
        manifest("t", can=can)


def test_everything_anybody_says_of_a_tool_is_read() -> None:
    """Manifest, declaration, settings that are on, the register's recipients and places: each in its own place."""
    text = MANIFEST.replace(
        "[limits]",
        'fields = ["result"]\npersonal_data = ["gait"]\nmodel = "a sum"\nrecipients = ["operator"]\n[limits]',
    )
    can = 'does = ["count"]\ngives = ["level"]\nsmallest_group = 12'
    said = read_manifest(text.format(id="counter", properties='["people", "noise"]', can=can, input="observations"))
    settings = {"zone": "east", "blur": True, "keep": False, "cells": 4, "level": 0}
    part = ToolPart(id="counter", manifest=said, settings=settings)
    entry = SiteEntry(recipients=("the mayor",), place_kinds=("square",))
    [component] = site_configuration({"counter": part}, {"counter"}, {"counter": entry}).components
    assert component == Component(
        id="counter",
        senses=("noise", "people", "result", "gait"),
        does=("count", "a sum"),
        gives=("level",),
        settings=("zone", "east", "blur", "cells", "level"),
        recipients=("operator", "the mayor"),
        places=("square",),
        purposes=("public_safety",),
        smallest_group=12,
    )
    [silent] = site_configuration({"counter": part}, {"counter"}, {}).components
    assert (silent.recipients, silent.places) == (("operator",), ())


def test_wires_are_named_once_and_in_order() -> None:
    """By a manifest, by a setting with commas, by reading findings; never to itself, never to what is off."""
    b = ToolPart(id="b", manifest=manifest("b", can='takes_from = ["a", "gone"]'), settings={"from": "a,c, b", "n": 3})
    over = ToolPart(id="z", manifest=manifest("z", input_="findings", can='takes_from = ["gone"]'))
    parts = {name: ToolPart(id=name, manifest=manifest(name)) for name in ("a", "c", "off")} | {"b": b, "z": over}
    made = site_configuration(parts, {"z", "a", "b", "c", "gone"}, {})
    assert [component.id for component in made.components] == ["a", "b", "c", "z"]
    assert made.links == (("a", "b"), ("a", "z"), ("b", "z"), ("c", "b"), ("c", "z"))


def test_the_first_of_several_refusals_is_said() -> None:
    """One line for a board, not a list."""
    refusals = [
        Refusal(rule=name, article=f"article {name}", why=f"Why {name}.", what_would_be_allowed="") for name in "ab"
    ]
    assert say(refusals) == "refused: a, article a: Why a."
