"""Playbook files: YAML front matter between two lines of `---`, then the steps.

Read with PyYAML's safe loader behind bounds: no tags, no aliases (a few bytes of them unfold into gigabytes), plain values.
"""

from collections.abc import Mapping

import yaml

from impetus.core.playbook_document import Document, Flaw

MAX_BYTES = 256 * 1024
"""Longest playbook file; the longest shipped one has 6 KiB. House rule."""
MAX_FRONT_LINES = 60
MOST_BRACKETS = 200
"""Most `[` and `{` of one text: PyYAML takes time with the square of those open, 3,000 took four seconds. House rule."""
KNOWN = ("title", "incident_type", "version", "roles", "summary", "sources")


def read_document(text: str) -> Document:
    """Return the parts of a playbook file; never raises for a text: what is wrong is in `flaws`."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return _broken("the file is too long", f"at most {MAX_BYTES // 1024} KiB")
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return _broken("the first line is not ---", "begin with the front matter")
    closing = next((place for place, line in enumerate(lines[1:MAX_FRONT_LINES], start=1) if line.strip() == "---"), 0)
    if not closing:
        return _broken(f"the front matter does not end within {MAX_FRONT_LINES} lines", "end it with ---")
    values, flaws = _front("\n".join(lines[1:closing]))
    return Document(values=values, body="\n".join(lines[closing + 1 :]), lines=closing + 1, flaws=tuple(flaws))


def opens_too_many(text: str) -> bool:
    """Say whether a text opens more brackets than may be given to the reader of YAML."""
    return text.count("[") + text.count("{") > MOST_BRACKETS


def write_front(values: Mapping[str, str | int | tuple[str, ...]]) -> str:
    """Return front matter as it is written, its fields in their usual order, empty ones left out."""
    plain = {
        name: list(value) if isinstance(value, tuple) else value
        for name in KNOWN
        if (value := values.get(name)) not in (None, "", ())
    }
    return f"---\n{yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)}---\n"


def _front(text: str) -> tuple[dict[str, str | int | tuple[str, ...]], list[Flaw]]:
    """Read the mapping, each value in the type its field has."""
    if opens_too_many(text):
        return {}, [Flaw(line=2, says="the front matter has too many brackets", remedy=f"at most {MOST_BRACKETS}")]
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            return {}, [Flaw(line=2, says="the front matter uses aliases", remedy="write each value out")]
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 2 + (mark.line if mark else 0)
        return {}, [
            Flaw(line=line, says=f"this is no YAML: {getattr(error, 'problem', None) or error}", remedy="mend it")
        ]
    if not isinstance(node, yaml.MappingNode):
        return {}, [Flaw(line=2, says="the front matter is no list of fields", remedy="write title: …")]
    values: dict[str, str | int | tuple[str, ...]] = {}
    flaws: list[Flaw] = []
    for key, value in node.value:
        line = 2 + key.start_mark.line
        name = str(key.value)
        if name not in KNOWN or name in values:
            says = f"{name[:40]!r} is {'there twice' if name in values else 'no field'}"
            flaws.append(Flaw(line=line, says=says, remedy=f"use {', '.join(KNOWN)}, each once"))
            continue
        read = _value(name, value)
        if read is None:
            flaws.append(Flaw(line=line, says=f"{name} cannot be {str(value.value)[:40]!r}", remedy=_kind(name)))
        else:
            values[name] = read
    return values, flaws


def _value(name: str, node: yaml.Node) -> str | int | tuple[str, ...] | None:
    """Return the value in the type of its field, None when it is of another."""
    if name in {"roles", "sources"}:
        if not isinstance(node, yaml.SequenceNode) or not all(isinstance(item, yaml.ScalarNode) for item in node.value):
            return None
        return tuple(str(item.value) for item in node.value)
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        return None
    if name == "version":
        return int(node.value) if str(node.value).isascii() and str(node.value).isdigit() else None
    return " ".join(str(node.value).split())


def _kind(name: str) -> str:
    if name in {"roles", "sources"}:
        return "write a list: [one, two]"
    return "write a whole number from 1" if name == "version" else "write some words"


def _broken(says: str, remedy: str) -> Document:
    return Document(values={}, body="", lines=0, flaws=(Flaw(line=1, says=says, remedy=remedy),))
