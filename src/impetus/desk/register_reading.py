"""What the register shows: a row for each tool and place, and a tool's assessment with every claim as it stands now."""

from dataclasses import dataclass
from datetime import date, datetime

from impetus.core.actor import Actor
from impetus.core.assessment import FrameworkRow, RiskSeen, SectionSeen, SignatureSeen
from impetus.core.register import EntryState, Missing, RuleRef
from impetus.desk.context import Desk
from impetus.desk.permit import permit


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One line of the register. `stale_because` are clauses such as "place changed: square → square, school".

    `warnings` are things that do not stop the tool yet (a review date that passed); `ends` is when it must stop.
    """

    tool: str
    name: str
    covers: str
    state: EntryState
    missing: tuple[Missing, ...] = ()
    signed_at: datetime | None = None
    signed_by: str = ""
    kept: str = ""
    stale_because: tuple[str, ...] = ()
    refusal: RuleRef | None = None
    warnings: tuple[str, ...] = ()
    purpose: str = ""
    legal_basis: str = ""
    regime: str = ""
    controller: str = ""
    review: date | None = None
    ends: date | None = None
    is_exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """A tool's assessment as a page shows it. `may_answer` and `may_sign` say what the reader may do.

    `needs_password` is true when the reader's own key signs; `open_mandatory` counts mandatory questions without answer.
    """

    tool: str
    name: str
    row: RegisterRow
    sections: tuple[SectionSeen, ...]
    risks: tuple[RiskSeen, ...]
    frameworks: tuple[FrameworkRow, ...]
    signatures: tuple[SignatureSeen, ...]
    open_mandatory: int
    may_answer: bool
    may_sign: bool
    is_officer: bool


def register_rows(desk: Desk, actor: Actor) -> tuple[RegisterRow, ...]:
    """Return the register, tools that need somebody first."""
    permit(desk, actor, "register.read")
    return ()


def assessment_view(desk: Desk, actor: Actor, tool: str) -> AssessmentView | None:
    """Return a tool's assessment, None while it has none."""
    permit(desk, actor, "register.read", on=f"tool:{tool}")
    return None
