"""The editor of playbooks in a real browser: what is wrong and the drawing follow what one types; saving keeps the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from impetus.core.actor import Role
from screens.seat import PASSWORD, Seat, at_seat
from screens.seeded import Seeded, person

pytestmark = pytest.mark.real


@pytest.fixture
def sigrid(browser: Browser, town: tuple[Seeded, str]) -> Iterator[Seat]:
    """Return the supervisor's seat, whose console must stay silent."""
    person(town[0].desk, "Sigrid", Role.SUPERVISOR, PASSWORD)
    with at_seat(browser, town, "Sigrid") as seat:
        yield seat
        assert seat.said == []


def test_faults_and_drawing_follow_what_is_typed_and_a_save_is_a_version(sigrid: Seat) -> None:
    """A broken way is named with its line as one types; mended, the drawing stands and version 2 is saved."""
    page = sigrid.open("/playbooks/missing_child")
    text, check = page.locator("#playbook-text"), page.locator("#check")
    expect(check).to_contain_text("Nothing wrong found")
    expect(check.locator("svg[role=img]")).to_be_visible()
    whole = text.input_value()
    text.fill(whole.replace("-> 9\n", "-> 99\n", 1))
    expect(check).to_contain_text("there is no step 99")
    expect(check).to_contain_text("Line")
    text.fill(whole.replace("Clothes, not faces.", "Clothes and bags, not faces."))
    expect(check).to_contain_text("Nothing wrong found")
    page.fill("#f-why", "bags are seen from afar")
    page.get_by_role("button", name="Save a new version").click()
    expect(page.locator("section", has_text="bags are seen from afar").last).to_be_visible()
    expect(page.locator("#text-title + .aside")).to_contain_text("version 2")
