"""The gate before a tool: its code is not loaded until the register clears it, and it stops when the register no longer does.

The tool's own process stands at the gate, in front of the tool, and works everything out for itself: manifest, register
file, assessment, statements and signatures, verified with the officers' public keys. There is no token, file or message
that says "cleared" and could be forged, and nobody else must be up. While it waits it beats, so that the board shows
`blocked` with what is missing and who may supply it; it is no failure and nobody is alarmed. Once a second it looks whether
anything changed, and every few seconds it judges anew, because time alone can end a term or a statement.
"""

import logging

from impetus.core.errors import Refused
from impetus.core.observation import Datastream
from impetus.core.register import EVERYWHERE, EntryState
from impetus.desk.clearance import clearance
from impetus.desk.context import Desk
from impetus.ethics.register import Judgement
from impetus.run.heartbeat import BACK_TO_GATE, Heart

LOOK_EVERY_S = 1.0
JUDGE_EVERY_S = 5.0
"""Seconds a judgement stays good while no file and no row changed: only the clock can have ended something. House rule."""

log = logging.getLogger(__name__)


class NotCleared(Refused):
    """A tool may not run: the register says what is missing or what changed."""

    exit_code = BACK_TO_GATE
    title = "The register does not clear it"


class Gate:
    """What stands before one tool."""

    def __init__(self, desk: Desk, tool: str) -> None:
        """Prepare; nothing is judged before it is asked."""
        self.desk, self.tool = desk, tool
        self._looked_s = self._judged_s = float("-inf")
        self._stamp: tuple[str, int] | None = None
        self._judgement: Judgement | None = None
        self._covers: frozenset[str] = frozenset()
        self.version = 0

    def judgement(self) -> Judgement:
        """Return how the tool stands, at most a second old; `version` rises whenever it is judged otherwise."""
        now_s = self.desk.clock.monotonic_s()
        if self._judgement is not None and now_s - self._looked_s < LOOK_EVERY_S:
            return self._judgement
        self._looked_s, stamp = now_s, self._seen()
        if self._judgement is None or stamp != self._stamp or now_s - self._judged_s >= JUDGE_EVERY_S:
            self._judge(now_s, stamp)
        if self._judgement is None:
            raise NotCleared("nothing was judged", rule="a tool runs only when cleared", value=self.tool)
        return self._judgement

    def require(self) -> None:
        """Raise `NotCleared` unless the tool may run now."""
        judgement = self.judgement()
        if not judgement.is_cleared:
            raise NotCleared(
                f"{self.tool} may not run: {judgement.why()}",
                rule="a tool runs only with a signed entry and assessment that match what is configured",
                value=self.tool,
                source="GDPR, articles 5(2), 24, 30 and 35; AI Act, article 27",
                remedy=judgement.missing[0].how if judgement.missing else "sign it again",
            )

    def wait(self, heart: Heart) -> bool:
        """Stand before the tool until it is cleared; false when told to stop first."""
        said = ""
        while not heart.stopping.is_set():
            judgement = self.judgement()
            if judgement.is_cleared:
                return True
            why = judgement.why()
            if why != said:
                said = why
                log.warning("%s waits at the gate: %s", self.tool, why)
            heart.beat(note=why, blocked=True)
            heart.stopping.wait(LOOK_EVERY_S)
        return False

    def admits(self, datastream: Datastream) -> bool:
        """Say whether its readings may reach the tool: its source is covered, and in an exercise it is simulated."""
        covered = EVERYWHERE in self._covers or datastream.source in self._covers
        is_exercise = self._judgement is not None and self._judgement.state is EntryState.EXERCISE
        return covered and (datastream.simulated or not is_exercise)

    def _seen(self) -> tuple[str, int]:
        """Return what changes when anything the judgement rests on is written."""
        with self.desk.store.read() as unit:
            return self.desk.configuration.stamp(), unit.register.version()

    def _judge(self, now_s: float, stamp: tuple[str, int]) -> None:
        """Judge anew and remember which sources the entry covers."""
        before = (self._judgement.state if self._judgement else None, self._covers)
        self._judgement = clearance(self.desk, self.tool)
        said = self.desk.configuration.read().register.tools.get(self.tool)
        self._covers = frozenset(said.covers) if said else frozenset()
        self._judged_s, self._stamp = now_s, stamp
        self.version += before != (self._judgement.state, self._covers)
