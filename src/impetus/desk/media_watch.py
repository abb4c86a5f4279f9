"""What reveals and re-identifications do by themselves: end when their time is over, and go when nobody needs them."""

from impetus.desk import identities, reveals
from impetus.desk.context import Desk
from impetus.desk.erasers import CHUNK, Piece, Task
from impetus.ethics.pseudonym import period_of
from impetus.ethics.retention import horizon


def watch_media(desk: Desk) -> int:
    """End what is over and return how many; cheap when nothing is."""
    return reveals.expire_due(desk) + identities.expire_due(desk)


def erase_reveals(task: Task) -> Piece:
    """Erase reveals and requests for names that ended long ago; what was seen stays in the log as long as that."""
    before = horizon(task.at, task.keep.incidents)
    with task.desk.store.write() as unit:
        gone = unit.reveals.erase_ended(before, limit=CHUNK) + unit.identities.erase_ended(before, limit=CHUNK)
    return Piece(gone=gone, is_complete=gone < CHUNK)


def erase_identities(task: Task) -> Piece:
    """Erase what lies behind pseudonyms of days past their time, and first those days' keys: then no copy opens."""
    before = period_of(horizon(task.at, task.keep.evidence))
    task.desk.vault.erase_before(before)
    with task.desk.store.write() as unit:
        return Piece(gone=unit.identities.erase_before(before))
