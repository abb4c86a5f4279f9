"""Frameworks as data: questions, claims, rows and duties, parsed from `frameworks/*.toml` once and checked against each other.

What a file may say is fixed here, key by key. No key says how well a claim is met: whoever types `green = true` into a
file gets an error, because a row's light is worked out from probes and signed statements alone (`ethics/claims.py`).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from impetus.core.assessment import AnswerKind, FilledBy
from impetus.core.errors import Misconfigured

FILES = ("questions", "wp248", "enisa", "altai", "claims", "iso_maps", "duties")
YES_NO = ("yes", "no")
LEVELS = ("low", "medium", "high", "very high")
SITE = "site"
"""The tool's name under which answers and statements for the whole installation are kept."""


class Scope(StrEnum):
    """Whether something is asked for each tool, or once for the whole site."""

    TOOL = "tool"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim: proved by a probe of the running system, or stated by an officer for so many days; never both."""

    id: str
    says: str
    source: str
    probe: str = ""
    valid_for: timedelta | None = None
    scope: Scope = Scope.TOOL
    is_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `choices` is empty for an answer in one's own words; `example` shows its length."""

    id: str
    section: str
    asks: str
    help: str
    law: str
    filled_by: FilledBy
    kind: AnswerKind = AnswerKind.TEXT
    choices: tuple[str, ...] = ()
    scope: Scope = Scope.TOOL
    is_mandatory: bool = True
    example: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of questions."""

    id: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a framework, green when every claim in it is. `applies_from` is for duties alone."""

    framework: str
    id: str
    title: str
    source: str
    claims: tuple[str, ...]
    from_level: str = "low"
    applies_from: date | None = None
    checked_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTable:
    """How answers about threats become a probability, and probability and impact a level.

    `areas` holds the ids of the yes/no questions of each area; the numbers are counts and sums from which on.
    """

    areas: Mapping[str, tuple[str, ...]]
    area_medium_from: int
    area_high_from: int
    sum_medium_from: int
    sum_high_from: int
    levels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frameworks:
    """Everything the files say."""

    sections: tuple[Section, ...]
    claims: Mapping[str, Claim]
    risk: RiskTable
    measures: tuple[Row, ...]
    rows: tuple[Row, ...]
    duties: tuple[Row, ...]
    triggers: tuple[str, ...]
    triggers_enough: int

    def questions(self) -> tuple[Question, ...]:
        """Return every question in the order asked."""
        return tuple(question for section in self.sections for question in section.questions)


def read_frameworks(texts: Mapping[str, str]) -> Frameworks:
    """Parse the files of `FILES` by name; `Misconfigured` names file, item and key."""
    parsed = {name: _toml(name, texts.get(name, "")) for name in FILES}
    claims = {claim.id: claim for claim in (_claim(one) for one in _each(parsed["claims"], "claim", "claims"))}
    enisa, wp248 = parsed["enisa"], parsed["wp248"]
    sections = (
        *(_section(one) for one in _each(parsed["questions"], "section", "questions")),
        _triggers(wp248),
        *(_area(one, enisa) for one in _each(enisa, "area", "enisa")),
    )
    made = Frameworks(
        sections=sections,
        claims=claims,
        risk=_risk(enisa),
        measures=_rows(enisa, "measure", "enisa"),
        rows=(*_rows(parsed["altai"], "row", "altai"), *_rows(parsed["iso_maps"], "row", "iso_maps")),
        duties=tuple(_duty(one) for one in _each(parsed["duties"], "duty", "duties")),
        triggers=tuple(question.id for question in _triggers(wp248).questions),
        triggers_enough=_int(_table(wp248, "framework", "wp248"), "enough", "wp248"),
    )
    _check_names(made)
    return made


def _check_names(made: Frameworks) -> None:
    """Refuse a claim nobody declared, and an id given twice."""
    items: tuple[Question | Row, ...] = (*made.questions(), *made.measures, *made.rows, *made.duties)
    used = [claim for item in items for claim in item.claims]
    for claim in used:
        if claim not in made.claims:
            raise _wrong("claims", claim, "a claim of claims.toml")
    ids = [item.id for item in items]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise _wrong("ids", ", ".join(twice), "each id once")


def _claim(table: Mapping[str, object]) -> Claim:
    where = f"claim {table.get('id')}"
    _known(table, {"id", "says", "source", "probe", "statement_days", "scope", "needed"}, where)
    probe, days = _text(table, "probe", where, needed=False), table.get("statement_days")
    if bool(probe) == (days is not None):
        raise _wrong(where, table, "either a probe or statement_days")
    return Claim(
        id=_text(table, "id", where),
        says=_text(table, "says", where),
        source=_text(table, "source", where),
        probe=probe,
        valid_for=None if days is None else timedelta(days=_int(table, "statement_days", where)),
        scope=Scope(_one(table, "scope", Scope, where, Scope.TOOL)),
        is_needed=_flag(table, "needed", where, default=False),
    )


def _section(table: Mapping[str, object]) -> Section:
    where = f"section {table.get('id')}"
    _known(table, {"id", "title", "intro", "question"}, where)
    identity = _text(table, "id", where)
    return Section(
        id=identity,
        title=_text(table, "title", where),
        intro=_text(table, "intro", where),
        questions=tuple(_question(one, identity) for one in _each(table, "question", where)),
    )


def _question(table: Mapping[str, object], section: str) -> Question:
    where = f"question {table.get('id')}"
    allowed = {"id", "asks", "help", "law", "by", "kind", "choices", "scope", "mandatory", "example", "claims"}
    _known(table, allowed, where)
    kind = AnswerKind(_one(table, "kind", AnswerKind, where, AnswerKind.TEXT))
    choices = _texts(table, "choices", where)
    filled_by = FilledBy(_one(table, "by", FilledBy, where, FilledBy.CITY))
    return Question(
        id=_text(table, "id", where),
        section=section,
        asks=_text(table, "asks", where),
        help=_text(table, "help", where),
        law=_text(table, "law", where),
        filled_by=filled_by,
        kind=kind,
        choices=YES_NO if kind is AnswerKind.YES_NO else choices,
        scope=Scope(_one(table, "scope", Scope, where, Scope.TOOL)),
        is_mandatory=_flag(table, "mandatory", where, default=True),
        example=_text(table, "example", where, needed=filled_by is FilledBy.CITY),
        claims=_texts(table, "claims", where),
    )


def _triggers(document: Mapping[str, object]) -> Section:
    """Return the nine signs as a section of yes/no questions about this tool."""
    framework = _table(document, "framework", "wp248")
    law = _text(framework, "source", "wp248")
    asked = []
    for table in _each(document, "trigger", "wp248"):
        where = f"trigger {table.get('id')}"
        _known(table, {"id", "asks", "example"}, where)
        asked.append(_yes_no(table, where, section="wp248", law=law, scope=Scope.TOOL))
    intro = "Two signs or more ask for the full assessment, as a rule. This one is made in full either way."
    return Section(id="wp248", title=_text(framework, "title", "wp248"), intro=intro, questions=tuple(asked))


def _area(table: Mapping[str, object], document: Mapping[str, object]) -> Section:
    """Return an area of threats as a section of yes/no questions about the site."""
    where = f"area {table.get('id')}"
    _known(table, {"id", "title", "questions", "examples"}, where)
    identity, law = _text(table, "id", where), _text(_table(document, "framework", "enisa"), "source", "enisa")
    texts, examples = _texts(table, "questions", where), _texts(table, "examples", where)
    if len(texts) != len(examples):
        raise _wrong(where, len(examples), f"{len(texts)} examples")
    rows = [
        {"id": f"{identity}.{number}", "asks": asks, "example": example}
        for number, (asks, example) in enumerate(zip(texts, examples, strict=True), 1)
    ]
    asked = [_yes_no(row, where, section=identity, law=law, scope=Scope.SITE) for row in rows]
    intro = "About the surroundings, so it is asked once for all tools. A yes raises the probability of a threat."
    return Section(id=identity, title=_text(table, "title", where), intro=intro, questions=tuple(asked))


def _yes_no(table: Mapping[str, object], where: str, *, section: str, law: str, scope: Scope) -> Question:
    return Question(
        id=_text(table, "id", where),
        section=section,
        asks=_text(table, "asks", where),
        help="Yes or no. When unsure, say yes.",
        law=law,
        filled_by=FilledBy.CITY,
        kind=AnswerKind.YES_NO,
        choices=YES_NO,
        scope=scope,
        example=_text(table, "example", where),
    )


def _risk(document: Mapping[str, object]) -> RiskTable:
    score, risk = _table(document, "score", "enisa"), _table(document, "risk", "enisa")
    levels: dict[str, Mapping[str, str]] = {}
    for probability in LEVELS[:3]:
        row = _table(risk, probability, "enisa.risk")
        levels[probability] = {impact: _text(row, impact, f"enisa.risk.{probability}") for impact in LEVELS}
    return RiskTable(
        areas={
            _text(area, "id", "enisa"): tuple(
                f"{area['id']}.{number}" for number, _ in enumerate(_texts(area, "questions", "enisa"), 1)
            )
            for area in _each(document, "area", "enisa")
        },
        area_medium_from=_int(score, "medium_from", "enisa.score"),
        area_high_from=_int(score, "high_from", "enisa.score"),
        sum_medium_from=_int(score, "probability_medium_from", "enisa.score"),
        sum_high_from=_int(score, "probability_high_from", "enisa.score"),
        levels=levels,
    )


def _rows(document: Mapping[str, object], kind: str, name: str) -> tuple[Row, ...]:
    framework = _table(document, "framework", name)
    return tuple(_row(one, _text(framework, "id", name), framework, name) for one in _each(document, kind, name))


def _row(table: Mapping[str, object], framework: str, about: Mapping[str, object], where: str) -> Row:
    _known(table, {"id", "title", "from_level", "claims"}, f"{where} {table.get('id')}")
    return Row(
        framework=framework,
        id=_text(table, "id", where),
        title=_text(table, "title", where),
        source=_text(about, "source", where),
        claims=_texts(table, "claims", where),
        from_level=_text(table, "from_level", where, needed=False) or "low",
        checked_on=_day(about, "checked_on", where),
    )


def _duty(table: Mapping[str, object]) -> Row:
    where = f"duty {table.get('id')}"
    _known(table, {"id", "law", "duty", "applies_from", "source", "checked_on", "claims"}, where)
    return Row(
        framework="duties",
        id=_text(table, "id", where),
        title=f"{_text(table, 'duty', where)} ({_text(table, 'law', where)})",
        source=_text(table, "source", where),
        claims=_texts(table, "claims", where),
        applies_from=_day(table, "applies_from", where),
        checked_on=_day(table, "checked_on", where),
    )


def _toml(name: str, text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"{name}.toml", str(error), "TOML 1.0") from error


def _known(table: Mapping[str, object], allowed: set[str], where: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise _wrong(f"a key of {where}", ", ".join(unknown), ", ".join(sorted(allowed)))


def _each(table: Mapping[str, object], name: str, where: str) -> Sequence[Mapping[str, object]]:
    value = table.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(f"{where}.{name}", value, f"tables [[{name}]]")
    return value


def _table(table: Mapping[str, object], name: str, where: str) -> Mapping[str, object]:
    value = table.get(name)
    if not isinstance(value, dict):
        raise _wrong(f"{where}.{name}", value, "a table")
    return value


def _text(table: Mapping[str, object], name: str, where: str, *, needed: bool = True) -> str:
    value = table.get(name, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise _wrong(f"{where}.{name}", value, "a text")
    return value


def _texts(table: Mapping[str, object], name: str, where: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _wrong(f"{where}.{name}", value, "a list of texts")
    return tuple(value)


def _int(table: Mapping[str, object], name: str, where: str) -> int:
    value = table.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(f"{where}.{name}", value, "a whole number from 1 up")
    return value


def _flag(table: Mapping[str, object], name: str, where: str, *, default: bool) -> bool:
    value = table.get(name, default)
    if not isinstance(value, bool):
        raise _wrong(f"{where}.{name}", value, "true or false")
    return value


def _one(table: Mapping[str, object], name: str, words: type[StrEnum], where: str, default: str) -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or value not in set(words):
        raise _wrong(f"{where}.{name}", value, ", ".join(words))
    return value


def _day(table: Mapping[str, object], name: str, where: str) -> date:
    value = table.get(name)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(f"{where}.{name}", value, "a day")
    return value


def _wrong(where: str, value: object, limit: str) -> Misconfigured:
    said = "missing" if value is None else repr(str(value)[:120])
    return Misconfigured(
        f"frameworks: {where} is {said}",
        value=str(value)[:120],
        limit=limit,
        remedy="mend the file under ethics/frameworks",
    )
