"""Whatever lives in an installation is declared in the register: a walk over a live one, and things planted in it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from impetus.adapters.sql.schema import METADATA
from impetus.core.actor import console
from impetus.core.errors import ImpetusError
from impetus.demo.exercise_register import make_exercise
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.ethics.inventory import hold_against, read_platform, unused
from impetus.run.heartbeat import Heart
from impetus.run.keeper import Keeper
from impetus.settings import Settings, read_settings
from impetus.wiring import open_desk
from laws.tree import SRC

ENTRIES = read_platform((SRC / "ethics/frameworks/platform.toml").read_text(encoding="utf-8"))
SOURCE = {
    "source": {"id": "quay", "simulated": True},
    "things": [{"key": "a", "datastreams": [{"property": "noise", "unit": "dB"}]}],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of an exercise."""
    (tmp_path / "impetus.toml").write_text("exercise = true\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """Return the desk of a home in which something happened: a register, a source, a keeper's turn."""
    settings: Settings = read_settings(home)
    made = open_desk(settings)
    make_exercise(made, console())
    declare(made, console(), read_document(SOURCE))
    Keeper(made, settings, Heart()).turn()
    yield made
    made.store.close()


def walk(home: Path, desk: Desk) -> dict[str, list[str]]:
    """Return every name that lives in an installation now."""
    with sqlite3.connect(home / "state.sqlite3") as state:
        tables = [row[0] for row in state.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        "tables": [name for name in tables if not name.startswith("sqlite_")],
        "topics": [folder.name for folder in (home / "bus").iterdir() if folder.is_dir() and folder.name != "wake"],
        "files": [item.name for item in home.iterdir()],
        "classes": [retention for retention, _, _ in desk.history.days()],
    }


def test_everything_in_a_live_installation_is_declared(home: Path, desk: Desk) -> None:
    """Tables, topics, files and classes, each under one entry."""
    classes = [part.manifest.retention for part in desk.configuration.read().installed.values() if part.manifest]
    assert hold_against(ENTRIES, walk(home, desk), classes) == ()


def test_what_is_declared_exists() -> None:
    """No entry describes a table that is not there."""
    assert unused(ENTRIES, [*METADATA.tables, "alembic_version"]) == ()


def test_a_table_planted_in_the_state_is_found(home: Path, desk: Desk) -> None:
    """Somebody's list of faces does not hide."""
    with sqlite3.connect(home / "state.sqlite3") as state:
        state.execute("CREATE TABLE faces (who TEXT)")
    assert "tables: faces" in hold_against(ENTRIES, walk(home, desk), ["observations"])


def test_a_topic_and_a_file_planted_in_the_home_are_found(home: Path, desk: Desk) -> None:
    """Neither does a topic of somebody's own."""
    desk.bus.publish("plates", [b"AB 12345"])
    (home / "export.csv").write_text("who,when\n", encoding="utf-8")
    found = hold_against(ENTRIES, walk(home, desk), ["observations"])
    assert {"topics: plates", "files: export.csv"} <= set(found)


@pytest.mark.parametrize("planted", [{"colour": "red"}, {"things": [{"key": "a", "faces": 1, "datastreams": []}]}])
def test_a_field_nobody_declared_is_refused_where_data_comes_in(desk: Desk, planted: dict[str, object]) -> None:
    """Before anything of it is kept."""
    with pytest.raises(ImpetusError):
        declare(desk, console(), read_document({**SOURCE, **planted}))
