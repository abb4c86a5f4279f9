"""A vault in memory: the keys of days as they are, and sealing that a test can tell from plain."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import date

from impetus.core.errors import Malformed, Unknown

TAG_BYTES = 32


class MemoryVault:
    """Port `Vault`; what is sealed is masked by a key stream and bound to key and name."""

    def __init__(self) -> None:
        self._days: dict[date, bytes] = {}

    def day(self, period: date) -> bytes:
        """Return a day's key, or raise `Unknown`."""
        if period not in self._days:
            raise Unknown(
                f"there is no pseudonym key for {period.isoformat()}",
                value=period.isoformat(),
                remedy="two custodians make keys with `impetus pseudonyms days`",
            )
        return self._days[period]

    def keep(self, days: Mapping[date, bytes]) -> None:
        """Store keys of days; one that is there already stays as it is."""
        self._days = {**days, **self._days}

    def days(self) -> Sequence[date]:
        """Return the days that have a key, in order."""
        return tuple(sorted(self._days))

    def erase_before(self, period: date) -> int:
        """Erase the keys of earlier days; return how many."""
        old = [day for day in self._days if day < period]
        for day in old:
            del self._days[day]
        return len(old)

    def seal(self, key: bytes, plain: bytes, *, about: str) -> bytes:
        """Return the bytes under a key stream, behind a tag over key, name and bytes."""
        return _tag(key, plain, about) + _streamed(key, plain, about)

    def open(self, key: bytes, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `Malformed` when bytes, key or name are others."""
        plain = _streamed(key, sealed[TAG_BYTES:], about)
        if not hmac.compare_digest(_tag(key, plain, about), sealed[:TAG_BYTES]):
            raise Malformed(
                "what is sealed was changed, moved, or sealed under another key",
                value=f"{len(sealed)} bytes",
                remedy="restore it from a backup",
            )
        return plain


def _tag(key: bytes, plain: bytes, about: str) -> bytes:
    return hmac.new(key, len(about).to_bytes(4, "big") + about.encode() + plain, hashlib.sha256).digest()


def _streamed(key: bytes, text: bytes, about: str) -> bytes:
    stream = hashlib.shake_256(key + about.encode()).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))
