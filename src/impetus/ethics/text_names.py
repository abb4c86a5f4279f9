"""Which words of a text are somebody's name: known first names with what follows them, and people who are announced."""

import re
from collections.abc import Callable, Iterator, Sequence

from impetus.ethics.name_words import COMMON, MONTHS, NEVER, PARTICLES, TITLES
from impetus.ethics.text_span import Clues, Span, TextKind

_FLAGS = re.IGNORECASE
_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NAMED = re.compile(
    r"\b(?:my name is|i am called|named|called|name:|jeg heter|heter|ved navn|navn:|navnet er|mi chiamo|si chiama"
    r"|chiamat[oa]|nome:|di nome|a nome|known as|kalt|detto|detta)\s+(?P<it>[^\W\d_][\w'-]*(?:\s+[^\W\d_][\w'-]*){0,2})",
    _FLAGS,
)


def names(text: str, clues: Clues) -> Iterator[Span]:
    """Yield names: known first names with what follows, people announced by a title or by "my name is"."""
    for match in _NAMED.finditer(text):
        yield from _announced(match, clues)
    tokens = list(_TOKEN.finditer(text))
    place = 0
    while place < len(tokens):
        end = _name_end(text, tokens, place, clues)
        if end is None:
            place += 1
        else:
            yield Span(start=tokens[place].start(), end=tokens[end - 1].end(), kind=TextKind.NAME)
            place = end


def _announced(match: re.Match[str], clues: Clues) -> Iterator[Span]:
    """Yield the words after "my name is": the capitalised ones, or the first when it is a known name in small letters."""
    words = list(_TOKEN.finditer(match["it"]))
    taken = 0
    for word in words:
        if not (_is_capital(word[0]) or (_is_name(word[0], clues) and word[0].casefold() not in COMMON)):
            break
        taken += 1
    if taken:
        start = match.start("it")
        yield Span(start=start + words[0].start(), end=start + words[taken - 1].end(), kind=TextKind.NAME)


def _name_end(text: str, tokens: Sequence[re.Match[str]], place: int, clues: Clues) -> int | None:
    """Return the token after the name that begins at this one, None when none begins here."""
    word = tokens[place][0]
    small = word.casefold()
    if small in NEVER or small in TITLES:
        return None
    if not _is_capital(word):
        return _small_pair(text, tokens, place, clues)
    end = _extended(text, tokens, place + 1, clues, most=3)
    if _follows_title(text, tokens, place):
        return end
    begins = _begins_sentence(text, tokens[place].start())
    if _any_part(small, clues.is_given_name):
        is_word = end == place + 1 and small in COMMON
        return None if is_word and (begins or _is_date(text, tokens[place])) else end
    if clues.is_family_name(small) and small not in COMMON and not begins:
        return end
    return end if _looks_like_one(text, tokens[place:end]) else None


def _looks_like_one(text: str, words: Sequence[re.Match[str]]) -> bool:
    """Say whether words no list has are written like a name: an initial and a word, or two capitalised words."""
    if len(words) <= 1:
        return False
    if _is_initial(text, words[0]):
        return True
    alike = all(len(word[0]) > 1 and _is_capital(word[0]) and not word[0].isupper() for word in words)
    return alike and not {word[0].casefold() for word in words} & COMMON


def _small_pair(text: str, tokens: Sequence[re.Match[str]], place: int, clues: Clues) -> int | None:
    """Return the end of "kari nordmann" in small letters: a first and a last name side by side, neither a common word."""
    if place + 1 >= len(tokens) or not _is_adjacent(text, tokens, place):
        return None
    first, last = tokens[place][0].casefold(), tokens[place + 1][0].casefold()
    known = clues.is_given_name(first) and (clues.is_family_name(last) or clues.is_given_name(last))
    return place + 2 if known and not {first, last} & (COMMON | PARTICLES) else None


def _extended(text: str, tokens: Sequence[re.Match[str]], place: int, clues: Clues, *, most: int) -> int:
    """Return the token after the last capitalised word, initial or particle that belongs to a name begun before."""
    end, taken = place, 0
    while end < len(tokens) and taken < most and _is_adjacent(text, tokens, end - 1):
        word = tokens[end][0]
        behind = _behind_particles(text, tokens, end)
        if behind is not None:
            end, taken = behind + 1, taken + 1
        elif _continues(word, tokens[place - 1][0], clues):
            end, taken = end + 1, taken + 1
        else:
            break
    return end


def _continues(word: str, before: str, clues: Clues) -> bool:
    """Say whether a word goes on with a name; in small letters, or where all is in capitals, only a known one does."""
    small = word.casefold()
    if small in NEVER:
        return False
    if not _is_capital(word):
        known = clues.is_given_name(before) and clues.is_family_name(word)
        return known and small not in COMMON | PARTICLES
    is_shouted = len(word) > 1 and word.isupper() and before.isupper()
    return not is_shouted or (_is_name(word, clues) and small not in COMMON)


def _behind_particles(text: str, tokens: Sequence[re.Match[str]], place: int) -> int | None:
    """Return the capitalised word behind one or two particles that begin here, None when none do."""
    at = place
    while at < len(tokens) - 1 and at < place + 2 and tokens[at][0].casefold() in PARTICLES:
        if not _is_adjacent(text, tokens, at):
            return None
        at += 1
    return at if at > place and _is_capital(tokens[at][0]) else None


def _is_initial(text: str, token: re.Match[str]) -> bool:
    """Say whether a token is one capital letter with a full stop."""
    return len(token[0]) == 1 and token[0].isupper() and text[token.end() : token.end() + 1] == "."


def _is_date(text: str, token: re.Match[str]) -> bool:
    """Say whether a month stands beside a number."""
    around = text[max(0, token.start() - 4) : token.start()] + text[token.end() : token.end() + 4]
    return token[0].casefold() in MONTHS and any(letter.isdigit() for letter in around)


def _is_adjacent(text: str, tokens: Sequence[re.Match[str]], place: int) -> bool:
    """Say whether only a space, or an initial's full stop and a space, lies behind a token."""
    between = text[tokens[place].end() : tokens[place + 1].start()]
    return between in {" ", "  "} or (between in {". ", "."} and len(tokens[place][0]) == 1)


def _follows_title(text: str, tokens: Sequence[re.Match[str]], place: int) -> bool:
    if place == 0:
        return False
    between = text[tokens[place - 1].end() : tokens[place].start()]
    return between in {" ", "  ", ". ", "."} and tokens[place - 1][0].casefold() in TITLES


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'«»“”([-\u2013")
    return not before or before[-1] in ".!?:\n…"


def _is_capital(word: str) -> bool:
    return word[0].isupper()


def _is_name(word: str, clues: Clues) -> bool:
    return clues.is_given_name(word) or clues.is_family_name(word)


def _any_part(word: str, known: Callable[[str], bool]) -> bool:
    """Say whether a word, or a part of it between hyphens, is known: `Anne-Lise`, `D'Angelo`."""
    return known(word) or any(known(part) for part in re.split(r"['-]", word) if len(part) > 1)
