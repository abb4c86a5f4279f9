"""The other processes of the runs' tests: `run_program.py HOME SEED ROUNDS`; each act is killed once, then tried again.

A child of this program does one act of the drill and is killed on the way: before its unit, in it, or after the commit.
Another child then does the same act from the same page, and lives. At the end this says what is stored, as JSON.
"""

import contextlib
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from desk.gate_program import Sign, die, shown_of
from desk.run_samples import ONE, ROLES, add_drill
from desk.samples import AT, fuse, person, seen
from impetus.adapters.sql.store import open_store
from impetus.core.action import ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError
from impetus.core.ids import AlertId
from impetus.desk import gates, incidents, runs
from impetus.desk.context import Desk
from impetus.desk.perform import PATIENCE, perform_due
from impetus.desk.run_reading import run_view
from impetus.desk.sign_in import actor_of
from impetus.testing.desk import clock_of, memory_desk

POINTS = ("before", "inside", "after")
MOST_UNITS = 3
"""Most units one act opens: a yes authorises, begins and ends."""
Act = Callable[[Desk, dict[str, Actor], int | None], object]


def step(name: str, number: str, answer: str = "", evidence: str = "") -> Act:
    """Return the act of doing a step from a page that showed this version."""
    return lambda desk, people, version: runs.finish_step(
        desk, people[name], ONE, number, answer=answer, evidence=evidence, version=version
    )


def agree(desk: Desk, people: dict[str, Actor], version: int | None) -> None:
    """Say yes to what step 6 proposed, unless somebody's yes is on its way already."""
    del version
    with desk.store.read() as unit:
        (asked,) = unit.actions.find()
    if asked.state is ActionState.PROPOSED:
        gates.approve(desk, people["siv"], asked.id, content_hash=asked.content_hash())
    else:
        clock_of(desk).advance(PATIENCE.total_seconds() + 1)
        perform_due(desk)


def late(desk: Desk, people: dict[str, Actor], version: int | None) -> None:
    """Let the keeper look two minutes on: step 7 has no limit, so nothing is late, whoever dies looking."""
    del people, version
    runs.run_late_steps(desk)


def close(desk: Desk, people: dict[str, Actor], version: int | None) -> None:
    """Close the incident, if it is not closed yet."""
    del version
    with contextlib.suppress(ImpetusError):
        incidents.close(desk, people["siv"], ONE, outcome="over")


ACTS: tuple[Act, ...] = (
    step("ada", "1", "smoke", "seen"),
    step("ada", "2"),
    step("sol", "3"),
    step("ada", "4"),
    step("ole", "5"),
    step("sol", "6"),
    agree,
    late,
    step("ada", "7"),
    step("ada", "8"),
    close,
)


class DyingStore:
    """A store that is killed at one of its writing units."""

    def __init__(self, store: Any, nth: int, point: str) -> None:
        self._store, self._left, self._point = store, nth, point

    def __getattr__(self, name: str) -> Any:
        """Be the store in everything else."""
        return getattr(self._store, name)

    @contextlib.contextmanager
    def write(self) -> Iterator[Any]:
        """Open a unit; die before it, before its commit, or behind it."""
        self._left -= 1
        if self._left == 0 and self._point == "before":
            die()
        with self._store.write() as unit:
            yield unit
            if self._left == 0 and self._point == "inside":
                die()
        if self._left == 0 and self._point == "after":
            die()


def in_a_child(act: Callable[[], object]) -> int:
    """Do something in a process of its own and return how that ended."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def main(home: Path, seed: int) -> dict[str, Any]:
    """Play the drill once with every act killed, and return what is stored."""
    chance = random.Random(seed)  # noqa: S311 - where a process dies is no secret, and must be repeatable
    bare = replace(memory_desk(AT), effectors={ActionKind.CITY_SYSTEM: Sign(home, repeatable=True)})
    people = _prepare(home, bare)
    killed = 0
    for place, act in enumerate(ACTS):
        clock_of(bare).set(AT + timedelta(seconds=2 * place))
        version = _read(home, bare, people)
        nth, point = chance.randint(1, MOST_UNITS if act is agree else 1), chance.choice(POINTS)
        killed += in_a_child(_one(home, bare, people, act, version, nth=nth, point=point)) == 9
        in_a_child(_one(home, bare, people, act, version))
        if act is agree:  # what was begun when the process died is looked after by the keeper
            in_a_child(_one(home, bare, people, act, version))
    return {"killed": killed, **_stored(home, bare)}


def _prepare(home: Path, bare: Desk) -> dict[str, Actor]:
    desk = replace(bare, store=open_store(home))
    for name, role in ROLES.items():
        person(desk, name, role)
    with desk.store.read() as unit:
        people = {account.name: actor_of(account) for account in unit.accounts.all()}
    add_drill(desk, people["sol"])
    fuse(desk, seen("a"))
    incidents.open_incident(desk, people["ada"], "Smoke", [AlertId(1)], type_="drill")
    desk.store.close()
    return people


def _read(home: Path, bare: Desk, people: dict[str, Actor]) -> int:
    desk = replace(bare, store=open_store(home))
    view = run_view(desk, people["ada"], ONE)
    desk.store.close()
    return view.version if view else 0


def _one(  # noqa: PLR0913 - what one child is told
    home: Path, bare: Desk, people: dict[str, Actor], act: Act, version: int, *, nth: int = 0, point: str = ""
) -> Callable[[], object]:
    def go() -> None:
        store = open_store(home)
        desk = replace(bare, store=DyingStore(store, nth, point) if nth else store)  # type: ignore[arg-type]  # it is the store, but for its death
        act(desk, people, version)
        store.close()

    return go


def _stored(home: Path, bare: Desk) -> dict[str, Any]:
    desk = replace(bare, store=open_store(home))
    with desk.store.read() as unit:
        run = unit.runs.of_incident(ONE)
        assert run is not None
        events = unit.runs.events(run.id)
        told = [entry.event for entry in unit.incidents.entries(ONE) if str(entry.event).startswith("playbook.")]
        facts = {
            "events": [f"{event.event} {event.step}".strip() for event in events],
            "numbers": [event.number for event in events],
            "told": sum(event != "playbook.take" for event in told),
            "actions": [action.state.value for action in unit.actions.find()],
            "incident": unit.incidents.get(ONE).state.value,
            "shown": len(shown_of(home)),
        }
    desk.store.close()
    return facts


if __name__ == "__main__":
    for turn in range(int(sys.argv[3])):
        place = Path(sys.argv[1]) / str(turn)
        place.mkdir()
        sys.stdout.write(json.dumps(main(place, int(sys.argv[2]) + turn)) + "\n")
        sys.stdout.flush()
