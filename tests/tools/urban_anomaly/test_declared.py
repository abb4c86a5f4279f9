"""Series of files as a catalogue: numbers, places in time, and nobody is anybody's neighbour."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Int64s
from impetus.tools.urban_anomaly.declared import declared
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.views_together import fresh_together

MINUTE_US = 60_000_000


def times(*minutes: float) -> Int64s:
    """Return times."""
    return np.array([round(minute * MINUTE_US) for minute in minutes], dtype=np.int64)


def test_columns_are_numbered_from_one_through_all_files() -> None:
    """Two columns of the first file, one of the second, in the order given."""
    catalogue = declared([("north", {"flow": times(0, 5), "speed": times(0, 5)}), ("south", {"flow": times(0, 5)})])
    assert [(int(one.id), one.thing_name, one.observed_property) for one in catalogue.datastreams.values()] == [
        (1, "north", "flow"),
        (2, "north", "speed"),
        (3, "south", "flow"),
    ]
    assert catalogue.highest_id() == 3
    assert len({one.key for one in catalogue.datastreams.values()}) == 3


@pytest.mark.parametrize(
    ("minutes", "cadence_s"),
    [
        ((0, 5, 10, 15), 300.0),
        ((0, 5, 10, 600), 300.0),
        ((0, 5, 15), 450.0),
        ((0, 0.001, 0.002), 1.0),
        ((7, 7, 7), 1.0),
        ((3,), 60.0),
        ((), 60.0),
    ],
    ids=["even", "one long gap", "two paces", "faster than a second", "one moment", "one reading", "none"],
)
def test_the_cadence_is_the_median_step_and_at_least_a_second(minutes: tuple[float, ...], cadence_s: float) -> None:
    """A gap of hours does not slow a sensor down; where there is no step it is a minute."""
    [stream] = declared([("a", {"value": times(*minutes)})]).datastreams.values()
    assert stream.cadence_s == cadence_s


def test_each_column_has_a_pace_of_its_own() -> None:
    """A file may hold an hourly and a five-minute column."""
    streams = declared([("a", {"slow": times(0, 60, 120), "fast": times(0, 5, 10)})]).datastreams.values()
    assert [stream.cadence_s for stream in streams] == [3600.0, 300.0]


def test_columns_of_a_file_are_one_thing_and_files_are_strangers() -> None:
    """Within a file they are looked at together; between files there is neither a fellow nor a common event."""
    both = {"flow": times(0, 5), "speed": times(0, 5)}
    catalogue = declared([("north", both), ("south", both)])
    together = fresh_together()
    together.learn(catalogue)
    assert together.group_of.tolist() == [-1, 0, 0, 1, 1]
    graph = graph_of(catalogue, 5)
    assert (graph.fellows == -1).all()
    assert [graph.are_near(1, other) for other in (2, 3, 4)] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("realTraffic/speed_t4013.csv", "realtraffic-speed-t4013-csv"),
        ("Ålesund 5 ", "lesund-5"),
        ("東京", "site"),
        ("", "site"),
    ],
)
def test_a_files_name_becomes_a_zone(name: str, zone: str) -> None:
    """In small letters and figures; where none is left it is called a site."""
    [stream] = declared([(name, {"value": times(0)})]).datastreams.values()
    assert stream.zone == zone


@given(some.lists(some.text(max_size=12), max_size=4, unique=True), some.lists(some.text(max_size=6), max_size=3))
@settings(max_examples=30, deadline=None)
def test_any_names_make_a_catalogue(names: list[str], columns: list[str]) -> None:
    """As many datastreams as columns, ids without a gap, every zone a name."""
    catalogue = declared([(name, dict.fromkeys(columns, times(0, 1))) for name in names])
    assert list(catalogue.datastreams) == list(range(1, len(names) * len(set(columns)) + 1))
    assert all(re.fullmatch(r"[a-z0-9-]+", str(one.zone)) for one in catalogue.datastreams.values())


def test_no_files_are_an_empty_catalogue() -> None:
    """And so is a file without columns."""
    assert declared([]).highest_id() == declared([("a", {})]).highest_id() == 0
