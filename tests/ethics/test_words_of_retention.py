"""How long everything is kept, as a table a person can read; and what a hold covers, edge by edge."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ethics.golden import check_words
from impetus.core.observation import EPOCH
from impetus.core.retention import Hold
from impetus.ethics.retention import (
    DAY,
    Cover,
    HeldSpan,
    Keep,
    Scope,
    classes,
    cover,
    horizon,
    is_due,
    key_period,
    keys_due,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS_KEPT = {
    "observations": 1,
    "alerts": 2,
    "evidence": 3,
    "quarantine": 4,
    "incidents": 5,
    "accounts": 6,
    "openings": 7,
    "log": 8,
    "text_logs": 9,
    "backups": 10,
}
KEEP = Keep(**{name: days * DAY for name, days in DAYS_KEPT.items()})
SPAN = "2026-02-01T00:00:00+00:00/2026-02-02T00:00:00+00:00"
SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def table(keep: Keep) -> str:
    """Return the classes as lines: name, period, from when, what then, why."""
    return "\n".join(
        f"{one.name}: {one.period / DAY:g} days after {one.start.value}, then {one.action.value}; {one.because}"
        for one in classes(keep)
    )


def placed(number: int, subject: str, until: datetime = AT + DAY) -> Hold:
    """Return a hold that stands."""
    return Hold(id=number, subject=subject, owner="dora", why="claim", placed_at=AT - DAY, until=until)


def test_the_table_of_what_is_kept() -> None:
    """With a different number of days for every kind, so that none can be taken for another."""
    usual = Keep(observations=30 * DAY, alerts=180 * DAY, evidence=180 * DAY, quarantine=30 * DAY)
    short = replace(usual, alerts=DAY / 2, evidence=DAY / 4)
    kinds = [*DAYS_KEPT, "history-observations", "history-", "snapshots", "accesses", "unheard of", "held-3", "held"]
    periods = ((kind, key_period(kind, KEEP)) for kind in kinds)
    check_words(
        "retention",
        {
            "each kind with its own days": table(KEEP),
            "as it ships": table(usual),
            "alerts for less than a day": table(short),
            "keys": "\n".join(
                f"{kind}: {'with its hold' if period is None else period.days}" for kind, period in periods
            ),
        },
    )


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (timedelta(0), AT),
        (DAY, AT - DAY),
        (AT - EPOCH - MOMENT, EPOCH + MOMENT),
        (AT - EPOCH, EPOCH),
        (AT - EPOCH + MOMENT, EPOCH),
        (timedelta.max, EPOCH),
    ],
)
def test_a_horizon_ends_at_1970(period: timedelta, expected: datetime) -> None:
    """To the microsecond."""
    assert horizon(AT, period) == expected


def test_due_is_strictly_after_the_period() -> None:
    """At the horizon itself nothing is due yet."""
    assert [is_due(AT - DAY + shift, DAY, AT) for shift in (-MOMENT, timedelta(0), MOMENT)] == [True, False, False]


def test_a_cover_says_which_hold_covers_what() -> None:
    """Each scope becomes one thing that is covered, with the hold that covers it."""
    holds = [
        placed(1, "incident:12"),
        placed(2, "alert:3"),
        placed(3, f"source:square@{SPAN}"),
        placed(4, f"datastream:square/c1/people@{SPAN}"),
        placed(5, "request:9"),
        placed(6, "alert:4", AT),
    ]
    asked: list[Scope] = []

    def ids(scope: Scope) -> frozenset[int]:
        asked.append(scope)
        return frozenset({len(asked)})

    assert cover(holds, AT, ids) == Cover(
        incidents=((12, holds[0]),),
        alerts=((3, holds[1]),),
        spans=(
            HeldSpan(hold=holds[2], source="square", datastreams=frozenset({1}), since=SINCE, until=UNTIL),
            HeldSpan(hold=holds[3], source="", datastreams=frozenset({2}), since=SINCE, until=UNTIL),
        ),
    )
    assert [(scope.kind, scope.key) for scope in asked] == [("source", "square"), ("datastream", "square/c1/people")]


@pytest.mark.parametrize(
    ("began", "last_at", "held"),
    [
        (SINCE, SINCE, True),
        (SINCE - DAY, SINCE - MOMENT, False),
        (UNTIL - MOMENT, AT, True),
        (UNTIL, AT, False),
    ],
)
def test_an_alert_touches_a_held_span_at_its_edges(began: datetime, last_at: datetime, held: bool) -> None:  # noqa: FBT001 - a table's column
    """The first moment is held, the last is not."""
    covered = cover([placed(1, f"source:square@{SPAN}")], AT, lambda _: frozenset({7}))
    assert (covered.of_alert(5, None, (7, 8), began, last_at) is not None) is held
    assert covered.of_alert(5, None, (8,), began, last_at) is None


def test_a_refused_record_and_a_day_touch_a_held_span_at_its_edges() -> None:
    """From the first moment up to, and not including, the end."""
    covered = cover([placed(1, f"source:square@{SPAN}")], AT, lambda _: frozenset({7}))
    edges = (SINCE - MOMENT, SINCE, UNTIL - MOMENT, UNTIL)
    assert [covered.of_record("square", at) is not None for at in edges] == [False, True, True, False]
    assert [covered.of_record("quay", at) for at in edges] == [None] * 4
    spans = [(SINCE - DAY, SINCE), (SINCE - DAY, SINCE + MOMENT), (UNTIL - MOMENT, UNTIL + DAY), (UNTIL, UNTIL + DAY)]
    assert [len(covered.of_span(*span)) for span in spans] == [0, 1, 1, 0]


def test_of_holds_on_alert_incident_and_readings_the_last_to_end_counts() -> None:
    """All three are looked at; of two that end together the newer one."""
    holds = [
        placed(1, "alert:3", AT + 2 * DAY),
        placed(2, "incident:12", AT + 3 * DAY),
        placed(3, f"source:square@{SPAN}", AT + 4 * DAY),
        placed(4, "incident:12", AT + 3 * DAY),
    ]

    def longest(*chosen: int) -> int | None:
        covered = cover([one for one in holds if one.id in chosen], AT, lambda _: frozenset({7}))
        found = covered.of_alert(3, 12, (7,), SINCE, SINCE)
        return found.id if found else None

    assert [longest(1), longest(2), longest(3), longest()] == [1, 2, 3, None]
    assert [longest(1, 2), longest(2, 3), longest(1, 2, 3), longest(2, 4)] == [2, 3, 3, 4]
    both = cover(holds, AT, lambda _: frozenset())
    assert both.of_incident(12) == holds[3]
    assert both.of_incident(11) is None


@pytest.mark.parametrize(
    ("kind", "gone_at"),
    [
        ("alerts", datetime(2026, 2, 4, 1, tzinfo=UTC)),
        ("history-observations", datetime(2026, 2, 3, 1, tzinfo=UTC)),
        ("backups", datetime(2026, 2, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_key_goes_an_hour_after_its_days_period(kind: str, gone_at: datetime) -> None:
    """The key of 1 February: its day ends at midnight, then the period, then one hour; to the microsecond."""
    key = [(kind, date(2026, 2, 1))]
    assert keys_due(key, KEEP, gone_at - MOMENT, frozenset()) == []
    assert keys_due(key, KEEP, gone_at, frozenset()) == key


def test_a_key_of_a_hold_goes_with_the_hold() -> None:
    """Of those that stand none; and a kind that is no hold's number is taken for one that ended."""
    keys = [("held-3", date(2026, 2, 1)), ("held-33", date(2026, 2, 1)), ("held-", date(2026, 2, 1))]
    assert keys_due(keys, KEEP, AT, frozenset({3})) == keys[1:]
    assert keys_due(keys, KEEP, AT, frozenset({3, 33})) == keys[2:]
    assert keys_due([("alerts", date.max)], KEEP, AT, frozenset()) == []
    assert keys_due([("alerts", date.max - DAY)], KEEP, datetime.max.replace(tzinfo=UTC), frozenset()) == []
