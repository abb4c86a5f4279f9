"""Ed25519 key pairs in the installation's home, private halves sealed under its key.

**Source**: RFC 8032.
"""

import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from impetus.adapters.durable_file import disk_full, sync_directory
from impetus.core.errors import Malformed
from impetus.ports import Chance, Keys

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class FileSignatures:
    """Port `Signatures` over a directory with one sealed file a name."""

    def __init__(self, directory: Path, keys: Keys, chance: Chance) -> None:
        self._directory, self._keys, self._chance = directory, keys, chance
        self._pairs: dict[str, Ed25519PrivateKey] = {}

    def public_key(self, name: str) -> bytes:
        """Return the 32 bytes of the name's public key, making the pair when there is none."""
        return self._pair(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, name: str, message: bytes) -> bytes:
        """Return the 64-byte signature of the message by the name's private key."""
        return self._pair(name).sign(message)

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is that key's over that message; false for anything unreadable."""
        return verify(public_key, signature, message)

    def _pair(self, name: str) -> Ed25519PrivateKey:
        if name not in self._pairs:
            self._pairs[name] = Ed25519PrivateKey.from_private_bytes(self._seed(name))
        return self._pairs[name]

    def _seed(self, name: str) -> bytes:
        """Return the name's 32 secret bytes, made once even by several processes at a time."""
        if not NAME.fullmatch(name):
            raise Malformed(
                f"{name[:80]!r} cannot name a key", value=name, limit=NAME.pattern, remedy="use a short slug"
            )
        file = self._directory / name
        if not file.exists():
            fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            self._keep(file, self._keys.seal(fresh, about=f"signing key:{name}"))
        return self._keys.open(file.read_bytes(), about=f"signing key:{name}")

    def _keep(self, file: Path, sealed: bytes) -> None:
        """Write a sealed key under its name unless another process was first."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{self._chance.bytes_(6).hex()}.new")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(sealed)
                out.flush()
                os.fsync(out.fileno())
            try:
                file.hardlink_to(temporary)
            except FileExistsError:
                return
            sync_directory(self._directory)
        except OSError as error:
            raise disk_full(error, file) from error
        finally:
            temporary.unlink(missing_ok=True)


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature is that key's over that message; false for anything unreadable: fails closed."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
