"""Everybody can use it: axe on every page, keyboards, zoom, phones, daylight, greyscale, no scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.conftest import Desk, at_desk
from screens.seeded import Seeded

pytestmark = pytest.mark.real
PAGES = (
    "/",
    "/alerts",
    "/alerts/1",
    "/incidents",
    "/incidents/1",
    "/sources",
    "/sources/quarantine",
    "/board",
    "/keys",
)


@pytest.fixture(scope="module", autouse=True)
def incident(browser: Browser, town: tuple[Seeded, str]) -> None:
    """Open an incident, so that its page exists."""
    with at_desk(browser, town) as desk:
        page = desk.open("/alerts/2")
        page.locator("#incident summary").click()
        page.locator("#incident form").first.locator("button[type=submit]").click()
        page.wait_for_url("**/incidents/1")


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, town: tuple[Seeded, str], path: str, theme: str) -> None:
    """Contrast, names, roles and order are right on every page in both themes."""
    with at_desk(browser, town) as desk:
        desk.page.context.add_cookies([{"name": "impetus_theme", "value": theme, "url": desk.url}])
        desk.open(path)
        assert desk.violations() == []
        assert desk.said == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_at_double_size_or_on_a_phone(browser: Browser, town: tuple[Seeded, str], path: str) -> None:
    """At 200 % zoom (800 by 500 CSS pixels) and at 360 pixels nothing scrolls sideways. WCAG 2.2, 1.4.10."""
    with at_desk(browser, town) as desk:
        desk.open(path)
        for width, height in ((1600, 1000), (1280, 800), (800, 500), (360, 740)):
            desk.page.set_viewport_size({"width": width, "height": height})
            assert overflow(desk.page) <= 0, (width, height)


def test_the_keys_dialog_lists_the_keys_and_can_switch_letters_off(kari: Desk) -> None:
    """`?` shows what the letters do, and letters can be switched off. WCAG 2.2, 2.1.4."""
    page = kari.open("/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Acknowledge")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_the_list_and_its_forms_work_without_scripts(browser: Browser, town: tuple[Seeded, str]) -> None:
    """Without scripts the picture is a list with forms that post and come back."""
    with at_desk(browser, town, "Ola", java_script_enabled=False) as desk:
        desk.page.goto(desk.url + "/")
        row = desk.page.locator("article.alert.new").first
        alert = row.get_attribute("data-alert")
        row.get_by_role("button", name="Acknowledge").click()
        expect(desk.page.locator(f"article[data-alert='{alert}'] .whose")).to_contain_text("Ola has it")
        assert desk.said == []


def test_who_may_only_look_is_offered_nothing_else(browser: Browser, town: tuple[Seeded, str]) -> None:
    """The data protection officer sees the alert and who can see it, and no button that would be refused."""
    with at_desk(browser, town, "Dag") as desk:
        page = desk.open("/alerts/3")
        expect(page.locator("#acts")).to_contain_text("may look")
        expect(page.locator("#acts button")).to_have_count(0)
