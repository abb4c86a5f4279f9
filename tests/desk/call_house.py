"""A house with people on call, channels that remember, an incident, and a hand on the clock, for tests of calling people."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from desk.samples import AT, fuse, person, seen
from impetus.adapters.text_masks import LibraryTextMasks
from impetus.core.actor import Actor, Role
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId, NoticeId
from impetus.core.notice import Notice
from impetus.desk import contacts, incidents, notices, on_call_desk
from impetus.desk.channel_health import check_channel, tell_channels
from impetus.desk.context import Desk
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices, watch_untaken
from impetus.desk.notice_reading import NoticeView, RecipientView, notices_view
from impetus.processes.call_plan import Escalation
from impetus.processes.on_call import EscalationStep, Rotation
from impetus.testing.channels import MemoryChannels, RecordingChannel
from impetus.testing.desk import clock_of, memory_desk

ROLES = {
    "ada": Role.OPERATOR,
    "ben": Role.OPERATOR,
    "sol": Role.SUPERVISOR,
    "siv": Role.SUPERVISOR,
    "eva": Role.EXECUTIVE,
}
DUTY = Rotation(
    name="duty", people=("ada", "ben"), begins=date(2026, 3, 9), days=7, handover=time(7), zone="Europe/Oslo"
)
STEPS = (
    EscalationStep(asks=("rotation:duty",), wait=timedelta(minutes=5)),
    EscalationStep(asks=("sol",), wait=timedelta(minutes=10)),
    EscalationStep(asks=("eva",), wait=timedelta(minutes=30)),
)
SQUARE = Escalation(name="square", steps=STEPS, alerts_from=Severity.SEVERE, untaken=timedelta(minutes=5))


MASKS = LibraryTextMasks()
"""One for all houses: its lists of names take a third of a second to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A desk, its people by name, and its two channels."""

    desk: Desk
    people: dict[str, Actor]
    book: MemoryChannels

    @property
    def mail(self) -> RecordingChannel:
        """Return the channel most people are reached by first."""
        return self.book.ways["mail"]

    @property
    def chat(self) -> RecordingChannel:
        """Return the channel some are reached by second."""
        return self.book.ways["chat"]

    def ask(self, *to: str, **changes: Any) -> NoticeId:
        """Send a notice about the incident in a unit of its own."""
        notice = Notice(to=to, title="Crowd at the quay", incident=IncidentId(1), **changes)
        with self.desk.store.write() as unit:
            return notices.send_notice(self.desk, unit, self.people["ada"], notice)

    def turn(self, minutes: float = 0) -> None:
        """Let time pass, then let everything happen that is due."""
        clock_of(self.desk).advance(minutes * 60)
        watch_untaken(self.desk)
        for _ in range(4):
            watch_notices(self.desk)
            for channel in self.book.ways:
                send_due(self.desk, channel)

    def check(self) -> None:
        """Ask every channel whether it is there, a minute later, and tell what is wrong."""
        clock_of(self.desk).advance(61)
        for channel in self.book.ways:
            check_channel(self.desk, channel)
        tell_channels(self.desk)

    def view(self, number: int = 1) -> NoticeView:
        """Return how a notice stands."""
        return next(view for view in notices_view(self.desk, self.people["sol"]) if view.notice.id == number)

    def of(self, name: str, number: int = 1) -> RecipientView:
        """Return how it stands with one person."""
        return next(one for one in self.view(number).recipients if one.person == name)

    def timeline(self) -> list[str]:
        """Return the events of the incident's timeline."""
        with self.desk.store.read() as unit:
            return [str(entry.event) for entry in unit.incidents.entries(IncidentId(1))]

    def token(self, place: int = -1, channel: str = "mail") -> str:
        """Return the token in a message that was sent."""
        return self.book.ways[channel].sent[place][0].answer_link.rpartition("/")[2]


def house(*, reached: bool = True) -> House:
    """Return the house at 21:00 UTC on 14 March 2026, when ada is on duty and an incident of hers is open."""
    book = MemoryChannels(ways={"mail": RecordingChannel(), "chat": RecordingChannel(kind="matrix")})
    desk = replace(memory_desk(AT), channels=book, text_masks=MASKS)
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    fuse(desk, seen("a"))
    incidents.open_incident(desk, people["ada"], "Crowd at the quay", [AlertId(1)])
    if reached:
        for name, actor in people.items():
            contacts.put_contact(desk, actor, "mail", f"{name}@city.example")
        for name in ("sol", "ada"):
            contacts.put_contact(desk, people[name], "chat", f"!{name}:city.example", place=1)
    on_call_desk.save_rotation(desk, people["sol"], DUTY, version=0)
    on_call_desk.save_escalation(desk, people["sol"], SQUARE, version=0)
    return House(desk=desk, people=people, book=book)
