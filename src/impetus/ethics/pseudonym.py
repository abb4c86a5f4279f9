"""Pseudonyms: the same handle or plate gives the same name within one domain and one day, and nothing outside of them.

How it works. One master key is split among custodians (`shares.py`) and is not on the running platform. From it comes a
key for each day, from that a key for each domain (a project, a tool), and under that key HMAC gives the pseudonym. Whoever
holds neither key can only guess, and a guess cannot be checked: that is the difference to a plain hash, which anybody
checks by hashing every plate there is. Invariants: two domains, or two days, share no key; a day's key says nothing of
another day's; what differs only in spelling gives one pseudonym.

What it does not do: a pseudonym is still personal data (GDPR, recital 26), and says nothing about how rare a behaviour is.

**Source**: GDPR, article 4(5); RFC 5869 (HKDF); RFC 2104 (HMAC); ENISA, Pseudonymisation techniques and best practices
(2019), section 5.1: keyed functions where plain hashes can be searched.
"""

import base64
import hashlib
import hmac
import ipaddress
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum

from impetus.core.errors import Malformed

KEY_BYTES = 32
"""Bytes of every key here: the output of SHA-256."""
PSEUDONYM_BYTES = 16
"""128 bits: two of a million names collide with a chance below 2^-88 (birthday bound)."""
MAX_VALUE = 320
"""Longest identifier in characters: an e-mail address, RFC 5321, 4.5.3.1."""
LABEL = b"impetus pseudonym 1"


class IdentityKind(StrEnum):
    """What is hidden behind a pseudonym; each kind has its own spelling rules."""

    PLATE = "plate"
    HANDLE = "handle"
    EMAIL = "email"
    ADDRESS = "address"


def period_of(at: datetime) -> date:
    """Return the day (UTC) whose key is used at this time; `Malformed` for a time without zone.

    >>> period_of(datetime.fromisoformat("2026-03-29T00:30:00+02:00")).isoformat()
    '2026-03-28'
    """
    if at.tzinfo is None:
        raise Malformed(f"time {at} has no zone", value=at, limit="an aware time", remedy="add Z or an offset")
    return at.astimezone(UTC).date()


def period_key(master: bytes, period: date) -> bytes:
    """Return the key of one day; whoever has it cannot go back to the master, nor to another day."""
    return _derive(master, "period", period.isoformat())


def domain_key(day: bytes, domain: str) -> bytes:
    """Return the key of one domain on the day whose key this is."""
    if not domain:
        raise Malformed(
            "a pseudonym needs a domain", value=domain, limit="some words", remedy="name the project or tool"
        )
    return _derive(day, "domain", domain)


def vault_key(day: bytes, domain: str) -> bytes:
    """Return the key under which the identities behind one domain's pseudonyms of the day are sealed."""
    return _derive(day, "vault", domain)


def pseudonym(key: bytes, kind: IdentityKind, value: str) -> str:
    """Return the 26 letters and digits that stand for a value under a domain's key.

    >>> pseudonym(bytes(32), IdentityKind.PLATE, "EK 12345") == pseudonym(bytes(32), IdentityKind.PLATE, "ek-12345")
    True
    """
    _check_key(key)
    message = _joined(kind.value, normalise(kind, value))
    digest = hmac.new(key, LABEL + message, hashlib.sha256).digest()
    return base64.b32encode(digest[:PSEUDONYM_BYTES]).decode("ascii").rstrip("=").lower()


def normalise(kind: IdentityKind, value: str) -> str:
    """Return the one spelling of a value, so that a person is not split in two by a hyphen; `Malformed` for none.

    >>> normalise(IdentityKind.ADDRESS, "::ffff:192.0.2.7")
    '192.0.2.7'
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if not 0 < len(text) <= MAX_VALUE:
        raise _unusable(kind, len(text))
    spelled = _SPELLINGS[kind](text)
    if not spelled:
        raise _unusable(kind, len(text))
    return spelled


def hkdf(secret: bytes, salt: bytes, context: bytes, length: int) -> bytes:
    """Return `length` bytes (1..8,160) of HKDF-SHA-256. **Source**: RFC 5869, sections 2.2 and 2.3."""
    drawn = hmac.new(salt or bytes(hashlib.sha256().digest_size), secret, hashlib.sha256).digest()
    block, out, number = b"", b"", 0
    while len(out) < length:
        number += 1
        block = hmac.new(drawn, block + context + bytes((number,)), hashlib.sha256).digest()
        out += block
    return out[:length]


def _derive(parent: bytes, *path: str) -> bytes:
    _check_key(parent)
    return hkdf(parent, LABEL, _joined(*path), KEY_BYTES)


def _joined(*parts: str) -> bytes:
    """Return parts with their lengths, so that no two lists of parts read the same."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise Malformed(
            f"a key of {len(key)} bytes", value=len(key), limit=KEY_BYTES, remedy="derive it with this module"
        )


def _unusable(kind: IdentityKind, length: int) -> Malformed:
    """Return the error; it never quotes the value, which is personal."""
    return Malformed(
        f"this is no {kind.value}", value=f"{length} characters", limit=kind.value, remedy="check the field"
    )


def _plate(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _handle(text: str) -> str:
    return text.casefold().lstrip("@")


def _email(text: str) -> str:
    """Return the address in one case; parts after a plus stay, since providers differ."""
    address = text.casefold().removeprefix("mailto:")
    return address if address.count("@") == 1 and not address.startswith("@") and not address.endswith("@") else ""


def _address(text: str) -> str:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


_SPELLINGS = {
    IdentityKind.PLATE: _plate,
    IdentityKind.HANDLE: _handle,
    IdentityKind.EMAIL: _email,
    IdentityKind.ADDRESS: _address,
}
