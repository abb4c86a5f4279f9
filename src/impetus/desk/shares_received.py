"""An incident that another agency shares with us: taken in, worked on here, and reported back on.

It becomes an incident of ours that says whose it is there. Each line of theirs stands in our timeline with their number and
time; their tasks are ours to accept, do or decline. A newer package of the same share adds what is new and nothing twice.

**Source**: ISO 22320:2018, 5.3 (the source and the time of information are kept).
"""

import hashlib
import io
import json
import zipfile
from datetime import datetime

from impetus.core.access import Purpose, Regime
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, TooLarge
from impetus.core.finding import Severity
from impetus.core.ids import IncidentId, ShareId, TaskId
from impetus.core.incident import Incident, IncidentEntry, IncidentState
from impetus.core.log_record import Processing
from impetus.core.situation import Received, Share, ShareTask, TaskState
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import mask_words
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.readable import when
from impetus.desk.shares import MAX_AGENCY, MAX_TASK
from impetus.desk.situation import Said, tell, worked_on
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.share_document import LARGEST, REPORT_FORMAT, SharedIncident, read_share

SHARE_FILE = "share.json"
MOST_FILES = 10
MAX_TITLE = 200
REPORTABLE = (TaskState.ACCEPTED, TaskState.DONE, TaskState.DECLINED)


def receive_share(desk: Desk, actor: Actor, body: bytes) -> Incident:
    """Take in a package, or the document in it, and return the incident it became; `Conflict` when nothing in it is new."""
    permit(desk, actor, Operation.SHARES_WRITE)
    document = unpacked(body)
    shared, digest = read_share(document), hashlib.sha256(document).hexdigest()
    if shared.agency == desk.tenant:
        raise Conflict("the package is our own", value=shared.agency, remedy="send it to the other agency")
    with desk.store.write() as unit:
        before = unit.shares.received_before(shared.agency, shared.share)
        if before is not None and before.sha256 == digest:
            raise Conflict(
                f"{before.who} took it in at {before.at:%H:%M:%S}, as incident {before.incident}",
                value=before.incident,
                remedy="open that incident",
            )
        incident = _opened(unit, desk, actor, shared) if before is None else worked_on(unit, before.incident)
        lines = _take_lines(unit, desk, incident, shared, after=0 if before is None else before.lines)
        fresh = _take_tasks(unit, desk, actor, incident, shared)
        unit.shares.put_received(
            Received(
                incident=incident.id,
                agency=shared.agency,
                number=shared.incident,
                share=shared.share,
                sha256=digest,
                at=desk.clock.now(),
                who=actor.name,
                lines=max([before.lines if before else 0, *(line.number for line in shared.lines)]),
            )
        )
        said = f"From {shared.agency}, their incident {shared.incident}: {lines} lines, {fresh} tasks for us ({shared.why})"
        tell(desk, unit, actor, incident, Said(event="share.receive", text=said, detail={"sha256": digest}))
        return incident


def report_of(desk: Desk, actor: Actor, incident_id: IncidentId) -> bytes:
    """Return what we tell the agency of its tasks; it names roles and no staff, and giving it out stands in the log.

    **Source**: Directive (EU) 2016/680, article 25(1): of disclosures the time and the recipient.
    """
    permit(desk, actor, Operation.SHARES_WORK, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        received = unit.shares.received(incident_id)
        if received is None:
            raise Conflict(
                f"incident {incident_id} is our own", value=incident_id, remedy="open one that came from another agency"
            )
        tasks = [task for share in unit.shares.of_incident(incident_id) for task in unit.shares.tasks(share.id)]
    document = {
        "format": REPORT_FORMAT,
        "from": desk.tenant,
        "to": received.agency,
        "share": received.share,
        "made": when(desk.clock.now()),
        "tasks": [_told(desk, task) for task in tasks if task.theirs and task.state in REPORTABLE],
    }
    body = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    note_done(
        desk,
        actor,
        "share.report",
        f"incident:{incident_id}",
        processing=Processing.DISCLOSURE,
        purpose=Purpose.INCIDENT_RESPONSE,
        recipient=received.agency,
        regime=Regime.GDPR,
        case=str(incident_id),
        facts={"sha256": hashlib.sha256(body).hexdigest()},
    )
    return body


def unpacked(body: bytes) -> bytes:
    """Return the document of a package, or what is no archive as it is; an archive that is not one of ours is refused.

    Nothing is written to disk, no more than the largest document is ever unpacked, and the hash the archive names is checked.
    """
    if not body.startswith(b"PK"):
        return body
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise TooLarge(
                    f"{len(archive.infolist())} files",
                    value=len(archive.infolist()),
                    limit=MOST_FILES,
                    remedy="send one",
                )
            document, sums = _member(archive, SHARE_FILE), _member(archive, "SHA256SUMS")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Malformed(
            "the archive is no package of a share",
            value=str(error)[:80],
            limit=f"a zip archive with {SHARE_FILE} and SHA256SUMS",
            remedy="ask for the package to be sent again",
        ) from error
    if f"{hashlib.sha256(document).hexdigest()}  {SHARE_FILE}".encode() not in sums.splitlines():
        raise Malformed(
            f"{SHARE_FILE} is not what SHA256SUMS says", value=SHARE_FILE, remedy="ask for the package to be sent again"
        )
    return document


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one file, and never more of it than the largest document, whatever the archive claims."""
    with archive.open(name) as file:
        read = file.read(LARGEST + 1)
    if len(read) > LARGEST:
        raise TooLarge(f"{name} is larger", value=name, limit=LARGEST, remedy="ask them to share fewer parts")
    return read


def _opened(unit: Unit, desk: Desk, actor: Actor, shared: SharedIncident) -> Incident:
    """Open the incident the share becomes here; it is whoever's who takes it in, and says whose it is there."""
    at = desk.clock.now()
    incident = unit.incidents.add(
        Incident(
            id=IncidentId(0),
            version=0,
            state=IncidentState.OPEN,
            title=f"{shared.agency}: {shared.title}"[:MAX_TITLE],
            severity=Severity(shared.severity),
            owner=actor.name,
            opened_at=at,
            opened_by=actor.name,
            changed_at=at,
            simulated=shared.simulated,
        )
    )
    tell(desk, unit, actor, incident, Said(event="open", text=incident.title))
    return incident


def _take_lines(unit: Unit, desk: Desk, incident: Incident, shared: SharedIncident, *, after: int) -> int:
    """Write their lines that we do not have into our timeline, each as theirs; return how many."""
    at = desk.clock.now()
    fresh = sorted((line for line in shared.lines if line.number > after), key=lambda line: line.number)
    for line in fresh:
        unit.incidents.record(
            IncidentEntry(
                incident=incident.id,
                at=at,
                event="share.line",
                who=f"agency: {shared.agency}",
                text=f"{line.text or line.event} ({line.at:%Y-%m-%d %H:%M:%S}Z)",
                detail={"theirs": line.number, "event": line.event, "version": incident.version},
            )
        )
    return len(fresh)


def _take_tasks(unit: Unit, desk: Desk, actor: Actor, incident: Incident, shared: SharedIncident) -> int:
    """Keep what they ask of us that they did not ask before; return how many."""
    at = desk.clock.now()
    there = unit.shares.of_incident(incident.id)
    share = there[0] if there else unit.shares.add(_mirror(incident, shared, actor, at=desk.clock.now()))
    known = {task.theirs for task in unit.shares.tasks(share.id)}
    fresh = [task for task in shared.tasks if task.number not in known]
    for task in fresh:
        unit.shares.add_task(
            ShareTask(
                id=TaskId(0),
                share=share.id,
                state=TaskState.ASKED,
                text=task.text[:MAX_TASK],
                asked_by=shared.agency[:MAX_AGENCY],
                asked_at=at,
                changed_at=at,
                theirs=task.number,
            )
        )
    return len(fresh)


def _mirror(incident: Incident, shared: SharedIncident, actor: Actor, *, at: datetime) -> Share:
    """Return the share as it stands on our side: what they ask of us hangs on it, and nothing of ours goes out by it."""
    return Share(
        id=ShareId(0),
        incident=incident.id,
        agency=shared.agency,
        regime=Regime.GDPR.value,
        parts=frozenset(),
        why=shared.why,
        shared_by=actor.name,
        shared_at=at,
    )


def _told(desk: Desk, task: ShareTask) -> dict[str, object]:
    """Return what we say of one task, in the name of the house."""
    return {
        "task": task.theirs,
        "state": task.state.value,
        "said": mask_words(desk, task.said),
        "said_by": desk.tenant,
        "at": when(task.changed_at),
    }
