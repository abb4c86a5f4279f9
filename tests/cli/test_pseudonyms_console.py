"""`impetus pseudonyms` over a real home: shares once on the screen, days in files, a prompt that shows nothing."""

import json
from pathlib import Path

from typer.testing import CliRunner

from impetus.cli import build
from impetus.settings import Settings
from impetus.wiring import open_desk

RUN = CliRunner()


def an_installation(folder: Path) -> Path:
    """Make an empty installation and return its home."""
    open_desk(Settings(home=folder / "home")).store.close()
    return folder / "home"


def run(*words: str, given: str = "") -> str:
    """Run a command and return what it printed."""
    done = RUN.invoke(build(["pseudonyms"]), ["pseudonyms", *words], input=given)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_from_set_up_to_more_days(tmp_path: Path) -> None:
    """Three lines are printed once; two of them, typed in, make more days; no file holds a share."""
    home = str(an_installation(tmp_path))
    made = json.loads(run("setup", "--home", home, "--days", "3", "--json"))
    assert len(made["shares"]) == 3
    said = run("days", "--home", home, "--days", "2", "--json", given=f"{made['shares'][0]}\n{made['shares'][2]}\n")
    assert made["shares"][0] not in said
    assert json.loads(said.splitlines()[-1])["days"] == 5
    assert json.loads(run("status", "--home", home, "--json"))["days"] == 5
    files = [file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert not any(share.split("-")[5].encode() in body for share in made["shares"] for body in files)


def test_without_json_a_person_can_read_it(tmp_path: Path) -> None:
    """Each custodian has a line; status says from when to when."""
    home = str(an_installation(tmp_path))
    said = run("setup", "--home", home, "--days", "2")
    assert "custodian 1" in said
    assert "custodian 3" in said
    assert "last day" in run("status", "--home", home)
