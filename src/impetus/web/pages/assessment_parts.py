"""What the page of an assessment is drawn from: how far each section is, and the risks as a grid of impact by probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from impetus.core.assessment import QuestionSeen, RiskSeen, SectionSeen

PROBABILITIES = ("low", "medium", "high")
IMPACTS = ("very high", "high", "medium", "low")
"""Highest first, so that the worst stands in the upper right. **Source**: ENISA handbook, steps 2 to 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of a section's questions are answered."""

    id: str
    title: str
    done: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the grid: the level it means, and the aspects whose risk stands there."""

    level: str
    aspects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Impact down, highest first; probability across, lowest first."""

    probabilities: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def progress(sections: Sequence[SectionSeen]) -> tuple[Progress, ...]:
    """Return how far each section is; a question that may stay open counts like the others."""
    return tuple(
        Progress(
            id=section.id,
            title=section.title,
            done=sum(bool(question.answer) for question in section.questions),
            all=len(section.questions),
        )
        for section in sections
    )


def questions(sections: Sequence[SectionSeen]) -> tuple[QuestionSeen, ...]:
    """Return every question in the order asked."""
    return tuple(question for section in sections for question in section.questions)


def grid(risks: Sequence[RiskSeen], levels: Mapping[str, Mapping[str, str]]) -> Grid:
    """Return the picture of the risks; `levels` is the handbook's table, probability to impact to level."""
    placed: dict[tuple[str, str], list[str]] = {}
    for risk in risks:
        placed.setdefault((risk.impact, risk.probability), []).append(risk.aspect)
    return Grid(
        probabilities=PROBABILITIES,
        rows=tuple(
            (
                impact,
                tuple(
                    Cell(
                        level=levels.get(probability, {}).get(impact, ""),
                        aspects=tuple(placed.get((impact, probability), ())),
                    )
                    for probability in PROBABILITIES
                ),
            )
            for impact in IMPACTS
        ),
    )
