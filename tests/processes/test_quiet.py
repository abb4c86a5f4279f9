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


@pytest.mark.parametrize(
    ("subject", "matched"),
    [
        ("thing:harbour/c11", True),
        ("thing:harbour", True),
        ("thing:harbour/", False),
        ("thing:harbour/c", False),
        ("thing:harbour/c111", False),
        ("thing", False),
        ("THING:harbour", False),
        ("", False),
    ],
)
def test_a_subject_matches_whole_or_up_to_a_slash(subject: str, matched: bool) -> None:  # noqa: FBT001 - a table's column
    """Names are compared letter by letter; nothing is a pattern."""
    assert matches(a_rule(zone=None, subject=subject), QUAY) is matched


@pytest.mark.parametrize(
    ("sources", "matched"), [([], False), (["cameras"], False), (["counters"], True), (["cameras", "counters"], True)]
)
def test_one_of_an_alerts_sources_is_enough(sources: list[str], matched: bool) -> None:  # noqa: FBT001 - a table's column
    """An alert of a camera and a counter is put aside while the counter is; one of no known source is not."""
    assert matches(a_rule(zone=None, source="counters"), QUAY, sources) is matched
    assert matches(a_rule(zone=None, source="counters"), QUAY, iter(sources)) is matched


def test_sources_that_can_be_read_once_are_asked_of_every_rule() -> None:
    """The first rule about another source uses nothing up."""
    rules = [a_rule(id=1, zone=None, source="cameras"), a_rule(id=2, zone=None, source="counters")]
    found = first_match(rules, QUAY, AT, iter(["counters"]))
    assert found is not None
    assert found.id == 2


def test_of_rules_that_end_together_the_older_one_is_named() -> None:
    """One rule answers for an alert, always the same one."""
    one, two = a_rule(id=1), a_rule(id=2)
    assert first_match([two, one], QUAY, AT) == first_match([one, two], QUAY, AT) == one


@pytest.mark.parametrize(
    "changes",
    [
        {"ended_at": AT + timedelta(minutes=1)},
        {"since": AT + timedelta(minutes=3)},
        {"until": AT + timedelta(minutes=2)},
        {"zone": ZoneId("square")},
        {"up_to": S.MINOR},
    ],
)
def test_a_rule_that_does_not_stand_or_match_leaves_it_to_the_others(changes: dict[str, object]) -> None:
    """Two minutes on: one was ended, one begins later, one is just over, one is elsewhere, one is for smaller things."""
    other = a_rule(id=2, until=AT + timedelta(hours=1))
    at = AT + timedelta(minutes=2)
    assert first_match([a_rule(**{"until": AT + timedelta(days=1), **changes})], QUAY, at) is None
    assert first_match([a_rule(**{"until": AT + timedelta(days=1), **changes}), other], QUAY, at) == other


@pytest.mark.parametrize(
    ("kind", "days", "stands"),
    [
        (QuietKind.WORKS, 14, True),
        (QuietKind.WORKS, 14.001, False),
        (QuietKind.EXCEPTION, 14.001, True),
        (QuietKind.EXCEPTION, 90, True),
        (QuietKind.EXCEPTION, 90.001, False),
    ],
)
def test_a_rule_lasts_fourteen_or_ninety_days_at_most(kind: QuietKind, days: float, stands: bool) -> None:  # noqa: FBT001 - a table's column
    """Counted from its beginning, to the second."""
    rule = a_rule(kind=kind, until=AT + timedelta(days=days))
    if stands:
        assert check(rule, AT) is rule
        return
    with pytest.raises(Malformed) as refused:
        check(rule, AT)
    assert refused.value.problem()["limit"] == f"an end ahead, at most {LONGEST[kind].days} days after it begins"


def test_works_planned_for_next_month_count_from_when_they_begin() -> None:
    """Fourteen days from then, however long that is from now; one that began yesterday and ends tomorrow stands, too."""
    later = AT + timedelta(days=30)
    assert check(a_rule(since=later, until=later + timedelta(days=14)), AT)
    assert check(a_rule(since=AT - timedelta(days=1), until=AT + timedelta(days=1)), AT)
    with pytest.raises(Malformed):
        check(a_rule(since=later, until=AT + timedelta(days=1)), AT)


@pytest.mark.parametrize("part", ["tool", "alert_kind", "zone", "subject", "source"])
def test_any_one_part_is_something_in_particular(part: str) -> None:
    """Each of the five alone is enough, and an empty word is not one."""
    parts = {"tool": ToolId("noise"), "alert_kind": Kind.FAULT, "zone": ZoneId("a"), "subject": "x", "source": "s"}
    bare: dict[str, object] = {"zone": None}
    assert check(a_rule(**{**bare, part: parts[part]}), AT)
    if part != "alert_kind":
        with pytest.raises(Malformed, match="about everything"):
            check(a_rule(**{**bare, part: ""}), AT)


@pytest.mark.parametrize("field", ["since", "until"])
def test_either_time_without_a_zone_is_refused(field: str) -> None:
    """Before it is compared with anything."""
    naive = {field: (AT + timedelta(hours=1)).replace(tzinfo=None)}
    with pytest.raises(Malformed, match="no zone"):
        check(a_rule(**naive), AT)


@pytest.mark.parametrize(("seconds", "still"), [(0, True), (1800, True), (1801, False)])
def test_an_episode_is_over_after_half_an_hour_to_the_second(seconds: int, still: bool) -> None:  # noqa: FBT001 - a table's column
    """Counted from when it was last noticed, not from when it began."""
    long_ago = an_alert(began=AT - timedelta(days=1), last_at=AT)
    assert is_still_so(long_ago, AT + timedelta(seconds=seconds)) is still
