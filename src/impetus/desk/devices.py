"""Which device is meant, what it may be told, and until when: checked when it is proposed, before anybody agrees."""

from datetime import datetime, timedelta
from ipaddress import ip_network

from impetus.core.effect import Device, DeviceKind
from impetus.core.errors import Malformed, Refused
from impetus.desk.context import Desk

SHORTEST = timedelta(minutes=1)
WIDEST_BLOCK = {4: 16, 6: 32}
"""Shortest prefix a firewall block may have: more than that is a whole provider. House rule."""


def device_of(desk: Desk, said: str) -> Device:
    """Return the device somebody means, by id, `kind:id` or name; `Malformed` names those there are."""
    wanted = said.strip().casefold()
    devices = desk.outside.city.devices()
    for device in devices:
        if wanted in {device.id.casefold(), f"{device.kind}:{device.id}".casefold(), device.name.casefold()}:
            return device
    fault = desk.outside.city.fault()
    raise Malformed(
        f"no city system is called {said[:80]!r}" if not fault else f"no city system can be driven: {fault}",
        value=said[:80],
        limit=", ".join(device.id for device in devices) or "none is declared",
        remedy="name one that is declared in effectors.toml" if not fault else "mend effectors.toml",
    )


def checked_command(device: Device, command: str) -> str:
    """Return the words a device is to take; `Malformed` when it does not know them or has no room."""
    said = " ".join(command.split())
    if device.commands and said not in device.commands:
        raise Malformed(
            f"{device.name} does not know {said[:60]!r}", value=said[:60], limit=", ".join(device.commands),
            remedy="choose one of these",
        )  # fmt: skip
    if not 0 < len(said) <= device.most_words:
        raise Malformed(
            f"{len(said)} characters for {device.name}", value=len(said), limit=f"1..{device.most_words}",
            remedy="say it in fewer words",
        )  # fmt: skip
    if device.kind is DeviceKind.FIREWALL:
        return _network(said)
    return said


def _network(said: str) -> str:
    """Return the network a firewall is to block; nothing wider than a house rule, nothing else than an address."""
    try:
        network = ip_network(said)
    except ValueError as error:
        raise Malformed(
            f"{said[:60]!r} is no network",
            value=said[:60],
            limit="an address or network",
            remedy="write 203.0.113.7/32",
        ) from error
    if network.prefixlen < WIDEST_BLOCK[network.version]:
        raise Malformed(
            f"{network} is {network.num_addresses} addresses",
            value=str(network),
            limit=f"/{WIDEST_BLOCK[network.version]} or narrower",
            remedy="block less",
        )
    return str(network)


def end_of(until: str, at: datetime, longest: timedelta) -> datetime:
    """Return when an effect ends: the time said, else as long as the device may be set.

    A time is ISO 8601 with an offset. Words ("end of incident") name no moment; they stay beside the end that is set, so
    that people read both, and the end is never left open.
    """
    try:
        ends = datetime.fromisoformat(until.strip())
    except ValueError:
        return at + longest
    if ends.tzinfo is None:
        raise Malformed(
            f"the end {until} has no offset", value=until, limit="2026-11-22T22:00:00+01:00", remedy="add it"
        )
    if not at + SHORTEST <= ends <= at + longest:
        raise Malformed(
            f"the end {ends:%H:%M:%S} is {'over' if ends <= at else 'out of range'}",
            value=until,
            limit=f"{SHORTEST} .. {longest} from now",
            remedy="choose an end in range; propose it again when it is over",
        )
    return ends


def check_exercise(device: Device, *, is_simulated: bool) -> None:
    """Refuse to let exercise input move a real device.

    **Source**: processes of the house: exercises have no way to a live effector.
    """
    if is_simulated and not device.simulated:
        raise Refused(
            f"{device.name} is real and this comes from simulated input",
            rule="exercises have no way to a live effector",
            value=device.id,
            limit="a simulated device",
            source="processes of the house; HSEEP",
            remedy="choose a simulated device, or propose it from a real incident",
        )
