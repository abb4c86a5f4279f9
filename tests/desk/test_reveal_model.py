"""Five people, two cameras and a clock that jumps: whatever they do in whatever order, nobody sees clearly without right."""

import contextlib
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.media_room import Room
from impetus.core.errors import Conflict, Malformed, NotNow, Refused
from impetus.core.reveal import Reveal, RevealState
from impetus.desk import reveals
from impetus.desk.view_camera import view
from impetus.ethics.reveal import MAX_REVEAL

PEOPLE = st.sampled_from(["kari", "bo", "sol", "ida", "dag"])
APPROVERS = {"sol", "ida", "dag"}
CAMERAS = st.sampled_from(["c14", "c12"])
REFUSALS = (Conflict, Refused, Malformed, NotNow)


class RevealsAtWork(RuleBasedStateMachine):
    """A model that knows who asked, who approved, when it was opened, and the latest moment anybody has seen."""

    @initialize()
    def begin(self) -> None:
        """Let everybody be there, with two cameras that show somebody."""
        self.room = Room()
        self.approvals: dict[int, str] = {}
        self.opened: dict[int, datetime] = {}
        self.latest = self.room.clock.now()

    def _all(self) -> tuple[Reveal, ...]:
        with self.room.desk.store.read() as unit:
            return tuple(unit.reveals.find())

    def _some(self, number: int) -> Reveal:
        found = self._all()
        return found[number % len(found)]

    @rule(name=PEOPLE, camera=CAMERAS, minutes=st.sampled_from([0, 1, 10, 30, 31]))
    def ask(self, name: str, camera: str, minutes: int) -> None:
        """Somebody asks; more than half an hour nobody gets."""
        with contextlib.suppress(*REFUSALS):
            made = self.room.asked(name, f"camera:{camera}", minutes)
            assert 1 <= made.minutes <= 30
            assert name != "dag"

    @precondition(lambda self: self._all())
    @rule(name=PEOPLE, number=st.integers(0, 9))
    def approve(self, name: str, number: int) -> None:
        """Somebody approves."""
        target = self._some(number)
        with contextlib.suppress(*REFUSALS):
            done = reveals.approve(self.room.desk, self.room.who(name), target.id)
            assert name in APPROVERS
            assert name != target.asked_by
            assert target.state is RevealState.ASKED
            self.approvals[done.id] = name

    @precondition(lambda self: self._all())
    @rule(name=PEOPLE, number=st.integers(0, 9))
    def open_(self, name: str, number: int) -> None:
        """Somebody opens."""
        target = self._some(number)
        with contextlib.suppress(*REFUSALS):
            done = reveals.open_(self.room.desk, self.room.who(name), target.id)
            assert name == target.asked_by
            assert self.approvals[done.id] != name
            self.opened[done.id] = self.room.clock.now()

    @precondition(lambda self: self._all())
    @rule(name=PEOPLE, number=st.integers(0, 9), does=st.sampled_from(["close", "decline"]))
    def end(self, name: str, number: int, does: str) -> None:
        """Somebody ends it one way or the other."""
        target, who = self._some(number), self.room.who(name)
        with contextlib.suppress(*REFUSALS):
            if does == "close":
                reveals.close(self.room.desk, who, target.id)
            else:
                reveals.decline(self.room.desk, who, target.id, why="no")
                assert target.state is not RevealState.OPEN

    @rule(seconds=st.sampled_from([1, 59, 300, 600, 1800, -1, -300, -86_400]))
    def tick(self, seconds: int) -> None:
        """Time passes, or the clock is set."""
        self.room.later(seconds=seconds)
        self.latest = max(self.latest, self.room.clock.now())

    @rule()
    def sweep(self) -> None:
        """Let the clockwork come by."""
        reveals.expire_due(self.room.desk)

    @rule(name=PEOPLE, camera=CAMERAS)
    def look(self, name: str, camera: str) -> None:
        """Somebody looks; a clear picture has a right behind it."""
        with contextlib.suppress(*REFUSALS):
            shown = view(self.room.desk, self.room.who(name), camera, self.room.incident)
            if not shown.masked:
                assert shown.reveal is not None
                begun, now = self.opened[shown.reveal.id], self.room.clock.now()
                assert shown.reveal.asked_by == name
                assert self.approvals[shown.reveal.id] != name
                assert begun - timedelta(seconds=2) <= now < begun + timedelta(minutes=shown.reveal.minutes)
                assert name in shown.watermark

    @invariant()
    def what_is_open_was_approved_by_another_and_is_short(self) -> None:
        """Of every stored reveal, at every moment."""
        for each in self._all():
            if each.state is RevealState.OPEN:
                assert each.opened_at is not None
                assert each.approved_by not in (None, each.asked_by)
                assert each.good_until - each.opened_at <= MAX_REVEAL
            assert (each.ended_at is not None) == (each.state not in {"asked", "approved", "open"})


TestRevealsAtWork = RevealsAtWork.TestCase
TestRevealsAtWork.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
