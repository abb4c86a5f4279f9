"""The manifest of a backup: its pieces, their keys by name and their hashes, signed; written last."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from impetus.adapters.durable_file import write_durably
from impetus.adapters.signatures import verify
from impetus.core.errors import Malformed
from impetus.ports.ethics import Signatures

FORMAT = "impetus-backup-1"
MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
"""A file that is there while a backup is being made, and stays when that was interrupted."""
PIECES = "pieces"
SIGNER = "backup"
ROWS, FILES = "rows", "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One sealed file of a backup: what it holds, how many of it, under which key, how large and with which SHA-256."""

    path: str
    what: str
    count: int
    kind: str
    day: date
    bytes_: int
    sha256: str

    @property
    def about(self) -> str:
        """Return what the piece is bound to beside its key."""
        return f"backup piece:{self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is. `key` is the public key it is signed with, in hexadecimal."""

    id: str
    made_at: datetime
    site: str
    program: str
    schema: str
    pieces: tuple[Piece, ...]
    key: str = ""


def write_manifest(place: Path, manifest: Manifest, signatures: Signatures) -> None:
    """Sign the manifest and write it: from then on the backup is one."""
    key = signatures.public_key(SIGNER)
    content = _content(manifest, key.hex())
    signature = signatures.sign(SIGNER, content)
    document = {"manifest": json.loads(content), "signature": signature.hex()}
    write_durably(place / MANIFEST, json.dumps(document, indent=1).encode())


def read_manifest(place: Path) -> Manifest:
    """Read and check a manifest; `Malformed` when there is none, or it is not as it was signed."""
    try:
        document = json.loads((place / MANIFEST).read_bytes())
        plain, signature = document["manifest"], bytes.fromhex(document["signature"])
        if plain["format"] != FORMAT:
            raise _unreadable(place, f"its format is {plain['format']!r}")
        manifest = _manifest_of(plain)
    except FileNotFoundError as error:
        is_half = (place / UNFINISHED).exists()
        raise _unreadable(place, "it was never finished" if is_half else f"there is no {MANIFEST}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(place, f"its manifest cannot be read: {error}") from error
    if not verify(bytes.fromhex(manifest.key), signature, _content(manifest, manifest.key)):
        raise _unreadable(place, "its manifest was changed: the signature does not fit")
    return manifest


def digest(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _manifest_of(plain: Mapping[str, Any]) -> Manifest:
    return Manifest(
        id=str(plain["id"]),
        made_at=datetime.fromisoformat(plain["made_at"]),
        site=str(plain["site"]),
        program=str(plain["program"]),
        schema=str(plain["schema"]),
        key=str(plain["key"]),
        pieces=_pieces_of(plain["pieces"]),
    )


def _pieces_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Piece, ...]:
    pieces = tuple(Piece(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows)
    for piece in pieces:
        if not piece.path.startswith(f"{PIECES}/") or ".." in piece.path:
            raise ValueError(f"a piece lies outside the backup: {piece.path!r}")
    return pieces


def _content(manifest: Manifest, key: str) -> bytes:
    """Return what is signed: the manifest as JSON with sorted names."""
    plain = {
        "format": FORMAT,
        "id": manifest.id,
        "made_at": manifest.made_at.isoformat(),
        "site": manifest.site,
        "program": manifest.program,
        "schema": manifest.schema,
        "key": key,
        "pieces": [{**asdict(piece), "day": piece.day.isoformat()} for piece in manifest.pieces],
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def _unreadable(place: Path, why: str) -> Malformed:
    return Malformed(
        f"{place} is no backup: {why}",
        value=str(place),
        limit=f"a folder with {MANIFEST} and {PIECES}/, as `impetus backup` wrote it",
        remedy="name the folder of a backup, or take another copy of it",
    )
