"""The city's register file, a tool's answers and the platform's own entries: each key said wrongly, and what is told."""

from datetime import date
from typing import Any

import pytest

from ethics.breaking import broken, document
from ethics.golden import briefly, check_words, told
from ethics.papers import KEY, MANIFEST, part_of
from impetus.core.register import ToolPart
from impetus.ethics.inventory import hold_against, read_platform, unused
from impetus.ethics.site_register import (
    MOST_OFFICERS,
    officer_block,
    read_site_register,
    read_tool_answers,
    skeleton,
    write_site_register,
)

REGISTER: dict[str, Any] = {
    "controller": {"name": "Testby", "contact": "post@testby.example", "dpo": "Kari", "dpo_contact": "kari@x.example"},
    "officer": [{"name": "kari", "office": "DPO", "public_key": KEY.upper(), "exercise": True}],
    "tool": {
        "counter": {
            "regime": "led",
            "legal_basis": "the police  act",
            "purpose": "planning",
            "recipients": ["operator", "the  mayor"],
            "retention": "observations",
            "place_kinds": ["square"],
            "covers": ["square", "quay"],
            "ends": date(2027, 11, 22),
            "review": date(2027, 5, 22),
        }
    },
}
PLATFORM: dict[str, Any] = {
    "entry": [
        {
            "id": "alerts",
            "title": "Alerts",
            "purpose": "to act on them",
            "subjects": "none",
            "legal_basis": "the municipal act",
            "kept": "180 days",
            "tables": ["alerts", "notes"],
            "topics": ["findings"],
            "files": ["state.sqlite3"],
            "classes": ["alerts"],
        },
        {
            "id": "log",
            "title": "Log",
            "purpose": "proof",
            "subjects": "staff",
            "legal_basis": "law",
            "kept": "ten years",
        },
    ]
}


def test_what_is_said_of_each_key_of_the_register_that_is_wrong() -> None:
    """Table, key, value, and what it may be."""
    found: dict[str, list[str]] = {}
    for words, wrong, tables in broken(REGISTER):
        text = document(tables)
        told_so = briefly(
            lambda text=text: read_site_register(text), remedy="mend register.toml; see docs/reference/register.md"
        )
        found.setdefault(words, []).append(f"{wrong}: {told_so}")
    check_words("register_broken", {words: "\n".join(each) for words, each in found.items()})


def test_what_the_register_file_says_wrongly_as_a_whole() -> None:
    """No TOML, names twice, too many officers, a key too short, a name no tool has."""
    officer = REGISTER["officer"][0]
    many = [{**officer, "name": f"officer {number}"} for number in range(MOST_OFFICERS + 1)]
    found = {
        "two officers of one name": told(
            lambda: read_site_register(document({"officer": [officer, {**officer, "name": "KARI"}]}))
        ),
        "a key of 63 digits": told(
            lambda: read_site_register(document({"officer": [{**officer, "public_key": KEY[1:]}]}))
        ),
        "a key of 64 letters": told(
            lambda: read_site_register(document({"officer": [{**officer, "public_key": "g" * 64}]}))
        ),
        "a tool in capitals": told(lambda: read_site_register(document({"tool": {"Counter": {}}}))),
        "a long value": told(lambda: read_site_register(document({"controller": {"name": ["x" * 200]}}))),
        "two unknown tables": told(lambda: read_site_register("[who]\n[what]")),
        "an answer that is a number": told(lambda: read_tool_answers("[answers]\nwhy = 3")),
        "answers in a list": told(lambda: read_tool_answers("answers = [3]")),
        "another table beside the answers": told(lambda: read_tool_answers("[answers]\n[questions]")),
    }
    check_words("register_whole", found)
    assert len(read_site_register(document({"officer": many[:-1]})).officers) == MOST_OFFICERS
    assert "at most 100 tables [[officer]]" in told(lambda: read_site_register(document({"officer": many})))
    cut_off = told(lambda: read_site_register("[controller"))
    assert cut_off.startswith("Misconfigured: register: the register file is \"not TOML: Expected ']'")
    assert "  limit: TOML 1.0\n" in cut_off
    cut_off = told(lambda: read_tool_answers("[answers"))
    assert cut_off.startswith("Misconfigured: register: the tool's assessment is \"not TOML: Expected ']'")
    assert "  limit: TOML 1.0\n" in cut_off


def test_what_is_written_into_a_register_file() -> None:
    """The whole text, as a person opens it; and an empty one to be filled in."""
    read = read_site_register(document(REGISTER))
    plain = part_of(MANIFEST.replace('gdpr = "article 6(1)(e)"', 'led = "article 8"\ngdpr = "article 6(1)(e)"'))
    found = {
        "written": write_site_register(read),
        "nothing said": write_site_register(read_site_register("")),
        "an officer": officer_block(read.officers[0]),
        "to be filled in": skeleton([ToolPart(id="broken", fault="no manifest"), plain]),
        "to be filled in without tools": skeleton([]),
        "an odd name": officer_block(
            read_site_register(f'[[officer]]\nname = "K\\"\\u007f"\npublic_key = "{KEY}"').officers[0]
        ),
    }
    check_words(
        "register_written",
        {title: "\n".join(f"| {line}" for line in text.splitlines()) for title, text in found.items()},
    )


def test_what_is_said_of_each_key_of_the_platforms_entries_that_is_wrong() -> None:
    """Which entry, which word, and which words there are."""
    found: dict[str, list[str]] = {}
    for words, wrong, tables in broken(PLATFORM):
        refused = told(lambda tables=tables: read_platform(document(tables)) and "it is read")
        found.setdefault(words, []).append(f"{wrong}: {refused.partition(chr(10))[0]}")
    check_words("platform_broken", {words: "\n".join(each) for words, each in found.items()})


def test_the_platforms_entries_as_a_whole() -> None:
    """No TOML, no entry, a name twice, an unknown key."""
    one, other = PLATFORM["entry"]
    found = {
        "a file without entries": told(lambda: read_platform("")),
        "an unknown key": told(lambda: read_platform(document({"entry": [{**one, "why": "so", "how": "so"}]}))),
        "an entry as it is read": told(lambda: read_platform(document({"entry": [one]}))),
        "an entry that holds nothing": told(lambda: read_platform(document({"entry": [other]}))),
        **{
            f"{kind} twice": told(
                lambda kind=kind: read_platform(document({"entry": [one, {**other, kind: one[kind]}]}))
            )
            for kind in ("tables", "topics", "files", "classes")
        },
    }
    check_words("platform_whole", found)
    assert told(lambda: read_platform("[[entry")).startswith(
        "Misconfigured: platform register, file: not TOML: Expected"
    )


def test_an_installation_is_held_against_what_is_declared() -> None:
    """What lives and is not declared is named with its kind, sorted; what a database lays beside its file belongs to it."""
    entries = read_platform(document(PLATFORM))
    ends = ("-wal", "-shm", "-journal", "-queue", "-turn")
    assert hold_against(entries, {"files": [f"state.sqlite3{end}" for end in ends]}) == ()
    assert hold_against(entries, {"files": ["other.sqlite3-wal"]}) == ("files: other.sqlite3",)
    assert hold_against(entries, {"tables": ["alerts-wal"]}) == ("tables: alerts-wal",)
    assert hold_against(entries, {"tables": ["z", "a", "notes"], "classes": ["c", "alerts", "counts"]}, ["counts"]) == (
        "classes: c",
        "tables: a",
        "tables: z",
    )
    assert hold_against(entries, {"tables": ["counts"]}, ["counts"]) == ("tables: counts",)
    assert unused(entries, ["notes"]) == ("alerts",)
    assert unused(entries, []) == ("alerts", "notes")


@pytest.mark.parametrize("kind", ["tables", "topics", "files", "classes"])
def test_names_of_a_kind_are_a_list_of_texts(kind: str) -> None:
    """A text in place of a list is not taken letter by letter."""
    one = PLATFORM["entry"][0]
    for wrong in ("alerts", [3]):
        assert f"{kind} is {wrong!r}" in told(
            lambda wrong=wrong: read_platform(document({"entry": [{**one, kind: wrong}]}))
        )
