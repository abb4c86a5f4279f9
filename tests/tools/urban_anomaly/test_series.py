"""Reading labelled series: liberal in names and formats, strict about everything else."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Malformed, Unknown
from impetus.core.observation import to_us
from impetus.tools.urban_anomaly.evaluate import text_of
from impetus.tools.urban_anomaly.nab import Labelled
from impetus.tools.urban_anomaly.series import Site, is_nab, read_nab, read_sites
from tools.urban_anomaly.street import START

MINUTE_US = 60_000_000
MIDNIGHT_US = to_us(START)


def sites(directory: Path, content: str, *, name: str = "north.csv") -> list[Site]:
    """Return what one file is read as."""
    (directory / name).write_text(content, encoding="utf-8")
    return read_sites(directory, text_of)


def site(directory: Path, *lines: str) -> Site:
    """Return the one site in a file of these lines."""
    [found] = sites(directory, "\n".join(lines))
    return found


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T00:05:00",
        "2026-03-02 00:05",
        "2026-03-02T00:05:00+01:00",
        "2026-03-02T00:05:00Z",
        " 2026-03-02 00:05:00 ",
        "02/03/2026 00:05:00",
        "02/03/2026 00:05",
        "02.03.2026 00:05",
        "1772409900",
        "1772409900000",
    ],
)
def test_a_time_is_read_in_each_usual_form(tmp_path: Path, written: str) -> None:
    """ISO, European, epoch seconds and milliseconds; a zone is kept as local time and never shifted."""
    assert site(tmp_path, "timestamp,flow,label", f"{written},1,0").time_us.tolist() == [MIDNIGHT_US + 5 * MINUTE_US]


def test_american_dates_are_known_by_a_day_beyond_the_twelfth(tmp_path: Path) -> None:
    """03/13/2026 can only be March; one form is chosen for the whole file."""
    read = site(tmp_path, "timestamp,flow,label", "03/02/2026 00:00,1,0", "03/13/2026 00:00,1,0")
    assert read.time_us.tolist() == [MIDNIGHT_US, MIDNIGHT_US + 11 * 1440 * MINUTE_US]


def test_date_and_time_may_be_two_columns(tmp_path: Path) -> None:
    """As counting stations write them."""
    read = site(tmp_path, "date,time,flow,label", "2026-03-02,00:05,7,1")
    assert read.time_us.tolist() == [MIDNIGHT_US + 5 * MINUTE_US]
    assert set(read.values) == {"flow"}


@pytest.mark.parametrize("name", ["timestamp", "datetime", "date_time", "time", "Timestamp ", "phenomenonTime"])
def test_the_time_column_goes_by_many_names(tmp_path: Path, name: str) -> None:
    """Upper case and blanks do not matter."""
    assert len(site(tmp_path, f"{name},flow,label", "2026-03-02,1,0").time_us) == 1


@pytest.mark.parametrize(
    "name",
    ["label", "labels", "anomaly", "is_anomaly", "Anomaly Label", "anomaly_probability", "ground truth", "event"],
)
def test_the_label_goes_by_many_names(tmp_path: Path, name: str) -> None:
    """And is not taken for a measured value."""
    read = site(tmp_path, f"timestamp,flow,{name}", "2026-03-02,1,1")
    assert read.label.tolist() == [True]
    assert set(read.values) == {"flow"}


@pytest.mark.parametrize(
    ("written", "is_anomaly"),
    [
        ("1", True),
        ("0", False),
        ("0.5", True),
        ("0.49", False),
        ("true", True),
        ("Anomaly", True),
        ("no", False),
        ("", False),
    ],
)
def test_a_label_is_a_number_a_share_or_a_word(tmp_path: Path, written: str, *, is_anomaly: bool) -> None:
    """From one half up, and words that mean yes."""
    assert site(tmp_path, "timestamp,flow,label", f"2026-03-02,1,{written}").label.tolist() == [is_anomaly]


def test_votes_are_counted_where_there_is_no_label(tmp_path: Path) -> None:
    """Two of three people are a majority, one is not."""
    read = site(tmp_path, "timestamp,flow,person_1,person_2,person_3", "2026-03-02,1,1,1,0", "2026-03-03,1,1,0,0")
    assert read.label.tolist() == [True, False]
    assert set(read.values) == {"flow"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_occurs_most(tmp_path: Path, delimiter: str) -> None:
    """Commas, semicolons and tabs."""
    read = site(tmp_path, delimiter.join(["timestamp", "flow", "label"]), delimiter.join(["2026-03-02", "4.5", "1"]))
    assert read.values["flow"].tolist() == [4.5]


def test_rows_are_put_in_order_with_their_values_and_labels(tmp_path: Path) -> None:
    """A file may be shuffled; what belongs together stays together."""
    read = site(tmp_path, "timestamp,flow,label", "2026-03-04,3,1", "2026-03-02,1,0", "2026-03-03,2,0")
    assert (np.diff(read.time_us) > 0).all()
    assert (read.values["flow"].tolist(), read.label.tolist()) == ([1.0, 2.0, 3.0], [False, False, True])


def test_what_is_no_number_is_missing_and_a_column_of_words_is_left_out(tmp_path: Path) -> None:
    """A gap is NaN; a column that is mostly words is no measurement."""
    read = site(
        tmp_path, "timestamp,flow,weather,label", "2026-03-02,,rain,0", "2026-03-03,2,sun,0", "2026-03-04,3,sun,0"
    )
    assert np.isnan(read.values["flow"]).tolist() == [True, False, False]
    assert set(read.values) == {"flow"}


def test_a_row_of_another_length_is_passed_over(tmp_path: Path) -> None:
    """A line cut off by a crash costs itself."""
    assert len(site(tmp_path, "timestamp,flow,label", "2026-03-02,1,0", "2026-03-03,1").time_us) == 1


def test_a_file_that_nobody_labelled_is_not_used(tmp_path: Path) -> None:
    """Beside one that is, it is passed over; alone, it is said how to label."""
    assert len(sites(tmp_path, "timestamp,flow,label\n2026-03-02,1,0")) == 1
    assert [one.name for one in sites(tmp_path, "timestamp,flow\n2026-03-02,1", name="plain.csv")] == ["north"]
    (tmp_path / "north.csv").unlink()
    with pytest.raises(Unknown, match="no labelled series") as refusal:
        read_sites(tmp_path, text_of)
    assert "1 CSV files looked at" in refusal.value.detail
    assert "<site>.csv with a label" in str(refusal.value.limit)


@pytest.mark.parametrize("content", ["", "\n", "a,b\n1,2\n", "timestamp,label\n"])
def test_a_file_with_nothing_in_it_is_not_used(tmp_path: Path, content: str) -> None:
    """Empty, without a time, without rows: no site."""
    with pytest.raises(Unknown):
        sites(tmp_path, content)


def test_a_labelled_file_without_a_value_is_named(tmp_path: Path) -> None:
    """It was meant to be used, so what is missing is said."""
    with pytest.raises(Malformed, match=r"north\.csv has no column of numbers") as refusal:
        sites(tmp_path, "timestamp,weather,label\n2026-03-02,rain,0")
    assert refusal.value.remedy == "add a value column"


@pytest.mark.parametrize("written", ["9" * 25, "9" * 400, "yesterday", "", "2026-13-01", "\x00"])
def test_a_time_that_is_none_is_refused_with_its_text(tmp_path: Path, written: str) -> None:
    """Beyond the calendar, a word, nothing: named as it is written, at no great length."""
    with pytest.raises(Malformed, match="cannot be read") as refusal:
        sites(tmp_path, f"timestamp,flow,label\n{written},1,0")
    assert refusal.value.limit == "ISO 8601 or day/month/year"
    assert len(refusal.value.detail) < 120


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'timestamp,flow,label\n"{"x" * 200_000}",1,0', "not a table"),
        ("timestamp,,label\n2026-03-02,1,0", "no column of numbers"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """A field without an end, and values without a name."""
    with pytest.raises(Malformed, match=said):
        sites(tmp_path, content)


def labelled_beside(directory: Path, name: str, content: str) -> list[bool]:
    """Return the labels of a site of five minutes from a file beside it."""
    rows = [f"2026-03-02 00:0{minute},1" for minute in range(5)]
    (directory / name).write_text(content)
    return site(directory, "timestamp,flow", *rows).label.tolist()


@pytest.mark.parametrize("name", ["north_labels.csv", "north-labels.csv", "labels.csv"])
def test_labels_beside_a_file_are_joined_by_time(tmp_path: Path, name: str) -> None:
    """Only the times that are listed as anomalies are."""
    found = labelled_beside(tmp_path, name, "timestamp,label\n2026-03-02 00:01,1\n2026-03-02 00:03,0\n")
    assert found == [False, True, False, False, False]


def test_spans_beside_a_file_hold_both_their_ends(tmp_path: Path) -> None:
    """From the first minute to the last, and nothing before or behind."""
    found = labelled_beside(tmp_path, "labels.csv", "start,end\n2026-03-02 00:01,2026-03-02 00:03\n")
    assert found == [False, True, True, True, False]


def test_a_list_of_times_alone_lists_anomalies(tmp_path: Path) -> None:
    """Without a column of labels, being listed is the label."""
    found = labelled_beside(tmp_path, "north_labels.csv", "timestamp\n2026-03-02 00:02\n")
    assert found == [False, False, True, False, False]


@pytest.mark.parametrize("about", ["site", "file", "series"])
def test_labels_of_several_sites_are_kept_apart(tmp_path: Path, about: str) -> None:
    """Each line names whom it is about, with or without its ending."""
    lines = f"{about},timestamp\nnorth,2026-03-02 00:00\nnorth.csv,2026-03-02 00:01\nsouth,2026-03-02 00:02\n"
    assert labelled_beside(tmp_path, "labels.csv", lines) == [True, True, False, False, False]


def benchmark(directory: Path, windows: list[list[str]]) -> list[Labelled]:
    """Return the one series of a small benchmark, ten readings five minutes apart."""
    (directory / "data" / "g").mkdir(parents=True)
    (directory / "labels").mkdir()
    rows = [f"2026-03-02 00:{5 * step:02d}:00,{step}" for step in range(10)]
    (directory / "data" / "g" / "f.csv").write_text("\n".join(["timestamp,value", *rows]))
    (directory / "labels" / "combined_windows.json").write_text(json.dumps({"g/f.csv": windows}))
    return read_nab(directory, text_of)


def test_the_benchmark_is_known_by_its_two_folders(tmp_path: Path) -> None:
    """Labels alone or data alone are another layout."""
    assert not is_nab(tmp_path)
    benchmark(tmp_path, [])
    assert is_nab(tmp_path)


@pytest.mark.parametrize(
    ("first", "last", "rows"),
    [("00:10:00", "00:20:00", (2, 4)), ("00:11:00", "00:22:00", (3, 4)), ("00:00:00", "00:45:00", (0, 9))],
)
def test_a_window_becomes_the_rows_it_holds(tmp_path: Path, first: str, last: str, rows: tuple[int, int]) -> None:
    """Both ends belong to it; between readings it begins with the next and ends with the one before."""
    [series] = benchmark(tmp_path, [[f"2026-03-02 {first}.000000", f"2026-03-02 {last}.000000"]])
    assert series.windows == (rows,)
    assert (series.name, series.value.tolist()) == ("g/f.csv", list(range(10)))


def test_a_benchmark_without_series_is_refused_with_where_they_belong(tmp_path: Path) -> None:
    """Labels of nothing measure nothing."""
    benchmark(tmp_path, [])
    (tmp_path / "data" / "g" / "f.csv").unlink()
    with pytest.raises(Unknown) as refusal:
        read_nab(tmp_path, text_of)
    assert refusal.value.limit == "data/<group>/*.csv"


cells = some.one_of(
    some.text(max_size=12),
    some.from_regex(r"[0-9]{1,25}(\.[0-9]{1,3})?", fullmatch=True),
    some.sampled_from(
        ["2026-03-02", "2026-03-02 00:05", "02/03/2026 00:05", "0001-01-01", "9999-12-31T23:59:59+23:59"]
    ),
)
headers = some.sampled_from(["timestamp,flow,label", "date,time,flow,person_1", "time;flow;anomaly", ""])


@given(headers, some.lists(some.lists(cells, min_size=2, max_size=4), max_size=4), some.text(max_size=30))
def test_any_text_is_a_site_or_refused(header: str, rows: list[list[str]], rest: str) -> None:
    """Files come from strangers: whatever they hold, there is a site or one error."""
    delimiter = ";" if ";" in header else ","
    content = "\n".join([header, *(delimiter.join(row) for row in rows), rest])
    try:
        [found] = read_sites(OneFile(), lambda _: content)  # type: ignore[arg-type]  # it is asked for its files
    except (Malformed, Unknown):
        return
    assert len(found.time_us) == len(found.label)


class OneFile:
    """A directory with one file in it that is never written."""

    def rglob(self, pattern: str) -> list[Path]:
        """Return the one file."""
        return [Path("nowhere") / pattern.replace("*", "north")]


def test_what_is_not_utf8_is_replaced_and_a_byte_order_mark_is_no_name(tmp_path: Path) -> None:
    """Numbers and names matter; a broken letter in a comment does not."""
    (tmp_path / "north.csv").write_bytes(
        b"\xef\xbb\xbftimestamp,flow,label\n2026-03-02,1,0\n2026-03-03,\xff,0\n2026-03-04,2,0\n"
    )
    [read] = read_sites(tmp_path, text_of)
    assert len(read.time_us) == 3
