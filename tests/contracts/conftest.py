"""What the contract suites share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from impetus.adapters.sql.store import SqlStore, open_store
from impetus.testing.store import memory_store


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Give each adapter of the port `Store` in turn, empty."""
    opened = open_store(tmp_path / "home") if request.param == "file" else memory_store()
    yield opened
    opened.close()
