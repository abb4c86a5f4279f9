"""The supervisor's pen: rows and findings reach people, in the end, however the disk behaves."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

import patience
from impetus.core.board import PartState, PartStatus
from impetus.core.errors import NotNow
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, Offset, ToolId
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS, Desk
from impetus.run import board as module
from impetus.run.board import MAX_WAITING, Board, Pens, stopped
from impetus.testing.desk import memory_desk

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMIT_S = 5.0


@dataclass(slots=True)
class Trial:
    """A board on a desk in memory, whose pens break as often as `breaks` says."""

    desk: Desk = field(default_factory=lambda: memory_desk(AT))
    breaks: int = 0
    opened: int = 0

    def pens(self) -> Pens:
        """Open the pens, or fail like a disk that is busy."""
        self.opened += 1
        if self.opened <= self.breaks:
            raise NotNow("the state is busy", retry_after_s=0.01)
        return Pens(store=self.desk.store, bus=self.desk.bus, codec=self.desk.codec, door=self.desk)

    def rows(self) -> dict[str, PartStatus]:
        """Return the board as it stands in the state."""
        with self.desk.store.read() as unit:
            return {row.part: row for row in unit.parts.all()}

    def told(self) -> list[str]:
        """Return the keys of the findings on the bus."""
        messages = self.desk.bus.read(FINDINGS, Offset(0), limit=10_000)
        return [self.desk.codec.decode_finding(message.body)[0].key for message in messages]

    def changes(self) -> list[tuple[str, object]]:
        """Return what screens were told: part and state."""
        with self.desk.store.read() as unit:
            return [(change.subject, change.facts["state"]) for change in unit.outbox.after(0)]


@pytest.fixture
def trial() -> Trial:
    """Give a trial."""
    return Trial()


@pytest.fixture
def board(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """Give the trial's board, not begun yet; its store stays open after it, to be read."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    monkeypatch.setattr(trial.desk.store, "close", lambda: None, raising=False)
    board = Board(trial.pens, trial.desk.clock)
    yield board
    if board._thread.is_alive():
        board.close(limit_s=LIMIT_S)


def _row(part: str = "web", **changed: object) -> PartStatus:
    return replace(PartStatus(part=ToolId(part), state=PartState.RUNNING, pid=7), **changed)  # type: ignore[arg-type]


def _finding(number: int = 0) -> Finding:
    return Finding(
        key=FindingKey(f"platform:web:{number}"),
        tool=ToolId("platform"),
        kind=Kind.PLATFORM,
        subject="part:web",
        headline=Phrase(template="Web ended"),
        why=Phrase(template="exit code 1"),
        began=AT,
        noticed=AT,
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.OBSERVED,
        score=1.0,
    )


def _until(condition: Callable[[], bool], what: str) -> None:
    patience.until(condition, limit_s=LIMIT_S, what=what)


def test_a_row_that_is_shown_is_in_the_state(trial: Trial, board: Board) -> None:
    """Everything the supervisor knew of it."""
    row = _row(rate_per_s=2.5, lag=3, memory_mib=40.5, note="well")
    board.show([row])
    board.start()
    board.close(limit_s=LIMIT_S)
    assert trial.rows() == {"web": row}


def test_only_the_newest_row_of_a_part_is_written(trial: Trial, board: Board) -> None:
    """A slow disk makes the board late, never long."""
    for lag in range(1000):
        board.show([_row(lag=lag), _row("keeper", lag=lag)])
    assert len(board._rows) == 2
    board.start()
    board.close(limit_s=LIMIT_S)
    assert {name: row.lag for name, row in trial.rows().items()} == {"web": 999, "keeper": 999}


def test_nothing_is_opened_before_the_start(trial: Trial, board: Board) -> None:
    """The supervisor starts children first."""
    board.show([_row()])
    board.tell(_finding())
    assert trial.opened == 0


@pytest.mark.parametrize("change", [{"state": PartState.SILENT}, {"restarts": 1}, {"note": "catching up"}])
def test_what_a_person_would_notice_reaches_the_screens(change: dict[str, object], trial: Trial, board: Board) -> None:
    """State, restarts and note are the face of a row."""
    board.start()
    board.show([_row()])
    _until(lambda: len(trial.changes()) == 1, "the first face")
    board.show([_row(**change)])
    board.close(limit_s=LIMIT_S)
    assert [state for _, state in trial.changes()] == ["running", change.get("state", "running")]


@pytest.mark.parametrize("change", [{"rate_per_s": 9.0}, {"lag": 5}, {"memory_mib": 1.0}, {"seen_at": AT}])
def test_a_heartbeat_does_not_wake_the_screens(change: dict[str, object], trial: Trial, board: Board) -> None:
    """Numbers that change each second are stored and not sent."""
    board.start()
    board.show([_row()])
    _until(lambda: len(trial.changes()) == 1, "the first face")
    board.show([_row(**change)])
    board.close(limit_s=LIMIT_S)
    assert trial.rows()["web"] == _row(**change)
    assert trial.changes() == [("web", "running")]


def test_rows_of_parts_that_are_not_planned_any_more_are_stopped(trial: Trial, board: Board) -> None:
    """At the start only; their numbers stay, to be read."""
    with trial.desk.store.write() as unit:
        unit.parts.report(_row("yesterday", restarts=4))
        unit.parts.report(_row("web", restarts=2))
    board.show([_row()])
    board.start()
    board.close(limit_s=LIMIT_S)
    assert trial.rows()["yesterday"] == _row("yesterday", state=PartState.STOPPED, pid=None, restarts=4)
    assert trial.rows()["web"].state is PartState.RUNNING


def test_a_finding_is_published_once_with_evidence_of_its_own(trial: Trial, board: Board) -> None:
    """What the platform says about itself is a finding like any other."""
    board.start()
    board.tell(_finding())
    _until(lambda: bool(trial.told()), "the finding")
    board.tell(_finding(1))
    board.close(limit_s=LIMIT_S)
    assert trial.told() == ["platform:web:0", "platform:web:1"]
    (message, _) = trial.desk.bus.read(FINDINGS, Offset(0))
    assert trial.desk.codec.decode_finding(message.body)[1].summary == _finding().why


def test_pens_that_cannot_be_opened_yet_are_tried_again(trial: Trial, board: Board) -> None:
    """Neither the row nor the finding is lost meanwhile."""
    trial.breaks = 3
    board.show([_row()])
    board.tell(_finding())
    board.start()
    _until(lambda: trial.opened == 4, "the fourth attempt")
    _until(lambda: trial.told() == ["platform:web:0"], "the finding")
    assert trial.rows() == {"web": _row()}


def test_a_row_put_back_does_not_overwrite_a_newer_one(trial: Trial, board: Board) -> None:
    """The write that failed is history; what came meanwhile stands."""
    board.show([_row(lag=2), _row("keeper", lag=2)])
    board._put_back([_row(lag=1), _row("ingest", lag=1)])
    assert {name: row.lag for name, row in board._rows.items()} == {"web": 2, "keeper": 2, "ingest": 1}


def test_findings_wait_within_a_bound_and_the_lost_are_counted(trial: Trial, board: Board) -> None:
    """The oldest go first."""
    for number in range(MAX_WAITING + 7):
        board.tell(_finding(number))
    assert board.lost_findings == 7
    board.start()
    board.close(limit_s=LIMIT_S)
    assert trial.told() == [f"platform:web:{number}" for number in range(7, MAX_WAITING + 7)]


def test_closing_a_board_that_cannot_write_does_not_wait_for_ever(trial: Trial, board: Board) -> None:
    """A stop is a stop, also with a disk that is gone."""
    trial.breaks = 10**9
    board.show([_row()])
    board.start()
    board.close(limit_s=LIMIT_S)
    assert not board._thread.is_alive()
    assert trial.rows() == {}


def test_a_board_takes_rows_from_several_threads(trial: Trial, board: Board) -> None:
    """None is lost between two writes."""
    board.start()
    threads = [
        threading.Thread(target=lambda name=name: [board.show([_row(name, lag=lag)]) for lag in range(50)])
        for name in ("a", "b", "c")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    board.close(limit_s=LIMIT_S)
    assert {name: row.lag for name, row in trial.rows().items()} == {"a": 49, "b": 49, "c": 49}


def test_a_stopped_row_has_no_process_no_rate_and_no_remark() -> None:
    """How often it was restarted and what it lost stays to be read."""
    later = AT + timedelta(minutes=5)
    (row,) = stopped([_row(rate_per_s=8.0, note="well", restarts=3, dropped=2, seen_at=AT)], later)
    assert row == _row(state=PartState.STOPPED, pid=None, restarts=3, dropped=2, seen_at=later)
