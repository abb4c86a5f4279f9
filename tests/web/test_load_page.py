"""The page of a seat's alarm load, and the forms of planned works and exceptions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.attention import Because
from impetus.core.finding import Severity
from impetus.desk import alarm_load, flood, planned_works
from page_reader import forms, unlabelled
from seats import act, actor, look, seat
from town import Town

Raise = Callable[..., Alert]
WORKS = {"title": "Digging at the quay", "why": "the counters will see the diggers", "hours": 4, "zone": "quay"}


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sol(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sol", Role.SUPERVISOR)


def call(town: Town, *alerts: Alert) -> None:
    """Let alerts ask, and ask whom it is time to ask."""
    with town.desk.store.write() as unit:
        for alert in alerts:
            flood.call(unit, alert, town.desk.clock.now(), because=Because.NEW)
        flood.attend(unit, town.desk.clock.now())


def test_a_card_stands_on_the_page_with_every_alert_a_link(town: Town, kari: TestClient, raised: Raise) -> None:
    """Two alerts on one card: each can be opened, whether by its headline or behind the count."""
    alarm_load.sit(town.desk, actor(town))
    one, two = raised(), raised()
    call(town, one, two)
    page = look(kari, "/load")
    links = {node.get("href") for node in page.all("a")}
    assert {f"/alerts/{one.id}", f"/alerts/{two.id}"} <= links
    assert "1 of 10" in page.words
    assert unlabelled(page) == []


def test_nothing_asked_is_said_so_and_limits_are_written_down(kari: TestClient) -> None:
    """An empty page says what it looked at, and what everybody may rely on."""
    words = look(kari, "/load").words
    for said in ("0 of 10", "Nothing waits", "No works are planned", "before somebody in 1 min", "80 % is wanted"):
        assert said in words


def test_the_bar_tells_a_seat_its_own_load(town: Town, kari: TestClient, sol: TestClient, raised: Raise) -> None:
    """A card for Kari is not one for Sol."""
    alarm_load.sit(town.desk, actor(town))
    call(town, raised())
    assert "1 / 10 min" in look(kari, "/bar").words
    assert "0 / 10 min" in look(sol, "/bar").words


def test_a_supervisor_plans_works_and_ends_them(town: Town, sol: TestClient) -> None:
    """The form comes back to the page, where the works stand with their reason and can be ended."""
    status, said = act(sol, "/load/works", **WORKS)
    assert (status, said["said"]) == (200, "Planned; what the works raise is put aside until they end")
    page = look(sol, "/load")
    assert "Digging at the quay" in page.words
    assert "0 alerts put aside" in page.words
    assert act(sol, "/load/works/1/end")[0] == 200
    assert "ended early" in look(sol, "/load").words
    assert act(sol, "/load/works/1/end")[0] == 409


def test_an_operator_sees_works_and_plans_none(kari: TestClient, sol: TestClient) -> None:
    """What is put aside is everybody's to see and a supervisor's to decide."""
    act(sol, "/load/works", **WORKS)
    assert "Digging at the quay" in look(kari, "/load").words
    assert not [action for action in forms(look(kari, "/load")) if action.startswith("/load")]
    assert act(kari, "/load/works", **WORKS)[0] == 403


def test_an_exception_that_ran_out_asks_to_be_read(town: Town, kari: TestClient, sol: TestClient) -> None:
    """Until somebody says so, it stands there; then it says so no longer."""
    assert act(sol, "/load/exceptions", **{**WORKS, "hours": 1, "owner": "Sol", "up_to": "minor"})[0] == 200
    town.clock.advance(timedelta(minutes=70).total_seconds())
    page = look(kari, "/load")
    assert "ran out" in page.words
    assert "/load/exceptions/1/review" in forms(page)
    assert act(kari, "/load/exceptions/1/review")[0] == 200
    assert "/load/exceptions/1/review" not in forms(look(kari, "/load"))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"up_to": "extreme"}, 400),
        ({"zone": ""}, 400),
        ({"kind": "rumour"}, 400),
        ({"hours": 400}, 400),
        ({"up_to": "huge"}, 422),
        ({"hours": 0}, 422),
        ({"why": " "}, 400),
    ],
)
def test_a_rule_that_may_not_stand_is_refused_with_the_reason(
    sol: TestClient, changes: dict[str, object], status: int
) -> None:
    """About everything, about the extreme, for too long, about nothing there is, without a reason."""
    answered, problem = act(sol, "/load/works", **{**WORKS, **changes})
    assert answered == status
    assert problem["detail"]


def test_who_has_no_seat_sees_no_load(town: Town) -> None:
    """An analyst's bar shows a meter and no link; the page refuses."""
    analyst = seat(town, "Ann", Role.ANALYST)
    assert "/load" not in {node.get("href") for node in look(analyst, "/bar").all("a")}
    assert look(analyst, "/load", 403).words


def test_what_waits_is_visible_before_its_card_goes_out(town: Town, kari: TestClient, raised: Raise) -> None:
    """An alert nobody was asked about yet stands on the page under its own headline."""
    alert = raised(severity=Severity.EXTREME)
    with town.desk.store.write() as unit:
        flood.call(unit, alert, town.desk.clock.now(), because=Because.NEW)
    page = look(kari, "/load")
    assert f"/alerts/{alert.id}" in {node.get("href") for node in page.all("a")}
    assert "Extreme" in page.words


def test_the_worst_stand_by_their_headlines_and_the_rest_behind_a_count(
    town: Town, kari: TestClient, raised: Raise
) -> None:
    """Three of a place on one card: the severe one first, and all three can be opened."""
    alarm_load.sit(town.desk, actor(town))
    call(town, raised())
    three = [raised(severity=severity) for severity in (Severity.MINOR, Severity.SEVERE, Severity.MODERATE)]
    call(town, *three)
    town.clock.advance(60)
    assert flood.tend(town.desk) == 1
    page = look(kari, "/load")
    assert {f"/alerts/{each.id}" for each in three} <= {node.get("href") for node in page.all("a")}
    assert "2 of 10" in page.words
    assert unlabelled(page) == []


def test_another_seats_cards_stand_on_no_page_but_its_own(town: Town, kari: TestClient, raised: Raise) -> None:
    """Kari was asked; Ola's page says nothing was, and links to nothing of hers."""
    alarm_load.sit(town.desk, actor(town))
    alert = raised()
    call(town, alert)
    olas, karis = (next(look(who, "/load").all("main")) for who in (seat(town, "Ola"), kari))
    assert "0 of 10" in olas.words
    assert f"/alerts/{alert.id}" not in {node.get("href") for node in olas.all("a")}
    assert f"/alerts/{alert.id}" in {node.get("href") for node in karis.all("a")}


def test_an_exception_stands_with_its_owner_and_is_ended(sol: TestClient) -> None:
    """In the name of whoever answers for it, else of who made it; nobody unknown; ended once."""
    fields = {**WORKS, "title": "The old pump", "up_to": "minor"}
    assert act(sol, "/load/exceptions", **fields, owner="")[0] == 200
    assert "The old pump" in look(sol, "/load").words
    assert act(sol, "/load/exceptions", **fields, owner="Nobody")[0] == 404
    assert act(sol, "/load/exceptions/1/end")[0] == 200
    assert act(sol, "/load/exceptions/1/end")[0] == 409
    assert act(sol, "/load/works/1/end")[0] == 404


@pytest.mark.parametrize(
    "path", ["/load/works/0/end", "/load/works/x/end", "/load/exceptions/9223372036854775808/review"]
)
def test_a_number_that_can_be_no_rule_is_refused(sol: TestClient, path: str) -> None:
    """Before anything is looked up."""
    assert act(sol, path)[0] == 422


def test_works_for_later_are_planned_and_put_nothing_aside_yet(town: Town, sol: TestClient) -> None:
    """Two hours ahead for one hour: they begin then, and are over an hour later."""
    assert act(sol, "/load/works", **{**WORKS, "minutes": 120, "hours": 1})[0] == 200
    (planned,) = planned_works.works(town.desk, actor(town, "Sol"))
    begins = town.desk.clock.now() + timedelta(hours=2)
    assert (planned.is_in_force, planned.rule.since, planned.rule.until - begins) == (False, begins, timedelta(hours=1))
    town.clock.advance(7200)
    assert planned_works.works(town.desk, actor(town, "Sol"))[0].is_in_force
    town.clock.advance(3600)
    assert not planned_works.works(town.desk, actor(town, "Sol"))[0].is_in_force


def test_what_a_form_leaves_empty_does_not_matter_for_the_match(town: Town, sol: TestClient) -> None:
    """Spaces around a name are none of it, and an empty field is no part of the rule."""
    assert act(sol, "/load/works", **{**WORKS, "zone": " ", "tool": " noise ", "kind": "fault"})[0] == 200
    (planned,) = planned_works.works(town.desk, actor(town, "Sol"))
    rule = planned.rule
    assert (rule.zone, rule.tool, rule.alert_kind, rule.source, rule.subject) == (None, "noise", "fault", None, None)
