"""The words of stories: what is noticed, and what is expected to come of it."""

from dataclasses import replace

from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertState
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, DatastreamId, FindingKey, ToolId
from impetus.core.incident import IncidentState
from impetus.core.text import Phrase
from impetus.desk import triage
from impetus.desk.context import FINDINGS
from impetus.desk.raise_alert import raise_alerts
from impetus.ethics.guard import may
from impetus.testing.desk import clock_of
from stories.story import EVENING, SQUARE, Act, Expected, Story

CROWD = Finding(
    key=FindingKey(""),
    tool=ToolId("urban_anomaly"),
    kind=Kind.ANOMALY,
    subject="zone:south-east",
    headline=Phrase(template="many people in the south-east"),
    why=Phrase(template="usual is {low} to {high}", values={"low": 10, "high": 30}),
    began=EVENING,
    noticed=EVENING,
    severity=Severity.MODERATE,
    point=SQUARE,
    datastreams=(DatastreamId(1),),
)


def noticed(what: str = "many people", *, times: int = 1, every_s: float = 1.0, **changes: object) -> Act:
    """Let a tool notice something, `times` in a row; the story is then about the alert it became."""

    def notice(story: Story) -> None:
        for number in range(times):
            if number:
                clock_of(story.desk).advance(every_s)
            story.noticed += 1
            at = story.desk.clock.now()
            key = FindingKey(f"story/{story.noticed}")
            fields = {"headline": Phrase(template=what), "key": key, "began": at, "noticed": at, **changes}
            finding = replace(CROWD, **fields)  # type: ignore[arg-type]  # a story names the field it means
            evidence = Evidence(finding=key, summary=Phrase(template=what))
            story.desk.bus.publish(FINDINGS, [story.desk.codec.encode_finding(finding, evidence)])
        fuse(story)
        with story.desk.store.read() as unit:
            became = unit.findings.alert_of(key)
        assert became is not None
        story.alert_id = became

    says = what if times == 1 else f"{what}, {times:,} times"
    return Act(says=f"noticed: {says}", does=notice)


def fuse(story: Story) -> None:
    """Let fusion take in what is on the bus, as its host does."""
    with story.desk.store.read() as unit:
        offset = unit.cursors.get("fusion", FINDINGS)
    while messages := story.desk.bus.read(FINDINGS, offset, limit=256):
        offset = raise_alerts(story.desk, story.joiner, messages).cursor


def time_passes() -> Act:
    """Let the platform look after what is due."""
    return Act(says="time passes", does=lambda story: triage.wake_due(story.desk))


def alert(  # noqa: PLR0913  # each thing an alert can be expected to be, named where it matters
    headline: str | None = None,
    *,
    state: AlertState | None = None,
    to: Role | None = None,
    owner: str | None = None,
    repeats: int | None = None,
    severity: Severity | None = None,
    sound: bool | None = None,
) -> Expected:
    """Expect exactly one alert to have been shown since the last act, reading like this."""
    wanted = {"state": state, "owner": owner, "repeats": repeats, "severity": severity}
    named = {name: value for name, value in wanted.items() if value is not None}

    def fails(story: Story) -> str:
        told = story.changes()
        if len(told) != 1:
            return f"expected one alert on the screens, there were {len(told)}"
        found = story.alert(AlertId(int(told[0].subject)))
        if headline is not None and headline not in found.headline.say():
            return f"it says {found.headline.say()!r}"
        if sound is not None and told[0].facts["sound"] is not sound:
            return f"sound is {told[0].facts['sound']}"
        if to is not None and not may(Actor(name="anybody", role=to), "alerts.triage"):
            return f"{to} may not act on it"
        wrong = [f"{name} is {getattr(found, name)}" for name, value in named.items() if getattr(found, name) != value]
        return ", ".join(wrong)

    said = [f"{name} {value}" for name, value in named.items()]
    words = [f"alert {headline!r}" if headline else "alert", *said]
    return Expected(says=", ".join([*words, *([f"to {to}"] if to else [])]), fails=fails)


def is_nobodys() -> Expected:
    """Expect the alert to have no owner."""
    return Expected(says="it is nobody's", fails=lambda story: story.alert().owner or "")


def nothing_published() -> Expected:
    """Expect that no screen was told anything since the last act."""
    return Expected(
        says="nothing published",
        fails=lambda story: f"{len(story.changes())} alerts told" if story.changes() else "",
        after_refusal=True,
    )


def refused(*words: str) -> Expected:
    """Expect the last act to have been refused with an answer that has these words in it."""

    def fails(story: Story) -> str:
        if story.refusal is None:
            return "it was not refused"
        said = str(story.refusal.problem())
        return ", ".join(f"{word!r} is not in {said}" for word in words if word not in said)

    return Expected(says=f"refused: {' '.join(words)}", fails=fails, after_refusal=True, answers_refusal=True)


def incident(state: IncidentState, *, owner: str | None = None, severity: Severity | None = None) -> Expected:
    """Expect the incident to read like this, and the screens to know."""

    def fails(story: Story) -> str:
        with story.desk.store.read() as unit:
            found = unit.incidents.get(story.incident_id)
        if not story.changes("incident"):
            return "no screen was told of the incident"
        wanted = {"state": state, "owner": owner or found.owner, "severity": severity or found.severity}
        return ", ".join(
            f"{name} is {getattr(found, name)}" for name, value in wanted.items() if getattr(found, name) != value
        )

    return Expected(says=f"incident is {state}", fails=fails)


def incident_is_told() -> Expected:
    """Expect the screens to have been told of the incident."""
    return Expected(
        says="the incident is told", fails=lambda story: "" if story.changes("incident") else "no screen was told"
    )


def history(*events: str) -> Expected:
    """Expect the alert's history to be these events, oldest first, each with a name and a time."""

    def fails(story: Story) -> str:
        with story.desk.store.read() as unit:
            entries = unit.alerts.entries(story.alert_id)
        found = tuple(str(entry.event) for entry in entries)
        unnamed = [entry for entry in entries if not entry.who]
        return f"history is {found}" if found != events or unnamed else ""

    return Expected(says=f"history: {', '.join(events)}", fails=fails)
