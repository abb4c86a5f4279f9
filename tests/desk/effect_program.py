"""The other process of the effects' tests: `effect_program.py HOME POINT`, killed by itself at that point, without a goodbye.

The sign is a file, as a sign outside the database is: no rollback takes it back. `POINT` is a verb and a moment: `set before`,
`set after`, `clear before`, `clear after`, or `never`.
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
from impetus.core.ids import ActionId
from impetus.desk import gates
from impetus.desk.context import Desk
from impetus.desk.sign_in import actor_of
from impetus.desk.take_back import tend_effects
from impetus.ports.city import Outside, Shown
from impetus.ports.effects import Outcome
from impetus.testing.city import SIGN, MemoryCity, MemoryDevice, MemoryFetcher, MemoryGateways, XmlCap
from impetus.testing.desk import clock_of, memory_desk

POINTS = ("set before", "set after", "clear before", "clear after")
FILE = "sign.txt"


class FileSign(MemoryDevice):
    """A sign whose face is a file; it dies, with the process, at one point."""

    def __init__(self, home: Path, point: str) -> None:
        super().__init__(replace(SIGN, simulated=False))
        self._file, self._point = home / FILE, point
        if self._file.exists():
            key, _, words = self._file.read_text().partition("\n")
            self.showing = Shown(key=key, words=words)

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Show it, in the file."""
        return self._killable("set", authorised)

    def revert(self, authorised: Authorised[Action]) -> Outcome:
        """Clear it, in the file."""
        return self._killable("clear", authorised)

    def _killable(self, verb: str, authorised: Authorised[Action]) -> Outcome:
        if self._point == f"{verb} before":
            os.kill(os.getpid(), signal.SIGKILL)
        act = MemoryDevice.perform if verb == "set" else MemoryDevice.revert
        outcome = act(self, authorised)
        self._file.write_text(f"{self.showing.key}\n{self.showing.words}")
        if self._point == f"{verb} after":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome


def desk_of(home: Path, point: str = "never") -> Desk:
    """Return a desk over the state of a home, with its sign."""
    sign = FileSign(home, point)
    city = MemoryCity(links={sign.device.id: sign})
    outside = Outside(city=city, gateways=MemoryGateways(), cap=XmlCap(), fetcher=MemoryFetcher())
    return replace(memory_desk(AT), store=open_store(home), outside=outside)


def propose(home: Path) -> None:
    """Let people be there, and propose to set the sign for ten minutes."""
    desk = desk_of(home)
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    gates.propose(
        desk,
        people["ada"],
        gates.Proposal(
            kind=ActionKind.CITY_SYSTEM,
            target=SIGN.id,
            why="crowd",
            lasts=timedelta(minutes=8),
            parameters={"command": "leave by E2", "until": (AT + timedelta(minutes=10)).isoformat()},
        ),
    )
    desk.store.close()


def main() -> None:
    """Agree, wait for the end, take back; die on the way."""
    home, point = Path(sys.argv[1]), sys.argv[2]
    desk = desk_of(home, point)
    with desk.store.read() as unit:
        account = unit.accounts.by_name("sol")
        action = unit.actions.get(ActionId(1))
    assert account is not None
    gates.approve(desk, actor_of(account), action.id, content_hash=action.content_hash())
    clock_of(desk).advance(601)
    tend_effects(desk)


if __name__ == "__main__":
    main()
