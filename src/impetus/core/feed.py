"""What one body of a feed says: things, what is measured of them, and readings in columns.

Every format of the outside is read into the same small form, so that one place declares what is new, one sends the readings,
and one counts what was left out and why. Nothing here knows a network or a clock.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import numpy as np

from impetus.core.errors import Malformed, TooLarge
from impetus.core.observation import Batch, Float64s, Int64s
from impetus.core.place import MAX_LAT_DEG, MAX_LON_DEG, Point
from impetus.core.quantity import Measure

MOST_STREAMS: Final = 20_000
"""Datastreams of one body at most: what one declaration may hold."""
MOST_READINGS: Final = 2_000_000
MOST_NAME: Final = 120
LONGEST_KEY: Final = 60
_KEPT: Final = re.compile(r"[^a-z0-9_.:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedThing:
    """Something a feed speaks of: a station, a line, a measuring site."""

    key: str
    name: str
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStream:
    """One measure of one thing; `cadence_s` is what the feed says of its rhythm, 0 when it says nothing."""

    thing: FeedThing
    measure: Measure
    cadence_s: float = 0.0

    @property
    def key(self) -> str:
        """Return its key below the source: `thing/property`."""
        return f"{self.thing.key}/{self.measure.property}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeedReport:
    """A body that was read. The columns have shape `(readings,)`; `stream` is a position in `streams`.

    `time_us` and `result` are as in `Batch`. `left_out` counts what was not taken, by reason. `whole_at_us` is the time of
    a body that is a whole picture, so that a count it does not name is 0 then; None when it tells only what changed.
    """

    streams: tuple[FeedStream, ...]
    stream: Int64s
    time_us: Int64s
    result: Float64s
    left_out: Mapping[str, int] = field(default_factory=dict)
    whole_at_us: int | None = None

    def __len__(self) -> int:
        """Return the number of readings."""
        return int(self.stream.size)

    def batch(self, numbers: Mapping[str, int], source: str) -> Batch:
        """Return the readings under the datastreams' numbers; what has no number yet is left out."""
        ids = np.array([numbers.get(f"{source}/{each.key}", 0) for each in self.streams] or [0], dtype=np.int64)
        which: Int64s = ids[self.stream] if len(self) else self.stream
        known = which > 0
        return Batch(datastream=which[known], time_us=self.time_us[known], result=self.result[known])


class FeedDraft:
    """Gathers what a body says, bounded, and makes a report of it."""

    def __init__(self) -> None:
        """Begin empty."""
        self._streams: dict[tuple[str, str], int] = {}
        self._made: list[FeedStream] = []
        self._which: list[Int64s] = []
        self._times: list[Int64s] = []
        self._results: list[Float64s] = []
        self._rows: list[tuple[int, int, float]] = []
        self._count = 0
        self._left_out: Counter[str] = Counter()

    def add(self, thing: FeedThing, measure: Measure, time_us: int, value: float, *, cadence_s: float = 0.0) -> None:
        """Add one reading."""
        self._bound(1)
        self._rows.append((self._stream(thing, measure, cadence_s), time_us, value))

    def add_column(
        self, thing: FeedThing, measure: Measure, time_us: Int64s, result: Float64s, *, cadence_s: float = 0.0
    ) -> None:
        """Add many readings of one datastream."""
        self._bound(int(time_us.size))
        self._which.append(np.full(time_us.size, self._stream(thing, measure, cadence_s), dtype=np.int64))
        self._times.append(time_us)
        self._results.append(result)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count what is not taken; a reason is a few words of ours, never of the sender."""
        self._left_out[reason] += count

    def report(self, *, whole_at_us: int | None = None) -> FeedReport:
        """Return what was gathered; `whole_at_us` when it is a whole picture of that time."""
        rows = self._rows
        return FeedReport(
            streams=tuple(self._made),
            stream=np.concatenate([*self._which, np.array([row[0] for row in rows], dtype=np.int64)]),
            time_us=np.concatenate([*self._times, np.array([row[1] for row in rows], dtype=np.int64)]),
            result=np.concatenate([*self._results, np.array([row[2] for row in rows], dtype=np.float64)]),
            left_out=dict(self._left_out),
            whole_at_us=whole_at_us,
        )

    def _stream(self, thing: FeedThing, measure: Measure, cadence_s: float) -> int:
        key = thing.key, measure.property
        found = self._streams.get(key)
        if found is None:
            if len(self._made) >= MOST_STREAMS:
                raise TooLarge(
                    f"more than {MOST_STREAMS} datastreams in one body", limit=MOST_STREAMS, remedy="ask for less of it"
                )
            found = self._streams[key] = len(self._made)
            self._made.append(FeedStream(thing=thing, measure=measure, cadence_s=cadence_s))
        return found

    def _bound(self, more: int) -> None:
        self._count += more
        if self._count > MOST_READINGS:
            raise TooLarge(
                f"more than {MOST_READINGS} readings in one body", limit=MOST_READINGS, remedy="ask for less of it"
            )


def key_of(text: str) -> str:
    """Return a name of others as a key of ours; one that loses letters gets a mark of what it was, so that two stay two.

    Capitals and blanks are not taken for letters: `North Quay` and `north-quay` are one.

    >>> key_of("RUT:Line:17"), key_of("Rådhuset")
    ('rut:line:17', 'radhuset-a42e2a')
    """
    said = "-".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode("ascii")
    key = _KEPT.sub("-", plain)[:LONGEST_KEY].strip("-_.:")
    if not said:
        raise Malformed(
            "a thing has no name", value=text[:60], limit="a text", remedy="ask whoever sends it to name it"
        )
    if key == said:
        return key
    mark = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{key[: LONGEST_KEY - 7]}-{mark}" if key else mark


def thing_of(text: str, name: str = "", point: Point | None = None) -> FeedThing:
    """Return a thing by the name others give it."""
    shown = "".join(letter for letter in (name.strip() or text.strip()) if letter.isprintable())
    return FeedThing(key=key_of(text), name=shown[:MOST_NAME] or key_of(text), point=point)


def point_of(lon: object, lat: object) -> Point | None:
    """Return a place on Earth, None for anything else, `0, 0` included: nobody measures a city there."""
    if (
        isinstance(lon, bool)
        or isinstance(lat, bool)
        or not isinstance(lon, int | float)
        or not isinstance(lat, int | float)
    ):
        return None
    if not (abs(lon) <= MAX_LON_DEG and abs(lat) <= MAX_LAT_DEG) or (lon == 0 and lat == 0):
        return None
    return Point(lon=float(lon), lat=float(lat))


def document_of(source: Mapping[str, object], streams: Sequence[FeedStream], zone: str = "") -> dict[str, object]:
    """Return the declaration of a source with these datastreams, as a document to be read strictly like anybody's."""
    things: dict[str, dict[str, object]] = {}
    declared: dict[str, list[dict[str, object]]] = {}
    for stream in streams:
        thing, measure = stream.thing, stream.measure
        if thing.key not in things:
            things[thing.key] = {"key": thing.key, "name": thing.name, **({"zone": zone} if zone else {})}
            declared[thing.key] = []
        if thing.point is not None:
            things[thing.key]["position"] = [thing.point.lon, thing.point.lat]
        declared[thing.key].append(
            {
                "property": measure.property,
                "unit": measure.unit,
                "lowest": measure.lowest,
                "highest": measure.highest,
                "cadence_s": stream.cadence_s,
            }
        )
    return {
        "source": dict(source),
        "things": [{**thing, "datastreams": declared[key]} for key, thing in things.items()],
    }
