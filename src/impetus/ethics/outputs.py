"""What actually leaves a tool, looked at for what no manifest admits: vectors of bodies, identifiers of persons, pictures.

How it works: `inspect` looks at one finding with its evidence as texts, numbers and series; `Sightings` remembers
identifier-like values and where they were seen, because one alone says nothing and the same one at two places is a person who
was followed. Both are pure and bounded; the time is handed in.

**Source**: AI Act, article 5(1)(h); GDPR, articles 4(14), 5(1)(c) and 9(1); position 4 of the house's ethics.
"""

import base64
import binascii
import math
import re
import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.text import Phrase
from impetus.ethics.capability import Fact, facts_of
from impetus.ethics.prohibited import Component, Configuration, Refusal, judge

SHORTEST_VECTOR = 32
"""Numbers from which a list is long enough to be a person's template; published ones have 64 to 2,048. House rule."""
UNIT = 1e-3
"""How near to 1 the length of a vector lies that was normalised to it (L2), in 32-bit floats and after rounding."""
SMALLEST_COMPONENT, LARGEST_COMPONENT = 1e-6, 20.0
"""Smallest and largest number believed to be a component of a feature vector. House rule."""
LONGEST_TRACK = timedelta(minutes=2)
"""How long one identifier may speak of one thing: a track ends with the view. House rule."""
MOST_REMEMBERED = 4096
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d+|\.\d+|\d+)(?:[eE][-+]?\d+)?")
_LIST = re.compile(rf"(?:{_NUMBER.pattern}[\s,;\[\]()]+){{{SHORTEST_VECTOR - 1},}}{_NUMBER.pattern}")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_HEX_BLOB = re.compile(r"(?:[0-9a-fA-F]{8}){16,}")
_IDENTIFIER = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{10,64}\b"
    r"|\b(?:person|subject|visitor|individual|track|pedestrian|pid|tid|uid|id)[_:#-]?[0-9a-z]*\d[0-9a-z]*\b",
    re.IGNORECASE,
)
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")

VECTOR = Refusal(
    rule="biometric data",
    article="GDPR, article 9(1)",
    why="What it gave has the shape of a vector by which a person can be known again.",
    what_would_be_allowed="counts, levels, boxes; a few named numbers about a place",
)
PICTURE = Refusal(
    rule="face crops",
    article="GDPR, article 5(1)(c)",
    why="What it gave holds a picture inside a text or a number, where no mask can reach it.",
    what_would_be_allowed="pictures through the port for media, where every person is a silhouette",
)
FOLLOWED = Refusal(
    rule="one person across cameras",
    article="GDPR, article 4(14)",
    why="The same identifier was given for two places.",
    what_would_be_allowed="identifiers of things that stand still; tracks that end with the camera's view",
)
KEPT_UP = Refusal(
    rule="one person across cameras",
    article="GDPR, article 4(14)",
    why="An identifier of a person lived longer than a track in one camera's view.",
    what_would_be_allowed="tracks that end with the camera's view, after two minutes at most",
)


def inspect(finding: Finding, evidence: Evidence) -> Refusal | None:
    """Return the prohibition that a finding with its evidence meets by its shape or its names, None for none."""
    texts = list(_texts(finding, evidence))
    if any(holds_picture(text) for text in texts):
        return PICTURE
    if any(holds_vector(text) for text in texts) or is_vector(list(finding.facts.values())):
        return VECTOR
    if any(is_vector(series.measured.tolist()) for series in evidence.series):
        return VECTOR
    names = (*finding.facts, *(name for phrase in _phrases(finding, evidence) for name in phrase.values))
    named = judge(Configuration(components=(Component(id="", gives=tuple(names)),)))
    return named[0] if named else None


def is_vector(numbers: Sequence[float]) -> bool:
    """Say whether a list of numbers is long and of length 1, as feature vectors are and measurements are not."""
    if len(numbers) < SHORTEST_VECTOR or not all(math.isfinite(number) for number in numbers):
        return False
    return len(set(numbers)) > len(numbers) // 4 and abs(math.hypot(*numbers) - 1.0) < UNIT


def holds_vector(text: str) -> bool:
    """Say whether a text holds a list of many numbers, or bytes that are 32-bit or 64-bit floats of a vector's size."""
    if _LIST.search(text):
        return True
    return any(_are_floats(body) for body in _blobs(text))


def holds_picture(text: str) -> bool:
    """Say whether a text holds a picture: PNG, JPEG, GIF, WebP or BMP, as it stands, in base64 or in hexadecimal."""
    if "data:image/" in text.lower():
        return True
    return any(body.startswith(_PICTURES) for body in _blobs(text))


def _blobs(text: str) -> Iterator[bytes]:
    for found in _HEX_BLOB.findall(text):
        yield bytes.fromhex(found)
    for found in _BLOB.findall(text):
        plain = found.rstrip("=").replace("-", "+").replace("_", "/")
        plain = plain[: len(plain) - (len(plain) % 4 == 1)]
        try:
            yield base64.b64decode(plain + "=" * (-len(plain) % 4))
        except (ValueError, binascii.Error):
            continue


def _are_floats(body: bytes) -> bool:
    """Say whether bytes are small finite floats, enough of them, of which few are zero."""
    for letter, size in (("f", 4), ("d", 8), ("e", 2)):
        count = len(body) // size
        if count < SHORTEST_VECTOR or len(body) % size:
            continue
        for order in "<>":
            numbers = struct.unpack(f"{order}{count}{letter}", body)
            fit = [
                each for each in numbers if math.isfinite(each) and SMALLEST_COMPONENT < abs(each) < LARGEST_COMPONENT
            ]
            if len(fit) >= 0.9 * count and (letter != "e" or is_vector(numbers)):
                return True
    return False


def _phrases(finding: Finding, evidence: Evidence) -> Iterator[Phrase]:
    yield from (finding.headline, finding.why, evidence.summary, *(series.title for series in evidence.series))


def _texts(finding: Finding, evidence: Evidence) -> Iterator[str]:
    yield finding.subject
    yield str(finding.key)
    yield from finding.facts
    for phrase in _phrases(finding, evidence):
        yield phrase.template
        for name, value in phrase.values.items():
            yield name
            yield str(value)
    yield from (series.unit for series in evidence.series)


@dataclass(slots=True, kw_only=True)
class Sightings:
    """Which identifier-like values were given for which things, the newest `MOST_REMEMBERED` of them."""

    seen: OrderedDict[str, dict[str, datetime]] = field(default_factory=OrderedDict)

    def look(
        self, finding: Finding, evidence: Evidence, things: Iterable[str], known: Mapping[str, object]
    ) -> Refusal | None:
        """Return why a finding is refused for an identifier that lives too long or at two places, None for none.

        `things` are those the finding is about; `known` are names of things, datastreams and places, which are no persons.
        """
        places = frozenset(things) or frozenset({finding.zone or finding.subject})
        for value, is_person in _identifiers(finding, evidence, known):
            sightings = self.seen.setdefault(value, {})
            self.seen.move_to_end(value)
            for place in places:
                sightings.setdefault(place, finding.noticed)
            while len(self.seen) > MOST_REMEMBERED:
                self.seen.popitem(last=False)
            if len(sightings) > len(places):
                return FOLLOWED
            if is_person and finding.noticed - min(sightings.values()) > LONGEST_TRACK:
                return KEPT_UP
        return None


def _identifiers(finding: Finding, evidence: Evidence, known: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Yield each identifier-like value, and whether its name says that it is a person's."""
    named = [(name, value) for phrase in _phrases(finding, evidence) for name, value in phrase.values.items()]
    named += [(name, value) for name, value in finding.facts.items()]
    for name, value in named:
        is_person = bool(facts_of([name]) & {Fact.PERSON_ID})
        if is_person:
            yield f"{name}={value}", True
        elif isinstance(value, str) and value not in known:
            yield from (
                (found.lower(), _is_persons(found)) for found in _IDENTIFIER.findall(value) if found not in known
            )
    if finding.subject.partition(":")[2] not in known:
        yield from ((found.lower(), _is_persons(found)) for found in _IDENTIFIER.findall(finding.subject))


def _is_persons(value: str) -> bool:
    return value.lower().startswith(("person", "subject", "visitor", "individual", "pedestrian", "track"))
