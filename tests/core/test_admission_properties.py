"""The vectorised rules and the row-by-row reference agree on whatever comes."""

from hypothesis import given, settings
from hypothesis import strategies as some

from core.reference_admission import RowByRow
from impetus.core.admission import (
    NO_TIME,
    RULES,
    TAKEN,
    Limits,
    admit,
    forget,
    fresh_state,
    judge,
    learn,
    remember,
    taken,
)
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Batch, Catalogue, Datastream, batch_of

NOW_US = 1_000
LIMITS = Limits(late_us=20, future_us=10, default_retention_us=200, retention_us={"short": 50})
CATALOGUE = Catalogue(
    version=1,
    datastreams={
        DatastreamId(number): Datastream(
            id=DatastreamId(number),
            key=DatastreamKey(f"{source}/t/{number}"),
            source=SourceId(source),
            thing=ThingKey(f"{source}/t"),
            thing_name="t",
            observed_property="p",
            unit="1",
            lowest=-3.0,
            highest=3.0,
            retention=retention,
        )
        for number, source, retention in ((1, "a", "observations"), (2, "a", "short"), (4, "b", "observations"))
    },
)

rows = some.tuples(
    some.one_of(some.sampled_from([1, 2]), some.integers(-1, 7), some.sampled_from([2**63 - 1, -(2**63)])),
    some.one_of(
        some.integers(NOW_US - 30, NOW_US + 12),
        some.integers(NOW_US - 220, NOW_US + 12),
        some.sampled_from([NO_TIME, 2**63 - 1, -(2**63) + 1, 0]),
    ),
    some.one_of(
        some.sampled_from([0.0, 1.0, float("nan"), float("inf"), float("-inf"), 3.0, 3.5, -0.0]), some.floats(-4.0, 4.0)
    ),
)
batches = some.lists(rows, max_size=40).map(
    lambda given_rows: batch_of(
        [row[0] for row in given_rows], [row[1] for row in given_rows], [row[2] for row in given_rows]
    )
)


@given(some.lists(some.tuples(batches, some.sampled_from(["a", "a", "b", "c"])), max_size=6))
@settings(max_examples=400, deadline=None)
def test_columns_and_rows_give_the_same_verdicts(sent: list[tuple[Batch, str]]) -> None:
    """Whatever is sent by whomever in whatever order, verdict and memory are those of the plain loop."""
    state, reference = fresh_state(), RowByRow(CATALOGUE, LIMITS)
    learn(state, CATALOGUE, LIMITS)
    for batch, source in sent:
        accepted, codes = admit(state, batch, LIMITS, NOW_US, SourceId(source))
        expected = reference.admit(batch, NOW_US, source)
        assert [RULES[code] for code in codes] == expected
        assert len(accepted) == sum(rule in TAKEN for rule in expected)
    for number, known in reference.memory.items():
        assert state.newest_us[number] == known.newest_us


@given(some.lists(batches, min_size=1, max_size=5), some.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_undoing_gives_back_the_state_before(sent: list[Batch], kept: int) -> None:
    """Undoing the batches after any point, newest first, gives the state at that point, whatever they held."""
    state, expected = fresh_state(), fresh_state()
    for each in (state, expected):
        learn(each, CATALOGUE, LIMITS)
    undos = []
    for position, batch in enumerate(sent):
        accepted = taken(batch, judge(state, batch, LIMITS, NOW_US, SourceId("a")))
        undo = remember(state, accepted)
        if position < kept:
            remember(expected, accepted)
        else:
            undos.append(undo)
    for undo in reversed(undos):
        forget(state, undo)
    assert state.newest_us.tolist() == expected.newest_us.tolist()
    assert state.written.tolist() == expected.written.tolist()
    assert state.ring_time_us.tolist() == expected.ring_time_us.tolist()
