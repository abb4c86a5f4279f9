"""A made-up city as files: what is in them, and that they follow from the seed."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.console import Console
from impetus.core.errors import Malformed
from impetus.generate.city_files import generate_city

QUIET = {"progress": lambda _: None}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a city of 60 datastreams and three weeks, written once."""
    directory = tmp_path_factory.mktemp("cities") / "city"
    generate_city(directory, seed=1, streams=60, weeks=3, **QUIET)
    return directory


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of its columns."""
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_datastream_is_declared_with_its_place_and_pace(city: Path) -> None:
    """Ids 1..60; a unit, a position, a thing and a zone each."""
    streams = rows(city / "streams.csv")
    assert [int(stream["id"]) for stream in streams] == list(range(1, 61))
    assert all(stream[name] for stream in streams for name in ("kind", "unit", "lon", "lat", "thing", "zone"))


def test_observations_come_by_day_in_the_order_they_arrive(city: Path) -> None:
    """One file a day; arrival, then datastream; lost readings have no row."""
    files = sorted((city / "observations").glob("*.parquet"))
    assert len(files) == 21
    table = pq.read_table(files[0])
    arrival = table["time"].cast("int64").to_numpy() + table["late_s"].to_numpy().astype(np.int64) * 1_000_000
    order = np.lexsort((table["stream"].to_numpy(), arrival))
    assert np.array_equal(order, np.arange(len(order)))
    assert np.isfinite(table["value"].to_numpy()).all()


def test_the_truth_names_datastreams_that_exist(city: Path) -> None:
    """Every event and fault is about declared datastreams; days of the calendar are about all."""
    for event in rows(city / "events.csv"):
        named = {int(item) for item in event["streams"].split()}
        assert named <= set(range(1, 61))
        assert bool(named) == (event["kind"] not in {"holiday", "dst"})
        assert event["start"] <= event["onset"] <= event["end"]


def test_what_was_announced_is_a_plan_with_a_zone(city: Path) -> None:
    """The announced match is in the plan, once for each zone its crowd reaches; the other one is not."""
    planned = rows(city / "planned.csv")
    zone_of = {stream["id"]: stream["zone"] for stream in rows(city / "streams.csv")}
    matches = [event for event in rows(city / "events.csv") if event["kind"] == "football_match"]
    [announced] = [match for match in matches if match["class"] == "expected"]
    assert {row["zone"] for row in planned} == {zone_of[stream] for stream in announced["streams"].split()}
    assert {row["start"] for row in planned} == {announced["start"]}


def test_the_city_says_that_it_is_made_up(city: Path) -> None:
    """Its zone, country and seed are beside the data."""
    about = json.loads((city / "city.json").read_text())
    assert (about["simulated"], about["timezone"], about["country"], about["seed"]) == (True, "Europe/Oslo", "NO", 1)


def test_the_same_seed_writes_the_same_files(city: Path, tmp_path: Path) -> None:
    """Byte for byte."""
    generate_city(tmp_path / "again", seed=1, streams=60, weeks=3, **QUIET)
    for file in ("streams.csv", "events.csv", "observations/2026-04-07.parquet"):
        assert (tmp_path / "again" / file).read_bytes() == (city / file).read_bytes()


def test_a_directory_in_use_is_left_alone(city: Path) -> None:
    """Nothing is overwritten."""
    before = (city / "events.csv").read_bytes()
    with pytest.raises(Malformed, match="not an empty directory"):
        generate_city(city, seed=2, streams=60, weeks=3, **QUIET)
    assert (city / "events.csv").read_bytes() == before


@given(streams=st.integers(-5, 200_000), weeks=st.integers(-5, 100), seed=st.integers(-3, 2**40))
@settings(max_examples=30, deadline=None)
def test_sizes_out_of_range_are_refused_by_name(
    streams: int, weeks: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Before anything is written."""
    good = 50 <= streams <= 100_000 and 3 <= weeks <= 52 and 0 <= seed < 2**31
    if good:
        return
    target = tmp_path_factory.getbasetemp() / "never"
    with pytest.raises(Malformed, match=r"streams|weeks|seed"):
        generate_city(target, seed=seed, streams=streams, weeks=weeks, **QUIET)
    assert not target.exists()


def test_the_command_writes_a_city_and_says_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Figures on standard output, days on standard error; a second time is refused with one line."""
    console = Console(monkeypatch=monkeypatch, capture=capsys, home=tmp_path)
    words = ("generate", "city", str(tmp_path / "c"), "--seed", "2", "--streams", "50", "--weeks", "3", "--json")
    said = console.type(*words)
    assert said.code == 0
    assert said.facts["readings"] > 100_000
    assert "day 21 of 21" in said.err
    again = console.type(*words)
    assert again.code == 65
    assert len(again.err.strip().splitlines()) == 1
