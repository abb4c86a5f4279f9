"""The host of fusion: findings from the bus in, alerts out.

Where it stands is the cursor in the state, moved in the same unit as the alerts; the bus is told afterwards what may go.
So a host that is killed anywhere starts again where the last unit ended, and nothing is lost or shown twice. It also brings
shelved alerts back, being the part that is awake each second anyway.
"""

import logging
from dataclasses import dataclass
from typing import cast

from impetus.core.errors import Misconfigured, NotNow
from impetus.core.ids import Offset
from impetus.core.manifest import Senses
from impetus.core.observation import Catalogue
from impetus.core.tool import JoiningTool
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.join_findings import CONSUMER
from impetus.desk.raise_alert import Outcome, raise_alerts, rewind
from impetus.desk.triage import wake_due
from impetus.run.gate import Gate
from impetus.run.heartbeat import Heart
from impetus.run.tools import InstalledTool, find_tool
from impetus.settings import Settings
from impetus.wiring import open_desk

READ_MESSAGES = 64
"""Messages read at once; a unit ends by itself before it keeps people waiting."""
WAIT_S = 1.0
BEAT_S = 1.0

log = logging.getLogger(__name__)


def run(settings: Settings, heart: Heart, tool: str = CONSUMER) -> None:
    """Host fusion until told to stop."""
    desk = open_desk(settings)
    try:
        if Gate(desk, tool).wait(heart):
            Host(desk, joiner_of(find_tool(tool), settings), heart).run()
    finally:
        desk.close()


def joiner_of(installed: InstalledTool, settings: Settings) -> JoiningTool:
    """Build the joining tool with its settings; `Misconfigured` when it does not sense findings."""
    if installed.manifest is None or installed.manifest.senses is not Senses.FINDINGS:
        raise Misconfigured(
            f"tool {installed.id} does not sense findings",
            value=installed.id,
            limit=Senses.FINDINGS,
            remedy="host it with the role of a sensing tool",
        )
    made = installed.factory().create(settings.tool_settings.get(installed.id, {}), Catalogue())
    return cast("JoiningTool", made)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the host counts: findings taken in since the last beat, and in all those lost or malformed."""

    taken: int = 0
    lost: int = 0
    malformed: int = 0
    silenced: int = 0
    past: int = 0
    remark: str = ""

    def note(self) -> str:
        """Say what went wrong, empty when nothing did."""
        named = {
            "findings lost": self.lost,
            "findings malformed": self.malformed,
            "findings from before a stop": self.silenced,
            "findings about what was long over": self.past,
        }
        said = [f"{count} {name}" for name, count in named.items() if count]
        return "; ".join([*said, *([self.remark] if self.remark else [])])


class Host:
    """Fusion, its place in the bus, and its heart."""

    def __init__(self, desk: Desk, joiner: JoiningTool, heart: Heart, *, batch: int = READ_MESSAGES) -> None:
        self.desk = desk
        self.gate = Gate(desk, CONSUMER)
        self.gate.require()
        self.joiner = joiner
        self.heart = heart
        self.batch = batch
        self.tally = Tally()
        self.offset = self._stored()
        self._beaten_s = desk.clock.monotonic_s()
        self._woken_s = self._beaten_s - WAIT_S
        desk.bus.hold(FINDINGS, CONSUMER, self.offset)

    def run(self) -> None:
        """Take turns until told to stop."""
        while not self.heart.stopping.is_set():
            more = self.turn()
            if not more and not self.heart.stopping.is_set():
                self.desk.bus.wait(FINDINGS, self.offset, timeout_s=WAIT_S)

    def turn(self) -> bool:
        """Take in one batch of what is on the bus, wake what is due, beat, and say whether there is more.

        A state that cannot be written now (a full disk) is remarked on the board; the batch comes again.
        """
        more = False
        self.gate.require()
        try:
            self._skip_gap()
            more = self._take()
            self._wake()
            self.tally.remark = ""
        except NotNow as error:
            self.tally.remark = error.detail
            self.heart.stopping.wait(min(error.retry_after_s, WAIT_S))
        now_s = self.desk.clock.monotonic_s()
        if now_s - self._beaten_s >= BEAT_S:
            self.beat(now_s)
        return more

    def beat(self, now_s: float) -> None:
        """Say that fusion is alive, how fast and how far behind."""
        behind = max(0, self.desk.bus.status(FINDINGS).last - self.offset)
        rate_per_s = self.tally.taken / max(now_s - self._beaten_s, 1e-3)
        dropped = self.tally.lost + self.tally.malformed
        self.heart.beat(rate_per_s=rate_per_s, lag=behind, dropped=dropped, note=self.tally.note())
        self._beaten_s, self.tally.taken = now_s, 0

    def _take(self) -> bool:
        """Turn one batch into alerts, then let the bus drop it."""
        messages = self.desk.bus.read(FINDINGS, self.offset, limit=self.batch)
        if not messages:
            return False
        self._count(raise_alerts(self.desk, self.joiner, messages))
        self.desk.bus.hold(FINDINGS, CONSUMER, self.offset)
        return self.offset < messages[-1].offset or len(messages) == self.batch

    def _count(self, outcome: Outcome) -> None:
        """Note what became of a batch."""
        self.offset = outcome.cursor
        self.tally.taken += outcome.raised + outcome.repeated
        self.tally.malformed += outcome.malformed
        self.tally.silenced += outcome.silenced
        self.tally.past += outcome.past
        if outcome.malformed:
            log.warning("%d messages of the topic findings cannot be read; see the quarantine", outcome.malformed)

    def _wake(self) -> None:
        """Bring back shelved alerts, about once a second."""
        now_s = self.desk.clock.monotonic_s()
        if now_s - self._woken_s >= WAIT_S:
            self._woken_s = now_s
            wake_due(self.desk)

    def _skip_gap(self) -> None:
        """Count what was dropped before fusion first held the topic, and go on behind it."""
        gap = self.desk.bus.gap(FINDINGS, self.offset)
        if gap is not None:
            self.tally.lost += gap.lost
            self.offset = Offset(self.offset + gap.lost)

    def _stored(self) -> Offset:
        """Return the cursor of the state; one that is ahead of the bus belongs to a bus that is gone."""
        with self.desk.store.read() as unit:
            cursor = unit.cursors.get(CONSUMER, FINDINGS)
        last = self.desk.bus.status(FINDINGS).last
        if cursor <= last:
            return cursor
        self.tally.remark = f"the bus was replaced: cursor {cursor}, newest message {last}; reading it from its start"
        log.warning("%s", self.tally.remark)
        rewind(self.desk, Offset(0))
        return Offset(0)
