"""A browser, a served installation, and an ear for everything the console says."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from impetus.core.actor import Role
from impetus.web.vendor import BUILD, bring, install, npm_command
from screens.seeded import Seeded, person, seeded
from screens.served import served

PASSWORD = "correct horse battery staple"
ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
"""WebGL drawn by the processor, so that the map is really drawn without a screen; nothing asked of the network."""
ROOT = Path(__file__).resolve().parents[2]
AXE = BUILD / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1600, "height": 1000}


@dataclass(slots=True)
class Desk:
    """One person in front of one browser page, and what the console said meanwhile."""

    page: Page
    url: str
    town: Seeded
    said: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until it is drawn and live."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector('#line[data-line="live"]')
        if self.page.locator("#map").count():
            self.page.wait_for_selector("#map[data-drawn]", timeout=30_000)
        return self.page

    def violations(self) -> list[str]:
        """Return what axe finds serious or critical on the page as it stands."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{item['id']}: {item['help']}: {json.dumps([node['target'] for node in item['nodes']][:3])} {item['nodes'][0].get('failureSummary', '')[:300]}"
            for item in found["violations"]
            if item["impact"] in {"serious", "critical"}
        ]


@pytest.fixture(scope="session")
def libraries() -> Path:
    """Bring the browser libraries, axe-core with them."""
    bring()
    if not AXE.is_file():
        install(ROOT, BUILD, npm_command())
    return AXE


@pytest.fixture(scope="session")
def browser(chromium: str, libraries: Path) -> Iterator[Browser]:
    """Start one Chromium for the session."""
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


@contextlib.contextmanager
def at_desk(browser: Browser, town: tuple[Seeded, str], name: str = "Kari", **how: object) -> Iterator[Desk]:
    """Sign somebody in on a fresh page."""
    installation, url = town
    context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **how})
    desk = Desk(page=context.new_page(), url=url, town=installation)
    desk.page.on("console", lambda message: _hear(desk, message))
    desk.page.on("pageerror", lambda error: desk.said.append(f"pageerror {error}"))
    desk.page.on("response", lambda answer: _hear_answer(desk, answer))
    sign_in(desk.page, url, name)
    yield desk
    context.close()


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in by the form."""
    page.goto(f"{url}/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/")


def _hear(desk: Desk, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"} and "GPU stall" not in message.text:
        desk.said.append(f"{message.type} {message.text}")


def _hear_answer(desk: Desk, answer: Response) -> None:
    if answer.status >= 400:
        desk.said.append(f"{answer.status} {answer.url}")


@pytest.fixture
def kari(browser: Browser, town: tuple[Seeded, str]) -> Iterator[Desk]:
    """Return the operator Kari, whose console must stay silent."""
    with at_desk(browser, town) as desk:
        yield desk
        assert desk.said == []
