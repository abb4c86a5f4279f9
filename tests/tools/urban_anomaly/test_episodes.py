"""What was like this before, and what people said it was."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from impetus.core.finding import Finding, Severity
from impetus.core.ids import DatastreamId
from impetus.core.observation import from_us, to_us
from impetus.core.verdict import Verdict, VerdictKind
from impetus.tools.urban_anomaly.episodes import MOST, Episode, Episodes
from impetus.tools.urban_anomaly.group import Event, Group, Member
from impetus.tools.urban_anomaly.words import group_finding
from tools.urban_anomaly.street import START, catalogue

OSLO = ZoneInfo("Europe/Oslo")
STREET = catalogue(6, zone="quay").datastreams
DAY = timedelta(days=1)
NOON = START + timedelta(hours=12)


def group(*numbers: int, z: float = 6.0, at_days: float = 0.0) -> Group:
    """Return an event of these counters that began so many days after the first noon and lasted ten minutes."""
    began_us = to_us(NOON + at_days * DAY)
    made = Group(first=STREET[DatastreamId(numbers[0])], began_us=began_us, over=True)
    for number in numbers:
        event = Event(
            datastream=DatastreamId(number), time_us=began_us, z=z, value=100 + z, expected=100.0, scale=1.0, one_in=9.0
        )
        made.members[DatastreamId(number)] = Member.of(event, STREET[DatastreamId(number)], set())
        made.members[DatastreamId(number)].seen_us = began_us + 600_000_000
    return made


def finding(*numbers: int, z: float = 6.0, at_days: float = 7.0) -> Finding:
    """Return what is told of such an event."""
    return group_finding(group(*numbers, z=z, at_days=at_days), Severity.MINOR, at=NOON + at_days * DAY)


def like(episodes: Episodes, told: Finding) -> list[float]:
    """Return how many days after the first noon the episodes like a finding began."""
    return [(from_us(each.began_us) - NOON) / DAY for each in episodes.like(told, OSLO)]


def test_the_same_sensors_at_the_same_time_of_day_were_like_it() -> None:
    """The latest first, and no more than three."""
    episodes = Episodes()
    episodes.keep(group(1, 2, at_days=day) for day in range(5))
    assert like(episodes, finding(1, 2)) == [4, 3, 2]


def test_other_sensors_another_way_or_another_time_of_day_were_not() -> None:
    """A third of the datastreams, the same side, within three hours."""
    episodes = Episodes()
    episodes.keep([group(5, 6), group(1, 2, z=-6.0), group(1, 2, at_days=1.25), group(1, 4, 5, 6, at_days=2)])
    assert like(episodes, finding(1, 2)) == []
    assert like(episodes, finding(1, 2, at_days=7.2)) == [1.25]


def test_an_event_is_not_like_itself() -> None:
    """Told once more after it is over, it does not name itself."""
    episodes = Episodes()
    episodes.keep([group(1, 2, at_days=7)])
    assert like(episodes, finding(1, 2, at_days=7)) == []


def test_what_people_said_stays_with_the_episode_it_is_about() -> None:
    """Same datastream, overlapping time; the others are not judged."""
    episodes = Episodes()
    episodes.keep([group(1, 2), group(1, 2, at_days=1), group(5)])
    about = Verdict(
        subject="zone:quay",
        datastreams=(DatastreamId(1),),
        began_us=to_us(NOON),
        ended_us=to_us(NOON + timedelta(minutes=5)),
        kind=VerdictKind.BENIGN,
    )
    episodes.judge([about])
    assert [one.verdict for one in episodes.kept] == [VerdictKind.BENIGN, None, None]
    episodes.judge([replace(about, kind=VerdictKind.TRUE)])
    assert episodes.kept[0].verdict is VerdictKind.TRUE


def test_the_oldest_episodes_are_forgotten() -> None:
    """Five hundred are kept."""
    episodes = Episodes(
        kept=[Episode(datastreams=frozenset(), up=True, began_us=number, ended_us=number) for number in range(MOST)]
    )
    episodes.keep([group(1)])
    assert len(episodes.kept) == MOST
    assert episodes.kept[0].began_us == 1
