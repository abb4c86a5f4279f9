"""METHANE, objectives, sectors, links and shares: what is stored comes back, stays bounded, and goes with its incident."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.samples import T0, an_alert
from impetus.adapters.sql.situation import LINES_KEPT
from impetus.adapters.sql.store import SqlStore
from impetus.core.errors import Conflict, OurFault, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import ActionId, AlertId, IncidentId, LinkId, ObjectiveId, SectorId, ShareId, TaskId
from impetus.core.incident import Decision, Incident, IncidentState
from impetus.core.situation import (
    Link,
    LinkKind,
    Methane,
    MethaneField,
    MethaneLine,
    MethaneText,
    Objective,
    ObjectiveState,
    Received,
    Sector,
    Share,
    SharePart,
    ShareTask,
    TaskState,
)
from impetus.testing.store import memory_store

ONE, TWO = IncidentId(1), IncidentId(2)
LATER = T0 + timedelta(minutes=1)
TEXT = MethaneText(incident=ONE, name=MethaneField.NUMBER, text="two: æøå", who="ada", at=T0, version=3, seat="a1")
LINE = MethaneLine(id=0, incident=ONE, name=MethaneField.NUMBER, text="three", who="sol", at=T0, version=4, lost=True)
OBJECTIVE = Objective(
    id=ObjectiveId(0),
    incident=ONE,
    state=ObjectiveState.OPEN,
    text="keep E1 free",
    holder="",
    set_by="ada",
    set_at=T0,
    changed_by="ada",
    changed_at=T0,
)
SECTOR = Sector(id=SectorId(0), incident=ONE, name="North", holder="Crew 1", task="", set_by="ada", set_at=T0)
LINK = Link(
    id=LinkId(0),
    kind=LinkKind.MERGE,
    incident=ONE,
    other=TWO,
    alert=None,
    other_alert=None,
    at=T0,
    who="ada",
    why="one crowd",
    moved=(3, 5),
)
SHARE = Share(
    id=ShareId(0),
    incident=ONE,
    agency="Fire",
    regime="gdpr",
    parts=frozenset({SharePart.SUMMARY.value, SharePart.TIMELINE.value}),
    why="help",
    shared_by="sol",
    shared_at=T0,
    action=ActionId(7),
)
TASK = ShareTask(
    id=TaskId(0),
    share=ShareId(1),
    state=TaskState.ASKED,
    text="bring foam",
    asked_by="ada",
    asked_at=T0,
    changed_at=T0,
)
RECEIVED = Received(incident=ONE, agency="harbour", number=12, share=4, sha256="ab" * 32, at=T0, who="sol", lines=9)


@pytest.fixture
def store() -> SqlStore:
    """Return a store with two incidents and an alert."""
    store = memory_store()
    with store.write() as unit:
        for title in ("one", "two"):
            unit.incidents.add(
                Incident(
                    id=IncidentId(0),
                    version=0,
                    state=IncidentState.CLOSED,
                    title=title,
                    severity=Severity.MINOR,
                    owner="ada",
                    opened_at=T0,
                    opened_by="ada",
                    changed_at=T0,
                    closed_at=T0,
                )
            )
        unit.alerts.add(an_alert())
    return store


def test_a_report_nobody_wrote_is_at_version_nought(store: SqlStore) -> None:
    """And has no parts."""
    with store.read() as unit:
        assert unit.situation.methane(ONE) == Methane(incident=ONE)
        assert unit.situation.texts(ONE) == {}


def test_a_report_and_its_parts_come_back(store: SqlStore) -> None:
    """Stored again, they replace themselves; another incident's are another's."""
    with store.write() as unit:
        for version in (1, 2):
            unit.situation.put_methane(Methane(incident=ONE, version=version, action=ActionId(5)))
            unit.situation.put_text(replace(TEXT, version=version))
        unit.situation.put_text(replace(TEXT, name=MethaneField.EXACT))
        unit.situation.put_text(replace(TEXT, incident=TWO))
    with store.read() as unit:
        assert unit.situation.methane(ONE) == Methane(incident=ONE, version=2, action=ActionId(5))
        assert unit.situation.texts(ONE)[MethaneField.NUMBER] == replace(TEXT, version=2)
        assert set(unit.situation.texts(ONE)) == {MethaneField.NUMBER, MethaneField.EXACT}


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=60), who=st.text(max_size=20), seat=st.text(max_size=20), version=st.integers(0, 2**62))
def test_any_words_come_back_as_they_were(text: str, who: str, seat: str, version: int) -> None:
    """Whatever letters, whichever numbers."""
    kept = replace(TEXT, text=text.replace("\0", ""), who=who.replace("\0", ""), seat=seat, version=version)
    with SHARED.write() as unit:
        unit.situation.put_text(kept)
    with SHARED.read() as unit:
        assert unit.situation.texts(ONE)[MethaneField.NUMBER] == kept


def _shared() -> SqlStore:
    """Return one store for many examples."""
    store = memory_store()
    with store.write() as unit:
        unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.OPEN,
                title="x",
                severity=Severity.MINOR,
                owner="ada",
                opened_at=T0,
                opened_by="ada",
                changed_at=T0,
            )
        )
    return store


SHARED = _shared()


def test_lines_are_numbered_changed_and_found(store: SqlStore) -> None:
    """Oldest first; settling one changes that one."""
    with store.write() as unit:
        first, second = unit.situation.add_line(LINE), unit.situation.add_line(replace(LINE, text="four", lost=False))
        unit.situation.replace_line(replace(first, settled_at=LATER, settled_by="siv"))
    with store.read() as unit:
        assert unit.situation.lines(ONE) == (replace(first, settled_at=LATER, settled_by="siv"), second)
        assert unit.situation.line(second.id) == second
        with pytest.raises(Unknown, match="there is no line of a METHANE report 9"):
            unit.situation.line(9)


def test_the_newest_lines_of_each_incident_are_kept_and_the_rest_counted(store: SqlStore) -> None:
    """One incident's flood pushes out nothing of another's."""
    with store.write() as unit:
        unit.situation.add_line(replace(LINE, incident=TWO))
        for number in range(LINES_KEPT + 3):
            unit.situation.add_line(replace(LINE, text=str(number)))
    with store.read() as unit:
        kept = unit.situation.lines(ONE)
        assert (len(kept), kept[0].text, kept[-1].text) == (LINES_KEPT, "3", str(LINES_KEPT + 2))
        assert len(unit.situation.lines(TWO)) == 1
    assert store.dropped()["methane_lines"] == 3


def test_an_objective_is_changed_by_who_saw_it_as_it_is(store: SqlStore) -> None:
    """Two people who act at once: one is told that somebody else was first."""
    with store.write() as unit:
        before = unit.situation.add_objective(OBJECTIVE)
        met = replace(before, state=ObjectiveState.MET, changed_by="sol", changed_at=LATER)
        unit.situation.replace_objective(before, met)
        with pytest.raises(Conflict, match="objective 1 was changed by somebody else"):
            unit.situation.replace_objective(before, replace(before, state=ObjectiveState.DROPPED))
        assert unit.situation.objective(before.id) == met
        assert unit.situation.objectives(ONE) == (met,)
        assert unit.situation.objectives(TWO) == ()
        with pytest.raises(Unknown):
            unit.situation.objective(ObjectiveId(9))


def test_sectors_come_back_given_up_ones_too(store: SqlStore) -> None:
    """Who held one stays on record."""
    with store.write() as unit:
        sector = unit.situation.add_sector(SECTOR)
        over = replace(sector, given_up_at=LATER, given_up_by="sol")
        unit.situation.replace_sector(over)
        assert unit.situation.sectors(ONE) == (over,)
        assert unit.situation.sector(sector.id) == over
        with pytest.raises(Unknown, match="there is no sector 9"):
            unit.situation.sector(SectorId(9))


def test_a_link_is_found_from_both_ends_and_ended_once(store: SqlStore) -> None:
    """An incident's links are those it comes first and second in; who undid it stands in the row."""
    with store.write() as unit:
        merged = unit.links.add(LINK)
        mixed = replace(LINK, kind=LinkKind.CAUSE, incident=None, alert=AlertId(1), moved=())
        mixed = unit.links.add(mixed)
        assert unit.links.of_incident(ONE) == (merged,)
        assert unit.links.of_incident(TWO) == (merged, mixed)
        assert unit.links.of_alert(AlertId(1)) == (mixed,)
        ended = replace(merged, undone_at=LATER, undone_by="sol")
        assert unit.links.end(ended) is True
        assert unit.links.end(replace(ended, undone_by="siv")) is False
        assert unit.links.get(merged.id) == ended
        with pytest.raises(Unknown, match="there is no link 9"):
            unit.links.get(LinkId(9))


def test_shares_and_their_tasks_come_back(store: SqlStore) -> None:
    """Sets of parts, times of theirs; a task is changed by who saw it as it is."""
    with store.write() as unit:
        share = unit.shares.add(SHARE)
        ended = replace(share, ended_at=LATER, ended_by="sol", action=None)
        unit.shares.replace(ended)
        task = unit.shares.add_task(TASK)
        done = replace(task, state=TaskState.DONE, said="done", said_at=T0, changed_at=LATER, theirs=4)
        unit.shares.replace_task(task, done)
        with pytest.raises(Conflict, match="task 1 was changed"):
            unit.shares.replace_task(task, replace(task, state=TaskState.DECLINED))
        assert (unit.shares.get(share.id), unit.shares.of_incident(ONE)) == (ended, (ended,))
        assert (unit.shares.task(task.id), unit.shares.tasks(share.id)) == (done, (done,))
        for lost in (lambda: unit.shares.get(ShareId(9)), lambda: unit.shares.task(TaskId(9))):
            with pytest.raises(Unknown):
                lost()


def test_where_an_incident_came_from_is_found_by_it_and_by_theirs(store: SqlStore) -> None:
    """A newer package replaces what is known of it; one of our own came from nowhere."""
    with store.write() as unit:
        unit.shares.put_received(RECEIVED)
        unit.shares.put_received(replace(RECEIVED, sha256="cd" * 32, lines=12))
        assert unit.shares.received(ONE) == replace(RECEIVED, sha256="cd" * 32, lines=12)
        assert unit.shares.received_before("harbour", 4) == unit.shares.received(ONE)
        assert unit.shares.received(TWO) is None
        assert unit.shares.received_before("harbour", 5) is None


def test_all_of_it_goes_with_its_incident(store: SqlStore) -> None:
    """Nothing of the situation outlives the incident, and the other incident keeps its own."""
    with store.write() as unit:
        for incident in (ONE, TWO):
            unit.situation.put_methane(Methane(incident=incident, version=1))
            unit.situation.put_text(replace(TEXT, incident=incident))
            unit.situation.add_line(replace(LINE, incident=incident))
            unit.situation.add_objective(replace(OBJECTIVE, incident=incident))
            unit.situation.add_sector(replace(SECTOR, incident=incident))
            share = unit.shares.add(replace(SHARE, incident=incident))
            unit.shares.add_task(replace(TASK, share=share.id))
        unit.links.add(LINK)
        unit.shares.put_received(RECEIVED)
    with store.write() as unit:
        assert unit.incidents.erase_closed(LATER, among=[ONE]) == 1
    with store.read() as unit:
        assert unit.situation.methane(ONE).version == 0
        assert not unit.situation.texts(ONE)
        assert not unit.situation.lines(ONE)
        assert not unit.situation.objectives(ONE)
        assert not unit.situation.sectors(ONE)
        assert not unit.shares.of_incident(ONE)
        assert not unit.shares.tasks(ShareId(1))
        assert unit.shares.received(ONE) is None
        assert not unit.links.of_incident(TWO)
        assert unit.situation.methane(TWO).version == 1
        assert len(unit.shares.tasks(ShareId(2))) == 1


def test_a_decision_keeps_all_it_rests_on(store: SqlStore) -> None:
    """The parts of the joint decision model, in order and in time."""
    made = Decision(
        id=0,
        incident=ONE,
        at=T0,
        who="ada",
        seen="x",
        options=("a", "b"),
        choice="a",
        reason="y",
        risks="r",
        powers="p",
        assumptions="s",
        with_whom=("fire commander", "police commander"),
        review_at=LATER,
    )
    with store.write() as unit:
        stored = unit.incidents.decide(made)
    with store.read() as unit:
        assert unit.incidents.decisions(ONE) == (stored,)
        assert replace(stored, id=0) == made


def test_reading_writes_nothing(store: SqlStore) -> None:
    """A reading unit refuses each kind of change."""
    with store.read() as unit, pytest.raises(OurFault):
        unit.situation.put_text(TEXT)
    with store.read() as unit, pytest.raises(OurFault):
        unit.links.add(LINK)
    with store.read() as unit, pytest.raises(OurFault):
        unit.shares.add(SHARE)
