"""What must hold of ingest whatever is sent: resends are harmless, cuts do not matter, and nobody moves another's time."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from core.test_admission_properties import CATALOGUE, LIMITS, NOW_US, batches
from impetus.core.admission import (
    IS_ACKNOWLEDGED,
    RING,
    RULES,
    TAKEN,
    State,
    admit,
    count,
    fresh_state,
    judge,
    learn,
    recall,
    taken,
)
from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.core.observation import Batch, Catalogue, concatenate

A, B = SourceId("a"), SourceId("b")


def informed(catalogue: Catalogue = CATALOGUE) -> State:
    """Return a state that knows the catalogue and has seen nothing."""
    state = fresh_state()
    learn(state, catalogue, LIMITS)
    return state


def few_each(batch: Batch) -> bool:
    """Say whether no datastream has more rows in the batch than are remembered of it."""
    return max(Counter(batch.datastream.tolist()).values(), default=0) <= RING


@given(batches)
@settings(max_examples=60)
def test_sending_the_same_batch_again_changes_nothing(batch: Batch) -> None:
    """What was taken is a duplicate the second time, and nothing that was refused is let in by insisting."""
    state = informed()
    accepted, first = admit(state, batch, LIMITS, NOW_US, A)
    newest_us = state.newest_us.copy()
    again, second = admit(state, batch, LIMITS, NOW_US, A)
    if few_each(accepted):
        assert len(again) == 0
        assert {RULES[code] for code in second[IS_ACKNOWLEDGED[first]]} <= {Rule.DUPLICATE}
    assert (state.newest_us == newest_us).all()


@given(batches, some.integers(0, 40))
@settings(max_examples=60)
def test_where_a_sender_cuts_its_readings_does_not_matter(batch: Batch, cut: int) -> None:
    """One batch of many rows, or two of fewer, are judged alike."""
    whole, parts = informed(), informed()
    rows = np.arange(len(batch))
    _, expected = admit(whole, batch, LIMITS, NOW_US, A)
    codes = [admit(parts, batch.take(some_rows), LIMITS, NOW_US, A)[1] for some_rows in (rows[:cut], rows[cut:])]
    if few_each(batch):
        assert np.concatenate(codes).tolist() == expected.tolist()
    assert parts.newest_us.tolist() == whole.newest_us.tolist()


@given(some.lists(batches, max_size=4))
@settings(max_examples=60)
def test_the_newest_time_of_a_datastream_never_falls(sent: list[Batch]) -> None:
    """However old what comes is, what was new stays so; and nothing newer than our clock allows gets in."""
    state = informed()
    before_us = state.newest_us.copy()
    for batch in sent:
        admit(state, batch, LIMITS, NOW_US, A)
        assert (state.newest_us >= before_us).all()
        before_us = state.newest_us.copy()
    assert (state.newest_us <= NOW_US + LIMITS.future_us).all()


@given(batches, batches)
@settings(max_examples=60)
def test_a_source_moves_no_time_but_its_own(ours: Batch, theirs: Batch) -> None:
    """What another source sends, under whatever numbers, is judged without a trace on ours."""
    alone, beside = informed(), informed()
    admit(beside, theirs, LIMITS, NOW_US, B)
    _, expected = admit(alone, ours, LIMITS, NOW_US, A)
    _, codes = admit(beside, ours, LIMITS, NOW_US, A)
    assert codes.tolist() == expected.tolist()


@given(batches)
@settings(max_examples=60)
def test_every_row_gets_one_rule_and_the_counts_add_up(batch: Batch) -> None:
    """Nothing that is sent disappears from the books."""
    codes = judge(informed(), batch, LIMITS, NOW_US, A)
    counted = count(codes)
    assert sum(counted.values()) == len(batch)
    assert sum(number for rule, number in counted.items() if rule in TAKEN) == len(taken(batch, codes))


@given(batches)
@settings(max_examples=60)
def test_what_is_taken_is_declared_in_range_and_in_time(batch: Batch) -> None:
    """The promise to everything behind ingest, whatever was in front of it."""
    accepted, _ = admit(informed(), batch, LIMITS, NOW_US, A)
    for number, time_us, result in zip(accepted.datastream, accepted.time_us, accepted.result, strict=True):
        datastream = CATALOGUE.datastreams[number]
        kept_us = LIMITS.retention_us.get(datastream.retention, LIMITS.default_retention_us)
        assert datastream.source == A
        assert np.isnan(result) or datastream.lowest <= result <= datastream.highest
        assert NOW_US - kept_us <= time_us <= NOW_US + LIMITS.future_us


@given(some.lists(batches, max_size=4), batches)
@settings(max_examples=60)
def test_a_restart_judges_as_if_there_had_been_none(sent: list[Batch], following: Batch) -> None:
    """Replaying what was taken gives a state that judges what comes next as the old one would have."""
    lived, restarted = informed(), informed()
    recall(restarted, concatenate([admit(lived, batch, LIMITS, NOW_US, A)[0] for batch in sent]))
    expected = judge(lived, following, LIMITS, NOW_US, A)
    assert judge(restarted, following, LIMITS, NOW_US, A).tolist() == expected.tolist()


@given(batches, batches)
@settings(max_examples=60)
def test_learning_the_same_catalogue_again_changes_no_verdict(first: Batch, second: Batch) -> None:
    """A declaration that changes nothing may come at any moment."""
    steady, told_again = informed(), informed()
    for state in (steady, told_again):
        admit(state, first, LIMITS, NOW_US, A)
    learn(told_again, CATALOGUE, LIMITS)
    expected = judge(steady, second, LIMITS, NOW_US, A)
    assert judge(told_again, second, LIMITS, NOW_US, A).tolist() == expected.tolist()


@given(batches)
@settings(max_examples=60)
def test_a_catalogue_without_a_source_takes_nothing(batch: Batch) -> None:
    """Withdrawn datastreams are nobody's: every row is undeclared, or could not be read at all."""
    state = informed()
    learn(state, Catalogue(version=2), LIMITS)
    codes = judge(state, batch, LIMITS, NOW_US, A)
    assert {RULES[code] for code in codes} <= {Rule.UNDECLARED, Rule.MALFORMED}
