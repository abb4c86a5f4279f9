"""Seats, what waits, cards, quiet rules and alerts' lives: one contract for every store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.samples import T0, an_alert
from impetus.adapters.sql.store import SqlStore
from impetus.core.alert import AlertEntry, AlertEvent, AlertState, Verdict
from impetus.core.attention import Ask, AskLine, Because, Quiet, QuietKind, Seat, Waiting
from impetus.core.errors import Unknown
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, IncidentId, ToolId, ZoneId
from impetus.core.incident import Incident, IncidentState

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def stored(store: SqlStore, count: int = 1, **changes: object) -> list[AlertId]:
    """Store alerts and return their ids."""
    with store.write() as unit:
        return [unit.alerts.add(an_alert(**changes)).id for _ in range(count)]


def waits(alert: AlertId, **changes: object) -> Waiting:
    """Return how an alert waits."""
    plain = Waiting(alert=alert, since=T0, severity=Severity.SEVERE, bundle="zone:a|anomaly", wanted="ada")
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def a_line(alert: AlertId, **changes: object) -> AskLine:
    """Return a line of a card."""
    plain = AskLine(ask=0, alert=alert, bundle="b", severity=Severity.MINOR, because=Because.NEW, since=T0)
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def a_rule(**changes: object) -> Quiet:
    """Return a quiet rule with every part set."""
    plain = Quiet(
        id=0,
        kind=QuietKind.WORKS,
        title="Digging æøå",
        why="diggers",
        owner="ada",
        since=T0,
        until=T0 + DAY,
        up_to=Severity.MODERATE,
        made_by="sol",
        made_at=T0,
        tool=ToolId("noise"),
        alert_kind=Kind.FAULT,
        zone=ZoneId("quay"),
        subject="thing:harbour",
        source="counters",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def ask(store: SqlStore, seat: str, minutes: float, alerts: Sequence[AlertId]) -> Ask:
    """Put a card before a seat so many minutes after the beginning."""
    with store.write() as unit:
        card = Ask(id=0, seat=seat, at=T0 + minutes * MINUTE, severity=Severity.MINOR)
        return unit.attention.ask(card, [a_line(alert) for alert in alerts])


def test_a_seat_is_there_while_it_was_seen(store: SqlStore) -> None:
    """Sitting down again renews it; leaving ends it; by name."""
    with store.write() as unit:
        unit.attention.sit(Seat(name="bo", is_second=True), T0)
        unit.attention.sit(Seat(name="ada"), T0)
        unit.attention.sit(Seat(name="ada"), T0 + MINUTE)
        assert unit.attention.seats(T0) == (Seat(name="ada"), Seat(name="bo", is_second=True))
        assert unit.attention.seats(T0 + MINUTE) == (Seat(name="ada"),)
        unit.attention.leave("ada")
        assert unit.attention.seats(T0) == (Seat(name="bo", is_second=True),)


def test_what_waits_comes_longest_first_until_it_is_heard(store: SqlStore) -> None:
    """An alert waits once, as it was said last."""
    one, two = stored(store, 2)
    with store.write() as unit:
        unit.attention.wait(waits(one))
        unit.attention.wait(waits(two, since=T0 - MINUTE))
        unit.attention.wait(waits(one, severity=Severity.EXTREME, because=Because.WORSE))
        assert unit.attention.count_waiting() == 2
        assert [each.alert for each in unit.attention.waiting()] == [two, one]
        assert unit.attention.waits(one) == waits(one, severity=Severity.EXTREME, because=Because.WORSE)
        assert len(unit.attention.waiting(limit=1)) == 1
        unit.attention.heard([one, AlertId(99)])
        assert unit.attention.waits(one) is None
        assert unit.attention.count_waiting() == 1


def test_a_card_ends_the_waiting_of_what_stands_on_it(store: SqlStore) -> None:
    """Its lines come worst first and know their card; the first card of an alert is known."""
    one, two, three = stored(store, 3)
    with store.write() as unit:
        for alert in (one, two, three):
            unit.attention.wait(waits(alert))
        lines = [a_line(one), a_line(two, severity=Severity.EXTREME)]
        card = unit.attention.ask(Ask(id=0, seat="ada", at=T0, severity=Severity.EXTREME), lines)
        assert [each.alert for each in unit.attention.waiting()] == [three]
        assert [(line.ask, line.alert) for line in unit.attention.lines([card.id])] == [(card.id, two), (card.id, one)]
        assert unit.attention.lines([]) == ()
    ask(store, "ada", 5, [one])
    with store.read() as unit:
        assert unit.attention.first_asks([one, three]) == {one: T0}


def test_cards_are_found_by_time_and_seat_and_erased_by_age(store: SqlStore) -> None:
    """After a time, not at it; the alerts on an erased card stay."""
    (one,) = stored(store)
    for seat, minutes in (("ada", 0), ("bo", 1), ("ada", 2)):
        ask(store, seat, minutes, [one])
    with store.write() as unit:
        assert [each.seat for each in unit.attention.asked(T0)] == ["bo", "ada"]
        assert [each.id for each in unit.attention.asked(T0 - MINUTE, seat="ada")] == [1, 3]
        assert unit.attention.erase_asks(T0 + MINUTE) == 1
        assert len(unit.attention.asked(T0 - MINUTE)) == 2
        assert unit.attention.lines([1]) == ()
        assert unit.alerts.get(one).id == one


def test_a_card_needs_an_alert_there_is(store: SqlStore) -> None:
    """A line of nothing is refused by the database, and the card with it."""
    with pytest.raises(Unknown, match="does not exist"):
        ask(store, "ada", 0, [AlertId(99)])
    with store.read() as unit:
        assert unit.attention.asked(T0 - DAY) == ()


def test_an_erased_alert_takes_its_lines_and_its_waiting_with_it(store: SqlStore) -> None:
    """Nothing points at what is gone."""
    (one,) = stored(store, state=AlertState.CLOSED, verdict=Verdict.BENIGN)
    card = ask(store, "ada", 0, [one])
    with store.write() as unit:
        unit.attention.wait(waits(one))
        rule = unit.attention.add_rule(a_rule())
        unit.attention.quieted(rule.id, one, T0)
        assert len(unit.alerts.erase_closed(T0 + 365 * DAY)) == 1
        assert unit.attention.lines([card.id]) == ()
        assert unit.attention.count_waiting() == 0
        assert unit.attention.counts([rule.id]) == {rule.id: 0}


def test_a_rule_comes_back_as_it_was_stored(store: SqlStore) -> None:
    """Every part of it, set or not; a change replaces it; an unknown one is unknown."""
    with store.write() as unit:
        full = unit.attention.add_rule(a_rule())
        bare = unit.attention.add_rule(
            a_rule(tool=None, alert_kind=None, zone=None, source=None, kind=QuietKind.EXCEPTION)
        )
        assert (unit.attention.rule(full.id), unit.attention.rule(bare.id)) == (full, bare)
        ended = replace(full, ended_at=T0, ended_by="sol", reviewed_at=T0 + MINUTE, reviewed_by="bo")
        unit.attention.replace_rule(ended)
        assert unit.attention.rule(full.id) == ended
        assert unit.attention.rules(QuietKind.EXCEPTION) == (bare,)
        with pytest.raises(Unknown):
            unit.attention.rule(99)


def test_rules_are_listed_by_their_end_and_erased_after_it(store: SqlStore) -> None:
    """The latest to end first; one that was ended early is old from then on."""
    with store.write() as unit:
        for days in (1, 3, 2):
            unit.attention.add_rule(a_rule(until=T0 + days * DAY))
        assert [rule.id for rule in unit.attention.rules()] == [2, 3, 1]
        assert [rule.id for rule in unit.attention.rules(ends_after=T0 + DAY)] == [2, 3]
        unit.attention.replace_rule(replace(unit.attention.rule(2), ended_at=T0))
        assert unit.attention.erase_rules(T0 + 1.5 * DAY) == 2
        assert [rule.id for rule in unit.attention.rules()] == [3]


def test_what_a_rule_put_aside_is_counted_once_each(store: SqlStore) -> None:
    """The newest first; an alert knows the rule that put it aside last."""
    one, two = stored(store, 2)
    with store.write() as unit:
        first, second = unit.attention.add_rule(a_rule()), unit.attention.add_rule(a_rule())
        for rule, alert, minutes in ((first, one, 0), (first, one, 1), (first, two, 2), (second, one, 3)):
            unit.attention.quieted(rule.id, alert, T0 + minutes * MINUTE)
        assert unit.attention.counts([first.id, second.id]) == {first.id: 2, second.id: 1}
        assert unit.attention.alerts_of(first.id) == (two, one)
        assert unit.attention.rule_of(one) == second
        assert unit.attention.rule_of(AlertId(99)) is None


def test_alerts_are_counted_by_minute_and_severity(store: SqlStore) -> None:
    """Every minute of the span, also those that raised none, and the running one."""
    stored(store, 2, raised_at=T0)
    stored(store, 1, raised_at=T0 + 2 * MINUTE, severity=Severity.EXTREME)
    with store.read() as unit:
        assert unit.attention.raised_by_minute(T0 - MINUTE, T0 + 2 * MINUTE) == (0, 2, 0, 1)
        assert unit.attention.severities(T0 + MINUTE) == {Severity.EXTREME: 1}


def test_a_life_is_read_off_the_history_and_names_nobody(store: SqlStore) -> None:
    """First taken, first judged, first qualified, closed last; people as marks; the platform's steps are nobody's."""
    with store.write() as unit:
        incident = unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.OPEN,
                title="x",
                severity=Severity.MINOR,
                owner="ada",
                opened_at=T0,
                opened_by="ada",
                changed_at=T0,
                type="missing-child",
            )
        )
    (one,) = stored(store, raised_at=T0, incident=incident.id)
    stored(store, raised_at=T0, simulated=True)
    steps = [
        (1, "wake", "platform:shelf"),
        (2, "acknowledge", "ada"),
        (3, "assess", "ada"),
        (4, "assess", "bo"),
        (5, "close", "bo"),
        (6, "reopen", "bo"),
        (7, "join", "ada"),
        (9, "close", "ada"),
    ]
    with store.write() as unit:
        for minutes, event, who in steps:
            unit.alerts.record(AlertEntry(alert=one, at=T0 + minutes * MINUTE, event=AlertEvent(event), who=who))
        (life,) = unit.attention.lives(T0, T0 + MINUTE)
        assert unit.attention.lives(T0 + MINUTE, T0 + DAY) == ()
        assert [each.alert for each in unit.attention.lives(T0, T0 + MINUTE, simulated=True)] == [one + 1]
    times = (life.taken_at, life.judged_at, life.qualified_at, life.closed_at)
    assert times == tuple(T0 + minutes * MINUTE for minutes in (2, 3, 5, 9))
    assert (life.type, len(life.people)) == ("missing-child", 2)
    assert "ada" not in repr(life)
