"""What the host writes of how a tool's datastreams stand, and what it does when the tool cannot say."""
# ruff: noqa: ARG002, ARG003 - the trial tools have the signatures of the contract

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
import pytest

from impetus.core.errors import NotNow
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import ToolId
from impetus.core.observation import Batch, Catalogue, Int64s, to_us
from impetus.core.standing import Forecast, Standing, unknown_standing
from impetus.core.tool import Setting
from impetus.run.standing import FORECAST_STEPS, ROWS_A_DAY, STEPS_S, StandingWriter, step_of
from impetus.testing.standing import MemoryStandings

AT = datetime(2026, 6, 1, 12, 0, 20, tzinfo=UTC)
TRIAL = ToolId("trial")


@dataclass
class Quiet:
    """A tool that senses and says nothing of how its datastreams stand."""

    asked: int = 0
    trouble: Exception | None = None
    behind: timedelta = timedelta(0)
    foreseen: int = 0

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build one."""
        return cls()

    def learn(self, catalogue: Catalogue) -> None:
        """Learn nothing."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Notice nothing."""
        return ()

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Say nothing."""
        return ()

    def explain(self, finding: Finding) -> Evidence:
        """Have nothing to explain."""
        raise NotImplementedError


class Telling(Quiet):
    """One that says how three datastreams stand and go on."""

    def standing(self, *, at: datetime) -> Standing:
        """Count how often it was asked."""
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        heard = np.array([-1, to_us(at - self.behind), to_us(at - self.behind)])
        return replace(unknown_standing(np.array([1, 2, 3]), at_us=to_us(at)), time_us=heard)

    def forecast(self, times_us: Int64s, *, at: datetime) -> Forecast:
        """Expect nothing, and count how often that was asked."""
        self.foreseen += 1
        grid = np.zeros((3, len(times_us)), dtype=np.float32)
        return Forecast(
            at_us=to_us(at),
            coverage=0.9,
            datastream=np.array([1, 2, 3]),
            time_us=times_us,
            expected=grid,
            low=grid,
            high=grid,
        )


def watched(tool: Quiet, seconds: Sequence[float]) -> tuple[StandingWriter, MemoryStandings]:
    """Let a writer look at a tool at these seconds after `AT`."""
    writer, standings = StandingWriter(tool=TRIAL), MemoryStandings()
    for passed_s in seconds:
        writer.look(standings, tool, at=AT + timedelta(seconds=passed_s), now_s=passed_s)
    return writer, standings


def test_a_tool_is_asked_every_ten_seconds_and_a_moment_a_minute_is_written_down() -> None:
    """Looked at every second for 90 s from 12:00:20: moments of 12:00 and 12:01."""
    tool = Telling()
    _, standings = watched(tool, range(90))
    past = standings.between(TRIAL, np.array([2]), AT - timedelta(hours=1), AT + timedelta(hours=1))
    assert tool.asked == 9
    assert past.time_us.tolist() == [to_us(AT.replace(second=0)), to_us(AT.replace(minute=1, second=0))]


def test_what_is_expected_reaches_a_day_ahead_from_the_half_hour() -> None:
    """From 12:00 to 12:00 the next day in half-hours."""
    _, standings = watched(Telling(), [0])
    forecast = standings.forecast(TRIAL)
    assert forecast is not None
    assert len(forecast.time_us) == FORECAST_STEPS
    assert forecast.time_us[0] == to_us(AT.replace(second=0))
    assert forecast.time_us[-1] - forecast.time_us[0] == 86_400_000_000


def test_of_few_datastreams_the_forecast_is_asked_every_minute() -> None:
    """At 0, 60 and 120 s of two minutes."""
    tool = Telling()
    watched(tool, range(0, 121, 10))
    assert tool.foreseen == 3


@pytest.mark.parametrize(("behind", "moments"), [(timedelta(minutes=59), 1), (timedelta(hours=2), 0)])
def test_while_a_tool_catches_up_with_the_past_no_moment_is_written_down(behind: timedelta, moments: int) -> None:
    """What it says of yesterday's readings is of no moment of today; how it stands is shown all the same."""
    _, standings = watched(Telling(behind=behind), [0])
    past = standings.between(TRIAL, np.array([2]), AT - timedelta(hours=1), AT + timedelta(hours=1))
    assert len(past) == moments
    assert standings.tools() == [TRIAL]


def test_a_tool_that_does_not_say_is_not_asked() -> None:
    """Nothing is written, nothing is wrong."""
    writer, standings = watched(Quiet(), [0, 10, 20])
    assert standings.tools() == []
    assert writer.remark == ""


@pytest.mark.parametrize(
    "trouble", [RuntimeError("no idea"), NotNow("the disk is full", retry_after_s=5)], ids=["tool", "disk"]
)
def test_trouble_is_remarked_until_it_is_over(trouble: Exception) -> None:
    """The host goes on; the remark goes when the tool can say again."""
    tool = Telling(trouble=trouble)
    writer, standings = watched(tool, [0])
    assert str(trouble) in writer.remark
    tool.trouble = None
    writer.look(standings, tool, at=AT, now_s=10.0)
    assert writer.remark == ""
    assert standings.tools() == [TRIAL]


@pytest.mark.parametrize("datastreams", [1, 694, 695, 3_472, 3_473, 10_000])
def test_moments_are_as_fine_as_a_days_rows_allow(datastreams: int) -> None:
    """Within a million rows a day, and the next finer step would not be; a quarter of an hour is never exceeded."""
    step = step_of(datastreams)
    assert datastreams * 86_400 // step <= ROWS_A_DAY or step == STEPS_S[-1]
    finer = [each for each in STEPS_S if each < step]
    assert not finer or datastreams * 86_400 // finer[-1] > ROWS_A_DAY
