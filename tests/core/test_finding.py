"""The words of the Common Alerting Protocol, in its order, and what a finding starts with."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.text import Phrase

AT = datetime(2026, 3, 14, 21, tzinfo=UTC)
FINDING = Finding(
    key=FindingKey("k"),
    tool=ToolId("urban_anomaly"),
    kind=Kind.ANOMALY,
    subject="zone:south",
    headline=Phrase(template="many people"),
    why=Phrase(template="usual is fewer"),
    began=AT,
    noticed=AT,
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Severity, "extreme severe moderate minor unknown"),
        (Urgency, "immediate expected future past unknown"),
        (Certainty, "observed likely possible unlikely unknown"),
    ],
)
def test_the_words_are_those_of_cap_in_its_order(words: type[Severity | Urgency | Certainty], expected: str) -> None:
    """A finding can become a public warning without translation (CAP 1.2, section 3.2.2)."""
    assert " ".join(words) == expected


@pytest.mark.parametrize(("severity", "rank"), [*zip(Severity, (4, 3, 2, 1, 0), strict=True)])
def test_severity_ranks_from_four_down_to_nothing(severity: Severity, rank: int) -> None:
    """Comparing by rank is comparing how bad; unknown is below minor, so that it never makes anything worse."""
    assert severity.rank == rank


def test_a_tool_that_does_not_say_leaves_it_unknown() -> None:
    """Nothing is assumed of what was not said: not bad, not urgent, not certain, not over, and real."""
    assert (FINDING.severity, FINDING.urgency, FINDING.certainty) == ("unknown", "unknown", "unknown")
    assert (FINDING.score, FINDING.one_in, FINDING.ended, FINDING.simulated) == (0.0, None, None, False)


def test_a_finding_cannot_be_changed() -> None:
    """What a tool noticed is evidence; a change would be another finding."""
    with pytest.raises(FrozenInstanceError):
        FINDING.severity = Severity.EXTREME  # type: ignore[misc]  # the refusal is the point
