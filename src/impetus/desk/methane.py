"""The METHANE report of an incident: saved as it is typed, joined when two people type, sent on a person's decision.

Nothing typed is lost: it stands in its part, stood there and is kept as a line, or is kept beside what stands until
somebody settles which is right. Sending goes through the gates as a message (class B): whoever sends it decides so, about
exactly the version they were shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.action import Action, ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import IncidentId
from impetus.core.incident import Incident
from impetus.core.situation import Major, Methane, MethaneField, MethaneLine, MethaneText
from impetus.desk import gates
from impetus.desk.context import Desk
from impetus.desk.effects import TO_ALL
from impetus.desk.permit import permit
from impetus.desk.situation import Said, is_worked_on, tell, worked_on
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.methane import (
    LETTERS,
    MAX_FIELD,
    Joined,
    Typed,
    checked_text,
    is_new_wording,
    merge,
    message,
    missing,
)

MAX_SEAT = 40
"""Longest name a page gives itself; house rule."""
SENDING_LASTS = timedelta(minutes=30)
TAKES = ("stands", "beside", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethaneView:
    """A report as pages show it.

    `fields` are `(letter, name, text, by, at)` in their order, `missing` the names nobody has said anything of,
    `declared` the first part's word or empty. `beside` is what two people typed at once and nobody has settled.
    `sent_version` says which version was sent last, `sent_at` when; `waits` whether one waits for somebody's yes.
    """

    incident: IncidentId
    fields: tuple[tuple[str, str, str, str, datetime | None], ...]
    missing: tuple[str, ...]
    declared: str
    sent_at: datetime | None
    version: int
    sent_version: int = 0
    sent_to: str = ""
    waits: bool = False
    beside: tuple[MethaneLine, ...] = ()
    may_write: bool = False

    @property
    def is_newer_than_sent(self) -> bool:
        """Say whether it changed since it was sent."""
        return self.sent_version != 0 and self.version > self.sent_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of what a page sent: the report's version after it, and by part whether it stands or lies beside."""

    version: int
    joined: Mapping[MethaneField, Joined]

    @property
    def beside(self) -> tuple[MethaneField, ...]:
        """Return the parts in which somebody else's words stand."""
        return tuple(name for name, outcome in self.joined.items() if outcome is Joined.BESIDE)


def methane_view(desk: Desk, actor: Actor, incident_id: IncidentId) -> MethaneView:
    """Return the incident's report; an empty one when nobody wrote any."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        return view_in(unit, actor, unit.incidents.get(incident_id))


def view_in(unit: Unit, actor: Actor, incident: Incident) -> MethaneView:
    """Return the report of an incident the actor may read, within a unit that is open."""
    report, texts = unit.situation.methane(incident.id), unit.situation.texts(incident.id)
    sent = _sending(unit, report)
    is_sent = sent is not None and sent.state is ActionState.PERFORMED
    return MethaneView(
        incident=incident.id,
        fields=tuple(
            (LETTERS[name], name.value, found.text, found.who, found.at)
            if (found := texts.get(name))
            else (LETTERS[name], name.value, "", "", None)
            for name in MethaneField
        ),
        missing=tuple(str(name) for name in missing(_words(texts))),
        declared=_words(texts).get(MethaneField.MAJOR, ""),
        sent_at=sent.changed_at if sent and is_sent else None,
        version=report.version,
        sent_version=int(sent.parameters["methane"]) if sent and is_sent else 0,
        sent_to=sent.parameters["to"] if sent and is_sent else "",
        waits=sent is not None and sent.state in (ActionState.PROPOSED, ActionState.APPROVED, ActionState.AUTHORISED),
        beside=_unsettled(unit, incident.id),
        may_write=may(actor, Operation.INCIDENTS_WRITE) and is_worked_on(incident),
    )


def save_methane(
    desk: Desk, actor: Actor, incident_id: IncidentId, fields: Mapping[str, str], *, base: int, seat: str = ""
) -> Saved:
    """Store what was typed into some parts, joined part by part with what others typed since version `base`.

    `seat` names the page that sends, so that a page whose answer was lost is not at odds with itself. Saving the same
    again changes nothing. Raises `Malformed` for parts there are none of and too many words, before anything is stored.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    given = dict(checked_text(name, text) for name, text in fields.items())
    if base < 0 or len(seat) > MAX_SEAT:
        raise Malformed(f"version {base}, page {seat[:MAX_SEAT]!r}", value=base, limit="0 or more", remedy="reload")
    with desk.store.write() as unit:
        incident = worked_on(unit, incident_id)
        before, texts = unit.situation.methane(incident_id), unit.situation.texts(incident_id)
        typed = {name: Typed(text=text, base=base, seat=seat) for name, text in given.items()}
        joined = {name: merge(texts.get(name), each) for name, each in typed.items()}
        beside = _unsettled(unit, incident_id)
        for name in joined:
            _share_wording(unit, texts.get(name), typed[name])
        fresh = [name for name in joined if not _is_kept(name, joined[name], given[name], beside)]
        if not fresh:
            return Saved(version=before.version, joined=joined)
        version, asked = before.version + 1, {line.name for line in beside}
        unit.situation.put_methane(replace(before, version=version))
        for name in fresh:
            row = _row(desk, actor, incident_id, name, given[name], version=version, seat=seat)
            _place(unit, texts.get(name), row, joined[name])
        saved = Saved(version=version, joined=joined)
        _tell_saved(desk, unit, actor, incident, _words(texts), [name for name in saved.beside if name not in asked])
        return saved


def settle_methane(desk: Desk, actor: Actor, incident_id: IncidentId, line_id: int, *, take: str) -> MethaneView:
    """Say which words are right where two people typed at once: what `stands`, what lies `beside`, or `both`."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    if take not in TAKES:
        raise Malformed(f"{take[:40]!r} settles nothing", value=take[:40], limit=", ".join(TAKES), remedy="choose one")
    at = desk.clock.now()
    with desk.store.write() as unit:
        incident, line = worked_on(unit, incident_id), unit.situation.line(line_id)
        _check_unsettled(incident_id, line)
        report, stands = unit.situation.methane(incident_id), unit.situation.texts(incident_id).get(line.name)
        standing = stands.text if stands else ""
        words = {"stands": standing, "beside": line.text, "both": _both(line.name, standing, line.text)}[take]
        if words != standing:
            version = report.version + 1
            _, words = checked_text(line.name, words)
            unit.situation.put_methane(replace(report, version=version))
            _place(unit, stands, _row(desk, actor, incident_id, line.name, words, version=version), Joined.STAND)
        unit.situation.replace_line(replace(line, settled_at=at, settled_by=actor.name))
        said = f"{LETTERS[line.name]} of METHANE settled: {words or 'nothing'}"
        tell(desk, unit, actor, incident, Said(event="methane.settle", text=said, detail={"line": line.id}))
        _show(desk, unit, incident_id)
        return view_in(unit, actor, incident)


def send_methane(
    desk: Desk, actor: Actor, incident_id: IncidentId, *, version: int, to: str = TO_ALL, why: str = ""
) -> Action:
    """Send the report as it was shown (`version`), as a message through the gates; the sender's yes is the decision.

    Parts nobody knows are sent as such. Raises `Conflict` when it changed since, or holds words nobody has settled.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        incident, report = worked_on(unit, incident_id), unit.situation.methane(incident_id)
        texts = _words(unit.situation.texts(incident_id))
        _check_sendable(view_in(unit, actor, incident), version)
    proposal = gates.Proposal(
        kind=ActionKind.MESSAGE,
        target=to[:200],
        why=why or f"METHANE of incident {incident_id}",
        lasts=SENDING_LASTS,
        incident=incident_id,
        parameters={"to": to, "text": message(texts, version=report.version), "methane": str(report.version)},
    )
    action = gates.propose(desk, actor, proposal)
    with desk.store.write() as unit:
        unit.situation.put_methane(replace(unit.situation.methane(incident_id), action=action.id))
        _show(desk, unit, incident_id)
        said = f"METHANE, version {version}, to {to}"
        tell(desk, unit, actor, incident, Said(event="methane.send", text=said, detail={"sending": action.id}))
    return gates.approve(desk, actor, action.id, content_hash=action.content_hash())


def _share_wording(unit: Unit, stands: MethaneText | None, typed: Typed) -> None:
    """Note that a second page wrote the same words: they are no page's own any more, and writing over them keeps them."""
    if stands is not None and typed.text and typed.text == stands.text and stands.seat not in {"", typed.seat}:
        unit.situation.put_text(replace(stands, seat=""))


def _is_kept(name: MethaneField, outcome: Joined, text: str, beside: Sequence[MethaneLine]) -> bool:
    """Say whether typed words are in the report already: in their part, or beside it."""
    if outcome is Joined.ALREADY:
        return True
    return outcome is Joined.BESIDE and any(line.name == name and line.text == text for line in beside)


def _row(  # noqa: PLR0913 - a row has this many parts, and each is named at the call
    desk: Desk, actor: Actor, incident: IncidentId, name: MethaneField, text: str, *, version: int, seat: str = ""
) -> MethaneText:
    """Return words of a part as they are stored."""
    return MethaneText(
        incident=incident, name=name, text=text, who=actor.name, at=desk.clock.now(), version=version, seat=seat
    )


def _place(unit: Unit, stands: MethaneText | None, typed: MethaneText, outcome: Joined) -> None:
    """Put typed words where they belong, and keep what they take the place of."""
    if outcome is Joined.BESIDE:
        _keep_beside(unit, typed)
        return
    if stands is not None and is_new_wording(stands, typed.seat, typed.at):
        unit.situation.add_line(_line(stands, lost=False))
    unit.situation.put_text(typed)


def _keep_beside(unit: Unit, typed: MethaneText) -> None:
    """Keep words beside what stands; a page that types on changes its own line instead of adding one a second."""
    for line in _unsettled(unit, typed.incident):
        if line.name == typed.name and line.seat == typed.seat != "":
            unit.situation.replace_line(replace(line, text=typed.text, at=typed.at, version=typed.version))
            return
    unit.situation.add_line(_line(typed, lost=True))


def _unsettled(unit: Unit, incident: IncidentId) -> tuple[MethaneLine, ...]:
    """Return the words of which nobody has said yet whether they are right."""
    return tuple(line for line in unit.situation.lines(incident) if line.lost and line.settled_at is None)


def _line(text: MethaneText, *, lost: bool) -> MethaneLine:
    return MethaneLine(
        id=0,
        incident=text.incident,
        name=text.name,
        text=text.text,
        who=text.who,
        at=text.at,
        version=text.version,
        seat=text.seat,
        lost=lost,
    )


def _tell_saved(
    desk: Desk, unit: Unit, actor: Actor, incident: Incident, before: Mapping[MethaneField, str], differ: Sequence[str]
) -> None:
    """Tell what people want to read later: that it was begun, is complete, was declared, or two typed at once."""
    after = _words(unit.situation.texts(incident.id))
    said = []
    if not before:
        said.append(Said(event="methane.begin", text="METHANE begun"))
    if not missing(after) and missing(before):
        said.append(Said(event="methane.complete", text="METHANE has all its parts"))
    if after.get(MethaneField.MAJOR) == Major.DECLARED != before.get(MethaneField.MAJOR):
        said.append(Said(event="methane.declare", text="Major incident declared"))
    said += [Said(event="methane.differ", text=f"Two people wrote METHANE at once: {name}") for name in differ]
    for each in said:
        tell(desk, unit, actor, incident, each)
    _show(desk, unit, incident.id)


def _show(desk: Desk, unit: Unit, incident: IncidentId) -> None:
    """Tell open pages that the report changed; a kind of its own, for it does so with every few letters."""
    version = unit.situation.methane(incident).version
    unit.outbox.add(desk.clock.now(), "methane", str(incident), {"version": version})


def _both(name: MethaneField, stands: str, beside: str) -> str:
    """Return both wordings in one part; `Malformed` where only one can be right, or there is no room."""
    joined = "; ".join(text for text in (stands, beside) if text)
    if name is MethaneField.MAJOR or len(joined) > MAX_FIELD:
        raise Malformed(
            "both do not fit into one part", value=len(joined), limit=MAX_FIELD, remedy="choose one, or write it anew"
        )
    return joined


def _check_unsettled(incident_id: IncidentId, line: MethaneLine) -> None:
    """Refuse a line of another incident, one that is no open question, and one that is settled."""
    if line.incident != incident_id or not line.lost:
        raise Unknown(f"incident {incident_id} has no such words", value=line.id, remedy="reload")
    if line.settled_at is not None:
        raise Conflict(
            f"{line.settled_by} settled it at {line.settled_at:%H:%M:%S}", value=line.id, remedy="look at it as it is"
        )


def _check_sendable(view: MethaneView, version: int) -> None:
    """Refuse to send what was not shown, what says nothing, and what two people wrote differently."""
    if view.version != version:
        raise Conflict(
            f"METHANE is at version {view.version}, you were shown {version}",
            value=version,
            limit=view.version,
            remedy="look at it as it is now, then send it",
        )
    if len(view.missing) == len(MethaneField):
        raise Malformed("METHANE says nothing yet", value=0, limit="one part at least", remedy="fill in what is known")
    if view.beside:
        raise Conflict(
            f"two people wrote {view.beside[0].name} differently",
            value=view.beside[0].name,
            remedy="settle which is right, then send it",
        )


def _sending(unit: Unit, report: Methane) -> Action | None:
    """Return the newest sending, None when there was none or its time in the store is over."""
    if report.action is None:
        return None
    try:
        return unit.actions.get(report.action)
    except Unknown:
        return None


def _words(texts: Mapping[MethaneField, MethaneText]) -> dict[MethaneField, str]:
    """Return the parts' words alone."""
    return {name: text.text for name, text in texts.items()}
