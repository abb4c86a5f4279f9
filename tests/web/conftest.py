"""What tests of the web may ask for: an empty installation, a furnished one, and alerts."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from impetus.core.alert import Alert
from town import Town, close_town, furnish, open_town, raise_alert


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return an installation with nothing in it."""
    town = open_town(tmp_path)
    yield town
    close_town(town)


@pytest.fixture
def raised(town: Town) -> Callable[..., Alert]:
    """Return a way to store an alert."""
    return partial(raise_alert, town)


@pytest.fixture
def furnished(town: Town) -> Town:
    """Return an installation with a source, refused records, parts and alerts."""
    furnish(town)
    return town
