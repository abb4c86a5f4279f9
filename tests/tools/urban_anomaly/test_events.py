"""From marked readings to what is told: one event once, and again only when there is more to say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from impetus.core.finding import Finding, Severity
from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue, Datastream, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.events import SILENT_S, Event, Events
from tools.urban_anomaly.street import START, catalogue

STREET = catalogue(4, zone="quay")
LONE = catalogue(4)
AT = START + timedelta(days=20)


class Script:
    """Events by the minute: what begins, grows and ends, and what is told of it."""

    def __init__(self, declared: Catalogue = STREET) -> None:
        self.declared = declared
        self.events = Events(config=Config())
        self.minute = 0

    def stream(self, number: int) -> Datastream:
        """Return a declared datastream."""
        return self.declared.datastreams[DatastreamId(number)]

    def event(self, number: int, z: float) -> Event:
        """Return a marked reading of a datastream at this minute."""
        return Event(
            datastream=DatastreamId(number),
            time_us=self.now_us(),
            z=z,
            value=100.0 + z,
            expected=100.0,
            scale=1.0,
            one_in=2_000.0,
        )

    def now_us(self) -> int:
        """Return this minute as the readings tell it."""
        return to_us(AT) + self.minute * 60_000_000

    def told(self) -> list[Finding]:
        """Return what there is to say at the end of this minute, and go on to the next."""
        findings = self.events.told(self.now_us(), at=AT)
        self.minute += 1
        return findings

    def start(self, *numbers: int, z: float = 6.0) -> list[Finding]:
        """Let events begin in this minute."""
        for number in numbers:
            self.events.started(self.event(number, z), self.stream(number))
        return self.told()

    def grow(self, number: int, z: float) -> list[Finding]:
        """Let an event's next reading come in this minute."""
        self.events.grew(self.event(number, z), self.stream(number))
        return self.told()

    def end(self, *numbers: int) -> list[Finding]:
        """Let events be over in this minute."""
        for number in numbers:
            self.events.ended(self.stream(number), self.now_us())
        return self.told()


def test_an_event_is_told_when_it_begins() -> None:
    """One finding about the thing, from the minute it began."""
    [finding] = Script().start(1)
    assert (finding.subject, finding.began, finding.ended) == ("thing:street/c1", AT, None)
    assert finding.datastreams == (1,)


def test_nothing_new_is_nothing_told() -> None:
    """An event that goes on as it was is not repeated every minute."""
    script = Script()
    script.start(1)
    assert [script.told() for _ in range(5)] == [[]] * 5


def test_an_event_is_told_again_when_it_gets_worse() -> None:
    """From six deviations to thirteen is from minor to moderate; the key says which telling it is."""
    script = Script()
    [first] = script.start(1)
    assert script.grow(1, 7.0) == []
    [second] = script.grow(1, 13.0)
    assert (first.severity, second.severity) == (Severity.MINOR, Severity.MODERATE)
    assert second.key == f"{first.key}:1"
    assert script.grow(1, 40.0) == [], "one thing alone gets no worse than moderate"


def test_what_was_said_of_severity_is_not_taken_back() -> None:
    """The end of an event that was moderate says moderate, however calm its last readings were."""
    script = Script()
    script.start(1, z=13.0)
    script.grow(1, 5.0)
    [last] = script.end(1)
    assert last.severity is Severity.MODERATE
    assert last.facts["z"] == 13.0


def test_the_peak_is_what_an_event_is_told_with() -> None:
    """The reading furthest out, below normal as well as above."""
    script = Script(LONE)
    script.start(1, z=-6.0)
    script.grow(1, -9.0)
    script.grow(1, -7.0)
    [last] = script.end(1)
    assert (last.facts["z"], last.facts["measured"]) == (-9.0, 91.0)


def test_an_event_is_told_once_more_when_it_is_over() -> None:
    """With its end, and then never again: the group is forgotten."""
    script = Script()
    script.start(1)
    [last] = script.end(1)
    assert last.ended == AT + timedelta(minutes=1)
    assert script.events.groups == {}
    assert script.told() == []


def test_a_second_thing_of_the_zone_makes_it_the_zones() -> None:
    """The finding is about the zone from then on, told at once, and worse for being two."""
    script = Script()
    [first] = script.start(1)
    [second] = script.start(2)
    assert (first.subject, second.subject) == ("thing:street/c1", "zone:quay")
    assert second.severity is Severity.MODERATE
    assert set(second.datastreams) == {1, 2}


def test_three_things_far_out_are_severe() -> None:
    """Three that agree at twice the starting distance: the worst a statistic may say."""
    script = Script()
    [finding] = script.start(1, 2, 3, z=11.0)
    assert finding.severity is Severity.SEVERE
    assert finding.facts["things"] == 3.0


def test_further_things_are_told_at_most_once_a_minute() -> None:
    """The fourth joins within the minute of the third: it is told with the next news."""
    script = Script()
    script.start(1, 2)
    script.events.started(script.event(3, 6.0), script.stream(3))
    assert script.events.told(script.now_us() - 30_000_000, at=AT) == []
    [finding] = script.told()
    assert finding.facts["things"] == 3.0


def test_a_group_lasts_until_its_last_member_is_calm() -> None:
    """One of two over is not the end; both are."""
    script = Script()
    script.start(1, 2)
    assert script.end(1) == []
    [last] = script.end(2)
    assert last.ended is not None
    assert set(last.datastreams) == {1, 2}


def test_things_without_a_zone_stay_apart() -> None:
    """Nothing joins them, so each is its own finding."""
    findings = Script(LONE).start(1, 2)
    assert [finding.subject for finding in findings] == ["thing:street/c1", "thing:street/c2"]


def test_simulated_and_real_in_one_zone_stay_apart() -> None:
    """An exercise neither hides in what is real nor makes it worse."""
    streams = dict(STREET.datastreams)
    streams[DatastreamId(2)] = replace(streams[DatastreamId(2)], simulated=True)
    findings = Script(Catalogue(version=9, datastreams=streams)).start(1, 2, 3)
    assert [(set(finding.datastreams), finding.simulated) for finding in findings] == [({1, 3}, False), ({2}, True)]


def test_a_new_event_after_the_end_is_a_new_finding() -> None:
    """Another beginning is another key."""
    script = Script()
    [first] = script.start(1)
    script.end(1)
    [again] = script.start(1)
    assert again.key != first.key


def test_running_events_are_known_by_their_datastreams() -> None:
    """The detector looks at their calm readings too, to see them end."""
    script = Script()
    script.start(1, 3)
    assert set(script.events.running()) == {1, 3}
    script.end(1)
    assert set(script.events.running()) == {3}


def test_readings_from_before_an_event_say_nothing_about_it() -> None:
    """A straggler neither moves the peak nor the time it was last seen."""
    script = Script(LONE)
    script.minute = 10
    script.start(1)
    script.minute = 5
    assert script.grow(1, 50.0) == []
    assert next(iter(script.events.groups.values())).lead().z == 6.0


def test_growing_or_ending_what_is_not_there_does_nothing() -> None:
    """Calm readings of datastreams without an event pass by."""
    script = Script()
    assert script.grow(1, 9.0) == []
    assert script.end(1) == []
    script.start(2)
    assert script.grow(1, 9.0) == []


@pytest.mark.parametrize(("silent_s", "is_over"), [(SILENT_S, False), (SILENT_S + 1, True)])
def test_what_has_not_been_seen_for_an_hour_is_over(silent_s: float, *, is_over: bool) -> None:
    """An hour of silence does not yet end it, a second more does, and it says when it was last seen."""
    script = Script()
    script.start(1)
    findings = script.events.expire(at=AT + timedelta(seconds=silent_s))
    assert [finding.ended for finding in findings] == ([AT] if is_over else [])


def test_a_withdrawn_datastream_ends_its_part() -> None:
    """When the catalogue no longer holds it, the event is over at the next word."""
    script = Script()
    script.start(1)
    script.events.forget(Catalogue())
    [finding] = script.told()
    assert finding.ended is not None


def test_every_telling_of_a_group_has_a_key_of_its_own() -> None:
    """Beginning, joined, worse, over: four keys, one event."""
    script = Script()
    findings = [*script.start(1), *script.start(2), *script.start(3, z=11.0), *script.end(1, 2, 3)]
    keys = [finding.key for finding in findings]
    assert len(keys) == len(set(keys)) == 4
    assert {finding.began for finding in findings} == {AT}


def noticed(at: datetime) -> datetime:
    """Return when a finding told at this time says it was noticed."""
    script = Script()
    script.events.started(script.event(1, 6.0), script.stream(1))
    return script.events.told(script.now_us(), at=at)[0].noticed


def test_when_it_was_noticed_is_when_the_host_asked() -> None:
    """Replayed a year later, it began then and was noticed now."""
    assert noticed(AT + timedelta(days=365)) == AT + timedelta(days=365)
