"""Protocols of the city's own systems, of warnings to the public, and of what is kept about both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import CityEffect, Device, EffectState
from impetus.core.ids import ActionId, IncidentId
from impetus.core.warning import CapAlert, FeedPage, Message, PublicWarning, ReadIn
from impetus.ports.effects import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a device says of itself: the key of what it shows, empty when it shows nothing of ours, and its words."""

    key: str
    words: str = ""


class DeviceLink(Protocol):
    """The line to one device. Every call is short: it answers, or says that nobody knows, within its own time-out."""

    @property
    def is_repeatable(self) -> bool:
        """Say whether the same key twice has one effect."""
        ...

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Set it; `NotNow` when it certainly did not reach the device, an outcome that is not known when it may have."""
        ...

    def revert(self, authorised: Authorised[Action]) -> Outcome:
        """Take back what was set under the key; succeeds when the device no longer shows it, whoever saw to that."""
        ...

    def shown(self) -> Shown | None:
        """Return what the device says that it shows, None when it does not say."""
        ...


class CitySystems(Protocol):
    """The devices an installation declared."""

    def devices(self) -> Sequence[Device]:
        """Return the devices by id; none when the declaration is missing or wrong."""
        ...

    def fault(self) -> str:
        """Return why the declaration cannot be read, empty when it can."""
        ...

    def link(self, device: str) -> DeviceLink:
        """Return the line to a device; `Unknown` when none of that id is declared."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """A feed of other authorities' warnings: where it is, how often it is read, and whose signatures are trusted."""

    id: str
    name: str
    url: str
    every_s: float
    certificates: tuple[str, ...] = ()
    simulated: bool = False


class Gateways(Protocol):
    """Where released warnings go: the authority's gateway. We never broadcast ourselves."""

    def sender(self) -> str:
        """Return the sender of this installation's warnings, empty when none is declared."""
        ...

    def ready(self, message: Message) -> str:
        """Return why nothing would take a message of this status, empty when something would."""
        ...

    def hand_over(self, authorised: Authorised[Action], message: Message) -> Outcome:
        """Give the message to the gateway of its own status and no other; the same identifier twice is one message."""
        ...

    def feeds(self) -> Sequence[FeedSource]:
        """Return the feeds to be read in."""
        ...


class CapCodec(Protocol):
    """CAP 1.2 as bytes."""

    def write(self, message: Message) -> bytes:
        """Return the message as an XML document."""
        ...

    def read(self, body: bytes, certificates: Sequence[str] = ()) -> CapAlert:
        """Return the alert in an untrusted document; `Malformed` or `TooLarge` says why not."""
        ...

    def read_page(self, body: bytes, certificates: Sequence[str] = ()) -> FeedPage:
        """Return the alerts of an untrusted ATOM or RSS feed, or of one bare alert."""
        ...


class Fetcher(Protocol):
    """Gets what a feed's address holds."""

    def fetch(self, url: str) -> bytes:
        """Return the body, bounded in size and time; `NotNow` when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The city's systems, the way of warnings out, and the way of warnings in."""

    city: CitySystems
    gateways: Gateways
    cap: CapCodec
    fetcher: Fetcher


class Effects(Protocol):
    """What was set in the city."""

    def add(self, effect: CityEffect) -> CityEffect:
        """Store a new one and return it with its id; `Conflict` when its key is there."""
        ...

    def get(self, effect: int) -> CityEffect:
        """Return it, or raise `Unknown`."""
        ...

    def of_action(self, action: ActionId) -> CityEffect | None:
        """Return what an action set."""
        ...

    def replace(self, effect: CityEffect) -> CityEffect:
        """Store the change if the version still matches; return it with version + 1, else `Conflict`."""
        ...

    def find(
        self, *, states: Sequence[EffectState] = (), incident: IncidentId | None = None, limit: int = 200
    ) -> Sequence[CityEffect]:
        """Return effects, newest first."""
        ...

    def erase_over(self, before: datetime, *, limit: int = 500) -> int:
        """Erase those that were over before the time; return how many. One that may still stand is never erased."""
        ...


class Warnings(Protocol):
    """Warnings to the public, drafted and released, and warnings read in."""

    def add(self, warning: PublicWarning) -> PublicWarning:
        """Store a new one and return it with its id."""
        ...

    def get(self, warning: int) -> PublicWarning:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, warning: PublicWarning) -> PublicWarning:
        """Store the change if the version still matches, else `Conflict`; its status can never change."""
        ...

    def all(self, *, incident: IncidentId | None = None, limit: int = 100) -> Sequence[PublicWarning]:
        """Return them, newest first."""
        ...

    def of_chain(self, chain: int) -> Sequence[PublicWarning]:
        """Return the warnings of a chain, oldest first."""
        ...

    def erase_over(self, before: datetime, *, limit: int = 500) -> int:
        """Erase those last changed before the time; return how many."""
        ...

    def take_in(self, read_in: ReadIn) -> bool:
        """Store that an alert was read in; false, changing nothing, when it was before."""
        ...

    def is_read_in(self, feed: str, sender: str, identifier: str, sent: datetime) -> bool:
        """Say whether an alert was read in."""
        ...

    def read_in(self, *, limit: int = 100) -> Sequence[ReadIn]:
        """Return what was read in, newest first."""
        ...

    def erase_read_in(self, before: datetime, *, limit: int = 500) -> int:
        """Erase what was read in before the time; return how many."""
        ...
