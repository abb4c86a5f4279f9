"""What the register shows: a row for each tool and place, and a tool's assessment with every claim as it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from impetus.core.access import Purpose
from impetus.core.actor import Actor
from impetus.core.assessment import FrameworkRow, RiskSeen, SectionSeen, SignatureSeen
from impetus.core.observation import Catalogue
from impetus.core.register import EVERYWHERE, Configured, EntryState, Missing, RuleRef
from impetus.desk.assessments import Assessed, assess_tool, struck_answers, with_struck
from impetus.desk.clearance import judge_tool, papers_of
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.signing import installed_tool
from impetus.ethics.entry import CITY, Entry, entry_of
from impetus.ethics.guard import Operation, may
from impetus.ethics.register import Judgement

READ = "register.read"
URGENCY = {
    EntryState.REFUSED: 0,
    EntryState.STALE: 1,
    EntryState.BLOCKED: 2,
    EntryState.EXERCISE: 3,
    EntryState.RUNNING: 4,
    EntryState.OFF: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One line of the register. `stale_because` are clauses such as "place changed: square → square, school".

    `warnings` are things that do not stop the tool yet (a review date that passed); `ends` is when it must stop. `place`
    is a source when the row is about one place of the tool alone.
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
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """A tool's assessment as a page shows it. `may_answer` and `may_sign` say what the reader may do.

    `is_officer` is true when the register names the reader; `open_mandatory` counts mandatory questions without answer.
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
    """Return the register, tools that need somebody first; beside each tool the places its entry does not cover."""
    permit(desk, actor, READ, on="site:register")
    configured, at = desk.configuration.read(), desk.clock.now()
    tools = tuple(dict.fromkeys((*configured.switched_on, *configured.installed)))
    with desk.store.read() as unit:
        papers = {tool: papers_of(unit, tool) for tool in tools}
        catalogue = unit.sources.catalogue()
    rows = []
    for tool in tools:
        row = _row(configured, tool, judge_tool(desk, configured, tool, papers[tool], at=at), catalogue)
        rows += [row, *_places(configured, row, catalogue)]
    return tuple(sorted(rows, key=lambda row: (URGENCY[row.state], row.name, row.place)))


def assessment_view(desk: Desk, actor: Actor, tool: str) -> AssessmentView:
    """Return a tool's assessment, every claim looked at now; `Unknown` when no such tool is installed."""
    permit(desk, actor, READ, on=f"tool:{tool}")
    configured, at = desk.configuration.read(), desk.clock.now()
    installed_tool(configured, tool)
    with desk.store.read() as unit:
        papers, catalogue = papers_of(unit, tool), unit.sources.catalogue()
    judgement = judge_tool(desk, configured, tool, papers, at=at)
    made = assess_tool(desk, configured, tool, papers, at=at)
    return AssessmentView(
        tool=tool,
        name=_name(configured, tool),
        row=_row(configured, tool, judgement, catalogue),
        sections=with_struck(made.sections, struck_answers(desk, tool)),
        risks=made.risks,
        frameworks=made.frameworks,
        signatures=made.signatures,
        open_mandatory=_open_mandatory(made),
        may_answer=may(actor, Operation.REGISTER_WRITE),
        may_sign=may(actor, Operation.REGISTER_SIGN) and _is_officer(configured, actor),
        is_officer=_is_officer(configured, actor),
    )


def _row(configured: Configured, tool: str, judgement: Judgement, catalogue: Catalogue) -> RegisterRow:
    """Return the row of a tool."""
    entry, signing = entry_of(configured, tool), judgement.signing
    said = entry.said
    stale = judgement.changes if judgement.state is EntryState.STALE else ()
    return RegisterRow(
        tool=tool,
        name=_name(configured, tool),
        covers=_covers(entry, catalogue),
        state=judgement.state,
        missing=judgement.missing,
        signed_at=signing.at if signing else None,
        signed_by=signing.officer if signing else "",
        kept=f"{entry.days} d, {said.retention}" if entry.days else said.retention,
        stale_because=tuple(change.say() for change in stale),
        refusal=judgement.refusal,
        warnings=judgement.warnings,
        purpose=said.purpose.value if isinstance(said.purpose, Purpose) else "",
        legal_basis=said.legal_basis,
        regime=said.regime.value if said.regime else "",
        controller=entry.controller.name,
        review=said.review,
        ends=said.ends,
        is_exercise=bool(signing and signing.is_exercise),
    )


def _places(configured: Configured, row: RegisterRow, catalogue: Catalogue) -> list[RegisterRow]:
    """Return a row for each source the tool senses and its entry does not cover: its readings do not reach the tool."""
    entry = entry_of(configured, row.tool)
    if not entry.said.covers or EVERYWHERE in entry.said.covers or row.state is EntryState.OFF:
        return []
    how = f"add it to covers under [tool.{row.tool}] in register.toml, assess it, and sign again"
    return [
        RegisterRow(
            tool=row.tool,
            name=row.name,
            covers=f"new place: {source}",
            place=source,
            state=EntryState.BLOCKED,
            missing=(Missing(field="covers", what=f"the place {source} in its entry", who_may_supply=CITY, how=how),),
        )
        for source in _sensed(entry, catalogue)
        if source not in entry.said.covers
    ]


def _covers(entry: Entry, catalogue: Catalogue) -> str:
    """Say which places a tool looks at, and how many streams reach it from there."""
    covered = entry.said.covers
    streams = [
        stream
        for stream in catalogue.datastreams.values()
        if _is_sensed(entry, stream.observed_property) and (EVERYWHERE in covered or stream.source in covered)
    ]
    sources = sorted({str(stream.source) for stream in streams})
    if not streams:
        return "no streams yet"
    return f"{len(streams)} streams of {', '.join(sources[:3])}{' …' if len(sources) > 3 else ''}"  # noqa: PLR2004 - a line


def _sensed(entry: Entry, catalogue: Catalogue) -> Sequence[str]:
    return sorted(
        {str(one.source) for one in catalogue.datastreams.values() if _is_sensed(entry, one.observed_property)}
    )


def _is_sensed(entry: Entry, observed_property: str) -> bool:
    manifest = entry.part.manifest
    return manifest is not None and (not manifest.properties or observed_property in manifest.properties)


def _name(configured: Configured, tool: str) -> str:
    part = configured.installed.get(tool)
    return part.manifest.name if part and part.manifest else tool


def _is_officer(configured: Configured, actor: Actor) -> bool:
    return any(officer.name == actor.name for officer in configured.register.officers)


def _open_mandatory(made: Assessed) -> int:
    questions = [question for section in made.sections for question in section.questions]
    return sum(question.is_mandatory and not question.answer for question in questions)
