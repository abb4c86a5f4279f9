"""Refused records on their way to the quarantine: explained, cut, and never more than the store can bear.

A source that sends garbage at full speed fills a bucket: `BURST` records at once and `PER_S` a second after that are
kept, the rest are counted under their rule and as not kept. What waits for the next flush is bounded with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from impetus.core.admission import IS_ACKNOWLEDGED, RULES, Codes, Limits, State
from impetus.core.board import Quarantined, Rule
from impetus.core.ids import DatastreamId, SourceId
from impetus.core.observation import US_PER_S, Catalogue, Datastream, from_us
from impetus.desk.parcel import Parcel, Refusal

RECORD_BYTES: Final = 4096
"""Bytes kept of one refused record; enough to see what it was. House rule."""
BURST: Final = 200
PER_S: Final = 20.0
"""Records kept at once and per second for one source: at most 80 KiB/s into the store. House rule."""
TOLD: Final = 20
"""Refused rows explained in a receipt; a person reads no more, a program has the counts. House rule."""
DETAIL_CHARS: Final = 300
STOPPED: Final = np.uint8(RULES.index(Rule.STOPPED))
"""What a person stopped is told and counted, and goes to no quarantine: nothing of it is kept."""


@dataclass(slots=True, kw_only=True)
class Bucket:
    """How many more records of one source may be kept now."""

    level: float = BURST
    at: datetime | None = None

    def draw(self, wanted: int, at: datetime) -> int:
        """Return how many of the wanted may be kept at this time, and take them out."""
        if self.at is not None:
            self.level = min(BURST, self.level + max(0.0, (at - self.at).total_seconds()) * PER_S)
        self.at = at
        given = min(wanted, int(self.level))
        self.level -= given
        return given


@dataclass(slots=True, kw_only=True)
class RefusedRecords:
    """The records kept since the last flush, and how many were not kept since the start."""

    waiting: list[Quarantined] = field(default_factory=list)
    not_kept: int = 0
    _buckets: dict[SourceId, Bucket] = field(default_factory=dict)

    def keep(self, source: SourceId, at: datetime, records: Sequence[tuple[Rule, str, bytes]]) -> int:
        """Keep what the source's bucket allows, count the rest, and return how many were kept."""
        given = self.allow(source, at, len(records))
        for rule, detail, record in records[:given]:
            self.add(source, at, rule, detail, record)
        return given

    def allow(self, source: SourceId, at: datetime, wanted: int) -> int:
        """Return how many of the wanted records may be kept; the others are counted."""
        given = self._buckets.setdefault(source, Bucket()).draw(wanted, at)
        self.not_kept += wanted - given
        return given

    def add(self, source: SourceId, at: datetime, rule: Rule, detail: str, record: bytes) -> None:
        """Put one record among the waiting, cut to its bound."""
        self.waiting.append(
            Quarantined(
                id=0, source=source, at=at, rule=rule, detail=detail[:DETAIL_CHARS], record=record[:RECORD_BYTES]
            )
        )

    def empty(self) -> list[Quarantined]:
        """Return what waits, and wait for new."""
        waiting, self.waiting = self.waiting, []
        return waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a verdict is explained with."""

    state: State
    catalogue: Catalogue
    limits: Limits
    at: datetime


def explain_refused(
    ground: Ground, source: SourceId, parcel: Parcel, codes: Codes, kept: RefusedRecords
) -> tuple[tuple[Refusal, ...], int]:
    """Explain the first refused rows, send what is allowed to the quarantine, and return both with its number.

    Costs Python per row only for rows that are told or kept, so at most `max(TOLD, BURST)` of a parcel.
    """
    rows = np.flatnonzero(~IS_ACKNOWLEDGED[codes])
    if not rows.size:
        return (), 0
    stopped = codes[rows] == STOPPED
    if stopped.any():
        rows = np.concatenate([rows[~stopped], rows[stopped]])
    given = kept.allow(source, ground.at, int((~stopped).sum()))
    refusals = [
        Refusal(row=row, rule=RULES[codes[row]], detail=_why(ground, parcel, row, RULES[codes[row]]))
        for row in rows[: max(TOLD, given)].tolist()
    ]
    for refusal in refusals[:given]:
        kept.add(source, ground.at, refusal.rule, refusal.detail, parcel.record(refusal.row))
    return tuple(refusals[:TOLD]), given


def _why(ground: Ground, parcel: Parcel, row: int, rule: Rule) -> str:
    """Say why a row was refused, with value, limit and remedy."""
    if row in parcel.details:
        return parcel.details[row]
    number, result = int(parcel.batch.datastream[row]), float(parcel.batch.result[row])
    datastream = ground.catalogue.datastreams.get(DatastreamId(number))
    if datastream is None or rule is Rule.UNDECLARED:
        return f"datastream {number} is not one of this source's; declare it, or send with the token of its source"
    if rule is Rule.STOPPED:
        return f"{datastream.thing} was stopped by a person; nothing of it is kept; do not send it again"
    return _why_known(ground, datastream, _said(int(parcel.batch.time_us[row])), result, rule)


def _why_known(ground: Ground, datastream: Datastream, time: str, result: float, rule: Rule) -> str:
    """Say why a reading of a declared datastream was refused."""
    key, limits = datastream.key, ground.limits
    if rule is Rule.OUT_OF_RANGE:
        return f"{key}: {result:g} {datastream.unit} is outside {datastream.lowest:g}..{datastream.highest:g}; mend the sensor, or declare its real range"
    if rule is Rule.FUTURE:
        return f"{key}: {time} is more than {limits.future_us / US_PER_S:g} s ahead of {ground.at.isoformat()}; set the sender's clock"
    if rule is Rule.LATE:
        newest = _said(int(ground.state.newest_us[datastream.id]))
        return f"{key}: {time} is more than {limits.late_us / US_PER_S:g} s older than its newest, {newest}; send sooner, or raise late_s"
    if rule is Rule.EXPIRED:
        days = limits.retention_us.get(datastream.retention, limits.default_retention_us) / US_PER_S / 86_400
        return f"{key}: {time} is older than the {days:g} days for which its class {datastream.retention} is kept; it would be erased at once"
    if rule is Rule.CONFLICT:
        value = "no value" if math.isnan(result) else f"{result:g}"
        return f"{key}: at {time} another value than {value} is known; the first stays"
    return f"{key}: the time cannot be read; send RFC 3339 or whole microseconds since 1970-01-01 UTC"


def _said(time_us: int) -> str:
    """Say a time that may lie outside what a calendar holds."""
    try:
        return from_us(time_us).isoformat()
    except OverflowError:
        return f"{time_us} us since 1970"
