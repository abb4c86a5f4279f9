"""Findings become alerts: what fusion decides is stored, recorded and announced, in one unit with the cursor.

A unit takes as many messages as were made ready in half a second: either all of them happened and the cursor stands behind
the last, or none did and they come again. Coming again is harmless: messages at or before the cursor and findings whose key
is known are passed over. Evidence goes to the blob store before the unit is opened (`join_findings`), so that it is there
before its row is, and nobody waits for the disk; what a failed unit leaves behind is swept later.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from impetus.core.board import Quarantined, Rule
from impetus.core.errors import Malformed, TheirFault
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import EvidenceId, Offset, SourceId
from impetus.core.observation import Source
from impetus.core.tool import JoiningTool
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.join_findings import CONSUMER, FUSION, Joining, Rehearsal, evidence_id, store_evidence
from impetus.desk.noted import note_done, tally_done
from impetus.desk.permit import permit
from impetus.desk.silenced import Silenced, silenced
from impetus.ethics.guard import Operation
from impetus.ports import Message, Unit

OWN_SOURCE = SourceId("platform")
"""Source under which the platform's own refused records are kept."""
UNIT_S = 0.5
"""Seconds after which no further message is made ready, and after which a unit ends with the message it has in hand; a
person's click waits no longer than that."""
Opened = tuple[Finding, Evidence] | Quarantined | None
"""A finding, what cannot be read, or None for what a person silenced (`silenced`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a batch: alerts raised, findings counted with known alerts, passed over as known, silenced or long past, malformed."""

    raised: int = 0
    repeated: int = 0
    known: int = 0
    malformed: int = 0
    silenced: int = 0
    past: int = 0
    cursor: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Messages that can be taken in at once, in order, and the sizes of the evidence that is stored for them."""

    opened: Sequence[tuple[Offset, Opened]]
    stored: Mapping[EvidenceId, int]


def raise_alerts(desk: Desk, joiner: JoiningTool, messages: Sequence[Message]) -> Outcome:
    """Turn messages of the topic `findings`, in order, into alerts, and move the cursor past those taken.

    A message that cannot be read goes to the quarantine and is counted; it costs the others nothing. When time is up
    the rest is left: `Outcome.cursor` says how far it came, at least one message further.
    """
    permit(desk, FUSION, Operation.ALERTS_RAISE)
    at = desk.clock.now()
    quiet = silenced(desk)
    opened = [(message.offset, _opened(desk, message, at, quiet)) for message in messages]
    ready = _make_ready(desk, joiner, opened, at)
    ends_s = desk.clock.monotonic_s() + UNIT_S
    with desk.store.write() as unit:
        passed = unit.cursors.get(CONSUMER, FINDINGS)
        joining = Joining(desk=desk, unit=unit, joiner=joiner, at=at, stored=ready.stored)
        joining.known = sum(offset <= passed for offset, _ in ready.opened)
        fresh = [(offset, content) for offset, content in ready.opened if offset > passed]
        joining.look_around(_findings(fresh))
        cursor, refused, stopped = passed, list[Quarantined](), 0
        for offset, content in fresh:
            if content is None:
                stopped += 1
            elif isinstance(content, Quarantined):
                refused.append(content)
            else:
                joining.take(*content)
            cursor = offset
            if desk.clock.monotonic_s() > ends_s:
                break
        _quarantine(unit, refused, at)
        joining.finish()
        if cursor != passed:
            unit.cursors.move(CONSUMER, FINDINGS, cursor)
        tally_done(desk, FUSION, "alert.raise", joining.raised)
        tally_done(desk, FUSION, "alert.repeat", joining.repeated)
        tally_done(desk, FUSION, "finding.silence", stopped)
        return Outcome(
            raised=joining.raised,
            repeated=joining.repeated,
            known=joining.known,
            malformed=len(refused),
            silenced=stopped,
            past=joining.past,
            cursor=cursor,
        )


def rewind(desk: Desk, offset: Offset) -> None:
    """Set the cursor back, when the bus was replaced by a younger one; known findings are passed over by their keys."""
    permit(desk, FUSION, Operation.ALERTS_RAISE)
    with desk.store.write() as unit:
        unit.cursors.move(CONSUMER, FINDINGS, offset)
        note_done(desk, FUSION, "findings.rewind", "topic:findings", facts={"offset": offset})


def _make_ready(desk: Desk, joiner: JoiningTool, opened: Sequence[tuple[Offset, Opened]], at: datetime) -> Ready:
    """Rehearse the messages and store the evidence they will need, as far as time allows, at least for one more."""
    ends_s = desk.clock.monotonic_s() + UNIT_S
    with desk.store.read() as unit:
        passed = unit.cursors.get(CONSUMER, FINDINGS)
        fresh = [(offset, content) for offset, content in opened if offset > passed]
        rehearsal = Rehearsal(desk=desk, unit=unit, joiner=joiner, at=at)
        rehearsal.look_around(_findings(fresh))
        needed: list[Sequence[Evidence]] = []
        for _, content in fresh:
            needed.append(rehearsal.rehearse(*content) if isinstance(content, tuple) else ())
            if desk.clock.monotonic_s() > ends_s:
                break
    known = len(opened) - len(fresh)
    count, stored = _store(desk, needed)
    return Ready(opened=opened[: known + count], stored=stored)


def _store(desk: Desk, needed: Sequence[Sequence[Evidence]]) -> tuple[int, Mapping[EvidenceId, int]]:
    """Store the evidence of one message after the other until time is up; return of how many, and its sizes."""
    ends_s = desk.clock.monotonic_s() + UNIT_S
    stored: dict[EvidenceId, int] = {}
    for count, evidences in enumerate(needed, 1):
        for evidence in evidences:
            stored[evidence_id(evidence.finding)] = store_evidence(desk, evidence)
        if desk.clock.monotonic_s() > ends_s:
            return count, stored
    return len(needed), stored


def _findings(opened: Sequence[tuple[Offset, Opened]]) -> list[Finding]:
    """Return the findings among what was opened."""
    return [content[0] for _, content in opened if isinstance(content, tuple)]


def _opened(desk: Desk, message: Message, at: datetime, quiet: Silenced) -> Opened:
    """Decode a message; what cannot be used becomes a record for the quarantine, what is silenced nothing."""
    try:
        finding, evidence = desk.codec.decode_finding(message.body)
        _check_numbers(finding)
    except TheirFault as error:
        return Quarantined(
            id=0, source=OWN_SOURCE, at=at, rule=Rule.MALFORMED, detail=error.detail, record=message.body
        )
    return None if quiet.holds(finding) else (finding, evidence)


def _quarantine(unit: Unit, refused: Sequence[Quarantined], at: datetime) -> None:
    """Keep and count refused messages under the platform's own source, which is declared when it is first needed."""
    if not refused:
        return
    if OWN_SOURCE not in {source.id for source in unit.sources.all()}:
        unit.sources.declare(Source(id=OWN_SOURCE, name="Impetus", kind="platform", freshness_s=0.0), ())
    unit.sources.quarantine(refused)
    unit.sources.count(OWN_SOURCE, {Rule.MALFORMED: len(refused)}, at)


def _check_numbers(finding: Finding) -> None:
    """Refuse numbers an alert cannot carry: JSON has no NaN, and a state must not hold one."""
    numbers = {"score": finding.score, "one_in": finding.one_in or 0.0, **finding.facts}
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise Malformed(f"{name} of a finding is {number}", value=number, limit="finite", remedy="leave it out")
