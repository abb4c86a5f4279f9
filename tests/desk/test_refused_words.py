"""What a refused reading is told: each rule's sentence with the value, the limit and the remedy; and how much is kept of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from impetus.core.admission import NO_TIME, RULES, Limits, State, fresh_state, judge, learn, remember
from impetus.core.board import Rule
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import US_PER_S, Batch, Catalogue, Datastream, batch_of, to_us
from impetus.desk.parcel import Parcel, Refusal
from impetus.desk.refused_records import BURST, PER_S, TOLD, Ground, RefusedRecords, explain_refused

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW_US = to_us(NOW)
SQUARE = SourceId("square")
LIMITS = Limits(late_us=3600 * US_PER_S, default_retention_us=30 * 86_400 * US_PER_S)
THERMOMETER = Datastream(
    id=DatastreamId(1),
    key=DatastreamKey("square/t1/temperature"),
    source=SQUARE,
    thing=ThingKey("square/t1"),
    thing_name="T1",
    observed_property="temperature",
    unit="Cel",
    lowest=-40,
    highest=60,
)
CATALOGUE = Catalogue(version=1, datastreams={THERMOMETER.id: THERMOMETER})


def knowing(*rows: tuple[float, float]) -> State:
    """Return a state in which these readings, in seconds from now, were taken."""
    state = fresh_state()
    learn(state, CATALOGUE, LIMITS)
    remember(state, readings(*rows))
    return state


def readings(*rows: tuple[float, float]) -> Batch:
    """Return readings of the thermometer, in seconds from now."""
    return batch_of(
        [1] * len(rows), [NOW_US + round(second * US_PER_S) for second, _ in rows], [row[1] for row in rows]
    )


def refused(state: State, parcel: Parcel, kept: RefusedRecords | None = None) -> tuple[tuple[Refusal, ...], int]:
    """Judge a parcel and return what is told of it, and how many records were kept."""
    codes = judge(state, parcel.batch, LIMITS, NOW_US, SQUARE)
    ground = Ground(state=state, catalogue=CATALOGUE, limits=LIMITS, at=NOW)
    return explain_refused(ground, SQUARE, parcel, codes, kept or RefusedRecords())


def only(state: State, second: float, result: float) -> Refusal:
    """Return what one refused reading is told."""
    [refusal], _ = refused(state, Parcel(batch=readings((second, result))))
    return refusal


@pytest.mark.parametrize(
    ("heard", "second", "result", "rule", "said"),
    [
        ((), 0, 61.5, Rule.OUT_OF_RANGE, "61.5 Cel is outside -40..60; mend the sensor, or declare its real range"),
        ((), 0, float("inf"), Rule.OUT_OF_RANGE, "inf Cel is outside -40..60"),
        ((), 600, 20, Rule.FUTURE, "is more than 300 s ahead of 2026-06-01T12:00:00+00:00; set the sender's clock"),
        (((0, 20),), -4000, 20, Rule.LATE, "more than 3600 s older than its newest, 2026-06-01T12:00:00+00:00"),
        ((), -31 * 86_400, 20, Rule.EXPIRED, "older than the 30 days for which its class observations is kept"),
        (((0, 20),), 0, 21, Rule.CONFLICT, "another value than 21 is known; the first stays"),
        (((0, 20),), 0, float("nan"), Rule.CONFLICT, "another value than no value is known; the first stays"),
    ],
)
def test_each_rule_says_value_limit_and_remedy(
    heard: tuple[tuple[float, float], ...], second: float, result: float, rule: Rule, said: str
) -> None:
    """Whoever mends the source reads its key, what came, what was allowed, and what to do."""
    refusal = only(knowing(*heard), second, result)
    assert refusal.rule is rule
    assert refusal.detail.startswith("square/t1/temperature: ")
    assert said in refusal.detail


def test_a_time_that_could_not_be_read_is_told_how_times_are_written() -> None:
    """When the edge said nothing of the row itself."""
    [refusal], _ = refused(knowing(), Parcel(batch=batch_of([1], [NO_TIME], [20.0])))
    assert refusal.detail.endswith("the time cannot be read; send RFC 3339 or whole microseconds since 1970-01-01 UTC")


@pytest.mark.parametrize("number", [0, 7, -1, 2**62])
def test_a_datastream_that_is_not_the_senders_is_named_by_its_number(number: int) -> None:
    """With both ways out: declare it, or use the right token."""
    [refusal], _ = refused(knowing(), Parcel(batch=batch_of([number], [NOW_US], [20.0])))
    assert refusal.detail.startswith(f"datastream {number} is not one of this source's")
    assert "declare it, or send with the token of its source" in refusal.detail


@pytest.mark.parametrize("time_us", [2**63 - 1, NO_TIME + 1])
def test_a_time_outside_the_calendar_is_said_in_microseconds(time_us: int) -> None:
    """No year can be named, and the sentence must still be said."""
    [refusal], _ = refused(knowing(), Parcel(batch=batch_of([1], [time_us], [20.0])))
    assert f"{time_us} us since 1970" in refusal.detail


def test_what_the_edge_knows_of_a_row_is_said_instead() -> None:
    """It saw the text; the columns only know that there was no time."""
    parcel = Parcel(batch=batch_of([1], [NO_TIME], [20.0]), details={0: "time is 'noon'; send RFC 3339"})
    [refusal], _ = refused(knowing(), parcel)
    assert refusal.detail == "time is 'noon'; send RFC 3339"


def test_what_is_acknowledged_is_not_told() -> None:
    """Accepted, missing, out of order and duplicate rows are no refusals."""
    rows = readings((0, 20), (-5, 20), (0, 20), (-6, float("nan")))
    assert refused(knowing(), Parcel(batch=rows)) == ((), 0)


def test_rows_are_told_under_the_numbers_of_the_sender() -> None:
    """Good rows in between are counted along."""
    refusals, _ = refused(knowing(), Parcel(batch=readings((0, 20), (1, 99), (2, 20), (3, 99))))
    assert [refusal.row for refusal in refusals] == [1, 3]


@pytest.mark.parametrize(
    ("bad", "told", "kept"), [(1, 1, 1), (TOLD, TOLD, TOLD), (TOLD + 1, TOLD, TOLD + 1), (300, TOLD, BURST)]
)
def test_a_receipt_tells_the_first_few_and_the_quarantine_keeps_a_burst(bad: int, told: int, kept: int) -> None:
    """A person reads no more; the rest is counted."""
    records = RefusedRecords()
    refusals, given = refused(
        knowing(), Parcel(batch=readings(*[(second / 1000, 99) for second in range(bad)])), records
    )
    assert (len(refusals), given, len(records.waiting), records.not_kept) == (told, kept, kept, bad - kept)


def test_the_record_of_a_row_is_asked_for_only_when_it_is_kept() -> None:
    """Writing JSON for rows nobody keeps would be the dearest part of refusing them."""
    asked: list[int] = []
    parcel = Parcel(
        batch=readings(*[(second / 1000, 99) for second in range(BURST + 50)]),
        record=lambda row: asked.append(row) or b"{}",  # type: ignore[func-returns-value]  # append returns None, so the bytes
    )
    refused(knowing(), parcel)
    assert asked == list(range(BURST))


def test_a_source_that_goes_on_sending_garbage_is_kept_at_a_trickle() -> None:
    """After its burst, so many a second and no more, whatever it sends."""
    kept = RefusedRecords()
    garbage = [(Rule.MALFORMED, "no", b"x")] * 1000
    counts = [kept.keep(SQUARE, NOW + timedelta(seconds=second), garbage) for second in range(4)]
    assert counts == [BURST, PER_S, PER_S, PER_S]
    assert kept.not_kept == 4000 - sum(counts)


def test_every_rule_that_refuses_has_a_sentence_of_its_own() -> None:
    """No two rules are told in the same words."""
    state = knowing((0, 20))
    rows = [(0, 99), (600, 20), (-4000, 20), (-31 * 86_400, 20), (0, 21)]
    refusals, _ = refused(state, Parcel(batch=readings(*rows)))
    assert [refusal.rule for refusal in refusals] == [
        Rule.OUT_OF_RANGE,
        Rule.FUTURE,
        Rule.LATE,
        Rule.EXPIRED,
        Rule.CONFLICT,
    ]
    remedies = {refusal.detail.partition("; ")[2] for refusal in refusals}
    assert len(remedies) == len(refusals)


def test_explaining_changes_no_verdict() -> None:
    """It looks at the state and leaves it as it was."""
    state = knowing((0, 20))
    before = [column.copy() for column in (state.newest_us, state.written, state.ring_time_us, state.ring_result)]
    refused(state, Parcel(batch=readings((0, 99), (600, 20))))
    after = (state.newest_us, state.written, state.ring_time_us, state.ring_result)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert len(RULES) == len(set(RULES))
