"""A package of evidence for somebody else: what was seen, who decided, what was logged, in formats anybody can read.

**Source**: F14 of the house's ethics: a hand-over is a recorded disclosure and verifies offline; GDPR, article 30(1)(d), and
Directive (EU) 2016/680, article 24(1)(c): recipients are on record.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from impetus.core.access import Category, Purpose, Regime, Use
from impetus.core.action import Action, ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.alert import Alert
from impetus.core.authorised import Authorised
from impetus.core.errors import Conflict, Malformed
from impetus.core.ids import ActionId
from impetus.core.incident import Incident
from impetus.core.log_record import Processing
from impetus.core.situation import Share
from impetus.desk.access import access_evidence_of_case, access_openings_of_case, access_package
from impetus.desk.context import Desk
from impetus.desk.log_proofs import proofs
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.readable import (
    Document,
    action_document,
    alert_document,
    incident_document,
    log_document,
    series_csv,
    when,
)
from impetus.desk.share_package import share_document, share_of_action
from impetus.ethics.guard import Operation
from impetus.ports import AlertQuery, Unit
from impetus.ports.effects import Outcome
from impetus.ports.ethics import Logged

MOST_ALERTS = 200
LAWS: Mapping[str, str] = {
    Regime.GDPR: "the General Data Protection Regulation, (EU) 2016/679",
    Regime.LED: "the Law Enforcement Directive, (EU) 2016/680",
}
SIMULATED = "EXERCISE OR SIMULATED INPUT: nothing in here happened.\n"
README = """\
EVIDENCE PACKAGE {action}

What the platform knows about incident {incident}, given to {recipient} under
{law}.
Reason: {why}
Decided by {persons} people, named in package.json. Made {at}.
{simulated}
People are masked: there is no picture of a person in here, and no tool's text names one.
Staff who acted are named in the histories, as those who answer for what was done.

  package.json       what this is, who decided on it, for whom and under which law (JSON, RFC 8259)
  incident.json      the incident, its timeline and its decisions (JSON, RFC 8259)
  alerts/N.json      each alert with its history: which tool, what it said, who judged it (JSON, RFC 8259)
  alerts/N-K.csv     the measured series behind it and the band that was expected (CSV, RFC 4180)
  log.jsonl          the log's lines about these things, by their index in the log (JSON, one a line)
  log/proofs.jsonl   for each index the entry as the log has it, which names nobody, and its audit path (RFC 6962)
  log/checkpoint     the signed root those paths lead to (C2SP signed-note); log/key is the key of its signature.
                     Compare the checkpoint with one that a witness kept: then you need not believe us.
  SHA256SUMS         SHA-256 (FIPS 180-4) of every file above

Times are UTC, written as in RFC 3339. To check the files: sha256sum -c SHA256SUMS
Whoever received this is a controller of what is in here and answers for its further use.
"""


SHARE_README = """\
SHARED INCIDENT {incident}, SHARE {share}

What {tenant} tells {recipient} of its incident {incident}, under
{law}.
Reason: {why}
Decided by {persons} people. Made {at}.
{simulated}
People are masked and staff are not named. Every item carries its number and time at {tenant}.

  share.json         the parts that are shared, and the tasks {recipient} is asked to do (JSON, RFC 8259)
  SHA256SUMS         SHA-256 (FIPS 180-4) of every file above

Times are UTC, written as in RFC 3339. To check the files: sha256sum -c SHA256SUMS
Another installation of this program takes the archive in, keeps where each item came from, and reports on the tasks.
Whoever received this is a controller of what is in here and answers for its further use.
"""


class Packer:
    """Fulfils `impetus.ports.effects.Effector`: makes the package and keeps it, encrypted, under the action's number."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Make and keep the package; made again it replaces itself."""
        action = authorised.what
        if action.incident is None:
            raise Malformed("a package is about an incident", value=action.id, remedy="propose it from an incident")
        body = _zipped(_files(self._desk, authorised), action.at)
        self._desk.blobs.put(_name(action.id), body)
        return Outcome(succeeded=True, receipt=f"{len(body)} bytes, SHA-256 {hashlib.sha256(body).hexdigest()}")


def fetch_package(desk: Desk, actor: Actor, action_id: ActionId) -> bytes:
    """Return a package that was decided on, to be handed over; each fetching is a disclosure in the log."""
    with desk.store.read() as unit:
        action = unit.actions.get(action_id)
    regime = Regime(action.parameters.get("regime", Regime.GDPR))
    recipient = action.parameters.get("recipient", "")
    use = Use(
        category=Category.NONE,
        purpose=Purpose.INCIDENT_RESPONSE,
        case=str(action.incident or ""),
        why=action.why,
        recipient=recipient,
    )
    permit(desk, actor, Operation.ACTIONS_PROPOSE, on=f"action:{action_id}", use=use)
    if action.kind is not ActionKind.EVIDENCE_PACKAGE or action.state is not ActionState.PERFORMED:
        raise Conflict(
            f"action {action_id} is {action.state}",
            value=action.state,
            limit=ActionState.PERFORMED,
            remedy="wait until enough people have agreed",
        )
    body = access_package(desk, actor, _name(action_id), on=f"action:{action_id}", use=use)
    note_done(
        desk,
        actor,
        "action.fetch",
        f"action:{action_id}",
        processing=Processing.DISCLOSURE,
        why=action.why,
        case=str(action.incident or ""),
        recipient=recipient,
        regime=regime,
        facts={"sha256": hashlib.sha256(body).hexdigest()},
    )
    return body


def _name(action: ActionId) -> str:
    return f"package-{action}"


def _files(desk: Desk, authorised: Authorised[Action]) -> dict[str, bytes]:
    """Return every file of the package by name, in one reading of the state."""
    action = authorised.what
    assert action.incident is not None  # noqa: S101 - `perform` refused it
    with desk.store.read() as unit:
        share = share_of_action(unit, action)
        if share is not None:
            return _summed(_share_files(desk, unit, authorised, share))
        incident = unit.incidents.get(action.incident)
        alerts = unit.alerts.find(AlertQuery(incident=action.incident, limit=MOST_ALERTS)).items
        files = {
            "README.txt": _readme(authorised).encode(),
            "package.json": _json(action_document(action, unit.actions.entries(action.id))),
            "incident.json": _json(
                incident_document(incident, unit.incidents.entries(incident.id), unit.incidents.decisions(incident.id))
            ),
        }
        lines = list(_log_lines(unit, authorised, incident, alerts))
        files["log.jsonl"] = b"".join(json.dumps(log_document(line), sort_keys=True).encode() + b"\n" for line in lines)
        for alert in alerts:
            files[f"alerts/{alert.id}.json"] = _json(alert_document(alert, unit.alerts.entries(alert.id)))
    files |= proofs(desk, [line.index for line in lines])
    for alert in alerts:
        files.update(_series(desk, authorised, alert))
    return _summed(files)


def _summed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with the one that names their hashes."""
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    return {**files, "SHA256SUMS": sums.encode()}


def _share_files(desk: Desk, unit: Unit, authorised: Authorised[Action], share: Share) -> dict[str, bytes]:
    """Return what another agency gets: the chosen parts and their tasks, and nothing else."""
    action = authorised.what
    readme = SHARE_README.format(
        incident=share.incident,
        share=share.id,
        tenant=desk.tenant,
        recipient=share.agency,
        law=LAWS[share.regime],
        why=action.why,
        persons=len(authorised.persons),
        at=when(action.changed_at),
        simulated=SIMULATED if action.simulated else "",
    )
    return {"README.txt": readme.encode(), "share.json": _json(share_document(desk, unit, share))}


def _series(desk: Desk, authorised: Authorised[Action], alert: Alert) -> Iterator[tuple[str, bytes]]:
    """Yield the measured series behind an alert; evidence that was erased when its time was over is not in here."""
    number = 0
    for found in access_evidence_of_case(desk, authorised, alert.evidence):
        for series in found.series:
            number += 1
            yield f"alerts/{alert.id}-{number}.csv", series_csv(series).encode()


def _log_lines(
    unit: Unit, authorised: Authorised[Action], incident: Incident, alerts: Sequence[Alert]
) -> Iterator[Logged]:
    """Yield what the log says about the incident and its alerts, oldest first of each."""
    subjects = [f"incident:{incident.id}", *(f"alert:{alert.id}" for alert in alerts)]
    yield from access_openings_of_case(unit, authorised, subjects)


def _readme(authorised: Authorised[Action]) -> str:
    """Return the page that explains the package to who opens it."""
    action = authorised.what
    return README.format(
        action=action.id,
        incident=action.incident,
        recipient=action.parameters["recipient"],
        law=LAWS[action.parameters["regime"]],
        why=action.why,
        persons=len(authorised.persons),
        at=when(action.changed_at),
        simulated=SIMULATED if action.simulated else "",
    )


def _json(document: Document) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return the files as a zip archive, the same bytes for the same files (ISO/IEC 21320-1, deflate)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return buffer.getvalue()
