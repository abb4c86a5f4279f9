"""What another agency gets of an incident: the parts that were chosen, and nothing of what they must not see.

Left out whatever the parts: names of staff (roles stand for them), whose masks were lifted and why, whom we ask on pseudonyms,
messages among colleagues, what is shared with others, links to other incidents, evidence and the log. Words people typed
go through the mask for texts. Every item keeps where it came from: our name, the part, its number and its time.

**Source**: GDPR, article 5(1)(c), and Directive (EU) 2016/680, article 4(1)(c): no more than the purpose needs; ISO 22320:2018,
5.3: the source of operational information is kept.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from impetus.core.action import Action
from impetus.core.alert import Alert
from impetus.core.errors import Malformed
from impetus.core.ids import ShareId
from impetus.core.incident import Incident, IncidentEntry
from impetus.core.situation import Share, SharePart, TaskState
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import mask_words
from impetus.desk.readable import Document, when
from impetus.ports import AlertQuery, Unit
from impetus.processes.methane import LETTERS, TITLES
from impetus.processes.share_document import SHARE_FORMAT

MOST_ALERTS = 200
PLAIN = frozenset({"open", "join", "leave", "note", "close", "reopen"})
GROUPS = frozenset({"playbook", "methane", "objective", "sector", "warning", "effect"})
"""Groups of events another agency may hear of; any group that is not here stays here."""
STAFF = "one of our staff"


def share_document(desk: Desk, unit: Unit, share: Share) -> Document:
    """Return what the agency of this share gets now, as one document."""
    incident = unit.incidents.get(share.incident)
    plain = _Plain(desk, unit)
    found: dict[str, object] = {
        "format": SHARE_FORMAT,
        "from": desk.tenant,
        "to": share.agency,
        "share": share.id,
        "incident": incident.id,
        "title": plain(incident.title),
        "severity": incident.severity.value,
        "made": when(desk.clock.now()),
        "simulated": incident.simulated,
        "regime": share.regime,
        "why": plain(share.why),
        "parts": sorted(share.parts),
        "tasks": [
            {"task": task.id, "text": plain(task.text), "asked": when(task.asked_at), "state": task.state.value}
            for task in unit.shares.tasks(share.id)
            if task.state is not TaskState.WITHDRAWN and not task.theirs
        ],
    }
    for part in SharePart:
        if part in share.parts:
            found[part.value] = _part(unit, incident, part, plain)
    return found


class _Plain:
    """Words without names: of our staff by their accounts, of others by the mask for texts."""

    def __init__(self, desk: Desk, unit: Unit) -> None:
        self._desk = desk
        names = sorted((account.name for account in unit.accounts.all()), key=len, reverse=True)
        pattern = "|".join(re.escape(name) for name in names)
        self._names = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if names else None

    def __call__(self, text: str) -> str:
        """Return the text with every name in it put away."""
        without = self._names.sub(STAFF, text) if self._names else text
        line = "".join(letter for letter in " ".join(without.split()) if letter.isprintable())
        return mask_words(self._desk, line)


def _part(unit: Unit, incident: Incident, part: SharePart, plain: _Plain) -> object:
    """Return one part of an incident, each item with its number here and its time."""
    if part is SharePart.SUMMARY:
        return _summary(incident, plain)
    return list(
        {
            SharePart.METHANE: _methane,
            SharePart.OBJECTIVES: _objectives,
            SharePart.SECTORS: _sectors,
            SharePart.TIMELINE: _timeline,
            SharePart.DECISIONS: _decisions,
            SharePart.ALERTS: _alerts,
        }[part](unit, incident, plain)
    )


def _summary(incident: Incident, plain: _Plain) -> Document:
    return {
        "state": incident.state.value,
        "opened": when(incident.opened_at),
        "closed": when(incident.closed_at) if incident.closed_at else None,
        "outcome": plain(incident.outcome),
        "point": [incident.point.lon, incident.point.lat] if incident.point else None,
    }


def _methane(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    texts = unit.situation.texts(incident.id)
    for name in TITLES:
        if name in texts:
            yield {
                "letter": LETTERS[name],
                "part": TITLES[name],
                "text": plain(texts[name].text),
                "at": when(texts[name].at),
            }


def _objectives(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    for each in unit.situation.objectives(incident.id):
        yield {
            "number": each.id,
            "text": plain(each.text),
            "state": each.state.value,
            "holder": plain(each.holder),
            "at": when(each.changed_at),
        }


def _sectors(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    for each in unit.situation.sectors(incident.id):
        if each.given_up_at is None:
            yield {
                "number": each.id,
                "name": plain(each.name),
                "holder": plain(each.holder),
                "task": plain(each.task),
                "at": when(each.set_at),
            }


def _timeline(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    for entry in unit.incidents.entries(incident.id):
        if _may_leave(entry):
            yield {
                "number": entry.id,
                "at": when(entry.at),
                "event": str(entry.event),
                "text": plain(entry.text),
            }


def _may_leave(entry: IncidentEntry) -> bool:
    """Say whether another agency may hear of a line: messages among colleagues are notes that carry their action."""
    event = str(entry.event)
    if event == "note":
        return "action" not in entry.detail
    return event in PLAIN or (event.partition(".")[0] in GROUPS and "." in event)


def _decisions(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    decisions = unit.incidents.decisions(incident.id)
    struck = {each.corrects for each in decisions}
    for each in decisions:
        yield {
            "number": each.id,
            "at": when(each.at),
            "seen": plain(each.seen),
            "options": [plain(option) for option in each.options],
            "choice": plain(each.choice),
            "reason": plain(each.reason),
            "corrects": each.corrects,
            "is_struck": each.id in struck,
        }


def _alerts(unit: Unit, incident: Incident, plain: _Plain) -> Iterator[Document]:
    for alert in unit.alerts.find(AlertQuery(incident=incident.id, limit=MOST_ALERTS)).items:
        yield _alert(alert, plain)


def _alert(alert: Alert, plain: _Plain) -> Document:
    return {
        "number": alert.id,
        "what": plain(alert.headline.say()),
        "severity": alert.severity.value,
        "certainty": alert.certainty.value,
        "began": when(alert.began),
        "state": alert.state.value,
        "point": [alert.point.lon, alert.point.lat] if alert.point else None,
        "is_simulated": alert.simulated,
    }


def share_of_action(unit: Unit, action: Action) -> Share | None:
    """Return the share a package was decided for, with exactly the parts people agreed to; None for one that is about none.

    Raises `Malformed` for a share of another incident, and for one that has ended meanwhile.
    """
    number = action.parameters.get("share", "")
    if not number:
        return None
    found = unit.shares.get(ShareId(int(number) if number.isascii() and number.isdecimal() else 0))
    if (
        found.incident != action.incident
        or found.ended_at is not None
        or found.agency != action.parameters["recipient"]
    ):
        raise Malformed(
            f"share {number} is no standing share of incident {action.incident} with {action.parameters['recipient']}",
            value=number,
            limit="a share that stands",
            remedy="share the incident anew",
        )
    agreed = frozenset(action.parameters.get("parts", "").split(", "))
    return replace(found, parts=agreed & set(SharePart), why=action.why)
