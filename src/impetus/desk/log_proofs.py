"""Proofs for a package that lines of the log stand in the log, checkable without us: entries, audit paths, a checkpoint.

An entry as the log has it names nobody: who, why and recipient are commitments in it. The checkpoint is signed, and witnesses
keep it; whoever has one of theirs need not believe the package either.

**Source**: RFC 6962, section 2.1.1: audit paths; C2SP tlog-checkpoint and signed-note.
"""

import base64
import json
from collections.abc import Iterable, Iterator

from impetus.core.errors import ImpetusError, Unknown
from impetus.desk.context import Desk
from impetus.ethics.log.checkpoint import parse_checkpoint, parse_note
from impetus.ethics.log.merkle import inclusion_proof
from impetus.ethics.log.rebuild import CHECKPOINT, KEY
from impetus.ethics.log.tiles import ENTRIES, WIDTH, StoredTree, Tile, decode_bundle, read_tile

PROOFS = "log/proofs.jsonl"


def proofs(desk: Desk, indices: Iterable[int]) -> dict[str, bytes]:
    """Return the files that prove these entries, none before the first checkpoint.

    Of an entry that is not under the checkpoint yet, or whose tile retention removed, the line says so instead.
    """
    note, key = desk.log_files.read(CHECKPOINT), desk.log_files.read(KEY)
    if note is None or key is None:
        return {}
    size = parse_checkpoint(parse_note(note).text).size
    tree = StoredTree(desk.log_files.read, size)
    lines = b"".join(_lines(desk, tree, sorted(set(indices))))
    return {"log/checkpoint": note, "log/key": key, PROOFS: lines}


def _lines(desk: Desk, tree: StoredTree, indices: Iterable[int]) -> Iterator[bytes]:
    for index in indices:
        if index >= tree.size:
            found: dict[str, object] = {"index": index, "missing": "not under the checkpoint yet; ask again later"}
        else:
            found = _proof(desk, tree, index)
        yield json.dumps(found, sort_keys=True).encode() + b"\n"


def _proof(desk: Desk, tree: StoredTree, index: int) -> dict[str, object]:
    """Return an entry with its audit path, or why there is none any more."""
    try:
        path = inclusion_proof(index, tree.size, tree.node)
        entry = _entry(desk, index, tree.size)
    except ImpetusError as error:
        return {"index": index, "missing": error.detail}
    return {"index": index, "size": tree.size, "entry": _base64(entry), "path": [_base64(each) for each in path]}


def _entry(desk: Desk, index: int, size: int) -> bytes:
    number, within = divmod(index, WIDTH)
    bundle = Tile(level=ENTRIES, number=number, width=min(WIDTH, size - number * WIDTH))
    content = read_tile(desk.log_files.read, bundle)
    if content is None:
        raise Unknown(f"{bundle.path} is not here", value=bundle.path, remedy="it was removed by retention")
    return decode_bundle(content)[within]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
