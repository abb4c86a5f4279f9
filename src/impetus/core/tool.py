"""The contract of a tool: what the host calls, and all a tool may do.

A tool is a package with an entry point in the group `impetus.tools` that names it. It holds `manifest.toml` and a module
`tool` with a class `Tool` fulfilling `SensingTool` (over observations) or, for fusion alone, `JoiningTool` (over
findings). A tool is handed columns and the time; it returns findings. It opens no socket and no file, reads no clock,
mutates nothing it was given, and is deterministic: same calls, same findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self, runtime_checkable

from impetus.core.alert import Alert
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import AlertId, ZoneId
from impetus.core.observation import Batch, Catalogue, Int64s
from impetus.core.standing import Forecast, Standing
from impetus.core.verdict import Verdict

Setting = str | int | float | bool


class SensingTool(Protocol):
    """A tool over observations. Instances pickle: the pickled instance is the tool's snapshot."""

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build a fresh tool; unknown or out-of-range settings raise `Misconfigured`."""
        ...

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue without forgetting what was learned."""
        ...

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Take in readings of any order and quality and return what was noticed; never raises on input."""
        ...

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Let time pass without readings (about every second)."""
        ...

    def explain(self, finding: Finding) -> Evidence:
        """Return evidence for a finding this tool returned last; called before the next `observe`."""
        ...


@runtime_checkable
class Warms(Protocol):
    """What a tool's class may offer besides: getting ready what takes long the first time, such as compiling."""

    @classmethod
    def warm(cls) -> None:
        """Get ready; called once by the host while it beats, and by `make setup`. Touches nothing but caches of compilers."""
        ...


@runtime_checkable
class Stands(Protocol):
    """What a sensing tool may offer besides: how its datastreams stand now, for the screens.

    Asked every few seconds between readings; a tenth of a second for ten thousand datastreams is quick enough.
    """

    def standing(self, *, at: datetime) -> Standing:
        """Return how every datastream the tool knows stands; state and answer stay apart: it changes nothing."""
        ...


@runtime_checkable
class Foresees(Protocol):
    """What a sensing tool may offer besides: what it expects of its datastreams at coming times."""

    def forecast(self, times_us: Int64s, *, at: datetime) -> Forecast:
        """Return what is expected of every datastream the tool knows at these ascending times; it changes nothing."""
        ...


Window = tuple[ZoneId | None, int, int]
"""Something planned: the zone, None for everywhere, and from when until when, microseconds since the epoch."""


@runtime_checkable
class Learns(Protocol):
    """What a sensing tool may offer besides: to learn from what people found its alerts to be."""

    def judged(self, verdicts: Sequence[Verdict]) -> None:
        """Take in verdicts, each once, oldest first; never raises on them."""
        ...


@runtime_checkable
class Plans(Protocol):
    """What a sensing tool may offer besides: to know what the city has planned."""

    def planned(self, windows: Sequence[Window]) -> None:
        """Take in everything that is planned, in place of what was planned before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Fusion's answer: this finding is a new alert."""

    alert: Alert
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Fusion's answer: this finding belongs to a known alert, which then reads as `alert`; `worse` when it rose."""

    alert: Alert
    finding: Finding
    worse: bool


Joined = Raise | Repeat


class JoiningTool(Protocol):
    """Fusion: findings in, alerts out. Pure: the alerts it may join to are handed to it."""

    def fingerprint(self, finding: Finding) -> str:
        """Return the identity by which repeats of this finding are counted."""
        ...

    def horizon_s(self) -> float:
        """Return how many seconds back alerts can still be joined to."""
        ...

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Decide what a finding becomes; `recent` are candidate alerts, newest first. A new alert has id 0, version 0."""
        ...


NEW_ALERT = AlertId(0)
