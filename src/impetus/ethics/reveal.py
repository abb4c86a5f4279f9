"""The rules of lifting a mask or a pseudonym: two persons, a reason, a case, a short time, and a mark on what is shown.

Pure: whoever asks hands in who, when and until when; the desk stores and logs.

**Source**: GDPR, articles 5(1)(b), 25 and 32; Directive (EU) 2016/680, article 25; house rule F4 and F5: two different
persons for re-identification and for the clear picture.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor, Role
from impetus.core.errors import Malformed, Refused
from impetus.core.ids import AccountId

MAX_REVEAL = timedelta(minutes=30)
"""Longest a clear picture stays open; who needs longer asks again, and is seen to. House rule."""
ANSWER_WITHIN = timedelta(minutes=15)
"""How long an unanswered request, or an approved one nobody opened, stays good: a reason grows old. House rule."""
CLOCK_TOLERANCE = timedelta(seconds=2)
"""How far a clock may step back before a reveal ends: what steering by NTP does at most. House rule."""
NOT_PERSONS = frozenset({Role.SERVICE, Role.PLATFORM})
REASON_IN_MARK = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked: the name and the account behind it."""

    name: str
    account: AccountId


def person(actor: Actor) -> Asker:
    """Return who a person is; refuses tokens, the platform and the console, which has no name of its own."""
    if actor.role in NOT_PERSONS or actor.account is None:
        raise Refused(
            f"{actor.name} is no signed-in person",
            rule="a mask is lifted between two named persons",
            value=actor.role.value,
            limit="a person with an account",
            source="house rule F4: two distinct persons; the console and tokens have no face",
            remedy="sign in with your own account",
        )
    return Asker(name=actor.name, account=actor.account)


def second_person(asker: Asker, actor: Actor) -> Asker:
    """Return the second person; refuses the one who asked, under whatever spelling."""
    second = person(actor)
    if second.account == asker.account or second.name.casefold() == asker.name.casefold():
        raise Refused(
            f"{actor.name} asked for this and cannot approve it",
            rule="asker and approver are two persons",
            value=actor.name,
            limit=f"anybody but {asker.name}",
            source="house rule F4: dual control",
            remedy="ask another supervisor, or the data protection officer",
        )
    return second


def span(minutes: int) -> timedelta:
    """Return how long a reveal may be open; `Malformed` outside 1 minute .. 30 minutes."""
    asked = timedelta(minutes=minutes)
    if not timedelta(minutes=1) <= asked <= MAX_REVEAL:
        raise Malformed(
            f"{minutes} minutes",
            value=minutes,
            limit=f"1..{MAX_REVEAL // timedelta(minutes=1)} minutes",
            remedy="ask for a time in between; you can ask again when it is over",
        )
    return asked


def is_within(opened: datetime, until: datetime, newest: datetime, at: datetime) -> bool:
    """Say whether a time lies in the open span; a clock that went back closes it, whatever it says now.

    `newest` is the latest time at which it was looked at: time that was spent cannot be won back by setting the clock.
    """
    return opened - CLOCK_TOLERANCE <= at < until and at >= newest - CLOCK_TOLERANCE and newest < until


def watermark(viewer: str, role: str, at: datetime, reference: str, reason: str) -> str:
    """Return what is burnt into a clear picture, so that a photograph of the screen says whose screen it was.

    >>> from datetime import UTC
    >>> watermark("kari", "operator", datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC), "reveal 7", "armed person")
    'kari · operator · 2026-05-03 14:08:12Z · reveal 7 · armed person'
    """
    short = " ".join(reason.split())
    short = short if len(short) <= REASON_IN_MARK else f"{short[: REASON_IN_MARK - 1].rstrip()}…"
    return " · ".join((viewer, role, f"{at:%Y-%m-%d %H:%M:%S}Z", reference, short))
