"""The log's files in memory, for tests."""

import re
from collections.abc import Mapping, Sequence

from impetus.core.errors import Malformed

PATH = re.compile(r"(?!/)(?!.*\.\.)[a-z0-9./-]{1,200}(?<!/)")


class MemoryLogFiles:
    """Port `LogFiles`; `files` is all there is, by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None when there is none."""
        return self.files.get(_checked(path))

    def write(self, files: Mapping[str, bytes]) -> None:
        """Keep the files."""
        self.files |= {_checked(path): bytes(content) for path, content in files.items()}

    def remove(self, paths: Sequence[str]) -> int:
        """Remove files and what lies below a path; return how many went."""
        named = [_checked(path) for path in paths]
        gone = [name for name in self.files if any(name == path or name.startswith(f"{path}/") for path in named)]
        for name in gone:
            del self.files[name]
        return len(gone)

    def names(self) -> Sequence[str]:
        """Return the paths of all files but the keeper's own notes, sorted."""
        return sorted(name for name in self.files if not any(part.startswith(".") for part in name.split("/")))


def _checked(path: str) -> str:
    if not PATH.fullmatch(path):
        raise Malformed(f"{path[:80]!r} cannot name a file of the log", value=path[:200], limit=PATH.pattern)
    return path
