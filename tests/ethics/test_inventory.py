"""The platform's own entries: each thing that lives in an installation belongs to exactly one."""

import pytest

from ethics.papers import FOLDER
from impetus.core.access import Purpose
from impetus.core.errors import Misconfigured
from impetus.ethics.inventory import hold_against, read_platform, unused

TEXT = (FOLDER / "platform.toml").read_text(encoding="utf-8")
ENTRIES = read_platform(TEXT)


def test_what_is_declared_is_found() -> None:
    """A table, a topic, a file with what a database lays beside it, a class of the platform and one of a tool."""
    live = {
        "tables": ["alerts", "accounts"],
        "topics": ["observations"],
        "files": ["state.sqlite3", "state.sqlite3-wal", "state.sqlite3-turn", "key"],
        "classes": ["observations", "counts"],
    }
    assert hold_against(ENTRIES, live, ["counts"]) == ()


@pytest.mark.parametrize("kind", ["tables", "topics", "files", "classes"])
def test_what_nobody_declared_is_named(kind: str) -> None:
    """A planted one of each kind."""
    assert hold_against(ENTRIES, {kind: ["watch_list"]}) == (f"{kind}: watch_list",)


def test_a_name_of_one_kind_does_not_cover_another() -> None:
    """A topic called like a table is not declared by it."""
    assert hold_against(ENTRIES, {"topics": ["accounts"]}) == ("topics: accounts",)


def test_a_declared_table_that_does_not_exist_is_named() -> None:
    """A register that describes what is not there is wrong too."""
    tables = [name for entry in ENTRIES for name in entry.holds["tables"]]
    assert unused(ENTRIES, tables) == ()
    assert unused(ENTRIES, tables[1:]) == (tables[0],)


def test_every_purpose_is_one_of_the_purposes() -> None:
    """The same words as for access."""
    assert {entry.purpose for entry in ENTRIES} <= set(Purpose)


WRONG = {
    "a name twice": TEXT.replace('topics = ["log"]', 'topics = ["log", "findings"]'),
    "a key nobody knows": TEXT.replace('id = "log"', 'id = "log"\nsecret = true'),
    "a word missing": TEXT.replace('title = "This register"\n', ""),
    "a list that is a text": TEXT.replace('topics = ["log"]', 'topics = "log"'),
    "no entries": "",
    "no TOML": "[[entry",
}


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_file_is_refused(why: str) -> None:
    """With what is wrong."""
    assert WRONG[why] != TEXT
    with pytest.raises(Misconfigured):
        read_platform(WRONG[why])
