"""Where people are reached: each looks after their own, sealed, bound to the person and the channel, seen by nobody else."""

from dataclasses import replace

import pytest

from desk.call_house import House, house
from impetus.core.errors import ImpetusError, Malformed, Refused, Unknown
from impetus.core.ids import AccountId
from impetus.desk import accounts, contacts
from impetus.testing.journal import MemoryJournal
from town import CONSOLE

SECRET_PLACE = "kari.private@home.example"


@pytest.fixture
def home() -> House:
    """Return the house with people who are reached."""
    return house()


@pytest.fixture(scope="module")
def still() -> House:
    """Return one house for all tests that change nothing."""
    return house()


def test_an_address_is_kept_as_the_channel_takes_it_and_changed_in_its_place(home: House) -> None:
    """Without the blanks around it; one address a channel."""
    ada = home.people["ada"]
    contacts.put_contact(home.desk, ada, "mail", f"  {SECRET_PLACE} ", place=3)
    own = contacts.own_contacts(home.desk, ada)
    assert [(one.channel, one.place, one.address) for one in own] == [
        ("chat", 1, "!ada:city.example"),
        ("mail", 3, SECRET_PLACE),
    ]


def test_a_channel_with_one_address_for_all_keeps_that_one(home: House) -> None:
    """Whatever was written into the form."""
    home.chat.fixed_address = "!square:city.example"
    contacts.put_contact(home.desk, home.people["ben"], "chat", "anything", place=1)
    assert contacts.own_contacts(home.desk, home.people["ben"])[-1].address == "!square:city.example"


@pytest.mark.parametrize(
    ("channel", "address", "place", "error"),
    [
        ("mail", "", 0, Malformed),
        ("mail", "   ", 0, Malformed),
        ("mail", "a@b.example", -1, Malformed),
        ("mail", "a@b.example", 10, Malformed),
        ("mail", "x" * 2001, 0, Malformed),
        ("fax", "a@b.example", 0, Unknown),
        ("", "a@b.example", 0, Unknown),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_old_address_stays(
    still: House, channel: str, address: str, place: int, error: type[ImpetusError]
) -> None:
    """With a limit, and without repeating the address."""
    with pytest.raises(error) as refused:
        contacts.put_contact(still.desk, still.people["ben"], channel, address, place=place)
    assert refused.value.limit
    assert "a@b.example" not in refused.value.detail
    assert [one.address for one in contacts.own_contacts(still.desk, still.people["ben"])] == ["ben@city.example"]


def test_a_channel_nobody_configured_says_which_there_are(home: House) -> None:
    """Or that there is none."""
    with pytest.raises(Unknown) as refused:
        contacts.put_contact(home.desk, home.people["ben"], "fax", "1")
    assert refused.value.limit == "mail, chat"
    home.book.ways.clear()
    with pytest.raises(Unknown) as refused:
        contacts.put_contact(home.desk, home.people["ben"], "fax", "1")
    assert refused.value.limit == "none is configured"


@pytest.mark.parametrize("moved", ["account", "channel"])
def test_a_sealed_address_opens_under_its_own_person_and_channel_only(still: House, moved: str) -> None:
    """Whoever swaps rows in the database sends nobody's message to another."""
    with still.desk.store.read() as unit:
        (stored,) = unit.calls.contacts(still.people["ben"].account)
    assert contacts.address_of(still.desk, stored) == "ben@city.example"
    other = replace(stored, account=AccountId(99)) if moved == "account" else replace(stored, channel="chat")
    with pytest.raises(ImpetusError):
        contacts.address_of(still.desk, other)


def test_forgetting_is_done_once_and_written_down_once(home: House) -> None:
    """A second time there is nothing to forget, which is no error."""
    ben = home.people["ben"]
    contacts.forget_contact(home.desk, ben, "mail")
    contacts.forget_contact(home.desk, ben, "mail")
    contacts.forget_contact(home.desk, ben, "never")
    assert contacts.own_contacts(home.desk, ben) == ()
    assert [record.act for record in records(home) if record.act.startswith("contact.f")] == ["contact.forget"]


def test_no_address_stands_in_the_log(home: House) -> None:
    """Only the channel and its place."""
    contacts.put_contact(home.desk, home.people["ben"], "mail", SECRET_PLACE)
    assert SECRET_PLACE not in repr(records(home))
    assert {"channel": "mail", "place": 0}.items() <= records(home)[-1].facts.items()


def test_colleagues_see_by_which_channels_and_of_people_who_are_here_only(home: House) -> None:
    """Never where; nobody who left."""
    accounts.disable(home.desk, CONSOLE, "siv")
    found = contacts.reachable(home.desk, home.people["eva"])
    assert found == {"ada": ("mail", "chat"), "ben": ("mail",), "eva": ("mail",), "sol": ("mail", "chat")}


def test_nobody_without_an_account_has_an_address(still: House) -> None:
    """Not the console, not a name somebody wrote."""
    for stranger in (CONSOLE, replace(still.people["ben"], account=None)):
        with pytest.raises(Refused):
            contacts.own_contacts(still.desk, stranger)
        with pytest.raises(Refused):
            contacts.put_contact(still.desk, stranger, "mail", "a@b.example")


def records(home: House) -> list:
    """Return the lines of the log."""
    assert isinstance(home.desk.journal, MemoryJournal)
    return home.desk.journal.records
