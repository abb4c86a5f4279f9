"""The log's files in a directory: tiles, bundles, checkpoint; written once, durable before anything speaks of them.

A file is written under a temporary name, put on disk, and renamed. Directories are put on disk once a write, after all of
its files: whoever writes the checkpoint afterwards never names a tile that a power cut can take away.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from impetus.adapters.durable_file import disk_full, remove_abandoned, sync_directory
from impetus.core.errors import Malformed

PATH = re.compile(r"(?!/)(?!.*\.\.)[a-z0-9./-]{1,200}(?<!/)")


class TileFiles:
    """Port `LogFiles` over a directory, readable by its owner only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        if directory.is_dir():
            remove_abandoned(directory)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None when there is none."""
        try:
            return self._at(path).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files durably before returning, each whole or not at all; `NotNow` when the disk is full."""
        fresh: set[Path] = set()
        for path, content in files.items():
            file = self._at(path)
            fresh |= _make_folders(file.parent, self._directory.parent)
            _write(file, content)
            fresh.add(file.parent)
        for folder in sorted(fresh, key=lambda folder: len(folder.parts), reverse=True):
            sync_directory(folder)

    def remove(self, paths: Sequence[str]) -> int:
        """Remove files, and what lies below a path that is a folder; return how many files went."""
        gone = 0
        for path in paths:
            file = self._at(path)
            if file.is_dir():
                gone += sum(1 for inner in file.rglob("*") if inner.is_file())
                shutil.rmtree(file)
            else:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    file.unlink()
                    gone += 1
            with contextlib.suppress(FileNotFoundError):
                sync_directory(file.parent)
        return gone

    def names(self) -> Sequence[str]:
        """Return the paths of all files but the keeper's own notes, sorted."""
        return sorted(path.relative_to(self._directory).as_posix() for path in self._files())

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._directory):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (Path(folder, name) for name in names if not name.startswith("."))

    def _at(self, path: str) -> Path:
        if not PATH.fullmatch(path):
            raise Malformed(f"{path[:80]!r} cannot name a file of the log", value=path[:200], limit=PATH.pattern)
        return self._directory / path


def _make_folders(folder: Path, stop: Path) -> set[Path]:
    """Make the folders that are missing and return the parents in which a name is new."""
    missing = []
    while folder != stop and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    try:
        for each in reversed(missing):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise disk_full(error, folder) from error
    return {each.parent for each in missing}


def _write(file: Path, content: bytes) -> None:
    """Put one file on disk under its name; the name itself is durable once its directory is."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(6)}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise disk_full(error, file) from error
