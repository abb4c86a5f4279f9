"""What fusion counts with an alert that people know: news asks within the limit of its own severity, repeats do not."""

from datetime import timedelta

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertState, Verdict
from impetus.core.attention import Because
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, ToolId, ZoneId
from impetus.desk import triage
from impetus.desk.context import Desk
from impetus.desk.flood import tend
from impetus.testing.desk import clock_of, memory_desk

S = Severity
ZONE = {"zone": ZoneId("zone-0"), "subject": "zone:zone-0"}
CROWD, WATCH = ToolId("urban_anomaly"), ToolId("watch")


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


@pytest.fixture
def ada(desk: Desk) -> Actor:
    """Return an operator."""
    return person(desk, "ada", Role.OPERATOR)


def now(desk: Desk, key: str, **changes: object) -> Finding:
    """Return something noticed in the zone now."""
    at = desk.clock.now()
    return seen(key, **{**ZONE, "began": at, "noticed": at, **changes})


def minutes(desk: Desk, count: int) -> None:
    """Let so many minutes pass, with the keeper's look at each; with nobody at a screen the cards are everybody's."""
    for _ in range(count):
        clock_of(desk).advance(60)
        tend(desk)


def asked(desk: Desk) -> list[tuple[float, int, Because, Severity]]:
    """Return what stood on cards: minutes after the beginning, which alert, why, and with which severity."""
    with desk.store.read() as unit:
        cards = unit.attention.asked(AT - timedelta(days=1))
        lines = unit.attention.lines([card.id for card in cards])
    at_of = {card.id: (card.at - AT) / timedelta(minutes=1) for card in cards}
    return [(at_of[line.ask], line.alert, line.because, line.severity) for line in lines]


def kept_alive(desk: Desk, count: int, *, every: int = 5) -> None:
    """Let the crowd counter cry on, so that the alert stays the same one for fusion."""
    for number in range(count // every):
        minutes(desk, every)
        fuse(desk, now(desk, f"cry-{desk.clock.now():%H%M}-{number}", severity=S.MINOR, tool=CROWD))


def known_as_extreme(desk: Desk) -> None:
    """Let a zone's alert be minor, joined and extreme within a minute, as in the replay, and seen on its cards."""
    fuse(desk, now(desk, "first", severity=S.MINOR, tool=CROWD))
    minutes(desk, 1)
    fuse(desk, now(desk, "real-0", severity=S.EXTREME, tool=WATCH))
    minutes(desk, 1)
    assert [(because, severity) for _, _, because, severity in asked(desk)] == [
        (Because.NEW, S.MINOR),
        (Because.MORE, S.EXTREME),
    ]


def test_what_comes_anew_after_half_an_hour_asks_though_its_alert_was_worse_all_along(desk: Desk) -> None:
    """The night's late one: extreme at 22:01, the same identity moderate at 22:38, in an alert that a counter kept alive."""
    known_as_extreme(desk)
    kept_alive(desk, 35)
    before = asked(desk)
    fuse(desk, now(desk, "real-12", severity=S.MODERATE, tool=WATCH))
    minutes(desk, 5)
    with desk.store.read() as unit:
        assert unit.findings.alert_of(now(desk, "real-12").key) == 1
    ((at, number, because, severity),) = asked(desk)[len(before) :]
    assert (number, because, severity) == (1, Because.MORE, S.MODERATE)
    assert at <= 37 + 5


def test_the_counter_that_kept_it_alive_asked_nobody_again(desk: Desk) -> None:
    """Seven minor cries in thirty-five minutes, each within half an hour of the one before: two cards, as before them."""
    known_as_extreme(desk)
    kept_alive(desk, 35)
    assert len(asked(desk)) == 2


def test_a_sensor_that_repeats_for_an_hour_asks_once(desk: Desk) -> None:
    """Thirty findings of one identity, one every two minutes: one card."""
    fuse(desk, now(desk, "0"))
    for number in range(1, 31):
        minutes(desk, 2)
        fuse(desk, now(desk, f"{number}"))
    assert alert(desk).repeats == 30
    assert [(number, because) for _, number, because, _ in asked(desk)] == [(1, Because.NEW)]


def test_a_sensor_that_wavers_asks_at_its_worst_and_not_at_each_turn(desk: Desk) -> None:
    """Minor, moderate, minor, moderate …: once new, once worse, and then it is known."""
    for number in range(8):
        fuse(desk, now(desk, f"{number}", severity=S.MODERATE if number % 2 else S.MINOR))
        minutes(desk, 2)
    assert [because for _, _, because, _ in asked(desk)] == [Because.NEW, Because.WORSE]


def test_what_got_worse_in_itself_asks_though_its_alert_was_as_bad_already(desk: Desk) -> None:
    """The counter was minor in an alert that is extreme for another reason; the counter itself turning severe is news."""
    known_as_extreme(desk)
    fuse(desk, now(desk, "worse", severity=S.SEVERE, tool=CROWD))
    minutes(desk, 1)
    at, number, because, severity = asked(desk)[-1]
    assert (number, because, severity) == (1, Because.MORE, S.SEVERE)
    assert at <= 3


def test_more_than_its_share_of_one_subject_asks_for_each_identity_once(desk: Desk) -> None:
    """Four alerts of a thing, then a fifth tool about it each minute for eight: one line more, not eight."""
    thing = {"subject": "thing:x", "zone": None}
    for number in range(4):
        fuse(desk, now(desk, f"{number}", tool=ToolId(f"t{number}"), **thing))
        minutes(desk, 2)
    before = len(asked(desk))
    for number in range(8):
        fuse(desk, now(desk, f"fifth-{number}", tool=ToolId("fifth"), **thing))
        minutes(desk, 1)
    (line,) = asked(desk)[before:]
    assert line[2] is Because.MORE
    with desk.store.read() as unit:
        assert len(unit.alerts.recent((), near_since=AT)) == 4


def test_a_lasting_fault_that_is_told_every_two_hours_asks_once(desk: Desk) -> None:
    """A broken counter is broken until somebody says otherwise, however rarely its tool says it."""
    fault = {"kind": Kind.FAULT, "subject": "thing:c11", "zone": None}
    for number in range(4):
        fuse(desk, now(desk, f"{number}", **fault))
        minutes(desk, 1)
        clock_of(desk).advance(2 * 3600)
    assert alert(desk).repeats == 3
    assert len(asked(desk)) == 1


def test_what_somebody_shelved_stays_shelved_through_repeats_and_pauses(desk: Desk, ada: Actor) -> None:
    """After forty minutes of nothing the same again: still put aside; worse than the alert: back and asked."""
    fuse(desk, now(desk, "a"))
    until = desk.clock.now() + timedelta(hours=3)
    triage.shelve(desk, ada, AlertId(1), until=until, why="the fair")
    minutes(desk, 40)
    fuse(desk, now(desk, "b"))
    minutes(desk, 6)
    assert (alert(desk).state, len(asked(desk))) == (AlertState.SHELVED, 1)
    fuse(desk, now(desk, "c", severity=S.SEVERE))
    minutes(desk, 1)
    assert alert(desk).state is AlertState.NEW
    assert asked(desk)[-1][2:] == (Because.WORSE, S.SEVERE)


@pytest.mark.parametrize(("quiet_minutes", "cards"), [(10, 1), (33, 2)])
def test_closing_judges_the_episode_that_was_not_the_next_one(
    desk: Desk, ada: Actor, quiet_minutes: int, cards: int
) -> None:
    """Closed two minutes ago: what was noticed ten minutes before is what was judged, what was not for 33 is something new."""
    fuse(desk, now(desk, "a"))
    minutes(desk, quiet_minutes - 2)
    triage.assess(desk, ada, AlertId(1), verdict=Verdict.FALSE_ALARM)
    triage.close(desk, ada, AlertId(1))
    minutes(desk, 2)
    fuse(desk, now(desk, "b"))
    minutes(desk, 5)
    assert len(asked(desk)) == cards
    with desk.store.read() as unit:
        assert len(unit.alerts.recent((), near_since=AT)) == 1


def test_news_keeps_evidence_though_other_evidence_is_young(desk: Desk) -> None:
    """Whoever is asked finds what was noticed: its evidence is kept although the counter's is seconds old."""
    known_as_extreme(desk)
    kept_alive(desk, 35)
    fuse(desk, now(desk, "real-12", severity=S.MODERATE, tool=WATCH))
    known = alert(desk)
    with desk.store.read() as unit:
        latest = unit.evidence.get(known.evidence[-1])
    assert latest.finding == "real-12"


def test_both_in_one_unit_are_told_apart_as_in_two(desk: Desk) -> None:
    """A finding and its repeat in one batch ask once; a worse one among them asks with its severity."""
    fuse(desk, now(desk, "a"), now(desk, "b"), now(desk, "c", severity=S.SEVERE), now(desk, "d"))
    minutes(desk, 1)
    assert [(because, severity) for _, _, because, severity in asked(desk)] == [(Because.NEW, S.SEVERE)]
