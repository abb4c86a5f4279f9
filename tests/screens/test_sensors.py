"""The screens about sensors in a browser: the slider plays, the grid takes the keyboard, the plot is drawn, axe is content."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from impetus.adapters.standing_files import StandingFiles
from impetus.core.actor import Role
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import BEGAN, person, seeded
from screens.served import served
from screens.test_everybody import overflow
from standing_samples import stand_on_square

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    """Return Kari before the square, with six hours of standings and three things that are unusual."""
    home: Path = tmp_path_factory.mktemp("sensors")
    town = seeded(home)
    town.desk = replace(town.desk, standings=StandingFiles(home / "tools"))
    person(town.desk, "Kari", Role.OPERATOR, PASSWORD)
    odd = ("square/p12/people_density", *(key for key in town.datastreams if "/a2/" in key or "/c11/" in key))
    stand_on_square(town.desk, town.datastreams, town.readings, dict.fromkeys(odd, BEGAN))
    with served(town) as url, at_seat(browser, (town, url)) as seat:
        yield seat
        assert seat.said == []


def test_the_city_plays_and_the_list_follows(seen: Seat) -> None:
    """The last frame is now; dragged back, the list tells of that time; played, it comes forward again."""
    page = seen.open("/city?hours=1")
    expect(page.locator("#map")).to_have_attribute("data-frame", "60")
    expect(page.locator("#worst")).to_contain_text("People counter P12")
    slider = page.locator("[data-slider]")
    slider.press("Home")
    expect(page.locator("#map")).to_have_attribute("data-frame", "0")
    expect(page.locator("#worst")).not_to_contain_text("now")
    slider.press("End")
    for _ in range(6):
        slider.press("ArrowLeft")
    slider.blur()
    page.keyboard.press("p")
    expect(page.locator("#map")).to_have_attribute("data-frame", "60", timeout=30_000)
    assert seen.violations() == []


def test_the_grid_is_walked_with_arrows_and_the_sensor_opens_with_its_plot(seen: Seat) -> None:
    """The first mark is the worst; Enter leads to its page, where readings, band and forecast are drawn."""
    page = seen.open("/sensors")
    expect(page.locator("#grid")).to_have_attribute("data-drawn", "")
    assert seen.violations() == []
    page.locator("#grid").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#grid")).to_have_attribute("aria-valuenow", "3")
    expect(page.locator("[data-said]")).to_contain_text("unusual")
    page.keyboard.press("Enter")
    expect(page.locator("#plot")).to_have_attribute("data-drawn", "")
    expect(page.locator("#plot canvas")).to_be_visible()
    assert seen.violations() == []
    seen.open("/sensors/rates")
    assert seen.violations() == []


@pytest.mark.slow
def test_nothing_is_cut_off_on_a_phone_in_daylight(seen: Seat) -> None:
    """At 360 pixels nothing scrolls sideways, and contrast holds in the light theme, too."""
    page = seen.page
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/city", "/sensors", "/sensors/12", "/sensors/rates"):
        seen.open(path)
        page.evaluate("document.documentElement.dataset.theme = 'light'")
        assert overflow(page) <= 0, path
        assert seen.violations() == [], path
