"""Whatever anybody calls, in whatever order: no effect without a valid, prior, unexpired decision of enough people."""

from datetime import datetime

import pytest

from desk.gate_sequences import sequences
from impetus.core.action import Action
from impetus.core.authorised import _SEAL, Authorised
from impetus.desk import perform
from impetus.ports import Unit

LENGTH = 5
"""Calls in one sequence, the first of them a proposal."""


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_a_thousand_random_calls_let_nothing_through(part: int) -> None:
    """In three parts: the judge finds nothing wrong, and enough reached the world for that to mean something."""
    calls, effects, wrong = sequences(200, length=LENGTH, first=part * 1_000)
    assert wrong == []
    assert calls == 1_000
    assert effects > 25


@pytest.mark.slow
def test_a_hundred_thousand_random_sequences_let_nothing_through() -> None:
    """The same for as long as the house's ethics asks: F9."""
    _, effects, wrong = sequences(100_000, length=LENGTH, first=1_000_000)
    assert wrong == []
    assert effects > 10_000


def test_the_judge_sees_an_effect_without_a_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check of decisions taken out, the same sequences are condemned: the judge is not blind."""

    def believe(unit: Unit, action: Action, *, at: datetime) -> Authorised[Action]:
        return Authorised(
            what=unit.actions.get(action.id),
            decisions=(),
            persons=(),
            valid_until=at,
            content_hash="",
            key=str(action.id),
            seal=_SEAL,
        )

    monkeypatch.setattr(perform, "authorise_action", believe)
    _, _, wrong = sequences(60, length=LENGTH)
    assert {complaint.split(":")[0] for complaint in wrong} >= {"too few people"}
