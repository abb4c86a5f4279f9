"""The picture lives: changes arrive by themselves, a lost line says so, and what somebody types stays."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from impetus.core.actor import Role
from impetus.core.finding import Severity
from impetus.core.text import Phrase
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import Seeded, person, raise_alert, seeded
from screens.served import served

pytestmark = pytest.mark.real


def raised(town: Seeded, headline: str, severity: Severity = Severity.EXTREME) -> None:
    """Raise an alert behind the screen's back."""
    raise_alert(
        town,
        Phrase(template=headline),
        Phrase(template="as a test"),
        keys=("square/p1/people_density",),
        began=town.desk.clock.now() - timedelta(seconds=5),
        severity=severity,
        subject=f"zone:{headline}",
        zone="north-west",
    )


def test_a_new_alert_appears_by_itself_and_leaves_the_choice_alone(kari: Seat) -> None:
    """What is worse goes to the top, and the hand stays where it was."""
    page = kari.open("/")
    chosen = page.locator("article[data-js-chosen]").get_attribute("data-alert")
    raised(kari.town, "Something new")
    expect(page.locator("#alerts article").first).to_contain_text("Something new")
    expect(page.locator("article[data-js-chosen]")).to_have_attribute("data-alert", chosen or "")
    expect(page.locator("#needs")).to_contain_text("need you now")


def test_typing_survives_a_change_on_the_page(kari: Seat) -> None:
    """A reason half written stays while the page around it changes."""
    page = kari.open("/alerts/2")
    page.locator("#assess-why").fill("half a sen")
    raised(kari.town, "While typing", Severity.MINOR)
    expect(page.locator("#bar-needs")).to_contain_text("need you now")
    expect(page.locator("#assess-why")).to_have_value("half a sen")
    expect(page.locator("#assess-why")).to_be_focused()


def test_a_lost_line_is_said_and_found_again(browser: Browser, tmp_path: Path) -> None:
    """When the server cannot be heard the bar says since when; when it can, everything is read afresh."""
    installation = seeded(tmp_path)
    person(installation.desk, "Kari", Role.OPERATOR, PASSWORD)
    with contextlib.ExitStack() as first, contextlib.ExitStack() as seats:
        url = first.enter_context(served(installation))
        page = seats.enter_context(at_seat(browser, (installation, url))).open("/")
        first.close()
        expect(page.locator("#line")).to_contain_text("connection lost since", timeout=20_000)
        raised(installation, "While away")
        with served(installation, int(url.rpartition(":")[2])):
            expect(page.locator('#line[data-line="live"]')).to_be_visible(timeout=20_000)
            expect(page.locator("#alerts")).to_contain_text("While away")
