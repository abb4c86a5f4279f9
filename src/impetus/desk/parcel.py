"""What an edge hands to ingest, and what it gets back: columns in, a receipt out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from impetus.core.admission import ACKNOWLEDGED, TAKEN, Codes
from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.core.observation import Batch


def _no_record(_row: int) -> bytes:
    """Return nothing: the parcel was made of columns alone."""
    return b""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parcel:
    """What came at once from one source.

    A row that could not be read stays in the columns, with datastream 0 (undeclared) or time `NO_TIME` (malformed), and
    `details` says why; so row numbers are the sender's. `record` returns what came for a row, asked only for rows that
    are refused. `size_bytes` is what the parcel keeps in memory until it is durable.
    """

    batch: Batch
    details: Mapping[int, str] = field(default_factory=dict)
    record: Callable[[int], bytes] = _no_record
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refused row: its position in what was sent, the rule, and what would have been right."""

    row: int
    rule: Rule
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Receipt:
    """What became of a parcel. When a sender holds it, what it counts as taken is durable.

    `codes` is the verdict of every row, `(rows,) uint8`; `refusals` explains the first few; `quarantined` of the refused
    records can be read, the rest were counted only, because too many came at once.
    """

    source: SourceId
    codes: Codes
    counts: Mapping[Rule, int]
    refusals: tuple[Refusal, ...] = ()
    quarantined: int = 0

    @property
    def received(self) -> int:
        """Return how many rows came."""
        return sum(self.counts.values())

    @property
    def accepted(self) -> int:
        """Return how many were taken in."""
        return sum(number for rule, number in self.counts.items() if rule in TAKEN)

    @property
    def refused(self) -> int:
        """Return how many were refused."""
        return sum(number for rule, number in self.counts.items() if rule not in ACKNOWLEDGED)
