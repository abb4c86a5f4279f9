"""Findings that waited on the bus when a person stopped their tool or what they are about: they become no alerts.

Decided so: whoever stops a tool does so because it must not speak, and an alert that comes after the stop, or after its lift,
would say what the tool saw before it, with a time that misleads. So a finding is passed over while its stop stands, and also
afterwards when it was noticed before a stop that has been lifted since (one from after now, by a clock that was set back, does
not count). It is counted, the board says how many, and the log has
the number. What already was an alert stays one. The platform's own findings, about its parts and about the stop, always pass.
"""

from dataclasses import dataclass

from impetus.core.errors import NotNow
from impetus.core.finding import Finding
from impetus.core.observation import Catalogue
from impetus.core.stop import Scope, Standing, Stop
from impetus.desk.context import Desk
from impetus.desk.known_datastreams import known_datastreams
from impetus.desk.platform_finding import PLATFORM

RETRY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """What may not become an alert now: stops in force and lifted ones, over the catalogue when any of them names a thing."""

    stops: tuple[Stop, ...] = ()
    catalogue: Catalogue | None = None

    def holds(self, finding: Finding) -> bool:
        """Say whether a finding is of, or about, something stopped now, or was noticed before a stop of it."""
        if finding.tool == PLATFORM or not self.stops:
            return False
        return any(
            _covers(Standing(stops=(stop,)), finding, self.catalogue)
            for stop in self.stops
            if stop.is_in_force or finding.noticed <= stop.at
        )


def silenced(desk: Desk) -> Silenced:
    """Return what may not become an alert now; `NotNow` when nobody can tell: then findings wait, and none is lost."""
    standing = desk.stops.standing()
    if standing.trouble is not None:
        raise NotNow("nobody can tell what is stopped", retry_after_s=RETRY_S, value=standing.trouble.trouble)
    at = desk.clock.now()
    lifted = (stop for stop in reversed(desk.stops.all()) if not stop.is_in_force and stop.at <= at)
    stops = tuple({stop.target: stop for stop in (*lifted, *standing.stops)}.values())
    if not any(stop.target.scope in {Scope.SOURCE, Scope.CAMERA} for stop in stops):
        return Silenced(stops=stops)
    with desk.store.read() as unit:
        return Silenced(stops=stops, catalogue=known_datastreams(desk.store, unit).catalogue)


def _covers(standing: Standing, finding: Finding, catalogue: Catalogue | None) -> bool:
    """Say whether a stop covers a finding: its tool, or the thing or source of a reading it is about."""
    if standing.of_tool(str(finding.tool)) is not None:
        return True
    streams = catalogue.datastreams if catalogue is not None else {}
    things = {str(streams[number].thing) for number in finding.datastreams if number in streams}
    return any(standing.of_thing(thing) is not None for thing in things)
