"""What `effectors.toml` may declare, as it is after checking: devices with their lines, gateways, feeds."""

from dataclasses import dataclass, field
from pathlib import Path

from impetus.adapters.broker import Broker
from impetus.core.effect import Device
from impetus.core.warning import Status
from impetus.ports.city import FeedSource


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttLine:
    """A device over MQTT: it takes commands under `topic`/set and says what it shows under `topic`/state."""

    broker: Broker
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLine:
    """A device over HTTP: PUT sets, DELETE takes back; `{key}` in the address is the effect's own key.

    `token` is sent as a bearer token when there is one; it is shown nowhere.
    """

    url: str
    token: str = field(default="", repr=False)
    cafile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredDevice:
    """A device and its line."""

    device: Device
    line: MqttLine | HttpLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Where messages of one status go: a folder of files, an address that takes HTTP PUT, or both."""

    status: Status
    folder: Path | None = None
    url: str = ""
    token: str = field(default="", repr=False)
    cafile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Everything a file declares; `sender` is who our warnings are from (CAP 1.2, section 3.2.1)."""

    devices: tuple[DeclaredDevice, ...] = ()
    sender: str = ""
    gateways: tuple[Gateway, ...] = ()
    feeds: tuple[FeedSource, ...] = ()
