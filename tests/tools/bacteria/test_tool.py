"""What the detector says about a street of samplers, and what it keeps to itself."""

import pickle
from datetime import timedelta

import pytest

from impetus.core.finding import Finding, Kind, Severity, Urgency
from impetus.core.observation import batch_of, to_us
from impetus.core.standing import StandingState
from impetus.core.tool import Stands
from impetus.tools.bacteria.tool import Tool
from tools.bacteria.air import DAY, START, WHOLE, Street, samplers, times

FORBIDDEN = ("attack", "anthrax", "agent", "weapon", "terror", "pathogen", "species")


@pytest.fixture
def street() -> Street:
    """Return one sampler that has been listened to for half a year."""
    made = Street()
    made.live(180)
    return made


def news(findings: list[Finding]) -> list[Finding]:
    """Return what began or grew, about the air."""
    return [one for one in findings if one.kind is Kind.ANOMALY and one.ended is None]


def test_half_a_year_without_anything_raises_few_watches_and_no_alarm() -> None:
    """A hundred and sixty-six judged samples promise 1.7 watches: five would be chance of one in fifty."""
    findings = news(Street(seed=3).live(180))
    assert len(findings) <= 5
    assert all(one.severity is not Severity.SEVERE for one in findings)


def test_eight_times_the_load_is_a_severe_alarm_at_once(street: Street) -> None:
    """The first sample of a release is told, as immediate."""
    [finding] = street.live(1, times(8.0, 1))
    assert finding.severity is Severity.SEVERE
    assert finding.urgency is Urgency.IMMEDIATE
    assert finding.headline.say().startswith("Airborne bacteria far above normal at A1: ")


def test_a_release_is_told_once_and_once_more_when_it_is_over(street: Street) -> None:
    """Four days of load and the calm after them are two findings of one subject."""
    findings = [*street.live(4, times(8.0, 1)), *street.live(5)]
    assert [one.ended is None for one in findings] == [True, False]
    assert findings[-1].urgency is Urgency.PAST
    assert len({one.subject for one in findings}) == 1
    assert len({one.key for one in findings}) == 2


def test_the_words_say_how_much_how_odd_and_what_next_and_never_what_it_is(street: Street) -> None:
    """No name, no cause, no culprit; measured, expected, odds, and the next step."""
    [finding] = street.live(1, times(8.0, 1))
    words = f"{finding.headline.say()} {finding.why.say()}".lower()
    assert not [word for word in FORBIDDEN if word in words]
    for part in ("measured", "expected", "1 in ", "second sample", "public health"):
        assert part in words


def test_two_samplers_near_each_other_are_one_episode() -> None:
    """The second joins the finding of the first, which then says so."""
    street = Street(3)
    street.live(120)
    findings = news(street.live(2, times(9.0, 1, 2)))
    assert len({one.subject for one in findings}) == 1
    assert "at 2 samplers" in findings[-1].headline.say()
    assert findings[-1].datastreams[:2] in {(1, 2), (2, 1)}


def test_samplers_far_apart_are_two_episodes() -> None:
    """Ten kilometres of air are no neighbourhood."""
    street = Street(2, apart_m=10_000.0)
    street.live(120)
    assert len({one.subject for one in news(street.live(1, times(9.0, 1, 2)))}) == 2


def test_a_lasting_new_level_stops_being_news_within_a_month(street: Street) -> None:
    """A building site that doubles the load for good is told, then it is what is normal here; a new event is still seen."""
    street.live(30, times(2.0, 1))
    assert len(news(street.live(30, times(2.0, 1)))) <= 2
    assert [one.severity for one in news(street.live(1, times(12.0, 1)))] == [Severity.SEVERE]


def test_nothing_is_said_of_the_first_two_weeks() -> None:
    """Who knows nothing of a sampler says nothing of it."""
    street = Street()
    assert street.live(10) == []
    assert street.live(1, times(50.0, 1)) == []


def test_it_goes_on_from_its_snapshot_as_if_nothing_had_happened(street: Street) -> None:
    """Pickled and read back, it says the same about the same samples."""
    twin = Street()
    twin.live(180)
    twin.tool = pickle.loads(pickle.dumps(twin.tool))  # noqa: S301 - pickled on this very line
    assert twin.live(3, times(8.0, 1)) == street.live(3, times(8.0, 1))


def test_a_blocked_inlet_is_told_to_maintenance_and_not_to_the_city() -> None:
    """Little air makes an odd concentration; that is a fault, raises nothing, and is over when the air flows again."""
    tool = Tool.create({}, samplers(1, WHOLE))
    findings: list[Finding] = []
    for day in range(60):
        air = 0.6 if 40 <= day < 44 else 3.0
        load = 4_000.0 if 40 <= day < 44 else 200.0 + 7 * (day % 5)
        parts = [load, 1_500.0, air, 15.0, load * air / 15.0, 0.0]
        at = START + day * DAY
        findings += tool.observe(batch_of(range(1, 7), [to_us(at)] * 6, parts), at=at + timedelta(seconds=1))
    assert [(one.kind, one.ended is None) for one in findings] == [(Kind.FAULT, True), (Kind.FAULT, False)]
    assert "inlet" in findings[0].headline.say()
    assert "maintenance" in findings[0].why.say()


def test_a_sampler_that_falls_silent_in_an_event_ends_it_by_silence(street: Street) -> None:
    """What cannot be seen is not said to last."""
    street.live(1, times(8.0, 1))
    [over] = street.tool.tick(at=street.at + 3 * DAY)
    assert over.ended is not None
    assert "no sample came" in over.why.say()


def test_its_standing_says_how_each_sampler_is(street: Street) -> None:
    """Calm before, strange within an event, with the rates it had and the rate it promised."""
    assert isinstance(street.tool, Stands)
    calm = street.tool.standing(at=street.at)
    assert calm.state.tolist() == [StandingState.CALM]
    assert calm.judged[0] == 180 - 14
    assert calm.low[0] < calm.expected[0] < calm.high[0]
    assert calm.nominal[0] == pytest.approx(0.3 / 30.44)
    street.live(1, times(8.0, 1))
    strange = street.tool.standing(at=street.at)
    assert strange.state.tolist() == [StandingState.STRANGE]
    assert strange.p[0] < 1e-3


def test_the_evidence_is_the_sampler_s_series_in_its_band(street: Street) -> None:
    """Columns of equal length, oldest first, the surprising part marked; about nine samples in ten inside."""
    [finding] = street.live(1, times(8.0, 1))
    evidence = street.tool.explain(finding)
    [series] = evidence.series
    inside = (series.measured >= series.low) & (series.measured <= series.high)
    assert 0.8 <= inside[:-1].mean() <= 0.98
    assert series.from_us == int(series.time_us[-1])
    assert "90 %" in evidence.summary.say()
