"""The bench of a city at a hundred times real time: what it counts, without a server."""

import numpy as np

from impetus.bench.city import PROBES, City, declaration, delays_s, figures_of
from impetus.bench.ingest import Feed


def city() -> City:
    """Return three datastreams, of which two jump."""
    feed = Feed(host="127.0.0.1", port=1, token="")
    feed.accepted, feed.refused = 900, 1
    made = City(feed=feed, ids=np.array([1, 2, 3], dtype=np.int64))
    made.jumping = {1, 2}
    made.sent = {1: [10.0, 13.0, 16.0], 2: [20.0]}
    return made


def test_the_clock_runs_from_the_second_strange_reading() -> None:
    """Sent at 10 and 13, shown at 13.5: half a second; with one reading alone, from that one."""
    assert delays_s(city(), {1: 13.5, 2: 20.25}) == [0.5, 0.25]


def test_an_alert_before_the_second_reading_is_no_time_travel() -> None:
    """A tool that spoke at the first reading had no delay."""
    assert delays_s(city(), {1: 12.0}) == [0.0]
    assert delays_s(city(), {9: 1.0}) == []


def test_figures_count_what_was_shown_and_what_was_not() -> None:
    """Two probes, one shown; after the kill one of one."""
    figures = figures_of(city(), {1: 13.5}, [800.0, 900.4], (1, 1))
    assert (figures["probes"], figures["probes_shown"], figures["alarm_delay_p99_s"]) == (2, 1, 0.5)
    assert (figures["probes_after_kill"], figures["probes_after_kill_shown"]) == (1, 1)
    assert (figures["memory_mib"], figures["readings"], figures["refused"]) == (900, 900, 1)


def test_a_run_that_showed_nothing_has_no_delay() -> None:
    """Not a delay of nought."""
    assert figures_of(city(), {}, [], (0, 0))["alarm_delay_p99_s"] is None


def test_probes_stand_far_from_each_other_and_the_rest_in_streets() -> None:
    """More than a kilometre between probes, a few hundred metres between the others, each with its own pace."""
    things = declaration(PROBES + 100)["things"]
    assert isinstance(things, list)
    lat = [thing["position"][1] for thing in things]
    assert min(np.diff(lat[:PROBES])) * 111_195 > 1_000
    assert len({tuple(thing["position"]) for thing in things}) == PROBES + 100
    assert {stream["cadence_s"] for thing in things for stream in thing["datastreams"]} == {300.0}
