"""What good practice and the law ask of one tool, and what stands behind each row now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.assessment import ClaimSeen, FrameworkRow, Light
from impetus.core.errors import Unknown
from impetus.core.register import EntryState
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.register_reading import AssessmentView, assessment_view, register_rows
from impetus.ethics.claims import light_of
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
TITLES: Mapping[str, str] = {
    "duties": N_("Duties and the day they apply from"),
    "altai": N_("Trustworthy AI: the seven requirements of ALTAI"),
    "enisa": N_("Measures of the ENISA handbook"),
    "iso_maps": N_("Clauses of ISO standards, by number"),
}
"""What each framework is called; one that is not here shows its own id."""

DUTIES = "duties"
SIGNS = "wp248"
"""The section of an assessment that asks for the signs of WP 248."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """One row with the day from which it is law, None for what is no duty."""

    id: str
    title: str
    source: str
    light: Light
    claims: tuple[ClaimSeen, ...]
    applies_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One framework with its rows."""

    id: str
    title: str
    rows: tuple[RowShown, ...]

    @property
    def green(self) -> int:
        """Return how many rows are shown to be so."""
        return sum(row.light is Light.GREEN for row in self.rows)


def groups(rows: Sequence[FrameworkRow], days: Mapping[str, date | None]) -> tuple[Group, ...]:
    """Return the rows by framework, duties first, then as they come; `days` are the duties' first days by row."""
    names = sorted(
        {row.framework for row in rows}, key=lambda name: ([*TITLES].index(name) if name in TITLES else 99, name)
    )
    return tuple(
        Group(
            id=name,
            title=TITLES.get(name, name),
            rows=tuple(_shown(row, days) for row in rows if row.framework == name),
        )
        for name in names
    )


def measures(view: AssessmentView) -> tuple[FrameworkRow, ...]:
    """Return the ENISA handbook's measures with what stands behind each for this tool; green as `light_of` says."""
    questions_claims = (
        claim for section in view.sections for question in section.questions for claim in question.claims
    )
    seen = {
        claim.id: claim
        for claim in (
            *questions_claims,
            *(claim for row in view.frameworks for claim in row.claims),
            *(claim for risk in view.risks for claim in risk.measures),
        )
    }
    found = []
    for row in frameworks().measures:
        claims = tuple(seen[claim] for claim in row.claims if claim in seen)
        light = light_of(claims) if len(claims) == len(row.claims) else Light.OPEN
        found.append(
            FrameworkRow(
                framework=row.framework, id=row.id, title=row.title, source=row.source, claims=claims, light=light
            )
        )
    return tuple(found)


def _shown(row: FrameworkRow, days: Mapping[str, date | None]) -> RowShown:
    """Return one row; a duty's title ends with its law in brackets, which stands with the source instead."""
    duty, _, law = row.title.partition(". (")
    is_duty = row.framework == DUTIES and bool(law)
    own, _, _ = row.source.partition("; applies from ")
    return RowShown(
        id=row.id,
        title=f"{duty}." if is_duty else row.title,
        source=f"{law.removesuffix(')')}, {own}" if is_duty else row.source,
        light=row.light,
        claims=row.claims,
        applies_from=days.get(row.id),
    )


def _view(desk: Desk, actor: Actor, tool: str) -> AssessmentView | None:
    """Return a tool's assessment, None for one that is switched on and not installed."""
    try:
        return assessment_view(desk, actor, tool) if tool else None
    except Unknown:
        return None


@router.get("/ethics/frameworks")
def show_frameworks(
    request: Request, desk: TheDesk, actor: Person, tool: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """Show every framework's rows for one tool, the first of the register when none is named."""
    rows = register_rows(desk, actor)
    named = {row.tool: row.name for row in rows if row.state is not EntryState.REFUSED}
    chosen = tool if tool in named else next(iter(named), "")
    view = _view(desk, actor, chosen)
    shown = (*view.frameworks, *measures(view)) if view else ()
    counts = Counter(row.light for row in shown)
    return page(
        request,
        "frameworks.html",
        actor=actor,
        tools=list(named.items()),
        chosen=chosen,
        groups=groups(shown, {duty.id: duty.applies_from for duty in frameworks().duties}),
        signs=[question for section in view.sections if section.id == SIGNS for question in section.questions]
        if view
        else [],
        lights=[(light, counts[light]) for light in Light],
    )
