"""A warning of ours as CAP 1.2: one `info` block for each language, elements in the order of the schema.

**Source**: CAP 1.2 (OASIS, 2010), section 3.2; XML schema in section 3.4.
"""

from datetime import UTC, datetime
from typing import Final

from lxml import etree

from impetus.core.place import Point
from impetus.core.warning import Area, Message, Reference, WarningContent, Wording

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"


def write_alert(message: Message) -> bytes:
    """Return the message as an XML document in UTF-8."""
    header, content = message.header, message.content
    root = etree.Element(etree.QName(NAMESPACE, "alert"), nsmap={None: NAMESPACE})
    _add(root, "identifier", header.identifier)
    _add(root, "sender", header.sender)
    _add(root, "sent", say_time(header.sent))
    _add(root, "status", message.status.value)
    _add(root, "msgType", header.type.value)
    _add(root, "scope", "Public")
    if header.references:
        _add(root, "references", " ".join(say_reference(each) for each in header.references))
    for wording in content.wordings:
        _add_info(root, content, wording, header.sent)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return body


def _add_info(root: etree._Element, content: WarningContent, wording: Wording, sent: datetime) -> None:
    info = etree.SubElement(root, etree.QName(NAMESPACE, "info"))
    _add(info, "language", wording.language)
    _add(info, "category", content.category.value)
    _add(info, "event", wording.event)
    _add(info, "responseType", content.response.value)
    _add(info, "urgency", content.urgency.value.capitalize())
    _add(info, "severity", content.severity.value.capitalize())
    _add(info, "certainty", content.certainty.value.capitalize())
    _add(info, "effective", say_time(sent))
    _add(info, "expires", say_time(content.expires))
    _add(info, "headline", wording.headline)
    _add(info, "description", wording.description)
    for name, value in (("instruction", wording.instruction), ("web", content.web), ("contact", content.contact)):
        if value:
            _add(info, name, value)
    _add_area(info, content.area)


def _add_area(info: etree._Element, area: Area) -> None:
    element = etree.SubElement(info, etree.QName(NAMESPACE, "area"))
    _add(element, "areaDesc", area.description)
    for ring in area.polygons:
        _add(element, "polygon", " ".join(_pair(point) for point in (*ring, ring[0])))
    for circle in area.circles:
        _add(element, "circle", f"{_pair(circle.centre)} {circle.radius_km:.3f}")


def _pair(point: Point) -> str:
    """Return latitude first, as WGS 84 positions stand in CAP (section 3.2.4)."""
    return f"{point.lat:.6f},{point.lon:.6f}"


def say_time(at: datetime) -> str:
    """Return a time as CAP wants it: whole seconds and an offset in figures, never `Z` (section 3.3.2)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def say_reference(reference: Reference) -> str:
    """Return `sender,identifier,sent` (section 3.2.1)."""
    return f"{reference.sender},{reference.identifier},{say_time(reference.sent)}"


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, etree.QName(NAMESPACE, name)).text = text
