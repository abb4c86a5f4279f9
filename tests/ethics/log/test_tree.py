"""A growing tree: what it hands out, and that it can be taken up again anywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics.log_samples import StoredLog, numbered, reference_root
from impetus.core.errors import Malformed, OurFault, Unknown
from impetus.ethics.log.merkle import fold, leaf_hash, node_hash
from impetus.ethics.log.tiles import WIDTH, StoredTree, Tile, split_tile, tiles_of
from impetus.ethics.log.tree import EntryTree, HashTree


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 768, 1025])
def test_the_root_is_that_of_the_definition(size: int) -> None:
    """However the entries came, one by one or together."""
    entries = numbered(size)
    at_once, one_by_one = EntryTree(), EntryTree()
    at_once.append(entries)
    for entry in entries:
        one_by_one.append([entry])
    assert at_once.root() == one_by_one.root() == reference_root(entries)
    assert at_once.size == size


def test_a_tile_is_handed_out_when_it_is_full_and_once() -> None:
    """513 entries make two full tiles and two full bundles; the edge is one entry and two hashes of level 1."""
    tree = EntryTree()
    tree.append(numbered(513))
    assert sorted(tile.path for tile, _ in tree.take_full()) == [
        "tile/0/000",
        "tile/0/001",
        "tile/entries/000",
        "tile/entries/001",
    ]
    assert tree.take_full() == []
    assert sorted(tile.path for tile, _ in tree.edge()) == ["tile/0/002.p/1", "tile/1/000.p/2", "tile/entries/002.p/1"]


def test_waiting_bytes_are_those_of_full_bundles() -> None:
    """What waits to be written is counted, and not any more once it was taken."""
    tree = EntryTree()
    tree.append([b"1234"] * (WIDTH + 1))
    assert tree.waiting_bytes == WIDTH * 6
    tree.take_full()
    assert tree.waiting_bytes == 0


def test_a_tile_of_level_one_closes_at_65536() -> None:
    """Its hashes are the roots of the 256 tiles below it."""
    tree = HashTree()
    for number in range(WIDTH * WIDTH):
        tree.add(leaf_hash(b"entry %d" % number))
    tiles = dict(tree.closed)
    top = split_tile(tiles[Tile(level=1, number=0)])
    assert top[3] == fold(split_tile(tiles[Tile(level=0, number=3)]))
    assert [tile.path for tile, _ in tree.edge()] == ["tile/2/000.p/1"]
    assert tree.root() == fold(top)


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_tree_taken_up_again_goes_on_as_if_it_had_not_stopped(steps: list[int]) -> None:
    """From the files of any size, the tree grows to the same tiles and the same root."""
    log, entries = StoredLog(), numbered(sum(steps))
    for step in steps:
        fresh = EntryTree()
        fresh.resume(log.files.get, log.tree.size)
        assert fresh.root() == log.tree.root()
        log.tree = fresh
        log.grow(entries[log.tree.size : log.tree.size + step])
    straight = StoredLog()
    straight.grow(entries)
    needed = {tile.path for tile in tiles_of(len(entries))}
    assert all(log.files[path] == straight.files[path] for path in needed)
    assert log.tree.root() == straight.tree.root()


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_tree_without_its_edge_is_not_taken_up(path: str) -> None:
    """A missing or a cut edge is an error, never a shorter tree."""
    log = StoredLog()
    log.grow(numbered(300))
    cut = {**log.files, path: log.files[path][:-1]}
    with pytest.raises(Malformed):
        EntryTree().resume(cut.get, 300)
    del log.files[path]
    with pytest.raises(Unknown, match=path):
        EntryTree().resume(log.files.get, 300)


def test_an_edge_with_too_few_is_refused() -> None:
    """A partial tile or bundle must be as wide as its name says."""
    log = StoredLog()
    log.grow(numbered(300))
    for path, less in (("tile/0/001.p/44", 32), ("tile/entries/001.p/44", len(b"entry 299") + 2)):
        cut = {**log.files, path: log.files[path][:-less]}
        with pytest.raises(Malformed, match="43"):
            EntryTree().resume(cut.get, 300)


def test_an_entry_longer_than_a_bundle_takes_is_refused_with_all_of_its_company() -> None:
    """65,535 bytes are taken; one more, and nothing of the call is added."""
    tree = EntryTree()
    tree.append([bytes(65_535)])
    with pytest.raises(Malformed, match="65536 bytes"):
        tree.append([b"short", bytes(65_536)])
    assert tree.size == 1


def test_pruned_tiles_are_skipped_by_their_roots() -> None:
    """A tree made of two roots and some entries is the tree of all the entries."""
    entries = numbered(700)
    tree = HashTree()
    for start in (0, WIDTH):
        tree.skip(reference_root(entries[start : start + WIDTH]))
    for entry in entries[2 * WIDTH :]:
        tree.add(leaf_hash(entry))
    assert tree.root() == reference_root(entries)
    with pytest.raises(OurFault, match="entry 700"):
        tree.skip(bytes(32))


@pytest.mark.parametrize("size", [0, 1, 256, 257, 512])
def test_a_tree_taken_up_at_the_border_of_a_bundle_goes_on(size: int) -> None:
    """With no bundle begun there is none to read; it has its size and root at once, and grows from there."""
    log = StoredLog()
    log.grow(numbered(size))
    tree = EntryTree()
    tree.resume(log.files.get, size)
    assert (tree.size, tree.root()) == (size, reference_root(numbered(size)))
    tree.append([b"one", b"more"])
    assert tree.root() == reference_root([*numbered(size), b"one", b"more"])


def test_a_tree_whose_level_one_is_just_full_is_taken_up() -> None:
    """Of 65,541 entries level 1 has nothing on the edge: the root is that of levels 0 and 2 alone."""
    entries = [leaf_hash(b"%d" % number) for number in range(5)]
    top = leaf_hash(b"65,536 entries")
    files = {"tile/0/256.p/5": b"".join(entries), "tile/2/000.p/1": top}
    tree = HashTree()
    tree.resume(files.get, 65_541)
    assert tree.root() == node_hash(top, node_hash(fold(entries[:4]), entries[4]))
    tree.add(leaf_hash(b"6"))
    assert tree.size == 65_542
    assert [tile.path for tile, _ in tree.edge()] == ["tile/0/256.p/6", "tile/2/000.p/1"]


def test_a_stored_tree_has_the_root_of_all_its_entries() -> None:
    """When no size is asked for."""
    log = StoredLog()
    log.grow(numbered(300))
    assert StoredTree(log.files.get, 300).root() == StoredTree(log.files.get, 300).root(300) == log.tree.root()
    assert StoredTree(log.files.get, 300).root(0) == reference_root([])
