"""A key for each class and day: who destroys the key makes every copy of what it sealed unreadable, wherever it lies.

The ring is a directory; the file `evidence.2026-03-01` holds 32 random bytes, sealed under the installation's key. What
a key seals begins with its class and day, so that opening finds the key. A destroyed key is overwritten, made durable,
and unlinked; a key in the memory of a process is used only while its file is there. The ring is in no backup: copies
lie in key safes (`key_safe.py`), apart from the backups they open.

Overwriting a file does not reach what a disk or a copying file system set aside; the ring is small so that it can lie on
an encrypted volume of its own. See `docs/explain/erasure.md`.

**Source**: NIST SP 800-88 revision 2, "cryptographic erase"; NIST SP 800-38D, section 8.3 on random nonces.
"""

import contextlib
import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from impetus.adapters.durable_file import disk_full, sync_directory
from impetus.adapters.key_safe import safes_of, shred
from impetus.core.errors import Malformed, OurFault, Unknown
from impetus.ports import Chance, Clock, Keys
from impetus.ports.retention import KeySafe

VERSION = 2
"""First byte of what a class key sealed; what the installation's key seals begins with 1."""
KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
NAME = re.compile(r"(?P<kind>[a-z0-9][a-z0-9_-]{0,62})\.(?P<day>\d{4}-\d\d-\d\d)")
DAY_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES = 4, 32, 12, 16

KeyName = tuple[str, date]


class FileClassKeys:
    """Port `ClassKeys` over a directory; any process may use it at the same time."""

    def __init__(self, directory: Path, keys: Keys, chance: Chance) -> None:
        self._directory, self._keys, self._chance = directory, keys, chance
        self._ciphers: dict[str, AESGCM] = {}

    def seal(self, plain: bytes, *, about: str, kind: str, day: date) -> bytes:
        """Return ciphertext under the key of this class and day, made when there is none; `NotNow` when the disk is full."""
        head = _head(kind, day)
        nonce = self._chance.bytes_(NONCE_BYTES)
        return head + nonce + self._cipher(kind, day, make=True).encrypt(nonce, plain, _bound(head, about))

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes; `Unknown` when the key was destroyed, `Malformed` when bytes or name were changed."""
        label = self.label(sealed)
        if label is None:
            raise Malformed(
                f"what is sealed about {about} is under no class key",
                value=len(sealed),
                limit="bytes sealed under a class and day",
                remedy="restore it from a backup",
            )
        head = _head(*label)
        body = sealed[len(head) :]
        try:
            return self._cipher(*label, make=False).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound(head, about))
        except InvalidTag as error:
            raise Malformed(
                f"what is sealed about {about} was changed or moved, or its key is another",
                value=about,
                limit="bytes as sealed, under their own name and this installation's keys",
                remedy="restore it, with the keys of the same installation",
            ) from error

    def label(self, sealed: bytes) -> KeyName | None:
        """Return class and day of what was sealed, None for what other keys sealed."""
        return label_of(sealed)

    def days(self) -> Sequence[KeyName]:
        """Return class and day of every key there is, sorted."""
        return [_key_name(name) for name in names_in(self._directory)]

    def destroy(self, keys: Sequence[KeyName]) -> int:
        """Overwrite, unlink, and make both last; a key that is destroyed halfway is destroyed again."""
        gone = 0
        for kind, day in keys:
            name = file_name(kind, day)
            self._ciphers.pop(name, None)
            gone += shred(self._directory / name)
        if gone:
            sync_directory(self._directory)
        return gone

    def safes(self) -> Sequence[KeySafe]:
        """Return the key safes of this installation, and how many destroyed keys each still has."""
        return safes_of(self._directory)

    def _cipher(self, kind: str, day: date, *, make: bool) -> AESGCM:
        """Return the cipher of a class and day while its key's file is there."""
        name = file_name(kind, day)
        file = self._directory / name
        if not file.exists():
            self._ciphers.pop(name, None)
            if not make:
                raise Unknown(
                    f"the key of {kind} of {day} is not here",
                    value=name,
                    remedy="its time was over and retention destroyed it; if not, bring the key safe of this installation",
                )
            self._make(file, name)
        if name not in self._ciphers:
            self._ciphers[name] = AESGCM(self._read(file, name))
        return self._ciphers[name]

    def _read(self, file: Path, name: str) -> bytes:
        key = self._keys.open(file.read_bytes(), about=f"class key:{name}")
        if len(key) != KEY_BYTES:
            raise OurFault(f"the class key {name} has {len(key)} bytes", value=len(key), limit=KEY_BYTES)
        return key

    def _make(self, file: Path, name: str) -> None:
        """Write a new key under its name unless another process was first."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = self._keys.seal(self._chance.bytes_(KEY_BYTES), about=f"class key:{name}")
        temporary = file.with_name(f".{name}.{self._chance.bytes_(6).hex()}.new")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(sealed)
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(temporary)
            sync_directory(self._directory)
        except OSError as error:
            raise disk_full(error, file) from error
        finally:
            temporary.unlink(missing_ok=True)


class BlobKeys:
    """Port `Keys` for the blobs: sealed under their class and the day they are stored, older ones opened as they were sealed."""

    def __init__(self, ring: FileClassKeys, older: Keys, clock: Clock, kind: str = "evidence") -> None:
        self._ring, self._older, self._clock, self._kind = ring, older, clock, kind

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Return ciphertext under today's key."""
        return self._ring.seal(plain, about=about, kind=self._kind, day=self._clock.now().date())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, of this form or the one before class keys."""
        keys = self._older if label_of(sealed) is None else self._ring
        return keys.open(sealed, about=about)

    def reseal(self, sealed: bytes, *, about: str, kind: str, day: date) -> bytes | None:
        """Return the same under another class and day, None when it is under it already."""
        if label_of(sealed) == (kind, day):
            return None
        return self._ring.seal(self.open(sealed, about=about), about=about, kind=kind, day=day)


def file_name(kind: str, day: date) -> str:
    """Return the name of a key's file, or raise `Malformed` for a class that cannot be one."""
    if not KIND.fullmatch(kind):
        raise Malformed(f"{kind[:80]!r} cannot name a class of keys", value=kind, limit=KIND.pattern)
    return f"{kind}.{day.isoformat()}"


def label_of(sealed: bytes) -> KeyName | None:
    """Return class and day at the head of what a class key sealed, None for anything else."""
    size = sealed[1] if len(sealed) > 1 and sealed[0] == VERSION else 0
    end = 2 + size + DAY_BYTES
    if not size or len(sealed) < end + NONCE_BYTES + TAG_BYTES:
        return None
    try:
        kind, day = (
            sealed[2 : 2 + size].decode("ascii"),
            date.fromordinal(int.from_bytes(sealed[2 + size : end], "big")),
        )
    except (ValueError, OverflowError):
        return None
    return (kind, day) if KIND.fullmatch(kind) else None


def names_in(directory: Path) -> list[str]:
    """Return the names of the keys in a directory, sorted; none when it is not there."""
    try:
        return sorted(entry.name for entry in os.scandir(directory) if _is_key(entry.name))
    except FileNotFoundError:
        return []


def _is_key(name: str) -> bool:
    match = NAME.fullmatch(name)
    if not match:
        return False
    try:
        date.fromisoformat(match["day"])
    except ValueError:
        return False
    return True


def _key_name(name: str) -> KeyName:
    kind, _, day = name.rpartition(".")
    return kind, date.fromisoformat(day)


def _head(kind: str, day: date) -> bytes:
    word = kind.encode("ascii")
    return bytes([VERSION, len(word)]) + word + day.toordinal().to_bytes(DAY_BYTES, "big")


def _bound(head: bytes, about: str) -> bytes:
    """Return what the ciphertext is bound to: its class and day, and what it is about."""
    return head + about.encode()
