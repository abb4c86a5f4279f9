"""The rules of ingest, over columns: which readings are taken in, and under which rule each of the others falls.

How it works: `judge` looks at a batch and changes nothing; `remember` takes in what was accepted and returns what undoes
it, because a batch that could not be made durable must not be remembered (its sender will send it again, and a reading
held for a duplicate would be acknowledged without ever being kept).

The rules, in the order in which they are asked; the first that applies gives a row its verdict:
malformed, undeclared, out of range, future, expired, duplicate or conflict, late, missing, out of order, accepted.

What is remembered of a datastream is the time of its newest reading and the last `RING` pairs of time and value in the
order they came. A row is compared with these and with every row accepted before it in its own batch. A reading that is
sent again after more than `RING` others came for its datastream is therefore out of order or late, not a duplicate:
bounded memory, stated.

Invariants: the newest time of a datastream never falls; a verdict depends only on state, batch, limits and `at_us`;
rows are judged as if they came one by one (a test compares this module with that very loop).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.core.observation import US_PER_S, Batch, Catalogue, Float64s, Int64s

RING: Final = 8
"""Pairs remembered for each datastream. House rule: a resend after a lost acknowledgement is one batch, seldom more
than a few readings of one datastream; a power of two lets the ring turn with a mask."""
NO_TIME: Final = -(2**63)
"""The time of a row whose time could not be read (NumPy's NaT): the row is malformed."""
NEVER: Final = -(2**62)
"""Newest time of a datastream that has not spoken; subtracting any limit from it stays within 64 bits."""

RULES: Final = tuple(Rule)
"""Verdict codes are positions in this tuple: `RULES[code]` is the rule."""
_CODE: Final = {rule: np.uint8(position) for position, rule in enumerate(RULES)}
TAKEN: Final = frozenset({Rule.ACCEPTED, Rule.MISSING, Rule.OUT_OF_ORDER})
"""Rules under which a reading is kept."""
ACKNOWLEDGED: Final = TAKEN | {Rule.DUPLICATE}
"""Rules under which the sender need do nothing more; every other rule refuses."""
IS_TAKEN: Final = np.array([rule in TAKEN for rule in RULES])
IS_ACKNOWLEDGED: Final = np.array([rule in ACKNOWLEDGED for rule in RULES])

Codes = NDArray[np.uint8]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How late, how early and how old a reading may be, in microseconds.

    `late_us` behind its datastream's newest; `future_us` ahead of our clock; `retention_us` per retention class, a
    class that is not named keeps for `default_retention_us`.
    """

    late_us: int = 86_400 * US_PER_S
    future_us: int = 300 * US_PER_S
    default_retention_us: int = 30 * 86_400 * US_PER_S
    retention_us: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class State:
    """What ingest knows of each datastream, columns indexed by datastream id; row 0 and the last row are nobody's.

    `owner` is the number of the source in `sources`, -1 for nobody. `ring_time_us` and `ring_result` are
    `(datastreams, RING)`; `written` counts what was ever written to a ring, so that its next slot is `written % RING`.
    Mutable on purpose: it is the one object on the hot path, and it belongs to one thread.
    """

    version: int
    sources: dict[SourceId, int]
    owner: NDArray[np.int32]
    lowest: Float64s
    highest: Float64s
    retention_us: Int64s
    newest_us: Int64s
    written: Int64s
    ring_time_us: Int64s
    ring_result: Float64s


def fresh_state() -> State:
    """Return the state of an installation without datastreams."""
    return State(
        version=-1,
        sources={},
        owner=np.full(2, -1, dtype=np.int32),
        lowest=np.zeros(2),
        highest=np.zeros(2),
        retention_us=np.zeros(2, dtype=np.int64),
        newest_us=np.full(2, NEVER, dtype=np.int64),
        written=np.zeros(2, dtype=np.int64),
        ring_time_us=np.full((2, RING), NO_TIME, dtype=np.int64),
        ring_result=np.zeros((2, RING)),
    )


def learn(state: State, catalogue: Catalogue, limits: Limits) -> None:
    """Take in a changed catalogue: columns grow with the highest id, what is remembered of known datastreams stays."""
    rows = catalogue.highest_id() + 2
    _grow(state, rows)
    state.owner[:] = -1
    for number, datastream in catalogue.datastreams.items():
        state.owner[number] = state.sources.setdefault(datastream.source, len(state.sources))
        state.lowest[number] = datastream.lowest
        state.highest[number] = datastream.highest
        state.retention_us[number] = limits.retention_us.get(datastream.retention, limits.default_retention_us)
    state.version = catalogue.version


def _grow(state: State, rows: int) -> None:
    """Lengthen every column to `rows`; the old last row, which was nobody's, becomes an ordinary empty one."""
    more = rows - state.owner.shape[0]
    if more <= 0:
        return
    state.owner = np.concatenate([state.owner, np.full(more, -1, dtype=np.int32)])
    state.lowest = np.concatenate([state.lowest, np.zeros(more)])
    state.highest = np.concatenate([state.highest, np.zeros(more)])
    state.retention_us = np.concatenate([state.retention_us, np.zeros(more, dtype=np.int64)])
    state.newest_us = np.concatenate([state.newest_us, np.full(more, NEVER, dtype=np.int64)])
    state.written = np.concatenate([state.written, np.zeros(more, dtype=np.int64)])
    state.ring_time_us = np.concatenate([state.ring_time_us, np.full((more, RING), NO_TIME, dtype=np.int64)])
    state.ring_result = np.concatenate([state.ring_result, np.zeros((more, RING))])


def judge(state: State, batch: Batch, limits: Limits, at_us: int, source: SourceId) -> Codes:
    """Return the verdict code of each row of what `source` sent, changing nothing.

    `at_us` is our clock, microseconds since the epoch. NaN is a missing value, infinity is out of range. Cost: about
    0.1 ms for a batch of 500 rows.
    """
    codes = _judge_alone(state, batch, limits, at_us, source)
    standing = codes == _CODE[Rule.ACCEPTED]
    if standing.all():
        return _judge_in_order(state, batch, limits)
    rows = np.flatnonzero(standing)
    if rows.size:
        codes[rows] = _judge_in_order(state, batch.take(rows), limits)
    return codes


def admit(state: State, batch: Batch, limits: Limits, at_us: int, source: SourceId) -> tuple[Batch, Codes]:
    """Judge a batch and remember what is accepted; return the accepted rows, in their order, and every verdict code."""
    codes = judge(state, batch, limits, at_us, source)
    accepted = taken(batch, codes)
    remember(state, accepted)
    return accepted, codes


def taken(batch: Batch, codes: Codes) -> Batch:
    """Return the rows that are kept, the batch itself when these are all."""
    mask = IS_TAKEN[codes]
    return batch if mask.all() else batch.take(mask)


def count(codes: Codes) -> dict[Rule, int]:
    """Return how many rows fell under each rule, rules without rows left out."""
    numbers = np.bincount(codes, minlength=len(RULES)).tolist()
    return {rule: number for rule, number in zip(RULES, numbers, strict=True) if number}


def _judge_alone(state: State, batch: Batch, limits: Limits, at_us: int, source: SourceId) -> Codes:
    """Apply the rules that need no memory."""
    which, time_us, result = batch.datastream, batch.time_us, batch.result
    owner = state.sources.get(source, -2)
    codes = np.zeros(len(batch), dtype=np.uint8)
    retention_us = state.retention_us.take(which, mode="clip")
    broken = (
        (time_us < at_us - retention_us, Rule.EXPIRED),
        (time_us > at_us + limits.future_us, Rule.FUTURE),
        (
            (result < state.lowest.take(which, mode="clip")) | (result > state.highest.take(which, mode="clip")),
            Rule.OUT_OF_RANGE,
        ),
        (np.isinf(result), Rule.OUT_OF_RANGE),
        (state.owner.take(which, mode="clip") != owner, Rule.UNDECLARED),
        (time_us == NO_TIME, Rule.MALFORMED),
    )
    for mask, rule in broken:
        if mask.any():
            codes[mask] = _CODE[rule]
    return codes


def _judge_in_order(state: State, batch: Batch, limits: Limits) -> Codes:
    """Apply the rules that look back, to rows that passed all others."""
    which, time_us, result = batch.datastream, batch.time_us, batch.result
    order, starts = _by_datastream(which)
    before_us = state.newest_us[which]
    repeated = starts.size < len(batch)
    if repeated:
        _raise_to_running_newest(before_us, time_us, order, starts)
    codes = np.zeros(len(batch), dtype=np.uint8)
    behind = time_us <= before_us
    some_behind = bool(behind.any())
    if some_behind:
        codes[time_us < before_us] = _CODE[Rule.OUT_OF_ORDER]
    missing = np.isnan(result)
    if missing.any():
        codes[missing] = _CODE[Rule.MISSING]
    if some_behind:
        codes[time_us < before_us - limits.late_us] = _CODE[Rule.LATE]
        rows = _mark_known(state, batch, np.flatnonzero(behind), codes)
        if repeated and rows.size:
            _mark_repeated(batch, rows, codes)
    return codes


def _by_datastream(which: Int64s) -> tuple[Rows, Rows]:
    """Return the stable order by datastream, and where in it each datastream begins."""
    narrow = (
        which.astype(np.uint16) if which.size and int(which.max()) < 2**16 else which
    )  # radix sort: ten times faster
    order = narrow.argsort(kind="stable")
    ordered = which[order]
    begins = np.empty(ordered.shape, dtype=np.bool_)
    begins[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return order, np.flatnonzero(begins)


def _raise_to_running_newest(before_us: Int64s, time_us: Int64s, order: Rows, starts: Rows) -> None:
    """Raise `before_us` to the newest of the rows of the same datastream that stand before each row in the batch.

    Rows that turn out late, duplicate or in conflict never raise the maximum, so they need not be known yet. Where a
    datastream's rows come in order, which is usual, the newest before a row is the row before it.
    """
    follows = np.ones(order.shape, dtype=np.bool_)
    follows[starts] = False
    later = np.flatnonzero(follows)
    newest_us = time_us[order]
    if (newest_us[later] < newest_us[later - 1]).any():
        newest_us = _running_newest(newest_us, starts)
    where = order[later]
    before_us[where] = np.maximum(before_us[where], newest_us[later - 1])


def _running_newest(ordered_us: Int64s, starts: Rows) -> Int64s:
    """Return the running maximum of times, anew from each start.

    Times are replaced by their ranks, small enough to be put behind the number of the datastream in one integer, so that
    one `maximum.accumulate` serves all datastreams.
    """
    rows = ordered_us.shape[0]
    offset = np.repeat(np.arange(starts.size) * rows, _lengths(starts, rows))
    by_time = ordered_us.argsort(kind="stable")
    rank = np.empty(rows, dtype=np.intp)
    rank[by_time] = np.arange(rows)
    running_us: Int64s = ordered_us[by_time[np.maximum.accumulate(offset + rank) - offset]]
    return running_us


def _lengths(starts: Rows, rows: int) -> Rows:
    """Return how many rows lie between each start and the next, the last one up to `rows`."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = rows - starts[-1:]
    return lengths


def _mark_known(state: State, batch: Batch, rows: Rows, codes: Codes) -> Rows:
    """Mark, among `rows`, those whose time is in the ring as duplicate or conflict; return the others."""
    which, time_us = batch.datastream[rows], batch.time_us[rows]
    hits = state.ring_time_us[which] == time_us[:, None]
    found = hits.any(axis=1)
    if not found.any():
        return rows
    known = rows[found]
    held = state.ring_result[which[found], hits[found].argmax(axis=1)]
    codes[known] = _same_or_conflict(held, batch.result[known])
    unknown: Rows = rows[~found]
    return unknown


def _mark_repeated(batch: Batch, rows: Rows, codes: Codes) -> None:
    """Mark, among `rows`, those whose datastream and time an earlier accepted row of the batch has."""
    which, time_us = batch.datastream, batch.time_us
    order = np.lexsort((time_us, which))
    begins = np.ones(order.shape, dtype=np.bool_)
    begins[1:] = (which[order][1:] != which[order][:-1]) | (time_us[order][1:] != time_us[order][:-1])
    starts = np.flatnonzero(begins)
    first = np.empty(order.shape, dtype=np.intp)
    first[order] = np.repeat(order[starts], _lengths(starts, order.shape[0]))
    again = rows[(first[rows] != rows) & (codes[first[rows]] != _CODE[Rule.LATE])]
    codes[again] = _same_or_conflict(batch.result[first[again]], batch.result[again])


def _same_or_conflict(held: Float64s, came: Float64s) -> Codes:
    """Return duplicate where the values are the same, two missing ones included, and conflict elsewhere."""
    same = (held == came) | (np.isnan(held) & np.isnan(came))
    return np.where(same, _CODE[Rule.DUPLICATE], _CODE[Rule.CONFLICT])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Undo:
    """What `remember` overwrote: newest time and count per datastream, one pair per written slot of the flat ring."""

    datastream: Int64s
    newest_us: Int64s
    written: Int64s
    slot: Int64s
    slot_time_us: Int64s
    slot_result: Float64s


def remember(state: State, accepted: Batch) -> Undo:
    """Take accepted rows into the state, in their order, and return what `forget` needs to take them out again."""
    order, starts = _by_datastream(accepted.datastream)
    lengths = _lengths(starts, order.shape[0])
    which = accepted.datastream[order[starts]]
    written = state.written[which]
    rows, turn = order, written
    if starts.size < order.size:
        place = np.arange(order.size) - np.repeat(starts, lengths)
        last = np.flatnonzero(place >= np.repeat(lengths, lengths) - RING)
        rows, turn = order[last], (np.repeat(written, lengths) + place)[last]
    slot = accepted.datastream[rows] * RING + (turn & (RING - 1))
    ring_time_us, ring_result = state.ring_time_us.reshape(-1), state.ring_result.reshape(-1)
    undo = Undo(
        datastream=which,
        newest_us=state.newest_us[which],
        written=written,
        slot=slot,
        slot_time_us=ring_time_us[slot],
        slot_result=ring_result[slot],
    )
    ring_time_us[slot] = accepted.time_us[rows]
    ring_result[slot] = accepted.result[rows]
    state.written[which] = written + lengths
    if which.size:
        newest_us = np.maximum.reduceat(accepted.time_us[order], starts)
        state.newest_us[which] = np.maximum(undo.newest_us, newest_us)
    return undo


def forget(state: State, undo: Undo) -> None:
    """Put back what the last `remember` overwrote; several are undone newest first."""
    state.ring_time_us.reshape(-1)[undo.slot] = undo.slot_time_us
    state.ring_result.reshape(-1)[undo.slot] = undo.slot_result
    state.written[undo.datastream] = undo.written
    state.newest_us[undo.datastream] = undo.newest_us


def recall(state: State, tail: Batch) -> None:
    """Rebuild what is remembered from accepted readings, oldest first: the tail of the bus after a restart.

    Readings of datastreams that are no longer declared are passed over.
    """
    known = state.owner.take(tail.datastream, mode="clip") >= 0
    remember(state, tail if known.all() else tail.take(known))


def recall_newest(state: State, latest: Batch) -> None:
    """Remember the newest reading of each datastream about which the bus's tail said nothing: history's last word."""
    known = state.owner.take(latest.datastream, mode="clip") >= 0
    silent = state.written.take(latest.datastream, mode="clip") == 0
    remember(state, latest.take(known & silent))
