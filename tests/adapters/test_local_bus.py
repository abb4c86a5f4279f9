"""The local bus under what happens to processes and disks."""

import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from full_disk import full_disk
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
from impetus.core.errors import Malformed, NotNow
from impetus.core.ids import Offset
from impetus.ports import Gap
from impetus.testing.clock import SettableClock

MIB = 1024 * 1024
WRITER = """
import sys
from pathlib import Path
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
bus = LocalBus(Path(sys.argv[1]), clock=SystemClock(), limit_bytes=1 << 30, segment_bytes=20_000)
for number in range(int(sys.argv[3])):
    bodies = [f"{sys.argv[2]} {number} {part} ".encode() + b"." * (number * 37 % 900) for part in range(number % 3 + 1)]
    print(number, bus.publish("t", bodies), flush=True)
"""


def open_bus(directory: Path, segment_bytes: int = 20_000, limit_bytes: int = 64 * MIB) -> LocalBus:
    """Open the bus as a process of its own would."""
    return LocalBus(directory, clock=SystemClock(), limit_bytes=limit_bytes, segment_bytes=segment_bytes)


def writer(directory: Path, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that publishes and prints what was acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def everything(bus: LocalBus) -> list[tuple[int, str]]:
    """Read the whole topic."""
    found: list[tuple[int, str]] = []
    while messages := bus.read("t", Offset(found[-1][0] if found else 0), limit=100):
        found += [(message.offset, message.body.decode().rstrip(".")) for message in messages]
    return found


def log_files(directory: Path) -> list[Path]:
    """Return the segments, oldest first."""
    return sorted((directory / "t").glob("*.log"))


def reboot(directory: Path) -> None:
    """Forget the shared tail, as a boot does."""
    (directory / "t" / "tail").unlink()


def test_processes_append_in_turn_without_losing_or_mixing(tmp_path: Path) -> None:
    """Three processes publish at once; every publish is whole, in order, at the offset acknowledged."""
    writers = [writer(tmp_path, name, 120) for name in "abc"]
    acknowledged = {
        name: running.communicate(timeout=60)[0].split("\n")[:-1] for name, running in zip("abc", writers, strict=True)
    }

    found = everything(open_bus(tmp_path))

    assert [offset for offset, _ in found] == list(range(1, 3 * 240 + 1))
    at = dict(found)
    for name, lines in acknowledged.items():
        for number, last in (map(int, line.split()) for line in lines):
            parts = number % 3 + 1
            assert [at[last - parts + 1 + part] for part in range(parts)] == [
                f"{name} {number} {part} " for part in range(parts)
            ]


@pytest.mark.parametrize(
    ("seed", "lives"), [(0, 3), *(pytest.param(seed, 12, marks=pytest.mark.slow) for seed in (1, 2, 3))]
)
def test_killed_writers_lose_nothing_acknowledged(tmp_path: Path, seed: int, lives: int) -> None:
    """Writers killed at random moments: what was acknowledged is there, once, whole, and the next one goes on."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable moment, no secret
    acknowledged: dict[str, int] = {}
    reader = open_bus(tmp_path)
    for life in range(lives):
        with writer(tmp_path, str(life), 100_000) as running:
            assert running.stdout is not None
            for _ in range(rng.randrange(1, 40)):
                number, last = map(int, running.stdout.readline().split())
                acknowledged[f"{life} {number} {number % 3} "] = last
            running.send_signal(signal.SIGKILL)
            for line in running.stdout.readlines():
                if line.endswith("\n"):
                    number, last = map(int, line.split())
                    acknowledged[f"{life} {number} {number % 3} "] = last
        if rng.random() < 0.3:
            reader.close()
            reboot(tmp_path)
            reader = open_bus(tmp_path)

    found = everything(reader)
    assert [offset for offset, _ in found] == list(range(1, len(found) + 1))
    assert len({body for _, body in found}) == len(found)
    assert {body: offset for offset, body in found}.items() >= acknowledged.items()


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("is_rebooted", [True, False], ids=["after a boot", "in the same boot"])
def test_a_torn_end_is_cut_off(tmp_path: Path, kept: float, is_rebooted: bool) -> None:  # noqa: FBT001 - a case
    """What a dying writer half wrote disappears, all before it stays, and its offset is used again."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"a", b"b"])
    size = log_files(tmp_path)[-1].stat().st_size
    bus.publish("t", [b"torn" * 50])
    torn = log_files(tmp_path)[-1].read_bytes()[size:]
    bus.close()
    reboot(tmp_path)
    os.truncate(log_files(tmp_path)[-1], size)
    if not is_rebooted:
        open_bus(tmp_path).status("t")
    with log_files(tmp_path)[-1].open("ab") as file:
        file.write(torn[: int(len(torn) * kept)])

    again = open_bus(tmp_path)

    assert everything(again) == [(1, "a"), (2, "b")]
    assert again.publish("t", [b"c"]) == 3
    assert everything(open_bus(tmp_path)) == [(1, "a"), (2, "b"), (3, "c")]


def test_an_offset_that_was_passed_is_never_used_again(tmp_path: Path) -> None:
    """When the disk lost the end of the log that a consumer had seen, new messages come behind its place, and it sees them."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"a", b"b"])
    size = log_files(tmp_path)[-1].stat().st_size
    bus.publish("t", [b"lost"])
    bus.hold("t", "history", Offset(3))
    bus.close()
    reboot(tmp_path)
    os.truncate(log_files(tmp_path)[-1], size)

    again = open_bus(tmp_path)

    assert again.publish("t", [b"new"]) == 4
    assert [message.body for message in again.read("t", Offset(3))] == [b"new"]
    assert again.gap("t", Offset(2)) == Gap(lost=1, resume=Offset(4))


def test_a_whole_frame_behind_the_tail_is_taken_over(tmp_path: Path) -> None:
    """A writer that died after the disk had it, before anybody was told, leaves a message, not a hole."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"a"])
    bus.publish("t", [b"b"])
    reboot(tmp_path)

    assert everything(open_bus(tmp_path)) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("is_rebooted", [True, False], ids=["after a boot", "in the same boot"])
@pytest.mark.parametrize("place", [3, 20, 45, 90], ids=["mark", "offset", "length", "body"])
def test_damage_costs_only_the_publish_it_hit(tmp_path: Path, place: int, is_rebooted: bool) -> None:  # noqa: FBT001 - a case
    """One flipped byte loses one publish, which is reported as a gap; everything behind it is still read and appended to."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"before"])
    start = log_files(tmp_path)[0].stat().st_size
    bus.publish("t", [b"x" * 100, b"y"])
    bus.publish("t", [b"behind"])
    bus.close()
    content = bytearray(log_files(tmp_path)[0].read_bytes())
    content[start + place] ^= 0x40
    log_files(tmp_path)[0].write_bytes(content)
    if is_rebooted:
        reboot(tmp_path)

    again = open_bus(tmp_path)

    assert [message.offset for message in again.read("t", Offset(0))] == [1]
    assert again.gap("t", Offset(1)) == Gap(lost=2, resume=Offset(4))
    assert [message.body for message in again.read("t", Offset(1))] == [b"behind"]
    assert again.publish("t", [b"more"]) == 5
    assert [offset for offset, _ in everything(again)] == [1, 4, 5]


def test_a_message_cannot_pass_for_a_frame(tmp_path: Path) -> None:
    """A body that holds bytes of the log itself is not taken for messages when the frame around it is torn."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"x"])
    log = log_files(tmp_path)[0].read_bytes()
    other = open_bus(tmp_path / "other")
    other.publish("t", [b"y", log, b"z" * 100])
    torn = log_files(tmp_path / "other")[0]
    other.close()
    os.truncate(torn, torn.stat().st_size - 10)
    reboot(tmp_path / "other")

    assert everything(open_bus(tmp_path / "other")) == []


def test_a_missing_segment_is_a_gap(tmp_path: Path) -> None:
    """A segment somebody removed by hand costs its messages, not the reader."""
    bus = open_bus(tmp_path, segment_bytes=1000)
    for number in range(30):
        bus.publish("t", [b"x" * 200 + str(number).encode()])
    log_files(tmp_path)[2].unlink()
    again = open_bus(tmp_path, segment_bytes=1000)
    offsets = [offset for offset, _ in everything(again)]
    hole = next(offset for offset in range(1, 31) if offset not in offsets)

    gap = again.gap("t", Offset(hole - 1))

    assert gap is not None
    assert (gap.lost, gap.resume) == (30 - len(offsets), hole + 30 - len(offsets))


def test_a_full_disk_is_not_now_and_recovers_by_itself(tmp_path: Path) -> None:
    """A write cut short is taken back whole; when there is room again publishing goes on at the next offset."""
    bus = open_bus(tmp_path)
    bus.publish("t", [b"a" * 1000])
    size = log_files(tmp_path)[0].stat().st_size
    with full_disk(room_bytes=size + 500):
        for _ in range(3):
            with pytest.raises(NotNow):
                bus.publish("t", [b"b" * 1000])
        assert log_files(tmp_path)[0].stat().st_size == size
        assert bus.publish("t", [b"small"]) == 2

    assert bus.publish("t", [b"c" * 1000]) == 3
    assert [message.body[:1] for message in open_bus(tmp_path).read("t", Offset(0))] == [b"a", b"s", b"c"]


def test_a_holder_survives_a_restart(tmp_path: Path) -> None:
    """How far a consumer has passed is on the disk."""
    open_bus(tmp_path).hold("t", "history", Offset(7))

    assert open_bus(tmp_path).held("t", "history") == 7


def test_another_process_sees_a_message_at_once(tmp_path: Path) -> None:
    """A reader that was open before a writer started is woken by it and reads what it wrote."""
    bus = open_bus(tmp_path)
    with writer(tmp_path, "w", 1) as running:
        assert bus.wait("t", Offset(0), timeout_s=30)
        assert everything(bus) == [(1, "w 0 0 ")]
        assert running.wait(30) == 0


def test_a_reader_survives_segments_dropped_under_it(tmp_path: Path) -> None:
    """A reader in the middle of what another process drops goes on at the oldest message left."""
    reader = open_bus(tmp_path, limit_bytes=20_000)
    writing = open_bus(tmp_path, limit_bytes=20_000)
    writing.publish("t", [b"x" * 1000])
    assert reader.read("t", Offset(0))[0].offset == 1
    for _ in range(60):
        writing.publish("t", [b"x" * 1000])

    assert reader.read("t", Offset(1))[0].offset == reader.status("t").first > 30


def test_segments_change_with_size_and_with_the_day(tmp_path: Path) -> None:
    """A topic that says little still gets a new segment each day, so that age can drop the old one, and is asked its last message's age."""
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    bus = LocalBus(tmp_path, clock=clock, limit_bytes=MIB)
    for _ in range(5):
        bus.publish("t", [b"x"])
        clock.advance(86_401)

    assert len(log_files(tmp_path)) == 5
    assert bus.trim("t", older_than=clock.now() - timedelta(days=2, hours=12)) == 3
    assert [offset for offset, _ in everything(bus)] == [4, 5]


def test_the_whole_topic_is_read_from_any_offset(tmp_path: Path) -> None:
    """A fresh reader finds any offset in any segment, by hopping, and reads on from there."""
    bus = open_bus(tmp_path, segment_bytes=5_000)
    for number in range(600):
        bus.publish("t", [b"x" * (number % 90)] * (number % 4 + 1))
    last = bus.status("t").last
    reader = open_bus(tmp_path, segment_bytes=5_000)

    for after in [*range(0, last, 41), 7, 3, last - 1]:
        assert reader.read("t", Offset(after), limit=1)[0].offset == after + 1


def test_the_tail_page_is_small_and_old_ones_are_not_believed(tmp_path: Path) -> None:
    """A page of zeros or noise is no tail: the segments are looked at instead."""
    open_bus(tmp_path).publish("t", [b"a"])
    for content in (b"", bytes(4096), os.urandom(4096)):
        (tmp_path / "t" / "tail").write_bytes(content)
        assert everything(open_bus(tmp_path)) == [(1, "a")]


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", ".hidden", "x" * 64])
def test_names_that_could_leave_the_directory_are_refused(tmp_path: Path, name: str) -> None:
    """Topics and consumers are plain words."""
    bus = open_bus(tmp_path)
    with pytest.raises(Malformed):
        bus.read(name, Offset(0))
    with pytest.raises(Malformed):
        bus.hold("t", name, Offset(0))


def test_a_closed_bus_leaves_no_listener(tmp_path: Path) -> None:
    """Waking files go with the bus, and closing twice is harmless."""
    bus = open_bus(tmp_path)
    bus.wait("t", Offset(0), timeout_s=0.01)
    bus.close()
    bus.close()

    assert list((tmp_path / "t" / "wake").iterdir()) == []
