"""The keeper: every reading in history once, whatever stops it, and the watches."""

import dataclasses
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impetus.adapters.arrow import encode
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.parquet_history import ParquetHistory
from impetus.core.errors import NotNow
from impetus.core.finding import Finding, Urgency
from impetus.core.ids import DatastreamId, DatastreamKey, Offset, SourceId, ThingKey
from impetus.core.observation import Batch, Datastream, Source, batch_of, to_us
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.run.heartbeat import Heart
from impetus.run.keeper import FLUSH_S, HISTORY, SWEEP_S, WATCH_S, Keeper
from impetus.run.watches import MAX_WAITING
from impetus.settings import Settings
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.history import MemoryHistory

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOREVER = (datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class Beats(Heart):
    """A heart that keeps what it was given to say."""

    def __init__(self) -> None:
        super().__init__()
        self.beats: list[tuple[float, int, int, str]] = []

    def beat(self, rate_per_s: float = 0.0, lag: int = 0, dropped: int = 0, note: str = "") -> None:
        """Keep a beat."""
        self.beats.append((rate_per_s, lag, dropped, note))


@pytest.fixture
def desk() -> Desk:
    """Give a desk with a source of two datastreams, the second of a class of its own, on a clock that stands still."""
    desk = memory_desk(AT)
    source = Source(id=SourceId("square"), name="Square", kind="http", freshness_s=60)
    streams = [
        Datastream(
            id=DatastreamId(0),
            key=DatastreamKey(f"square/{name}/count"),
            source=source.id,
            thing=ThingKey(f"square/{name}"),
            thing_name=name.upper(),
            observed_property="count",
            unit="1",
            retention=retention,
            freshness_s=30,
        )
        for name, retention in (("a", "observations"), ("b", "short"))
    ]
    with desk.store.write() as unit:
        unit.sources.declare(source, streams)
    return desk


@pytest.fixture
def heart() -> Beats:
    """Give a heart that beats into a list."""
    return Beats()


@pytest.fixture
def keeper(desk: Desk, heart: Beats, tmp_path: Path) -> Keeper:
    """Give a keeper at its first start."""
    return Keeper(desk, Settings(home=tmp_path), heart)


def publish(desk: Desk, *rows: tuple[int, float]) -> Offset:
    """Publish readings `(datastream, result)` of now as one message."""
    now_us = to_us(desk.clock.now())
    batch = batch_of([row[0] for row in rows], [now_us] * len(rows), [row[1] for row in rows])
    return desk.bus.publish(OBSERVATIONS, [desk.columns.encode(batch)])


def kept(desk: Desk) -> Batch:
    """Return all of history."""
    return desk.history.read([DatastreamId(number) for number in range(1, 5)], *FOREVER)


def told(desk: Desk) -> list[Finding]:
    """Return the findings published so far."""
    return [desk.codec.decode_finding(message.body)[0] for message in desk.bus.read(FINDINGS, Offset(0))]


def pass_time(desk: Desk, keeper: Keeper, seconds: float) -> None:
    """Let time pass and the keeper take a turn."""
    clock_of(desk).advance(seconds)
    keeper.turn()


def test_readings_become_history_by_class(desk: Desk, keeper: Keeper) -> None:
    """After a flush they are there, each in its class, and the bus may drop what is behind them."""
    publish(desk, (1, 1.0), (2, 2.0))
    publish(desk, (1, 3.0), (4, 4.0))
    keeper.turn()
    assert len(kept(desk)) == 0

    pass_time(desk, keeper, FLUSH_S)

    assert sorted(kept(desk).result.tolist()) == [1.0, 2.0, 3.0, 4.0]
    assert [retention for retention, _, _ in desk.history.days()] == ["observations", "short"]
    assert desk.bus.held(OBSERVATIONS, HISTORY) == desk.history.through() == 2


def test_nothing_is_dropped_before_it_is_history(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """From its first moment on the keeper holds the bus where history ends."""
    Keeper(desk, Settings(home=tmp_path), heart)

    assert desk.bus.held(OBSERVATIONS, HISTORY) == 0


def test_a_keeper_goes_on_where_history_ends(desk: Desk, keeper: Keeper, heart: Beats, tmp_path: Path) -> None:
    """What was taken in but not flushed is read again by the next keeper, the rest is not."""
    publish(desk, (1, 1.0))
    keeper.turn()
    pass_time(desk, keeper, FLUSH_S)
    publish(desk, (1, 2.0))
    keeper.turn()
    assert isinstance(desk.history, MemoryHistory)
    desk.history._waiting.clear()

    again = Keeper(desk, Settings(home=tmp_path), heart)
    again.turn()
    pass_time(desk, again, FLUSH_S)

    assert kept(desk).result.tolist() == [1.0, 2.0]


def test_an_unreadable_message_costs_only_itself(desk: Desk, keeper: Keeper, heart: Beats) -> None:
    """It is counted and shown; the readings around it are kept."""
    publish(desk, (1, 1.0))
    desk.bus.publish(OBSERVATIONS, [b"noise"])
    publish(desk, (1, 2.0))
    keeper.turn()
    pass_time(desk, keeper, FLUSH_S)

    assert kept(desk).result.tolist() == [1.0, 2.0]
    assert heart.beats[-1][2:] == (1, "1 messages unreadable")


def test_what_is_missing_on_the_bus_is_counted(desk: Desk, keeper: Keeper, heart: Beats) -> None:
    """A damaged or dropped part of the bus shows on the board, and the rest is kept."""
    publish(desk, (1, 1.0))
    publish(desk, (1, 2.0))
    desk.bus.release(OBSERVATIONS, HISTORY)
    desk.bus.trim(OBSERVATIONS, older_than=AT + timedelta(seconds=1))
    publish(desk, (1, 3.0))
    keeper.turn()
    pass_time(desk, keeper, FLUSH_S)

    assert kept(desk).result.tolist() == [3.0]
    assert heart.beats[-1][2:] == (2, "2 messages lost")


def test_a_replaced_bus_is_read_from_its_start(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """When somebody removed the bus, what comes on the new one is history, too."""
    desk.history.append(batch_of([1], [to_us(AT)], [1.0]), "observations", through=Offset(500))
    desk.history.flush()
    publish(desk, (1, 2.0))

    keeper = Keeper(desk, Settings(home=tmp_path), heart)
    keeper.turn()
    pass_time(desk, keeper, FLUSH_S)

    assert kept(desk).result.tolist() == [1.0, 2.0]
    assert desk.history.through() == 1


def test_the_beat_says_how_fast_and_how_far_behind(desk: Desk, keeper: Keeper, heart: Beats) -> None:
    """Readings a second since the last beat, and messages still on the bus."""
    publish(desk, *[(1, 0.0)] * 40)
    pass_time(desk, keeper, 2)

    assert heart.beats == [(20.0, 0, 0, "")]


def test_silence_is_told_once_and_so_is_its_end(desk: Desk, keeper: Keeper) -> None:
    """Datastreams promised something every 30 s: the one that spoke is not named, the other is, then speaks again."""
    keeper.turn()
    with desk.store.write() as unit:
        unit.sources.count(SourceId("square"), {}, AT + timedelta(seconds=31))
    clock_of(desk).advance(20)
    publish(desk, (1, 1.0))
    keeper.turn()
    for _ in range(3):
        pass_time(desk, keeper, WATCH_S + 1)
    assert [finding.subject for finding in told(desk)] == ["datastream:square/b/count"]

    publish(desk, (1, 1.0), (2, 1.0))
    keeper.turn()
    pass_time(desk, keeper, WATCH_S)
    assert told(desk)[-1].urgency == Urgency.PAST


def test_a_new_keeper_repeats_no_silence(desk: Desk, keeper: Keeper, heart: Beats, tmp_path: Path) -> None:
    """What was told is remembered over a restart; the source's end of silence is still told."""
    pass_time(desk, keeper, 100)
    assert [finding.subject for finding in told(desk)] == ["source:square"]

    again = Keeper(desk, Settings(home=tmp_path), heart)
    pass_time(desk, again, 100)
    assert len(told(desk)) == 1
    with desk.store.write() as unit:
        unit.sources.count(SourceId("square"), {}, desk.clock.now())
    pass_time(desk, again, WATCH_S)
    assert [finding.urgency for finding in told(desk) if finding.subject == "source:square"] == [
        Urgency.EXPECTED, Urgency.PAST,
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"silent": 3, "disk_low_since": null}'])
def test_a_damaged_memory_of_what_was_told_is_no_harm(desk: Desk, heart: Beats, tmp_path: Path, content: str) -> None:
    """Then a silence is told once more."""
    (tmp_path / "watches.json").write_text(content)
    pass_time(desk, Keeper(desk, Settings(home=tmp_path), heart), 100)

    assert len(told(desk)) == 1


def test_findings_wait_while_the_bus_is_full_and_are_bounded(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """A finding that cannot be published is published later."""
    small = dataclasses.replace(desk, bus=MemoryBus(desk.clock, limit_bytes=8_000))
    keeper = Keeper(small, Settings(home=tmp_path), heart)
    small.bus.hold(FINDINGS, "fusion", Offset(0))
    for _ in range(4):
        small.bus.publish(FINDINGS, [b"x" * 1_999])
    pass_time(small, keeper, 100)
    assert small.bus.status(FINDINGS).last == 4

    small.bus.release(FINDINGS, "fusion")
    pass_time(small, keeper, WATCH_S)

    last = small.bus.read(FINDINGS, Offset(small.bus.status(FINDINGS).last - 1))[0]
    assert small.codec.decode_finding(last.body)[0].subject == "source:square"
    assert MAX_WAITING == 200


def test_a_nearly_full_disk_is_told(desk: Desk, heart: Beats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator hears of it before readings are refused."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(total=10**12, free=10**9))
    Keeper(desk, Settings(home=tmp_path), heart).turn()

    assert [finding.subject for finding in told(desk)] == ["platform:disk"]


def test_retention_runs_from_the_first_turn_and_every_hour(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """What is older than the settings allow goes without anybody asking."""
    old_us = to_us(AT - timedelta(days=3))
    desk.history.append(batch_of([1], [old_us], [1.0]), "observations", through=Offset(0))
    desk.history.flush()
    keeper = Keeper(desk, Settings(home=tmp_path, observations_days=1), heart)
    keeper.turn()
    assert list(desk.history.days()) == []

    desk.history.append(batch_of([1], [old_us], [1.0]), "observations", through=Offset(0))
    desk.history.flush()
    pass_time(desk, keeper, SWEEP_S - 10)
    assert len(desk.history.days()) == 1
    pass_time(desk, keeper, 10)
    assert list(desk.history.days()) == []


class FullHistory(MemoryHistory):
    """A history whose disk is full until told otherwise."""

    is_full = True

    def flush(self) -> Offset:
        """Refuse while full."""
        if self.is_full:
            raise NotNow("no room", retry_after_s=1.0)
        return super().flush()


def test_a_full_disk_shows_and_passes(desk: Desk, heart: Beats, tmp_path: Path) -> None:
    """While history cannot be written the bus keeps everything and the board says why; then it goes on by itself."""
    full = FullHistory()
    keeper = Keeper(dataclasses.replace(desk, history=full), Settings(home=tmp_path), heart)
    publish(desk, (1, 1.0))
    heart.stopping = StoppedClock()
    keeper.turn()
    pass_time(desk, keeper, FLUSH_S)
    assert (desk.bus.held(OBSERVATIONS, HISTORY), heart.beats[-1][3]) == (0, "no room")

    full.is_full = False
    pass_time(desk, keeper, FLUSH_S)
    assert (desk.bus.held(OBSERVATIONS, HISTORY), heart.beats[-1][3]) == (1, "")


class StoppedClock(threading.Event):
    """A stop that never comes, and is not waited for."""

    def wait(self, timeout: float | None = None) -> bool:
        """Return at once."""
        assert timeout is not None
        return False


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a home of real files."""
    yield tmp_path / "home"
    shutil.rmtree(tmp_path / "home", ignore_errors=True)


@pytest.mark.slow
def test_a_killed_keeper_process_loses_and_doubles_nothing(home: Path) -> None:
    """The real process, killed after a flush with more taken in: the next one goes on, and each reading is kept once."""
    home.mkdir()
    bus = LocalBus(home / "bus", clock=SystemClock(), limit_bytes=1 << 30)
    history, sent = ParquetHistory(home / "history"), 0
    now_us = to_us(SystemClock().now())
    command = [sys.executable, "-m", "impetus.run.child", "keeper", "--home", str(home)]
    for _ in range(2):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as keeper:
            until = sent + 50
            while history.through() < until and keeper.poll() is None:
                sent += 1
                bus.publish(OBSERVATIONS, [encode(batch_of([1] * 5, [now_us + sent] * 5, [float(sent)] * 5))])
                threading.Event().wait(0.01)
            keeper.send_signal(signal.SIGKILL)

    through = history.through()
    found = history.read([DatastreamId(1)], *FOREVER).result.tolist()
    assert sent >= through > 50
    assert found == [float(number) for number in range(1, through + 1) for _ in range(5)]


def test_a_stopped_keeper_makes_history_of_what_it_has(desk: Desk, keeper: Keeper, heart: Beats) -> None:
    """At the end of its run nothing waits."""
    publish(desk, (1, 1.0))
    keeper.turn()
    heart.stopping.set()
    keeper.run()

    assert kept(desk).result.tolist() == [1.0]
