"""Recorded series at the edges of what a file may hold: separators, zones, markers, names, and what is refused."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from impetus.adapters import series_files
from impetus.adapters.series_files import SeriesFile, read_csv, read_series, slug
from impetus.core.errors import Malformed, TooLarge, Unknown
from impetus.core.observation import from_us, to_us

SOMEWHERE = Path("counter.csv")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def read(*lines: str, **options: object) -> SeriesFile:
    """Read lines of CSV."""
    return read_csv("\n".join(lines), SOMEWHERE, **options)  # type: ignore[arg-type]  # a test names the option it means


def first_time(text: str, zone: str = "UTC") -> datetime | None:
    """Return when the one reading of a file was, None when its row was passed over."""
    series = read("timestamp,value", f"{text},1", zone=zone).series[0]
    return from_us(int(series.time_us[0])) if series.time_us.size else None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_the_header_uses_most(separator: str) -> None:
    """Nobody has to say it."""
    [series] = read(f"timestamp{separator}value", f"2026-06-01T12:00:00Z{separator}7").series
    assert series.result.tolist() == [7.0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T12:00:00Z",
        "2026-06-01 12:00:00",
        "2026-06-01 12:00",
        "2026-06-01T14:00:00+02:00",
        "01/06/2026 12:00:00",
        "1.6.2026 12:00",
        "01.06.2026 12.00.00",
        "2026-06-01T12",
    ],
)
def test_times_in_the_spellings_of_cities(text: str) -> None:
    """ISO 8601 with and without a zone, and day first with either mark between."""
    assert first_time(text) == NOON


def test_an_hour_of_one_digit_is_read() -> None:
    """As spreadsheets write it."""
    assert first_time("2026-06-01 9:00:00") == NOON - timedelta(hours=3)


@pytest.mark.parametrize("text", ["", "noon", "32/01/2026 12:00:00", "06/31/2026 12:00:00", "1780315200", "0000-01-01"])
def test_a_time_that_cannot_be_read_passes_its_row_over(text: str) -> None:
    """And is counted, so that it can be said."""
    file = read("timestamp,value", f"{text},1", "2026-06-01T12:00:00Z,2")
    assert file.series[0].result.tolist() == [2.0]
    assert file.rows_passed_over == 1


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UTC", 0), ("Europe/Oslo", 2), ("Europe/Rome", 2), ("America/New_York", -4), ("Asia/Kolkata", 5.5)],
)
def test_a_time_without_a_zone_is_the_citys(zone: str, hours: float) -> None:
    """Noon there, said in UTC."""
    assert first_time("2026-06-01 12:00:00", zone) == NOON - timedelta(hours=hours)


def test_a_zone_in_the_file_wins_over_the_stated_one() -> None:
    """What is written is not guessed over."""
    assert first_time("2026-06-01T12:00:00Z", "Asia/Kolkata") == NOON


@pytest.mark.parametrize("cell", ["", " ", "NA", "nan", "NaN", "null", "None", "-"])
def test_a_missing_value_is_missing_and_not_unread(cell: str) -> None:
    """The usual markers, in either case."""
    file = read("timestamp,value", f"2026-06-01T12:00:00Z,{cell}")
    assert math.isnan(file.series[0].result[0])
    assert file.values_unread == 0


@pytest.mark.parametrize("cell", ["-200", "-200.0", " -200 "])
def test_a_stated_marker_is_missing_however_the_number_is_written(cell: str) -> None:
    """UCI's air quality writes -200 in both ways."""
    file = read("timestamp,value", f"2026-06-01T12:00:00Z,{cell}", missing=["-200"])
    assert math.isnan(file.series[0].result[0])
    assert file.values_unread == 0


@pytest.mark.parametrize("cell", ["warm", "1e999", "-inf", "12 C", "0x10", "1.2.3"])
def test_a_value_that_is_no_finite_number_is_missing_and_counted(cell: str) -> None:
    """It is not taken for zero, and not for nothing."""
    file = read("timestamp,value", f"2026-06-01T12:00:00Z,{cell}")
    assert math.isnan(file.series[0].result[0])
    assert file.values_unread == 1


def test_a_decimal_comma_is_read_where_commas_do_not_separate() -> None:
    """Elsewhere the same cell would be two."""
    assert read("timestamp;value", "2026-06-01T12:00:00Z;1,5").series[0].result.tolist() == [1.5]
    assert read("timestamp,value", "2026-06-01T12:00:00Z,1,5").series[0].result.tolist() == [1.0]


def test_rows_are_put_in_order_and_equal_times_keep_theirs() -> None:
    """Ingest judges them; the reader only sorts."""
    times = ["12:00:02", "12:00:01", "12:00:02", "12:00:00"]
    file = read("timestamp,value", *(f"2026-06-01T{time}Z,{place}" for place, time in enumerate(times)))
    assert file.series[0].result.tolist() == [3.0, 1.0, 0.0, 2.0]


def test_a_short_row_has_no_values_where_it_ends() -> None:
    """A cut line costs its own cells only."""
    file = read("timestamp,a,b", "2026-06-01T12:00:00Z,1", "2026-06-01T12:00:01Z,2,3")
    np.testing.assert_array_equal(file.series[1].result, [math.nan, 3.0])


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    """As spreadsheets put it there."""
    file = tmp_path / "counter.csv"
    file.write_bytes("timestamp,value\n2026-06-01T12:00:00Z,7\n".encode("utf-8-sig"))
    assert read_series(file).readings == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [("PM10", "pm10"), ("NO₂ (µg/m³)", "no_g_m"), ("___", "value"), ("a" * 99, "a" * 62), ("Ø", "value")],
)
def test_names_become_slugs_that_a_declaration_takes(name: str, expected: str) -> None:
    """Short, lower case, never empty."""
    assert slug(name) == expected


def test_names_that_become_one_are_told_apart() -> None:
    """In the order of their columns."""
    file = read("timestamp,PM10,pm10,Pm 10,pm_10", "2026-06-01T12:00:00Z,1,2,3,4")
    assert [series.name for series in file.series] == ["pm10", "pm10_2", "pm_10", "pm_10_2"]


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "timestamp\n2026-06-01T12:00:00Z\n", ",,\n1,2,3\n"])
def test_what_holds_no_series_is_refused_with_what_it_lacks(text: str) -> None:
    """The remedy says what a file looks like."""
    with pytest.raises(Malformed) as told:
        read_csv(text, SOMEWHERE)
    assert str(SOMEWHERE) in told.value.detail
    assert told.value.remedy


def test_a_file_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    """And so is a directory."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Unknown) as told:
            read_series(path)
        assert told.value.value == str(path)


def test_a_file_may_be_exactly_as_large_as_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more is refused before it is read, with both numbers."""
    file = tmp_path / "counter.csv"
    file.write_text("timestamp,value\n2026-06-01T12:00:00Z,7\n")
    monkeypatch.setattr(series_files, "MAX_FILE_BYTES", file.stat().st_size)
    assert read_series(file).readings == 1
    file.write_text(file.read_text() + "\n")
    with pytest.raises(TooLarge) as told:
        read_series(file)
    assert (told.value.value, told.value.limit) == (file.stat().st_size, file.stat().st_size - 1)


def test_a_file_may_hold_exactly_as_many_series_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused."""
    monkeypatch.setattr(series_files, "MAX_SERIES", 2)
    assert len(read("timestamp,a,b", "2026-06-01T12:00:00Z,1,2").series) == 2
    with pytest.raises(TooLarge) as told:
        read("timestamp,a,b,c", "2026-06-01T12:00:00Z,1,2,3")
    assert (told.value.value, told.value.limit) == (3, 2)


def test_a_file_in_another_encoding_is_refused_and_not_guessed(tmp_path: Path) -> None:
    """Converted by who knows what it was."""
    file = tmp_path / "counter.csv"
    file.write_bytes("timestamp,støy\n2026-06-01T12:00:00Z,7\n".encode("latin-1"))
    with pytest.raises(Malformed, match="not UTF-8") as told:
        read_series(file)
    assert told.value.remedy == "convert it"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_times_of_any_unit_are_the_same_moment(tmp_path: Path, unit: str) -> None:
    """Microseconds since the epoch in the end."""
    file = tmp_path / "counter.parquet"
    pq.write_table(pa.table({"at": pa.array([NOON], pa.timestamp(unit, "UTC")), "count": [7]}), file)
    [series] = read_series(file).series
    assert (series.name, series.time_us.tolist(), series.result.tolist()) == ("counter", [to_us(NOON)], [7.0])


def test_parquet_rows_without_a_time_are_left_out(tmp_path: Path) -> None:
    """And a null value is a missing one."""
    file = tmp_path / "counter.pq"
    pq.write_table(pa.table({"at": pa.array([NOON, None], pa.timestamp("us", "UTC")), "count": [None, 7.0]}), file)
    [series] = read_series(file).series
    assert series.time_us.size == 1
    assert math.isnan(series.result[0])


def test_parquet_in_the_clock_change_is_read_at_the_earlier_moment(tmp_path: Path) -> None:
    """The hour that is twice and the hour that is not there: a rule, not a failure."""
    file = tmp_path / "counter.parquet"
    naive = [datetime(2026, 10, 25, 2, 30), datetime(2026, 3, 29, 2, 30)]  # noqa: DTZ001 - times without a zone are the point
    pq.write_table(pa.table({"at": pa.array(naive, pa.timestamp("us")), "count": [1, 2]}), file)
    [series] = read_series(file, zone="Europe/Oslo").series
    assert from_us(int(series.time_us[1])) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert series.time_us.size == 2
