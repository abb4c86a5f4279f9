"""METHANE is typed by real hands in a real browser: in a minute, through a reload, a cut line, and two people at once."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from impetus.core.actor import Role
from impetus.core.ids import AlertId, IncidentId
from impetus.core.situation import MethaneField
from impetus.desk import incidents, methane
from impetus.desk.sign_in import actor_of
from patience import until
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import Seeded, person, seeded
from screens.served import served

pytestmark = pytest.mark.real

KEY_MS = 280
"""Time of one key of an average typist who is no secretary. **Source**: Card, Moran, Newell, "The keystroke-level model
for user performance time with interactive systems", CACM 23(7), 1980, table 1."""
REPORT = {
    "exact": "City Hall Square, north steps",
    "type": "firearm, one person",
    "hazards": "crowd 2.9/m2, SE blind",
    "access": "RV Radhusgata, avoid E1",
    "number": "2 wounded, 1 bad",
    "emergency": "police here, need 2 amb",
}
"""What the square's first minute would say; the first part is chosen with one key."""


@pytest.fixture
def opened(kari: Seat) -> IncidentId:
    """Return a fresh incident of Kari's."""
    return fresh(kari.town, AlertId(1))


def fresh(town: Seeded, alert: AlertId, name: str = "Kari") -> IncidentId:
    """Open an incident from an alert, taken out of whatever incident it was in."""
    with town.desk.store.read() as unit:
        account = unit.accounts.by_name(name)
        before = unit.alerts.get(alert).incident
    assert account is not None
    actor = actor_of(account)
    if before is not None:
        incidents.leave(town.desk, actor, before, alert)
    return incidents.open_incident(town.desk, actor, "Armed person", [alert]).id


def stored(town: Seeded, incident: IncidentId) -> dict[str, str]:
    """Return what the store says of each part."""
    with town.desk.store.read() as unit:
        return {name.value: text.text for name, text in unit.situation.texts(incident).items()}


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(page.locator("#methane-saved")).to_have_attribute("data-state", "saved")


def type_it_all(page: Page, delay_ms: float) -> int:
    """Fill the report in with the keyboard alone and send it; return how many keys it took."""
    page.keyboard.press("m")
    expect(page.locator("#methane-major")).to_be_focused()
    page.keyboard.press("d", delay=delay_ms)
    for text in REPORT.values():
        page.keyboard.press("Enter")
        page.keyboard.type(text, delay=delay_ms)
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#methane-state")).to_contain_text("sent")
    return 4 + sum(1 + len(text) for text in REPORT.values())


def test_it_is_filled_in_and_sent_from_the_keyboard(kari: Seat, opened: IncidentId) -> None:
    """Key by key with no mouse, everything saved on the way; so many keys take an average typist less than a minute."""
    page = kari.open(f"/incidents/{opened}/methane")
    expect(page.locator("#methane-state")).to_contain_text("7 missing")
    keys = type_it_all(page, 0)
    assert keys * KEY_MS <= 60_000, keys
    assert stored(kari.town, opened) == {"major": "declared", **REPORT}
    expect(page.locator("#methane-state")).to_contain_text("all seven filled in")


@pytest.mark.slow
def test_at_human_speed_it_takes_less_than_a_minute(kari: Seat, opened: IncidentId) -> None:
    """In real time, from the first key to the message on other people's pages."""
    page = kari.open(f"/incidents/{opened}/methane")
    began = page.evaluate("performance.now()")
    type_it_all(page, KEY_MS)
    took_ms = page.evaluate("performance.now()") - began
    assert took_ms <= 60_000, took_ms


def test_a_reload_in_the_middle_of_a_word_loses_nothing(kari: Seat, opened: IncidentId) -> None:
    """What was typed a moment ago is there again, saved or not, and is saved then."""
    page = kari.open(f"/incidents/{opened}/methane")
    page.locator("#methane-exact").press_sequentially("north st")
    page.reload()
    expect(page.locator("#methane-exact")).to_have_value("north st")
    page.locator("#methane-exact").press("End")
    page.locator("#methane-exact").press_sequentially("eps")
    saved(page)
    assert stored(kari.town, opened)["exact"] == "north steps"
    with kari.town.desk.store.read() as unit:
        assert not [line for line in unit.situation.lines(opened) if line.lost]


@pytest.fixture
def cut(browser: Browser, tmp_path: Path) -> Iterator[tuple[Seeded, contextlib.ExitStack, Page, str]]:
    """Return a town whose server can be stopped, and Kari's page on it."""
    town = seeded(tmp_path)
    person(town.desk, "Kari", Role.OPERATOR, PASSWORD)
    with contextlib.ExitStack() as server, contextlib.ExitStack() as seats:
        url = server.enter_context(served(town))
        page = seats.enter_context(at_seat(browser, (town, url))).page
        yield town, server, page, url


def test_a_cut_line_keeps_what_is_typed_until_the_server_is_heard_again(
    cut: tuple[Seeded, contextlib.ExitStack, Page, str],
) -> None:
    """Typed before, during and after; the page says where it is kept, a reload is survived, and it is saved at the end."""
    town, server, page, url = cut
    incident = fresh(town, AlertId(1))
    page.goto(f"{url}/incidents/{incident}/methane")
    page.locator("#methane-hazards").press_sequentially("crowd")
    saved(page)
    server.close()
    page.locator("#methane-hazards").press_sequentially(", gas?")
    expect(page.locator("#methane-saved")).to_have_attribute("data-state", "kept")
    with served(town, int(url.rpartition(":")[2])):
        page.locator("#methane-number").press_sequentially("two")
        page.goto(f"{url}/incidents/{incident}/methane")
        expect(page.locator("#methane-hazards")).to_have_value("crowd, gas?")
        saved(page)
        assert stored(town, incident) == {"hazards": "crowd, gas?", "number": "two"}


def test_two_people_who_type_at_once_lose_nothing(kari: Seat, browser: Browser, opened: IncidentId) -> None:
    """Different parts join by themselves; the same part shows both wordings to both, until one of them settles it."""
    with at_seat(browser, (kari.town, kari.url), "Ola") as ola:
        mine, theirs = kari.open(f"/incidents/{opened}/methane"), ola.open(f"/incidents/{opened}/methane")
        mine.locator("#methane-exact").press_sequentially("north steps")
        theirs.locator("#methane-access").press_sequentially("from the west")
        expect(mine.locator("#methane-access")).to_have_value("from the west")
        expect(theirs.locator("#methane-exact")).to_have_value("north steps")
        theirs.route("**/methane", lambda route: route.abort())
        theirs.route("**/methane/now", lambda route: route.abort())
        theirs.locator("#methane-number").press_sequentially("three wounded")
        mine.locator("#methane-number").press_sequentially("two wounded")
        until(lambda: stored(kari.town, opened).get("number") == "two wounded", limit_s=10, what="Kari's words")
        theirs.unroute("**/methane")
        theirs.unroute("**/methane/now")
        for page in (mine, theirs):
            notice = page.locator(".methane-two")
            expect(notice).to_contain_text("two wounded", timeout=10_000)
            expect(notice).to_contain_text("three wounded")
        expect(theirs.locator("#methane-number")).to_have_value("three wounded")
        mine.get_by_role("button", name="Both").click()
        for page in (mine, theirs):
            expect(page.locator("#methane-number")).to_have_value("two wounded; three wounded")
            expect(page.locator(".methane-two")).to_have_count(0)
        ola.said.clear()
    assert stored(kari.town, opened)["number"] == "two wounded; three wounded"


def test_what_was_not_seen_is_not_sent(kari: Seat, opened: IncidentId) -> None:
    """Somebody changes it between look and send: nothing goes out, and the page shows it as it is."""
    page = kari.open(f"/incidents/{opened}/methane")
    page.locator("#methane-type").press_sequentially("firearm")
    saved(page)
    page.route("**/methane/now", lambda route: route.abort())
    with kari.town.desk.store.read() as unit:
        account = unit.accounts.by_name("Ola")
    assert account is not None
    methane.save_methane(kari.town.desk, actor_of(account), opened, {MethaneField.NUMBER: "nobody"}, base=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("METHANE is at version 2, you were shown 1")
    assert methane.methane_view(kari.town.desk, actor_of(account), opened).sent_at is None
    kari.said.clear()


def test_the_page_is_clean_to_axe(kari: Seat, opened: IncidentId) -> None:
    """Empty, and with two wordings on it."""
    page = kari.open(f"/incidents/{opened}/methane")
    assert kari.violations() == []
    page.locator("#methane-exact").press_sequentially("north steps")
    saved(page)
    with kari.town.desk.store.read() as unit:
        account = unit.accounts.by_name("Ola")
    assert account is not None
    methane.save_methane(kari.town.desk, actor_of(account), opened, {MethaneField.EXACT: "south"}, base=0)
    expect(page.locator(".methane-two")).to_contain_text("south")
    assert kari.violations() == []
