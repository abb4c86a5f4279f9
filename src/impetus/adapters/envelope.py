"""Findings and evidence as JSON: a CloudEvents 1.0 envelope on the bus, the evidence alone in the blob store.

Reading is strict: every field is named, typed and bounded, an unknown field or a missing one is refused with the path of
what is wrong, and nothing is guessed. Numbers that are not finite are written as null and read as NaN. Writing reads back
what it wrote, so that nothing goes on the bus that the other end must refuse; findings are rare, this costs nothing.

**Source**: CloudEvents 1.0.2, sections 3.1 (required attributes) and JSON format 3; media type
`application/cloudevents+json`.
"""

from collections.abc import Mapping

import orjson

from impetus.adapters import fields
from impetus.adapters.evidence_document import MAX_FACTS, evidence_document, read_evidence, read_phrase, write_phrase
from impetus.core.errors import Malformed, TooLarge
from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.place import Point

TYPE = "org.impetus.finding.v1"
SOURCE_PREFIX = "urn:impetus:tool:"
MAX_BODY_BYTES = 8 * 1024 * 1024
"""Largest message read: six series of 10,000 points take about 3 MB, 5 MB at worst. House rule."""
MAX_KEY = 200
MAX_DATASTREAMS = 10_000
MAX_INT = 2**63 - 1


class JsonCodec:
    """Port `Codec` over JSON."""

    def encode_finding(self, finding: Finding, evidence: Evidence) -> bytes:
        """Return the CloudEvent of a finding with its evidence; `Malformed` when a field is outside its bounds."""
        return encode_finding(finding, evidence)

    def decode_finding(self, body: bytes) -> tuple[Finding, Evidence]:
        """Return the finding and the evidence of a CloudEvent, or raise `Malformed`."""
        return decode_finding(body)

    def encode_evidence(self, evidence: Evidence) -> bytes:
        """Return the evidence as JSON; `Malformed` when a field is outside its bounds."""
        return encode_evidence(evidence)

    def decode_evidence(self, body: bytes) -> Evidence:
        """Return the evidence, or raise `Malformed`."""
        return decode_evidence(body)


def encode_finding(finding: Finding, evidence: Evidence) -> bytes:
    """Return the CloudEvent of a finding with its evidence; `Malformed` when a field is outside its bounds."""
    body = _dump(
        {
            "specversion": "1.0",
            "id": finding.key,
            "source": f"{SOURCE_PREFIX}{finding.tool}",
            "type": TYPE,
            "time": fields.say_time(finding.noticed),
            "subject": finding.subject,
            "datacontenttype": "application/json",
            "data": {"finding": _finding_document(finding), "evidence": evidence_document(evidence)},
        }
    )
    decode_finding(body)
    return body


def decode_finding(body: bytes) -> tuple[Finding, Evidence]:
    """Return the finding and the evidence of a CloudEvent, or raise `Malformed`."""
    event = fields.Fields(_load(body), "event")
    event.constant("specversion", "1.0")
    event.constant("type", TYPE)
    event.constant("datacontenttype", "application/json")
    envelope = (
        event.text("id", MAX_KEY),
        event.text("source", MAX_KEY),
        event.time("time"),
        event.text("subject", MAX_KEY),
    )
    inner = event.inner("data")
    event.end()
    finding, evidence = _finding(inner.inner("finding")), read_evidence(inner.inner("evidence"))
    inner.end()
    expected = (finding.key, f"{SOURCE_PREFIX}{finding.tool}", finding.noticed, finding.subject)
    if envelope != expected or evidence.finding != finding.key:
        raise Malformed(
            "the envelope, its finding and its evidence are not about the same thing",
            value=envelope[0],
            limit="equal id, source, time and subject",
            remedy="write it with one encoder",
        )
    return finding, evidence


def encode_evidence(evidence: Evidence) -> bytes:
    """Return the evidence as JSON; `Malformed` when a field is outside its bounds."""
    body = _dump(evidence_document(evidence))
    decode_evidence(body)
    return body


def decode_evidence(body: bytes) -> Evidence:
    """Return the evidence, or raise `Malformed`."""
    return read_evidence(fields.Fields(_load(body), "evidence"))


def _dump(document: Mapping[str, object]) -> bytes:
    """Write JSON; NaN and infinity become null."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise Malformed(f"cannot be written as JSON: {error}", remedy="use texts, numbers and lists only") from error


def _load(body: bytes) -> object:
    """Read JSON of bounded size."""
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(
            f"message of {len(body)} bytes", value=len(body), limit=MAX_BODY_BYTES, remedy="shorten the series"
        )
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}", value=f"{len(body)} bytes", remedy="send JSON in UTF-8") from error


def _finding_document(finding: Finding) -> dict[str, object]:
    """Lay out a finding."""
    return {
        "key": finding.key,
        "tool": finding.tool,
        "kind": finding.kind,
        "subject": finding.subject,
        "headline": write_phrase(finding.headline),
        "why": write_phrase(finding.why),
        "began": fields.say_time(finding.began),
        "noticed": fields.say_time(finding.noticed),
        "ended": None if finding.ended is None else fields.say_time(finding.ended),
        "severity": finding.severity,
        "urgency": finding.urgency,
        "certainty": finding.certainty,
        "score": finding.score,
        "one_in": finding.one_in,
        "point": None if finding.point is None else [finding.point.lon, finding.point.lat],
        "zone": finding.zone,
        "datastreams": list(finding.datastreams),
        "simulated": finding.simulated,
        "facts": dict(finding.facts),
    }


def _finding(document: fields.Fields) -> Finding:
    """Read a finding."""
    one_in = document.optional("one_in", document.number)
    zone = document.optional("zone", lambda name: document.text(name, MAX_KEY))
    finding = Finding(
        key=FindingKey(document.text("key", MAX_KEY)),
        tool=ToolId(document.text("tool", MAX_KEY)),
        kind=document.one_of("kind", Kind),
        subject=document.text("subject", MAX_KEY),
        headline=read_phrase(document.inner("headline")),
        why=read_phrase(document.inner("why")),
        began=document.time("began"),
        noticed=document.time("noticed"),
        ended=document.optional("ended", document.time),
        severity=document.one_of("severity", Severity),
        urgency=document.one_of("urgency", Urgency),
        certainty=document.one_of("certainty", Certainty),
        score=document.number("score", lowest=0.0, highest=1.0),
        one_in=one_in,
        point=document.optional("point", lambda name: _point(document, name)),
        zone=None if zone is None else ZoneId(zone),
        datastreams=tuple(DatastreamId(item) for item in document.whole_numbers("datastreams", MAX_DATASTREAMS)),
        simulated=document.truth("simulated"),
        facts=document.facts("facts", MAX_FACTS, MAX_KEY),
    )
    document.end()
    return finding


def _point(document: fields.Fields, name: str) -> Point:
    """Read `[longitude, latitude]`."""
    column = document.column(name, 2)
    if column.shape != (2,):
        raise document.wrong(name, column.tolist(), "[longitude, latitude]")
    return Point(lon=float(column[0]), lat=float(column[1]))
