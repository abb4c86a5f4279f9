"""Protocol of standings: how the datastreams of each tool stand, stood, and are expected to go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.ids import ToolId
from impetus.core.observation import Int64s
from impetus.core.standing import Forecast, Standing, StandingPast


class Standings(Protocol):
    """What tools' hosts write down and screens read; one host writes for one tool."""

    def tools(self) -> Sequence[ToolId]:
        """Return the tools there is a standing of, by id."""
        ...

    def newest(self, tool: ToolId) -> Standing | None:
        """Return how a tool's datastreams stand, None when it never said."""
        ...

    def forecast(self, tool: ToolId) -> Forecast | None:
        """Return what a tool expects of the coming day, None when it never said."""
        ...

    def between(self, tool: ToolId, datastreams: Int64s | None, since: datetime, until: datetime) -> StandingPast:
        """Return what was written down in `since <= time < until`, of these datastreams or of all."""
        ...

    def put(self, tool: ToolId, standing: Standing) -> None:
        """Replace how a tool's datastreams stand, whole; `NotNow` on a full disk leaves the old."""
        ...

    def foresee(self, tool: ToolId, forecast: Forecast) -> None:
        """Replace what a tool expects, whole; `NotNow` on a full disk leaves the old."""
        ...

    def append(self, tool: ToolId, past: StandingPast) -> None:
        """Write down how a tool's datastreams stand at one moment; `NotNow` on a full disk adds nothing."""
        ...

    def settle(self, at: datetime) -> int:
        """Make one sorted file of each day that ended an hour before `at` or earlier; return how many days."""
        ...

    def sweep(self, before: datetime) -> int:
        """Erase the days that ended before a time, and standings last written before it; return how many files."""
        ...
