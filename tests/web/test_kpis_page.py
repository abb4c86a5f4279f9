"""The page of key figures: plots, definitions, withheld cells, and the same as CSV."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState, Verdict
from impetus.core.errors import Malformed
from impetus.desk import triage
from impetus.desk.kpis import Kpis, WeekLoad, kpis
from impetus.processes.kpis import By, Figures, Span, Step
from impetus.web.pages.kpis import CHART_HEIGHT, CHART_WIDTH, _safe, chart_of, csv_of
from page_reader import unlabelled
from seats import actor, look, seat
from town import Town

Raise = Callable[..., Alert]
PEOPLE = sorted(set(Role) - {Role.SERVICE, Role.PLATFORM})
MONDAY = datetime(2026, 3, 9, tzinfo=UTC)


def week(place: int, per_10_min: float) -> WeekLoad:
    """Return the load of a week."""
    return WeekLoad(
        week=MONDAY + timedelta(weeks=place), alerts=1, per_10_min=per_10_min, flood_share=0.0, is_over=True
    )


@pytest.mark.parametrize("role", PEOPLE)
def test_every_person_may_read_the_figures(town: Town, role: Role) -> None:
    """They are of nobody, so they are for everybody."""
    page = look(seat(town, "Vera", role), "/kpis")
    assert "What the figures mean" in page.words
    assert unlabelled(page) == []


@pytest.mark.parametrize("by", list(By))
def test_figures_are_told_apart_by_what_the_page_says(town: Town, raised: Raise, by: By) -> None:
    """One alert: one line and the total, with a time to detect and no time that people made."""
    raised()
    page = look(seat(town), f"/kpis?by={by}&weeks=2")
    assert "All" in page.words
    assert "none yet" in page.words


def test_times_of_too_few_people_are_withheld_and_said_so(town: Town, raised: Raise) -> None:
    """One person closed it: the page says withheld, the CSV has an empty cell, and both still say how late it was detected."""
    kari = seat(town)
    alert = raised(state=AlertState.NEW)
    triage.assess(town.desk, actor(town), alert.id, verdict=Verdict.FALSE_ALARM)
    assert "withheld" in look(kari, "/kpis?weeks=1").words
    (row, total) = csv.DictReader(io.StringIO(kari.get("/kpis.csv?weeks=1").text))
    assert row["alerts"] == total["alerts"] == "1"
    assert (row["false_alarms"], row["false_share"]) == ("1", "1.0")
    assert row["detect_median_s"] != ""
    assert row["triage_median_s"] == ""


def test_the_csv_is_a_file_with_a_name_and_every_time(town: Town) -> None:
    """Median and ninetieth of each step, in seconds."""
    answer = seat(town).get("/kpis.csv?by=zone&weeks=4")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "impetus-kpis-simulated-zone-" in answer.headers["content-disposition"]
    header = next(csv.reader(io.StringIO(answer.text)))
    assert {f"{step}_{part}_s" for step in Step for part in ("median", "p90")} <= set(header)


@pytest.mark.parametrize("query", ["by=person", "by=account", "weeks=0", "weeks=27", "weeks=x"])
def test_there_is_no_way_to_ask_for_a_person_or_for_ever(town: Town, query: str) -> None:
    """The page knows four ways to tell figures apart, and half a year."""
    assert seat(town).get(f"/kpis?{query}").status_code == 422


def test_spans_are_whole_weeks_and_not_backwards(town: Town) -> None:
    """A span that begins on a Wednesday begins on its Monday; times without a zone, and the future before the past, are refused."""
    seat(town)
    who, at = actor(town), town.desk.clock.now()
    told = kpis(town.desk, who, since=at, until=at)
    assert (told.since.weekday(), (told.until - told.since).days, len(told.load)) == (0, 7, 1)
    with pytest.raises(Malformed):
        kpis(town.desk, who, since=at, until=at - timedelta(weeks=3))
    with pytest.raises(Malformed):
        kpis(town.desk, who, since=at.replace(tzinfo=None))


@given(st.lists(st.floats(0, 500), max_size=26))
def test_every_column_lies_within_the_chart(loads: list[float]) -> None:
    """Whatever the load, and the line of the flood is there when it would be seen."""
    chart = chart_of([week(place, load) for place, load in enumerate(loads)])
    for column in chart.columns:
        assert 0 <= column.x <= column.x + column.width <= CHART_WIDTH + 1
        assert 0 <= column.y <= CHART_HEIGHT
        assert column.y + column.height == pytest.approx(CHART_HEIGHT, abs=0.2)
    assert (chart.flood_y is not None) == (max(loads, default=0.0) * 1.1 > 10)
    assert 0 < chart.sustained_y < chart.height, "the line of what one can sustain is always on the chart"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_name_is_no_formula(text: str) -> None:
    """A zone called =1+1 is a word in a spreadsheet."""
    assert _safe(text) == f"'{text}"
    assert _safe("quay") == "quay"


@pytest.mark.parametrize(
    ("loads", "flood_y", "heights"),
    [
        ([], None, []),
        ([0.0], None, [0.0]),
        ([0.5], None, [72.7]),
        ([10.0], 14.5, [145.5]),
        ([20.0, 10.0], 87.3, [145.5, 72.7]),
    ],
)
def test_columns_worked_by_hand(loads: list[float], flood_y: float | None, heights: list[float]) -> None:
    """160 high, a tenth of it free above the busiest: ten of eleven are 145.5, a half of 1.1 is 72.7."""
    chart = chart_of([week(place, load) for place, load in enumerate(loads)])
    assert chart.flood_y == flood_y
    assert [column.height for column in chart.columns] == heights
    assert chart.most == max(loads, default=0.0)


def test_columns_stand_in_order_and_apart() -> None:
    """Four of 640: each has 160 with a tenth free at both sides."""
    columns = chart_of([week(place, 1.0) for place in range(4)]).columns
    assert [(column.x, column.width) for column in columns] == [
        (16.0, 128.0),
        (176.0, 128.0),
        (336.0, 128.0),
        (496.0, 128.0),
    ]


def told(rows: tuple[Figures, ...]) -> list[dict[str, str]]:
    """Return rows as a spreadsheet reads them; the last is the total."""
    figures = Kpis(
        since=MONDAY,
        until=MONDAY + timedelta(weeks=1),
        by=By.ZONE,
        rows=rows,
        total=replace(NOTHING, key="all"),
        load=(),
        priorities=(),
    )
    return list(csv.DictReader(io.StringIO(csv_of(figures))))


NOTHING = Figures(key="", alerts=0, clear=0, false_alarms=0, benign=0, times=dict.fromkeys(Step), withheld=0)


def test_the_csv_says_what_is_known_and_leaves_empty_what_is_not() -> None:
    """A third false of three clear; a time of 12.34 s told to a tenth; the total of nothing has no share and no times."""
    span = Span(median_s=12.34, p90_s=60.0, alerts=3)
    times: dict[Step, Span | None] = {**dict.fromkeys(Step), Step.DETECT: span}
    row, total = told((replace(NOTHING, key="quay", alerts=4, clear=3, false_alarms=1, times=times),))
    assert (row["zone"], row["since"], row["until"]) == ("quay", "2026-03-09", "2026-03-16")
    assert (row["false_share"], row["detect_median_s"], row["detect_p90_s"]) == ("0.3333", "12.3", "60.0")
    assert row["triage_median_s"] == row["triage_p90_s"] == ""
    assert (total["zone"], total["alerts"], total["false_share"], total["detect_median_s"]) == ("all", "0", "", "")


@given(st.text(max_size=20))
def test_any_key_comes_back_from_the_csv_and_starts_no_formula(key: str) -> None:
    """Commas, quotes, lines and all; a leading sign gets an apostrophe before it."""
    row = told((replace(NOTHING, key=key),))[0]
    assert row["zone"].removeprefix("'" if key[:1] in {"=", "+", "-", "@", "\t", "\r"} else "") == key
    assert not row["zone"].startswith(("=", "+", "-", "@", "\t", "\r"))
