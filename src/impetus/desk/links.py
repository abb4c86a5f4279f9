"""What belongs together: incidents merged and split, alerts and incidents linked, and each of these taken back.

A merge moves alerts and closes one of two incidents; both keep their numbers, timelines and decisions, and each says where
the other is. Nothing is moved for good: undoing gives back what moved, until another act builds on it, and then it says
which. Links of the other kinds move nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertEntry
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import AlertId, IncidentId, LinkId
from impetus.core.incident import Incident, IncidentEntry, IncidentEvent, IncidentState
from impetus.core.situation import MOVING, Link, LinkKind
from impetus.desk.context import Desk
from impetus.desk.incidents import MAX_TITLE, OPENED, Move, take_step
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.run_start import check_resolved
from impetus.desk.situation import Said, is_worked_on, tell, worked_on
from impetus.desk.transition import announce, owner_or_supervisor, words
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery, Unit

PAGE = 200
MOST_LINKS = 100
"""Most links that stand at one incident or alert; more, and nobody follows them. House rule."""
RUN_STARTS = ("playbook.start", "playbook.type")
QUIET = frozenset({IncidentEvent.NOTE.value, OPENED, *RUN_STARTS})
"""Events of a timeline that build on nothing: a note stands by itself, and a playbook that only began asks for nothing."""
TOLD = frozenset({"link.merge", "link.split"})
KINDS = {
    LinkKind.RELATED: "Related",
    LinkKind.SAME: "The same",
    LinkKind.PART: "One is part of the other",
    LinkKind.CAUSE: "One caused the other",
}
ON_A_MERGE = frozenset(
    {IncidentEvent.DECIDE.value, IncidentEvent.ACCEPT.value, IncidentEvent.CLOSE.value, "share.package", "link.split"}
)
"""Acts in the incident that took the other up, after which the two cannot be told apart: they were about both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a link: an alert or an incident."""

    incident: IncidentId | None = None
    alert: AlertId | None = None

    def __post_init__(self) -> None:
        """Refuse an end that is both, or neither."""
        if (self.incident is None) == (self.alert is None):
            raise Malformed(
                f"incident {self.incident}, alert {self.alert}",
                value=self.incident,
                limit="an alert or an incident",
                remedy="name one of them",
            )

    @property
    def subject(self) -> str:
        """Return what the log calls it."""
        return f"alert:{self.alert}" if self.incident is None else f"incident:{self.incident}"

    def __str__(self) -> str:
        """Say which it is."""
        return f"alert {self.alert}" if self.incident is None else f"incident {self.incident}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link as one of its ends sees it: `far` is the other end, `is_from` whether this one comes first in it.

    `why_not` says why it cannot be undone, empty when it can.
    """

    link: Link
    far: End
    title: str
    is_from: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksView:
    """What stands and what was undone, oldest first, and whether the reader may link here."""

    standing: tuple[LinkView, ...]
    undone: tuple[LinkView, ...]
    may_write: bool
    merged_into: IncidentId | None = None


def links_view(desk: Desk, actor: Actor, incident_id: IncidentId) -> LinksView:
    """Return what an incident is linked with."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        incident = unit.incidents.get(incident_id)
        links = unit.links.of_incident(incident_id)
        here = End(incident=incident_id)
        views = [_view(unit, link, here) for link in links]
        merged = [link.other for link in links if _is_merge_of(link, incident_id)]
        return LinksView(
            standing=tuple(view for view in views if view.link.undone_at is None),
            undone=tuple(view for view in views if view.link.undone_at is not None),
            may_write=may(actor, Operation.INCIDENTS_WRITE) and is_worked_on(incident),
            merged_into=merged[-1] if merged else None,
        )


def merge(desk: Desk, actor: Actor, incident_id: IncidentId, *, into: IncidentId, why: str) -> Link:
    """Merge an incident into another that goes on: its alerts move there, it is closed, and both keep their numbers.

    Refused while mandatory steps of its playbook are open, unless the other is led by a playbook of the same type.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    reason = words(why, "the reason", needed=True)
    if incident_id == into:
        raise Malformed(f"incident {into} into itself", value=into, limit="another incident", remedy="choose another")
    at = desk.clock.now()
    with desk.store.write() as unit:
        absorbed, kept = worked_on(unit, incident_id), worked_on(unit, into)
        owner_or_supervisor(actor, absorbed.owner, "merge")
        if not absorbed.type or absorbed.type != kept.type:
            check_resolved(unit, incident_id)
        alerts = _members(unit, incident_id)
        link = _store(desk, unit, actor, LinkKind.MERGE, absorbed.id, kept.id, why=reason, moved=alerts)
        outcome = f"merged into incident {into}"
        closing = Move(actor=actor, event=IncidentEvent.CLOSE, at=at, text=f"{outcome}: {reason}")
        take_step(desk, unit, replace(absorbed, outcome=outcome, closed_at=at), closing)
        _move(desk, unit, actor, alerts, to=kept.id)
        kept = _worsened(unit, kept, alerts)
        said = f"Incident {incident_id} was merged into this one: {absorbed.title}"
        tell(desk, unit, actor, kept, _said(link, "link.merge", said))
        return link


def split(
    desk: Desk, actor: Actor, incident_id: IncidentId, alert_ids: Sequence[AlertId], *, title: str, why: str
) -> Incident:
    """Take some alerts of an incident out into a new one, which is the actor's; both say where the other is."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    reason = words(why, "the reason", needed=True)
    name = words(title, "the title", needed=True, longest=MAX_TITLE)
    with desk.store.write() as unit:
        parent = worked_on(unit, incident_id)
        owner_or_supervisor(actor, parent.owner, "split")
        alerts = _chosen(_members(unit, incident_id), alert_ids)
        fresh = _open_from(desk, unit, actor, parent, alerts, title=name)
        link = _store(desk, unit, actor, LinkKind.SPLIT, parent.id, fresh.id, why=reason, moved=alerts)
        _move(desk, unit, actor, alerts, to=fresh.id)
        tell(desk, unit, actor, fresh, _said(link, "link.split", f"Split from incident {parent.id}: {reason}"))
        said = f"Incident {fresh.id} was split from this one: {name}"
        tell(desk, unit, actor, parent, _said(link, "link.split", said))
        return fresh


def link(desk: Desk, actor: Actor, near: End, far: End, kind: LinkKind, *, why: str = "") -> Link:
    """Say that two things belong together, without moving anything; `Conflict` when that stands already."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=near.subject)
    reason = words(why, "the reason", needed=False)
    if kind in MOVING or near == far:
        raise Malformed(
            f"{kind} of {near} and {far}",
            value=kind,
            limit=", ".join(sorted(each for each in LinkKind if each not in MOVING)),
            remedy="choose two different things and how they belong together",
        )
    with desk.store.write() as unit:
        _check_ends(unit, near, far)
        _check_new(unit, near, far, kind)
        stored = unit.links.add(
            Link(
                id=LinkId(0),
                kind=kind,
                incident=near.incident,
                other=far.incident,
                alert=near.alert,
                other_alert=far.alert,
                at=desk.clock.now(),
                who=actor.name,
                why=reason,
            )
        )
        _tell_ends(desk, unit, actor, stored, "link.link", reason)
        return stored


def unlink(desk: Desk, actor: Actor, link_id: LinkId, *, why: str = "") -> Link:
    """Say that two things do not belong together after all; for a merge or a split, undo it."""
    return undo_link(desk, actor, link_id, why=why)


def undo_link(desk: Desk, actor: Actor, link_id: LinkId, *, why: str = "") -> Link:
    """Take a merge, a split or a link back; `Conflict` names the act that builds on it, or who undid it before."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"link:{link_id}")
    reason = words(why, "the reason", needed=False)
    with desk.store.write() as unit:
        found = unit.links.get(link_id)
        _check_undoable(unit, found)
        ended = replace(found, undone_at=desk.clock.now(), undone_by=actor.name)
        if not unit.links.end(ended):
            raise _undone_before(unit.links.get(link_id))
        if found.kind is LinkKind.MERGE:
            _undo_merge(desk, unit, actor, found, reason)
        elif found.kind is LinkKind.SPLIT:
            _undo_split(desk, unit, actor, found, reason)
        else:
            _tell_ends(desk, unit, actor, found, "link.unlink", reason)
        return ended


def _undo_merge(desk: Desk, unit: Unit, actor: Actor, found: Link, reason: str) -> None:
    """Give back the alerts that moved, and reopen what was closed as it was."""
    absorbed, kept = _ends(unit, found)
    _move(desk, unit, actor, [unit.alerts.get(AlertId(each)) for each in found.moved], to=absorbed.id)
    reopening = Move(
        actor=actor, event=IncidentEvent.REOPEN, at=desk.clock.now(), text=f"the merge was undone {reason}"
    )
    reopened = take_step(desk, unit, replace(absorbed, outcome="", closed_at=None), reopening)
    unit.incidents.replace(replace(reopened, owner=absorbed.owner))
    said = f"The merge of incident {absorbed.id} was undone"
    tell(desk, unit, actor, kept, _said(found, "link.undo", said))


def _undo_split(desk: Desk, unit: Unit, actor: Actor, found: Link, reason: str) -> None:
    """Give back the alerts that moved, and close what was opened; its number stays taken."""
    parent, fresh = _ends(unit, found)
    at = desk.clock.now()
    _move(desk, unit, actor, [unit.alerts.get(AlertId(each)) for each in found.moved], to=parent.id)
    outcome = f"split undone, back in incident {parent.id}"
    closing = Move(actor=actor, event=IncidentEvent.CLOSE, at=at, text=f"{outcome} {reason}".strip())
    take_step(desk, unit, replace(fresh, outcome=outcome, closed_at=at), closing)
    tell(desk, unit, actor, parent, _said(found, "link.undo", f"The split of incident {fresh.id} was undone"))


def _store(  # noqa: PLR0913 - a link has this many parts, and each is named at the call
    desk: Desk,
    unit: Unit,
    actor: Actor,
    kind: LinkKind,
    incident: IncidentId,
    other: IncidentId,
    *,
    why: str,
    moved: Sequence[Alert],
) -> Link:
    """Store a merge or a split."""
    return unit.links.add(
        Link(
            id=LinkId(0),
            kind=kind,
            incident=incident,
            other=other,
            alert=None,
            other_alert=None,
            at=desk.clock.now(),
            who=actor.name,
            why=why,
            moved=tuple(alert.id for alert in moved),
        )
    )


def _members(unit: Unit, incident: IncidentId) -> list[Alert]:
    """Return every alert of an incident."""
    found: list[Alert] = []
    after: str | None = None
    while True:
        page = unit.alerts.find(AlertQuery(incident=incident, limit=PAGE, after=after))
        found += page.items
        if page.next is None:
            return found
        after = page.next


def _chosen(members: Sequence[Alert], chosen: Sequence[AlertId]) -> list[Alert]:
    """Return the alerts to split off; refuses none, all, and strangers."""
    by_id = {alert.id: alert for alert in members}
    strangers = [alert for alert in chosen if alert not in by_id]
    picked = [by_id[alert] for alert in dict.fromkeys(chosen) if alert in by_id]
    if strangers or not picked or len(picked) == len(members):
        raise Malformed(
            f"{len(picked)} of {len(members)} alerts, {len(strangers)} of no such",
            value=", ".join(map(str, chosen))[:80],
            limit="at least one alert of the incident, and not all of them",
            remedy="choose those that are another matter",
        )
    return picked


def _move(desk: Desk, unit: Unit, actor: Actor, alerts: Sequence[Alert], *, to: IncidentId) -> None:
    """Give alerts another incident; whose they are and what was judged of them stays."""
    at = desk.clock.now()
    for alert in alerts:
        moved = unit.alerts.replace(replace(alert, incident=to))
        unit.alerts.record(
            AlertEntry(
                alert=moved.id,
                at=at,
                event="move",
                who=actor.name,
                why="",
                state=moved.state,
                detail={"incident": to, "from": alert.incident or 0, "version": moved.version},
            )
        )
        note_done(desk, actor, "alert.move", f"alert:{moved.id}", case=str(to))
        announce(unit, moved, at, sound=False)


def _worsened(unit: Unit, incident: Incident, alerts: Sequence[Alert]) -> Incident:
    """Return the incident as bad as the worst of the alerts that came to it."""
    worst = max([incident.severity, *(alert.severity for alert in alerts)], key=lambda severity: severity.rank)
    point = incident.point or next((alert.point for alert in alerts if alert.point), None)
    return unit.incidents.replace(replace(incident, severity=worst, point=point))


def _open_from(
    desk: Desk, unit: Unit, actor: Actor, parent: Incident, alerts: Sequence[Alert], *, title: str
) -> Incident:
    """Open the incident that is split off; it has its own playbook only when somebody gives it a type."""
    at, worst = desk.clock.now(), max(alerts, key=lambda alert: alert.severity.rank)
    fresh = unit.incidents.add(
        Incident(
            id=IncidentId(0),
            version=0,
            state=IncidentState.OPEN,
            title=title,
            severity=worst.severity,
            owner=actor.name,
            opened_at=at,
            opened_by=actor.name,
            changed_at=at,
            point=worst.point or parent.point,
            simulated=all(alert.simulated for alert in alerts),
        )
    )
    tell(desk, unit, actor, fresh, Said(event=OPENED, text=title))
    return fresh


def _said(found: Link, event: str, text: str) -> Said:
    """Return a line of a timeline that names the link, so that undoing finds what came after it."""
    return Said(event=event, text=f"{text} ({found.why})" if found.why else text, detail={"link": found.id})


def _check_undoable(unit: Unit, found: Link) -> None:
    """Refuse what was undone, and what another act builds on."""
    if found.undone_at is not None:
        raise _undone_before(found)
    why_not = _why_not(unit, found)
    if why_not:
        raise Conflict(
            why_not,
            value=found.id,
            limit="nothing that builds on it",
            remedy="move the alerts one by one, or split anew",
        )


def _why_not(unit: Unit, found: Link) -> str:
    """Return what builds on a merge or split, in words; empty for nothing."""
    if found.kind not in MOVING or found.incident is None or found.other is None:
        return ""
    holder = found.other
    for number in found.moved:
        alert = _still_there(unit, AlertId(number))
        if alert is None or alert.incident != holder:
            return f"alert {number} is no longer in incident {holder}"
    since = _since(unit, found, holder)
    if since is None:
        return f"the timeline of incident {holder} no longer reaches back to it"
    for entry in since:
        if entry.event in ON_A_MERGE if found.kind is LinkKind.MERGE else entry.event not in QUIET:
            return f"{entry.who} acted on incident {holder} since: {entry.event} at {entry.at:%H:%M:%S}"
    is_closed = unit.incidents.get(found.incident).state is IncidentState.CLOSED
    if is_closed is (found.kind is LinkKind.SPLIT):
        return f"incident {found.incident} was {'closed' if is_closed else 'reopened by itself'}"
    return ""


def _since(unit: Unit, found: Link, incident: IncidentId) -> list[IncidentEntry] | None:
    """Return the lines of a timeline after the one that tells of the link, newest first; None when that one is gone."""
    lines: list[IncidentEntry] = []
    after: str | None = None
    while True:
        page = unit.incidents.timeline(incident, after=after, limit=PAGE)
        for entry in page.items:
            if entry.event in TOLD and entry.detail.get("link") == found.id:
                return lines
            lines.append(entry)
        if page.next is None:
            return None
        after = page.next


def _still_there(unit: Unit, alert: AlertId) -> Alert | None:
    """Return an alert, None for one whose time in the store is over."""
    try:
        return unit.alerts.get(alert)
    except Unknown:
        return None


def _undone_before(found: Link) -> Conflict:
    """Return the refusal to undo twice."""
    return Conflict(
        f"{found.undone_by} undid it at {found.undone_at:%H:%M:%S}", value=found.id, limit="once", remedy="reload"
    )


def _ends(unit: Unit, found: Link) -> tuple[Incident, Incident]:
    """Return both incidents of a merge or a split."""
    if found.incident is None or found.other is None:
        raise Unknown(f"link {found.id} has lost an end", value=found.id, remedy="reload")
    return unit.incidents.get(found.incident), unit.incidents.get(found.other)


def _check_ends(unit: Unit, *ends: End) -> None:
    """Raise `Unknown` for an end there is none of, and refuse a closed incident."""
    for end in ends:
        if end.incident is not None:
            worked_on(unit, end.incident)
        elif end.alert is not None:
            unit.alerts.get(end.alert)


def _check_new(unit: Unit, near: End, far: End, kind: LinkKind) -> None:
    """Refuse a link that stands already, either way round, and more than anybody follows."""
    there = unit.links.of_alert(near.alert) if near.alert is not None else ()
    there = unit.links.of_incident(near.incident) if near.incident is not None else there
    standing = [each for each in there if each.undone_at is None]
    if len(standing) >= MOST_LINKS:
        raise Malformed(f"{len(standing)} links at {near}", value=len(standing), limit=MOST_LINKS, remedy="undo some")
    for each in standing:
        if each.kind is kind and {_near(each), _far(each)} == {near, far}:
            raise Conflict(f"{each.who} linked {near} and {far} at {each.at:%H:%M:%S}", value=each.id, remedy="reload")


def _near(found: Link) -> End:
    return End(incident=found.incident, alert=found.alert)


def _far(found: Link) -> End:
    return End(incident=found.other, alert=found.other_alert)


def _tell_ends(desk: Desk, unit: Unit, actor: Actor, found: Link, event: str, reason: str) -> None:
    """Tell of a link, or of its end, at both ends: in an incident's timeline, in an alert's history."""
    for here, there in ((_near(found), _far(found)), (_far(found), _near(found))):
        if here.incident is not None:
            words_ = f"{KINDS[found.kind]}: {there}" + (f" ({reason})" if reason else "")
            said = Said(event=event, text=words_, alert=there.alert, detail={"link": found.id})
            tell(desk, unit, actor, unit.incidents.get(here.incident), said)
        elif here.alert is not None:
            alert, at = unit.alerts.get(here.alert), desk.clock.now()
            unit.alerts.record(
                AlertEntry(
                    alert=alert.id,
                    at=at,
                    event=event.partition(".")[2],
                    who=actor.name,
                    why=f"{there} {reason}".strip(),
                    state=alert.state,
                    detail={"link": found.id},
                )
            )
            note_done(desk, actor, event, f"alert:{alert.id}", why=reason)
            announce(unit, alert, at, sound=False)


def _view(unit: Unit, found: Link, here: End) -> LinkView:
    """Return a link as one of its ends sees it."""
    is_from = _near(found) == here
    far = _far(found) if is_from else _near(found)
    return LinkView(
        link=found,
        far=far,
        title=_title(unit, far),
        is_from=is_from,
        why_not=_why_not(unit, found) if found.undone_at is None else "",
    )


def _title(unit: Unit, end: End) -> str:
    """Return what the far end is called."""
    if end.incident is not None:
        return unit.incidents.get(end.incident).title
    return unit.alerts.get(end.alert).headline.say() if end.alert is not None else ""


def _is_merge_of(found: Link, incident: IncidentId) -> bool:
    """Say whether a link is the standing merge of this incident into another."""
    return found.kind is LinkKind.MERGE and found.incident == incident and found.undone_at is None
