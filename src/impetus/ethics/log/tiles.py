"""Tiles: how the tree and its entries lie in files that never change once they are full.

A hash tile holds up to 256 hashes of one level; level 0 are leaf hashes, a hash of level L + 1 stands for a full tile of
level L. An entry bundle holds the entries of one level-0 tile. The last one of a level is partial and says how wide.

**Source**: C2SP tlog-tiles (c2sp.org/tlog-tiles).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from impetus.core.errors import Malformed, Unknown
from impetus.ethics.log.merkle import HASH_BYTES, fold, root_of

WIDTH = 256
"""Hashes in a full tile. Source: C2SP tlog-tiles."""
HEIGHT = 8
"""Levels of the tree in one tile: 2**8 is 256."""
MAX_ENTRY_BYTES = 0xFFFF
"""Longest entry: its length stands in two bytes. Source: C2SP tlog-tiles, log entries."""
ENTRIES = -1
"""Stands for the level of entry bundles, whose path says `entries`."""
MAX_LEVEL = 63
NUMBER = r"(?:x[0-9]{3}/){0,6}[0-9]{3}"
PATH = re.compile(
    rf"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<number>{NUMBER})(?:\.p/(?P<width>[1-9][0-9]{{0,2}}))?"
)
CACHED_TILES = 512
"""Tiles a reader remembers: 4 MiB, the right edge and the paths of a few proofs. House rule."""

Read = Callable[[str], bytes | None]
"""A file of the log by its path; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Which tile: its level (`ENTRIES` for a bundle), its number in the level, how many hashes or entries it holds."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return its path, as `tile/0/x001/x234/067.p/42`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"

    @property
    def end(self) -> int:
        """Return the index after the last entry that a full tile here spans."""
        return (self.number + 1) << HEIGHT * (max(self.level, 0) + 1)


def number_path(number: int) -> str:
    """Return a tile's number as path elements of three digits.

    >>> number_path(1234067)
    'x001/x234/067'
    """
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))


def parse_path(path: str) -> Tile:
    """Return the tile of a path; `Malformed` for anything `Tile.path` does not write."""
    found = PATH.fullmatch(path)
    if found:
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        number = int(found["number"].replace("x", "").replace("/", ""))
        tile = Tile(level=level, number=number, width=int(found["width"] or WIDTH))
        if tile.path == path:
            return tile
    raise Malformed(
        f"{path[:80]!r} is no path of a tile",
        value=path[:200],
        limit="tile/<level>/<number>[.p/<width>]",
        remedy="see c2sp.org/tlog-tiles",
    )


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the entries one after the other, each behind its length in two bytes, most significant first."""
    return b"".join(part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry))


def decode_bundle(content: bytes) -> list[bytes]:
    """Return the entries of a bundle; `Malformed` when it ends inside one."""
    entries: list[bytes] = []
    at, end = 0, len(content)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(content[at:start], "big")
        if at > end or start > end:
            raise Malformed(
                f"a bundle ends inside entry {len(entries)}", value=end, limit=at, remedy="it was cut; fetch it again"
            )
        entries.append(content[start:at])
    return entries


def split_tile(content: bytes) -> list[bytes]:
    """Return the hashes of a tile; `Malformed` when it is no whole number of them, none, or more than 256."""
    count, rest = divmod(len(content), HASH_BYTES)
    if rest or not 1 <= count <= WIDTH:
        raise Malformed(
            f"a tile of {len(content)} bytes",
            value=len(content),
            limit=f"1..{WIDTH} times {HASH_BYTES} bytes",
            remedy="it was cut; fetch it again",
        )
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yield the hash tiles a tree of this size has, full and partial, level by level; full ones from entry `since` on."""
    level = 0
    while (hashes := size >> HEIGHT * level) > 0:
        first = since >> HEIGHT * (level + 1)
        for number in range(first, hashes // WIDTH):
            yield Tile(level=level, number=number)
        if hashes % WIDTH:
            yield Tile(level=level, number=hashes // WIDTH, width=hashes % WIDTH)
        level += 1


def bundles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yield the entry bundles a tree of this size has, from the one that holds entry `since` on."""
    for number in range(since // WIDTH, size // WIDTH):
        yield Tile(level=ENTRIES, number=number)
    if size % WIDTH:
        yield Tile(level=ENTRIES, number=size // WIDTH, width=size % WIDTH)


def read_tile(read: Read, tile: Tile) -> bytes | None:
    """Return a tile, from the full one when only that is left of a partial; None when there is neither.

    Source: C2SP tlog-tiles, partial tiles.
    """
    content = read(tile.path)
    if content is not None or tile.width == WIDTH:
        return content
    full = read(Tile(level=tile.level, number=tile.number).path)
    if full is None or tile.level != ENTRIES:
        return None if full is None else full[: tile.width * HASH_BYTES]
    return encode_bundle(decode_bundle(full)[: tile.width])


class StoredTree:
    """A tree of `size` entries read from its tiles: roots and proofs of it and of every smaller one."""

    def __init__(self, read: Read, size: int) -> None:
        self._read, self.size = read, size
        self._tile = lru_cache(maxsize=CACHED_TILES)(self._load)

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` entries, of all when None."""
        return root_of(self.size if size is None else size, self.node)

    def node(self, height: int, number: int) -> bytes:
        """Return the hash of a complete subtree; `Unknown` when its tile was pruned."""
        level, within = divmod(height, HEIGHT)
        first = number << within
        hashes = self._tile(level, first // WIDTH)
        found = hashes[first % WIDTH : first % WIDTH + (1 << within)]
        if len(found) != 1 << within:
            raise Malformed(
                f"node {number} of height {height}", value=number, limit=self.size, remedy="ask within the tree"
            )
        return fold(found)

    def leaf(self, index: int) -> bytes:
        """Return the leaf hash of an entry."""
        return self.node(0, index)

    def _load(self, level: int, number: int) -> list[bytes]:
        width = min(WIDTH, (self.size >> HEIGHT * level) - number * WIDTH)
        tile = Tile(level=level, number=number, width=max(width, 1))
        content = read_tile(self._read, tile)
        if content is None:
            raise Unknown(
                f"{tile.path} is not here",
                value=tile.path,
                limit="entries from the minimum index on",
                remedy="it was removed by retention; ask about a newer entry",
            )
        hashes = split_tile(content)
        if len(hashes) != tile.width:
            raise Malformed(f"{tile.path} holds {len(hashes)} hashes", value=len(hashes), limit=tile.width)
        return hashes
