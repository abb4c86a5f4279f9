"""How a channel fares, worked by hand: what makes it dead, what brings it back, and what is said of it once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.call_house import House, house
from desk.samples import AT
from impetus.core.errors import Misconfigured, NotNow
from impetus.core.finding import Finding, Severity
from impetus.core.notice import ChannelHealth
from impetus.desk.channel_health import after_check, after_sending, channels_view, check_channel, tell_channels
from impetus.desk.context import FINDINGS
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices
from impetus.processes.notifying import DEAD_AFTER
from impetus.testing.desk import clock_of

DOWN = NotNow("mail.city.example does not answer", retry_after_s=5.0)
REFUSED = Misconfigured("the server refused our password (535)")
FRESH = ChannelHealth(channel="mail", kind="smtp", checked_at=AT)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def home() -> House:
    """Return the house with people who are reached."""
    return house()


def gone(health: ChannelHealth, word: str) -> ChannelHealth:
    """Return a health after a word of events, one a minute: s sent, S sending failed, c checked, C check failed, M misconfigured."""
    at = health.checked_at
    for letter in word:
        at += MINUTE
        error = {"S": DOWN, "C": DOWN, "M": REFUSED}.get(letter)
        health = (after_sending if letter in "sSM" else after_check)(health, error, at)
    return health


@pytest.mark.parametrize(
    ("word", "died"),
    [
        ("", None),
        ("S", None),
        ("SS", None),
        ("SSS", 3),
        ("CCC", 3),
        ("SSCC", None),  # two of each in a row are not three of one
        ("SSsS", None),  # one message that went out begins the count anew
        ("CCcC", None),
        ("SSSc", 3),  # being there does not undo messages that failed
        ("SSSs", None),  # a message that went out does
        ("CCCs", None),
        ("CCCc", None),
        ("M", 1),  # no retry mends a wrong password
        ("Mc", 1),
        ("Ms", None),
    ],
)
def test_three_failures_in_a_row_of_one_kind_are_dead(word: str, died: int | None) -> None:
    """Worked by hand, one event a minute; `died` is the minute since which it is dead."""
    assert gone(FRESH, word).dead_since == (None if died is None else AT + died * MINUTE)


def test_dead_since_is_the_moment_of_the_third_failure_and_stays_it() -> None:
    """Failures four to six add nothing to it; the counts go on."""
    third, sixth = gone(FRESH, "SSS"), gone(FRESH, "SSSSSS")
    assert third.dead_since == AT + 3 * MINUTE == sixth.dead_since
    assert (sixth.failures, sixth.failed, sixth.sent) == (6, 6, 0)


def test_a_check_that_fails_once_keeps_the_reason_and_one_that_succeeds_forgets_it() -> None:
    """But not the reason of messages that failed."""
    assert gone(FRESH, "C").why == DOWN.detail
    assert gone(FRESH, "Cc").why == ""
    assert gone(FRESH, "Sc").why == DOWN.detail
    assert gone(FRESH, "Ss").why == ""


def test_a_reason_is_cut_to_what_a_page_shows() -> None:
    """However much a server says."""
    long = NotNow("x" * 5000, retry_after_s=1.0)
    assert len(after_sending(FRESH, long, AT).why) == 200
    assert len(after_check(FRESH, long, AT).why) == 200


def test_when_it_last_worked_is_kept_through_the_failures() -> None:
    """Sent after two minutes, then three failures."""
    assert gone(FRESH, "csSSS").last_ok_at == AT + 2 * MINUTE
    assert gone(FRESH, "SSS").last_ok_at is None


@given(word=st.text(alphabet="sScCM", max_size=40))
def test_in_any_order_a_channel_is_dead_exactly_while_a_count_has_reached_its_bound(word: str) -> None:
    """And every message is counted once."""
    health = gone(FRESH, word)
    assert (health.dead_since is not None) == (max(health.failures, health.check_failures) >= DEAD_AFTER)
    assert (health.sent, health.failed) == (word.count("s"), word.count("S") + word.count("M"))
    assert health.dead_since is None or AT < health.dead_since <= AT + len(word) * MINUTE


def health_of_mail(home: House) -> ChannelHealth:
    """Return how the channel mail fares."""
    (view,) = [one for one in channels_view(home.desk, home.people["ada"]).channels if one.name == "mail"]
    assert view.health is not None
    return view.health


def findings(home: House) -> list[Finding]:
    """Return what was said about channels."""
    found = [home.desk.codec.decode_finding(each.body)[0] for each in home.desk.bus.read(FINDINGS, 0, limit=1000)]
    return [finding for finding in found if finding.subject.startswith("channel:")]


def test_a_channel_is_asked_once_a_minute_and_not_before(home: House) -> None:
    """The first time at once; 59 seconds later not; a minute later again; also when the clock went back by an hour."""
    clock = clock_of(home.desk)
    assert check_channel(home.desk, "mail")
    clock.advance(59)
    assert not check_channel(home.desk, "mail")
    clock.advance(1)
    assert check_channel(home.desk, "mail")
    clock.advance(-3600)
    assert check_channel(home.desk, "mail")


def test_a_channel_that_is_not_configured_is_not_asked_and_not_shown(home: House) -> None:
    """What is stored of one that was removed stays out of the page."""
    assert not check_channel(home.desk, "fax")
    check_channel(home.desk, "mail")
    del home.book.ways["mail"]
    assert [one.name for one in channels_view(home.desk, home.people["eva"]).channels] == ["chat"]


def test_the_view_says_what_is_configured_before_anything_was_asked(home: House) -> None:
    """By name, with what is wrong with their file."""
    home.book.said_fault = "line 3: mail has no host"
    home.book.ways["chat"].fixed_address = "!square:city.example"
    view = channels_view(home.desk, home.people["ada"])
    assert [(one.name, one.kind, one.health, one.has_fixed_address) for one in view.channels] == [
        ("chat", "matrix", None, True),
        ("mail", "mailbox", None, False),
    ]
    assert view.fault == "line 3: mail has no host"


def test_messages_that_fail_kill_a_channel_as_checks_do(home: House) -> None:
    """Three people, one try each."""
    home.mail.trouble = DOWN
    home.ask("ada", "ben", "siv")
    watch_notices(home.desk)
    assert send_due(home.desk, "mail") == 3
    health = health_of_mail(home)
    assert (health.failures, health.failed, health.dead_since) == (3, 3, AT)
    assert tell_channels(home.desk) == 1


def test_it_is_said_once_that_it_died_and_once_that_it_is_back(home: House) -> None:
    """Each with a key of its own, so that whoever says it again after a crash is passed over."""
    home.mail.trouble = REFUSED
    home.check()
    assert (tell_channels(home.desk), tell_channels(home.desk)) == (0, 0)
    home.mail.trouble = None
    home.check()
    home.check()
    died, back = findings(home)
    assert (died.severity, back.severity) == (Severity.SEVERE, Severity.MINOR)
    assert died.key != back.key
    assert died.why.say().startswith("the server refused our password (535). People who are reached")
    assert back.began == died.began


def test_a_second_death_is_another_alert(home: House) -> None:
    """Its key carries since when."""
    for trouble in (REFUSED, None, REFUSED):
        home.mail.trouble = trouble
        home.check()
    keys = [finding.key for finding in findings(home)]
    assert len(set(keys)) == 3
    assert sum(":dead:" in key for key in keys) == 2


def test_two_channels_that_die_are_two_findings(home: House) -> None:
    """Neither hides the other."""
    home.mail.trouble = home.chat.trouble = REFUSED
    home.check()
    assert {finding.subject for finding in findings(home)} == {"channel:mail", "channel:chat"}


def test_a_death_nobody_was_told_of_before_it_was_over_is_not_told(home: House) -> None:
    """It died and came back between two looks."""
    home.mail.trouble = REFUSED
    check_channel(home.desk, "mail")
    home.mail.trouble = None
    clock_of(home.desk).advance(61)
    check_channel(home.desk, "mail")
    assert tell_channels(home.desk) == 0
    assert findings(home) == []


def test_a_kind_that_changed_in_the_file_is_the_kind_that_is_shown(home: House) -> None:
    """The name stayed, the way is another."""
    check_channel(home.desk, "mail")
    home.book.ways["mail"] = replace(home.mail, kind="webhook")
    clock_of(home.desk).advance(61)
    check_channel(home.desk, "mail")
    assert health_of_mail(home).kind == "webhook"
