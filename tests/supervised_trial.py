"""A supervisor running in a thread over trial roles, with what a person could see of it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import patience
from impetus.core.board import PartState, PartStatus
from impetus.core.finding import Finding
from impetus.core.ids import Offset, ToolId
from impetus.core.manifest import Limits
from impetus.desk.context import FINDINGS
from impetus.ports import Bus
from impetus.run.board import Board, Pens
from impetus.run.parts import Part
from impetus.run.restarts import Pace
from impetus.run.supervisor import Supervisor
from impetus.settings import Settings
from impetus.wiring import open_bus, open_clock, open_codec, open_door, open_state

QUICK = Pace(first_s=0.1, most_s=0.5, retry_s=0.5, ending_s=0.4, report_s=0.1)
LIMIT_S = 25.0


def part(name: str, *, role: str = "", fault: str = "", **limits: float) -> Part:
    """Return a part with a trial role of its own name, or of another."""
    return Part(
        id=ToolId(name),
        role=f"call:trial_roles:{role or name}",
        name=name.capitalize(),
        limits=Limits(memory_mib=int(limits.get("memory_mib", 512)), silence_s=limits.get("silence_s", 15.0)),
        fault=fault,
    )


def is_running(row: PartStatus) -> bool:
    """Say whether a part runs."""
    return row.state is PartState.RUNNING


class Trial:
    """A supervisor with its board, its state and its bus."""

    def __init__(self, home: Path, parts: list[Part], on_row: Callable[[PartStatus], None] | None = None) -> None:
        self.settings, self.clock, self.codec = Settings(home=home), open_clock(), open_codec()
        self.store = open_state(self.settings)
        self.bus: Bus = open_bus(self.settings, self.clock)
        board = Board(self._pens, self.clock)
        self.supervisor = Supervisor(home, parts, board, self.clock, pace=QUICK, on_row=on_row)
        self.thread = threading.Thread(target=self.supervisor.run)

    def _pens(self) -> Pens:
        store, bus = open_state(self.settings), open_bus(self.settings, self.clock)
        door = open_door(self.settings, store, bus, self.clock)
        return Pens(store=store, bus=bus, codec=self.codec, door=door)

    def row(self, name: str) -> PartStatus | None:
        """Return the board's row of a part."""
        with self.store.read() as unit:
            return next((row for row in unit.parts.all() if row.part == name), None)

    def until(self, name: str, condition: Callable[[PartStatus], bool]) -> PartStatus:
        """Wait until the board's row of a part fulfils the condition, and return it."""
        seen: list[PartStatus] = []

        def is_so() -> bool:
            seen[:] = [row for row in [self.row(name)] if row]
            return bool(seen) and condition(seen[0])

        patience.until(is_so, limit_s=LIMIT_S, what=f"the board's row of {name}")
        return seen[0]

    def findings(self) -> list[Finding]:
        """Return what is on the bus."""
        return [self.codec.decode_finding(message.body)[0] for message in self.bus.read(FINDINGS, Offset(0))]

    def until_told(self, words: str) -> Finding:
        """Wait until a finding with these words is on the bus, and return it."""
        patience.until(
            lambda: any(words in each.headline.say() for each in self.findings()), limit_s=LIMIT_S, what=words
        )
        return next(each for each in self.findings() if words in each.headline.say())

    @contextmanager
    def locked_state(self) -> Iterator[None]:
        """Hold the state's file as another program would that does not let go."""
        with closing(sqlite3.connect(self.settings.home / "state.sqlite3", timeout=5)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.rollback()


@contextmanager
def running(home: Path, *parts: Part, on_row: Callable[[PartStatus], None] | None = None) -> Iterator[Trial]:
    """Run a supervisor for a while."""
    trial = Trial(home, list(parts), on_row)
    trial.thread.start()
    try:
        yield trial
    finally:
        trial.supervisor.stop()
        trial.thread.join(LIMIT_S)
        trial.store.close()
        assert not trial.thread.is_alive()
