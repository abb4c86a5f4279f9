"""A full disk in the middle of the main job: nothing is acknowledged that is not kept, it is said, and it ends by itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from impetus.core.board import Rule
from impetus.core.errors import NotNow
from impetus.core.finding import Kind, Urgency
from impetus.core.ids import Offset
from impetus.desk.context import OBSERVATIONS
from impetus.testing.bus import MemoryBus
from pipeline.city import City, close_city, crowd, open_city


class FillingBus(MemoryBus):
    """A bus whose disk a test fills; the findings' own topic keeps its room, unless that is taken too."""

    full: frozenset[str] = frozenset()

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Append, or say that there is no room."""
        if topic in self.full:
            raise NotNow("the disk is full", retry_after_s=5.0, remedy="free some space")
        return super().publish(topic, bodies)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Return a city after an hour of its usual life, over a bus that can be filled."""
    city = open_city(tmp_path, FillingBus)
    city.live(60)
    yield city
    close_city(city)


def fill(city: City, *topics: str) -> None:
    """Let the disk under these topics be full, and the others have room again."""
    assert isinstance(city.desk.bus, FillingBus)
    city.desk.bus.full = frozenset(topics)


def one(city: City) -> dict[str, list[object]]:
    """Return a body of one reading of a minute from now."""
    return {"datastream": ["square/c1/people_count"], "time": [city.now_us + 60_000_000], "result": [21]}


def test_a_sender_is_asked_to_come_back_and_nothing_is_kept(city: City) -> None:
    """503 with a time to wait; what was not acknowledged is nowhere."""
    fill(city, OBSERVATIONS)
    answer = city.post(one(city))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "the disk is full"
    assert len(city.readings()) == 60 * 3


def test_what_was_refused_for_room_is_no_duplicate_afterwards(city: City) -> None:
    """The rules forgot what did not become durable."""
    body = one(city)
    fill(city, OBSERVATIONS)
    city.post(body)
    fill(city)
    assert city.post(body).json()["counts"] == {Rule.ACCEPTED.value: 1}


def test_the_operator_is_told_once_and_told_when_it_is_over(city: City) -> None:
    """One alert of the platform itself, however many senders were turned away, that ends with the trouble."""
    fill(city, OBSERVATIONS)
    for _ in range(5):
        city.post(one(city))
        city.intake.settle()
    city.turn()
    [alert] = city.alerts()
    assert (alert.kind, alert.subject) == (Kind.PLATFORM, "platform:ingest")
    fill(city)
    city.post(one(city))
    city.intake.settle()
    city.turn()
    assert len(city.alerts()) == 1
    assert [finding.urgency for finding in city.findings()] == [Urgency.IMMEDIATE, Urgency.PAST]
    assert city.findings()[-1].facts["refused_readings"] == 5


def test_an_alarm_that_finds_no_room_itself_is_told_when_there_is(city: City) -> None:
    """The whole disk was full: both ends of the story come afterwards, in order."""
    fill(city, OBSERVATIONS, "findings")
    city.post(one(city))
    city.intake.settle()
    assert city.findings() == []
    fill(city)
    city.post(one(city))
    city.intake.settle()
    assert [finding.ended is None for finding in city.findings()] == [True, False]


def test_health_says_not_up_while_nothing_can_be_kept(city: City) -> None:
    """And up again by itself."""
    fill(city, OBSERVATIONS)
    city.post(one(city))
    assert city.door.get("/healthz").status_code == 503
    fill(city)
    city.post(one(city))
    assert city.door.get("/healthz").json() == {"status": "up"}


def test_a_crowd_after_the_trouble_is_seen(city: City) -> None:
    """Senders that kept their readings send them, and nothing else has to be done."""
    fill(city, OBSERVATIONS)
    city.post(one(city))
    fill(city)
    city.live(6, crowd)
    assert "zone:quay" in {alert.subject for alert in city.alerts()}


def test_a_platforms_trouble_is_never_joined_to_a_crowd(city: City) -> None:
    """The city's matters and the platform's own are two alerts, though they happen together."""
    fill(city, OBSERVATIONS)
    city.post(one(city))
    city.intake.settle()
    fill(city)
    city.live(6, crowd)
    assert {alert.kind for alert in city.alerts()} == {Kind.PLATFORM, Kind.ANOMALY}
