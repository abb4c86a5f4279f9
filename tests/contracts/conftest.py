"""What the contract suites share."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from impetus.adapters.sql.store import SqlStore, open_store
from impetus.testing.store import memory_store


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let no file of this process grow: every write fails as on a full disk (EFBIG, which is treated like ENOSPC)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Give each adapter of the port `Store` in turn, empty."""
    opened = open_store(tmp_path / "home") if request.param == "file" else memory_store()
    yield opened
    opened.close()
