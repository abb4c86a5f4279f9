"""What is in a share and what never is, part by part; and a package is about exactly what people agreed to."""

import json
import re
from dataclasses import replace

import pytest

from desk.gate_samples import Room, room
from impetus.core.access import Regime
from impetus.core.action import ActionKind, ActionState
from impetus.core.ids import AlertId, IncidentId, ShareId
from impetus.core.incident import IncidentEntry
from impetus.core.situation import ObjectiveEvent, SharePart, TaskEvent
from impetus.desk import incidents, links, methane, objectives, shares
from impetus.desk.decide import decide
from impetus.desk.links import End
from impetus.desk.share_package import share_document

ONE = IncidentId(1)
PARTS = list(SharePart)


@pytest.fixture
def house() -> Room:
    """Return a control room whose incident 1 is shared in every part with the fire brigade."""
    house = room()
    sol = house.people["sol"]
    shares.share_incident(house.desk, sol, ONE, agency="Fire", regime=Regime.GDPR, parts=PARTS, why="sol asks")
    return house


def told(house: Room, *parts: SharePart) -> dict[str, object]:
    """Return what they would get now of these parts, of all when none is named."""
    with house.desk.store.read() as unit:
        share = unit.shares.get(ShareId(1))
        chosen = frozenset(part.value for part in parts) if parts else share.parts
        document = json.loads(json.dumps(share_document(house.desk, unit, replace(share, parts=chosen))))
    assert isinstance(document, dict)
    return document


def items(house: Room, part: SharePart) -> list[dict[str, object]]:
    """Return the items of one part."""
    found = told(house, part)[part.value]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("part", PARTS)
def test_only_the_chosen_part_is_there(house: Room, part: SharePart) -> None:
    """Beside what names the share and the tasks."""
    assert set(told(house, part)) & set(PARTS) == {part}


@pytest.mark.parametrize("part", [part for part in PARTS if part is not SharePart.SUMMARY])
def test_every_item_says_when_and_which_it_is(house: Room, part: SharePart) -> None:
    """Provenance: its number or letter here, and its time."""
    ada = house.people["ada"]
    methane.save_methane(house.desk, ada, ONE, {"type": "fire"}, base=0)
    objectives.set_objective(house.desk, ada, ONE, "keep E1 free")
    objectives.set_sector(house.desk, ada, ONE, "North", holder="Crew 1")
    decide(house.desk, ada, ONE, seen="x", options=["a", "b"], choice="a", reason="y")
    found = items(house, part)
    assert found
    for item in found:
        assert item.get("number") or item.get("letter"), item
        assert re.fullmatch(r"2026-03-14T21:00:00Z", str(item.get("at") or item.get("began"))), item


def test_ended_things_are_told_as_they_stand(house: Room) -> None:
    """A met objective is met; a sector nobody holds is none; a struck decision says so."""
    ada = house.people["ada"]
    made = objectives.set_objective(house.desk, ada, ONE, "keep E1 free")
    objectives.move_objective(house.desk, ada, ONE, made.id, ObjectiveEvent.MEET)
    sector = objectives.set_sector(house.desk, ada, ONE, "North", holder="Crew 1")
    objectives.give_up_sector(house.desk, ada, ONE, sector.id)
    for corrects in (None, 1):
        decide(house.desk, ada, ONE, seen="x", options=["a", "b"], choice="a", reason="y", corrects=corrects)
    assert [item["state"] for item in items(house, SharePart.OBJECTIVES)] == ["met"]
    assert items(house, SharePart.SECTORS) == []
    assert [item["is_struck"] for item in items(house, SharePart.DECISIONS)] == [True, False]


@pytest.mark.parametrize(
    "event",
    ["reveal.ask", "identity.show", "share.share", "link.link", "load.wait", "notice.send", "offer", "secret"],
)
def test_what_is_ours_alone_is_no_line_of_theirs(house: Room, event: str) -> None:
    """Groups that are not named as theirs stay here, known or new."""
    entry = IncidentEntry(incident=ONE, at=house.desk.clock.now(), event=event, who="ada", text="not for them")
    with house.desk.store.write() as unit:
        unit.incidents.record(entry)
    assert "not for them" not in json.dumps(told(house))


@pytest.mark.parametrize("event", ["playbook.finish", "methane.declare", "objective.set", "sector.set", "effect.begin"])
def test_what_was_done_is_a_line_of_theirs(house: Room, event: str) -> None:
    """So that they know what was done, and by nobody by name."""
    entry = IncidentEntry(incident=ONE, at=house.desk.clock.now(), event=event, who="ada", text="ada did it")
    with house.desk.store.write() as unit:
        unit.incidents.record(entry)
    assert items(house, SharePart.TIMELINE)[-1]["text"] == "one of our staff did it"


def test_links_and_other_shares_are_not_told(house: Room) -> None:
    """Who else is told, and what it belongs to, is not theirs to know."""
    ada, sol = house.people["ada"], house.people["sol"]
    shares.share_incident(house.desk, sol, ONE, agency="Secret service", regime=Regime.LED, parts=PARTS, why="x")
    links.link(house.desk, ada, End(incident=ONE), End(alert=AlertId(1)), links.LinkKind.CAUSE, why="hidden link")
    words = json.dumps(told(house))
    assert "Secret service" not in words
    assert "hidden link" not in words


def test_tasks_go_with_every_package_but_those_that_were_withdrawn(house: Room) -> None:
    """Whatever parts were chosen: what they are asked is theirs."""
    ada = house.people["ada"]
    shares.ask_task(house.desk, ada, ShareId(1), "bring foam")
    gone = shares.ask_task(house.desk, ada, ShareId(1), "bring boats")
    shares.move_task(house.desk, ada, gone.id, TaskEvent.WITHDRAW)
    tasks = told(house, SharePart.SUMMARY)["tasks"]
    assert tasks == [{"task": 1, "text": "bring foam", "asked": "2026-03-14T21:00:00Z", "state": "asked"}]


def test_letters_that_do_not_print_do_not_go(house: Room) -> None:
    """Their reader refuses control characters; our writer sends none."""
    incidents.note(house.desk, house.people["ada"], ONE, "one\ttwo\u200b three")
    assert items(house, SharePart.TIMELINE)[-1]["text"] == "one two three"


@pytest.mark.parametrize(
    "wrong",
    [{"share": "99"}, {"share": "x"}, {"recipient": "Somebody else"}],
)
def test_a_package_about_no_standing_share_of_theirs_is_not_made(house: Room, wrong: dict[str, str]) -> None:
    """Another number, no number, another recipient: people agreed, and still nothing goes out."""
    parameters = {"share": "1", "recipient": "Fire", "regime": "gdpr", "parts": "summary", **wrong}
    asked = house.propose(ActionKind.EVIDENCE_PACKAGE, **parameters)
    house.approve("sol", asked.id)
    assert house.approve("eva", asked.id).state is ActionState.FAILED


def test_an_incidents_share_is_not_another_incidents_package(house: Room) -> None:
    """The share's incident and the proposal's must be one."""
    sol = house.people["sol"]
    incidents.leave(house.desk, house.people["ada"], ONE, AlertId(1))
    two = incidents.open_incident(house.desk, sol, "Other", [AlertId(1)])
    share = shares.share_incident(house.desk, sol, two.id, agency="Fire", regime=Regime.GDPR, parts=PARTS, why="x")
    asked = house.propose(
        ActionKind.EVIDENCE_PACKAGE, share=str(share.id), recipient="Fire", regime="gdpr", parts="summary"
    )
    house.approve("sol", asked.id)
    assert house.approve("eva", asked.id).state is ActionState.FAILED
