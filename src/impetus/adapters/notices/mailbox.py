"""The demonstration's mailbox: messages written into a file that a page shows, so that an exercise needs no mail server."""

import json
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from impetus.adapters.durable_file import write_durably
from impetus.core.notice import Outgoing, headline_of
from impetus.ports.notices import Letter, Sent

KEPT = 50
"""Letters kept; more than a demonstration brings. House rule."""
LOCK = threading.Lock()


class MailboxChannel:
    """Fulfils `impetus.ports.notices.Channel` with a file; the same message again changes nothing."""

    kind = "mailbox"
    takes_exercises = True
    fixed_address = ""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check_address(self, address: str) -> str:
        """Return the name on the letter box."""
        return address.strip()[:80] or "everybody"

    def send(self, message: Outgoing, address: str) -> Sent:
        """Put the message into the box, once."""
        with LOCK:
            letters = [letter for letter in _read(self._file) if letter["id"] != message.id]
            letters.append(
                {
                    "id": message.id,
                    "to": address,
                    "headline": headline_of(message),
                    "link": message.link,
                    "answer_link": message.answer_link,
                    "at": message.at.isoformat(),
                }
            )
            write_durably(self._file, json.dumps(letters[-KEPT:], ensure_ascii=False).encode())
        return Sent(receipt="in the mailbox", is_delivered=True)

    def check(self) -> None:
        """Return: a file beside the state is there when the state is."""


def read_letters(file: Path) -> Sequence[Letter]:
    """Return what lies in the box, newest first; nothing for a file that is not there or not readable."""
    return tuple(
        Letter(
            id=letter["id"],
            to=letter["to"],
            headline=letter["headline"],
            link=letter["link"],
            answer_link=letter["answer_link"],
            at=datetime.fromisoformat(letter["at"]),
        )
        for letter in reversed(_read(file))
    )


def _read(file: Path) -> list[dict[str, str]]:
    """Return the letters as stored; display fails open, and a demonstration's box may be lost."""
    try:
        said = json.loads(file.read_bytes())
        fields = ("id", "to", "headline", "link", "answer_link", "at")
        letters = [{field: str(letter[field]) for field in fields} for letter in said]
        for letter in letters:
            datetime.fromisoformat(letter["at"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return letters
