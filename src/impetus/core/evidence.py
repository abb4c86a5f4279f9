"""Evidence: what an operator can check by eye. This version knows series; pictures and texts come behind the same type."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.ids import DatastreamId, EvidenceId, FindingKey
from impetus.core.observation import Float64s, Int64s
from impetus.core.text import Phrase


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesEvidence:
    """A measured series against what was expected, columns of shape `(points,)`, oldest first.

    `low` and `high` bound the expected band with the stated `coverage` (0..1); NaN where nothing could be expected.
    `from_us` marks where the surprising part begins.
    """

    datastream: DatastreamId
    title: Phrase
    unit: str
    time_us: Int64s
    measured: Float64s
    low: Float64s
    high: Float64s
    coverage: float
    from_us: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What goes with one finding: a sentence and at most `MAX_SERIES` series, most telling first."""

    finding: FindingKey
    summary: Phrase
    series: tuple[SeriesEvidence, ...] = ()


MAX_SERIES = 6
"""Series shown with one finding; an operator reads no more in five seconds. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """Where stored evidence lies: encrypted bytes in the blob store under `id`."""

    id: EvidenceId
    finding: FindingKey
    media_type: str
    bytes_: int
    stored_at: datetime
