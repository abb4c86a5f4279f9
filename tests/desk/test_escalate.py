"""When an escalation begins by itself, how it goes on, and what ends it: the edges, worked by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.call_house import SQUARE, House, house
from desk.samples import alert, fuse, seen
from impetus.core.errors import NotNow
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId, NoticeId
from impetus.core.notice import DeliveryState
from impetus.desk import accounts, contacts, incidents, notices, on_call_desk, triage
from impetus.desk.escalate import watch_notices, watch_untaken
from impetus.desk.notice_reading import notices_view
from impetus.processes.call_plan import Escalation
from impetus.testing.desk import clock_of
from town import CONSOLE

SEVERE = seen("bad", subject="zone:north", severity=Severity.SEVERE)
DOWN = NotNow("the server does not answer", retry_after_s=5.0)


@pytest.fixture
def home() -> House:
    """Return the house with people who are reached and an escalation for severe alerts."""
    return house()


def began(home: House) -> list[int | None]:
    """Return the alerts for which somebody was asked, oldest first."""
    return [view.notice.alert for view in reversed(notices_view(home.desk, home.people["sol"]))]


def later(home: House, minutes: float) -> int:
    """Let minutes pass and look for alerts that nobody took."""
    clock_of(home.desk).advance(minutes * 60)
    return watch_untaken(home.desk)


def asked(home: House) -> list[str]:
    """Return who was asked by the first notice, in order."""
    return [one.person for one in home.view().recipients]


@pytest.mark.parametrize(("severity", "calls"), [("minor", 0), ("moderate", 0), ("severe", 1), ("extreme", 1)])
def test_an_escalation_begins_for_its_severity_and_worse(home: House, severity: str, calls: int) -> None:
    """Severe and extreme, five minutes after."""
    fuse(home.desk, replace(SEVERE, severity=Severity(severity)))
    assert later(home, 5) == calls


def test_it_begins_at_its_time_to_the_second_and_once(home: House) -> None:
    """Not a second earlier; and not again at any later look."""
    fuse(home.desk, SEVERE)
    assert later(home, 299 / 60) == 0
    assert later(home, 1 / 60) == 1
    assert [later(home, minutes) for minutes in (0, 1, 60)] == [0, 0, 0]
    assert began(home) == [2]


def test_an_alert_that_got_worse_meanwhile_counts_from_when_it_came(home: House) -> None:
    """Moderate at 21:00, severe at 21:04: somebody waits for five minutes already at 21:05."""
    fuse(home.desk, replace(SEVERE, severity=Severity.MODERATE))
    assert later(home, 4) == 0
    fuse(home.desk, replace(SEVERE, key=seen("worse").key))
    assert later(home, 1) == 1


@pytest.mark.parametrize("hours", [24.1, 100])
def test_an_alert_of_yesterday_begins_nothing(home: House, hours: float) -> None:
    """Whoever makes an escalation today is not called for everything that lies there."""
    fuse(home.desk, SEVERE)
    assert later(home, hours * 60) == 0


def test_the_notice_says_what_the_alert_says_and_nothing_of_who(home: House) -> None:
    """Its headline, its urgency and whether it is simulated."""
    fuse(home.desk, replace(SEVERE, simulated=True))
    assert later(home, 5) == 1
    notice = home.view().notice
    assert (notice.title, notice.alert, notice.simulated) == (alert(home.desk, 2).headline.say(), 2, True)
    assert (notice.asked_by, notice.to) == ("platform:notices", ("escalation:square",))


TAKEN: list[tuple[str, Callable[[House], object]]] = [
    ("acknowledged", lambda home: triage.acknowledge(home.desk, home.people["siv"], AlertId(2))),
    ("in an incident", lambda home: incidents.open_incident(home.desk, home.people["siv"], "Crush", [AlertId(2)])),
]


@pytest.mark.parametrize("take", [case[1] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_an_alert_somebody_has_begins_nothing(home: House, take: Callable[[House], object]) -> None:
    """However it was taken."""
    fuse(home.desk, SEVERE)
    take(home)
    assert later(home, 60) == 0


def test_two_escalations_each_begin_in_their_own_time(home: House) -> None:
    """One after five minutes for severe, one after twenty for extreme; each once."""
    slow = replace(SQUARE, name="city", alerts_from=Severity.EXTREME, untaken=timedelta(minutes=20))
    on_call_desk.save_escalation(home.desk, home.people["sol"], slow, version=0)
    fuse(home.desk, replace(SEVERE, severity=Severity.EXTREME))
    assert [later(home, minutes) for minutes in (5, 10, 5, 60)] == [1, 0, 1, 0]
    with home.desk.store.read() as unit:
        assert {notice.to for notice in unit.notices.find()} == {("escalation:square",), ("escalation:city",)}


def test_an_escalation_that_was_ended_or_begins_for_nothing_calls_nobody(home: House) -> None:
    """One that people begin by hand stands beside."""
    by_hand = replace(SQUARE, alerts_from=None)
    on_call_desk.save_escalation(home.desk, home.people["sol"], by_hand, version=1)
    fuse(home.desk, SEVERE)
    assert later(home, 30) == 0
    home.ask("escalation:square")
    assert asked(home) == ["ada"]


def test_a_step_that_asks_somebody_who_left_asks_the_others_and_goes_on(home: House) -> None:
    """Sol's account was disabled: her step asks nobody, says so, and the executive is asked at once when ada cannot be reached."""
    home.ask("escalation:square")
    accounts.disable(home.desk, CONSOLE, "sol")
    home.turn(5)
    assert asked(home) == ["ada", "eva"]
    assert home.timeline().count("notice.nobody") == 1


def test_the_same_person_in_two_steps_is_asked_once(home: House) -> None:
    """Ada has the turn and is named in the second step, too."""
    twice = Escalation(name="twice", steps=(SQUARE.steps[0], replace(SQUARE.steps[1], asks=("ada", "sol"))))
    on_call_desk.save_escalation(home.desk, home.people["sol"], twice, version=0)
    home.ask("escalation:twice")
    home.turn(5)
    assert asked(home) == ["ada", "sol"]
    assert [address for _, address in home.mail.sent] == ["ada@city.example", "sol@city.example"]


def test_a_clock_that_went_back_asks_nobody_twice_and_one_that_jumped_asks_all_that_are_due(home: House) -> None:
    """An hour forward brings every step at once; an hour back nothing."""
    home.ask("escalation:square")
    home.turn(60)
    assert asked(home) == ["ada", "sol", "eva"]
    home.turn(-60)
    home.turn(60)
    assert len(home.mail.sent) == 3


def test_after_the_last_step_it_waits_until_its_time_is_over(home: House) -> None:
    """Twelve hours after it began; then what was not sent is called off and the links are forgotten."""
    home.ask("escalation:square")
    home.turn(15)
    home.turn(11 * 60)
    assert home.view().notice.ended_at is None
    home.turn(45)
    assert home.view().notice.ended_why == "its time is over"
    with home.desk.store.read() as unit:
        assert {one.token_sealed for one in unit.notices.recipients([NoticeId(1)])} == {None}
    assert watch_notices(home.desk) == 0


def test_nobody_is_hurried_when_nobody_has_any_way_and_no_channel_is_there(home: House) -> None:
    """Everybody watches the page: the times of the steps stand as they were."""
    home.book.ways.clear()
    home.ask("escalation:square")
    home.turn(4)
    assert asked(home) == ["ada"]
    home.turn(1)
    assert asked(home) == ["ada", "sol"]


def test_who_gives_an_address_while_being_asked_is_told_there(home: House) -> None:
    """Ben had none; a minute later he has."""
    contacts.forget_contact(home.desk, home.people["ben"], "mail")
    home.ask("ben")
    home.turn()
    assert home.of("ben").state == "page_only"
    contacts.put_contact(home.desk, home.people["ben"], "chat", "!ben:city.example")
    home.turn(1)
    assert [address for _, address in home.chat.sent] == ["!ben:city.example"]


def test_when_the_first_way_fails_the_second_is_tried_and_then_nothing_more(home: House) -> None:
    """Mail is given up after ten minutes and five seconds; chat takes it; both stand on the page."""
    home.mail.trouble = DOWN
    home.ask("sol")
    for minutes in (0, 0.1, 0.3, 0.8, 2.3, 6.8):
        home.turn(minutes)
    assert [(one.channel, one.state) for one in home.of("sol").deliveries] == [
        ("mail", DeliveryState.FAILED),
        ("chat", DeliveryState.SENT),
    ]
    assert len(home.mail.tried) == 6
    assert len(home.chat.sent) == 1


def test_a_look_that_has_nothing_to_do_writes_nothing(home: House) -> None:
    """A thousand open notices cost a read a second, no more."""
    home.ask("ada")
    home.turn()
    with home.desk.store.read() as unit:
        before = unit.outbox.newest()
    assert [watch_notices(home.desk) for _ in range(5)] == [0] * 5
    with home.desk.store.read() as unit:
        assert unit.outbox.newest() == before


def test_a_notice_about_an_incident_that_was_reopened_goes_on_for_the_next_one_only(home: House) -> None:
    """What ended stays ended; whoever is needed again is asked again."""
    home.ask("ada")
    incidents.close(home.desk, home.people["ada"], IncidentId(1), outcome="over")
    home.turn()
    ended = home.view().notice
    assert ended.ended_why == "the incident was closed"
    incidents.reopen(home.desk, home.people["ada"], IncidentId(1), why="they are back")
    home.turn()
    assert home.view().notice.ended_at == ended.ended_at


def test_an_acknowledgement_after_the_end_is_kept_and_asks_nobody_anew(home: House) -> None:
    """Somebody's late yes is true as well."""
    home.ask("escalation:square")
    home.turn()
    notices.call_off(home.desk, home.people["sol"], NoticeId(1), why="wrong alarm")
    notices.acknowledge(home.desk, home.people["ada"], NoticeId(1))
    assert home.view().has == ("ada",)
    assert home.view().notice.ended_why == "called off by sol: wrong alarm"
    home.turn(60)
    assert asked(home) == ["ada"]
