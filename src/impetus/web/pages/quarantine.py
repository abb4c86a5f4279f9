"""Refused records, readable: what came, which rule it broke, and what would have been right."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.desk import read
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.pages.sources import RULES
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
SHOWN_BYTES = 4096
"""Bytes shown of one record; the quarantine keeps what it kept. House rule."""
PRINTABLE_SHARE = 0.85

REMEDIES: Mapping[Rule, str] = {
    Rule.CONFLICT: N_("Send a reading once, or correct the sensor that reports one time twice."),
    Rule.LATE: N_("Send readings sooner, or raise `late_s`; old series come in with `impetus replay`."),
    Rule.FUTURE: N_("Set the sensor's clock (NTP), and send times with their zone."),
    Rule.EXPIRED: N_("Readings this old may not be kept; leave them out."),
    Rule.OUT_OF_RANGE: N_("Repair the sensor, or declare the range that its instrument really has."),
    Rule.UNDECLARED: N_("Declare the datastream first, or mend its name."),
    Rule.MALFORMED: N_("Send what the API's document describes."),
}


def readable(record: bytes) -> str:
    """Return a record as text when it is text, else as hexadecimal; at most 4,096 bytes of it.

    >>> readable(b'{"result": 3}'), readable(bytes([0, 255, 1]))
    ('{"result": 3}', '00 ff 01')
    """
    head = record[:SHOWN_BYTES]
    text = head.decode("utf-8", "replace")
    printable = sum(character.isprintable() or character in "\n\t" for character in text)
    if text and "\ufffd" not in text[:-1] and printable >= PRINTABLE_SHARE * len(text):
        return text
    return head.hex(" ")


@router.get("/sources/quarantine")
def show_quarantine(
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    source: Annotated[str, Query(max_length=64)] = "",
    after: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """Show one page of refused records, newest first."""
    found = read.quarantine(desk, actor, source=SourceId(source) if source else None, after=after)
    names = [view.source.id for view in read.sources(desk, actor)] if may(actor, Operation.SOURCES_READ) else []
    return page(
        request,
        "quarantine.html",
        actor=actor,
        records=[(record, readable(record.record)) for record in found.items],
        next=found.next,
        source=source,
        sources=names,
        rules=RULES,
        remedies=REMEDIES,
        limits={Rule.LATE: settings.late_s, Rule.FUTURE: settings.future_s},
        days=settings.quarantine_days,
    )
