"""Proposals, planted tests and figures: one contract for every store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.samples import T0
from impetus.adapters.sql.store import SqlStore
from impetus.core.action import LIVE, Action, ActionEntry, ActionEvent, ActionKind, ActionState, Performance
from impetus.core.alert import Verdict
from impetus.core.errors import Conflict, OurFault, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AccountId, ActionId, AlertId, IncidentId
from impetus.core.incident import Incident, IncidentState
from impetus.core.plant import Plant
from impetus.testing.store import memory_store

WEEK = datetime(2026, 3, 9, tzinfo=UTC)


def an_action(**changes: object) -> Action:
    """Return a proposal with these fields changed."""
    plain = Action(
        id=ActionId(0),
        version=0,
        revision=1,
        state=ActionState.PROPOSED,
        kind=ActionKind.MESSAGE,
        target="Sol",
        incident=None,
        why="crowded",
        proposed_by="ada",
        proposer=AccountId(1),
        at=T0,
        expires=T0 + timedelta(hours=1),
        changed_at=T0,
        parameters={"text": "come, now: æøå", "to": "Sol"},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def an_entry(action: Action, **changes: object) -> ActionEntry:
    """Return a line of a proposal's history."""
    line = ActionEntry(id=0, action=action.id, at=T0, event=ActionEvent.APPROVE, who="sol", account=AccountId(2))
    return replace(line, **changes)  # type: ignore[arg-type]  # a test names the field it means


def a_plant(**changes: object) -> Plant:
    """Return a planned test."""
    plain = Plant(
        id=0,
        source=AlertId(4),
        expected=Verdict.BENIGN,
        due=T0,
        planned_by="sol",
        planned_at=T0,
        why="monthly",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def test_a_proposal_comes_back_as_it_was(store: SqlStore) -> None:
    """Every field, the parameters and the hash of it all, with the number it was given."""
    with store.write() as unit:
        stored = unit.actions.add(an_action())
    with store.read() as unit:
        found = unit.actions.get(stored.id)
    assert found == stored
    assert found.content_hash() == stored.content_hash()
    assert found.parameters == {"text": "come, now: æøå", "to": "Sol"}


def test_parameters_cannot_be_changed_in_place(store: SqlStore) -> None:
    """A proposal is frozen through and through, fresh or stored."""
    with store.write() as unit:
        stored = unit.actions.get(unit.actions.add(an_action()).id)
    for action in (an_action(), stored):
        with pytest.raises(TypeError):
            action.parameters["text"] = "other"  # type: ignore[index]  # that is what is refused


def test_somebody_who_was_slower_changes_nothing(store: SqlStore) -> None:
    """The version decides; the refusal names the one that stands."""
    with store.write() as unit:
        first = unit.actions.add(an_action())
        assert unit.actions.replace(replace(first, state=ActionState.APPROVED)).version == first.version + 1
    with store.write() as unit, pytest.raises(Conflict, match="was changed by somebody else") as refusal:
        unit.actions.replace(replace(first, state=ActionState.DECLINED))
    assert refusal.value.limit == "version 1"
    with store.read() as unit:
        assert unit.actions.get(first.id).state is ActionState.APPROVED


def test_what_is_not_there_is_unknown(store: SqlStore) -> None:
    """For a proposal and a plant; no alert is a plant by itself; no effect began."""
    with store.read() as unit:
        for missing in (lambda: unit.actions.get(ActionId(7)), lambda: unit.plants.get(7)):
            with pytest.raises(Unknown):
                missing()
        assert unit.plants.of_alert(AlertId(7)) is None
        assert unit.actions.performance(ActionId(7)) is None
        assert unit.actions.entries(ActionId(7)) == ()


def test_proposals_are_found_by_state_and_incident_newest_first(store: SqlStore) -> None:
    """Filters together and apart, and no more than asked for."""
    with store.write() as unit:
        incident = unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.OPEN,
                title="Crowd",
                severity=Severity.MINOR,
                owner="ada",
                opened_at=T0,
                opened_by="ada",
                changed_at=T0,
            )
        )
        made = [
            unit.actions.add(an_action(state=state, incident=where)).id
            for state in (ActionState.PROPOSED, ActionState.PERFORMED)
            for where in (None, incident.id)
        ]
    with store.read() as unit:
        found = unit.actions.find
        assert [each.id for each in found()] == made[::-1]
        assert [each.id for each in found(states=(ActionState.PERFORMED,))] == [made[3], made[2]]
        assert [each.id for each in found(incident=incident.id)] == [made[3], made[1]]
        assert [each.id for each in found(states=(ActionState.PROPOSED,), incident=incident.id)] == [made[1]]
        assert [each.id for each in found(limit=1)] == [made[3]]


def test_histories_keep_their_order_and_their_owner(store: SqlStore) -> None:
    """Lines come back oldest first with their numbers; another proposal's are not among them."""
    with store.write() as unit:
        one, other = unit.actions.add(an_action()), unit.actions.add(an_action())
        lines = [unit.actions.record(an_entry(one, who=name)) for name in ("sol", "siv", "eva")]
        unit.actions.record(an_entry(other, event="propose", account=None))
    with store.read() as unit:
        assert unit.actions.entries(one.id) == tuple(lines)
        assert [entry.event for entry in unit.actions.entries(other.id)] == ["propose"]
    assert sorted({line.id for line in lines}) == [line.id for line in lines]


def test_an_effect_begins_once(store: SqlStore) -> None:
    """The second beginning conflicts, in the same unit, in another, and after the end."""
    with store.write() as unit:
        action = unit.actions.add(an_action())
        begun = Performance(action=action.id, key="k", started_at=T0)
        unit.actions.begin(begun)
        with pytest.raises(Conflict, match="was begun already"):
            unit.actions.begin(begun)
    ended = replace(begun, finished_at=T0 + timedelta(seconds=1), succeeded=True, receipt="done")
    with store.write() as unit:
        unit.actions.finish(ended)
    with store.write() as unit, pytest.raises(Conflict):
        unit.actions.begin(replace(begun, key="another"))
    with store.read() as unit:
        assert unit.actions.performance(action.id) == ended


def test_a_unit_that_fails_begins_nothing(store: SqlStore) -> None:
    """The row goes with the unit: what did not happen can still happen."""
    with store.write() as unit:
        action = unit.actions.add(an_action())
    begun = Performance(action=action.id, key="k", started_at=T0)

    def die() -> None:
        with store.write() as unit:
            unit.actions.begin(begun)
            raise OurFault("died")

    with pytest.raises(OurFault):
        die()
    with store.write() as unit:
        unit.actions.begin(begun)


def test_only_what_has_ended_long_ago_is_erased(store: SqlStore) -> None:
    """Live proposals stay however old; ended ones go with their histories and effects, a piece at a time."""
    with store.write() as unit:
        made = {state: unit.actions.add(an_action(state=state)) for state in ActionState}
        for action in made.values():
            unit.actions.record(an_entry(action))
        unit.actions.begin(Performance(action=made[ActionState.PERFORMED].id, key="k", started_at=T0))
    with store.write() as unit:
        assert unit.actions.erase_done(T0) == 0
        assert unit.actions.erase_done(T0 + timedelta(seconds=1), limit=2) == 2
        assert unit.actions.erase_done(T0 + timedelta(seconds=1)) == 3
    with store.read() as unit:
        assert {action.state for action in unit.actions.find()} == set(LIVE)
        assert unit.actions.entries(made[ActionState.PERFORMED].id) == ()
        assert unit.actions.performance(made[ActionState.PERFORMED].id) is None


def test_a_number_never_comes_back(store: SqlStore) -> None:
    """A yes to a proposal that was erased can be a yes to no other."""
    with store.write() as unit:
        first = unit.actions.add(an_action(state=ActionState.EXPIRED))
        unit.actions.erase_done(T0 + timedelta(days=1))
        assert unit.actions.add(an_action()).id > first.id


def test_planted_tests_are_open_until_disclosed_or_cancelled(store: SqlStore) -> None:
    """Found by the alert they became; erased when their time is over, and only then."""
    later = T0 + timedelta(days=1)
    with store.write() as unit:
        waiting, raised, told, taken = (unit.plants.add(a_plant()) for _ in range(4))
        raised = replace(raised, alert=AlertId(9), raised_at=T0)
        told = replace(told, alert=AlertId(10), raised_at=T0, disclosed_at=T0, verdict=Verdict.CONFIRMED)
        for plant in (raised, told, replace(taken, cancelled_at=later)):
            unit.plants.replace(plant)
    with store.write() as unit:
        assert list(unit.plants.open()) == [waiting, raised]
        assert unit.plants.of_alert(AlertId(10)) == told
        assert [plant.id for plant in unit.plants.all(limit=2)] == [taken.id, told.id]
        assert unit.plants.erase_done(later) == 1
        assert unit.plants.of_alert(AlertId(10)) is None
        assert unit.plants.erase_done(later + timedelta(seconds=1)) == 1
        assert list(unit.plants.open()) == [waiting, raised]


def test_figures_add_up_by_week_word_and_step(store: SqlStore) -> None:
    """A person counts once a week, whatever they did and however often."""
    other = WEEK + timedelta(weeks=1)
    with store.write() as unit:
        for person in (1, 2, 2, 1):
            unit.figures.add(WEEK, "followed", 0, person=AccountId(person))
        unit.figures.add(WEEK, "time", 7)
        unit.figures.add(other, "followed", 0, person=AccountId(1))
    with store.read() as unit:
        assert unit.figures.counts(WEEK) == {("followed", 0): 4, ("time", 7): 1}
        assert (unit.figures.people(WEEK), unit.figures.people(other)) == (2, 1)


def test_the_marks_of_one_person_differ_from_week_to_week(store: SqlStore) -> None:
    """Nobody's weeks can be strung together from the marks."""
    marks = set()
    with store.write() as unit:
        for week in range(4):
            unit.figures.add(WEEK + timedelta(weeks=week), "followed", 0, person=AccountId(1))
        rows = unit.figures._connection.exec_driver_sql("SELECT mark FROM figure_people").all()
        marks = {row[0] for row in rows}
    assert len(marks) == 4


@given(
    given=st.lists(
        st.tuples(st.sampled_from(["followed", "time", "planted"]), st.integers(0, 40), st.integers(1, 9)), max_size=30
    )
)
def test_figures_are_what_a_counter_would_say(given: list[tuple[str, int, int]]) -> None:
    """Against a plain dictionary and a set, for any order of anything."""
    store = memory_store()
    with store.write() as unit:
        for name, bucket, person in given:
            unit.figures.add(WEEK, name, bucket, person=AccountId(person))
        expected: dict[tuple[str, int], int] = {}
        for name, bucket, _ in given:
            expected[name, bucket] = expected.get((name, bucket), 0) + 1
        assert unit.figures.counts(WEEK) == expected
        assert unit.figures.people(WEEK) == len({person for _, _, person in given})
    store.close()
