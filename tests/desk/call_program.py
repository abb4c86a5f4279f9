"""The other process of the notices' tests: `call_program.py HOME POINT`, which tells people and kills itself at that point.

What a server took is a line in a file: no rollback takes a message back.
"""

import os
import signal
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from desk.samples import AT, person
from impetus.adapters.sql.store import open_store
from impetus.adapters.text_masks import LibraryTextMasks
from impetus.core.actor import Role
from impetus.core.notice import Notice, Outgoing
from impetus.desk import contacts, notices
from impetus.desk.context import Desk
from impetus.desk.deliver import send_due
from impetus.desk.escalate import watch_notices
from impetus.ports.notices import Sent
from impetus.testing.channels import MemoryChannels, RecordingChannel
from impetus.testing.desk import memory_desk

POINTS = ("after asking", "before sending", "after sending", "never")
TAKEN = "taken.txt"


@dataclass(slots=True)
class Server(RecordingChannel):
    """A channel whose server writes down each message it takes, and which dies around one."""

    file: Path = Path()
    point: str = "never"

    def send(self, message: Outgoing, address: str) -> Sent:
        """Take it."""
        if self.point == "before sending":
            die()
        with self.file.open("a") as lines:
            lines.write(f"{message.id} {address}\n")
            lines.flush()
            os.fsync(lines.fileno())
        if self.point == "after sending":
            die()
        return Sent(receipt="taken")


def die() -> None:
    """End here, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def desk_of(home: Path, point: str = "never", *, later: timedelta = timedelta(0)) -> Desk:
    """Return a desk over the state of a home, with one channel."""
    book = MemoryChannels(ways={"mail": Server(file=home / TAKEN, point=point)})
    return replace(memory_desk(AT + later), store=open_store(home), channels=book, text_masks=MASKS)


MASKS = LibraryTextMasks()


def furnish(home: Path) -> None:
    """Let two people be reached, and one notice ask both."""
    desk = desk_of(home)
    people = {name: person(desk, name, Role.OPERATOR) for name in ("ada", "ben")}
    for name, actor in people.items():
        contacts.put_contact(desk, actor, "mail", f"{name}@city.example")
    with desk.store.write() as unit:
        notices.send_notice(desk, unit, people["ada"], Notice(to=("ada", "ben"), title="Crowd", key="once"))
    desk.store.close()


def tell(desk: Desk) -> None:
    """Take the turns of the part that delivers."""
    for _ in range(3):
        watch_notices(desk)
        send_due(desk, "mail")


def main(home: Path, point: str) -> None:
    """Tell people, and die on the way."""
    desk = desk_of(home, point)
    watch_notices(desk)
    if point == "after asking":
        die()
    tell(desk)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
