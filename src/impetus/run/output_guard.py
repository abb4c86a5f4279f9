"""What a tool actually says, checked before it leaves: refused, logged, told to people, and the tool stopped when it goes on.

No setting reaches this: the checks are in `ethics/outputs.py`, and this only asks, counts and tells.
"""

import logging
from dataclasses import dataclass, field

from impetus.core.errors import ImpetusError, NotNow
from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.core.observation import Catalogue
from impetus.core.stop import Scope, Target
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.platform_finding import PLATFORM, publish_findings
from impetus.ethics.outputs import Sightings, inspect
from impetus.ethics.prohibited import Refusal

ACT = "output.refused"
TRIES = 3
"""Refused outputs after which the tool is stopped. House rule: one may be a mistake, three are a tool that does it."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class OutputGuard:
    """The last look at what one tool says."""

    desk: Desk
    tool: ToolId
    refused: int = 0
    sightings: Sightings = field(default_factory=Sightings)
    _things: dict[int, str] = field(default_factory=dict)
    _known: dict[str, object] = field(default_factory=dict)

    def learn(self, catalogue: Catalogue) -> None:
        """Know the names of what stands still, which are no persons."""
        streams = list(catalogue.datastreams.values())
        self._things = {int(each.id): str(each.thing) for each in streams}
        names = (name for each in streams for name in (each.key, each.thing, each.thing_name, each.zone))
        self._known = {str(name): None for name in names if name}

    def passes(self, finding: Finding, evidence: Evidence) -> bool:
        """Say whether a finding may leave; one that may not is counted, logged and told, and the third stops the tool."""
        things = {self._things[number] for number in map(int, finding.datastreams) if number in self._things}
        refusal = inspect(finding, evidence) or self.sightings.look(finding, evidence, things, self._known)
        if refusal is None:
            return True
        self.refused += 1
        log.error("%s: output refused: %s, %s", self.tool, refusal.rule, refusal.article)
        self._log(finding, refusal)
        if self.refused == 1:
            self._tell(finding, refusal)
        if self.refused >= TRIES:
            self._stop(finding, refusal)
        return False

    def _log(self, finding: Finding, refusal: Refusal) -> None:
        """Write the refusal to the log, beside the stops when the log cannot take it; nothing of the output itself."""
        record = LogRecord(
            at=finding.noticed,
            who=f"platform:tool:{self.tool}",
            role="platform",
            act=ACT,
            outcome=Outcome.REFUSED,
            processing=Processing.CONTROL,
            rule=f"{refusal.rule}: {refusal.article}",
            subject=f"tool:{self.tool}",
            why=refusal.why,
            facts={"tries": self.refused},
        )
        try:
            self.desk.journal.write([record])
        except ImpetusError:
            self.desk.stops.keep(record)

    def _tell(self, finding: Finding, refusal: Refusal) -> None:
        """Raise it to people, with rule and article."""
        told = Finding(
            key=FindingKey(f"platform:prohibited:{self.tool}:{finding.key}"[:200]),
            tool=PLATFORM,
            kind=Kind.PLATFORM,
            subject=f"part:{self.tool}",
            headline=Phrase(
                template="{tool} gave what no tool may give: {rule}", values={"tool": self.tool, "rule": refusal.rule}
            ),
            why=Phrase(template="{why} ({article})", values={"why": refusal.why, "article": refusal.article}),
            began=finding.began,
            noticed=finding.noticed,
            severity=Severity.SEVERE,
            urgency=Urgency.IMMEDIATE,
            certainty=Certainty.OBSERVED,
            score=1.0,
            simulated=finding.simulated,
        )
        try:
            publish_findings(self.desk, [told])
        except NotNow as error:
            log.warning("the alert about %s waits for room: %s", self.tool, error.detail)
            self.refused = 0

    def _stop(self, finding: Finding, refusal: Refusal) -> None:
        """Pull the kill switch on the tool; only a named person starts it again."""
        target = Target(scope=Scope.TOOL, key=self.tool)
        why = f"{self.refused} outputs refused: {refusal.rule}, {refusal.article}"
        self.desk.stops.stop(target, by="platform:output-guard", at=finding.noticed, why=why)
