"""Words of an impact assessment: questions, claims and what stands behind them, and the document made of it all.

**Source**: GDPR article 35(7); Regulation (EU) 2024/1689 (AI Act) article 27(1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FilledBy(StrEnum):
    """Whose part of the assessment a question belongs to."""

    TOOL = "tool"
    CITY = "city"


class AnswerKind(StrEnum):
    """What an answer looks like."""

    TEXT = "text"
    YES_NO = "yes_no"
    LEVEL = "level"


class Light(StrEnum):
    """What a claim shows. Green is made by `ethics.claims.judge_claim` alone, from a probe or a signed statement."""

    GREEN = "green"
    RED = "red"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a probe of the running system found: the value as a person reads it, and whether it is as it should be."""

    value: str
    holds: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSeen:
    """A claim and what stands behind it now: a live value, or who stated it, when, and until when."""

    id: str
    says: str
    light: Light
    because: str
    source: str = ""
    value: str = ""
    stated_by: str = ""
    stated_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSeen:
    """A question as it stands: asked in plain words, by which law, answered by whom."""

    id: str
    asks: str
    help: str
    law: str
    filled_by: FilledBy
    kind: AnswerKind
    choices: tuple[str, ...]
    is_mandatory: bool
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    claims: tuple[ClaimSeen, ...] = ()
    example: str = ""
    struck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSeen:
    """A section of the assessment."""

    id: str
    title: str
    intro: str
    questions: tuple[QuestionSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSeen:
    """One line of the risk analysis: impact and probability give the level; measures answer it, each with its claims.

    `aspect` is confidentiality, integrity or availability.
    """

    aspect: str
    impact: str
    probability: str
    level: str
    measures: tuple[ClaimSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkRow:
    """One row of a framework (ALTAI, an ISO clause, a legal duty): what it wants, and what stands behind it."""

    framework: str
    id: str
    title: str
    source: str
    claims: tuple[ClaimSeen, ...] = ()
    light: Light = Light.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSeen:
    """Who signed the document, when, with which key, and whether it counts now."""

    officer: str
    office: str
    at: datetime
    public_key: str
    signature: str
    is_exercise: bool
    counts: bool
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDocument:
    """Everything an export holds. `entry` is the register's entry, label to words."""

    tool: str
    title: str
    site: str
    controller: str
    made_at: datetime
    is_exercise: bool
    state: str
    entry: Mapping[str, str]
    sections: tuple[SectionSeen, ...]
    risks: tuple[RiskSeen, ...]
    frameworks: tuple[FrameworkRow, ...]
    signatures: tuple[SignatureSeen, ...]
    missing: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
