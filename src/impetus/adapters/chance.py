"""Secrets and numbers nobody can guess, from the operating system."""

import secrets

TOKEN_BYTES = 32
"""256 bits: beyond guessing for any attacker; the size the port promises."""


class SystemChance:
    """Port `Chance` over the kernel's generator."""

    def token(self) -> str:
        """Return 256 bits as URL-safe text without padding."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    def bytes_(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return secrets.token_bytes(count)
