"""What fusion makes of a finding, one rule a test."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.alert import AlertState
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, ToolId, ZoneId
from impetus.core.tool import Raise, Repeat
from impetus.tools.fusion import detect
from impetus.tools.fusion.config import Config
from impetus.tools.fusion.detect import content_hash, fingerprint, join
from tools.fusion.samples import AT, CONFIG, alert_of, later, moved, seen

CAMERA = {"tool": ToolId("firearm"), "subject": "thing:square/c11"}


def _become(finding: Finding, *alerts: object, config: Config = CONFIG) -> Raise | Repeat:
    return join(config, finding, list(alerts), at=finding.noticed)  # type: ignore[arg-type]  # alerts are alerts


def test_a_finding_with_nothing_around_it_is_a_new_alert() -> None:
    """The alert says what the finding says, and is nobody's yet."""
    answer = _become(seen(certainty=Certainty.LIKELY, urgency=Urgency.EXPECTED))
    assert isinstance(answer, Raise)
    assert (answer.alert.id, answer.alert.version, answer.alert.state) == (0, 0, AlertState.NEW)
    assert answer.alert.headline == seen().headline
    assert answer.alert.certainty is Certainty.LIKELY
    assert answer.alert.owner is None
    assert answer.alert.content_hash == content_hash(answer.alert)


def test_the_same_thing_again_is_counted_with_the_open_alert() -> None:
    """A repeat within the window raises the count and the latest time, and nothing else."""
    known = alert_of(seen())
    answer = _become(later(60), known)
    assert isinstance(answer, Repeat)
    assert not answer.worse
    assert answer.alert == replace(known, repeats=1, last_at=AT + timedelta(seconds=60))


def test_the_latest_sentence_is_shown_when_it_is_no_milder() -> None:
    """A repeat of the same severity updates the headline and the content hash; a milder one does not."""
    known = alert_of(seen())
    more = replace(seen().headline, values={"count": 74})
    same = _become(later(60, headline=more), known)
    milder = _become(later(60, headline=more, severity=Severity.MINOR), known)
    assert same.alert.headline == more
    assert same.alert.content_hash != known.content_hash
    assert milder.alert.headline == known.headline
    assert milder.alert.severity is Severity.MODERATE
    assert milder.alert.content_hash == known.content_hash


def test_a_higher_severity_makes_it_worse() -> None:
    """Severity, urgency, certainty and score keep the worst and surest that was said."""
    known = alert_of(seen(certainty=Certainty.LIKELY, score=0.4))
    answer = _become(later(9, severity=Severity.SEVERE, urgency=Urgency.IMMEDIATE, score=0.9), known)
    assert isinstance(answer, Repeat)
    assert answer.worse
    assert answer.alert.severity is Severity.SEVERE
    assert answer.alert.urgency is Urgency.IMMEDIATE
    assert answer.alert.certainty is Certainty.LIKELY
    assert answer.alert.score == 0.9


@pytest.mark.parametrize(("silence_s", "is_new"), [(1_800, False), (1_801, True)])
def test_an_episode_is_over_after_the_grouping_window(silence_s: float, *, is_new: bool) -> None:
    """Half an hour of quiet still belongs to the episode; a second more begins the next one."""
    known = alert_of(seen())
    assert isinstance(_become(later(silence_s), known), Raise) is is_new


@pytest.mark.parametrize("kind", [Kind.FAULT, Kind.SILENCE, Kind.PLATFORM])
def test_a_condition_lasts_as_long_as_its_alert_is_open(kind: Kind) -> None:
    """A thing that is still broken a day later is the same alert."""
    known = alert_of(seen(kind=kind), state=AlertState.HELD, owner="ada")
    assert isinstance(_become(later(86_400, kind=kind), known), Repeat)


def test_fault_and_silence_of_one_thing_are_one_condition_whoever_says_so() -> None:
    """The sensor's tool calls it a fault, the freshness watch a silence: one alert."""
    known = alert_of(seen(kind=Kind.FAULT, subject="thing:square/c11"))
    answer = _become(later(900, kind=Kind.SILENCE, subject="thing:square/c11", tool=ToolId("platform")), known)
    assert isinstance(answer, Repeat)
    assert answer.alert.tools == ("urban_anomaly", "platform")
    assert answer.alert.kind is Kind.FAULT


def test_two_tools_close_in_space_and_time_make_one_alert() -> None:
    """The alert has both tools, both datastreams, the worse headline, and says how close they were."""
    known = alert_of(seen(datastreams=(DatastreamId(1),)))
    camera = later(40, **CAMERA, point=moved(30), severity=Severity.SEVERE, datastreams=(DatastreamId(7),))
    answer = _become(replace(camera, headline=replace(camera.headline, template="a gun")), known)
    assert isinstance(answer, Repeat)
    assert answer.worse
    assert answer.alert.tools == ("urban_anomaly", "firearm")
    assert answer.alert.datastreams == (1, 7)
    assert answer.alert.headline.template == "a gun"
    assert answer.alert.joined == (fingerprint(camera),)
    said = answer.alert.why.say()
    assert "what firearm noticed: 30 m and 40 s apart" in said
    assert "in 0.038 % of cases" in said


def test_a_milder_one_that_is_joined_leaves_the_headline() -> None:
    """The headline is the most severe one's."""
    known = alert_of(seen(severity=Severity.SEVERE))
    answer = _become(later(40, **CAMERA, severity=Severity.MINOR), known)
    assert isinstance(answer, Repeat)
    assert not answer.worse
    assert answer.alert.headline == known.headline


def test_repeats_of_what_was_joined_find_their_alert_again() -> None:
    """Ten minutes later the camera repeats: too late to be joined anew, but it is part of this alert already."""
    joined = _become(later(40, **CAMERA), alert_of(seen())).alert
    again = _become(later(900, **CAMERA, point=moved(400)), joined)
    assert isinstance(again, Repeat)
    assert again.alert.repeats == 2
    assert again.alert.why == joined.why, "why it was joined stays said"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"point": moved(101)}, "101 m away"),
        ({"noticed": AT + timedelta(seconds=301), "began": AT + timedelta(seconds=301)}, "301 s later"),
        ({"kind": Kind.FAULT}, "a broken counter says nothing about a crowd"),
        ({"kind": Kind.PLATFORM}, "the platform's trouble is not the city's"),
        ({"simulated": True}, "simulated and real never meet"),
        ({"point": None}, "no position and no zone"),
        ({"point": None, "zone": ZoneId("north")}, "another zone"),
    ],
)
def test_what_does_not_belong_together_is_not_joined(changes: dict[str, object], reason: str) -> None:
    """Each difference alone keeps two findings apart."""
    known = alert_of(seen(zone=ZoneId("south")))
    fields = {**CAMERA, "point": moved(10), **changes}
    assert isinstance(_become(seen(**fields), known), Raise), reason


def test_a_shared_zone_stands_in_for_a_missing_position() -> None:
    """An intrusion on the plaza's network has a zone and no point; it is joined, and the zone is named."""
    known = alert_of(seen(zone=ZoneId("plaza")))
    answer = _become(later(20, **CAMERA, point=None, zone=ZoneId("plaza")), known)
    assert isinstance(answer, Repeat)
    assert "the same zone plaza, 20 s apart" in answer.alert.why.say()


def test_what_would_often_come_this_close_by_chance_is_not_joined() -> None:
    """With the whole watched area no larger than the square, closeness says little: two alerts."""
    config = Config(area_km2=0.015)
    known = alert_of(seen())
    assert isinstance(_become(later(200, **CAMERA, point=moved(60)), known), Repeat)
    assert isinstance(_become(later(200, **CAMERA, point=moved(60)), known, config=config), Raise)


def test_the_least_likely_coincidence_is_joined_first() -> None:
    """Of two alerts within reach, the closer one takes the finding."""
    far = alert_of(seen(subject="zone:far", point=moved(90)), 2)
    near = alert_of(seen(subject="zone:near", point=moved(35)), 1)
    answer = _become(later(10, **CAMERA), far, near)
    assert answer.alert.id == near.id


@pytest.mark.parametrize("state", [AlertState.SHELVED, AlertState.CLOSED])
def test_nothing_is_joined_to_what_nobody_looks_at(state: AlertState) -> None:
    """A new identity beside a shelved or closed alert is news."""
    known = alert_of(seen(), state=state)
    assert isinstance(_become(later(10, **CAMERA), known), Raise)


@pytest.mark.parametrize(("seconds", "is_new"), [(900, False), (901, True)])
def test_after_closing_more_of_the_same_is_quiet_for_the_refire_window(seconds: float, *, is_new: bool) -> None:
    """What was just judged is counted with it for a quarter of an hour; after that it is a new episode."""
    known = alert_of(seen(), state=AlertState.CLOSED, changed_at=AT)
    assert isinstance(_become(later(seconds), known), Raise) is is_new


def test_a_shelved_alert_takes_its_repeats_however_late() -> None:
    """The shelf ends by time or by severity, not by a repeat."""
    known = alert_of(seen(), state=AlertState.SHELVED)
    assert isinstance(_become(later(40_000), known), Repeat)


def test_an_open_alert_is_preferred_to_a_closed_one() -> None:
    """Two alerts of one identity: the one somebody may be working on takes the repeat."""
    closed = alert_of(seen(), 9, state=AlertState.CLOSED)
    held = alert_of(seen(), 3, state=AlertState.HELD, owner="ada")
    assert _become(later(5), closed, held).alert.id == 3


def _episodes(count: int) -> list[object]:
    """Alerts of one subject, closed long enough ago not to be repeated."""
    closed = {"state": AlertState.CLOSED, "changed_at": AT - timedelta(hours=1)}
    return [alert_of(seen(point=None), number, **closed) for number in range(count, 0, -1)]


def test_one_subject_gets_no_more_than_its_share_of_alerts_in_an_hour() -> None:
    """The fifth episode in an hour is counted with the newest, unless it is worse than all before."""
    assert isinstance(_become(later(60, point=None), *_episodes(3)), Raise)
    fifth = _become(later(60, point=None), *_episodes(4))
    assert isinstance(fifth, Repeat)
    assert fifth.alert.id == 4
    assert isinstance(_become(later(60, point=None, severity=Severity.EXTREME), *_episodes(4)), Raise)
    assert isinstance(_become(later(3_600, point=None), *_episodes(4)), Raise)


def test_one_in_remembers_the_rarest() -> None:
    """How rare it was is the rarest that was said; nothing said stays nothing."""
    assert _become(later(1, one_in=50.0), alert_of(seen(one_in=200.0))).alert.one_in == 200.0
    assert _become(later(1), alert_of(seen())).alert.one_in is None


def test_an_end_before_the_beginning_does_not_turn_time_round() -> None:
    """A tool that says it ended before it began does not make the alert's latest time go back."""
    answer = _become(seen(ended=AT - timedelta(hours=2)))
    assert answer.alert.last_at == AT


KINDS = st.sampled_from(list(Kind))
FINDINGS = st.builds(
    later,
    st.floats(-7_200, 7_200),
    tool=st.sampled_from([ToolId("urban_anomaly"), ToolId("firearm"), ToolId("platform")]),
    kind=KINDS,
    subject=st.sampled_from(["zone:a", "zone:b", "thing:square/c11"]),
    severity=st.sampled_from(list(Severity)),
    point=st.one_of(st.none(), st.builds(moved, st.floats(-300, 300), st.floats(-300, 300))),
    zone=st.one_of(st.none(), st.sampled_from([ZoneId("north"), ZoneId("south")])),
    simulated=st.booleans(),
)


@given(st.lists(FINDINGS, min_size=1, max_size=25))
def test_fusion_is_deterministic_loses_nothing_and_never_gets_milder(findings: list[Finding]) -> None:
    """Any findings, twice: equal answers; every finding is in one alert; what is simulated or ours stays by itself."""

    def fuse() -> list[Raise | Repeat]:
        answers: list[Raise | Repeat] = []
        alerts: dict[int, object] = {}
        for finding in findings:
            answer = join(CONFIG, finding, list(reversed(alerts.values())), at=AT)  # type: ignore[arg-type]
            number = answer.alert.id or len(alerts) + 1
            alerts[number] = replace(answer.alert, id=number)  # type: ignore[arg-type]
            answers.append(answer)
        assert sum(alert.repeats + 1 for alert in alerts.values()) == len(findings)  # type: ignore[attr-defined]
        return answers

    answers = fuse()
    assert answers == fuse()
    for finding, answer in zip(findings, answers, strict=True):
        assert answer.alert.simulated == finding.simulated
        assert (answer.alert.kind is Kind.PLATFORM) == (finding.kind is Kind.PLATFORM)
        assert answer.alert.severity.rank >= finding.severity.rank
        assert answer.alert.began <= finding.began <= answer.alert.last_at
        assert finding.tool in answer.alert.tools


def test_the_horizon_covers_every_window() -> None:
    """An alert that could still matter is among those the desk hands over."""
    config = Config(group_s=7_200, join_s=60, refire_s=10)
    assert detect.horizon_s(config) == 7_200
    assert detect.horizon_s(Config(group_s=60)) == 3_600
