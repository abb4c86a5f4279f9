"""What is left to a tool that knows the instrument."""

from dataclasses import replace

from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue
from impetus.tools.urban_anomaly.left import LEAVES, left_out, watched
from impetus.tools.urban_anomaly.tool import Tool
from tools.urban_anomaly.street import catalogue


def mixed() -> Catalogue:
    """Return three counters, the second of which is an air sampler's load."""
    streams = dict(catalogue(3).datastreams)
    second = DatastreamId(2)
    return Catalogue(
        version=1, datastreams={**streams, second: replace(streams[second], observed_property="airborne_bacteria")}
    )


def test_an_air_sampler_is_left_and_its_neighbours_are_not() -> None:
    """By default; with an empty list nothing is left."""
    assert set(watched(mixed(), LEAVES).datastreams) == {1, 3}
    assert set(watched(mixed(), "").datastreams) == {1, 2, 3}


def test_a_list_may_be_untidy() -> None:
    """Spaces and empty places say nothing."""
    assert left_out(" a ,,b, ") == {"a", "b"}
    assert "quality_flag" in left_out(LEAVES)


def test_the_tool_does_not_watch_what_it_leaves() -> None:
    """Neither from the start nor when the catalogue changes."""
    tool = Tool.create({}, mixed())
    assert 2 not in tool.catalogue.datastreams
    tool.learn(mixed())
    assert 2 not in tool.catalogue.datastreams
    assert 2 in Tool.create({"leaves": ""}, mixed()).catalogue.datastreams
