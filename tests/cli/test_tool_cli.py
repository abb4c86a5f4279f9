"""`impetus tool`: what it prints, and how it leaves."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from impetus.cli import tool


def impetus(*words: str) -> Result:
    """Run the command."""
    app = typer.Typer()
    tool.register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["tool", *words])


def test_the_list_names_every_installed_tool() -> None:
    """Scripts get one JSON line, people a table."""
    listed = json.loads(impetus("list", "--json").stdout)
    assert {"urban_anomaly", "fusion"} <= {one["id"] for one in listed}
    assert "urban_anomaly" in impetus("list").stdout


def test_a_new_tool_is_written_where_asked(tmp_path: Path) -> None:
    """Every file it wrote is named, and they are there."""
    done = impetus("new", "night_watch", "--directory", str(tmp_path / "it"))
    assert done.exit_code == 0
    files = [Path(line) for line in done.stdout.splitlines() if line.startswith(str(tmp_path))]
    assert {"pyproject.toml", "manifest.toml", "detect.py", "tool.py"} <= {file.name for file in files}
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("new", "Not A Slug"), 65, "use a short lower-case slug"),
        (("new", "x", "--directory", "."), 65, "is there already"),
        (("check", "sorcery"), 65, "no tool 'sorcery' is installed"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(words: tuple[str, ...], code: int, said: str) -> None:
    """A wrong name or place leaves with the exit code of its family and one sentence."""
    done = impetus(*words)
    assert done.exit_code == code
    assert said in done.output


def test_checking_a_sound_tool_says_so() -> None:
    """The suite's verdict is the exit code."""
    done = impetus("check", "fusion")
    assert done.exit_code == 0
    assert "keeps to the rules" in done.stdout
