"""Runs, their events and versions of texts: one contract for every store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.samples import T0, an_incident
from impetus.adapters.sql.runs import REVISIONS_KEPT
from impetus.adapters.sql.store import SqlStore
from impetus.core.errors import Conflict, Unknown
from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.incident import IncidentState
from impetus.core.run import Revision, Run, RunEvent, RunEventKind
from impetus.ports import Unit
from impetus.testing.store import memory_store


@pytest.fixture
def store() -> SqlStore:
    """Return an empty store in memory."""
    return memory_store()


def a_run(unit: Unit, **changes: object) -> Run:
    """Store a run of a new incident, with these fields changed."""
    run = Run(
        id=RunId(0),
        incident=unit.incidents.add(an_incident()).id,
        type="drill",
        type_version=1,
        playbook_version=3,
        title="Drill: æøå",
        steps="1. [operator] Look. -> end\n",
        started_at=T0,
        started_by="ada",
        changed_at=T0,
    )
    return unit.runs.add(replace(run, **changes))  # type: ignore[arg-type]  # a test names the field it means


def an_event(run: Run, number: int, **changes: object) -> RunEvent:
    """Return an event of a run."""
    event = RunEvent(run=run.id, number=number, at=T0, event=RunEventKind.START, who="ada", text="begun: æøå")
    return replace(event, **changes)  # type: ignore[arg-type]  # a test names the field it means


def a_revision(version: int, **changes: object) -> Revision:
    """Return a version of a playbook."""
    revision = Revision(
        kind="playbook", slug="drill", version=version, text=f"v{version}", saved_at=T0, saved_by="sol", why="æ"
    )
    return replace(revision, **changes)  # type: ignore[arg-type]  # a test names the field it means


def test_a_run_and_its_events_come_back_as_they_were(store: SqlStore) -> None:
    """Every field, in the order of the numbers; the run's length is the newest number."""
    with store.write() as unit:
        run = a_run(unit)
        first = an_event(run, 1)
        second = an_event(run, 2, event=RunEventKind.PROPOSE, step="1a", answer="yes", action=ActionId(7))
        stored = unit.runs.append(unit.runs.append(run, first), second)
    with store.read() as unit:
        assert unit.runs.get(run.id) == stored == replace(run, length=2)
        assert unit.runs.events(run.id) == (first, second)
        assert unit.runs.of_incident(run.incident) == stored
        assert unit.runs.of_action(ActionId(7)) == (stored, "1a")
        assert unit.runs.of_action(ActionId(8)) is None


@pytest.mark.parametrize("number", [1, 3, 9])
def test_an_event_that_is_not_the_next_is_refused_and_leaves_nothing(store: SqlStore, number: int) -> None:
    """The number is the key: whoever was second, or left one out, is told that it went on."""
    with store.write() as unit:
        bare = a_run(unit)
        run = unit.runs.append(bare, an_event(bare, 1))
    with pytest.raises(Conflict, match="went on while you acted"), store.write() as unit:
        unit.runs.append(run, an_event(run, number))
    with store.read() as unit:
        assert len(unit.runs.events(run.id)) == 1


def test_a_run_has_an_end_to_its_events(store: SqlStore) -> None:
    """What would be more than five thousand is refused and never dropped."""
    with store.write() as unit:
        run = a_run(unit, length=5_000)
        with pytest.raises(Conflict, match="5000 events"):
            unit.runs.append(run, an_event(run, 5_001))


def test_runs_are_found_by_what_wants_somebody_and_by_what_is_late(store: SqlStore) -> None:
    """Open ones newest first; due ones by how long they are due; one without a limit is never due."""
    with store.write() as unit:
        late, later, never, over = (
            a_run(unit, due_at=T0 + timedelta(seconds=60)),
            a_run(unit, due_at=T0 + timedelta(seconds=30)),
            a_run(unit),
            a_run(unit, is_open=False),
        )
    with store.read() as unit:
        assert [run.id for run in unit.runs.open()] == [never.id, later.id, late.id]
        assert over.id not in [run.id for run in unit.runs.open()]
        assert unit.runs.due(T0 + timedelta(seconds=29)) == ()
        assert [run.id for run in unit.runs.due(T0 + timedelta(seconds=60))] == [later.id, late.id]


def test_the_newest_run_of_an_incident_is_the_one_that_leads(store: SqlStore) -> None:
    """Older ones stay to be read."""
    with store.write() as unit:
        older = a_run(unit)
        newer = unit.runs.add(replace(older, title="Another"))
        assert unit.runs.of_incident(older.incident) == newer
        assert unit.runs.all_of_incident(older.incident) == (newer, older)
        assert unit.runs.of_incident(IncidentId(99)) is None
        with pytest.raises(Unknown, match="no run 99"):
            unit.runs.get(RunId(99))


def test_a_run_is_erased_with_its_incident(store: SqlStore) -> None:
    """Nothing of it stays when the incident's time is over."""
    with store.write() as unit:
        run = a_run(unit)
        unit.runs.append(run, an_event(run, 1))
        closed = replace(unit.incidents.get(run.incident), state=IncidentState.CLOSED, closed_at=T0)
        unit.incidents.replace(closed)
        assert unit.incidents.erase_closed(T0 + timedelta(days=1), among=[run.incident]) == 1
        assert unit.runs.events(run.id) == ()
        assert unit.runs.open() == ()


def test_versions_are_kept_by_number_and_the_newest_holds(store: SqlStore) -> None:
    """The same number twice is a conflict; kinds and names do not mix."""
    with store.write() as unit:
        unit.revisions.add(a_revision(2))
        unit.revisions.add(a_revision(3))
        unit.revisions.add(a_revision(1, kind="type"))
        with pytest.raises(Conflict, match="there is a version 3 of playbook drill already"):
            unit.revisions.add(a_revision(3))
        assert unit.revisions.newest("playbook", "drill") == a_revision(3)
        assert unit.revisions.get("playbook", "drill", 2) == a_revision(2)
        assert unit.revisions.get("playbook", "drill", 9) is None
        assert unit.revisions.newest("playbook", "other") is None
        assert [one.version for one in unit.revisions.versions("playbook", "drill")] == [3, 2]
        assert unit.revisions.slugs("type") == ("drill",)


def test_the_oldest_version_makes_room_and_is_counted(store: SqlStore) -> None:
    """Two hundred are kept; a run has its own copy, so none is missed."""
    with store.write() as unit:
        for version in range(1, REVISIONS_KEPT + 3):
            unit.revisions.add(a_revision(version))
        kept = unit.revisions.versions("playbook", "drill")
    assert [kept[0].version, kept[-1].version, len(kept)] == [REVISIONS_KEPT + 2, 3, REVISIONS_KEPT]
    assert store.dropped()["revisions"] == 2
