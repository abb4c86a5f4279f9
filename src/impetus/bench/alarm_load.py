"""Replay a bad night: three thousand findings in an hour, twenty of them real incidents, and count what people were asked.

The night is a storm over a square: sensors flap, counters count the wind, the network stutters, and things are called severe
that are not. The twenty real ones hide where they are hardest to see: beside noise of the same place and minute, on the same
subject as a counter that has cried all evening, or beginning small. Operators do what operators do: take the first line of each
card, judge it within a minute, close it.

Counted from the state alone: cards a seat got in any ten minutes, and how long each real one waited until it stood on a card.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from impetus.adapters.sql.store import open_store
from impetus.core.actor import Actor, Role, console
from impetus.core.alert import Verdict
from impetus.core.errors import ImpetusError
from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity
from impetus.core.ids import AlertId, FindingKey, ToolId, ZoneId
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.desk import accounts, triage
from impetus.desk.alarm_load import sit
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.flood import tend
from impetus.desk.raise_alert import raise_alerts
from impetus.desk.sign_in import actor_of
from impetus.processes.alarm_load import MOST_PER_10_MIN, TEN_MINUTES
from impetus.processes.flood import LIMITS
from impetus.testing.desk import clock_of, memory_desk
from impetus.tools.fusion.tool import Tool

Progress = Callable[[str], None]

FINDINGS_PER_HOUR, REAL_PER_HOUR = 3_000, 20
"""The figures of the requirement."""
START = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
SQUARE = Point(lon=10.7339, lat=59.9127)
ZONES = tuple(ZoneId(f"zone-{number}") for number in range(12))
FLAPPING, STORM = 60, 500
"""Things that flap all night; things that the storm touches now and then."""
SEED = 20261121
BATCH_S = 2
JUDGED_AFTER_S = 40
"""Seconds an operator takes for one alert."""
REAL_SEVERITIES = (
    *(Severity.EXTREME,) * 3,
    *(Severity.SEVERE,) * 7,
    *(Severity.MODERATE,) * 7,
    *(Severity.MINOR,) * 3,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Findings in the order they are noticed; `real` are the keys of those that are incidents."""

    findings: tuple[Finding, ...]
    real: frozenset[FindingKey]

    def said(self) -> list[dict[str, str]]:
        """Return the real ones as a script outside needs them: key, when it was noticed, severity."""
        return [
            {"key": each.key, "noticed": each.noticed.isoformat(), "severity": each.severity.value}
            for each in self.findings
            if each.key in self.real
        ]


@dataclass(slots=True, kw_only=True)
class Seats:
    """Operators who take the first line of each card that reaches them."""

    desk: Desk
    people: Mapping[str, Actor]
    real: set[AlertId] = field(default_factory=set)
    seen: int = 0
    due: list[tuple[datetime, str, AlertId]] = field(default_factory=list)

    def work(self) -> None:
        """Take what new cards bring, and judge what was taken a while ago."""
        at = self.desk.clock.now()
        with self.desk.store.read() as unit:
            fresh = [ask for ask in unit.attention.asked(at - TEN_MINUTES) if ask.id > self.seen]
            firsts = {line.ask: line.alert for line in reversed(unit.attention.lines([ask.id for ask in fresh]))}
        for ask in fresh:
            self.seen = ask.id
            self._take(ask.seat or next(iter(self.people)), firsts[ask.id], at)
        for item in [item for item in self.due if item[0] <= at]:
            self.due.remove(item)
            self._judge(item[1], item[2])

    def is_waiting(self) -> bool:
        """Say whether something was put before nobody yet."""
        with self.desk.store.read() as unit:
            return unit.attention.count_waiting() > 0

    def _take(self, seat: str, alert: AlertId, at: datetime) -> None:
        try:
            triage.acknowledge(self.desk, self.people[seat], alert)
        except ImpetusError:  # somebody has it
            return
        self.due.append((at + timedelta(seconds=JUDGED_AFTER_S), seat, alert))

    def _judge(self, seat: str, alert: AlertId) -> None:
        verdict = Verdict.CONFIRMED if alert in self.real else Verdict.FALSE_ALARM
        try:
            triage.assess(self.desk, self.people[seat], alert, verdict=verdict)
            triage.close(self.desk, self.people[seat], alert)
        except ImpetusError:  # it got worse meanwhile, or was handed on
            return


def run(progress: Progress, *, findings: int = FINDINGS_PER_HOUR) -> dict[str, Any]:
    """Replay the night for one, two and four operators and return what each was asked and how late the real ones were."""
    figures: dict[str, Any] = {}
    night = make_night(findings=findings)
    for operators in (1, 2, 4):
        with tempfile.TemporaryDirectory(prefix="impetus-night-") as folder:
            desk = night_desk(Path(folder))
            replay(desk, night, operators=operators, progress=progress)
            figures[f"operators_{operators}"] = count(desk, night)
            desk.close()
    return figures


def night_desk(home: Path) -> Desk:
    """Return a desk with a state in a file, as it is in service, and a clock that is set."""
    return replace(memory_desk(START), store=open_store(home))


def make_night(
    *, findings: int = FINDINGS_PER_HOUR, hours: float = 1.0, real: int = REAL_PER_HOUR, seed: int = SEED
) -> Night:
    """Return a night; the same seed gives the same one."""
    chance = random.Random(seed)
    span_s = hours * 3600
    noise = [_noise(chance, number, chance.uniform(0, span_s)) for number in range(findings - real)]
    planted = [_real(chance, number, (number + 0.5) * span_s / real) for number in range(real)]
    ordered = sorted([*noise, *planted], key=lambda each: (each.noticed, each.key))
    return Night(findings=tuple(ordered), real=frozenset(each.key for each in planted))


def replay(desk: Desk, night: Night, *, operators: int, progress: Progress, step_s: int = 1) -> None:
    """Let the night happen on a desk, second by second as the keeper sees it, or in longer steps."""
    people = {actor.name: actor for actor in _people(desk, operators)}
    seats = Seats(desk=desk, people=people)
    joiner, left, clock = Tool.create({}), list(night.findings), clock_of(desk)
    ends = night.findings[-1].noticed + max(LIMITS.values())
    while desk.clock.now() < ends and (left or seats.is_waiting()):
        at = clock.advance(step_s)
        if at.second % 30 == 0:
            for actor in people.values():
                sit(desk, actor)
        if at.second % BATCH_S == 0:
            due = [each for each in left if each.noticed <= at]
            del left[: len(due)]
            _take_in(desk, joiner, due)
            seats.real |= _alerts_of(desk, [each.key for each in due if each.key in night.real])
        tend(desk)
        seats.work()
        triage.wake_due(desk)
        if at.second == 0 and at.minute % 10 == 0:
            progress(f"{at:%H:%M}, {len(left):,} findings to come")


def count(desk: Desk, night: Night) -> dict[str, Any]:
    """Return what the state says of the night: alerts, cards, the most any seat got in ten minutes, and the real ones."""
    with desk.store.read() as unit:
        asks = unit.attention.asked(START - TEN_MINUTES)
        lines = unit.attention.lines([ask.id for ask in asks])
        alerts = sum(unit.attention.severities(START).values())
        alert_of = {key: unit.findings.alert_of(key) for key in night.real}
    at_of = {ask.id: ask.at for ask in asks}
    waits = []
    for finding in (each for each in night.findings if each.key in night.real):
        shown = [at_of[line.ask] for line in lines if line.alert == alert_of[finding.key]]
        later = [(at - finding.noticed) / LIMITS[finding.severity] for at in shown if at >= finding.noticed]
        waits.append(min(later, default=float("inf")))
    times: dict[str, list[datetime]] = {}
    for ask in asks:
        times.setdefault(ask.seat, []).append(ask.at)
    most = max((sum(a <= b < a + TEN_MINUTES for b in mine) for mine in times.values() for a in mine), default=0)
    return {
        "findings": len(night.findings),
        "alerts": alerts,
        "cards": len(asks),
        "most_cards_per_seat_10min": most,
        "allowed_cards_per_seat_10min": MOST_PER_10_MIN,
        "real": len(night.real),
        "real_shown_in_time": sum(wait <= 1.0 for wait in waits),
        "longest_wait_share_of_limit": round(max(waits, default=0.0), 3),
        "median_lines_per_card": _median([sum(line.ask == ask.id for line in lines) for ask in asks]),
    }


def _median(values: Sequence[int]) -> int:
    return sorted(values)[len(values) // 2] if values else 0


def _people(desk: Desk, count_: int) -> Iterator[Actor]:
    """Add operators with accounts and let them sit down."""
    for number in range(1, count_ + 1):
        accounts.add(desk, console(), f"operator-{number}", Role.OPERATOR)
        with desk.store.read() as unit:
            account = unit.accounts.by_name(f"operator-{number}")
        if account is not None:
            actor = actor_of(account)
            sit(desk, actor)
            yield actor


def _take_in(desk: Desk, joiner: Tool, findings: Sequence[Finding]) -> None:
    """Publish findings and let fusion take them in."""
    if not findings:
        return
    bodies = [
        desk.codec.encode_finding(each, Evidence(finding=each.key, summary=Phrase(template=each.key)))
        for each in findings
    ]
    desk.bus.publish(FINDINGS, bodies)
    with desk.store.read() as unit:
        passed = unit.cursors.get("fusion", FINDINGS)
    raise_alerts(desk, joiner, desk.bus.read(FINDINGS, passed, limit=10_000))


def _alerts_of(desk: Desk, keys: Sequence[FindingKey]) -> set[AlertId]:
    with desk.store.read() as unit:
        found = {unit.findings.alert_of(key) for key in keys}
    return {alert for alert in found if alert is not None}


def _noise(chance: random.Random, number: int, second: float) -> Finding:
    """Return a finding that is no incident: a flapping thing, the storm somewhere, a zone that counts wind, a false scare."""
    kind = chance.random()
    if kind < 0.4:  # noqa: PLR2004 - shares of the night, see the docstring
        thing = chance.randrange(FLAPPING)
        return _finding(
            f"noise-{number}",
            second,
            tool=f"counter_{thing % 3}",
            kind=chance.choice([Kind.FAULT, Kind.SILENCE]),
            subject=f"thing:quay/c{thing}",
            severity=chance.choice([Severity.MINOR, Severity.MINOR, Severity.MODERATE]),
        )
    if kind < 0.7:  # noqa: PLR2004 - as above
        zone = chance.choice(ZONES)
        return _finding(
            f"noise-{number}",
            second,
            tool="urban_anomaly",
            subject=f"zone:{zone}",
            zone=zone,
            severity=chance.choice([Severity.MINOR, Severity.MODERATE, Severity.UNKNOWN]),
        )
    severe = kind > 0.95  # noqa: PLR2004 - as above
    return _finding(
        f"noise-{number}",
        second,
        tool=chance.choice(["noise", "smoke", "network"]),
        subject=f"thing:storm/{chance.randrange(STORM)}",
        zone=chance.choice(ZONES),
        point=_near(chance, SQUARE, 0.02),
        severity=chance.choice([Severity.SEVERE, Severity.SEVERE, Severity.EXTREME])
        if severe
        else chance.choice([Severity.MINOR, Severity.MINOR, Severity.MINOR, Severity.MODERATE]),
    )


def _real(chance: random.Random, number: int, second: float) -> Finding:
    """Return a real one: by turns on a subject of the noise, in the middle of it, or by itself."""
    zone = ZONES[number % len(ZONES)]
    places: tuple[dict[str, Any], ...] = (
        {"subject": f"zone:{zone}", "zone": zone},
        {"subject": f"incident:{number}", "zone": zone},
        {"subject": f"incident:{number}", "zone": zone, "point": _near(chance, SQUARE, 0.0004)},
        {"subject": f"thing:harbour/{number}"},
    )
    return _finding(
        f"real-{number}",
        second + chance.uniform(-60, 60),
        tool="watch",
        severity=REAL_SEVERITIES[number % len(REAL_SEVERITIES)],
        **places[number % len(places)],
    )


def _finding(key: str, second: float, *, tool: str, severity: Severity, subject: str, **more: Any) -> Finding:  # noqa: ANN401 - the rest of a finding's fields
    at = START + timedelta(seconds=max(0.0, second))
    return Finding(
        key=FindingKey(key),
        tool=ToolId(tool),
        subject=subject,
        headline=Phrase(template=key),
        why=Phrase(template="as in the replay"),
        began=at,
        noticed=at,
        severity=severity,
        certainty=Certainty.POSSIBLE,
        **{"kind": Kind.ANOMALY, **more},
    )


def _near(chance: random.Random, point: Point, degrees: float) -> Point:
    return Point(lon=point.lon + chance.uniform(-degrees, degrees), lat=point.lat + chance.uniform(-degrees, degrees))
