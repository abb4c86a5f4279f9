"""Stop, explain, lift: the effect first, the log second, the reason third; and who may."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Conflict, Malformed, NotNow, Refused, Unauthenticated
from impetus.core.log_record import LogRecord, Outcome
from impetus.core.stop import StopState, parse_target
from impetus.desk import stops
from impetus.desk.context import Desk
from impetus.testing.desk import memory_desk
from impetus.testing.journal import MemoryJournal
from ingest_samples import make_desk

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAKERS = {Role.OPERATOR, Role.SUPERVISOR, Role.IT_SECURITY, Role.DPO, Role.ADMINISTRATOR}
LIFTERS = {Role.SUPERVISOR, Role.DPO, Role.ADMINISTRATOR}
PEOPLE = sorted(set(Role) - {Role.SERVICE, Role.PLATFORM})


def person(role: Role, name: str = "") -> Actor:
    """Return a person with a role."""
    return Actor(name=name or f"a-{role}", role=role)


OPERATOR, SUPERVISOR = person(Role.OPERATOR, "olga"), person(Role.SUPERVISOR, "sam")


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


def acts(desk: Desk) -> list[tuple[str, str, str]]:
    """Return what the log holds of stops: act, who, subject."""
    assert isinstance(desk.journal, MemoryJournal)
    done = [record for record in desk.journal.records if record.act.startswith("stop.")]
    assert all(record.outcome is Outcome.DONE for record in done)
    return [(record.act, record.who, record.subject) for record in done]


class Broken:
    """A journal whose disk is full."""

    def write(self, records: Sequence[LogRecord]) -> None:
        """Refuse."""
        raise NotNow(f"no room for {len(records)}", retry_after_s=5.0)


def broken(desk: Desk) -> Desk:
    """Return the desk with a log that takes nothing and a state that is gone."""
    desk.store.close()
    return replace(desk, journal=Broken(), store=None)  # type: ignore[arg-type]  # a state that fails in every way


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_stop(desk: Desk, role: Role) -> None:
    """Those on duty and those who answer; everybody else is told who."""
    if role in MAKERS:
        assert stops.stop(desk, person(role), "tool:noisy").by == f"a-{role}"
        return
    with pytest.raises(Refused):
        stops.stop(desk, person(role), "tool:noisy")
    assert desk.stops.standing().stops == ()


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_lift(desk: Desk, role: Role) -> None:
    """Fewer than may stop: an operator stops, a supervisor starts again."""
    stops.stop(desk, OPERATOR, "tool:noisy")
    if role in LIFTERS:
        assert stops.lift(desk, person(role), "tool:noisy", "mended").state is StopState.LIFTED
        return
    with pytest.raises(Refused):
        stops.lift(desk, person(role), "tool:noisy", "mended")
    assert desk.stops.standing().of_tool("noisy") is not None


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_sees_what_is_stopped(desk: Desk, role: Role) -> None:
    """Hiding it would help nobody."""
    made = stops.stop(desk, OPERATOR, "all")
    assert list(stops.stops(desk, person(role))) == [made]


@pytest.mark.parametrize("nobody", [None, Actor(name="", role=Role.SUPERVISOR)])
def test_nobody_stops_nothing(desk: Desk, nobody: Actor | None) -> None:
    """Every act has a name."""
    with pytest.raises(Unauthenticated):
        stops.lift(desk, nobody, "all", "x")  # type: ignore[arg-type]  # what the guard is for


def test_a_stop_is_logged_with_who_what_and_the_reason_when_it_comes(desk: Desk) -> None:
    """Three lines: made, explained, lifted."""
    stops.stop(desk, OPERATOR, "tool:noisy")
    stops.explain(desk, OPERATOR, "tool:noisy", " it shouted ")
    stops.lift(desk, SUPERVISOR, "tool:noisy", "threshold mended")
    assert acts(desk) == [
        ("stop.make", "olga", "tool:noisy"),
        ("stop.explain", "olga", "tool:noisy"),
        ("stop.lift", "sam", "tool:noisy"),
    ]
    assert isinstance(desk.journal, MemoryJournal)
    assert [record.why for record in desk.journal.records if record.act.startswith("stop.")] == [
        "",
        "it shouted",
        "threshold mended",
    ]


def test_screens_are_told(desk: Desk) -> None:
    """One change a step."""
    stops.stop(desk, OPERATOR, "all")
    stops.lift(desk, SUPERVISOR, "all", "over")
    with desk.store.read() as unit:
        told = [(change.kind, change.subject, change.facts["state"]) for change in unit.outbox.after(0)]
    assert told == [("stop", "all", "stopped"), ("stop", "all", "lifted")]


def test_a_stop_holds_though_log_and_state_are_down_and_its_line_comes_later(desk: Desk) -> None:
    """The effect first; what could not be logged waits beside it."""
    down = broken(desk)
    made = stops.stop(down, OPERATOR, "tool:noisy", why="smoke")
    assert made.state is StopState.EXPLAINED
    assert desk.stops.standing().of_tool("noisy") is not None
    assert acts(desk) == []
    assert stops.write_kept(desk) == 1
    assert acts(desk) == [("stop.make", "olga", "tool:noisy")]
    assert stops.write_kept(desk) == 0


def test_a_lift_works_while_the_log_is_down_and_is_logged_later(desk: Desk) -> None:
    """A supervisor at a machine whose disk is full can start what is needed."""
    stops.stop(desk, OPERATOR, "tool:noisy")
    assert stops.lift(broken(desk), SUPERVISOR, "tool:noisy", "mended").lifted_by == "sam"
    stops.write_kept(desk)
    assert acts(desk)[-1] == ("stop.lift", "sam", "tool:noisy")


def test_who_may_not_lift_may_not_while_the_log_is_down_either(desk: Desk) -> None:
    """A broken log opens no door."""
    stops.stop(desk, OPERATOR, "tool:noisy")
    with pytest.raises(Refused):
        stops.lift(broken(desk), OPERATOR, "tool:noisy", "mended")


@pytest.mark.parametrize(
    "nameless",
    [console(), platform("keeper"), Actor(name="Admin", role=Role.ADMINISTRATOR), Actor(name=" ", role=Role.DPO)],
)
def test_only_a_named_person_starts_again(desk: Desk, nameless: Actor) -> None:
    """The console without a name, the platform itself and shared names do not."""
    stops.stop(desk, OPERATOR, "all")
    with pytest.raises(Refused):
        stops.lift(desk, nameless, "all", "over")
    assert desk.stops.standing().of_everything() is not None


@pytest.mark.parametrize("why", ["", "   ", "x" * 5_000])
def test_lifting_and_explaining_need_words_of_a_bearable_length(desk: Desk, why: str) -> None:
    """Stopping does not: a reason too long is cut, so that nothing stands in the way."""
    assert stops.stop(desk, OPERATOR, "all", why=why).is_in_force
    for act in (stops.lift, stops.explain):
        with pytest.raises(Malformed):
            act(desk, SUPERVISOR, "all", why)


def test_what_is_not_stopped_cannot_be_lifted(desk: Desk) -> None:
    """Somebody was faster, or it never was."""
    with pytest.raises(Conflict):
        stops.lift(desk, SUPERVISOR, "tool:noisy", "mended")
    with pytest.raises(Malformed):
        stops.stop(desk, OPERATOR, "the noisy one")


@pytest.mark.parametrize(
    ("target", "known"),
    [
        ("all", True),
        ("source:square", True),
        ("source:sqare", False),
        ("camera:square/t1", True),
        ("camera:t1", True),
        ("camera:t9", False),
        ("tool:urban_anomoly", False),
    ],
)
def test_a_mistyped_name_is_told(target: str, *, known: bool) -> None:
    """It stops nothing, and whoever typed it must learn that at once."""
    assert stops.is_known(make_desk(), parse_target(target)) is known


def test_nobody_can_tell_while_the_state_is_down(desk: Desk) -> None:
    """None, which is neither yes nor no."""
    assert stops.is_known(broken(desk), parse_target("tool:noisy")) is None
