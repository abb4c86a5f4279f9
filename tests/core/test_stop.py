"""What can be stopped, what a stop holds back, and what can become of it, written out by hand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.stop import ALL, STOP_LIFECYCLE, Scope, Standing, Stop, StopState, Target, parse_target, refusal

AT = datetime(2026, 6, 1, 12, 30, 5, tzinfo=UTC)
ALLOWED = {
    StopState.STOPPED: "stop explain vanish lift",
    StopState.EXPLAINED: "stop explain vanish lift",
    StopState.LIFTED: "stop",
}


def stopped(target: str, **facts: object) -> Stop:
    """Return a stop in force."""
    return Stop(target=parse_target(target), state=StopState.STOPPED, at=AT, by="ada", **facts)  # type: ignore[arg-type]  # named by the test


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool:urban_anomaly", "tool:urban_anomaly"),
        ("TOOL:Urban_Anomaly", "tool:urban_anomaly"),
        ("camera:square/c11", "camera:square/c11"),
        (" camera:c11 ", "camera:c11"),
        ("source:harbour-west", "source:harbour-west"),
        ("Site", "site"),
        ("ALL", "all"),
    ],
)
def test_a_target_is_read_in_whatever_capitals_a_hurried_person_types(text: str, said: str) -> None:
    """And written in one way only."""
    assert str(parse_target(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tool",
        "tool:",
        "tool:9",
        "everything",
        "all:x",
        "site:oslo",
        "camera:../key",
        "camera:a//b",
        "source:a/b",
        "camera:" + "x" * 200,
        "tool:a b",
        "tool:a\nall",
    ],
)
def test_what_cannot_be_stopped_is_refused_with_what_can(text: str) -> None:
    """No path, no second word, no name longer than a file's may be."""
    with pytest.raises(Malformed) as wrong:
        parse_target(text)
    assert "tool:ID" in str(wrong.value.limit)
    assert "`all` is always right" in wrong.value.remedy


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_target_or_refused(text: str) -> None:
    """And a target that was read is read again from what it says."""
    try:
        target = parse_target(text)
    except Malformed:
        return
    assert parse_target(str(target)) == target


@pytest.mark.parametrize("state", list(StopState))
def test_a_stop_in_each_state_allows_what_is_written_above(state: StopState) -> None:
    """Only a stop in force can be explained or lifted."""
    assert " ".join(STOP_LIFECYCLE.allowed(state)) == ALLOWED[state]


def test_only_lifting_starts_again_and_every_stop_ends() -> None:
    """A file that vanishes, a reason given and a second stop start nothing."""
    starting = {
        (state, event)
        for state in StopState
        for event in STOP_LIFECYCLE.allowed(state)
        if Effect.START in STOP_LIFECYCLE.step(state, event).effects
    }
    assert starting == {("stopped", "lift"), ("explained", "lift")}
    assert all(Effect.END in STOP_LIFECYCLE.step(state, "stop").effects for state in StopState)


@pytest.mark.parametrize("event", ["explain", "lift", "vanish"])
def test_what_is_lifted_is_over(event: str) -> None:
    """Somebody else lifted it first."""
    with pytest.raises(Conflict, match="stop is lifted"):
        STOP_LIFECYCLE.step(StopState.LIFTED, event)


def test_a_reason_is_asked_until_it_is_given() -> None:
    """Afterwards, not before."""
    assert Effect.ASK_WHY in STOP_LIFECYCLE.step(StopState.LIFTED, "stop").effects
    assert stopped("all").asks_why
    assert not stopped("all", why="smoke").asks_why
    assert not Stop(target=ALL, state=StopState.EXPLAINED, at=AT, by="ada").asks_why


WHAT = ["urban_anomaly", "square", "square/c11"]


@pytest.mark.parametrize(
    ("target", "tool", "source", "thing"),
    [
        ("tool:urban_anomaly", True, False, False),
        ("tool:firearm", False, False, False),
        ("source:square", False, True, True),
        ("source:quay", False, False, False),
        ("camera:square/c11", False, False, True),
        ("camera:c11", False, False, True),
        ("camera:11", False, False, False),
        ("camera:c1", False, False, False),
        ("site", True, True, True),
        ("all", True, True, True),
    ],
)
def test_a_stop_holds_back_what_it_names_and_what_is_inside(
    target: str, *, tool: bool, source: bool, thing: bool
) -> None:
    """A tool, a source and one of its cameras against each kind of stop."""
    standing = Standing(stops=(stopped(target),))
    assert (standing.of_tool(WHAT[0]) is not None) is tool
    assert (standing.of_source(WHAT[1]) is not None) is source
    assert (standing.of_thing(WHAT[2]) is not None) is thing
    assert (standing.of_everything() is not None) is (target in {"site", "all"})


def test_when_nobody_can_tell_everything_is_stopped() -> None:
    """Fails closed."""
    standing = Standing(trouble=stopped("all", trouble="the folder is gone"))
    assert all(
        [standing.of_tool("any"), standing.of_source("any"), standing.of_thing("any/c"), standing.of_everything()]
    )


def test_nothing_is_stopped_while_there_is_no_stop() -> None:
    """The usual day."""
    assert not any([Standing().of_tool("a"), Standing().of_source("a"), Standing().of_thing("a/b")])
    assert not Standing().has_things()


def test_who_is_refused_is_told_by_whom_when_and_who_may_lift_it() -> None:
    """The rule, its article and the remedy; not to try again."""
    error = refusal(stopped("source:square"), "source square")
    assert isinstance(error, Refused)
    assert error.detail == "source square is stopped by ada at 2026-06-01 12:30:05 UTC"
    assert (error.status, error.value) == (403, "source:square")
    assert "14(4)(e)" in error.source
    assert "do not send it again" in error.remedy


def test_a_stop_that_holds_more_than_its_name_says_so() -> None:
    """For the board and for whoever is refused."""
    assert (
        stopped("all", trouble="the file 'STOPP' is nothing known").note().endswith("('STOPP' is nothing known)")
        is False
    )
    assert "(the file 'STOPP' is nothing known)" in stopped("all", trouble="the file 'STOPP' is nothing known").note()


def test_scopes_and_targets_are_written_as_the_documentation_writes_them() -> None:
    """Five scopes, two of them without a name."""
    assert [scope.value for scope in Scope] == ["tool", "camera", "source", "site", "all"]
    assert str(Target(scope=Scope.SITE)) == "site"
