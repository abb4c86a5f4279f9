"""A city in memory: devices that remember, fail and fall silent as a test says, gateways and feeds likewise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from impetus.adapters.cap.codec import XmlCap
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import Device, DeviceKind
from impetus.core.errors import NotNow, Unknown
from impetus.core.place import Point
from impetus.core.warning import Message
from impetus.ports.city import DeviceLink, FeedSource, Outside, Shown
from impetus.ports.effects import Outcome

SIGN = Device(
    id="sign-e1",
    name="Sign at E1",
    kind=DeviceKind.SIGN,
    longest=timedelta(hours=2),
    most_words=60,
    point=Point(lon=10.7331, lat=59.9121),
    simulated=True,
)
"""A simulated sign, as the demonstration has one."""


@dataclass(slots=True)
class MemoryDevice:
    """Fulfils `impetus.ports.city.DeviceLink`: shows what it was told, once a key, and clears what it shows.

    `is_away`: nothing reaches it, and it is known. `is_silent`: it acts and does not answer. `is_lost`: what is sent goes
    nowhere and nobody answers. `refuses`: it says no. `before` is called first: raise in it to die there;
    `after` when it has acted and before it answers.
    """

    device: Device = SIGN
    is_away: bool = False
    is_silent: bool = False
    is_lost: bool = False
    refuses: str = ""
    showing: Shown = field(default_factory=lambda: Shown(key=""))
    sent: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _verb: None
    after: Callable[[str], None] = lambda _verb: None

    @property
    def is_repeatable(self) -> bool:
        """Say what the device is declared as."""
        return self.device.is_repeatable

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Show the words."""
        return self._act("set", authorised.key, Shown(key=authorised.key, words=authorised.what.parameters["command"]))

    def revert(self, authorised: Authorised[Action]) -> Outcome:
        """Show nothing, when it is this that is shown."""
        is_shown = self.showing.key == authorised.key
        return self._act("clear", authorised.key, Shown(key="") if is_shown else self.showing)

    def shown(self) -> Shown | None:
        """Say what is shown; nothing while it cannot be asked."""
        return None if self.is_away or self.is_silent or self.is_lost else self.showing

    def _act(self, verb: str, key: str, then: Shown) -> Outcome:
        self.before(verb)
        if self.is_away:
            raise NotNow(f"the line to {self.device.name} is away; nothing was sent", retry_after_s=5.0)
        self.sent.append((verb, key))
        if self.refuses and verb == "set":
            return Outcome(succeeded=False, receipt=self.refuses)
        if not self.is_lost:
            self.showing = then
        self.after(verb)
        if self.is_silent or self.is_lost:
            return Outcome(succeeded=False, receipt=f"{self.device.name} has not answered", is_known=False)
        return Outcome(succeeded=True, receipt=f"{self.device.name} answered {verb}")


@dataclass(slots=True)
class MemoryCity:
    """Fulfils `impetus.ports.city.CitySystems`."""

    links: dict[str, MemoryDevice] = field(default_factory=dict)
    trouble: str = ""

    def devices(self) -> Sequence[Device]:
        """Return the devices by id."""
        return tuple(self.links[name].device for name in sorted(self.links))

    def fault(self) -> str:
        """Return what a test says is wrong."""
        return self.trouble

    def link(self, device: str) -> DeviceLink:
        """Return the line to a device."""
        if device not in self.links:
            raise Unknown(f"no device {device} is declared", value=device, remedy="declare it")
        return self.links[device]

    def add(self, device: Device = SIGN) -> MemoryDevice:
        """Declare one and return it."""
        self.links[device.id] = MemoryDevice(device)
        return self.links[device.id]


@dataclass(slots=True)
class MemoryGateways:
    """Fulfils `impetus.ports.city.Gateways`: keeps what was released, by identifier."""

    name: str = ""
    missing: str = ""
    is_away: bool = False
    is_silent: bool = False
    refuses: str = ""
    released: dict[str, Message] = field(default_factory=dict)
    sources: tuple[FeedSource, ...] = ()

    def sender(self) -> str:
        """Return whose warnings these are."""
        return self.name

    def ready(self, message: Message) -> str:
        """Return what a test says is missing."""
        del message
        return self.missing

    def hand_over(self, authorised: Authorised[Action], message: Message) -> Outcome:
        """Keep it."""
        del authorised
        if self.is_away:
            raise NotNow("the gateway is away; nothing was sent", retry_after_s=5.0)
        if self.refuses:
            return Outcome(succeeded=False, receipt=self.refuses)
        self.released[message.header.identifier] = message
        if self.is_silent:
            return Outcome(succeeded=False, receipt="the gateway has not answered", is_known=False)
        return Outcome(succeeded=True, receipt=f"gateway has {message.header.identifier}")

    def feeds(self) -> Sequence[FeedSource]:
        """Return the feeds to be read in."""
        return self.sources


@dataclass(slots=True)
class MemoryFetcher:
    """Fulfils `impetus.ports.city.Fetcher` from a dict."""

    bodies: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, url: str) -> bytes:
        """Return what stands under the address."""
        if url not in self.bodies:
            raise NotNow(f"{url} cannot be read", retry_after_s=60.0)
        return self.bodies[url]


def memory_outside() -> Outside:
    """Return an outside with nothing in it."""
    return Outside(city=MemoryCity(), gateways=MemoryGateways(), cap=XmlCap(), fetcher=MemoryFetcher())
