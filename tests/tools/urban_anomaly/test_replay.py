"""Readings through a tool one moment after the other: what is listened to, what is told once, in which order."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.finding import Finding, Kind
from impetus.core.ids import FindingKey, ToolId
from impetus.core.observation import Batch, batch_of, from_us
from impetus.core.text import Phrase
from impetus.tools.urban_anomaly.detect import Detector, Scored
from impetus.tools.urban_anomaly.replay import Listened, replay, surprise_of, told_once
from impetus.tools.urban_anomaly.tool import Tool
from tools.urban_anomaly.town_of import BEGIN_US, STEP_US, line


def readings(*rows: tuple[int, int], value: float = 100.0) -> Batch:
    """Return readings of datastreams at steps from the beginning."""
    ids, steps = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return batch_of(ids, BEGIN_US + steps * STEP_US, np.full(len(rows), value))


def moments(batch: Batch, arrival: Iterable[int]) -> list[tuple[int, list[int]]]:
    """Return the moments of a replay as steps from the beginning with the rows that arrived."""
    arrival_us = BEGIN_US + np.array(list(arrival), dtype=np.int64) * STEP_US
    tool = Tool.create({}, line(3))
    return [((each.at_us - BEGIN_US) // STEP_US, each.rows.tolist()) for each in replay(tool, batch, arrival_us)]


def test_what_arrives_together_is_one_moment_sorted_by_datastream_then_time() -> None:
    """Rows 0 and 2 arrive at step 1, row 1 at step 0; the row of the lower datastream is first."""
    assert moments(readings((2, 0), (1, 0), (1, 1)), [1, 0, 1]) == [(0, [1]), (1, [2, 0])]


def test_what_is_late_comes_when_it_arrives() -> None:
    """A reading of step 0 that arrives at step 3 is not seen at step 1."""
    assert moments(readings((1, 0), (1, 1), (2, 0)), [0, 1, 3]) == [(0, [0]), (1, [1]), (3, [2])]


def test_no_readings_are_no_moments() -> None:
    """Empty in, empty out."""
    assert moments(batch_of([], [], []), []) == []


@given(some.lists(some.tuples(some.integers(1, 3), some.integers(0, 5)), min_size=1, max_size=20, unique=True))
@settings(max_examples=15, deadline=None)
def test_every_row_is_in_one_moment_and_moments_follow_each_other(rows: list[tuple[int, int]]) -> None:
    """Whatever the order of rows in a file."""
    told = moments(readings(*rows), [step for _, step in rows])
    assert sorted(row for _, mine in told for row in mine) == list(range(len(rows)))
    assert [step for step, _ in told] == sorted({step for _, step in rows})


class Scores:
    """A detector's verdicts, given in advance by row."""

    def __init__(self, p: Sequence[float], accepted: Sequence[int]) -> None:
        self.p, self.accepted = p, accepted

    def __call__(self, batch: Batch, *, at: datetime) -> Scored:  # noqa: ARG002  # as a detector is called
        """Return the verdict of each accepted row."""
        row = np.array(self.accepted, dtype=np.int64)
        none, zero = np.zeros(len(row), dtype=np.int64), np.zeros(len(row))
        return Scored(
            row=row, p=np.array(self.p, dtype=np.float64), carried=none, z=zero, expected=zero, scale=zero, one_in=zero,
            mark=none, fault=none, about_us=none, about_value=zero, about_z=zero,
        )  # fmt: skip


def listening(p: Sequence[float], accepted: Sequence[int]) -> Listened:
    """Return a tool that is listened to, and scores rows as given."""
    tool = Tool.create({}, line(3))
    tool.detector.take = Scores(p, accepted)  # type: ignore[method-assign]  # verdicts given in advance
    return Listened(tool=tool)


@pytest.mark.parametrize(
    ("p", "surprise"), [(1.0, 0.0), (0.01, 2.0), (1e-60, 60.0), (0.0, 300.0), (float("nan"), 0.0), (2.0, 0.0)]
)
def test_surprise_is_in_powers_of_ten(p: float, surprise: float) -> None:
    """One in a hundred is two; what is not judged is none; an impossible reading is as far as numbers go."""
    assert surprise_of(Scores([p], [0])(readings((1, 0)), at=from_us(0)))[0] == pytest.approx(surprise)


def test_each_reading_has_the_rarity_the_tool_gave_it_and_what_was_left_out_has_none() -> None:
    """Rows 2 and 0 were scored, row 1 was not."""
    batch = readings((1, 0), (2, 0), (3, 0))
    listened = listening([1e-3, 1e-5], [2, 0])
    listened.tool.detector.take(batch, at=from_us(BEGIN_US))
    assert listened.rarity(batch).tolist() == pytest.approx([5.0, 0.0, 3.0])


def test_of_one_datastream_at_one_time_the_rarest_counts_and_nothing_is_kept_for_the_next() -> None:
    """A reading that came twice; asked again, the tool has said nothing since."""
    batch = readings((1, 0), (1, 0))
    listened = listening([1e-2, 1e-4], [0, 1])
    listened.tool.detector.take(batch, at=from_us(BEGIN_US))
    assert listened.rarity(batch).tolist() == pytest.approx([4.0, 4.0])
    assert listened.rarity(batch).tolist() == [0.0, 0.0]


def test_listening_in_changes_nothing_of_what_the_detector_does() -> None:
    """The same verdicts with and without, and the class is as it was."""
    rows = [(number, step) for step in range(30) for number in (1, 2, 3)]
    plain, listened = Tool.create({}, line(3)), Listened(tool=Tool.create({}, line(3)))
    batch = readings(*rows)
    one, other = (tool.detector.take(batch, at=from_us(BEGIN_US + 40 * STEP_US)) for tool in (plain, listened.tool))
    assert np.array_equal(one.expected, other.expected)
    assert len(listened.last) == 1
    assert "take" not in vars(plain.detector)
    assert Detector.take is type(plain.detector).take


def finding(subject: str, *, began: int = 0, kind: Kind = Kind.ANOMALY, telling: int = 0) -> Finding:
    """Return a finding about a subject."""
    at = from_us(BEGIN_US + began * STEP_US)
    return Finding(
        key=FindingKey(f"{subject}:{began}:{telling}"), tool=ToolId("t"), kind=kind, subject=subject,
        headline=Phrase(template="h"), why=Phrase(template="w"), began=at, noticed=at,
    )  # fmt: skip


def test_an_event_is_scored_where_it_is_first_told() -> None:
    """Its later tellings are of the same matter; another subject, beginning or kind is another."""
    known: set[str] = set()
    first = [finding("a"), finding("a", telling=1), finding("b"), finding("a", kind=Kind.FAULT)]
    assert told_once(first, known) == [first[0], first[2], first[3]]
    later = [finding("b", telling=2), finding("b", began=1)]
    assert told_once(later, known) == later[1:]
    assert told_once([], known) == []
