"""The pages of those who keep the house: board, sources, quarantine, accounts and tokens, in each of their states."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.board import PartState, PartStatus, Quarantined, Rule
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source
from impetus.desk import accounts, tokens
from impetus.ethics.guard import GRANTABLE, Operation
from impetus.web.app import create_app
from page_reader import Node, by_id, forms, read_page
from seats import look, seat
from town import CONSOLE, NOW, PASSWORD, Town, enter, furnish

SQUARE = SourceId("square")


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def admin(town: Town) -> TestClient:
    """Return an administrator's browser."""
    return seat(town, "Adele", Role.ADMINISTRATOR)


def rows(page: Node) -> list[list[str]]:
    """Return the words of each cell of each row of the page's tables."""
    return [[cell.words for cell in row.all("th", "td")] for body in page.all("tbody") for row in body.all("tr")]


def report(town: Town, **changes: object) -> None:
    """Report a part of the platform."""
    with town.desk.store.write() as unit:
        unit.parts.report(
            replace(PartStatus(part=ToolId("fusion"), state=PartState.RUNNING, seen_at=NOW), **changes)  # type: ignore[arg-type]
        )


def declare(town: Town, *streams: Datastream, **changes: object) -> None:
    """Declare the square with these datastreams."""
    with town.desk.store.write() as unit:
        source = Source(id=SQUARE, name="The square", kind="mqtt")
        unit.sources.declare(replace(source, **changes), list(streams))  # type: ignore[arg-type]


def stream(number: int) -> Datastream:
    """Return a datastream of the square."""
    return Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"square/c{number}/people"),
        source=SQUARE,
        thing=ThingKey(f"square/c{number}"),
        thing_name=f"Counter {number}",
        observed_property="people",
        unit="1",
    )


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (PartState.RUNNING, "Every part runs and every source is fresh"),
        (PartState.STARTING, "Every part runs and every source is fresh"),
        (PartState.SILENT, "1 part is not running"),
        (PartState.RESTARTING, "1 part is not running"),
        (PartState.STOPPED, "1 part is not running"),
        (PartState.FAILED, "1 part is not running"),
    ],
)
def test_the_board_begins_with_the_news(town: Town, kari: TestClient, state: PartState, says: str) -> None:
    """One sentence for the whole platform, and the part's state in words."""
    report(town, state=state)
    page = look(kari, "/board")
    assert says in page.words
    assert rows(page)[0][1] == state.value


def test_the_board_of_a_fresh_installation_says_what_it_waits_for(kari: TestClient) -> None:
    """No part has reported is not the same as no part runs."""
    page = look(kari, "/board")
    assert "No part has reported yet" in page.words
    assert "Every part runs" not in page.words


def test_a_silent_source_is_news_when_all_parts_run(town: Town, kari: TestClient) -> None:
    """And not told while a part is down, which matters more."""
    furnish(town)
    report(town)
    town.clock.advance(3600)
    assert "1 source is silent" in look(kari, "/board").words
    report(town, state=PartState.FAILED)
    assert "1 source is silent" not in look(kari, "/board").words


def test_the_board_counts_what_was_lost(town: Town, kari: TestClient) -> None:
    """Rate, lag, loss, memory against its limit, restarts and the part's own remark."""
    report(
        town,
        rate_per_s=1234.56,
        lag=7000,
        dropped=3,
        memory_mib=460.0,
        memory_limit_mib=512.0,
        restarts=2,
        note="catching up",
        started_at=NOW - timedelta(hours=2),
    )
    page = look(kari, "/board")
    cells = rows(page)[0]
    assert cells[3:6] == ["1,234.6/s", "7,000", "3"]
    assert "460 / 512 MiB" in cells[6]
    assert cells[7] == "2"
    assert cells[8].startswith("catching up started 21 Nov 2026")
    assert any("sev-moderate" in gauge.get("class") for gauge in page.all("svg") if "gauge" in gauge.get("class"))


def test_a_part_that_never_reported_was_never_seen(town: Town, kari: TestClient) -> None:
    """Never is a word, not the year 1970."""
    report(town, seen_at=None, state=PartState.STARTING)
    assert rows(look(kari, "/board"))[0][2] == "never"


def test_the_board_says_how_long_what_is_kept(town: Town, admin: TestClient) -> None:
    """The days of this installation, not the defaults in somebody's head."""
    settings = replace(town.settings, observations_days=7, evidence_days=2000)
    town.app = create_app(town.desk, settings)
    other = town.visitor()
    other.cookies = admin.cookies
    shown = {cells[0]: cells[1] for cells in rows(look(other, "/board")) if len(cells) == 2}
    town.app.state.web.hub.stop()
    assert (shown["Readings"], shown["Evidence"]) == ("7", "2,000")


def test_a_source_that_never_spoke_says_so(town: Town, kari: TestClient) -> None:
    """With what to look at next, and no bar of nothing."""
    declare(town, stream(1))
    page = look(kari, "/sources")
    assert "has not spoken yet" in page.words
    assert "No reading has come yet" in page.words
    assert not [node for node in page.all("svg") if node.get("class") == "share"]


def test_an_installation_without_sources_says_how_one_comes(kari: TestClient) -> None:
    """The way is a command, and it is named."""
    assert "impetus source declare" in look(kari, "/sources").words


@pytest.mark.parametrize(
    ("freshness_s", "says"), [(0.0, "no freshness limit"), (90.0, "must speak every 1 min"), (300.0, "every 5 min")]
)
def test_a_source_says_how_often_it_must_speak(town: Town, kari: TestClient, freshness_s: float, says: str) -> None:
    """Or that nobody waits for it."""
    declare(town, stream(1), freshness_s=freshness_s)
    assert says in look(kari, "/sources").words


def test_a_long_list_of_datastreams_is_cut_and_says_where_the_rest_is(town: Town, kari: TestClient) -> None:
    """Two hundred on the page, all of them counted."""
    declare(town, *(stream(number) for number in range(201)))
    page = look(kari, "/sources")
    assert "201 datastreams" in page.words
    assert len(rows(page)) == 200
    assert "/api/v1/sources" in page.words


@pytest.mark.parametrize(("role", "shown"), [(Role.OPERATOR, True), (Role.PLANNER, False), (Role.INTEGRATOR, True)])
def test_the_way_to_the_quarantine_is_shown_to_who_may_go(town: Town, role: Role, *, shown: bool) -> None:
    """A link that would be refused is not offered."""
    furnish(town)
    client = seat(town, "Vera", role)
    offered = {link.get("href") for link in look(client, "/sources").all("a") if "quarantine" in link.get("href")}
    assert (offered == {"/sources/quarantine", "/sources/quarantine?source=square"}) is shown
    assert (client.get("/sources/quarantine").status_code == 200) is shown


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule not in {Rule.ACCEPTED, Rule.DUPLICATE}])
def test_every_refused_record_says_what_helps(town: Town, kari: TestClient, rule: Rule) -> None:
    """Rule, sentence and, where something can be done, what."""
    declare(town)
    record = Quarantined(id=0, source=SQUARE, at=NOW, rule=rule, detail="", record=b'{"result": 3}')
    with town.desk.store.write() as unit:
        unit.sources.quarantine([record])
    words = look(kari, "/sources/quarantine").words
    assert "What was wrong" in words
    assert ("What helps" in words) == (rule not in {Rule.MISSING, Rule.OUT_OF_ORDER, Rule.STOPPED})
    assert ("Limit" in words) == (rule in {Rule.LATE, Rule.FUTURE})


def test_the_pages_of_the_quarantine_hold_every_record_once(town: Town, kari: TestClient) -> None:
    """Newest first, and one refused meanwhile pushes none to the next page."""
    declare(town)
    found: list[str] = []
    with town.desk.store.write() as unit:
        for number in range(55):
            unit.sources.quarantine(
                [Quarantined(id=0, source=SQUARE, at=NOW, rule=Rule.LATE, detail="", record=b"%d" % number)]
            )
    page = look(kari, "/sources/quarantine?source=square")
    (onward,) = [link.get("href") for link in page.all("a") if link.get("rel") == "next"]
    with town.desk.store.write() as unit:
        unit.sources.quarantine([Quarantined(id=0, source=SQUARE, at=NOW, rule=Rule.LATE, detail="", record=b"new")])
    for one in (page, look(kari, onward)):
        found += [record.words for record in one.all("pre")]
    assert found == [str(number) for number in reversed(range(55))]


@pytest.mark.parametrize(("after", "status"), [("0", 422), ("-3", 422), ("x", 422), (str(2**63), 422), ("1", 200)])
def test_a_place_in_the_quarantine_is_a_number(kari: TestClient, after: str, status: int) -> None:
    """Anything else is refused with words."""
    assert look(kari, f"/sources/quarantine?after={after}", status).words


def once(page: Node) -> str:
    """Return the secret that the page shows once."""
    (shown,) = [node.words for node in page.all("code") if node.get("class") == "once"]
    return shown


def sent(client: TestClient, path: str, status: int = 200, **fields: object) -> Node:
    """Send a form of the page and read the answer, following a redirect."""
    answer = client.post(path, data=fields, follow_redirects=True)
    assert answer.status_code == status, answer.text[:400]
    return read_page(answer.text)


@pytest.mark.parametrize("role", sorted(accounts.PEOPLE))
def test_an_account_of_every_role_can_be_made_and_finds_its_way(town: Town, admin: TestClient, role: Role) -> None:
    """It signs in with its one-time password, and its first page is one it may see."""
    secret = once(sent(admin, "/accounts/add", name="vera", role=role.value, language="it"))
    assert enter(town.visitor(), "vera", secret).headers["location"] == "/sign-in/password"
    first = seat(town, "vera2", role).get("/", follow_redirects=True)
    assert (first.status_code, first.url.path) == (200, "/sources" if role is Role.INTEGRATOR else "/")


def test_the_roles_to_choose_are_the_roles_of_people(admin: TestClient) -> None:
    """Service and platform are nobody's role, and no role is chosen beforehand."""
    options = [option.get("value") for option in by_id(look(admin, "/accounts"), "f-role").all("option")]
    assert options == ["", *sorted(accounts.PEOPLE)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "Adele", "role": "operator"}, "Adele"),
        ({"name": "two words", "role": "operator"}, "name"),
        ({"name": "x" * 33, "role": "operator"}, "name"),
        ({"name": "kari", "role": "king"}, "role"),
        ({"name": "kari", "role": "operator", "language": "xx"}, "language"),
    ],
)
def test_what_cannot_be_added_is_said_on_the_page(
    town: Town, admin: TestClient, fields: dict[str, str], says: str
) -> None:
    """The page stays, with the reason and no secret."""
    answer = admin.post("/accounts/add", data=fields)
    assert 400 <= answer.status_code < 500
    assert says in answer.text
    assert 'class="once"' not in answer.text
    with town.desk.store.read() as unit:
        assert [account.name for account in unit.accounts.all()] == ["Adele"]


def test_an_administrator_cannot_shut_themselves_out(town: Town, admin: TestClient) -> None:
    """The button is not offered, and the form is refused: an administrator always remains."""
    seat(town)
    offered = [
        button.get("aria-label") for button in look(admin, "/accounts").all("button") if button.get("aria-label")
    ]
    assert "Disable: Kari" in offered
    assert "Disable: Adele" not in offered
    assert "your own account" in sent(admin, "/accounts/disable", 403, name="Adele").words
    assert look(admin, "/accounts").words


@pytest.mark.parametrize("act", ["reset", "disable", "enable"])
def test_nothing_is_done_to_nobody(admin: TestClient, act: str) -> None:
    """A name that does not exist is said on the page."""
    assert "nobody here is called" in sent(admin, f"/accounts/{act}", 404, name="nobody").words


def test_the_state_of_each_account_is_in_words(town: Town, admin: TestClient) -> None:
    """Active, with a one-time password, resting after failures, disabled."""
    for name in ("Kari", "Ola"):
        seat(town, name)
    accounts.add(town.desk, CONSOLE, "Per", Role.OPERATOR)
    accounts.disable(town.desk, CONSOLE, "Ola")
    visitor = town.visitor()
    for _ in range(5):
        enter(visitor, "Kari", "wrong")
    states = {cells[0]: cells[2] for cells in rows(look(admin, "/accounts"))}
    assert states["Adele"] == "active"
    assert states["Per"] == "has a one-time password"
    assert states["Ola"] == "disabled since 21 Nov 2026, 13:07:32"
    assert re.fullmatch(r"rests until 13:08:02 after 5 failures", states["Kari"])


def test_a_reset_ends_the_session_and_the_rest(town: Town, admin: TestClient, kari: TestClient) -> None:
    """The old password is worth nothing; the new one opens the door once."""
    secret = once(sent(admin, "/accounts/reset", name="Kari"))
    assert kari.get("/board").status_code == 303
    assert enter(town.visitor(), "Kari", PASSWORD).status_code == 401
    assert enter(town.visitor(), "Kari", secret).headers["location"] == "/sign-in/password"


def test_the_operations_of_a_token_are_the_grantable_ones_in_words(admin: TestClient) -> None:
    """None is ticked, each has a sentence, and judging is not among them."""
    form = forms(look(admin, "/accounts"))["/accounts/tokens/issue"]
    boxes = [box for box in form.all("input") if box.get("type") == "checkbox"]
    assert {box.get("value") for box in boxes} == GRANTABLE
    assert not [box for box in boxes if "checked" in box.attributes]
    assert Operation.ALERTS_TRIAGE not in {box.get("value") for box in boxes}


@pytest.mark.parametrize(
    ("days", "says"), [("0", "good until revoked"), ("1", "good until 22 Nov 2026"), ("3651", ""), ("-1", "")]
)
def test_a_token_says_until_when_it_is_good(admin: TestClient, days: str, says: str) -> None:
    """In days up to ten years; beyond that it is refused."""
    fields = {"name": "reporter", "operations": "alerts.read", "days": days}
    page = sent(admin, "/accounts/tokens/issue", 200 if says else 422, **fields)
    assert says in page.words
    assert any(cells[0] == "reporter" for cells in rows(look(admin, "/accounts"))) is bool(says)


def test_a_token_is_listed_after_its_end_with_how_it_ended(town: Town, admin: TestClient) -> None:
    """Expired and revoked are different sentences; a revoked one has no button left."""
    short, _ = tokens.issue(town.desk, CONSOLE, "short", ["alerts.read"], expires_at=NOW + timedelta(seconds=1))
    long, _ = tokens.issue(town.desk, CONSOLE, "long", ["alerts.read"])
    town.clock.advance(2)
    sent(admin, "/accounts/tokens/revoke", token=long.id)
    page = look(admin, "/accounts")
    states = {cells[0]: cells[3] for cells in rows(page) if cells[0] in {"short", "long"}}
    assert states["short"].startswith("expired")
    assert states["long"].startswith("revoked")
    assert [form.fields["token"] for form in page.all("form") if "token" in form.fields] == [[str(short.id)]]


def test_a_token_that_sends_readings_belongs_to_one_source(town: Town, admin: TestClient) -> None:
    """The sources to choose from are the declared ones."""
    declare(town)
    choices = [option.get("value") for option in by_id(look(admin, "/accounts"), "f-token-source").all("option")]
    assert choices == ["", "square"]
    fields = {"name": "sensor", "operations": "observations.write", "source": "square", "days": "30"}
    assert once(sent(admin, "/accounts/tokens/issue", **fields)).startswith("imp_")
    assert [cells[2] for cells in rows(look(admin, "/accounts")) if cells[0] == "sensor"] == ["square"]


@pytest.mark.parametrize("role", sorted(accounts.PEOPLE - {Role.ADMINISTRATOR}))
def test_accounts_are_an_administrators(town: Town, role: Role) -> None:
    """Everybody else gets neither the page nor the link to it, and no form of it works."""
    client = seat(town, "Vera", role)
    page = look(client, "/accounts", 403)
    assert "/accounts" not in {link.get("href") for link in page.all("a")}
    for act in ("add", "reset", "disable", "enable", "tokens/issue", "tokens/revoke"):
        fields = {"name": "x", "role": "operator", "operations": "alerts.read", "token": "1"}
        assert client.post(f"/accounts/{act}", data=fields).status_code == 403, act
