"""Units read as people write them."""

import pytest

from impetus.web.units import written


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
