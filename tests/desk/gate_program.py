"""The other process of the gates' tests: `gate_program.py HOME POINT KIND`, killed by itself at that point, without a goodbye.

The effect is a line in a file, as an effect outside the database is: no rollback takes it back.
"""

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from desk.gate_samples import ROLES
from desk.samples import AT, person
from impetus.adapters.sql.store import open_store
from impetus.core.action import Action, ActionKind
from impetus.core.authorised import Authorised
from impetus.desk import gates
from impetus.desk.context import Desk
from impetus.desk.sign_in import actor_of
from impetus.ports.effects import Outcome
from impetus.testing.desk import memory_desk

POINTS = ("before the effect", "after the effect", "never")
SIGN = "sign.txt"


def die() -> None:
    """End here, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def shown_of(home: Path) -> list[str]:
    """Return what the sign of a home has shown."""
    file = home / SIGN
    return file.read_text().splitlines() if file.exists() else []


class Sign:
    """A sign on the square: each showing is a line in a file. One that can tell a repetition shows nothing twice."""

    def __init__(self, home: Path, *, point: str = "never", repeatable: bool = False) -> None:
        self.is_repeatable = repeatable
        self._file, self._point = home / SIGN, point

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Show it."""
        if self._point == "before the effect":
            die()
        shown = self._file.read_text().splitlines() if self._file.exists() else []
        if not (self.is_repeatable and authorised.key in shown):
            with self._file.open("a") as lines:
                lines.write(f"{authorised.key}\n")
                lines.flush()
                os.fsync(lines.fileno())
        if self._point == "after the effect":
            die()
        return Outcome(succeeded=True, receipt="shown")


def desk_of(home: Path, sign: Sign) -> Desk:
    """Return a desk over the state of a home, with one sign."""
    return replace(memory_desk(AT), store=open_store(home), effectors={ActionKind.CITY_SYSTEM: sign})


def propose(desk: Desk) -> Action:
    """Let ada propose that the sign show something, in a house with its people."""
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    return gates.propose(
        desk,
        people["ada"],
        gates.Proposal(
            kind=ActionKind.CITY_SYSTEM,
            target="sign:W2",
            why="crowd",
            lasts=timedelta(minutes=30),
            parameters={"command": "use exit W2", "until": "22:00"},
        ),
    )


def main(home: Path, point: str, *, repeatable: bool) -> None:
    """Agree to the one proposal there is, as sol, and die on the way."""
    desk = desk_of(home, Sign(home, point=point, repeatable=repeatable))
    with desk.store.read() as unit:
        action, account = unit.actions.find()[0], unit.accounts.by_name("sol")
    assert account is not None
    gates.approve(desk, actor_of(account), action.id, content_hash=action.content_hash())
    desk.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], repeatable=sys.argv[3] == "repeatable")
