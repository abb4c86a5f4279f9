"""How a hosted tool's datastreams stand, asked every few seconds and written where the screens read it.

Between readings, never within: a tool is asked only when it offers to say. What it says wrongly, or fails to say, is noted
on the board and costs no finding. Every so often the answer is also written down, as finely as a million rows a day allow:
every minute for a square, every quarter of an hour for a city.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from impetus.core.errors import NotNow
from impetus.core.ids import ToolId
from impetus.core.observation import US_PER_S, to_us
from impetus.core.standing import Standing, past_of
from impetus.core.tool import Foresees, SensingTool, Stands
from impetus.ports.standing import Standings

EVERY_S = 10.0
"""Seconds between two standings: what a person who waits for a screen still takes for now. House rule."""
FORECAST_EVERY_S, FORECAST_OFTEN_S = 900.0, 60.0
FEW = 1_000
"""Seconds between two forecasts, and between those of so few datastreams that one costs nothing. House rule."""
FORECAST_STEP_S = 1_800
FORECAST_STEPS = 49
"""A day ahead in half-hours, both ends included: the step of seasons. House rule."""
ROWS_A_DAY = 1_000_000
"""Rows of the past kept of one tool and day: some ten megabytes once settled. House rule."""
STEPS_S = (60, 300, 900)
BEHIND_S = 3_600.0
"""Age of the newest reading from which the tool catches up with the past: what it then says is of no moment. House rule."""
"""Seconds between moments written down, the finest that keeps within `ROWS_A_DAY`."""

log = logging.getLogger(__name__)


def step_of(datastreams: int) -> int:
    """Return the seconds between two moments written down.

    >>> step_of(300), step_of(3_000), step_of(10_000)
    (60, 300, 900)
    """
    return next((step for step in STEPS_S if datastreams * 86_400 // step <= ROWS_A_DAY), STEPS_S[-1])


@dataclass(slots=True, kw_only=True)
class StandingWriter:
    """Asks one tool and writes; `remark` is what went wrong the last time, empty when nothing did."""

    tool: ToolId
    remark: str = ""
    _asked_s: float = field(default=-EVERY_S)
    _foreseen_s: float = field(default=-FORECAST_EVERY_S)
    _written_us: int = -1
    _forecast_every_s: float = FORECAST_EVERY_S

    def look(self, standings: Standings, tool: SensingTool, *, at: datetime, now_s: float) -> None:
        """Ask and write what is due at `at`; `now_s` is monotonic. Raises nothing: screens are not worth a finding."""
        if now_s - self._asked_s < EVERY_S or not isinstance(tool, Stands):
            return
        self._asked_s = now_s
        try:
            self._stand(standings, tool, at)
            if isinstance(tool, Foresees) and now_s - self._foreseen_s >= self._forecast_every_s:
                self._foreseen_s = now_s
                self._foresee(standings, tool, at)
            self.remark = ""
        except NotNow as error:
            self.remark = error.detail
        except Exception as error:  # a tool may raise anything, and what it says of itself is no finding
            if not self.remark:
                log.exception("%s cannot say how its datastreams stand", self.tool)
            self.remark = f"standing not told: {error!r}"[:200]

    def _stand(self, standings: Standings, tool: Stands, at: datetime) -> None:
        """Write the newest standing, and a moment of the past when one is due."""
        standing: Standing = tool.standing(at=at)
        standings.put(self.tool, standing)
        self._forecast_every_s = FORECAST_OFTEN_S if len(standing) <= FEW else FORECAST_EVERY_S
        if to_us(at) - int(standing.time_us.max(initial=-1)) > BEHIND_S * US_PER_S:
            return
        step_us = step_of(len(standing)) * US_PER_S
        moment_us = to_us(at) // step_us * step_us
        if moment_us > self._written_us:
            standings.append(self.tool, past_of(standing, moment_us))
            self._written_us = moment_us

    def _foresee(self, standings: Standings, tool: Foresees, at: datetime) -> None:
        """Write what is expected of the coming day, on whole half-hours."""
        first_s = to_us(at) // US_PER_S // FORECAST_STEP_S * FORECAST_STEP_S
        times_us = (first_s + np.arange(FORECAST_STEPS, dtype=np.int64) * FORECAST_STEP_S) * US_PER_S
        standings.foresee(self.tool, tool.forecast(times_us, at=at))
