"""A browser and a served installation for the tests of the screens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from impetus.core.actor import Role
from impetus.web.vendor import BUILD, bring, install, npm_command
from screens.seat import ARGUMENTS, AXE, PASSWORD, ROOT, Seat, at_seat
from screens.seeded import Seeded, person, seeded
from screens.served import served


@pytest.fixture(scope="session")
def libraries() -> Path:
    """Bring the browser libraries, axe-core with them."""
    bring()
    if not AXE.is_file():
        install(ROOT, BUILD, npm_command())
    return AXE


@pytest.fixture(scope="module")
def browser(chromium: str, libraries: Path) -> Iterator[Browser]:
    """Start one Chromium for a module, and let its event loop go before other tests want their own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seeded, str]]:
    """Serve one seeded square for the tests of a module, with three people who work there."""
    home = tmp_path_factory.mktemp("home")
    installation = seeded(home)
    for name, role in (("Kari", Role.OPERATOR), ("Ola", Role.OPERATOR), ("Dag", Role.DPO)):
        person(installation.desk, name, role, PASSWORD)
    with served(installation) as url:
        yield installation, url
    installation.desk.store.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def kari(browser: Browser, town: tuple[Seeded, str]) -> Iterator[Seat]:
    """Return the operator Kari, whose console must stay silent."""
    with at_seat(browser, town) as seat:
        yield seat
        assert seat.said == []
