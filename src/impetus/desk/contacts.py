"""Where people are reached: each looks after their own addresses, which are kept sealed and shown to nobody else."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.call import Contact
from impetus.core.errors import Malformed, Unknown
from impetus.core.ids import AccountId
from impetus.desk.action_step import person_of
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation

MOST_PLACES = 9
LONGEST_ADDRESS = 2000
"""Longest address in characters; a browser's push subscription has about 500. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnContact:
    """One of one's own contacts: the channel, its place in the order, the address, and since when."""

    channel: str
    place: int
    address: str
    added_at: datetime


def own_contacts(desk: Desk, actor: Actor) -> tuple[OwnContact, ...]:
    """Return where the actor is reached, in the order that is tried."""
    permit(desk, actor, Operation.CALLS_ANSWER)
    account = person_of(actor)
    with desk.store.read() as unit:
        found = unit.calls.contacts(account)
    return tuple(
        OwnContact(
            channel=contact.channel,
            place=contact.place,
            address=address_of(desk, contact),
            added_at=contact.added_at,
        )
        for contact in found
    )


def put_contact(desk: Desk, actor: Actor, channel: str, address: str, *, place: int = 0) -> Contact:
    """Store where the actor is reached by a channel, or change it; the channel says what an address is."""
    permit(desk, actor, Operation.CALLS_ANSWER, on=f"channel:{channel}")
    account = person_of(actor)
    way = desk.channels.channels().get(channel)
    if way is None:
        raise Unknown(
            f"there is no channel {channel}",
            value=channel,
            limit=", ".join(desk.channels.channels()) or "none is configured",
            remedy="choose one that is configured, or ask for it to be",
        )
    if not 0 <= place <= MOST_PLACES or len(address) > LONGEST_ADDRESS:
        raise Malformed(
            f"place {place}, {len(address)} characters",
            value=place,
            limit=f"place 0..{MOST_PLACES}, at most {LONGEST_ADDRESS} characters",
            remedy="mend it and save again",
        )
    kept = way.fixed_address or way.check_address(address.strip())
    contact = Contact(
        account=account,
        channel=channel,
        place=place,
        sealed=desk.keys.seal(kept.encode(), about=_about(account, channel)),
        added_at=desk.clock.now(),
    )
    with desk.store.write() as unit:
        unit.calls.put_contact(contact)
        note_done(desk, actor, "contact.put", f"account:{account}", facts={"channel": channel, "place": place})
    return contact


def forget_contact(desk: Desk, actor: Actor, channel: str) -> None:
    """Forget where the actor is reached by a channel; one that is not there is no error."""
    permit(desk, actor, Operation.CALLS_ANSWER, on=f"channel:{channel}")
    account = person_of(actor)
    with desk.store.write() as unit:
        if unit.calls.remove_contact(account, channel):
            note_done(desk, actor, "contact.forget", f"account:{account}", facts={"channel": channel})


def reachable(desk: Desk, actor: Actor) -> dict[str, tuple[str, ...]]:
    """Return by which channels each person is reached, never under which address."""
    permit(desk, actor, Operation.CALLS_READ)
    with desk.store.read() as unit:
        contacts = unit.calls.contacts()
        names = {account.id: account.name for account in unit.accounts.all() if account.disabled_at is None}
    ways = {name: list[str]() for name in names.values()}
    for contact in contacts:
        if contact.account in names:
            ways[names[contact.account]].append(contact.channel)
    return {name: tuple(channels) for name, channels in ways.items()}


def address_of(desk: Desk, contact: Contact) -> str:
    """Return the address in clear, for its owner's page and for the channel itself."""
    return desk.keys.open(contact.sealed, about=_about(contact.account, contact.channel)).decode()


def _about(account: AccountId, channel: str) -> str:
    return f"contact:{account}:{channel}"
