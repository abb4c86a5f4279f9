"""What is told of readings that were looked at in every way: faults once a condition, events in the order of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.finding import Finding, Kind
from impetus.core.ids import ThingKey
from impetus.core.observation import Catalogue, from_us
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.columns import fresh_columns
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Mark
from impetus.tools.urban_anomaly.events import Events
from impetus.tools.urban_anomaly.faults import Fault, Looked
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.group import Carrier
from impetus.tools.urban_anomaly.region import CHANNELS, Around
from impetus.tools.urban_anomaly.seen import Seen
from impetus.tools.urban_anomaly.telling import BEGAN, COVERAGE, ENDED, MAX_FAULTS, Conditions, Telling
from tools.urban_anomaly.street import START
from tools.urban_anomaly.town_of import BEGIN_US, STEP_US, catalogue_of, line, seen_of, sensor

AT = START + timedelta(minutes=45)
MINUTE_US = 60_000_000
STUCK, DROPOUT, CLOCK, MISSING, SPIKE = (
    FaultKind.STUCK,
    FaultKind.DROPOUT,
    FaultKind.CLOCK,
    FaultKind.MISSING,
    FaultKind.SPIKE,
)
PAIR = catalogue_of(sensor(1), sensor(2, thing=ThingKey("line/s1"), observed_property="noise"), sensor(3))
"""Datastreams 1 and 2 are one thing's, 3 is another's."""
Spot = tuple[int, int]
"""A moment and a sensor."""


def fault(number: int, kind: FaultKind = STUCK, *, minute: int = 0, over: bool = False) -> Fault:
    """Return what was found of a datastream at a minute, since the minute before."""
    now_us = BEGIN_US + minute * MINUTE_US
    return Fault(datastream=number, kind=kind, since_us=now_us - MINUTE_US, at_us=now_us, value=7.0, over=over)


def conditions(catalogue: Catalogue = PAIR, *faults: Fault) -> Conditions:
    """Return the conditions of a catalogue after these faults were told."""
    made = Conditions(catalogue=catalogue)
    made.told(faults, at=AT)
    return made


def test_a_fault_that_lasts_is_told_once() -> None:
    """Found again and again it is the same condition: one finding, without an end."""
    told = Conditions(catalogue=PAIR)
    [finding] = told.told([fault(1)], at=AT)
    assert (finding.kind, finding.ended, finding.datastreams) == (Kind.FAULT, None, (1,))
    assert told.told([fault(1, minute=5)], at=AT) == []


def test_a_fault_that_is_over_is_told_with_the_time_it_first_began() -> None:
    """Found at minutes 0 and 5, over at 9: it began before the first."""
    told = conditions(PAIR, fault(1), fault(1, minute=5))
    [finding] = told.told([fault(1, minute=9, over=True)], at=AT)
    assert finding.began == from_us(BEGIN_US - MINUTE_US)
    assert finding.ended == from_us(BEGIN_US + 9 * MINUTE_US)
    assert told.of(1) is FaultKind.NONE


def test_the_end_of_what_never_began_is_not_told() -> None:
    """Neither of another datastream nor of another kind, nor a second time."""
    told = conditions(PAIR, fault(1))
    for ended in (fault(3, over=True), fault(1, DROPOUT, over=True)):
        assert told.told([ended], at=AT) == []
    told.told([fault(1, over=True)], at=AT)
    assert told.told([fault(1, over=True)], at=AT) == []


def test_after_its_end_the_same_fault_is_news_again() -> None:
    """With a key of its own, since it began at another time."""
    told = Conditions(catalogue=PAIR)
    findings = told.told([fault(1), fault(1, minute=3, over=True), fault(1, minute=8)], at=AT)
    assert [finding.ended is None for finding in findings] == [True, False, True]
    assert len({finding.key for finding in findings}) == 3


def test_a_spike_is_told_whole_and_leaves_no_condition() -> None:
    """It is over when it is seen; the next one is told as well."""
    told = Conditions(catalogue=PAIR)
    findings = told.told([fault(1, SPIKE), fault(1, SPIKE, minute=1)], at=AT)
    assert [finding.ended is not None for finding in findings] == [True, True]
    assert told.of(1) is FaultKind.NONE


@pytest.mark.parametrize("kind", [CLOCK, MISSING])
def test_what_is_the_things_is_told_once_with_all_its_datastreams(kind: FaultKind) -> None:
    """Both datastreams show it: one finding names both, and it is over when the second is well again."""
    told = Conditions(catalogue=PAIR)
    [finding] = told.told([fault(2, kind), fault(1, kind)], at=AT)
    assert finding.datastreams == (1, 2)
    assert told.told([fault(2, kind, minute=4, over=True)], at=AT) == []
    [ended] = told.told([fault(1, kind, minute=6, over=True)], at=AT)
    assert ended.datastreams == (1, 2)


def test_what_is_one_instruments_is_told_of_each() -> None:
    """A counter and a microphone in one box that both stand still are two to mend."""
    findings = Conditions(catalogue=PAIR).told([fault(1), fault(2)], at=AT)
    assert [finding.datastreams for finding in findings] == [(1,), (2,)]
    assert len({finding.key for finding in findings}) == 2


def test_of_two_faults_at_once_the_first_is_what_is_wrong() -> None:
    """And the second is, once the first is over."""
    told = conditions(PAIR, fault(1, DROPOUT), fault(1, CLOCK))
    assert told.of(1) is DROPOUT
    told.told([fault(1, DROPOUT, over=True)], at=AT)
    assert told.of(1) is CLOCK
    assert told.of(2) is FaultKind.NONE


def test_a_storm_of_faults_is_cut_short_and_counted() -> None:
    """Of a hundred and three broken sensors a hundred are told; all are known to be broken."""
    catalogue = line(MAX_FAULTS + 3)
    told = Conditions(catalogue=catalogue)
    findings = told.told([fault(number) for number in range(1, MAX_FAULTS + 4)], at=AT)
    assert (len(findings), told.left_out) == (MAX_FAULTS, 3)
    assert told.of(MAX_FAULTS + 3) is STUCK


def test_a_withdrawn_datastream_is_no_longer_at_fault() -> None:
    """The other one's condition stays, and ends when it is over."""
    told = conditions(PAIR, fault(1), fault(3))
    told.learn(catalogue_of(sensor(3)))
    assert (told.of(1), told.of(3)) == (FaultKind.NONE, STUCK)
    assert len(told.told([fault(3, minute=2, over=True)], at=AT)) == 1


def test_a_things_fault_lasts_while_any_datastream_left_shows_it() -> None:
    """Whichever showed it first may be withdrawn: the other's end is the thing's."""
    told = conditions(PAIR, fault(1, CLOCK), fault(2, CLOCK))
    told.learn(catalogue_of(*(one for one in PAIR.datastreams.values() if one.id != 1)))
    assert told.of(2) is CLOCK
    assert len(told.told([fault(2, CLOCK, minute=2, over=True)], at=AT)) == 1


def test_a_things_fault_that_nobody_left_shows_is_forgotten() -> None:
    """Datastream 1 was well again and 2 is withdrawn: a wrong clock later on is a new one."""
    told = conditions(PAIR, fault(1, CLOCK), fault(2, CLOCK), fault(1, CLOCK, minute=1, over=True))
    told.learn(catalogue_of(*(one for one in PAIR.datastreams.values() if one.id != 2)))
    assert told.lasting == {}
    told.told([fault(1, CLOCK, minute=9)], at=AT)
    [ended] = told.told([fault(1, CLOCK, minute=12, over=True)], at=AT)
    assert ended.began == from_us(BEGIN_US + 8 * MINUTE_US)


class Night:
    """Readings of some sensors, a step apart, with what the detector, the neighbourhood and the bench say of them."""

    def __init__(self, moments: int, catalogue: Catalogue | None = None, *, z: float = 6.0) -> None:
        self.catalogue = line(4) if catalogue is None else catalogue
        self.sensors = self.catalogue.highest_id()
        graph = graph_of(self.catalogue, self.sensors + 1)
        self.events = Events(config=Config(), catalogue=self.catalogue, graph=graph)
        self.conditions = Conditions(catalogue=self.catalogue)
        self.seen = seen_of(np.full((moments, self.sensors), z))

    def rows(self, spots: Mapping[Spot, int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Return a column that is 0 but at these moments and sensors."""
        column = np.zeros(len(self.seen), dtype=np.int64)
        for (moment, number), code in spots.items():
            column[moment * self.sensors + number - 1] = code
        return column

    def telling(
        self,
        own: Mapping[Spot, int],
        *,
        region: Mapping[Spot, int] | None = None,
        began: Mapping[Spot, int] | None = None,
        over: Mapping[Spot, int] | None = None,
    ) -> Telling:
        """Return the night, marked."""
        count = len(self.seen)
        mark = np.zeros((CHANNELS, count), dtype=np.int64)
        mark[Carrier.REGION] = self.rows(region or {})
        around = Around(
            mean=np.zeros(count), count=np.full(count, 3), strength=np.full((CHANNELS, count), 4.5), mark=mark
        )
        looked = Looked(
            suspect=self.rows({}),
            began=self.rows(began or {}),
            over=self.rows(over or {}),
            since_us=self.seen.time_us,
            about=self.seen.value,
        )
        return Telling(
            seen=replace(self.seen, mark=self.rows(own)),
            around=around,
            looked=looked,
            columns=fresh_columns(self.sensors + 1),
        )

    def told(self, telling: Telling) -> list[Finding]:
        """Return all there is to say."""
        return list(telling.findings(self.events, self.conditions, at=AT))


def moment_of(finding: Finding) -> float:
    """Return the moment of the night a finding's matter began or, when it is over, ended."""
    at = finding.began if finding.ended is None else finding.ended
    return (at - START) / timedelta(microseconds=STEP_US)


def test_calm_readings_are_not_worth_a_word() -> None:
    """However far out they were: what is marked decides."""
    night = Night(5, z=30.0)
    assert night.told(night.telling({})) == []
    assert night.events.groups == []


def test_an_event_is_told_where_it_begins_and_where_it_ends() -> None:
    """Started at moment 1, ended at moment 4, with the value and the expectation of its reading."""
    night = Night(6)
    first, last = night.told(night.telling({(1, 2): Mark.STARTED, (4, 2): Mark.ENDED}))
    assert (moment_of(first), moment_of(last)) == (1, 4)
    assert first.datastreams == (2,)
    assert (first.facts["measured"], first.facts["z"]) == (106.0, 6.0)


def test_what_the_region_carries_has_the_regions_strength() -> None:
    """The channel's deviations and not the reading's own, and how many fellows were heard."""
    night = Night(2, z=2.0)
    night.told(night.telling({}, region={(1, 3): BEGAN}))
    [group] = night.events.groups
    assert (group.lead().strength, group.lead().z, group.lead().fellows) == (4.5, 2.0, 3)
    assert group.lead().carrier is Carrier.REGION
    assert group.lead().coverage == COVERAGE


def test_an_event_lasts_until_every_way_of_looking_lets_go() -> None:
    """Own and regional at once: the detector's end is not the event's."""
    night = Night(6)
    marks = {(1, 2): Mark.STARTED, (3, 2): Mark.ENDED}
    findings = night.told(night.telling(marks, region={(1, 2): BEGAN, (5, 2): ENDED}))
    assert [moment_of(one) for one in findings if one.ended is not None] == [5]


def test_the_peak_of_a_running_event_is_kept_though_no_reading_is_marked() -> None:
    """All readings of a datastream in an event are looked at; those before it are not."""
    night = Night(5)
    z = night.seen.z.copy()
    z[0 * 4 + 1], z[3 * 4 + 1] = 50.0, -9.0
    night.seen = replace(night.seen, z=z)
    night.told(night.telling({(1, 2): Mark.STARTED}))
    assert night.events.groups[0].lead().z == -9.0


def test_an_instrument_that_breaks_leaves_its_event() -> None:
    """The event is over, the fault is told first, and what broke is counted out."""
    night = Night(5)
    findings = night.told(night.telling({(1, 2): Mark.STARTED}, began={(3, 2): STUCK}))
    assert [(one.kind, one.ended is None) for one in findings] == [
        (Kind.ANOMALY, True),
        (Kind.FAULT, True),
        (Kind.ANOMALY, False),
    ]
    assert night.events.groups[0].lead().is_broken


def test_a_spike_takes_nobody_out_of_an_event() -> None:
    """One wild reading is told to the maintainer; the event goes on."""
    night = Night(5)
    findings = night.told(night.telling({(1, 2): Mark.STARTED}, began={(3, 2): SPIKE}))
    assert [one.kind for one in findings] == [Kind.ANOMALY, Kind.FAULT]
    assert night.events.watched() == [2]


def test_a_fault_that_ends_and_another_that_begins_with_one_reading_are_both_told() -> None:
    """The end first."""
    night = Night(4)
    findings = night.told(night.telling({}, began={(0, 1): STUCK, (2, 1): DROPOUT}, over={(2, 1): STUCK}))
    assert [(one.facts["fault"], one.ended is None) for one in findings] == [
        (STUCK, True),
        (STUCK, False),
        (DROPOUT, True),
    ]
    assert night.conditions.of(1) is DROPOUT


def part_of(telling: Telling, rows: slice) -> Telling:
    """Return some of the readings with what was found of them."""
    seen, around, looked = telling.seen, telling.around, telling.looked
    return replace(
        telling,
        seen=Seen(**{name: getattr(seen, name)[rows] for name in Seen.__dataclass_fields__}),
        around=Around(
            mean=around.mean[rows],
            count=around.count[rows],
            strength=around.strength[:, rows],
            mark=around.mark[:, rows],
        ),
        looked=Looked(**{name: getattr(looked, name)[rows] for name in Looked.__dataclass_fields__}),
    )


MOMENTS, SENSORS = 8, 4
spots = some.dictionaries(
    some.tuples(some.integers(0, MOMENTS - 1), some.integers(1, SENSORS)), some.integers(1, 2), max_size=8
)


def said(findings: Sequence[Finding]) -> list[tuple[str, str, object]]:
    """Return what tells one list of findings from another."""
    return [(str(one.key), str(one.severity), one.ended) for one in findings]


@given(own=spots, region=spots, began=spots, over=spots, cut=some.integers(0, MOMENTS))
@settings(max_examples=25, deadline=None)
def test_what_is_told_does_not_depend_on_where_readings_were_cut(
    own: dict[Spot, int], region: dict[Spot, int], began: dict[Spot, int], over: dict[Spot, int], cut: int
) -> None:
    """Whatever is marked, in one piece or in two; and what came first is told first and does not change."""
    whole, pieces = Night(MOMENTS), Night(MOMENTS)
    telling = whole.telling(own, region=region, began=began, over=over)
    one = said(whole.told(telling))
    edge = cut * SENSORS
    first = said(pieces.told(part_of(telling, slice(0, edge))))
    rest = said(pieces.told(part_of(telling, slice(edge, None))))
    assert one == first + rest
