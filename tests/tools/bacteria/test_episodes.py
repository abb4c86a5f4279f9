"""What is told of samples that were judged, in which words, and the settings that decide it."""

import math
import pickle
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from impetus.core.errors import Misconfigured
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.observation import to_us
from impetus.tools.bacteria.config import METHODS, RANGES, Config, from_settings
from impetus.tools.bacteria.detect import Detector, Judged, Level
from impetus.tools.bacteria.episodes import Episode, Episodes, Member, News
from impetus.tools.bacteria.explain import explain, remember
from impetus.tools.bacteria.faults import SET_ASIDE, Fault
from impetus.tools.bacteria.words import FAULT_HEADLINES, episode_finding, fault_finding, figure, score_of
from tools.bacteria.air import START, sample, samplers, stream

HOUR_DAY = 1 / 24
NEAR, FAR = 300.0, 10_000.0


def saw(episodes: Episodes, day: float, level: Level, *, sampler: int = 1, **about: object) -> list[News]:
    """Let a sampler's sample be seen."""
    apart = float(str(about.pop("apart_m", NEAR)))
    simulated = bool(about.pop("simulated", False))
    judged = Judged(
        sample=sample(1_000.0, day=day, sampler=sampler),
        chance=1e-5,
        normal=4.0 + day,
        expected=200.0,
        low=100.0,
        high=320.0,
        level=level,
        **about,  # type: ignore[arg-type]  # only a fault is given
    )
    where = stream(sampler, sampler, "airborne_bacteria", apart_m=apart, simulated=simulated)
    return list(episodes.saw(judged, where))


def test_an_episode_begins_grows_and_ends_with_one_word_each() -> None:
    """A watch, the alarm it becomes, and the third ordinary sample in a row."""
    episodes = Episodes(config=Config())
    levels = [Level.WATCH, Level.WATCH, Level.ALARM, *[Level.NOTHING] * 5]
    told = [len(saw(episodes, place * HOUR_DAY, level)) for place, level in enumerate(levels)]
    assert told == [1, 0, 1, 0, 0, 1, 0, 0]
    assert episodes.running == []


def test_ordinary_samples_must_come_in_a_row() -> None:
    """Two calm ones and a high one begin the count again."""
    episodes = Episodes(config=Config())
    levels = [Level.WATCH, Level.NOTHING, Level.NOTHING, Level.WATCH, Level.NOTHING, Level.NOTHING]
    assert sum(len(saw(episodes, place * HOUR_DAY, level)) for place, level in enumerate(levels)) == 1
    assert len(saw(episodes, 1.0, Level.NOTHING)) == 1


def test_a_sample_with_a_fault_neither_ends_nor_begins_anything() -> None:
    """It says nothing of the air."""
    episodes = Episodes(config=Config())
    assert saw(episodes, 0.0, Level.NOTHING, fault=Fault.BLOCKED) == []
    saw(episodes, 0.1, Level.WATCH)
    for place in range(6):
        assert saw(episodes, 0.2 + place * HOUR_DAY, Level.NOTHING, fault=Fault.STUCK) == []
    assert len(episodes.running) == 1


@pytest.mark.parametrize(("apart_m", "simulated", "count"), [(NEAR, False, 1), (FAR, False, 2), (NEAR, True, 2)])
def test_neighbours_share_an_episode_and_others_do_not(apart_m: float, *, simulated: bool, count: int) -> None:
    """Ten kilometres, or one of them made up: two episodes."""
    episodes = Episodes(config=Config())
    saw(episodes, 0.0, Level.WATCH, apart_m=apart_m)
    saw(episodes, HOUR_DAY, Level.WATCH, sampler=2, apart_m=apart_m, simulated=simulated)
    assert len(episodes.running) == count


def test_a_neighbour_that_comes_hours_later_is_another_episode() -> None:
    """What ended six hours ago downwind is not the same air."""
    episodes = Episodes(config=Config())
    saw(episodes, 0.0, Level.WATCH)
    saw(episodes, 6 * HOUR_DAY, Level.WATCH, sampler=2)
    assert len(episodes.running) == 2


def test_after_an_episode_only_an_alarm_begins_another_for_a_while() -> None:
    """Half an hour after the end a watch is the rest of it; an hour later it is news again."""
    quick = HOUR_DAY / 12
    episodes = Episodes(config=Config())
    for place, level in enumerate([Level.WATCH, *[Level.NOTHING] * 3]):
        saw(episodes, place * quick, level)
    assert saw(episodes, 6 * quick, Level.WATCH) == []
    assert len(saw(episodes, 7 * quick, Level.ALARM)) == 1
    for place in range(3):
        saw(episodes, (8 + place) * quick, Level.NOTHING)
    assert len(saw(episodes, 10 * quick + 1.1 * HOUR_DAY, Level.WATCH)) == 1


def test_silence_ends_what_ran_and_withdrawal_too() -> None:
    """After two days without a sample; and a sampler that is no longer declared runs no event."""
    episodes = Episodes(config=Config())
    saw(episodes, 0.0, Level.ALARM)
    assert list(episodes.expire(at_us=to_us(START) + 86_400_000_000)) == []
    [news] = episodes.expire(at_us=to_us(START) + 3 * 86_400_000_000)
    assert (news.over, news.silent) == (True, True)
    saw(episodes, 4.0, Level.ALARM)
    episodes.forget(frozenset())
    assert [one.silent for one in episodes.expire(at_us=to_us(START) + 4 * 86_400_000_000)] == [False]


def episode(*normals: float, level: Level = Level.WATCH) -> Episode:
    """Return an episode of samplers at these normal scores."""
    members = {}
    for number, normal in enumerate(normals, start=1):
        peak = Judged(
            sample=sample(1_234.0, sampler=number),
            chance=10**-normal,
            normal=normal,
            expected=200.0,
            low=90.0,
            high=330.0,
        )
        where = stream(number, number, "airborne_bacteria")
        members[where.thing] = Member(stream=where, peak=peak, seen_us=to_us(START))
    return Episode(thing="city/a1", began_us=to_us(START), calm_needed=3, level=level, members=members)  # type: ignore[arg-type]  # a thing's key is text


@pytest.mark.parametrize(
    ("made", "severity", "certainty"),
    [
        (episode(2.5), Severity.MINOR, Certainty.POSSIBLE),
        (episode(4.0), Severity.MINOR, Certainty.LIKELY),
        (episode(2.5, 2.6), Severity.MODERATE, Certainty.LIKELY),
        (episode(5.0, level=Level.ALARM), Severity.SEVERE, Certainty.LIKELY),
    ],
)
def test_severity_follows_level_and_company(made: Episode, severity: Severity, certainty: Certainty) -> None:
    """A watch of one is minor, of two moderate; an alarm is severe, never extreme."""
    finding = episode_finding(made, over=False, silent=False, at=START)
    assert (finding.severity, finding.certainty) == (severity, certainty)
    assert finding.kind is Kind.ANOMALY
    assert finding.point is not None


def test_the_sampler_farthest_out_leads_and_the_subject_stays() -> None:
    """So that repeats are counted under one name whoever leads."""
    finding = episode_finding(episode(2.5, 6.0, 3.0), over=False, silent=False, at=START)
    assert finding.datastreams == (2, 3, 1)
    assert finding.subject == "thing:city/a1"
    assert "most at A2: 1,234 per m³" in finding.headline.say()


def test_odds_are_never_said_beyond_what_records_reach() -> None:
    """One in a million at most."""
    finding = episode_finding(episode(9.0), over=False, silent=False, at=START)
    assert finding.one_in == 1e6
    assert "1 in 1,000,000" in finding.why.say()


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.NONE} - SET_ASIDE))
def test_each_fault_has_words_for_maintenance_and_no_gap(fault: Fault) -> None:
    """Minor, about the sampler, and over in the same words."""
    judged = Judged(sample=sample(-4.0), fault=fault)
    where = stream(1, 1, "airborne_bacteria")
    for over in (False, True):
        finding = fault_finding(judged, where, to_us(START), over=over, at=START + timedelta(hours=1))
        assert "A1" in finding.headline.say()
        assert "{" not in finding.headline.say() + finding.why.say()
        assert (finding.severity, finding.kind) == (Severity.MINOR, Kind.FAULT)
        assert (finding.urgency is Urgency.PAST) == over
    assert set(FAULT_HEADLINES) == set(Fault) - {Fault.NONE} - SET_ASIDE


def test_figures_are_short() -> None:
    """Large ones whole, small ones with a decimal, none for no number."""
    assert [figure(value) for value in (12_345.6, 9.96, 0.04, 0.0, math.nan, math.inf)] == [
        "12,346", "10.0", "0.0", "0", "\u2013", "\u2013",
    ]  # fmt: skip
    assert score_of(-3.0) == 0.0
    assert score_of(5.0) == 0.5


def test_a_finding_about_withdrawn_samplers_still_has_words() -> None:
    """It shows no series and says why; a faulty sample is no point of the plot."""
    finding = episode_finding(episode(4.0), over=False, silent=False, at=START)
    past: dict = {}
    remember(past, Judged(sample=sample(200.0), low=100.0, high=300.0))
    remember(past, Judged(sample=sample(9e5, day=1), fault=Fault.SATURATED))
    [series] = explain(finding, past, samplers(1)).series
    assert series.measured.tolist() == [200.0]
    gone = explain(finding, past, replace(samplers(1), datastreams={}))
    assert gone.series == ()
    assert "no longer declared" in gone.summary.say()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_a_great_load_and_pickles(method: str) -> None:
    """Eight times the usual after half a year, by regression and by each named chart."""
    detector = Detector(config=Config(method=method))
    detector.learn(samplers(1))
    for day in range(180):
        detector.take(sample(200.0 + 37.0 * (day * 7919 % 11 - 5), day=day))
    judged = pickle.loads(pickle.dumps(detector)).take(sample(1_600.0, day=180))  # noqa: S301 - pickled on this line
    assert judged.chance < 0.03
    assert judged.one_in == pytest.approx(max(1 / judged.chance, 1) if judged.chance > 1e-9 else 1e9)


def test_rarer_samples_have_larger_chances_for_the_same_rate() -> None:
    """A watch of .3 a month is one in a hundred daily samples, and one in two thousand four hundred hourly ones."""
    detector = Detector(config=Config())
    detector.learn(samplers(1))
    for day in range(30):
        detector.take(sample(200.0 + day % 7, day=day))
    course = detector.courses[next(iter(detector.courses))]
    assert detector.nominal(course) == pytest.approx((0.3 / 30.44, 0.03 / 30.44), rel=0.01)
    course.spacing_us /= 24
    assert detector.nominal(course)[0] == pytest.approx(0.3 / 30.44 / 24, rel=0.01)
    course.spacing_us *= 24 * 100
    assert detector.nominal(course)[0] == 0.05


def test_what_is_left_of_a_great_sample_is_a_fault_and_no_news() -> None:
    """A tenth of a load of ten thousand explains eight hundred the day after, not eight thousand."""
    for second, fault in ((1_100.0, Fault.CARRY_OVER), (8_000.0, Fault.NONE)):
        detector = Detector(config=Config())
        detector.learn(samplers(1))
        for day in range(180):
            detector.take(sample(200.0 + 11.0 * (day * 7919 % 11 - 5), day=day))
        assert detector.take(sample(10_000.0, day=180)).level is Level.ALARM
        assert detector.take(sample(second, day=181)).fault is fault


def test_every_number_has_a_range_and_its_default_lies_in_it() -> None:
    """A field without a range could be set to nonsense."""
    assert {item.name for item in fields(Config)} - {"timezone", "method"} == set(RANGES)
    assert all(low <= getattr(Config(), name) <= high for name, (low, high) in RANGES.items())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", 1), ("method", "magic"), ("timezone", "Europe/Atlantis"), ("learning_samples", 7.5),
        ("watch_per_month", 0), ("carry_over", True), ("end_samples", "three"), ("alarm_per_month", 0.3),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused_by_name(name: str, value: float | str) -> None:
    """With the value and what would do."""
    with pytest.raises(Misconfigured, match=name):
        from_settings({name: value})


def test_settings_in_range_are_taken() -> None:
    """Numbers become the type of their field."""
    config = from_settings({"method": "ears_c1", "end_samples": 5.0, "timezone": "Europe/Oslo"})
    assert (config.method, config.end_samples, config.zone().key) == ("ears_c1", 5, "Europe/Oslo")
