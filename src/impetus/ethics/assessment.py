"""The assessment: which questions a tool must answer, whether they are answered, and what the answers come to.

One document serves GDPR article 35 and AI Act article 27 together (article 27(4) lets one complement the other). The
tool's part ships with the tool; the city's part is asked. Nothing here decides whether a risk may be taken: a person does,
and signs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from impetus.core.assessment import AnswerKind, FilledBy, Light
from impetus.core.errors import Malformed
from impetus.core.register import Answer, Missing, ToolPart
from impetus.ethics.claims import Backing, judge_claim
from impetus.ethics.entry import CITY, MAKER
from impetus.ethics.framework import LEVELS, SITE, Frameworks, Question, RiskTable, Scope
from impetus.ethics.register import SIGNER, Signed, digest_answers

MAX_ANSWER_CHARS = 8_000
"""House rule: four pages; longer texts belong into an attachment the answer names."""
MIN_ANSWER_CHARS = 3
ASPECTS = ("confidentiality", "integrity", "availability")
SCORES = {"low": 1, "medium": 2, "high": 3}
"""What an area of threats counts. Source: ENISA handbook, step 3."""


def check_answer(question: Question, text: str) -> str:
    """Return the answer as it is kept, or raise `Malformed` with what is allowed."""
    kept = text.strip()
    if question.filled_by is FilledBy.TOOL:
        raise Malformed(
            f"{question.id} belongs to the tool's part",
            value=question.id,
            limit="a question of the city's part",
            remedy="ask whoever makes the tool; their part ships with it",
        )
    if question.choices and kept not in question.choices:
        raise Malformed(
            f"the answer to {question.id} is {kept[:60]!r}",
            value=kept[:60],
            limit=", ".join(question.choices),
            remedy="choose one of these",
        )
    if not MIN_ANSWER_CHARS - 1 <= len(kept) <= MAX_ANSWER_CHARS:
        raise Malformed(
            f"the answer to {question.id} is {len(kept)} characters long",
            value=len(kept),
            limit=f"{MIN_ANSWER_CHARS - 1}..{MAX_ANSWER_CHARS}",
            remedy="answer in a sentence or some",
        )
    return kept


def gather(frameworks: Frameworks, part: ToolPart, answers: Sequence[Answer]) -> dict[str, str]:
    """Return the standing answer to each question of this tool: the tool's own, the city's, and the site's."""
    standing = {
        (answer.tool, answer.question): answer.text for answer in answers if answer.struck_at is None and answer.text
    }
    found: dict[str, str] = {}
    for question in frameworks.questions():
        if question.filled_by is FilledBy.TOOL:
            found[question.id] = part.answers.get(question.id, "").strip()
        else:
            about = SITE if question.scope is Scope.SITE else part.id
            found[question.id] = standing.get((about, question.id), "")
    return found


def assess(frameworks: Frameworks, part: ToolPart, answers: Sequence[Answer], gaps: Sequence[Missing] = ()) -> Signed:
    """Return what the assessment comes to for the gate; `gaps` are needed statements that do not stand."""
    found = gather(frameworks, part, answers)
    return Signed(answers=digest_answers(found), missing=(*open_questions(frameworks, part.id, found), *gaps))


def open_questions(frameworks: Frameworks, tool: str, found: Mapping[str, str]) -> tuple[Missing, ...]:
    """Return every mandatory question without a usable answer, with who may supply it and how."""
    return tuple(
        Missing(
            field=question.id,
            what=f"the answer to: {question.asks}",
            who_may_supply=MAKER if question.filled_by is FilledBy.TOOL else CITY,
            how=(
                f"write {question.id} into the tool's assessment.toml"
                if question.filled_by is FilledBy.TOOL
                else f"impetus assessment answer {_about(question, tool)} {question.id}, or the assessment's page"
            ),
        )
        for question in frameworks.questions()
        if question.is_mandatory and not _is_usable(question, found.get(question.id, ""))
    )


def open_statements(frameworks: Frameworks, tool: str, backing: Backing, *, at: datetime) -> tuple[Missing, ...]:
    """Return every claim a tool does not start without whose statement does not stand now."""
    gaps = []
    for claim in frameworks.claims.values():
        if not claim.is_needed:
            continue
        seen = judge_claim(claim, tool, backing, at=at)
        if seen.light is not Light.GREEN:
            about = SITE if claim.scope is Scope.SITE else tool
            how = f"impetus register state {about} {claim.id} --as NAME, or the assessment's page"
            what = f"a statement that {claim.says[0].lower()}{claim.says[1:].rstrip('.')} ({seen.because})"
            gaps.append(Missing(field=claim.id, what=what, who_may_supply=SIGNER, how=how))
    return tuple(gaps)


def probability(table: RiskTable, found: Mapping[str, str]) -> str:
    """Return how likely a threat is, empty while a question of it is open.

    **Source**: ENISA handbook, step 3.
    """
    scores = []
    for questions in table.areas.values():
        said = [found.get(question, "") for question in questions]
        if not all(said):
            return ""
        yes = said.count("yes")
        level = "high" if yes >= table.area_high_from else "medium" if yes >= table.area_medium_from else "low"
        scores.append(SCORES[level])
    total = sum(scores)
    return "high" if total >= table.sum_high_from else "medium" if total >= table.sum_medium_from else "low"


def risk_level(table: RiskTable, likely: str, impact: str) -> str:
    """Return the level of one aspect, empty while either is open.

    **Source**: ENISA handbook, step 4.
    """
    return table.levels.get(likely, {}).get(impact, "")


def highest(levels: Sequence[str]) -> str:
    """Return the highest of some levels, empty when there is none."""
    return max((level for level in levels if level), key=LEVELS.index, default="")


def triggers_met(frameworks: Frameworks, found: Mapping[str, str]) -> tuple[str, ...]:
    """Return the signs of WP 248 that the answers say yes to."""
    return tuple(name for name in frameworks.triggers if found.get(name) == "yes")


def _is_usable(question: Question, text: str) -> bool:
    if question.kind is AnswerKind.TEXT:
        return len(text.strip()) >= MIN_ANSWER_CHARS
    return text in question.choices


def _about(question: Question, tool: str) -> str:
    return SITE if question.scope is Scope.SITE else tool
