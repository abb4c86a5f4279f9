"""What fusion's decisions do to alerts within one unit, and the rehearsal that comes before it.

The state has one writer and people wait for it, while each piece of evidence takes two trips to the disk. So what a unit
will do is rehearsed first, over what can be read: that tells which findings bring evidence, and its bytes are stored before
the unit is opened. The unit decides anew, over what is true by then; evidence that the rehearsal did not foresee, because
somebody acted in between, is stored inside it. What was foreseen and not needed belongs to no row, and is swept by its age.

Within a unit an alert is written once and announced once, however many findings it took in. A repeat adds evidence at most
once a minute, and an alert lists its first evidence and its latest.

What is counted with a known alert asks when it is news to whoever knows that alert (`processes.flood.is_news`), and then within
the limit of its own severity, however bad the alert is already.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from impetus.core.actor import platform
from impetus.core.alert import Alert, AlertEntry, AlertEvent, AlertState
from impetus.core.attention import Because, Quiet
from impetus.core.effects import Effect
from impetus.core.errors import Unknown
from impetus.core.evidence import Evidence, EvidenceRecord
from impetus.core.finding import Finding, Severity
from impetus.core.ids import AlertId, DatastreamId, EvidenceId, FindingKey, SourceId
from impetus.core.plant import is_planted
from impetus.core.tool import JoiningTool, Raise, Repeat
from impetus.desk.context import Desk
from impetus.desk.flood import attend, call
from impetus.desk.quieting import QUIETING, rule_for, sources_of, standing
from impetus.desk.transition import Act, announce, step
from impetus.ports import Unit
from impetus.processes.flood import is_news, lasted_until

CONSUMER = "fusion"
FUSION = platform(CONSUMER)
RAISED, JOINED = "raise", "join_finding"
"""Events of a history that are no steps of the table: the first line, and fusion joining another identity."""
MAX_EVIDENCE = 8
"""Evidence one alert lists: the first and the latest seven. House rule."""
EVIDENCE_EVERY = timedelta(seconds=60)
MEDIA_TYPE = "application/vnd.impetus.evidence+json"
ASKED_AT_ONCE = 100
"""Identities looked up together; each then has five alerts of the five hundred that are returned at once."""
LONG_OVER = timedelta(hours=1)
"""What was over longer ago than this when it was first heard of calls nobody: readings that came late, or a replay. House rule."""
NEVER = datetime.max.replace(tzinfo=UTC)
PROVISIONAL = 2**62
"""Numbers of alerts in a rehearsal begin here: behind every real one, as a new alert's would."""


def evidence_id(key: FindingKey) -> EvidenceId:
    """Return the name under which a finding's evidence is kept."""
    return EvidenceId(hashlib.sha256(key.encode()).hexdigest()[:32])


def is_long_over(finding: Finding, at: datetime) -> bool:
    """Say whether what a finding is about had ended too long ago to need anybody now."""
    return finding.ended is not None and finding.ended < at - LONG_OVER


def store_evidence(desk: Desk, evidence: Evidence) -> int:
    """Put the bytes of evidence on the disk, and return how many they are."""
    body = desk.codec.encode_evidence(evidence)
    desk.blobs.put(evidence_id(evidence.finding), body)
    return len(body)


@dataclass(slots=True, kw_only=True)
class Joining:
    """The alerts as they read half-way through a unit: `near` by id, newest first, and which must be written and told.

    `stored` says of which evidence the bytes are in the blob store already, and how many they are.
    """

    desk: Desk
    unit: Unit
    joiner: JoiningTool
    at: datetime
    stored: Mapping[EvidenceId, int] = field(default_factory=dict)
    near: dict[AlertId, Alert] = field(default_factory=dict)
    taken: set[FindingKey] = field(default_factory=set)
    kept: set[EvidenceId] = field(default_factory=set)
    unwritten: set[AlertId] = field(default_factory=set)
    untold: dict[AlertId, bool] = field(default_factory=dict)
    calling: dict[AlertId, tuple[Because, Severity]] = field(default_factory=dict)
    told: dict[AlertId, dict[tuple[str, Severity], Finding]] = field(default_factory=dict)
    rules: Sequence[Quiet] = ()
    sources: Mapping[DatastreamId, SourceId] = field(default_factory=dict)
    raised: int = 0
    repeated: int = 0
    known: int = 0
    past: int = 0

    def look_around(self, findings: Sequence[Finding]) -> None:
        """Read once what any of these findings could belong with."""
        if findings:
            self.rules = standing(self.unit, self.at)
            if any(rule.source for rule in self.rules):
                self.sources = sources_of(self.unit)
            since = min(finding.began for finding in findings) - timedelta(seconds=self.joiner.horizon_s())
            self._see(self.unit.alerts.recent((), near_since=since))
            identities = list(dict.fromkeys(self.joiner.fingerprint(finding) for finding in findings))
            for start in range(0, len(identities), ASKED_AT_ONCE):
                asked = identities[start : start + ASKED_AT_ONCE]
                self._see(self.unit.alerts.recent(asked, near_since=NEVER))

    def take(self, finding: Finding, evidence: Evidence) -> None:
        """Take in one finding; what was long over before anybody heard of it raises nothing and is counted."""
        if finding.key in self.taken or self.unit.findings.alert_of(finding.key) is not None:
            self.known += 1
            return
        joined = self.joiner.join(finding, self._candidates(), at=self.at)
        if isinstance(joined, Raise) and is_long_over(finding, self.at):
            self.past += 1
            self.taken.add(finding.key)
            return
        alert = self._raise(joined, evidence) if isinstance(joined, Raise) else self._repeat(joined, evidence)
        self._link(finding, alert)
        self._tell(alert.id, finding)
        self.taken.add(finding.key)

    def finish(self) -> None:
        """Write what changed, tell the screens, each alert once, and ask whom it is time to ask."""
        for alert_id in sorted(self.unwritten):
            self.near[alert_id] = self.unit.alerts.replace(self.near[alert_id])
        for alert_id, sound in sorted(self.untold.items()):
            announce(self.unit, self.near[alert_id], self.at, sound=sound, paced=alert_id in self.calling)
        for alert_id, (because, severity) in sorted(self.calling.items()):
            call(self.unit, self.near[alert_id], self.at, because=because, severity=severity)
        attend(self.unit, self.at)

    def _see(self, alerts: Sequence[Alert]) -> None:
        self.near.update((alert.id, alert) for alert in alerts if not is_planted(alert))

    def _candidates(self) -> list[Alert]:
        """Return the alerts a finding could belong with, as they read now, newest first."""
        return sorted(self.near.values(), key=lambda alert: (alert.raised_at, alert.id), reverse=True)

    def _raise(self, joined: Raise, evidence: Evidence) -> Alert:
        """Store a new alert with its evidence and the first line of its history."""
        kept = self._keep(evidence)
        alert = self._add(replace(joined.alert, evidence=(kept,)))
        self._record(alert, RAISED, {"tool": joined.finding.tool, "version": alert.version})
        self.raised += 1
        rule = rule_for(self.rules, self.sources, alert, self.at)
        if rule is not None:
            return self._put_aside(alert, rule)
        self.near[alert.id] = alert
        self.untold[alert.id] = True
        self.calling[alert.id] = (Because.NEW, alert.severity)
        return alert

    def _put_aside(self, alert: Alert, rule: Quiet) -> Alert:
        """Shelve a new alert that a quiet rule is about, in the rule's name; it is listed and counted, and asks nobody."""
        act = Act(actor=QUIETING, event=AlertEvent.SHELVE, at=self.at, why=f"{rule.title}: {rule.why}")
        shelved, _ = step(self.unit, replace(alert, shelved_until=rule.until), act)
        detail: dict[str, str | int | float] = {
            "version": shelved.version + 1,
            "rule": rule.id,
            "until": rule.until.isoformat(),
        }
        self._record(shelved, AlertEvent.SHELVE, detail, by=act)
        self._count_aside(rule, shelved)
        self.near[shelved.id] = shelved
        self.unwritten.add(shelved.id)
        self.untold[shelved.id] = False
        return shelved

    def _repeat(self, joined: Repeat, evidence: Evidence) -> Alert:
        """Take a finding into a known alert, through the alert's table."""
        before = self.near[joined.alert.id]
        event = AlertEvent.WORSEN if joined.worse else AlertEvent.REPEAT
        identity = self.joiner.fingerprint(joined.finding)
        is_strange = identity != before.fingerprint and identity not in before.joined
        stepped, effects = step(self.unit, joined.alert, Act(actor=FUSION, event=event, at=self.at))
        has_grown = len(stepped.joined) != len(before.joined)
        news = self._is_news(before, joined.finding, identity, is_strange=is_strange)
        if joined.worse or has_grown or news or self._is_due(before):
            stepped = replace(stepped, evidence=_listed(stepped.evidence, self._keep(evidence)))
        tool = joined.finding.tool
        if Effect.RECORD in effects:
            detail = {"severity": stepped.severity.value, "tool": tool, "version": stepped.version + 1}
            self._record(stepped, event, detail)
        if has_grown:
            self._record(stepped, JOINED, {"tool": tool, "version": stepped.version + 1})
        if Effect.SHOW in effects:
            self.untold[stepped.id] = self.untold.get(stepped.id, False) or Effect.SOUND in effects
        if joined.worse or news:
            is_more = is_strange or not joined.worse
            self._let_call(stepped, Because.MORE if is_more else Because.WORSE, joined.finding.severity)
        self.near[stepped.id] = stepped
        self.unwritten.add(stepped.id)
        self.repeated += 1
        return stepped

    def _is_news(self, before: Alert, finding: Finding, identity: str, *, is_strange: bool) -> bool:
        """Say whether nobody was asked about this yet; more of what somebody put aside stays with it until it gets worse."""
        if before.state is AlertState.SHELVED and not is_strange:
            return False
        told = self._told(before.id)
        return is_news(finding, [each for (of, _), each in told.items() if of == identity])

    def _told(self, alert: AlertId) -> dict[tuple[str, Severity], Finding]:
        """Return the latest findings that came with an alert, by identity and severity."""
        if alert not in self.told:
            self.told[alert] = {}
            for finding in self.unit.findings.latest_of_alert(alert):
                self._tell(alert, finding)
        return self.told[alert]

    def _tell(self, alert: AlertId, finding: Finding) -> None:
        """Remember that a finding came with an alert."""
        told, name = self._told(alert), (self.joiner.fingerprint(finding), finding.severity)
        if name not in told or lasted_until(told[name]) < lasted_until(finding):
            told[name] = finding

    def _let_call(self, alert: Alert, because: Because, severity: Severity) -> None:
        """Ask about it at the end of the unit; what came first and was at least as bad speaks for both."""
        known = self.calling.get(alert.id)
        if known is None or severity.rank > known[1].rank:
            self.calling[alert.id] = (because if known is None else known[0], severity)

    def _is_due(self, alert: Alert) -> bool:
        """Say whether the alert's latest evidence is old enough for a newer one."""
        if not alert.evidence:
            return True
        if alert.evidence[-1] in self.kept:
            return False
        try:
            latest = self.unit.evidence.get(alert.evidence[-1])
        except Unknown:
            return True
        return self.at - latest.stored_at >= EVIDENCE_EVERY

    def _keep(self, evidence: Evidence) -> EvidenceId:
        """Store evidence, bytes first unless they are stored already, then the row that says it exists."""
        name = evidence_id(evidence.finding)
        size = self.stored[name] if name in self.stored else store_evidence(self.desk, evidence)
        self.kept.add(name)
        self.unit.evidence.add(
            EvidenceRecord(id=name, finding=evidence.finding, media_type=MEDIA_TYPE, bytes_=size, stored_at=self.at)
        )
        return name

    def _link(self, finding: Finding, alert: Alert) -> None:
        self.unit.findings.add(finding, alert.id)

    def _add(self, alert: Alert) -> Alert:
        return self.unit.alerts.add(alert)

    def _count_aside(self, rule: Quiet, alert: Alert) -> None:
        self.unit.attention.quieted(rule.id, alert.id, self.at)

    def _record(
        self, alert: Alert, event: str, detail: Mapping[str, str | int | float], *, by: Act | None = None
    ) -> None:
        """Write a line of an alert's history, in fusion's name unless another part did it."""
        entry = AlertEntry(
            alert=alert.id,
            at=self.at,
            event=event,
            who=by.actor.name if by else FUSION.name,
            why=by.why if by else "",
            state=alert.state,
            detail=dict(detail),
        )
        self.unit.alerts.record(entry)


@dataclass(slots=True, kw_only=True)
class Rehearsal(Joining):
    """The same work over a reading unit: writes nothing, and tells whose evidence would be kept."""

    needed: list[Evidence] = field(default_factory=list)

    def rehearse(self, finding: Finding, evidence: Evidence) -> Sequence[Evidence]:
        """Take in one finding as the unit will, and return the evidence it would keep."""
        self.needed = []
        self.take(finding, evidence)
        return self.needed

    def finish(self) -> None:
        """End without a trace."""

    def _keep(self, evidence: Evidence) -> EvidenceId:
        name = evidence_id(evidence.finding)
        self.kept.add(name)
        self.needed.append(evidence)
        return name

    def _link(self, finding: Finding, alert: Alert) -> None:
        pass

    def _add(self, alert: Alert) -> Alert:
        return replace(alert, id=AlertId(PROVISIONAL + self.raised))

    def _record(
        self, alert: Alert, event: str, detail: Mapping[str, str | int | float], *, by: Act | None = None
    ) -> None:
        pass

    def _count_aside(self, rule: Quiet, alert: Alert) -> None:
        pass


def _listed(known: tuple[EvidenceId, ...], more: EvidenceId) -> tuple[EvidenceId, ...]:
    """Return the first evidence and the latest ones."""
    listed = (*(each for each in known if each != more), more)
    return listed if len(listed) <= MAX_EVIDENCE else (listed[0], *listed[-(MAX_EVIDENCE - 1) :])
