"""Findings become alerts: what fusion decides is stored, recorded and announced, in one unit with the cursor.

One unit takes as many messages as it can in half a second, because it holds the state's one writer and people wait for it:
either all of them happened and the cursor stands behind the last, or none did and they come again. Coming again is harmless: messages at or before the cursor and findings whose key is known are passed over.
Within a unit an alert is written once and announced once, however many findings it took in.

Evidence goes to the blob store before its row is committed; what a failed unit leaves behind is swept later. A repeat adds
evidence at most once a minute, and an alert lists its first evidence and its latest.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from impetus.core.actor import platform
from impetus.core.alert import Alert, AlertEntry, AlertEvent
from impetus.core.board import Quarantined, Rule
from impetus.core.effects import Effect
from impetus.core.errors import Malformed, TheirFault, Unknown
from impetus.core.evidence import Evidence, EvidenceRecord
from impetus.core.finding import Finding
from impetus.core.ids import AlertId, EvidenceId, FindingKey, Offset, SourceId
from impetus.core.observation import Source
from impetus.core.tool import JoiningTool, Raise, Repeat
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.transition import Act, announce, step
from impetus.ethics.guard import Operation, permit
from impetus.ports import Message, Unit

CONSUMER = "fusion"
FUSION = platform(CONSUMER)
OWN_SOURCE = SourceId("platform")
"""Source under which the platform's own refused records are kept."""
RAISED, JOINED = "raise", "join_finding"
"""Events of a history that are no steps of the table: the first line, and fusion joining another identity."""
MAX_EVIDENCE = 8
"""Evidence one alert lists: the first and the latest seven. House rule."""
UNIT_S = 0.5
"""Seconds after which a unit ends with the message it has in hand; a person's click waits no longer than that."""
EVIDENCE_EVERY = timedelta(seconds=60)
MEDIA_TYPE = "application/vnd.impetus.evidence+json"
Opened = tuple[Finding, Evidence] | Quarantined
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a batch: alerts raised, findings counted with known alerts, passed over as known, malformed."""

    raised: int = 0
    repeated: int = 0
    known: int = 0
    malformed: int = 0
    cursor: Offset


def evidence_id(key: FindingKey) -> EvidenceId:
    """Return the name under which a finding's evidence is kept."""
    return EvidenceId(hashlib.sha256(key.encode()).hexdigest()[:32])


def raise_alerts(desk: Desk, joiner: JoiningTool, messages: Sequence[Message]) -> Outcome:
    """Turn messages of the topic `findings`, in order, into alerts, and move the cursor past those taken.

    A message that cannot be read goes to the quarantine and is counted; it costs the others nothing. When time is up
    the rest is left: `Outcome.cursor` says how far it came, at least one message further.
    """
    permit(FUSION, Operation.ALERTS_RAISE)
    at, ends_s = desk.clock.now(), desk.clock.monotonic_s() + UNIT_S
    opened = [(message.offset, _opened(desk, message, at)) for message in messages]
    with desk.store.write() as unit:
        passed = unit.cursors.get(CONSUMER, FINDINGS)
        work = _Work(desk=desk, unit=unit, joiner=joiner, at=at, known=sum(offset <= passed for offset, _ in opened))
        fresh = [(offset, content) for offset, content in opened if offset > passed]
        work.look_around([content[0] for _, content in fresh if isinstance(content, tuple)])
        cursor = passed
        for offset, content in fresh:
            work.take_or_refuse(content)
            cursor = offset
            if desk.clock.monotonic_s() > ends_s:
                break
        work.finish()
        if cursor != passed:
            unit.cursors.move(CONSUMER, FINDINGS, cursor)
        return Outcome(
            raised=work.raised,
            repeated=work.repeated,
            known=work.known,
            malformed=len(work.refused),
            cursor=cursor,
        )


def rewind(desk: Desk, offset: Offset) -> None:
    """Set the cursor back, when the bus was replaced by a younger one; known findings are passed over by their keys."""
    permit(FUSION, Operation.ALERTS_RAISE)
    with desk.store.write() as unit:
        unit.cursors.move(CONSUMER, FINDINGS, offset)


@dataclass(slots=True, kw_only=True)
class _Work:
    """The alerts as they read half-way through a unit: `near` by id, newest first, and which must be written and told."""

    desk: Desk
    unit: Unit
    joiner: JoiningTool
    at: datetime
    near: dict[AlertId, Alert] = field(default_factory=dict)
    unwritten: set[AlertId] = field(default_factory=set)
    untold: dict[AlertId, bool] = field(default_factory=dict)
    refused: list[Quarantined] = field(default_factory=list)
    raised: int = 0
    repeated: int = 0
    known: int = 0

    def look_around(self, findings: Sequence[Finding]) -> None:
        """Read once what any of these findings could belong with."""
        if findings:
            since = min(finding.began for finding in findings) - timedelta(seconds=self.joiner.horizon_s())
            self.near = {alert.id: alert for alert in self.unit.alerts.recent((), near_since=since)}

    def take_or_refuse(self, content: Opened) -> None:
        """Take in what could be read, and set aside what could not."""
        if isinstance(content, Quarantined):
            self.refused.append(content)
        else:
            self.take(*content)

    def take(self, finding: Finding, evidence: Evidence) -> None:
        """Take in one finding."""
        if self.unit.findings.alert_of(finding.key) is not None:
            self.known += 1
            return
        joined = self.joiner.join(finding, self._candidates(finding), at=self.at)
        alert = self._raise(joined, evidence) if isinstance(joined, Raise) else self._repeat(joined, evidence)
        self.unit.findings.add(finding, alert.id)

    def finish(self) -> None:
        """Write what changed and tell the screens, each alert once."""
        if self.refused:
            _quarantine(self.unit, self.refused, self.at)
        for alert_id in sorted(self.unwritten):
            self.near[alert_id] = self.unit.alerts.replace(self.near[alert_id])
        for alert_id, sound in sorted(self.untold.items()):
            announce(self.unit, self.near[alert_id], self.at, sound=sound)

    def _candidates(self, finding: Finding) -> list[Alert]:
        """Return the alerts a finding could belong with, as they read now, newest first."""
        fingerprint = self.joiner.fingerprint(finding)
        for alert in self.unit.alerts.recent((fingerprint,), near_since=NEVER):
            self.near.setdefault(alert.id, alert)
        return sorted(self.near.values(), key=lambda alert: (alert.raised_at, alert.id), reverse=True)

    def _raise(self, joined: Raise, evidence: Evidence) -> Alert:
        """Store a new alert with its evidence and the first line of its history."""
        kept = self._keep(evidence)
        alert = self.unit.alerts.add(replace(joined.alert, evidence=(kept,)))
        self._record(alert, RAISED, {"tool": joined.finding.tool, "version": alert.version})
        self.near[alert.id] = alert
        self.untold[alert.id] = True
        self.raised += 1
        return alert

    def _repeat(self, joined: Repeat, evidence: Evidence) -> Alert:
        """Take a finding into a known alert, through the alert's table."""
        before = self.near[joined.alert.id]
        event = AlertEvent.WORSEN if joined.worse else AlertEvent.REPEAT
        stepped, effects = step(self.unit, joined.alert, Act(actor=FUSION, event=event, at=self.at))
        has_grown = len(stepped.joined) != len(before.joined)
        if joined.worse or has_grown or self._is_due(before):
            stepped = replace(stepped, evidence=_listed(stepped.evidence, self._keep(evidence)))
        tool = joined.finding.tool
        if Effect.RECORD in effects:
            detail = {"severity": stepped.severity.value, "tool": tool, "version": stepped.version + 1}
            self._record(stepped, event, detail)
        if has_grown:
            self._record(stepped, JOINED, {"tool": tool, "version": stepped.version + 1})
        if Effect.SHOW in effects:
            self.untold[stepped.id] = self.untold.get(stepped.id, False) or Effect.SOUND in effects
        self.near[stepped.id] = stepped
        self.unwritten.add(stepped.id)
        self.repeated += 1
        return stepped

    def _is_due(self, alert: Alert) -> bool:
        """Say whether the alert's latest evidence is old enough for a newer one."""
        try:
            latest = self.unit.evidence.get(alert.evidence[-1])
        except (IndexError, Unknown):
            return True
        return self.at - latest.stored_at >= EVIDENCE_EVERY

    def _keep(self, evidence: Evidence) -> EvidenceId:
        """Store evidence, bytes first, then the row that says it exists."""
        name = evidence_id(evidence.finding)
        body = self.desk.codec.encode_evidence(evidence)
        self.desk.blobs.put(name, body)
        self.unit.evidence.add(
            EvidenceRecord(
                id=name, finding=evidence.finding, media_type=MEDIA_TYPE, bytes_=len(body), stored_at=self.at
            )
        )
        return name

    def _record(self, alert: Alert, event: str, detail: Mapping[str, str | int | float]) -> None:
        """Write a line of an alert's history in fusion's name."""
        entry = AlertEntry(
            alert=alert.id, at=self.at, event=event, who=FUSION.name, state=alert.state, detail=dict(detail)
        )
        self.unit.alerts.record(entry)


def _opened(desk: Desk, message: Message, at: datetime) -> Opened:
    """Decode a message; what cannot be used becomes a record for the quarantine."""
    try:
        finding, evidence = desk.codec.decode_finding(message.body)
        _check_numbers(finding)
    except TheirFault as error:
        return Quarantined(
            id=0, source=OWN_SOURCE, at=at, rule=Rule.MALFORMED, detail=error.detail, record=message.body
        )
    return finding, evidence


def _quarantine(unit: Unit, refused: Sequence[Quarantined], at: datetime) -> None:
    """Keep and count refused messages under the platform's own source, which is declared when it is first needed."""
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


def _listed(known: tuple[EvidenceId, ...], more: EvidenceId) -> tuple[EvidenceId, ...]:
    """Return the first evidence and the latest ones."""
    listed = (*(each for each in known if each != more), more)
    return listed if len(listed) <= MAX_EVIDENCE else (listed[0], *listed[-(MAX_EVIDENCE - 1) :])
