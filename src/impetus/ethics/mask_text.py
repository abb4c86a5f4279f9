"""Masking of texts: what points at a person is replaced by a word that says what stood there. Over-masking beats leaking.

How it works. A text is looked at twice removed from its spelling: letters that merely look different (full width, accents
apart) are folded and invisible signs left out, with the way back kept, so that masks fall on the text as written. Patterns
of ours find addresses, handles, plates, numbers of identity and account; clues from outside (`Clues`) say what is a phone
number and which words are names. Spans that touch become one; the same value in one text gets the same number, so that a
reader can follow who did what to whom without learning who. Invariants: nothing inside a span survives; masking what is
masked changes nothing.

What it does not do: understand. A nickname, a description ("the baker's son") or a name that is also a word passes; the
measured share is in `docs/reference/masking.md`.

**Source**: GDPR, articles 4(1) and 25(2). Control digits: see each pattern.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from impetus.core.errors import TooLarge
from impetus.ethics.text_names import names
from impetus.ethics.text_patterns import patterned, phones
from impetus.ethics.text_span import Clues, Span, TextKind

MAX_TEXT = 20_000
"""Longest text masked at once, in characters; a longer one is refused before it is read. House rule."""


def mask(text: str, clues: Clues) -> str:
    """Return the text with everything that points at a person masked, numbered by value.

    `[name 1] wrote to [e-mail 1] and [e-mail 2]`: equal values have equal numbers within this text, and in no other.
    """
    spans = find(text, clues)
    numbers: dict[tuple[TextKind, str], int] = {}
    parts, at = [], 0
    for span in spans:
        value = "".join(letter for letter in text[span.start : span.end].casefold() if letter.isalnum())
        of_kind = [number for (kind, _), number in numbers.items() if kind is span.kind]
        number = numbers.setdefault((span.kind, value), len(of_kind) + 1)
        parts += [text[at : span.start], f"[{span.kind.value} {number}]"]
        at = span.end
    return "".join([*parts, text[at:]])


def find(text: str, clues: Clues) -> tuple[Span, ...]:
    """Return what points at a person, in order, without overlap."""
    if len(text) > MAX_TEXT:
        raise TooLarge(f"a text of {len(text)} characters", value=len(text), limit=MAX_TEXT, remedy="mask it in pieces")
    plain, places = fold(text)
    found = [*patterned(plain), *phones(plain, clues), *names(plain, clues)]
    masked = [(match.start(), match.end()) for match in MASKED.finditer(plain)]
    kept = [span for span in found if not any(start <= span.start and span.end <= end for start, end in masked)]
    return tuple(Span(start=places[span.start], end=places[span.end - 1] + 1, kind=span.kind) for span in _joined(kept))


def fold(text: str) -> tuple[str, list[int]]:
    r"""Return the text in plain spelling, and for each of its characters the place it came from.

    >>> fold("\uff20a\u200bb")
    ('@ab', [0, 1, 3])
    """
    letters, places = [], []
    for place, letter in enumerate(text):
        if unicodedata.category(letter) in INVISIBLE:
            continue
        plain = unicodedata.normalize("NFKC", letter)
        letters.append(LOOKALIKES.get(letter, plain if len(plain) == 1 else letter))
        places.append(place)
    return "".join(letters), places


INVISIBLE = frozenset({"Cf", "Mn"})
"""Categories of signs that separate letters for machines and not for eyes: joiners, marks of direction, loose accents."""
LOOKALIKES = {"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2212": "-", "\u00a0": " ", "\u202f": " "}
MASKED = re.compile(r"\[(?:" + "|".join(re.escape(kind) for kind in TextKind) + r") \d+\]")

_ORDER = {kind: rank for rank, kind in enumerate(TextKind)}


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Yield spans without overlap, in order: what overlaps becomes one, named by the kind that says most."""
    current: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if current is not None and span.start < current.end:
            kind = min(current.kind, span.kind, key=_ORDER.__getitem__)
            current = Span(start=current.start, end=max(current.end, span.end), kind=kind)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
