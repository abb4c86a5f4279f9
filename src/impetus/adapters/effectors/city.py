"""The declared city: its devices and gateways, read anew whenever the file changes.

The clients of HTTP and MQTT are loaded with the first line that is opened, because most processes open none.
"""
# ruff: noqa: PLC0415 - see above

import threading
from collections.abc import Sequence
from pathlib import Path

from impetus.adapters.durable_file import write_durably
from impetus.adapters.effectors.declared import Declared, DeclaredDevice, HttpLine
from impetus.adapters.effectors.devices_file import EFFECTORS_FILE, read_effectors
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import Device
from impetus.core.errors import Misconfigured, NotNow, Refused, Unknown
from impetus.core.warning import Message
from impetus.ports.city import CapCodec, DeviceLink, FeedSource
from impetus.ports.effects import Outcome

RETRY_S = 10.0


class DeclaredCity:
    """Fulfils `impetus.ports.city.CitySystems` and `Gateways` over `effectors.toml` of a home."""

    def __init__(self, home: Path, cap: CapCodec) -> None:
        """Remember where to look; nothing is read yet."""
        self._home, self._cap = home, cap
        self._lock = threading.Lock()
        self._kept: tuple[str, Declared, str] | None = None

    def devices(self) -> Sequence[Device]:
        """Return the devices by id."""
        return tuple(sorted((each.device for each in self._read()[0].devices), key=lambda device: device.id))

    def fault(self) -> str:
        """Return why the declaration cannot be read."""
        return self._read()[1]

    def link(self, device: str) -> DeviceLink:
        """Return the line to a device."""
        for each in self._read()[0].devices:
            if each.device.id == device:
                return _line(each)
        raise Unknown(
            f"no device {device} is declared",
            value=device,
            limit=", ".join(each.id for each in self.devices()) or self.fault() or "none is declared",
            remedy=f"declare it in {EFFECTORS_FILE}",
        )

    def sender(self) -> str:
        """Return who our warnings are from."""
        return self._read()[0].sender

    def feeds(self) -> Sequence[FeedSource]:
        """Return the feeds to be read in."""
        return self._read()[0].feeds

    def ready(self, message: Message) -> str:
        """Return why nothing would take a message of this status."""
        declared, fault = self._read()
        if fault:
            return fault
        if not declared.sender:
            return f"no sender is declared in {EFFECTORS_FILE}"
        is_there = any(gateway.status is message.status for gateway in declared.gateways)
        return "" if is_there else f"no gateway for status {message.status} is declared in {EFFECTORS_FILE}"

    def hand_over(self, authorised: Authorised[Action], message: Message) -> Outcome:
        """Give the message to the gateway of its own status; the file's name is the identifier, so twice is once."""
        del authorised  # that there is one is the permission
        gateway = next((each for each in self._read()[0].gateways if each.status is message.status), None)
        if gateway is None:
            raise Refused(
                f"no gateway takes {message.status}", rule="a message goes to the gateway of its own status",
                value=message.status, remedy=f"declare one in {EFFECTORS_FILE}",
            )  # fmt: skip
        body, receipts = self._cap.write(message), []
        if gateway.folder is not None:
            receipts.append(_file(gateway.folder, message, body))
        if gateway.url:
            from impetus.adapters.effectors.put_message import put_message

            outcome = put_message(gateway, message, body)
            if not outcome.succeeded:
                return outcome
            receipts.append(outcome.receipt)
        return Outcome(succeeded=True, receipt="; ".join(receipts))

    def _read(self) -> tuple[Declared, str]:
        """Return what is declared and why not; a file with a fault declares nothing."""
        with self._lock:
            stamp = _stamp(self._home / EFFECTORS_FILE)
            if self._kept is None or self._kept[0] != stamp:
                try:
                    self._kept = stamp, read_effectors(self._home), ""
                except Misconfigured as error:
                    self._kept = stamp, Declared(), error.detail
            return self._kept[1], self._kept[2]


def _line(declared: DeclaredDevice) -> DeviceLink:
    """Return the line of a device."""
    if isinstance(declared.line, HttpLine):
        from impetus.adapters.effectors.http import HttpLink

        return HttpLink(declared.device, declared.line)
    from impetus.adapters.effectors.mqtt import MqttLink

    return MqttLink(declared.device, declared.line)


def _stamp(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"


def _file(folder: Path, message: Message, body: bytes) -> str:
    """Write the message into the folder, whole and durably."""
    name = f"{message.header.identifier}.cap.xml"
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise NotNow(f"{folder.name} cannot be made: {error.strerror}", retry_after_s=RETRY_S) from error
    write_durably(folder / name, body)
    return f"file {name}, {len(body)} bytes"
