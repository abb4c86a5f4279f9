"""Deliveries by the clock, worked by hand: when a try is made, what it leaves behind, and when it is given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.call_house import House, house
from desk.samples import AT
from impetus.core.errors import Conflict, ImpetusError, Malformed, Misconfigured, NotNow, OurFault, Unknown
from impetus.core.ids import NoticeId
from impetus.core.notice import Delivery, DeliveryState
from impetus.desk import accounts, contacts, notices
from impetus.desk.deliver import is_final, message_id, send_due
from impetus.desk.escalate import watch_notices
from impetus.ports.notices import AddressRefused
from impetus.processes.notifying import MAX_ATTEMPTS
from impetus.testing.desk import clock_of
from town import CONSOLE

DOWN = NotNow("the server does not answer", retry_after_s=5.0)
GONE = AddressRefused("unknown here (550)", remedy="give it anew")
SECOND = timedelta(seconds=1)


@pytest.fixture
def home() -> House:
    """Return the house with people who are reached."""
    return house()


def only(home: House, number: int = 1) -> Delivery:
    """Return the one delivery of a notice."""
    with home.desk.store.read() as unit:
        (found,) = unit.notices.deliveries([NoticeId(number)])
    return found


def asked(home: House, *to: str) -> None:
    """Ask, and queue the first way of each."""
    home.ask(*to)
    watch_notices(home.desk)


def tried_after(home: House, seconds: float) -> int:
    """Let seconds pass and return how many tries mail's worker makes."""
    clock_of(home.desk).advance(seconds)
    return send_due(home.desk, "mail")


def test_each_try_is_written_down_with_the_time_of_the_next(home: House) -> None:
    """At 0, 5, 20, 65, 200 and 605 seconds after the first; the sixth ends it, and says how often it was tried."""
    home.mail.trouble = DOWN
    asked(home, "ben")
    passed = 0
    for attempt, wait in enumerate((5, 15, 45, 135, 405), start=1):
        assert send_due(home.desk, "mail") == 1
        now = only(home)
        assert (now.attempts, now.state, now.why) == (attempt, DeliveryState.QUEUED, "the server does not answer")
        assert now.next_at == AT + passed * SECOND + wait * SECOND
        assert tried_after(home, wait - 1) == 0
        clock_of(home.desk).advance(1)
        passed += wait
    assert passed == 605
    assert send_due(home.desk, "mail") == 1
    assert (only(home).attempts, only(home).state, only(home).next_at) == (6, DeliveryState.FAILED, None)
    assert tried_after(home, 3600) == 0


def test_a_server_that_comes_back_gets_the_message_at_the_next_try_and_no_sooner(home: House) -> None:
    """What failed before stands on the page no more."""
    home.mail.trouble = DOWN
    asked(home, "ben")
    assert send_due(home.desk, "mail") == 1
    home.mail.trouble = None
    assert tried_after(home, 4) == 0
    assert tried_after(home, 1) == 1
    assert (only(home).state, only(home).why, only(home).receipt) == (DeliveryState.SENT, "", "remembered")
    assert len(home.mail.sent) == 1


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (GONE, True),
        (Malformed("no address", value="", limit="some", remedy="give one"), True),
        (Unknown("no such room"), True),
        (Conflict("taken"), True),
        (DOWN, False),
        (Misconfigured("wrong password"), False),
        (OurFault("a flaw of ours"), False),
    ],
)
def test_only_what_is_the_addresses_fault_is_final(error: ImpetusError, final: object) -> None:
    """The moment passes and a channel is mended; an address that is none stays none."""
    assert is_final(error) is final


def test_an_address_that_is_refused_costs_one_try(home: House) -> None:
    """And counts neither for nor against the channel."""
    home.mail.trouble = GONE
    asked(home, "ben")
    assert tried_after(home, 0) == 1
    assert (only(home).attempts, only(home).state, only(home).why) == (1, DeliveryState.FAILED, "unknown here (550)")
    with home.desk.store.read() as unit:
        (health,) = unit.notices.healths()
    assert (health.failures, health.dead_since) == (0, None)


def test_a_contact_forgotten_after_it_was_queued_is_not_written_to(home: House) -> None:
    """The person said so; the delivery says why it failed, without a try."""
    asked(home, "ben")
    contacts.forget_contact(home.desk, home.people["ben"], "mail")
    assert tried_after(home, 0) == 0
    assert home.mail.tried == []
    assert (only(home).attempts, only(home).why) == (0, "the person has no address here any more")


def test_an_address_changed_after_it_was_queued_is_the_one_that_is_used(home: House) -> None:
    """The newest counts."""
    asked(home, "ben")
    contacts.put_contact(home.desk, home.people["ben"], "mail", "ben@new.example")
    assert tried_after(home, 0) == 1
    assert home.mail.sent[0][1] == "ben@new.example"


def test_what_ended_before_it_was_sent_is_not_sent(home: House) -> None:
    """Called off between the queue and the worker."""
    asked(home, "ben")
    notices.call_off(home.desk, home.people["sol"], NoticeId(1), why="wrong alarm")
    assert tried_after(home, 0) == 0
    assert only(home).state is DeliveryState.CALLED_OFF
    assert home.mail.tried == []


def test_who_acknowledged_between_two_tries_is_not_written_to_again(home: House) -> None:
    """They have it from the page."""
    home.mail.trouble = DOWN
    asked(home, "ben", "siv")
    assert send_due(home.desk, "mail") == 2
    notices.acknowledge(home.desk, home.people["ben"], NoticeId(1))
    home.mail.trouble = None
    assert tried_after(home, 5) == 1
    assert [address for _, address in home.mail.sent] == ["siv@city.example"]


def test_a_message_that_cannot_be_composed_is_given_up_after_as_many_tries_as_any(home: House) -> None:
    """Its sealed token was damaged: nothing goes out, and it does not stay queued for half a day."""
    asked(home, "ben")
    with home.desk.store.write() as unit:
        (recipient,) = unit.notices.recipients([NoticeId(1)])
        unit.notices.answer(replace(recipient, token_sealed=b"damaged"))
    for _ in range(MAX_ATTEMPTS + 1):
        tried_after(home, 600)
    assert home.mail.tried == []
    assert (only(home).state, only(home).attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)
    assert "notice.fail" in home.timeline()


def test_a_worker_that_died_in_every_try_leaves_a_bounded_number_of_them(home: House) -> None:
    """Six tries were written down and none came to an end: there is no seventh."""
    asked(home, "ben")
    queued = only(home)
    with home.desk.store.write() as unit:
        unit.notices.change(replace(queued, attempts=MAX_ATTEMPTS))
    assert tried_after(home, 1) == 0
    assert (only(home).state, home.mail.tried) == (DeliveryState.FAILED, [])


def test_of_twenty_five_due_twenty_are_tried_in_one_turn_and_the_rest_in_the_next(home: House) -> None:
    """So that a crowd of messages holds up no other channel's look; the longest due come first."""
    for number in range(25):
        home.ask("ben", key=f"one:{number}")
    watch_notices(home.desk)
    assert [tried_after(home, 0) for _ in range(3)] == [20, 5, 0]
    assert [message.id for message, _ in home.mail.sent] == [f"test-city-notice-{n}-{n}" for n in range(1, 26)]


def test_the_id_of_a_message_is_its_deliverys_and_nobody_elses(home: House) -> None:
    """Town, notice, delivery; a second way to the same person is another message."""
    asked(home, "ada", "ben")
    with home.desk.store.read() as unit:
        ids = {message_id("oslo", each) for each in unit.notices.deliveries([NoticeId(1)])}
    assert ids == {"oslo-notice-1-1", "oslo-notice-1-2"}


def test_a_channel_that_knows_of_the_arrival_says_delivered(home: House) -> None:
    """And it cannot fail afterwards."""
    home.mail.is_confirming = True
    asked(home, "ben")
    assert tried_after(home, 0) == 1
    assert only(home).state is DeliveryState.DELIVERED
    assert "notice.confirm" in home.timeline()


def test_a_receipt_and_a_reason_are_cut_to_what_a_row_holds(home: House) -> None:
    """However much a server says."""
    home.mail.trouble = NotNow("y" * 900, retry_after_s=1.0)
    asked(home, "ben")
    assert tried_after(home, 0) == 1
    assert len(only(home).why) == 200


def test_somebody_whose_account_was_disabled_after_asking_is_not_written_to(home: House) -> None:
    """Their contacts go with the sweep; until then no message leaves."""
    asked(home, "ben")
    accounts.disable(home.desk, CONSOLE, "ben")
    assert tried_after(home, 0) == 0
    assert (only(home).state, home.mail.tried) == (DeliveryState.FAILED, [])


def test_a_message_about_no_incident_leads_to_the_page_of_calls(home: House) -> None:
    """And one about an alert to the alert."""
    notices.send_test(home.desk, home.people["ben"], simulated=True)
    watch_notices(home.desk)
    assert tried_after(home, 0) == 1
    message, _ = home.mail.sent[0]
    assert (message.number, message.link) == ("notice 1", "https://impetus.city.example/on-call")
    assert (message.title, message.simulated) == ("Test", True)
