"""A city's directory as it is read: whole, sparse, wrong."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import ImpetusError, Malformed
from impetus.core.observation import batch_of, from_us
from impetus.tools.urban_anomaly.city_read import CityFiles, is_city, observations, read_city
from impetus.tools.urban_anomaly.evaluate import evaluate, table_of, text_of
from impetus.tools.urban_anomaly.replay import replay
from impetus.tools.urban_anomaly.tool import Tool

DAY_US = 86_400_000_000


def write(directory: Path, **files: str) -> Path:
    """Write a city of two datastreams, with these files otherwise; a day of one reading an hour."""
    texts = {"streams": "id,kind,unit,lon,lat\na,flow,/min,10.7,59.9\nb,density,/km,10.7,59.9\n",
             "events": "kind,start,end,streams\nlocal,2026-03-02T05:00:00Z,2026-03-02T07:00:00Z,a;b\n"}  # fmt: skip
    (directory / "observations").mkdir(parents=True)
    for name, text in (texts | files).items():
        (directory / f"{name}.csv").write_text(text)
    start = np.datetime64("2026-03-02T00:00:00", "us").astype(np.int64)
    time_us = np.repeat(start + np.arange(24) * 3_600_000_000, 2)
    columns = {"stream": ["a", "b"] * 24, "time": pa.array(time_us, pa.timestamp("us", tz="UTC")),
               "value": np.arange(48, dtype=np.float64)}  # fmt: skip
    pq.write_table(pa.table(columns), directory / "observations" / "day.parquet")
    return directory


def read(directory: Path) -> CityFiles:
    """Read a city with the evaluation's own readers."""
    return read_city(directory, text_of, table_of)


def test_a_sparse_city_is_enough(tmp_path: Path) -> None:
    """Names for ids, no thing, no zone, no class: each datastream is a thing, an event is an event."""
    city = read(write(tmp_path))
    assert is_city(tmp_path)
    assert [stream.observed_property for stream in city.catalogue.datastreams.values()] == ["flow", "density"]
    [event] = city.truths
    assert (event.category, event.streams, event.carrying) == ("event", {1, 2}, {1, 2})
    assert event.onset_us == event.start_us
    [(readings, arrival_us)] = city.days()
    assert len(readings) == 48
    assert np.array_equal(readings.time_us, arrival_us)


@pytest.mark.parametrize(
    ("kind", "category"), [("stuck", "fault"), ("holiday", "expected"), ("football_match", "event")]
)
def test_a_kind_tells_its_class_where_none_is_given(tmp_path: Path, kind: str, category: str) -> None:
    """Faults and days of the calendar are known by name."""
    events = f"kind,start,end,streams\n{kind},2026-03-02T05:00:00Z,2026-03-02T07:00:00Z,a\n"
    assert [one.category for one in read(write(tmp_path, events=events)).truths] == [category]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"streams": "name,kind\na,flow\n"}, "no column id"),
        ({"streams": "id,kind\na,flow\na,flow\n"}, "twice"),
        ({"events": "kind,start,end,streams\nlocal,2026-03-02,2026-03-03,zebra\n"}, "zebra"),
        ({"events": "kind,start,end,streams\nlocal,yesterday,2026-03-03,a\n"}, "yesterday"),
        ({"streams": "id,kind,lon,lat\na,flow,east,59\nb,flow,10,59\n"}, "east"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, files: dict[str, str], named: str) -> None:
    """The column, the stream or the time that is wrong."""
    with pytest.raises(Malformed, match=named):
        read(write(tmp_path, **files))


def test_a_reading_of_an_undeclared_stream_is_refused() -> None:
    """Rather than counted for another."""
    table = pa.table({"id": [1, 9], "timestamp": [0, 1], "result": [1.0, 2.0]})
    with pytest.raises(Malformed, match="'9'"):
        observations("day.parquet", table, {"1": 1})
    with pytest.raises(Malformed, match="no column value"):
        observations("day.parquet", table.drop_columns(["result"]), {"1": 1, "9": 9})


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1_000), ("us", 1_000_000)])
def test_whole_numbers_are_seconds_milliseconds_or_microseconds(unit: str, factor: int) -> None:
    """By their size."""
    table = pa.table({"stream": [1], "time": [1_772_409_600 * factor], "value": [1.0]})
    readings, _ = observations("day.parquet", table, {"1": 1})
    assert from_us(int(readings.time_us[0])).isoformat() == "2026-03-02T00:00:00+00:00", unit


def test_a_wrong_clock_arrives_when_it_arrives() -> None:
    """Arrival is the stamp and how late it is."""
    table = pa.table({"stream": [1], "time": [1_772_409_600], "value": [1.0], "late_s": [-3600]})
    readings, arrival_us = observations("day.parquet", table, {"1": 1})
    assert int(arrival_us[0]) - int(readings.time_us[0]) == -3_600_000_000


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    """With the file's name, and the exit code of bad input."""
    city = write(tmp_path)
    (city / "observations" / "day.parquet").write_text("nothing")
    with pytest.raises(Malformed, match=r"day\.parquet"):
        evaluate(city, lambda _: None)


@given(text=some.text(alphabet='ab,;\n"0123456789-T:Z .', max_size=120), which=some.sampled_from(["streams", "events"]))
@settings(max_examples=40, deadline=None)
def test_no_text_breaks_the_reader(text: str, which: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Read, or refused in the words of a family of errors; never a trace."""
    directory = write(tmp_path_factory.mktemp("city") / "c", **{which: text})
    with suppress(ImpetusError):
        assert read(directory).catalogue.datastreams


def test_moments_come_in_order_however_rows_were_cut_and_shuffled(tmp_path: Path) -> None:
    """Each moment is one batch, and the order of rows in a file is nothing to the tool."""
    city = read(write(tmp_path))
    [(readings, arrival_us)] = city.days()
    shuffle = np.random.default_rng(0).permutation(len(readings))
    told = []
    for rows in (np.arange(len(readings)), shuffle):
        tool = Tool.create({}, city.catalogue)
        batch = batch_of(readings.datastream[rows], readings.time_us[rows], readings.result[rows])
        moments = list(replay(tool, batch, arrival_us[rows]))
        assert [len(moment.rows) for moment in moments] == [2] * 24
        assert [moment.at_us for moment in moments] == sorted(moment.at_us for moment in moments)
        told.append([batch.result[moment.rows].tolist() for moment in moments])
    assert told[0] == told[1]


def test_a_small_city_is_evaluated_with_baselines_on_the_same_page(tmp_path: Path) -> None:
    """All keys are there, though a day tells nothing; nothing is false where nothing was told."""
    figures = evaluate(write(tmp_path), lambda _: None)
    assert figures["layout"] == "city"
    assert set(figures["baselines"]) == {"null", "blind", "ewma_z", "seasonal_z", "value_novelty"}
    for key in ("false_alarms_per_1000_stream_days", "event_recall", "delay_samples", "hit_at_3", "range_coverage",
                "incidents_per_event", "incidents_per_shift", "fault_macro_f1", "faults_as_security", "interval_90"):  # fmt: skip
        assert key in figures
