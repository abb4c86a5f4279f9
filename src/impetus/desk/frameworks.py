"""The frameworks that ship with the program, read once a process."""

from functools import cache
from importlib.resources import files

from impetus.ethics.framework import FILES, Frameworks, read_frameworks


@cache
def frameworks() -> Frameworks:
    """Return questions, claims, risk tables, rows and duties; about 10 ms the first time."""
    folder = files("impetus.ethics") / "frameworks"
    return read_frameworks({name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in FILES})
