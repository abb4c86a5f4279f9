"""Evidence: what an operator can check by eye: measured series, texts and pictures, behind one type.

Texts and pictures may show people. Tools send them as they are, on the bus and into blobs encrypted; the desk shows them
masked, and clear only through an open reveal of that one piece.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from impetus.core.ids import DatastreamId, EvidenceId, FindingKey
from impetus.core.observation import Float64s, Int64s
from impetus.core.picture import Box
from impetus.core.source_area import SourceArea
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote something, as far as anybody is told: a pseudonym of one domain and day, and what kind of thing is behind."""

    domain: str
    period: date
    pseudonym: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvidence:
    """What somebody wrote, at a time, in a language (BCP 47, empty for unknown); `text` in clear until the desk masks it.

    `author` is a pseudonym or nobody: there is no field for a name.
    """

    title: Phrase
    text: str = field(repr=False)
    at: datetime
    language: str = ""
    is_masked: bool = False
    author: Author | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEvidence:
    """One picture of a camera, encoded as PNG or JPEG, with where persons are in it.

    `boxes` as in `Frame`: None when nobody looked for persons, and then it is never shown masked, only dropped: `body` is
    empty then. `is_masked` is set by the desk.
    """

    title: Phrase
    camera: str
    at: datetime
    body: bytes = field(repr=False)
    boxes: tuple[Box, ...] | None
    is_masked: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What goes with one finding: a sentence and at most so many series, texts and pictures, most telling first.

    `area` is where it may have come from, for what travels with the wind.
    """

    finding: FindingKey
    summary: Phrase
    series: tuple[SeriesEvidence, ...] = ()
    texts: tuple[TextEvidence, ...] = ()
    images: tuple[ImageEvidence, ...] = ()
    area: SourceArea | None = None


MAX_SERIES = 6
"""Series shown with one finding; an operator reads no more in five seconds. House rule."""
MAX_TEXTS = 6
"""Texts shown with one finding, for the same reason. House rule."""
MAX_IMAGES = 4
"""Pictures shown with one finding: before, during, after, and one to spare. House rule."""
MAX_TEXT_CHARS = 10_000
"""Longest text, in characters: a long post with its answers. House rule."""
MAX_IMAGE_BYTES = 1_250_000
"""Largest encoded picture: four of them, as text in JSON, stay below what one message of the bus may be. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """Where stored evidence lies: encrypted bytes in the blob store under `id`."""

    id: EvidenceId
    finding: FindingKey
    media_type: str
    bytes_: int
    stored_at: datetime
