"""Decisions: a choice between options, with a reason, for good."""

import pytest

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import Decision
from impetus.desk import decide, incidents
from impetus.desk.context import Desk
from impetus.testing.desk import memory_desk


@pytest.fixture
def desk() -> Desk:
    """Return a desk with one incident of ada's."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"))
    incidents.open_incident(desk, person(desk, "ada", Role.OPERATOR), "Crowd", [AlertId(1)])
    return desk


ADA = Actor(name="ada", role=Role.OPERATOR)
CHIEF = Actor(name="chief", role=Role.EXECUTIVE)


def _decide(desk: Desk, actor: Actor = ADA, **changes: object) -> Decision:
    parts: dict[str, object] = {
        "seen": "two exits blocked",
        "options": ["evacuate", "wait"],
        "choice": "wait",
        "reason": "the ferry comes in five minutes",
    }
    return decide.decide(desk, actor, IncidentId(1), **{**parts, **changes})  # type: ignore[arg-type]  # named parts


def test_a_decision_keeps_what_was_seen_weighed_chosen_and_why(desk: Desk) -> None:
    """All parts, who and when, and a line in the timeline."""
    made = _decide(desk)
    assert (made.who, made.at, made.choice, made.options) == ("ada", AT, "wait", ("evacuate", "wait"))
    with desk.store.read() as unit:
        assert unit.incidents.decisions(IncidentId(1)) == (made,)
        assert unit.incidents.entries(IncidentId(1))[-1].text == "wait"


def test_an_executive_decides_without_working_on_the_incident(desk: Desk) -> None:
    """Decisions only they may take are taken by them; notes are not theirs to write."""
    assert _decide(desk, CHIEF).who == "chief"
    with pytest.raises(Refused):
        incidents.note(desk, CHIEF, IncidentId(1), "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"options": ["wait"]},
        {"options": ["wait", "wait ", " wait"]},
        {"options": [str(number) for number in range(9)], "choice": "1"},
        {"options": ["wait", ""]},
        {"choice": "run"},
        {"choice": ""},
        {"reason": "  "},
        {"seen": ""},
        {"reason": "x" * 2_001},
        {"options": ["wait", "x" * 501]},
        {"corrects": 99},
    ],
)
def test_a_decision_that_lacks_a_part_is_none(desk: Desk, changes: dict[str, object]) -> None:
    """One option, an empty reason, a choice that was no option, a correction of nothing: refused, nothing stored."""
    with pytest.raises(Malformed) as refusal:
        _decide(desk, **changes)
    assert refusal.value.remedy
    with desk.store.read() as unit:
        assert unit.incidents.decisions(IncidentId(1)) == ()


def test_corrections_form_a_line(desk: Desk) -> None:
    """A corrected decision is corrected once; the next correction corrects the correction."""
    first = _decide(desk)
    second = _decide(desk, choice="evacuate", corrects=first.id)
    with pytest.raises(Conflict, match=f"decision {first.id} was corrected by ada") as refusal:
        _decide(desk, corrects=first.id)
    assert f"correct decision {second.id} instead" in refusal.value.remedy
    assert _decide(desk, corrects=second.id).corrects == second.id


def test_nothing_is_decided_after_the_end(desk: Desk) -> None:
    """A closed incident is reopened first."""
    incidents.close(desk, ADA, IncidentId(1), outcome="over")
    with pytest.raises(Conflict, match="it is closed"):
        _decide(desk)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.DPO, Role.SERVICE, Role.PLATFORM])
def test_programs_and_lookers_on_decide_nothing(desk: Desk, role: Role) -> None:
    """No token and no part of the platform decides, whatever is written on it."""
    actor = Actor(name="x", role=role, operations=frozenset({"decisions.write"}))
    with pytest.raises(Refused, match=r"may not decisions\.write"):
        _decide(desk, actor)
