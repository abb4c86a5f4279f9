"""A tree that grows: its right edge in memory, its full tiles handed out as they close.

An entry costs one leaf hash and, on average, one node hash: a tile is folded once, when its 256th hash arrives.
"""

from collections.abc import Iterable, Iterator

from impetus.core.errors import Malformed, OurFault, Unknown
from impetus.ethics.log.merkle import EMPTY_ROOT, fold, leaf_hash, node_hash
from impetus.ethics.log.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_ENTRY_BYTES,
    WIDTH,
    Read,
    Tile,
    decode_bundle,
    encode_bundle,
    read_tile,
    split_tile,
    tiles_of,
)


class HashTree:
    """The hashes of a growing tree. `closed` collects full tiles with their content until somebody takes them."""

    def __init__(self) -> None:
        self.size = 0
        self.closed: list[tuple[Tile, bytes]] = []
        self._levels: list[list[bytes]] = [[]]

    def add(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self.size += 1
        hashes = self._levels[0]
        hashes.append(leaf)
        if len(hashes) == WIDTH:
            self._close(0)

    def skip(self, subtree: bytes) -> None:
        """Add 256 entries by the root of their tile alone: for a part whose entries were pruned."""
        if self.size % WIDTH:
            raise OurFault(f"a tile cannot begin at entry {self.size}", value=self.size, limit=f"multiples of {WIDTH}")
        self.size += WIDTH
        self._lift(subtree, 1)

    def root(self) -> bytes:
        """Return the root over all entries so far; costs at most one folding of each unfinished tile."""
        found: bytes | None = None
        for hashes in self._levels:
            end = len(hashes)
            for height in range(HEIGHT):
                if len(hashes) >> height & 1:
                    whole = fold(hashes[end - (1 << height) : end])
                    found = whole if found is None else node_hash(whole, found)
                    end -= 1 << height
        return EMPTY_ROOT if found is None else found

    def edge(self) -> Iterator[tuple[Tile, bytes]]:
        """Yield the partial tiles of the tree as it is now."""
        for level, hashes in enumerate(self._levels):
            if hashes:
                number = (self.size >> HEIGHT * level) // WIDTH
                yield Tile(level=level, number=number, width=len(hashes)), b"".join(hashes)

    def resume(self, read: Read, size: int) -> None:
        """Take up a stored tree of this size; `Unknown` or `Malformed` when its right edge is missing or cut."""
        for tile in tiles_of(size, since=size):
            content = read_tile(read, tile)
            if content is None:
                raise Unknown(f"{tile.path} is missing", value=tile.path, remedy="bring it back from a copy of the log")
            hashes = split_tile(content)
            if len(hashes) != tile.width:
                raise Malformed(f"{tile.path} holds {len(hashes)} hashes", value=len(hashes), limit=tile.width)
            while len(self._levels) <= tile.level:
                self._levels.append([])
            self._levels[tile.level] = hashes
        self.size = size

    def _close(self, level: int) -> None:
        """Hand out a full tile and lift its root."""
        hashes = self._levels[level]
        number = (self.size >> HEIGHT * (level + 1)) - 1
        self.closed.append((Tile(level=level, number=number), b"".join(hashes)))
        subtree = fold(hashes)
        hashes.clear()
        self._lift(subtree, level + 1)

    def _lift(self, subtree: bytes, level: int) -> None:
        """Add the root of a full tile to the level above it."""
        while len(self._levels) <= level:
            self._levels.append([])
        self._levels[level].append(subtree)
        if len(self._levels[level]) == WIDTH:
            self._close(level)


class EntryTree:
    """A growing tree with its entries: what is to be written, tile by tile and bundle by bundle."""

    def __init__(self) -> None:
        self._tree = HashTree()
        self._bundle: list[bytes] = []
        self._full: list[tuple[Tile, bytes]] = []
        self.waiting_bytes = 0

    @property
    def size(self) -> int:
        """Return how many entries there are."""
        return self._tree.size

    def append(self, entries: Iterable[bytes]) -> None:
        """Add entries at the end; `Malformed`, with nothing of it added, for one longer than 65,535 bytes."""
        entries = list(entries)
        longest = max(map(len, entries), default=0)
        if longest > MAX_ENTRY_BYTES:
            raise Malformed(
                f"an entry of {longest} bytes", value=longest, limit=MAX_ENTRY_BYTES, remedy="say it shorter"
            )
        for entry in entries:
            self._bundle.append(entry)
            self._tree.add(leaf_hash(entry))
            if len(self._bundle) == WIDTH:
                self._close()

    def root(self) -> bytes:
        """Return the root over all entries."""
        return self._tree.root()

    def take_full(self) -> list[tuple[Tile, bytes]]:
        """Return the tiles and bundles that became full since the last call; they never change again."""
        taken = [*self._full, *self._tree.closed]
        self._full.clear()
        self._tree.closed.clear()
        self.waiting_bytes = 0
        return taken

    def edge(self) -> list[tuple[Tile, bytes]]:
        """Return the partial tiles and the partial bundle of the tree as it is now."""
        found = list(self._tree.edge())
        if self._bundle:
            tile = Tile(level=ENTRIES, number=self.size // WIDTH, width=len(self._bundle))
            found.append((tile, encode_bundle(self._bundle)))
        return found

    def resume(self, read: Read, size: int) -> None:
        """Take up a stored tree of this size; an error of `HashTree.resume` when its edge is not whole."""
        self._tree.resume(read, size)
        self._bundle = []
        if size % WIDTH:
            tile = Tile(level=ENTRIES, number=size // WIDTH, width=size % WIDTH)
            content = read_tile(read, tile)
            if content is None:
                raise Unknown(f"{tile.path} is missing", value=tile.path, remedy="bring it back from a copy of the log")
            self._bundle = decode_bundle(content)
            if len(self._bundle) != tile.width:
                raise Malformed(f"{tile.path} holds {len(self._bundle)} entries", limit=tile.width)

    def _close(self) -> None:
        content = encode_bundle(self._bundle)
        self._full.append((Tile(level=ENTRIES, number=self.size // WIDTH - 1), content))
        self._bundle.clear()
        self.waiting_bytes += len(content)
