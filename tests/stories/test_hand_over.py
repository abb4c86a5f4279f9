"""A shift ends: two operators and a supervisor hand over what is open, and nothing falls between two chairs."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from impetus.core.actor import Role, console
from impetus.core.alert import AlertState, Verdict
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.core.incident import IncidentState
from impetus.desk import accounts, read
from impetus.ports import AlertQuery
from stories.people import Person
from stories.story import Act, Story
from stories.words import alert, history, incident, is_nobodys, nothing_published, noticed, refused

NEW, HELD, OFFERED = AlertState.NEW, AlertState.HELD, AlertState.OFFERED


def about(number: int) -> Act:
    """Let the story be about this alert from now on."""
    return Act(says=f"(alert {number})", does=lambda story: setattr(story, "alert_id", AlertId(number)))


def owned_by(story: Story, person: Person) -> list[int]:
    """Return the numbers of the alerts somebody holds, as their own list shows them."""
    return sorted(each.id for each in read.list_alerts(story.desk, person.actor, AlertQuery(owner=person.name)).items)


@pytest.fixture
def busy(story: Story, people: SimpleNamespace) -> Story:
    """Return an evening on which ada holds three alerts far apart and an incident from the third."""
    for name in ("north", "south", "quay"):
        story >> noticed(f"many people {name}", subject=f"zone:{name}", point=None) >> people.ada.acknowledges()
    return story >> people.ada.opens_incident("Crowd at the quay")


def test_everything_is_handed_over_piece_by_piece(busy: Story, people: SimpleNamespace) -> None:
    """Until bo says yes to each, each is ada's; at the end bo has all and ada has nothing."""
    assert owned_by(busy, people.ada) == [1, 2, 3]
    for number in (1, 2, 3):
        busy >> about(number) >> people.ada.hands_to(people.bo) << alert(state=OFFERED, owner="ada", sound=True)
    assert owned_by(busy, people.ada) == [1, 2, 3]
    for number in (1, 2, 3):
        busy >> about(number) >> people.bo.accepts() << alert(state=HELD, owner="bo", sound=False)
    busy >> people.ada.hands_incident_to(people.bo) << incident(IncidentState.OFFERED, owner="ada")
    busy >> people.bo.accepts_incident() << incident(IncidentState.OPEN, owner="bo")
    assert (owned_by(busy, people.ada), owned_by(busy, people.bo)) == ([], [1, 2, 3])


def test_one_piece_is_declined_and_the_rest_goes(busy: Story, people: SimpleNamespace) -> None:
    """Bo takes two, says why not the third, and ada keeps it and hears so."""
    for number in (1, 2, 3):
        busy >> about(number) >> people.ada.hands_to(people.bo)
    busy >> about(1) >> people.bo.accepts() >> about(2) >> people.bo.accepts()
    busy >> about(3) >> people.bo.declines("the quay is sol's tonight") << alert(state=HELD, owner="ada", sound=True)
    with busy.desk.store.read() as unit:
        assert unit.alerts.entries(AlertId(3))[-1].why == "the quay is sol's tonight"
    assert (owned_by(busy, people.ada), owned_by(busy, people.bo)) == ([3], [1, 2])


def test_a_supervisor_clears_up_after_somebody_who_went_home(busy: Story, people: SimpleNamespace) -> None:
    """Ada left without handing over: bo may not take what is hers, sol hands it on in her place, and it is written who did."""
    busy >> about(1) >> people.bo.closes() << refused("only the owner or a supervisor", "ada") << nothing_published()
    busy >> people.sol.hands_to(people.bo) << alert(state=OFFERED, owner="ada")
    busy >> people.bo.accepts() << alert(state=HELD, owner="bo")
    busy << history("raise", "acknowledge", "offer", "accept")
    with busy.desk.store.read() as unit:
        assert [entry.who for entry in unit.alerts.entries(AlertId(1))] == ["platform:fusion", "ada", "sol", "bo"]


def test_an_offer_nobody_answered_is_taken_back_by_the_supervisor(busy: Story, people: SimpleNamespace) -> None:
    """Bo never came: sol undoes the question, and gives the alert to nobody by undoing once more."""
    busy >> about(2) >> people.ada.hands_to(people.bo)
    busy >> people.sol.undoes() << alert(state=HELD, owner="ada")
    busy >> people.sol.undoes() << alert(state=NEW) << is_nobodys()
    busy >> people.bo.accepts() << refused("was not handed to anybody")
    busy >> people.bo.acknowledges() << alert(state=HELD, owner="bo")


def test_it_gets_worse_while_it_is_being_handed_over(busy: Story, people: SimpleNamespace) -> None:
    """Both are told aloud, the question stands, and who accepts knows what they take."""
    busy >> about(1) >> people.ada.hands_to(people.bo) >> people.bo.sees()
    busy >> noticed("a crush", subject="zone:north", point=None, severity=Severity.EXTREME)
    busy << alert("a crush", state=OFFERED, owner="ada", severity=Severity.EXTREME, sound=True)
    busy >> people.bo.accepts() << refused("changed since you saw it", "worsen") << nothing_published()
    busy >> people.bo.sees() >> people.bo.accepts() << alert(state=HELD, owner="bo")


def test_work_cannot_be_handed_to_somebody_who_left_for_good(busy: Story, people: SimpleNamespace) -> None:
    """Bo's account is disabled between the question and the answer: a new question to bo finds nobody."""
    accounts.disable(busy.desk, console(), "bo")
    busy >> about(1) >> people.ada.hands_to(people.bo) << refused("nobody here is called 'bo'") << nothing_published()
    assert read.colleagues(busy.desk, people.ada.actor) == ("sol",)


def test_an_executive_can_be_told_and_cannot_be_handed(busy: Story, people: SimpleNamespace) -> None:
    """She takes the decisions only she may take; the work stays with those on duty."""
    chief = Person(actor=busy.person("chief", Role.EXECUTIVE))
    busy >> people.ada.hands_to(chief) << refused("chief (executive) may not take it")
    busy >> chief.decides("evacuate", "wait", reason="the quay may break") << incident(IncidentState.OPEN, owner="ada")
    busy >> chief.notes("mine") << refused("chief (executive) may not incidents.write")


def test_the_same_name_in_another_role_is_another_person(busy: Story, people: SimpleNamespace) -> None:
    """A session from before bo became an auditor does not keep an operator's powers: the role decides each time."""
    demoted = Person(actor=replace(people.bo.actor, role=Role.AUDITOR))
    busy >> noticed("smoke", subject="zone:east", point=None)
    busy >> demoted.acknowledges() << refused("auditor: sees what was done and changes nothing")
    busy >> people.bo.acknowledges() << alert(state=HELD, owner="bo")


def test_at_the_end_of_the_shift_all_is_judged_and_closed(busy: Story, people: SimpleNamespace) -> None:
    """Three verdicts, an outcome, and an empty list; the count of open alerts is nought."""
    for number, verdict in ((1, Verdict.CONFIRMED), (2, Verdict.FALSE_ALARM), (3, Verdict.EXERCISE)):
        busy >> about(number) >> people.ada.assesses(verdict) >> people.ada.closes()
    busy >> people.ada.closes_incident("an exercise of the fire brigade") << incident(IncidentState.CLOSED)
    assert owned_by(busy, people.ada) == []
    assert sum(read.picture(busy.desk, people.sol.actor).counts.values()) == 0
