"""The demonstration's planned works: there once, however often it starts, and no part of the story is hidden by them."""

from datetime import timedelta

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Role
from impetus.core.alert import AlertState
from impetus.core.finding import Kind, Severity
from impetus.demo.put_aside import LASTS, TITLE, plan_demo_works
from impetus.desk import planned_works
from impetus.testing.desk import clock_of, memory_desk


def test_works_are_planned_once_and_anew_when_they_are_over() -> None:
    """Starting again the same day adds none; without a supervisor there are none."""
    desk = memory_desk(AT)
    assert plan_demo_works(desk, "supervisor") is False
    sol = person(desk, "supervisor", Role.SUPERVISOR)
    assert [plan_demo_works(desk, "supervisor") for _ in range(2)] == [True, False]
    assert [shown.rule.title for shown in planned_works.works(desk, sol)] == [TITLE]
    clock_of(desk).advance((LASTS + timedelta(seconds=1)).total_seconds())
    assert plan_demo_works(desk, "supervisor") is True


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"subject": "thing:demo/fountain", "kind": Kind.FAULT, "severity": Severity.MINOR}, AlertState.SHELVED),
        ({"subject": "thing:demo/fountain", "kind": Kind.FAULT, "severity": Severity.SEVERE}, AlertState.NEW),
        ({"subject": "thing:demo/c11", "kind": Kind.FAULT, "severity": Severity.MINOR}, AlertState.NEW),
        ({"subject": "zone:south-east", "severity": Severity.MINOR}, AlertState.NEW),
    ],
)
def test_only_minor_faults_of_the_fountain_are_put_aside(changes: dict[str, object], state: AlertState) -> None:
    """The crowd, the cameras and anything worse ask as ever."""
    desk = memory_desk(AT)
    person(desk, "supervisor", Role.SUPERVISOR)
    plan_demo_works(desk, "supervisor")
    fuse(desk, seen("a", **changes))
    assert alert(desk).state is state
