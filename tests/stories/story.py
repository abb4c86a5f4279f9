"""Stories: an operation told as a transcript, which is printed when it does not go as told.

`story >> act` lets somebody do something; `story << expectation` says what must have come of it since then. An act that is
refused must be followed by `<< refused(...)`. What is expected is what the screens are told: the outbox.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from impetus.core.actor import Actor, Role, console
from impetus.core.alert import Alert
from impetus.core.errors import ImpetusError
from impetus.core.ids import AlertId, IncidentId
from impetus.core.place import Point
from impetus.desk import accounts
from impetus.desk.sign_in import actor_of
from impetus.ports import Change
from impetus.testing.desk import clock_of, memory_desk
from impetus.tools.fusion.tool import Tool

NO_ALERT, NO_INCIDENT = AlertId(0), IncidentId(0)
EVENING = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
SQUARE = Point(lon=10.7339, lat=59.9127)


@dataclass(frozen=True)
class Act:
    """Something somebody does."""

    says: str
    does: "Callable[[Story], object]"


@dataclass(frozen=True)
class Expected:
    """Something that must be so; `fails` returns what is wrong, empty when nothing is."""

    says: str
    fails: "Callable[[Story], str]"
    after_refusal: bool = False
    answers_refusal: bool = False


@dataclass
class Story:
    """One operation on a desk in memory: who is there, what happened, what the screens were told."""

    start: datetime = EVENING
    lines: list[str] = field(default_factory=list)
    refusal: ImpetusError | None = None
    alert_id: AlertId = NO_ALERT
    incident_id: IncidentId = NO_INCIDENT
    seen_versions: dict[tuple[str, AlertId], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = memory_desk(self.start)
        self.joiner = Tool.create({})
        self.mark = 0
        self.noticed = 0
        self.decisions: list[int] = []

    def at(self, clock_time: str) -> Self:
        """Let it be `21:04` or `21:04:30`, of the next day when that is past already."""
        parts = [int(part) for part in clock_time.split(":")]
        now = self.desk.clock.now()
        wanted = now.replace(hour=parts[0], minute=parts[1], second=parts[2] if len(parts) > 2 else 0, microsecond=0)
        clock_of(self.desk).set(wanted if wanted >= now else wanted + timedelta(days=1))
        return self

    def person(self, name: str, role: Role) -> Actor:
        """Let somebody with an account be there."""
        accounts.add(self.desk, console(), name, role)
        with self.desk.store.read() as unit:
            account = unit.accounts.by_name(name)
            self.mark = unit.outbox.newest()
        assert account is not None
        return actor_of(account)

    def __rshift__(self, act: Act) -> Self:
        """Let it happen."""
        self._no_open_refusal()
        with self.desk.store.read() as unit:
            self.mark = unit.outbox.newest()
        self.lines.append(f"{self.desk.clock.now():%H:%M:%S} >> {act.says}")
        try:
            act.does(self)
        except ImpetusError as refusal:
            self.refusal = refusal
            self.lines.append(f"            ({type(refusal).__name__}: {refusal.detail})")
        return self

    def __lshift__(self, expected: Expected) -> Self:
        """Check what came of it."""
        if not expected.after_refusal:
            self._no_open_refusal()
        self.lines.append(f"         << {expected.says}")
        wrong = expected.fails(self)
        if wrong:
            raise AssertionError(f"{wrong}\n\n{self.transcript()}\n         !! {wrong}")
        if expected.answers_refusal:
            self.refusal = None
        return self

    def changes(self, kind: str = "alert") -> Sequence[Change]:
        """Return what the screens were told since the last act."""
        with self.desk.store.read() as unit:
            return [change for change in unit.outbox.after(self.mark) if change.kind == kind]

    def alert(self, alert_id: AlertId | None = None) -> Alert:
        """Return an alert as stored, by default the one the story is about."""
        with self.desk.store.read() as unit:
            return unit.alerts.get(alert_id or self.alert_id)

    def transcript(self) -> str:
        """Return the story so far."""
        return "\n".join(self.lines)

    def _no_open_refusal(self) -> None:
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal.detail}\n\n{self.transcript()}") from self.refusal
