"""Protocols of the ways out: a channel brings a message to a person's device, and says how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.errors import TheirFault
from impetus.core.notice import Outgoing


class AddressRefused(TheirFault):
    """The channel works, but this address does not exist or no longer takes messages."""

    title = "The address was refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a channel said: `is_delivered` when it knows that the message arrived, `receipt` a line without personal data."""

    receipt: str = ""
    is_delivered: bool = False


class Channel(Protocol):
    """One configured way out. Blocking calls with time-outs of their own; safe to be asked again with the same message id."""

    @property
    def kind(self) -> str:
        """Return `smtp`, `webhook`, `matrix`, `mattermost`, `web_push` or `mailbox`."""
        ...

    @property
    def takes_exercises(self) -> bool:
        """Say whether messages about simulated input may go this way."""
        ...

    @property
    def fixed_address(self) -> str:
        """Return the address everybody is reached under (a room, a system), empty when each person has their own."""
        ...

    def check_address(self, address: str) -> str:
        """Return the address as it is kept; `Malformed` for what is none."""
        ...

    def send(self, message: Outgoing, address: str) -> Sent:
        """Send it; `AddressRefused` for good, `NotNow` for later, `Misconfigured` when the channel itself is at fault."""
        ...

    def check(self) -> None:
        """Return when the channel answers; sends nothing to anybody. Errors as for `send`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in the demonstration's mailbox."""

    id: str
    to: str
    headline: str
    link: str
    answer_link: str
    at: datetime


class ChannelBook(Protocol):
    """The channels of an installation, as its file says now."""

    def channels(self) -> Mapping[str, Channel]:
        """Return them by name, none while the file has a fault."""
        ...

    def fault(self) -> str:
        """Return what is wrong with the file, with line and remedy; empty for nothing."""
        ...

    def address(self) -> str:
        """Return where people reach the pages, `https://host`, without a slash at the end."""
        ...

    def letters(self) -> Sequence[Letter]:
        """Return what the demonstration's mailbox holds, newest first; nothing elsewhere."""
        ...

    def push_key(self) -> str:
        """Return the key browsers subscribe to web push with, empty where none is configured."""
        ...


class NoChannels:
    """Fulfils `ChannelBook` where none is configured: nothing goes out."""

    def channels(self) -> Mapping[str, Channel]:
        """Return none."""
        return {}

    def fault(self) -> str:
        """Return nothing: having no channel is no fault."""
        return ""

    def address(self) -> str:
        """Return the loopback address of the default settings."""
        return "http://127.0.0.1:8470"

    def letters(self) -> Sequence[Letter]:
        """Return none."""
        return ()

    def push_key(self) -> str:
        """Return none."""
        return ""
