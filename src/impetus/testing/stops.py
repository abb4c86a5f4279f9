"""Stops in memory: the same rules without files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from impetus.core.errors import Conflict
from impetus.core.log_record import LogRecord
from impetus.core.stop import STOP_LIFECYCLE, Standing, Stop, StopEvent, StopState, Target


class MemoryStops:
    """Port `Stops`; `spool` is what waits for the log."""

    def __init__(self) -> None:
        self.stops: dict[Target, Stop] = {}
        self.spool: dict[str, LogRecord] = {}
        self._spooled = 0

    def standing(self) -> Standing:
        """Return every stop in force."""
        in_force = [stop for stop in self.stops.values() if stop.is_in_force]
        return Standing(stops=tuple(sorted(in_force, key=lambda stop: stop.at)))

    def all(self) -> Sequence[Stop]:
        """Return the stops in force and those lifted, newest first."""
        return sorted(self.stops.values(), key=lambda stop: (stop.is_in_force, stop.lifted_at or stop.at), reverse=True)

    def stop(self, target: Target, *, by: str, at: datetime, why: str = "") -> Stop:
        """Stop; one that stands keeps its time and name."""
        before = self.stops.get(target)
        if before is None or not before.is_in_force:
            self.stops[target] = Stop(target=target, state=StopState.STOPPED, at=at, by=by)
        return self.explain(target, by=by, at=at, why=why) if why else self.stops[target]

    def explain(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """Keep the reason."""
        return self._change(target, StopEvent.EXPLAIN, why=why, why_by=by, why_at=at)

    def lift(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """End a stop."""
        return self._change(target, StopEvent.LIFT, lifted_at=at, lifted_by=by, lifted_why=why)

    def notice(self, *, at: datetime) -> Standing:  # noqa: ARG002 - nobody touches memory by hand
        """Return every stop in force."""
        return self.standing()

    def keep(self, record: LogRecord) -> None:
        """Keep a line for the log."""
        self._spooled += 1
        self.spool[f"{self._spooled:06d}"] = record

    def kept(self) -> Sequence[tuple[str, LogRecord]]:
        """Return the lines that wait, oldest first."""
        return sorted(self.spool.items(), key=lambda pair: pair[0])

    def forget(self, name: str) -> None:
        """Drop a line."""
        self.spool.pop(name, None)

    def _change(self, target: Target, event: StopEvent, **facts: object) -> Stop:
        before = self.stops.get(target)
        if before is None:
            raise Conflict(f"{target} is not stopped", value=str(target), limit="a stop in force", remedy="look at it")
        state = StopState(STOP_LIFECYCLE.step(before.state, event).state)
        self.stops[target] = replace(before, state=state, **facts)  # type: ignore[arg-type]  # the fields named above
        return self.stops[target]
