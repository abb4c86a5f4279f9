"""What can be said about the log: how long it is, when it was last signed, who has seen it, and proofs from it."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.errors import Malformed, NotNow, Unknown
from impetus.desk.context import LOG, Desk
from impetus.desk.log_notes import WitnessSeen, read_asked, read_sealed, read_trouble, read_verified, read_witnesses
from impetus.desk.permit import permit
from impetus.ethics.log.checkpoint import Checkpoint, parse_checkpoint, parse_note
from impetus.ethics.log.merkle import consistency_proof, inclusion_proof
from impetus.ethics.log.rebuild import CHECKPOINT, KEY
from impetus.ethics.log.tiles import StoredTree, parse_path

__all__ = [
    "Consistency",
    "Inclusion",
    "LogHealth",
    "WitnessSeen",
    "checkpoint",
    "consistency",
    "inclusion",
    "log_health",
    "log_tile",
    "verifier_key",
]

LOG_READ = "log.read"
LOG_CURSOR = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHealth:
    """How the log stands.

    `size`: entries under the newest checkpoint; `checkpoint_at` when it was signed, None before the first; `root_hex` its
    root. `pending`: records on their way. `pruned_before`: entries below this index were removed by retention.
    `last_verified_at`: when the log was last read and recomputed in whole; `asked_at` since when somebody waits for that. `trouble` is empty when all is well. `origin`
    names the log; `key` is the verifier key of its signatures.
    """

    size: int
    checkpoint_at: datetime | None
    root_hex: str
    witnesses: tuple[WitnessSeen, ...]
    pending: int
    pruned_before: int
    last_verified_at: datetime | None
    trouble: str
    asked_at: datetime | None = None
    origin: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """The proof that an entry is in the tree of `size` entries with this root: its leaf hash and audit path."""

    index: int
    size: int
    root: bytes
    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The proof that the tree of `new` entries begins with that of `old`."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    path: tuple[bytes, ...]


def log_health(desk: Desk, actor: Actor) -> LogHealth:
    """Return how the log stands."""
    permit(desk, actor, LOG_READ)
    head, files = _head_or_none(desk), desk.log_files
    sealed, verified = read_sealed(files), read_verified(files)
    witnesses = read_witnesses(files)
    with desk.store.read() as unit:
        entered = unit.accesses.next_index()
        offset = unit.cursors.get(LOG_CURSOR, LOG)
    waiting = max(0, desk.bus.status(LOG).last - offset)
    return LogHealth(
        size=head.size if head else 0,
        checkpoint_at=sealed.at if sealed and head else None,
        root_hex=head.root.hex() if head else "",
        witnesses=witnesses,
        pending=waiting + max(0, entered - (head.size if head else 0)),
        pruned_before=head.minimum if head else 0,
        last_verified_at=verified.at if verified else None,
        asked_at=read_asked(files),
        trouble=_trouble(read_trouble(files), verified.trouble if verified else "", witnesses),
        origin=head.origin if head else "",
        key=(files.read(KEY) or b"").decode("utf-8", "replace").strip(),
    )


def checkpoint(desk: Desk, actor: Actor) -> bytes:
    """Return the newest signed checkpoint as it is stored; `NotNow` before the first."""
    permit(desk, actor, LOG_READ)
    content = desk.log_files.read(CHECKPOINT)
    if content is None:
        raise _not_yet()
    return content


def verifier_key(desk: Desk, actor: Actor) -> str:
    """Return the log's public key as a verifier key of C2SP signed-note; `NotNow` before the first checkpoint."""
    permit(desk, actor, LOG_READ)
    content = desk.log_files.read(KEY)
    if content is None:
        raise _not_yet()
    return content.decode()


def log_tile(desk: Desk, actor: Actor, path: str) -> bytes:
    """Return a hash tile or an entry bundle by its path `tile/...`; `Unknown` when it is not there, or removed."""
    permit(desk, actor, LOG_READ)
    content = desk.log_files.read(parse_path(path).path)
    if content is None:
        raise Unknown(
            f"there is no {path}", value=path, remedy="ask for tiles of the newest checkpoint, above the minimum index"
        )
    return content


def inclusion(desk: Desk, actor: Actor, index: int, size: int | None = None) -> Inclusion:
    """Return the proof that an entry is in the log, at a size, that of the newest checkpoint when None."""
    permit(desk, actor, LOG_READ)
    tree = _tree(desk, size)
    asked = tree.size if size is None else size
    path = inclusion_proof(index, asked, tree.node)
    return Inclusion(index=index, size=asked, root=tree.root(asked), leaf=tree.leaf(index), path=path)


def consistency(desk: Desk, actor: Actor, old: int, new: int | None = None) -> Consistency:
    """Return the proof that the log only grew, from one size to another, the newest checkpoint's when None."""
    permit(desk, actor, LOG_READ)
    tree = _tree(desk, new)
    until = tree.size if new is None else new
    path = consistency_proof(old, until, tree.node)
    return Consistency(old=old, new=until, old_root=tree.root(old), new_root=tree.root(until), path=path)


def _tree(desk: Desk, size: int | None) -> StoredTree:
    """Return the stored tree under the newest checkpoint; `Malformed` when it is shorter than asked for."""
    head = _head_or_none(desk)
    if head is None:
        raise _not_yet()
    if size is not None and size > head.size:
        raise Malformed(
            f"the log has {head.size} entries under its checkpoint, not {size}",
            value=size,
            limit=head.size,
            remedy="ask again after the next checkpoint, ten seconds at most",
        )
    return StoredTree(desk.log_files.read, head.size)


def _head_or_none(desk: Desk) -> Checkpoint | None:
    content = desk.log_files.read(CHECKPOINT)
    if content is None:
        return None
    try:
        return parse_checkpoint(parse_note(content).text)
    except Malformed:
        return None


def _trouble(keeper: str, verified: str, witnesses: tuple[WitnessSeen, ...]) -> str:
    """Say what is wrong with the log, the worst first; empty when nothing is."""
    forks = [f"{each.name} holds another log under this name" for each in witnesses if each.is_fork]
    failing = [f"{each.name}: {each.trouble}" for each in witnesses if each.trouble and not each.is_fork]
    return "; ".join(said for said in (*forks, verified, keeper, *failing) if said)


def _not_yet() -> NotNow:
    return NotNow(
        "there is no checkpoint yet", retry_after_s=10.0, remedy="the first comes ten seconds after the first entry"
    )
