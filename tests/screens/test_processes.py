"""The pages about how people work: axe in both themes, nothing cut off, and the incident's workspace by the keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from impetus.core.actor import Role
from impetus.core.ids import IncidentId
from impetus.desk import runs
from screens.overseen import actor
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import Seeded, person, work

pytestmark = pytest.mark.real
PAGES = (
    "/incidents/1",
    "/incidents/1/timeline",
    "/incidents/1/methane",
    "/incidents/1/situation",
    "/incidents/1/playbook",
    "/playbooks",
    "/playbooks/firearm_seen",
    "/playbooks/firearm_seen/print",
    "/new-playbook",
    "/types/firearm_seen",
    "/new-type",
    "/runs",
    "/on-call",
    "/channels",
    "/hand-over",
    "/shift-log",
    "/warnings",
    "/effects",
    "/load",
    "/kpis",
    "/offline",
)
WIDTHS = ((1280, 800), (800, 500), (360, 740))


@pytest.fixture(scope="module")
def sigrid(browser: Browser, town: tuple[Seeded, str]) -> Iterator[Seat]:
    """Return the supervisor's seat, with an incident that a playbook leads."""
    person(town[0].desk, "Sigrid", Role.SUPERVISOR, PASSWORD)
    work(town[0])
    runs.start(town[0].desk, actor(town[0].desk, "Kari"), IncidentId(1), "firearm_seen")
    with at_seat(browser, town, "Sigrid") as seat:
        yield seat


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_clean_in_both_themes_and_at_every_size(sigrid: Seat, path: str) -> None:
    """Axe finds nothing serious in the dark or in daylight, 200 % zoom and a phone cut nothing off, the console is silent."""
    sigrid.page.set_viewport_size({"width": 1600, "height": 1000})
    sigrid.open(path)
    assert sigrid.violations() == []
    sigrid.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert sigrid.violations() == []
    for width, height in WIDTHS:
        sigrid.page.set_viewport_size({"width": width, "height": height})
        assert overflow(sigrid.page) <= 0, (width, height)
    assert sigrid.said == []


def test_a_playbook_is_followed_from_the_keyboard(kari: Seat, sigrid: Seat) -> None:
    """E writes what was seen, a digit answers, the next step is there, S skips it with a reason; the timeline tells both."""
    del sigrid
    page = kari.open("/incidents/1")
    now = page.locator("#run .step.here")
    expect(now).to_contain_text("What do you see?")
    page.keyboard.press("e")
    page.keyboard.type("seen from C5 and C12")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(now).to_contain_text("Call the police on the direct line", timeout=15_000)
    expect(page.locator("#run .head")).to_contain_text(re.compile(r"1 of \d+"))
    expect(page.locator("#step-1")).to_contain_text("seen from C5 and C12")
    expect(page.get_by_role("link", name=re.compile(r"Resolve \(\d+ steps open\)"))).to_be_visible()
    page.keyboard.press("s")
    page.locator("#skip-why-2").fill("the police are on the square already")
    page.locator("#skip-form-2 button").click()
    expect(page.locator("#step-2")).to_contain_text("skipped: the police are on the square already", timeout=15_000)
    expect(page.locator("#story")).to_contain_text("the police are on the square already")


def test_the_tabs_of_the_workspace_move_by_keys_and_stay_chosen(kari: Seat, sigrid: Seat) -> None:
    """Brackets move, D brings the tab its form is in, a reload keeps it; the others are out of the way."""
    del sigrid
    page = kari.open("/incidents/1")
    chosen = page.locator("[role=tab][aria-selected=true]")
    expect(chosen).to_contain_text("METHANE")
    page.keyboard.press("]")
    expect(chosen).to_contain_text("Joined alerts 2")
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(chosen).to_contain_text("Asked and set")
    page.keyboard.press("d")
    expect(chosen).to_contain_text("Decisions")
    expect(page.locator("#decide-seen")).to_be_visible()
    page.reload()
    expect(chosen).to_contain_text("Decisions")
    expect(page.locator("#tab-methane")).to_be_hidden()
