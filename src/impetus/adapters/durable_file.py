"""Small files that are there whole or not at all, whatever happens to the machine in between."""

import contextlib
import errno
import os
import secrets
import time
from pathlib import Path

from impetus.core.errors import NotNow

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No space, no quota, or a file beyond the process's limit: for whoever wanted to write it is all the same."""
RETRY_FULL_S = 5.0
"""Seconds to wait before writing to a full disk again; retention or a person needs longer than a moment. House rule."""
ABANDONED_S = 3600.0
"""Age in seconds after which a temporary file belongs to a process that is gone. House rule."""


def disk_full(error: OSError, where: Path) -> NotNow:
    """Return the error to raise for a write the disk had no room for; any other `OSError` is raised as it is."""
    if error.errno not in FULL:
        raise error
    return NotNow(
        f"no room to write {where.name}: {os.strerror(error.errno or 0)}",
        retry_after_s=RETRY_FULL_S,
        value=str(where),
        limit="free space on the disk of the installation",
        remedy="free space or shorten retention; writing goes on by itself",
    )


def write_durably(path: Path, content: bytes, *, modified_ns: int | None = None) -> None:
    """Replace the file whole and on disk before returning; `NotNow` when there is no room, the old one then stays."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if modified_ns is not None:
            os.utime(temporary, ns=(modified_ns, modified_ns))
        temporary.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise disk_full(error, path) from error


def sync_directory(directory: Path) -> None:
    """Make names created, renamed or removed in the directory last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_abandoned(directory: Path) -> None:
    """Remove temporary files that a process which died in `write_durably` left behind."""
    for path in directory.glob(".*.new"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()
