"""Handing a shift over: what is open is gathered, read back item by item, and taken only when nothing is unread."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.call_house import House, house
from desk.samples import fuse, seen
from impetus.core.board import PartState, PartStatus
from impetus.core.errors import Conflict, Malformed, Misconfigured, Refused
from impetus.core.finding import Severity
from impetus.core.hand_over import HAND_OVER_LIFECYCLE, HandOverEvent, HandOverState, ItemKind
from impetus.core.ids import AlertId, HandOverId, IncidentId, ToolId
from impetus.core.lifecycle import Step
from impetus.desk import exceptions, hand_over, holds, incidents, planned_works, shift_log, stops, triage
from impetus.desk.hand_over import HandOverView
from impetus.desk.quieting import Wanted
from impetus.testing.desk import clock_of


@pytest.fixture
def home() -> House:
    """Return the house in which ada has the watch."""
    made = house()
    hand_over.begin_shift(made.desk, made.people["ada"])
    return made


def given(home: House, *expectations: str) -> HandOverView:
    """Let ada hand over to ben."""
    return hand_over.give(home.desk, home.people["ada"], to="ben", expectations=expectations)


def read_all(home: House) -> None:
    """Let ben read everything back."""
    for item in hand_over.hand_over_view(home.desk, home.people["ben"], HandOverId(1)).items:
        if item.is_open:
            hand_over.read_item(home.desk, home.people["ben"], item.id)


def test_everything_open_is_an_item_in_the_order_of_weight(home: House) -> None:
    """Expected, incident, alert, stop, what does not work, what ends soon, pinned: each from where it is kept."""
    desk, sol = home.desk, home.people["sol"]
    fuse(desk, seen("b", subject="zone:north"))
    stops.stop(desk, sol, "tool:urban_anomaly", why="calibration")
    with desk.store.write() as unit:
        unit.parts.report(PartStatus(part=ToolId("ingest"), state=PartState.RESTARTING, note="crashed twice"))
        unit.parts.report(PartStatus(part=ToolId("web"), state=PartState.RUNNING))
    holds.place(desk, sol, "incident:1", clock_of(desk).now() + timedelta(days=3), "claim 17")
    shift_log.pin(desk, sol, shift_log.write_note(desk, sol, "keys are at the desk").id)
    home.ask("ben", key="open")
    items = given(home, "the tram stops at ten", "").items
    kinds = [item.kind for item in items]
    assert kinds == sorted(kinds, key=list(ItemKind).index)
    assert {ItemKind.EXPECTATION, ItemKind.INCIDENT, ItemKind.ALERT, ItemKind.NOTICE, ItemKind.STOP, ItemKind.PART,
            ItemKind.HOLD, ItemKind.NOTE} == set(kinds)  # fmt: skip
    assert [item.title for item in items if item.kind is ItemKind.PART] == ["ingest: crashed twice"]
    assert all(item.is_open for item in items)


def test_a_shift_with_an_unread_item_is_not_taken(home: House) -> None:
    """The refusal counts them and names the first."""
    count = len(given(home, "the tram stops at ten").items)
    with pytest.raises(Conflict, match=f"{count} items are unread: the tram stops at ten"):
        hand_over.take(home.desk, home.people["ben"], HandOverId(1))
    read_all(home)
    assert hand_over.take(home.desk, home.people["ben"], HandOverId(1)).person == "ben"
    assert hand_over.watch_view(home.desk, home.people["ada"]).shift is not None


def test_what_comes_up_in_the_last_moment_keeps_the_shift_from_being_taken(home: House) -> None:
    """It is stored unread by the refusal itself, so that it stands on the page."""
    given(home)
    read_all(home)
    fuse(home.desk, seen("late", subject="zone:late"))
    with pytest.raises(Conflict, match="1 items are unread"):
        hand_over.take(home.desk, home.people["ben"], HandOverId(1))
    view = hand_over.hand_over_view(home.desk, home.people["ben"], HandOverId(1))
    assert view.unread == 1
    read_all(home)
    hand_over.take(home.desk, home.people["ben"], HandOverId(1))


def test_what_is_done_meanwhile_need_not_be_read(home: House) -> None:
    """It is marked, with when; expectations are never done by themselves."""
    desk = home.desk
    given(home, "look at E1")
    incidents.close(desk, home.people["ada"], IncidentId(1), outcome="over")
    assert hand_over.refresh_given(desk) > 0
    assert hand_over.refresh_given(desk) == 0
    items = hand_over.hand_over_view(desk, home.people["ben"], HandOverId(1)).items
    assert [item.gone_at is not None for item in items if item.kind is ItemKind.INCIDENT] == [True]
    assert [item.is_open for item in items if item.kind is ItemKind.EXPECTATION] == [True]


def test_an_alert_that_gets_worse_is_read_again(home: House) -> None:
    """What was read was something else."""
    fuse(home.desk, seen("b", subject="zone:north"))
    given(home)
    read_all(home)
    clock_of(home.desk).advance(60)
    fuse(home.desk, seen("b2", subject="zone:north", severity=Severity.EXTREME))
    hand_over.refresh_given(home.desk)
    unread = [
        item for item in hand_over.hand_over_view(home.desk, home.people["ben"], HandOverId(1)).items if item.is_open
    ]
    assert [item.key for item in unread] == ["alert:2:extreme"]


def test_what_the_giver_held_goes_with_the_shift_and_nothing_else_does(home: House) -> None:
    """By the tables of alerts and incidents: offered by one, accepted by the other; siv's alert stays hers."""
    desk = home.desk
    fuse(desk, seen("b", subject="zone:north"), seen("c", subject="zone:west"))
    triage.acknowledge(desk, home.people["ada"], AlertId(2))
    triage.acknowledge(desk, home.people["siv"], AlertId(3))
    given(home)
    read_all(home)
    hand_over.take(desk, home.people["ben"], HandOverId(1))
    with desk.store.read() as unit:
        owners = [unit.alerts.get(AlertId(number)).owner for number in (1, 2, 3)]
        assert (owners, unit.incidents.get(IncidentId(1)).owner) == (["ben", "ben", "siv"], "ben")
        assert [entry.event for entry in unit.alerts.entries(AlertId(2))][-2:] == ["offer", "accept"]


@pytest.mark.parametrize("who", ["ada", "sol", "siv"])
def test_only_who_takes_the_shift_reads_it_back(home: House, who: str) -> None:
    """Not the giver, and not a supervisor either."""
    item = given(home, "look at E1").items[0]
    with pytest.raises(Refused, match="reads a hand-over back"):
        hand_over.read_item(home.desk, home.people[who], item.id)
    with pytest.raises(Refused):
        hand_over.take(home.desk, home.people[who], HandOverId(1))


def test_reading_twice_keeps_the_first_reading(home: House) -> None:
    """When and in which words it was read back does not change."""
    item = given(home, "look at E1").items[0]
    hand_over.read_item(home.desk, home.people["ben"], item.id, read_back="E1, at ten")
    clock_of(home.desk).advance(60)
    view = hand_over.read_item(home.desk, home.people["ben"], item.id, read_back="something else")
    again = next(one for one in view.items if one.id == item.id)
    assert (again.read_back, again.read_at) == ("E1, at ten", clock_of(home.desk).now() - timedelta(seconds=60))


def test_a_watch_has_one_shift_and_one_hand_over_at_a_time(home: House) -> None:
    """Who has it is named in the refusal."""
    with pytest.raises(Conflict, match="ada has the watch control room"):
        hand_over.begin_shift(home.desk, home.people["ben"])
    given(home)
    with pytest.raises(Conflict, match="being handed over already"):
        given(home)


def test_who_does_not_have_the_watch_hands_nothing_over_but_a_supervisor_may(home: House) -> None:
    """Somebody may have fallen ill."""
    with pytest.raises(Refused, match="hands a shift over"):
        hand_over.give(home.desk, home.people["ben"], to="sol")
    assert hand_over.give(home.desk, home.people["sol"], to="ben").hand_over.giver == "ada"


@pytest.mark.parametrize(("to", "error"), [("nobody", Malformed), ("ada", Conflict), ("eva", Refused)])
def test_a_shift_goes_to_somebody_else_who_may_have_it(home: House, to: str, error: type[Exception]) -> None:
    """An executive sees hand-overs and takes none."""
    with pytest.raises(error):
        hand_over.give(home.desk, home.people["ada"], to=to)


def test_a_withdrawn_hand_over_leaves_the_shift_as_it_was(home: House) -> None:
    """With a reason; then it may be given anew."""
    given(home)
    with pytest.raises(Malformed):
        hand_over.withdraw(home.desk, home.people["ada"], HandOverId(1), why="")
    with pytest.raises(Refused):
        hand_over.withdraw(home.desk, home.people["ben"], HandOverId(1), why="no")
    hand_over.withdraw(home.desk, home.people["ada"], HandOverId(1), why="too early")
    with pytest.raises(Conflict, match="withdrawn"):
        hand_over.take(home.desk, home.people["ben"], HandOverId(1))
    assert given(home).hand_over.id == 2


def test_too_many_and_too_long_expectations_are_refused(home: House) -> None:
    """What matters most, in words that can be read back."""
    with pytest.raises(Malformed):
        given(home, *(str(number) for number in range(21)))
    with pytest.raises(Malformed):
        given(home, "x" * 501)


def test_every_cell_of_the_table_moves_or_says_why_not() -> None:
    """Only a given hand-over goes on; nothing comes back from an end."""
    for state in HandOverState:
        for event in HandOverEvent:
            cell = HAND_OVER_LIFECYCLE.table[state, event]
            assert isinstance(cell, Step) == (state is HandOverState.GIVEN), (state, event)


def test_the_log_is_found_by_its_words_in_whatever_case_and_by_day(home: House) -> None:
    """Every word must stand in a line; signs that mean something to a database mean nothing here."""
    desk, ada = home.desk, home.people["ada"]
    for text in ("Straße gesperrt", "100% full at E1", "nothing_odd"):
        shift_log.write_note(desk, ada, text)
        clock_of(desk).advance(3600)
    found = {
        search: [note.text for note in shift_log.shift_log(desk, ada, search=search).notes]
        for search in ("STRASSE", "100%", "full 100%", "n_thing", "%", "absent")
    }
    assert found == {
        "STRASSE": ["Straße gesperrt"],
        "100%": ["100% full at E1"],
        "full 100%": ["100% full at E1"],
        "n_thing": [],
        "%": ["100% full at E1"],
        "absent": [],
    }
    at = clock_of(desk).now()
    assert len(shift_log.shift_log(desk, ada, since=at - timedelta(hours=2)).notes) == 2


def test_a_line_is_struck_by_its_writer_or_a_supervisor_and_stays_readable(home: House) -> None:
    """Its words are never changed; a struck line is not pinned."""
    desk = home.desk
    note = shift_log.write_note(desk, home.people["ada"], "gate E1 is shut")
    shift_log.pin(desk, home.people["ben"], note.id)
    with pytest.raises(Refused, match="ada wrote it"):
        shift_log.strike(desk, home.people["ben"], note.id, why="wrong")
    struck = shift_log.strike(desk, home.people["sol"], note.id, why="it was E2")
    assert (struck.text, struck.struck_why, struck.pinned_at) == ("gate E1 is shut", "it was E2", None)
    with pytest.raises(Conflict):
        shift_log.pin(desk, home.people["ada"], note.id)
    assert shift_log.shift_log(desk, home.people["eva"]).notes[0].struck_by == "sol"


def test_pages_of_the_log_go_on_where_the_last_ended(home: House) -> None:
    """Without a gap or a repetition."""
    desk, ada = home.desk, home.people["ada"]
    for number in range(60):
        shift_log.write_note(desk, ada, f"line {number}")
    first = shift_log.shift_log(desk, ada)
    second = shift_log.shift_log(desk, ada, before=first.before)
    assert [len(first.notes), len(second.notes), second.before] == [50, 10, None]
    assert [note.text for note in (*first.notes, *second.notes)] == [f"line {number}" for number in reversed(range(60))]


def test_a_role_that_only_looks_writes_nothing(home: House) -> None:
    """The executive reads the log; the data protection officer does not even that."""
    with pytest.raises(Refused):
        shift_log.write_note(home.desk, home.people["eva"], "x")
    nobody = replace(home.people["eva"], role=type(home.people["eva"].role).DPO)
    with pytest.raises(Refused):
        shift_log.shift_log(home.desk, nobody)


def test_rules_in_force_and_exceptions_that_ran_out_unread_are_handed_over(home: House) -> None:
    """Works that last, and an exception nobody read the end of; reading it takes it out."""
    desk, sol = home.desk, home.people["sol"]
    at = clock_of(desk).now()
    digging = Wanted(title="Digging", why="diggers", since=at, until=at + timedelta(hours=4), subject="zone:quay")
    planned_works.plan_works(desk, sol, digging)
    lamp = exceptions.make_exception(desk, sol, replace(digging, title="Lamp", until=at + timedelta(hours=1)), owner="")
    clock_of(desk).advance(2 * 3600)
    works = [item for item in given(home).items if item.kind is ItemKind.WORK]
    assert [item.title for item in works] == ["Lamp: diggers", "Digging: diggers"]
    assert [item.detail for item in works] == [rule.until.isoformat() for rule in (lamp, digging)]
    exceptions.review_exception(desk, home.people["ada"], lamp.id)
    hand_over.refresh_given(desk)
    items = hand_over.hand_over_view(desk, home.people["ben"], HandOverId(1)).items
    assert [item.title for item in items if item.kind is ItemKind.WORK and item.is_open] == ["Digging: diggers"]


def test_a_dead_channel_is_handed_over(home: House) -> None:
    """Whoever takes the watch knows that nobody is reached by mail."""
    home.mail.trouble = Misconfigured("wrong password")
    home.check()
    items = [item for item in given(home).items if item.link == "/channels"]
    assert [(item.kind, item.title) for item in items] == [(ItemKind.PART, "mail: wrong password")]
