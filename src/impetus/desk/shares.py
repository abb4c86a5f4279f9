"""An incident shared with another agency: what they get, what they are asked to do, and what they say of it.

What they get is a package that two people decide on, through the gates (class D); its fetching stands in the log as a
disclosure with the recipient. Tasks are theirs: they say where they stand, by voice or by their own installation's report,
and we write down who said so and how it came.

**Source**: ISO 22320:2018, 6 (cooperation and coordination); GDPR, article 30(1)(d); Directive (EU) 2016/680, article 24(1)(c).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.access import Regime
from impetus.core.action import Action, ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import IncidentId, ShareId, TaskId
from impetus.core.situation import TASK_LIFECYCLE, Received, Share, SharePart, ShareTask, TaskEvent, TaskState
from impetus.desk import gates
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.share_package import share_document
from impetus.desk.situation import Said, is_worked_on, tell, worked_on
from impetus.desk.transition import words
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.share_document import ReportedTask, read_report

MAX_AGENCY, MAX_TASK = 80, 500
"""Longest name and task in characters; house rules."""
MOST_SHARES, MOST_TASKS = 20, 100
"""Most shares of an incident, and tasks of a share; house rules."""
LASTS = timedelta(hours=4)
"""How long a proposed package may be agreed to; house rule, half a shift."""
SAID = {
    TaskEvent.ACCEPT: "accepted",
    TaskEvent.FINISH: "done",
    TaskEvent.DECLINE: "declined",
    TaskEvent.WITHDRAW: "withdrawn by us",
    TaskEvent.REOPEN: "asked again",
}
OURS = frozenset({TaskEvent.WITHDRAW, TaskEvent.REOPEN})
"""What we do with a task ourselves; the rest is theirs to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """One share: its tasks, and where its newest package stands; `package` is None for an action that was erased."""

    share: Share
    tasks: tuple[ShareTask, ...]
    package: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesView:
    """What is shared of an incident and with whom; `received` says where an incident came from that is not ours."""

    shares: tuple[ShareView, ...]
    received: Received | None
    asked_of_us: tuple[ShareTask, ...]
    may_share: bool
    may_work: bool


def shares_view(desk: Desk, actor: Actor, incident_id: IncidentId) -> SharesView:
    """Return with whom an incident is shared, or from whom it came."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        incident, received = unit.incidents.get(incident_id), unit.shares.received(incident_id)
        views = [_view(unit, share) for share in unit.shares.of_incident(incident_id)]
        is_open = is_worked_on(incident)
        return SharesView(
            shares=tuple(view for view in views if received is None or view.share.agency != received.agency),
            received=received,
            asked_of_us=tuple(task for view in views for task in view.tasks if task.theirs),
            may_share=is_open and may(actor, Operation.SHARES_WRITE),
            may_work=is_open and may(actor, Operation.SHARES_WORK),
        )


def share_incident(  # noqa: PLR0913 - a share has this many parts, and each is named at the call
    desk: Desk,
    actor: Actor,
    incident_id: IncidentId,
    *,
    agency: str,
    regime: Regime,
    parts: Sequence[str],
    why: str,
) -> Share:
    """Share an incident with another agency, and propose the first package for it; two people decide whether it goes."""
    permit(desk, actor, Operation.SHARES_WRITE, on=f"incident:{incident_id}")
    fresh = Share(
        id=ShareId(0),
        incident=incident_id,
        agency=words(agency, "the agency", needed=True, longest=MAX_AGENCY),
        regime=regime.value,
        parts=_parts(parts),
        why=words(why, "the reason", needed=True),
        shared_by=actor.name,
        shared_at=desk.clock.now(),
    )
    with desk.store.write() as unit:
        incident = worked_on(unit, incident_id)
        there = unit.shares.of_incident(incident_id)
        _check_shares(there, fresh.agency)
        share = unit.shares.add(fresh)
        said = f"Shared with {share.agency}: {', '.join(sorted(share.parts))} ({share.why})"
        tell(desk, unit, actor, incident, Said(event="share.share", text=said, detail={"share": share.id}))
    propose_package(desk, actor, share.id, why=share.why)
    return _stored(desk, share.id)


def propose_package(desk: Desk, actor: Actor, share_id: ShareId, *, why: str) -> Action:
    """Propose to give the agency what is known now, in the parts of the share; two people decide."""
    permit(desk, actor, Operation.SHARES_WRITE, on=f"share:{share_id}")
    share = _stored(desk, share_id)
    _check_standing(share)
    if not share.parts:
        raise Conflict(
            "it is theirs; report on its tasks", value=share_id, remedy="share the incident with somebody else"
        )
    action = gates.propose(
        desk,
        actor,
        gates.Proposal(
            kind=ActionKind.EVIDENCE_PACKAGE,
            target=share.agency,
            why=words(why, "the reason", needed=True),
            lasts=LASTS,
            incident=share.incident,
            parameters={
                "recipient": share.agency,
                "regime": share.regime,
                "share": str(share.id),
                "parts": ", ".join(sorted(share.parts)),
            },
        ),
    )
    with desk.store.write() as unit:
        unit.shares.replace(replace(unit.shares.get(share_id), action=action.id))
        incident = unit.incidents.get(share.incident)
        said = f"A package for {share.agency} waits for two people's decision"
        detail: dict[str, str | int | float] = {"share": share.id, "package": action.id}
        tell(desk, unit, actor, incident, Said(event="share.package", text=said, detail=detail))
    return action


def preview_share(desk: Desk, actor: Actor, share_id: ShareId) -> object:
    """Return the document the agency would get now, for those who are to decide on it."""
    permit(desk, actor, Operation.SHARES_WORK, on=f"share:{share_id}")
    with desk.store.read() as unit:
        return share_document(desk, unit, unit.shares.get(share_id))


def end_share(desk: Desk, actor: Actor, share_id: ShareId, *, why: str) -> Share:
    """Stop sharing: nothing more goes to them, and a package nobody decided on yet cannot be made; what they have stays theirs."""
    permit(desk, actor, Operation.SHARES_WRITE, on=f"share:{share_id}")
    reason = words(why, "the reason", needed=True)
    with desk.store.write() as unit:
        before = unit.shares.get(share_id)
        _check_standing(before)
        after = replace(before, ended_at=desk.clock.now(), ended_by=actor.name)
        unit.shares.replace(after)
        said = f"No longer shared with {after.agency} ({reason})"
        told = Said(event="share.end", text=said, detail={"share": after.id})
        tell(desk, unit, actor, unit.incidents.get(after.incident), told)
        return after


def ask_task(desk: Desk, actor: Actor, share_id: ShareId, text: str) -> ShareTask:
    """Ask the agency to do something; it goes with the next package, and by voice before that."""
    permit(desk, actor, Operation.SHARES_WORK, on=f"share:{share_id}")
    at = desk.clock.now()
    fresh = ShareTask(
        id=TaskId(0),
        share=share_id,
        state=TaskState.ASKED,
        text=words(text, "the task", needed=True, longest=MAX_TASK),
        asked_by=actor.name,
        asked_at=at,
        changed_at=at,
    )
    with desk.store.write() as unit:
        share = unit.shares.get(share_id)
        incident = worked_on(unit, share.incident)
        _check_standing(share)
        if len(unit.shares.tasks(share_id)) >= MOST_TASKS:
            raise Malformed(f"{MOST_TASKS} tasks already", value=MOST_TASKS, limit=MOST_TASKS, remedy="share anew")
        task = unit.shares.add_task(fresh)
        said = f"{share.agency} is asked: {task.text}"
        tell(desk, unit, actor, incident, Said(event="share.ask", text=said, detail={"task": task.id}))
        return task


def move_task(  # noqa: PLR0913 - what is said of a task has this many parts, and each is named at the call
    desk: Desk, actor: Actor, task_id: TaskId, event: TaskEvent, *, said: str = "", said_by: str = "", came: str = ""
) -> ShareTask:
    """Write down what was said of a task: by whom over there, in which words, and how it came (radio, telephone, …).

    What is theirs to say needs somebody over there who said it; withdrawing and asking again are ours.
    """
    permit(desk, actor, Operation.SHARES_WORK, on=f"task:{task_id}")
    with desk.store.write() as unit:
        before = unit.shares.task(task_id)
        share = unit.shares.get(before.share)
        incident = worked_on(unit, share.incident)
        is_theirs = event not in OURS and not before.theirs
        after = replace(
            before,
            state=TaskState(TASK_LIFECYCLE.step(before.state, event).state),
            said=words(said, "what was said", needed=event is TaskEvent.DECLINE, longest=MAX_TASK),
            said_by=words(said_by, "who said it", needed=is_theirs, longest=MAX_AGENCY) or actor.name,
            came=words(came, "how it came", needed=is_theirs, longest=MAX_AGENCY),
            changed_at=desk.clock.now(),
        )
        unit.shares.replace_task(before, after)
        tell(desk, unit, actor, incident, _task_line(share, after, SAID[event]))
        return after


def take_report(desk: Desk, actor: Actor, share_id: ShareId, body: bytes) -> tuple[ShareTask, ...]:
    """Read what the agency's installation reports on its tasks, and return those that changed.

    A line that is older than their last changes nothing (by their clock, against their clock), so that reading a report twice, or two of them in the wrong
    order, does no harm. Refused whole when it is about another share or a task we never asked for.
    """
    permit(desk, actor, Operation.SHARES_WORK, on=f"share:{share_id}")
    report, digest = read_report(body), hashlib.sha256(body).hexdigest()
    with desk.store.write() as unit:
        share = unit.shares.get(share_id)
        incident = worked_on(unit, share.incident)
        _check_standing(share)
        ours = {task.id: task for task in unit.shares.tasks(share_id) if not task.theirs}
        strangers = [each.task for each in report.tasks if each.task not in ours]
        if report.share != share_id or strangers:
            raise Malformed(
                f"the report is on share {report.share}, tasks {', '.join(map(str, strangers)) or 'of ours'}",
                value=report.share,
                limit=f"share {share_id} and its tasks",
                remedy="choose the share it is about",
            )
        came = f"report of {report.agency[:MAX_AGENCY]}, SHA-256 {digest[:16]}"
        at = desk.clock.now()
        moved = [_reported(unit, ours[TaskId(each.task)], each, came=came, at=at) for each in report.tasks]
        changed = tuple(task for task in moved if task is not None)
        for task in changed:
            tell(desk, unit, actor, incident, _task_line(share, task, task.state.value))
        return changed


def _reported(unit: Unit, before: ShareTask, said: ReportedTask, *, came: str, at: datetime) -> ShareTask | None:
    """Store what a report says of one task; None when we know that, or newer, already."""
    state = TASK_LIFECYCLE.table[before.state, said.event]
    is_known = before.said_at is not None and said.at <= before.said_at
    if is_known or isinstance(state, str):
        return None
    after = replace(
        before,
        state=TaskState(state.state),
        said=said.said[:MAX_TASK],
        said_by=said.said_by[:MAX_AGENCY],
        came=came,
        said_at=said.at,
        changed_at=at,
    )
    unit.shares.replace_task(before, after)
    return after


def _task_line(share: Share, task: ShareTask, what: str) -> Said:
    """Return the line of the timeline that says where a task stands, who said so and how it came."""
    parts = [f"{share.agency}: {task.text}: {what}", task.said, f"said {task.said_by}", task.came]
    return Said(event="share.task", text="; ".join(part for part in parts if part), detail={"task": task.id})


def _view(unit: Unit, share: Share) -> ShareView:
    """Return a share with its tasks and its newest package."""
    try:
        package = unit.actions.get(share.action) if share.action is not None else None
    except Unknown:
        package = None
    return ShareView(share=share, tasks=tuple(unit.shares.tasks(share.id)), package=package)


def is_ready(view: ShareView) -> bool:
    """Say whether the newest package was decided on and can be handed over."""
    return view.package is not None and view.package.state is ActionState.PERFORMED


def _stored(desk: Desk, share_id: ShareId) -> Share:
    with desk.store.read() as unit:
        return unit.shares.get(share_id)


def _parts(given: Sequence[str]) -> frozenset[str]:
    """Return the parts; refuses none, and any there is none of."""
    odd = sorted(set(given) - set(SharePart))
    if odd or not given:
        raise Malformed(
            f"parts {', '.join(odd)[:80] or 'of nothing'}",
            value=", ".join(odd)[:80],
            limit=", ".join(SharePart),
            remedy="choose what they need",
        )
    return frozenset(given)


def _check_shares(there: Sequence[Share], agency: str) -> None:
    """Refuse a second standing share with the same agency, and more than anybody oversees."""
    for each in there:
        if each.ended_at is None and each.agency.casefold() == agency.casefold():
            raise Conflict(
                f"{each.shared_by} shared it with {agency} at {each.shared_at:%H:%M:%S}",
                value=each.id,
                remedy="propose a new package of that share, or end it first",
            )
    if len(there) >= MOST_SHARES:
        raise Malformed(f"{len(there)} shares", value=len(there), limit=MOST_SHARES, remedy="share another incident")


def _check_standing(share: Share) -> None:
    """Refuse to go on with a share that has ended."""
    if share.ended_at is not None:
        raise Conflict(
            f"{share.ended_by} ended the share at {share.ended_at:%H:%M:%S}",
            value=share.id,
            limit="a share that stands",
            remedy="share the incident anew",
        )
