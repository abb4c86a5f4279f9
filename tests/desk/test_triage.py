"""Triage where stories do not go: bounds, versions, and two clicks on a real file at the same moment."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.adapters.sql.store import open_store
from impetus.core.actor import Actor, Role
from impetus.core.alert import Alert, AlertState, Verdict
from impetus.core.errors import Conflict, Malformed, NotNow, Unknown
from impetus.core.ids import AlertId
from impetus.desk import accounts, triage
from impetus.desk.context import Desk
from impetus.testing.desk import clock_of, memory_desk

ONE = AlertId(1)


@pytest.fixture
def desk() -> Desk:
    """Return a desk with one alert."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"))
    return desk


@pytest.fixture
def ada(desk: Desk) -> Actor:
    """Return an operator."""
    return person(desk, "ada", Role.OPERATOR)


def test_a_later_verdict_replaces_the_first_and_both_are_written(desk: Desk, ada: Actor) -> None:
    """People learn; the history keeps what they thought before."""
    triage.assess(desk, ada, ONE, verdict=Verdict.NOT_ENOUGH_INFORMATION, why="camera is dark")
    triage.assess(desk, ada, ONE, verdict=Verdict.CONFIRMED, why="a patrol saw it")
    assert alert(desk).verdict is Verdict.CONFIRMED
    with desk.store.read() as unit:
        lines = [(entry.detail.get("verdict"), entry.why) for entry in unit.alerts.entries(ONE)[1:]]
    assert lines == [("not_enough_information", "camera is dark"), ("confirmed", "a patrol saw it")]


def test_undoing_to_new_forgets_the_verdict(desk: Desk, ada: Actor) -> None:
    """An alert that waits for somebody was judged by nobody."""
    triage.assess(desk, ada, ONE, verdict=Verdict.BENIGN)
    assert triage.undo(desk, ada, ONE).verdict is None


def test_a_shelf_can_be_set_anew(desk: Desk, ada: Actor) -> None:
    """Shelved again, the later time counts; taken from the shelf, the time is gone."""
    for hours in (1, 5):
        triage.shelve(desk, ada, ONE, until=AT + timedelta(hours=hours), why="works")
    clock_of(desk).advance(2 * 3_600)
    assert triage.wake_due(desk) == 0
    assert triage.acknowledge(desk, ada, ONE).shelved_until is None


@pytest.mark.parametrize("until", [AT, AT + timedelta(days=7, seconds=1), datetime(2026, 3, 15, 9)])  # noqa: DTZ001  # that is the point
def test_a_shelf_time_is_aware_ahead_and_within_a_week(desk: Desk, ada: Actor, until: datetime) -> None:
    """Now, too far, or without a zone: refused with the limit."""
    with pytest.raises(Malformed) as refusal:
        triage.shelve(desk, ada, ONE, until=until, why="works")
    assert refusal.value.limit


def test_the_longest_shelf_is_a_week_to_the_second(desk: Desk, ada: Actor) -> None:
    """Seven days are allowed, and over when they are over."""
    triage.shelve(desk, ada, ONE, until=AT + timedelta(days=7), why="works")
    clock_of(desk).advance(7 * 86_400)
    assert triage.wake_due(desk) == 1
    assert triage.wake_due(desk) == 0


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, who, version: triage.acknowledge(desk, who, ONE, version=version),
        lambda desk, who, version: triage.undo(desk, who, ONE, version=version),
        lambda desk, who, version: triage.assess(desk, who, ONE, verdict=Verdict.BENIGN, version=version),
        lambda desk, who, version: triage.shelve(
            desk, who, ONE, until=AT + timedelta(hours=1), why="works", version=version
        ),
        lambda desk, who, version: triage.offer(desk, who, ONE, to="bo", version=version),
        lambda desk, who, version: triage.accept(desk, who, ONE, version=version),
        lambda desk, who, version: triage.decline(desk, who, ONE, version=version),
        lambda desk, who, version: triage.close(desk, who, ONE, version=version),
        lambda desk, who, version: triage.reopen(desk, who, ONE, why="x", version=version),
    ],
)
def test_every_act_on_an_old_page_names_who_was_first(desk: Desk, ada: Actor, act: object) -> None:
    """Whatever the act: who acted in between, what, and when."""
    sol = person(desk, "sol", Role.SUPERVISOR)
    version = alert(desk).version
    clock_of(desk).advance(65)
    triage.acknowledge(desk, ada, ONE)
    with pytest.raises(Conflict, match=r"changed since you saw it \(ada: acknowledge at 21:01:05\)") as refusal:
        act(desk, sol, version)  # type: ignore[operator]  # one of the acts above
    assert (refusal.value.value, refusal.value.limit) == (version, version + 1)


def test_what_does_not_exist_is_unknown(desk: Desk, ada: Actor) -> None:
    """A number nobody gave."""
    with pytest.raises(Unknown):
        triage.acknowledge(desk, ada, AlertId(77))


def test_a_reason_of_a_page_is_too_long(desk: Desk, ada: Actor) -> None:
    """Two thousand characters are a page; more is refused with the count."""
    with pytest.raises(Malformed) as refusal:
        triage.assess(desk, ada, ONE, verdict=Verdict.BENIGN, why="x" * 2_001)
    assert (refusal.value.value, refusal.value.limit) == (2_001, 2_000)


def test_somebody_who_left_is_handed_nothing(desk: Desk, ada: Actor) -> None:
    """A disabled account is nobody."""
    from impetus.core.actor import console

    person(desk, "bo", Role.OPERATOR)
    accounts.disable(desk, console(), "bo")
    triage.acknowledge(desk, ada, ONE)
    with pytest.raises(Malformed, match="nobody here is called 'bo'"):
        triage.offer(desk, ada, ONE, to="bo")


def test_a_name_in_another_case_is_the_same_person(desk: Desk, ada: Actor) -> None:
    """Handed to BO, offered to bo, and bo can accept."""
    bo = person(desk, "bo", Role.OPERATOR)
    triage.acknowledge(desk, ada, ONE)
    assert triage.offer(desk, ada, ONE, to=" BO ").offered_to == "bo"
    assert triage.accept(desk, bo, ONE).owner == "bo"


def test_ten_people_click_at_the_same_moment_and_one_has_it(tmp_path: Path) -> None:
    """On a real file, from ten threads: one acknowledges, nine are told who, and the history has one line for it."""
    desk = replace(memory_desk(AT), store=open_store(tmp_path))
    fuse(desk, seen("a"))
    found_version = alert(desk).version
    people = [Actor(name=f"op{number}", role=Role.OPERATOR) for number in range(10)]
    start, taken, refused = threading.Barrier(10), list[Alert](), list[str]()

    def click(who: Actor) -> None:
        start.wait()
        try:
            taken.append(triage.acknowledge(desk, who, ONE, version=found_version))
        except (Conflict, NotNow) as refusal:
            refused.append(refusal.detail)

    threads = [threading.Thread(target=click, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = alert(desk)
    assert [each.owner for each in taken] == [found.owner]
    assert found.state is AlertState.HELD
    assert len(refused) == 9
    assert all(str(found.owner) in detail for detail in refused)
    with desk.store.read() as unit:
        assert len(unit.alerts.entries(ONE)) == 2
    desk.store.close()


def test_a_version_that_never_was_is_a_conflict(desk: Desk, ada: Actor) -> None:
    """Acting on a version higher than any stored is refused, and nothing changes."""
    with pytest.raises(Conflict, match="never at version 99"):
        triage.acknowledge(desk, ada, ONE, version=99)
    with desk.store.read() as unit:
        assert unit.alerts.get(ONE).state is AlertState.NEW
