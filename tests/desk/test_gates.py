"""Gates: who must agree to what, to exactly what, until when; three equal answers; and what a yes is worth later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.gate_samples import LIVE_KINDS, Room, room
from desk.samples import AT
from impetus.core.action import CLASS_RULES, KIND_RULES, ActionEvent, ActionKind, ActionState, deciders_of
from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.ids import ActionId, IncidentId
from impetus.desk import accounts, gate_reading, gates, incidents
from impetus.testing.desk import clock_of

TWO = (ActionKind.EVIDENCE_PACKAGE, ActionKind.PUBLIC_WARNING)


@pytest.fixture
def house() -> Room:
    """Return a control room with ada (operator), sol and siv (supervisors) and eva (executive)."""
    return room()


def test_a_note_needs_nobody_and_stands_in_the_timeline_at_once(house: Room) -> None:
    """Class A: an internal note is the writer's own act."""
    assert house.propose(ActionKind.NOTE).state is ActionState.PERFORMED
    with house.desk.store.read() as unit:
        assert unit.incidents.entries(IncidentId(1))[-1].text == "two exits are blocked"


def test_a_message_takes_one_yes_which_may_be_its_writers_own(house: Room) -> None:
    """Class B: a decision, of somebody who works here; then it stands on the page of who it is for."""
    asked = house.propose(ActionKind.MESSAGE, to="sol, eva")
    assert asked.state is ActionState.PROPOSED
    assert house.approve("ada", asked.id).state is ActionState.PERFORMED
    for name, count in (("sol", 1), ("eva", 1), ("siv", 0), ("ada", 0)):
        assert len(gates.pending(house.desk, house.people[name]).messages) == count, name


def test_an_act_on_a_city_system_takes_one_who_answers_for_it(house: Room) -> None:
    """Class C: an operator may ask; a supervisor or executive decides, once, and then it happens."""
    asked = house.propose(ActionKind.CITY_SYSTEM)
    with pytest.raises(Refused, match=r"ada \(operator\) may not actions\.approve"):
        house.approve("ada", asked.id)
    assert not house.city.performed
    assert house.approve("sol", asked.id).state is ActionState.PERFORMED
    assert [each.what.id for each in house.city.performed] == [asked.id]


@pytest.mark.parametrize("kind", TWO)
def test_what_reaches_far_takes_two_different_people(house: Room, kind: ActionKind) -> None:
    """Classes D and E: one yes is not enough, the same person's second yes is refused, another person's is the last."""
    asked = house.propose(kind)
    assert house.approve("sol", asked.id).state is ActionState.APPROVED
    with pytest.raises(Conflict, match="sol has agreed already"):
        house.approve("sol", asked.id)
    assert house.stored(asked.id).state is ActionState.APPROVED
    assert house.approve("eva", asked.id).state is ActionState.PERFORMED


def test_one_account_under_two_sessions_is_one_person(house: Room) -> None:
    """It is the account that counts, whatever name or session stands beside it."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    twin = replace(house.people["sol"], name="Sol at the other screen")
    with pytest.raises(Conflict, match="has agreed already"):
        gates.approve(house.desk, twin, asked.id, content_hash=house.hash(asked.id))
    assert not house.city.performed


@pytest.mark.parametrize(
    "nobody",
    [
        console(),
        platform("gates"),
        Actor(name="robot", role=Role.SERVICE, operations=frozenset({"actions.approve", "decisions.write"})),
        Actor(name="ghost", role=Role.SUPERVISOR),
        Actor(name="token", role=Role.SUPERVISOR, account=None, operations=frozenset({"actions.approve"})),
    ],
    ids=lambda actor: actor.name,
)
def test_consoles_programs_and_people_without_an_account_decide_nothing(house: Room, nobody: Actor) -> None:
    """Neither proposing nor any answer is theirs, whatever role or operations they come with."""
    asked = house.propose(ActionKind.CITY_SYSTEM)
    shown = house.hash(asked.id)
    for answer in (
        lambda: gates.approve(house.desk, nobody, asked.id, content_hash=shown),
        lambda: gates.decline(house.desk, nobody, asked.id, content_hash=shown, why="no"),
        lambda: gates.lack(house.desk, nobody, asked.id, content_hash=shown, missing="what?"),
        lambda: gates.withdraw(house.desk, nobody, asked.id),
    ):
        with pytest.raises(Refused):
            answer()
    assert house.stored(asked.id).state is ActionState.PROPOSED
    assert not house.city.performed


def test_not_enough_information_is_recorded_and_asks_everybody_again(house: Room) -> None:
    """An answer like yes and no: what is missing stands on the page, and a yes given without it is void."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    assert house.lack("eva", asked.id, "is W2 open?").state is ActionState.PROPOSED
    view = next(view for view in gates.pending(house.desk, house.people["sol"]).yours if view.action.id == asked.id)
    assert view.missing is not None
    assert (view.missing.who, view.missing.text) == ("eva", "is W2 open?")
    assert (view.agreed, view.still) == ((), 2)
    house.approve("eva", asked.id)
    assert house.approve("sol", asked.id).state is ActionState.PERFORMED


def test_changing_it_voids_every_yes(house: Room) -> None:
    """An approval is bound to the words that were approved."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    before = house.hash(asked.id)
    gates.change(
        house.desk,
        house.people["ada"],
        asked.id,
        parameters={"text": "leave to the east", "area": "the square"},
        why="W2 is blocked",
    )
    assert house.hash(asked.id) != before
    with pytest.raises(Conflict, match="is not what you were shown"):
        gates.approve(house.desk, house.people["eva"], asked.id, content_hash=before)
    assert house.approve("eva", asked.id).state is ActionState.APPROVED
    assert not house.city.performed


def test_only_who_proposed_it_changes_or_withdraws_it(house: Room) -> None:
    """Others have three answers; the words stay their author's."""
    asked = house.propose(ActionKind.CITY_SYSTEM)
    for act in (
        lambda who: gates.withdraw(house.desk, who, asked.id),
        lambda who: gates.change(house.desk, who, asked.id, parameters={"command": "x", "until": "y"}, why="z"),
    ):
        with pytest.raises(Refused, match="ada proposed it"):
            act(house.people["sol"])
    assert gates.withdraw(house.desk, house.people["ada"], asked.id).state is ActionState.WITHDRAWN


def test_a_no_ends_it_and_needs_a_reason(house: Room) -> None:
    """Declined is declined, after one yes too; without a reason it is not said."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    with pytest.raises(Malformed, match="the reason is empty"):
        house.decline("eva", asked.id, why=" ")
    assert house.decline("eva", asked.id).state is ActionState.DECLINED
    with pytest.raises(Conflict, match="it was declined"):
        house.approve("siv", asked.id)


@pytest.mark.parametrize("seconds", [0, 1, 86_400])
def test_a_yes_after_the_end_is_none(house: Room, seconds: int) -> None:
    """Whether or not anybody has noted that its time is over, from the very second on."""
    asked = house.propose(ActionKind.CITY_SYSTEM, minutes=10)
    clock_of(house.desk).advance(600 + seconds)
    with pytest.raises(Conflict, match="was over at 21:10:00"):
        house.approve("sol", asked.id)
    assert gates.expire_due(house.desk) == 1
    assert gates.expire_due(house.desk) == 0
    assert house.stored(asked.id).state is ActionState.EXPIRED
    assert not house.city.performed


def test_a_clock_that_goes_back_stops_what_it_overtook(house: Room) -> None:
    """A yes from the future is no prior decision; nothing is done until somebody proposes it at the right time."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    clock_of(house.desk).advance(-60)
    with pytest.raises(Conflict, match="the clock stands at"):
        house.approve("eva", asked.id)
    assert not house.city.performed


def test_a_yes_of_somebody_disabled_since_does_not_count(house: Room) -> None:
    """What a yes is worth is decided when it is used: two more people are needed then."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    accounts.disable(house.desk, console(), "sol")
    assert house.approve("eva", asked.id).state is ActionState.APPROVED
    assert house.approve("siv", asked.id).state is ActionState.PERFORMED
    assert [len(each.persons) for each in house.city.performed] == [2]


@pytest.mark.parametrize("kind", list(KIND_RULES))
def test_what_a_kind_takes_is_written_down(kind: ActionKind) -> None:
    """No kind of class B or above goes without a decision, D and E take two, and somebody decides on each."""
    rule = CLASS_RULES[KIND_RULES[kind].action_class]
    assert rule.persons == {"A": 0, "B": 1, "C": 1, "D": 2, "E": 2}[KIND_RULES[kind].action_class]
    assert bool(deciders_of(kind)) == bool(rule.persons)
    assert not deciders_of(kind) & {Role.SERVICE, Role.PLATFORM, Role.ADMINISTRATOR}
    assert timedelta(0) < rule.longest <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("kind", "minutes", "parameters", "match"),
    [
        (ActionKind.PUBLIC_WARNING, 121, {}, "class E that lasts"),
        (ActionKind.CITY_SYSTEM, 0.4, {}, "class C that lasts"),
        (ActionKind.CITY_SYSTEM, -5, {}, "class C that lasts"),
        (ActionKind.PUBLIC_WARNING, 30, {"area": " "}, "without area"),
        (ActionKind.EVIDENCE_PACKAGE, 30, {"regime": "martial"}, "regime is 'martial'"),
        (ActionKind.EVIDENCE_PACKAGE, 30, {"recipient": ""}, "without recipient"),
        (ActionKind.PUBLIC_WARNING, 30, {"Area": "x"}, "parameters Area"),
        (ActionKind.PUBLIC_WARNING, 30, {f"p{number}": "x" for number in range(30)}, "parameters 32"),
        (ActionKind.PUBLIC_WARNING, 30, {"text": "x" * 2001}, "text has 2001 characters"),
    ],
)
def test_a_proposal_that_lacks_a_part_is_none(
    house: Room, kind: ActionKind, minutes: float, parameters: dict[str, str], match: str
) -> None:
    """Too long, too short, a missing or odd parameter: refused, with what would be right, and nothing stored."""
    with pytest.raises(Malformed, match=match) as refusal:
        house.propose(kind, minutes=minutes, **parameters)
    assert refusal.value.remedy
    with house.desk.store.read() as unit:
        assert unit.actions.find() == ()


def test_what_nothing_here_performs_is_not_proposed(house: Room) -> None:
    """People are not asked to agree to what cannot happen; an identity has a desk of its own."""
    bare = replace(house, desk=replace(house.desk, effectors={}))
    for kind in LIVE_KINDS:
        with pytest.raises(Malformed, match=f"nothing here performs {kind}"):
            bare.propose(kind)
    with pytest.raises(Malformed):
        house.propose(ActionKind.NOTE, text="")


def test_nothing_is_proposed_for_an_incident_that_is_over(house: Room) -> None:
    """It is reopened first, with a reason."""
    incidents.close(house.desk, house.people["ada"], IncidentId(1), outcome="over")
    with pytest.raises(Conflict, match="incident 1 is closed"):
        house.propose(ActionKind.CITY_SYSTEM)


def test_every_step_is_in_the_history_and_in_the_log(house: Room) -> None:
    """Who answered what, to exactly which content; the log says the same without the words of people."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    house.approve("eva", asked.id)
    with house.desk.store.read() as unit:
        entries = unit.actions.entries(asked.id)
    assert [str(entry.event) for entry in entries] == ["propose", "approve", "authorise", "begin", "perform"]
    assert [entry.who for entry in entries] == ["ada", "sol", "eva", "eva", "eva"]
    assert len({entry.content_hash for entry in entries}) == 1
    logged = [record for record in house.desk.journal.records if record.act.startswith("action.")]
    assert [record.act for record in logged] == [
        "action.propose",
        "action.approve",
        "action.authorise",
        "action.begin",
        "action.perform",
    ]
    assert {record.subject for record in logged} == {f"action:{asked.id}"}


def test_a_proposal_that_is_changed_twice_at_once_conflicts(house: Room) -> None:
    """The store takes a change to the version it has, once."""
    asked = house.propose(ActionKind.CITY_SYSTEM)
    with house.desk.store.write() as unit:
        unit.actions.replace(asked)
    with house.desk.store.write() as unit, pytest.raises(Conflict, match="was changed by somebody else"):
        unit.actions.replace(asked)


def test_what_may_be_answered_is_what_would_be_taken(house: Room) -> None:
    """The page offers each person exactly the answers the desk would accept from them."""
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    offered = {name: gate_reading.proposal(house.desk, who, asked.id).may for name, who in house.people.items()}
    three = frozenset({"approve", "decline", "lack"})
    assert offered == {"ada": {"change", "withdraw"}, "sol": three, "siv": three, "eva": three}


def test_the_day_a_proposal_began_is_part_of_what_is_agreed_to(house: Room) -> None:
    """Two proposals with the same words are two: a yes to one is none to the other."""
    first, second = house.propose(ActionKind.CITY_SYSTEM), house.propose(ActionKind.CITY_SYSTEM)
    with pytest.raises(Conflict, match="is not what you were shown"):
        gates.approve(house.desk, house.people["sol"], ActionId(second.id), content_hash=house.hash(first.id))
    assert first.at == AT
    assert ActionEvent.APPROVE in set(ActionEvent)
