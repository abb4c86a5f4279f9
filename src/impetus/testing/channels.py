"""Channels in memory: one that remembers what it was given, and fails when it is told to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from impetus.core.errors import ImpetusError, Malformed
from impetus.core.notice import Outgoing
from impetus.ports.notices import Channel, Letter, Sent


@dataclass(slots=True)
class RecordingChannel:
    """Fulfils `impetus.ports.notices.Channel`; `trouble` is raised by every try and check while it is set."""

    kind: str = "mailbox"
    takes_exercises: bool = True
    fixed_address: str = ""
    is_confirming: bool = False
    trouble: ImpetusError | None = None
    sent: list[tuple[Outgoing, str]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """Ids of messages, one for each try, also of those that failed."""

    def check_address(self, address: str) -> str:
        """Return the address; an empty one is none."""
        if not address:
            raise Malformed("no address", value=address, limit="some text", remedy="give one")
        return address

    def send(self, message: Outgoing, address: str) -> Sent:
        """Remember the message."""
        self.tried.append(message.id)
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((message, address))
        return Sent(receipt="remembered", is_delivered=self.is_confirming)

    def check(self) -> None:
        """Return unless it is in trouble."""
        if self.trouble is not None:
            raise self.trouble


@dataclass(slots=True)
class MemoryChannels:
    """Fulfils `impetus.ports.notices.ChannelBook` with the channels it is given."""

    ways: dict[str, RecordingChannel] = field(default_factory=dict)
    said_fault: str = ""

    def channels(self) -> Mapping[str, Channel]:
        """Return them."""
        return dict(self.ways)

    def fault(self) -> str:
        """Return what a test says is wrong."""
        return self.said_fault

    def address(self) -> str:
        """Return a city's address."""
        return "https://impetus.city.example"

    def letters(self) -> Sequence[Letter]:
        """Return none."""
        return ()

    def push_key(self) -> str:
        """Return none."""
        return ""
