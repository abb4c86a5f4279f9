"""CAP as others send it, element by element: each refusal says what, the limit and a remedy; what is random comes back whole."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.warning_samples import ENGLISH, content
from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.cap.write import say_reference, say_time
from impetus.core.errors import Malformed
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.place import Point
from impetus.core.warning import (
    ActualMessage,
    Area,
    Circle,
    ExerciseMessage,
    Header,
    MessageType,
    Reference,
    Signed,
    TestMessage,
    Wording,
)

CAP = XmlCap()
AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)
GOOD = CAP.write(ActualMessage(header=HEADER, content=content(AT, wordings=(ENGLISH,)))).decode()
"""One alert in one language, as we write it."""


def without(name: str) -> Callable[[str], str]:
    """Return how to take the first element of this name out."""

    def cut(text: str) -> str:
        begins = text.index(f"<{name}>")
        return text[:begins] + text[text.index(f"</{name}>") + len(name) + 3 :]

    return cut


def saying(name: str, value: str) -> Callable[[str], str]:
    """Return how to say something else in the first element of this name."""

    def put(text: str) -> str:
        begins = text.index(f"<{name}>") + len(name) + 2
        return text[:begins] + value + text[text.index(f"</{name}>") :]

    return put


def twice(name: str) -> Callable[[str], str]:
    """Return how to say the first element of this name twice."""

    def copy(text: str) -> str:
        begins, ends = text.index(f"<{name}>"), text.index(f"</{name}>") + len(name) + 3
        return text[:ends] + text[begins:ends] + text[ends:]

    return copy


REFUSED: list[tuple[Callable[[str], str], str]] = [
    (without("identifier"), "alert.identifier is missing"),
    (without("sender"), "alert.sender is missing"),
    (without("sent"), "alert.sent is missing"),
    (without("status"), "alert.status is missing"),
    (without("msgType"), "alert.msgType is missing"),
    (without("scope"), "alert.scope is missing"),
    (without("event"), "info.event is missing"),
    (without("urgency"), "info.urgency is missing"),
    (without("severity"), "info.severity is missing"),
    (without("certainty"), "info.certainty is missing"),
    (without("areaDesc"), "area.areaDesc is missing"),
    (twice("identifier"), "alert.identifier is 2 times"),
    (twice("headline"), "info.headline is 2 times"),
    (twice("areaDesc"), "area.areaDesc is 2 times"),
    (saying("identifier", "a b"), "alert.identifier is a b"),
    (saying("identifier", "a,b"), "alert.identifier is a,b"),
    (saying("identifier", "a&amp;b"), "alert.identifier is a&b"),
    (saying("sender", "  "), "alert.sender is missing"),
    (saying("sent", "2026-03-14T21:00:00"), "alert.sent is 2026-03-14T21:00:00"),
    (saying("sent", "2026-13-14T21:00:00+00:00"), "alert.sent is 2026-13"),
    (saying("sent", "yesterday"), "alert.sent is yesterday"),
    (saying("sent", "0001-01-01T00:00:00+14:00"), "alert.sent is 0001"),
    (saying("expires", "soon"), "info.expires is soon"),
    (saying("status", "actual"), "alert.status is actual"),
    (saying("status", "Real"), "alert.status is Real"),
    (saying("msgType", "Warn"), "alert.msgType is Warn"),
    (saying("msgType", "Update"), "references is empty"),
    (saying("msgType", "Cancel"), "references is empty"),
    (saying("scope", "Everybody"), "alert.scope is Everybody"),
    (saying("severity", "extreme"), "info.severity is extreme"),
    (saying("severity", "Terrible"), "info.severity is Terrible"),
    (saying("urgency", "Now"), "info.urgency is Now"),
    (saying("certainty", "Sure"), "info.certainty is Sure"),
    (saying("polygon", "59.9,10.7 59.8,10.7 59.8,10.6"), "area.polygon is 3 positions"),
    (saying("polygon", "59.9,10.7 59.8,10.7 59.8,10.6 59.7,10.7"), "area.polygon is ends at 59.7,10.7"),
    (saying("polygon", "59.9 10.7 59.8 10.7"), "area position is 59.9"),
    (saying("polygon", "north,10.7 59.8,10.7 59.8,10.6 north,10.7"), "area position is north,10.7"),
    (saying("polygon", ""), "area.polygon is 0 positions"),
    (saying("circle", "59.9,10.7"), "area.circle is 59.9,10.7"),
    (saying("circle", "59.9,10.7 -1"), "area.circle is 59.9,10.7 -1"),
    (saying("circle", "59.9,10.7 1 2"), "area.circle is 59.9,10.7 1 2"),
    (saying("circle", "59.9,10.7 inf"), "area.circle is"),
    (saying("circle", "59.9 1"), "area position is 59.9"),
    (saying("status", "Actual</status><mood>good</mood><status>x"), "alert.mood is an element CAP does not know"),
    (saying("event", "Leak</event><colour>red</colour><event>x"), "info.colour is an element CAP does not know"),
    (saying("areaDesc", "x</areaDesc><flag>y</flag><areaDesc>z"), "area.flag is an element CAP does not know"),
    (lambda text: text.replace("cap:1.2", "cap:2.0"), "not a CAP 1.0, 1.1 or 1.2 alert"),
    (
        lambda text: text.replace("<alert ", "<alarm ").replace("</alert>", "</alarm>"),
        "not a CAP 1.0, 1.1 or 1.2 alert",
    ),
]


@pytest.mark.parametrize(
    ("change", "says"), REFUSED, ids=[f"{place}-{word[:24]}" for place, (_, word) in enumerate(REFUSED)]
)
def test_each_thing_that_is_wrong_refuses_the_alert_whole(change: Callable[[str], str], says: str) -> None:
    """The element, what stands there, what may stand there, and who must mend it."""
    changed = change(GOOD)
    assert changed != GOOD
    with pytest.raises(Malformed) as refused:
        CAP.read(changed.encode())
    assert says in refused.value.detail
    assert refused.value.limit
    assert "mend" in refused.value.remedy
    assert len(refused.value.detail) < 700


@pytest.mark.parametrize("position", ["91,10", "-91,10", "59,181", "59,-181"])
@pytest.mark.parametrize("where", ["polygon", "circle"])
def test_a_place_outside_the_globe_is_refused(position: str, where: str) -> None:
    """As everywhere else: latitude to 90, longitude to 180."""
    text = f"{position} 1" if where == "circle" else f"{position} 59,10 59,11 {position}"
    with pytest.raises(Malformed):
        CAP.read(saying(where, text)(GOOD).encode())


@pytest.mark.parametrize(
    ("change", "what", "value"),
    [
        (saying("sent", "2026-03-14T22:00:00+01:00"), "sent", AT),
        (saying("sent", "2026-03-14T21:00:00Z"), "sent", AT),
        (without("language"), "language", "en-US"),
        (without("headline"), "headline", "Gas leak"),
        (without("instruction"), "instruction", ""),
        (without("description"), "description", ""),
        (without("expires"), "expires", None),
        (without("area"), "areas", ()),
        (without("info"), "wordings", ()),
        (saying("status", "System"), "status", "System"),
        (saying("scope", "Restricted"), "scope", "Restricted"),
        (saying("msgType", "Ack"), "type", "Ack"),
        (saying("description", " a\n  b "), "description", "a\n  b"),
        (saying("description", "<![CDATA[1 < 2 & 3]]>"), "description", "1 < 2 & 3"),
        (lambda text: text.replace("<scope>", "<!-- aside --><scope>"), "scope", "Public"),
        (lambda text: text.replace("<scope>", '<x:y xmlns:x="urn:other">1</x:y><scope>'), "scope", "Public"),
        (lambda text: text.replace("cap:1.2", "cap:1.1"), "identifier", "city.1"),
    ],
)
def test_what_the_standard_leaves_open_is_read(change: Callable[[str], str], what: str, value: object) -> None:
    """Optional elements, other offsets, older versions, others' extensions and comments."""
    alert = CAP.read(change(GOOD).encode())
    said = getattr(alert, what) if hasattr(alert, what) else getattr(alert.wordings[0], what)
    assert said == value


def test_the_worst_of_several_blocks_counts_and_the_longest_lasts() -> None:
    """One block each for two regions: how bad it is, is how bad it is anywhere; it is over when it is over everywhere."""
    begins, ends = GOOD.index("<info>"), GOOD.index("</info>") + len("</info>")
    minor = saying("severity", "Minor")(GOOD[begins:ends])
    later = saying("expires", "2026-03-14T23:30:00+00:00")(minor)
    alert = CAP.read((GOOD[:begins] + later + GOOD[begins:]).encode())
    assert (alert.severity, alert.expires) == (Severity.EXTREME, datetime(2026, 3, 14, 23, 30, tzinfo=UTC))
    assert (len(alert.wordings), len(alert.areas), alert.area) == (2, 2, "City Hall Square")


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp", "Cf")), min_size=1, max_size=40
).filter(lambda text: bool(text) and text == text.strip())
NAMES = st.text(st.sampled_from("abcXYZ019.-_@:"), min_size=1, max_size=30)
POINTS = st.builds(
    Point,
    lon=st.integers(-179_999_999, 179_999_999).map(lambda value: value / 1e6),
    lat=st.integers(-89_999_999, 89_999_999).map(lambda value: value / 1e6),
)
TIMES = st.integers(0, 5_000_000_000).map(lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
WORDINGS = st.lists(
    st.builds(
        Wording,
        language=st.sampled_from(["en", "nb-NO", "it", "sme"]),
        event=WORDS,
        headline=WORDS,
        description=WORDS,
        instruction=st.just("") | WORDS,
    ),
    min_size=1,
    max_size=4,
)
AREAS = st.builds(
    Area,
    description=WORDS,
    polygons=st.lists(st.lists(POINTS, min_size=3, max_size=5, unique=True).map(tuple), max_size=2).map(tuple),
    circles=st.lists(
        st.builds(Circle, centre=POINTS, radius_km=st.integers(1, 100_000).map(lambda metres: metres / 1000)),
        max_size=2,
    ).map(tuple),
)
REFERENCES = st.lists(st.builds(Reference, sender=NAMES, identifier=NAMES, sent=TIMES), max_size=3).map(tuple)


@given(
    kind=st.sampled_from([ActualMessage, ExerciseMessage, TestMessage]),
    wordings=WORDINGS,
    area=AREAS,
    names=st.tuples(NAMES, NAMES),
    times=st.tuples(TIMES, TIMES),
    references=REFERENCES,
    how=st.tuples(st.sampled_from(Severity), st.sampled_from(Urgency), st.sampled_from(Certainty)),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_comes_back_whole(  # noqa: PLR0913 - an alert has this many parts
    *,
    kind: type[ActualMessage] | type[ExerciseMessage] | type[TestMessage],
    wordings: list[Wording],
    area: Area,
    names: tuple[str, str],
    times: tuple[datetime, datetime],
    references: tuple[Reference, ...],
    how: tuple[Severity, Urgency, Certainty],
) -> None:
    """Words in every script, any corners and circles to the millionth of a degree, any chain of references."""
    header = Header(
        identifier=names[0],
        sender=names[1],
        sent=times[0],
        type=MessageType.UPDATE if references else MessageType.ALERT,
        references=references,
    )
    said = content(
        AT, wordings=tuple(wordings), area=area, expires=times[1], severity=how[0], urgency=how[1], certainty=how[2]
    )
    read = CAP.read(CAP.write(kind(header=header, content=said)))
    assert (read.identifier, read.sender, read.sent, read.type) == (*names, times[0], header.type.value)
    assert (read.status, read.wordings, read.expires) == (kind.status.value, tuple(wordings), times[1])
    assert (read.severity, read.urgency, read.certainty) == how
    assert read.areas == (area,) * len(wordings)
    assert read.references == tuple(say_reference(each) for each in references)
    assert read.signed is Signed.NO


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (AT, "2026-03-14T21:00:00-00:00"),
        (AT.replace(microsecond=999_999), "2026-03-14T21:00:00-00:00"),
        (datetime.fromisoformat("2026-03-14T22:30:00+01:00"), "2026-03-14T21:30:00-00:00"),
        (datetime.fromisoformat("2026-03-15T00:30:00+05:45"), "2026-03-14T18:45:00-00:00"),
    ],
)
def test_a_time_is_said_in_whole_seconds_with_its_offset_in_figures(at: datetime, said: str) -> None:
    """CAP 1.2, section 3.3.2: `-00:00` for UTC, never `Z`, no fractions."""
    assert say_time(at) == said
    assert say_reference(Reference(sender="s", identifier="i", sent=at)) == f"s,i,{said}"


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title><updated>2026-03-14T21:00:00Z</updated>{}</feed>'
ENTRY = "<entry><id>e</id><title>t</title><updated>2026-03-14T21:00:00Z</updated>{}</entry>"
INSIDE = GOOD.partition("?>")[2]


@pytest.mark.parametrize(
    ("entry", "alerts", "links", "left_out"),
    [
        ('<link href="https://met.example/a.cap"/>', 0, 1, ""),
        ('<link rel="self" href="https://met.example/e"/>', 0, 0, "neither an alert nor a link"),
        ('<link href="ftp://met.example/a"/>', 0, 0, "neither an alert nor a link"),
        ('<link href="https://[::1/a.cap"/>', 0, 0, "neither an alert nor a link"),
        ('<link href="/a.cap"/>', 0, 0, "neither an alert nor a link"),
        ('<link rel="related" type="application/cap+xml; v=1" href="https://met.example/a"/>', 0, 1, ""),
        ("", 0, 0, "neither an alert nor a link"),
        (f'<content type="text/xml">{INSIDE}</content>', 1, 0, ""),
        (f'<content type="text/xml">{INSIDE}</content><link href="https://met.example/a"/>', 1, 0, ""),
        (f'<content type="text/xml">{saying("status", "x")(INSIDE)}</content>', 0, 0, "alert.status is x"),
    ],
)
def test_an_entry_is_an_alert_a_link_or_left_out(entry: str, alerts: int, links: int, left_out: str) -> None:
    """RFC 4287: what is inside is taken, else the link to a CAP document, else any other; one bad entry harms no other."""
    good = ENTRY.format('<link href="https://met.example/good"/>')
    page = CAP.read_page(ATOM.format(ENTRY.format(entry) + good).encode())
    assert (len(page.alerts), len(page.links)) == (alerts, links + 1)
    assert page.links[-1] == "https://met.example/good"
    assert (left_out in " ".join(page.left_out)) if left_out else not page.left_out


@pytest.mark.parametrize("missing", ["id", "title", "updated"])
def test_a_feed_or_entry_without_what_its_format_demands_is_no_feed_or_left_out(missing: str) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2."""
    with pytest.raises(Malformed, match=f"the feed has no {missing}"):
        CAP.read_page(without(missing)(ATOM.format("")).encode())
    (reason,) = CAP.read_page(ATOM.format(without(missing)(ENTRY.format(""))).encode()).left_out
    assert f"an entry has no {missing}" in reason


def test_the_same_link_twice_is_one_and_too_many_entries_are_refused() -> None:
    """2,000 entries are read, one more is not."""
    entry = ENTRY.format('<link href="https://met.example/a"/>')
    page = CAP.read_page(ATOM.format(entry * 2000).encode())
    assert (page.links, page.left_out) == (("https://met.example/a",), ())
    with pytest.raises(Malformed, match="2001 entries"):
        CAP.read_page(ATOM.format(entry * 2001).encode())


RSS = '<rss version="2.0"><channel><title>t</title><link>https://met.example</link><description>d</description>{}</channel></rss>'


def test_an_rss_feed_has_links_and_what_has_none_is_left_out() -> None:
    """Each item by its number; the rest of the feed stands."""
    items = "<item><link>https://met.example/a</link></item><item><title>x</title></item><item><link>//[b</link></item>"
    page = CAP.read_page(RSS.format(items).encode())
    assert (page.links, page.left_out) == (
        ("https://met.example/a",),
        ("item 2: it has no link", "item 3: it has no link"),
    )
    for missing in ("title", "link", "description"):
        with pytest.raises(Malformed, match=f"the channel has no {missing}"):
            CAP.read_page(without(missing)(RSS.format("")).encode())
    with pytest.raises(Malformed, match="no channel"):
        CAP.read_page(b"<rss/>")


def test_a_bare_alert_at_a_feeds_address_is_a_page_of_one() -> None:
    """Some authorities publish one document and replace it."""
    page = CAP.read_page(GOOD.encode())
    assert ([alert.identifier for alert in page.alerts], page.links, page.left_out) == (["city.1"], (), ())
    assert CAP.read(GOOD.encode()) == page.alerts[0]
