"""The Merkle tree of RFC 6962: hashes, roots, proofs and their verification.

A tree over n entries splits at the largest power of two below n, for ever: what is complete never changes. So every proof
is made of hashes of complete subtrees, and whoever can look those up (`Nodes`) can make any proof of any earlier tree.

**Source**: RFC 6962, section 2.1; the verifying loops are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

from impetus.core.errors import Malformed

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without entries. Source: RFC 6962, section 2.1."""

Nodes = Callable[[int, int], bytes]
"""`(height, number)` to the hash over the entries `number * 2**height ... (number + 1) * 2**height - 1`."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry; the 0x00 in front keeps entries and nodes apart (RFC 6962, section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees; the 0x01 in front keeps entries and nodes apart (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over subtrees of one height, at least one; a lone last one is carried up, as the split asks."""
    row = list(hashes)
    while len(row) > 1:
        paired = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def root_of(size: int, nodes: Nodes) -> bytes:
    """Return the root of the first `size` entries."""
    return _range_root(0, size, nodes)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the audit path of an entry in the tree of `size` entries, lowest first (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size:
        raise Malformed(
            f"entry {index} of {size}", value=index, limit=f"0..{size - 1}", remedy="ask for an entry of this tree"
        )
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, nodes))
            high = middle
        else:
            path.append(_range_root(low, middle, nodes))
            low = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` entries begins with that of `old` (RFC 6962, section 2.1.2).

    Empty when they are the same tree or the old one has no entries.
    """
    if not 0 <= old <= new:
        raise Malformed(f"from {old} to {new}", value=old, limit=f"0..{new}", remedy="the earlier tree comes first")
    if old in (0, new):
        return ()
    path: list[bytes] = []
    low, high, is_whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, nodes))
            high = middle
        else:
            path.append(_range_root(low, middle, nodes))
            low, is_whole = middle, False
    if not is_whole:
        path.append(_range_root(low, high, nodes))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether the path proves that the tree of this root has this leaf at this index (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether the path proves that the new tree begins with the old one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    proof = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not proof:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    found_old = found_new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is 2 or more."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(low: int, high: int, nodes: Nodes) -> bytes:
    """Return the hash over the entries `low <= index < high`, a range the split of some tree makes."""
    found: bytes | None = None
    while low < high:
        count = high - low
        height = (count & -count).bit_length() - 1
        right = nodes(height, (high >> height) - 1)
        found = right if found is None else node_hash(right, found)
        high -= 1 << height
    return found if found is not None else EMPTY_ROOT
