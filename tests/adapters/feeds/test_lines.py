"""Figures of a line from its vehicles and journeys: what is counted, what is in the middle, and what never is told."""

import math
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import told
from impetus.adapters.feeds.lines import LineTally
from impetus.core.feed import FeedDraft, FeedReport
from impetus.core.quantity import COUNTS, LINES

NAMES = st.sampled_from(["12", "17", "Ring", "Ring 2"])
DELAYS = st.none() | st.floats(-7200, 86_400)


def written(tally: LineTally) -> FeedReport:
    """Return what a tally says at the beginning of time."""
    draft = FeedDraft()
    tally.write(draft, 0)
    return draft.report()


def figures(tally: LineTally) -> dict[str, float | None]:
    """Return the figures by key."""
    return {key: value for key, _, value in told(written(tally))}


def test_a_tally_of_nothing_says_nothing() -> None:
    """Zeros of known lines are added by whoever knows them."""
    assert figures(LineTally()) == {}


def test_vehicles_and_journeys_are_counted_apart() -> None:
    """A feed may tell both of the same tram."""
    tally = LineTally()
    tally.vehicle("12", delay_s=30.0)
    tally.journey("12", delay_s=90.0)
    tally.journey("12", delay_s=600.0, is_cancelled=True)
    assert figures(tally) == {
        "12/vehicles": 1.0,
        "12/journeys": 2.0,
        "12/cancelled": 1.0,
        "12/delay": 60.0,
        "12/delay_worst": 90.0,
    }


@pytest.mark.parametrize("delay_s", [-7201.0, 86_401.0, math.nan, math.inf, -math.inf])
def test_a_delay_beyond_a_day_is_a_wrong_clock(delay_s: float) -> None:
    """It is not told; the vehicle is."""
    tally = LineTally()
    tally.vehicle("12", delay_s=delay_s)
    assert figures(tally) == {"12/vehicles": 1.0}


@pytest.mark.parametrize("speed_mps", [-1.0, math.nan, math.inf])
def test_a_speed_that_cannot_be_is_none(speed_mps: float) -> None:
    """A receiver without a fix sends such."""
    tally = LineTally()
    tally.vehicle("12", speed_mps=speed_mps)
    tally.vehicle("12", speed_mps=8.0)
    assert figures(tally)["12/vehicle_speed"] == 8.0


def test_a_line_is_called_as_people_call_it_by_the_first_who_says() -> None:
    """An empty name is no name."""
    tally = LineTally()
    for name in ("", "Harbour - Hill", "Hill - Harbour"):
        tally.name("12", name)
    tally.vehicle("12")
    tally.vehicle("13")
    assert [stream.thing.name for stream in written(tally).streams] == ["Harbour - Hill", "13"]


@settings(max_examples=50)
@given(st.lists(st.tuples(NAMES, DELAYS, st.none() | st.floats(0, 60)), max_size=20))
def test_the_figures_are_those_of_the_vehicles(seen: list[tuple[str, float | None, float | None]]) -> None:
    """Counted and sorted by hand."""
    tally = LineTally()
    for line, delay_s, speed in seen:
        tally.vehicle(line, delay_s=delay_s, speed_mps=speed)
    report = written(tally)
    found = {
        (stream.thing.name, stream.measure.property): value
        for stream, value in zip(
            [report.streams[each] for each in report.stream.tolist()], report.result.tolist(), strict=True
        )
    }
    for line in {name for name, _, _ in seen}:
        delays = [delay_s for name, delay_s, _ in seen if name == line and delay_s is not None]
        assert found[line, "vehicles"] == sum(name == line for name, _, _ in seen)
        if delays:
            assert found[line, "delay"] == pytest.approx(median(delays))
            assert min(delays) <= found[line, "delay"] <= found[line, "delay_worst"] == max(delays)
        else:
            assert (line, "delay") not in found


def test_every_figure_has_a_measure_and_counts_say_that_they_are_counts() -> None:
    """Who fills in zeros knows them by name."""
    assert {"vehicles", "journeys", "cancelled", "disruptions"} == COUNTS
    assert all(measure.unit == "1" and measure.lowest == 0 for name, measure in LINES.items() if name in COUNTS)
    assert not any(measure.is_count for name, measure in LINES.items() if name not in COUNTS)
