"""How long it is kept how sensors stood: a month, never longer than the readings, by the same sweep as everything else."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from impetus.core.actor import platform
from impetus.core.ids import ToolId
from impetus.core.observation import to_us
from impetus.core.standing import past_of, unknown_standing
from impetus.desk.context import Desk
from impetus.desk.sweep import Keep, sweep
from impetus.ethics.retention import classes, standings_kept
from impetus.testing.desk import memory_desk

AT = datetime(2026, 6, 20, 12, tzinfo=UTC)
UAD = ToolId("urban_anomaly")
DAY = timedelta(days=1)
KEEPER = platform("keeper")


def keep(observations: int) -> Keep:
    """Return times that differ only in how long readings are kept."""
    return Keep(observations=observations * DAY, alerts=180 * DAY, evidence=180 * DAY, quarantine=14 * DAY)


@pytest.fixture
def desk() -> Desk:
    """Return a desk with a moment written down on each of the last forty days."""
    desk = memory_desk(AT)
    for days in range(40):
        at = AT - days * DAY
        desk.standings.append(UAD, past_of(unknown_standing(np.array([1]), at_us=0), to_us(at)))
    return desk


def kept(desk: Desk) -> int:
    """Return of how many days there is still something."""
    return len(desk.standings.between(UAD, None, AT - 100 * DAY, AT + DAY))


@pytest.mark.parametrize(("observations", "days"), [(365, 31), (30, 31), (7, 8), (1, 2)])
def test_a_sweep_erases_days_by_the_shorter_of_the_two_times(desk: Desk, observations: int, days: int) -> None:
    """Thirty days at most, or as long as readings; the day that is running out stays whole."""
    report = sweep(desk, KEEPER, keep(observations))
    assert kept(desk) == days
    assert report.gone("standings") == 40 - days


def test_a_second_sweep_finds_nothing_left(desk: Desk) -> None:
    """And the run's report names what went."""
    first = sweep(desk, KEEPER, keep(30))
    assert first.run is not None
    assert first.run.by_store["standings.gone"] == 9
    assert sweep(desk, KEEPER, keep(30)).gone("standings") == 0


def test_a_standing_nobody_writes_any_more_goes_with_its_time(desk: Desk) -> None:
    """A tool that was taken out of service leaves none behind."""
    desk.standings.put(UAD, unknown_standing(np.array([1]), at_us=to_us(AT - 8 * DAY)))
    sweep(desk, KEEPER, keep(30))
    assert desk.standings.tools() == [UAD]
    sweep(desk, KEEPER, keep(7))
    assert desk.standings.tools() == []


def test_the_table_of_what_is_kept_says_the_same() -> None:
    """The retention page reads the time from where the sweep does."""
    for observations in (7, 365):
        periods = {one.name: one.period for one in classes(keep(observations))}
        assert periods["standings"] == standings_kept(keep(observations)) <= 30 * DAY
