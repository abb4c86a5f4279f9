"""The question who looked, read from a form, and its answer as a copy."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from impetus.core.errors import Malformed
from impetus.desk.who_looked import Access
from impetus.web.pages.who_looked import COLUMNS, as_csv, copies, read_question

OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 11, 22)
LINE = Access(
    index=48_131,
    at=datetime(2026, 5, 3, 14, 8, 12, tzinfo=OSLO),
    who="Kari",
    role="operator",
    act="reveals.ask",
    outcome="permitted",
    subject="camera:c14",
    purpose="incident_response",
    category="image_clear",
    case="1187",
    why="armed person",
    recipient="",
    rule="",
)


def test_a_question_without_days_is_about_the_last_week() -> None:
    """Seven days, today among them, in the site's own time."""
    asked = read_question("", "", "", "", today=TODAY, zone=OSLO)
    assert (asked.since, asked.last_day, asked.subject) == (date(2026, 11, 16), TODAY, "")
    assert asked.begin == datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
    assert asked.end == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


def test_camera_14_on_3_may_is_one_question() -> None:
    """The day in summer time is 24 hours from 22:00 UTC on."""
    asked = read_question("camera", " C14 ", "2026-05-03", "2026-05-03", today=TODAY, zone=OSLO)
    assert asked.subject == "camera:c14"
    assert asked.begin == datetime(2026, 5, 2, 22, 0, tzinfo=UTC)
    assert asked.end == datetime(2026, 5, 3, 22, 0, tzinfo=UTC)


def test_the_day_of_the_time_change_has_25_hours() -> None:
    """No hour of it is left out or asked for twice."""
    asked = read_question("", "", "2026-10-25", "2026-10-25", today=TODAY, zone=OSLO)
    assert (asked.end.astimezone(UTC) - asked.begin.astimezone(UTC)).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("since", "until"),
    [("yesterday", ""), ("", "2026-13-01"), ("2026-11-22", "2026-11-01"), ("2024-01-01", "2026-01-01")],
)
def test_a_span_that_is_none_is_named(since: str, until: str) -> None:
    """A day that cannot be read, an end before its beginning, and more than a year are refused with the remedy."""
    with pytest.raises(Malformed) as refused:
        read_question("", "", since, until, today=TODAY, zone=OSLO)
    assert refused.value.remedy


@pytest.mark.parametrize(("kind", "which"), [("camera", ""), ("", "c14")])
def test_half_a_subject_is_about_anything(kind: str, which: str) -> None:
    """A kind without a name, or a name without a kind, narrows nothing and is not guessed at."""
    assert read_question(kind, which, "", "", today=TODAY, zone=OSLO).subject == ""


def test_a_copy_holds_every_field_in_utc_and_says_that_it_is_simulated() -> None:
    """RFC 4180 with a heading; a summer afternoon in Oslo is two hours earlier in UTC."""
    (row,) = csv.DictReader(io.StringIO(as_csv([LINE], simulated=True)))
    assert set(row) == {*COLUMNS, "simulated"}
    assert row["at"] == "2026-05-03T12:08:12+00:00"
    assert (row["subject"], row["why"], row["simulated"]) == ("camera:c14", "armed person", "true")


@pytest.mark.parametrize("text", ["=1+1", "+47", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_a_reason_is_no_formula(text: str) -> None:
    """A spreadsheet shows what was typed and calculates nothing."""
    (row,) = csv.DictReader(io.StringIO(as_csv([replace(LINE, why=text)], simulated=False), newline=""))
    assert row["why"] == f"'{text}"


def test_copies_are_counted_where_somebody_got_one() -> None:
    """Looking is no copy; a recipient is."""
    assert copies([LINE, replace(LINE, recipient="police")], []) == 1
