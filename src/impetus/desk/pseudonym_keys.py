"""The keys of pseudonyms: a master made once and given to three custodians, and the days' keys two of them make of it.

The master exists while one of these functions runs and nowhere else. What the platform keeps are keys of days ahead; when
they run out, or a day before the first is asked for, two custodians come with their shares.

**Source**: GDPR, article 4(5): the additional information is kept separately; ENISA, Pseudonymisation techniques and best
practices (2019), section 5.2.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.pseudonym import KEY_BYTES, period_key, period_of
from impetus.ethics.shares import read, restore, split, write

MAX_DAYS = 400
"""Days made at once: a year and some; each is a file. House rule."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDays:
    """Which days have a key, and the shares of a set-up, shown once and kept by nobody here."""

    first: date | None
    last: date | None
    count: int
    shares: tuple[str, ...] = field(default=(), repr=False)


def set_up(desk: Desk, actor: Actor, *, days: int) -> KeyDays:
    """Make a master key, split it among three custodians, and keep the keys of today and the days ahead.

    Raises `Conflict` when there are days already: another master would give old pseudonyms new meanings.
    """
    permit(desk, actor, Operation.TOKENS_MANAGE, on="pseudonyms")
    _check_days(days)
    if desk.vault.days():
        raise Conflict(
            "there are pseudonym keys already",
            value=len(desk.vault.days()),
            limit="none",
            remedy="make more days with two custodians: `impetus pseudonyms days`",
        )
    master = desk.chance.bytes_(KEY_BYTES)
    shares = tuple(write(share) for share in split(master, desk.chance.bytes_))
    _keep(desk, master, period_of(desk.clock.now()), days)
    note_done(desk, actor, "pseudonyms.set_up", "pseudonyms", facts={"days": days})
    return _status(desk, shares)


def make_days(desk: Desk, actor: Actor, lines: Sequence[str], *, days: int) -> KeyDays:
    """Make the keys of the days behind the last one, from the shares of two custodians.

    Raises `Malformed` for shares that are damaged, mixed up, or of another master than the days that are there.
    """
    permit(desk, actor, Operation.TOKENS_MANAGE, on="pseudonyms")
    _check_days(days)
    master = restore([read(line) for line in lines])
    known = desk.vault.days()
    if known and not hmac.compare_digest(period_key(master, known[-1]), desk.vault.day(known[-1])):
        raise Malformed(
            "these shares are of another master key than the days that are here",
            value=known[-1].isoformat(),
            limit="the shares of this installation's set-up",
            remedy="look at the signs after -1- on the paper",
        )
    today = period_of(desk.clock.now())
    _keep(desk, master, max(today, known[-1] + DAY) if known else today, days)
    note_done(desk, actor, "pseudonyms.days", "pseudonyms", facts={"days": days})
    return _status(desk)


def key_days(desk: Desk, actor: Actor) -> KeyDays:
    """Return which days have a key."""
    permit(desk, actor, Operation.TOKENS_MANAGE, on="pseudonyms")
    return _status(desk)


def _keep(desk: Desk, master: bytes, first: date, days: int) -> None:
    desk.vault.keep({day: period_key(master, day) for day in (first + number * DAY for number in range(days))})


def _status(desk: Desk, shares: tuple[str, ...] = ()) -> KeyDays:
    found = desk.vault.days()
    return KeyDays(
        first=found[0] if found else None, last=found[-1] if found else None, count=len(found), shares=shares
    )


def _check_days(days: int) -> None:
    if not 1 <= days <= MAX_DAYS:
        raise Malformed(f"{days} days", value=days, limit=f"1..{MAX_DAYS}", remedy="make fewer at once")
