"""One person in front of one browser page, and an ear for everything the console says."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from impetus.web.vendor import BUILD
from screens.seeded import Seeded

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
class Seat:
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


@contextlib.contextmanager
def at_seat(browser: Browser, town: tuple[Seeded, str], name: str = "Kari", **how: object) -> Iterator[Seat]:
    """Sign somebody in on a fresh page."""
    installation, url = town
    context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **how})
    seat = Seat(page=context.new_page(), url=url, town=installation)
    seat.page.on("console", lambda message: _hear(seat, message))
    seat.page.on("pageerror", lambda error: seat.said.append(f"pageerror {error}"))
    seat.page.on("response", lambda answer: _hear_answer(seat, answer))
    sign_in(seat.page, url, name)
    yield seat
    context.close()


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in by the form."""
    page.goto(f"{url}/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/", timeout=90_000)


def _hear(seat: Seat, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"} and "GPU stall" not in message.text:
        seat.said.append(f"{message.type} {message.text}")


def _hear_answer(seat: Seat, answer: Response) -> None:
    if answer.status >= 400:
        seat.said.append(f"{answer.status} {answer.url}")
