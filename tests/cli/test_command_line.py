"""The command line: help that reads well and is quick, errors that are one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from impetus.cli import COMMANDS, build
from impetus.cli.bench import flat, names
from impetus.cli.say import error_line
from impetus.core.errors import Misconfigured

PRESENT = [name for name in COMMANDS if (Path("src/impetus/cli") / f"{COMMANDS[name].module}.py").exists()]


def _impetus(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "impetus", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "TERM": "dumb"},
    )


def test_help_names_every_command_with_what_it_does() -> None:
    """One screen tells what there is."""
    said = _impetus("--help")
    assert said.returncode == 0
    for name, command in COMMANDS.items():
        assert name in said.stdout
        assert command.help in said.stdout


def test_help_loads_nothing_heavy() -> None:
    """Asking what there is must not cost what using it costs."""
    program = (
        "import sys; from impetus.cli import build; build([]); "
        "print([name for name in ('numpy', 'pyarrow', 'sqlalchemy', 'fastapi') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PRESENT)
def test_the_line_in_the_overview_is_the_first_line_of_the_commands_own_help(name: str) -> None:
    """The overview does not promise something else."""
    said = CliRunner().invoke(build([name]), [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert said.exit_code == 0
    assert COMMANDS[name].help.removesuffix(".") in said.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["account", "list", "--home", "nowhere"], 65, "there is no installation in nowhere"),
        (["bench", "luck"], 65, "no measurement 'luck'"),
        (["serve", "--host", "0.0.0.0", "--home", "h"], 77, "--behind-tls"),  # noqa: S104 - what is refused
        (["serve", "--port", "70000", "--home", "h"], 78, "1..65535"),
        (["token", "issue", "x", "alerts.sing", "--home", "there"], 65, "alerts.sing"),
        (["token", "issue", "x", "decisions.write", "--home", "there"], 77, "a person"),
        (["account", "add", "ida", "--language", "xx", "--home", "there"], 65, "en, nb, it"),
        (["account", "reset", "ghost", "--home", "there"], 65, "ghost"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    """What, against which limit, what helps; never a trace."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "impetus.toml").write_text('site = "There"\n')
    answer = _impetus(*words, cwd=tmp_path)
    assert answer.returncode == code
    assert said in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert answer.stdout == ""


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    """The line names the address and the way out."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = _impetus("serve", "--home", str(tmp_path / "home"), "--port", str(taken.getsockname()[1]))
    assert answer.returncode == 78
    assert "choose another --port" in answer.stderr
    assert not (tmp_path / "home" / "log").exists()


def test_an_unknown_command_gets_a_suggestion() -> None:
    """A slip of the finger is answered with what was meant."""
    answer = _impetus("evaluat")
    assert answer.returncode == 2
    assert "evaluate" in answer.stderr


def test_accounts_and_tokens_are_worked_on_in_the_home(tmp_path: Path) -> None:
    """Add, list, reset; issue, list, revoke: secrets are shown once and listed never."""
    home = ["--home", str(tmp_path)]
    (tmp_path / "impetus.toml").write_text('site = "Here"\n')
    made = json.loads(_impetus("account", "add", "ida", "--role", "supervisor", "--json", *home).stdout)
    again = json.loads(_impetus("account", "reset", "ida", "--json", *home).stdout)
    people = json.loads(_impetus("account", "list", "--json", *home).stdout)
    issued = json.loads(_impetus("token", "issue", "wall", "alerts.read", "--json", *home).stdout)
    assert made["user"] == again["user"] == "ida"
    assert made["password"] != again["password"]
    assert people == [{"name": "ida", "role": "supervisor", "state": "must change password", "second factor": "no"}]
    assert _impetus("token", "revoke", issued["id"], *home).returncode == 0
    listed = _impetus("token", "list", "--json", *home).stdout
    assert json.loads(listed)[0]["state"] == "revoked"
    assert issued["token"] not in listed


def test_an_error_line_carries_detail_limit_and_remedy() -> None:
    """Line breaks inside an error do not break the line."""
    line = error_line(Misconfigured("port is\n0", limit="1..65535", remedy="choose one"))
    assert line == "port is 0 (allowed: 1..65535). To mend it: choose one"


def test_measurements_are_found_without_importing_them() -> None:
    """Whatever module of the bench package has a function `run`; the tools they share is none."""
    assert "start" in names()
    assert "installation" not in names()


def test_figures_are_shown_flat() -> None:
    """Nested figures become dotted names."""
    assert flat({"a": 1, "b": {"c": 2.5, "d": {"e": "x"}}}) == {"a": 1, "b.c": 2.5, "b.d.e": "x"}
