"""What is told of one sample and one episode, how every sampler stands, and which samples say where it came from."""

import math
import pickle
from collections import deque
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from impetus.core.finding import Certainty, Finding, Kind, Urgency
from impetus.core.ids import DatastreamId, DatastreamKey, ThingKey
from impetus.core.observation import Catalogue, batch_of, to_us
from impetus.core.source_area import AreaKind
from impetus.core.standing import FaultKind, StandingState
from impetus.tools.bacteria.config import Config
from impetus.tools.bacteria.course import COVERAGE, POINTS
from impetus.tools.bacteria.detect import Detector, Judged, Level, rates
from impetus.tools.bacteria.episodes import Episode, Episodes, Member
from impetus.tools.bacteria.explain import explain, remember
from impetus.tools.bacteria.faults import Fault
from impetus.tools.bacteria.origin import BEFORE_US, LEAST_SPREAD, SIGMAS, UNSAID_S, origin_of, usable
from impetus.tools.bacteria.repairs import Repairs
from impetus.tools.bacteria.stand import SILENT_SPACINGS, standing_of
from impetus.tools.bacteria.wind import Masts
from impetus.tools.bacteria.words import (
    MOST_ONE_IN,
    SURE_ONE_IN,
    episode_finding,
    fault_finding,
    figure,
    score_of,
    values_of,
)
from tools.bacteria.air import DAY, START, sample, samplers, stream

NOW_US = to_us(START)
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
A1 = ThingKey("city/a1")
LOAD = "airborne_bacteria"


def high(*, sampler: int = 1, day: float = 0.0, **about: object) -> Judged:
    """Return a sample that is far above its band of 100 to 330."""
    known: dict[str, object] = {
        "chance": 1e-5, "normal": 4.0, "expected": 200.0, "low": 100.0, "high": 329.0, "level": Level.WATCH,
    }  # fmt: skip
    return Judged(sample=sample(1_234.0, sampler=sampler, day=day), **{**known, **about})  # type: ignore[arg-type]  # fields of a judged sample


def episode_of(*judged: Judged, level: Level = Level.WATCH, simulated: bool = False) -> Episode:
    """Return an episode of these samplers, the first having begun it."""
    members = {}
    for one in judged:
        number = int(str(one.sample.thing).removeprefix("city/a"))
        where = stream(number, number, LOAD, simulated=simulated)
        members[where.thing] = Member(stream=where, peak=one, seen_us=one.sample.time_us)
    first = judged[0].sample
    return Episode(thing=first.thing, began_us=first.time_us, calm_needed=3, level=level, members=members)


def told(episode: Episode, *, over: bool = False, silent: bool = False) -> Finding:
    """Return the finding of an episode."""
    return episode_finding(episode, over=over, silent=silent, at=START + DAY)


@pytest.mark.parametrize(
    ("chance", "one_in"),
    [(1.0, 1.0), (0.5, 2.0), (1e-4, 1e4), (1e-9, 1e9), (1e-300, 1e9), (0.0, 1e9), (math.nan, 1.0)],
)
def test_the_rarest_chance_is_the_longest_odds(chance: float, one_in: float) -> None:
    """A chance too small for a number is one in a thousand million, not one in one; an unjudged sample is ordinary."""
    assert Judged(sample=sample(1.0), chance=chance).one_in == pytest.approx(one_in)


def test_a_load_a_thousand_times_the_usual_is_no_ordinary_sample() -> None:
    """Whose chance is nought in doubles: likely, one in a million, and no word of one in one."""
    detector = Detector(config=Config())
    detector.learn(samplers(1))
    rng = np.random.default_rng(1)
    for day in range(60):
        detector.take(sample(round(float(rng.gamma(9.0, 200 / 9.0)), 1), day=day))
    judged = detector.take(sample(400_000.0, day=60))
    assert judged.level is Level.ALARM
    finding = told(episode_of(judged, level=Level.ALARM))
    assert finding.one_in == MOST_ONE_IN
    assert finding.certainty is Certainty.LIKELY
    assert "1 in 1,000,000 samples" in finding.why.say()


@pytest.mark.parametrize(
    ("chance", "certainty"), [(1.01 / SURE_ONE_IN, Certainty.POSSIBLE), (0.99 / SURE_ONE_IN, Certainty.LIKELY)]
)
def test_one_sampler_alone_is_likely_from_one_in_a_thousand(chance: float, certainty: Certainty) -> None:
    """Rarer than that is hardly chance; two samplers are likely whatever each says."""
    assert told(episode_of(high(chance=chance))).certainty is certainty
    assert told(episode_of(high(chance=chance), high(sampler=2, chance=0.5))).certainty is Certainty.LIKELY


@pytest.mark.parametrize(
    ("level", "over", "silent", "urgency", "words"),
    [
        (Level.WATCH, False, False, Urgency.EXPECTED, "1,234 per m³ measured, 100 to 329 per m³ expected; 1 in 100,000"),
        (Level.ALARM, False, False, Urgency.IMMEDIATE, "keep the liquid of this one, and tell public health on duty"),
        (Level.ALARM, True, False, Urgency.PAST, "the last 3 samples were as expected"),
        (Level.WATCH, True, True, Urgency.PAST, "no sample came since; the highest was 1,234 per m³"),
    ],
)  # fmt: skip
def test_why_says_what_was_measured_and_what_to_do(
    level: Level, *, over: bool, silent: bool, urgency: Urgency, words: str
) -> None:
    """A watch, an alarm, an end by calm and one by silence."""
    finding = told(episode_of(high(), level=level), over=over, silent=silent)
    assert words in finding.why.say()
    assert finding.urgency is urgency


def test_an_end_bears_the_time_of_the_last_sample_of_any_sampler() -> None:
    """And not the time at which it was noticed."""
    finding = told(episode_of(high(), high(sampler=2, day=0.5)), over=True)
    assert finding.began == START
    assert finding.ended == START + DAY / 2
    assert finding.noticed == START + DAY


def test_the_facts_of_a_finding_are_the_lead_s() -> None:
    """Measured, expected, level and number, for rules that read numbers."""
    finding = told(episode_of(high(), high(sampler=2, normal=9.0, expected=150.0)))
    assert finding.facts == {"measured": 1234.0, "expected": 150.0, "level": 1.0, "samplers": 2.0}
    assert finding.score == pytest.approx(9.0 / 14.0)


def test_equal_scores_are_led_by_the_lower_id() -> None:
    """So that a replay says the same."""
    assert told(episode_of(high(sampler=3), high(sampler=2))).datastreams == (2, 3)


def test_each_telling_of_an_episode_has_a_key_of_its_own() -> None:
    """The subject stays; a second telling bears its number, a simulated one its mark."""
    made = episode_of(high())
    first = told(made)
    made.tellings = 1
    again = told(made)
    assert first.key != again.key
    assert again.key == f"{first.key}:1"
    assert first.subject == again.subject == "thing:city/a1"
    pretended = told(episode_of(high(), simulated=True))
    assert pretended.simulated
    assert pretended.key != first.key


def test_a_finding_names_no_more_datastreams_than_can_be_carried() -> None:
    """Sixty-four of eighty, those farthest out; the number told is eighty."""
    finding = told(episode_of(*[high(sampler=number, normal=float(number)) for number in range(1, 81)]))
    assert len(finding.datastreams) == 64
    assert finding.datastreams[0] == 80
    assert "at 80 samplers" in finding.headline.say()


@pytest.mark.parametrize(
    ("fault", "urgency", "certainty", "words"),
    [
        (Fault.BLOCKED, Urgency.FUTURE, Certainty.LIKELY, "maintenance looks at the sampler"),
        (Fault.SATURATED, Urgency.EXPECTED, Certainty.LIKELY, "shorter sample"),
        (Fault.CARRY_OVER, Urgency.FUTURE, Certainty.POSSIBLE, "rinse it"),
    ],
)
def test_a_fault_says_who_does_what_and_how_soon(
    fault: Fault, urgency: Urgency, certainty: Certainty, words: str
) -> None:
    """A full reader may hide a great load, so it is looked at sooner; what is left of a sample is only possible."""
    finding = fault_finding(high(fault=fault), stream(1, 1, LOAD), NOW_US, over=False, at=START)
    assert (finding.urgency, finding.certainty) == (urgency, certainty)
    assert words in finding.why.say()


def test_a_fault_that_is_over_bears_its_own_key_and_says_so() -> None:
    """One key for its beginning, that and a word for its end."""
    where = stream(1, 1, LOAD)
    began = fault_finding(high(fault=Fault.STUCK), where, NOW_US, over=False, at=START)
    ended = fault_finding(high(day=1, fault=Fault.STUCK), where, NOW_US, over=True, at=START + DAY)
    assert ended.key == f"{began.key}:over"
    assert (began.ended, ended.ended) == (None, START + DAY)
    assert "in order again" in ended.why.say()


@pytest.mark.parametrize(("unit", "said"), [("1", ""), ("{count}", ""), ("/m3", " /m3")])
def test_a_number_without_a_unit_stands_alone(unit: str, said: str) -> None:
    """Counts have no unit; others are set apart by a space."""
    assert values_of(high(), replace(stream(1, 1, LOAD), unit=unit))["unit"] == said


def test_a_band_nobody_knows_is_a_dash() -> None:
    """Not "nan"."""
    values = values_of(Judged(sample=sample(math.nan)), stream(1, 1, LOAD))
    assert {values["measured"], values["low"], values["high"]} == {"\u2013"}
    assert values["one_in"] == "1"


@pytest.mark.parametrize(
    ("value", "said"), [(-0.04, "-0.0"), (9.94, "9.9"), (10.0, "10"), (-1234.5, "-1,234"), (1e6, "1,000,000")]
)
def test_figures_by_hand(value: float, said: str) -> None:
    """One decimal below ten, none from there on."""
    assert figure(value) == said


@pytest.mark.parametrize(("normal", "score"), [(0.0, 0.0), (-9.0, 0.0), (5.0, 0.5), (45.0, 0.9), (1e9, 1.0)])
def test_scores_rank_between_nought_and_one(normal: float, score: float) -> None:
    """Half at five deviations."""
    assert score_of(normal) == pytest.approx(score, abs=1e-6)


def test_the_plot_holds_the_newest_samples_and_no_more() -> None:
    """Of two hundred, what fits a screen; its band stays within what the instrument can say."""
    past: dict[ThingKey, deque[Judged]] = {}
    for day in range(200):
        remember(past, high(day=day, low=-50.0, high=2e6))
    assert len(past[A1]) == POINTS
    finding = told(episode_of(high(day=199)))
    [series] = explain(finding, past, samplers(1)).series
    assert series.time_us[-1] == NOW_US + 199 * DAY_US
    assert series.low.tolist() == [0.0] * POINTS
    assert series.high.tolist() == [1e6] * POINTS
    assert (series.coverage, series.from_us) == (COVERAGE, NOW_US + 199 * DAY_US)


def test_each_sampler_of_a_finding_has_its_own_plot_the_lead_s_first() -> None:
    """A sampler nobody remembers has none."""
    past: dict[ThingKey, deque[Judged]] = {}
    for number in (1, 2):
        remember(past, high(sampler=number))
    finding = told(episode_of(high(), high(sampler=2, normal=8.0), high(sampler=3)))
    assert [one.datastream for one in explain(finding, past, samplers(3)).series] == [2, 1]


def listened(days: int = 40) -> Detector:
    """Return a detector that has seen one sampler for so many days, of two declared."""
    detector = Detector(config=Config())
    detector.learn(samplers(2))
    for day in range(days):
        detector.take(sample(200.0 + 7.3 * (day * 7 % 11), day=day))
    return detector


def test_a_sampler_that_never_spoke_is_learning() -> None:
    """Nothing measured, nothing expected, never heard; its promise stands all the same."""
    standing = standing_of(listened(), Episodes(config=Config()), Repairs(), {}, at_us=NOW_US + 40 * DAY_US)
    assert standing.datastream.tolist() == [1, 2]
    assert standing.state.tolist() == [StandingState.CALM, StandingState.LEARNING]
    assert standing.time_us.tolist() == [-1, -1]
    assert np.isnan(standing.measured).all()
    assert standing.nominal.tolist() == pytest.approx([0.3 / 30.44] * 2)


def test_before_it_judges_a_sampler_is_learning() -> None:
    """Ten samples of fourteen."""
    standing = standing_of(listened(10), Episodes(config=Config()), Repairs(), {}, at_us=NOW_US + 10 * DAY_US)
    assert standing.state[0] == StandingState.LEARNING
    assert standing.judged[0] == 0


@pytest.mark.parametrize(
    ("days", "state"), [(SILENT_SPACINGS - 0.1, StandingState.CALM), (SILENT_SPACINGS + 0.1, StandingState.SILENT)]
)
def test_three_spacings_without_a_sample_are_silence(days: float, state: StandingState) -> None:
    """Of a sampler that samples daily: three days."""
    at_us = NOW_US + round((39 + days) * DAY_US)
    standing = standing_of(listened(), Episodes(config=Config()), Repairs(), {}, at_us=at_us)
    assert standing.state[0] == state


def test_an_event_is_more_than_silence_and_a_fault_more_than_an_event() -> None:
    """What needs a look most is shown."""
    detector, episodes, repairs = listened(), Episodes(config=Config()), Repairs()
    late_us = NOW_US + 90 * DAY_US
    list(episodes.saw(high(day=39), stream(1, 1, LOAD)))
    strange = standing_of(detector, episodes, repairs, {}, at_us=late_us)
    assert (strange.state[0], strange.alarms[0]) == (StandingState.STRANGE, 1)
    list(repairs.saw(Judged(sample=sample(1.0, day=39), fault=Fault.CALIBRATION)))
    broken = standing_of(detector, episodes, repairs, {}, at_us=late_us)
    assert (broken.state[0], broken.fault[0]) == (StandingState.FAULT, FaultKind.DRIFT)


def test_standing_shows_the_newest_sample_with_its_band() -> None:
    """Also when it was a fault: measured is told, what was expected is not known."""
    past = {A1: deque([high(day=38), Judged(sample=sample(-3.0, day=39), fault=Fault.NEGATIVE)])}
    standing = standing_of(listened(), Episodes(config=Config()), Repairs(), past, at_us=NOW_US + 40 * DAY_US)
    assert (standing.measured[0], standing.time_us[0]) == (-3.0, NOW_US + 39 * DAY_US)
    assert math.isnan(standing.p[0])
    past[A1].pop()
    standing = standing_of(listened(), Episodes(config=Config()), Repairs(), past, at_us=NOW_US + 40 * DAY_US)
    assert (standing.expected[0], standing.low[0], standing.high[0], standing.p[0]) == (200.0, 100.0, 329.0, 1e-5)


def test_rates_count_what_was_judged() -> None:
    """Of forty samples the first fourteen were learnt from."""
    detector = listened()
    assert rates(detector)[A1][1] == 26
    assert pickle.loads(pickle.dumps(detector)).judged == 26  # noqa: S301 - pickled on this very line


def test_without_samplers_there_is_no_standing() -> None:
    """An empty table, not an error."""
    assert len(standing_of(Detector(config=Config()), Episodes(config=Config()), Repairs(), {}, at_us=0)) == 0


def test_a_sound_sample_says_where_by_hand() -> None:
    """Band of 329 - 100 over 3.29: a spread of 69.6; half an hour of air ending when the sample does."""
    one = high(day=1)
    one.sample.duration_s = 1_800.0
    one.sample.limit = 12.0
    [found] = usable(stream(1, 1, LOAD), [one], 0, NOW_US + DAY_US)
    assert (found.measured, found.expected, found.limit) == (1234.0, 200.0, 12.0)
    assert found.spread == pytest.approx(229.0 / SIGMAS)
    assert found.ended_us - found.began_us == 1_800_000_000
    assert found.name == "A1"


def test_what_a_sample_does_not_say_is_taken_as_usual() -> None:
    """An hour of air, a fifth of spread, no limit."""
    [found] = usable(stream(1, 1, LOAD), [high(low=math.nan)], 0, NOW_US)
    assert found.ended_us - found.began_us == UNSAID_S * 1e6
    assert found.spread == pytest.approx(LEAST_SPREAD * 200.0)
    assert found.limit == 0.0


@pytest.mark.parametrize(
    "one",
    [
        high(fault=Fault.BLOCKED),
        Judged(sample=sample(900.0)),
        Judged(sample=sample(900.0), normal=3.0),
        high(expected=0.0),
        high(day=1.1),
        high(day=-0.1),
    ],
)
def test_what_is_unsound_unjudged_or_of_another_time_says_nothing(one: Judged) -> None:
    """A normal score is no load, and must never stand in for one."""
    assert list(usable(stream(1, 1, LOAD), [one], NOW_US, NOW_US + DAY_US)) == []


def test_a_sampler_that_is_on_no_map_says_nothing() -> None:
    """Where it came from cannot be worked out from nowhere."""
    assert list(usable(replace(stream(1, 1, LOAD), point=None), [high()], 0, NOW_US)) == []


def windy(catalogue: Catalogue, from_deg: float = 270.0) -> tuple[Masts, Catalogue]:
    """Return wind at the start, four metres a second, and the catalogue with its mast."""
    declared = {
        DatastreamId(identity): replace(
            stream(identity, 90, name), thing=ThingKey("city/mast"), key=DatastreamKey(f"city/mast/{name}")
        )
        for identity, name in ((901, "wind_speed"), (902, "wind_direction"))
    }
    whole = replace(catalogue, datastreams={**catalogue.datastreams, **declared})
    masts = Masts()
    masts.learn(whole)
    masts.take(batch_of([901, 902], [NOW_US - HOUR_US // 2] * 2, [4.0, from_deg]))
    return masts, whole


def test_an_event_at_one_sampler_has_a_sector_upwind() -> None:
    """And a fault, an event without wind and one nobody remembers have none."""
    masts, whole = windy(samplers(1))
    past = {A1: deque([high()])}
    finding = told(episode_of(high()))
    area = origin_of(finding, past, masts, whole)
    assert area is not None
    assert area.kind is AreaKind.SECTOR
    assert area.wind.from_deg == pytest.approx(270.0)
    assert area.samplers[0].measured == 1234.0
    assert origin_of(replace(finding, kind=Kind.FAULT), past, masts, whole) is None
    assert origin_of(finding, past, Masts(), whole) is None
    assert origin_of(finding, {}, masts, whole) is None
    assert origin_of(finding, past, masts, replace(whole, datastreams={})) is None


@pytest.mark.parametrize(("before_us", "count"), [(BEFORE_US, 2), (BEFORE_US + 1, 1)])
def test_samples_up_to_three_hours_before_an_event_count(before_us: int, count: int) -> None:
    """What was not there yet says where it is not."""
    masts, whole = windy(samplers(1))
    masts.take(batch_of([901, 902], [NOW_US - before_us - HOUR_US // 2] * 2, [4.0, 270.0]))
    calm = replace(high(day=-before_us / DAY_US), level=Level.NOTHING)
    calm.sample.time_us = NOW_US - before_us
    area = origin_of(told(episode_of(high())), {A1: deque([calm, high()])}, masts, whole)
    assert area is not None
    assert area.samples == count


def test_what_came_after_the_finding_does_not_count() -> None:
    """Told at noon, it knows nothing of the evening."""
    masts, whole = windy(samplers(1))
    finding = replace(told(episode_of(high())), noticed=START + timedelta(hours=1))
    early = origin_of(finding, {A1: deque([high()])}, masts, whole)
    late = origin_of(finding, {A1: deque([high(), high(day=0.5, expected=1.0)])}, masts, whole)
    assert early == late


@pytest.mark.parametrize(("hours", "past"), [(0, False), (24, False), (25, True), (24 * 14, True)])
def test_an_episode_in_old_samples_is_told_as_past(hours: int, *, past: bool) -> None:
    """A reader may need hours; of what was sampled days ago nobody knows that it lasts, so nobody is called for it."""
    found = episode_finding(
        episode_of(high(), level=Level.ALARM), over=False, silent=False, at=START + timedelta(hours=hours)
    )
    assert (found.ended is not None, found.urgency is Urgency.PAST) == (past, past)
