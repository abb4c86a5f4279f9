"""What an alert becomes of one more finding: bounds, identities and hashes, one rule a test."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, ToolId, ZoneId
from impetus.core.text import Phrase
from impetus.core.tool import Raise, Repeat
from impetus.tools.fusion.detect import (
    MAX_DATASTREAMS,
    MAX_FACTS,
    MAX_JOINED,
    content_hash,
    fingerprint,
    join,
)
from tools.fusion.samples import AT, CONFIG, alert_of, later, moved, seen

KNOWN = alert_of(seen())


def merged(finding: Finding, alert: Alert = KNOWN) -> Alert:
    """Return the alert after a finding that belongs to it."""
    answer = join(CONFIG, finding, [alert], at=finding.noticed)
    assert isinstance(answer, Repeat)
    return answer.alert


@pytest.mark.parametrize(
    "changes",
    [
        {"began": AT + timedelta(hours=1)},
        {"headline": Phrase(template="other words")},
        {"severity": Severity.EXTREME},
        {"key": "k2"},
        {"point": None},
        {"datastreams": (DatastreamId(7),)},
        {"score": 0.9},
    ],
)
def test_a_fingerprint_does_not_depend_on_when_how_bad_or_in_which_words(changes: dict[str, object]) -> None:
    """It is the identity by which repeats are counted."""
    assert fingerprint(seen(**changes)) == fingerprint(seen())


@pytest.mark.parametrize(
    "changes",
    [{"tool": ToolId("firearm")}, {"kind": Kind.PLATFORM}, {"subject": "zone:south"}, {"simulated": True}],
)
def test_a_fingerprint_depends_on_tool_kind_subject_and_on_being_real(changes: dict[str, object]) -> None:
    """Each alone makes it something else."""
    assert fingerprint(seen(**changes)) != fingerprint(seen())


subjects = some.text(some.sampled_from("ab\x1f:"), max_size=6)
kinds = some.sampled_from(list(Kind))


@given(some.tuples(subjects, kinds, some.booleans()), some.tuples(subjects, kinds, some.booleans()))
def test_two_identities_never_share_a_fingerprint(one: tuple[str, Kind, bool], other: tuple[str, Kind, bool]) -> None:
    """Whatever a subject is called: words cannot be shifted from one part of an identity to the next."""
    prints = [
        fingerprint(seen(subject=subject, kind=kind, simulated=made_up)) for subject, kind, made_up in (one, other)
    ]
    conditions = {one[1], other[1]} <= {Kind.FAULT, Kind.SILENCE}
    same = one[0] == other[0] and one[2] == other[2] and (one[1] is other[1] or conditions)
    assert (prints[0] == prints[1]) is same


HASHED = {"headline", "why", "severity", "urgency", "certainty", "tools", "zone"}
CHANGED: dict[str, object] = {
    "headline": Phrase(template="other"),
    "why": Phrase(template="other"),
    "severity": Severity.EXTREME,
    "urgency": Urgency.PAST,
    "certainty": Certainty.OBSERVED,
    "tools": (ToolId("firearm"),),
    "zone": ZoneId("elsewhere"),
    "repeats": 9,
    "last_at": AT + timedelta(days=1),
    "version": 7,
    "state": AlertState.CLOSED,
    "owner": "ada",
    "score": 0.99,
    "datastreams": (DatastreamId(4),),
    "facts": {"z": 3.0},
    "joined": ("x",),
}


@pytest.mark.parametrize("field", sorted(CHANGED))
def test_a_content_hash_changes_with_what_is_said_and_with_nothing_else(field: str) -> None:
    """Screens change when it does: words, severity, tools and place, not counts, times or owners."""
    changed = replace(KNOWN, **{field: CHANGED[field]})  # type: ignore[arg-type]  # the field under test
    assert (content_hash(changed) != content_hash(KNOWN)) is (field in HASHED)
    assert field in {item.name for item in fields(Alert)}


def test_a_content_hash_sees_the_values_of_a_sentence() -> None:
    """61 people and 74 people are two sentences, whatever order the values are kept in."""
    more = replace(KNOWN, headline=Phrase(template="{count} people", values={"count": 74}))
    assert content_hash(more) != content_hash(KNOWN)
    one, other = (
        replace(KNOWN, why=Phrase(template="{a} {b}", values=dict(pairs)))
        for pairs in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])
    )
    assert content_hash(one) == content_hash(other)


def test_an_alert_carries_at_most_fifty_datastreams() -> None:
    """From one finding and from many: the first seen stay."""
    many = tuple(DatastreamId(number) for number in range(80))
    raised = alert_of(seen(datastreams=many))
    assert raised.datastreams == many[:MAX_DATASTREAMS]
    assert merged(later(1, datastreams=many[60:]), raised).datastreams == many[:MAX_DATASTREAMS]


def test_an_alert_carries_at_most_thirty_two_facts() -> None:
    """A tool cannot make a row of the state as large as it likes."""
    facts = {f"f{number}": float(number) for number in range(50)}
    raised = alert_of(seen(facts=facts))
    assert len(raised.facts) == MAX_FACTS
    assert len(merged(later(1, facts={"new": 1.0}), raised).facts) == MAX_FACTS


def test_the_latest_facts_win() -> None:
    """What was measured last is what is shown; facts nobody repeated stay."""
    known = alert_of(seen(facts={"z": 5.0, "things": 1.0}))
    assert merged(later(1, facts={"z": 9.0}), known).facts == {"z": 9.0, "things": 1.0}


def test_an_alert_remembers_the_newest_hundred_it_was_joined_with() -> None:
    """The hundred and first pushes the oldest out."""
    known = replace(KNOWN, joined=tuple(f"j{number}" for number in range(MAX_JOINED)))
    joined = merged(later(5, tool=ToolId("firearm"), subject="thing:square/c11"), known).joined
    assert (len(joined), joined[0]) == (MAX_JOINED, "j1")


def test_tools_and_datastreams_are_named_once_in_the_order_first_seen() -> None:
    """A tool that repeats is not listed twice."""
    known = alert_of(seen(datastreams=(DatastreamId(3), DatastreamId(1))))
    after = merged(later(1, datastreams=(DatastreamId(1), DatastreamId(2))), known)
    assert (after.tools, after.datastreams) == (("urban_anomaly",), (3, 1, 2))


def test_a_place_that_was_missing_is_filled_in_and_one_that_is_there_stays() -> None:
    """An alert does not wander over the map with its repeats."""
    placeless = alert_of(seen(point=None, zone=None))
    found = merged(later(1, point=moved(5), zone=ZoneId("plaza")), placeless)
    assert (found.point, found.zone) == (moved(5), "plaza")
    assert merged(later(1, point=moved(50))).point == KNOWN.point


def test_an_earlier_beginning_moves_the_beginning_and_not_the_end() -> None:
    """A finding that comes late and is about the time before widens the alert."""
    early = merged(seen(began=AT - timedelta(minutes=3), noticed=AT - timedelta(minutes=2)))
    assert (early.began, early.last_at) == (AT - timedelta(minutes=3), AT)


def test_what_people_did_with_it_is_not_touched() -> None:
    """Owner, state, verdict and version belong to the desk."""
    held = replace(KNOWN, state=AlertState.HELD, owner="ada", version=7)
    after = merged(later(1, severity=Severity.SEVERE), held)
    assert (after.state, after.owner, after.version) == (AlertState.HELD, "ada", 7)


@given(
    some.lists(
        some.builds(
            later,
            some.floats(0, 600),
            severity=some.sampled_from(list(Severity)),
            urgency=some.sampled_from(list(Urgency)),
            certainty=some.sampled_from(list(Certainty)),
            score=some.floats(0, 1),
            one_in=some.one_of(some.none(), some.floats(1, 1e6)),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60)
def test_an_alert_is_the_worst_surest_rarest_and_longest_of_its_findings(findings: list[Finding]) -> None:
    """However repeats are ordered, what is kept is the extreme of each, and the count of them all."""
    alert = alert_of(findings[0])
    for finding in findings[1:]:
        alert = merged(finding, alert)
    assert alert.severity.rank == max(finding.severity.rank for finding in findings)
    assert alert.urgency is min((finding.urgency for finding in findings), key=list(Urgency).index)
    assert alert.certainty is min((finding.certainty for finding in findings), key=list(Certainty).index)
    assert alert.score == max(finding.score for finding in findings)
    assert alert.one_in == max((one.one_in for one in findings if one.one_in is not None), default=None)
    assert (alert.began, alert.repeats) == (min(finding.began for finding in findings), len(findings) - 1)


@given(some.integers(1, 6), some.integers(1, 12))
@settings(max_examples=40)
def test_a_subject_never_gets_more_than_its_share_in_an_hour(share: int, episodes: int) -> None:
    """However many episodes, each closed at once and as bad as the last: the share, and the rest counted with it."""
    config = replace(CONFIG, alerts_per_subject_per_hour=share, refire_s=0.0)
    alerts: list[Alert] = []
    for number in range(episodes):
        finding = later(60.0 * number, point=None)
        answer = join(config, finding, alerts, at=finding.noticed)
        if isinstance(answer, Raise):
            closed = replace(answer.alert, id=AlertId(number + 1), state=AlertState.CLOSED)
            alerts.insert(0, replace(closed, changed_at=finding.noticed - timedelta(seconds=1)))
    assert len(alerts) == min(share, episodes)
