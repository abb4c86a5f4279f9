"""Walks of those who oversee: who looked, assess and sign, reveal by two, stop and lift, on the real pages."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ethics_town import keep
from impetus.desk.clearance import clearance
from screens.overseen import overseen
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import Seeded
from screens.served import served
from screens.test_everybody import overflow

pytestmark = pytest.mark.real
PAGES = (
    "/ethics",
    "/ethics/frameworks",
    "/ethics/register/urban_anomaly",
    "/ethics/assessments/urban_anomaly",
    "/ethics/who-looked",
    "/ethics/retention",
    "/ethics/log",
)
DECIDING = ("/gates", "/plants", "/workers")
ASSESSMENT = "/ethics/assessments/urban_anomaly"


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seeded, str]]:
    """Serve the square with a signed register and a month of the log."""
    home = tmp_path_factory.mktemp("overseen")
    town = overseen(home)
    with served(town) as url:
        yield town, url
    town.desk.store.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def dag(browser: Browser, square: tuple[Seeded, str]) -> Iterator[Seat]:
    """Return the data protection officer's seat."""
    with at_seat(browser, square, "Dag") as seat:
        yield seat


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_on_the_pages_of_ethics(dag: Seat, path: str) -> None:
    """In the dark and in daylight, and the console of the browser stays silent."""
    dag.open(path)
    assert dag.violations() == []
    dag.page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert dag.violations() == []
    assert dag.said == []


@pytest.mark.parametrize("path", DECIDING)
def test_axe_finds_nothing_serious_where_people_decide_and_are_told_what_is_kept_of_them(
    browser: Browser, square: tuple[Seeded, str], path: str
) -> None:
    """Gates, planted tests and the workers' page, as a supervisor sees them, in both themes and on a phone."""
    with at_seat(browser, square, "Sigrid") as sigrid:
        sigrid.open(path)
        for theme in ("dark", "light"):
            sigrid.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            assert sigrid.violations() == []
        sigrid.page.set_viewport_size({"width": 360, "height": 740})
        assert overflow(sigrid.page) <= 0
        expect(sigrid.page.locator("h1")).to_have_count(1)
        assert sigrid.said == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_when_small_or_enlarged(dag: Seat, path: str) -> None:
    """At 200 % zoom and at 360 pixels nothing scrolls sideways. WCAG 2.2, 1.4.10."""
    dag.open(path)
    for width, height in ((1600, 1000), (1280, 800), (800, 500), (360, 740)):
        dag.page.set_viewport_size({"width": width, "height": height})
        assert overflow(dag.page) <= 0, (width, height)
    dag.page.set_viewport_size({"width": 1600, "height": 1000})


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_one_question_as_its_heading(dag: Seat, path: str) -> None:
    """One question a screen."""
    dag.open(path)
    expect(dag.page.locator("h1")).to_have_count(1)


def test_the_officer_answers_signs_and_the_tool_may_run_again(dag: Seat, square: tuple[Seeded, str]) -> None:
    """A changed answer makes the signature stale; what is missing says so; the officer's own password signs anew."""
    desk, page = square[0].desk, dag.open(ASSESSMENT)
    question = page.locator("[id='q-description.purpose']")
    question.locator("summary", has_text="Change this answer").click()
    question.locator("textarea").fill("To send stewards before the exits of the square are full.")
    question.get_by_role("button", name="Save this answer").click()
    expect(page.locator("#missing")).to_contain_text("no longer covers")
    assert not clearance(desk, "urban_anomaly").is_cleared
    page.locator("#sign input[name=password]").fill("not my password")
    page.locator("#sign button").click()
    expect(page.locator(".toast.refused")).to_be_visible()
    dag.said.clear()
    page.locator("#sign input[name=password]").fill(PASSWORD)
    page.locator("#sign button").click()
    expect(page.locator("#missing")).to_contain_text("What is configured is what was signed")
    assert clearance(desk, "urban_anomaly").is_cleared
    assert "Dag" in dag.open("/ethics").locator("#register").inner_text()


def test_a_refused_answer_stays_where_it_was_typed(dag: Seat) -> None:
    """The toast says why, the field keeps the words."""
    page = dag.open(ASSESSMENT)
    question = page.locator("[id='q-description.period']")
    question.locator("summary", has_text="Change this answer").click()
    question.locator("textarea").fill("x")
    question.get_by_role("button", name="Save this answer").click()
    expect(page.locator(".toast.refused")).to_be_visible()
    expect(question.locator("textarea")).to_have_value("x")
    dag.said.clear()


def test_who_looked_at_camera_c14_is_answered_in_sentences(dag: Seat) -> None:
    """From asking to no copy given, with the two people and the reason."""
    page = dag.open("/ethics/who-looked")
    page.select_option("#f-kind", "camera")
    page.fill("#f-which", "c14")
    page.get_by_role("button", name="Show").click()
    told = page.locator("#reveals-title >> xpath=ancestor::section")
    expect(told).to_contain_text("asked Kari, approved Sigrid")
    expect(told).to_contain_text("Somebody lies at the north steps")
    expect(told).to_contain_text("no copy given")
    expect(page.locator("#lines-title >> xpath=ancestor::section")).to_contain_text("looking at a masked camera")


def test_two_people_lift_a_mask_and_a_third_may_know(browser: Browser, square: tuple[Seeded, str], dag: Seat) -> None:
    """What Ola asked for waits for somebody else; the officer sees both names afterwards."""
    with at_seat(browser, square, "Sigrid") as sigrid:
        page = sigrid.open("/reveals")
        page.get_by_role("button", name="Approve").first.click()
        expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        assert sigrid.said == []
    keep(square[0].desk)
    page = dag.open("/ethics/who-looked?kind=camera&which=c14")
    expect(page.locator("main")).to_contain_text("asked Ola, approved Sigrid")


def test_a_tool_is_stopped_and_let_run_again_by_name(dag: Seat) -> None:
    """Two taps stop it, the console says so, and a reason lifts it."""
    page = dag.open("/stops")
    _tap_stop(page, "fusion")
    page = dag.open("/ethics")
    expect(page.locator("#stops-title >> xpath=ancestor::section")).to_contain_text("thing is stopped")
    page = dag.open("/stops")
    form = page.locator("form[action*='lift']").first
    opened = form.locator("xpath=ancestor::details[1]")
    if opened.count() and opened.get_attribute("open") is None:
        opened.locator("summary").click()
    form.locator("[name=why]").fill("the map is right again")
    form.get_by_role("button").click()
    expect(dag.open("/ethics").locator("#stops-title >> xpath=ancestor::section")).to_contain_text("things are stopped")


def _tap_stop(page: Page, tool: str) -> None:
    """Stop a tool: one tap came here, this is the second."""
    page.locator(f"form[action='/stops/stop']:has(input[value='tool:{tool}']) button").first.click()
    expect(page.locator("main")).to_contain_text("The reason is missing.")


def test_holding_something_back_works_without_scripts(browser: Browser, square: tuple[Seeded, str]) -> None:
    """The form posts and comes back; a refusal keeps every word."""
    with at_seat(browser, square, "Dag", java_script_enabled=False) as seat:
        page = seat.page
        page.goto(seat.url + "/ethics/retention")
        page.fill("#h-which", "99")
        page.fill("#h-until", "2026-12-24")
        page.fill("#h-why", "An inquiry into the evening of the concert")
        page.get_by_role("button", name="Hold it until that day").click()
        expect(page.locator(".notice")).to_contain_text("99")
        expect(page.locator("#h-why")).to_have_value("An inquiry into the evening of the concert")
        page.fill("#h-which", "1")
        page.get_by_role("button", name="Hold it until that day").click()
        expect(page.locator("#holds")).to_contain_text("An inquiry into the evening of the concert")
