"""The rules of ingest worked by hand: what was sent, line by line, and what became of it.

A line reads `datastream time value  rule`. Times are seconds from now; the square's thermometers 1 and 2 report -40..60
degrees, 4 is the harbour's, 5 is kept for an hour only. Readings may come an hour late and five minutes early.
"""

import math

import numpy as np
import pytest

from core.test_admission import CATALOGUE, HARBOUR, LIMITS, NOW_US, SQUARE
from impetus.core.admission import NO_TIME, RING, RULES, Limits, State, admit, fresh_state, judge, learn
from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.core.observation import US_PER_S, batch_of

SHORT = Limits(
    late_us=LIMITS.late_us,
    future_us=LIMITS.future_us,
    default_retention_us=LIMITS.default_retention_us,
    retention_us={"short": 3_600 * US_PER_S},
)
WORDS = {"no": math.nan, "inf": math.inf, "-inf": -math.inf}


def knowing() -> State:
    """Return the state of an installation that knows the catalogue and has heard nothing."""
    state = fresh_state()
    learn(state, CATALOGUE, SHORT)
    return state


def told(table: str) -> list[tuple[int, int, float, str]]:
    """Return the lines of a table: datastream, microseconds, value, rule; `?` is a time that could not be read."""
    lines = [line.split() for line in table.strip().splitlines() if line.strip()]
    return [
        (
            int(which),
            NO_TIME if second == "?" else NOW_US + round(float(second) * US_PER_S),
            WORDS[value] if value in WORDS else float(value),
            rule,
        )
        for which, second, value, rule in lines
    ]


def send(state: State, table: str, source: SourceId = SQUARE) -> list[str]:
    """Send a table's readings at once and return the rule of each."""
    rows = told(table)
    batch = batch_of(*([row[column] for row in rows] for column in range(3)))  # type: ignore[arg-type]  # ints and floats
    _, codes = admit(state, batch, SHORT, NOW_US, source)
    return [RULES[code].value for code in codes]


def check(state: State, table: str, source: SourceId = SQUARE) -> None:
    """Check that each line of a table falls under the rule it names."""
    assert send(state, table, source) == [rule for *_, rule in told(table)]


def test_a_usual_minute() -> None:
    """Two thermometers, every ten seconds."""
    check(
        knowing(),
        """
        1 -20 20.0 accepted
        2 -20 21.0 accepted
        1 -10 20.1 accepted
        2 -10 21.1 accepted
        1   0 20.2 accepted
        """,
    )


def test_a_gateway_that_sends_its_buffer_backwards() -> None:
    """The first is the newest; everything behind it is out of order and taken."""
    check(
        knowing(),
        """
        1   0 20.3 accepted
        1 -10 20.2 out_of_order
        1 -20 20.1 out_of_order
        1 -30 20.0 out_of_order
        """,
    )


def test_a_gateway_that_repeats_itself_within_a_batch() -> None:
    """The same pair again is a duplicate; the same time with another value is in conflict with the first, not the last."""
    check(
        knowing(),
        """
        1 0 20.0 accepted
        1 0 20.0 duplicate
        1 0 20.5 conflict
        1 0 20.0 duplicate
        2 0 20.5 accepted
        """,
    )


def test_a_sensor_without_a_value() -> None:
    """Missing is taken like a value: it can be repeated, and a value at the same time is in conflict with it."""
    check(
        knowing(),
        """
        1 -1 no   missing
        1 -1 no   duplicate
        1 -1 20.0 conflict
        1  0 20.0 accepted
        1  0 no   conflict
        """,
    )


def test_a_missing_value_behind_the_newest_is_missing_and_not_out_of_order() -> None:
    """One rule a row: that there is no value says more."""
    check(knowing(), "1 0 20 accepted\n1 -5 no missing")


def test_the_edge_of_the_future() -> None:
    """Exactly five minutes ahead is taken, a microsecond more is not, and does not move what is newest."""
    check(
        knowing(),
        """
        1 300.000001 20 future
        1 -1         20 accepted
        1 300        20 accepted
        1 0          20 out_of_order
        """,
    )


def test_the_edge_of_lateness() -> None:
    """Exactly an hour behind the newest is out of order; a microsecond more is late."""
    check(
        knowing(),
        """
        1     0          20 accepted
        1 -3600          20 out_of_order
        1 -3600.000001   20 late
        2 -3600.000001   20 accepted
        """,
    )


def test_the_edge_of_retention() -> None:
    """Exactly as old as its class is kept is taken; older would be erased at once. Each class has its own."""
    check(
        knowing(),
        """
        1 -86400         20 accepted
        2 -86400.000001  20 expired
        5  -3600         20 accepted
        5  -3600.000001  20 expired
        """,
    )


def test_the_edges_of_the_instrument() -> None:
    """Both ends are in the range; what is beyond is the instrument's fault, infinity included."""
    check(
        knowing(),
        """
        1 -5 -40      accepted
        1 -4  60      accepted
        1 -3 -40.0001 out_of_range
        1 -2  60.0001 out_of_range
        1 -1  inf     out_of_range
        1  0 -inf     out_of_range
        """,
    )


def test_what_is_nobodys() -> None:
    """Number zero, a gap between numbers, one beyond the last, a negative one, the harbour's."""
    check(
        knowing(),
        """
        0   0 20 undeclared
        3   0 20 undeclared
        6   0 20 undeclared
        999 0 20 undeclared
        -1  0 20 undeclared
        4   0 20 undeclared
        """,
    )


def test_the_first_rule_that_applies_gives_the_verdict() -> None:
    """Each line breaks several: malformed before undeclared before range before future before expired."""
    check(
        knowing(),
        """
        999 ?        inf malformed
        4   999      inf undeclared
        1   999      inf out_of_range
        1   999      20  future
        1   -99999   99  out_of_range
        1   -99999   20  expired
        """,
    )


def test_a_refused_reading_leaves_no_trace() -> None:
    """What was refused is not what a later reading is a duplicate of, late behind, or in conflict with."""
    state = knowing()
    check(state, "1 200 99 out_of_range\n1 301 20 future\n1 ? 20 malformed")
    check(state, "1 200 20 accepted\n1 -3000 20 out_of_order")
    check(state, "1 200 99 out_of_range")


def test_late_readings_are_late_however_often_they_come() -> None:
    """What was not taken is not remembered, so it is no duplicate either."""
    state = knowing()
    check(state, "1 0 20 accepted")
    for _ in range(3):
        check(state, "1 -3601 20 late")


def test_a_conflict_again_is_a_conflict_again() -> None:
    """The first value stays however often another one is offered."""
    state = knowing()
    check(state, "1 0 20 accepted")
    for value in ("21", "21", "no"):
        check(state, f"1 0 {value} conflict")
    check(state, "1 0 20 duplicate")


def test_minus_zero_is_zero() -> None:
    """A sign that means nothing makes no conflict."""
    check(knowing(), "1 0 0.0 accepted\n1 0 -0.0 duplicate")


def test_two_sources_are_judged_apart() -> None:
    """The harbour's newest is not the square's, and each is refused the other's."""
    state = knowing()
    check(state, "4 0 20 accepted\n1 0 20 undeclared", HARBOUR)
    check(state, "1 -3600 20 accepted\n4 -10 20 undeclared")
    check(state, "4 -10 20 out_of_order", HARBOUR)


def test_a_source_nobody_declared_owns_nothing() -> None:
    """Not even the numbers that are nobody's."""
    check(knowing(), "1 0 20 undeclared\n0 0 20 undeclared\n3 0 20 undeclared", SourceId("stranger"))


@pytest.mark.parametrize(("others", "rule"), [(RING - 1, "duplicate"), (RING, "out_of_order")])
def test_the_ring_remembers_exactly_its_length(others: int, rule: str) -> None:
    """After that many others a reading that comes again is taken for one out of order: bounded memory, stated."""
    state = knowing()
    check(state, "1 -100 20 accepted")
    for step in range(others):
        check(state, f"1 {step} 20 accepted")
    check(state, f"1 -100 20 {rule}")


def test_a_reading_later_in_the_same_batch_does_not_make_an_earlier_one_late() -> None:
    """Rows are judged as if they came one by one, in their order."""
    check(
        knowing(),
        """
        1 -7200 20 accepted
        1     0 20 accepted
        1 -7100 20 late
        """,
    )


def test_datastreams_do_not_disturb_each_other_in_a_mixed_batch() -> None:
    """However their rows are shuffled together."""
    state = knowing()
    check(
        state,
        """
        1   0 20 accepted
        2 -10 20 accepted
        1 -10 20 out_of_order
        2   0 20 accepted
        1   0 20 duplicate
        5   0 20 accepted
        2 -10 21 conflict
        """,
    )
    assert ((state.newest_us[[1, 2, 5]] - NOW_US) // US_PER_S).tolist() == [0, 0, 0]


def test_a_clock_of_ours_that_went_back_refuses_what_now_lies_ahead() -> None:
    """An hour back: what was accepted stays, the same again is in the future before it is a duplicate."""
    state = knowing()
    batch = batch_of([1], [NOW_US], [20.0])
    admit(state, batch, SHORT, NOW_US, SQUARE)
    codes = judge(state, batch, SHORT, NOW_US - 3600 * US_PER_S, SQUARE)
    assert [RULES[code] for code in codes] == [Rule.FUTURE]


@pytest.mark.parametrize("time_us", [NO_TIME + 1, -(2**62), 2**63 - 1, 2**62])
def test_times_at_the_ends_of_64_bits_overflow_into_no_other_rule(time_us: int) -> None:
    """The far past is expired and the far future is future, never the reverse by wrapping round."""
    codes = judge(knowing(), batch_of([1], [time_us], [20.0]), SHORT, NOW_US, SQUARE)
    assert RULES[codes[0]] is (Rule.EXPIRED if time_us < 0 else Rule.FUTURE)


def test_no_limit_on_lateness_takes_everything_that_is_kept() -> None:
    """Retention is then the only end."""
    patient = Limits(late_us=10 * 365 * 86_400 * US_PER_S, default_retention_us=SHORT.default_retention_us)
    state = knowing()
    batch = batch_of([1, 1], [NOW_US, NOW_US - 86_400 * US_PER_S], [20.0, 20.0])
    assert np.array_equal(judge(state, batch, patient, NOW_US, SQUARE), [0, RULES.index(Rule.OUT_OF_ORDER)])
