"""The keys of days, one sealed file each, and sealing under a key with AES-256-GCM.

A day's key lies in `<home>/days/2026-11-22`, encrypted under the installation's key and bound to its day. Erasing the file
erases all it sealed, wherever copies of that lie. The master key never comes here: custodians hold it in three shares.

**Source**: NIST SP 800-38D, section 8.3: random 96-bit nonces are safe for 2^32 sealings under one key; a key here serves
one domain for one day.
"""

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from impetus.adapters.durable_file import remove_abandoned, sync_directory, write_durably
from impetus.core.errors import Malformed, Unknown
from impetus.ports import Chance, Keys

NAME = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NONCE_BYTES = 12


class FileVault:
    """Port `Vault` over a directory."""

    def __init__(self, directory: Path, keys: Keys, chance: Chance) -> None:
        self._directory, self._keys, self._chance = directory, keys, chance

    def day(self, period: date) -> bytes:
        """Return a day's key, or raise `Unknown` when it was never made or is erased."""
        try:
            sealed = (self._directory / period.isoformat()).read_bytes()
        except FileNotFoundError as error:
            raise no_day(period) from error
        return self._keys.open(sealed, about=_about(period))

    def keep(self, days: Mapping[date, bytes]) -> None:
        """Store keys of days; one that is there already stays as it is."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_abandoned(self._directory)
        known = set(self.days())
        for period, key in days.items():
            if period not in known:
                sealed = self._keys.seal(key, about=_about(period))
                write_durably(self._directory / period.isoformat(), sealed)
        sync_directory(self._directory)

    def days(self) -> Sequence[date]:
        """Return the days that have a key, in order."""
        if not self._directory.is_dir():
            return ()
        names = sorted(file.name for file in self._directory.iterdir() if NAME.fullmatch(file.name))
        return tuple(date.fromisoformat(name) for name in names)

    def erase_before(self, period: date) -> int:
        """Overwrite and remove the keys of earlier days; return how many."""
        old = [day for day in self.days() if day < period]
        for day in old:
            file = self._directory / day.isoformat()
            with contextlib.suppress(FileNotFoundError):
                with file.open("r+b") as key:
                    key.write(bytes(file.stat().st_size))
                file.unlink()
        if old:
            sync_directory(self._directory)
        return len(old)

    def seal(self, key: bytes, plain: bytes, *, about: str) -> bytes:
        """Return ciphertext under this key, bound to `about`."""
        nonce = self._chance.bytes_(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())

    def open(self, key: bytes, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `Malformed` when bytes, key or name are others."""
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise Malformed(
                "what is sealed was changed, moved, or sealed under another key",
                value=f"{len(sealed)} bytes",
                limit="bytes as sealed, under their own name and key",
                remedy="restore it from a backup",
            ) from error


def no_day(period: date) -> Unknown:
    """Return the error for a day without a key."""
    return Unknown(
        f"there is no pseudonym key for {period.isoformat()}",
        value=period.isoformat(),
        remedy="two custodians make keys with `impetus pseudonyms days`; a day past its retention has none, for good",
    )


def _about(period: date) -> str:
    return f"pseudonym day:{period.isoformat()}"
