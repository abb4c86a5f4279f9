"""Performing: once under double clicks, in time, and at most once when a process dies in the middle."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from desk.gate_samples import Room, room
from desk.samples import AT
from impetus.core.action import Action, ActionKind, ActionState
from impetus.core.actor import platform
from impetus.core.authorised import _SEAL, Authorised
from impetus.core.errors import Conflict, ImpetusError, Malformed, NotNow, OurFault, Refused
from impetus.core.ids import ActionId, IncidentId
from impetus.core.log_record import Processing
from impetus.desk import gate_reading, gates
from impetus.desk.decide import authorise_action
from impetus.desk.effects import OWN_EFFECTORS
from impetus.desk.package import fetch_package
from impetus.desk.perform import GATES, perform, perform_due
from impetus.testing.desk import clock_of
from impetus.testing.effectors import RecordingEffector


class Killed(Exception):
    """The process ended here."""


def dying(house: Room, *, repeatable: bool, after: bool) -> Room:
    """Return the room with an effector under which the process dies once, before or after the effect."""
    deaths = [1]

    def die(authorised: Authorised[Action]) -> None:
        if not deaths:
            return
        deaths.pop()
        if after:
            city.performed.append(authorised)
        raise Killed

    city = RecordingEffector(is_repeatable=repeatable, before=die)
    desk = replace(house.desk, effectors=dict.fromkeys(house.desk.effectors, city))
    return Room(desk=desk, people=house.people, city=city)


def authorised_action(house: Room) -> Action:
    """Return a proposal that enough people agreed to, and whose process died before its effect began."""
    asked = house.propose(ActionKind.CITY_SYSTEM)
    bare = replace(house, desk=replace(house.desk, effectors={}))
    with pytest.raises(Malformed, match="nothing here performs"):
        bare.approve("sol", asked.id)
    assert house.stored(asked.id).state is ActionState.AUTHORISED
    return house.stored(asked.id)


def test_a_second_click_has_no_effect() -> None:
    """The same yes again, and performing again, are refused; the effect happened once."""
    house = room()
    asked = house.propose(ActionKind.CITY_SYSTEM)
    house.approve("sol", asked.id)
    for again in (lambda: house.approve("sol", asked.id), lambda: perform(house.desk, GATES, asked.id)):
        with pytest.raises(Conflict, match=r"it was performed|has agreed already"):
            again()
    assert len(house.city.performed) == 1


def test_two_processes_cannot_both_begin() -> None:
    """The row is there before the effect: who comes second finds it, even with the state put back by force."""
    house = room()
    asked = house.propose(ActionKind.CITY_SYSTEM)
    house.approve("sol", asked.id)
    with house.desk.store.write() as unit:
        unit.actions.replace(replace(unit.actions.get(asked.id), state=ActionState.AUTHORISED))
    with pytest.raises(Conflict, match="was begun already"):
        perform(house.desk, GATES, asked.id)
    assert len(house.city.performed) == 1


@pytest.mark.parametrize("after", [False, True])
def test_what_cannot_be_repeated_happens_at_most_once(*, after: bool) -> None:
    """The process dies around the effect; later nobody tries again, and the page says that nobody knows."""
    house = dying(room(), repeatable=False, after=after)
    asked = house.propose(ActionKind.CITY_SYSTEM)
    with pytest.raises(Killed):
        house.approve("sol", asked.id)
    assert house.stored(asked.id).state is ActionState.PERFORMING
    assert perform_due(house.desk) == 0
    clock_of(house.desk).advance(61)
    assert perform_due(house.desk) == 1
    found = house.stored(asked.id)
    assert (found.state, "nobody knows" in found.receipt) == (ActionState.FAILED, True)
    assert len(house.city.performed) == after


@pytest.mark.parametrize("after", [False, True])
def test_what_may_be_repeated_is_brought_to_its_end_once(*, after: bool) -> None:
    """The effector recognises the key, so trying again is safe, and one effect stands."""
    house = dying(room(), repeatable=True, after=after)
    asked = house.propose(ActionKind.CITY_SYSTEM)
    with pytest.raises(Killed):
        house.approve("sol", asked.id)
    clock_of(house.desk).advance(61)
    assert perform_due(house.desk) == 1
    assert house.stored(asked.id).state is ActionState.PERFORMED
    assert len(house.city.performed) == 1
    assert perform_due(house.desk) == 0


def test_what_is_looked_after_too_late_is_not_tried_again() -> None:
    """The decision is over by then: an effect without a valid decision is worse than none."""
    house = dying(room(), repeatable=True, after=False)
    asked = house.propose(ActionKind.CITY_SYSTEM, minutes=10)
    with pytest.raises(Killed):
        house.approve("sol", asked.id)
    clock_of(house.desk).advance(601)
    assert perform_due(house.desk) == 1
    assert house.stored(asked.id).state is ActionState.FAILED
    assert not house.city.performed


def test_what_was_authorised_and_not_begun_is_performed_later() -> None:
    """The process died between the last yes and the beginning."""
    house = room()
    waiting = authorised_action(house)
    assert perform_due(house.desk) == 1
    assert house.stored(waiting.id).state is ActionState.PERFORMED
    assert len(house.city.performed) == 1


@pytest.mark.parametrize("seconds", [1_800, 86_400, -1])
def test_time_is_checked_when_it_is_performed(seconds: float) -> None:
    """Over, long over, or the clock went back behind the decision: not performed, whatever the state says."""
    house = room()
    waiting = authorised_action(house)
    clock_of(house.desk).advance(seconds)
    assert perform_due(house.desk) == 0
    with pytest.raises((Refused, Conflict)):
        perform(house.desk, GATES, waiting.id)
    assert not house.city.performed


def test_a_changed_word_behind_the_gates_back_is_not_performed() -> None:
    """The yes was to other words: their hash is not the one that was agreed to."""
    house = room()
    waiting = authorised_action(house)
    with house.desk.store.write() as unit:
        unit.actions.replace(replace(waiting, parameters={**waiting.parameters, "command": "open all barriers"}))
    with pytest.raises(Refused, match="not enough people have agreed"):
        perform(house.desk, GATES, waiting.id)
    assert not house.city.performed


def test_a_state_set_by_force_is_not_performed() -> None:
    """Nobody's yes stands in the history, so nothing is authorised by a word in a column."""
    house = room()
    asked = house.propose(ActionKind.PUBLIC_WARNING)
    house.approve("sol", asked.id)
    with house.desk.store.write() as unit:
        unit.actions.replace(replace(unit.actions.get(asked.id), state=ActionState.AUTHORISED))
    with pytest.raises(Refused, match="not enough people have agreed") as refusal:
        perform(house.desk, GATES, asked.id)
    assert "AI Act, article 14" in refusal.value.source
    assert not house.city.performed


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (Malformed("no such sign", remedy="look"), ActionState.FAILED, "no such sign"),
        (NotNow("the sign is busy", retry_after_s=1), ActionState.FAILED, "nobody knows"),
    ],
)
def test_an_effect_that_fails_says_how(error: ImpetusError, state: ActionState, told: str) -> None:
    """The effector's refusal is the receipt; one that cannot tell how it ended is not tried again."""

    def refuse(_authorised: Authorised[Action]) -> None:
        raise error

    house = room()
    city = RecordingEffector(before=refuse)
    house = replace(house, desk=replace(house.desk, effectors=dict.fromkeys(house.desk.effectors, city)))
    asked = house.propose(ActionKind.CITY_SYSTEM)
    found = house.approve("sol", asked.id)
    assert found.state is state
    assert told in found.receipt


def test_exercise_input_has_no_way_to_a_live_effector() -> None:
    """Whatever people agree to in a drill, the city's signs stay as they are; inside the platform it is labelled."""
    house = room()
    with house.desk.store.write() as unit:
        unit.incidents.replace(replace(unit.incidents.get(IncidentId(1)), simulated=True))
    asked = house.propose(ActionKind.CITY_SYSTEM)
    assert asked.simulated
    with pytest.raises(Refused, match="simulated input"):
        house.approve("sol", asked.id)
    assert not house.city.performed
    assert house.propose(ActionKind.NOTE).state is ActionState.PERFORMED


def test_an_authorisation_cannot_be_made_elsewhere() -> None:
    """Neither without the seal, nor by changing one that exists, nor from a stored proposal that nobody agreed to."""
    house = room()
    asked = house.propose(ActionKind.CITY_SYSTEM)
    made = {"what": asked, "decisions": (), "persons": (), "valid_until": AT, "content_hash": "", "key": ""}
    with pytest.raises(OurFault, match=r"in desk\.decide"):
        Authorised(**made, seal=object())
    with pytest.raises(TypeError):
        Authorised(**made)
    genuine = Authorised(**made, seal=_SEAL)
    with pytest.raises((TypeError, ValueError)):
        replace(genuine, key="other")
    with house.desk.store.read() as unit, pytest.raises(Refused):
        authorise_action(unit, asked, at=AT)


@pytest.mark.parametrize("kind", [ActionKind.NOTE, ActionKind.MESSAGE, ActionKind.EVIDENCE_PACKAGE])
def test_our_own_effects_stand_once_however_often_they_are_tried(kind: ActionKind) -> None:
    """A note, a message and a package are recognised by the action's number when a try is repeated."""
    house = room()
    asked = house.propose(kind)
    for name in ("sol", "eva")[: asked.rule.persons]:
        house.approve(name, asked.id)
    with house.desk.store.read() as unit:
        lines = unit.incidents.entries(IncidentId(1))
        again = authorise_action(unit, unit.actions.get(asked.id), at=house.desk.clock.now())
    assert OWN_EFFECTORS[kind](house.desk).perform(again).succeeded
    with house.desk.store.read() as unit:
        assert unit.incidents.entries(IncidentId(1)) == lines
        assert [str(entry.event) for entry in unit.actions.entries(asked.id)].count("deliver") <= 1


def packed(house: Room) -> tuple[ActionId, Callable[[], bytes]]:
    """Return a package that two people decided on, and how sol fetches it."""
    asked = house.propose(ActionKind.EVIDENCE_PACKAGE)
    house.approve("sol", asked.id)
    house.approve("eva", asked.id)
    return asked.id, lambda: fetch_package(house.desk, house.people["sol"], asked.id)


def test_a_package_explains_itself_and_can_be_checked_with_common_tools() -> None:
    """A page that names the standards, the alert, the incident, who decided, and sums over every file."""
    house = room()
    number, fetch = packed(house)
    archive = zipfile.ZipFile(io.BytesIO(fetch()))
    names = set(archive.namelist())
    assert names >= {"README.txt", "package.json", "incident.json", "alerts/1.json", "log.jsonl", "SHA256SUMS"}
    for line in archive.read("SHA256SUMS").decode().splitlines():
        digest, _, name = line.partition("  ")
        assert sha256(archive.read(name)).hexdigest() == digest
        names.discard(name)
    assert names == {"SHA256SUMS"}
    readme = archive.read("README.txt").decode()
    for told in ("district police", "(EU) 2016/680", "RFC 6962", "RFC 4180", "People are masked"):
        assert told in readme
    package = json.loads(archive.read("package.json"))
    assert [entry["who"] for entry in package["history"] if entry["event"] in ("approve", "authorise")] == [
        "sol",
        "eva",
    ]
    assert package["content_sha256"] == house.hash(number)


def test_handing_a_package_over_is_in_the_disclosure_ledger() -> None:
    """Made and fetched: each is a line with the recipient, the law, the reason and the case."""
    house = room()
    number, fetch = packed(house)
    fetch()
    disclosed = [record for record in house.desk.journal.records if record.processing is Processing.DISCLOSURE]
    assert {record.act for record in disclosed} >= {"action.perform", "action.fetch"}
    for record in disclosed:
        assert (record.recipient, record.regime, record.case) == ("district police", "led", "1")
        assert record.subject == f"action:{number}"
        assert record.why


def test_a_package_is_fetched_only_after_two_people_decided() -> None:
    """Before that there is nothing to fetch, and afterwards not for everybody."""
    house = room()
    asked = house.propose(ActionKind.EVIDENCE_PACKAGE)
    with pytest.raises(Conflict, match="is proposed"):
        fetch_package(house.desk, house.people["sol"], asked.id)
    number, _ = packed(house)
    with pytest.raises(Refused):
        fetch_package(house.desk, platform("gates"), number)


def test_a_message_stays_until_it_is_read_and_not_longer_than_a_shift() -> None:
    """Read once, gone from that page only; unread, gone after twelve hours."""
    house = room()
    asked = house.propose(ActionKind.MESSAGE, to="sol, eva")
    house.approve("ada", asked.id)
    gate_reading.read_message(house.desk, house.people["sol"], asked.id)
    gate_reading.read_message(house.desk, house.people["sol"], asked.id)
    assert [gate_reading.waiting_for(house.desk, house.people[name]) for name in ("sol", "eva")] == [0, 1]
    clock_of(house.desk).advance(12 * 3600 + 1)
    assert gate_reading.waiting_for(house.desk, house.people["eva"]) == 0


def test_a_message_to_a_stranger_reaches_nobody() -> None:
    """One unknown name: nobody gets half of it, and the proposal says why it failed."""
    house = room()
    asked = house.propose(ActionKind.MESSAGE, to="sol, nemo")
    found = house.approve("ada", asked.id)
    assert (found.state, found.receipt) == (ActionState.FAILED, "nobody here is called nemo")
    assert gates.pending(house.desk, house.people["sol"]).count == 0
