"""Languages: Babel catalogues, which one a visitor gets, and the words of the screens gathered from the sources.

The message id is the English text. A catalogue is `locale/<language>/LC_MESSAGES/impetus.po`; `compile` writes the
`.mo` beside it, and a missing or older `.mo` is compiled in memory at start, so that a checkout runs without a build.
`python -m impetus.web.i18n compile | update` are the two things a person does with it.
"""

import ast
import io
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations

from impetus.core.text import Phrase, Value
from impetus.settings import LANGUAGES
from impetus.web.names import NAMED_PLACES, NAMES, PROPERTY_PLACE

DOMAIN = "impetus"
LOCALE_DIR = Path(__file__).parent / "locale"
SOURCE_DIR = Path(__file__).parent.parent
MAX_ACCEPT_LANGUAGE_CHARS = 200
"""Longest Accept-Language header read; browsers send less than 100 characters. House rule."""
PYTHON_CALLS = frozenset({"_", "gettext", "N_"})
JAVASCRIPT_KEYWORDS = {"say": None, "_": None}
METHODS = [
    ("web/static/vendor/**", "ignore"),
    ("testing/**", "ignore"),
    ("bench/**", "ignore"),
    ("run/template/**", "ignore"),
    ("**.py", "impetus.web.i18n:extract_python"),
    ("web/templates/**.html", "jinja2"),
    ("web/static/**.js", "javascript"),
    ("ethics/frameworks/**.toml", "impetus.web.i18n:extract_framework"),
]
FRAMEWORK_KEYS = frozenset({"title", "intro", "asks", "help", "says", "questions", "duty"})
"""Keys of the frameworks' files whose texts a screen shows; laws and sources are cited as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language."""

    language: str
    catalogue: NullTranslations

    def gettext(self, text: str) -> str:
        """Return the text in this language, or as it is; an empty text stays empty."""
        return str(self.catalogue.ugettext(text)) if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form for this count."""
        return str(self.catalogue.ungettext(one, many, count))

    def say(self, phrase: Phrase) -> str:
        """Return the sentence of a phrase in this language, with the names of tools, parts and common properties."""
        spoken = {name: self._name(name, value) for name, value in phrase.values.items()}
        return Phrase(template=phrase.template, values=spoken).say(self.gettext)

    def _name(self, place: str, value: Value) -> Value:
        """Return what stands in a place of a phrase: a tool or part by its name and a property by its word."""
        if place in NAMED_PLACES:
            return self.gettext(NAMES.get(str(value), str(value)))
        return self.gettext(str(value)) if place == PROPERTY_PLACE else value


def load_words(directory: Path = LOCALE_DIR) -> Mapping[str, Words]:
    """Return the words of every language; English is the message ids themselves."""
    return {
        language: Words(
            language=language, catalogue=_catalogue(directory, language) if language != "en" else NullTranslations()
        )
        for language in LANGUAGES
    }


def _catalogue(directory: Path, language: str) -> NullTranslations:
    """Read the compiled catalogue when it is newer than its text, else compile the text in memory."""
    text = directory / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = text.with_suffix(".mo")
    if compiled.exists() and (not text.exists() or compiled.stat().st_mtime >= text.stat().st_mtime):
        return _parsed(compiled, compiled.stat().st_mtime_ns)
    if not text.exists():
        return NullTranslations()
    return Translations(io.BytesIO(_compiled(text)), domain=DOMAIN)


@lru_cache(maxsize=8)
def _parsed(compiled: Path, changed_ns: int) -> NullTranslations:
    """Parse a compiled catalogue once for as long as it stays what it was."""
    del changed_ns
    with compiled.open("rb") as file:
        return Translations(file, domain=DOMAIN)


def _compiled(text: Path) -> bytes:
    with text.open("rb") as file:
        catalogue = read_po(file, domain=DOMAIN)
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def compile_catalogues(directory: Path = LOCALE_DIR) -> list[Path]:
    """Write the `.mo` of every `.po` and return them."""
    written = []
    for text in sorted(directory.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        compiled = text.with_suffix(".mo")
        compiled.write_bytes(_compiled(text))
        written.append(compiled)
    return written


def negotiate(cookie: str | None, accept_language: str | None, default: str) -> str:
    """Return the language of a visitor: the one chosen, else the browser's best that we have, else the installation's.

    Norwegian asked for as `no` or `nn` is answered in Bokmål.

    >>> negotiate(None, "nn-NO,nb;q=0.9,en;q=0.5", "en")
    'nb'
    """
    if cookie in LANGUAGES:
        return str(cookie)
    wishes = sorted(_wishes((accept_language or "")[:MAX_ACCEPT_LANGUAGE_CHARS]), key=lambda wish: -wish[0])
    for _, name in wishes:
        base = {"no": "nb", "nn": "nb"}.get(name, name)
        if base in LANGUAGES:
            return base
    return default if default in LANGUAGES else "en"


def _wishes(header: str) -> Iterator[tuple[float, str]]:
    """Read `nb-NO;q=0.8, en` as weights and primary subtags (RFC 9110, 12.5.4); what cannot be read weighs nothing."""
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        name = tag.strip().split("-")[0].lower()
        if name and 0 < quality <= 1:
            yield quality, name


def extract_python(
    fileobj: IO[bytes], keywords: Mapping[str, object], comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Find the texts of `_()`, `N_()` and `Phrase(template=…)` in a Python source, for Babel.

    A template may be a text, a choice between texts, a table of them, or a name that stands for one of these anywhere in
    the module.
    """
    del keywords, comment_tags, options
    tree = ast.parse(fileobj.read())
    names = _names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for text in _texts_of_call(node, names):
                yield node.lineno, "", text, []


def _names(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return everything that is assigned to a plain name, by name."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found.setdefault(node.target.id, []).append(node.value)
    return found


def _texts_of_call(node: ast.Call, names: Mapping[str, list[ast.expr]]) -> list[str]:
    """Return the marked texts of one call."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in PYTHON_CALLS and node.args:
        return _texts(node.args[0], names)
    if name == "Phrase":
        return [text for keyword in node.keywords if keyword.arg == "template" for text in _texts(keyword.value, names)]
    return []


def _texts(node: ast.expr, names: Mapping[str, list[ast.expr]]) -> list[str]:
    """Return every text an expression may stand for; a name is followed once, so that nothing goes in circles."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and node.value else []
    inner: list[ast.expr] = []
    if isinstance(node, ast.IfExp):
        inner = [node.body, node.orelse]
    elif isinstance(node, ast.Dict):
        inner = node.values
    elif isinstance(node, ast.Tuple | ast.List):
        inner = node.elts
    elif isinstance(node, ast.Subscript):
        inner = [node.value]
    elif isinstance(node, ast.Name) and node.id in names:
        inner = names[node.id]
        names = {name: value for name, value in names.items() if name != node.id}
    return [text for part in inner for text in _texts(part, names)]


def extract_framework(
    fileobj: IO[bytes], keywords: Mapping[str, object], comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Find the texts that people read in a framework's file, for Babel."""
    del keywords, comment_tags, options
    for text in _texts_of_table(tomllib.load(fileobj)):
        yield 0, "", text, []


def _texts_of_table(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts under `FRAMEWORK_KEYS`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts_of_table(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_of_table(inner, key)
    elif isinstance(value, str) and key in FRAMEWORK_KEYS:
        yield value


def gather(directory: Path = SOURCE_DIR) -> Catalog:
    """Return every text a person may read, gathered from sources, pages and browser modules."""
    catalogue = Catalog(domain=DOMAIN, project="Impetus", charset="utf-8", fuzzy=False)
    rows = extract_from_dir(
        str(directory),
        method_map=METHODS,
        options_map={"web/templates/**.html": {"trimmed": "true", "silent": "false"}},
        keywords={**DEFAULT_KEYWORDS, **JAVASCRIPT_KEYWORDS},
        directory_filter=None,
    )
    for file, _line, message, _comments, context in rows:
        catalogue.add(message, locations=[(f"src/impetus/{file}", 0)], context=context)
    return catalogue


def untranslated(language: str, gathered: Catalog, directory: Path = LOCALE_DIR) -> list[str]:
    """Return the texts that this language's catalogue lacks, leaves empty or marks as guessed."""
    known = _read(directory / language / "LC_MESSAGES" / f"{DOMAIN}.po", language)
    missing = []
    for message in gathered:
        entry = known.get(message.id, message.context) if message.id else None
        if message.id and (entry is None or entry.fuzzy or not all(_forms(entry.string))):
            missing.append(_forms(message.id)[0])
    return missing


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language, domain=DOMAIN, project="Impetus", charset="utf-8", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def update_catalogues(directory: Path = LOCALE_DIR) -> dict[str, list[str]]:
    """Bring every catalogue up to date with the sources; return what is still to be translated, by language."""
    gathered = gather()
    left = {}
    for language in LANGUAGES:
        if language == "en":
            continue
        file = directory / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        catalogue = _read(file, language)
        catalogue.update(gathered, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            write_po(stream, catalogue, width=110, no_location=True, omit_header=False, sort_output=True)
        left[language] = untranslated(language, gathered, directory)
    return left


def main(arguments: list[str], say: Callable[[str], object] = sys.stderr.write) -> int:
    """Run `compile` or `update`; return the exit code."""
    if arguments == ["compile"]:
        for file in compile_catalogues():
            say(f"compiled {file.relative_to(LOCALE_DIR)}\n")
        return 0
    if arguments == ["update"]:
        left = update_catalogues()
        for language, texts in left.items():
            say(f"{language}: {len(texts)} to translate\n" + "".join(f"  {text}\n" for text in texts))
        return 0
    say("say: python -m impetus.web.i18n compile | update\n")
    return 64


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
