"""The site's register file: who is controller, who may sign, and what the city says about each tool. Parsed once.

What is not said yet is no error here: an unsaid field is empty, and the start gate names it. What is said wrongly is an
error with the field's name, its value and what is allowed.

**Source**: GDPR, article 30(1); Directive (EU) 2016/680, article 24(1).
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from impetus.core.access import Purpose, Regime
from impetus.core.errors import Misconfigured
from impetus.core.manifest import TOOL_ID
from impetus.core.register import Controller, Officer, SiteEntry, SiteRegister, ToolPart

TABLES = frozenset({"controller", "officer", "tool"})
CONTROLLER = frozenset({"name", "contact", "dpo", "dpo_contact"})
OFFICER = frozenset({"name", "office", "public_key", "exercise"})
TOOL = frozenset(
    {"regime", "legal_basis", "purpose", "recipients", "retention", "place_kinds", "covers", "ends", "review"}
)
KEY_DIGITS = 64
"""A public key of Ed25519 is 32 bytes. Source: RFC 8032, section 5.1.5."""
MOST_OFFICERS = 100
"""House rule: more names than this are a list of staff, not of officers."""

Word = TypeVar("Word", bound=StrEnum)


def read_site_register(text: str) -> SiteRegister:
    """Parse the file; `Misconfigured` names table and field. An empty text is a register in which nothing is said yet."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong("the register file", f"not TOML: {error}", "TOML 1.0") from error
    _known("the register file", document, TABLES)
    officers = document.get("officer", [])
    if not isinstance(officers, list) or len(officers) > MOST_OFFICERS:
        raise _wrong("officer", officers, f"at most {MOST_OFFICERS} tables [[officer]]")
    people = tuple(_officer(one) for one in officers)
    if len({one.name.casefold() for one in people}) != len(people):
        raise _wrong("officer.name", ", ".join(one.name for one in people), "each name once")
    tools = _table("tool", document.get("tool", {}))
    return SiteRegister(
        controller=_controller(_table("controller", document.get("controller", {}))),
        officers=people,
        tools={_tool_id(name): _entry(f"tool.{name}", _table(f"tool.{name}", said)) for name, said in tools.items()},
    )


def _controller(table: Mapping[str, object]) -> Controller:
    _known("controller", table, CONTROLLER)
    return Controller(**{name: _text("controller", table, name) for name in CONTROLLER})


def _officer(value: object) -> Officer:
    table = _table("officer", value)
    _known("officer", table, OFFICER)
    key = _text("officer", table, "public_key").lower()
    if len(key) != KEY_DIGITS or set(key) - set("0123456789abcdef"):
        raise _wrong("officer.public_key", key, f"{KEY_DIGITS} hexadecimal digits; impetus register officer NAME")
    name = _text("officer", table, "name")
    if not name:
        raise _wrong("officer.name", name, "a name")
    is_exercise = table.get("exercise", False)
    if not isinstance(is_exercise, bool):
        raise _wrong("officer.exercise", is_exercise, "true or false")
    return Officer(name=name, office=_text("officer", table, "office"), public_key=key, is_exercise=is_exercise)


def _entry(where: str, table: Mapping[str, object]) -> SiteEntry:
    _known(where, table, TOOL)
    return SiteEntry(
        regime=_word(where, table, "regime", Regime),
        legal_basis=_text(where, table, "legal_basis"),
        purpose=_word(where, table, "purpose", Purpose),
        recipients=_texts(where, table, "recipients"),
        retention=_text(where, table, "retention"),
        place_kinds=_texts(where, table, "place_kinds"),
        covers=_texts(where, table, "covers"),
        ends=_day(where, table, "ends"),
        review=_day(where, table, "review"),
    )


def _tool_id(name: str) -> str:
    if not TOOL_ID.fullmatch(name):
        raise _wrong("tool", name, TOOL_ID.pattern)
    return name


def _table(where: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(where, value, "a table")
    return value


def _known(where: str, table: Mapping[str, object], allowed: frozenset[str]) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise _wrong(f"a key of {where}", ", ".join(unknown), ", ".join(sorted(allowed)))


def _text(where: str, table: Mapping[str, object], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise _wrong(f"{where}.{name}", value, "a text")
    return " ".join(value.split())


def _texts(where: str, table: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _wrong(f"{where}.{name}", value, "a list of texts")
    return tuple(" ".join(item.split()) for item in value)


def _word(where: str, table: Mapping[str, object], name: str, words: type[Word]) -> Word | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or value not in set(words):
        raise _wrong(f"{where}.{name}", value, ", ".join(words))
    return words(value)


def _day(where: str, table: Mapping[str, object], name: str) -> date | None:
    value = table.get(name)
    if value is None:
        return None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(f"{where}.{name}", value, "a day such as 2027-11-22, without quotes")
    return value


def _wrong(where: str, value: object, limit: str) -> Misconfigured:
    return Misconfigured(
        f"register: {where} is {str(value)[:120]!r}",
        value=str(value)[:120],
        limit=limit,
        remedy="mend register.toml; see docs/reference/register.md",
    )


def read_tool_answers(text: str) -> Mapping[str, str]:
    """Parse a tool's `assessment.toml`: `[answers]` with a text for each question of the tool's part; empty for none."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong("the tool's assessment", f"not TOML: {error}", "TOML 1.0") from error
    _known("the tool's assessment", document, frozenset({"answers"}))
    answers = _table("answers", document.get("answers", {}))
    return {name: _text("answers", answers, name) for name in answers}


def write_site_register(register: SiteRegister) -> str:
    """Return the register as the text of a file; `read_site_register` reads the same from it. Comments are not kept."""
    controller = {name: getattr(register.controller, name) for name in ("name", "contact", "dpo", "dpo_contact")}
    parts = [_block("[controller]", controller)]
    parts += [officer_block(officer) for officer in register.officers]
    for tool, entry in sorted(register.tools.items()):
        parts.append(_block(f"[tool.{tool}]", {name: getattr(entry, name) for name in _ENTRY}))
    return "# The city's part of the register: docs/reference/register.md says what each key means.\n\n" + "\n".join(
        parts
    )


def officer_block(officer: Officer) -> str:
    """Return an officer's table of the file."""
    said = {"name": officer.name, "office": officer.office, "public_key": officer.public_key}
    return _block("[[officer]]", said | ({"exercise": True} if officer.is_exercise else {}))


def skeleton(parts: Sequence[ToolPart]) -> str:
    """Return a register file to be filled in: what manifests say is set, what the city must say is a comment."""
    blocks = [_TO_FILL]
    for part in parts:
        manifest = part.manifest
        if manifest is not None:
            declares = manifest.declares
            blocks.append(
                f"[tool.{part.id}]\n"
                f'# regime = ""  # one of: {", ".join(sorted(declares.acts))}\n'
                '# legal_basis = "which law lets the city do this"\n'
                f'# purpose = ""  # one of: {", ".join(manifest.purposes)}\n'
                f"recipients = {_toml(declares.recipients)}\n"
                f"retention = {_toml(manifest.retention)}\n"
                '# place_kinds = ["square"]  # what kinds of place it watches\n'
                '# covers = ["source-id"]  # sources by their id; ["*"] for all, only where no personal data is sensed\n'
                "# ends = 2027-11-22  # the day it stops by itself\n"
                "# review = 2027-05-22  # the day it is looked at again\n"
            )
    return "\n".join(blocks)


_TO_FILL = """# The city's part of the register: docs/reference/register.md says what each key means.
# Take the # away and fill in. `impetus register missing TOOL` says what is still open.

[controller]
# name = "the authority that decides why and how"
# contact = "how people reach it"
# dpo = "the data protection officer's name"
# dpo_contact = "how people reach them"

# Officers who may sign are added by: impetus register officer NAME
"""

_ENTRY = ("regime", "legal_basis", "purpose", "recipients", "retention", "place_kinds", "covers", "ends", "review")


def _block(heading: str, said: Mapping[str, object]) -> str:
    lines = [f"{name} = {_toml(value)}" for name, value in said.items() if value not in (None, "", ())]
    return "\n".join((heading, *lines)) + "\n"


def _toml(value: object) -> str:
    """Return a value in TOML; a text as JSON writes it, which is a basic string of TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
