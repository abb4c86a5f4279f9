"""A phrase: a sentence that can still be said in another language.

Tools and the desk do not write sentences for the screen; they give a template (the message id of the Babel catalogues,
in English) and its values. The screen translates the template first and fills it afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter

from impetus.core.units import written

MAX_VALUE_CHARS = 200
"""Longest value shown inside a phrase; house rule, keeps one hostile name from filling a screen."""

UNIT_PLACE = "unit"
"""Place whose value is a UCUM code, said as people write it."""

Value = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A template with named places, `{thing}`, and the values for them."""

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence.

        A place is a plain name in braces, nothing else: a template cannot reach into a value or ask for a width. A
        template whose translation names a place that has no value is said in English; one that has none there either is
        returned as it stands: display fails open.

        >>> Phrase(template="{thing} silent for {minutes} min", values={"thing": "C11", "minutes": 4}).say()
        'C11 silent for 4 min'
        >>> Phrase(template="{measured}{unit}", values={"measured": "3.5", "unit": " {people}/m2"}).say()
        '3.5 people/m²'
        """
        values = {name: _short(_in_words(name, value)) for name, value in self.values.items()}
        for template in (translate(self.template), self.template):
            said = _filled(template, values)
            if said is not None:
                return said
        return self.template


def _filled(template: str, values: Mapping[str, Value]) -> str | None:
    """Return the template with its places filled, None when one is no plain name with a value or a brace stands alone."""
    parts: list[str] = []
    try:
        for literal, name, form, conversion in Formatter().parse(template):
            parts.append(literal)
            if name is None:
                continue
            if form or conversion or name not in values:
                return None
            parts.append(str(values[name]))
    except ValueError:
        return None
    return "".join(parts)


def _in_words(place: str, value: Value) -> Value:
    """Return a unit as people write it, with the space it came with, and anything else as it is."""
    if place != UNIT_PLACE or not isinstance(value, str) or not value.strip():
        return value
    return f"{' ' if value[0].isspace() else ''}{written(value.strip())}"


def _short(value: Value) -> Value:
    """Cut a long text, leave a number."""
    return value[:MAX_VALUE_CHARS] if isinstance(value, str) else value
