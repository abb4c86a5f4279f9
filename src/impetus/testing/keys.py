"""Keys that guard nothing, for tests: bytes are bound to their name, but not hidden."""

import hashlib

from impetus.core.errors import Malformed

SEAL_BYTES = 32


class PlainKeys:
    """Port `Keys` that adds a checksum over name and bytes instead of encrypting."""

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Return the bytes reversed behind a checksum; reversed so that a test can tell sealed from plain."""
        return _checksum(plain, about) + plain[::-1]

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `Malformed` when the bytes or the name were changed."""
        plain = sealed[SEAL_BYTES:][::-1]
        if sealed[:SEAL_BYTES] != _checksum(plain, about):
            raise Malformed(f"what is sealed about {about} was changed", value=about, remedy="restore it")
        return plain


def _checksum(plain: bytes, about: str) -> bytes:
    """Return a checksum of name and bytes that cannot be shifted between the two."""
    return hashlib.sha256(len(about.encode()).to_bytes(8, "big") + about.encode() + plain).digest()
