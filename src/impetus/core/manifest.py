"""The manifest of a tool: what it senses, emits and needs, under which law and limits. Read once, at the edge."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from impetus.core.access import Category, Regime
from impetus.core.errors import Misconfigured
from impetus.core.finding import Kind
from impetus.core.ids import ToolId

TOOL_ID = re.compile(r"[a-z][a-z0-9_]{0,30}")


class Senses(StrEnum):
    """What a tool takes in."""

    OBSERVATIONS = "observations"
    FINDINGS = "findings"
    POSTS = "posts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tool may use before it is ended and restarted alone. MiB of resident memory; seconds without a heartbeat."""

    memory_mib: int = 512
    silence_s: float = 15.0
    findings_per_min: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a tool declares for the register. Empty means undeclared, and a tool with undeclared fields does not start.

    `fields` are what it reads of each reading; `categories` words of `core.access.Category`; `subjects` whose data it is;
    `acts` the legal act it can rest on, by regime; `recipients` who receives what it gives; `transfers` out of the Union;
    `model` what decides inside it; `material_settings` those whose change asks for a new signature. A list that is empty
    on purpose is written `["none"]`.

    **Source**: GDPR, article 30(1)(b)-(f); Directive (EU) 2016/680, article 24(1); AI Act, annex VIII, section C.
    """

    fields: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    recipients: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()
    model: str = ""
    material_settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a tool does and gives, in identifiers, for the guard against prohibited uses (`ethics/prohibited.py`).

    `takes_from` names tools whose output it takes in; `smallest_group` is the least number of people one of its figures may
    be about, None when it says nothing about groups of people. Leaving the table out hides nothing: fields, settings,
    properties and outputs are judged all the same.
    """

    does: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    takes_from: tuple[str, ...] = ()
    smallest_group: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A tool's manifest. `properties` are the observed properties it wants, empty for all."""

    id: ToolId
    name: str
    summary: str
    senses: Senses
    emits: frozenset[Kind]
    properties: frozenset[str]
    purposes: tuple[str, ...]
    personal_data: tuple[str, ...]
    retention: str
    legal_class: str
    limits: Limits
    version: str
    declares: Declaration = field(default_factory=Declaration)
    capabilities: Capabilities = field(default_factory=Capabilities)


def read_manifest(text: str) -> Manifest:
    """Parse and check `manifest.toml`; `Misconfigured` names the field, its value and what is allowed."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"manifest is not TOML: {error}", remedy="mend the syntax") from error
    unknown = set(document) - {"tool", "senses", "emits", "ethics", "limits", "capabilities"}
    if unknown:
        raise Misconfigured(
            f"manifest has unknown tables {sorted(unknown)}",
            value=sorted(unknown),
            limit="tool, senses, emits, ethics, capabilities, limits",
            remedy="remove them or mend their names",
        )
    tool, senses, ethics = (_table(document, name) for name in ("tool", "senses", "ethics"))
    identity = _text(tool, "id")
    if not TOOL_ID.fullmatch(identity):
        raise Misconfigured(
            f"tool id {identity!r}", value=identity, limit=TOOL_ID.pattern, remedy="use a short lower-case slug"
        )
    return Manifest(
        id=ToolId(identity),
        name=_text(tool, "name"),
        summary=_text(tool, "summary"),
        version=_text(tool, "version"),
        senses=Senses(_one_of(_text(senses, "input"), Senses, "senses.input")),
        properties=frozenset(_texts(senses, "properties")),
        emits=frozenset(
            Kind(_one_of(kind, Kind, "emits.kinds")) for kind in _texts(_table(document, "emits"), "kinds")
        ),
        purposes=_texts(ethics, "purposes"),
        personal_data=_texts(ethics, "personal_data"),
        retention=_text(ethics, "retention"),
        legal_class=_text(ethics, "legal_class"),
        limits=_limits(_table(document, "limits")),
        declares=_declaration(ethics),
        capabilities=_capabilities(document.get("capabilities", {})),
    )


def _capabilities(table: object) -> Capabilities:
    """Read the optional table of what a tool does and gives; an unknown field is refused, since it might hide one."""
    known = {"does", "gives", "takes_from", "smallest_group"}
    if not isinstance(table, dict) or set(table) - known:
        raise Misconfigured(
            f"manifest table [capabilities] is {table!r}"[:300],
            value=sorted(table) if isinstance(table, dict) else table,
            limit=", ".join(sorted(known)),
            remedy="remove what is unknown or mend its name",
        )
    group = table.get("smallest_group")
    if group is not None and (isinstance(group, bool) or not isinstance(group, int) or group < 1):
        raise Misconfigured(
            f"capabilities.smallest_group is {group!r}", value=group, limit="a whole number from 1 up", remedy="mend it"
        )
    return Capabilities(
        does=_texts(table, "does"),
        gives=_texts(table, "gives"),
        takes_from=_texts(table, "takes_from"),
        smallest_group=group,
    )


def _declaration(ethics: Mapping[str, object]) -> Declaration:
    """Read what is declared for the register; every field may be left out, and the start gate asks for it."""
    acts = ethics.get("acts", {})
    if not isinstance(acts, dict) or not all(isinstance(act, str) for act in acts.values()) or set(acts) - set(Regime):
        raise Misconfigured(
            f"manifest field acts is {acts!r}",
            value=acts,
            limit="a table with texts under " + " and ".join(Regime),
            remedy="name the legal act under each regime the tool can run in",
        )
    for category in _texts(ethics, "categories"):
        _one_of(category, Category, "ethics.categories")
    model = ethics.get("model", "")
    if not isinstance(model, str):
        raise Misconfigured(f"manifest field model is {model!r}", value=model, limit="a text", remedy="set model")
    return Declaration(
        fields=_texts(ethics, "fields"),
        categories=_texts(ethics, "categories"),
        subjects=_texts(ethics, "subjects"),
        acts=dict(acts),
        recipients=_texts(ethics, "recipients"),
        transfers=_texts(ethics, "transfers"),
        model=model,
        material_settings=_texts(ethics, "material_settings"),
    )


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = document.get(name)
    if not isinstance(table, dict):
        raise Misconfigured(f"manifest lacks the table [{name}]", value=name, remedy=f"add [{name}]")
    return table


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Misconfigured(f"manifest field {name} is {value!r}", value=value, limit="a text", remedy=f"set {name}")
    return value


def _texts(table: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misconfigured(
            f"manifest field {name} is {value!r}", value=value, limit="a list of texts", remedy=f"mend {name}"
        )
    return tuple(value)


def _one_of(value: str, allowed: type[StrEnum], field: str) -> str:
    if value not in set(allowed):
        raise Misconfigured(
            f"{field} is {value!r}", value=value, limit=", ".join(allowed), remedy="choose one of these"
        )
    return value


def _limits(table: Mapping[str, object]) -> Limits:
    """Read limits; each must be a number from 1 up, not infinite."""
    known = {"memory_mib", "silence_s", "findings_per_min"}
    for name, value in table.items():
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        if name not in known or not 1 <= number < math.inf:
            raise Misconfigured(
                f"limits.{name} is {value!r}",
                value=value,
                limit=f"one of {sorted(known)}, a number from 1 up",
                remedy="choose a value in range, or leave it out",
            )
    defaults = Limits()
    return Limits(
        memory_mib=int(_number(table, "memory_mib", defaults.memory_mib)),
        silence_s=_number(table, "silence_s", defaults.silence_s),
        findings_per_min=int(_number(table, "findings_per_min", defaults.findings_per_min)),
    )


def _number(table: Mapping[str, object], name: str, default: float) -> float:
    value = table.get(name, default)
    return float(value) if isinstance(value, int | float) else default
