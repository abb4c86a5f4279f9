"""`impetus source`: declare, list, give a token, on an installation's home."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from impetus.cli import source
from impetus.core.errors import Malformed, Unknown
from impetus.desk import tokens
from impetus.settings import read_settings
from impetus.wiring import open_desk
from ingest_samples import declaration


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of an installation."""
    (tmp_path / "impetus.toml").write_text('site = "Test"\n')
    (tmp_path / "square.toml").write_text(declaration("square", 2))
    return tmp_path


def run(home: Path, *words: str) -> Result:
    """Run a command on the home."""
    app = Typer()
    source.register(app)
    return CliRunner().invoke(app, ["source", *words, "--home", str(home)])


def test_a_source_is_declared_listed_and_given_a_token(home: Path) -> None:
    """What the integrator does in the first five minutes."""
    declared = json.loads(run(home, "declare", str(home / "square.toml"), "--json").stdout)
    assert declared["datastreams"] == {"square/t1/temperature": 1, "square/t2/temperature": 2}
    (listed,) = json.loads(run(home, "list", "--json").stdout)
    assert (listed["source"], listed["datastreams"], listed["seen_at"]) == ("square", 2, None)
    secret = json.loads(run(home, "token", "square", "--json").stdout)["token"]
    desk = open_desk(read_settings(home))
    actor = tokens.who(desk, secret)
    desk.store.close()
    assert (actor.source, actor.operations) == ("square", frozenset({"observations.write"}))


def test_people_get_tables(home: Path) -> None:
    """The same facts, to be read."""
    assert "square/t1/temperature" in run(home, "declare", str(home / "square.toml")).stdout
    assert "never" in run(home, "list").stdout
    assert "imp_" in run(home, "token", "square", "--may-declare").stdout


def test_what_is_wrong_is_said(home: Path) -> None:
    """No such file, no such source, no such installation."""
    assert isinstance(run(home, "declare", "absent.toml").exception, Malformed)
    assert isinstance(run(home, "token", "nobody").exception, Unknown)
    assert isinstance(run(home / "elsewhere", "list").exception, Unknown)
