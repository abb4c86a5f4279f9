"""Blobs in memory, for tests."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from impetus.core.errors import Malformed, Unknown
from impetus.ports import Clock, Keys

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class MemoryBlobs:
    """Port `Blobs` over a dictionary; sealed like the real ones, so that what is stored never lies open."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._blobs: dict[str, tuple[datetime, bytes]] = {}
        self._kinds: dict[str, str] = {}

    def put(self, name: str, plain: bytes) -> None:
        """Store; the same name again replaces."""
        self._blobs[_checked(name)] = (self._clock.now(), self._keys.seal(plain, about=f"blob:{name}"))

    def get(self, name: str) -> bytes:
        """Return the bytes, or raise `Unknown`."""
        if _checked(name) not in self._blobs:
            raise Unknown(f"no blob {name}", value=name, remedy="it may have been erased by retention")
        return self._keys.open(self._blobs[name][1], about=f"blob:{name}")

    def erase(self, names: Iterable[str]) -> int:
        """Delete and return how many existed."""
        return sum(self._blobs.pop(_checked(name), None) is not None for name in names)

    def names(self, *, older_than: datetime | None = None) -> Sequence[str]:
        """Return the names, sorted; only those stored before the time when one is given."""
        return sorted(name for name, (at, _) in self._blobs.items() if older_than is None or at < older_than)

    def reseal(self, names: Iterable[str], kind: str) -> int:
        """Note under which class these are sealed now."""
        fresh = [name for name in names if name in self._blobs and self._kinds.get(name) != kind]
        self._kinds.update(dict.fromkeys(fresh, kind))
        return len(fresh)

    def sealed_under(self, kind: str) -> Sequence[str]:
        """Return the names of what was sealed again under a class."""
        return sorted(name for name in self._blobs if self._kinds.get(name) == kind)

    def size_bytes(self) -> int:
        """Return the bytes all blobs take, as sealed."""
        return sum(len(sealed) for _, sealed in self._blobs.values())


def _checked(name: str) -> str:
    """Return the name if it may be one."""
    if not NAME.fullmatch(name):
        raise Malformed(f"{name[:80]!r} cannot name a blob", value=name, limit=NAME.pattern, remedy="use an id")
    return name
