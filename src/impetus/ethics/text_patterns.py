"""What points at a person by its form: addresses, links, accounts, numbers of identity, handles, plates, phones.

Every repetition is bounded, so that no text takes long. Patterns are wider than the rules they stand for: a typing error
still points at a person.

**Source**: RFC 5321 and 5322 (addresses); ISO 13616 (IBAN); the countries' registration plates as issued; for control digits
see each function.
"""

import re
from collections.abc import Iterator

from impetus.ethics.text_span import Clues, Span, TextKind

_AT = r"(?:@|\s?[\[({]\s?(?:at|æt|alfa|alfakrøll|krøllalfa|snabel-?a|chiocciola)\s?[\])}]\s?|\s(?:at|alfakrøll|krøllalfa|chiocciola)\s)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|punkt|punto)\s?[\])}]\s?|\s(?:dot|punkt|punto)\s)"
_SOCIAL = (
    r"(?:twitter|x|t|instagram|facebook|fb|tiktok|linkedin|telegram|threads|youtube|snapchat|reddit|github|vk|medium"
    r"|mastodon|bsky|discord|pinterest|strava|vipps|flickr)"
)
_FLAGS = re.IGNORECASE
_WORD_END = r"(?![\w])"

PATTERNS: tuple[tuple[TextKind, re.Pattern[str]], ...] = (
    (
        TextKind.EMAIL,
        re.compile(rf"[\w.+%'-]{{1,64}}{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,4}}[a-z]{{2,24}}{_WORD_END}", _FLAGS),
    ),
    (TextKind.URL, re.compile(r"\b[a-z][a-z+.-]{1,12}://[^\s/@]{1,100}@[^\s]{1,400}", _FLAGS)),
    (
        TextKind.URL,
        re.compile(
            rf"(?:https?://)?(?:[\w-]{{1,30}}\.){{0,3}}{_SOCIAL}\.(?:com|me|no|it|org|net|social|app|gg)/[^\s,;<>\"')]{{1,300}}",
            _FLAGS,
        ),
    ),
    (
        TextKind.URL,
        re.compile(
            r"(?:https?://|www\.)[^\s]{0,300}?(?:/@|/~|/u(?:ser)?s?/|/people/|/bruker/|/utent[ei]/|/profil[eo]?/|/in/|[?&](?:user|usr|u|id|uid|email|mail|name|phone|tlf)=)[^\s<>\"')]{1,300}",
            _FLAGS,
        ),
    ),
    (TextKind.ACCOUNT, re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![\w])", _FLAGS)),
    (TextKind.ACCOUNT, re.compile(r"(?<![\w.])\d{4}[. ]\d{2}[. ]\d{5}(?![\w])")),
    (TextKind.ACCOUNT, re.compile(r"(?<![\w.])(?:\d{4}[ -]){3}\d{4}(?![\w])")),
    (
        TextKind.IDENTITY,
        re.compile(
            r"\b[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]\b", _FLAGS
        ),
    ),
    (TextKind.HANDLE, re.compile(r"(?<![\w./@])@[\w](?:[\w.-]{0,48}\w)?(?:@[\w.-]{3,60}\w)?")),
    (TextKind.HANDLE, re.compile(r"(?<![\w/])/?u/[\w-]{3,32}\b")),
    (TextKind.HANDLE, re.compile(r"\b[\w.]{2,32}#\d{4}\b")),
    (
        TextKind.HANDLE,
        re.compile(
            r"\b(?:user ?name|brukernavn|nome utente|handle|alias|nickname|nick|kallenavn|snap|insta|telegram|tg|discord|skype|kik|signal|wickr|ig|steam|psn|gamertag)(?: (?:er|is|è))?\s?[:=]?\s+(?!(?:er|is|è|and|or|og|the|a|e)\b)(?P<it>[\w.-]*[\d_.][\w.-]*\w)",
            _FLAGS,
        ),
    ),
    (TextKind.PLATE, re.compile(r"\b[A-Z]{2}[ -]?\d{3}[ -]?[A-Z]{2}\b", _FLAGS)),
    (TextKind.PLATE, re.compile(r"\b[A-Z]{2}[ -]?\d{5}\b")),
    (TextKind.PLATE, re.compile(r"\b(?!EU|EN|UN|IP|NS|CO|AD|BC|KL|NR|RV|FV)[A-Z]{2}[ -]?\d{4}\b")),
    (TextKind.PLATE, re.compile(r"\b[a-z]{2}\d{5}\b", _FLAGS)),
    (TextKind.PLATE, re.compile(r"\b[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ -]?\d{1,4}[EH]?\b")),
    (TextKind.PLATE, re.compile(r"\b[A-ZÄÖÜ]{1,3} [A-Z]{1,2} \d{2,4}[EH]?\b")),
    (TextKind.PLATE, re.compile(r"\b(?!ISO|IEC|DIN|CET|RFC|UTC|KEV)[A-Z]{3} ?\d{2}[0-9A-HJ-PR-UW-Z]\b")),
    (TextKind.PLATE, re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b")),
    (TextKind.PLATE, re.compile(r"\b[A-Z]{2} \d{2} \d{3}\b")),
    (TextKind.PLATE, re.compile(r"\b\d{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}\b")),
    (
        TextKind.PLATE,
        re.compile(
            r"\b(?:reg(?:istration|istreringsnummer|\.? ?(?:nr|no|number))?\.?|plates?|number plate|licen[cs]e plate|skilt(?:nummer)?|bilskilt|targa|targato|targata|bil|auto)[\s:]+(?P<it>[A-Z]{2}[ -]?\d{4,5}|[A-Z]{2}[ -]?\d{3}[ -]?[A-Z]{2}|[A-Z0-9]{2,3}[ -]?(?=[A-Z]{0,4}\d)[A-Z0-9]{2,5})\b",
            _FLAGS,
        ),
    ),
    (TextKind.ADDRESS, re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")),
    (
        TextKind.ADDRESS,
        re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::|[0-9a-f]{1,4})(?::?[0-9a-f]{1,4}){0,4}(?![\w:])", _FLAGS),
    ),
    (
        TextKind.ADDRESS,
        re.compile(
            r"(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?(?![\w:])",
            _FLAGS,
        ),
    ),
)
"""Each kind's patterns, by what they look like. Every repetition is bounded, so that no text takes long."""

_DIGITS_11 = re.compile(r"(?<![\w.])\d{6}[ -]?\d{5}(?![\w])")
_DIGITS_10 = re.compile(r"(?<![\w.])(?:\d{2})?\d{6}[-+ ]?\d{4}(?![\w])")


def is_birth_number(digits: str) -> bool:
    """Say whether eleven digits can be a Norwegian identity number: a date of birth first, however coded.

    D-numbers add 40 to the day, synthetic ones 40, 65 or 80 to the month. The control digits are not asked for: a typing
    error still points at a person, and their rules change in 2032. **Source**: Norwegian Tax Administration, PID.

    >>> is_birth_number("01010112345"), is_birth_number("41018012345"), is_birth_number("99999912345")
    (True, True, False)
    """
    day, month = int(digits[:2]), int(digits[2:4])
    return (1 <= day <= 31 or 41 <= day <= 71) and any(1 <= month - shift <= 12 for shift in (0, 40, 65, 80))  # noqa: PLR2004 - days and months, see above


def has_birth_number_check(digits: str) -> bool:
    """Say whether eleven digits carry both control digits of a Norwegian identity number.

    **Source**: Norwegian Tax Administration: weights 3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2, modulus 11.

    >>> has_birth_number_check("01010750160"), has_birth_number_check("01010750161")
    (True, False)
    """
    numbers = [int(digit) for digit in digits]
    weights = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return all(sum(a * b for a, b in zip(row, numbers, strict=False)) % 11 == 0 for row in weights)


def has_tax_code_check(code: str) -> bool:
    """Say whether sixteen letters and digits carry the control letter of an Italian tax code.

    **Source**: decree of the Italian Ministry of Finance of 23 December 1976, articles 7 and 8.

    >>> has_tax_code_check("RSSMRA85T10A562S"), has_tax_code_check("RSSMRA85T10A562T")
    (True, False)
    """
    total = 0
    for place, sign in enumerate(code[:15].upper()):
        value = int(sign) if sign.isdigit() else ord(sign) - ord("A")
        total += _ODD[value] if place % 2 == 0 else value
    return ord(code[15].upper()) - ord("A") == total % 26


_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def patterned(text: str) -> Iterator[Span]:
    """Yield what the patterns find."""
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            group = "it" if "it" in pattern.groupindex else 0
            if kind is TextKind.PLATE and not any(letter.isdigit() for letter in match[group]):
                continue
            yield Span(start=match.start(group), end=match.end(group), kind=kind)
    for match in _DIGITS_11.finditer(text):
        digits = "".join(letter for letter in match[0] if letter.isdigit())
        if is_birth_number(digits) or has_birth_number_check(digits):
            yield Span(start=match.start(), end=match.end(), kind=TextKind.IDENTITY)
    for match in _DIGITS_10.finditer(text):
        digits = "".join(letter for letter in match[0] if letter.isdigit())[-10:]
        if _is_date(digits[:6]):
            yield Span(start=match.start(), end=match.end(), kind=TextKind.IDENTITY)


def _is_date(six: str) -> bool:
    """Say whether six digits are a day, written from either end (Danish, Finnish; Swedish)."""
    pairs = [int(six[place : place + 2]) for place in (0, 2, 4)]
    days = (pairs[0], pairs[2])
    return 1 <= pairs[1] <= 12 and any(1 <= day <= 31 or 61 <= day <= 91 for day in days)  # noqa: PLR2004 - days and months


def phones(text: str, clues: Clues) -> Iterator[Span]:
    """Yield phone numbers: those the library knows, and whatever is written after a plus or a word for phone."""
    for start, end in clues.phones(text):
        yield Span(start=start, end=end, kind=TextKind.PHONE)
    for match in _NUMBERED.finditer(text):
        yield Span(start=match.start("it"), end=match.end("it"), kind=TextKind.PHONE)


_NUMBERED = re.compile(
    r"(?<![\w])(?:(?P<lead>tlf|telefon|mobil|mob|ring|tel|phone|cell|cellulare|numero|nummer|whatsapp|call|sms|chiama)"
    r"\.?:?\s{0,2})?(?P<it>(?(lead)[+(]?\d[\d ().-]{5,18}\d|(?:\+|00)\d[\d ().-]{6,18}\d))(?![\w])",
    _FLAGS,
)
