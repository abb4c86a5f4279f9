"""Others' warnings read in: each once, as something to look at; what cannot be believed or read is said and not told."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.samples import waiting
from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.envelope import JsonCodec
from impetus.core.errors import Refused
from impetus.core.finding import Certainty, Finding, Severity, Urgency
from impetus.core.place import Point
from impetus.core.warning import Area, CapAlert, Circle, Signed, Wording
from impetus.desk.context import Desk
from impetus.desk.feeds import FEEDS, FeedWatch, read_feed, read_in, take_in
from impetus.ports.city import FeedSource
from impetus.testing.city import MemoryFetcher
from impetus.testing.desk import clock_of, memory_desk

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
FEED = FeedSource(id="met", name="Weather service", url="https://met.example/cap.atom", every_s=60)
DATA = Path(os.environ.get("IMPETUS_DATA", "../shared/data")) / "cap" / "testdata"
ALERT = CapAlert(
    identifier="a.1",
    sender="met@met.example",
    sent=AT - timedelta(minutes=5),
    status="Actual",
    type="Alert",
    scope="Public",
    wordings=(Wording(language="en", event="Storm", headline="Storm from the west\n at 22", description=""),),
    severity=Severity.SEVERE,
    urgency=Urgency.EXPECTED,
    certainty=Certainty.LIKELY,
    area="City",
    areas=(Area(description="City", circles=(Circle(centre=Point(lon=10.7, lat=59.9), radius_km=1),)),),
    expires=AT + timedelta(hours=2),
)


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


def told(desk: Desk) -> list[Finding]:
    """Return the findings on the bus."""
    return [JsonCodec().decode_finding(message.body)[0] for message in waiting(desk)]


def test_an_alert_becomes_one_finding_in_the_words_of_its_sender(desk: Desk) -> None:
    """Severity, urgency and certainty are CAP's own; it says whose word it is, and how it is signed."""
    assert take_in(desk, FEED, ALERT) is True
    assert take_in(desk, FEED, ALERT) is None
    (finding,) = told(desk)
    assert (finding.severity, finding.urgency, finding.certainty) == (
        Severity.SEVERE,
        Urgency.EXPECTED,
        Certainty.LIKELY,
    )
    assert finding.headline.say() == "Weather service: Storm from the west at 22"
    assert "met@met.example says so for City; not signed" in finding.why.say()
    assert finding.point == Point(lon=10.7, lat=59.9)


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_what_is_not_actual_is_noted_and_alarms_nobody(desk: Desk, status: str) -> None:
    """It stands on the page, with its status."""
    assert take_in(desk, FEED, replace(ALERT, status=status)) is False
    assert told(desk) == []
    with desk.store.read() as unit:
        assert unit.warnings.read_in()[0].status == status
    with pytest.raises(Refused):
        read_in(desk, FEEDS)


def test_what_is_over_is_noted_and_alarms_nobody(desk: Desk) -> None:
    """A feed read for the first time holds yesterday, too."""
    assert take_in(desk, FEED, replace(ALERT, expires=AT)) is False
    assert told(desk) == []


def test_an_update_is_about_the_same_thing_and_a_cancellation_ends_it(desk: Desk) -> None:
    """All of a chain has one subject, so that it becomes one alert."""
    reference = ("met@met.example,a.1,2026-03-14T20:55:00+00:00",)
    take_in(desk, FEED, ALERT)
    take_in(
        desk, FEED, replace(ALERT, identifier="a.2", type="Update", references=reference, severity=Severity.EXTREME)
    )
    take_in(desk, FEED, replace(ALERT, identifier="a.3", type="Cancel", references=reference, expires=AT))
    first, second, third = told(desk)
    assert first.subject == second.subject == third.subject
    assert len({first.key, second.key, third.key}) == 3
    assert (second.ended, third.ended, third.severity) == (None, AT, Severity.MINOR)


def test_a_broken_signature_leaves_nothing_certain(desk: Desk) -> None:
    """It is told, because it may be right; how sure it is nobody can say, and why is written there."""
    take_in(desk, FEED, replace(ALERT, signed=Signed.BROKEN))
    (finding,) = told(desk)
    assert finding.certainty is Certainty.UNKNOWN
    assert "does not hold" in finding.why.say()


def test_a_process_that_dies_between_telling_and_noting_tells_again_under_the_same_key(desk: Desk) -> None:
    """The key is the alert's own: what is told twice is shown once."""
    take_in(desk, FEED, ALERT)
    with desk.store.write() as unit:
        unit.warnings.erase_read_in(AT + timedelta(days=1))
    take_in(desk, FEED, ALERT)
    first, second = told(desk)
    assert first.key == second.key


def test_links_are_followed_on_the_feeds_own_machine_only(desk: Desk) -> None:
    """An index names alerts; one on another machine is left out, and each is fetched once."""
    index = (DATA / "earthquake_index.atom").read_bytes() if DATA.is_dir() else b""
    if not index:
        pytest.skip("the samples of CAP are not in the data folder")
    (link,) = XmlCap().read_page(index).links
    fetcher = desk.outside.fetcher
    assert isinstance(fetcher, MemoryFetcher)
    watch, feed = FeedWatch(), replace(FEED, url="https://elsewhere.example/index.atom")
    fetcher.bodies = {feed.url: index, link: (DATA / "earthquake.cap").read_bytes()}
    assert "another machine" in read_feed(desk, feed, watch).left_out[0]
    own = replace(FEED, url=link.rpartition("/")[0] + "/index.atom")
    fetcher.bodies[own.url] = index
    report = read_feed(desk, own, watch)
    assert (report.told + report.noted, report.left_out) == (1, ())
    del fetcher.bodies[link]
    assert read_feed(desk, own, watch).left_out == ()


def test_a_feed_that_cannot_be_read_is_an_alert_after_three_tries_and_over_when_it_can(desk: Desk) -> None:
    """Silence of others is something people must know; it is said once, and its end once."""
    watch, fetcher = FeedWatch(), desk.outside.fetcher
    assert isinstance(fetcher, MemoryFetcher)
    for _ in range(5):
        assert read_feed(desk, FEED, watch).left_out
        clock_of(desk).advance(60)
    (began,) = told(desk)
    assert "cannot be read" in began.headline.say()
    fetcher.bodies[FEED.url] = (
        b'<rss version="2.0"><channel><title>t</title><link>l</link><description>d</description></channel></rss>'
    )
    assert read_feed(desk, FEED, watch).left_out == ()
    assert [finding.ended is not None for finding in told(desk)] == [False, True]
    assert (watch.failures, watch.is_told) == (0, False)


def test_a_hostile_feed_is_a_feed_that_cannot_be_read(desk: Desk) -> None:
    """Entities end the reading, not the reader."""
    fetcher = desk.outside.fetcher
    assert isinstance(fetcher, MemoryFetcher)
    fetcher.bodies[FEED.url] = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert "DOCTYPE" in read_feed(desk, FEED, FeedWatch()).left_out[0]


def test_an_alert_without_words_or_place_is_told_all_the_same(desk: Desk) -> None:
    """CAP allows an alert without an info block; a person can ask."""
    take_in(desk, FEED, replace(ALERT, wordings=(), areas=(), area="", expires=None))
    (finding,) = told(desk)
    assert (finding.point, "no area" in finding.why.say()) == (None, True)


def test_what_was_read_in_long_ago_is_erased(desk: Desk) -> None:
    """As long as the alert it became."""
    take_in(desk, FEED, ALERT)
    with desk.store.write() as unit:
        assert unit.warnings.erase_read_in(AT) == 0
        assert unit.warnings.erase_read_in(AT + timedelta(seconds=1)) == 1
