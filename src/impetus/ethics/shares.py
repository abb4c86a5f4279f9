"""A secret among three custodians: any two of them give it back, one of them knows nothing.

How it works. Each byte of the secret is the value at 0 of a line over GF(256) whose slope is random; a custodian holds the
line's value at 1, 2 or 3. Two points give the line, one point lies on a line through every secret equally often. A share
written down carries the set it belongs to and a checksum, so that a slip of the pen or shares of two sets are noticed.

What it does not do: notice a custodian who hands in a well-formed wrong share (the pseudonyms would then not match).

**Source**: A. Shamir, How to share a secret, CACM 22 (1979); field of AES, FIPS 197, section 4.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from impetus.core.errors import Malformed

SHARES, NEEDED = 3, 2
"""Three custodians, two to restore: one may be ill, none can act alone. House rule."""
SET_BYTES, CHECK_BYTES = 4, 4
"""A slip passes 4 bytes of checksum once in four thousand million times."""
POLYNOMIAL = 0x11B
BYTE, HIGH_BIT = 0xFF, 0x100
TEXT = re.compile(
    r"impetus-share-1-(?P<set>[0-9a-f]{8})-(?P<index>[123])-(?P<body>(?:[0-9a-f]{2}){1,128})-(?P<check>[0-9a-f]{8})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one custodian holds: the line's value at `index` (1..3) for each byte, of the set `group`."""

    group: bytes
    index: int
    body: bytes

    def __repr__(self) -> str:
        """Say which share it is, never what it holds."""
        return f"Share(group={self.group.hex()}, index={self.index})"


def split(secret: bytes, draw: Callable[[int], bytes]) -> tuple[Share, ...]:
    """Return three shares of a secret of 1..128 bytes; `draw` gives that many bytes nobody can guess."""
    slopes, group = draw(len(secret)), draw(SET_BYTES)
    return tuple(
        Share(
            group=group,
            index=index,
            body=bytes(byte ^ _times(slope, index) for byte, slope in zip(secret, slopes, strict=True)),
        )
        for index in range(1, SHARES + 1)
    )


def restore(shares: Sequence[Share]) -> bytes:
    """Return the secret from two different shares of one set (more are checked against it); `Malformed` otherwise."""
    by_index = {share.index: share for share in shares}
    _check(shares, by_index)
    one, other = list(by_index.values())[:NEEDED]
    secret = _at_zero(one, other)
    for third in list(by_index.values())[NEEDED:]:
        if _at_zero(one, third) != secret:
            raise Malformed(
                "these shares do not lie on one line", value=third.index, limit="one set", remedy="try them in pairs"
            )
    return secret


def write(share: Share) -> str:
    """Return a share as the line a custodian keeps."""
    return f"impetus-share-1-{share.group.hex()}-{share.index}-{share.body.hex()}-{_checksum(share).hex()}"


def read(text: str) -> Share:
    """Return the share of a line, spaces and case forgiven; `Malformed` when a sign is wrong or missing."""
    found = TEXT.fullmatch("".join(text.split()).lower())
    if found is None:
        raise Malformed(
            f"this line of {len(text)} characters is no share",
            value=f"{len(text)} characters",
            limit="impetus-share-1-…, as it was printed",
            remedy="copy the whole line",
        )
    share = Share(group=bytes.fromhex(found["set"]), index=int(found["index"]), body=bytes.fromhex(found["body"]))
    if _checksum(share).hex() != found["check"]:
        raise Malformed(
            f"share {share.index} was changed: its checksum does not fit",
            value=found["check"],
            limit="the checksum of its other signs",
            remedy="compare it with the paper, sign by sign",
        )
    return share


def _check(shares: Sequence[Share], by_index: dict[int, Share]) -> None:
    """Refuse too few shares, and shares that do not belong together."""
    if len(by_index) < NEEDED or len(by_index) < len(shares):
        raise Malformed(
            f"{len(by_index)} different shares of {len(shares)}",
            value=len(by_index),
            limit=f"{NEEDED} different custodians",
            remedy="ask a second custodian",
        )
    if len({(share.group, len(share.body)) for share in shares}) != 1 or not set(by_index) <= set(range(1, SHARES + 1)):
        raise Malformed(
            "these shares are not of one set", value=len(shares), limit="one set", remedy="look at the signs after -1-"
        )


def _at_zero(one: Share, other: Share) -> bytes:
    """Return the value at 0 of the line through two points: Lagrange, with minus being plus in GF(2^8)."""
    span = _inverse(one.index ^ other.index)
    weight_one, weight_other = _times(other.index, span), _times(one.index, span)
    return bytes(_times(a, weight_one) ^ _times(b, weight_other) for a, b in zip(one.body, other.body, strict=True))


def _times(a: int, b: int) -> int:
    """Return the product in the field of AES, by shifting and reducing."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a <<= 1
        a ^= POLYNOMIAL if a & HIGH_BIT else 0
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """Return the b with a·b = 1: a to the power 254, since a to the power 255 is 1."""
    power = 1
    for _ in range(254):
        power = _times(power, a)
    return power


def _checksum(share: Share) -> bytes:
    return hashlib.sha256(b"impetus share 1" + share.group + bytes((share.index,)) + share.body).digest()[:CHECK_BYTES]
