"""Writes what the supervisor knows to where people see it: rows of the board, and findings about the platform itself.

A thread of its own, because state and bus are files on a disk that may be slow or full, and a supervisor that waits for a
disk cannot restart anything. It keeps only the newest row of each part; findings wait, bounded, until they are durable.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import platform
from impetus.core.board import PartState, PartStatus
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import ToolId
from impetus.desk.context import FINDINGS, Desk, Door
from impetus.desk.permit import permit
from impetus.ports import Bus, Clock, Codec, Store

MAX_WAITING = 200
"""Findings kept while the bus cannot take them; the oldest go first and are counted. House rule."""
RETRY_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pens:
    """What the board is written with: rows into the state, findings in their envelope onto the bus, and who may."""

    store: Store
    bus: Bus
    codec: Codec
    door: Desk | Door


class Board:
    """The supervisor's pen. `open_pens` runs in the thread, so that a slow import delays nobody's start."""

    def __init__(self, open_pens: Callable[[], Pens], clock: Clock) -> None:
        """Prepare; nothing is opened before `start`."""
        self._open_pens, self._clock = open_pens, clock
        self._changed = threading.Condition()
        self._rows: dict[ToolId, PartStatus] = {}
        self._shown: dict[ToolId, tuple[PartState, int, str]] = {}
        self._findings: deque[Finding] = deque(maxlen=MAX_WAITING)
        self._is_closing = False
        self._thread = threading.Thread(target=self._work, name="board", daemon=True)
        self.lost_findings = 0

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def show(self, rows: Iterable[PartStatus]) -> None:
        """Take the newest rows; an older one still unwritten is forgotten."""
        with self._changed:
            self._rows.update({row.part: row for row in rows})
            self._changed.notify()

    def tell(self, finding: Finding) -> None:
        """Take a finding to publish."""
        with self._changed:
            self.lost_findings += len(self._findings) == MAX_WAITING
            self._findings.append(finding)
            self._changed.notify()

    def close(self, *, limit_s: float) -> None:
        """Write what is left, for at most so many seconds."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(limit_s)

    def _work(self) -> None:
        """Write until closed; trouble with the disk is logged and tried again, since nobody else can."""
        pens: Pens | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rows or self._findings or self._is_closing)
                rows, findings, is_closing = list(self._rows.values()), list(self._findings), self._is_closing
                self._rows.clear()
            try:
                pens = pens or self._begin({row.part for row in rows})
                self._write(pens, rows, findings)
            except Exception:
                log.exception("the board could not be written; trying again")
                self._put_back(rows)
                if is_closing:
                    return
                threading.Event().wait(RETRY_S)
            else:
                if is_closing and not self._rows:
                    pens.door.tally.write_all(pens.door.journal, self._clock.now())
                    pens.store.close()
                    return

    def _begin(self, planned: set[ToolId]) -> Pens:
        """Open the pens and mark rows of parts that are not in the plan any more as stopped."""
        pens = self._open_pens()
        permit(pens.door, platform("supervisor"), "parts.report", on="parts")
        with pens.store.write() as unit:
            for row in unit.parts.all():
                if row.part not in planned:
                    unit.parts.report(replace(row, state=PartState.STOPPED, pid=None))
        return pens

    def _write(self, pens: Pens, rows: list[PartStatus], findings: list[Finding]) -> None:
        """Make rows and findings durable, and tell screens about rows that read differently."""
        if rows:
            with pens.store.write() as unit:
                for row in rows:
                    unit.parts.report(row)
                    if self._shown.get(row.part) != _face(row):
                        unit.outbox.add(self._clock.now(), "part", row.part, {"state": row.state, "note": row.note})
            self._shown.update({row.part: _face(row) for row in rows})
        if findings:
            pens.bus.publish(FINDINGS, [_message(pens.codec, finding) for finding in findings])
            with self._changed:
                waiting = [finding for finding in self._findings if finding not in findings]
                self._findings.clear()
                self._findings.extend(waiting)

    def _put_back(self, rows: list[PartStatus]) -> None:
        with self._changed:
            self._rows = {row.part: row for row in rows} | self._rows


def _message(codec: Codec, finding: Finding) -> bytes:
    return codec.encode_finding(finding, Evidence(finding=finding.key, summary=finding.why))


def _face(row: PartStatus) -> tuple[PartState, int, str]:
    """Return what a person would notice of a row."""
    return row.state, row.restarts, row.note


def stopped(rows: Iterable[PartStatus], at: datetime) -> list[PartStatus]:
    """Return the rows as they read when the installation has been stopped."""
    return [replace(row, state=PartState.STOPPED, pid=None, rate_per_s=0.0, seen_at=at, note="") for row in rows]
