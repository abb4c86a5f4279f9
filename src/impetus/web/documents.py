"""What the API answers with, as types: the OpenAPI document is made from these."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from impetus.core.alert import Alert, AlertEntry
from impetus.core.board import PartStatus
from impetus.core.evidence import Evidence
from impetus.core.incident import Decision, Incident, IncidentEntry
from impetus.core.observation import Batch, Datastream
from impetus.core.place import Point
from impetus.desk.views import AlertView, IncidentView, SourceView
from impetus.web.i18n import Words

T = TypeVar("T")


class Document(BaseModel):
    """Base of every answer: frozen, nothing unnamed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(BaseModel):
    """A refusal, RFC 9457: what is wrong, against which limit, and what would help."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:impetus:problem:Conflict"])
    title: str = Field(examples=["State does not allow this"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["alert is held: it already has an owner; ask for it to be handed on"])
    value: str | None = Field(default=None, description="what was given")
    limit: str | None = Field(default=None, description="what would have been accepted")
    remedy: str | None = Field(default=None, description="what to do about it")


class PageOf(Document, Generic[T]):
    """Some items and, when there are more, the value of `after` that asks for them."""

    items: list[T]
    next: str | None = Field(default=None, description="pass as `after` for the next page; null on the last")


class PointDocument(Document):
    """A position in WGS 84 degrees."""

    lon: float = Field(examples=[10.7339])
    lat: float = Field(examples=[59.9121])


class AlertDocument(Document):
    """What a person is shown: one alert."""

    id: int
    version: int = Field(description="rises at each change; send it back to act on what you saw")
    state: str = Field(description="new, held, offered, shelved or closed")
    kind: str
    tools: list[str]
    subject: str
    headline: str = Field(description="one sentence in the language asked for")
    why: str
    severity: str
    urgency: str
    certainty: str
    score: float
    one_in: float | None = Field(description="one in so many readings looks like this by chance; null when not known")
    began: datetime
    last_at: datetime
    raised_at: datetime
    changed_at: datetime
    repeats: int
    point: PointDocument | None
    zone: str | None
    datastreams: list[int]
    owner: str | None
    offered_to: str | None
    verdict: str | None
    shelved_until: datetime | None
    incident: int | None
    simulated: bool
    facts: dict[str, float]


class EntryDocument(Document):
    """One line of a history: who did what, when and why."""

    at: datetime
    event: str
    who: str
    text: str
    alert: int | None = None
    detail: dict[str, str | int | float] = Field(default_factory=dict)


class SeriesDocument(Document):
    """A measured series against what was expected; `from_` marks where the surprising part begins."""

    datastream: int
    title: str
    unit: str
    time_us: list[int] = Field(description="microseconds since 1970-01-01 UTC, oldest first")
    measured: list[float | None]
    low: list[float | None] = Field(description="lower edge of the expected band, null where nothing could be expected")
    high: list[float | None]
    coverage: float = Field(description="share of readings expected within the band, 0..1")
    from_us: int


class EvidenceDocument(Document):
    """What an operator can check by eye."""

    summary: str
    series: list[SeriesDocument]


class AlertStory(Document):
    """One alert with its history, its evidence and what the caller may do to it."""

    alert: AlertDocument
    entries: list[EntryDocument]
    evidence: list[EvidenceDocument]
    may: list[str]
    seen_by: list[str] = Field(description="roles that may see this alert")
    missing_evidence: int


class IncidentDocument(Document):
    """What people work on."""

    id: int
    version: int
    state: str
    title: str
    severity: str
    owner: str
    opened_at: datetime
    opened_by: str
    changed_at: datetime
    offered_to: str | None
    closed_at: datetime | None
    outcome: str
    point: PointDocument | None
    simulated: bool
    type: str
    type_version: int


class DecisionDocument(Document):
    """What was decided; a correction names the decision it replaces."""

    id: int
    at: datetime
    who: str
    seen: str
    options: list[str]
    choice: str
    reason: str
    corrects: int | None
    risks: str
    powers: str
    assumptions: str
    with_whom: list[str]
    review_at: datetime | None


class IncidentStory(Document):
    """One incident with its timeline, alerts and decisions."""

    incident: IncidentDocument
    entries: list[EntryDocument]
    alerts: list[AlertDocument]
    decisions: list[DecisionDocument]
    may: list[str]


class PartDocument(Document):
    """One part of the platform."""

    part: str
    state: str
    seen_at: datetime | None
    started_at: datetime | None
    restarts: int
    rate_per_s: float
    lag: int
    dropped: int
    memory_mib: float
    memory_limit_mib: float
    note: str


class DatastreamDocument(Document):
    """One property of one thing."""

    id: int
    key: str
    source: str
    thing: str
    thing_name: str
    observed_property: str
    unit: str
    point: PointDocument | None
    zone: str | None
    simulated: bool


class SourceDocument(Document):
    """One source and how its readings fared since the first start."""

    id: str
    name: str
    kind: str
    simulated: bool
    silent: bool
    seen_at: datetime | None
    counts: dict[str, int]
    datastreams: list[DatastreamDocument]


class ColumnsDocument(Document):
    """Readings in columns of one length."""

    datastream: list[int]
    time_us: list[int] = Field(description="microseconds since 1970-01-01 UTC")
    result: list[float | None]


class LatestDocument(ColumnsDocument):
    """The newest reading of each datastream, with its key, so that map and readings meet."""

    key: list[str]


class SampledDocument(ColumnsDocument):
    """Readings of a span; when there were more than fit, each bucket kept its lowest and its highest."""

    sampled: bool
    readings: int = Field(description="how many there were before sampling")


class PictureDocument(Document):
    """The common operational picture; `change` is the `Last-Event-ID` to follow events from."""

    at: datetime
    alerts: list[AlertDocument]
    counts: dict[str, int]
    incidents: list[IncidentDocument]
    parts: list[PartDocument]
    sources: list[SourceDocument]
    raised_10_min: int
    raised_hour: int
    change: int
    simulated: bool


def point_document(point: Point | None) -> PointDocument | None:
    """Return the position, None for none."""
    return None if point is None else PointDocument(lon=point.lon, lat=point.lat)


def alert_document(alert: Alert, words: Words) -> AlertDocument:
    """Say an alert in a language."""
    return AlertDocument(
        id=alert.id,
        version=alert.version,
        state=alert.state,
        kind=alert.kind,
        tools=list(alert.tools),
        subject=alert.subject,
        headline=words.say(alert.headline),
        why=words.say(alert.why),
        severity=alert.severity,
        urgency=alert.urgency,
        certainty=alert.certainty,
        score=alert.score,
        one_in=alert.one_in,
        began=alert.began,
        last_at=alert.last_at,
        raised_at=alert.raised_at,
        changed_at=alert.changed_at,
        repeats=alert.repeats,
        point=point_document(alert.point),
        zone=alert.zone,
        datastreams=list(alert.datastreams),
        owner=alert.owner,
        offered_to=alert.offered_to,
        verdict=alert.verdict,
        shelved_until=alert.shelved_until,
        incident=alert.incident,
        simulated=alert.simulated,
        facts=dict(alert.facts),
    )


def alert_entry_document(entry: AlertEntry) -> EntryDocument:
    """Return one line of an alert's history."""
    return EntryDocument(
        at=entry.at, event=entry.event, who=entry.who, text=entry.why, alert=entry.alert, detail=dict(entry.detail)
    )


def incident_entry_document(entry: IncidentEntry) -> EntryDocument:
    """Return one line of an incident's timeline."""
    return EntryDocument(
        at=entry.at, event=entry.event, who=entry.who, text=entry.text, alert=entry.alert, detail=dict(entry.detail)
    )


def evidence_document(evidence: Evidence, words: Words) -> EvidenceDocument:
    """Say one piece of evidence in a language."""
    return EvidenceDocument(
        summary=words.say(evidence.summary),
        series=[
            SeriesDocument(
                datastream=series.datastream,
                title=words.say(series.title),
                unit=series.unit,
                time_us=series.time_us.tolist(),
                measured=_numbers(series.measured.tolist()),
                low=_numbers(series.low.tolist()),
                high=_numbers(series.high.tolist()),
                coverage=series.coverage,
                from_us=series.from_us,
            )
            for series in evidence.series
        ],
    )


def alert_story(view: AlertView, words: Words) -> AlertStory:
    """Say an alert with everything about it."""
    return AlertStory(
        alert=alert_document(view.alert, words),
        entries=[alert_entry_document(entry) for entry in view.entries],
        evidence=[evidence_document(evidence, words) for evidence in view.evidences],
        may=sorted(view.may),
        seen_by=list(view.seen_by),
        missing_evidence=view.missing_evidence,
    )


def incident_document(incident: Incident) -> IncidentDocument:
    """Return an incident."""
    return IncidentDocument(
        id=incident.id,
        version=incident.version,
        state=incident.state,
        title=incident.title,
        severity=incident.severity,
        owner=incident.owner,
        opened_at=incident.opened_at,
        opened_by=incident.opened_by,
        changed_at=incident.changed_at,
        offered_to=incident.offered_to,
        closed_at=incident.closed_at,
        outcome=incident.outcome,
        point=point_document(incident.point),
        simulated=incident.simulated,
        type=incident.type,
        type_version=incident.type_version,
    )


def decision_document(decision: Decision) -> DecisionDocument:
    """Return a decision."""
    return DecisionDocument(
        id=decision.id,
        at=decision.at,
        who=decision.who,
        seen=decision.seen,
        options=list(decision.options),
        choice=decision.choice,
        reason=decision.reason,
        corrects=decision.corrects,
        risks=decision.risks,
        powers=decision.powers,
        assumptions=decision.assumptions,
        with_whom=list(decision.with_whom),
        review_at=decision.review_at,
    )


def incident_story(view: IncidentView, words: Words) -> IncidentStory:
    """Say an incident with everything about it."""
    return IncidentStory(
        incident=incident_document(view.incident),
        entries=[incident_entry_document(entry) for entry in view.entries],
        alerts=[alert_document(alert, words) for alert in view.alerts],
        decisions=[decision_document(decision) for decision in view.decisions],
        may=sorted(view.may),
    )


def part_document(part: PartStatus) -> PartDocument:
    """Return one part of the platform."""
    return PartDocument(
        part=part.part,
        state=part.state,
        seen_at=part.seen_at,
        started_at=part.started_at,
        restarts=part.restarts,
        rate_per_s=part.rate_per_s,
        lag=part.lag,
        dropped=part.dropped,
        memory_mib=part.memory_mib,
        memory_limit_mib=part.memory_limit_mib,
        note=part.note,
    )


def datastream_document(datastream: Datastream) -> DatastreamDocument:
    """Return one datastream."""
    return DatastreamDocument(
        id=datastream.id,
        key=datastream.key,
        source=datastream.source,
        thing=datastream.thing,
        thing_name=datastream.thing_name,
        observed_property=datastream.observed_property,
        unit=datastream.unit,
        point=point_document(datastream.point),
        zone=datastream.zone,
        simulated=datastream.simulated,
    )


def source_document(view: SourceView, *, with_datastreams: bool = True) -> SourceDocument:
    """Return one source."""
    return SourceDocument(
        id=view.source.id,
        name=view.source.name,
        kind=view.source.kind,
        simulated=view.source.simulated,
        silent=view.silent,
        seen_at=view.status.seen_at if view.status else None,
        counts={str(rule): count for rule, count in view.status.counts.items()} if view.status else {},
        datastreams=[datastream_document(item) for item in view.datastreams] if with_datastreams else [],
    )


def latest_document(batch: Batch, keys: Sequence[str]) -> LatestDocument:
    """Return the newest readings in columns with their keys."""
    return LatestDocument(
        datastream=batch.datastream.tolist(),
        time_us=batch.time_us.tolist(),
        result=_numbers(batch.result.tolist()),
        key=list(keys),
    )


def sampled_document(batch: Batch, *, readings: int) -> SampledDocument:
    """Return readings in columns, and how many there were before sampling."""
    return SampledDocument(
        datastream=batch.datastream.tolist(),
        time_us=batch.time_us.tolist(),
        result=_numbers(batch.result.tolist()),
        sampled=len(batch) < readings,
        readings=readings,
    )


def _numbers(column: Sequence[float]) -> list[float | None]:
    """Return numbers with null for what JSON cannot say."""
    return [value if math.isfinite(value) else None for value in column]
