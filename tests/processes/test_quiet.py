"""What planned works and exceptions put aside: by place, kind, tool, source and subject, up to a severity, for a time."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.attention import Quiet, QuietKind
from impetus.core.errors import Malformed
from impetus.core.finding import Kind, Severity
from impetus.core.ids import ToolId, ZoneId
from impetus.processes.quiet import LONGEST, STILL_SO, check, first_match, in_force, is_still_so, matches
from processes.alerts import AT, an_alert

S = Severity
QUAY = an_alert(zone=ZoneId("quay"), subject="thing:harbour/c11", tools=(ToolId("noise"), ToolId("smoke")))


def a_rule(**changes: object) -> Quiet:
    """Return planned works at the quay for four hours, with these fields changed."""
    plain = Quiet(
        id=1,
        kind=QuietKind.WORKS,
        title="Digging",
        why="diggers",
        owner="sol",
        since=AT,
        until=AT + timedelta(hours=4),
        up_to=S.MODERATE,
        made_by="sol",
        made_at=AT,
        zone=ZoneId("quay"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means


@pytest.mark.parametrize(
    ("about", "matched"),
    [
        ({"zone": ZoneId("quay")}, True),
        ({"zone": ZoneId("square")}, False),
        ({"zone": None, "tool": ToolId("smoke")}, True),
        ({"zone": None, "tool": ToolId("urban_anomaly")}, False),
        ({"zone": None, "alert_kind": Kind.ANOMALY}, True),
        ({"zone": None, "alert_kind": Kind.FAULT}, False),
        ({"zone": None, "subject": "thing:harbour"}, True),
        ({"zone": None, "subject": "thing:harbour/c11"}, True),
        ({"zone": None, "subject": "thing:harbour/c1"}, False),
        ({"zone": None, "source": "counters"}, True),
        ({"zone": None, "source": "cameras"}, False),
        ({"tool": ToolId("noise"), "alert_kind": Kind.FAULT}, False),
    ],
)
def test_every_part_that_is_set_must_agree(about: dict[str, object], matched: bool) -> None:  # noqa: FBT001 - a table's column
    """A name matches whole or up to a slash: c1 is not the beginning of c11."""
    assert matches(a_rule(**about), QUAY, ["counters"]) is matched


@pytest.mark.parametrize(
    ("up_to", "put_aside"),
    [
        (S.MINOR, {S.MINOR}),
        (S.MODERATE, {S.MINOR, S.MODERATE, S.UNKNOWN}),
        (S.SEVERE, {S.MINOR, S.MODERATE, S.SEVERE, S.UNKNOWN}),
        (S.EXTREME, {S.MINOR, S.MODERATE, S.SEVERE, S.UNKNOWN}),
    ],
)
def test_what_is_worse_is_never_touched(up_to: Severity, put_aside: set[Severity]) -> None:
    """Extreme by no rule, even one that a mended file would allow; what nobody graded counts as moderate."""
    rule = a_rule(up_to=up_to)
    assert {severity for severity in Severity if matches(rule, replace(QUAY, severity=severity))} == put_aside


@pytest.mark.parametrize(("minutes", "stands"), [(-1, False), (0, True), (239, True), (240, False)])
def test_a_rule_stands_from_its_beginning_until_before_its_end(minutes: int, stands: bool) -> None:  # noqa: FBT001 - a table's column
    """Half-open, as every span here is; one that was ended stands no longer."""
    at = AT + timedelta(minutes=minutes)
    assert in_force(a_rule(), at) is stands
    assert not in_force(a_rule(ended_at=AT), at)


def test_of_several_rules_the_longest_puts_it_aside() -> None:
    """So that it does not come back while another one still stands."""
    short, long = a_rule(), a_rule(id=2, until=AT + timedelta(days=2))
    assert first_match([short, long], QUAY, AT) == long
    assert first_match([short, long], an_alert(), AT) is None
    assert first_match([], QUAY, AT) is None


@pytest.mark.parametrize(
    ("kind", "minutes", "still"),
    [(Kind.ANOMALY, 29, True), (Kind.ANOMALY, 31, False), (Kind.FAULT, 3000, True), (Kind.SILENCE, 3000, True)],
)
def test_a_condition_is_still_so_until_somebody_says_otherwise(kind: Kind, minutes: int, still: bool) -> None:  # noqa: FBT001 - a table's column
    """An episode is over when it was not noticed for half an hour."""
    assert is_still_so(an_alert(kind=kind), AT + timedelta(minutes=minutes)) is still
    assert timedelta(minutes=30) == STILL_SO


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": None}, "about everything"),
        ({"up_to": S.EXTREME}, "never touches what is extreme"),
        ({"up_to": S.UNKNOWN}, "which severity"),
        ({"until": AT}, "an end ahead"),
        ({"until": AT - timedelta(hours=1)}, "an end ahead"),
        ({"until": AT + timedelta(days=15)}, "at most 14 days"),
        ({"until": (AT + timedelta(hours=1)).replace(tzinfo=None)}, "no zone"),
        ({"kind": QuietKind.EXCEPTION, "until": AT + timedelta(days=91)}, "at most 90 days"),
    ],
)
def test_a_rule_that_may_not_stand_is_refused_with_value_limit_and_remedy(
    changes: dict[str, object], words: str
) -> None:
    """Each refusal says what would be allowed."""
    with pytest.raises(Malformed) as refused:
        check(a_rule(**changes), AT)
    problem = refused.value.problem()
    assert words in f"{problem}"
    assert problem["remedy"]


@given(
    st.sampled_from(list(QuietKind)),
    st.sampled_from(list(Severity)),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31)),  # noqa: DTZ001 - made aware below
    st.integers(-10, 200),
)
def test_whatever_is_let_through_ends_and_spares_the_extreme(
    kind: QuietKind, up_to: Severity, since: datetime, days: int
) -> None:
    """No rule that passes stands for longer than its kind may, or was over before it was made."""
    since = since.replace(tzinfo=AT.tzinfo)
    rule = a_rule(kind=kind, up_to=up_to, since=since, until=since + timedelta(days=days))
    try:
        check(rule, AT)
    except Malformed:
        return
    assert timedelta(0) < rule.until - rule.since <= LONGEST[kind]
    assert rule.until > AT
    assert not matches(rule, replace(QUAY, severity=S.EXTREME))
