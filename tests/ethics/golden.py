"""Reviewed wording: what a test finds is held against a text file in `said/`, so that a reader sees every sentence whole.

A file is a list of cases; a case is a title in brackets and the lines under it. After a wanted change of wording run the
test once with `IMPETUS_GOLDEN=write`, read the difference, and commit it.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from impetus.core.errors import ImpetusError

FOLDER = Path(__file__).with_name("said")


def check_words(name: str, found: Mapping[str, str]) -> None:
    """Hold cases, title to text, against `said/NAME.txt`; the first case that differs fails the test."""
    file = FOLDER / f"{name}.txt"
    if os.environ.get("IMPETUS_GOLDEN") == "write":
        file.write_text("\n".join(f"[{title}]\n{text}\n" for title, text in found.items()), encoding="utf-8")
        pytest.fail(f"{file.name} was written: read the difference, and run again without IMPETUS_GOLDEN")
    known = read(file)
    for title, text in found.items():
        if known.get(title) != text:
            pytest.fail(f"{file.name} [{title}] says\n{known.get(title)}\n\nfound was\n{text}")
    if list(known) != list(found):
        pytest.fail(f"{file.name} has other cases: {sorted(set(known) ^ set(found))}")


def read(file: Path) -> dict[str, str]:
    """Return the cases of a file, title to text."""
    cases: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = cases.setdefault(line[1:-1], [])
        else:
            lines.append(line)
    return {title: "\n".join(lines).rstrip("\n") for title, lines in cases.items()}


def told(act: Callable[[], object]) -> str:
    """Return what somebody is told who does this: the refusal with all its parts, or what comes back."""
    try:
        returned = act()
    except ImpetusError as error:
        return refusal(error)
    return f"→ {returned!r}"


def refusal(error: ImpetusError) -> str:
    """Return a refusal as text: its kind and sentence, then each part that it has."""
    lines = [f"{type(error).__name__}: {error.detail}"]
    lines += [
        f"  {name}: {part if isinstance(part, str) else repr(part)}"
        for name in ("rule", "value", "limit", "source", "remedy")
        if (part := getattr(error, name, None)) is not None
    ]
    return "\n".join(lines)


def briefly(act: Callable[[], object], *, remedy: str) -> str:
    """Return in one line what somebody is told who does this; the value stands in the sentence, the remedy is this one."""
    try:
        act()
    except ImpetusError as error:
        is_said = repr(error.value) in error.detail or error.detail.endswith(" is missing")
        is_usual = error.remedy == remedy and is_said
        return f"{error.detail}; allowed: {error.limit}" if is_usual else refusal(error)
    return "is read"
