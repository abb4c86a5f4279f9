"""A city whose sensors are believed already."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.city import City, close_city, open_city


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Return a city after an hour of its usual life."""
    city = open_city(tmp_path)
    city.live(60)
    yield city
    close_city(city)
