"""XML of strangers, record by record: what is hostile is refused, what is foreign is passed over, memory stays small."""

import tracemalloc
from dataclasses import replace
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feed_samples import SAMPLES, sample
from impetus.adapters.feeds import datex2_types, records, siri_types
from impetus.adapters.feeds.datex2 import MEASURED
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.records import Wanted, bound, names_of
from impetus.adapters.feeds.records import records as walk
from impetus.adapters.feeds.siri import SIRI, read_siri
from impetus.core.errors import ImpetusError, Malformed, TooLarge

SCHEMAS = SAMPLES.parents[3] / "src" / "impetus" / "adapters" / "feeds"
XS = "{http://www.w3.org/2001/XMLSchema}"
PLAIN = Wanted(
    root=frozenset({"r"}),
    spaces=("urn:ours",),
    records=frozenset({"one"}),
    through=frozenset({"wrap"}),
    heads=frozenset({"at"}),
)
BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><one>&x;</one></r>'
REMOTE = '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>'


def texts(body: str | bytes, wanted: Wanted = PLAIN) -> list[str]:
    """Return the records as text."""
    raw = body if isinstance(body, bytes) else body.encode()
    return [etree.tostring(record, encoding="unicode") for record, _ in walk(raw, wanted)]


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, REMOTE])
def test_a_document_type_is_refused_before_anything_is_read(body: str) -> None:
    """By it entities are declared: bombs, files of this machine, other servers."""
    with pytest.raises(Malformed, match="DOCTYPE"):
        texts(body)
    with pytest.raises(Malformed, match="DOCTYPE"):
        read_siri(body.replace("<r>", "<Siri>").encode(), Reading())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not well-formed"),
        (b"{}", "not well-formed"),
        (b"<r><one></r>", "not well-formed"),
        (b"<r>&nothing;</r>", "not well-formed"),
        (b"<html/>", "the document is html"),
        (b'<r xmlns="urn:theirs"/>', "the document is urn:theirs r"),
        (b'<?xml version="1.0" encoding="UTF-7"?><r/>', "encoding UTF-7"),
        (b"\x00\x01\x02", "not well-formed"),
    ],
)
def test_what_is_no_document_of_the_format_is_refused(body: bytes, said: str) -> None:
    """An error page, another format, half a document."""
    with pytest.raises(Malformed, match=said):
        texts(body)


@pytest.mark.parametrize(
    ("name", "limit", "body"),
    [
        ("MOST_DEPTH", 5, "<r>" + "<a>" * 9 + "</a>" * 9 + "</r>"),
        ("MOST_ELEMENTS", 5, "<r>" + "<a/>" * 9 + "</r>"),
        ("MOST_IN_RECORD", 5, "<r><one>" + "<a/>" * 9 + "</one></r>"),
        ("MOST_ATTRIBUTES", 2, '<r a="1" b="2" c="3"/>'),
    ],
)
def test_a_document_is_bounded_in_every_direction(
    name: str, limit: int, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Depth, elements, elements of one record, attributes."""
    assert texts(body) is not None
    monkeypatch.setattr(records, name, limit)
    with pytest.raises(TooLarge):
        texts(body)


def test_names_lose_their_namespace_and_foreign_elements_are_passed_over() -> None:
    """With all they hold, also when they hold something that looks like ours."""
    body = '<r xmlns="urn:ours/2" xmlns:f="urn:theirs"><f:x><one>no</one></f:x><one f:a="1" b="2"><a>yes</a><f:y><a>no</a></f:y></one></r>'
    assert texts(body) == ['<one b="2"><a>yes</a></one>']


def test_wrappings_are_looked_through() -> None:
    """The text of a wrapping is its parent's, and so is what it holds."""
    assert texts("<r><one><wrap>5</wrap><wrap><a>6</a></wrap></one></r>") == ["<one>5<a>6</a></one>"]


def test_of_what_is_not_read_nothing_is_built() -> None:
    """A driver's number is not even in memory, nor what stands inside what is not read."""
    known = replace(PLAIN, known=frozenset({"a"}))
    body = "<r><one><wrap><a>6</a><driver>7<a>8</a></driver></wrap><driver/>9</one></r>"
    assert texts(body, known) == ["<one><a>6</a></one>"]


def test_the_names_that_are_read_are_those_of_the_classes() -> None:
    """Those inside each other too."""
    assert names_of(siri_types.VehicleActivity) == {
        "RecordedAtTime",
        "ValidUntilTime",
        "MonitoredVehicleJourney",
        "LineRef",
        "PublishedLineName",
        "Monitored",
        "VehicleLocation",
        "Longitude",
        "Latitude",
        "Delay",
    }
    assert {"EstimatedCall", "ExpectedArrivalTime"} < names_of(siri_types.EstimatedVehicleJourney)
    assert {"id", "measurementSiteName", "values", "value", "latitude", "longitude"} == names_of(datex2_types.Site)
    assert not {name for name in (*SIRI.known, *MEASURED.known) if "Driver" in name or "VehicleRef" in name}


def test_what_stands_before_the_records_can_be_kept() -> None:
    """Once: the first word counts."""
    body = b"<r><at>12:00</at><x><at>13:00</at></x><one/></r>"
    assert [dict(heads) for _, heads in walk(body, PLAIN)] == [{"at": "12:00"}]


def test_text_without_end_is_cut() -> None:
    """No name and no time is that long."""
    (found,) = texts("<r><one><a>" + "x" * 100_000 + "</a></one></r>")
    assert len(found) < records.MOST_TEXT + 100


def test_a_large_delivery_costs_the_memory_of_one_record() -> None:
    """Four thousand records, and never two of them at once for longer than a piece."""
    body = b"<r>" + b"<one><a>12</a><b>34</b></one>" * 4_000 + b"</r>"
    tracemalloc.start()
    count = sum(1 for _ in walk(body, PLAIN))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert most < 1_500_000


def test_a_value_of_another_type_makes_the_record_unreadable_and_no_more() -> None:
    """One bad record is counted; what nobody named is passed over."""
    good = etree.fromstring("<EstimatedVehicleJourney><LineRef>1</LineRef><New>2</New></EstimatedVehicleJourney>")
    assert bound(good, siri_types.EstimatedVehicleJourney) == siri_types.EstimatedVehicleJourney(line_ref="1")
    for inside in (
        "<Cancellation>perhaps</Cancellation>",
        "<RecordedAtTime>soon</RecordedAtTime>",
        "<LineRef><a/></LineRef>",
    ):
        bad = etree.fromstring(f"<EstimatedVehicleJourney>{inside}</EstimatedVehicleJourney>")
        assert bound(bad, siri_types.EstimatedVehicleJourney) is None


@pytest.mark.parametrize(("schema", "module"), [("siri.xsd", siri_types), ("datex2.xsd", datex2_types)])
def test_the_generated_classes_are_those_of_the_schema(schema: str, module: object) -> None:
    """Every type is a class, every element and attribute a field of it under the same name, and nothing more."""
    tree = etree.parse(str(SCHEMAS / schema))
    etree.XMLSchema(tree)
    for kind in tree.iterfind(f"{XS}complexType"):
        fields = getattr(module, kind.get("name")).__dataclass_fields__
        told = {(field.metadata.get("name") or name, field.metadata["type"]) for name, field in fields.items()}
        said = {
            (each.get("name"), each.tag.removeprefix(XS).capitalize())
            for each in kind.iter(f"{XS}element", f"{XS}attribute")
        }
        assert told == said, kind.get("name")


@pytest.mark.parametrize(
    ("name", "wanted", "schema"), [("siri-vm.xml", SIRI, "siri.xsd"), ("siri-et.xml", SIRI, "siri.xsd")]
)
def test_what_is_read_of_a_sample_follows_the_schema(name: str, wanted: Wanted, schema: str) -> None:
    """Once what the schema does not name is taken away; one record of a sample is wrong on purpose."""
    checked = etree.XMLSchema(etree.parse(str(SCHEMAS / schema)))
    named = {each.get("name") for each in etree.parse(str(SCHEMAS / schema)).iter(f"{XS}element")}
    good = 0
    for record, _ in walk(sample(name), wanted):
        for each in list(record.iter()):
            parent = each.getparent()
            if parent is not None and each.tag not in named:
                parent.remove(each)
        for each in record.iter():
            each.attrib.clear()
        good += checked.validate(record)
    assert good >= 4


@settings(max_examples=60)
@given(st.binary(max_size=80), st.text(max_size=30), st.integers(0, 2000))
def test_whatever_comes_is_read_or_refused(raw: bytes, text: str, cut: int) -> None:
    """Noise, odd letters in odd places, and deliveries cut anywhere."""
    whole = sample("siri-et.xml")
    bodies = (
        raw,
        whole[:cut] + raw + whole[cut:],
        whole[:cut],
        whole.replace(b"HAR:Line:17", escape(text).encode("utf-8", "replace")),
    )
    outcomes = set()
    for body in bodies:
        try:
            outcomes.add(len(read_siri(body, Reading())) >= 0)
        except ImpetusError as error:
            outcomes.add(bool(error.remedy))
    assert outcomes == {True}
