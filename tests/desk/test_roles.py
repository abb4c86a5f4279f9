"""Every use case against every role: who may is let through, who may not is told why, and nothing happens for them."""

import ast
import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

import impetus.desk
from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role, console
from impetus.core.alert import Verdict
from impetus.core.errors import Refused
from impetus.core.ids import AlertId, DatastreamId, IncidentId
from impetus.desk import accounts, decide, incidents, read, tokens, triage
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.desk.ingest import source_of
from impetus.desk.sweep import Keep, sweep
from impetus.ethics.guard import GRANTABLE, MATRIX, Operation, may
from impetus.ports import AlertQuery
from impetus.testing.desk import memory_desk

ONE, INCIDENT = AlertId(1), IncidentId(1)
LATER = AT + timedelta(hours=1)
DAY = timedelta(days=1)
KEEP = Keep(observations=DAY, alerts=DAY, evidence=DAY, quarantine=DAY)
SOURCE = read_document({"source": {"id": "quay"}})
UseCase = Callable[[Desk, Actor], object]

TRIAGE: Mapping[str, UseCase] = {
    "acknowledge": lambda desk, who: triage.acknowledge(desk, who, AlertId(2)),
    "undo": lambda desk, who: triage.undo(desk, who, ONE),
    "assess": lambda desk, who: triage.assess(desk, who, AlertId(2), verdict=Verdict.BENIGN),
    "shelve": lambda desk, who: triage.shelve(desk, who, AlertId(2), until=LATER, why="works"),
    "offer": lambda desk, who: triage.offer(desk, who, ONE, to="bo"),
    "accept": lambda desk, who: triage.accept(desk, who, ONE),
    "decline": lambda desk, who: triage.decline(desk, who, ONE),
    "close": lambda desk, who: triage.close(desk, who, ONE),
    "reopen": lambda desk, who: triage.reopen(desk, who, ONE, why="again"),
}
INCIDENTS: Mapping[str, UseCase] = {
    "open_incident": lambda desk, who: incidents.open_incident(desk, who, "Crowd", [AlertId(2)]),
    "join": lambda desk, who: incidents.join(desk, who, INCIDENT, AlertId(2)),
    "leave": lambda desk, who: incidents.leave(desk, who, INCIDENT, ONE),
    "note": lambda desk, who: incidents.note(desk, who, INCIDENT, "seen"),
    "offer": lambda desk, who: incidents.offer(desk, who, INCIDENT, to="bo"),
    "accept": lambda desk, who: incidents.accept(desk, who, INCIDENT),
    "decline": lambda desk, who: incidents.decline(desk, who, INCIDENT),
    "close": lambda desk, who: incidents.close(desk, who, INCIDENT, outcome="over"),
    "reopen": lambda desk, who: incidents.reopen(desk, who, INCIDENT, why="again"),
}
DECIDE: Mapping[str, UseCase] = {
    "decide": lambda desk, who: decide.decide(
        desk, who, INCIDENT, seen="full", options=("wait", "go"), choice="go", reason="it is full"
    ),
}
READ: Mapping[tuple[str, Operation], UseCase] = {
    ("list_alerts", Operation.ALERTS_READ): lambda desk, who: read.list_alerts(desk, who, AlertQuery()),
    ("alert", Operation.ALERTS_READ): lambda desk, who: read.alert(desk, who, ONE),
    ("picture", Operation.ALERTS_READ): read.picture,
    ("colleagues", Operation.ALERTS_READ): read.colleagues,
    ("list_incidents", Operation.INCIDENTS_READ): read.list_incidents,
    ("incident", Operation.INCIDENTS_READ): lambda desk, who: read.incident(desk, who, INCIDENT),
    ("timeline", Operation.INCIDENTS_READ): lambda desk, who: read.timeline(desk, who, INCIDENT),
    ("board", Operation.PARTS_READ): read.board,
    ("sources", Operation.SOURCES_READ): read.sources,
    ("quarantine", Operation.QUARANTINE_READ): read.quarantine,
    ("latest", Operation.HISTORY_READ): read.latest,
    ("series", Operation.HISTORY_READ): lambda desk, who: read.series(desk, who, [DatastreamId(1)], AT, LATER),
    ("changes", Operation.EVENTS_READ): lambda desk, who: read.changes(desk, who, 0),
}
MANAGE: Mapping[tuple[str, Operation], UseCase] = {
    ("add", Operation.ACCOUNTS_MANAGE): lambda desk, who: accounts.add(desk, who, "eve", Role.OPERATOR),
    ("reset", Operation.ACCOUNTS_MANAGE): lambda desk, who: accounts.reset(desk, who, "bo"),
    ("disable", Operation.ACCOUNTS_MANAGE): lambda desk, who: accounts.disable(desk, who, "bo"),
    ("enable", Operation.ACCOUNTS_MANAGE): lambda desk, who: accounts.enable(desk, who, "bo"),
    ("everyone", Operation.ACCOUNTS_MANAGE): accounts.everyone,
    ("issue", Operation.TOKENS_MANAGE): lambda desk, who: tokens.issue(desk, who, "wall", ["alerts.read"]),
    ("revoke", Operation.TOKENS_MANAGE): lambda desk, who: tokens.revoke(desk, who, 1),
    ("everything", Operation.TOKENS_MANAGE): tokens.everything,
    ("declare", Operation.SOURCES_DECLARE): lambda desk, who: declare(desk, who, SOURCE),
    ("sweep", Operation.RETENTION_SWEEP): lambda desk, who: sweep(desk, who, KEEP),
    ("source_of", Operation.OBSERVATIONS_WRITE): source_of,
}
CASES = [
    *((f"triage.{name}", Operation.ALERTS_TRIAGE, act) for name, act in TRIAGE.items()),
    *((f"incidents.{name}", Operation.INCIDENTS_WRITE, act) for name, act in INCIDENTS.items()),
    *((f"decide.{name}", Operation.DECISIONS_WRITE, act) for name, act in DECIDE.items()),
    *((f"read.{name}", operation, act) for (name, operation), act in READ.items()),
    *((f"manage.{name}", operation, act) for (name, operation), act in MANAGE.items()),
]
EVERY_CASE = pytest.mark.parametrize(
    ("operation", "act"), [case[1:] for case in CASES], ids=[str(case[0]) for case in CASES]
)


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return a desk with two alerts, an incident of ada's from the first, a colleague bo, and a token."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"), seen("b", subject="zone:north"))
    ada = person(desk, "ada", Role.OPERATOR)
    person(desk, "bo", Role.OPERATOR)
    incidents.open_incident(desk, ada, "Crowd", [ONE])
    tokens.issue(desk, console(), "wall", ["alerts.read"])
    return desk


def everything(desk: Desk) -> object:
    """Return what the state holds that any of the acts could change."""
    with desk.store.read() as unit:
        return (
            unit.outbox.newest(),
            unit.alerts.find(AlertQuery()),
            unit.incidents.find(),
            unit.incidents.entries(INCIDENT),
            unit.accounts.all(),
            unit.accounts.tokens(),
            unit.sources.all(),
        )


@EVERY_CASE
def test_who_may_not_is_refused_by_rule_and_changes_nothing(desk: Desk, operation: Operation, act: UseCase) -> None:
    """Each role outside the matrix: the refusal names the operation, who may, and what would help; the state stands still."""
    before = everything(desk)
    outside = [role for role in Role if operation not in MATRIX[role].may]
    assert outside, "something that everybody may needs no guard"
    for role in outside:
        with pytest.raises(Refused) as refusal:
            act(desk, Actor(name="mallory", role=role))
        assert refusal.value.value == operation
        assert refusal.value.rule
        assert refusal.value.remedy
        assert set(str(refusal.value.limit).split(", ")) >= {role for role in Role if operation in MATRIX[role].may}
    assert everything(desk) == before


@EVERY_CASE
def test_a_token_of_everything_else_does_not_help(desk: Desk, operation: Operation, act: UseCase) -> None:
    """A service that carries every operation but this one is refused like anybody else."""
    others = frozenset(str(each) for each in Operation if each is not operation)
    with pytest.raises(Refused) as refusal:
        act(desk, Actor(name="token:robot", role=Role.SERVICE, operations=others, source="square"))
    assert refusal.value.value == operation


@EVERY_CASE
def test_what_takes_a_person_is_on_no_token(desk: Desk, operation: Operation, act: UseCase) -> None:
    """Even written on it: judging, deciding and admitting are refused; what is grantable passes the guard."""
    robot = Actor(name="token:robot", role=Role.SERVICE, operations=frozenset({str(operation)}), source="quay")
    if operation in GRANTABLE:
        assert may(robot, operation)
        return
    with pytest.raises(Refused, match=f"may not {operation}") as refusal:
        act(desk, robot)
    assert refusal.value.rule == "a token does not judge, decide or admit; a person does"


def is_may(node: ast.AST) -> bool:
    """Say whether a node asks what may be offered, which lets nobody through and keeps nobody out."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "may"


def test_every_operation_of_the_guard_is_asked_by_a_use_case() -> None:
    """No operation is an empty word: each is named where a use case asks the guard."""
    sources = Path(impetus.desk.__file__).parent.glob("*.py")
    trees = [ast.parse(source.read_text(encoding="utf-8")) for source in sources]
    asked_of_a_page = {id(node) for tree in trees for call in ast.walk(tree) if is_may(call) for node in ast.walk(call)}
    nodes = [node for tree in trees for node in ast.walk(tree) if id(node) not in asked_of_a_page]
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Operation"}
    written = {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert [
        operation for operation in Operation if operation.name not in named and operation.value not in written
    ] == []


def test_every_use_case_of_these_modules_is_among_the_cases() -> None:
    """A new verb that takes an actor is added here, or this fails: none is forgotten by the guard's tests."""
    named = {str(case[0]).split(".")[1] for case in CASES}
    own = {"change_password", "enrol_totp", "confirm_totp", "set_language"}
    for module in (triage, incidents, decide, read, accounts, tokens):
        verbs = {
            name
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__
            and not name.startswith("_")
            and list(inspect.signature(function).parameters)[:2] == ["desk", "actor"]
        }
        assert verbs - own <= named, module.__name__
