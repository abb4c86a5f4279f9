"""What makes a warning fit to be released: faults that hold it back, hints that do not, and how a phone would show it.

**Source**: CAP 1.2 (OASIS, 2010), section 3.2; EU-Alert: ETSI TS 102 900 (levels and use of cell broadcast); 3GPP TS 23.041
(a broadcast has at most 15 pages of 82 octets); 3GPP TS 23.038 (the 7-bit alphabet).
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.place import Point
from impetus.core.warning import Area, Message, MessageType, Reference, WarningContent, Wording

PAGES = 15
"""3GPP TS 23.041, 9.4.1.2.4: pages of a cell broadcast."""
PAGE_7BIT, PAGE_UCS2 = 93, 40
"""Characters of a page of 82 octets: 82 * 8 / 7 = 93 in the 7-bit alphabet; (82 - 2) / 2 = 40 in UCS-2, whose first two
octets say the language (3GPP TS 23.038, section 5, coding group 0001)."""
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO = frozenset("^{}\\[~]|€")
"""3GPP TS 23.038, 6.2.1 and 6.2.1.1: the alphabet, and what takes two places in it."""
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
"""RFC 3066 as CAP means it: a language, and where it is spoken."""
MOST_LANGUAGES, MOST_POINTS, MOST_CHARS = 12, 200, 4000
LONGEST = timedelta(hours=24)
"""A warning that is still right after a day was said anew meanwhile. House rule."""
HEADLINE = 160
"""Recommended longest headline: CAP 1.2, section 3.2.2, `headline`."""
SENTENCE_WORDS, WORD_CHARS = 15, 13
"""Sentences of at most 15 words and few long words are what people under stress take in. House rule, after Sutton et al.,
"Designing Effective Tsunami Messages" (2018), and the five parts they name: source, hazard, place, time, what to do."""
NO_AREA = "say where it holds: a polygon or a circle, and its name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How one language's words come out on a phone.

    `text` is what would be broadcast; `characters` its length in the alphabet it needs, `most` what fits; `alphabet` is
    `7-bit` or `UCS-2`; `forces` the characters because of which it is UCS-2.
    """

    language: str
    text: str
    characters: int
    most: int
    pages: int
    alphabet: str
    forces: str = ""

    @property
    def fits(self) -> bool:
        """Say whether the broadcast takes it whole."""
        return self.characters <= self.most


def preview(wording: Wording) -> Preview:
    """Return how a phone would show one language's words.

    >>> preview(Wording(language="en", event="x", headline="Leave", description="By E2.")).characters
    12
    """
    text = "\n".join(part for part in (wording.headline, wording.description, wording.instruction) if part)
    forces = "".join(dict.fromkeys(letter for letter in text if letter not in GSM7 | GSM7_TWO))
    if forces:
        count, page, alphabet = len(text.encode("utf-16-be")) // 2, PAGE_UCS2, "UCS-2"
    else:
        count, page, alphabet = sum(2 if letter in GSM7_TWO else 1 for letter in text), PAGE_7BIT, "7-bit"
    return Preview(
        language=wording.language,
        text=text,
        characters=count,
        most=page * PAGES,
        pages=max(1, -(-count // page)),
        alphabet=alphabet,
        forces=forces[:20],
    )


def faults(message: Message, at: datetime) -> tuple[str, ...]:
    """Return what holds a message back, each as a sentence that says what to do; none when it may be released."""
    header, content = message.header, message.content
    found = [*_word_faults(content.wordings), *_area_faults(content.area)]
    if not at < content.expires <= at + LONGEST:
        found.append(f"let it expire between now and {LONGEST.total_seconds() / 3600:g} hours from now")
    if (header.type is MessageType.ALERT) == bool(header.references):
        found.append("an alert names no earlier message, an update or cancellation at least one")
    if not re.fullmatch(r"[^\s,<&]+", header.sender):
        found.append("declare the sender in effectors.toml")
    return tuple(found)


def _word_faults(wordings: Sequence[Wording]) -> list[str]:
    found = [] if wordings else ["write it in at least one language"]
    if len(wordings) > MOST_LANGUAGES:
        found.append(f"at most {MOST_LANGUAGES} languages")
    languages = [each.language.casefold() for each in wordings]
    for wording in wordings:
        if not LANGUAGE.fullmatch(wording.language):
            found.append(f"language {wording.language[:20]!r}: write it like en or nb-NO")
        elif languages.count(wording.language.casefold()) > 1:
            found.append(f"language {wording.language.casefold()}: once is enough")
        parts = (("event", wording.event), ("headline", wording.headline), ("description", wording.description))
        found += [f"{wording.language}: say the {name}" for name, text in parts if not text.strip()]
        shown = preview(wording)
        if not shown.fits:
            found.append(
                f"{wording.language}: {shown.characters} characters, at most {shown.most} fit ({shown.alphabet})"
            )
        if any(
            not _is_plain(text) for text in (wording.event, wording.headline, wording.description, wording.instruction)
        ):
            found.append(f"{wording.language}: take out characters that cannot be shown")
    return list(dict.fromkeys(found))


def _is_plain(text: str) -> bool:
    """Say whether XML 1.0 and a phone can carry a text: printable, or a new line."""
    return all(letter.isprintable() or letter == "\n" for letter in text)


def _area_faults(area: Area) -> list[str]:
    found = []
    if not area.description.strip() or not (area.polygons or area.circles):
        found.append(NO_AREA)
    for ring in area.polygons:
        if not len(set(ring)) >= 3:  # noqa: PLR2004 - a ring has three corners
            found.append("a polygon needs three corners or more")
        elif len(ring) > MOST_POINTS:
            found.append(f"a polygon of {len(ring)} corners: at most {MOST_POINTS}")
        elif crosses(ring):
            found.append("the polygon crosses itself: put its corners in order")
    if any(not 0 < circle.radius_km <= 100 for circle in area.circles):  # noqa: PLR2004 - a city, not a country
        found.append("a circle's radius is more than 0 and at most 100 km")
    return found


def crosses(ring: Sequence[Point]) -> bool:
    """Say whether two sides of a ring cross; sides that only touch at their common corner do not."""
    sides = [(ring[place], ring[(place + 1) % len(ring)]) for place in range(len(ring))]
    return any(
        _cross(sides[one], sides[other])
        for one in range(len(sides))
        for other in range(one + 2, len(sides))
        if not (one == 0 and other == len(sides) - 1)
    )


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    a, b, c, d = *one, *other
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)


def hints(wording: Wording) -> tuple[str, ...]:
    """Return what would make the words easier to take in; nothing of it holds a warning back."""
    text = f"{wording.description} {wording.instruction}"
    sentences = [sentence.split() for sentence in re.split(r"[.!?\n]+", text) if sentence.split()]
    longest = max((len(sentence) for sentence in sentences), default=0)
    found = []
    if longest > SENTENCE_WORDS:
        found.append(f"a sentence of {longest} words: at most {SENTENCE_WORDS} are taken in at once")
    long_words = {word.strip(".,;:!?") for sentence in sentences for word in sentence if len(word) > WORD_CHARS}
    if long_words:
        found.append(f"long words: {', '.join(sorted(long_words)[:3])}")
    if len(wording.headline) > HEADLINE:
        found.append(f"the headline has {len(wording.headline)} characters: at most {HEADLINE} are sure to be shown")
    if not wording.instruction.strip():
        found.append("say what people shall do")
    if not re.search(r"\d", text):
        found.append("say until when, or when you will speak next")
    if (letters := [letter for letter in text if letter.isalpha()]) and all(letter.isupper() for letter in letters):
        found.append("capitals throughout are hard to read")
    return tuple(found)


def agreed_text(message: Message) -> str:
    """Return everything two people agree to, as one canonical text: all of the message but when it is sent."""
    header, content = message.header, message.content
    return json.dumps(
        {
            "status": message.status,
            "type": header.type,
            "identifier": header.identifier,
            "sender": header.sender,
            "references": [_reference(each) for each in header.references],
            "what": [content.category, content.severity, content.urgency, content.certainty, content.response],
            "expires": content.expires.isoformat(),
            "contact": [content.contact, content.web],
            "words": [
                [each.language, each.event, each.headline, each.description, each.instruction]
                for each in content.wordings
            ],
            "area": _area(content.area),
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def digest_of(message: Message) -> str:
    """Return the SHA-256 of what is agreed to, in hexadecimal."""
    return hashlib.sha256(agreed_text(message).encode()).hexdigest()


def _reference(reference: Reference) -> list[str]:
    return [reference.sender, reference.identifier, reference.sent.isoformat()]


def _area(area: Area) -> list[object]:
    return [
        area.description,
        [[[point.lon, point.lat] for point in ring] for ring in area.polygons],
        [[circle.centre.lon, circle.centre.lat, circle.radius_km] for circle in area.circles],
    ]


def said_in_short(content: WarningContent, most: int) -> str:
    """Return the words of every language, shortened, for whoever is asked to agree."""
    said = " · ".join(f"{each.language}: {each.headline}" for each in content.wordings)
    return said if len(said) <= most else said[: most - 1] + "…"
