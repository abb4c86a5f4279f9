"""From marked readings to what is told: one event once, and again only when there is more to say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from impetus.core.finding import Finding, Severity
from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue, to_us
from impetus.core.place import Point
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.events import LINGER_S, SILENT_S, Events
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.group import Carrier, Event
from tools.urban_anomaly.street import START, catalogue

STREET = catalogue(4, zone="quay")
LONE = Catalogue(
    version=4, datastreams={one: replace(each, point=None) for one, each in catalogue(4).datastreams.items()}
)
"""Nobody knows where these stand."""
AT = START + timedelta(days=20)
STUCK, DROPOUT = FaultKind.STUCK, FaultKind.DROPOUT


class Script:
    """Events by the minute: what begins, grows and ends, and what is told of it."""

    def __init__(self, declared: Catalogue = STREET) -> None:
        self.declared = declared
        self.events = Events(config=Config(), catalogue=declared, graph=graph_of(declared, declared.highest_id() + 1))
        self.minute = 0

    def event(self, number: int, z: float, suspect: int = 0) -> Event:
        """Return a marked reading of a datastream at this minute."""
        return Event(
            datastream=DatastreamId(number),
            time_us=self.now_us(),
            z=z,
            value=100.0 + z,
            expected=100.0,
            scale=1.0,
            one_in=2_000.0,
            strength=z,
            suspect=suspect,
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
            self.events.started(self.event(number, z))
        return self.told()

    def grow(self, number: int, z: float) -> list[Finding]:
        """Let an event's next reading come in this minute."""
        self.events.grew(self.event(number, z))
        return self.told()

    def end(self, *numbers: int) -> list[Finding]:
        """Let events be over in this minute."""
        for number in numbers:
            self.events.calmed(DatastreamId(number), Carrier.OWN, self.now_us())
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
    assert script.told() == []
    assert script.events.watched() == []


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
    script.events.started(script.event(3, 6.0))
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


def test_things_without_a_place_stay_apart() -> None:
    """Nothing joins them, so each is its own finding."""
    findings = Script(LONE).start(1, 2)
    assert [finding.subject for finding in findings] == ["thing:street/c1", "thing:street/c2"]


def test_simulated_and_real_in_one_zone_stay_apart() -> None:
    """An exercise neither hides in what is real nor makes it worse."""
    streams = dict(STREET.datastreams)
    streams[DatastreamId(2)] = replace(streams[DatastreamId(2)], simulated=True)
    findings = Script(Catalogue(version=9, datastreams=streams)).start(1, 2, 3)
    assert [(set(finding.datastreams), finding.simulated) for finding in findings] == [({1, 3}, False), ({2}, True)]


def test_what_flickers_is_one_event() -> None:
    """Over, so again ten minutes later, over again: the same event under the same name, told at each turn."""
    script = Script()
    findings = [*script.start(1), *script.end(1)]
    script.minute += 10
    findings += [*script.start(1), *script.end(1)]
    assert [finding.ended is None for finding in findings] == [True, False, True, False]
    assert {finding.began for finding in findings} == {AT}
    assert len({finding.key for finding in findings}) == 4


def test_after_a_long_calm_it_is_another_event() -> None:
    """Two hours later nobody calls it the same."""
    script = Script()
    [first] = script.start(1)
    script.end(1)
    script.minute += int(LINGER_S / 60) + 2
    script.told()
    [again] = script.start(1)
    assert again.began > first.began
    assert not again.key.startswith(first.key)


def test_things_that_stand_near_each_other_are_one_event_without_any_zone() -> None:
    """Eleven metres apart on a street."""
    script = Script(catalogue(4))
    script.start(1)
    [second] = script.start(2)
    assert second.headline.say().startswith("2 sensors near each other far from normal together")
    assert second.subject == "thing:street/c1"


def test_things_far_apart_are_two_events_whatever_their_zone_is_called() -> None:
    """A district is no place: five kilometres are two events."""
    streams = dict(STREET.datastreams)
    far = streams[DatastreamId(4)]
    streams[DatastreamId(4)] = replace(far, point=Point(lon=10.73, lat=59.96))
    script = Script(Catalogue(version=9, datastreams=streams))
    assert len(script.start(1, 4)) == 2


def test_watched_are_the_datastreams_whose_events_run_or_wait() -> None:
    """The detector looks at their calm readings too, to see them end."""
    script = Script()
    script.start(1, 3)
    script.events.started(script.event(4, 6.0, suspect=STUCK))
    assert set(script.events.watched()) == {1, 3, 4}
    script.end(1)
    assert set(script.events.watched()) == {3, 4}


def test_an_event_lasts_while_any_way_of_looking_holds_it() -> None:
    """Calm by itself, still off with its region: over when both say so."""
    script = Script()
    script.start(1)
    script.events.started(replace(script.event(1, 6.0), carrier=Carrier.REGION))
    assert script.end(1) == []
    script.events.calmed(DatastreamId(1), Carrier.REGION, script.now_us())
    [last] = script.told()
    assert last.ended is not None


def test_what_looks_like_an_instrument_waits_and_starts_once_it_no_longer_does() -> None:
    """Suspected for two minutes, then not: told then, and it began when it began."""
    script = Script(LONE)
    script.events.started(script.event(1, 6.0, suspect=STUCK))
    assert script.told() == []
    script.events.grew(script.event(1, 6.0, suspect=STUCK))
    assert script.told() == []
    [finding] = script.grow(1, 6.0)
    assert finding.began == AT


def test_what_is_found_to_be_an_instrument_never_starts() -> None:
    """The fault is told to somebody else; here nothing is."""
    script = Script(LONE)
    script.events.started(script.event(1, 6.0, suspect=STUCK))
    script.told()
    script.events.broken(DatastreamId(1))
    assert script.grow(1, 9.0) == []
    assert script.events.watched() == []


def test_what_waits_and_falls_calm_is_dropped() -> None:
    """Nothing was told of it, so nothing ends."""
    script = Script(LONE)
    script.events.started(script.event(1, 6.0, suspect=STUCK))
    assert script.end(1) == []
    assert script.grow(1, 9.0) == []


def test_a_sensor_that_breaks_beside_an_event_is_part_of_it() -> None:
    """Somebody may have broken it: with a crowd two doors down nobody waits to be sure."""
    script = Script()
    script.start(1)
    script.events.started(script.event(2, 6.0, suspect=DROPOUT))
    [finding] = script.told()
    assert set(finding.datastreams) == {1, 2}


def test_what_waits_starts_when_something_happens_beside_it() -> None:
    """First the camera goes dark, then the crowd is seen: one event of both."""
    script = Script()
    script.events.started(script.event(2, 6.0, suspect=DROPOUT))
    assert script.told() == []
    script.start(1)
    script.events.grew(script.event(2, 6.0, suspect=DROPOUT))
    [finding] = script.told()
    assert set(finding.datastreams) == {1, 2}


def test_an_event_of_one_sensor_that_turns_out_broken_is_over() -> None:
    """It is ended, and a second that joined goes on without it in front."""
    script = Script(LONE)
    script.start(1)
    script.events.broken(DatastreamId(1))
    [last] = script.told()
    assert last.ended is not None


def test_a_broken_sensor_no_longer_leads_its_group() -> None:
    """However far out it was, the sound one is named first and alone counts."""
    script = Script()
    script.start(1, z=90.0)
    script.start(2, z=6.0)
    script.events.broken(DatastreamId(1))
    group = script.events.groups[0]
    assert (group.lead().datastream.id, group.things()) == (2, 1)


def test_those_who_keep_the_past_are_given_each_event_once_it_is_over_for_good() -> None:
    """Not while it may go on."""
    script = Script()
    script.start(1)
    script.end(1)
    assert script.events.ended == []
    script.minute += int(LINGER_S / 60) + 2
    script.told()
    assert [group.first.id for group in script.events.ended] == [1]


def test_readings_from_before_an_event_say_nothing_about_it() -> None:
    """A straggler neither moves the peak nor the time it was last seen."""
    script = Script(LONE)
    script.minute = 10
    script.start(1)
    script.minute = 5
    assert script.grow(1, 50.0) == []
    assert script.events.groups[0].lead().z == 6.0


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
    script.events.learn(Catalogue(), graph_of(Catalogue(), 5))
    [finding] = script.told()
    assert finding.ended is not None


def test_every_telling_of_a_group_has_a_key_of_its_own() -> None:
    """Beginning, joined, worse, over: four keys, one event."""
    script = Script()
    findings = [*script.start(1), *script.start(2), *script.start(3, z=11.0), *script.end(1, 2, 3)]
    keys = [finding.key for finding in findings]
    assert len(keys) == len(set(keys)) == 4
    assert {finding.began for finding in findings} == {AT}


def test_what_runs_in_old_readings_is_told_as_past_and_again_once_it_is_recent() -> None:
    """Nobody knows whether it lasts; as soon as its readings are of the last hour it is told as it stands, and only then."""
    script = Script()
    script.events.started(script.event(1, 6.0))
    [early] = script.events.told(script.now_us(), at=AT + timedelta(days=365))
    assert (early.began, early.ended, early.noticed) == (AT, AT, AT + timedelta(days=365))
    assert script.events.told(script.now_us(), at=AT + timedelta(minutes=61)) == []
    [finding] = script.events.told(script.now_us(), at=AT + timedelta(minutes=60))
    assert (finding.began, finding.ended, finding.noticed) == (AT, None, AT + timedelta(minutes=60))
    assert script.events.told(script.now_us(), at=AT + timedelta(minutes=60)) == []


def test_what_was_over_in_old_readings_is_told_with_its_end() -> None:
    """Whoever hosts the tool decides that it calls nobody."""
    script, at = Script(), AT + timedelta(days=365)
    script.events.started(script.event(1, 6.0))
    script.events.told(script.now_us(), at=at)
    script.minute += 5
    script.events.calmed(DatastreamId(1), Carrier.OWN, script.now_us())
    [finding] = script.events.told(script.now_us(), at=at)
    assert finding.ended is not None
    assert (finding.began, finding.noticed) == (AT, at)
