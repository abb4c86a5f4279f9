"""What people have decided may happen: the only thing an effector takes.

An `Authorised` is built in `desk.decide` alone, from decisions that stand in the store. The seal is no lock against somebody
who edits this program; it makes building one elsewhere a deliberate act, and a law test over the syntax tree finds it.
"""

from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import Generic, TypeVar

from impetus.core.errors import OurFault
from impetus.core.ids import AccountId

A = TypeVar("A")
_SEAL = object()
"""Held by this module and `desk.decide`; a test finds anybody else who names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised(Generic[A]):
    """Something that enough people decided may happen, until a time, once.

    `decisions` are the numbers of the history lines in which they agreed, `persons` their accounts. `key` is the same
    however often performing it is tried, and different for everything else.
    """

    what: A
    decisions: tuple[int, ...]
    persons: tuple[AccountId, ...]
    valid_until: datetime
    content_hash: str
    key: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse a maker without the seal."""
        if seal is not _SEAL:
            raise OurFault(
                "an authorisation is made of people's decisions, in desk.decide",
                value=type(self.what).__name__,
                remedy="call desk.gates.perform",
            )
