"""Units as people write them: UCUM codes of datastreams in, what stands beside a number out."""

import re
from collections.abc import Mapping

WRITTEN: Mapping[str, str] = {
    "Cel": "°C",
    "deg": "°",
    "1": "",
    "%": "%",
    "ug/m3": "µg/m³",
    "[degF]": "°F",
    "Mbit/s": "Mbit/s",
    "[mi_i]/h": "mph",
    "[mi_i]": "mi",
}
"""Codes whose everyday form differs by more than a power. **Source**: UCUM 2.1, tables 1 to 4."""
POWERS = str.maketrans("23", "²³")
ANNOTATION = re.compile(r"\{([^}]*)\}")
POWER = re.compile(r"(?<=[a-zA-Z])[23](?![0-9])")


def written(code: str) -> str:
    """Return the unit as written beside a number; a rate without a noun is "per" what it counts.

    >>> written("{people}/m2"), written("/m3"), written("Cel"), written("/min"), written("dB(A)")
    ('people/m²', 'per m³', '°C', 'per min', 'dB(A)')
    """
    if code in WRITTEN:
        return WRITTEN[code]
    text = POWER.sub(lambda power: power[0].translate(POWERS), ANNOTATION.sub(r"\1", code))
    return f"per {text[1:]}" if text.startswith("/") else text
