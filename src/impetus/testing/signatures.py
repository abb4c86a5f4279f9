"""Ed25519 key pairs in memory, the same for the same name: for tests and evaluations."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from impetus.adapters.signatures import verify


class SeededSignatures:
    """Port `Signatures` with real signatures by keys anybody could make again: guards nothing."""

    def public_key(self, name: str) -> bytes:
        """Return the 32 bytes of the name's public key."""
        return _pair(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, name: str, message: bytes) -> bytes:
        """Return the 64-byte signature of the message."""
        return _pair(name).sign(message)

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is that key's over that message."""
        return verify(public_key, signature, message)


def _pair(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"no secret: {name}".encode()).digest())
