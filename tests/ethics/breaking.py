"""Files broken in one place: every key left out, of another kind, unknown; for parsers that have to say what is wrong."""

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

WRONG: Mapping[str, object] = {"number": 7, "list": [7], "text": "x", "empty": "", "flag": True}
"""What a key is set to in turn, by the words of the case."""


def toml(value: object) -> str:
    """Return a value in TOML, tables in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def document(tables: Mapping[str, object]) -> str:
    """Return a TOML document with these keys at its top."""
    return "\n".join(f"{key} = {toml(value)}" for key, value in tables.items())


def broken(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every way to break a document in one place: the key, what is wrong with it, the document."""
    for path in paths(tables):
        words = " ".join(str(step) for step in path)
        for name, value in WRONG.items():
            yield words, name, _changed(tables, path, value)
        yield words, "left out", _changed(tables, path, None)
        if isinstance(_at(tables, path), dict):
            yield words, "unknown key", _changed(tables, (*path, "unheard_of"), "x")


def paths(value: object) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside tables and lists of tables."""
    steps: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        steps = [place for place, each in enumerate(value) if isinstance(each, dict)]
    for step in steps:
        yield (step,)
        yield from ((step, *rest) for rest in paths(value[step]))  # type: ignore[index]  # a table or a list, see above


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _changed(tables: Mapping[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """Return a copy in which one thing is something else; None leaves it out."""
    made = copy.deepcopy(dict(tables))
    holder = _at(made, path[:-1])
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made
