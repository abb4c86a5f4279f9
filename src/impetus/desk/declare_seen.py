"""Declare what a sender speaks of for the first time, when its token lets it declare: only what is new, and bounded.

What stands already is left as it is: somebody may have mended its unit, its range or its zone by hand.
"""

from typing import Final

from impetus.core.actor import Actor
from impetus.core.errors import TooLarge
from impetus.core.feed import FeedReport, document_of
from impetus.core.ids import SourceId
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.ethics.guard import Operation

MOST_SEEN: Final = 5000
"""Datastreams a source may come to by speaking of them; more are declared by a person. House rule."""


def declare_seen(desk: Desk, actor: Actor, source: SourceId, report: FeedReport) -> bool:
    """Declare the datastreams of a report that are not known yet; say whether there were any and the token may."""
    if Operation.SOURCES_DECLARE not in actor.operations:
        return False
    with desk.store.read() as unit:
        found = next((each for each in unit.sources.all() if each.id == source), None)
        datastreams = unit.sources.catalogue().datastreams.values()
        known = {str(each.key) for each in datastreams if each.source == source}
    fresh = [each for each in report.streams if f"{source}/{each.key}" not in known]
    if not fresh and found is not None:
        return False
    if len(known) + len(fresh) > MOST_SEEN:
        raise TooLarge(
            f"{source} would have {len(known) + len(fresh)} datastreams",
            value=len(known) + len(fresh),
            limit=MOST_SEEN,
            remedy="declare them by a file: impetus source declare",
        )
    head: dict[str, object] = {"id": source, "name": source, "kind": "ngsi-ld"}
    if found is not None:
        told = {"name": found.name, "kind": found.kind, "simulated": found.simulated, "freshness_s": found.freshness_s}
        head.update(told)
    declare(desk, actor, read_document(document_of(head, fresh)))
    return True
