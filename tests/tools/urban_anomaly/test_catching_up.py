"""A tool that is told the past before the present: replayed readings are late, and no clock is wrong for that."""

from datetime import timedelta

import numpy as np
import pytest

from impetus.core.finding import Kind
from impetus.core.observation import batch_of, to_us
from impetus.core.standing import FaultKind, StandingState
from impetus.tools.urban_anomaly.tool import Tool
from tools.urban_anomaly.test_stand import END, START, STEP_S, catalogue, days

STEP = timedelta(seconds=STEP_S)


@pytest.mark.parametrize("silence", [timedelta(0), timedelta(hours=3)])
def test_after_the_past_was_replayed_nobodys_clock_is_wrong(silence: timedelta) -> None:
    """Three days are sent at once on the fourth; then readings come as they are measured."""
    tool = Tool.create({}, catalogue(1, 2, 3))
    now = END + silence
    batch = days(1, 2, 3)
    for hour in np.unique(batch.time_us // 3_600_000_000):
        tool.observe(batch.take(batch.time_us // 3_600_000_000 == hour), at=now)
    findings = []
    for number in range(24):
        at = now + number * STEP
        swing = 60 + 8 * np.sin(to_us(at) / 86_400e6 * 2 * np.pi)
        findings += tool.observe(batch_of([1, 2, 3], [to_us(at)] * 3, [swing, swing + 0.5, swing - 0.5]), at=at)
    assert [finding for finding in findings if finding.kind is Kind.FAULT] == []
    standing = tool.standing(at=now + 24 * STEP)
    assert FaultKind.CLOCK not in standing.fault
    assert StandingState.FAULT not in standing.state


def test_a_clock_that_goes_wrong_afterwards_still_is() -> None:
    """Two hours off from one reading on, steadily, of one sensor of three."""
    tool = Tool.create({}, catalogue(1, 2, 3))
    batch = days(1, 2, 3, since=START, until=START + timedelta(hours=30))
    for hour in np.unique(batch.time_us // 3_600_000_000):
        tool.observe(batch.take(batch.time_us // 3_600_000_000 == hour), at=END)
    for number in range(30):
        at = END + number * STEP
        off_us = 7_200_000_000 if number >= 10 else 0
        values = 60 + np.sin([number, number + 1, number + 2])
        tool.observe(batch_of([1, 2, 3], [to_us(at), to_us(at), to_us(at) - off_us], values), at=at)
    standing = tool.standing(at=END + 30 * STEP)
    assert standing.fault.tolist() == [FaultKind.NONE, FaultKind.NONE, FaultKind.CLOCK]
