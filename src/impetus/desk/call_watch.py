"""What retention does with calls: notices, stand-ins, contacts of people who left, hand-overs and the shift log."""

from impetus.core.ids import IncidentId
from impetus.desk.erasers import CHUNK, Piece, Task
from impetus.ethics.retention import horizon


def erase_calls(task: Task) -> Piece:
    """Erase notices with their deliveries as alerts are, but those of a held incident; shifts and their log as incidents are.

    Where somebody is reached is erased as soon as their account is disabled.
    """
    spared = [IncidentId(number) for number, _ in task.cover.incidents]
    notices, records = horizon(task.at, task.keep.alerts), horizon(task.at, task.keep.incidents)
    with task.desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        pieces = (
            unit.notices.erase_before(notices, spared=spared, limit=CHUNK),
            unit.calls.erase_before(notices, limit=CHUNK),
            unit.shifts.erase_before(records, limit=CHUNK),
        )
    return Piece(gone=sum(pieces), is_complete=max(pieces) < CHUNK)
