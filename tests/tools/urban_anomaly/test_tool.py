"""What the detector says about a street, and what it keeps to itself."""

import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.observation import Catalogue, batch_of, to_us
from impetus.tools.urban_anomaly.tool import Tool
from tools.urban_anomaly.street import CADENCE, Street, catalogue, learnt, times

WEEKS = timedelta(days=14)
HOUR = timedelta(hours=1)


@pytest.fixture
def street() -> Street:
    """Return one sensor that has been listened to for two weeks, at noon."""
    return learnt()


def told(findings: list[Finding]) -> list[str]:
    """Return headlines without figures."""
    return [finding.headline.say().partition(":")[0] for finding in findings]


def test_days_alike_are_not_worth_a_word() -> None:
    """Ten days of five sensors without anything in them raise at most one alarm."""
    findings = Street(5).live(timedelta(days=10))
    assert len([finding for finding in findings if finding.kind is Kind.ANOMALY and finding.ended is None]) <= 1


def test_a_crowd_is_told_at_its_second_or_third_reading(street: Street) -> None:
    """When a count rises to two and a half times normal, the operator knows within three readings."""
    began = street.at
    findings = street.live(3 * CADENCE, times(2.5, 1))
    assert told(findings) == ["People count far above normal at C1"]
    assert findings[0].began <= began + 2 * CADENCE
    assert findings[0].urgency is Urgency.EXPECTED


def test_an_event_is_told_once_and_once_more_when_it_is_over(street: Street) -> None:
    """An hour of crowd and the calm after it are two findings: the beginning, and the end."""
    findings = [*street.live(HOUR, times(2.5, 1)), *street.live(2 * HOUR)]
    news = [finding for finding in findings if finding.ended is None]
    assert findings[-1].ended is not None
    assert findings[-1].urgency is Urgency.PAST
    assert len(findings) - len(news) == 1
    assert len({finding.subject for finding in findings}) == 1
    assert [finding.severity.rank for finding in news] == sorted({finding.severity.rank for finding in news})


def test_the_sentence_says_measured_expected_and_how_rare(street: Street) -> None:
    """The reason names the reading, the range normal for this time, and how often this sensor was ever so far off."""
    [finding] = street.live(3 * CADENCE, times(2.5, 1))
    words = finding.why.say()
    assert "measured" in words
    assert "expected at this time of day" in words
    assert finding.one_in is not None
    assert 1 < finding.one_in <= 15 * 288


def test_an_empty_street_is_told_as_below_normal(street: Street) -> None:
    """Hardly anybody at noon is as strange as a crowd."""
    assert told(street.live(4 * CADENCE, times(0.2, 1)))[0] == "People count far below normal at C1"


def test_what_is_normal_at_noon_is_strange_at_night(street: Street) -> None:
    """A hundred people are a lunch hour by day and an alarm at three in the morning."""
    street.live(15 * HOUR)
    assert told(street.live(3 * CADENCE, lambda _, __, value: value + 95)) == ["People count far above normal at C1"]


def test_neighbours_that_fire_together_are_one_finding_about_their_zone() -> None:
    """Three counters of a zone that fill at once are one severe finding with all three in it."""
    street = learnt(4, zone="quay")
    findings = street.live(HOUR, times(3.0, 1, 2, 3))
    last = findings[-1]
    assert last.subject == "zone:quay"
    assert last.severity is Severity.SEVERE
    assert last.certainty is Certainty.LIKELY
    assert {1, 2, 3} == set(last.datastreams)
    assert last.headline.say().startswith("3 sensors in quay far from normal together")


def test_things_near_each_other_are_one_event_without_any_zone() -> None:
    """Two counters eleven metres apart that fill at once are one event."""
    street = learnt(2)
    findings = street.live(HOUR, times(3.0, 1, 2))
    assert len({finding.began for finding in findings if finding.kind is Kind.ANOMALY}) == 1
    assert set(findings[-1].datastreams) == {1, 2}


def test_a_statistic_is_never_extreme(street: Street) -> None:
    """Even a thousand times normal is at most severe: only people call anything extreme."""
    findings = street.live(HOUR, times(1000.0, 1))
    assert findings
    assert all(finding.severity in {Severity.MINOR, Severity.MODERATE, Severity.SEVERE} for finding in findings)


def test_a_lasting_change_of_level_becomes_normal(street: Street) -> None:
    """A street that stays twice as busy is news for hours, not for days."""
    street.live(timedelta(days=3), times(2.0, 1))
    later = street.live(timedelta(days=2), times(2.0, 1))
    assert [finding for finding in later if finding.ended is None] == []


def test_an_event_does_not_teach_the_detector_that_events_are_normal(street: Street) -> None:
    """The day after a crowd, the same crowd is told again: what was learnt was learnt winsorised."""
    street.live(HOUR, times(3.0, 1))
    street.live(timedelta(hours=23))
    assert "People count far above normal at C1" in told(street.live(HOUR, times(4.0, 1)))


def test_one_impossible_reading_is_a_fault_of_the_sensor(street: Street) -> None:
    """A single reading far out between calm ones is reported as a minor fault, not as a crowd."""
    street.live(CADENCE, lambda *_: 5_000.0)
    findings = street.live(2 * CADENCE)
    assert [finding.kind for finding in findings] == [Kind.FAULT]
    assert findings[0].severity is Severity.MINOR
    assert findings[0].facts["measured"] == 5_000.0


def test_a_sensor_that_spikes_daily_is_reported_once_a_week(street: Street) -> None:
    """Three spikes in three days are one finding: a person mends the sensor or lives with it."""
    spikes = []
    for _ in range(3):
        spikes += street.live(CADENCE, lambda *_: 5_000.0)
        spikes += street.live(timedelta(days=1))
    assert len([finding for finding in spikes if finding.kind is Kind.FAULT]) == 1


def test_a_stuck_sensor_is_told_and_so_is_its_recovery(street: Street) -> None:
    """The same value for hours, from a sensor that usually moves, is a fault; moving again ends it."""
    value = street.usual(street.at)
    stuck = [one for one in street.live(4 * HOUR, lambda *_: value) if one.kind is Kind.FAULT]
    moved = [one for one in street.live(2 * CADENCE) if one.kind is Kind.FAULT]
    assert told(stuck) == ["People count sensor at C1 reports the same value"]
    assert stuck[0].ended is None
    assert moved[0].ended is not None
    assert moved[0].key == f"{stuck[0].key}:over"


def test_a_sensor_that_never_moves_is_not_stuck() -> None:
    """A constant is what this sensor does; it is not reported for doing it."""
    street = Street()
    assert street.live(timedelta(days=5), lambda *_: 45.0) == []


def test_nothing_is_said_before_a_day_was_seen() -> None:
    """In its first day the detector knows no normal and keeps quiet, whatever comes."""
    street = Street()
    assert street.live(timedelta(hours=20)) == []
    assert street.live(timedelta(hours=3), times(10.0, 1)) == []


def test_an_event_nobody_can_see_any_more_is_over(street: Street) -> None:
    """When the sensor falls silent in an event, the event is closed after an hour instead of lasting for ever."""
    street.live(HOUR, times(3.0, 1))
    findings = street.live(2 * HOUR, lambda *_: None)
    assert [finding.ended is not None for finding in findings] == [True]


def test_findings_do_not_depend_on_how_readings_were_cut_into_batches() -> None:
    """Two weeks and a crowd give the same keys whether they come reading by reading or in one batch."""
    one, other = Street(3, zone="quay", seed=7), Street(3, zone="quay", seed=7)
    batches = [
        one.batch(one.at + step * CADENCE, times(3.0, 1, 2) if step > 14 * 288 + 150 else None)
        for step in range(14 * 288 + 180)
    ]
    at = one.at + (14 * 288 + 180) * CADENCE
    single = [finding.key for batch in batches for finding in one.tool.observe(batch, at=at)]
    columns = [
        np.concatenate([getattr(batch, name) for batch in batches]) for name in ("datastream", "time_us", "result")
    ]
    whole = [finding.key for finding in other.tool.observe(batch_of(*columns), at=at)]
    assert single == whole
    assert single


def test_a_pickled_tool_goes_on_as_if_nothing_had_happened(street: Street) -> None:
    """A snapshot holds everything: the copy says what the original says."""
    copy = pickle.loads(pickle.dumps(street.tool))  # noqa: S301  # pickled on this very line
    batches = [street.batch(street.at + step * CADENCE, times(3.0, 1)) for step in range(6)]
    said = [
        [finding.key for batch in batches for finding in tool.observe(batch, at=street.at + HOUR)]
        for tool in (street.tool, copy)
    ]
    assert said[0] == said[1]
    assert said[0]


def test_a_daylight_saving_change_moves_the_day_with_the_city() -> None:
    """After the clocks change, people come an hour earlier in UTC, and nobody is alarmed."""
    street = Street(settings={"timezone": "Europe/Oslo"})
    street.at = datetime(2026, 3, 14, tzinfo=UTC)
    switch = datetime(2026, 3, 29, 1, tzinfo=UTC)
    usual = street.usual
    street.usual = lambda at: usual(at + timedelta(hours=2 if at >= switch else 1))  # type: ignore[method-assign]
    findings = street.live(timedelta(days=20))
    assert [finding for finding in findings if finding.began >= switch and finding.ended is None] == []


@pytest.mark.parametrize(
    ("ids", "seconds", "value"),
    [
        ([99], 0, 1.0),
        ([-1], 0, 1.0),
        ([1], 10**9, 1.0),
        ([1], -(10**9), 1.0),
        ([1], 0, float("nan")),
        ([1], 0, float("inf")),
    ],
)
def test_readings_that_cannot_be_used_are_left_out_and_counted(
    street: Street, ids: list[int], seconds: int, value: float
) -> None:
    """Undeclared, far in the future, long past, missing and infinite readings change nothing."""
    before = street.tool.detector.ignored
    time_us = to_us(street.at) + seconds * 1_000_000
    assert street.tool.observe(batch_of(ids, [time_us], [value]), at=street.at) == []
    assert street.tool.detector.ignored == before + 1
    assert told(street.live(3 * CADENCE, times(2.5, 1))) == ["People count far above normal at C1"]


def test_new_datastreams_are_learnt_without_forgetting_the_old(street: Street) -> None:
    """A catalogue that grew leaves what is known of the first sensor as it was."""
    before = street.tool.detector.columns.profile[:, 1].copy()
    street.tool.learn(catalogue(50))
    assert (street.tool.detector.columns.profile[:, 1] == before).all()
    assert len(street.tool.detector.columns.known) == 51


def test_a_tool_without_datastreams_waits() -> None:
    """Before anything is declared the tool runs and says nothing."""
    tool = Tool.create({}, Catalogue())
    assert tool.observe(batch_of([1], [0], [1.0]), at=datetime(2026, 3, 2, tzinfo=UTC)) == []
    assert tool.tick(at=datetime(2026, 3, 2, tzinfo=UTC)) == []


def test_thirty_hours_of_history_are_enough_to_raise_an_event() -> None:
    """A strange run is held against what was before it, not against itself, so a young sensor can speak too."""
    street = Street()
    assert street.live(timedelta(hours=30)) == []
    findings = street.live(4 * CADENCE, times(4.0, 1))
    assert told(findings)[:1] == ["People count far above normal at C1"]
    assert findings[0].one_in is not None
    assert findings[0].one_in <= 6 * 12 + 1, "six hours of readings after the day of learning can say no more"


def test_runs_of_the_same_size_before_do_count_against_the_next() -> None:
    """What happens three times in a day and a half is what this sensor does: only the run itself is left out."""
    street = Street(settings={"hold_off_s": 0})
    street.live(timedelta(hours=30))
    told_each_time = []
    for _ in range(3):
        findings = street.live(6 * CADENCE, times(4.0, 1))
        told_each_time.append(any(finding.kind is Kind.ANOMALY for finding in findings))
        street.live(4 * HOUR)
    assert told_each_time == [True, True, False]
