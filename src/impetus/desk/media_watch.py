"""What reveals and re-identifications do by themselves: end when their time is over, and go when nobody needs them."""

from impetus.core.ids import IncidentId
from impetus.desk import identities, reveals
from impetus.desk.context import Desk
from impetus.desk.erasers import CHUNK, Piece, Task
from impetus.desk.held_cases import held_cases, held_identities, reseal
from impetus.ethics.pseudonym import period_of
from impetus.ethics.retention import horizon


def watch_media(desk: Desk) -> int:
    """End what is over and return how many; cheap when nothing is."""
    return reveals.expire_due(desk) + identities.expire_due(desk)


def erase_reveals(task: Task) -> Piece:
    """Erase reveals and requests for names that ended long ago, but those of a held case; what was seen stays in the log."""
    before = horizon(task.at, task.keep.incidents)
    with task.desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        cases = [IncidentId(case) for case in held_cases(unit, task.cover)]
        gone = unit.reveals.erase_ended(before, limit=CHUNK, spared=cases)
        gone += unit.identities.erase_ended(before, limit=CHUNK, spared=cases)
        held = unit.reveals.ended_before(before, cases) + unit.identities.ended_before(before, cases)
    return Piece(gone=gone, held=held, is_complete=gone < CHUNK)


def erase_identities(task: Task) -> Piece:
    """Erase what lies behind pseudonyms of days past their time, and first those days' keys: then no copy opens.

    What a hold keeps is sealed under the hold's key before its day's goes; a hold that comes in between wins.
    """
    desk, before = task.desk, period_of(horizon(task.at, task.keep.evidence))
    with desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        kept = {behind: hold for behind, hold in held_identities(desk, unit, task.cover).items() if behind[1] < before}
        found = unit.identities.behind(list(kept))
        for sealed in found:
            behind = (sealed.domain, sealed.period, sealed.pseudonym)
            unit.identities.reseal(reseal(desk, sealed, kept[behind], identities.about_of(*behind)))
    with desk.store.write() as unit:
        if not task.still(unit):
            return Piece(held=len(found), is_complete=False)
        desk.vault.erase_before(before)
        return Piece(gone=unit.identities.erase_before(before, spared=list(kept)), held=len(found))
