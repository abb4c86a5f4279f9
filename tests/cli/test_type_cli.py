"""`impetus type`: faults by line, and the shipped ones."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from impetus.adapters.process_texts import ProcessFiles
from impetus.cli import incident_type


def said(*words: str) -> Result:
    """Return what the command says to these words."""
    app = typer.Typer()
    app.callback()(lambda: None)
    incident_type.register(app)
    return CliRunner().invoke(app, ["type", *words])


def test_each_shipped_type_says_so_and_leaves_with_zero(tmp_path: Path) -> None:
    """All twelve, by one call."""
    texts = ProcessFiles()
    files = []
    for slug in texts.shipped_slugs("type"):
        file = tmp_path / f"{slug}.yaml"
        file.write_text(texts.shipped("type", slug) or "", encoding="utf-8")
        files.append(str(file))
    done = said("check", *files)
    assert done.exit_code == 0
    assert done.stdout.count("nothing wrong found") == 12


def test_a_broken_type_says_line_rule_and_remedy_and_leaves_with_65(tmp_path: Path) -> None:
    """The line is that of the file, as editors and build machines read it."""
    file = tmp_path / "odd.yaml"
    file.write_text(
        "type: odd\ntitle: Odd\nicon: skull\nshape: circle\ncolour: minor\nsound: none\npriority: low\n",
        encoding="utf-8",
    )
    done = said("check", str(file))
    assert done.exit_code == 65
    assert f"{file}:3: icon cannot be 'skull' [icon]; to mend it: choose from air" in done.stdout
    found = json.loads(said("check", "--json", str(file)).stdout)
    assert [(one["line"], one["rule"]) for one in found[str(file)]] == [(3, "icon")]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Nothing is checked, and the code is that of something unknown."""
    assert said("check", str(tmp_path / "gone.yaml")).exit_code == 65


def test_the_list_names_every_shipped_type_and_its_playbook() -> None:
    """As a table, and as JSON for programs."""
    assert " ".join(said("list").stdout.split()).count("when opened") == 7
    found = json.loads(said("list", "--json").stdout)
    assert len(found) == 12
    assert {one["playbook"] for one in found} == {one["type"] for one in found}
