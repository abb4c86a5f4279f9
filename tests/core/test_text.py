"""Phrases: said in any language, filled with anything, and never made to do more than say."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.text import MAX_VALUE_CHARS, Phrase

SILENT = Phrase(template="{thing} silent for {minutes} min", values={"thing": "C11", "minutes": 4})
NORWEGIAN = {SILENT.template: "{thing} har vært taus i {minutes} min"}


def test_a_phrase_says_its_values() -> None:
    """Words and numbers take their places."""
    assert SILENT.say() == "C11 silent for 4 min"


def test_a_phrase_is_translated_first_and_filled_afterwards() -> None:
    """The catalogue is asked for the template, never for the filled sentence."""
    asked: list[str] = []
    said = SILENT.say(lambda template: asked.append(template) or NORWEGIAN[template])  # type: ignore[func-returns-value]
    assert said == "C11 har vært taus i 4 min"
    assert asked == [SILENT.template]


def test_a_translation_may_leave_a_value_out_and_turn_the_order_round() -> None:
    """Languages differ; only what a translation names must have a value."""
    assert SILENT.say(lambda _: "{minutes} min") == "4 min"
    assert SILENT.say(lambda _: "{minutes} min: {thing}") == "4 min: C11"


@pytest.mark.parametrize("wrong", ["{sensor} er taus", "{thing", "thing}", "{}", "{0}", "{thing!x}", "{thing:%%%}"])
def test_a_translation_that_cannot_be_filled_is_said_in_english(wrong: str) -> None:
    """A mistake in a catalogue costs the language, not the sentence."""
    assert SILENT.say(lambda _: wrong) == "C11 silent for 4 min"


@pytest.mark.parametrize("template", ["{sensor} silent", "{", "}", "{}", "{0}", "a { b } c"])
def test_a_template_that_cannot_be_filled_stands_as_it_is(template: str) -> None:
    """Display fails open: an odd sentence is shown, not an error."""
    assert Phrase(template=template, values={"thing": "C11"}).say() == template


def test_doubled_braces_are_braces() -> None:
    """A sentence may contain them."""
    assert Phrase(template="{{{thing}}}", values={"thing": "C11"}).say() == "{C11}"


@pytest.mark.parametrize(
    "template",
    [
        "{thing.__class__}",
        "{thing.__class__.__mro__}",
        "{thing[0]}",
        "{thing!r}",
        "{thing:>1000000000}",
        "{minutes:1000000000.9f}",
        "{thing:{minutes}}",
    ],
)
def test_a_template_cannot_reach_into_a_value_or_ask_for_a_width(template: str) -> None:
    """A finding's template comes from a tool: it may name a value and do nothing else with it, however large."""
    assert Phrase(template=template, values=SILENT.values).say() == template


def test_a_value_is_never_read_as_a_template() -> None:
    """A thing called `{minutes}` is a thing with an odd name."""
    phrase = Phrase(template="{thing} silent", values={"thing": "{minutes} {thing.__class__}", "minutes": 4})
    assert phrase.say() == "{minutes} {thing.__class__} silent"


def test_a_long_text_is_cut_and_a_long_number_is_not() -> None:
    """One hostile name does not fill a screen; a number that is cut would lie."""
    phrase = Phrase(template="{name}|{number}", values={"name": "x" * 10_000, "number": 10**300})
    name, number = phrase.say().split("|")
    assert name == "x" * MAX_VALUE_CHARS
    assert int(number) == 10**300


names = some.sampled_from(["thing", "minutes", "zone"])
values = some.one_of(some.text(max_size=300), some.integers(), some.floats())


@given(some.text(max_size=80), some.dictionaries(names, values), some.text(max_size=80))
def test_saying_never_fails(template: str, given_values: dict[str, str | int | float], translation: str) -> None:
    """Whatever the template, the values and the catalogue hold, there is a sentence."""
    assert isinstance(Phrase(template=template, values=given_values).say(lambda _: translation), str)


@given(some.lists(some.tuples(some.text("abc ", max_size=5), names), max_size=6), some.text(max_size=40))
def test_every_named_place_is_filled_with_its_value(parts: list[tuple[str, str]], word: str) -> None:
    """Literal text stays, each place is the value, in the order written."""
    template = "".join(f"{literal}{{{name}}}" for literal, name in parts)
    said = Phrase(template=template, values=dict.fromkeys(("thing", "minutes", "zone"), word)).say()
    assert said == "".join(f"{literal}{word}" for literal, _ in parts)
