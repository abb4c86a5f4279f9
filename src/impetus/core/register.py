"""Words of the register: what runs, by what right, who answers for it, who signed, and what is still missing.

**Source**: records of processing, GDPR article 30 and Directive (EU) 2016/680 article 24; registration of high-risk AI
systems, Regulation (EU) 2024/1689 articles 26 and 49.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from impetus.core.access import Purpose, Regime
from impetus.core.manifest import Manifest

EVERYWHERE = "*"
"""In `covers`: every declared source; only for tools that sense no personal data."""


class EntryState(StrEnum):
    """How a tool stands in the register."""

    RUNNING = "running"
    """Signed for real, and what is configured is what was signed."""
    EXERCISE = "exercise"
    """Signed by invented officers, which clears it for simulated input only."""
    OFF = "off"
    """Installed, and not switched on."""
    BLOCKED = "blocked"
    """Switched on, and something is missing."""
    STALE = "stale"
    """Signed once, and something material changed since."""
    REFUSED = "refused"
    """What it would do is prohibited; nothing can clear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that is missing: which field, what it is, who may supply it, and how."""

    field: str
    what: str
    who_may_supply: str
    how: str = ""

    def say(self) -> str:
        """Return it as one clause of a sentence."""
        return f"{self.what} ({self.who_may_supply})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One material fact that is not what was signed."""

    fact: str
    old: str
    new: str

    def say(self) -> str:
        """Return it as one clause of a sentence."""
        return f"{self.fact} changed: {self.old or 'nothing'} → {self.new or 'nothing'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRef:
    """The rule that refuses, and the article it rests on."""

    rule: str
    article: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who decides why and how data is processed (GDPR, article 4(7)). Name is material; contacts are not."""

    name: str = ""
    contact: str = ""
    dpo: str = ""
    dpo_contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A person who may sign, by name; `public_key` is 32 bytes as hexadecimal digits."""

    name: str
    office: str
    public_key: str
    is_exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntry:
    """What the city says about one tool. Empty texts and None are things nobody has said yet."""

    regime: Regime | None = None
    legal_basis: str = ""
    purpose: Purpose | None = None
    recipients: tuple[str, ...] = ()
    retention: str = ""
    place_kinds: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    ends: date | None = None
    review: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRegister:
    """The site's file: controller, officers, and what is said about each tool."""

    controller: Controller = field(default_factory=Controller)
    officers: tuple[Officer, ...] = ()
    tools: Mapping[str, SiteEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPart:
    """What an installed tool brings: its manifest, None with a fault when unreadable, and its part of the assessment."""

    id: str
    manifest: Manifest | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the settings say that the register needs: the site, tools switched on, days kept by class, whether it is real.

    `listens` is the address it listens on, `settings` each tool's own.
    """

    site: str
    switched_on: tuple[str, ...] = ()
    days: Mapping[str, int] = field(default_factory=dict)
    is_exercise: bool = False
    listens: str = ""
    settings: Mapping[str, Mapping[str, str | int | float | bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """What is configured now, read from the home and from what is installed.

    `days` is how long each retention class is kept; `is_exercise` whether exercise signatures clear tools here;
    `fault` why the register file cannot be read.
    """

    site: str
    switched_on: tuple[str, ...]
    installed: Mapping[str, ToolPart]
    register: SiteRegister = field(default_factory=SiteRegister)
    days: Mapping[str, int] = field(default_factory=dict)
    is_exercise: bool = False
    listens: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the city to a question of an assessment; a corrected one is struck through, never erased."""

    id: int
    tool: str
    question: str
    text: str
    who: str
    at: datetime
    struck_at: datetime | None = None
    struck_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A dated statement by a person that something is so, with the day on which it stops counting.

    `about` is the claim it answers for; `tool` the tool, or `site` for the whole installation. `signature` is by the
    person's own key over the statement (`ethics/claims.py` says over which bytes).
    """

    id: int
    tool: str
    about: str
    text: str
    who: str
    at: datetime
    expires_at: datetime
    public_key: bytes
    signature: bytes
    is_exercise: bool = False
    struck_at: datetime | None = None
    struck_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A signature under a tool's entry and assessment, with what was signed, so that a change can be named.

    `facts` are the material facts at the time, `answers` a short hash of each answer.
    """

    id: int
    tool: str
    officer: str
    public_key: bytes
    signature: bytes
    at: datetime
    entry_hash: str
    assessment_hash: str
    is_exercise: bool
    facts: Mapping[str, str]
    answers: Mapping[str, str]
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    why: str = ""
