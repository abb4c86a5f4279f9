"""Whether a tool may run now: the register's judgement over what is configured, answered, stated and signed at this moment.

One function for the start gate, the board and every page, so that no two of them can say different things.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from impetus.core.register import Answer, Configured, RuleRef, Signing, Statement, ToolPart
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.ethics.assessment import assess, open_statements
from impetus.ethics.claims import Backing, Probe
from impetus.ethics.framework import SITE
from impetus.ethics.prohibited_site import judge_tool as judge_prohibited
from impetus.ethics.register import Case, Judgement, Signed, judge
from impetus.ports import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What was answered, stated and signed about one tool and about the site."""

    answers: tuple[Answer, ...]
    statements: tuple[Statement, ...]
    signings: tuple[Signing, ...]


def papers_of(unit: Unit, tool: str) -> Papers:
    """Return the papers of a tool, oldest first."""
    return Papers(
        answers=(*unit.register.answers(SITE), *unit.register.answers(tool)),
        statements=(*unit.register.statements(SITE), *unit.register.statements(tool)),
        signings=tuple(unit.register.signings(tool)),
    )


def clearance(desk: Desk, tool: str) -> Judgement:
    """Judge a tool as everything stands now; never raises for what is configured wrongly, but says it."""
    configured = desk.configuration.read()
    with desk.store.read() as unit:
        papers = papers_of(unit, tool)
    return judge_tool(desk, configured, tool, papers, at=desk.clock.now())


def judge_tool(desk: Desk, configured: Configured, tool: str, papers: Papers, *, at: datetime) -> Judgement:
    """Judge a tool by papers already read."""
    case = Case(
        assessment=assessed(desk, configured, tool, papers, at=at),
        signings=papers.signings,
        refusals=refusals_of(configured, tool),
    )
    return judge(configured, tool, case, at=at, verify=desk.signatures.verify)


def assessed(desk: Desk, configured: Configured, tool: str, papers: Papers, *, at: datetime) -> Signed:
    """Return what a tool's assessment comes to for the gate."""
    part = configured.installed.get(tool) or ToolPart(id=tool)
    gaps = open_statements(frameworks(), tool, backing_of(desk, configured, papers), at=at)
    return assess(frameworks(), part, papers.answers, gaps)


def backing_of(desk: Desk, configured: Configured, papers: Papers, probes: dict[str, Probe] | None = None) -> Backing:
    """Return what claims are judged from; without probes only statements count."""
    return Backing(
        site=configured.site,
        probes=probes or {},
        statements=papers.statements,
        officers=configured.register.officers,
        verify=desk.signatures.verify,
        is_exercise=configured.is_exercise,
    )


def refusals_of(configured: Configured, tool: str) -> Sequence[RuleRef]:
    """Return the prohibitions a tool's configuration meets, with its settings, its wiring and its places."""
    judged = judge_prohibited(tool, configured.installed, configured.switched_on, configured.register.tools)
    return [RuleRef(rule=each.rule, article=each.article, why=each.why) for each in judged]
