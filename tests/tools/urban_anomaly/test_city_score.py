"""What was told of a city, held against what happened: worked by hand."""

import math
from datetime import datetime

import numpy as np
import pytest

from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import DatastreamId, FindingKey, ToolId
from impetus.core.observation import batch_of, from_us, to_us
from impetus.core.standing import Standing
from impetus.core.text import Phrase
from impetus.tools.urban_anomaly.city_baselines import DAY_US, CityBaselines
from impetus.tools.urban_anomaly.city_read import Truth
from impetus.tools.urban_anomaly.city_score import EVENT, FAULT, Ground, Incident, city_score, match
from impetus.tools.urban_anomaly.evaluate_city import Coverage, Told

HOUR = 3_600_000_000
PACE_S = 300.0


def truth(
    start_h: float, end_h: float, *streams: int, category: str = EVENT, sd: float = 5.0, kind: str = "local"
) -> Truth:
    """Return a happening between these hours."""
    start = int(start_h * HOUR)
    return Truth(category=category, kind=kind, start_us=start, onset_us=start, end_us=int(end_h * HOUR),
                 sd=sd if category == EVENT else math.nan, streams=frozenset(streams), carrying=frozenset(streams))  # fmt: skip


def incident(hour: float, *streams: int, category: str = EVENT, lead: tuple[int, ...] | None = None) -> Incident:
    """Return what was told once, at an hour, about these datastreams."""
    return Incident(category=category, lead=lead or streams, told=[(int(hour * HOUR), frozenset(streams))])


def ground(*truths: Truth, streams: int = 10, days: int = 10) -> Ground:
    """Return a city of two zones judged for so many days."""
    return Ground(
        truths=truths,
        cadence_s=dict.fromkeys(range(1, streams + 1), PACE_S),
        zone={stream: f"z{stream % 2}" for stream in range(1, streams + 1)},
        begin_us=0,
        end_us=days * 24 * HOUR,
    )


def test_a_false_alarm_is_one_where_nothing_was() -> None:
    """One of two incidents matches: one false alarm in a hundred stream-days are ten in a thousand."""
    figures = city_score([incident(5, 1), incident(50, 2)], ground(truth(4.9, 6, 1)))
    assert figures["false_alarms"] == 1
    assert figures["false_alarms_per_1000_stream_days"] == 10.0
    assert figures["incidents_per_shift"] == pytest.approx(2 / 30, abs=0.005)
    assert figures["false_alarms_by_cause"] == {"fault": 0, "planned": 0, "calendar": 0, "nothing": 1}


def test_what_is_told_before_it_begins_or_long_after_or_elsewhere_is_not_about_it() -> None:
    """An event of datastream 1 from four to six; told at three, at eight, of datastream 2: three false alarms."""
    figures = city_score([incident(3, 1), incident(8, 1), incident(5, 2)], ground(truth(4, 6, 1)))
    assert (figures["event_recall"], figures["false_alarms"]) == (0.0, 3)
    assert city_score([incident(6.9, 1)], ground(truth(4, 6, 1)))["event_recall"] == 1.0


def test_a_fault_told_as_an_event_is_a_false_alarm_and_counted_as_such() -> None:
    """A stuck sensor raised as security, and another told to the maintainer."""
    stuck = [truth(4, 10, 1, category=FAULT, kind="stuck"), truth(4, 10, 2, category=FAULT, kind="stuck")]
    figures = city_score([incident(5, 1), incident(5, 2, category=FAULT)], ground(*stuck))
    assert figures["faults_as_security"] == 0.5
    assert figures["false_alarms_by_cause"]["fault"] == 1
    assert figures["faults_by_kind"] == {"stuck": {"told": 0.5, "as_security": 0.5, "of": 2}}


def test_an_event_near_a_broken_sensor_is_not_held_against_it() -> None:
    """A regional event takes in a sensor that is stuck: the fault was not raised as an event."""
    truths = (truth(4, 10, 1, category=FAULT, kind="stuck"), truth(4, 8, 1, 2, 3, kind="regional"))
    figures = city_score([incident(5, 1, 2, 3), incident(6, 1, category=FAULT)], ground(*truths))
    assert (figures["faults_as_security"], figures["false_alarms"]) == (0.0, 0)
    assert figures["fault_macro_f1"] == 1.0


def test_fault_or_event_counts_what_was_not_told_as_missed() -> None:
    """Two faults, one told; two events, both told: F1 of faults 2/3, of events 1; of what was told, all right."""
    truths = (
        truth(4, 10, 1, category=FAULT, kind="drift"),
        truth(4, 10, 2, category=FAULT, kind="drift"),
        truth(4, 6, 3),
        truth(4, 6, 4),
    )
    told = [incident(5, 1, category=FAULT), incident(5, 3), incident(5, 4)]
    figures = city_score(told, ground(*truths))
    assert figures["fault_macro_f1"] == pytest.approx((2 / 3 + 1) / 2, abs=0.001)
    assert figures["fault_macro_f1_of_told"] == 1.0


def test_small_events_are_not_asked_for_and_still_no_false_alarms() -> None:
    """An event of three deviations that is told is right; one that is not told costs no recall."""
    truths = (truth(4, 6, 1, sd=3.0), truth(4, 6, 2, sd=3.0), truth(4, 6, 3, sd=5.0))
    figures = city_score([incident(5, 1), incident(5, 3)], ground(*truths))
    assert (figures["event_recall"], figures["events_asked"], figures["false_alarms"]) == (1.0, 1, 0)
    assert figures["event_recall_by_sd"] == {"3": {"recall": 0.5, "of": 2}, "5": {"recall": 1.0, "of": 1}}


def test_delay_is_counted_in_readings_from_when_it_could_be_seen() -> None:
    """Told a quarter of an hour after it began at a reading every five minutes: three readings."""
    assert city_score([incident(4.25, 1)], ground(truth(4, 6, 1)))["delay_samples"] == 3.0


def test_an_explanation_hits_when_a_carrying_datastream_is_among_the_first_three() -> None:
    """Fourth is too late."""
    event = truth(4, 6, 1)
    assert city_score([incident(5, 1, lead=(7, 8, 1))], ground(event))["hit_at_3"] == 1.0
    assert city_score([incident(5, 1, lead=(7, 8, 9, 1))], ground(event))["hit_at_3"] == 0.0


def test_two_incidents_of_one_event_are_counted_and_neither_is_false() -> None:
    """Grouping is judged by how many are told per event."""
    figures = city_score([incident(5, 1), incident(5.2, 2)], ground(truth(4, 6, 1, 2)))
    assert (figures["incidents_per_event"], figures["false_alarms"]) == (2.0, 0)


def test_days_of_the_calendar_and_plans_explain_false_alarms() -> None:
    """On a holiday, in an announced match: false, and it is said why."""
    holiday = truth(24, 48, category="expected", kind="holiday")
    match_day = truth(60, 66, 3, category="expected", kind="football_match")
    figures = city_score([incident(30, 1), incident(61, 3)], ground(holiday, match_day))
    assert figures["false_alarms_by_cause"] == {"fault": 0, "planned": 1, "calendar": 1, "nothing": 0}


def test_later_tellings_count_too() -> None:
    """An incident that began by chance and then took in the real place has found it, at that moment."""
    grown = incident(3, 9)
    grown.told.append((5 * HOUR, frozenset({1, 9})))
    matched = match([grown], [truth(4, 6, 1)])
    assert matched.of_incident == [(0,)]
    assert matched.of_truth == {0: [(0, 5 * HOUR)]}


def test_intervals_stand_beside_the_figures() -> None:
    """Of ten events all told the interval is a point; with one zone full of false alarms it is wide."""
    events = [truth(4 + hour, 4.9 + hour, 1) for hour in range(10)]
    told = [incident(4.1 + hour, 1) for hour in range(10)]
    ends = city_score([*told, incident(100, 2), incident(120, 4)], ground(*events))["interval_90"]
    assert ends["event_recall"] == [1.0, 1.0]
    low, high = ends["false_alarms_per_1000_stream_days"]
    assert low < 20.0 < high


def test_nothing_told_of_nothing_has_no_figure() -> None:
    """Not a nought: there is none."""
    figures = city_score([], ground())
    assert figures["event_recall"] is None
    assert figures["delay_samples"] is None
    assert figures["false_alarms"] == 0


def test_baselines_set_their_thresholds_where_nothing_happens_and_hold_off_a_day() -> None:
    """Two weeks of noise set the bar; a jump of two hours on day 15 is one alarm of its datastream."""
    streams, days, per_day = 3, 16, 48
    rng = np.random.default_rng(3)
    baselines = CityBaselines.of(streams, 14 * DAY_US)
    for day in range(days):
        time_us = np.repeat(day * DAY_US + np.arange(per_day, dtype=np.int64) * 1_800_000_000, streams)
        ids = np.tile(np.arange(1, streams + 1), per_day)
        values = rng.normal(50, 1, len(ids))
        if day == 15:
            values[(ids == 2) & (np.arange(len(ids)) // streams // 4 == 5)] += 40
        baselines.take(batch_of(ids, time_us, values), time_us, time_us // 1_000_000)
    told = baselines.all(days * DAY_US)
    seasonal = [one for one in told["seasonal_z"] if one.first_us >= 15 * DAY_US and one.lead == (2,)]
    assert len(seasonal) == 1
    assert told["null"] == []
    assert all(one.first_us >= 14 * DAY_US for incidents in told.values() for one in incidents)


class Explains:
    """A tool that explains every finding by its datastreams, last first: the explanation's order is what counts."""

    def explain(self, finding: Finding) -> Evidence:
        """Return a series of each datastream."""
        none = np.zeros(0)
        series = [
            SeriesEvidence(datastream=stream, title=Phrase(template="t"), unit="1", time_us=none.astype(np.int64),
                           measured=none, low=none, high=none, coverage=0.9, from_us=0)
            for stream in reversed(finding.datastreams)
        ]  # fmt: skip
        return Evidence(finding=finding.key, summary=Phrase(template="s"), series=tuple(series))


def finding(began_h: int, *streams: int, kind: Kind = Kind.ANOMALY, over: bool = False) -> Finding:
    """Return a finding about these datastreams that began at an hour."""
    began = from_us(began_h * HOUR)
    return Finding(
        key=FindingKey(f"{began_h}"), tool=ToolId("t"), kind=kind, subject="s", headline=Phrase(template="h"),
        why=Phrase(template="w"), began=began, noticed=began, ended=began if over else None,
        datastreams=tuple(DatastreamId(stream) for stream in streams),
    )  # fmt: skip


def test_tellings_of_one_matter_are_one_incident() -> None:
    """Begun at one moment with a datastream in common; another place, another beginning or a fault is another."""
    told = Told(tool=Explains())
    told.take([finding(1, 1, 2), finding(1, 2, 3), finding(1, 9), finding(2, 1), finding(1, 1, kind=Kind.FAULT)], HOUR)
    assert [(one.category, one.lead, len(one.told)) for one in told.incidents] == [
        (EVENT, (2, 1), 2),
        (EVENT, (9,), 1),
        (EVENT, (1,), 1),
        (FAULT, (1,), 1),
    ]


def test_that_something_is_over_is_no_telling_of_it() -> None:
    """Unless it was never told before."""
    told = Told(tool=Explains())
    told.take([finding(1, 1), finding(1, 1, over=True), finding(3, 2, over=True)], HOUR)
    assert [len(one.told) for one in told.incidents] == [1, 1]


class Ranges:
    """A tool that expects every reading between 0 and 10."""

    def standing(self, *, at: datetime) -> Standing:
        """Return datastream 1 at 5, datastream 2 at 50, datastream 3 unheard of for a day."""
        count, now = 3, to_us(at)
        of = np.full
        return Standing(
            at_us=now, coverage=0.9, datastream=np.array([1, 2, 3]), time_us=np.array([now, now, now - DAY_US]),
            measured=np.array([5.0, 50.0, 5.0]), expected=of(count, 5.0), low=np.zeros(count), high=of(count, 10.0),
            p=of(count, 0.5), state=of(count, 1, dtype=np.uint8), fault=of(count, 0, dtype=np.uint8),
            alarms=of(count, 0), days=of(count, 1.0), nominal=of(count, 0.001), exceeded=of(count, 0),
            judged=of(count, 1),
        )  # fmt: skip


def coverage(*calm: tuple[int, int, frozenset[int]]) -> Coverage:
    """Return a count for three datastreams."""
    return Coverage(inside=np.zeros(4, dtype=np.int64), asked=np.zeros(4, dtype=np.int64), calm_until_us=calm)


def test_coverage_is_the_share_of_fresh_calm_readings_inside_the_range() -> None:
    """One of two; what was not heard for an hour is not asked about."""
    counted = coverage()
    counted.take(Ranges(), HOUR)
    figures = counted.figures()
    assert (figures["range_coverage"], figures["range_coverage_stated"], figures["range_coverage_worst"]) == (
        0.5,
        0.9,
        0,
    )


def test_coverage_leaves_out_what_something_happens_to() -> None:
    """Datastream 2 has an event: one of one. On a holiday nothing is counted, and a tool without ranges has none."""
    counted = coverage((0, 2 * HOUR, frozenset({2})))
    counted.take(Ranges(), HOUR)
    assert counted.figures()["range_coverage"] == 1.0
    holiday = coverage((0, 2 * HOUR, frozenset()))
    holiday.take(Ranges(), HOUR)
    holiday.take(Explains(), 3 * HOUR)
    assert holiday.figures()["range_coverage"] is None
