"""CAP as XML: ours validates against the OASIS schema and comes back as it was; others' is read with suspicion."""

import base64
import contextlib
import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from desk.warning_samples import ENGLISH, content
from impetus.adapters.cap import safe_xml
from impetus.adapters.cap.codec import XmlCap
from impetus.core.errors import ImpetusError, Malformed, TheirFault, TooLarge
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.place import Point
from impetus.core.warning import (
    ActualMessage,
    Area,
    Category,
    ExerciseMessage,
    Header,
    Message,
    MessageType,
    Reference,
    Response,
    Signed,
    TestMessage,
    Wording,
)
from impetus.processes.cap import crosses

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
DATA = Path(os.environ.get("IMPETUS_DATA", "../shared/data")) / "cap"
CAP = XmlCap()
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the samples and schemas of CAP are not in the data folder")


def schema() -> etree.XMLSchema:
    """Return the OASIS schema of CAP 1.2; the project ships none."""
    return etree.XMLSchema(etree.parse(DATA / "schema" / "cap12.xsd"))


@needs_data
@pytest.mark.parametrize("kind", [ActualMessage, ExerciseMessage, TestMessage])
@pytest.mark.parametrize("type_", list(MessageType))
def test_every_status_and_type_validates_against_the_oasis_schema(
    kind: type[ActualMessage] | type[ExerciseMessage] | type[TestMessage], type_: MessageType
) -> None:
    """Alert, update and cancel with references, several languages, polygon and circle."""
    references = (
        () if type_ is MessageType.ALERT else (Reference(sender="room@city.example", identifier="city.0", sent=AT),)
    )
    body = CAP.write(kind(header=replace(HEADER, type=type_, references=references), content=content(AT)))
    schema().assertValid(etree.fromstring(body))
    assert CAP.read(body).status == kind.status.value


def test_a_document_worked_by_hand() -> None:
    """Latitude first, the ring closed, offsets in figures, one block for each language, in the schema's order."""
    text = CAP.write(ActualMessage(header=HEADER, content=content(AT))).decode()
    assert "<sent>2026-03-14T21:00:00-00:00</sent>" in text
    assert (
        "<polygon>59.911000,10.732200 59.911000,10.734800 59.912000,10.734800 59.912000,10.732200 59.911000,10.732200"
        in text
    )
    assert "<circle>59.911500,10.733500 0.250</circle>" in text
    assert [text.count(f"<language>{each}</language>") for each in ("en", "nb")] == [1, 1]
    assert text.index("<category>") < text.index("<event>") < text.index("<responseType>") < text.index("<urgency>")


def test_what_is_written_comes_back() -> None:
    """Words, bounds, references."""
    reference = Reference(sender="room@city.example", identifier="city.0", sent=AT)
    header = replace(HEADER, type=MessageType.UPDATE, references=(reference,))
    read = CAP.read(CAP.write(ActualMessage(header=header, content=content(AT))))
    assert read.wordings == content(AT).wordings
    assert read.areas[0] == content(AT).area
    assert (read.severity, read.urgency, read.certainty) == (Severity.EXTREME, Urgency.IMMEDIATE, Certainty.OBSERVED)
    assert read.references == ("room@city.example,city.0,2026-03-14T21:00:00-00:00",)
    assert (read.sent, read.expires) == (AT, AT + timedelta(hours=1))


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp", "Cf")), min_size=1, max_size=60
).filter(lambda text: text == text.strip() and text)
CORNERS = st.builds(Point, lon=st.integers(-179, 179).map(float), lat=st.integers(-89, 89).map(float))


@needs_data
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    words=st.tuples(WORDS, WORDS, WORDS, WORDS),
    ring=st.lists(CORNERS, min_size=3, max_size=6, unique=True).filter(lambda ring: not crosses(ring)),
    choice=st.tuples(st.sampled_from(Category), st.sampled_from(Severity), st.sampled_from(Response)),
)
def test_any_words_and_areas_validate_and_come_back(
    words: tuple[str, str, str, str], ring: list[Point], choice: tuple[Category, Severity, Response]
) -> None:
    """Whatever is typed: valid XML of the schema, and the same words for whoever reads it."""
    wording = Wording(language="en", event=words[0], headline=words[1], description=words[2], instruction=words[3])
    said = content(
        AT,
        wordings=(wording,),
        area=Area(description=words[0], polygons=(tuple(ring),)),
        category=choice[0],
        severity=choice[1],
        response=choice[2],
    )
    body = CAP.write(ExerciseMessage(header=HEADER, content=said))
    schema().assertValid(etree.fromstring(body))
    read = CAP.read(body)
    assert (read.wordings, read.areas[0].polygons) == ((wording,), (tuple(ring),))


GOOD_SAMPLES = [
    "australia",
    "canada",
    "earthquake",
    "earthquake-iso8859-1",
    "no_optional_fields",
    "wcatwc-warning",
    "weather",
]


@needs_data
@pytest.mark.parametrize("name", GOOD_SAMPLES)
def test_alerts_of_real_authorities_are_read(name: str) -> None:
    """Versions 1.1 and 1.2, in two encodings."""
    alert = CAP.read((DATA / "testdata" / f"{name}.cap").read_bytes())
    assert (alert.identifier, alert.status) != ("", "")
    assert all(wording.headline for wording in alert.wordings)


BROKEN = {
    "xee.cap": "DOCTYPE",
    "xee.atom": "DOCTYPE",
    "invalid.cap": "alert.scope is missing",
    "canada_errors.cap": "references is empty",
    "noaa_errors.cap": "references is empty",
    "invalid.rss": "the channel has no title",
    "invalid_element.atom": "an element foo",
    "no_id.atom": "the feed has no id",
    "bushfire_valid.edxlde": "EDXLDistribution",
    "bushfire_invalid.edxlde": "EDXLDistribution",
}


@needs_data
@pytest.mark.parametrize("name", BROKEN)
def test_broken_and_hostile_samples_are_refused_with_a_clear_reason(name: str) -> None:
    """Each names what is wrong, the limit and a remedy."""
    with pytest.raises(Malformed, match=BROKEN[name]) as refused:
        CAP.read_page((DATA / "testdata" / name).read_bytes())
    assert refused.value.limit
    assert refused.value.remedy


LEFT_OUT = {
    "no_title.atom": "no title",
    "no_link.atom": "neither an alert nor a link",
    "weather_invalid.atom": "alert.identifier is INVALID,",
}


@needs_data
@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_bad_entry_is_left_out_with_its_reason(name: str) -> None:
    """One bad alert does not take the others of a feed along."""
    page = CAP.read_page((DATA / "testdata" / name).read_bytes())
    assert (page.alerts, page.links) == ((), ())
    assert LEFT_OUT[name] in page.left_out[0]


@needs_data
@pytest.mark.parametrize(
    ("name", "alerts", "links"),
    [
        ("amber.atom", 1, 0),
        ("weather.atom", 1, 0),
        ("weather_index.atom", 0, 2),
        ("earthquake_index.atom", 0, 1),
        ("ny_index.rss", 0, 2),
        ("empty_weather_index.atom", 0, 0),
        ("no_entries.atom", 0, 0),
        ("canada.cap", 1, 0),
    ],
)
def test_feeds_give_alerts_and_links(name: str, alerts: int, links: int) -> None:
    """ATOM with alerts inside, indexes of links, RSS, and a bare alert at the feed's address."""
    page = CAP.read_page((DATA / "testdata" / name).read_bytes())
    assert (len(page.alerts), len(page.links), page.left_out) == (alerts, links, ())


@needs_data
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("earthquake_signed.cap", "SHA-1"),
        ("canada_signed.cap", "2 signatures"),
        ("canada_signed.atom", "inside a feed"),
    ],
)
def test_real_signatures_that_prove_nothing_are_called_unverified(name: str, word: str) -> None:
    """Signed with SHA-1, twice, or inside a feed: noted as signed, and as not verified, with the reason."""
    certificate = str(DATA / "testdata" / "naads_x509_cert.pem")
    (alert,) = CAP.read_page((DATA / "testdata" / name).read_bytes(), (certificate,)).alerts
    assert (alert.signed, word in alert.signer) == (Signed.UNVERIFIED, True)


@needs_data
def test_a_real_alert_changed_after_signing_is_called_broken() -> None:
    """The digest is over the document as it was."""
    body = (DATA / "testdata" / "earthquake_signed.cap").read_bytes()
    assert CAP.read(body.replace(b"<status>Actual</status>", b"<status>Test</status>")).signed is Signed.BROKEN


DS = "http://www.w3.org/2000/09/xmldsig#"


def signed(message: Message, key: rsa.RSAPrivateKey) -> bytes:
    """Return a message with an enveloped signature, RSA and SHA-256."""
    root = etree.fromstring(CAP.write(message))
    digest = base64.b64encode(hashlib.sha256(etree.tostring(root, method="c14n")).digest()).decode()
    algorithm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    info = (
        f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{algorithm}"></CanonicalizationMethod>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
        f'<Reference URI=""><Transforms><Transform Algorithm="{DS}enveloped-signature"></Transform></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )
    value = base64.b64encode(key.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    inner = info.replace(f' xmlns="{DS}"', "", 1)
    root.append(
        etree.fromstring(f'<Signature xmlns="{DS}">{inner}<SignatureValue>{value}</SignatureValue></Signature>')
    )
    return etree.tostring(root)


def certificate_of(key: rsa.RSAPrivateKey, file: Path, *, since: datetime = AT - timedelta(days=1)) -> str:
    """Write a certificate of the key, valid for ten days, and return where."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Weather service")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=10))
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return str(file)


def test_a_signature_holds_only_with_a_certificate_named_by_a_person(tmp_path: Path) -> None:
    """The right key; no key; another's; the right one out of its time; and a changed document."""
    key, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    body = signed(ActualMessage(header=HEADER, content=content(AT)), key)
    right, wrong = certificate_of(key, tmp_path / "a.pem"), certificate_of(other, tmp_path / "b.pem")
    late = certificate_of(key, tmp_path / "c.pem", since=AT + timedelta(days=1))
    assert CAP.read(body, (wrong, right)).signed is Signed.VERIFIED
    assert "Weather service" in CAP.read(body, (right,)).signer
    assert CAP.read(body).signed is Signed.UNVERIFIED
    assert CAP.read(body, (wrong,)).signed is Signed.UNVERIFIED
    assert "not valid then" in CAP.read(body, (late,)).signer
    changed = body.replace(ENGLISH.headline.encode(), b"Stay where you are")
    assert CAP.read(changed, (right,)).signed is Signed.BROKEN
    assert CAP.read(CAP.write(ActualMessage(header=HEADER, content=content(AT)))).signed is Signed.NO


def test_a_signature_over_something_else_does_not_vouch_for_the_alert(tmp_path: Path) -> None:
    """Wrapped deeper, pointed at an id, or signed info changed after signing: not verified."""
    key = rsa.generate_private_key(65537, 2048)
    right = certificate_of(key, tmp_path / "a.pem")
    body = signed(ActualMessage(header=HEADER, content=content(AT)), key)
    for before, after in (
        (b'<Reference URI="">', b'<Reference URI="#x">'),
        (b"xmldsig-more#rsa-sha256", b"xmldsig-more#none"),
        (b"<SignatureValue>", b"<SignatureValue>AAAA"),
        (b"<SignatureValue>", b"<SignatureValue>!"),
    ):
        assert before in body
        assert CAP.read(body.replace(before, after), (right,)).signed is Signed.UNVERIFIED


BILLION = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><alert>&b;</alert>'
HOSTILE = [
    BILLION,
    b'<!DOCTYPE alert SYSTEM "file:///etc/passwd"><alert/>',
    b'<?xml version="1.0" encoding="UTF-7"?><alert/>',
    b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><alert/>',
    b"<alert>&undefined;</alert>",
    b"<alert" + b" a='1'" * 40 + b"/>",
    b"<alert>" * 30 + b"</alert>" * 30,
    b"<alert>" + b"<a/>" * 41_000 + b"</alert>",
    b"",
    b"\x00",
    b"<alert",
    b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    BILLION.decode().encode("utf-16"),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_xml_is_refused_before_it_is_a_tree(body: bytes) -> None:
    """Entities, document types, odd encodings, depth, width, nothing at all."""
    with pytest.raises(TheirFault):
        CAP.read_page(body)


def test_a_document_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one byte of it is parsed."""
    monkeypatch.setattr(safe_xml, "MOST_BYTES", 10)
    with pytest.raises(TooLarge):
        CAP.read(b"<alert>        </alert>")


def outcome_of(body: bytes) -> str:
    """Say what became of a document: nothing else may."""
    try:
        page = CAP.read_page(body)
    except ImpetusError as refused:
        return "refused" if refused.detail and refused.remedy else "refused without a word"
    return "read" if page.alerts else "read as nothing"


SAMPLE = CAP.write(ActualMessage(header=HEADER, content=content(AT)))


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, len(SAMPLE)), cut=st.integers(0, 40), put=st.binary(max_size=12))
def test_no_changed_document_does_anything_but_be_read_or_be_refused(place: int, cut: int, put: bytes) -> None:
    """Fuzzed at every place."""
    assert outcome_of(SAMPLE[:place] + put + SAMPLE[place + cut :]) in {"read", "refused"}


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(
        ["sent", "status", "polygon", "circle", "severity", "expires", "references", "language", "area"]
    ),
    text=st.text(max_size=40),
)
def test_no_text_of_an_element_does_anything_but_be_read_or_be_refused(name: str, text: str) -> None:
    """Each element with anything in it."""
    root = etree.fromstring(SAMPLE)
    space = etree.QName(root).namespace
    with contextlib.suppress(ValueError):  # text that XML cannot carry does not come as XML either
        for element in root.iter(f"{{{space}}}{name}"):
            element.text = text
    assert outcome_of(etree.tostring(root)) in {"read", "refused"}
