"""Random calls of the gates by anybody, at any time, and a judge who believes nothing the gates say.

The judge keeps a book of its own: who said yes to exactly which words, when, and what voided it. When an effect reaches the
effector, the judge asks its book, not the store, whether it may be.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from desk.gate_samples import LIVE_KINDS, PARAMETERS
from desk.samples import fuse, person, seen
from impetus.core.action import Action, ActionEvent, ActionKind, ActionState
from impetus.core.actor import Actor, Role, console, platform
from impetus.core.authorised import Authorised
from impetus.core.errors import ImpetusError
from impetus.core.ids import ActionId, AlertId, IncidentId
from impetus.desk import gates, incidents
from impetus.desk.action_step import Deed, move_action
from impetus.desk.context import Desk
from impetus.desk.perform import perform, perform_due
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.effectors import RecordingEffector

NEEDED = {ActionKind.CITY_SYSTEM: 1, ActionKind.PUBLIC_WARNING: 2}
MAY_DECIDE = {"sol": Role.SUPERVISOR, "siv": Role.SUPERVISOR, "eva": Role.EXECUTIVE}
OTHERS = {"ada": Role.OPERATOR, "dag": Role.DPO, "ida": Role.IT_SECURITY, "per": Role.PLANNER}
START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Book:
    """What the judge knows of one proposal: its end, and who said yes when to the words as they are."""

    kind: ActionKind
    begins: datetime
    ends: datetime
    words: str
    yes: dict[str, datetime] = field(default_factory=dict)
    is_over: bool = False
    effects: int = 0


class Killed(Exception):
    """The process ended here."""


class Judge:
    """One house, its people, its effector, and the book."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a test that fails must fail again the same way
        self.effector = RecordingEffector(is_repeatable=self.rng.random() < 0.3, before=self._judge)
        self.desk: Desk = replace(memory_desk(START), effectors=dict.fromkeys(LIVE_KINDS, self.effector))
        self.people: dict[str, Actor] = {
            name: person(self.desk, name, role) for name, role in {**MAY_DECIDE, **OTHERS}.items()
        }
        self.disabled: set[str] = set()
        self.books: dict[int, Book] = {}
        self.calls = self.effects = self.refusals = 0
        self.wrong: list[str] = []
        fuse(self.desk, seen("a"))
        incidents.open_incident(self.desk, self.people["ada"], "Crowd", [AlertId(1)])

    @property
    def now(self) -> datetime:
        """Return the time of the house."""
        return self.desk.clock.now()

    def _judge(self, authorised: Authorised[Action]) -> None:
        """Ask the book about what has reached the world."""
        book, now = self.books[authorised.what.id], self.now
        counted = {name for name, at in book.yes.items() if at <= now and name not in self.disabled}
        complaints = {
            "too few people": len(counted) < NEEDED[book.kind],
            "not what was agreed to": authorised.what.parameters["text"] != book.words,
            "too late": now >= book.ends,
            "too early": now < book.begins,
            "over": book.is_over,
            "again": book.effects > 0 and not self.effector.is_repeatable,
            "not these people": {self.people[name].account for name in counted} < set(authorised.persons),
        }
        self.wrong += [f"{why}: {authorised.what.id}" for why, is_so in complaints.items() if is_so]
        if self.rng.random() < 0.1:
            raise Killed
        book.effects += 1
        self.effects += 1
        if self.rng.random() < 0.05:
            raise Killed

    def begin(self) -> None:
        """Let somebody who may propose something that lasts."""
        self.calls += 1
        self._propose(self.people[self.rng.choice(["ada", "sol", "ida"])], minutes=self.rng.choice([1, 5, 30, 119]))

    def call(self) -> None:
        """Do one thing that somebody could do, allowed or not."""
        self.calls += 1
        act = self.rng.choices(
            (
                self._yes,
                self._sweep,
                self._time,
                self._propose,
                self._perform,
                self._no,
                self._lack,
                self._change,
                self._withdraw,
                self._forge,
                self._disable,
                self._by_force,
            ),
            weights=(40, 8, 8, 4, 6, 1, 2, 3, 1, 2, 2, 2),
        )[0]
        try:
            act()
        except (ImpetusError, Killed):
            self.refusals += 1

    def _anybody(self) -> Actor:
        """Return a person, often one who decides; now and then a console, the platform or a token."""
        if self.rng.random() < 0.08:
            token = Actor(name="t", role=Role.SERVICE, operations=frozenset({"actions.approve", "actions.propose"}))
            return self.rng.choice([console(), platform("gates"), token, replace(self.people["sol"], account=None)])
        names = list(MAY_DECIDE) if self.rng.random() < 0.7 else list(self.people)
        return self.people[self.rng.choice(names)]

    def _number(self) -> ActionId:
        """Return the number of a proposal, mostly a recent one, sometimes one that is not there."""
        last = max(self.books, default=0)
        back = 0 if self.rng.random() < 0.8 else self.rng.randint(-1, 5)
        return ActionId(max(1, last - back))

    def _stored(self, number: ActionId) -> Action:
        with self.desk.store.read() as unit:
            return unit.actions.get(number)

    def _shown(self, number: ActionId) -> str:
        """Return the hash of what somebody was shown: mostly what stands there now."""
        return "0" * 64 if self.rng.random() < 0.05 else self._stored(number).content_hash()

    def _propose(self, actor: Actor | None = None, *, minutes: int | None = None) -> None:
        kind, text = self.rng.choice(LIVE_KINDS), f"words {self.rng.randrange(10**6)}"
        lasts = timedelta(minutes=minutes or self.rng.choice([-1, 1, 5, 30, 119, 300]))
        action = gates.propose(
            self.desk,
            actor or self._anybody(),
            gates.Proposal(
                kind=kind,
                target="sign:W2",
                why="w",
                lasts=lasts,
                incident=IncidentId(1),
                parameters={**PARAMETERS[kind], "text": text},
            ),
        )
        self.books[action.id] = Book(kind=kind, begins=action.at, ends=action.at + lasts, words=text)

    def _yes(self) -> None:
        actor, number = self._anybody(), self._number()
        before = self._stored(number)
        shown = "0" * 64 if self.rng.random() < 0.05 else before.content_hash()
        said = dict(self.books[number].yes)
        if shown == before.content_hash() and actor.account is not None and actor.name in MAY_DECIDE:
            self.books[number].yes.setdefault(actor.name, self.now)
        try:
            gates.approve(self.desk, actor, number, content_hash=shown)
        except (ImpetusError, Killed):
            if self._stored(number).version == before.version:
                self.books[number].yes = said
            raise

    def _no(self) -> None:
        number = self._number()
        gates.decline(self.desk, self._anybody(), number, content_hash=self._shown(number), why="no")
        self.books[number].is_over = True

    def _lack(self) -> None:
        number = self._number()
        gates.lack(self.desk, self._anybody(), number, content_hash=self._shown(number), missing="what?")
        self.books[number].yes.clear()

    def _change(self) -> None:
        number, text = self._number(), f"words {self.rng.randrange(10**6)}"
        parameters = {**dict(self._stored(number).parameters), "text": text}
        gates.change(self.desk, self._anybody(), number, parameters=parameters, why="better")
        self.books[number].words = text
        self.books[number].yes.clear()

    def _withdraw(self) -> None:
        number = self._number()
        gates.withdraw(self.desk, self._anybody(), number)
        self.books[number].is_over = True

    def _perform(self) -> None:
        perform(self.desk, self._anybody(), self._number())

    def _sweep(self) -> None:
        gates.expire_due(self.desk)
        perform_due(self.desk)

    def _time(self) -> None:
        """Let time pass; now and then the clock jumps, either way."""
        step_s = self.rng.choice([1, 20, 90, 400, 3_000, 20_000, -30, -600])
        clock_of(self.desk).advance(step_s)

    def _forge(self) -> None:
        """Change the words of a proposal behind the gates' back, as a faulty program would."""
        number = self._number()
        with self.desk.store.write() as unit:
            action = unit.actions.get(number)
            forged = replace(action, parameters={**dict(action.parameters), "text": f"forged {self.rng.random()}"})
            unit.actions.replace(forged)
        self.books[number].words = self._stored(number).parameters["text"]
        self.books[number].yes.clear()

    def _by_force(self) -> None:
        """Set the state to authorised without a decision behind it, as a faulty program would."""
        number = self._number()
        with self.desk.store.write() as unit:
            deed = Deed(actor=platform("fault"), event=ActionEvent.AUTHORISE, at=self.now)
            moved = move_action(self.desk, unit, unit.actions.get(number), deed)
            assert moved.state is ActionState.AUTHORISED

    def _disable(self) -> None:
        """Let somebody leave the house, rarely, and come back: an account is disabled or enabled."""
        if self.rng.random() < 0.9:
            return
        name = self.rng.choice(list(MAY_DECIDE))
        with self.desk.store.write() as unit:
            account = unit.accounts.by_name(name)
            assert account is not None
            unit.accounts.replace(replace(account, disabled_at=None if name in self.disabled else self.now))
        self.disabled ^= {name}


def sequences(count: int, *, length: int, first: int = 0) -> tuple[int, int, list[str]]:
    """Play sequences of calls; return how many calls, how many effects, and everything the judge found wrong.

    One house plays many sequences in a row, a new one every hundred: what one leaves behind, the next one stumbles over.
    """
    calls = effects = 0
    wrong: list[str] = []
    judge = Judge(first)
    for number in range(count):
        if number and number % 100 == 0:
            judge.desk.store.close()
            judge = Judge(first + number)
        before = judge.effects
        judge.begin()
        for _ in range(length - 1):
            judge.call()
        calls, effects = calls + length, effects + judge.effects - before
        wrong += judge.wrong
        judge.wrong.clear()
    return calls, effects, wrong
