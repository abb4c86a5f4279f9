"""The log's files in a directory: tiles, bundles, checkpoint; written once, durable before anything speaks of them.

A file is written under a temporary name, put on disk, and renamed. Directories are put on disk once a write, after all of
its files: whoever writes the checkpoint afterwards never names a tile that a power cut can take away.
"""

import contextlib
import itertools
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from impetus.adapters.durable_file import disk_full, remove_abandoned, sync_directory
from impetus.core.errors import Malformed

TOGETHER = 128
"""Files written before they are waited for: far below what a process may have open. House rule."""
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
        together = iter(files.items())
        while some := dict(itertools.islice(together, TOGETHER)):
            named = {self._at(path): content for path, content in some.items()}
            for folder in {file.parent for file in named}:
                fresh |= {folder} | _make_folders(folder, self._directory.parent)
            _write(named)
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


def _write(files: Mapping[Path, bytes]) -> None:
    """Put files on disk under their names; the names themselves are durable once their directories are.

    All are written before the first is waited for, so that the disk does them together.
    """
    temporaries = {file: file.with_name(f".{file.name}.{secrets.token_hex(6)}.new") for file in files}
    try:
        with contextlib.ExitStack() as opened:
            outs = []
            for file, content in files.items():
                descriptor = os.open(temporaries[file], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                out = opened.enter_context(os.fdopen(descriptor, "wb"))
                out.write(content)
                out.flush()
                outs.append(out)
            for out in outs:
                os.fsync(out.fileno())
        for file, temporary in temporaries.items():
            temporary.rename(file)
    except OSError as error:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
        raise disk_full(error, next(iter(files))) from error
