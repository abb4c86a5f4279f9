"""The supervisor's pen: the newest row wins, findings wait for the bus, trouble with the disk is outlived."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import patience
from impetus.core.board import PartState, PartStatus
from impetus.core.errors import NotNow
from impetus.core.finding import Finding, Kind
from impetus.core.ids import FindingKey, Offset, ToolId
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS
from impetus.ports import Bus, Store, Unit
from impetus.run.board import MAX_WAITING, Board, Pens, stopped
from impetus.settings import Settings
from impetus.wiring import open_bus, open_clock, open_codec, open_state

AT = datetime(2026, 3, 2, 14, 7, tzinfo=UTC)
LIMIT_S = 20.0


def _row(part: str, state: PartState = PartState.RUNNING, **more: object) -> PartStatus:
    return PartStatus(part=ToolId(part), state=state, **more)  # type: ignore[arg-type] # each named at the call


def _finding(number: int) -> Finding:
    return Finding(
        key=FindingKey(f"platform:x:{number}"),
        tool=ToolId("platform"),
        kind=Kind.PLATFORM,
        subject="part:x",
        headline=Phrase(template="x keeps failing"),
        why=Phrase(template="number {number}", values={"number": number}),
        began=AT,
        noticed=AT,
    )


class Desk:
    """A real state and bus, opened the way the board opens them, and how often it tried."""

    def __init__(self, home: Path) -> None:
        self.settings, self.clock = Settings(home=home), open_clock()
        self.store, self.bus = open_state(self.settings), open_bus(self.settings, self.clock)
        self.failures: list[Exception] = []
        self.opened = 0
        self.board = Board(self.pens, self.clock)

    def pens(self) -> Pens:
        """Open what the board writes with, or fail as a test asked for."""
        self.opened += 1
        if self.failures:
            raise self.failures.pop()
        return Pens(store=open_state(self.settings), bus=self.bus, codec=open_codec())

    def rows(self) -> dict[str, PartStatus]:
        """Return the board as stored."""
        with self.store.read() as unit:
            return {str(row.part): row for row in unit.parts.all()}

    def keys(self) -> list[str]:
        """Return the keys of the findings on the bus."""
        messages = self.bus.read(FINDINGS, Offset(0), limit=1000)
        return [str(open_codec().decode_finding(message.body)[0].key) for message in messages]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a board over a real home."""
    return Desk(tmp_path)


def test_rows_and_findings_become_visible(desk: Desk) -> None:
    """What the supervisor says is stored and published."""
    desk.board.show([_row("web"), _row("keeper", PartState.STARTING)])
    desk.board.tell(_finding(1))
    desk.board.start()
    desk.board.close(limit_s=LIMIT_S)
    assert {part: row.state for part, row in desk.rows().items()} == {
        "web": PartState.RUNNING,
        "keeper": PartState.STARTING,
    }
    assert desk.keys() == ["platform:x:1"]


def test_only_the_newest_row_of_a_part_is_written(desk: Desk) -> None:
    """A board that is behind does not work off the past."""
    for number in range(50):
        desk.board.show([_row("web", restarts=number)])
    desk.board.start()
    desk.board.close(limit_s=LIMIT_S)
    assert desk.rows()["web"].restarts == 49
    with desk.store.read() as unit:
        assert len([change for change in unit.outbox.after(0) if change.kind == "part"]) == 1


def test_a_disk_that_is_full_for_a_while_costs_nothing(desk: Desk) -> None:
    """It is tried again, with everything that waited; the supervisor never notices."""
    desk.failures = [NotNow("the disk is full", retry_after_s=1.0), OSError("no space left")]
    desk.board.show([_row("web")])
    desk.board.tell(_finding(1))
    desk.board.tell(_finding(2))
    desk.board.start()
    patience.until(lambda: len(desk.keys()) == 2, limit_s=LIMIT_S, what="the findings")
    desk.board.close(limit_s=LIMIT_S)
    assert desk.opened == 3
    assert desk.rows()["web"].state is PartState.RUNNING
    assert desk.keys() == ["platform:x:1", "platform:x:2"]


def test_findings_wait_within_a_bound_and_what_is_pushed_out_is_counted(desk: Desk) -> None:
    """The newest stay; a board that never gets to write does not eat the supervisor's memory."""
    for number in range(MAX_WAITING + 7):
        desk.board.tell(_finding(number))
    desk.board.start()
    desk.board.close(limit_s=LIMIT_S)
    assert desk.board.lost_findings == 7
    assert len(desk.keys()) == MAX_WAITING
    assert desk.keys()[-1] == f"platform:x:{MAX_WAITING + 6}"


def test_closing_does_not_wait_for_a_disk_that_never_comes_back(desk: Desk) -> None:
    """A stop is a stop."""
    desk.failures = [OSError("no space left") for _ in range(100)]
    desk.board.show([_row("web")])
    desk.board.start()
    patience.until(lambda: desk.opened > 0, limit_s=LIMIT_S, what="the first try")
    desk.board.close(limit_s=LIMIT_S)
    assert "board" not in {thread.name for thread in threading.enumerate() if thread.is_alive()}


def test_a_store_that_fails_in_the_middle_is_written_to_again(desk: Desk) -> None:
    """A row is never lost between taking and storing it."""
    store = Flaky(desk.store, failures=2)
    board = Board(lambda: Pens(store=store, bus=desk.bus, codec=open_codec()), desk.clock)
    board.show([_row("web"), _row("ingest")])
    board.start()
    patience.until(lambda: set(desk.rows()) == {"web", "ingest"}, limit_s=LIMIT_S, what="both rows")
    board.close(limit_s=LIMIT_S)
    assert store.failures == 0


def test_a_stopped_installation_reads_as_stopped() -> None:
    """No process, no rate, no remark; restarts stay, because they happened."""
    row = stopped([_row("web", pid=7, rate_per_s=3.0, restarts=2, note="well")], AT)[0]
    assert (row.state, row.pid, row.rate_per_s, row.restarts, row.note, row.seen_at) == (
        PartState.STOPPED,
        None,
        0.0,
        2,
        "",
        AT,
    )


class Flaky:
    """A real store behind a door that is sometimes shut, as a busy disk is."""

    def __init__(self, store: Store, failures: int) -> None:
        self.store, self.failures = store, failures

    def write(self) -> AbstractContextManager[Unit]:
        """Refuse the first few times."""
        if self.failures:
            self.failures -= 1
            raise NotNow("the state is busy", retry_after_s=0.1)
        return self.store.write()

    def read(self) -> AbstractContextManager[Unit]:
        """Read as ever."""
        return self.store.read()

    def wait_for_change(self, after: int, *, timeout_s: float) -> bool:
        """Wait as ever."""
        return self.store.wait_for_change(after, timeout_s=timeout_s)

    def close(self) -> None:
        """Leave the store open; the test looks into it."""


def test_the_bus_is_published_to_all_or_none(desk: Desk) -> None:
    """A bus that refuses keeps every finding waiting, in order, and none is published twice."""
    bus = Shut(desk.bus)
    board = Board(lambda: Pens(store=open_state(desk.settings), bus=bus, codec=open_codec()), desk.clock)
    board.tell(_finding(1))
    board.tell(_finding(2))
    board.start()
    patience.until(lambda: bus.tries > 0, limit_s=LIMIT_S, what="the first try")
    bus.is_shut = False
    board.tell(_finding(3))
    patience.until(lambda: len(desk.keys()) == 3, limit_s=LIMIT_S, what="all three")
    board.close(limit_s=LIMIT_S)
    assert desk.keys() == ["platform:x:1", "platform:x:2", "platform:x:3"]


class Shut:
    """A real bus that is full until somebody opens it; the board asks nothing else of it."""

    def __init__(self, bus: Bus) -> None:
        self.bus, self.is_shut, self.tries = bus, True, 0

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Refuse while shut."""
        self.tries += 1
        if self.is_shut:
            raise NotNow("the bus is full", retry_after_s=0.1)
        return self.bus.publish(topic, bodies)

    def __getattr__(self, name: str) -> object:
        return getattr(self.bus, name)
