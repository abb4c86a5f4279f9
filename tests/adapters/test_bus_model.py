"""The local bus against a plain list: whatever is published, held, dropped and reopened, in whatever order.

The model knows every message that was acknowledged. What the bus still holds must be the end of that list without a hole,
and nothing a holder needs may be missing.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from impetus.adapters.local_bus import LocalBus
from impetus.core.errors import NotNow
from impetus.core.ids import Offset
from impetus.ports import Gap
from impetus.testing.clock import SettableClock

AT = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT_BYTES = 8_000
SIZES = st.lists(st.integers(0, 400), min_size=1, max_size=4)
HOLDERS = st.sampled_from(["history", "fusion"])


class ABusInUse(RuleBasedStateMachine):
    """One topic of at most 8 kB, with segments of a few messages, as several lives of one process use it."""

    @initialize()
    def begin(self) -> None:
        """Open an empty bus."""
        self.folder = tempfile.TemporaryDirectory()
        self.directory = Path(self.folder.name)
        self.clock = SettableClock(AT)
        self.published: list[bytes] = []
        self.held: dict[str, int] = {}
        self.gone = 0
        self.bus = self._open()

    def _open(self) -> LocalBus:
        return LocalBus(self.directory, clock=self.clock, limit_bytes=LIMIT_BYTES, segment_bytes=600)

    def teardown(self) -> None:
        """Give everything back."""
        if hasattr(self, "bus"):
            self.bus.close()
            self.folder.cleanup()

    @rule(sizes=SIZES)
    def publish(self, sizes: list[int]) -> None:
        """Publish some messages: all are acknowledged with the offset of the last, or none is there."""
        bodies = [f"{len(self.published) + place} ".encode() + b"." * size for place, size in enumerate(sizes)]
        try:
            last = self.bus.publish("t", bodies)
        except NotNow:
            assert self.held, "only a holder stands in the way"
            return
        self.published += bodies
        assert last == len(self.published)

    @rule(holder=HOLDERS, share=st.floats(0, 1))
    def hold(self, holder: str, share: float) -> None:
        """Let a consumer say how far it has come; never back, as no consumer does, and not to what is gone."""
        offset = max(self.held.get(holder, self.gone), int(share * len(self.published)))
        self.bus.hold("t", holder, Offset(offset))
        self.held[holder] = offset

    @rule(holder=HOLDERS)
    def release(self, holder: str) -> None:
        """Let a consumer be forgotten."""
        self.bus.release("t", holder)
        self.held.pop(holder, None)

    @rule(seconds=st.sampled_from([1, 3_600, 86_401]))
    def time_passes(self, seconds: int) -> None:
        """Let time pass, a day too: a segment covers no more than that."""
        self.clock.advance(seconds)

    @rule()
    def trim(self) -> None:
        """Drop whatever is older than now and needed by nobody; the count is what is gone."""
        before = self.bus.status("t").first
        dropped = self.bus.trim("t", older_than=self.clock.now())
        after = self.bus.status("t")
        assert dropped == ((after.first or len(self.published) + 1) - before if before else 0)

    @rule(is_rebooted=st.booleans())
    def start_anew(self, is_rebooted: bool) -> None:  # noqa: FBT001 - a case
        """Open the bus again, after a boot without the shared tail."""
        self.bus.close()
        if is_rebooted:
            (self.directory / "t" / "tail").unlink(missing_ok=True)
        self.bus = self._open()

    @rule(share=st.floats(0, 1), limit=st.integers(1, 9))
    def read_from_somewhere(self, share: float, limit: int) -> None:
        """Read from anywhere: what comes first is the first message still there."""
        after = int(share * len(self.published))
        found = self.bus.read("t", Offset(after), limit=limit)
        expected = max(after + 1, self.bus.status("t").first)
        for place, message in enumerate(found):
            assert message.offset == expected + place
            assert message.body == self.published[message.offset - 1]
        assert len(found) <= limit
        assert bool(found) == (self.bus.status("t").last > after)

    @invariant()
    def what_is_held_is_the_end_of_what_was_published(self) -> None:
        """Without a hole, within the bound; and a consumer from the beginning is told exactly what it lost."""
        if not hasattr(self, "bus"):
            return
        status = self.bus.status("t")
        found, after = [], Offset(0)
        while messages := self.bus.read("t", after, limit=50):
            found += [message.body for message in messages]
            after = messages[-1].offset
        self.gone = gone = len(self.published) - len(found)
        assert found == self.published[gone:]
        assert status.bytes_ <= LIMIT_BYTES
        assert self.bus.gap("t", Offset(0)) == (Gap(lost=gone, resume=Offset(gone + 1)) if gone else None)
        assert all(gone <= passed for passed in self.held.values()), "a holder lost what it had not passed"


class ABusInUseForLong(ABusInUse):
    """The same for longer."""


ABusInUse.TestCase.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
ABusInUseForLong.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestABusInUse = ABusInUse.TestCase
TestABusInUseForLong = pytest.mark.slow(ABusInUseForLong.TestCase)
