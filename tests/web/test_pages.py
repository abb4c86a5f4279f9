"""The quieter pages: what they show, to whom, and what they say when there is nothing to show."""

import html
import re
from collections.abc import Callable

import pytest

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState
from impetus.core.board import PartState, PartStatus, Quarantined, Rule
from impetus.core.finding import Severity
from impetus.core.ids import SourceId, ToolId
from impetus.core.text import Phrase
from impetus.desk import incidents
from impetus.desk.sign_in import actor_of
from impetus.settings import LANGUAGES
from impetus.web.pages.board import gauge
from impetus.web.pages.quarantine import readable
from impetus.web.pages.sources import RULES
from town import NOW, PASSWORD, Town, enter, post

PAGES = ("/alerts", "/incidents", "/sources", "/sources/quarantine", "/board", "/keys")
NOT_FOR = {
    "/alerts": Role.INTEGRATOR,
    "/incidents": Role.INTEGRATOR,
    "/sources": Role.EXECUTIVE,
    "/sources/quarantine": Role.PLANNER,
    "/accounts": Role.SUPERVISOR,
}


def words_of(text: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("furniture", ["town", "furnished"])
def test_a_page_shows_with_and_without_anything_in_it(
    page: str, furniture: str, request: pytest.FixtureRequest
) -> None:
    """An empty installation has honest pages too, and no page carries inline code."""
    town: Town = request.getfixturevalue(furniture)
    answer = town.person().get(page)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    assert not re.search(r"<script(?![^>]* src=)[^>]*>", answer.text)


@pytest.mark.parametrize(("page", "role"), NOT_FOR.items())
def test_a_page_is_refused_to_a_role_that_may_not_see_it(furnished: Town, page: str, role: Role) -> None:
    """403 with the rule and who could help, as a page."""
    refused = furnished.person(role).get(page)
    assert refused.status_code == 403
    assert "Refused" in words_of(refused.text)
    assert role.value in words_of(refused.text)
    assert refused.headers["content-type"].startswith("text/html")
    assert 'action="/sign-out"' in refused.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", [*PAGES, "/accounts", "/sign-in/password", "/nothing"])
def test_a_page_shows_in_every_language(furnished: Town, page: str, language: str) -> None:
    """Every template holds in every language: no place is lost in translation."""
    person = furnished.person(Role.ADMINISTRATOR)
    post(person, "/language", language=language)
    answer = person.get(page)
    assert answer.status_code in {200, 404}
    assert f'<html lang="{language}"' in answer.text


def test_a_row_of_the_list_has_shape_word_and_age(furnished: Town) -> None:
    """Colour is never alone: severity is a shape and a word, and the sentence leads to the alert."""
    text = furnished.person().get("/alerts").text
    assert "#severe" in text
    assert "Severe" in words_of(text)
    assert '<a href="/alerts/1">Counter 4 above its norm</a>' in text
    assert "Urban Anomaly" in words_of(text)


def test_the_list_is_filtered_and_says_when_nothing_fits(furnished: Town) -> None:
    """A filter that fits nothing says so, and is not mistaken for quiet."""
    person = furnished.person()
    assert "Counter 4 silent" in person.get("/alerts?severity=minor").text
    assert "Counter 4 above" not in person.get("/alerts?severity=minor").text
    assert "No alert fits this filter" in person.get("/alerts?state=closed").text
    assert "No alert fits this filter" in person.get("/alerts?owner=me").text
    assert person.get("/alerts?state=strange&severity=dreadful&hours=x&order=y").status_code == 200


def test_a_long_list_has_pages(town: Town, raised: Callable[..., Alert]) -> None:
    """Fifty a page; the link leads on with the same filter."""
    for number in range(51):
        raised(f"alert {number}", fingerprint=f"f{number}")
    person = town.person()
    first = person.get("/alerts?order=newest")
    onward = re.search(r'href="(/alerts\?[^"]*after=[^"]*)"', first.text)
    assert onward is not None
    second = person.get(html.unescape(onward[1]))
    assert (first.text.count("data-row"), second.text.count("data-row")) == (50, 1)
    assert "order=newest" in onward[1]


def test_what_tools_say_is_escaped(town: Town, raised: Callable[..., Alert]) -> None:
    """A hostile name of a sensor is shown as text."""
    raised(headline="{thing}", why=Phrase(template="<script>alert(1)</script>"))
    text = town.person().get("/alerts").text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text


def test_incidents_are_listed_by_state(furnished: Town) -> None:
    """Open ones first; closed ones on request, with how they ended."""
    person = furnished.person(name="kari")
    with furnished.desk.store.read() as unit:
        account = unit.accounts.by_name("kari")
    assert account is not None
    opened = incidents.open_incident(furnished.desk, actor_of(account), "Crowd at the quay", [1])
    assert "Crowd at the quay" in person.get("/incidents").text
    incidents.close(furnished.desk, actor_of(account), opened.id, outcome="dissolved")
    assert "Crowd at the quay" not in person.get("/incidents").text
    assert "dissolved" in person.get("/incidents?state=closed").text


def test_a_source_shows_what_became_of_every_reading(furnished: Town) -> None:
    """Counters by rule, each with a sentence; the bar's words add up to all readings."""
    text = words_of(furnished.person().get("/sources").text)
    assert "taken in 90" in text
    assert "duplicates 4" in text
    assert "refused 6" in text
    assert "Older than its datastream's newest by more than the limit" in text
    assert "Limit: 24 h." in text


def test_every_rule_has_a_name_and_a_sentence() -> None:
    """A new rule of ingest cannot come without words for it."""
    assert set(RULES) == set(Rule)


def test_a_source_that_fell_silent_is_marked(furnished: Town) -> None:
    """By shape and word, with when it last spoke."""
    furnished.clock.advance(3600)
    text = furnished.person().get("/sources").text
    assert "#severe" in text
    assert "silent" in words_of(text)


def test_a_refused_record_can_be_read(furnished: Town) -> None:
    """What came, which rule, what was wrong, the limit and the remedy."""
    text = words_of(furnished.person().get("/sources/quarantine").text)
    for part in ('{"result": 3}', "late", "2 days behind the newest", "24 h", "Send readings sooner"):
        assert part in text
    assert "Nothing is in quarantine" in words_of(furnished.person().get("/sources/quarantine?source=other").text)


@pytest.mark.parametrize(
    ("record", "shown"),
    [(b"", ""), ("åå {1}".encode(), "åå {1}"), (b"\xff\xfe\x00\x01", "ff fe 00 01"), (b"\x00" * 3, "00 00 00")],
)
def test_a_record_is_shown_as_text_or_as_hexadecimal(record: bytes, shown: str) -> None:
    """Text stays text, anything else can still be compared byte by byte."""
    assert readable(record) == shown


def test_a_long_record_is_cut() -> None:
    """A page does not grow with what a source sent."""
    assert len(readable(b"x" * 1_000_000)) == 4096


def test_the_quarantine_has_pages(furnished: Town) -> None:
    """The link leads to older records."""
    record = Quarantined(id=0, source=SourceId("square"), at=NOW, rule=Rule.MALFORMED, detail="not JSON", record=b"{")
    with furnished.desk.store.write() as unit:
        unit.sources.quarantine([record] * 60)
    person = furnished.person()
    first = person.get("/sources/quarantine?source=square")
    onward = re.search(r'href="(/sources/quarantine\?[^"]*after=[^"]*)"', first.text)
    assert onward is not None
    assert "2 days behind the newest" in person.get(html.unescape(onward[1])).text


def test_the_board_shows_a_part_that_failed(furnished: Town) -> None:
    """The most important thing first: what is not running, in words."""
    person = furnished.person()
    assert "Every part runs" in person.get("/board").text
    failed = PartStatus(part=ToolId("fusion"), state=PartState.FAILED, restarts=5, note="killed: memory", dropped=7)
    with furnished.desk.store.write() as unit:
        unit.parts.report(failed)
    text = words_of(person.get("/board").text)
    assert "1 part is not running" in text
    assert "killed: memory" in text
    assert "100 / 512 MiB" in text


@pytest.mark.parametrize(("used", "severity"), [(10, "normal"), (90, "moderate"), (100, "severe"), (500, "severe")])
def test_a_gauge_warns_before_the_limit(used: float, severity: str) -> None:
    """Green until it is nearly full; never wider than its frame."""
    shown = gauge(used, 100)
    assert shown is not None
    assert (shown.severity, shown.share <= 1) == (severity, True)
    assert gauge(used, 0) is None


def test_an_account_is_added_with_a_password_shown_once(town: Town) -> None:
    """The page after adding shows it; the same page afterwards does not, and it opens the door once."""
    admin = town.person(Role.ADMINISTRATOR)
    added = post(admin, "/accounts/add", name="kari", role="operator", language="nb")
    once = re.search(r'class="once"[^>]*>([a-z2-7-]+)<', added.text)
    assert once is not None
    assert once[1] not in admin.get("/accounts").text
    assert enter(town.visitor(), "kari", once[1]).headers["location"] == "/sign-in/password"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "kari", "role": "service"}, 400),
        ({"name": "k", "role": "operator"}, 400),
        ({"name": "kari", "role": ""}, 400),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_the_reason(town: Town, fields: dict[str, str], status: int) -> None:
    """The page stays, says what is wrong, and nobody was added."""
    admin = town.person(Role.ADMINISTRATOR)
    before = admin.get("/accounts").text.count("<tr>")
    assert post(admin, "/accounts/add", **fields).status_code == status
    assert admin.get("/accounts").text.count("<tr>") == before


def test_an_account_is_disabled_enabled_and_reset(town: Town) -> None:
    """Disabled people are out, enabled ones come back with their password, reset ones need the new one."""
    admin = town.person(Role.ADMINISTRATOR, name="admin")
    town.person(name="kari")
    post(admin, "/accounts/disable", name="kari")
    assert enter(town.visitor(), "kari", PASSWORD).status_code == 401
    post(admin, "/accounts/enable", name="kari")
    assert enter(town.visitor(), "kari", PASSWORD).status_code == 303
    reset = post(admin, "/accounts/reset", name="kari")
    assert "New one-time password of" in reset.text
    assert enter(town.visitor(), "kari", PASSWORD).status_code == 401
    assert post(admin, "/accounts/disable", name="admin").status_code == 403
    assert post(admin, "/accounts/reset", name="nobody").status_code == 404


def test_a_token_is_issued_once_and_revoked_at_once(town: Town) -> None:
    """Its secret is shown once, reads what it may, and nothing after it was revoked."""
    admin = town.person(Role.ADMINISTRATOR)
    issued = post(admin, "/accounts/tokens/issue", name="reporter", operations="alerts.read", days="30")
    secret = re.search(r"(imp_[A-Za-z0-9_-]{43})", issued.text)
    assert secret is not None
    assert secret[1] not in admin.get("/accounts").text
    program = town.visitor()
    program.headers["authorization"] = f"Bearer {secret[1]}"
    assert program.get("/api/v1/alerts").status_code == 200
    assert program.get("/api/v1/sources").status_code == 403
    post(admin, "/accounts/tokens/revoke", token="1")
    assert program.get("/api/v1/alerts").status_code == 401


def test_a_token_expires(town: Town) -> None:
    """After its days it opens nothing."""
    admin = town.person(Role.ADMINISTRATOR)
    issued = post(admin, "/accounts/tokens/issue", name="reporter", operations="alerts.read", days="1")
    secret = re.search(r"(imp_[A-Za-z0-9_-]{43})", issued.text)
    assert secret is not None
    program = town.visitor()
    program.headers["authorization"] = f"Bearer {secret[1]}"
    assert program.get("/api/v1/alerts").status_code == 200
    town.clock.advance(86_401)
    assert program.get("/api/v1/alerts").status_code == 401


@pytest.mark.parametrize("operations", ["alerts.triage", "accounts.manage", "everything", ""])
def test_a_token_cannot_carry_what_takes_a_person(town: Town, operations: str) -> None:
    """The page says why."""
    admin = town.person(Role.ADMINISTRATOR)
    answer = post(admin, "/accounts/tokens/issue", name="reporter", operations=operations, days="0")
    assert answer.status_code in {400, 403, 422}
    assert "imp_" not in answer.text


def test_accounts_are_not_for_others_to_change(town: Town) -> None:
    """A supervisor cannot add one, whatever the form says."""
    assert post(town.person(Role.SUPERVISOR), "/accounts/add", name="kari", role="administrator").status_code == 403


def test_a_page_that_is_not_there_says_what_to_do(town: Town) -> None:
    """What happened, and where to go from here."""
    text = words_of(town.person().get("/nothing").text)
    assert "Not found" in text
    assert "To the alerts" in text


def test_a_part_of_a_page_gets_a_part_of_a_problem(town: Town) -> None:
    """Htmx gets a fragment, a script that asks for JSON a problem document."""
    person = town.person()
    fragment = person.get("/nothing", headers={"hx-request": "true"})
    assert "<html" not in fragment.text
    assert "Not found" in fragment.text
    script = person.get("/nothing", headers={"hx-request": "true", "accept": "application/json"})
    assert script.headers["content-type"] == "application/problem+json"


def test_closed_and_shelved_alerts_tell_their_end(town: Town, raised: Callable[..., Alert]) -> None:
    """A shelved alert says until when, in the list of all."""
    raised(state=AlertState.SHELVED, shelved_until=NOW, severity=Severity.UNKNOWN)
    assert "until 21 Nov 2026, 13:07:32" in words_of(town.person().get("/alerts?state=all").text)
