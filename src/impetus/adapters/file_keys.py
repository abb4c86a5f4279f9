"""Encryption at rest under one key of the installation, kept in a file that only its owner may read.

The key is made at first start: written under a temporary name, then linked to its own, which exactly one of several
processes starting at once can do, and never half. What is sealed is one version byte, a nonce of 96 random bits and
AES-256-GCM's output with the name it is `about` as associated data, so that bytes moved under another name do not open.

**Source**: NIST SP 800-38D, section 8.3: random 96-bit nonces are safe for 2^32 sealings under one key.
"""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from impetus.adapters.durable_file import disk_full, sync_directory
from impetus.core.errors import Malformed, Misconfigured
from impetus.ports import Chance

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
VERSION = b"\x01"
HEADER = "impetus-key-1:"


class FileKeys:
    """Port `Keys` over AES-256-GCM and a key file; makes the key when there is none."""

    def __init__(self, file: Path, chance: Chance) -> None:
        self._chance = chance
        if not file.exists():
            _make_key(file, chance)
        self._cipher = AESGCM(_read_key(file))

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Return ciphertext bound to `about`, 29 bytes longer than the plain bytes."""
        nonce = self._chance.bytes_(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `Malformed` when the bytes or the name were changed."""
        head = len(VERSION) + NONCE_BYTES
        if len(sealed) < head + TAG_BYTES or sealed[: len(VERSION)] != VERSION:
            raise Malformed(
                f"what is sealed about {about} is {len(sealed)} bytes that no key here made",
                value=len(sealed),
                limit=f"at least {head + TAG_BYTES} bytes, version 1",
                remedy="restore it from a backup",
            )
        try:
            return self._cipher.decrypt(sealed[len(VERSION) : head], sealed[head:], about.encode())
        except InvalidTag as error:
            raise Malformed(
                f"what is sealed about {about} was changed, moved, or sealed under another key",
                value=about,
                limit="bytes as sealed, under their own name and this installation's key",
                remedy="restore it and the key file from one backup",
            ) from error


def _make_key(file: Path, chance: Chance) -> None:
    """Make the key file, unless another process was first."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{chance.bytes_(6).hex()}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as key:
            key.write(f"{HEADER}{chance.bytes_(KEY_BYTES).hex()}\n")
            key.flush()
            os.fsync(key.fileno())
        try:
            file.hardlink_to(temporary)
        except FileExistsError:
            return
        sync_directory(file.parent)
    except OSError as error:
        raise disk_full(error, file) from error
    finally:
        temporary.unlink(missing_ok=True)


def _read_key(file: Path) -> bytes:
    """Read the key, refusing a file that others may read and a text that is no key."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise Misconfigured(
            f"the key file {file} may be read by others: mode {mode:04o}",
            value=f"{mode:04o}",
            limit="0600",
            remedy=f"chmod 600 {file}; if others could have read it, renew the installation's key",
        )
    text = file.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text.removeprefix(HEADER))
    except ValueError:
        key = b""
    if not text.startswith(HEADER) or len(key) != KEY_BYTES:
        raise Misconfigured(
            f"the key file {file} holds no key",
            value=f"{len(text)} characters",
            limit=f"{HEADER} and {2 * KEY_BYTES} hexadecimal digits",
            remedy="restore it from a backup; a new key cannot open what the old one sealed",
        )
    return key
