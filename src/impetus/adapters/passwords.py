"""Slow, salted hashing of passwords with argon2id.

**Source**: RFC 9106, section 4, second recommended option: argon2id, 3 passes, 64 MiB, 4 lanes, salt of 128 bits, tag of
256 bits. About 0.1 s on one machine's core, which is what each guess costs an attacker who has the hashes.
"""

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError


class ArgonPasswords:
    """Port `Passwords` over argon2id."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)

    def hash(self, password: str) -> str:
        """Return the encoded hash with its parameters and salt."""
        return self._hasher.hash(password)

    def matches(self, encoded: str, password: str) -> bool:
        """Say whether the password is the one hashed; false for anything unreadable: fails closed."""
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
