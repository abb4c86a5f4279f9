"""What the service worker does, in a real browser: the time without the server, and notices that arrive by web push."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from impetus.adapters.notices.web_push import content_of
from impetus.core.actor import Actor, Role
from impetus.core.finding import Urgency
from impetus.core.ids import IncidentId
from impetus.core.notice import Outgoing
from impetus.desk import runs
from screens.overseen import actor
from screens.seat import PASSWORD, WIDE, sign_in
from screens.seeded import Seeded, person, seeded, work
from screens.served import served

pytestmark = pytest.mark.real
KEPT = """async () => {
    const found = {};
    for (const name of await caches.keys()) {
        if (!name.startsWith('impetus-kept-')) continue;
        found[name] = (await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname);
    }
    return found;
}"""
PUSH = """async (text) => {
    const event = new PushEvent('push', { data: text });
    const shown = [];
    self.registration.showNotification = async (title, more) => shown.push({ title, ...more });
    self.dispatchEvent(event);
    for (let turn = 0; turn < 50 && !shown.length; turn += 1) await Promise.resolve();
    return shown[0];
}"""
CLICK = """async ([data, action]) => {
    const opened = [];
    self.clients.openWindow = async (address) => opened.push(address);
    const event = new ExtendableEvent('notificationclick');
    event.notification = { close() {}, data };
    event.action = action;
    self.dispatchEvent(event);
    for (let turn = 0; turn < 100 && !opened.length; turn += 1) await new Promise((next) => setTimeout(next, 10));
    return opened;
}"""
LINES = "() => [...document.querySelectorAll('#story li.note strong')].map((line) => line.textContent)"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Return a square with an incident that a playbook leads, and two people."""
    home: Path = tmp_path_factory.mktemp("home")
    town = seeded(home)
    for name in ("Kari", "Ola"):
        person(town.desk, name, Role.OPERATOR, PASSWORD)
    work(town)
    runs.start(town.desk, Actor(name="Kari", role=Role.OPERATOR), IncidentId(1), "firearm_seen")
    yield town
    town.desk.store.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser that nobody has used."""
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    yield context
    context.close()


def kept(page: Page) -> dict[str, list[str]]:
    """Return what the browser keeps, by account."""
    found: dict[str, list[str]] = page.evaluate(KEPT)
    return found


def ready(page: Page, url: str) -> None:
    """Open the incident and wait until everything that is needed without the server is kept."""
    page.goto(f"{url}/incidents/1")
    page.wait_for_selector('#line[data-line="live"]')
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    page.wait_for_function(
        f"async () => {{ const all = Object.values(await ({KEPT})()).flat();"
        " return ['/offline', '/incidents/1', '/incidents', '/', '/api/v1/place'].every((each) => all.includes(each))"
        " && all.some((each) => each.startsWith('/cameras/')); }",
        timeout=60_000,
    )


def write(page: Page, text: str) -> None:
    """Write a note from the keyboard."""
    page.keyboard.press("t")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def test_without_the_server_the_checklist_stays_and_notes_merge_later_in_their_order(
    context: BrowserContext, town: Seeded
) -> None:
    """Server gone: playbook, picture with its age, list of what is kept; back: each note once, in the order written."""
    page = context.new_page()
    with served(town) as url:
        sign_in(page, url, "Kari")
        ready(page, url)
        write(page, "before it went")
        expect(page.locator("#story")).to_contain_text("before it went")
    page.goto(f"{url}/incidents/1")
    expect(page.locator("#line")).to_contain_text(re.compile(r"connection lost since 14:\d\d:\d\d"), timeout=15_000)
    expect(page.locator("#run .step").first).to_contain_text("What do you see?")
    assert page.evaluate("() => document.querySelector('img[data-camera]').naturalWidth") > 0
    age = page.locator("time[data-taken]").first
    expect(age).to_have_text(re.compile(r"^[2-9] s|^\d\d s|^\d min"), timeout=15_000)
    words = [f"written without it, number {number}" for number in range(1, 5)]
    for text in words[:3]:
        write(page, text)
    expect(page.locator("#waiting-notes li")).to_have_count(3)
    page.reload()
    expect(page.locator("#waiting-notes li")).to_have_count(3)
    write(page, words[3])
    page.goto(f"{url}/alerts/1")
    expect(page.locator("h1")).to_have_text("Without the server")
    expect(page.locator("#kept-pages")).to_contain_text("Camera C11 dark while the south-east fills")
    expect(page.locator("#waiting-notes li")).to_have_count(4)
    with served(town, int(url.rsplit(":", 1)[1])):
        page.goto(f"{url}/incidents/1")
        expect(page.locator("#story")).to_contain_text(words[3], timeout=60_000)
        expect(page.locator("#waiting-notes")).to_be_hidden()
        told = [text for text in page.evaluate(LINES) if text in words]
        assert told == words[::-1]


@pytest.mark.slow
def test_signing_out_leaves_nothing_and_nobody_gets_what_another_kept(context: BrowserContext, town: Seeded) -> None:
    """One cache for one account: gone at sign-out, gone when somebody else signs in, masked pictures only."""
    page = context.new_page()
    with served(town) as url:
        sign_in(page, url, "Kari")
        ready(page, url)
        assert list(kept(page)) == [f"impetus-kept-{actor(town.desk, 'Kari').account}"]
        page.get_by_role("button", name=re.compile("Kari")).click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{url}/sign-in")
        assert kept(page) == {}
        sign_in(page, url, "Kari")
        ready(page, url)
        context.clear_cookies()
        sign_in(page, url, "Ola")
        page.wait_for_function(f"async () => Object.keys(await ({KEPT})()).length > 0")
        assert list(kept(page)) == [f"impetus-kept-{actor(town.desk, 'Ola').account}"]


@pytest.mark.slow
def test_signing_out_without_the_server_leaves_nothing_either(context: BrowserContext, town: Seeded) -> None:
    """Whoever leaves the seat while the server is gone leaves no page behind for the next one."""
    page = context.new_page()
    with served(town) as url:
        sign_in(page, url, "Kari")
        ready(page, url)
        beside = context.new_page()
        beside.goto(f"{url}/keys")
        assert kept(beside) != {}
    page.goto(f"{url}/incidents/1")
    page.get_by_role("button", name=re.compile("Kari")).click()
    page.get_by_role("button", name="Sign out").click()
    beside.wait_for_function(f"async () => Object.keys(await ({KEPT})()).length === 0")


@pytest.mark.slow
def test_notes_of_one_account_are_neither_shown_nor_sent_by_another(context: BrowserContext, town: Seeded) -> None:
    """What Kari wrote waits for Kari; Ola's page knows nothing of it, and Kari's next one sends it."""
    page = context.new_page()
    with served(town) as url:
        sign_in(page, url, "Kari")
        ready(page, url)
    page.goto(f"{url}/incidents/1")
    write(page, "only Kari may send this")
    expect(page.locator("#waiting-notes li")).to_have_count(1)
    with served(town, int(url.rsplit(":", 1)[1])):
        context.clear_cookies()
        sign_in(page, url, "Ola")
        page.goto(f"{url}/incidents/1")
        page.wait_for_selector('#line[data-line="live"]')
        expect(page.locator("#waiting-notes li")).to_have_count(0)
        expect(page.locator("#story")).not_to_contain_text("only Kari may send this")
        context.clear_cookies()
        sign_in(page, url, "Kari")
        page.goto(f"{url}/incidents/1")
        expect(page.locator("#story")).to_contain_text("only Kari may send this")
        line = page.locator("#story li", has_text="only Kari may send this")
        expect(line).to_contain_text("Kari")


def test_a_notice_by_push_says_when_it_is_simulated_and_opens_our_pages_only(
    context: BrowserContext, town: Seeded
) -> None:
    """As `web_push.content_of` writes it; links elsewhere and what cannot be read lead to the page of calls."""
    page = context.new_page()
    with served(town) as url:
        sign_in(page, url, "Kari")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        (worker,) = context.service_workers
        at = datetime(2026, 3, 14, 21, tzinfo=UTC)
        message = Outgoing(
            id="oslo-notice-1-2", number="incident 1", title="Crowd", place="E1", link=f"{url}/incidents/1",
            answer_link=f"{url}/answer/abc", at=at, answer_until=at, urgency=Urgency.IMMEDIATE, simulated=True,
        )  # fmt: skip
        shown = worker.evaluate(PUSH, content_of(message).decode())
        assert (shown["title"], shown["body"]) == ("[EXERCISE] incident 1: Crowd (E1)", "Simulated")
        assert (shown["tag"], shown["timestamp"]) == (message.id, at.timestamp() * 1000)
        assert [each["action"] for each in shown["actions"]] == ["answer"]
        real = worker.evaluate(PUSH, content_of(replace(message, simulated=False)).decode())
        assert (real["title"], real["body"]) == ("incident 1: Crowd (E1)", "")
        assert worker.evaluate(CLICK, [shown["data"], ""]) == [message.link]
        assert worker.evaluate(CLICK, [shown["data"], "answer"]) == [message.answer_link]
        elsewhere = replace(message, link="https://evil.example/x", answer_link=url.replace("//", "//a:b@") + "/x")
        for text in ("no JSON", "null", "[]", '{"title": 7}', content_of(elsewhere).decode()):
            strange = worker.evaluate(PUSH, text)
            assert strange["title"]
            for action in ("", "answer"):
                assert worker.evaluate(CLICK, [strange["data"], action]) == [f"{url}/on-call"]
        for address in ("javascript:alert(1)", "https://evil.example/", None, ""):
            assert worker.evaluate(CLICK, [{"link": address}, ""]) == [f"{url}/on-call"]
