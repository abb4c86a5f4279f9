"""The meter of a seat: the limits of EEMUA 191, when a flood begins and ends, and how priorities spread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.finding import Severity
from impetus.processes.alarm_load import LoadState, Priority, flood_share, is_flood, priorities, state_of, trend

S = Severity


@pytest.mark.parametrize(
    ("asked", "state"), [(0, "calm"), (1, "calm"), (2, "calm"), (3, "busy"), (10, "busy"), (11, "flood")]
)
def test_a_seat_is_calm_up_to_two_busy_up_to_ten_and_flooded_beyond(asked: int, state: str) -> None:
    """One in ten minutes is sustainable, two manageable, more than ten a flood."""
    assert state_of(asked) is LoadState(state)


@pytest.mark.parametrize(
    ("minutes", "seats", "flood"),
    [
        ([], 1, False),
        ([10], 1, False),
        ([11], 1, True),
        ([11], 2, False),
        ([21], 2, True),
        ([1] * 10, 1, False),
        ([2] * 6, 1, True),
        ([11, *[0] * 9], 1, True),
        ([11, *[0] * 10], 1, False),
        ([11, *[0] * 9, 5], 1, True),
        ([11, *[0] * 9, 4], 1, False),
        ([40, *[0] * 10, 10], 1, False),
        ([11], 0, True),
    ],
)
def test_a_flood_begins_above_ten_a_seat_and_ends_below_five(minutes: list[int], seats: int, flood: bool) -> None:  # noqa: FBT001 - a table's column
    """In any ten minutes; between five and ten it stays what it was."""
    assert is_flood(minutes, seats) is flood


def test_the_share_of_time_in_flood_counts_minutes_whose_last_ten_brought_more_than_ten() -> None:
    """Eleven at once: the ten minutes after it, of twenty."""
    assert flood_share([11, *[0] * 19]) == 0.5
    assert flood_share([]) == 0.0
    assert flood_share([11, *[0] * 19], seats=2) == 0.0


def test_priorities_stand_beside_what_is_wanted() -> None:
    """Eight minor, one moderate, one severe: 80, 10, 10 beside 80, 15, 5."""
    spread = priorities([*[S.MINOR] * 7, S.UNKNOWN, S.MODERATE, S.SEVERE])
    assert [(each.priority, each.alerts, each.share, each.wanted) for each in spread] == [
        (Priority.LOW, 8, 0.8, 0.80),
        (Priority.MEDIUM, 1, 0.1, 0.15),
        (Priority.HIGH, 1, 0.1, 0.05),
    ]
    assert [each.share for each in priorities([])] == [0.0, 0.0, 0.0]


@given(st.lists(st.sampled_from(list(Severity)), min_size=1))
def test_every_alert_has_one_priority(severities: list[Severity]) -> None:
    """Shares add up to one, whatever the severities."""
    spread = priorities(severities)
    assert sum(each.alerts for each in spread) == len(severities)
    assert sum(each.share for each in spread) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 4))
def test_more_seats_never_make_a_flood(minutes: list[int], seats: int) -> None:
    """What is no flood for a few is none for more."""
    assert flood_share(minutes, seats + 1) <= flood_share(minutes, seats)


@pytest.mark.parametrize(
    ("ten", "hour", "word"), [(0, 0, "steady"), (2, 2, "rising"), (3, 18, "steady"), (1, 30, "falling")]
)
def test_the_trend_compares_ten_minutes_with_the_hour(ten: int, hour: int, word: str) -> None:
    """Clearly more or less than a sixth of it."""
    assert trend(ten, hour) == word
