"""Figures of how people decide: worked out by hand, by finished weeks, of at least five people, of nobody alone."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.action import ActionEvent
from impetus.core.actor import Actor, Role
from impetus.core.alert import Verdict
from impetus.core.errors import Refused
from impetus.core.ids import AccountId
from impetus.desk.context import Desk
from impetus.desk.decision_figures import (
    FEWEST_PEOPLE,
    LONGEST_S,
    STEP,
    GateFigures,
    bucket_of,
    count_answer,
    count_plant,
    count_verdict,
    gate_figures,
    median_of,
    week_of,
)
from impetus.testing.desk import memory_desk

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
LAST_WEEK = MONDAY - timedelta(days=3)
VERA = Actor(name="vera", role=Role.AUDITOR, account=AccountId(90))


@pytest.fixture
def desk() -> Desk:
    """Return a desk on a Monday morning."""
    return memory_desk(MONDAY + timedelta(hours=8))


def judge(
    desk: Desk, people: int, verdict: Verdict = Verdict.CONFIRMED, *, at: datetime = LAST_WEEK, s: int = 10
) -> None:
    """Let so many different people judge one alert each, each in so many seconds."""
    with desk.store.write() as unit:
        for person in range(people):
            count_verdict(unit, verdict, AccountId(person), shown=at - timedelta(seconds=s), at=at)


def test_five_people_of_a_finished_week_make_a_figure(desk: Desk) -> None:
    """Six confirmed by five people, three overruled, one undecided: a third against the suggestion, a tenth undecided."""
    judge(desk, 5)
    judge(desk, 1)
    judge(desk, 3, Verdict.FALSE_ALARM)
    judge(desk, 1, Verdict.NOT_ENOUGH_INFORMATION)
    figures = gate_figures(desk, VERA)
    assert (figures.decisions, figures.weeks, figures.withheld) == (10, 1, 0)
    assert figures.overruled_share == pytest.approx(3 / 9)
    assert figures.undecided_share == pytest.approx(1 / 10)
    assert figures.median_s == pytest.approx(10, rel=0.13)


@pytest.mark.parametrize("people", range(1, FEWEST_PEOPLE))
def test_fewer_people_make_none_however_much_they_decide(desk: Desk, people: int) -> None:
    """Everything is withheld, and the page can say so."""
    for _ in range(20):
        judge(desk, people)
    figures = gate_figures(desk, VERA)
    assert (figures.weeks, figures.withheld) == (0, 1)
    shown = {field.name: getattr(figures, field.name) for field in fields(GateFigures)}
    assert {name for name, value in shown.items() if value is None} == {
        "decisions",
        "median_s",
        "overruled_share",
        "undecided_share",
        "planted",
        "planted_found",
    }


def test_a_week_that_is_not_over_is_not_told(desk: Desk) -> None:
    """Otherwise who decides next could be read from the difference."""
    judge(desk, 6, at=MONDAY + timedelta(hours=7))
    assert gate_figures(desk, VERA).decisions is None


def test_a_week_of_few_people_adds_nothing_to_others(desk: Desk) -> None:
    """Two weeks of six make twelve; a third week of two stays out, so that no difference tells of the two."""
    judge(desk, 6)
    judge(desk, 6, at=LAST_WEEK - timedelta(weeks=1))
    judge(desk, 2, Verdict.FALSE_ALARM, at=LAST_WEEK - timedelta(weeks=2))
    figures = gate_figures(desk, VERA)
    assert (figures.decisions, figures.weeks, figures.withheld, figures.overruled_share) == (12, 2, 1, 0.0)


def test_older_weeks_than_four_are_not_told(desk: Desk) -> None:
    """The window is the last four finished weeks."""
    judge(desk, 6, at=MONDAY - timedelta(weeks=4, seconds=1))
    assert gate_figures(desk, VERA).weeks == 0
    judge(desk, 6, at=MONDAY - timedelta(weeks=4))
    assert gate_figures(desk, VERA).weeks == 1


def test_answers_to_proposals_count_like_verdicts(desk: Desk) -> None:
    """Yes follows, no overrules, not enough information is neither."""
    events = (ActionEvent.APPROVE, ActionEvent.AUTHORISE, ActionEvent.DECLINE, ActionEvent.LACK, ActionEvent.APPROVE)
    with desk.store.write() as unit:
        for person, event in enumerate(events):
            count_answer(unit, event, AccountId(person), shown=None, at=LAST_WEEK)
    figures = gate_figures(desk, VERA)
    assert (figures.decisions, figures.overruled_share, figures.undecided_share) == (5, 0.25, 0.2)
    assert figures.median_s is None


def test_planted_tests_are_counted_apart(desk: Desk) -> None:
    """Found, missed, unanswered; not enough information is no wrong answer and not counted; exercises neither."""
    judge(desk, 5)
    judge(desk, 1, Verdict.EXERCISE)
    with desk.store.write() as unit:
        for said in (Verdict.FALSE_ALARM, Verdict.CONFIRMED, None, Verdict.NOT_ENOUGH_INFORMATION):
            count_plant(unit, said, Verdict.FALSE_ALARM, at=LAST_WEEK)
    figures = gate_figures(desk, VERA)
    assert (figures.planted, figures.planted_found, figures.decisions) == (3, 1, 5)


@pytest.mark.parametrize("s", [-1, int(LONGEST_S) + 1])
def test_a_time_from_the_future_or_of_yesterday_is_not_counted(desk: Desk, s: int) -> None:
    """A page left open over night, or a clock that is wrong, says nothing about deciding; the decision counts."""
    judge(desk, 5, s=s)
    figures = gate_figures(desk, VERA)
    assert (figures.decisions, figures.median_s) == (5, None)


@given(seconds=st.floats(0, LONGEST_S))
def test_a_step_holds_its_time(seconds: float) -> None:
    """The middle of the step is within a step of the time: the figure is right to a quarter."""
    middle = STEP ** (bucket_of(seconds) + 0.5)
    assert max(seconds, 1.0) / STEP < middle < max(seconds, 1.0) * STEP


@given(spans=st.lists(st.integers(1, 3_600), min_size=1, max_size=60))
def test_the_median_is_within_a_step_of_the_true_one(spans: list[int]) -> None:
    """Compared with the median of the times themselves."""
    counts: dict[tuple[str, int], int] = {}
    for span in spans:
        counts["time", bucket_of(span)] = counts.get(("time", bucket_of(span)), 0) + 1
    found, true = median_of(counts), sorted(spans)[(len(spans) - 1) // 2]
    assert found is not None
    assert true / STEP < found < true * STEP


@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds of a strategy
def test_a_week_begins_on_monday_and_holds_its_time(at: datetime) -> None:
    """Whatever the time, its week's beginning is a Monday midnight at most seven days before."""
    week = week_of(at)
    assert week.weekday() == 0
    assert (week.hour, week.minute, week.second, week.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) <= at - week < timedelta(days=7)


def test_figures_are_for_every_person_and_for_no_program(desk: Desk) -> None:
    """Those who are counted may read what is counted; a token may not."""
    for role in set(Role) - {Role.SERVICE, Role.PLATFORM}:
        assert gate_figures(desk, Actor(name="x", role=role, account=AccountId(1))).weeks == 0
    with pytest.raises(Refused):
        gate_figures(desk, Actor(name="t", role=Role.SERVICE, operations=frozenset({"figures.read"})))


def test_old_weeks_are_erased(desk: Desk) -> None:
    """Counts and marks go together."""
    judge(desk, 5)
    with desk.store.write() as unit:
        assert unit.figures.erase_before(MONDAY) > 5
    with desk.store.read() as unit:
        assert (unit.figures.people(week_of(LAST_WEEK)), unit.figures.counts(week_of(LAST_WEEK))) == (0, {})
