"""Secrets of the channels: sealed under the installation's key by name, or a file that only its owner may read.

What a secret says stands in no error, no log and no row.
"""

import stat
from pathlib import Path

from impetus.adapters.durable_file import write_durably
from impetus.adapters.notices.channels_text import NAME, Entry
from impetus.core.errors import Misconfigured, TheirFault
from impetus.ports import Keys

MOST_BYTES = 4096
FOLDER = "secrets"


class ChannelSecrets:
    """The folder `secrets` of a home: one sealed file a name."""

    def __init__(self, home: Path, keys: Keys) -> None:
        self._home, self._keys = home, keys

    def keep(self, name: str, secret: str) -> None:
        """Seal a secret under a name, over an earlier one."""
        if not NAME.fullmatch(name) or not 0 < len(secret.encode()) <= MOST_BYTES:
            raise Misconfigured(
                f"secret {name[:40]!r} of {len(secret.encode())} bytes",
                value=name[:40],
                limit=f"a name of a-z, 0-9, - and _, and 1..{MOST_BYTES} bytes",
                remedy="choose a short name; give the secret on standard input",
            )
        folder = self._home / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(folder / name, self._keys.seal(secret.encode(), about=_about(name)))

    def known(self, name: str) -> bool:
        """Say whether there is a sealed secret of this name."""
        return (self._home / FOLDER / name).is_file()

    def sealed(self, name: str) -> str:
        """Return a sealed secret; `Misconfigured` when it is missing, damaged, or sealed under another key."""
        try:
            return self._keys.open((self._home / FOLDER / name).read_bytes(), about=_about(name)).decode()
        except FileNotFoundError as error:
            raise Misconfigured(
                f"there is no stored secret {name}", value=name, remedy=f"impetus channel secret {name}"
            ) from error
        except (TheirFault, OSError, UnicodeDecodeError) as error:
            raise Misconfigured(
                f"the stored secret {name} cannot be opened", value=name, remedy=f"impetus channel secret {name}"
            ) from error

    def of(self, entry: Entry) -> str:
        """Return the secret an entry names, empty when it names none."""
        if entry.text("secret"):
            return self.sealed(entry.text("secret"))
        return self._from_file(entry) if entry.text("secret_file") else ""

    def _from_file(self, entry: Entry) -> str:
        """Return what a file holds, refusing one that others may read."""
        file = self._home / entry.text("secret_file")
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
            body = file.read_bytes()[: MOST_BYTES + 1]
        except OSError as error:
            raise Misconfigured(
                f"the secret of {entry.name} cannot be read: {error.strerror}",
                value=str(file),
                remedy="make the file, mode 600",
            ) from error
        if mode & 0o077:
            raise Misconfigured(
                f"the secret of {entry.name} may be read by others: mode {mode:04o}",
                value=f"{mode:04o}",
                limit="0600",
                remedy=f"chmod 600 {file}; if others could have read it, change the secret",
            )
        try:
            secret = body.decode("utf-8").strip()
        except UnicodeDecodeError:
            secret = ""
        if not secret or len(body) > MOST_BYTES:
            raise Misconfigured(
                f"the secret of {entry.name} has {len(body)} bytes that are no text",
                value=len(body),
                limit=f"1..{MOST_BYTES} bytes of UTF-8",
                remedy="write the secret on one line",
            )
        return secret


def _about(name: str) -> str:
    return f"secret:{name}"
