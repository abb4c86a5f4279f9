"""Names of properties that stand for a person's identity: refused wherever a datastream is declared.

House law 7: no field for a person's identity exists; no face, gait or re-identification embedding, no emotion, no score of
a person. Such input is refused at ingest, whatever the configuration. A name is split into words, so that `surface` is
not `face` and `machine` is not `mac`.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from impetus.core.errors import Refused
from impetus.ethics.capability import Fact, facts_of

RULE: Final = "no field for a person's identity exists"
_BIOMETRIC: Final = "GDPR, article 4(14) and 9(1): biometric data that identify a person; house law 7"
_IDENTIFIER: Final = (
    "GDPR, article 4(1) and 5(1)(c): an identifier of a person, not needed to watch a place; house law 7"
)
_DEVICE: Final = "GDPR, article 4(1) and recital 30: a device identifier singles out who carries it; house law 7"
_SPECIAL: Final = "GDPR, article 9(1): special categories; house law 7"
_FEELING: Final = "AI Act, article 5(1)(f) and house law 7: no emotion, no score of a person"

_REFUSED: Final = (
    (
        _BIOMETRIC,
        """
        face faces facial faceid faceprint gait iris retina fingerprint fingerprints voiceprint biometric biometrics
        embedding embeddings reid reidentification
        """,
    ),
    (
        _IDENTIFIER,
        """
        plate plates licenceplate licenseplate numberplate anpr alpr lpr vin name names firstname lastname surname forename
        fullname username nickname email emails mail phone telephone msisdn address birthday birthdate birth dob ssn
        passport citizenid nationalid personid personnummer fodselsnummer codicefiscale passengerid visitorid userid
        """,
    ),
    (
        _DEVICE,
        """
        mac macaddress bssid ssid imsi imei imeisv meid iccid eid tmsi suci supi idfa gaid adid advertisingid deviceid uuid
        bluetoothaddress ip ipaddress
        """,
    ),
    (_SPECIAL, "ethnicity ethnic race religion gender sex sexuality nationality"),
    (_FEELING, "emotion emotions mood sentiment intention suspicion riskscore"),
)
SOURCES: Final[Mapping[str, str]] = {word: source for source, words in _REFUSED for word in words.split()}
"""Word of a property's name, and why it is refused."""
INNOCENT: Final = frozenset({"plate count", "plate temperature", "cover plate"})
"""Pairs of words that mean no person although one of them alone would; `plate count` is microbiology."""
PERSONS: Final[Mapping[Fact, str]] = {
    Fact.FACE: _BIOMETRIC,
    Fact.GAIT: _BIOMETRIC,
    Fact.VOICE: _BIOMETRIC,
    Fact.EMBED: _BIOMETRIC,
    Fact.IDENTIFY: _BIOMETRIC,
    Fact.CROP: _BIOMETRIC,
    Fact.PERSON_ID: _IDENTIFIER,
    Fact.PLATE: _IDENTIFIER,
    Fact.DEVICE: _DEVICE,
    Fact.TRUST: _FEELING,
}
"""What a name may stand for in other languages and in disguise (`ethics/capability.py`), and why it is refused."""
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(name: str) -> list[str]:
    """Return the lower-case words of a name in any of the usual spellings.

    >>> words_of("deviceMACAddress"), words_of("number-plate_2")
    (['device', 'mac', 'address'], ['number', 'plate', '2'])
    """
    return [word.lower() for word in _WORDS.findall(name)]


def refuse_identity(name: str, where: str) -> None:
    """Raise `Refused` with the rule and its source when a property's name stands for a person's identity."""
    words = words_of(name)
    pairs = list(pairwise(words))
    excused = {word for pair in pairs if " ".join(pair) in INNOCENT for word in pair}
    candidates = [word for word in words if word not in excused] + ["".join(pair) for pair in pairs]
    for word in candidates:
        if word in SOURCES:
            raise _refusal(name, where, word, SOURCES[word])
    for fact in sorted(facts_of([name]) & PERSONS.keys()):
        raise _refusal(name, where, fact.value, PERSONS[fact])


def _refusal(name: str, where: str, word: str, source: str) -> Refused:
    return Refused(
        f"{where} {name[:100]!r} stands for a person's identity ({word})",
        rule=RULE,
        value=name[:100],
        limit="properties of places and things: temperature, people count, noise level …",
        source=source,
        remedy="send a count or a measure of the place instead; nothing can switch this rule off",
    )
