"""The texts of incident types and playbooks: YAML cut into plain values, and what comes with the platform.

Read with PyYAML behind bounds: no tags, no aliases (a few bytes of them unfold into gigabytes), plain values only.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import yaml

from impetus.adapters.playbook_file import MAX_BYTES, MOST_BRACKETS, opens_too_many, read_document, write_front
from impetus.core.playbook_document import Document, Field, Fields, Flaw, Plain

FOLDERS: Mapping[str, tuple[str, str]] = {"playbook": ("library", ".md"), "type": ("types", ".yaml")}
"""Where what comes with the platform lies, by kind: a folder of `impetus.processes` and a file's ending."""


class ProcessFiles:
    """Fulfils `impetus.ports.runs.ProcessTexts`."""

    def read_document(self, text: str) -> Document:
        """Return a playbook's front matter and body."""
        return read_document(text)

    def write_front(self, values: Mapping[str, str | int | tuple[str, ...]]) -> str:
        """Return front matter as it is written."""
        return write_front(values)

    def read_fields(self, text: str) -> Fields:
        """Return the fields of a text, each with its line."""
        return read_fields(text)

    def write_fields(self, values: Mapping[str, Plain]) -> str:
        """Return fields as they are written."""
        return write_fields(values)

    def shipped(self, kind: str, slug: str) -> str | None:
        """Return a text that comes with the platform; a slug that is none of its names finds nothing."""
        return _shipped(kind).get(slug)

    def shipped_slugs(self, kind: str) -> Sequence[str]:
        """Return what comes with the platform, in the alphabet's order."""
        return tuple(_shipped(kind))


@cache
def _shipped(kind: str) -> Mapping[str, str]:
    """Return what comes with the platform by slug, read once a process: it does not change while one runs."""
    folder, ending = FOLDERS[kind]
    files = sorted((resources.files("impetus.processes") / folder).iterdir(), key=lambda one: one.name)
    return {
        file.name.removesuffix(ending).replace("-", "_"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(ending)
    }


def read_fields(text: str) -> Fields:
    """Return the fields of a text of YAML; what is wrong with it is in `flaws`."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return _broken(1, "the text is too long", f"at most {MAX_BYTES // 1024} KiB")
    if opens_too_many(text):
        return _broken(1, "the text has too many brackets", f"at most {MOST_BRACKETS}")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            return _broken(1, "the text uses aliases", "write each value out")
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or error
        return _broken(1 + (mark.line if mark else 0), f"this is no YAML: {said}", "mend it")
    if not isinstance(node, yaml.MappingNode):
        return _broken(1, "these are no fields", "write type: … on the first line")
    fields, flaws = [], []
    for key, value in node.value:
        line = 1 + key.start_mark.line
        plain = _plain(value)
        if isinstance(key, yaml.ScalarNode) and plain is not None:
            fields.append(Field(name=str(key.value), value=plain, line=line))
        else:
            flaws.append(Flaw(line=line, says=f"{str(key.value)[:40]!r} is neither words nor a list", remedy="mend it"))
    return Fields(fields=tuple(fields), flaws=tuple(flaws))


def write_fields(values: Mapping[str, Plain]) -> str:
    """Return fields as YAML, in the order given."""
    plain = {name: _listed(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100))


def _listed(values: Sequence[str | Mapping[str, str]]) -> list[str | dict[str, str]]:
    return [dict(value) if isinstance(value, Mapping) else value for value in values]


def _plain(node: yaml.Node) -> Plain | None:
    """Return words, a list of words, or a list of small mappings of words; None for anything else."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return tuple(str(item.value) for item in node.value)
    rows = [_row(item) for item in node.value]
    return None if any(row is None for row in rows) else tuple(row for row in rows if row is not None)


def _row(node: yaml.Node) -> Mapping[str, str] | None:
    """Return a mapping of words to words, None for anything else."""
    if not isinstance(node, yaml.MappingNode):
        return None
    if not all(isinstance(part, yaml.ScalarNode) for pair in node.value for part in pair):
        return None
    return {str(key.value): str(value.value) for key, value in node.value}


def _broken(line: int, says: str, remedy: str) -> Fields:
    return Fields(flaws=(Flaw(line=line, says=says, remedy=remedy),))
