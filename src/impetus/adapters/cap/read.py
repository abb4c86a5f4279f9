"""Alerts of other authorities: CAP 1.0, 1.1 and 1.2, checked element by element.

Read strictly, because what is read here becomes something a person must judge: an alert without a severity, an update that
names nothing, a polygon that is no ring is refused and the reason is shown. Unknown elements of CAP's own namespaces are
refused; elements of others (the signature, extensions) are passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from lxml import etree

from impetus.adapters.cap.safe_xml import parse_safely
from impetus.adapters.cap.signature import look_at_signature
from impetus.core.errors import Malformed
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.place import Point
from impetus.core.warning import Area, CapAlert, Circle, Wording

NAMESPACES: Final = {
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
}
STATUSES: Final = frozenset({"Actual", "Exercise", "System", "Test", "Draft"})
TYPES: Final = frozenset({"Alert", "Update", "Cancel", "Ack", "Error"})
SCOPES: Final = frozenset({"Public", "Restricted", "Private"})
OF_ALERT: Final = frozenset(
    [
        "identifier",
        "sender",
        "sent",
        "status",
        "msgType",
        "source",
        "scope",
        "restriction",
        "addresses",
        "code",
        "note",
        "references",
        "incidents",
        "info",
        "password",
    ]
)
OF_INFO: Final = frozenset(
    [
        "language",
        "category",
        "event",
        "responseType",
        "urgency",
        "severity",
        "certainty",
        "audience",
        "eventCode",
        "effective",
        "onset",
        "expires",
        "senderName",
        "headline",
        "description",
        "instruction",
        "web",
        "contact",
        "parameter",
        "resource",
        "area",
    ]
)
MOST_INFOS, MOST_POINTS, MOST_TEXT = 50, 10_000, 20_000
RING: Final = 4
"""Fewest pairs of a polygon, the last being the first again (CAP 1.2, section 3.2.4)."""
_WORD = re.compile(r"[^\s,<&]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,5}(\.\d{1,15})?", re.ASCII)
E = TypeVar("E", bound=StrEnum)


def read_alert(body: bytes, certificates: Sequence[str] = ()) -> CapAlert:
    """Return the alert in an untrusted document."""
    root = parse_safely(body)
    alert = alert_of(root)
    signed, signer = look_at_signature(root, certificates, alert.sent)
    return replace(alert, signed=signed, signer=signer)


def is_alert(element: etree._Element) -> bool:
    """Say whether an element is a CAP alert of a version we read."""
    return _tag(element)[0] in NAMESPACES and _tag(element)[1] == "alert"


def alert_of(root: etree._Element) -> CapAlert:
    """Return the alert an element is; `Malformed` names the element that is wrong."""
    space, name = _tag(root)
    if space not in NAMESPACES or name != "alert":
        raise _wrong("document", f"{{{space}}}{name}"[:120], "a CAP 1.0, 1.1 or 1.2 alert")
    one = _Element(root, space, OF_ALERT)
    infos = one.children("info")
    if len(infos) > MOST_INFOS:
        raise _wrong("info", str(len(infos)), f"at most {MOST_INFOS}")
    alert_type = one.among("msgType", TYPES)
    references = tuple(one.text("references").split())
    if not references and (alert_type in {"Update", "Cancel"} or one.has("references")):
        raise _wrong("references", "empty", "the messages it is about: sender,identifier,sent")
    parts = [_Element(info, space, OF_INFO) for info in infos]
    worst = min(
        (_words(part, "severity", Severity) for part in parts), key=lambda each: -each.rank, default=Severity.UNKNOWN
    )
    areas = [_area(area, space) for part in parts for area in part.children("area")]
    expiries = [part.time("expires") for part in parts if part.has("expires")]
    return CapAlert(
        identifier=one.word("identifier"),
        sender=one.word("sender"),
        sent=one.time("sent"),
        status=one.among("status", STATUSES),
        type=alert_type,
        scope=one.among("scope", SCOPES, default="Public" if NAMESPACES[space] == "1.0" else None),
        wordings=tuple(_wording(part) for part in parts),
        severity=worst,
        urgency=_words(parts[0], "urgency", Urgency) if parts else Urgency.UNKNOWN,
        certainty=_words(parts[0], "certainty", Certainty) if parts else Certainty.UNKNOWN,
        area=", ".join(dict.fromkeys(area.description for area in areas))[:500],
        areas=tuple(areas),
        expires=max(expiries) if expiries else None,
        references=references,
    )


class _Element:
    """One element with its children of CAP's namespace."""

    def __init__(self, element: etree._Element, space: str, known: frozenset[str]) -> None:
        self._name = _tag(element)[1]
        self._children: dict[str, list[etree._Element]] = {}
        for child in element:
            child_space, name = _tag(child)
            if child_space != space:
                continue
            if name not in known:
                raise _wrong(f"{self._name}.{name}", "an element CAP does not know", ", ".join(sorted(known)))
            self._children.setdefault(name, []).append(child)

    def children(self, name: str) -> list[etree._Element]:
        return self._children.get(name, [])

    def has(self, name: str) -> bool:
        return name in self._children

    def text(self, name: str) -> str:
        """Return the text of the one child of this name, empty without; refuses two."""
        found = self.children(name)
        if len(found) > 1:
            raise _wrong(f"{self._name}.{name}", f"{len(found)} times", "once")
        return _text(found[0]) if found else ""

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise _wrong(f"{self._name}.{name}", "missing or empty", "a text")
        return text

    def word(self, name: str) -> str:
        """Return a text without spaces, commas, `<` and `&` (section 3.2.1)."""
        text = self.needed(name)
        if not _WORD.fullmatch(text):
            raise _wrong(f"{self._name}.{name}", text[:60], "no space, comma, < or &")
        return text

    def among(self, name: str, allowed: frozenset[str], default: str | None = None) -> str:
        text = self.text(name) or default or ""
        if text not in allowed:
            raise _wrong(f"{self._name}.{name}", text[:60] or "missing or empty", ", ".join(sorted(allowed)))
        return text

    def time(self, name: str) -> datetime:
        """Return a time with an offset (section 3.3.2); `Z`, which CAP forbids and many send, is read all the same."""
        text = self.needed(name)
        try:
            if _TIME.fullmatch(text):
                return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise _wrong(f"{self._name}.{name}", text[:60], "a time with an offset, 2026-11-22T14:00:00+01:00")


def _words(part: _Element, name: str, kind: type[E]) -> E:
    found = part.among(name, frozenset(each.value.capitalize() for each in kind))
    return kind(found.lower())


def _wording(part: _Element) -> Wording:
    event = part.needed("event")
    return Wording(
        language=part.text("language") or "en-US",
        event=event,
        headline=part.text("headline") or event,
        description=part.text("description"),
        instruction=part.text("instruction"),
    )


def _area(element: etree._Element, space: str) -> Area:
    one = _Element(element, space, frozenset({"areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"}))
    return Area(
        description=one.needed("areaDesc"),
        polygons=tuple(_ring(_text(each)) for each in one.children("polygon")),
        circles=tuple(_circle(_text(each)) for each in one.children("circle")),
    )


def _ring(text: str) -> tuple[Point, ...]:
    pairs = text.split()
    if not RING <= len(pairs) <= MOST_POINTS:
        raise _wrong(
            "area.polygon", f"{len(pairs)} positions", f"{RING}..{MOST_POINTS}, the last being the first again"
        )
    ring = tuple(_point(pair) for pair in pairs)
    if ring[0] != ring[-1]:
        raise _wrong("area.polygon", f"ends at {pairs[-1][:40]}", f"a ring that ends where it begins, {pairs[0][:40]}")
    return ring[:-1]


def _circle(text: str) -> Circle:
    centre, _, radius = text.strip().partition(" ")
    if not _NUMBER.fullmatch(radius.strip()) or float(radius) < 0:
        raise _wrong("area.circle", text[:60], "lat,lon radius in kilometres")
    return Circle(centre=_point(centre), radius_km=float(radius))


def _point(pair: str) -> Point:
    lat, comma, lon = pair.partition(",")
    if not comma or not _NUMBER.fullmatch(lat) or not _NUMBER.fullmatch(lon):
        raise _wrong("area position", pair[:60], "latitude,longitude")
    return Point(lon=float(lon), lat=float(lat))


def _text(element: etree._Element) -> str:
    text = "".join(element.itertext()) if len(element) else element.text or ""
    if len(text) > MOST_TEXT * 10:
        raise _wrong(_tag(element)[1], f"{len(text)} characters", f"at most {MOST_TEXT * 10}")
    return text.strip()


def _tag(element: etree._Element) -> tuple[str, str]:
    """Return namespace and name; comments and instructions have none."""
    if not isinstance(element.tag, str):
        return "", ""
    name = etree.QName(element)
    return name.namespace or "", name.localname


def _wrong(where: str, value: str, limit: str) -> Malformed:
    return Malformed(
        f"{where} is {value}, not {limit}", value=value, limit=limit, remedy="ask whoever sends it to mend it"
    )
