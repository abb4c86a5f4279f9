"""The workers' page: for everybody who signs in, in plain words, with this installation's own values."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from impetus.core.actor import Role
from impetus.core.alert import Alert, Verdict
from impetus.core.finding import Severity
from impetus.core.register import Answer
from impetus.desk import plants, triage
from page_reader import by_id, forms, unlabelled
from seats import act, actor, look, seat
from town import Town

PEOPLE = sorted(set(Role) - {Role.SERVICE, Role.PLATFORM})


@pytest.mark.parametrize("role", PEOPLE)
def test_every_person_sees_what_is_recorded_about_them(town: Town, role: Role) -> None:
    """Whatever their role; the same page for all."""
    words = look(seat(town, "Vera", role), "/workers").words
    for told in ("What is recorded about you", "Your account", "What is never recorded", "AI Act, article 26(7)"):
        assert told in words


def test_the_times_are_those_this_installation_runs_with(town: Town) -> None:
    """Live values: the settings, not a leaflet."""
    words = look(seat(town), "/workers").words
    assert f"{town.settings.alerts_days} days after the alert was closed" in words
    assert f"your name for {town.settings.access_days} days" in words


def test_figures_of_fewer_than_five_are_withheld_and_said_so(town: Town) -> None:
    """A figure of two people would be about one of them."""
    assert "Withheld: fewer than 5 different people" in by_id_text(town)


def by_id_text(town: Town) -> str:
    """Return the words of the panel of figures."""
    return look(seat(town), "/workers").words


def test_a_missing_works_council_record_is_said_to_be_missing(town: Town) -> None:
    """Nobody can believe it was done when it was not; once written down, it stands there with name and date."""
    kari = seat(town)
    assert "Nobody has written down yet" in look(kari, "/workers").words
    with town.desk.store.write() as unit:
        unit.register.answer(
            Answer(
                id=0,
                tool="site",
                question="voices.workers",
                text="The works council was told on 3 November.",
                who="Dag",
                at=town.desk.clock.now(),
            )
        )
    words = look(kari, "/workers").words
    assert "The works council was told on 3 November." in words
    assert "Nobody has written down yet" not in words


def test_test_alerts_are_announced(town: Town) -> None:
    """That they exist, what happens and what is kept: told beforehand, to everybody."""
    words = look(seat(town), "/workers").words
    assert "a supervisor plants a test" in words
    assert "Nobody's name is kept" in words


@pytest.fixture
def closed(town: Town, raised: Callable[..., Alert]) -> Alert:
    """Return a closed false alarm of Kari's."""
    seat(town)
    alert = raised(severity=Severity.MODERATE, simulated=False)
    triage.assess(town.desk, actor(town), alert.id, verdict=Verdict.FALSE_ALARM)
    return triage.close(town.desk, actor(town), alert.id)


def test_a_supervisor_plans_a_test_and_an_operator_cannot(town: Town, closed: Alert) -> None:
    """The page offers closed alerts whose truth is known, none preselected; others are refused."""
    sol = seat(town, "Sol", Role.SUPERVISOR)
    page = look(sol, "/plants")
    assert forms(page)["/plants"].fields["alert"] == [""]
    assert unlabelled(page) == []
    assert act(sol, "/plants", alert=closed.id, minutes=10, why="monthly")[0] == 200
    assert "waits" in look(sol, "/plants").words
    look(seat(town, "Odd"), "/plants", status=403)


def test_a_planted_alert_is_not_marked_until_it_is_judged(town: Town, closed: Alert) -> None:
    """On the alert's page: nothing violet before, everything said after."""
    sol = seat(town, "Sol", Role.SUPERVISOR)
    at = town.desk.clock.now()
    plants.plan(town.desk, actor(town, "Sol"), closed.id, due=at, why="monthly")
    assert plants.tend(town.desk) == 1
    number = next(plant.alert for plant in plants.plants(town.desk, actor(town, "Sol")))
    odd = seat(town, "Odd")
    assert "Simulated" not in by_id(look(odd, f"/alerts/{number}"), "alert-head").words
    status, said = act(odd, f"/alerts/{number}/assess", verdict="false_alarm")
    assert status == 200
    assert "was a planted test" in said["said"]
    page = look(odd, f"/alerts/{number}")
    assert "Simulated" in by_id(page, "alert-head").words
    assert "planted test" in page.words
    assert timedelta(0) <= town.desk.clock.now() - at
    assert "False alarm" in look(sol, "/plants").words


@pytest.mark.parametrize("path", ["/alerts/1/explanation", "/alerts/1/explanation.txt", "/api/v1/alerts/1/explanation"])
def test_an_alert_is_explained_on_a_page_as_text_and_through_the_api(town: Town, closed: Alert, path: str) -> None:
    """The same questions in all three."""
    answer = seat(town, "Vera", Role.AUDITOR).get(path)
    assert answer.status_code == 200
    for question in ("Which tool said it", "Who judged it", "What it does not mean"):
        assert question in answer.text


def test_a_tool_name_leads_from_the_explanation_to_the_register(town: Town, closed: Alert) -> None:
    """By what right it watches stands one click away."""
    page = look(seat(town, "Vera", Role.DPO), "/alerts/1/explanation")
    assert any(link.get("href").startswith("/ethics/register/") for link in page.all("a"))
