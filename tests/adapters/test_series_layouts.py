"""Recorded series in every spelling of a time and a number, written out and read back."""

import csv
import io
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impetus.adapters import series_files
from impetus.adapters.series_files import SeriesFile, read_csv, read_series, slug
from impetus.core.errors import Malformed, TooLarge, Unknown
from impetus.core.observation import from_us, to_us

SOMEWHERE = Path("counts.csv")
OSLO = "Europe/Oslo"
ROWS = st.lists(
    st.tuples(
        st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - written in UTC below
        st.one_of(st.just(math.nan), st.floats(-1e12, 1e12)),
    ),
    min_size=1,
    max_size=20,
)


def one_time(text: str, zone: str = "UTC") -> datetime | None:
    """Return the time a file with one row of this time has, None when it was passed over."""
    read = read_csv(f"time;value\n{text};1\n", SOMEWHERE, zone=zone)
    return from_us(int(read.series[0].time_us[0])) if read.readings else None


def one_value(text: str, separator: str = ";", **options: object) -> tuple[float, int]:
    """Return the number a file with one row has, and how many values could not be read."""
    cell = f'"{text}"' if separator in text else text
    read = read_csv(f"time{separator}value\n2026-01-01T00:00:00Z{separator}{cell}\n", SOMEWHERE, **options)  # type: ignore[arg-type]
    return float(read.series[0].result[0]), read.values_unread


@given(rows=ROWS, separator=st.sampled_from([",", ";", "\t"]))
def test_what_is_written_as_csv_is_read_by_time(rows: list[tuple[datetime, float]], separator: str) -> None:
    """To the microsecond and the last bit; missing stays missing; rows come in the order of their times."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(["timestamp", "value"])
    for at, value in rows:
        writer.writerow([at.isoformat() + "Z", "" if math.isnan(value) else repr(value)])
    read = read_csv(text.getvalue(), SOMEWHERE)
    expected = sorted(((to_us(at.replace(tzinfo=UTC)), value) for at, value in rows), key=lambda row: row[0])
    assert (read.rows_passed_over, read.values_unread) == (0, 0)
    assert read.series[0].time_us.tolist() == [time_us for time_us, _ in expected]
    np.testing.assert_array_equal(read.series[0].result, [value for _, value in expected])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_csv_and_parquet_of_the_same_say_the_same(tmp_path: Path, rows: list[tuple[datetime, float]]) -> None:
    """Two files, one series."""
    lines = "".join(f"{at.isoformat()}Z,{'' if math.isnan(value) else repr(value)}\n" for at, value in rows)
    (tmp_path / "a.csv").write_text("timestamp,value\n" + lines)
    times = pa.array([at.replace(tzinfo=UTC) for at, _ in rows], pa.timestamp("us", "UTC"))
    values = pa.array([None if math.isnan(value) else value for _, value in rows], pa.float64())
    pq.write_table(pa.table({"timestamp": times, "value": values}), tmp_path / "a.parquet")
    (one,), (other,) = (read_series(tmp_path / f"a.{ending}").series for ending in ("csv", "parquet"))
    assert one.name == other.name == "a"
    assert np.array_equal(one.time_us, other.time_us)
    np.testing.assert_array_equal(one.result, other.result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T18:00:00Z", datetime(2026, 3, 1, 18, tzinfo=UTC)),
        ("2026-03-01 18:00:00", datetime(2026, 3, 1, 18, tzinfo=UTC)),
        ("2026-03-01 18:00:00+02:00", datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01 8:05", datetime(2026, 3, 1, 8, 5, tzinfo=UTC)),
        ("10/03/2004 18.00.00", datetime(2004, 3, 10, 18, tzinfo=UTC)),
        ("1/2/2026 06:00", datetime(2026, 2, 1, 6, tzinfo=UTC)),
        ("31.12.2025 23:59:59", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("13/13/2026", None),
        ("31/02/2026", None),
        ("2026-02-30", None),
        ("yesterday", None),
        ("", None),
        ("1767225600", None),
    ],
)
def test_times_are_read_as_cities_write_them(text: str, expected: datetime | None) -> None:
    """ISO 8601, or day first; what is neither is passed over, never guessed."""
    assert one_time(text) == expected


@pytest.mark.parametrize(
    ("text", "utc_hour"),
    [("2026-01-15 12:00", 11), ("2026-07-15 12:00", 10), ("2026-10-25 02:30", 0), ("2026-03-29 02:30", 1)],
    ids=["winter", "summer", "an hour that comes twice", "an hour that never comes"],
)
def test_a_zone_decides_also_in_the_two_odd_hours(text: str, utc_hour: int) -> None:
    """Of the hour that comes twice the first is meant; the one that never comes lies where clocks jumped to."""
    at = one_time(text, OSLO)
    assert at is not None
    assert at.hour == utc_hour


def test_parquet_without_a_zone_reads_the_odd_hours_alike(tmp_path: Path) -> None:
    """The hour that comes twice is the first one there, too."""
    naive = [datetime(2026, 10, 25, 2, 30), datetime(2026, 7, 15, 12)]  # noqa: DTZ001 - a file without zones
    table = pa.table({"at": pa.array(naive, pa.timestamp("s")), "v": [1.0, 2.0]})
    pq.write_table(table, tmp_path / "a.parquet")
    read = read_series(tmp_path / "a.parquet", zone=OSLO)
    expected = sorted(to_us(at.replace(tzinfo=ZoneInfo(OSLO))) for at in naive)
    assert read.series[0].time_us.tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected", "unread"),
    [
        ("1.5", 1.5, 0),
        (" 7 ", 7.0, 0),
        ("-0,25", -0.25, 0),
        ("1e3", 1000.0, 0),
        ("NA", math.nan, 0),
        ("NaN", math.nan, 0),
        ("null", math.nan, 0),
        ("-", math.nan, 0),
        ("", math.nan, 0),
        ("inf", math.nan, 1),
        ("-Infinity", math.nan, 1),
        ("1.234,5", math.nan, 1),
        ("12 500", math.nan, 1),
        ("high", math.nan, 1),
        ("1" * 400, math.nan, 1),
    ],
)
def test_numbers_are_read_missing_or_counted_as_unread(text: str, expected: float, unread: int) -> None:
    """A comma is a decimal point where it separates nothing; a missing value is no error, an unreadable one is counted."""
    found, count = one_value(text)
    assert found == expected or (math.isnan(found) and math.isnan(expected))
    assert count == unread


def test_a_comma_between_columns_is_no_decimal_point() -> None:
    """`1,5` in a file of commas is two cells; quoted it is no number, and counted."""
    assert one_value("1.5", ",") == (1.5, 0)
    found, unread = one_value("1,5", ",")
    assert math.isnan(found)
    assert unread == 1


@pytest.mark.parametrize("text", ["-200", "-200.0", "-200,0", "-2e2"])
def test_a_marker_of_the_missing_is_missing_however_it_is_written(text: str) -> None:
    """What the file says stands for nothing is nothing, and no measurement of minus two hundred."""
    found, unread = one_value(text, missing=["-200"])
    assert math.isnan(found)
    assert unread == 0
    assert one_value(text)[0] == -200.0


def test_rows_shorter_than_the_header_lack_their_last_values() -> None:
    """A logger that was switched off in the middle of a line costs what it did not write."""
    read = read_csv("time,a,b\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,2,3,4\n2026-01-01T02:0", SOMEWHERE)
    first, second = read.series
    assert first.result.tolist() == [1.0, 2.0]
    np.testing.assert_array_equal(second.result, [math.nan, 3.0])
    assert read.rows_passed_over == 1


def test_quotes_that_never_end_are_no_csv() -> None:
    """A field beyond the reader's bound: refused with the file's name."""
    with pytest.raises(Malformed, match=r"counts\.csv is no CSV"):
        read_csv('time,v\n2026-01-01,"' + "x" * 200_000, SOMEWHERE)


def test_a_null_time_in_parquet_is_passed_over(tmp_path: Path) -> None:
    """The reading belongs nowhere; the others keep their values."""
    times = pa.array([None, datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("ms", "UTC"))
    pq.write_table(pa.table({"at": times, "v": [1, 2]}), tmp_path / "a.parquet")
    read = read_series(tmp_path / "a.parquet")
    assert (read.readings, read.series[0].result.tolist()) == (1, [2.0])


def test_bounds_are_asked_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large, and too many series in a long table: refused with the bound."""
    monkeypatch.setattr(series_files, "MAX_FILE_BYTES", 100)
    (tmp_path / "large.csv").write_text("time,v\n" + "2026-01-01,1\n" * 50)
    with pytest.raises(TooLarge) as refusal:
        read_series(tmp_path / "large.csv")
    assert refusal.value.limit == 100
    monkeypatch.undo()
    monkeypatch.setattr(series_files, "MAX_SERIES", 3)
    at = pa.array([datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(4)], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"at": at, "name": ["a", "b", "c", "d"], "v": [1.0] * 4}), tmp_path / "long.parquet")
    with pytest.raises(TooLarge, match="4 series"):
        read_series(tmp_path / "long.parquet")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Asked to read a folder: it is not there as a file."""
    with pytest.raises(Unknown):
        read_series(tmp_path)


@given(names=st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_every_series_has_a_name_of_its_own(names: list[str]) -> None:
    """Whatever stands in the header, keys of datastreams can be made of it, and no two are one."""
    header = io.StringIO()
    csv.writer(header).writerow(["time", *(name or "x" for name in names)])
    try:
        read: SeriesFile = read_csv(header.getvalue() + "2026-01-01T00:00:00Z" + ",1" * len(names) + "\n", SOMEWHERE)
    except Malformed:
        return
    found = [each.name for each in read.series]
    assert len(set(found)) == len(found)
    assert all(slug(name) == name or name.rpartition("_")[2].isdigit() for name in found)
