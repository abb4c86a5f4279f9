"""What a file of a framework may say, key by key, and what its author is told when it says something else."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ethics.breaking import broken, document
from ethics.golden import briefly, check_words, told
from impetus.core.errors import Misconfigured
from impetus.ethics.framework import FILES, read_frameworks

ABOUT = {"id": "f", "title": "A framework", "source": "a law", "checked_on": date(2026, 11, 22)}
WHOLE: dict[str, dict[str, Any]] = {
    "questions": {
        "section": [
            {
                "id": "s",
                "title": "A section",
                "intro": "What it is about.",
                "question": [
                    {
                        "id": "s.full",
                        "asks": "Which?",
                        "help": "Choose.",
                        "law": "article 1",
                        "by": "tool",
                        "kind": "level",
                        "choices": ["one", "two"],
                        "scope": "site",
                        "mandatory": False,
                        "example": "one",
                        "claims": ["probed"],
                    },
                    {"id": "s.short", "asks": "What?", "help": "Say.", "law": "article 2", "example": "so"},
                ],
            }
        ]
    },
    "wp248": {
        "framework": {**ABOUT, "enough": 2},
        "trigger": [{"id": "t.1", "asks": "Scored?", "example": "no"}],
    },
    "enisa": {
        "framework": ABOUT,
        "area": [{"id": "a", "title": "Network", "questions": ["Open?", "Old?"], "examples": ["no", "yes"]}],
        "score": {"medium_from": 1, "high_from": 2, "probability_medium_from": 3, "probability_high_from": 4},
        "risk": {
            "low": {"low": "low", "medium": "low", "high": "medium", "very high": "high"},
            "medium": {"low": "low", "medium": "medium", "high": "high", "very high": "very high"},
            "high": {"low": "medium", "medium": "high", "high": "very high", "very high": "very high"},
        },
        "measure": [{"id": "m.1", "title": "A measure", "from_level": "high", "claims": ["stated"]}],
    },
    "altai": {"framework": {**ABOUT, "id": "altai"}, "row": [{"id": "r.1", "title": "A row", "claims": ["probed"]}]},
    "claims": {
        "claim": [
            {"id": "probed", "says": "It is so.", "source": "article 3", "probe": "look"},
            {
                "id": "stated",
                "says": "We do it.",
                "source": "article 4",
                "statement_days": 365,
                "scope": "site",
                "needed": True,
            },
        ]
    },
    "iso_maps": {"framework": {**ABOUT, "id": "iso"}, "row": [{"id": "i.1", "title": "A control", "claims": []}]},
    "duties": {
        "duty": [
            {
                "id": "d.1",
                "law": "an act",
                "duty": "Register it",
                "applies_from": date(2026, 8, 2),
                "source": "article 5",
                "checked_on": date(2026, 11, 22),
                "claims": ["stated"],
            }
        ]
    },
}


def texts(**changed: dict[str, Any]) -> dict[str, str]:
    """Return the files, some of them with other content."""
    return {name: document(changed.get(name, tables)) for name, tables in WHOLE.items()}


def lines(value: object, depth: int = 0) -> Iterator[str]:
    """Yield a read framework field by field."""
    if isinstance(value, tuple) and value and hasattr(value[0], "__slots__"):
        for each in value:
            yield from lines(each, depth)
    elif hasattr(value, "__slots__") and type(value).__module__.startswith("impetus.ethics.framework"):
        yield f"{'  ' * depth}{type(value).__name__}"
        for name in value.__slots__:
            part = getattr(value, name)
            inner = list(lines(part, depth + 2)) if not isinstance(part, str) else []
            yield f"{'  ' * (depth + 1)}{name}{'' if inner else f': {part!r}'}"
            yield from inner


def test_a_file_with_every_key_is_read_field_by_field() -> None:
    """What is given stands, what is not given is its default: the whole of it is in the file beside."""
    made = read_frameworks(texts())
    found = {name: "\n".join(lines(getattr(made, name))) or repr(getattr(made, name)) for name in made.__slots__}
    found["claims"] = "\n".join("\n".join(lines(claim)) for claim in made.claims.values())
    found["questions in order"] = ", ".join(question.id for question in made.questions())
    check_words("framework_read", found)


@pytest.mark.parametrize("name", FILES)
def test_what_is_said_of_each_key_that_is_wrong(name: str) -> None:
    """Each key in turn left out, of another kind, or unknown: file, item, key, value and what it may be."""
    found: dict[str, list[str]] = {}
    for words, wrong, tables in broken(WHOLE[name]):
        made = texts(**{name: tables})
        told_so = briefly(lambda made=made: read_frameworks(made), remedy="mend the file under ethics/frameworks")
        found.setdefault(words, []).append(f"{wrong}: {told_so}")
    check_words(f"framework_{name}_broken", {words: "\n".join(each) for words, each in found.items()})


def test_a_file_that_is_missing_or_no_toml_is_named() -> None:
    """The parser's own words say where."""
    found = {f"{name} is empty": told(lambda name=name: read_frameworks({**texts(), name: ""})) for name in FILES}
    found["no files at all"] = told(lambda: read_frameworks({}))
    check_words("framework_no_toml", found)
    for name in FILES:
        with pytest.raises(Misconfigured, match=rf"^frameworks: {name}\.toml is .*Expected") as told_so:
            read_frameworks({**texts(), name: "[framework"})
        assert told_so.value.limit == "TOML 1.0"


def test_what_holds_between_files_is_checked_too() -> None:
    """Claims are declared, ids are given once, an area has an example for each question, a claim has one backing."""
    unknown, twice, short, both = (copy.deepcopy(WHOLE[name]) for name in ("altai", "iso_maps", "enisa", "claims"))
    unknown["row"][0]["claims"] = ["unheard-of"]
    twice["row"] += [{"id": "r.1", "title": "Again", "claims": []}, {"id": "d.1", "title": "Again", "claims": []}]
    short["area"][0]["examples"] = ["no"]
    both["claim"][0]["statement_days"] = 3
    long = copy.deepcopy(WHOLE["duties"])
    long["duty"][0]["source"] = ["x" * 200]
    found = {
        "a claim nobody declared": told(lambda: read_frameworks(texts(altai=unknown))),
        "two ids given twice": told(lambda: read_frameworks(texts(iso_maps=twice))),
        "an example too few": told(lambda: read_frameworks(texts(enisa=short))),
        "a probe and days": told(lambda: read_frameworks(texts(claims=both))),
        "a long value is cut": told(lambda: read_frameworks(texts(duties=long))),
    }
    check_words("framework_between_files", found)


@pytest.mark.parametrize("days", [0, -1])
def test_a_statement_that_is_good_for_no_day_is_refused(days: int) -> None:
    """One day is the least."""
    tables = copy.deepcopy(WHOLE["claims"])
    tables["claim"][1]["statement_days"] = days
    with pytest.raises(Misconfigured, match=f"claim stated.statement_days is '{days}'"):
        read_frameworks(texts(claims=tables))
    tables["claim"][1]["statement_days"] = 1
    assert read_frameworks(texts(claims=tables)).claims["stated"].valid_for
