"""The declared city: its devices and gateways, read anew whenever the file changes."""

import threading
from collections.abc import Sequence
from pathlib import Path

import httpx

from impetus.adapters.durable_file import write_durably
from impetus.adapters.effectors.declared import Declared, Gateway, HttpLine
from impetus.adapters.effectors.devices_file import EFFECTORS_FILE, read_effectors
from impetus.adapters.effectors.http import UNSENT, HttpLink, client_for
from impetus.adapters.effectors.mqtt import MqttLink
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import Device
from impetus.core.errors import Misconfigured, NotNow, Refused, Unknown
from impetus.core.warning import Message
from impetus.ports.city import CapCodec, DeviceLink, FeedSource
from impetus.ports.effects import Outcome

PUT_S = 10.0
RETRY_S = 10.0
CAP_TYPE = "application/cap+xml"


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
                is_http = isinstance(each.line, HttpLine)
                return HttpLink(each.device, each.line) if is_http else MqttLink(each.device, each.line)  # type: ignore[arg-type]  # two kinds of line, told apart a word before
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
            outcome = _put(gateway, message, body)
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


def _put(gateway: Gateway, message: Message, body: bytes) -> Outcome:
    """Put the message to the gateway's address, under its identifier when the address has a place for it."""
    headers = {"content-type": CAP_TYPE, "idempotency-key": message.header.identifier}
    if gateway.token:
        headers["authorization"] = f"Bearer {gateway.token}"
    url = gateway.url.replace("{identifier}", message.header.identifier)
    try:
        with client_for(gateway.cafile, PUT_S) as client:
            answer = client.put(url, content=body, headers=headers)
    except UNSENT as error:
        raise NotNow(f"the gateway is away; nothing was sent ({str(error)[:80]})", retry_after_s=RETRY_S) from error
    except httpx.HTTPError as error:
        return Outcome(succeeded=False, receipt=f"the gateway has not answered ({str(error)[:80]})", is_known=False)
    said = f"gateway answered {answer.status_code}"
    return Outcome(succeeded=answer.is_success, receipt=said, is_known=answer.is_success or answer.is_client_error)
