"""Who is near whom, on a line of sensors 111 m apart."""

import numpy as np

from impetus.core.ids import ThingKey
from impetus.core.observation import Catalogue
from impetus.tools.urban_anomaly.graph import FELLOWS, FURTHEST_M, LEAST_REACH_M, Graph, graph_of
from tools.urban_anomaly.town_of import catalogue_of, line, sensor, zoned


def fellows(graph: Graph, row: int) -> set[int]:
    """Return the fellows of a datastream."""
    return {int(each) for each in graph.fellows[row] if each >= 0}


def test_fellows_are_the_nearest_of_the_same_property() -> None:
    """In the middle of a long line: four to each side."""
    assert fellows(graph_of(line(30), 31), 15) == {11, 12, 13, 14, 16, 17, 18, 19}


def test_what_measures_something_else_is_no_fellow() -> None:
    """Noise beside flow is not expected to move alike."""
    catalogue = catalogue_of(sensor(1), sensor(2, observed_property="noise"), sensor(3))
    assert fellows(graph_of(catalogue, 4), 1) == {3}


def test_what_is_simulated_is_no_fellow_of_what_is_real() -> None:
    """An exercise does not hold the city against itself."""
    catalogue = catalogue_of(sensor(1), sensor(2, simulated=True), sensor(3, simulated=True))
    graph = graph_of(catalogue, 4)
    assert (fellows(graph, 1), fellows(graph, 2)) == (set(), {3})


def test_two_datastreams_of_one_thing_are_no_fellows() -> None:
    """A counter does not confirm itself."""
    catalogue = catalogue_of(sensor(1), sensor(2, thing=ThingKey("line/s1")), sensor(3))
    assert fellows(graph_of(catalogue, 4), 1) == {3}


def test_what_is_too_far_is_no_fellow() -> None:
    """Two kilometres is another district: from one end of the line, eighteen steps are the most."""
    catalogue = catalogue_of(sensor(1), sensor(19), sensor(20))
    graph = graph_of(catalogue, 21)
    assert fellows(graph, 1) == set()
    assert np.hypot(graph.east_m[1] - graph.east_m[19], graph.north_m[1] - graph.north_m[19]) > FURTHEST_M


def test_without_positions_the_zone_says_who_is_near() -> None:
    """Sensors of one zone are fellows, those of another are not."""
    near = {"point": None, "zone": zoned("quay")}
    graph = graph_of(catalogue_of(sensor(1, **near), sensor(2, **near), sensor(3, point=None)), 4)
    assert (fellows(graph, 1), fellows(graph, 3)) == ({2}, set())
    assert graph.are_near(1, 2)
    assert not graph.are_near(1, 3)


def test_one_event_reaches_as_far_as_the_city_is_dense() -> None:
    """The twelfth neighbour of a line's middle stands six steps away, 667 m; two steps are near, eight are not."""
    graph = graph_of(line(30), 31)
    assert 600 < graph.reach_m[15] < 700
    assert graph.are_near(15, 17)
    assert not graph.are_near(15, 23)


def test_a_lone_sensor_reaches_no_further_than_a_crossing() -> None:
    """There is nobody to measure the grain by."""
    assert graph_of(catalogue_of(sensor(1)), 2).reach_m[1] == LEAST_REACH_M


def test_an_empty_catalogue_has_nobody() -> None:
    """Before anything is declared there are rows and no neighbours."""
    graph = graph_of(Catalogue(), 1)
    assert graph.fellows.shape == (1, FELLOWS)
    assert fellows(graph, 0) == set()


def test_kin_are_of_one_property_and_one_reality() -> None:
    """What the whole city does is taken from those alone."""
    catalogue = catalogue_of(sensor(1), sensor(2), sensor(3, observed_property="noise"), sensor(4, simulated=True))
    kin = graph_of(catalogue, 5).kin.tolist()
    assert kin[0] == -1
    assert kin[1] == kin[2]
    assert len({kin[1], kin[3], kin[4]}) == 3
