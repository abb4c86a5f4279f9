"""What every adapter of the port `Bus` promises."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impetus.adapters.local_bus import LocalBus
from impetus.core.errors import NotNow, TooLarge
from impetus.core.ids import Offset
from impetus.ports import Bus, Gap
from impetus.testing.bus import MemoryBus
from impetus.testing.clock import SettableClock

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMIT_BYTES = 64 * 1024
START = Offset(0)


@pytest.fixture
def clock() -> SettableClock:
    """Give a clock that stands still."""
    return SettableClock(AT)


@pytest.fixture(params=["local", "memory"])
def bus(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Bus:
    """Give each adapter in turn, bound to 64 KiB a topic."""
    if request.param == "memory":
        return MemoryBus(clock, limit_bytes=LIMIT_BYTES)
    return LocalBus(tmp_path / "bus", clock=clock, limit_bytes=LIMIT_BYTES)


def everything(bus: Bus, topic: str = "t", after: Offset = START, limit: int = 7) -> list[tuple[int, bytes]]:
    """Read all there is, some at a time."""
    found: list[tuple[int, bytes]] = []
    while messages := bus.read(topic, after, limit=limit):
        found += [(message.offset, message.body) for message in messages]
        after = messages[-1].offset
    return found


def test_messages_come_back_in_order_with_their_offsets(bus: Bus) -> None:
    """Offsets count from 1 without holes, over publishes of one or many, empty bodies included."""
    assert bus.publish("t", [b"a"]) == 1
    assert bus.publish("t", [b"b", b"", b"c"]) == 4

    assert everything(bus) == [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.binary(max_size=40), max_size=5), max_size=8), limit=st.integers(1, 9))
def test_whatever_is_published_is_read(bus: Bus, groups: list[list[bytes]], limit: int) -> None:
    """Any bodies in any grouping come back one by one, wherever reading stops in between."""
    after = bus.status("t").last
    for bodies in groups:
        bus.publish("t", bodies)

    assert [body for _, body in everything(bus, after=after, limit=limit)] == [
        body for bodies in groups for body in bodies
    ]


def test_publishing_nothing_changes_nothing(bus: Bus) -> None:
    """An empty publish is no message."""
    bus.publish("t", [b"a"])

    assert bus.publish("t", []) == 1
    assert bus.status("t").last == 1


def test_topics_are_apart(bus: Bus) -> None:
    """Each topic counts for itself."""
    bus.publish("one", [b"a"])
    bus.publish("two", [b"b"])

    assert everything(bus, "one") == [(1, b"a")]
    assert everything(bus, "two") == [(1, b"b")]


def test_an_empty_topic_says_so(bus: Bus) -> None:
    """Reading, gap and status of a topic nobody wrote to."""
    status = bus.status("t")

    assert (list(bus.read("t", START)), bus.gap("t", START)) == ([], None)
    assert (status.first, status.last, status.bytes_, status.limit_bytes) == (0, 0, 0, LIMIT_BYTES)


def test_reading_starts_anywhere_and_never_waits(bus: Bus) -> None:
    """From the middle, at the end and beyond it, reading returns at once."""
    bus.publish("t", [str(number).encode() for number in range(1, 11)])

    assert [message.offset for message in bus.read("t", Offset(7), limit=2)] == [8, 9]
    assert list(bus.read("t", Offset(10))) == []
    assert list(bus.read("t", Offset(99))) == []


def test_waiting_ends_with_a_message(bus: Bus) -> None:
    """A waiting consumer is woken by a publish in another thread."""
    later = threading.Timer(0.1, bus.publish, ("t", [b"a"]))
    later.start()

    assert bus.wait("t", START, timeout_s=30)
    later.join()


def test_waiting_is_over_at_once_when_something_is_there(bus: Bus) -> None:
    """Only what is after the offset counts."""
    bus.publish("t", [b"a"])

    assert bus.wait("t", START, timeout_s=30)
    assert not bus.wait("t", Offset(1), timeout_s=0.01)


def test_every_waiting_consumer_is_woken(bus: Bus) -> None:
    """Several threads waiting on one bus all see the message."""
    woken: list[bool] = []
    waiters = [threading.Thread(target=lambda: woken.append(bus.wait("t", START, timeout_s=30))) for _ in range(4)]
    for waiter in waiters:
        waiter.start()
    bus.publish("t", [b"a"])
    for waiter in waiters:
        waiter.join()

    assert woken == [True] * 4


def fill(bus: Bus, stop: Callable[[], bool] = lambda: False) -> int:
    """Publish kilobytes until told to stop, at most four times the limit; return how many."""
    count = 0
    while not stop() and count < 4 * LIMIT_BYTES // 1000:
        bus.publish("t", [b"x" * 1000])
        count += 1
    return count


def test_the_oldest_goes_when_the_topic_is_full(bus: Bus) -> None:
    """A topic never takes more than its limit, and keeps most of it."""
    count = fill(bus)
    status = bus.status("t")

    assert status.bytes_ <= LIMIT_BYTES
    assert status.last == count
    assert len(everything(bus)) == status.last - status.first + 1 > 0.7 * LIMIT_BYTES / 1000


def test_a_consumer_that_lagged_learns_what_it_lost(bus: Bus) -> None:
    """The gap counts every message dropped, reading goes on behind it, and then there is no gap."""
    fill(bus)
    first = bus.status("t").first

    assert bus.gap("t", START) == Gap(lost=first - 1, resume=first)
    assert bus.read("t", START, limit=1)[0].offset == first
    assert bus.gap("t", Offset(first - 1)) is None


def test_an_offset_beyond_the_end_is_a_gap_of_nothing(bus: Bus) -> None:
    """A consumer that remembers a topic now lost is told where to go on, instead of never seeing anything again."""
    bus.publish("t", [b"a"])

    assert bus.gap("t", Offset(500)) == Gap(lost=0, resume=Offset(2))


def test_nothing_is_dropped_that_a_holder_needs(bus: Bus) -> None:
    """With a holder that stands still the publisher is told "not now", and every message is still there."""
    bus.hold("t", "history", START)

    with pytest.raises(NotNow) as refusal:
        fill(bus)

    assert refusal.value.retry_after_s > 0
    assert "history" in refusal.value.detail
    assert [offset for offset, _ in everything(bus)] == list(range(1, bus.status("t").last + 1))


def test_publishing_goes_on_when_the_holder_moves(bus: Bus) -> None:
    """Back-pressure ends by itself, and nothing unread is lost."""
    bus.hold("t", "history", START)
    with pytest.raises(NotNow):
        fill(bus)
    last = bus.status("t").last
    bus.hold("t", "history", last)

    assert bus.publish("t", [b"x" * 1000]) == last + 1


def test_releasing_a_holder_frees_the_topic(bus: Bus) -> None:
    """Of two holders the slower one counts; without it the other does."""
    bus.hold("t", "slow", START)
    with pytest.raises(NotNow):
        fill(bus)
    bus.hold("t", "fast", bus.status("t").last)
    with pytest.raises(NotNow):
        fill(bus)
    bus.release("t", "slow")

    assert bus.publish("t", [b"x"]) == bus.status("t").last


def test_what_a_holder_said_is_remembered(bus: Bus) -> None:
    """Holding, moving and releasing show, and releasing twice is harmless."""
    assert bus.held("t", "history") is None
    bus.hold("t", "history", Offset(3))
    bus.hold("t", "history", Offset(5))
    assert bus.held("t", "history") == 5

    bus.release("t", "history")
    bus.release("t", "history")
    assert bus.held("t", "history") is None


def test_a_publish_larger_than_a_quarter_of_the_topic_is_refused(bus: Bus) -> None:
    """One publish cannot push out all the others."""
    bus.publish("t", [b"a"])
    with pytest.raises(TooLarge):
        bus.publish("t", [b"x" * (LIMIT_BYTES // 4 + 1)])

    assert everything(bus) == [(1, b"a")]


def test_what_is_old_can_be_trimmed(bus: Bus, clock: SettableClock) -> None:
    """Everything older than the time goes, offsets go on, and the trimmed part is a gap."""
    bus.publish("t", [b"a", b"b"])

    assert bus.trim("t", older_than=AT) == 0
    assert bus.trim("t", older_than=clock.advance(1)) == 2
    assert everything(bus) == []
    assert bus.gap("t", START) == Gap(lost=2, resume=Offset(3))
    assert bus.publish("t", [b"c"]) == 3
    assert everything(bus) == [(3, b"c")]


def test_trimming_leaves_what_a_holder_needs(bus: Bus, clock: SettableClock) -> None:
    """Age is no reason to lose what was not passed yet."""
    bus.publish("t", [b"a"])
    bus.hold("t", "history", START)

    assert bus.trim("t", older_than=clock.advance(1)) == 0
    assert everything(bus) == [(1, b"a")]


def test_many_publishers_at_once_lose_and_mix_nothing(bus: Bus) -> None:
    """Messages of one publish stay together, and each publisher's stay in its order."""

    def publish(name: int) -> None:
        for number in range(25):
            bus.publish("t", [f"{name} {number} {part}".encode() for part in "ab"])

    publishers = [threading.Thread(target=publish, args=(name,)) for name in range(8)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()

    bodies = [body.decode() for _, body in everything(bus)]
    assert len(bodies) == 400
    assert all(one[:-1] == other[:-1] for one, other in zip(bodies[::2], bodies[1::2], strict=True))
    for name in range(8):
        assert [body.split()[1] for body in bodies[::2] if body.split()[0] == str(name)] == [str(n) for n in range(25)]
