"""Bytes under a name as encrypted files.

One file a blob, in one of 256 directories chosen by the name's hash so that none grows large. A name is only letters,
digits and `._-`, starting with a letter or digit: no name can leave the directory. The name is bound into the ciphertext,
so a file copied over another does not open. Writing goes to a temporary file, to disk, and then under its name.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from impetus.adapters.class_keys import BlobKeys, label_of
from impetus.adapters.durable_file import remove_abandoned, sync_directory, write_durably
from impetus.core.errors import Malformed, Unknown
from impetus.core.observation import from_us, to_us
from impetus.ports import Clock, Keys

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""Longest name 128: within every file system's 255 bytes with room for the temporary's affixes."""

NS_PER_US = 1_000
HEAD_BYTES = 128
"""Enough of a blob to read its class and day from."""


class FileBlobs:
    """Port `Blobs` over a directory; any process may use it at the same time."""

    def __init__(self, directory: Path, keys: Keys, clock: Clock) -> None:
        self._directory = directory
        self._keys = keys
        self._clock = clock
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for shard in self._shards():
            remove_abandoned(Path(shard.path))

    def put(self, name: str, plain: bytes) -> None:
        """Store durably; the same name again replaces whole. `NotNow` when the disk is full, the old one then stays."""
        path = self._path(name)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._directory)
        write_durably(path, self._keys.seal(plain, about=f"blob:{name}"), modified_ns=to_us(self._clock.now()) * 1_000)

    def get(self, name: str) -> bytes:
        """Return the bytes; `Unknown` when there are none, `TheirFault` when the file was changed."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise Unknown(f"no blob {name}", value=name, remedy="it may have been erased by retention") from error
        return self._keys.open(sealed, about=f"blob:{name}")

    def erase(self, names: Iterable[str]) -> int:
        """Delete and return how many existed."""
        touched: set[Path] = set()
        erased = 0
        for name in names:
            path = self._path(name)
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            erased += 1
            touched.add(path.parent)
        for directory in touched:
            sync_directory(directory)
        return erased

    def names(self, *, older_than: datetime | None = None) -> Sequence[str]:
        """Return the names, sorted; only those stored before the time when one is given."""
        before_ns = None if older_than is None else to_us(older_than) * NS_PER_US
        return sorted(name for name, stored in self._blobs() if before_ns is None or stored.st_mtime_ns < before_ns)

    def reseal(self, names: Iterable[str], kind: str) -> int:
        """Seal these again under another class of keys, of the day each was stored; their time of storing stays.

        0 when the keys are not by class and day.
        """
        return sum(self._reseal(name, kind) for name in names) if isinstance(self._keys, BlobKeys) else 0

    def sealed_under(self, kind: str) -> Sequence[str]:
        """Return the names of what is sealed under a class of keys, sorted; reads the head of every blob."""
        return sorted(name for name, _ in self._blobs() if self._kind(name) == kind)

    def _reseal(self, name: str, kind: str) -> bool:
        """Seal one again, unless it is gone or under that class already."""
        assert isinstance(self._keys, BlobKeys)  # noqa: S101 - the only caller looked
        path = self._path(name)
        try:
            sealed, stored_ns = path.read_bytes(), path.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        day = from_us(stored_ns // NS_PER_US).date()
        again = self._keys.reseal(sealed, about=f"blob:{name}", kind=kind, day=day)
        if again is not None:
            write_durably(path, again, modified_ns=stored_ns)
        return again is not None

    def _kind(self, name: str) -> str:
        """Return the class of keys a blob is sealed under, empty for none or a blob that is gone."""
        try:
            with self._path(name).open("rb") as file:
                label = label_of(file.read(HEAD_BYTES))
        except FileNotFoundError:
            return ""
        return label[0] if label else ""

    def size_bytes(self) -> int:
        """Return the bytes all blobs take, as encrypted."""
        return sum(stored.st_size for _, stored in self._blobs())

    def _path(self, name: str) -> Path:
        """Return the file of a name, or raise `Malformed`."""
        if not NAME.fullmatch(name):
            raise Malformed(
                f"{name[:80]!r} cannot name a blob",
                value=name,
                limit="1..128 letters, digits and ._- with a letter or digit first",
                remedy="use an id of the platform",
            )
        return self._directory / hashlib.sha256(name.encode()).hexdigest()[:2] / name

    def _shards(self) -> Iterator[os.DirEntry[str]]:
        """Walk the directories there are."""
        with os.scandir(self._directory) as shards:
            yield from (shard for shard in shards if shard.is_dir(follow_symlinks=False))

    def _blobs(self) -> Iterator[tuple[str, os.stat_result]]:
        """Walk the blobs, leaving out temporary files and what is erased meanwhile."""
        for shard in self._shards():
            with os.scandir(shard.path) as entries:
                for entry in entries:
                    if NAME.fullmatch(entry.name):
                        with contextlib.suppress(FileNotFoundError):
                            yield entry.name, entry.stat()
