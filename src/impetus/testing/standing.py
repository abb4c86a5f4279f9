"""Standings in memory, for tests."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from impetus.core.ids import ToolId
from impetus.core.observation import Int64s, from_us, to_us
from impetus.core.standing import Forecast, Standing, StandingPast, joined_past

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class MemoryStandings:
    """Port `Standings` over dictionaries; a moment written down twice counts once, as on a disk."""

    def __init__(self) -> None:
        self._newest: dict[ToolId, Standing] = {}
        self._forecasts: dict[ToolId, Forecast] = {}
        self._past: dict[ToolId, dict[int, StandingPast]] = {}
        self._settled: set[tuple[ToolId, int]] = set()

    def tools(self) -> Sequence[ToolId]:
        """Return the tools there is a standing of."""
        return sorted(self._newest)

    def newest(self, tool: ToolId) -> Standing | None:
        """Return how a tool's datastreams stand."""
        return self._newest.get(tool)

    def forecast(self, tool: ToolId) -> Forecast | None:
        """Return what a tool expects of the coming day."""
        return self._forecasts.get(tool)

    def between(self, tool: ToolId, datastreams: Int64s | None, since: datetime, until: datetime) -> StandingPast:
        """Return what was written down in a span."""
        moments = self._past.get(tool, {})
        past = joined_past([part for at, part in moments.items() if to_us(since) <= at < to_us(until)])
        return past if datastreams is None else past.take(np.isin(past.datastream, datastreams))

    def put(self, tool: ToolId, standing: Standing) -> None:
        """Replace how a tool's datastreams stand."""
        self._newest[tool] = standing

    def foresee(self, tool: ToolId, forecast: Forecast) -> None:
        """Replace what a tool expects."""
        self._forecasts[tool] = forecast

    def append(self, tool: ToolId, past: StandingPast) -> None:
        """Write down how a tool's datastreams stand at one moment."""
        if len(past):
            self._past.setdefault(tool, {})[int(past.time_us[0])] = past

    def settle(self, at: datetime) -> int:
        """Count the days that are over."""
        over = {(tool, day) for tool, day in self._days() if _midnight(day) + DAY + HOUR <= at} - self._settled
        self._settled |= over
        return len(over)

    def sweep(self, before: datetime) -> int:
        """Erase what is older than a time."""
        gone = {(tool, day) for tool, day in self._days() if _midnight(day) + DAY <= before}
        for tool, day in gone:
            kept = self._past[tool]
            self._past[tool] = {at: part for at, part in kept.items() if from_us(at).toordinal() != day}
        old = [tool for tool, standing in self._newest.items() if from_us(standing.at_us) < before]
        old_forecasts = [tool for tool, forecast in self._forecasts.items() if from_us(forecast.at_us) < before]
        for tool in old:
            del self._newest[tool]
        for tool in old_forecasts:
            del self._forecasts[tool]
        return len(gone) + len(old) + len(old_forecasts)

    def _days(self) -> set[tuple[ToolId, int]]:
        return {(tool, from_us(at).toordinal()) for tool, moments in self._past.items() for at in moments}


def _midnight(day: int) -> datetime:
    return from_us(0) + timedelta(days=day - from_us(0).toordinal())
