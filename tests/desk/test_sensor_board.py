"""The health board, one datastream, and the rates: order of trouble, spells, thinning, and limits worked by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused, Unknown
from impetus.core.ids import DatastreamId, DatastreamKey, Offset, SourceId, ThingKey, ToolId, ZoneId
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.core.standing import FaultKind, Forecast, Standing, StandingState, past_of, unknown_standing
from impetus.desk.context import Desk
from impetus.desk.sensor_health import UNJUDGED, Order, Wanted, health, one
from impetus.desk.sensor_rates import Rate, poisson_limits, poisson_tail, rates
from impetus.desk.sensor_series import sensor, series, spells, thinned
from impetus.testing.desk import memory_desk

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
UAD, BACTERIA = ToolId("urban_anomaly"), ToolId("bacteria")
KARI = Actor(name="kari", role=Role.OPERATOR)
AUDITOR = Actor(name="asta", role=Role.AUDITOR)
MINUTE = timedelta(minutes=1)
S = StandingState


@pytest.fixture
def desk() -> Desk:
    """Return six datastreams of three things, none judged yet."""
    desk = memory_desk(AT)
    made = [
        Datastream(
            id=DatastreamId(0),
            key=DatastreamKey(f"city/{thing}/{name}"),
            source=SourceId("city"),
            thing=ThingKey(f"city/{thing}"),
            thing_name=f"Cabinet {thing.upper()}",
            observed_property=name,
            unit="1",
            zone=ZoneId("quay" if thing == "c" else "park"),
        )
        for thing in "abc"
        for name in ("noise", "traffic_flow")
    ]
    with desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("city"), name="City", kind="mqtt"), made)
    return desk


def stands(state: Sequence[int], ids: Sequence[int] | None = None, **columns: Sequence[float]) -> Standing:
    """Return datastreams 1, 2, 3 …, or those with these ids, in these states."""
    fresh = unknown_standing(np.array(ids or range(1, len(state) + 1)), at_us=to_us(AT))
    typed = {name: np.array(values, dtype=getattr(fresh, name).dtype) for name, values in columns.items()}
    return replace(fresh, state=np.array(state, dtype=np.uint8), **typed)


def names(desk: Desk, **wanted: object) -> list[int]:
    """Return the ids of the board in its order."""
    found: list[int] = health(desk, KARI, Wanted(**wanted)).ids.tolist()  # type: ignore[arg-type]  # a test names filters
    return found


def test_trouble_comes_first_and_who_is_judged_by_nobody_last(desk: Desk) -> None:
    """Fault, silence, event, learning, calm, unjudged; among calm ones the rarest reading first."""
    desk.standings.put(
        UAD, stands([S.CALM, S.LEARNING, S.SILENT, S.FAULT, S.CALM], p=[0.9, np.nan, np.nan, np.nan, 0.01])
    )
    assert names(desk) == [4, 3, 2, 5, 1, 6]
    board = health(desk, KARI, Wanted())
    assert board.codes.tolist() == [S.FAULT, S.SILENT, S.LEARNING, S.CALM, S.CALM, UNJUDGED]
    assert board.counts[UNJUDGED] == 1
    assert (board.total, board.zones, board.sources) == (6, ("park", "quay"), ("city",))


def test_filters_narrow_and_counts_tell_of_the_other_states(desk: Desk) -> None:
    """A state filter leaves the counts, the others narrow them, too."""
    desk.standings.put(UAD, stands([S.CALM, S.FAULT, S.CALM, S.CALM, S.CALM, S.SILENT]))
    assert names(desk, state=int(S.FAULT)) == [2]
    assert names(desk, zone="quay") == [6, 5]
    assert names(desk, text="TRAFFIC flow", order=Order.PLACE) == [2, 4, 6]
    assert names(desk, text="cabinet b") == [3, 4]
    assert names(desk, source="elsewhere") == []
    board = health(desk, KARI, Wanted(zone="quay", state=int(S.SILENT)))
    assert (board.counts[S.CALM], board.counts[S.SILENT], board.ids.tolist()) == (1, 1, [6])


def test_of_two_tools_the_worse_word_counts_and_withdrawn_sensors_do_not(desk: Desk) -> None:
    """Datastream 2 is calm to one tool and at fault to another; 99 is in no catalogue."""
    desk.standings.put(UAD, stands([S.CALM, S.CALM]))
    desk.standings.put(BACTERIA, stands([S.FAULT, S.CALM], ids=[2, 99], fault=[FaultKind.STUCK, 0]))
    row = one(desk, KARI, DatastreamId(2))
    assert (row.state, row.fault, row.tool) == (S.FAULT, FaultKind.STUCK, BACTERIA)
    assert one(desk, KARI, DatastreamId(1)).tool == UAD
    assert 99 not in names(desk)
    assert one(desk, KARI, DatastreamId(3)).state is None


def test_a_sensor_there_is_none_of_is_unknown_and_content_is_not_for_auditors(desk: Desk) -> None:
    """The error names it; the refusal comes first."""
    with pytest.raises(Unknown, match="77"):
        one(desk, KARI, DatastreamId(77))
    with pytest.raises(Unknown):
        sensor(desk, KARI, DatastreamId(77))
    for act in (lambda: one(desk, AUDITOR, DatastreamId(1)), lambda: rates(desk, AUDITOR)):
        with pytest.raises(Refused):
            act()


def test_spells_are_what_was_odd_from_its_first_to_its_last_moment() -> None:
    """Calm, two strange, one silent, calm, strange: three spells."""
    states = [S.CALM, S.STRANGE, S.STRANGE, S.SILENT, S.CALM, S.STRANGE]
    rows = [past_of(stands([state], ids=[1]), 10 * number) for number, state in enumerate(states)]
    joined = replace(
        rows[0], **{name: np.concatenate([getattr(row, name) for row in rows]) for name in rows[0].__slots__}
    )
    found = [(spell.state, spell.since_us, spell.until_us) for spell in spells(joined)]
    assert found == [(S.STRANGE, 10, 20), (S.SILENT, 30, 30), (S.STRANGE, 50, 50)]
    assert spells(joined.take(np.zeros(6, dtype=np.bool_))) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(10, 60))
def test_thinning_keeps_order_and_both_extremes(values: list[float], points: int) -> None:
    """However many points: no more than asked, in order, and the highest and lowest reading are drawn."""
    batch = batch_of([1] * len(values), list(range(len(values))), values)
    drawn = thinned(batch, points)
    assert len(drawn) <= max(points, 2)
    assert drawn.time_us.tolist() == sorted(set(drawn.time_us.tolist()))
    assert (drawn.result.min(), drawn.result.max()) == (min(values), max(values))


def test_a_datastreams_page_joins_readings_band_forecast_and_its_neighbours(desk: Desk) -> None:
    """Readings of the span, moments written down, and the day ahead from the last half-hour before now."""
    times = [to_us(AT - minutes * MINUTE) for minutes in (400, 90, 5)]
    desk.history.append(batch_of([1, 1, 1], times, [1.0, 2.0, 3.0]), "observations", through=Offset(1))
    desk.history.flush()
    desk.standings.append(UAD, past_of(stands([S.STRANGE]), to_us(AT - 5 * MINUTE)))
    desk.standings.put(UAD, stands([S.STRANGE, S.CALM], measured=[3.0, 7.0]))
    half_hours = np.array([to_us(AT + number * 30 * MINUTE) for number in (-2, -1, 1, 2)])
    grid = np.arange(8, dtype=np.float32).reshape(2, 4)
    desk.standings.foresee(
        UAD,
        Forecast(
            at_us=to_us(AT),
            coverage=0.8,
            datastream=np.array([1, 2]),
            time_us=half_hours,
            expected=grid,
            low=grid,
            high=grid,
        ),
    )
    found = series(desk, KARI, DatastreamId(1), hours=6)
    assert found.readings.result.tolist() == [2.0, 3.0]
    assert [spell.state for spell in found.spells] == [S.STRANGE]
    assert found.ahead.expected.tolist() == [1.0, 2.0, 3.0]
    assert not found.is_thinned
    view = sensor(desk, KARI, DatastreamId(1))
    assert (view.row.measured, view.has_forecast, [row.datastream.id for row in view.beside]) == (3.0, True, [2])
    assert not sensor(desk, KARI, DatastreamId(3)).has_forecast


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.0), (1, 0.0513, 4.744), (10, 5.425, 16.962), (100, 84.14, 118.08)]
)
def test_limits_of_a_count_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    """Within two in a hundred of the exact 90 % limits from one alarm on (Garwood 1936), within a tenth at none and one."""
    found = poisson_limits(count)
    assert found[0] == pytest.approx(low, rel=0.02, abs=0.02)
    assert found[1] == pytest.approx(high, rel=0.02, abs=0.1)


def test_a_rate_says_whether_chance_explains_it() -> None:
    """Nine of twelve promised is as promised, forty is louder, one is quieter; less than one promised says nothing."""
    promised = {"days": 1_200.0, "promised": 12.0}
    told = [(rate.is_loud, rate.is_quiet) for rate in (Rate(alarms=count, **promised) for count in (9, 40, 1))]
    assert told == [(False, False), (True, False), (False, True)]
    assert Rate(alarms=9, **promised).per_1000_days == 7.5
    assert np.isnan(Rate(alarms=0, days=5.0, promised=0.1).ratio)
    assert np.isnan(Rate(alarms=0, days=0.0, promised=0.0).per_1000_days)


def test_the_tail_of_a_count_is_summed_exactly() -> None:
    """P(N >= 2) at a mean of 1 is 1 - 2/e."""
    assert poisson_tail(2, 1.0) == pytest.approx(1 - 2 / np.e)
    assert (poisson_tail(0, 0.0), poisson_tail(3, 0.0)) == (1.0, 0.0)


def test_the_loudest_are_those_that_chance_explains_least(desk: Desk) -> None:
    """Three alarms where 0.03 were promised, before four where 3 were; one alarm among six sensors is no news."""
    desk.standings.put(
        UAD,
        stands(
            [S.CALM] * 5,
            alarms=[4, 3, 1, 0, 0],
            days=[30.0] * 5,
            nominal=[0.1, 0.001, 0.01, 0.01, 0.01],
            exceeded=[2, 3, 1, 1, 1],
            judged=[100] * 5,
        ),
    )
    found = rates(desk, KARI)
    assert [(loud.datastream.id, loud.is_loud) for loud in found.worst] == [(2, True), (3, False), (1, False)]
    assert (found.rate.alarms, found.rate.days, round(found.rate.promised, 2)) == (8, 150.0, 3.93)
    assert (found.exceeded, found.judged) == (8, 500)
    assert found.share_of_worst == 0.5
    assert found.quiet.unjudged == 1


def test_chances_of_the_last_day_are_counted_by_twentieths_without_what_is_not_judged(desk: Desk) -> None:
    """Five moments: 0.005, 0.04, 0.5 and 1.0 count; a fault's chance does not, nor one of the day before."""
    p = [0.005, 0.04, 0.5, 1.0, 0.001]
    desk.standings.append(UAD, past_of(stands([S.CALM] * 4 + [S.FAULT], p=p), to_us(AT - MINUTE)))
    desk.standings.append(UAD, past_of(stands([S.CALM] * 5, p=p), to_us(AT - timedelta(hours=25))))
    desk.standings.put(UAD, stands([S.CALM] * 5, p=p))
    found = rates(desk, KARI)
    assert found.histogram.tolist() == [2, *[0] * 9, 1, *[0] * 8, 1]
    assert found.below == 1


def test_rates_of_one_tool_leave_the_others_out(desk: Desk) -> None:
    """A tool that is not there is all of them."""
    desk.standings.put(UAD, stands([S.CALM], alarms=[2], days=[10.0], nominal=[0.1]))
    desk.standings.put(BACTERIA, stands([S.CALM], ids=[2], alarms=[5], days=[10.0], nominal=[0.1]))
    assert rates(desk, KARI, tool=BACTERIA).rate.alarms == 5
    assert rates(desk, KARI, tool=ToolId("nobody")).rate.alarms == 7
    assert rates(desk, KARI).tools == (BACTERIA, UAD)
