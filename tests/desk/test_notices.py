"""Notices: who is asked when, by which way, once, and until somebody says that they have it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.call_house import House, house
from desk.samples import fuse, seen
from impetus.core.actor import Role
from impetus.core.errors import Malformed, Misconfigured, NotNow, Refused, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId, NoticeId
from impetus.core.notice import DeliveryState, Notice
from impetus.desk import accounts, contacts, incidents, notices, triage
from impetus.desk.context import FINDINGS
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices
from impetus.desk.notice_reading import asked_of_me, notices_view
from impetus.ports.notices import AddressRefused
from impetus.testing.desk import clock_of
from town import CONSOLE

DOWN = NotNow("the server does not answer", retry_after_s=5.0)


@pytest.fixture
def home() -> House:
    """Return the house with people who are reached."""
    return house()


@pytest.fixture(scope="module")
def still() -> House:
    """Return one house, in which ada was told once, for all tests that change nothing."""
    made = house()
    made.ask("ada")
    made.turn()
    return made


def test_a_message_carries_number_title_place_and_links_and_nothing_else(home: House) -> None:
    """What is not needed to come is not sent: no text, no names, no address of anybody."""
    home.ask("ada", text="the informant is Kari Nordmann", place="south-east")
    home.turn()
    ((message, address),) = home.mail.sent
    assert address == "ada@city.example"
    assert (message.number, message.title, message.place) == ("incident 1", "Crowd at the quay", "south-east")
    assert message.link == "https://impetus.city.example/incidents/1"
    assert "Nordmann" not in repr(message)


def test_a_title_that_names_somebody_is_masked_before_it_leaves(home: House) -> None:
    """The page shows it as written; the telephone of somebody on a tram does not."""
    with home.desk.store.write() as unit:
        notices.send_notice(
            home.desk, unit, home.people["ada"], Notice(to=("sol",), title="Call kari.nordmann@example.org")
        )
    home.turn()
    assert "kari.nordmann" not in home.mail.sent[0][0].title
    assert "[e-mail 1]" in home.mail.sent[0][0].title


def test_each_recipient_has_a_delivery_with_its_state(home: House) -> None:
    """Queued, sent, delivered where the channel says so, acknowledged."""
    home.ask("ada", "sol")
    assert home.of("ada").state == "page_only"
    watch_notices(home.desk)
    assert home.of("ada").state == DeliveryState.QUEUED
    home.turn()
    assert home.of("ada").state == DeliveryState.SENT
    notices.acknowledge(home.desk, home.people["ada"], NoticeId(1))
    assert (home.of("ada").state, home.of("sol").state) == ("acknowledged", DeliveryState.SENT)
    home.mail.is_confirming = True
    home.ask("ben", key="second")
    home.turn()
    assert home.of("ben", 2).state == DeliveryState.DELIVERED


def test_the_same_key_asks_nobody_twice(home: House) -> None:
    """A caller that is repeated, by a retry or a second process, gets the same number back."""
    assert home.ask("ada", key="action:7") == home.ask("ada", "sol", key="action:7")
    home.turn()
    assert [address for _, address in home.mail.sent] == ["ada@city.example"]


def test_a_turn_that_is_repeated_sends_nothing_again(home: House) -> None:
    """Nothing is due, so nothing happens."""
    home.ask("ada")
    for _ in range(5):
        home.turn()
    assert len(home.mail.sent) == 1


def test_a_try_that_fails_is_made_again_later_with_the_same_id_and_then_given_up(home: House) -> None:
    """After 5, 15, 45, 135 and 405 seconds; six tries, one id; then failed, and the page says why."""
    ids = home.mail.tried
    home.mail.trouble = DOWN
    home.ask("ben")
    home.turn()
    for seconds in (5, 15, 45, 135, 405):
        home.turn((seconds - 1) / 60)
        before = len(ids)
        home.turn(1 / 60)
        assert len(ids) == before + 1, seconds
    assert len(ids) == 6
    assert len(set(ids)) == 1
    assert (home.of("ben").state, home.of("ben").why) == (DeliveryState.FAILED, "the server does not answer")
    home.turn(60)
    assert len(ids) == 6


def test_an_address_that_is_refused_is_not_tried_again_and_says_nothing_against_the_channel(home: House) -> None:
    """The person's next way is tried instead, at once."""
    home.mail.trouble = AddressRefused("unknown here (550)", remedy="give it anew")
    home.ask("sol")
    home.turn()
    assert [delivery.state for delivery in home.of("sol").deliveries] == [DeliveryState.FAILED, DeliveryState.SENT]
    assert home.chat.sent[0][1] == "!sol:city.example"
    with home.desk.store.read() as unit:
        assert all(health.dead_since is None for health in unit.notices.healths())


def test_a_dead_channel_raises_one_alert_and_says_when_it_is_over(home: House) -> None:
    """Three failures in a row are no accident; the finding says which channel and why, once, and once that it is back."""
    home.mail.trouble = DOWN
    for _ in range(4):
        home.check()
    said = _findings(home)
    assert [finding.subject for finding in said] == ["channel:mail"]
    assert said[0].severity is Severity.SEVERE
    assert "mail" in said[0].headline.say()
    home.mail.trouble = None
    home.check()
    home.check()
    assert [finding.severity for finding in _findings(home)] == [Severity.SEVERE, Severity.MINOR]
    fuse(home.desk)
    with home.desk.store.read() as unit:
        assert "channel:mail" in {
            alert.subject for alert in unit.alerts.recent([], near_since=clock_of(home.desk).now() - timedelta(days=1))
        }


def test_a_channel_whose_login_is_refused_is_dead_at_once(home: House) -> None:
    """No retry mends a wrong password."""
    home.mail.trouble = Misconfigured("the server refused us (535)")
    home.check()
    with home.desk.store.read() as unit:
        assert [health.channel for health in unit.notices.healths() if health.dead_since] == ["mail"]


def test_with_a_dead_channel_people_are_told_by_another_and_the_next_step_is_asked_now(home: House) -> None:
    """Ada has a chat: she is told there. ben has mail only: nobody of his step can be reached, so sol is asked at once."""
    home.mail.trouble = DOWN
    for _ in range(3):
        home.check()
    clock_of(home.desk).advance(timedelta(days=2).total_seconds())
    home.ask("escalation:square")
    assert [one.person for one in home.view().recipients] == ["ben"]
    home.turn()
    assert [one.person for one in home.view().recipients] == ["ben", "sol"]
    assert [address for _, address in home.chat.sent] == ["!sol:city.example"]
    assert "notice.hurry" in home.timeline()


def test_an_escalation_goes_on_step_by_step_until_somebody_has_it(home: House) -> None:
    """Five minutes for who is on duty, ten for the supervisor; her answer ends it, and the executive is never asked."""
    home.ask("escalation:square")
    home.turn()
    assert [one.person for one in home.view().recipients] == ["ada"]
    home.turn(4.9)
    assert len(home.view().recipients) == 1
    home.turn(0.1)
    assert [one.person for one in home.view().recipients] == ["ada", "sol"]
    notices.acknowledge(home.desk, home.people["sol"], NoticeId(1))
    home.turn(60)
    assert home.view().notice.ended_why == "acknowledged by sol"
    assert [one.person for one in home.view().recipients] == ["ada", "sol"]


def test_who_is_on_call_is_found_out_when_the_step_is_due(home: House) -> None:
    """Asked at 06:58 on the Monday of the hand-over, whoever has the turn at 07:00 is asked, not who had it."""
    clock_of(home.desk).advance(timedelta(days=1, hours=8, minutes=58).total_seconds())
    home.ask("rotation:duty", key="before")
    clock_of(home.desk).advance(120)
    home.ask("rotation:duty", key="after")
    assert [home.view(number).recipients[0].person for number in (1, 2)] == ["ada", "ben"]


def test_a_link_acknowledges_once_and_opens_no_session(home: House) -> None:
    """It works without signing in, for that notice and person, and a second use changes nothing."""
    home.ask("ada")
    home.turn()
    token = home.token()
    assert notices.look_at_link(home.desk, token).state == "open"
    notices.acknowledge_by_token(home.desk, token)
    assert (home.of("ada").acked_over, notices.look_at_link(home.desk, token).state) == ("link", "used")
    first = home.of("ada").acked_at
    clock_of(home.desk).advance(5)
    notices.acknowledge_by_token(home.desk, token)
    assert home.of("ada").acked_at == first


def test_looking_at_a_link_acknowledges_nothing(home: House) -> None:
    """Mail programs fetch every link they see."""
    home.ask("ada")
    home.turn()
    for _ in range(3):
        notices.look_at_link(home.desk, home.token())
    assert home.of("ada").acked_at is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../../etc/passwd", "\x00"])
def test_a_link_nobody_was_sent_is_not_known(still: House, token: str) -> None:
    """Whatever is written in it."""
    with pytest.raises(Unknown, match="not known"):
        notices.acknowledge_by_token(still.desk, token)


def test_a_link_is_over_after_two_hours(home: House) -> None:
    """A telephone found in a year acknowledges nothing."""
    home.ask("ada")
    home.turn()
    clock_of(home.desk).advance(2 * 3600)
    with pytest.raises(Refused, match="over"):
        notices.acknowledge_by_token(home.desk, home.token())
    assert home.of("ada").acked_at is None


def test_a_link_of_somebody_who_left_is_not_known(home: House) -> None:
    """A disabled account acknowledges nothing."""
    home.ask("ben")
    home.turn()
    accounts.disable(home.desk, CONSOLE, "ben")
    with pytest.raises(Unknown):
        notices.acknowledge_by_token(home.desk, home.token())


def test_the_token_is_kept_as_a_hash_and_its_sealed_copy_goes_when_it_was_used(home: House) -> None:
    """What is stored opens nothing; after the answer nothing is left to repeat the message with."""
    home.ask("ada")
    home.turn()
    token = home.token()
    with home.desk.store.read() as unit:
        stored = unit.notices.recipients([NoticeId(1)])[0]
    assert token not in repr(stored)
    assert stored.token_sealed is not None
    notices.acknowledge_by_token(home.desk, token)
    with home.desk.store.read() as unit:
        assert unit.notices.recipients([NoticeId(1)])[0].token_sealed is None


def test_only_who_was_asked_acknowledges_on_the_page(home: House) -> None:
    """Somebody else's yes is nobody's."""
    home.ask("ada")
    with pytest.raises(Refused, match="siv was not asked"):
        notices.acknowledge(home.desk, home.people["siv"], NoticeId(1))
    assert [view.notice.id for view in asked_of_me(home.desk, home.people["ada"])] == [1]
    assert asked_of_me(home.desk, home.people["siv"]) == ()


def test_a_notice_without_escalation_waits_for_everybody(home: House) -> None:
    """Who told two people wants to know of both."""
    home.ask("ada", "sol")
    notices.acknowledge(home.desk, home.people["ada"], NoticeId(1))
    home.turn()
    assert home.view().notice.ended_at is None
    notices.acknowledge(home.desk, home.people["sol"], NoticeId(1))
    home.turn()
    assert home.view().notice.ended_why == "acknowledged by ada, sol"


def test_a_closed_incident_calls_its_notices_off(home: House) -> None:
    """What was not sent is not sent any more."""
    home.mail.trouble = DOWN
    home.ask("ben")
    home.turn()
    incidents.close(home.desk, home.people["ada"], IncidentId(1), outcome="over")
    home.turn()
    assert home.view().notice.ended_why == "the incident was closed"
    assert home.of("ben").state == DeliveryState.CALLED_OFF
    home.mail.trouble = None
    home.turn(60)
    assert home.mail.sent == []


@pytest.mark.parametrize(
    "to", [(), ("nobody",), ("rotation:none",), ("escalation:none",), ("escalation:square", "ada")]
)
def test_a_notice_for_nobody_is_refused_and_nothing_is_stored(still: House, to: tuple[str, ...]) -> None:
    """Before the caller's unit commits."""
    before = notices_view(still.desk, still.people["sol"])
    with pytest.raises(Malformed, match="stands for nobody"):
        still.ask(*to)
    assert notices_view(still.desk, still.people["sol"]) == before


def test_with_no_channel_configured_nothing_goes_out_and_the_page_still_asks() -> None:
    """A house without channels: the recipients stand there, with their page as the only way."""
    home = house()
    home.book.ways.clear()
    home.ask("escalation:square")
    home.turn(4)
    assert home.of("ada").state == "page_only"
    assert len(home.view().recipients) == 1
    notices.acknowledge(home.desk, home.people["ada"], NoticeId(1))
    home.turn()
    assert home.view().notice.ended_at is not None


def test_simulated_input_reaches_only_channels_that_take_exercises(home: House) -> None:
    """**Source**: processes of the house: exercises have no way to a live effector."""
    home.mail.takes_exercises = False
    home.ask("ada", simulated=True)
    home.turn()
    assert home.mail.sent == []
    assert home.chat.sent[0][0].simulated


def test_an_alert_that_nobody_takes_calls_who_is_on_duty_once(home: House) -> None:
    """Five minutes after a severe alert came; taking it ends the calling, and a moderate one calls nobody."""
    fuse(home.desk, seen("bad", subject="zone:north", severity=Severity.SEVERE), seen("mild", subject="zone:west"))
    home.turn(4)
    assert notices_view(home.desk, home.people["sol"]) == ()
    home.turn(1.1)
    home.turn(1)
    (view,) = notices_view(home.desk, home.people["sol"])
    assert (view.notice.alert, [one.person for one in view.recipients]) == (2, ["ada"])
    triage.acknowledge(home.desk, home.people["siv"], AlertId(2))
    home.turn()
    assert home.view().notice.ended_why == "the alert is held: siv"
    home.turn(60)
    assert len(home.view().recipients) == 1


def test_a_notice_called_off_by_a_supervisor_says_why(home: House) -> None:
    """An operator may not; a reason is needed."""
    home.ask("ada")
    with pytest.raises(Refused):
        notices.call_off(home.desk, home.people["ada"], NoticeId(1), why="wrong people")
    with pytest.raises(Malformed):
        notices.call_off(home.desk, home.people["sol"], NoticeId(1), why=" ")
    notices.call_off(home.desk, home.people["sol"], NoticeId(1), why="wrong people")
    assert home.view().notice.ended_why == "called off by sol: wrong people"


def test_addresses_are_sealed_and_shown_to_their_owner_only(home: House) -> None:
    """A colleague sees that somebody is reached, never where."""
    with home.desk.store.read() as unit:
        assert all(b"@city" not in contact.sealed for contact in unit.calls.contacts() if contact.channel == "x")
        stored = unit.calls.contacts(home.people["ada"].account)
    assert [one.address for one in contacts.own_contacts(home.desk, home.people["ada"])] == [
        "ada@city.example",
        "!ada:city.example",
    ]
    assert contacts.reachable(home.desk, home.people["ben"])["ada"] == ("mail", "chat")
    contacts.forget_contact(home.desk, home.people["ada"], "chat")
    assert contacts.reachable(home.desk, home.people["ben"])["ada"] == ("mail",)
    assert stored[0].account == home.people["ada"].account


def test_an_address_for_a_channel_that_is_not_there_is_refused(home: House) -> None:
    """With the channels there are."""
    with pytest.raises(Unknown, match="no channel fax"):
        contacts.put_contact(home.desk, home.people["ada"], "fax", "+47")


def test_a_role_that_is_no_person_is_not_reached(home: House) -> None:
    """The console has no telephone."""
    with pytest.raises(Refused):
        contacts.put_contact(home.desk, replace(home.people["ada"], role=Role.SERVICE), "mail", "a@b.example")


def test_a_worker_of_a_channel_that_is_gone_does_nothing(home: House) -> None:
    """The file was changed between two turns; what was queued there waits."""
    home.ask("ada")
    watch_notices(home.desk)
    del home.book.ways["mail"]
    assert send_due(home.desk, "mail") == 0


def _findings(home: House) -> list:
    messages = home.desk.bus.read(FINDINGS, 0, limit=1000)
    found = [home.desk.codec.decode_finding(message.body)[0] for message in messages]
    return [finding for finding in found if finding.subject.startswith("channel:")]
