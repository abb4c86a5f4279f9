"""The meter of a seat: the limits of EEMUA 191, when a flood begins and ends, and how priorities spread."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.finding import Severity
from impetus.processes.alarm_load import (
    PRIORITY_OF,
    WANTED_SHARES,
    LoadState,
    Priority,
    flood_share,
    is_flood,
    priorities,
    state_of,
    trend,
)

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


def running(minutes: Sequence[int]) -> list[int]:
    """Return what each minute's last ten brought, counted the slow way."""
    return [sum(minutes[max(0, place - 9) : place + 1]) for place in range(len(minutes))]


def flood_slowly(minutes: Sequence[int], seats: int) -> bool:
    """Say whether it is a flood now, as the standard's two sentences read."""
    flood = False
    for ten in running(minutes):
        if ten > 10 * seats:
            flood = True
        elif ten < 5 * seats:
            flood = False
    return flood


@given(st.lists(st.integers(0, 15), max_size=80), st.integers(1, 3))
def test_a_flood_is_what_the_two_sentences_of_the_standard_say(minutes: list[int], seats: int) -> None:
    """More than ten a seat in ten minutes begins it, fewer than five end it, counted afresh at every minute."""
    assert is_flood(minutes, seats) is flood_slowly(minutes, seats)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80), st.integers(1, 3))
def test_the_share_of_time_in_flood_is_counted_at_every_minute(minutes: list[int], seats: int) -> None:
    """The same sum, the slow way."""
    over = [ten > 10 * seats for ten in running(minutes)]
    assert flood_share(minutes, seats) == pytest.approx(sum(over) / len(over))


@pytest.mark.parametrize(
    ("minutes", "share"),
    [
        ([10], 0.0),
        ([11], 1.0),
        ([5, 5, 0, 0], 0.0),
        ([5, 5, 1, 0], 0.5),
        ([0] * 10 + [11], 1 / 11),
        ([2] * 10, 0.5),
        ([1] * 100, 0.0),
        ([3] * 10 + [0] * 10, 0.65),
    ],
)
def test_shares_of_time_in_flood_worked_by_hand(minutes: list[int], share: float) -> None:
    """Two a minute exceed ten at the sixth of ten minutes; three a minute from the fourth until the sixteenth of twenty."""
    assert flood_share(minutes) == pytest.approx(share)


@pytest.mark.parametrize("seats", [-1, 0])
def test_nobody_at_a_screen_counts_as_one_seat(seats: int) -> None:
    """A flood nobody watches is a flood: eleven alerts are, ten are none."""
    assert is_flood([11], seats)
    assert not is_flood([10], seats)
    assert flood_share([11], seats) == 1.0


@pytest.mark.parametrize(
    ("ten", "hour", "word"),
    [
        (1, 0, "steady"),
        (2, 0, "rising"),
        (4, 12, "steady"),
        (5, 12, "rising"),
        (10, 36, "steady"),
        (11, 36, "rising"),
        (3, 24, "steady"),
        (1, 24, "falling"),
        (5, 60, "falling"),
        (6, 60, "steady"),
    ],
)
def test_trends_worked_by_hand(ten: int, hour: int, word: str) -> None:
    """Of 36 an hour six are usual: more than ten rise (6 x 1.5 + 1); of 60 ten are usual: below 5.67 they fall (10 / 1.5 - 1)."""
    assert trend(ten, hour) == word


@given(st.integers(0, 200), st.integers(0, 600))
def test_more_never_turns_a_trend_down(ten: int, hour: int) -> None:
    """With the same hour one alert more never reads as less."""
    order = ["falling", "steady", "rising"]
    assert order.index(trend(ten, hour)) <= order.index(trend(ten + 1, hour))


@given(st.integers(0, 60))
def test_more_cards_never_make_a_seat_calmer(asked: int) -> None:
    """The three states stand in their order."""
    order = list(LoadState)
    assert order.index(state_of(asked)) <= order.index(state_of(asked + 1))


def test_every_severity_has_a_priority_and_the_wanted_shares_add_up() -> None:
    """Eighty, fifteen and five make a hundred; what nobody graded makes no high priority."""
    assert set(PRIORITY_OF) == set(Severity)
    assert sum(WANTED_SHARES.values()) == pytest.approx(1.0)
    assert {severity for severity, priority in PRIORITY_OF.items() if priority is Priority.HIGH} == {
        S.EXTREME,
        S.SEVERE,
    }


@pytest.mark.parametrize(
    ("severities", "shares"),
    [
        ([S.EXTREME], (0.0, 0.0, 1.0)),
        ([S.UNKNOWN], (1.0, 0.0, 0.0)),
        ([S.MODERATE, S.MINOR], (0.5, 0.5, 0.0)),
        ([S.EXTREME, S.SEVERE, S.MODERATE, S.MINOR], (0.25, 0.25, 0.5)),
        ([S.MINOR] * 16 + [S.MODERATE] * 3 + [S.SEVERE], (0.8, 0.15, 0.05)),
    ],
)
def test_shares_of_priorities_worked_by_hand(severities: list[Severity], shares: tuple[float, ...]) -> None:
    """Low, medium, high, in this order."""
    assert tuple(each.share for each in priorities(severities)) == pytest.approx(shares)
