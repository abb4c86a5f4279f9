"""Any order of writing, settling and erasing: files and memory say the same of the past."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from impetus.adapters.standing_files import StandingFiles
from impetus.core.ids import ToolId
from impetus.core.observation import to_us
from impetus.core.standing import PAST_TYPES, StandingPast, past_of, unknown_standing
from impetus.testing.standing import MemoryStandings

START = datetime(2026, 6, 1, 22, tzinfo=UTC)
TOOLS = (ToolId("one"), ToolId("other"))
QUARTER = timedelta(minutes=15)
LONG = timedelta(days=40)


def moment(at: datetime, ids: list[int], value: float) -> StandingPast:
    """Return these datastreams at a moment, measuring this."""
    fresh = unknown_standing(np.array(sorted(ids), dtype=np.int64), at_us=0)
    return past_of(replace(fresh, measured=np.full(len(ids), value)), to_us(at))


class Model(RuleBasedStateMachine):
    """Two implementations, one clock that only goes forward, as a host's does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.files, self.memory = StandingFiles(Path(self.folder.name)), MemoryStandings()
        self.at = START
        self.settled_to = START

    @rule(
        tool=st.sampled_from(TOOLS),
        steps=st.integers(1, 20),
        ids=st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True),
        value=st.floats(-1e3, 1e3, width=32),
    )
    def write(self, tool: ToolId, steps: int, ids: list[int], value: float) -> None:
        """Let some quarters of an hour pass and write a moment down; twice at once counts once."""
        self.at += steps * QUARTER
        for _ in range(2):
            self.files.append(tool, moment(self.at, ids, value))
        self.memory.append(tool, moment(self.at, ids, value))

    @rule()
    def settle(self) -> None:
        """Make files of the days that are over: nothing is lost or gained by it."""
        self.files.settle(self.at)

    @rule(days=st.integers(0, 3))
    def sweep(self, days: int) -> None:
        """Erase what ended some days ago, alike."""
        before = self.at - timedelta(days=days)
        self.files.sweep(before)
        self.memory.sweep(before)

    @invariant()
    def they_say_the_same(self) -> None:
        """Of all datastreams and of some, over all time and over a part of it."""
        for tool in TOOLS:
            for wanted in (None, np.array([2, 5])):
                for since in (START - LONG, self.at - timedelta(hours=7)):
                    ours, theirs = (
                        each.between(tool, wanted, since, self.at + QUARTER) for each in (self.files, self.memory)
                    )
                    for name in PAST_TYPES:
                        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)

    def teardown(self) -> None:
        """Leave nothing on the disk."""
        self.folder.cleanup()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
