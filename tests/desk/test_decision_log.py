"""What a decision rests on is kept with it, struck through with it, and comes up again when it wants looking at."""

from datetime import datetime, timedelta

import pytest

from desk.gate_samples import Room, room
from desk.samples import AT
from impetus.core.errors import Malformed, Unknown
from impetus.core.ids import IncidentId
from impetus.core.incident import Decision
from impetus.desk.decide import decide
from impetus.desk.decision_log import LONGEST_REVIEW, Judged, decision_log
from impetus.testing.desk import clock_of

ONE = IncidentId(1)
RESTS = Judged(
    risks="crush at E1; met by opening E2",
    powers="police act, section 7",
    assumptions="E2 is free",
    with_whom=("fire commander", "police commander", "fire commander"),
    review_at=AT + timedelta(minutes=20),
)


@pytest.fixture
def house() -> Room:
    """Return a control room with incident 1."""
    return room()


def decided(house: Room, judged: Judged | None = RESTS, corrects: int | None = None) -> Decision:
    """Let ada decide to wait."""
    return decide(
        house.desk,
        house.people["ada"],
        ONE,
        seen="2.9 a square metre",
        options=["wait", "open E2"],
        choice="wait",
        reason="falling",
        corrects=corrects,
        judged=judged,
    )


def test_all_five_steps_are_kept(house: Room) -> None:
    """Gathered, risks, powers, options, acted and to be reviewed; each person once."""
    decided(house)
    kept = decision_log(house.desk, house.people["eva"], ONE)[0].decision
    assert (kept.risks, kept.powers, kept.assumptions) == (RESTS.risks, RESTS.powers, RESTS.assumptions)
    assert (kept.with_whom, kept.review_at) == (("fire commander", "police commander"), RESTS.review_at)


def test_a_decision_without_them_is_one_all_the_same(house: Room) -> None:
    """In the first minute nobody writes more than what, and why."""
    kept = decided(house, None)
    assert (kept.risks, kept.with_whom, kept.review_at) == ("", (), None)


def test_it_comes_up_when_its_time_has_come_and_not_before(house: Room) -> None:
    """Due to the second; a corrected one asks for nothing any more."""
    decided(house)
    due = [decision_log(house.desk, house.people["ada"], ONE)[0].is_due]
    clock_of(house.desk).advance(1199)
    due.append(decision_log(house.desk, house.people["ada"], ONE)[0].is_due)
    clock_of(house.desk).advance(1)
    due.append(decision_log(house.desk, house.people["ada"], ONE)[0].is_due)
    assert due == [False, False, True]
    decided(house, None, corrects=1)
    first, second = decision_log(house.desk, house.people["ada"], ONE)
    assert (first.struck_by, first.is_due, first.decision.risks) == (2, False, RESTS.risks)
    assert second.struck_by is None


@pytest.mark.parametrize(
    "wrong",
    [
        Judged(review_at=AT),
        Judged(review_at=AT - timedelta(minutes=1)),
        Judged(review_at=AT + LONGEST_REVIEW + timedelta(seconds=1)),
        Judged(review_at=datetime(2026, 3, 14, 22, 0)),  # noqa: DTZ001 - a time without a zone is what is refused
        Judged(with_whom=["x" * 81]),
        Judged(with_whom=[""]),
        Judged(with_whom=[f"person {number}" for number in range(21)]),
        Judged(risks="x" * 2001),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(house: Room, wrong: Judged) -> None:
    """A review in the past, too many people, a page of risks."""
    with pytest.raises(Malformed):
        decided(house, wrong)
    assert decision_log(house.desk, house.people["ada"], ONE) == ()


def test_there_is_no_log_of_no_incident(house: Room) -> None:
    """An unknown number is said to be unknown, not empty."""
    with pytest.raises(Unknown):
        decision_log(house.desk, house.people["ada"], IncidentId(9))
