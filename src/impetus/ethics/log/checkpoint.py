"""Checkpoints: the head of the tree as a signed note, and the cosignatures of witnesses on it.

**Source**: C2SP signed-note, tlog-checkpoint and tlog-cosignature (c2sp.org).
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from impetus.core.errors import Malformed
from impetus.ethics.log.merkle import HASH_BYTES

MAX_NOTE_BYTES = 64 * 1024
"""Longest note read: 16 signatures must be taken, and theirs are a hundred bytes each. House rule."""
MAX_SIGNATURES = 64
ED25519, COSIGNATURE = 0x01, 0x04
"""Kinds of signatures. Source: C2SP signed-note, signature types."""
KEY_BYTES, SIGNATURE_BYTES, TIME_BYTES = 32, 64, 8
DASH = "\u2014 "
MINIMUM = "impetus:minimum-index "
"""Extension line with the index below which entries were removed by retention; left out while it is 0."""
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")

Sign = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes, bytes], bool]
"""`(public key, signature, message)` to whether it is that key's Ed25519 signature (RFC 8032)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log: whose, how many entries, their root, below which index entries were removed."""

    origin: str
    size: int
    root: bytes
    minimum: int = 0

    def text(self) -> str:
        """Return the text of the note that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        return "".join(f"{line}\n" for line in [*lines, *([f"{MINIMUM}{self.minimum}"] if self.minimum else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: the key's name, its four-byte id, and what follows."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line with its newline."""
        return f"{DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A signed note: its text with the final newline, and the signatures in order."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note as it is written and sent."""
        return (self.text + "\n" + "".join(signature.line() for signature in self.signatures)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with its name and kind, as text `name+id+key`."""

    name: str
    public_key: bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that signature lines carry."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:4]

    def text(self) -> str:
        """Return the key as one word."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public_key).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A witness's good signature: who, and when it saw this as the newest head."""

    name: str
    at: datetime


def parse_key(text: str) -> VerifierKey:
    """Return the key of a word `name+id+key`; `Malformed` for another kind, or an id that is not the key's."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = _unbase64(encoded)
    if _NAME.fullmatch(name) and len(content) == 1 + KEY_BYTES and content[0] in (ED25519, COSIGNATURE):
        key = VerifierKey(name=name, public_key=content[1:], kind=content[0])
        if key.key_id.hex() == key_id:
            return key
    raise Malformed(
        "this is no verifier key",
        value=text[:200],
        limit="name+id+key of an Ed25519 key or of a witness",
        remedy="see c2sp.org/signed-note",
    )


def parse_note(content: bytes) -> Note:
    """Return the note; `Malformed` for anything that does not follow its format."""
    if len(content) > MAX_NOTE_BYTES:
        raise _malformed(f"it has {len(content)} bytes")
    try:
        said = content.decode()
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    if _CONTROL.search(said):
        raise _malformed("it has control characters")
    text, blank, signed = said.rpartition("\n\n")
    if not blank or not text or not signed.endswith("\n"):
        raise _malformed("text, an empty line and signature lines are expected")
    lines = signed.split("\n")[:-1]
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"it has {len(lines)} signatures")
    return Note(text=text + "\n", signatures=tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> NoteSignature:
    """Return a signature line, without its newline; `Malformed` for anything else."""
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    content = _unbase64(encoded)
    if not line.startswith(DASH) or not space or not _NAME.fullmatch(name) or len(content) <= 4:  # noqa: PLR2004 - the key's id
        raise _malformed(f"{line[:40]!r} is no signature line")
    return NoteSignature(name=name, key_id=content[:4], signature=content[4:])


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the head a note's text speaks of; `Malformed` for anything else. Unknown extension lines are refused."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):  # noqa: PLR2004 - origin, size, root, and what the last newline leaves
        raise _malformed("origin, size and root are expected, each on its line")
    origin, size, encoded, *extensions = lines
    root = _unbase64(encoded)
    if not _SIZE.fullmatch(size) or len(root) != HASH_BYTES:
        raise _malformed("its size or root cannot be read")
    minimum = 0
    for extension in extensions:
        said = extension.removeprefix(MINIMUM)
        if minimum or said == extension or not _SIZE.fullmatch(said) or not 0 < int(said) <= int(size):
            raise _malformed(f"extension {extension[:40]!r} is unknown")
        minimum = int(said)
    return Checkpoint(origin=origin, size=int(size), root=root, minimum=minimum)


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> Note:
    """Return the checkpoint as a note signed by the log's key."""
    text = checkpoint.text()
    signature = NoteSignature(name=key.name, key_id=key.key_id, signature=sign(text.encode()))
    return Note(text=text, signatures=(signature,))


def is_signed(note: Note, key: VerifierKey, check: Check) -> bool:
    """Say whether the log's key signed the note; a line by that key that does not verify spoils it.

    Source: C2SP signed-note: a known key's failing signature rejects the whole note.
    """
    lines = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
    return bool(lines) and all(check(key.public_key, line.signature, note.text.encode()) for line in lines)


def cosign(note: Note, key: VerifierKey, sign: Sign, *, at: datetime) -> NoteSignature:
    """Return a witness's signature on a note: what a witness does after it has checked consistency."""
    seconds = int(at.timestamp())
    signature = sign(_cosigned_message(note, seconds))
    return NoteSignature(name=key.name, key_id=key.key_id, signature=seconds.to_bytes(TIME_BYTES, "big") + signature)


def cosignatures(note: Note, keys: Sequence[VerifierKey], check: Check) -> tuple[Cosigned, ...]:
    """Return the good signatures of these witnesses on the note, in its order; unknown and bad ones are left out."""
    known = {(key.name, key.key_id): key for key in keys if key.kind == COSIGNATURE}
    found = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        at = _cosigned_at(note, line, key, check) if key else None
        if at is not None:
            found.append(Cosigned(name=line.name, at=at))
    return tuple(found)


def spoiled(note: Note, keys: Sequence[VerifierKey], check: Check) -> tuple[str, ...]:
    """Return the names of these witnesses whose line on the note is there but not good."""
    known = {(key.name, key.key_id): key for key in keys if key.kind == COSIGNATURE}
    return tuple(
        line.name
        for line in note.signatures
        if (key := known.get((line.name, line.key_id))) and _cosigned_at(note, line, key, check) is None
    )


def _cosigned_at(note: Note, line: NoteSignature, key: VerifierKey, check: Check) -> datetime | None:
    """Return when a witness signed, None when the signature is not good."""
    if len(line.signature) != TIME_BYTES + SIGNATURE_BYTES:
        return None
    seconds = int.from_bytes(line.signature[:TIME_BYTES], "big")
    if not check(key.public_key, line.signature[TIME_BYTES:], _cosigned_message(note, seconds)):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _cosigned_message(note: Note, seconds: int) -> bytes:
    """Return what a witness signs. Source: C2SP tlog-cosignature, Ed25519 signed message."""
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()


def _unbase64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one spelling; empty for anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return content if base64.b64encode(content).decode() == text else b""


def _malformed(why: str) -> Malformed:
    return Malformed(f"this is no checkpoint: {why}", limit="c2sp.org/tlog-checkpoint", remedy="fetch it again")
