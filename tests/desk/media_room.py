"""A desk with an incident, two operators, two supervisors, an officer, and a camera that shows somebody."""

from datetime import UTC, date, datetime, timedelta

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.ids import AlertId, IncidentId
from impetus.core.reveal import Reveal
from impetus.desk import incidents, reveals
from impetus.desk.context import Desk
from impetus.ethics.pseudonym import period_key
from impetus.testing.clock import SettableClock
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.media import StillMedia

ROLES = {
    "kari": Role.OPERATOR,
    "bo": Role.OPERATOR,
    "sol": Role.SUPERVISOR,
    "ida": Role.SUPERVISOR,
    "dag": Role.DPO,
    "per": Role.IT_SECURITY,
    "ane": Role.ANALYST,
}
CAMERA = "camera:c14"
WHY = "armed person seen at the north steps"
MASTER = bytes(range(32))
DAY: date = AT.astimezone(UTC).date()


class Room:
    """A control room under test."""

    def __init__(self) -> None:
        """Let everybody be there, raise an alert and open an incident from it."""
        self.desk: Desk = memory_desk(AT)
        self.people = {name: person(self.desk, name, role) for name, role in ROLES.items()}
        fuse(self.desk, seen("gun"))
        self.incident = incidents.open_incident(self.desk, self.people["kari"], "Armed person", [AlertId(1)]).id
        assert isinstance(self.desk.media, StillMedia)
        self.media = self.desk.media
        for camera in ("c14", "c12"):
            self.media.show(camera)
        self.desk.vault.keep({DAY: period_key(MASTER, DAY)})

    @property
    def clock(self) -> SettableClock:
        """Return the clock the test sets."""
        return clock_of(self.desk)

    def who(self, name: str) -> Actor:
        """Return somebody."""
        return self.people[name]

    def later(self, **span: float) -> datetime:
        """Let time pass, or turn it back."""
        self.clock.set(self.clock.now() + timedelta(**span))
        return self.clock.now()

    def asked(self, name: str = "kari", subject: str = CAMERA, minutes: int = 10) -> Reveal:
        """Return a reveal somebody asked for."""
        return reveals.ask(self.desk, self.who(name), subject, self.incident, why=WHY, minutes=minutes)

    def approved(self, name: str = "kari", by: str = "sol", subject: str = CAMERA) -> Reveal:
        """Return a reveal that was approved."""
        return reveals.approve(self.desk, self.who(by), self.asked(name, subject).id)

    def opened(self, name: str = "kari", subject: str = CAMERA) -> Reveal:
        """Return an open reveal."""
        return reveals.open_(self.desk, self.who(name), self.approved(name, subject=subject).id)

    def stored(self, reveal: int = 1) -> Reveal:
        """Return a reveal as stored."""
        with self.desk.store.read() as unit:
            return unit.reveals.get(reveal)

    def timeline(self) -> list[tuple[str, str]]:
        """Return what the incident's timeline says about reveals and identities: event and who."""
        with self.desk.store.read() as unit:
            entries = unit.incidents.entries(IncidentId(self.incident))
        return [(str(entry.event), entry.who) for entry in entries if "." in str(entry.event)]
