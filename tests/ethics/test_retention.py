"""Classes, horizons, what a hold covers, and which keys have to go: by hand and as laws."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed, Refused
from impetus.core.observation import EPOCH
from impetus.core.retention import Hold
from impetus.desk.gate_watch import ACTIONS_KEPT
from impetus.ethics.retention import (
    DAY,
    LONGEST_HOLD,
    Action,
    Cover,
    Keep,
    Scope,
    Start,
    check_hold,
    classes,
    cover,
    held_kind,
    horizon,
    is_due,
    key_period,
    keys_due,
    read_scope,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEEP = Keep(observations=10 * DAY, alerts=20 * DAY, evidence=15 * DAY, quarantine=5 * DAY)
SPAN = "2026-02-01T00:00:00+00:00/2026-02-02T00:00:00+00:00"


def hold(number: int, subject: str, until: datetime = AT + DAY, **changes: object) -> Hold:
    """Return a hold that stands."""
    made = Hold(id=number, subject=subject, owner="dora", why="claim", placed_at=AT - DAY, until=until)
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the field it means


def covering(*holds: Hold, ids: frozenset[int] = frozenset({7})) -> Cover:
    """Return what holds cover, where every scope of readings names these datastreams."""
    return cover(holds, AT, lambda _: ids)


def test_every_store_has_one_class_with_a_reason() -> None:
    """No store twice, none without a period's reason, and counts stay only of alerts."""
    found = classes(KEEP)
    assert len({one.name for one in found}) == len(found) >= 16
    assert all(one.because for one in found)
    assert [one.name for one in found if one.action is Action.COUNT] == ["alerts"]
    assert {one.name: one.start for one in found}["evidence"] is Start.STORED


def test_proposals_are_kept_as_long_as_the_gates_say() -> None:
    """What is shown is what is done."""
    assert {one.name: one.period for one in classes(KEEP)}["actions"] == ACTIONS_KEPT


def test_a_copy_is_never_kept_longer_than_what_it_copies() -> None:
    """Messages of findings carry evidence: they go with the shorter of the two."""
    periods = {one.name: one.period for one in classes(KEEP)}
    assert periods["bus: findings"] == KEEP.evidence
    assert periods["bus: observations"] == periods["latest values"] == periods["tool snapshots"] == KEEP.observations
    assert periods["bus: other topics"] == DAY
    assert periods["outbox"] <= KEEP.alerts


@pytest.mark.parametrize(
    ("start", "period", "due"),
    [
        (AT - 10 * DAY - timedelta(microseconds=1), 10 * DAY, True),
        (AT - 10 * DAY, 10 * DAY, False),
        (AT, 10 * DAY, False),
        (None, timedelta(0), False),
        (EPOCH, timedelta.max, False),
    ],
)
def test_when_something_is_due(start: datetime | None, period: timedelta, due: bool) -> None:  # noqa: FBT001 - a table's column
    """Strictly after its period; what has not begun never is, and a period beyond time itself is no error."""
    assert is_due(start, period, AT) is due


@given(days=st.integers(0, 100_000))
def test_a_horizon_is_between_1970_and_now(days: int) -> None:
    """Whatever the period."""
    assert EPOCH <= horizon(AT, days * DAY) <= AT


@pytest.mark.parametrize(
    ("subject", "scope"),
    [
        ("incident:12", Scope(kind="incident", key="12")),
        ("alert:007", Scope(kind="alert", key="7")),
        ("request:9", Scope(kind="request", key="9")),
        (
            f"source:square@{SPAN}",
            Scope(
                kind="source", key="square", since=AT.replace(month=2, hour=0), until=AT.replace(month=2, day=2, hour=0)
            ),
        ),
        (
            f"datastream:square/c1/people@{SPAN}",
            Scope(
                kind="datastream",
                key="square/c1/people",
                since=AT.replace(month=2, hour=0),
                until=AT.replace(month=2, day=2, hour=0),
            ),
        ),
    ],
)
def test_a_subject_is_read(subject: str, scope: Scope) -> None:
    """Numbers and spans in the five forms there are."""
    assert read_scope(subject) == scope


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("", "nothing"),
        ("incident:", "nothing"),
        ("incident:0", "nothing"),
        ("incident:-3", "nothing"),
        ("incident:٣", "nothing"),
        ("person:kari", "nothing"),
        ("source:square", "no span"),
        ("source:square@yesterday/today", "no span"),
        ("source:square@2026-02-01T00:00:00/2026-02-02T00:00:00", "without a zone"),
        ("source:square@2026-02-02T00:00:00+00:00/2026-02-01T00:00:00+00:00", "ends before"),
        (f"source:Square!@{SPAN}", "names no source"),
        (f"source:square/c1@{SPAN}", "names no source"),
        (f"datastream:square/c1@{SPAN}", "names no datastream"),
    ],
)
def test_an_unreadable_subject_says_why(subject: str, why: str) -> None:
    """And in which forms it may be written."""
    with pytest.raises(Malformed, match=why) as caught:
        read_scope(subject)
    assert "incident:N" in str(caught.value.limit)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(subject: str) -> None:
    """Never another error."""
    with contextlib.suppress(Malformed):
        assert read_scope(subject).key


@pytest.mark.parametrize("until", [AT, AT - DAY, AT + LONGEST_HOLD + timedelta(seconds=1)])
def test_a_hold_without_a_proper_end_is_refused(until: datetime) -> None:
    """Over already, or more than five years away; the article stands beside it."""
    with pytest.raises(Refused) as caught:
        check_hold(AT, until)
    assert "5(1)(e)" in caught.value.source


def test_a_hold_of_five_years_is_the_longest() -> None:
    """To the day."""
    check_hold(AT, AT + LONGEST_HOLD)


def test_a_hold_stands_until_its_end_and_not_at_it() -> None:
    """Or until it is lifted."""
    one = hold(1, "alert:3")
    assert one.stands(AT)
    assert not one.stands(one.until)
    assert not hold(1, "alert:3", lifted_at=AT).stands(AT)


def test_an_incident_is_held_with_its_alerts() -> None:
    """And no other incident's."""
    found = covering(hold(1, "incident:12"))
    assert found.of_incident(12) == hold(1, "incident:12")
    assert found.of_alert(5, 12, (), AT, AT) is not None
    assert found.of_alert(5, 13, (), AT, AT) is None
    assert found.of_incident(13) is None


def test_of_several_holds_the_one_that_ends_last_counts() -> None:
    """What it keeps is sealed under its key, and must not go with an earlier one's."""
    found = covering(
        hold(1, "alert:3", AT + 9 * DAY), hold(2, "alert:3", AT + 5 * DAY), hold(3, "alert:3", AT + 9 * DAY)
    )
    longest = found.of_alert(3, None, (), AT, AT)
    assert longest is not None
    assert longest.id == 3


@pytest.mark.parametrize(
    ("began", "last_at", "held"),
    [
        (AT.replace(month=2, hour=1), AT.replace(month=2, hour=2), True),
        (AT.replace(month=1, day=1), AT.replace(month=2, day=1, hour=0), True),
        (AT.replace(month=2, day=2, hour=0), AT, False),
        (AT.replace(month=1, day=1), AT.replace(month=1, day=2), False),
    ],
)
def test_an_alert_about_held_readings_is_held(began: datetime, last_at: datetime, held: bool) -> None:  # noqa: FBT001 - a table's column
    """When it happened while they were measured, and lists one of the datastreams."""
    found = covering(hold(1, f"datastream:square/c1/people@{SPAN}"))
    assert (found.of_alert(5, None, (3, 7), began, last_at) is not None) is held
    assert found.of_alert(5, None, (3,), began, last_at) is None


def test_refused_records_of_a_held_source_are_held_within_the_span() -> None:
    """Not those of a held datastream: a refused record belongs to none."""
    at = AT.replace(month=2, hour=1)
    assert covering(hold(1, f"source:square@{SPAN}")).of_record("square", at) is not None
    assert covering(hold(1, f"source:square@{SPAN}")).of_record("quay", at) is None
    assert covering(hold(1, f"source:square@{SPAN}")).of_record("square", AT) is None
    assert covering(hold(1, f"datastream:square/c1/p@{SPAN}")).of_record("square", at) is None


def test_a_hold_that_ended_covers_nothing() -> None:
    """As if it had never been placed."""
    assert covering(hold(1, "incident:12", AT)) == covering(hold(2, "alert:1", lifted_at=AT)) == Cover()


@pytest.mark.parametrize(
    ("kind", "day", "due"),
    [
        ("evidence", date(2026, 2, 13), True),
        ("evidence", date(2026, 2, 14), False),
        ("alerts", date(2026, 2, 8), True),
        ("alerts", date(2026, 2, 9), False),
        ("history-observations", date(2026, 2, 18), True),
        ("history-observations", date(2026, 2, 19), False),
        ("state", date(2026, 1, 24), True),
        ("state", date(2026, 1, 25), False),
        ("never heard of", date(2026, 1, 24), True),
        ("held-3", date(2020, 1, 1), False),
        ("held-4", date(2026, 2, 28), True),
        ("held-x", date(2026, 2, 28), True),
        ("alerts", date.max, False),
        ("alerts", date.min, True),
    ],
)
def test_which_keys_have_to_go(kind: str, day: date, due: bool) -> None:  # noqa: FBT001 - a table's column
    """An hour after their day's period; a hold's with the hold; of a class nobody knows, with the backups."""
    assert bool(keys_due([(kind, day)], KEEP, AT, frozenset({3}))) is due


def test_keys_of_a_hold_are_named_after_it() -> None:
    """And have no period of their own."""
    assert held_kind(12) == "held-12"
    assert key_period(held_kind(12), KEEP) is None


@given(day=st.dates(date(2020, 1, 1), date(2026, 3, 1)), hours=st.integers(0, 23), extra=st.integers(0, 40))
def test_no_key_goes_before_all_it_sealed_is_due(day: date, hours: int, extra: int) -> None:
    """Whatever was sealed on a day is over its time when the day's key is destroyed, in any zone the times are written."""
    at = datetime(day.year, day.month, day.day, hours, tzinfo=UTC) + (15 + extra) * DAY
    sealed_at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC).astimezone(timezone(timedelta(hours=9)))
    if keys_due([("evidence", day)], KEEP, at, frozenset()):
        assert is_due(sealed_at, KEEP.evidence, at)
