"""Units read as people write them."""

import pytest

from impetus.core.text import Phrase
from impetus.core.units import written
from impetus.web.i18n import load_words


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("{people}/m2", "people/m²"),
        ("/m3", "per m³"),
        ("ug/m3", "µg/m³"),
        ("Cel", "°C"),
        ("1", ""),
        ("/s", "per s"),
        ("dB(A)", "dB(A)"),
        ("Mbit/s", "Mbit/s"),
        ("m23", "m23"),
    ],
)
def test_a_code_is_written_as_people_do(code: str, text: str) -> None:
    """UCUM in, everyday form out; what is not known stays as it is."""
    assert written(code) == text


@pytest.mark.parametrize(("unit", "said"), [(" [mi_i]/h", "33 mph"), (" {people}/m2", "33 people/m²"), ("", "33")])
def test_a_tools_sentence_says_its_unit_as_people_write_it(unit: str, said: str) -> None:
    """Tools give UCUM codes; the sentence an operator reads has none."""
    phrase = Phrase(template="{measured}{unit}", values={"measured": 33, "unit": unit})
    assert load_words()["en"].say(phrase) == said
