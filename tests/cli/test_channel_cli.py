"""`impetus channel`: flaws by line, secrets kept and printed nowhere, channels asked whether they are there."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from impetus.adapters.chance import SystemChance
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.notices.secrets import ChannelSecrets
from impetus.cli import channel

BAD = '[channels.mail]\nkind = "smtp"\nhost = "mail.city.example"\n'


def impetus(home: Path, *words: str, stdin: str = "") -> Result:
    """Run the command on a home."""
    app = typer.Typer()
    channel.register(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["channel", *words, "--home", str(home)], input=stdin)


def test_a_flaw_is_one_line_with_file_line_and_remedy(tmp_path: Path) -> None:
    """As a compiler would say it; a script relies on the exit code."""
    (tmp_path / "channels.toml").write_text(BAD)
    done = impetus(tmp_path, "check")
    assert done.exit_code == 65
    assert done.stdout == f"{tmp_path}/channels.toml:1: mail has no from; to mend it: add from\n"
    facts = json.loads(impetus(tmp_path, "check", "--json").stdout)
    assert facts == {"channels": [], "flaws": [{"line": 1, "says": "mail has no from", "remedy": "add from"}]}


def test_no_file_means_that_nothing_goes_out_and_is_no_flaw(tmp_path: Path) -> None:
    """It is said plainly."""
    done = impetus(tmp_path, "check")
    assert done.exit_code == 0
    assert "no channel: nothing goes out" in done.stdout


def test_a_secret_is_kept_sealed_and_printed_nowhere(tmp_path: Path) -> None:
    """Read from standard input, so that it stands in no history of a shell."""
    done = impetus(tmp_path, "secret", "mail", stdin="hunter2\n")
    assert done.exit_code == 0
    assert "hunter2" not in done.output
    assert b"hunter2" not in (tmp_path / "secrets" / "mail").read_bytes()
    assert ChannelSecrets(tmp_path, FileKeys(tmp_path / "key", SystemChance())).sealed("mail") == "hunter2"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """With what would help."""
    (tmp_path / "channels.toml").write_bytes(b"\xff\xfe")
    assert impetus(tmp_path, "check").exit_code != 0


def test_each_channel_is_asked_whether_it_is_there(tmp_path: Path) -> None:
    """One that is not decides the exit code; nothing is sent to anybody."""
    text = BAD.replace("mail.city.example", "127.0.0.1") + 'from = "a@city.example"\nport = 1\nsecurity = "none"\n'
    (tmp_path / "channels.toml").write_text(text)
    done = impetus(tmp_path, "try")
    assert done.exit_code == 78
    assert "does not answer" in done.output
