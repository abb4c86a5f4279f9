"""Tables as feeds: CSV and Parquet bodies, known columns and unknown ones, and bodies that would unpack to too much."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import sample, told, units
from impetus.adapters import series_files
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.table import read_table
from impetus.core.errors import ImpetusError, Malformed, TooLarge

HOW = Reading(thing="gate", zone="Europe/Oslo", missing=("-200",))


def parquet(**columns: object) -> bytes:
    """Return a table as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_a_column_is_a_datastream_and_known_names_have_known_units() -> None:
    """Decimal commas, a marker for missing, a row without a time, a cell that is no number."""
    report = read_table(sample("table.csv"), HOW)
    assert units(report) == {"gate/pm10": "ug/m3", "gate/people": "1", "gate/door_open": "1"}
    assert told(report)[:3] == [
        ("gate/pm10", "2026-06-01 10:00:00", 21.5),
        ("gate/pm10", "2026-06-01 10:05:00", None),
        ("gate/pm10", "2026-06-01 10:10:00", 22.5),
    ]
    assert [value for key, _, value in told(report) if key == "gate/people"] == [140.0, 155.0, None]
    assert report.left_out == {"a row without a time": 1, "no number": 1}
    assert report.streams[0].cadence_s == 300.0


def test_one_column_takes_the_declared_property_unit_and_range() -> None:
    """What the body cannot say, the declaration says."""
    how = Reading(thing="gate", property="people", unit="{people}", lowest=0, highest=500)
    (stream,) = read_table(b"time,n\n2026-06-01T10:00:00Z,4\n", how).streams
    assert (stream.key, stream.measure.unit, stream.measure.highest) == ("gate/people", "{people}", 500)


def test_only_the_columns_asked_for_are_taken() -> None:
    """The rest is counted."""
    report = read_table(sample("table.csv"), Reading(thing="gate", only=frozenset({"people"}), missing=("-200",)))
    assert {stream.key for stream in report.streams} == {"gate/people"}
    assert report.left_out["not asked for"] == 6


def test_parquet_is_known_by_its_first_bytes() -> None:
    """Wide, with a zone in its times."""
    times = pa.array(np.array([0, 60_000_000]), pa.timestamp("us", "UTC"))
    body = parquet(when=times, pm10=[1.0, 2.0], no2=[3.0, None])
    assert told(read_table(body, HOW)) == [
        ("gate/pm10", "1970-01-01 00:00:00", 1.0),
        ("gate/pm10", "1970-01-01 00:01:00", 2.0),
        ("gate/no2", "1970-01-01 00:00:00", 3.0),
        ("gate/no2", "1970-01-01 00:01:00", None),
    ]


def test_a_table_that_unpacks_to_too_much_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros pack to almost nothing; the file says itself how much it holds."""
    times = pa.array(np.arange(50_000), pa.timestamp("us", "UTC"))
    body = parquet(when=times, zeros=np.zeros(50_000))
    assert len(read_table(body, HOW)) == 50_000
    monkeypatch.setattr(series_files, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(TooLarge, match="unpacks"):
        read_table(body, HOW)


@pytest.mark.parametrize("body", [b"", b"PAR1", b"PAR1" * 40, b"\xff\xfe", b"a,b\n1,2\n", b"time\n"])
def test_another_body_is_refused_whole(body: bytes) -> None:
    """No time, no numbers, no table."""
    with pytest.raises(Malformed):
        read_table(body, HOW)


@settings(max_examples=40)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: b"time,a\n" + text.encode("utf-8", "replace")))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Also half a file, and one cut in the middle."""
    whole = sample("table.csv")
    seen = 0
    for each in (body, whole[: len(body)], b"PAR1" + body):
        with contextlib.suppress(ImpetusError):
            read_table(each, HOW)
        seen += 1
    assert seen == 3


def test_files_are_read_as_before(tmp_path: Path) -> None:
    """`impetus replay` reads the same layouts from files."""
    file = tmp_path / "a.parquet"
    file.write_bytes(parquet(when=pa.array([0], pa.timestamp("us", "UTC")), x=[1.0]))
    assert series_files.read_series(file).readings == 1
