"""Verify a copy of the log with nothing but the copy, a checkpoint from elsewhere, and a public key.

Everything is recomputed from the entries: leaf hashes, every tile, the root. What is stored is only compared. So whatever
was changed, cut off, swapped, removed or put back from an earlier day, either a stored hash does not fit its entries, or the
root does not fit the signature, or the copy does not fit the checkpoint that a witness kept.
"""

from dataclasses import dataclass

from impetus.core.errors import Malformed
from impetus.ethics.log.checkpoint import (
    Check,
    Checkpoint,
    Note,
    VerifierKey,
    cosignatures,
    is_signed,
    parse_checkpoint,
    parse_key,
    parse_note,
    spoiled,
)
from impetus.ethics.log.rebuild import CHECKPOINT, KEY, Copy, Progress, Rebuilt
from impetus.ethics.log.verdict import Verdict

TRUSTED = "trusted checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """What is trusted and did not come with the copy: a checkpoint, the log's key, witnesses' keys. Any may be missing."""

    checkpoint: bytes | None = None
    key: VerifierKey | None = None
    witnesses: tuple[VerifierKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signers:
    """Whose signatures are checked, and how."""

    log: VerifierKey | None
    witnesses: tuple[VerifierKey, ...]
    check: Check


def verify(copy: Copy, trusted: Trusted, check: Check, *, progress: Progress | None = None) -> Verdict:
    """Recompute the log from its entries and compare it with everything that was stored, signed and witnessed.

    `check` verifies an Ed25519 signature; `progress` is told how many entries are done. Costs about ten microseconds an
    entry, and never more memory than a few tiles.
    """
    verdict = Verdict()
    key = _key(copy, trusted, verdict)
    signers = _Signers(log=key, witnesses=trusted.witnesses, check=check)
    own = _head(copy.read(CHECKPOINT), CHECKPOINT, signers, verdict)
    witnessed = None
    if trusted.checkpoint is not None:
        witnessed = _head(trusted.checkpoint, TRUSTED, signers, verdict)
    head = own or witnessed
    if head is None:
        return verdict
    verdict.origin, verdict.size, verdict.minimum = head.origin, head.size, head.minimum
    rebuilt = Rebuilt(copy, verdict, () if witnessed is None else (witnessed.size,), progress)
    verdict.root = rebuilt.run() or b""
    if verdict.root != head.root:
        given = f"give root {verdict.root.hex()}" if verdict.root else "are too incomplete for a root"
        verdict.blame(CHECKPOINT, f"the entries {given}, signed was {head.root.hex()}")
    if witnessed is not None:
        _compare(witnessed, head, rebuilt.roots.get(witnessed.size), verdict)
    return verdict


def _key(copy: Copy, trusted: Trusted, verdict: Verdict) -> VerifierKey | None:
    """Return the log's key: the trusted one; else the one that lies with the copy, which proves less, and is said."""
    content, with_copy = copy.read(KEY), None
    if content is not None:
        try:
            with_copy = parse_key(content.decode("utf-8", "replace").removesuffix("\n"))
        except Malformed as error:
            verdict.blame(KEY, error.detail)
    if trusted.key is not None:
        verdict.is_key_trusted = True
        if with_copy is not None and with_copy != trusted.key:
            verdict.blame(KEY, f"it is {with_copy.text()}, trusted is {trusted.key.text()}")
        return trusted.key
    if with_copy is None:
        verdict.blame(KEY, "there is no key to check the signature with; give one")
    else:
        verdict.remarks.append("the signature was checked with the key that lies with the copy; give a key you trust")
    return with_copy


def _head(content: bytes | None, where: str, signers: _Signers, verdict: Verdict) -> Checkpoint | None:
    """Return the head a checkpoint speaks of, after checking who signed it; None for none."""
    if content is None:
        verdict.blame(where, "it is missing")
        return None
    try:
        note = parse_note(content)
        head = parse_checkpoint(note.text)
    except Malformed as error:
        verdict.blame(where, error.detail)
        return None
    _check_signed(note, head, where, signers, verdict)
    verdict.cosigned += cosignatures(note, signers.witnesses, signers.check)
    for name in spoiled(note, signers.witnesses, signers.check):
        verdict.blame(where, f"the signature of witness {name} on it is not good")
    return head


def _check_signed(note: Note, head: Checkpoint, where: str, signers: _Signers, verdict: Verdict) -> None:
    """Blame a note that the log's key did not sign, or that speaks of another log than the key's."""
    key = signers.log
    if key is None:
        return
    if not is_signed(note, key, signers.check):
        verdict.blame(where, f"it is not signed by {key.name} ({key.key_id.hex()})")
    elif head.origin != key.name:
        verdict.blame(where, f"it speaks of {head.origin}, the key is of {key.name}")
    else:
        verdict.signed_by = key.name


def _compare(witnessed: Checkpoint, head: Checkpoint, root: bytes | None, verdict: Verdict) -> None:
    """Hold the copy against the trusted checkpoint: it must be the beginning of the copy, or all of it."""
    verdict.compared = witnessed.size
    if witnessed.origin != head.origin:
        verdict.blame(TRUSTED, f"it is of {witnessed.origin}, the copy of {head.origin}")
    if witnessed.size > head.size:
        verdict.blame(
            TRUSTED,
            f"it speaks of {witnessed.size:,} entries, the copy of {head.size:,}: cut off, or put back from an earlier day",
        )
    elif root is None:
        verdict.blame(
            TRUSTED, f"the copy has no root at {witnessed.size:,} entries to compare with; use a newer checkpoint"
        )
    elif root != witnessed.root:
        verdict.blame(
            TRUSTED,
            f"the first {witnessed.size:,} entries give root {root.hex()}, it says {witnessed.root.hex()}: another log under this name",
        )
