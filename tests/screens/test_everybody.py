"""Everybody can use it: axe on every page, keyboards, zoom, phones, daylight, greyscale, no scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.seat import Seat, at_seat
from screens.seeded import Seeded, work

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


@pytest.fixture(scope="module")
def shared(browser: Browser, town: tuple[Seeded, str]) -> Iterator[Seat]:
    """Return one seat for all pages, with an incident to look at."""
    work(town[0])
    with at_seat(browser, town) as seat:
        yield seat


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_in_the_dark_or_in_daylight(shared: Seat, path: str) -> None:
    """Contrast, names, roles and order are right on every page in both themes, and the console stays silent."""
    shared.open(path)
    assert shared.violations() == []
    shared.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert shared.violations() == []
    assert shared.said == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_at_double_size_or_on_a_phone(shared: Seat, path: str) -> None:
    """At 200 % zoom (800 by 500 CSS pixels) and at 360 pixels nothing scrolls sideways. WCAG 2.2, 1.4.10."""
    shared.open(path)
    for width, height in ((1280, 800), (800, 500), (360, 740), (1600, 1000)):
        shared.page.set_viewport_size({"width": width, "height": height})
        assert overflow(shared.page) <= 0, (width, height)


@pytest.mark.parametrize("language", ["nb", "it"])
def test_longer_words_fit_too(shared: Seat, language: str) -> None:
    """Norwegian and Italian fit the bar at every width the English does."""
    shared.page.context.add_cookies([{"name": "impetus_language", "value": language, "url": shared.url}])
    shared.open("/")
    for width in (1920, 1600, 1560, 1440, 1280, 1024, 360):
        shared.page.set_viewport_size({"width": width, "height": 900})
        assert overflow(shared.page) <= 0, width
    shared.page.context.clear_cookies(name="impetus_language")


def test_the_keys_dialog_lists_the_keys_and_can_switch_letters_off(kari: Seat) -> None:
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
    with at_seat(browser, town, "Ola", java_script_enabled=False) as seat:
        seat.page.goto(seat.url + "/")
        row = seat.page.locator("article.alert.new").first
        alert = row.get_attribute("data-alert")
        row.get_by_role("button", name="Acknowledge").click()
        expect(seat.page.locator(f"article[data-alert='{alert}'] .whose")).to_contain_text("Ola has it")
        assert seat.said == []


def test_who_may_only_look_is_offered_nothing_else(browser: Browser, town: tuple[Seeded, str]) -> None:
    """The data protection officer sees the alert and who can see it, and no button that would be refused."""
    with at_seat(browser, town, "Dag") as seat:
        page = seat.open("/alerts/3")
        expect(page.locator("#acts")).to_contain_text("may look")
        expect(page.locator("#acts button")).to_have_count(0)
