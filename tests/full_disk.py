"""A disk without room, as a process sees one: no file of it may grow."""

import contextlib
import resource
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def full_disk(*, room_bytes: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: writes fail as on a full disk (EFBIG, treated like ENOSPC).

    Meanwhile, not longer: a test runner that writes its report into a file needs room again before it does.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
