"""Recorded series in the layouts cities have become columns."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.adapters.series_files import Series, read_csv, read_series, slug
from impetus.core.errors import ImpetusError, Malformed, TooLarge, Unknown
from impetus.core.observation import from_us, to_us

SOMEWHERE = Path("series.csv")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def only(text: str, **options: object) -> Series:
    """Return the one series of a CSV text."""
    (series,) = read_csv(text, SOMEWHERE, **options).series  # type: ignore[arg-type]
    return series


def test_timestamp_and_value_as_nab_writes_them() -> None:
    """The series takes the file's name."""
    series = only("timestamp,value\n2026-01-01 00:05:00,2.5\n2026-01-01 00:00:00,1\n")
    assert series.name == "series"
    assert series.result.tolist() == [1.0, 2.5]
    assert from_us(int(series.time_us[0])) == NEW_YEAR


def test_one_column_of_time_and_many_of_values() -> None:
    """Each column is a series under its slug; twice the same name is told apart."""
    read = read_csv("Time;NO2 (µg);PM10;pm10\n2026-01-01T00:00:00Z;1,5;2;3\n", SOMEWHERE)
    assert {each.name: each.result.tolist() for each in read.series} == {"no2_g": [1.5], "pm10": [2.0], "pm10_2": [3.0]}


def test_date_and_time_in_two_columns_day_first_as_uci_writes_them() -> None:
    """With decimal comma, dots in the time, a missing marker, and empty columns and rows at the end."""
    text = "Date;Time;CO(GT);T;;\n10/03/2004;8.00.00;2,6;-200;;\n10/03/2004;19:00:00;-200,0;13,3;;\n;;;;;\n"
    read = read_csv(text, SOMEWHERE, missing=["-200"])
    assert [each.name for each in read.series] == ["co_gt", "t"]
    np.testing.assert_array_equal(read.series[0].result, [2.6, math.nan])
    np.testing.assert_array_equal(read.series[1].result, [math.nan, 13.3])
    assert from_us(int(read.series[0].time_us[0])) == datetime(2004, 3, 10, 8, tzinfo=UTC)
    assert (read.rows_passed_over, read.values_unread) == (0, 0)


def test_times_without_a_zone_are_read_in_the_zone_stated() -> None:
    """Oslo in summer is two hours ahead."""
    series = only("timestamp,value\n2026-07-01 12:00:00,1\n", zone="Europe/Oslo")
    assert from_us(int(series.time_us[0])).hour == 10


def test_what_cannot_be_read_is_counted_not_guessed() -> None:
    """A row without time is passed over; a value that is no number is missing."""
    read = read_csv("time,value\nyesterday,1\n2026-01-01T00:00:00Z,high\n2026-01-02T00:00:00Z,inf\n", SOMEWHERE)
    assert (read.rows_passed_over, read.values_unread, read.readings) == (1, 2, 2)
    assert np.isnan(read.series[0].result).all()


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "timestamp\n2026-01-01\n"])
def test_a_file_without_time_or_values_is_refused_with_a_remedy(text: str) -> None:
    """Nothing is guessed from the position of a column."""
    with pytest.raises(Malformed) as told:
        read_csv(text, SOMEWHERE)
    assert told.value.remedy


def test_parquet_wide_and_long(tmp_path: Path) -> None:
    """Columns of numbers, or a column of names."""
    times = pa.array([NEW_YEAR + timedelta(hours=1), NEW_YEAR], pa.timestamp("ms", "UTC"))
    pq.write_table(pa.table({"at": times, "a": [2, 1], "b": [None, 0.5]}), tmp_path / "wide.parquet")
    pq.write_table(pa.table({"at": times, "sensor": ["x", "y"], "v": [1.0, 2.0]}), tmp_path / "long.parquet")
    wide, long = read_series(tmp_path / "wide.parquet"), read_series(tmp_path / "long.parquet")
    assert {each.name: each.time_us.tolist() for each in wide.series}["a"] == [
        to_us(NEW_YEAR),
        to_us(NEW_YEAR) + 3_600_000_000,
    ]
    np.testing.assert_array_equal(wide.series[1].result, [0.5, math.nan])
    assert {each.name: each.result.tolist() for each in long.series} == {"x": [1.0], "y": [2.0]}


def test_parquet_without_a_zone_is_read_in_the_zone_stated(tmp_path: Path) -> None:
    """As for CSV."""
    times = pa.array([datetime(2026, 7, 1, 12)], pa.timestamp("us"))  # noqa: DTZ001 - a file without zones is the point
    pq.write_table(pa.table({"at": times, "v": [1.0]}), tmp_path / "naive.parquet")
    series = read_series(tmp_path / "naive.parquet", zone="Europe/Oslo").series[0]
    assert from_us(int(series.time_us[0])).hour == 10


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    """Absent, not UTF-8, not Parquet, without numbers."""
    (tmp_path / "latin.csv").write_bytes(b"timestamp,v\xe6rdi\n")
    (tmp_path / "text.parquet").write_text("timestamp,value\n")
    pq.write_table(pa.table({"at": ["x"]}), tmp_path / "words.parquet")
    with pytest.raises(Unknown):
        read_series(tmp_path / "absent.csv")
    for name in ("latin.csv", "text.parquet", "words.parquet"):
        with pytest.raises(Malformed):
            read_series(tmp_path / name)


def test_too_many_columns_are_refused() -> None:
    """A declaration has a bound, so has a file."""
    with pytest.raises(TooLarge):
        read_csv("time," + ",".join(f"c{number}" for number in range(20_001)) + "\n", SOMEWHERE)


def test_slugs_are_short_and_never_empty() -> None:
    """They become names of datastreams."""
    assert (slug("PT08.S1(CO)"), slug("°"), len(slug("x" * 99))) == ("pt08_s1_co", "value", 62)


cells = some.one_of(
    some.text(max_size=8), some.sampled_from(["2026-01-01 00:00:00", "1,5", "-200", "nan", "\x00", '"'])
)


@given(
    some.sampled_from(["time", "Date", "timestamp"]),
    some.lists(some.lists(cells, max_size=4), max_size=5),
    some.sampled_from(",;\t"),
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_csv_holds_is_read_or_refused(head: str, rows: list[list[str]], separator: str) -> None:
    """Series are sorted, finite or missing; anything else is one of our errors."""
    text = "\n".join([separator.join([head, "v", "w"]), *(separator.join(row) for row in rows)])
    try:
        read = read_csv(text, SOMEWHERE)
    except ImpetusError:
        return
    for series in read.series:
        assert (np.diff(series.time_us) >= 0).all()
        assert not np.isinf(series.result).any()


@pytest.mark.data
def test_the_public_traffic_and_taxi_series_are_read_whole(data: Path) -> None:
    """Every row of the NAB files has a time and a value."""
    for file in sorted((data / "nab/data").rglob("*.csv")):
        read = read_series(file)
        assert (read.rows_passed_over, read.values_unread, len(read.series)) == (0, 0, 1)
        assert read.readings == sum(1 for line in file.read_text().splitlines() if line.strip()) - 1


@pytest.mark.data
def test_the_public_air_quality_year_is_read_whole(data: Path) -> None:
    """Thirteen gas and weather series of one year by the hour, -200 missing."""
    read = read_series(data / "air_quality_uci/AirQualityUCI.csv", zone="Europe/Rome", missing=["-200"])
    assert (len(read.series), read.rows_passed_over, read.values_unread) == (13, 0, 0)
    assert read.readings == 13 * 9357
    assert all(np.nanmin(series.result) > -200 for series in read.series)
