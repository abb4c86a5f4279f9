"""A tool's assessment put together: questions with their answers, claims looked at now, risks, frameworks, signatures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.assessment import (
    AssessmentDocument,
    ClaimSeen,
    FrameworkRow,
    QuestionSeen,
    RiskSeen,
    SectionSeen,
    SignatureSeen,
)
from impetus.core.log_record import Processing
from impetus.core.register import Answer, Configured, Signing, ToolPart
from impetus.desk.clearance import Papers, assessed, backing_of, judge_tool, papers_of
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.probes import probes_of
from impetus.desk.signing import installed_tool
from impetus.ethics.assessment import ASPECTS, gather, highest, probability, risk_level
from impetus.ethics.claims import judge_claim, light_of
from impetus.ethics.entry import entry_hash, entry_of, material
from impetus.ethics.framework import LEVELS, SITE, Question, Row, Scope
from impetus.ethics.register import counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The parts of an assessment as they stand at one moment."""

    sections: tuple[SectionSeen, ...]
    risks: tuple[RiskSeen, ...]
    frameworks: tuple[FrameworkRow, ...]
    signatures: tuple[SignatureSeen, ...]


def document(desk: Desk, actor: Actor, tool: str, *, form: str) -> AssessmentDocument:
    """Return the whole document for an export; `form` (html, pdf, cnil) and who took it are logged as a disclosure."""
    permit(desk, actor, "register.read", on=f"tool:{tool}")
    configured, at = desk.configuration.read(), desk.clock.now()
    with desk.store.read() as unit:
        papers = papers_of(unit, installed_tool(configured, tool))
    made = assess_tool(desk, configured, tool, papers, at=at)
    judgement = judge_tool(desk, configured, tool, papers, at=at)
    entry, part = entry_of(configured, tool), configured.installed[tool]
    signed = assessed(desk, configured, tool, papers, at=at)
    note_done(desk, actor, "assessment.export", f"tool:{tool}", processing=Processing.DISCLOSURE, facts={"form": form})
    return AssessmentDocument(
        tool=tool,
        title=part.manifest.name if part.manifest else tool,
        site=configured.site,
        controller=configured.register.controller.name,
        made_at=at,
        is_exercise=configured.is_exercise or any(one.is_exercise for one in made.signatures if one.counts),
        state=judgement.state.value,
        entry=material(entry),
        sections=made.sections,
        risks=made.risks,
        frameworks=made.frameworks,
        signatures=made.signatures,
        missing=tuple(gap.say() for gap in judgement.missing),
        hashes={"entry": entry_hash(entry), "assessment": signed.hash},
    )


def export(desk: Desk, actor: Actor, tool: str, form: str) -> bytes:
    """Return the document in a form: `html`, `pdf` or `cnil`."""
    made = document(desk, actor, tool, form=form)
    written = {"html": desk.reports.html, "pdf": desk.reports.pdf, "cnil": desk.reports.cnil}
    return written[form](made)


def assess_tool(desk: Desk, configured: Configured, tool: str, papers: Papers, *, at: datetime) -> Assessed:
    """Look at every claim once, and put the assessment together."""
    asked, part = frameworks(), configured.installed.get(tool) or ToolPart(id=tool)
    backing = backing_of(desk, configured, papers, probes_of(desk, configured, tool))
    claims = {name: judge_claim(claim, tool, backing, at=at) for name, claim in asked.claims.items()}
    found, signed = gather(asked, part, papers.answers), assessed(desk, configured, tool, papers, at=at).hash
    return Assessed(
        sections=tuple(
            SectionSeen(
                id=section.id,
                title=section.title,
                intro=section.intro,
                questions=tuple(_question(one, tool, found, papers.answers, claims) for one in section.questions),
            )
            for section in asked.sections
        ),
        risks=_risks(found, claims),
        frameworks=(*(_row(row, claims) for row in asked.rows), *(_row(row, claims) for row in asked.duties)),
        signatures=tuple(_signature(desk, configured, one, signed) for one in papers.signings),
    )


def struck_answers(desk: Desk, tool: str) -> Mapping[str, tuple[str, ...]]:
    """Return the struck answers about a tool and the site, newest first, by question."""
    with desk.store.read() as unit:
        rows = (*unit.register.answers(SITE, struck=True), *unit.register.answers(tool, struck=True))
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.struck_at is not None:
            found.setdefault(row.question, []).insert(0, row.text)
    return {question: tuple(texts) for question, texts in found.items()}


def with_struck(sections: Iterable[SectionSeen], struck: Mapping[str, tuple[str, ...]]) -> tuple[SectionSeen, ...]:
    """Return the sections with the answers that were struck through."""
    return tuple(
        replace(section, questions=tuple(replace(one, struck=struck.get(one.id, ())) for one in section.questions))
        for section in sections
    )


def _question(
    question: Question,
    tool: str,
    found: Mapping[str, str],
    answers: Sequence[Answer],
    claims: Mapping[str, ClaimSeen],
) -> QuestionSeen:
    about = SITE if question.scope is Scope.SITE else tool
    given = next((one for one in reversed(answers) if (one.tool, one.question) == (about, question.id)), None)
    return QuestionSeen(
        id=question.id,
        asks=question.asks,
        help=question.help,
        law=question.law,
        filled_by=question.filled_by,
        kind=question.kind,
        choices=question.choices,
        is_mandatory=question.is_mandatory,
        answer=found.get(question.id, ""),
        answered_by=given.who if given else "",
        answered_at=given.at if given else None,
        claims=tuple(claims[name] for name in question.claims),
        example=question.example,
    )


def _risks(found: Mapping[str, str], claims: Mapping[str, ClaimSeen]) -> tuple[RiskSeen, ...]:
    """Return the three aspects with their levels and the measures wanted from that level on (ENISA handbook, step 5)."""
    asked = frameworks()
    likely = probability(asked.risk, found)
    seen = []
    for aspect in ASPECTS:
        impact = found.get(f"impact.{aspect}", "")
        level = risk_level(asked.risk, likely, impact)
        wanted = [row for row in asked.measures if level and LEVELS.index(row.from_level) <= LEVELS.index(level)]
        names = dict.fromkeys(name for row in wanted for name in row.claims)
        measures = tuple(claims[name] for name in names)
        seen.append(RiskSeen(aspect=aspect, impact=impact, probability=likely, level=level, measures=measures))
    return tuple(seen)


def overall(risks: Sequence[RiskSeen]) -> str:
    """Return the highest level of the three, empty while one is open."""
    levels = [risk.level for risk in risks]
    return highest(levels) if all(levels) else ""


def _row(row: Row, claims: Mapping[str, ClaimSeen]) -> FrameworkRow:
    seen = tuple(claims[name] for name in row.claims)
    since = f"; applies from {row.applies_from}, checked {row.checked_on}" if row.applies_from else ""
    return FrameworkRow(
        framework=row.framework,
        id=row.id,
        title=row.title,
        source=f"{row.source}{since}",
        claims=seen,
        light=light_of(seen),
    )


def _signature(desk: Desk, configured: Configured, signing: Signing, assessment: str) -> SignatureSeen:
    officers = configured.register.officers
    officer = next((one for one in officers if one.name == signing.officer), None)
    against = counts(signing, configured.site, officers, desk.signatures.verify)
    entry = entry_hash(entry_of(configured, signing.tool))
    changed = (
        "the entry" if entry != signing.entry_hash else "" if assessment == signing.assessment_hash else "an answer"
    )
    because = against or (f"{changed} changed since" if changed else "")
    return SignatureSeen(
        officer=signing.officer,
        office=officer.office if officer else "",
        at=signing.at,
        public_key=signing.public_key.hex(),
        signature=signing.signature.hex(),
        is_exercise=signing.is_exercise,
        counts=not because,
        because=because,
    )
