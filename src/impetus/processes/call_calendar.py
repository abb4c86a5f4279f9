"""Who has a rotation from when to when, with stand-ins laid over the turns: what a calendar draws."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from impetus.processes.on_call import Override, Rotation, Shift, on_call, shifts


def stretches(
    rotation: Rotation, since: datetime, until: datetime, overrides: Sequence[Override] = ()
) -> tuple[Shift, ...]:
    """Return who is on call between two moments, in order and without overlap; begins and ends are cut to them.

    A turn that a stand-in interrupts is two stretches. Before the rotation begins there are none.
    """
    edges = {since, until}
    for turn in shifts(rotation, since, until):
        edges |= {turn.begins, turn.ends}
    for override in overrides:
        if override.rotation == rotation.name:
            edges |= {override.begins, override.ends}
    inside = sorted(edge for edge in edges if since <= edge <= until)
    found: list[Shift] = []
    for begins, ends in pairwise(inside):
        held = on_call(rotation, begins, overrides)
        if held is None:
            continue
        stretch = Shift(person=held.person, begins=begins, ends=ends, instead_of=held.instead_of)
        if found and _continues(found[-1], stretch):
            stretch = Shift(person=held.person, begins=found.pop().begins, ends=ends, instead_of=held.instead_of)
        found.append(stretch)
    return tuple(found)


def _continues(before: Shift, after: Shift) -> bool:
    """Say whether one stretch goes on where the other ended, the same person for the same reason."""
    same = (before.person, before.instead_of) == (after.person, after.instead_of)
    return same and before.ends == after.begins
