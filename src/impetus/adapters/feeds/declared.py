"""What `sources.toml` may declare, as it is after checking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from impetus.adapters.feeds.options import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A source behind an address; `headers` are sent with each request and shown nowhere."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cafile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A source that puts files into a folder; `pattern` says which are ours."""

    folder: Path
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDeclared:
    """One source that is read regularly: from where, in which format, how often, and how its bodies are understood.

    `freshness_s` is the silence after which people are told; `sites` is a file of the home that describes what a body only
    refers to; `most_streams` bounds how many datastreams it may ever declare; `cadence_s` is the rhythm of
    its readings where its bodies do not tell one, 0 for none.
    """

    id: str
    name: str
    format: str
    origin: Fetched | Dropped
    every_s: float
    freshness_s: float
    how: Reading
    zone_of_place: str = ""
    sites: Path | None = None
    most_streams: int = 2000
    cadence_s: float = 0.0
    simulated: bool = False
