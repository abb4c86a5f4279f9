"""Chance that a test can repeat."""

import base64
import hashlib

TOKEN_BYTES = 32


class SeededChance:
    """Port `Chance` whose answers follow from a seed: never the same twice in one run, the same in every run."""

    def __init__(self, seed: str = "impetus") -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def token(self) -> str:
        """Return 43 URL-safe characters."""
        return base64.urlsafe_b64encode(self.bytes_(TOKEN_BYTES)).rstrip(b"=").decode()

    def bytes_(self, count: int) -> bytes:
        """Return `count` bytes."""
        self._drawn += 1
        return hashlib.shake_256(self._seed + self._drawn.to_bytes(8, "big")).digest(count)
