"""Tiles, bundles and their paths, after C2SP tlog-tiles."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics.log_samples import StoredLog, numbered, reference_root
from impetus.core.errors import Malformed, Unknown
from impetus.ethics.log.merkle import inclusion_proof, leaf_hash, verify_inclusion
from impetus.ethics.log.tiles import (
    ENTRIES,
    WIDTH,
    StoredTree,
    Tile,
    bundles_of,
    decode_bundle,
    encode_bundle,
    number_path,
    parse_path,
    read_tile,
    split_tile,
    tiles_of,
)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_numbers_are_written_in_groups_of_three(number: int, path: str) -> None:
    """As in the specification's example, 1234067 is x001/x234/067."""
    assert number_path(number) == path


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    """273 full and one of 112 at level 0, one full and one of 17 at level 1, one of width 1 at level 2."""
    found = {level: [tile.width for tile in tiles_of(70_000) if tile.level == level] for level in range(4)}
    assert found == {0: [WIDTH] * 273 + [112], 1: [WIDTH, 17], 2: [1], 3: []}
    assert [tile.path for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert [tile.width for tile in bundles_of(70_000, since=69_800)] == [WIDTH, 112]


@given(level=st.integers(-1, 63), number=st.integers(0, 10**12), width=st.integers(1, 256))
def test_paths_come_back(level: int, number: int, width: int) -> None:
    """What is written is read as the same tile."""
    tile = Tile(level=level, number=number, width=width)
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/007",
        "tile/0/000.p/",
        "tile/entries/../../key",
        "tile/0/000\n",
        "tile/0/٣٣٣",
        "checkpoint",
        "/tile/0/000",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    """A tile has exactly one path; anything else names nothing."""
    with pytest.raises(Malformed, match="no path of a tile"):
        parse_path(path)


@given(st.text(max_size=60))
def test_no_path_breaks_the_parser(path: str) -> None:
    """Any text is a tile with that very path, or refused."""
    with contextlib.suppress(Malformed):
        assert parse_path(path).path == path


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_bundles_come_back(entries: list[bytes]) -> None:
    """Entries, empty ones too, are read as they were written."""
    assert decode_bundle(encode_bundle(entries)) == entries


def test_a_bundle_is_lengths_and_entries() -> None:
    """Two bytes, most significant first, then the entry."""
    assert encode_bundle([b"ab", b"", b"x" * 258]) == b"\x00\x02ab\x00\x00\x01\x02" + b"x" * 258


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x05abcd", b"\x00\x01a\xff\xff"])
def test_a_bundle_that_was_cut_is_refused(content: bytes) -> None:
    """A bundle that ends inside a length or an entry is none."""
    with pytest.raises(Malformed, match="ends inside"):
        decode_bundle(content)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_bundle_parser(content: bytes) -> None:
    """Any bytes are a bundle that writes them again, or refused."""
    with contextlib.suppress(Malformed):
        assert encode_bundle(decode_bundle(content)) == content


@pytest.mark.parametrize("size", [0, 1, 31, 33, 257 * 32])
def test_a_tile_is_whole_hashes(size: int) -> None:
    """No hash, half a hash or more than 256 make no tile."""
    with pytest.raises(Malformed):
        split_tile(bytes(size))


@given(size=st.integers(1, 70_000), asked=st.integers(1, 70_000), index=st.integers(0, 70_000))
@settings(max_examples=25, deadline=None)
def test_roots_and_proofs_of_every_size_come_from_the_tiles(size: int, asked: int, index: int) -> None:
    """A stored tree of tens of thousands of entries proves any entry in any earlier tree."""
    asked, index = min(size, asked), index % min(size, asked)
    log = LARGE.setdefault("log", StoredLog())
    if log.tree.size == 0:
        log.grow(numbered(70_000))
    tree = StoredTree(log.files.get, 70_000)
    root = tree.root(asked)
    path = inclusion_proof(index, asked, tree.node)
    assert verify_inclusion(leaf_hash(b"entry %d" % index), index, asked, path, root)


LARGE: dict[str, StoredLog] = {}
"""One tree of 70,000 entries for the whole module: it takes a second."""


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 513, 1000])
def test_stored_roots_are_those_of_the_definition(size: int) -> None:
    """Around the borders of tiles, and for every tenth smaller tree."""
    entries = numbered(size)
    log = StoredLog()
    log.grow(entries)
    tree = StoredTree(log.files.get, size)
    assert all(tree.root(count) == reference_root(entries[:count]) for count in [*range(0, size, 97), size])


def test_a_partial_tile_is_read_from_the_full_one() -> None:
    """Once a tile is full its partial files may go; readers of the earlier tree take the beginning of the full one."""
    log = StoredLog()
    log.grow(numbered(100))
    before = {path: content for path, content in log.files.items() if ".p/" in path}
    log.grow(numbered(200))
    for path in before:
        del log.files[path]
    hashes = read_tile(log.files.get, Tile(level=0, number=0, width=100))
    entries = read_tile(log.files.get, Tile(level=ENTRIES, number=0, width=100))
    assert hashes == before["tile/0/000.p/100"]
    assert entries == before["tile/entries/000.p/100"]


def test_what_was_removed_is_unknown_and_what_was_cut_malformed() -> None:
    """A missing tile names retention as the reason; a short one is refused."""
    log = StoredLog()
    log.grow(numbered(600))
    tree = StoredTree({**log.files, "tile/0/001": b""}.get, 600)
    with pytest.raises(Malformed):
        tree.leaf(300)
    del log.files["tile/0/000"]
    with pytest.raises(Unknown, match="tile/0/000"):
        StoredTree(log.files.get, 600).leaf(3)
    log.files["tile/0/001"] = log.files["tile/0/001"][:-32]
    with pytest.raises(Malformed, match="255 hashes"):
        StoredTree(log.files.get, 600).leaf(300)


def test_a_node_beyond_the_tree_is_refused() -> None:
    """A subtree that is not complete yet has no hash."""
    log = StoredLog()
    log.grow(numbered(10))
    with pytest.raises(Malformed, match="node 1 of height 3"):
        StoredTree(log.files.get, 10).node(3, 1)


def test_a_tile_knows_where_it_ends() -> None:
    """A tile of level 1 spans 65,536 entries; a bundle spans 256."""
    assert Tile(level=1, number=0).end == 65_536
    assert Tile(level=ENTRIES, number=3).end == 1024
