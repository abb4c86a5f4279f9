"""The tree of RFC 6962: its roots, its proofs, and what proves nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics.log_samples import numbered, reference_path, reference_proof, reference_root
from impetus.core.errors import Malformed
from impetus.ethics.log.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    fold,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The eight leaves of the reference tests of RFC 6962's authors."""
BEGINNINGS = ["e3b0c442", "6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4"]
EIGHTH = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
SIZES = 70


def nodes_of(entries: list[bytes]):  # noqa: ANN201 - a function of two numbers
    """Return the hashes of complete subtrees of these entries, by the definition."""
    return lambda height, number: reference_root(entries[number << height : (number + 1) << height])


@pytest.mark.parametrize("count", range(9))
def test_the_roots_are_those_of_rfc_6962(count: int) -> None:
    """The first n of the known leaves give the known roots, computed two ways."""
    root = root_of(count, nodes_of(LEAVES[:count]))
    assert root == reference_root(LEAVES[:count])
    assert root.hex().startswith((*BEGINNINGS, EIGHTH)[count])


def test_entries_and_nodes_cannot_be_taken_for_each_other() -> None:
    """An entry made of two hashes has another hash than the node over them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """RFC 6962: the root of no entries is the hash of an empty string."""
    assert root_of(0, nodes_of([])) == EMPTY_ROOT


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 255, 256])
def test_folding_is_the_root_over_leaves(count: int) -> None:
    """Pairing from the left and carrying a lone one up splits where the definition splits."""
    entries = numbered(count)
    assert fold([leaf_hash(entry) for entry in entries]) == reference_root(entries)


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_entry_of_every_size_is_proved(size: int) -> None:
    """Each audit path is the one of the definition, verifies, and verifies for no other index, size or leaf."""
    entries = numbered(size)
    nodes, root = nodes_of(entries), reference_root(entries)
    for index, entry in enumerate(entries):
        path = inclusion_proof(index, size, nodes)
        assert list(path) == reference_path(index, entries)
        assert verify_inclusion(leaf_hash(entry), index, size, path, root)
        assert not verify_inclusion(leaf_hash(entry + b"!"), index, size, path, root)
        assert not verify_inclusion(leaf_hash(entry), index, size, path, leaf_hash(b"another root"))
        assert not any(
            verify_inclusion(leaf_hash(entry), other, size, path, root) for other in range(size) if other != index
        )


@pytest.mark.parametrize("new", range(SIZES + 1))
def test_every_size_is_proved_to_be_the_beginning_of_every_later_one(new: int) -> None:
    """Each consistency proof is the one of the definition, verifies, and verifies for no other old root."""
    entries = numbered(new)
    nodes, root = nodes_of(entries), reference_root(entries)
    for old in range(new + 1):
        path = consistency_proof(old, new, nodes)
        old_root = reference_root(entries[:old])
        assert list(path) == (reference_proof(old, entries) if old else [])
        assert verify_consistency(old, new, old_root, root, path)
        assert not verify_consistency(old, new, leaf_hash(b"fork"), root, path)
        if 0 < old < new:
            assert not verify_consistency(old, new, old_root, leaf_hash(b"fork"), path)
            assert not verify_consistency(old, new, old_root, root, path[:-1])
            assert not verify_consistency(old, new, old_root, root, [*path, root])


@given(size=st.integers(1, 600), draw=st.data())
@settings(max_examples=60, deadline=None)
def test_no_changed_path_proves_anything(size: int, draw: st.DataObject) -> None:
    """One flipped bit, one hash less or one more, and the path is refused."""
    entries = numbered(size)
    index = draw.draw(st.integers(0, size - 1))
    root, leaf = reference_root(entries), leaf_hash(entries[index])
    path = reference_path(index, entries)
    assert verify_inclusion(leaf, index, size, path, root)
    assert not verify_inclusion(leaf, index, size, [*path, leaf], root)
    if path:
        place, bit = draw.draw(st.integers(0, len(path) - 1)), draw.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[place], "big") ^ (1 << bit)).to_bytes(32, "big")
        assert not verify_inclusion(leaf, index, size, [*path[:place], flipped, *path[place + 1 :]], root)
        assert not verify_inclusion(leaf, index, size, path[1:], root)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 3), (9, 4)])
def test_an_entry_that_is_not_there_is_refused(index: int, size: int) -> None:
    """Neither a proof is made for it, nor one accepted."""
    with pytest.raises(Malformed):
        inclusion_proof(index, size, nodes_of(numbered(max(size, 1))))
    assert not verify_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))


@pytest.mark.parametrize(("old", "new"), [(3, 2), (-1, 2)])
def test_a_log_does_not_grow_backwards(old: int, new: int) -> None:
    """From a later tree to an earlier one there is no proof, and none is accepted."""
    with pytest.raises(Malformed):
        consistency_proof(old, new, nodes_of(numbered(3)))
    assert not verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, [])


def test_an_empty_tree_is_the_beginning_of_all_but_says_so_truthfully() -> None:
    """From nothing the proof is empty, and the old root must be that of nothing."""
    root = reference_root(numbered(3))
    assert verify_consistency(0, 3, EMPTY_ROOT, root, [])
    assert not verify_consistency(0, 3, root, root, [])
    assert not verify_consistency(2, 4, root, root, [])
