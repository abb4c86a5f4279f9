"""A person at the console, in this process: words in, exit code and both outputs back."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from impetus.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:
        """Return the line of JSON on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Types commands in one folder; `home` is added where a command works on an installation."""

    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    home: Path

    def type(self, *words: str) -> Said:
        """Run `impetus` with these words, as the installed program does."""
        self.monkeypatch.setattr(sys, "argv", ["impetus", *words])
        self.capture.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = self.capture.readouterr()
        return Said(code=int(end.value.code or 0), out=out, err=err)

    def at_home(self, *words: str) -> Said:
        """Run `impetus` with these words on the home."""
        return self.type(*words, "--home", str(self.home))
