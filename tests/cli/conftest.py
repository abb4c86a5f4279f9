"""A console on the home of a new installation."""

from pathlib import Path

import pytest

from cli.console import Console
from impetus.testing.passwords import FastPasswords


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """Give a console wide enough for one-line errors, and a home that was never started, whose hashes are quick."""
    for name, value in {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    home.mkdir()
    (home / "impetus.toml").write_text('site = "Trial"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("impetus.adapters.passwords.ArgonPasswords", FastPasswords)
    return Console(monkeypatch=monkeypatch, capture=capsys, home=home)
