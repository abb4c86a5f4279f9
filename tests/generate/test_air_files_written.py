"""Made-up samplers as files: what is in each, what is counted, and what is refused before anything is written."""

import csv
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.console import Console
from impetus.core.errors import Malformed
from impetus.core.place import Point, distance_m
from impetus.core.source_area import from_metres
from impetus.generate.air import EXTENT_M, START, Counts, Release
from impetus.generate.air_files import (
    HEADER,
    MIDDLE,
    MOST_SAMPLERS,
    MOST_SAMPLES,
    OFTEN_H,
    _figure,
    _rows,
    _source_rows,
    generate_air,
)
from impetus.generate.air_instrument import report
from impetus.tools.bacteria.regions import region_figures
from impetus.tools.bacteria.series import series_in

SMALL: dict[str, Any] = {"seed": 3, "samplers": 2, "years": 1.0, "every_h": 6.0}


def ignore(_: str) -> None:
    """Say nothing."""


def table(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of its columns."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object], list[str]]:
    """Return a directory of two samplers that count every six hours, what was said of it, and the progress."""
    directory, said = tmp_path_factory.mktemp("air") / "deep" / "made", list[str]()
    return directory, generate_air(directory, progress=said.append, releases=5, **SMALL), said


def test_the_answer_is_what_the_directory_says_of_itself(made: tuple[Path, dict[str, object], list[str]]) -> None:
    """`air.json` holds the same figures, and that nothing of it was measured."""
    directory, figures, _ = made
    about = json.loads((directory / "air.json").read_text(encoding="utf-8"))
    assert figures == {"directory": str(directory), **about}
    assert (about["simulated"], about["releases"], about["samples"]) == (True, 5, 2 * 1_461)


def test_progress_names_each_sampler_as_it_is_written(made: tuple[Path, dict[str, object], list[str]]) -> None:
    """With the samples so far."""
    assert made[2] == ["sampler a001 of 2: 1,461 samples", "sampler a002 of 2: 2,922 samples"]


def test_a_sampler_has_one_row_a_sample_at_its_time(made: tuple[Path, dict[str, object], list[str]]) -> None:
    """From the first of January 2022, six hours apart, in the columns the tool's evaluation reads."""
    rows = table(made[0] / "a001.csv")
    assert tuple(rows[0]) == HEADER
    times = [datetime.fromisoformat(row["time"]) for row in rows]
    assert times[0] == START
    assert {after - before for before, after in pairwise(times)} == {timedelta(hours=6)}


def test_figures_count_what_the_files_hold(made: tuple[Path, dict[str, object], list[str]]) -> None:
    """Fault samples by their label; outbreaks by their beginnings, however their size goes up and down."""
    directory, figures, _ = made
    files = [table(directory / f"a{number:03d}.csv") for number in (1, 2)]
    assert figures["fault_samples"] == sum(bool(row["fault"]) for rows in files for row in rows)
    begun = 0
    for rows in files:
        felt = np.array([float(row["outbreak"]) > 0 for row in rows])
        begun += int(felt[0]) + int((felt[1:] & ~felt[:-1]).sum())
    assert figures["outbreaks"] == begun


def test_samplers_and_sources_stand_around_the_middle_of_the_city(
    made: tuple[Path, dict[str, object], list[str]],
) -> None:
    """Within the square of six kilometres, to a metre."""
    directory = made[0]
    for name, least in (("samplers", 2), ("sources", 5)):
        rows = table(directory / f"{name}.csv")
        assert len(rows) == least
        for row in rows:
            place = Point(lon=float(row["lon"]), lat=float(row["lat"]))
            assert distance_m(MIDDLE, place) <= EXTENT_M / 2**0.5 + 1


def test_releases_end_after_they_begin_and_the_wind_covers_them(
    made: tuple[Path, dict[str, object], list[str]],
) -> None:
    """An hour of wind a row, from the first sample to beyond the last release."""
    directory = made[0]
    wind = [datetime.fromisoformat(row["time"]) for row in table(directory / "wind.csv")]
    assert wind[0] == START
    for row in table(directory / "sources.csv"):
        began, ended = datetime.fromisoformat(row["began"]), datetime.fromisoformat(row["ended"])
        assert wind[0] < began < ended < wind[-1]


def test_the_tools_own_reader_reads_what_was_written(made: tuple[Path, dict[str, object], list[str]]) -> None:
    """Every sample with its outbreak and fault; a missing value is no sample."""
    file = made[0] / "a002.csv"
    [series] = series_in("a002", file.read_text(encoding="utf-8"))
    rows = [row for row in table(file) if row["value"]]
    assert len(series) == len(rows)
    assert list(series.fault) == [row["fault"] for row in rows]
    assert series.outbreak.tolist() == [float(row["outbreak"]) for row in rows]


def test_the_tools_own_reader_of_releases_reads_where_they_were(
    made: tuple[Path, dict[str, object], list[str]],
) -> None:
    """All five are counted, whatever can be said of them with two samplers."""
    figures = region_figures(made[0], lambda file: file.read_text(encoding="utf-8"), [])
    assert figures == {"sources": 5, "regions": 0, "sectors": 0, "nothing_said": 5}


def test_samples_rarer_than_six_hours_have_no_releases(tmp_path: Path) -> None:
    """Plumes pass between them unseen: the file of sources has its header and no row."""
    asked = SMALL | {"every_h": OFTEN_H + 0.5, "samplers": 1}
    figures = generate_air(tmp_path / "air", progress=ignore, releases=5, **asked)
    assert figures["releases"] == 0
    assert (tmp_path / "air" / "sources.csv").read_text(encoding="utf-8") == "source,began,ended,lon,lat\n"


def test_a_quiet_city_without_faults_is_all_calm(tmp_path: Path) -> None:
    """Nought outbreaks and nought faults a year are none of either."""
    asked = SMALL | {"every_h": 24.0, "samplers": 3}
    figures = generate_air(tmp_path / "a", progress=ignore, outbreaks_per_year=0.0, faults_per_year=0.0, **asked)
    assert (figures["outbreaks"], figures["fault_samples"]) == (0, 0)


def test_a_sampler_is_the_same_however_many_stand_beside_it(tmp_path: Path) -> None:
    """Byte for byte where there are no releases, since each draws from a seed of its own; the second is another."""
    for name, samplers in (("few", 1), ("many", 2)):
        generate_air(tmp_path / name, progress=ignore, **(SMALL | {"every_h": 24.0, "samplers": samplers}))
    alone, beside, other = (tmp_path / file for file in ("few/a001.csv", "many/a001.csv", "many/a002.csv"))
    assert alone.read_bytes() == beside.read_bytes() != other.read_bytes()


def test_an_empty_directory_that_is_there_is_used(tmp_path: Path) -> None:
    """Somebody made it for this."""
    asked = SMALL | {"every_h": 168.0, "samplers": 1}
    assert generate_air(tmp_path, progress=ignore, **asked)["samples"] == 52


def test_a_file_in_the_directorys_place_is_refused(tmp_path: Path) -> None:
    """And kept."""
    taken = tmp_path / "air"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(Malformed, match="not an empty directory"):
        generate_air(taken, progress=ignore, **SMALL)
    assert taken.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [
        ("seed", 2**31, "0..2147483647"),
        ("samplers", MOST_SAMPLERS + 1, "1..1000"),
        ("years", 0.49, "0.5..10"),
        ("years", float("nan"), "0.5..10"),
        ("every_h", 168.1, "0.25..168.0"),
        ("every_h", float("inf"), "0.25..168.0"),
        ("outbreaks_per_year", -0.1, "0..12"),
        ("outbreaks_per_year", float("nan"), "0..12"),
        ("faults_per_year", 1e9, "0..24"),
        ("faults_per_year", float("nan"), "0..24"),
        ("releases", -1, "0..1000"),
        ("releases", 1_001, "0..1000"),
    ],
)
def test_a_size_is_refused_with_its_value_and_its_limit(name: str, value: float, limit: str, tmp_path: Path) -> None:
    """Before anything is written, also when it is not a number."""
    with pytest.raises(Malformed, match=f"{name} is") as refused:
        generate_air(tmp_path / "air", progress=ignore, **(SMALL | {name: value}))
    assert (refused.value.limit, refused.value.remedy) == (limit, "choose one in range")
    assert not (tmp_path / "air").exists()


def test_too_many_samples_are_refused_though_each_size_is_allowed(tmp_path: Path) -> None:
    """Ten years by the quarter of an hour are 350,640 samples a sampler."""
    with pytest.raises(Malformed, match="350,640 samples") as refused:
        generate_air(tmp_path / "air", progress=ignore, **(SMALL | {"years": 10.0, "every_h": 0.25}))
    assert refused.value.limit == f"{MOST_SAMPLES:,}"


@pytest.mark.parametrize(
    ("value", "said"),
    [(float("nan"), ""), (0.0, "0"), (-0.25, "-0.25"), (6.6666666, "6.66667"), (65_535.0, "65535"), (1e-9, "1e-09")],
)
def test_a_figure_is_six_digits_and_what_is_not_a_number_is_empty(value: float, said: str) -> None:
    """An empty cell is read back as no value."""
    assert _figure(value) == said


def test_a_row_is_the_time_the_reports_the_outbreak_and_the_fault() -> None:
    """One sample of twenty counts in an outbreak of six."""
    time_us = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp() * 1_000_000)
    counts = Counts(time_us=np.array([time_us]), expected=np.ones(1), count=np.full(1, 20.0), outbreak=np.full(1, 6.0))
    reported = report(np.random.default_rng(0), counts, faults_per_year=0.0)
    [row] = _rows([time_us], reported, counts.outbreak)
    assert len(row) == len(HEADER)
    assert (row[0], row[-2], row[-1]) == ("2024-02-29T12:00:00+00:00", "6", "")


def test_a_source_is_numbered_and_placed_in_degrees() -> None:
    """A kilometre north of the middle."""
    one = Release(began_us=0, ended_us=3_600_000_000, east_m=0.0, north_m=1_000.0, strength=5.0)
    [row] = _source_rows([one])
    assert row[:3] == ("r01", "1970-01-01T00:00:00+00:00", "1970-01-01T01:00:00+00:00")
    place = Point(lon=float(str(row[3])), lat=float(str(row[4])))
    assert distance_m(place, from_metres(MIDDLE, 0.0, 1_000.0)) < 1.0
    assert distance_m(place, MIDDLE) == pytest.approx(1_000.0, abs=5.0)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Console:
    """Give a person at the console."""
    return Console(monkeypatch=monkeypatch, capture=capsys, home=tmp_path)


def test_the_command_writes_samplers_and_says_so_in_one_line(console: Console, tmp_path: Path) -> None:
    """Figures on standard output, samplers on standard error."""
    words = ("generate", "air", str(tmp_path / "a"), "--samplers", "2", "--years", "1", "--seed", "7", "--json")
    said = console.type(*words)
    assert (said.code, said.facts["samples"], said.facts["seed"]) == (0, 730, 7)
    assert said.out.count("\n") == 1
    assert "sampler a002 of 2" in said.err


def test_the_command_without_json_prints_figures_one_a_line(console: Console, tmp_path: Path) -> None:
    """The same, for people."""
    said = console.type("generate", "air", str(tmp_path / "a"), "--samplers", "1", "--years", "0.5", "--every-h", "168")
    assert said.code == 0
    assert '\n  "samplers": 1,\n' in said.out
    assert said.facts["every_h"] == 168.0


@pytest.mark.parametrize(
    ("kind", "words", "named"),
    [
        ("air", ("--samplers", "0"), "samplers is 0"),
        ("air", ("--years", "nan"), "years is nan"),
        ("city", ("--streams", "49"), "streams is 49"),
        ("city", ("--weeks", "2"), "weeks is 2"),
        ("sites", ("--sites", "101"), "sites is 101"),
        ("sites", ("--weeks", "1"), "weeks is 1"),
        ("sites", ("--seed", "-1"), "seed is -1"),
    ],
)
def test_a_size_out_of_range_is_one_line_and_an_exit_code(
    kind: str, words: tuple[str, ...], named: str, console: Console, tmp_path: Path
) -> None:
    """No traceback, nothing written."""
    said = console.type("generate", kind, str(tmp_path / "out"), *words)
    assert said.code == 65
    assert named in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [("--faults-per-year", "25"), ("--outbreaks-per-year", "nan"), ("--seed", "many")])
def test_an_option_that_is_no_such_number_is_a_wrong_use(words: tuple[str, str], console: Console) -> None:
    """Told by its name, with the exit code of a wrong use."""
    said = console.type("generate", "air", str(console.home / "out"), *words)
    assert said.code == 2
    assert words[0] in said.err
    assert not (console.home / "out").exists()
