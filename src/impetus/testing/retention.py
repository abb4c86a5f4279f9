"""Keys by class and day, and remains, in memory, for tests."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from impetus.core.errors import Malformed, Unknown
from impetus.ports.retention import KeySafe
from impetus.testing.keys import PlainKeys

ORDINAL_BYTES = 4


class MemoryClassKeys:
    """Port `ClassKeys` that hides nothing, but opens nothing either once a key was destroyed."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, date]] = set()
        self._plain = PlainKeys()
        self.known_safes: list[KeySafe] = []

    def seal(self, plain: bytes, *, about: str, kind: str, day: date) -> bytes:
        """Return the bytes reversed behind class, day and a checksum."""
        self._keys.add((kind, day))
        head = bytes([len(kind)]) + kind.encode() + day.toordinal().to_bytes(ORDINAL_BYTES, "big")
        return head + self._plain.seal(plain, about=f"{kind}.{day}.{about}")

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes; `Unknown` when its key was destroyed."""
        label = self.label(sealed)
        if label is None:
            raise Malformed(f"what is sealed about {about} is under no class key", value=about, remedy="restore it")
        if label not in self._keys:
            raise Unknown(f"the key of {label[0]} of {label[1]} is not here", value=label, remedy="it was destroyed")
        kind, day = label
        return self._plain.open(sealed[1 + len(kind) + ORDINAL_BYTES :], about=f"{kind}.{day}.{about}")

    def label(self, sealed: bytes) -> tuple[str, date] | None:
        """Return class and day, None for what other keys sealed."""
        end = 1 + (sealed[0] if sealed else 0)
        try:
            return sealed[1:end].decode(), date.fromordinal(int.from_bytes(sealed[end : end + ORDINAL_BYTES], "big"))
        except (ValueError, OverflowError):
            return None

    def days(self) -> Sequence[tuple[str, date]]:
        """Return class and day of every key there is, sorted."""
        return sorted(self._keys)

    def destroy(self, keys: Sequence[tuple[str, date]]) -> int:
        """Forget these keys and return how many there were."""
        gone = self._keys & set(keys)
        self._keys -= gone
        return len(gone)

    def safes(self) -> Sequence[KeySafe]:
        """Return what a test put there."""
        return self.known_safes


class MemoryRemains:
    """Port `Remains` over a list of files: `(store, written)`."""

    def __init__(self) -> None:
        self.files: list[tuple[str, datetime]] = []

    def sweep(self, horizons: Mapping[str, datetime]) -> Mapping[str, int]:
        """Forget what was written before its store's horizon."""
        old = [(store, at) for store, at in self.files if store in horizons and at < horizons[store]]
        self.files = [file for file in self.files if file not in old]
        return {store: sum(1 for one, _ in old if one == store) for store in horizons}
