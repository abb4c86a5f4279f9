"""The store's promises about reveals, sealed identities and requests, in memory and on disk."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from impetus.adapters.sql.store import SqlStore, open_store
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.identity import IdentityRequest, IdentityState, SealedIdentity
from impetus.core.ids import AccountId, IncidentId
from impetus.core.reveal import Reveal, RevealState
from impetus.testing.store import memory_store

AT = datetime(2026, 5, 3, 14, 8, 12, 345_678, tzinfo=UTC)
DAY = date(2026, 5, 3)
MINUTE = timedelta(minutes=1)
REVEAL = Reveal(
    id=0,
    version=0,
    state=RevealState.ASKED,
    subject="camera:c14",
    incident=IncidentId(1),
    asked_by="kari",
    asked_account=AccountId(1),
    asked_at=AT,
    why="armed person",
    minutes=10,
    good_until=AT + 15 * MINUTE,
    recipient="police",
)
REQUEST = IdentityRequest(
    id=0,
    version=0,
    state=IdentityState.ASKED,
    domain="intrusion",
    period=DAY,
    pseudonym="a" * 26,
    incident=IncidentId(1),
    asked_by="per",
    asked_account=AccountId(2),
    asked_at=AT,
    why="who signed in",
    good_until=AT + 15 * MINUTE,
)
SEALED = SealedIdentity(
    domain="intrusion", period=DAY, pseudonym="a" * 26, kind="handle", sealed=b"\x00sealed\xff", stored_at=AT
)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SqlStore:
    """Return an empty store of either sort."""
    return memory_store() if request.param == "memory" else open_store(tmp_path)


def ended(reveal: Reveal, at: datetime) -> Reveal:
    """Return a reveal that was closed at a time."""
    return replace(reveal, state=RevealState.CLOSED, ended_at=at, ended_by="sol", ended_why="over")


def test_a_reveal_comes_back_with_every_field(store: SqlStore) -> None:
    """Times to the microsecond, what is not there as None."""
    full = replace(
        REVEAL,
        approved_by="sol",
        approved_at=AT + MINUTE,
        opened_at=AT + 2 * MINUTE,
        newest_at=AT + 3 * MINUTE,
        ended_at=AT + 4 * MINUTE,
        ended_by="bo",
        ended_why="done",
        simulated=True,
    )
    with store.write() as unit:
        ids = [unit.reveals.add(each).id for each in (REVEAL, full)]
    with store.read() as unit:
        assert unit.reveals.get(ids[0]) == replace(REVEAL, id=ids[0])
        assert unit.reveals.get(ids[1]) == replace(full, id=ids[1])


def test_the_second_change_of_one_version_is_told(store: SqlStore) -> None:
    """For reveals and for requests: what counts is what was read."""
    with store.write() as unit:
        reveal, request = unit.reveals.add(REVEAL), unit.identities.add(REQUEST)
        assert unit.reveals.replace(reveal).version == 1
        assert unit.identities.replace(request).version == 1
    with store.write() as unit, pytest.raises(Conflict, match="changed by somebody"):
        unit.reveals.replace(reveal)
    with store.write() as unit, pytest.raises(Conflict, match="changed by somebody"):
        unit.identities.replace(request)


def test_what_is_not_there_is_unknown(store: SqlStore) -> None:
    """By number, and by pseudonym."""
    with store.read() as unit:
        with pytest.raises(Unknown):
            unit.reveals.get(7)
        with pytest.raises(Unknown):
            unit.identities.get(7)
        with pytest.raises(Unknown, match="nothing is kept"):
            unit.identities.sealed("intrusion", DAY, "b" * 26)


def test_reveals_are_found_by_state_incident_and_subject(store: SqlStore) -> None:
    """The newest first; every filter narrows."""
    with store.write() as unit:
        first = unit.reveals.add(REVEAL)
        second = unit.reveals.add(replace(REVEAL, incident=IncidentId(2)))
        third = unit.reveals.add(ended(replace(REVEAL, subject="camera:c2"), AT))
    with store.read() as unit:
        found = unit.reveals
        assert [each.id for each in found.find()] == [third.id, second.id, first.id]
        assert [each.id for each in found.find(states=(RevealState.ASKED,))] == [second.id, first.id]
        assert [each.id for each in found.find(incident=IncidentId(2))] == [second.id]
        assert [each.id for each in found.find(subject="camera:c2")] == [third.id]
        assert found.find(subject="camera:c2", states=(RevealState.OPEN,)) == ()
        assert [each.id for each in found.find(limit=1)] == [third.id]


@pytest.mark.parametrize("limit", [0, 201])
def test_lists_have_a_bound(store: SqlStore, limit: int) -> None:
    """As everywhere."""
    with store.read() as unit:
        with pytest.raises(Malformed, match="limit"):
            unit.reveals.find(limit=limit)
        with pytest.raises(Malformed, match="limit"):
            unit.identities.find(limit=limit)


def test_what_is_due_is_standing_and_past_its_time(store: SqlStore) -> None:
    """At the very moment it is; what ended is not."""
    with store.write() as unit:
        due = unit.reveals.add(REVEAL)
        unit.reveals.add(replace(REVEAL, good_until=AT + 16 * MINUTE))
        unit.reveals.add(ended(REVEAL, AT))
        asked = unit.identities.add(REQUEST)
        unit.identities.add(replace(REQUEST, state=IdentityState.SPENT, ended_at=AT))
    with store.read() as unit:
        assert unit.reveals.due(AT + 15 * MINUTE - timedelta(microseconds=1)) == ()
        assert [each.id for each in unit.reveals.due(AT + 15 * MINUTE)] == [due.id]
        assert [each.id for each in unit.identities.due(AT + 15 * MINUTE)] == [asked.id]


def test_only_what_ended_before_is_erased(store: SqlStore) -> None:
    """A bounded piece at a time; what stands is kept however old."""
    with store.write() as unit:
        for minutes in range(4):
            unit.reveals.add(ended(REVEAL, AT + minutes * MINUTE))
            unit.identities.add(replace(REQUEST, state=IdentityState.DECLINED, ended_at=AT + minutes * MINUTE))
        unit.reveals.add(REVEAL)
        unit.identities.add(REQUEST)
    with store.write() as unit:
        assert unit.reveals.erase_ended(AT + 2 * MINUTE, limit=1) == 1
        assert unit.reveals.erase_ended(AT + 2 * MINUTE) == 1
        assert unit.reveals.erase_ended(AT + 2 * MINUTE) == 0
        assert unit.identities.erase_ended(AT + 2 * MINUTE) == 2
        assert len(unit.reveals.find()) == len(unit.identities.find()) == 3


def test_a_sealed_identity_comes_back_and_is_kept_once(store: SqlStore) -> None:
    """Bytes as they were; the same pseudonym again changes nothing, another day or domain is another."""
    with store.write() as unit:
        unit.identities.keep(SEALED)
        unit.identities.keep(replace(SEALED, sealed=b"other"))
        unit.identities.keep(replace(SEALED, domain="posts", sealed=b"posts"))
        unit.identities.keep(replace(SEALED, period=DAY + timedelta(days=1), sealed=b"later"))
    with store.read() as unit:
        assert unit.identities.sealed("intrusion", DAY, "a" * 26) == SEALED
        assert unit.identities.sealed("posts", DAY, "a" * 26).sealed == b"posts"


def test_identities_go_by_whole_days(store: SqlStore) -> None:
    """Of every domain; the day itself stays."""
    with store.write() as unit:
        for number in range(-2, 2):
            for domain in ("a", "b"):
                unit.identities.keep(replace(SEALED, domain=domain, period=DAY + timedelta(days=number)))
        assert unit.identities.erase_before(DAY) == 4
        assert unit.identities.erase_before(DAY) == 0
        assert unit.identities.sealed("a", DAY, "a" * 26).period == DAY


def test_what_is_sealed_is_in_no_repr() -> None:
    """A repr ends in logs."""
    assert "sealed\\xff" not in repr(SEALED)


def test_nothing_of_an_undone_unit_stays(store: SqlStore) -> None:
    """A reveal and its line are there together or not at all."""
    with contextlib.suppress(ZeroDivisionError), store.write() as unit:
        unit.reveals.add(REVEAL)
        unit.identities.keep(SEALED)
        raise ZeroDivisionError
    with store.read() as unit:
        assert unit.reveals.find() == ()
        with pytest.raises(Unknown):
            unit.identities.sealed("intrusion", DAY, "a" * 26)
