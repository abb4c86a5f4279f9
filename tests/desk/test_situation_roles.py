"""Every use case of an incident's situation against every role: who may not is told why, and nothing happens for them."""

from collections.abc import Callable, Mapping

import pytest

from desk.gate_samples import room
from impetus.core.access import Regime
from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused
from impetus.core.ids import AlertId, IncidentId, LinkId, ObjectiveId, SectorId, ShareId, TaskId
from impetus.core.situation import LinkKind, ObjectiveEvent, SharePart, TaskEvent
from impetus.desk import decision_log, links, methane, objectives, shares, shares_received
from impetus.desk.context import Desk
from impetus.desk.links import End
from impetus.ethics.guard import MATRIX, Operation

ONE, TWO = IncidentId(1), IncidentId(2)
UseCase = Callable[[Desk, Actor], object]
LOOKS: Mapping[str, UseCase] = {
    "methane_view": lambda desk, who: methane.methane_view(desk, who, ONE),
    "situation_view": lambda desk, who: objectives.situation_view(desk, who, ONE),
    "who_holds_what": lambda desk, who: objectives.who_holds_what(desk, who, ONE),
    "links_view": lambda desk, who: links.links_view(desk, who, ONE),
    "shares_view": lambda desk, who: shares.shares_view(desk, who, ONE),
    "decision_log": lambda desk, who: decision_log.decision_log(desk, who, ONE),
}
WRITES: Mapping[str, UseCase] = {
    "save_methane": lambda desk, who: methane.save_methane(desk, who, ONE, {"type": "fire"}, base=0),
    "settle_methane": lambda desk, who: methane.settle_methane(desk, who, ONE, 1, take="both"),
    "send_methane": lambda desk, who: methane.send_methane(desk, who, ONE, version=0),
    "set_objective": lambda desk, who: objectives.set_objective(desk, who, ONE, "keep E1 free"),
    "move_objective": lambda desk, who: objectives.move_objective(desk, who, ONE, ObjectiveId(1), ObjectiveEvent.MEET),
    "give_objective": lambda desk, who: objectives.give_objective(desk, who, ONE, ObjectiveId(1), holder="x"),
    "set_sector": lambda desk, who: objectives.set_sector(desk, who, ONE, "North", holder="Crew 1"),
    "give_up_sector": lambda desk, who: objectives.give_up_sector(desk, who, ONE, SectorId(1)),
    "merge": lambda desk, who: links.merge(desk, who, ONE, into=TWO, why="x"),
    "split": lambda desk, who: links.split(desk, who, ONE, [AlertId(1)], title="x", why="y"),
    "link": lambda desk, who: links.link(desk, who, End(incident=ONE), End(alert=AlertId(1)), LinkKind.SAME),
    "unlink": lambda desk, who: links.unlink(desk, who, LinkId(1)),
    "undo_link": lambda desk, who: links.undo_link(desk, who, LinkId(1)),
}
SHARES: Mapping[str, UseCase] = {
    "share_incident": lambda desk, who: shares.share_incident(
        desk, who, ONE, agency="Fire", regime=Regime.GDPR, parts=[SharePart.SUMMARY], why="x"
    ),
    "propose_package": lambda desk, who: shares.propose_package(desk, who, ShareId(1), why="x"),
    "end_share": lambda desk, who: shares.end_share(desk, who, ShareId(1), why="x"),
    "receive_share": lambda desk, who: shares_received.receive_share(desk, who, b"{}"),
}
TASKS: Mapping[str, UseCase] = {
    "preview_share": lambda desk, who: shares.preview_share(desk, who, ShareId(1)),
    "ask_task": lambda desk, who: shares.ask_task(desk, who, ShareId(1), "come"),
    "move_task": lambda desk, who: shares.move_task(desk, who, TaskId(1), TaskEvent.WITHDRAW),
    "take_report": lambda desk, who: shares.take_report(desk, who, ShareId(1), b"{}"),
    "report_of": lambda desk, who: shares_received.report_of(desk, who, ONE),
}
CASES = [
    (name, operation, act)
    for operation, acts in (
        (Operation.INCIDENTS_READ, LOOKS),
        (Operation.INCIDENTS_WRITE, WRITES),
        (Operation.SHARES_WRITE, SHARES),
        (Operation.SHARES_WORK, TASKS),
    )
    for name, act in acts.items()
]
PEOPLE = [role for role in MATRIX if role is not Role.PLATFORM]


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return a desk with an incident."""
    return room().desk


def everything(desk: Desk) -> tuple[object, ...]:
    """Return what any of the acts could change."""
    with desk.store.read() as unit:
        return (
            unit.outbox.newest(),
            unit.incidents.find(),
            unit.incidents.entries(ONE),
            unit.situation.texts(ONE),
            unit.situation.objectives(ONE),
            unit.situation.sectors(ONE),
            unit.links.of_incident(ONE),
            unit.shares.of_incident(ONE),
            unit.actions.find(),
        )


@pytest.mark.parametrize(("name", "operation", "act"), CASES, ids=[case[0] for case in CASES])
def test_who_may_not_is_refused_by_name_and_nothing_happens(
    desk: Desk, name: str, operation: Operation, act: UseCase
) -> None:
    """The refusal names the operation; the state is what it was; the refused are exactly those of the matrix."""
    before = everything(desk)
    for role in PEOPLE:
        if operation in MATRIX[role].may:
            continue
        with pytest.raises(Refused, match=operation.value.replace(".", r"\.")) as refusal:
            act(desk, Actor(name=f"the {role.value}", role=role))
        assert refusal.value.value == operation.value, name
    assert everything(desk) == before


@pytest.mark.parametrize(("name", "operation", "act"), CASES[: len(LOOKS)], ids=list(LOOKS))
def test_who_may_look_sees_it(desk: Desk, name: str, operation: Operation, act: UseCase) -> None:
    """Every role that reads incidents reads their situation."""
    for role in PEOPLE:
        if operation in MATRIX[role].may:
            assert act(desk, Actor(name=f"the {role.value}", role=role)) is not None, name


@pytest.mark.parametrize(("name", "operation", "act"), CASES, ids=[case[0] for case in CASES])
def test_a_program_never_does_what_takes_a_person(desk: Desk, name: str, operation: Operation, act: UseCase) -> None:
    """A token without the operation is refused everything here, and one with it nothing that judges."""
    with pytest.raises(Refused):
        act(desk, Actor(name=f"robot {name}", role=Role.SERVICE, operations=frozenset()))
    assert operation.value in {each.value for each in Operation}
