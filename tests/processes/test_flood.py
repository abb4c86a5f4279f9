"""Who is asked what and when: both promises, over any arrival of alerts, and the tables of the small cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.attention import Because, Seat, Waiting
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, FindingKey, ToolId, ZoneId
from impetus.core.text import Phrase
from impetus.processes.alarm_load import MOST_PER_10_MIN, TEN_MINUTES
from impetus.processes.flood import BEAT, LEAD, LIMITS, OWN_HEADLINE, Book, Card, both, bundle_of, due_of, is_news, plan
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


def a_finding(minute: float = 0, severity: Severity = S.MODERATE, **changes: object) -> Finding:
    """Return something noticed so many minutes after the beginning, with these fields changed."""
    at = AT + timedelta(minutes=minute)
    plain = Finding(
        key=FindingKey(f"{minute}"),
        tool=ToolId("noise"),
        kind=Kind.ANOMALY,
        subject="zone:quay",
        headline=Phrase(template="loud"),
        why=Phrase(template="usual is less"),
        began=at,
        noticed=at,
        severity=severity,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


@pytest.mark.parametrize(
    ("known", "finding", "news"),
    [
        ([], a_finding(), True),
        ([a_finding(0)], a_finding(30), False),
        ([a_finding(0)], a_finding(30.1), True),
        ([a_finding(0, S.MINOR)], a_finding(1, S.MODERATE), True),
        ([a_finding(0, S.EXTREME)], a_finding(1, S.MINOR), False),
        ([a_finding(0, S.SEVERE)], a_finding(1, S.EXTREME), True),
        ([a_finding(0, S.MINOR)], a_finding(1, S.UNKNOWN), True),
        ([a_finding(0, S.UNKNOWN)], a_finding(1, S.MINOR), True),
        ([a_finding(0, S.MODERATE)], a_finding(1, S.UNKNOWN), False),
        ([a_finding(0, S.EXTREME), a_finding(35, S.MINOR)], a_finding(37, S.MODERATE), True),
        ([a_finding(0, S.EXTREME), a_finding(35, S.MINOR)], a_finding(37, S.MINOR), False),
        ([a_finding(20)], a_finding(5), False),
        ([a_finding(0, ended=AT + timedelta(minutes=10))], a_finding(40), False),
        ([a_finding(0, ended=AT - timedelta(minutes=10))], a_finding(30), False),
        ([a_finding(0, kind=Kind.FAULT)], a_finding(9_999, kind=Kind.FAULT), False),
        ([a_finding(0, kind=Kind.FAULT)], a_finding(9_999, kind=Kind.SILENCE), False),
        ([a_finding(0, kind=Kind.FAULT)], a_finding(9_999, S.SEVERE, kind=Kind.FAULT), True),
        ([a_finding(0, kind=Kind.SILENCE)], a_finding(31), True),
    ],
)
def test_news_is_what_nothing_as_bad_of_the_last_half_hour_speaks_for(
    known: Sequence[Finding],
    finding: Finding,
    news: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Half an hour from its end to the new beginning; conditions last; the worst of long ago says nothing about now."""
    assert is_news(finding, known) is news


FINDINGS = st.lists(st.tuples(st.integers(0, 90), st.sampled_from(list(Severity))), max_size=30).map(
    lambda drawn: [a_finding(minute, severity) for minute, severity in sorted(drawn, key=lambda each: each[0])]
)


@given(FINDINGS)
def test_whatever_is_no_news_follows_from_something_that_was_asked(findings: list[Finding]) -> None:
    """Back from each finding, through what spoke for it, to one that was news, as bad and with as short a limit."""
    for place, finding in enumerate(findings):
        before, now = findings[:place], finding
        while not is_news(now, before):
            now = next(each for each in before if not is_news(now, [each]))
            before = findings[: findings.index(now)]
        assert now.severity.rank >= finding.severity.rank
        assert LIMITS[now.severity] <= LIMITS[finding.severity]


@given(st.lists(st.sampled_from(list(Severity)), min_size=1, max_size=12), st.integers(1, 29))
def test_one_thing_that_goes_on_is_news_at_most_once_for_each_severity(
    severities: list[Severity], every_minutes: int
) -> None:
    """However long it repeats and wavers, with no pause of half an hour at any severity: five times in all at most."""
    told: list[Finding] = []
    news = 0
    minutes = 0.0
    for severity in severities * 5:
        finding = a_finding(minutes, severity)
        news += is_news(finding, [each for each in told if finding.began - each.noticed < timedelta(minutes=30)])
        told.append(finding)
        minutes += every_minutes / len(severities)
    assert news <= len(set(severities))


CALLS = st.lists(st.tuples(st.integers(0, 1200), st.sampled_from(list(Severity))), min_size=1, max_size=8)


@given(CALLS)
def test_what_waits_for_several_reasons_keeps_the_soonest_limit_and_the_worst_severity(
    calls: list[tuple[int, Severity]],
) -> None:
    """Neither later than any of them was due, nor sooner: what none made late is not late together."""
    each = [waiting(1, severity, since=AT + timedelta(seconds=second)) for second, severity in sorted(calls)]
    together = each[0]
    for more in each[1:]:
        together = both(together, more)
    assert due_of(together) == min(due_of(one) for one in each)
    assert together.severity.rank == max(one.severity.rank for one in each)


def test_what_was_joined_stays_the_reason_until_it_was_seen() -> None:
    """More, then worse: still more, which no act from an old screen ends; the newest owner is wanted."""
    more = waiting(1, S.MINOR, because=Because.MORE, wanted="Operator 1")
    worse = waiting(1, S.SEVERE, because=Because.WORSE, wanted="Operator 2", bundle="zone:quay|anomaly")
    for pair in ((more, worse), (worse, more)):
        assert both(*pair).because is Because.MORE
        assert (both(*pair).wanted, both(*pair).bundle) == (pair[1].wanted, pair[1].bundle)
    back = waiting(1, S.MINOR, because=Because.BACK)
    assert both(back, replace(worse, since=AT)).because is Because.WORSE


def test_a_lone_seat_that_is_asked_each_minute_keeps_its_minute_when_long_waits_get_worse() -> None:
    """Cards at each minute; a line of twelve minutes joined by something moderate takes no card between two of them."""
    asked = every(60, 10)
    joined = both(waiting(1, S.MINOR, since=AT - timedelta(minutes=12)), waiting(1, S.MODERATE, since=AT))
    between = AT + timedelta(seconds=-30)
    assert due_of(joined) == AT + timedelta(minutes=3)
    assert plan([joined], ONE, asked[1:], between, flood=True) == ()
    (card,) = plan([joined], ONE, asked[:9], AT + timedelta(minutes=3) - LEAD, flood=True)
    assert card.lines == (joined,)


@pytest.mark.parametrize(("severity", "seconds"), [(S.MODERATE, 235), (S.UNKNOWN, 235), (S.MINOR, 835)])
def test_what_gathers_goes_out_a_beat_and_a_turn_before_its_limit(severity: Severity, seconds: int) -> None:
    """Sixty-five seconds before: at 3 min 55 s of five, at 13 min 55 s of fifteen, and not a second sooner."""
    line = waiting(1, severity)
    assert plan([line], ONE, [], AT + timedelta(seconds=seconds - 1), flood=True) == ()
    assert plan([line], ONE, [], AT + timedelta(seconds=seconds), flood=True)


def test_room_comes_back_a_minute_after_a_card_and_not_before() -> None:
    """The proof of record 0016 at its tightest: one seat, the card at nought."""
    book = Book(seats=ONE)
    assert book.spend(AT) == "Operator 1"
    assert [book.room(AT + timedelta(seconds=second)) for second in (0, 59, 60, 119)] == [0, 0, 1, 1]


@pytest.mark.parametrize(("seats", "burst"), [(2, 11), (3, 21), (4, 31)])
def test_after_a_burst_that_took_all_room_there_is_one_card_each_minute(seats: int, burst: int) -> None:
    """All that was free at once, then a card at each minute, and never an eleventh on a seat."""
    book = Book(seats=[Seat(name=str(number)) for number in range(seats)])
    for _ in range(burst):
        assert book.room(AT) > 0
        assert book.spend(AT) is not None
    assert book.room(AT) == 0
    for minute in range(1, 10):
        at = AT + minute * BEAT
        assert book.room(at) == 1
        assert book.spend(at) is not None
    assert max(len(times) for times in book.asked.values()) <= MOST_PER_10_MIN


def test_a_book_that_is_full_names_no_seat() -> None:
    """Ten on each of two, all within ten minutes: nobody; ten minutes after the first there is a place again."""
    book = Book(seats=TWO)
    for second in range(20):
        assert book.spend(AT + timedelta(seconds=second)) is not None
    assert book.spend(AT + timedelta(seconds=20)) is None
    assert book.spend(AT + TEN_MINUTES) == "Operator 1"


def test_the_seat_asked_least_is_asked_next_and_then_the_one_asked_longest_ago() -> None:
    """Turn by turn, by name when nothing else tells two apart."""
    book = Book(seats=TWO)
    seats = [book.spend(AT + timedelta(seconds=second)) for second in range(4)]
    assert seats == ["Operator 1", "Operator 2", "Operator 1", "Operator 2"]
    assert book.spend(AT + timedelta(seconds=9), "Operator 2") == "Operator 2"
    assert book.spend(AT + timedelta(seconds=10)) == "Operator 1"


def test_who_left_takes_no_places_along() -> None:
    """Cards of a seat that is not there any more neither fill the room of those who stay nor count for them."""
    gone = every(1, 10, seat="Operator 9")
    (card,) = plan([waiting(1, S.EXTREME)], ONE, gone, AT, flood=True)
    assert card.seat == "Operator 1"
