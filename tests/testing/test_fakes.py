"""The in-memory adapters at their edges: what they promise beyond the contract suites they pass."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.clock import SystemClock
from impetus.core.errors import Malformed, NotNow, TooLarge, Unknown
from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import batch_of, to_us
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.bus import MemoryBus
from impetus.testing.chance import SeededChance
from impetus.testing.clock import SettableClock
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.history import BYTES_PER_ROW, MemoryHistory
from impetus.testing.keys import PlainKeys
from impetus.testing.passwords import FastPasswords

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> SettableClock:
    """Give a clock that stands still."""
    return SettableClock(AT)


@pytest.fixture
def bus(clock: SettableClock) -> MemoryBus:
    """Give a bus of a hundred bytes."""
    return MemoryBus(clock, limit_bytes=100)


def _bodies(bus: MemoryBus, after: int = 0) -> list[bytes]:
    return [message.body for message in bus.read("t", Offset(after))]


def test_a_clock_moves_only_when_it_is_moved(clock: SettableClock) -> None:
    """Both its hands, by the same seconds."""
    assert (clock.now(), clock.monotonic_s()) == (AT, 0.0)
    assert clock.advance(1.5) == AT + timedelta(seconds=1.5)
    assert clock.monotonic_s() == 1.5


@pytest.mark.parametrize(("seconds", "monotonic_s"), [(3600, 3600.0), (-3600, 0.0), (0, 0.0)])
def test_the_wall_clock_may_be_set_back_and_the_monotonic_one_never_goes_back(
    seconds: int, monotonic_s: float, clock: SettableClock
) -> None:
    """As on a machine whose administrator mends the time."""
    clock.set(AT + timedelta(seconds=seconds))
    assert clock.now() == AT + timedelta(seconds=seconds)
    assert clock.monotonic_s() == monotonic_s


def test_only_a_desk_in_memory_gives_its_clock() -> None:
    """A test that would move the machine's clock is told so."""
    from dataclasses import replace

    desk = memory_desk(AT)
    assert clock_of(desk).now() == AT
    with pytest.raises(TypeError, match="real clock"):
        clock_of(replace(desk, clock=SystemClock()))


def test_two_desks_in_memory_share_nothing() -> None:
    """Tests may run side by side."""
    one, other = memory_desk(AT), memory_desk(AT)
    one.bus.publish("t", [b"x"])
    one.blobs.put("a", b"x")
    assert other.bus.status("t").last == 0
    assert list(other.blobs.names()) == []


def test_a_full_bus_lets_the_oldest_go_when_nobody_needs_them(bus: MemoryBus) -> None:
    """Ten bodies of 20 bytes into 100: the last five stay."""
    for number in range(10):
        bus.publish("t", [b"%020d" % number])
    assert [int(body) for body in _bodies(bus)] == [5, 6, 7, 8, 9]
    gap = bus.gap("t", Offset(2))
    assert gap is not None
    assert (gap.lost, gap.resume) == (3, 6)


def test_a_full_bus_that_somebody_holds_says_who(bus: MemoryBus) -> None:
    """And takes again as soon as that one has passed."""
    bus.hold("t", "history", Offset(0))
    for _ in range(5):
        bus.publish("t", [b"x" * 20])
    with pytest.raises(NotNow, match="history"):
        bus.publish("t", [b"x" * 20])
    bus.hold("t", "history", Offset(1))
    assert bus.publish("t", [b"y" * 20]) == 6


def test_a_publish_that_is_refused_changes_nothing(bus: MemoryBus) -> None:
    """All or none, whichever the reason."""
    bus.publish("t", [b"kept"])
    with pytest.raises(TooLarge):
        bus.publish("t", [b"x" * 20, b"x" * 20])
    assert _bodies(bus) == [b"kept"]
    assert bus.publish("t", [b"x" * 5, b"x" * 20]) == 3


def test_the_slowest_of_several_holders_counts(bus: MemoryBus) -> None:
    """Released, it no longer does."""
    for _ in range(5):
        bus.publish("t", [b"x" * 20])
    bus.hold("t", "fast", Offset(5))
    bus.hold("t", "slow", Offset(0))
    with pytest.raises(NotNow, match="slow"):
        bus.publish("t", [b"x" * 20])
    bus.release("t", "slow")
    assert bus.held("t", "slow") is None
    assert bus.publish("t", [b"x" * 20]) == 6


def test_trimming_stops_at_what_is_young_or_needed(bus: MemoryBus, clock: SettableClock) -> None:
    """Whichever comes first."""
    for _ in range(4):
        bus.publish("t", [b"x"])
        clock.advance(60)
    bus.hold("t", "history", Offset(1))
    assert bus.trim("t", older_than=AT + timedelta(seconds=120)) == 1
    bus.hold("t", "history", Offset(4))
    assert bus.trim("t", older_than=AT + timedelta(seconds=120)) == 1
    assert bus.status("t").first == 3


def test_a_waiter_is_woken_by_a_publish(bus: MemoryBus) -> None:
    """Not by its time running out."""
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(bus.wait("t", Offset(0), timeout_s=20.0)))
    waiter.start()
    bus.publish("t", [b"x"])
    waiter.join(5.0)
    assert woken == [True]
    assert not bus.wait("t", Offset(1), timeout_s=0.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(1, 25), st.none()), max_size=30))
def test_a_bus_never_holds_more_than_its_bound_nor_skips_an_offset(steps: list[int | None]) -> None:
    """Publishing bodies of any size, with a consumer that now and then catches up."""
    bus, published = MemoryBus(SettableClock(AT), limit_bytes=100), 0
    bus.hold("t", "history", Offset(0))
    for size in steps:
        if size is None:
            bus.hold("t", "history", Offset(published))
            continue
        try:
            published = bus.publish("t", [b"x" * size])
        except NotNow:
            assert bus.status("t").bytes_ + size > 100
    messages = bus.read("t", Offset(0), limit=1000)
    assert sum(len(message.body) for message in messages) <= 100
    assert [message.offset for message in messages] == list(range(published - len(messages) + 1, published + 1))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=50), st.text(max_size=10), st.text(max_size=10))
def test_what_is_sealed_about_one_thing_opens_about_no_other(plain: bytes, about: str, other: str) -> None:
    """Bound to its name; a plain search through what is stored finds nothing longer than a letter."""
    keys = PlainKeys()
    sealed = keys.seal(plain, about=about)
    assert keys.open(sealed, about=about) == plain
    if about != other:
        with pytest.raises(Malformed):
            keys.open(sealed, about=other)


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    """In the checksum or in what it guards."""
    keys = PlainKeys()
    sealed = bytearray(keys.seal(b"evidence", about="x"))
    sealed[place] ^= 1
    with pytest.raises(Malformed, match="changed"):
        keys.open(bytes(sealed), about="x")


@pytest.mark.parametrize("name", ["", ".hidden", "../key", "a/b", "x" * 129, "ø", "a\n"])
def test_a_blob_has_a_name_that_is_no_path(name: str, clock: SettableClock) -> None:
    """As on a disk; the longest that is one is 128 characters."""
    blobs = MemoryBlobs(PlainKeys(), clock)
    with pytest.raises(Malformed):
        blobs.put(name, b"x")
    blobs.put("x" * 128, b"x")


def test_blobs_are_named_by_age_and_erased_by_name(clock: SettableClock) -> None:
    """Erasing what is not there is no error and not counted."""
    blobs = MemoryBlobs(PlainKeys(), clock)
    blobs.put("old", b"1")
    clock.advance(60)
    blobs.put("new", b"22")
    assert blobs.names(older_than=AT + timedelta(seconds=60)) == ["old"]
    assert blobs.erase(["old", "absent"]) == 1
    assert blobs.size_bytes() == 32 + 2
    with pytest.raises(Unknown, match="old"):
        blobs.get("old")


def _history(*rows: tuple[int, datetime, float], flush: bool = True) -> MemoryHistory:
    history = MemoryHistory()
    batch = batch_of([row[0] for row in rows], [to_us(row[1]) for row in rows], [row[2] for row in rows])
    history.append(batch, "observations", through=Offset(9))
    if flush:
        history.flush()
    return history


def _read(history: MemoryHistory, *ids: int, limit: int = 200_000) -> list[tuple[int, float]]:
    batch = history.read([DatastreamId(one) for one in ids], AT, AT + DAY, limit=limit)
    return list(zip(batch.datastream.tolist(), batch.result.tolist(), strict=True))


def test_what_was_not_flushed_is_not_history() -> None:
    """But it is the newest of its datastream."""
    history = _history((1, AT, 5.0), flush=False)
    assert (_read(history, 1), history.through()) == ([], 0)
    assert history.latest().result.tolist() == [5.0]
    assert history.flush() == history.through() == 9


def test_reading_includes_the_beginning_and_not_the_end() -> None:
    """So that two spans in a row are one, without a reading twice."""
    history = _history((1, AT, 1.0), (1, AT + DAY, 2.0), (1, AT - timedelta(seconds=1), 3.0))
    assert _read(history, 1) == [(1, 1.0)]


def test_a_limit_keeps_the_newest_over_all_datastreams() -> None:
    """By datastream, then time."""
    rows = [(number % 2 + 1, AT + timedelta(minutes=number), float(number)) for number in range(6)]
    assert _read(_history(*rows), 1, 2, limit=3) == [(1, 4.0), (2, 3.0), (2, 5.0)]


def test_a_sweep_erases_whole_days_of_its_class_only() -> None:
    """The day of the horizon stays, and so does another class."""
    history = _history((1, AT - 2 * DAY, 1.0), (1, AT - DAY, 2.0), (1, AT, 3.0))
    history.append(batch_of([2], [to_us(AT - 9 * DAY)], [4.0]), "short", through=Offset(10))
    history.flush()
    swept = history.sweep({"observations": AT})
    assert (swept.partitions, swept.rows, swept.bytes_) == (2, 2, 2 * BYTES_PER_ROW)
    assert [(day[0], day[1]) for day in history.days()] == [("short", "2026-02-21"), ("observations", "2026-03-02")]


@pytest.mark.parametrize("seed", ["impetus", ""])
def test_chance_repeats_between_runs_and_never_within_one(seed: str) -> None:
    """A token can be expected, and two are never one."""
    one, other = SeededChance(seed), SeededChance(seed)
    drawn = [one.token() for _ in range(50)]
    assert drawn == [other.token() for _ in range(50)]
    assert len(set(drawn)) == 50
    assert {len(token) for token in drawn} == {43}


def test_another_seed_draws_other_tokens() -> None:
    """And as many bytes as asked for."""
    assert SeededChance("a").token() != SeededChance("b").token()
    assert [len(SeededChance().bytes_(count)) for count in (0, 1, 33)] == [0, 1, 33]


def test_quick_passwords_count_what_they_hash() -> None:
    """So that a test can see that an unknown name costs a hash too."""
    passwords = FastPasswords()
    encoded = passwords.hash("old city")
    assert passwords.matches(encoded, "old city")
    assert not passwords.matches(encoded, "new city")
    assert passwords.hashed == 3
