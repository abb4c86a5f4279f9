"""What every adapter of the port `Store` promises about incidents, accounts, parts, cursors and evidence."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.samples import T0, an_account, an_alert, an_incident, minutes
from impetus.adapters.sql import incidents as sql_incidents
from impetus.adapters.sql.store import SqlStore
from impetus.core.account import Account, ServiceToken, Session
from impetus.core.board import PartState, PartStatus
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.evidence import EvidenceRecord
from impetus.core.ids import AccountId, AlertId, EvidenceId, FindingKey, IncidentId, Offset, SourceId, ToolId
from impetus.core.incident import Decision, Incident, IncidentEntry, IncidentEvent, IncidentState
from impetus.core.place import Point
from impetus.ports import Store


def opened(store: Store, **changes: object) -> Incident:
    """Store one incident."""
    with store.write() as unit:
        return unit.incidents.add(an_incident(**changes))


def registered(store: Store, **changes: object) -> Account:
    """Store one account."""
    with store.write() as unit:
        return unit.accounts.add(an_account(**changes))


def a_session(account: Account, token: str, minute: float = 60) -> Session:
    """Return a session that expires at the minute."""
    return Session(token_hash=token, account=account.id, created_at=T0, expires_at=minutes(minute), csrf="c")


def a_token(name: str, token: str) -> ServiceToken:
    """Return a token that may do two things for one source."""
    return ServiceToken(
        id=0,
        name=name,
        token_hash=token,
        operations=frozenset({"alerts.read", "events.read"}),
        created_at=T0,
        source=SourceId("square"),
    )


def test_a_timeline_pages_newest_first(store: Store) -> None:
    """Pages joined are the whole timeline backwards, whatever is written meanwhile; a foreign cursor is malformed."""
    incident, other = opened(store), opened(store)
    with store.write() as unit:
        for n in range(7):
            unit.incidents.record(_line(incident.id, n))
            unit.incidents.record(_line(other.id, n))
    with store.read() as unit:
        first = unit.incidents.timeline(incident.id, limit=3)
    with store.write() as unit:
        unit.incidents.record(_line(incident.id, 7))
    with store.read() as unit:
        second = unit.incidents.timeline(incident.id, after=first.next, limit=3)
        third = unit.incidents.timeline(incident.id, after=second.next, limit=3)
        with pytest.raises(Malformed):
            unit.incidents.timeline(incident.id, after=unit.incidents.find(limit=1).next)
    texts = [line.text for page in (first, second, third) for line in page.items]
    assert texts == [f"t{n}" for n in range(6, -1, -1)]
    assert third.next is None
    assert [line.id for line in first.items] == sorted({line.id for line in first.items}, reverse=True)


def test_a_note_is_known_by_its_key_in_its_own_timeline_only(store: Store) -> None:
    """Neither in another incident, nor as part of a longer key, nor through a sign that means anything to SQL."""
    incident, other = opened(store), opened(store)
    with store.write() as unit:
        unit.incidents.record(replace(_line(incident.id, 1), event="note", detail={"key": "7/abcdefgh"}))
    with store.read() as unit:
        assert unit.incidents.has_note(incident.id, "7/abcdefgh")
        assert not unit.incidents.has_note(other.id, "7/abcdefgh")
        assert not unit.incidents.has_note(incident.id, "7/abcdefg")
        assert not unit.incidents.has_note(incident.id, "7/abc%")
        assert not unit.incidents.has_note(incident.id, "7/abcdefg_")


def _line(incident: IncidentId, number: int) -> IncidentEntry:
    return IncidentEntry(incident=incident, at=minutes(number), event="open", who="kari", text=f"t{number}")


def test_incidents_are_numbered_from_one(store: Store) -> None:
    """The number is what people say aloud."""
    first, second = opened(store, point=Point(lon=1, lat=2)), opened(store)
    assert (first.id, second.id) == (1, 2)
    with store.read() as unit:
        assert unit.incidents.get(first.id) == first


def test_a_changed_incident_has_a_new_version(store: Store) -> None:
    """The second who saw the same version is told, and an absent incident is unknown."""
    incident = opened(store)
    closed = replace(incident, state=IncidentState.CLOSED, closed_at=minutes(5), outcome="quiet again")
    with store.write() as unit:
        assert unit.incidents.replace(closed) == replace(closed, version=1)
    for wrong, error in [(closed, Conflict), (replace(closed, id=IncidentId(9)), Unknown)]:
        with pytest.raises(error), store.write() as unit:
            unit.incidents.replace(wrong)


def test_incidents_page_newest_first(store: Store) -> None:
    """Pages joined are all incidents of the states asked for."""
    for number in range(7):
        opened(store, title=str(number), state=list(IncidentState)[number % 3])
    with store.read() as unit:
        first = unit.incidents.find(limit=4)
        second = unit.incidents.find(limit=4, after=first.next)
        some = unit.incidents.find(states=[IncidentState.OPEN, IncidentState.CLOSED])
    assert [item.title for item in (*first.items, *second.items)] == list("6543210")
    assert second.next is None
    assert [item.title for item in some.items] == list("65320")


def test_a_bad_incident_cursor_is_malformed(store: Store) -> None:
    """Neither rubbish nor a cursor of another list is taken."""
    for cursor in ("rubbish", "bmV3ZXN0LjAuMS4x", ""):
        with store.read() as unit, pytest.raises(Malformed):
            unit.incidents.find(after=cursor)


def test_a_timeline_reads_oldest_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come back as written; beyond the bound the oldest go and are counted."""
    monkeypatch.setattr(sql_incidents, "ENTRIES_KEPT", 2)
    incident = opened(store)
    lines = [
        IncidentEntry(
            incident=incident.id, at=minutes(n), event=event, who="kari", text="t", alert=alert, detail={"n": n}
        )
        for n, (event, alert) in enumerate(
            [("said", None), (IncidentEvent.JOIN, AlertId(3)), (IncidentEvent.NOTE, None)]
        )
    ]
    with store.write() as unit:
        for line in lines:
            unit.incidents.record(line)
    with store.read() as unit:
        assert unit.incidents.entries(incident.id) == tuple(lines[1:])
    assert isinstance(store, SqlStore)
    assert store.dropped()["incident_entries"] == 1


def test_decisions_stay(store: Store) -> None:
    """A correction is a second decision that names the first, of an incident that exists."""
    incident = opened(store)
    decision = Decision(
        id=0,
        incident=incident.id,
        at=T0,
        who="kari",
        seen="two alerts",
        options=("wait", "go"),
        choice="go",
        reason="x",
    )
    with store.write() as unit:
        first = unit.incidents.decide(decision)
        second = unit.incidents.decide(replace(decision, choice="wait", corrects=first.id))
        assert unit.incidents.decisions(incident.id) == (first, second)
    for wrong in (replace(decision, incident=IncidentId(9)), replace(decision, corrects=99)):
        with pytest.raises(Unknown), store.write() as unit:
            unit.incidents.decide(wrong)


def test_an_account_is_found_by_name_in_any_case(store: Store) -> None:
    """Names are compared without case, in every script, and kept as written."""
    account = registered(store, name="Åse Ødegård")
    with store.read() as unit:
        assert unit.accounts.by_name("åSE ØDEGÅRD") == account == unit.accounts.get(account.id)
        assert unit.accounts.by_name("somebody") is None


def test_a_name_belongs_to_one_account(store: Store) -> None:
    """Neither a new account nor a renamed one takes another's name; its own it may write differently."""
    kari, ola = registered(store, name="kari"), registered(store, name="ola")
    with pytest.raises(Conflict, match="is taken"):
        registered(store, name="KARI")
    with pytest.raises(Conflict), store.write() as unit:
        unit.accounts.replace(replace(ola, name="Kari"))
    with store.write() as unit:
        unit.accounts.replace(replace(kari, name="Kari", failures=3, locked_until=minutes(5), totp_last_step=9))
        assert [(item.name, item.failures) for item in unit.accounts.all()] == [("Kari", 3), ("ola", 0)]


def test_an_absent_account_is_unknown(store: Store) -> None:
    """Reading, changing, or opening a session for nobody is refused."""
    nobody = an_account(id=AccountId(9))
    with pytest.raises(Unknown), store.read() as unit:
        unit.accounts.get(nobody.id)
    with pytest.raises(Unknown), store.write() as unit:
        unit.accounts.replace(nobody)
    with pytest.raises(Unknown), store.write() as unit:
        unit.accounts.open_session(a_session(nobody, "t"))


def test_sessions_end_one_by_one_all_at_once_or_by_time(store: Store) -> None:
    """Ending says how many ended; naming nothing ends nothing; expiry is to the microsecond."""
    kari, ola = registered(store, name="kari"), registered(store, name="ola")
    with store.write() as unit:
        sessions = [a_session(kari, f"k{number}", minute=number) for number in (1, 2, 3)] + [a_session(ola, "o")]
        for session in sessions:
            unit.accounts.open_session(session)
        assert unit.accounts.session("o") == sessions[3]
        assert unit.accounts.expire_sessions(minutes(1) - timedelta(microseconds=1)) == 0
        assert unit.accounts.expire_sessions(minutes(1)) == 1
        assert unit.accounts.end_sessions() == 0
        assert unit.accounts.end_sessions(token_hash="k2") == 1
        assert unit.accounts.end_sessions(account=ola.id, token_hash="k3") == 0
        assert unit.accounts.end_sessions(account=kari.id) == 1
        assert unit.accounts.session("k3") is None


def test_a_token_is_found_by_its_hash(store: Store) -> None:
    """Tokens come back as stored, by name; revoking names the first time and is final."""
    with store.write() as unit:
        second = unit.accounts.add_token(a_token("b", "hash-b"))
        first = unit.accounts.add_token(a_token("a", "hash-a"))
        assert unit.accounts.tokens() == (first, second)
        unit.accounts.revoke_token(first.id, minutes(1))
        unit.accounts.revoke_token(first.id, minutes(2))
        assert unit.accounts.token("hash-a") == replace(first, revoked_at=minutes(1))
        assert unit.accounts.token("hash-c") is None
        with pytest.raises(Unknown):
            unit.accounts.revoke_token(99, T0)


def test_the_board_has_one_row_a_part(store: Store) -> None:
    """Reporting again replaces the row; forgetting removes it, and twice is no error."""
    tool = PartStatus(part=ToolId("fusion"), state=PartState.STARTING)
    running = replace(tool, state=PartState.RUNNING, pid=7, started_at=T0, seen_at=minutes(1), rate_per_s=1.5, note="n")
    web = replace(tool, part=ToolId("web"))
    with store.write() as unit:
        for status in (web, tool, running):
            unit.parts.report(status)
        assert unit.parts.all() == (running, web)
        for _ in range(2):
            unit.parts.forget(web.part)
        assert unit.parts.all() == (running,)


def test_a_cursor_moves_with_its_unit(store: Store) -> None:
    """A new consumer is at 0; a unit that fails leaves the cursor where it was."""
    with store.write() as unit:
        assert unit.cursors.get("fusion", "findings") == 0
        unit.cursors.move("fusion", "findings", Offset(7))
        unit.cursors.move("fusion", "observations", Offset(1))
    with suppress(RuntimeError), store.write() as unit:
        unit.cursors.move("fusion", "findings", Offset(9))
        unit.alerts.add(an_alert())
        raise RuntimeError
    with store.read() as unit:
        assert unit.cursors.get("fusion", "findings") == 7
        assert unit.cursors.get("history", "findings") == 0


def test_evidence_is_known_until_erased(store: Store) -> None:
    """The first record of an id stays; old ones are found oldest first; erasing counts those known."""
    records = [
        EvidenceRecord(
            id=EvidenceId(f"e{n}"),
            finding=FindingKey("f"),
            media_type="application/json",
            bytes_=n,
            stored_at=minutes(n),
        )
        for n in (3, 1, 2)
    ]
    with store.write() as unit:
        for record in (*records, replace(records[0], bytes_=99)):
            unit.evidence.add(record)
        assert unit.evidence.get(EvidenceId("e3")) == records[0]
        assert [record.id for record in unit.evidence.older_than(minutes(3))] == ["e1", "e2"]
        assert unit.evidence.erase([EvidenceId("e1"), EvidenceId("nothing"), *["e9"] * 600]) == 1
        with pytest.raises(Unknown):
            unit.evidence.get(EvidenceId("e1"))
