"""Who is asked what and when: both promises, over any arrival of alerts, and the tables of the small cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.attention import Because, Seat, Waiting
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, ToolId, ZoneId
from impetus.processes.alarm_load import MOST_PER_10_MIN, TEN_MINUTES
from impetus.processes.flood import BEAT, LIMITS, OWN_HEADLINE, Book, Card, bundle_of, due_of, plan
from processes.alerts import AT, an_alert

ONE = (Seat(name="Operator 1"),)
TWO = (*ONE, Seat(name="Operator 2"))
S = Severity


def waiting(number: int, severity: Severity = S.MODERATE, *, since: datetime = AT, **changes: object) -> Waiting:
    """Return an alert that waits."""
    plain = Waiting(alert=AlertId(number), since=since, severity=severity, bundle="zone:square|anomaly")
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


def every(seconds: float, cards: int, *, until: datetime = AT, seat: str = "Operator 1") -> list[tuple[str, datetime]]:
    """Return cards a seat was asked at even times, the last of them so many seconds ago."""
    return [(seat, until - timedelta(seconds=seconds * (place + 1))) for place in range(cards)]


class Shift:
    """A shift, second by second: alerts arrive, cards go out, and what was promised is measured."""

    def __init__(self, seats: Sequence[Seat], arrivals: Mapping[int, Sequence[Severity]], *, flood: bool) -> None:
        self.cards: list[tuple[datetime, Card]] = []
        self.shown: dict[AlertId, float] = {}
        left: list[Waiting] = []
        ends = max(arrivals, default=0) + 16 * 60
        for second in range(ends):
            at = AT + timedelta(seconds=second)
            for severity in arrivals.get(second, ()):
                number = len(self.shown) + len(left) + 1
                left.append(waiting(number, severity, since=at, bundle=f"zone:{number % 7}|anomaly"))
            asked = [(card.seat, when) for when, card in self.cards]
            for card in plan(left, seats, asked, at, flood=flood):
                self.cards.append((at, card))
                for line in card.lines:
                    self.shown[line.alert] = (at - line.since) / LIMITS[line.severity]
            left = [each for each in left if each.alert not in self.shown]
        self.left = left

    @property
    def most_in_ten_minutes(self) -> int:
        """Return the most cards any seat got within any ten minutes."""
        most = 0
        for seat in {card.seat for _, card in self.cards}:
            times = [when for when, card in self.cards if card.seat == seat]
            most = max(most, *(sum(start <= when < start + TEN_MINUTES for when in times) for start in times))
        return most

    @property
    def latest(self) -> float:
        """Return how much of its limit the alert took that waited longest for its severity."""
        return max(self.shown.values(), default=0.0)


ARRIVALS = st.dictionaries(
    st.integers(0, 900), st.lists(st.sampled_from(list(Severity)), min_size=1, max_size=4), max_size=40
)


@settings(max_examples=12, deadline=None)
@given(ARRIVALS, st.integers(1, 3), st.booleans())
def test_both_promises_hold_whatever_comes_in(
    arrivals: dict[int, list[Severity]],
    seats: int,
    flood: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    """At most ten cards a seat in any ten minutes, everything within its limit, and nothing left over."""
    shift = Shift([Seat(name=f"Operator {number}") for number in range(seats)], arrivals, flood=flood)
    assert shift.most_in_ten_minutes <= MOST_PER_10_MIN
    assert shift.latest <= 1.0
    assert not shift.left


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(ARRIVALS, st.integers(1, 3), st.booleans())
def test_both_promises_hold_for_many_shifts(
    arrivals: dict[int, list[Severity]],
    seats: int,
    flood: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    """The same over more shifts."""
    shift = Shift([Seat(name=f"Operator {number}") for number in range(seats)], arrivals, flood=flood)
    assert shift.most_in_ten_minutes <= MOST_PER_10_MIN
    assert shift.latest <= 1.0


def test_a_severe_alert_every_second_costs_one_seat_ten_cards() -> None:
    """The worst there is: sixty severe alerts a minute, a single operator; a card a minute, each alert by its headline."""
    shift = Shift(ONE, {second: [S.SEVERE] for second in range(660)}, flood=True)
    assert shift.most_in_ten_minutes == MOST_PER_10_MIN
    assert shift.latest <= 1.0
    assert len(shift.shown) == 660


def test_what_is_calm_is_asked_at_once_and_alone() -> None:
    """Two operators, three alerts in one breath: three cards, now, shared between them, the worst first."""
    cards = plan([waiting(1, S.MINOR), waiting(2, S.EXTREME), waiting(3)], TWO, [], AT, flood=False)
    assert [[line.alert for line in card.lines] for card in cards] == [[2], [3], [1]]
    assert [card.seat for card in cards] == ["Operator 1", "Operator 2", "Operator 1"]


def test_a_single_operator_keeps_a_card_a_minute() -> None:
    """Alone one has no card to spare: what comes within a minute of the last one shares the next."""
    assert Book(seats=ONE).room(AT) == 1
    asked = [("Operator 1", AT - timedelta(seconds=20))]
    assert plan([waiting(1), waiting(2)], ONE, asked, AT, flood=False) == ()
    (card,) = plan([waiting(1), waiting(2)], ONE, asked, AT + timedelta(seconds=40), flood=False)
    assert [line.alert for line in card.lines] == [1, 2]


@pytest.mark.parametrize(("seats", "room"), [(1, 1), (2, 11), (3, 21)])
def test_the_room_of_rested_seats_is_what_a_card_a_minute_leaves(seats: int, room: int) -> None:
    """Ten a seat, less nine that are kept for the nine minutes to come."""
    assert Book(seats=[Seat(name=str(number)) for number in range(seats)]).room(AT) == room


def test_nobody_gets_an_eleventh_card_even_when_something_is_late() -> None:
    """A colleague left, the one who stays has had ten: the limit of ten holds, and what is late is late."""
    asked = every(5, 10)
    late = waiting(1, S.EXTREME, since=AT - timedelta(minutes=5))
    assert plan([late], ONE, asked, AT, flood=True) == ()
    assert plan([late], ONE, asked, AT + timedelta(minutes=9, seconds=56), flood=True)


def test_what_is_late_takes_a_card_that_was_kept_for_later() -> None:
    """Eight cards in the last minute leave no room by the rule, but the alert is past its limit: it is asked now."""
    asked = every(5, 8)
    assert plan([waiting(1, S.SEVERE, since=AT)], ONE, asked, AT, flood=True) == ()
    assert plan([waiting(1, S.SEVERE, since=AT - timedelta(minutes=2))], ONE, asked, AT, flood=True)


def test_in_a_flood_the_worst_goes_out_and_the_rest_gathers() -> None:
    """Minor and moderate ones wait for their like until the first is nearly due; then all of the bundle go together."""
    old = waiting(1, S.MINOR, since=AT - timedelta(minutes=14), bundle="zone:quay|fault")
    young = waiting(2, S.MINOR, bundle="zone:quay|fault")
    other = waiting(3, S.MODERATE, bundle="zone:square|anomaly")
    worst = waiting(4, S.SEVERE, bundle="zone:square|anomaly")
    (card,) = plan([other, young, old, worst], ONE, [], AT, flood=True)
    assert [line.alert for line in card.lines] == [4, 1, 2]
    assert card.severity is S.SEVERE
    assert plan([other, young], ONE, [], AT, flood=True) == ()


def test_who_has_it_is_asked_about_it() -> None:
    """An alert that somebody holds and that got worse goes to them, unless they have had their ten."""
    mine = waiting(1, S.SEVERE, wanted="Operator 2", because=Because.WORSE)
    assert plan([mine], TWO, [], AT, flood=False)[0].seat == "Operator 2"
    assert (
        plan([mine], TWO, every(60, 10, seat="Operator 2"), AT - timedelta(seconds=30), flood=True)[0].seat
        == "Operator 1"
    )


def test_seconds_are_asked_only_when_operators_have_had_their_ten() -> None:
    """The supervisor's seat stands by."""
    seats = (*ONE, Seat(name="Supervisor 1", is_second=True))
    asked = every(30, 9)
    first = plan([waiting(1, S.SEVERE)], seats, asked, AT, flood=True)
    then = plan([waiting(2, S.SEVERE)], seats, [*asked, ("Operator 1", AT)], AT, flood=True)
    assert (first[0].seat, then[0].seat) == ("Operator 1", "Supervisor 1")


def test_with_nobody_there_all_are_asked_and_it_counts_for_whoever_sits_down() -> None:
    """A card for everybody is one of the ten of each."""
    assert plan([waiting(1)], (), [], AT, flood=False)[0].seat == ""
    for_all = [("", when) for _, when in every(5, 10)]
    assert plan([waiting(1, S.EXTREME, since=AT - BEAT)], ONE, for_all, AT, flood=True) == ()


def test_what_nobody_could_grade_is_not_taken_for_small() -> None:
    """Unknown waits as long as moderate, and every severity has a limit."""
    assert LIMITS[S.UNKNOWN] == LIMITS[S.MODERATE]
    assert set(LIMITS) == set(Severity)
    assert due_of(waiting(1, S.EXTREME)) == AT + timedelta(seconds=60)
    assert frozenset({S.EXTREME, S.SEVERE}) == OWN_HEADLINE


@pytest.mark.parametrize(
    ("changes", "bundle"),
    [
        ({"zone": ZoneId("quay")}, "zone:quay|anomaly"),
        ({"zone": None, "subject": "thing:harbour/c11", "kind": Kind.FAULT}, "thing:harbour|fault"),
        ({"zone": None, "subject": "network"}, "network|anomaly"),
        ({"zone": ZoneId("quay"), "simulated": True}, "zone:quay|anomaly|simulated"),
    ],
)
def test_a_bundle_is_a_place_and_a_kind(changes: dict[str, object], bundle: str) -> None:
    """What has no zone goes by the system it belongs to; what is made up never stands beside what is real."""
    assert bundle_of(an_alert(tools=(ToolId("urban_anomaly"),), **changes)) == bundle
