"""The city as cells: hexagons for any place, chances worked by hand, and frames that look back and never ahead."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source, to_us
from impetus.core.place import Point, distance_m
from impetus.core.standing import Standing, StandingState, past_of, unknown_standing
from impetus.desk.city_view import FAULT, SILENT, Level, cells_of, city_view, frames, levels_now, surprises
from impetus.desk.context import Desk
from impetus.testing.desk import clock_of, memory_desk

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
UAD = ToolId("urban_anomaly")
KARI = Actor(name="kari", role=Role.OPERATOR)
DAG = Actor(name="dag", role=Role.DPO)
S = StandingState
MINUTE = timedelta(minutes=1)


def datastream(number: int, point: Point | None, thing: str = "") -> Datastream:
    """Return a datastream at a place."""
    return Datastream(
        id=DatastreamId(number),
        key=DatastreamKey(f"city/{thing or number}/noise"),
        source=SourceId("city"),
        thing=ThingKey(f"city/{thing or number}"),
        thing_name=f"Meter {thing or number}",
        observed_property="noise",
        unit="dB(A)",
        point=point,
    )


def north(metres: float) -> Point:
    """Return a place so many metres north of the city hall."""
    return Point(lon=10.7339, lat=59.9127 + metres / 111_195)


def stands(p: Sequence[float], state: Sequence[int], at: datetime = AT) -> Standing:
    """Return datastreams 1, 2, 3 … with these chances and states."""
    ids = np.arange(1, len(p) + 1)
    return replace(
        unknown_standing(ids, at_us=to_us(at)),
        p=np.array(p),
        state=np.array(state, dtype=np.uint8),
        measured=60.0 + ids.astype(np.float64),
        low=np.full(len(p), 50.0),
        high=np.full(len(p), 60.0),
    )


def cities(*points: Point | None) -> Mapping[DatastreamId, Datastream]:
    """Return a catalogue of datastreams at these places."""
    made = [datastream(number, point) for number, point in enumerate(points, 1)]
    return {each.id: each for each in made}


@pytest.fixture
def desk() -> Desk:
    """Return a city of four meters: two on one corner, one far north, one without a place."""
    desk = memory_desk(AT)
    source = Source(id=SourceId("city"), name="City", kind="mqtt")
    made = [
        datastream(0, north(0), "a"),
        datastream(0, north(1), "b"),
        datastream(0, north(900), "c"),
        datastream(0, None, "d"),
    ]
    with desk.store.write() as unit:
        unit.sources.declare(source, made)
    return desk


def test_sensors_side_by_side_share_a_cell_and_far_ones_do_not() -> None:
    """Two at one corner, one 900 m away; one without a place is in no cell."""
    cells = cells_of(cities(north(0), north(1), north(900), None))
    assert sorted(cells.size.tolist()) == [1, 2]
    assert cells.of(np.array([1, 2]))[0] == cells.of(np.array([1, 2]))[1]
    assert cells.of(np.array([4, 99])).tolist() == [-1, -1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-170, 170), st.floats(-75, 75)), min_size=1, max_size=30, unique=True))
def test_every_sensor_lies_in_the_cell_it_is_counted_in(places: list[tuple[float, float]]) -> None:
    """Wherever sensors are: sizes add up, and near the middle of the place the centre is less than a cell away."""
    catalogue = cities(*(Point(lon=lon, lat=lat) for lon, lat in places))
    cells = cells_of(catalogue)
    assert cells.size.sum() == len(places)
    near = [each for each in catalogue.values() if each.point and abs(each.point.lat - places[0][1]) < 0.0001]
    if len(near) == len(places):
        for each in near:
            cell = int(cells.of(np.array([each.id]))[0])
            assert each.point
            centre = Point(lon=float(cells.lon[cell]), lat=float(cells.lat[cell]))
            assert distance_m(each.point, centre) <= cells.edge_m


def test_no_sensor_is_no_cell() -> None:
    """An installation without sensors has a map without cells."""
    cells = cells_of({})
    assert len(cells.size) == 0
    assert cells.of(np.array([1])).tolist() == [-1]
    assert levels_now(stands([0.5], [S.CALM]), cells).tolist() == []


@pytest.mark.parametrize(
    ("p", "level"),
    [(0.06, Level.USUAL), (0.04, Level.ONE_IN_20), (0.009, Level.ONE_IN_100), (0.0009, Level.ONE_IN_1000)],
)
def test_one_sensor_is_as_surprising_as_its_reading(p: float, level: Level) -> None:
    """Alone in its cell."""
    assert levels_now(stands([p], [S.CALM]), cells_of(cities(north(0)))).tolist() == [level]


def test_among_many_the_least_chance_counts_for_less() -> None:
    """One of ten at 0.004 is 1 - 0.996^10 = 0.039 for the cell: one in twenty, not one in a hundred."""
    cells = cells_of(cities(*(north(0) for _ in range(10))))
    found = levels_now(stands([0.004, *[0.5] * 9], [S.CALM] * 10), cells)
    assert math.isclose(1 - 0.996**10, 0.039, abs_tol=0.001)
    assert found.tolist() == [Level.ONE_IN_20]


@pytest.mark.parametrize(
    ("p", "state", "code"),
    [
        ([math.nan], [S.LEARNING], Level.LEARNING),
        ([math.nan], [S.SILENT], Level.NOTHING | SILENT),
        ([math.nan], [S.FAULT], Level.NOTHING | FAULT),
        ([1e-9], [S.FAULT], Level.NOTHING | FAULT),
        ([0.5, math.nan], [S.CALM, S.SILENT], Level.USUAL | SILENT),
        ([0.5, math.nan], [S.CALM, S.LEARNING], Level.USUAL),
        ([0.5, 0.2], [S.CALM, S.STRANGE], Level.EVENT),
        ([0.0], [S.CALM], Level.ONE_IN_1000),
    ],
)
def test_a_cell_says_what_its_sensors_say(p: list[float], state: list[int], code: int) -> None:
    """An event wins; a fault or a silence shows beside; a sensor at fault surprises nobody about the city."""
    cells = cells_of(cities(*(north(0) for _ in p)))
    assert levels_now(stands(p, state), cells).tolist() == [code]


def test_a_frame_shows_its_last_moment_and_any_event_within() -> None:
    """Three moments in one frame: the surprise of the last, the event of the first; the next frame is empty."""
    cells = cells_of(cities(north(0), north(900)))
    moments = [([0.001, 0.5], [S.STRANGE, S.CALM]), ([0.5, 0.0001], [S.CALM, S.CALM]), ([0.5, 0.03], [S.CALM, S.CALM])]
    rows = [past_of(stands(p, state), to_us(AT) + number * 60_000_000) for number, (p, state) in enumerate(moments, 1)]
    joined = replace(
        rows[0],
        **{
            name: np.concatenate([getattr(row, name) for row in rows])
            for name in ("datastream", "time_us", "measured", "expected", "low", "high", "p", "state")
        },
    )
    step = 300_000_000
    levels, counted = frames(joined, cells, to_us(AT) // step + 1, 2, step)
    own = cells.of(np.array([1, 2]))
    assert levels[0, own].tolist() == [Level.EVENT, Level.ONE_IN_20]
    assert levels[1].tolist() == [Level.NOTHING, Level.NOTHING]
    assert counted.tolist() == [[0, 0], [0, 0], [0, 0]]


def test_the_last_frame_is_now_and_the_past_is_not_touched_by_it(desk: Desk) -> None:
    """An event now is in the last frame only; an hour ago it was calm."""
    calm, strange = [0.5] * 4, [S.CALM] * 3
    desk.standings.append(UAD, past_of(stands(calm, [*strange, S.CALM], AT - 60 * MINUTE), to_us(AT - 60 * MINUTE)))
    desk.standings.put(UAD, stands(calm, [S.STRANGE, S.CALM, S.SILENT, S.CALM]))
    view = city_view(desk, KARI, hours=6)
    assert view.strange.tolist()[-1] == 1
    assert view.strange.sum() == 1
    assert view.silent.tolist()[-1] == 1
    assert (view.levels == Level.EVENT).sum(axis=1).tolist() == [0] * (len(view.time_us) - 1) + [1]
    assert view.unplaced == 1
    assert view.time_us[-1] == to_us(AT)
    assert np.all(np.diff(view.time_us) > 0)


def test_what_is_most_surprising_is_told_by_thing_events_first(desk: Desk) -> None:
    """The event before the rarer reading; calm and ordinary ones are not told."""
    desk.standings.put(UAD, stands([0.02, 0.5, 0.0001, 0.5], [S.STRANGE, S.CALM, S.CALM, S.CALM]))
    found = surprises(desk, KARI)
    assert [each.datastream.thing_name for each in found.items] == ["Meter a", "Meter c"]
    assert found.more == 0
    assert found.judged == 4


def test_one_cell_is_told_whole_and_a_past_moment_as_it_was(desk: Desk) -> None:
    """Calm sensors too, with the hours that led there; ten minutes ago another one was strange."""
    then = AT - 10 * MINUTE
    desk.standings.append(UAD, past_of(stands([0.5] * 4, [S.CALM, S.CALM, S.STRANGE, S.CALM]), to_us(then)))
    desk.standings.put(UAD, stands([0.5] * 4, [S.STRANGE, S.CALM, S.CALM, S.CALM]))
    cell = int(cells_of({each.id: each for each in _all(desk)}).of(np.array([1]))[0])
    assert [each.datastream.thing_name for each in surprises(desk, KARI, cell=cell).items] == ["Meter a", "Meter b"]
    before = surprises(desk, KARI, at=then + MINUTE)
    assert [each.datastream.thing_name for each in before.items] == ["Meter c"]
    assert before.items[0].time_us.tolist() == [to_us(then)]
    assert before.at == then + MINUTE


def test_who_may_not_see_sensors_is_refused(desk: Desk) -> None:
    """The data protection officer sees no content."""
    for act in (lambda: city_view(desk, DAG), lambda: surprises(desk, DAG)):
        with pytest.raises(Refused):
            act()


def test_an_old_standing_is_called_old(desk: Desk) -> None:
    """A minute after the tool last answered the view says that it is not now."""
    desk.standings.put(UAD, stands([0.5] * 4, [S.CALM] * 4))
    assert not city_view(desk, KARI).sensors.is_stale
    clock_of(desk).advance(61)
    assert city_view(desk, KARI).sensors.is_stale
    assert city_view(desk, KARI).sensors.as_of == AT


def _all(desk: Desk) -> list[Datastream]:
    with desk.store.read() as unit:
        return list(unit.sources.catalogue().datastreams.values())
