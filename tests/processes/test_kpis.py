"""Key figures: hand-worked times, who is withheld, and that nobody can subtract."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.alert import Verdict
from impetus.core.attention import AlertLife
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, ToolId, ZoneId
from impetus.processes.kpis import (
    FEWEST_PEOPLE,
    By,
    Span,
    Step,
    cells_of,
    figures_by,
    span_of,
    tellable,
    total_of,
    week_of,
)

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
LATER = MONDAY + timedelta(weeks=3)
V = Verdict


def a_life(number: int = 1, **changes: object) -> AlertLife:
    """Return the life of an alert of a Monday morning, worked on by five people, with these fields changed."""
    raised = MONDAY + timedelta(hours=9)
    plain = AlertLife(
        alert=AlertId(number),
        tools=(ToolId("noise"),),
        kind=Kind.ANOMALY,
        zone=ZoneId("quay"),
        severity=Severity.MODERATE,
        began=raised - timedelta(seconds=30),
        raised_at=raised,
        verdict=V.CONFIRMED,
        taken_at=raised + timedelta(seconds=20),
        judged_at=raised + timedelta(seconds=90),
        qualified_at=raised + timedelta(minutes=5),
        closed_at=raised + timedelta(hours=1),
        people=frozenset(range(5)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def medians(times: Mapping[Step, Span | None]) -> dict[str, float | None]:
    """Return the medians by step."""
    return {step.value: span.median_s if span else None for step, span in times.items()}


def test_each_time_is_from_where_its_definition_says() -> None:
    """Detect from when it happened, all others from when it was raised."""
    (figures,) = figures_by([a_life()], By.TOOL, LATER)
    assert medians(figures.times) == {
        "detect": 30.0,
        "acknowledge": 20.0,
        "triage": 90.0,
        "qualify": 300.0,
        "resolve": 3600.0,
    }


def test_false_alarms_are_a_share_of_what_was_judged_clearly() -> None:
    """Four of six verdicts say what it was, two of those false: one half; practice and "cannot tell" are left out."""
    verdicts = [V.FALSE_ALARM, V.FALSE_ALARM, V.CONFIRMED, V.BENIGN, V.EXERCISE, V.NOT_ENOUGH_INFORMATION, None]
    total = total_of([a_life(number, verdict=verdict) for number, verdict in enumerate(verdicts)], LATER)
    assert (total.alerts, total.clear, total.false_alarms, total.benign, total.false_share) == (7, 4, 2, 1, 0.5)
    assert total_of([a_life(verdict=None)], LATER).false_share is None


@pytest.mark.parametrize(("people", "told"), [(4, None), (5, 20.0)])
def test_times_of_fewer_than_five_people_are_withheld(people: int, told: float | None) -> None:
    """What the tool did is told all the same, and how many alerts were left out."""
    total = total_of([a_life(people=frozenset(range(people)))], LATER)
    assert medians(total.times)["acknowledge"] == told
    assert medians(total.times)["detect"] == 30.0
    assert total.withheld == (0 if told else 1)


def test_a_week_that_runs_is_told_when_it_is_over() -> None:
    """A running total would show what one person added since yesterday."""
    running = MONDAY + timedelta(days=6, hours=23)
    assert medians(total_of([a_life()], running).times)["acknowledge"] is None
    assert medians(total_of([a_life()], MONDAY + timedelta(weeks=1)).times)["acknowledge"] == 20.0


def test_enough_people_in_all_do_not_make_up_for_too_few_in_a_week() -> None:
    """Three people in one week and three others in the next are six, and neither week is told."""
    next_week = a_life(2, raised_at=MONDAY + timedelta(weeks=1), people=frozenset({7, 8, 9}))
    total = total_of([a_life(people=frozenset({1, 2, 3})), next_week], LATER)
    assert medians(total.times)["acknowledge"] is None
    assert total.withheld == 2


def test_where_one_cell_would_stay_untold_alone_the_next_smallest_stays_with_it() -> None:
    """Total less the other zones would be the one that is withheld."""
    lives = [
        a_life(1, zone=ZoneId("a"), people=frozenset({1})),
        a_life(2, zone=ZoneId("b"), people=frozenset(range(5))),
        a_life(3, zone=ZoneId("c"), people=frozenset(range(9))),
    ]
    told = {key for key, _ in tellable(cells_of(lives, lambda life: (life.zone or "",)), LATER)}
    assert told == {"c"}
    assert {row.key for row in figures_by(lives, By.ZONE, LATER) if row.times[Step.TRIAGE]} == {"c"}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 2), st.frozensets(st.integers(0, 8))), max_size=25))
def test_nothing_that_is_told_is_of_fewer_than_five_and_nothing_untold_stands_alone(
    drawn: list[tuple[str, int, frozenset[int]]],
) -> None:
    """Over any alerts of four zones and three weeks."""
    lives = [
        a_life(number, zone=ZoneId(zone), raised_at=MONDAY + timedelta(weeks=week), people=people)
        for number, (zone, week, people) in enumerate(drawn)
    ]
    cells = cells_of(lives, lambda life: (life.zone or "",))
    told = tellable(cells, LATER)
    for week in {cell.week for cell in cells}:
        worked = [cell for cell in cells if cell.week == week and cell.people]
        untold = [cell for cell in worked if (cell.key, week) not in told]
        assert len(untold) != 1 or len(worked) == 1
        assert all(cell.people >= FEWEST_PEOPLE for cell in worked if (cell.key, week) in told)


def test_rows_are_by_tool_type_zone_and_week_and_never_by_person() -> None:
    """An alert of two tools counts in both; a type is the incident's, else the kind; there is no fifth way."""
    lives = [a_life(tools=(ToolId("noise"), ToolId("smoke"))), a_life(2, type="crowd-crush-risk", zone=None)]
    keys = {by: [row.key for row in figures_by(lives, by, LATER)] for by in By}
    assert keys == {
        By.TOOL: ["noise", "smoke"],
        By.TYPE: ["anomaly", "crowd-crush-risk"],
        By.ZONE: ["", "quay"],
        By.WEEK: ["2026-03-09"],
    }


def test_the_busiest_stands_first_and_weeks_stand_in_order() -> None:
    """A list one reads from the top."""
    lives = [a_life(number, zone=ZoneId("b" if number else "a")) for number in range(3)]
    assert [row.key for row in figures_by(lives, By.ZONE, LATER)] == ["b", "a"]
    weeks = [a_life(number, raised_at=MONDAY + timedelta(weeks=2 - number)) for number in range(3)]
    assert [row.key for row in figures_by(weeks, By.WEEK, LATER)] == ["2026-03-09", "2026-03-16", "2026-03-23"]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_nine_in_ten_stay_at_or_below_the_ninetieth(seconds: list[float]) -> None:
    """By counting, and the median lies below it."""
    span = span_of(seconds)
    assert span is not None
    assert sum(each <= span.p90_s for each in seconds) >= 0.9 * len(seconds)
    assert min(seconds) <= span.median_s <= span.p90_s or len(seconds) < 3


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    """Taken before it was raised, by some other clock: nought seconds."""
    total = total_of([a_life(taken_at=MONDAY)], LATER)
    assert medians(total.times)["acknowledge"] == 0.0


@pytest.mark.parametrize("hours", [0, 1, 24 * 6 + 23])
def test_a_week_begins_on_monday_in_utc(hours: int) -> None:
    """Whatever zone the time is told in."""
    assert week_of((MONDAY + timedelta(hours=hours)).astimezone()) == MONDAY


@pytest.mark.parametrize(
    ("seconds", "median_s", "p90_s"),
    [
        ([7.0], 7.0, 7.0),
        ([1.0, 2.0], 1.5, 2.0),
        (list(map(float, range(1, 10))), 5.0, 9.0),
        (list(map(float, range(1, 11))), 5.5, 9.0),
        (list(map(float, range(1, 12))), 6.0, 10.0),
        (list(map(float, range(100, 0, -1))), 50.5, 90.0),
        ([0.0, 0.0, 600.0], 0.0, 600.0),
    ],
)
def test_medians_and_ninetieths_worked_by_hand(seconds: list[float], median_s: float, p90_s: float) -> None:
    """By nearest rank: of nine the ninth, of ten the ninth, of eleven the tenth, of a hundred the ninetieth."""
    assert span_of(seconds) == Span(median_s=median_s, p90_s=p90_s, alerts=len(seconds))


def test_nothing_measured_is_none_and_not_nought() -> None:
    """Nobody took, judged, qualified or closed it yet: four times are not there, and the fifth is the tool's."""
    total = total_of([a_life(taken_at=None, judged_at=None, qualified_at=None, closed_at=None)], LATER)
    assert medians(total.times) == {
        "detect": 30.0,
        "acknowledge": None,
        "triage": None,
        "qualify": None,
        "resolve": None,
    }
    assert total.withheld == 0


def test_figures_of_no_alerts_are_noughts_and_no_rows() -> None:
    """A city that began yesterday has a page."""
    total = total_of([], LATER)
    assert (total.key, total.alerts, total.clear, total.withheld, total.false_share) == ("all", 0, 0, 0, None)
    assert set(total.times.values()) == {None}
    assert [figures_by([], by, LATER) for by in By] == [(), (), (), ()]


@pytest.mark.parametrize(
    ("verdicts", "share"),
    [
        ([V.FALSE_ALARM], 1.0),
        ([V.CONFIRMED], 0.0),
        ([V.BENIGN], 0.0),
        ([V.EXERCISE, V.NOT_ENOUGH_INFORMATION, None], None),
        ([V.FALSE_ALARM, V.CONFIRMED, V.BENIGN, V.EXERCISE], 1 / 3),
        ([V.FALSE_ALARM] * 3 + [V.CONFIRMED], 0.75),
    ],
)
def test_shares_of_false_alarms_worked_by_hand(verdicts: list[Verdict | None], share: float | None) -> None:
    """Practice and what nobody could tell stand on neither side."""
    total = total_of([a_life(number, verdict=verdict) for number, verdict in enumerate(verdicts)], LATER)
    assert total.false_share == (None if share is None else pytest.approx(share))
    assert total.alerts == len(verdicts)


def test_five_people_who_share_a_weeks_alerts_are_enough() -> None:
    """Nobody touched more than one of five alerts, and together they are five: told; four of them are not."""
    each = [a_life(number, people=frozenset({number})) for number in range(5)]
    assert medians(total_of(each, LATER).times)["triage"] == 90.0
    assert medians(total_of(each[:4], LATER).times)["triage"] is None
    assert total_of(each[:4], LATER).withheld == 4


def test_alerts_nobody_touched_neither_help_nor_count_as_withheld() -> None:
    """Two of the platform's own among four people's: four left out, six counted."""
    idle = [a_life(number, people=frozenset()) for number in (8, 9)]
    total = total_of([*(a_life(number, people=frozenset({number})) for number in range(4)), *idle], LATER)
    assert (total.alerts, total.withheld) == (6, 4)


def test_only_the_weeks_with_enough_people_speak_for_a_row_of_several() -> None:
    """Five people at 20 s in one week, two at 500 s in the next: the row says 20 s and that one alert was left out."""
    raised = MONDAY + timedelta(weeks=1, hours=9)
    few = a_life(2, raised_at=raised, taken_at=raised + timedelta(seconds=500), people=frozenset({1, 2}))
    (row,) = figures_by([a_life(), few], By.ZONE, LATER)
    assert (row.alerts, row.withheld) == (2, 1)
    assert row.times[Step.ACKNOWLEDGE] == Span(median_s=20.0, p90_s=20.0, alerts=1)
    assert row.times[Step.DETECT] is not None
    assert row.times[Step.DETECT].alerts == 2


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"a": 5}, "a"),
        ({"a": 4}, ""),
        ({"a": 5, "b": 4}, ""),
        ({"a": 5, "b": 6, "c": 4}, "b"),
        ({"a": 5, "b": 6, "c": 4, "d": 4}, "ab"),
        ({"a": 5, "b": 5, "c": 1}, "b"),
        ({"a": 5, "b": 0}, "a"),
        ({"a": 9, "b": 8, "c": 7}, "abc"),
    ],
)
def test_who_is_told_and_who_goes_untold_with_another_worked_by_hand(people: Mapping[str, int], told: str) -> None:
    """One alone below five takes the next smallest along; two below five hide each other; nobody's work hides nobody."""
    lives = [
        a_life(number, zone=ZoneId(zone), people=frozenset(range(count)))
        for number, (zone, count) in enumerate(people.items())
    ]
    found = {key for key, _ in tellable(cells_of(lives, lambda life: (life.zone or "",)), LATER)}
    assert found == set(told)


@pytest.mark.parametrize(("seconds", "is_over"), [(-1, False), (0, True), (1, True)])
def test_a_week_is_over_at_midnight_of_monday(seconds: int, is_over: bool) -> None:  # noqa: FBT001 - a table's column
    """To the second, in UTC."""
    cells = cells_of([a_life()], lambda _: ("all",))
    at = MONDAY + timedelta(weeks=1, seconds=seconds)
    assert bool(tellable(cells, at)) is is_over


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"tools": ()}, {By.TOOL: [""]}),
        ({"tools": (ToolId("b"), ToolId("a"))}, {By.TOOL: ["a", "b"]}),
        ({"type": "", "kind": Kind.FAULT}, {By.TYPE: ["fault"]}),
        ({"type": "missing-child", "kind": Kind.FAULT}, {By.TYPE: ["missing-child"]}),
        ({"zone": None}, {By.ZONE: [""]}),
        ({"raised_at": MONDAY - timedelta(seconds=1)}, {By.WEEK: ["2026-03-02"]}),
        ({"raised_at": MONDAY}, {By.WEEK: ["2026-03-09"]}),
    ],
)
def test_the_key_of_a_row_worked_by_hand(changes: dict[str, object], keys: dict[By, list[str]]) -> None:
    """Of no tool and no zone: an empty key, which the page has words for; Sunday's last second is last week's."""
    for by, wanted in keys.items():
        assert [row.key for row in figures_by([a_life(**changes)], by, LATER)] == wanted


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 7)), max_size=20))
def test_rows_add_up_to_the_total(drawn: list[tuple[str, int, int]]) -> None:
    """By zone, type and week each alert is in one row; what the tools did is told of all of them."""
    lives = [
        a_life(number, zone=ZoneId(zone), raised_at=MONDAY + timedelta(weeks=week), people=frozenset(range(people)))
        for number, (zone, week, people) in enumerate(drawn)
    ]
    total = total_of(lives, LATER)
    for by in (By.ZONE, By.TYPE, By.WEEK):
        rows = figures_by(lives, by, LATER)
        assert sum(row.alerts for row in rows) == total.alerts == len(drawn)
        assert sum(row.clear for row in rows) == total.clear
        measured = [row.times[Step.DETECT] for row in rows]
        assert sum(span.alerts for span in measured if span) == len(drawn)
