"""Each rule of ingest by itself."""

import numpy as np
import pytest

from impetus.core.admission import (
    ACKNOWLEDGED,
    IS_ACKNOWLEDGED,
    IS_TAKEN,
    NO_TIME,
    RING,
    RULES,
    TAKEN,
    Limits,
    State,
    admit,
    count,
    forget,
    fresh_state,
    judge,
    learn,
    recall,
    recall_newest,
    remember,
)
from impetus.core.board import Rule
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import US_PER_S, Batch, Catalogue, Datastream, batch_of, concatenate

SQUARE, HARBOUR = SourceId("square"), SourceId("harbour")
NOW_US = 1_790_000_000 * US_PER_S
LIMITS = Limits(late_us=3600 * US_PER_S, future_us=300 * US_PER_S, default_retention_us=86_400 * US_PER_S)
NAN, INFINITY = float("nan"), float("inf")


def datastream(number: int, source: SourceId = SQUARE, retention: str = "observations") -> Datastream:
    """Return a thermometer, -40 to 60 degrees."""
    return Datastream(
        id=DatastreamId(number),
        key=DatastreamKey(f"{source}/t{number}/temperature"),
        source=source,
        thing=ThingKey(f"{source}/t{number}"),
        thing_name=f"Thermometer {number}",
        observed_property="temperature",
        unit="Cel",
        lowest=-40.0,
        highest=60.0,
        retention=retention,
    )


CATALOGUE = Catalogue(
    version=1,
    datastreams={
        DatastreamId(1): datastream(1),
        DatastreamId(2): datastream(2),
        DatastreamId(4): datastream(4, HARBOUR),
        DatastreamId(5): datastream(5, retention="short"),
    },
)


def known_state() -> State:
    """Return a state that knows the catalogue and has seen nothing."""
    state = fresh_state()
    learn(state, CATALOGUE, LIMITS)
    return state


def rules(state: State, *rows: tuple[int, float, float], limits: Limits = LIMITS) -> list[Rule]:
    """Admit rows of (datastream, seconds from now, result) and return their rules."""
    batch = batch_of(
        [row[0] for row in rows], [NOW_US + round(row[1] * US_PER_S) for row in rows], [row[2] for row in rows]
    )
    _, codes = admit(state, batch, limits, NOW_US, SQUARE)
    return [RULES[code] for code in codes]


def test_a_first_reading_is_accepted() -> None:
    """Nothing is known of a datastream before it speaks."""
    assert rules(known_state(), (1, 0, 20.0)) == [Rule.ACCEPTED]


def test_an_empty_batch_has_no_verdicts() -> None:
    """A batch without rows is no special case for a sender."""
    assert rules(known_state()) == []


@pytest.mark.parametrize("number", [-(2**63), -1, 0, 3, 6, 7, 10_000, 2**63 - 1])
def test_a_datastream_nobody_declared_is_undeclared(number: int) -> None:
    """Any 64-bit number may come; only declared ones are taken."""
    assert rules(known_state(), (number, 0, 20.0)) == [Rule.UNDECLARED]


def test_a_datastream_of_another_source_is_undeclared() -> None:
    """A source writes its own datastreams only."""
    assert rules(known_state(), (4, 0, 20.0)) == [Rule.UNDECLARED]


def test_a_source_without_datastreams_may_write_nothing() -> None:
    """An unknown source does not match datastreams that nobody owns."""
    codes = judge(known_state(), batch_of([0, 1, 3, 9], [NOW_US] * 4, [0.0] * 4), LIMITS, NOW_US, SourceId("nobody"))
    assert [RULES[code] for code in codes] == [Rule.UNDECLARED] * 4


def test_a_time_that_is_none_is_malformed() -> None:
    """NaT marks a time that could not be read."""
    codes = judge(known_state(), batch_of([1, 99], [NO_TIME] * 2, [20.0] * 2), LIMITS, NOW_US, SQUARE)
    assert [RULES[code] for code in codes] == [Rule.MALFORMED] * 2


@pytest.mark.parametrize("result", [-40.1, 60.1, INFINITY, -INFINITY, 1e300])
def test_a_value_the_instrument_cannot_report_is_out_of_range(result: float) -> None:
    """Infinity included."""
    assert rules(known_state(), (1, 0, result)) == [Rule.OUT_OF_RANGE]


@pytest.mark.parametrize("result", [-40.0, 60.0])
def test_the_ends_of_the_range_are_in_it(result: float) -> None:
    """The declared limits are what the instrument can still report."""
    assert rules(known_state(), (1, 0, result)) == [Rule.ACCEPTED]


def test_nan_is_a_missing_value_and_taken() -> None:
    """The sensor spoke and had no value."""
    accepted, codes = admit(known_state(), batch_of([1], [NOW_US], [NAN]), LIMITS, NOW_US, SQUARE)
    assert (RULES[codes[0]], len(accepted)) == (Rule.MISSING, 1)


def test_a_reading_ahead_of_our_clock_is_future_beyond_the_tolerance() -> None:
    """Clocks differ; 300 s are forgiven, one more microsecond is not."""
    assert rules(known_state(), (1, 300, 20.0), (2, 300.000001, 20.0)) == [Rule.ACCEPTED, Rule.FUTURE]


def test_a_reading_older_than_its_retention_is_expired() -> None:
    """It would be erased at once; each class has its own span."""
    limits = Limits(default_retention_us=86_400 * US_PER_S, retention_us={"short": 60 * US_PER_S})
    state = fresh_state()
    learn(state, CATALOGUE, limits)
    assert rules(state, (1, -86_400, 1.0), (2, -86_401, 1.0), (5, -60, 1.0), (5, -61, 1.0), limits=limits) == [
        Rule.ACCEPTED,
        Rule.EXPIRED,
        Rule.ACCEPTED,
        Rule.EXPIRED,
    ]


def test_the_same_reading_again_is_a_duplicate() -> None:
    """In a later batch, in the same batch, and with a missing value."""
    state = known_state()
    assert rules(state, (1, 0, 20.0), (1, 0, 20.0), (2, 0, NAN)) == [Rule.ACCEPTED, Rule.DUPLICATE, Rule.MISSING]
    assert rules(state, (1, 0, 20.0), (2, 0, NAN)) == [Rule.DUPLICATE] * 2


def test_the_same_time_with_another_value_is_a_conflict_and_the_first_stays() -> None:
    """The conflicting value is not remembered either."""
    state = known_state()
    assert rules(state, (1, 0, 20.0), (1, 0, 21.0)) == [Rule.ACCEPTED, Rule.CONFLICT]
    assert rules(state, (1, 0, 21.0), (1, 0, NAN), (1, 0, 20.0)) == [Rule.CONFLICT, Rule.CONFLICT, Rule.DUPLICATE]


def test_an_older_reading_is_out_of_order_up_to_the_limit_and_late_beyond() -> None:
    """One hour is the limit of this test."""
    state = known_state()
    assert rules(state, (1, 0, 20.0)) == [Rule.ACCEPTED]
    assert rules(state, (1, -3600, 20.0), (1, -3601, 20.0)) == [Rule.OUT_OF_ORDER, Rule.LATE]


def test_order_inside_a_batch_counts() -> None:
    """Rows are judged as if they came one by one."""
    assert rules(known_state(), (1, 0, 1.0), (2, -9, 1.0), (1, -5, 2.0), (1, -4000, 3.0), (2, 0, 2.0)) == [
        Rule.ACCEPTED,
        Rule.ACCEPTED,
        Rule.OUT_OF_ORDER,
        Rule.LATE,
        Rule.ACCEPTED,
    ]


def test_a_refused_reading_does_not_move_the_newest_time() -> None:
    """A clock gone wild cannot make all that follows late."""
    state = known_state()
    assert rules(state, (1, 86_400, 1.0), (1, 0, 99.0), (1, -7200, 1.0)) == [
        Rule.FUTURE,
        Rule.OUT_OF_RANGE,
        Rule.ACCEPTED,
    ]


def test_a_duplicate_is_known_as_such_however_late_it_comes() -> None:
    """A resend is harmless and must not fill the quarantine."""
    state = known_state()
    rules(state, (1, -5000, 1.0), (1, 0, 2.0))
    assert rules(state, (1, -5000, 1.0)) == [Rule.DUPLICATE]


def test_the_ring_forgets_the_oldest() -> None:
    """After more than RING others a resend is out of order: the stated bound."""
    state = known_state()
    for second in range(RING + 1):
        rules(state, (1, second - 100, float(second)))
    assert rules(state, (1, -100, 0.0), (1, -99, 1.0)) == [Rule.OUT_OF_ORDER, Rule.DUPLICATE]


def test_a_batch_longer_than_the_ring_leaves_its_last_rows_in_it() -> None:
    """The ring holds the last rows in the order they came."""
    state = known_state()
    rules(state, *((1, second - 100, float(second)) for second in range(3 * RING + 3)))
    again = [(1, second - 100.0, float(second)) for second in range(3 * RING + 3)]
    assert [rules(state, row)[0] for row in again[-RING:]] == [Rule.DUPLICATE] * RING


def test_what_was_forgotten_again_was_never_there() -> None:
    """A batch that could not be made durable leaves no trace."""
    state, untouched = known_state(), known_state()
    first = batch_of([1, 2, 1], [NOW_US, NOW_US, NOW_US + 1], [1.0, 2.0, 3.0])
    second = batch_of([1, 1], [NOW_US + 2, NOW_US + 3], [4.0, 5.0])
    undos = [remember(state, first), remember(state, second)]
    for undo in reversed(undos):
        forget(state, undo)
    assert_same(state, untouched)


def test_a_restart_remembers_the_tail_of_the_bus() -> None:
    """Replaying what was accepted gives the state that accepted it."""
    lived, restarted = known_state(), known_state()
    batches = [batch_of([1, 2, 1], [NOW_US + k, NOW_US - k, NOW_US + 100 + k], [1.0, k, 3.0]) for k in range(12)]
    accepted = [admit(lived, batch, LIMITS, NOW_US, SQUARE)[0] for batch in batches]
    recall(restarted, concatenate(accepted))
    assert_same(restarted, lived)


def test_what_is_no_longer_declared_is_passed_over_at_a_restart() -> None:
    """The bus may hold readings of datastreams that are gone."""
    state = known_state()
    recall(state, batch_of([1, 77, 3], [NOW_US] * 3, [1.0, 2.0, 3.0]))
    assert (state.written.sum(), state.newest_us[1]) == (1, NOW_US)


def test_history_speaks_for_datastreams_the_bus_no_longer_holds() -> None:
    """The bus's tail is newer and wins."""
    state = known_state()
    recall(state, batch_of([1], [NOW_US], [1.0]))
    recall_newest(state, batch_of([1, 2, 99], [NOW_US - 5, NOW_US - 7, NOW_US], [0.0, 2.0, 3.0]))
    assert state.newest_us[[1, 2]].tolist() == [NOW_US, NOW_US - 7]
    assert rules(state, (1, 0, 1.0), (2, -7e-6, 2.0)) == [Rule.DUPLICATE, Rule.DUPLICATE]


def test_learning_a_grown_catalogue_keeps_what_is_remembered() -> None:
    """Declaring more does not forget; a datastream that vanished is nobody's."""
    state = known_state()
    rules(state, (1, 0, 20.0), (2, 0, 20.0))
    grown = {number: stream for number, stream in CATALOGUE.datastreams.items() if number != 2}
    grown[DatastreamId(50)] = datastream(50)
    learn(state, Catalogue(version=2, datastreams=grown), LIMITS)
    assert rules(state, (1, 0, 20.0), (50, 0, 1.0), (2, 1, 20.0)) == [Rule.DUPLICATE, Rule.ACCEPTED, Rule.UNDECLARED]


def test_every_rule_is_either_acknowledged_or_refused() -> None:
    """The masks say what the sets say, and no rule is forgotten."""
    assert {rule for rule, mark in zip(RULES, IS_TAKEN, strict=True) if mark} == TAKEN
    assert {rule for rule, mark in zip(RULES, IS_ACKNOWLEDGED, strict=True) if mark} == ACKNOWLEDGED
    assert TAKEN < ACKNOWLEDGED < set(Rule)


def test_counts_name_only_rules_that_occurred() -> None:
    """A receipt without noise."""
    codes = np.array([0, 0, RULES.index(Rule.LATE)], dtype=np.uint8)
    assert count(codes) == {Rule.ACCEPTED: 2, Rule.LATE: 1}


def test_judging_changes_nothing() -> None:
    """Only remembering does."""
    state, untouched = known_state(), known_state()
    judge(
        state, Batch(datastream=np.array([1, 1, 2]), time_us=np.array([5, 6, 7]), result=np.ones(3)), LIMITS, 6, SQUARE
    )
    assert_same(state, untouched)


def assert_same(one: State, other: State) -> None:
    """Compare what two states remember."""
    assert one.newest_us.tolist() == other.newest_us.tolist()
    assert one.written.tolist() == other.written.tolist()
    assert one.ring_time_us.tolist() == other.ring_time_us.tolist()
    np.testing.assert_array_equal(one.ring_result, other.ring_result)
