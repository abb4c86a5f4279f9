"""Recompute a stored tree from its entries, and hold every stored tile against it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from impetus.core.errors import Malformed, TheirFault
from impetus.ethics.log.entry import read_entry
from impetus.ethics.log.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash
from impetus.ethics.log.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Read,
    StoredTree,
    Tile,
    bundles_of,
    decode_bundle,
    encode_bundle,
    parse_path,
    read_tile,
    split_tile,
)
from impetus.ethics.log.tree import HashTree
from impetus.ethics.log.verdict import Verdict

CHECKPOINT, KEY = "checkpoint", "key"
"""Files of a log beside its tiles: the newest signed head, and the key it is signed with."""
EVERY = 400
"""Bundles between two words of progress: about 100,000 entries."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a log: its files by path, and which there are."""

    read: Read
    names: Sequence[str]


class Rebuilt:
    """A tree made anew from a copy's entries; `roots` are those at the sizes asked for, once `run` has come there."""

    def __init__(
        self, copy: Copy, verdict: Verdict, stops: Iterable[int] = (), progress: Progress | None = None
    ) -> None:
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self._copy, self._verdict, self._progress = copy, verdict, progress
        self._stops = frozenset(stops)
        self._tree = HashTree()
        self._older = self._sorted_names()
        self._unreadable = 0

    def run(self) -> bytes | None:
        """Return the root, blaming on the way whatever does not fit; None when too much is missing to have one."""
        first = self._verdict.minimum // WIDTH
        if not self._skip(first):
            return None
        for count, bundle in enumerate(bundles_of(self._verdict.size, since=first * WIDTH), 1):
            leaves = self._leaves(bundle)
            if leaves is None:
                return None
            self._grow(leaves)
            if self._progress and count % EVERY == 0:
                self._progress(self._tree.size)
        for tile, content in self._tree.edge():
            self._compare(tile, content)
        if self._unreadable:
            self._verdict.remarks.append(f"{self._unreadable:,} entries are not JSON objects")
        return self._tree.root()

    def _skip(self, tiles: int) -> bool:
        """Take over the roots of pruned tiles, which only level 1 still knows; false when they are not there."""
        stored = StoredTree(self._copy.read, self._verdict.size)
        try:
            for number in range(tiles):
                self._tree.skip(stored.node(HEIGHT, number))
                self._note_root()
        except TheirFault as error:
            self._verdict.blame("tile/1", error.detail)
            return False
        self._tree.closed.clear()
        return True

    def _grow(self, leaves: Sequence[bytes]) -> None:
        """Add the leaves of one bundle, and compare the tiles above level 0 that became full."""
        for leaf in leaves:
            self._tree.add(leaf)
            if self._tree.size in self._stops:
                self._note_root()
        for tile, content in self._tree.closed:
            self._compare(tile, content)
        self._tree.closed.clear()

    def _note_root(self) -> None:
        if self._tree.size in self._stops:
            self.roots[self._tree.size] = self._tree.root()

    def _leaves(self, bundle: Tile) -> list[bytes] | None:
        """Return the leaf hashes of a bundle, recomputed; those stored when its entries cannot be read."""
        stored = self._stored_hashes(Tile(level=0, number=bundle.number, width=bundle.width))
        entries = self._entries(bundle)
        if entries is None:
            return stored
        self._verdict.entries += len(entries)
        leaves = [leaf_hash(entry) for entry in entries]
        if stored is not None and leaves != stored:
            for place, (leaf, hash_) in enumerate(zip(leaves, stored, strict=True)):
                if leaf != hash_:
                    self._verdict.blame(
                        f"entry {bundle.number * WIDTH + place:,}", f"it does not fit its hash in {bundle.path}"
                    )
        for older in self._older.pop((ENTRIES, bundle.number), ()):
            self._same(older, encode_bundle(entries[: older.width]))
        return leaves

    def _entries(self, bundle: Tile) -> list[bytes] | None:
        """Return the entries of a bundle, None after blaming it when they cannot be read."""
        try:
            content = read_tile(self._copy.read, bundle)
            if content is None:
                self._verdict.blame(bundle.path, "it is missing")
                return None
            entries = decode_bundle(content)
        except Malformed as error:
            self._verdict.blame(bundle.path, error.detail)
            return None
        if len(entries) != bundle.width:
            self._verdict.blame(bundle.path, f"it holds {len(entries)} entries instead of {bundle.width}")
            return None
        self._unreadable += sum(not _is_readable(entry) for entry in entries)
        return entries

    def _stored_hashes(self, tile: Tile) -> list[bytes] | None:
        """Return the hashes of a stored tile, None after blaming it when they cannot be read."""
        content = read_tile(self._copy.read, tile)
        if content is None:
            self._verdict.blame(tile.path, "it is missing")
            return None
        if len(content) != tile.width * HASH_BYTES:
            self._verdict.blame(tile.path, f"it has {len(content)} bytes instead of {tile.width * HASH_BYTES}")
            return None
        return split_tile(content)

    def _compare(self, tile: Tile, content: bytes) -> None:
        """Hold a stored hash tile against the recomputed one; level 0 was compared entry by entry already."""
        if tile.level > 0:
            stored = self._stored_hashes(tile)
            for place, (mine, theirs) in enumerate(zip(split_tile(content), stored or (), strict=False)):
                if mine != theirs:
                    self._verdict.blame(tile.path, f"hash {place} does not fit the entries")
        for older in self._older.pop((tile.level, tile.number), ()):
            self._same(older, content[: older.width * HASH_BYTES])

    def _same(self, tile: Tile, content: bytes) -> None:
        """Blame a tile of an earlier checkpoint that is not the beginning of today's."""
        if self._copy.read(tile.path) != content:
            self._verdict.blame(tile.path, "it does not fit the entries")

    def _sorted_names(self) -> dict[tuple[int, int], list[Tile]]:
        """Return the tiles of earlier checkpoints by place, and say what does not belong here."""
        older: dict[tuple[int, int], list[Tile]] = defaultdict(list)
        beyond = removed = 0
        for name in self._copy.names:
            if name in (CHECKPOINT, KEY):
                continue
            try:
                tile = parse_path(name)
            except Malformed:
                self._verdict.blame(name, "it is no file of a log")
                continue
            known = (self._verdict.size >> HEIGHT * max(tile.level, 0)) - tile.number * WIDTH
            if tile.width > known:
                beyond += 1
            elif tile.level <= 0 and tile.end <= self._verdict.minimum:
                removed += 1
            elif tile.width != min(known, WIDTH):
                older[tile.level, tile.number].append(tile)
        self._remark(beyond, "lie beyond the checkpoint: nothing is said about them")
        self._remark(removed, "are of entries that were removed by retention: nothing is said about them")
        return older

    def _remark(self, count: int, what: str) -> None:
        if count:
            self._verdict.remarks.append(f"{count:,} files {what}")


def _is_readable(entry: bytes) -> bool:
    try:
        read_entry(entry)
    except Malformed:
        return False
    return True
