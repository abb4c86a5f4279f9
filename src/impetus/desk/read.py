"""Everything that is read through the desk. Each reading asks the guard and sees one moment of the state."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from impetus.core.actor import Actor, Role
from impetus.core.alert import ALERT_LIFECYCLE, Alert, AlertEvent, AlertState
from impetus.core.board import Quarantined
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId, DatastreamId, IncidentId, SourceId
from impetus.core.incident import INCIDENT_LIFECYCLE, Incident, IncidentEntry, IncidentEvent, IncidentState
from impetus.core.observation import Batch, empty_batch
from impetus.desk.access import access_evidence
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.flood import SEAT_FRESH, is_flood_now
from impetus.desk.gate_reading import count_waiting
from impetus.desk.known_datastreams import known_datastreams
from impetus.desk.permit import permit
from impetus.desk.views import AlertView, BoardView, Changes, IncidentView, PictureView, SourceView
from impetus.ethics.guard import Operation, may, who_may
from impetus.ports import AlertQuery, Page, Unit

OPEN = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED)
PICTURE_ALERTS = 100
"""Alerts on the picture; more than a hundred open ones is a flood that the counts tell of."""
MAX_SERIES_DATASTREAMS = 50
MAX_SERIES_SPAN = timedelta(days=31)
TEN_MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)


def list_alerts(desk: Desk, actor: Actor, query: AlertQuery) -> Page[Alert]:
    """Return one page of alerts."""
    permit(desk, actor, Operation.ALERTS_READ)
    with desk.store.read() as unit:
        return unit.alerts.find(query)


def alert(desk: Desk, actor: Actor, alert_id: AlertId) -> AlertView:
    """Return one alert with its history, findings, evidence and what the actor may do to it."""
    permit(desk, actor, Operation.ALERTS_READ, on=f"alert:{alert_id}")
    with desk.store.read() as unit:
        found = unit.alerts.get(alert_id)
        entries = tuple(unit.alerts.entries(alert_id))
        findings = tuple(unit.findings.of_alert(alert_id))
        catalogue = known_datastreams(desk.store, unit).catalogue.datastreams
        incident_of = unit.incidents.get(found.incident) if found.incident is not None else None
    evidences = access_evidence(desk, actor, found.evidence[::-1], on=f"alert:{alert_id}")
    return AlertView(
        alert=found,
        entries=entries,
        findings=findings,
        evidences=tuple(evidence for evidence in evidences if evidence is not None),
        missing_evidence=evidences.count(None),
        datastreams=tuple(catalogue[each] for each in found.datastreams if each in catalogue),
        incident=incident_of,
        may=_may_do(actor, found),
        seen_by=who_may(Operation.ALERTS_READ),
    )


def list_incidents(
    desk: Desk,
    actor: Actor,
    *,
    states: Sequence[IncidentState] = (),
    after: str | None = None,
    limit: int = 50,
) -> Page[Incident]:
    """Return one page of incidents, newest first."""
    permit(desk, actor, Operation.INCIDENTS_READ)
    with desk.store.read() as unit:
        return unit.incidents.find(states=states, after=after, limit=limit)


def incident(desk: Desk, actor: Actor, incident_id: IncidentId, *, lines: int | None = None) -> IncidentView:
    """Return one incident with its timeline, alerts, decisions and what the actor may do to it.

    `lines` asks for only the newest so many lines of the timeline (1 to 200), for a page that opens before all is read.
    """
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        found = unit.incidents.get(incident_id)
        told = unit.incidents.timeline(incident_id, limit=lines) if lines else None
        decisions = tuple(unit.incidents.decisions(incident_id))
        return IncidentView(
            incident=found,
            entries=told.items[::-1] if told else tuple(unit.incidents.entries(incident_id)),
            older=told.next if told else None,
            alerts=unit.alerts.find(AlertQuery(incident=incident_id, limit=200)).items,
            decisions=decisions,
            struck=frozenset(each.corrects for each in decisions if each.corrects is not None),
            may=_may_do_incident(actor, found),
            seen_by=who_may(Operation.INCIDENTS_READ),
        )


def timeline(
    desk: Desk, actor: Actor, incident_id: IncidentId, *, after: str | None = None, limit: int = 50
) -> Page[IncidentEntry]:
    """Return one page of an incident's timeline, newest first."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        unit.incidents.get(incident_id)
        return unit.incidents.timeline(incident_id, after=after, limit=limit)


def board(desk: Desk, actor: Actor) -> BoardView:
    """Return the state of the platform's own parts."""
    permit(desk, actor, Operation.PARTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        parts = tuple(unit.parts.all())
        from_sources = _sources(desk, unit, at) if may(actor, Operation.SOURCES_READ) else ()
        dropped = unit.sources.quarantine_dropped()
    topics = tuple(desk.bus.status(topic) for topic in (OBSERVATIONS, FINDINGS))
    return BoardView(at=at, parts=parts, sources=from_sources, topics=topics, quarantine_dropped=dropped)


def sources(desk: Desk, actor: Actor) -> tuple[SourceView, ...]:
    """Return every source with its datastreams and counters."""
    permit(desk, actor, Operation.SOURCES_READ)
    with desk.store.read() as unit:
        return _sources(desk, unit, desk.clock.now())


def quarantine(
    desk: Desk, actor: Actor, *, source: SourceId | None = None, after: int | None = None, limit: int = 50
) -> Page[Quarantined]:
    """Return one page of refused records, newest first."""
    permit(desk, actor, Operation.QUARANTINE_READ, on="" if source is None else f"source:{source}")
    with desk.store.read() as unit:
        return unit.sources.quarantined(source=source, after=after, limit=limit)


def picture(desk: Desk, actor: Actor) -> PictureView:
    """Return the common operational picture; parts the actor may not see are empty."""
    permit(desk, actor, Operation.ALERTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        change = unit.outbox.newest()
        open_alerts = unit.alerts.find(AlertQuery(states=OPEN, order="urgent", limit=PICTURE_ALERTS)).items
        counts = unit.alerts.count_open()
        load_10_min = unit.alerts.raised_between(at - TEN_MINUTES, at)
        load_hour = unit.alerts.raised_between(at - HOUR, at)
        working = (IncidentState.OPEN, IncidentState.OFFERED)
        incidents = unit.incidents.find(states=working).items if may(actor, Operation.INCIDENTS_READ) else ()
        parts = tuple(unit.parts.all()) if may(actor, Operation.PARTS_READ) else ()
        from_sources = _sources(desk, unit, at) if may(actor, Operation.SOURCES_READ) else ()
        asked = sum(ask.seat in ("", actor.name) for ask in unit.attention.asked(at - TEN_MINUTES))
        flood = is_flood_now(unit, unit.attention.seats(at - SEAT_FRESH), at)
        waiting = count_waiting(unit, actor, at) if may(actor, Operation.INCIDENTS_READ) else 0
    return PictureView(
        at=at,
        alerts=open_alerts,
        counts=counts,
        incidents=incidents,
        parts=parts,
        sources=from_sources,
        raised_10_min=load_10_min,
        raised_hour=load_hour,
        latest=desk.history.latest() if may(actor, Operation.HISTORY_READ) else empty_batch(),
        change=change,
        waiting=waiting,
        asked_10_min=asked,
        is_flood=flood,
        simulated=any(view.source.simulated for view in from_sources) or any(each.simulated for each in open_alerts),
    )


def latest(desk: Desk, actor: Actor) -> Batch:
    """Return the newest reading of each datastream."""
    permit(desk, actor, Operation.HISTORY_READ)
    return desk.history.latest()


def series(desk: Desk, actor: Actor, datastreams: Sequence[DatastreamId], since: datetime, until: datetime) -> Batch:
    """Return readings of some datastreams with `since <= time < until`, by datastream then time."""
    permit(desk, actor, Operation.HISTORY_READ)
    if not 1 <= len(datastreams) <= MAX_SERIES_DATASTREAMS:
        raise Malformed(
            f"{len(datastreams)} datastreams",
            value=len(datastreams),
            limit=f"1..{MAX_SERIES_DATASTREAMS}",
            remedy="ask for fewer at once",
        )
    if since.tzinfo is None or until.tzinfo is None or not timedelta(0) < until - since <= MAX_SERIES_SPAN:
        raise Malformed(
            f"span {since} .. {until}",
            value=f"{since} .. {until}",
            limit=f"aware times, more than 0 and at most {MAX_SERIES_SPAN.days} days apart",
            remedy="ask for a shorter span",
        )
    return desk.history.read(datastreams, since.astimezone(UTC), until.astimezone(UTC))


def changes(desk: Desk, actor: Actor, after: int, *, limit: int = 500) -> Changes:
    """Return what changed after a known change, for server-sent events."""
    permit(desk, actor, Operation.EVENTS_READ)
    with desk.store.read() as unit:
        oldest, newest = unit.outbox.oldest(), unit.outbox.newest()
        gap = after > newest or (newest > 0 and after + 1 < oldest)
        return Changes(items=tuple(unit.outbox.after(after, limit=limit)), gap=gap)


def colleagues(desk: Desk, actor: Actor, operation: Operation = Operation.ALERTS_TRIAGE) -> tuple[str, ...]:
    """Return the names of everybody else who could be handed such work, by name."""
    permit(desk, actor, Operation.ALERTS_READ)
    with desk.store.read() as unit:
        return tuple(
            account.name
            for account in unit.accounts.all()
            if account.disabled_at is None
            and account.name != actor.name
            and may(Actor(name=account.name, role=account.role), operation)
        )


def _sources(desk: Desk, unit: Unit, at: datetime) -> tuple[SourceView, ...]:
    """Join sources, their datastreams and counters."""
    statuses = {status.source: status for status in unit.sources.statuses()}
    by_source = known_datastreams(desk.store, unit).by_source
    views = []
    for source in unit.sources.all():
        status = statuses.get(source.id)
        seen_at = status.seen_at if status else None
        views.append(
            SourceView(
                source=source,
                status=status,
                datastreams=by_source.get(source.id, ()),
                silent=source.freshness_s > 0
                and seen_at is not None
                and (at - seen_at).total_seconds() > source.freshness_s,
            )
        )
    return tuple(views)


def _may_do(actor: Actor, found: Alert) -> frozenset[str]:
    """Return the events the actor could ask for now; what the desk would refuse is not offered."""
    if not may(actor, Operation.ALERTS_TRIAGE):
        return frozenset()
    allowed = set(ALERT_LIFECYCLE.allowed(found.state)) - {AlertEvent.REPEAT, AlertEvent.WORSEN, AlertEvent.WAKE}
    if found.offered_to != actor.name:
        allowed -= {AlertEvent.ACCEPT, AlertEvent.DECLINE}
    if found.owner not in (None, actor.name) and actor.role is not Role.SUPERVISOR:
        allowed -= {AlertEvent.UNDO, AlertEvent.ASSESS, AlertEvent.SHELVE, AlertEvent.OFFER, AlertEvent.CLOSE}
    if found.verdict is None:
        allowed -= {AlertEvent.CLOSE}
    if found.incident is not None or not may(actor, Operation.INCIDENTS_WRITE):
        allowed -= {AlertEvent.JOIN}
    return frozenset(str(event) for event in allowed)


def _may_do_incident(actor: Actor, found: Incident) -> frozenset[str]:
    """Return the events the actor could ask for now."""
    allowed = set(INCIDENT_LIFECYCLE.allowed(found.state))
    if not may(actor, Operation.INCIDENTS_WRITE):
        allowed &= {IncidentEvent.DECIDE}
    if not may(actor, Operation.DECISIONS_WRITE):
        allowed -= {IncidentEvent.DECIDE}
    if found.offered_to != actor.name:
        allowed -= {IncidentEvent.ACCEPT}
        if found.owner != actor.name:
            allowed -= {IncidentEvent.DECLINE}
    if found.owner != actor.name and actor.role is not Role.SUPERVISOR:
        allowed -= {IncidentEvent.OFFER, IncidentEvent.CLOSE}
    return frozenset(str(event) for event in allowed)
