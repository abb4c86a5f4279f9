"""What lives in an installation, held against what the register declares: nothing undeclared, nothing declared twice.

`hold_against` takes the names found by walking a live installation (tables, topics, files, retention classes) and says
which belong to no entry, and which belong to more than one. A tool's entry declares its retention class and nothing else
of the platform's; what it keeps lies where the platform keeps it.

**Source**: GDPR, article 30(1); Directive (EU) 2016/680, article 24(1).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from impetus.core.errors import Misconfigured

KINDS = ("tables", "topics", "files", "classes")
WORDS = ("id", "title", "purpose", "subjects", "legal_basis", "kept")
BESIDE = ("-wal", "-shm", "-journal", "-queue", "-turn")
"""What a database's own files beside it end in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformEntry:
    """One entry of the platform's own: what is kept, why, about whom, on which basis, how long, and where it lies."""

    id: str
    title: str
    purpose: str
    subjects: str
    legal_basis: str
    kept: str
    holds: Mapping[str, tuple[str, ...]]


def read_platform(text: str) -> tuple[PlatformEntry, ...]:
    """Parse `platform.toml`; `Misconfigured` for a word that is missing, a key nobody knows, or a name given twice."""
    try:
        tables = tomllib.loads(text).get("entry")
    except tomllib.TOMLDecodeError as error:
        raise _wrong("file", f"not TOML: {error}") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong("file", "it has no tables [[entry]]")
    entries = tuple(_entry(table) for table in tables)
    for kind in KINDS:
        names = [name for entry in entries for name in entry.holds[kind]]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _wrong(kind, f"declared twice: {', '.join(twice)}")
    return entries


def hold_against(
    entries: Iterable[PlatformEntry], live: Mapping[str, Iterable[str]], tool_classes: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return every live name that no entry declares, as `kind: name`, sorted; empty when all is declared."""
    declared = {(kind, name) for entry in entries for kind in KINDS for name in entry.holds[kind]}
    declared |= {("classes", name) for name in tool_classes}
    found = {(kind, _plain(kind, name)) for kind, names in live.items() for name in names}
    return tuple(f"{kind}: {name}" for kind, name in sorted(found - declared))


def unused(entries: Iterable[PlatformEntry], tables: Iterable[str]) -> tuple[str, ...]:
    """Return declared tables that do not exist: a register that describes what is not there is wrong too."""
    declared = {name for entry in entries for name in entry.holds["tables"]}
    return tuple(sorted(declared - set(tables)))


def _plain(kind: str, name: str) -> str:
    """Return a file's name without what a database adds."""
    return next((name.removesuffix(end) for end in BESIDE if name.endswith(end)), name) if kind == "files" else name


def _entry(table: Mapping[str, object]) -> PlatformEntry:
    unknown = sorted(set(table) - {*WORDS, *KINDS})
    if unknown:
        raise _wrong(f"entry {table.get('id')}", f"unknown {', '.join(unknown)}")
    return PlatformEntry(
        id=_word(table, "id"),
        title=_word(table, "title"),
        purpose=_word(table, "purpose"),
        subjects=_word(table, "subjects"),
        legal_basis=_word(table, "legal_basis"),
        kept=_word(table, "kept"),
        holds={kind: _names(table, kind) for kind in KINDS},
    )


def _word(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"entry {table.get('id')}", f"{name} is {value!r}")
    return value


def _names(table: Mapping[str, object], kind: str) -> tuple[str, ...]:
    value = table.get(kind, [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _wrong(f"entry {table.get('id')}", f"{kind} is {value!r}")
    return tuple(value)


def _wrong(where: str, what: str) -> Misconfigured:
    return Misconfigured(
        f"platform register, {where}: {what}",
        value=what,
        limit=f"{', '.join(WORDS)} and lists of {', '.join(KINDS)}",
        remedy="mend ethics/frameworks/platform.toml",
    )
