"""Feeds of alerts: ATOM (RFC 4287) with alerts inside or as links, RSS 2.0 with links, or one bare alert.

A feed that lacks what its own format demands is refused whole; one bad alert in a good feed is left out, with the reason.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from impetus.adapters.cap.read import alert_of, is_alert, read_alert
from impetus.adapters.cap.safe_xml import parse_safely
from impetus.adapters.cap.signature import DS
from impetus.core.errors import Malformed, TheirFault
from impetus.core.warning import CapAlert, FeedPage, Signed

ATOM: Final = "http://www.w3.org/2005/Atom"
MOST_ENTRIES: Final = 2000
OF_FEED: Final = frozenset(
    [
        "author",
        "category",
        "contributor",
        "generator",
        "icon",
        "id",
        "link",
        "logo",
        "rights",
        "subtitle",
        "title",
        "updated",
        "entry",
    ]
)
CAP_TYPES: Final = frozenset({"application/cap+xml", "application/common-alerting-protocol+xml"})


def read_page(body: bytes, certificates: Sequence[str] = ()) -> FeedPage:
    """Return the alerts of an untrusted feed, or of one bare alert."""
    root = parse_safely(body)
    if is_alert(root):
        return FeedPage(alerts=(read_alert(body, certificates),))
    if root.tag == f"{{{ATOM}}}feed":
        return _atom(root)
    if root.tag == "rss":
        return _rss(root)
    raise Malformed(
        f"the document is {str(root.tag)[:100]}",
        value=str(root.tag)[:100],
        limit="an ATOM or RSS 2.0 feed, or a CAP alert",
        remedy="name another address",
    )


def _atom(root: etree._Element) -> FeedPage:
    """Read an ATOM feed; it must have what RFC 4287, section 4.1.1, demands, and nothing that is not ATOM's."""
    for child in root:
        name = etree.QName(child) if isinstance(child.tag, str) else None
        if name is not None and name.namespace == ATOM and name.localname not in OF_FEED:
            raise _not_a_feed(f"the feed has an element {name.localname[:40]}", "elements of RFC 4287")
    _need(root, ("id", "title", "updated"), "the feed", "RFC 4287, section 4.1.1")
    entries = root.findall(f"{{{ATOM}}}entry")
    _bounded(len(entries))
    alerts: list[CapAlert] = []
    links: list[str] = []
    left_out: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            _take_entry(entry, alerts, links)
        except TheirFault as error:
            left_out.append(f"entry {number}: {error.detail}")
    return FeedPage(alerts=tuple(alerts), links=tuple(dict.fromkeys(links)), left_out=tuple(left_out))


def _take_entry(entry: etree._Element, alerts: list[CapAlert], links: list[str]) -> None:
    """Take the alert in an entry, else the link to it."""
    _need(entry, ("id", "title", "updated"), "an entry", "RFC 4287, section 4.1.2")
    inside = [each for content in entry.findall(f"{{{ATOM}}}content") for each in content if is_alert(each)]
    if inside:
        alerts.extend(_inside(each) for each in inside)
        return
    found = entry.findall(f"{{{ATOM}}}link")
    typed = [link for link in found if link.get("type", "").partition(";")[0].lower() in CAP_TYPES]
    for link in typed or [link for link in found if link.get("rel", "alternate") == "alternate"]:
        address = link.get("href", "").strip()
        if _is_link(address):
            links.append(address)
            return
    raise Malformed(
        "it has neither an alert nor a link to one",
        value="content, link",
        limit="RFC 4287, section 4.1.2",
        remedy="mend it",
    )


def _inside(element: etree._Element) -> CapAlert:
    """Return an alert inside a feed; its signature was over a document of its own, so it cannot be verified here."""
    alert = alert_of(element)
    if element.find(f".//{{{DS}}}Signature") is None:
        return alert
    return replace(alert, signed=Signed.UNVERIFIED, signer="inside a feed, where the signature cannot be checked")


def _rss(root: etree._Element) -> FeedPage:
    """Read an RSS 2.0 feed: links to alerts."""
    channel = root.find("channel")
    if channel is None:
        raise _not_a_feed("the feed has no channel", "RSS 2.0")
    for name in ("title", "link", "description"):
        if not (channel.findtext(name) or "").strip():
            raise _not_a_feed(f"the channel has no {name}", "RSS 2.0, required channel elements")
    items = channel.findall("item")
    _bounded(len(items))
    links, left_out = [], []
    for number, item in enumerate(items, start=1):
        address = (item.findtext("link") or "").strip()
        if _is_link(address):
            links.append(address)
        else:
            left_out.append(f"item {number}: it has no link")
    return FeedPage(links=tuple(dict.fromkeys(links)), left_out=tuple(left_out))


def _is_link(address: str) -> bool:
    """Say whether an address can be followed; one that cannot even be read cannot."""
    try:
        return urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        return False


def _need(element: etree._Element, names: Sequence[str], what: str, source: str) -> None:
    for name in names:
        if not (element.findtext(f"{{{ATOM}}}{name}") or "").strip():
            raise _not_a_feed(f"{what} has no {name}", source)


def _bounded(count: int) -> None:
    if count > MOST_ENTRIES:
        raise _not_a_feed(f"{count} entries", f"at most {MOST_ENTRIES}")


def _not_a_feed(detail: str, limit: str) -> Malformed:
    return Malformed(detail, value=detail, limit=limit, remedy="ask whoever runs the feed to mend it")
