"""`impetus playbook`: faults by line, and the shipped ones."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from impetus.cli import playbook
from impetus.core.errors import Malformed

GOOD = "---\ntitle: Trial\nincident_type: trial\nversion: 1\nroles: [operator]\n---\n1. [operator] Look. -> end\n"


def impetus(*words: str) -> Result:
    """Run the command."""
    app = typer.Typer()
    playbook.register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["playbook", *words])


def test_a_sound_playbook_says_so_and_leaves_with_zero(tmp_path: Path) -> None:
    """A script may rely on the exit code."""
    file = tmp_path / "good.md"
    file.write_text(GOOD, encoding="utf-8")
    done = impetus("check", str(file))
    assert done.exit_code == 0
    assert "nothing wrong found" in done.stdout


def test_each_fault_is_one_line_with_file_line_rule_and_remedy(tmp_path: Path) -> None:
    """As a compiler would say it, so that an editor can jump there; lines count from the top of the file."""
    file = tmp_path / "bad.md"
    file.write_text(GOOD.replace("-> end", "-> 4").replace("version: 1", "version: one"), encoding="utf-8")
    done = impetus("check", str(file))
    assert done.exit_code == 65
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{file}:1: version 0 [version]")
    assert lines[1].startswith(f"{file}:4: version cannot be 'one' [front]; to mend it: write a whole number")
    assert lines[2].startswith(f"{file}:7: there is no step 4 [dangling]; to mend it: ")


def test_scripts_get_every_file_in_one_line(tmp_path: Path) -> None:
    """A good and a bad one together: the bad one decides the exit code."""
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_bytes(b"\xff\xfe---")
    done = impetus("check", "--json", str(good), str(bad))
    told = json.loads(done.stdout)
    assert done.exit_code == 65
    assert told[str(good)] == []
    assert told[str(bad)][0]["line"] == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Exit code of their fault, one sentence."""
    done = impetus("check", str(tmp_path / "none.md"))
    assert done.exit_code == 65
    assert "there is no file" in done.output


def test_the_shipped_ones_are_listed_with_their_types() -> None:
    """A dozen, as a table and as JSON."""
    told = json.loads(impetus("list", "--json").stdout)
    assert len(told) == 12
    assert {"firearm_seen", "missing_child"} <= {one["incident_type"] for one in told}
    assert "firearm_seen" in impetus("list").stdout


def test_a_playbook_goes_out_as_cacao_and_comes_back_as_it_was(tmp_path: Path) -> None:
    """What one city exports another imports, and finds nothing wrong with."""
    ours, cacao, theirs = tmp_path / "ours.md", tmp_path / "it.json", tmp_path / "theirs.md"
    ours.write_text(GOOD, encoding="utf-8")
    cacao.write_text(impetus("export", str(ours)).stdout, encoding="utf-8")
    theirs.write_text(impetus("import", str(cacao)).stdout, encoding="utf-8")
    assert theirs.read_text(encoding="utf-8").splitlines()[-1] == "1. [operator] Look. -> end"
    assert impetus("check", str(theirs)).exit_code == 0


def test_one_with_faults_is_drawn_but_not_exported(tmp_path: Path) -> None:
    """An author looks at it while writing; nobody else gets it."""
    file = tmp_path / "bad.md"
    file.write_text(GOOD.replace("-> end", "-> 4"), encoding="utf-8")
    assert impetus("draw", str(file)).stdout.startswith("<svg")
    refused = impetus("export", str(file))
    assert isinstance(refused.exception, Malformed)
    assert refused.exception.value == str(file)


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"type": "playbook"}'])
def test_what_is_no_cacao_is_refused(text: str, tmp_path: Path) -> None:
    """With a sentence, not a trace."""
    file = tmp_path / "it.json"
    file.write_text(text, encoding="utf-8")
    assert isinstance(impetus("import", str(file)).exception, Malformed)
