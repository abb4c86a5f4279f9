"""Words: gathered from the sources, complete in every language, chosen as the visitor wishes."""

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from impetus.core.text import Phrase
from impetus.settings import LANGUAGES
from impetus.web import i18n


@pytest.fixture(scope="module")
def gathered() -> Catalog:
    """Return every text of the product that a person may read."""
    return i18n.gather()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_text_is_missing_in_a_language(gathered: Catalog, language: str) -> None:
    """Every text of pages, browser modules, tools and desk is translated."""
    assert len(gathered) > 100
    assert i18n.untranslated(language, gathered) == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_names_the_same_places_as_its_text(gathered: Catalog, language: str) -> None:
    """`{thing}` and `%(name)s` in a text are in its translation, and no others: a sentence never loses its number."""
    words = i18n.load_words()[language]
    for message in gathered:
        if message.id and isinstance(message.id, str):
            assert places(words.gettext(message.id)) == places(message.id), message.id


def places(text: str) -> set[str]:
    """Return the names of the places of a text, in either notation."""
    braces = {part.split("}")[0] for part in text.split("{")[1:] if "}" in part}
    percents = {part.split(")")[0] for part in text.split("%(")[1:]}
    return braces | percents


def test_a_phrase_is_said_in_the_visitors_language() -> None:
    """A tool gives a template and values; the screen says the sentence."""
    words = i18n.load_words()["nb"]
    assert words.say(Phrase(template="{count} h", values={"count": 5})) == "5 t"


def test_tools_and_properties_in_a_phrase_have_their_names() -> None:
    """`urban_anomaly` and `People density` are said as people say them; an unknown name and any other place stay."""
    words = i18n.load_words()["nb"]
    values = {"tool": "urban_anomaly", "part": "our_own", "property": "People density", "thing": "Open"}
    said = words.say(Phrase(template="{tool}, {part}, {property}, {thing}", values=values))
    assert said == "Byavvik, our_own, Persontetthet, Open"


def test_an_unknown_phrase_is_said_in_english() -> None:
    """A third party's tool without translations still speaks."""
    assert i18n.load_words()["it"].say(Phrase(template="strange {x}", values={"x": 1})) == "strange 1"


@pytest.mark.parametrize(
    ("cookie", "header", "expected"),
    [
        ("it", "nb", "it"),
        (None, "nn-NO,nb;q=0.9,en;q=0.5", "nb"),
        (None, "no", "nb"),
        (None, "de, it;q=0.3, en;q=0.8", "en"),
        (None, "de", "en"),
        ("xx", None, "en"),
        (None, "it;q=nonsense, nb;q=0.1", "nb"),
        (None, "it;q=0", "en"),
        (None, ",;;==" * 300, "en"),
    ],
)
def test_the_choice_comes_before_the_browsers_wish_and_that_before_the_default(
    cookie: str | None, header: str | None, expected: str
) -> None:
    """A cookie wins, then the best of Accept-Language that we have, then the installation's language."""
    assert i18n.negotiate(cookie, header, "en") == expected


def test_a_missing_compiled_catalogue_is_compiled_in_memory(tmp_path: Path) -> None:
    """A checkout without a build speaks every language."""
    folder = tmp_path / "nb" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "impetus.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Alerts"\nmsgstr "Varsler"\n'
    )
    assert i18n.load_words(tmp_path)["nb"].gettext("Alerts") == "Varsler"
    assert [file.name for file in i18n.compile_catalogues(tmp_path)] == ["impetus.mo"]
    assert i18n.load_words(tmp_path)["nb"].gettext("Alerts") == "Varsler"


def test_templates_of_phrases_are_found_however_they_are_written() -> None:
    """A literal, a choice, a constant and an entry of a table all reach the catalogues; computed text does not."""
    source = b"""
_TABLE = {"a": "from a table"}
CONSTANT = "from a constant"
Phrase(template="a literal")
Phrase(template="yes" if x else "no", values={"x": "not this"})
Phrase(template=CONSTANT)
Phrase(template=_TABLE[x])
Phrase(template=f"computed {x}")
_("marked")
other("not this either")
"""
    found = {row[2] for row in i18n.extract_python(io.BytesIO(source), {}, (), {})}
    assert found == {"a literal", "yes", "no", "from a constant", "from a table", "marked"}


def test_the_command_compiles_and_refuses_what_it_does_not_know() -> None:
    """`compile` works on a checkout; anything else says what there is."""
    said: list[str] = []
    assert i18n.main(["compile"], said.append) == 0
    assert any("nb" in line for line in said)
    assert i18n.main(["sing"], said.append) == 64
    assert "compile | update" in said[-1]
