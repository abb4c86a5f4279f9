"""The contract of standings, over files and in memory: what a host writes, screens read, whole and once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from impetus.adapters.standing_files import MERGE_AT, StandingFiles
from impetus.core.ids import ToolId
from impetus.core.observation import to_us
from impetus.core.standing import STANDING_TYPES, Forecast, Standing, StandingState, past_of, unknown_standing
from impetus.ports.standing import Standings
from impetus.testing.standing import MemoryStandings

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
UAD = ToolId("urban_anomaly")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(params=["files", "memory"])
def standings(request: pytest.FixtureRequest, tmp_path: Path) -> Standings:
    """Return each implementation, empty."""
    return StandingFiles(tmp_path / "tools") if request.param == "files" else MemoryStandings()


def standing(at: datetime, *, measured: float = 61.0) -> Standing:
    """Return three datastreams: a learning, a strange and a silent one."""
    fresh = unknown_standing(np.array([2, 5, 9]), at_us=to_us(at))
    return replace(
        fresh,
        measured=np.array([np.nan, measured, 4.0]),
        p=np.array([np.nan, 0.0001, 0.5]),
        state=np.array([StandingState.LEARNING, StandingState.STRANGE, StandingState.SILENT], dtype=np.uint8),
    )


def test_the_newest_standing_is_what_was_put_last(standings: Standings) -> None:
    """Put twice, read once: the second, column by column."""
    standings.put(UAD, standing(AT, measured=60.0))
    standings.put(UAD, standing(AT + MINUTE))
    found = standings.newest(UAD)
    assert found is not None
    wanted = standing(AT + MINUTE)
    assert (found.at_us, found.coverage) == (wanted.at_us, 0.9)
    for name in STANDING_TYPES:
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    assert standings.tools() == [UAD]


def test_a_tool_that_never_said_has_none(standings: Standings) -> None:
    """Nothing is made up for it."""
    assert standings.newest(UAD) is None
    assert standings.forecast(UAD) is None
    assert standings.tools() == []
    assert len(standings.between(UAD, None, AT, AT + DAY)) == 0


def test_a_forecast_keeps_its_shape(standings: Standings) -> None:
    """Two datastreams, three times."""
    grid = np.arange(6, dtype=np.float32).reshape(2, 3)
    times = np.array([1, 2, 3], dtype=np.int64)
    made = Forecast(
        at_us=to_us(AT),
        coverage=0.8,
        datastream=np.array([4, 7]),
        time_us=times,
        expected=grid,
        low=grid - 1,
        high=grid + 1,
    )
    standings.foresee(UAD, made)
    found = standings.forecast(UAD)
    assert found is not None
    assert found.coverage == 0.8
    np.testing.assert_array_equal(found.expected, grid)
    np.testing.assert_array_equal(found.high, grid + 1)
    np.testing.assert_array_equal(found.time_us, times)


def test_moments_are_there_once_in_order_whatever_was_merged_or_settled(standings: Standings) -> None:
    """Over two days and twice as many moments as are merged, some written twice, read before and after settling."""
    moments = [AT + DAY * (number // 20) + MINUTE * (number % 20) for number in range(MERGE_AT + 20)]
    for at in [*moments, moments[-1]]:
        standings.append(UAD, past_of(standing(at), to_us(at)))
    for _ in range(2):
        past = standings.between(UAD, np.array([5]), AT, AT + 2 * DAY)
        assert past.time_us.tolist() == [to_us(at) for at in moments]
        assert set(past.datastream.tolist()) == {5}
        assert past.state.tolist() == [StandingState.STRANGE] * len(moments)
        standings.settle(AT + 4 * DAY)
    assert len(standings.between(UAD, None, moments[3], moments[5])) == 2 * 3


def test_a_day_is_settled_an_hour_after_its_end_and_once(standings: Standings) -> None:
    """At one in the night, not before."""
    standings.append(UAD, past_of(standing(AT), to_us(AT)))
    midnight = datetime(2026, 6, 2, tzinfo=UTC)
    assert standings.settle(midnight + 59 * MINUTE) == 0
    assert standings.settle(midnight + 60 * MINUTE) == 1
    assert standings.settle(midnight + 2 * DAY) == 0


def test_days_that_ended_before_the_time_are_erased(standings: Standings) -> None:
    """Settled or not; the day the time lies in stays."""
    for days in range(3):
        at = AT + days * DAY
        standings.append(UAD, past_of(standing(at), to_us(at)))
    standings.settle(AT + DAY)
    assert standings.sweep(AT + 2 * DAY) == 2
    left = standings.between(UAD, None, AT - DAY, AT + 5 * DAY)
    assert set(left.time_us.tolist()) == {to_us(AT + 2 * DAY)}
