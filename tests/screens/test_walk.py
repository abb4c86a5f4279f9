"""The operator's path in a real browser: sign in, see, understand, take, judge, work together, decide, close."""

import re
from base64 import b64encode

import pytest
from playwright.sync_api import Browser, expect

from screens.seat import Seat

pytestmark = pytest.mark.real


def test_an_operator_walks_from_the_picture_to_a_closed_incident(kari: Seat) -> None:
    """The whole path works by the keyboard, and every step is written in the history."""
    page = kari.open("/")
    first = page.locator("article[data-js-chosen]")
    expect(first).to_contain_text("Camera C11 dark")
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("You have alert")
    expect(first.locator(".whose")).to_contain_text("Kari has it")

    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator(".plot.first .canvas[data-drawn] canvas")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#history")).to_contain_text("Assessed: Confirmed")

    page.keyboard.press("i")
    page.locator("#incident input[name=title]").fill("Camera C11 and its switch")
    page.locator("#incident form").first.locator("button[type=submit]").click()
    page.wait_for_url(re.compile(r"/incidents/\d+$"))
    expect(page.locator("h1")).to_have_text("Camera C11 and its switch")

    page.keyboard.press("t")
    page.keyboard.type("IT desk called, they look at the switch")
    page.keyboard.press("Enter")
    expect(page.locator("#story")).to_contain_text("IT desk called")
    page.keyboard.press("Escape")

    page.keyboard.press("d")
    page.locator("#decide-seen").fill("C11 dark, 55 failed sign-ins a minute at S3")
    page.locator("input[name=option]").nth(0).fill("Cut the switch off")
    page.locator("input[name=option]").nth(1).fill("Watch")
    page.locator("input[name=choice]").nth(0).check()
    page.locator("#decide-reason").fill("The cameras beside it can see the corner")
    page.locator("#decide button[type=submit]").click()
    expect(page.locator("#decisions .chosen")).to_contain_text("Cut the switch off")

    page.locator("#close summary").click()
    page.locator("#outcome").fill("Switch cleaned, camera back")
    page.locator("#close button[type=submit]").click()
    expect(page.locator("#incident-head")).to_contain_text("Switch cleaned, camera back")


def test_choosing_an_alert_shows_it_on_the_map_and_the_timeline(kari: Seat) -> None:
    """List, map and timeline are one thing: a choice in one is seen in all."""
    page = kari.open("/")
    page.keyboard.press("j")
    alert = page.locator("article[data-js-chosen]").get_attribute("data-alert")
    expect(page.locator(f".alert-mark[data-alert='{alert}'][data-js-chosen]")).to_be_visible()
    expect(page.locator(f".moments a[data-alert='{alert}'][data-js-chosen]")).to_be_visible()
    other = page.locator(".alert-mark:not([data-js-chosen])").first
    wanted = other.get_attribute("data-alert")
    other.click()
    expect(page.locator(f"article[data-alert='{wanted}'][data-js-chosen]")).to_be_visible()


COLOURS = """async (png) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const brush = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    brush.drawImage(picture, 0, 0);
    const bytes = brush.getImageData(0, 0, picture.width, picture.height).data;
    const found = new Map();
    for (let at = 0; at < bytes.length; at += 4) {
        const colour = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
        found.set(colour, (found.get(colour) ?? 0) + 1);
    }
    return [...found.values()].filter((count) => count > 400).length;
}"""
"""Count the colours that fill more than 400 pixels of a screenshot, on a page of its own that may."""


def test_the_map_is_really_drawn_and_the_crowd_coloured(kari: Seat, browser: Browser) -> None:
    """MapLibre renders with WebGL here, from our own plan, with readings of the counters on it."""
    page = kari.open("/")
    expect(page.locator("[data-legend]")).to_contain_text("between 16 counters")
    counter = browser.new_page()
    with_crowd = counter.evaluate(COLOURS, b64encode(page.locator("#map").screenshot()).decode())
    page.get_by_role("button", name="Crowd").click()
    page.get_by_role("button", name="Cameras").click()
    without = counter.evaluate(COLOURS, b64encode(page.locator("#map").screenshot()).decode())
    counter.close()
    assert without > 4
    assert with_crowd > without + 4


def test_escape_keeps_what_was_typed(kari: Seat) -> None:
    """A dialog closed by Escape opens again with its text."""
    page = kari.open("/")
    page.keyboard.press("s")
    page.locator("#shelve-why").fill("roadworks until four")
    page.keyboard.press("Escape")
    expect(page.locator("#shelve")).not_to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#shelve-why")).to_have_value("roadworks until four")


def test_an_act_can_be_undone_from_the_keyboard(kari: Seat) -> None:
    """A acknowledges, U gives it back; the history keeps both."""
    page = kari.open("/")
    page.keyboard.press("j")
    page.keyboard.press("a")
    row = page.locator("article[data-js-chosen]")
    expect(row.locator(".whose")).to_contain_text("Kari has it")
    page.keyboard.press("u")
    expect(row.locator(".whose")).not_to_contain_text("Kari has it")
