"""An event as it grows: what each datastream adds to it, who leads, and how many things take part."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.ids import DatastreamId, ThingKey
from impetus.tools.urban_anomaly.group import Carrier, Event, Group, Member
from tools.urban_anomaly.town_of import BEGIN_US, STEP_US, sensor


def event(number: int = 1, *, z: float = 6.0, strength: float = 0.0, carrier: Carrier = Carrier.OWN) -> Event:
    """Return a marked reading of a sensor of which 100 is expected, two units a deviation."""
    return Event(
        datastream=DatastreamId(number),
        time_us=BEGIN_US,
        z=z,
        value=100.0 + 2.0 * z,
        expected=100.0,
        scale=2.0,
        one_in=500.0,
        strength=strength,
        carrier=carrier,
        fellows=5,
        reach=1.5,
        coverage=0.9,
    )


def member(number: int = 1, *, z: float = 6.0, strength: float = 0.0, carrier: Carrier = Carrier.OWN) -> Member:
    """Return the part that begins with such a reading."""
    return Member.of(event(number, z=z, strength=strength, carrier=carrier), sensor(number), {carrier})


def group(*members: Member) -> Group:
    """Return an event of these members."""
    made = Group(first=members[0].datastream, began_us=BEGIN_US)
    made.members.update({each.datastream.id: each for each in members})
    return made


def order(made: Group) -> list[int]:
    """Return the ids of the members, those that carry most first."""
    return [int(each.datastream.id) for each in made.ranked()]


def test_a_part_begins_as_its_first_reading_was() -> None:
    """Nothing of the reading is lost, and it runs."""
    part = member(3, z=-6.0, strength=-4.5, carrier=Carrier.REGION)
    assert (part.began_us, part.seen_us) == (BEGIN_US, BEGIN_US)
    assert (part.z, part.value, part.expected, part.scale, part.one_in) == (-6.0, 88.0, 100.0, 2.0, 500.0)
    assert (part.strength, part.carrier, part.fellows, part.reach, part.coverage) == (
        -4.5,
        Carrier.REGION,
        5,
        1.5,
        0.9,
    )
    assert part.running
    assert not part.is_broken


def test_a_part_has_carriers_of_its_own() -> None:
    """The set it was made from may change without it."""
    carriers = {Carrier.OWN}
    part = Member.of(event(), sensor(1), carriers)
    carriers.add(Carrier.REGION)
    assert part.carriers == {Carrier.OWN}


def test_a_reading_further_out_becomes_the_peak_with_all_that_belongs_to_it() -> None:
    """Value, expectation and scale are of one reading, never mixed."""
    part = member(z=6.0)
    part.saw(replace(event(z=-7.0), time_us=BEGIN_US + STEP_US, expected=90.0, scale=3.0))
    assert (part.z, part.value, part.expected, part.scale) == (-7.0, 86.0, 90.0, 3.0)
    assert part.seen_us == BEGIN_US + STEP_US


def test_a_reading_nearer_to_normal_is_seen_and_changes_no_peak() -> None:
    """As far out as before is not further."""
    part = member(z=6.0, strength=4.0)
    for z in (3.0, -6.0):
        part.saw(replace(event(z=z, strength=-4.0), time_us=BEGIN_US + STEP_US))
    assert (part.z, part.value, part.strength) == (6.0, 112.0, 4.0)
    assert part.seen_us == BEGIN_US + STEP_US


def test_the_peaks_of_the_reading_and_of_what_carried_it_are_kept_apart() -> None:
    """A stronger region does not move the reading's own peak."""
    part = member(z=6.0, strength=4.0)
    part.saw(event(z=2.0, strength=9.0))
    assert (part.z, part.strength) == (6.0, 9.0)


def test_an_older_reading_does_not_turn_the_clock_back() -> None:
    """When it was last seen stays; its peak counts."""
    part = member(z=6.0)
    part.saw(replace(event(z=20.0), time_us=BEGIN_US - STEP_US))
    assert (part.seen_us, part.z) == (BEGIN_US, 20.0)


@given(some.lists(some.floats(-50, 50), min_size=1, max_size=12))
@settings(max_examples=30)
def test_the_peak_is_the_furthest_of_all_readings(zs: list[float]) -> None:
    """In whatever order they come, below normal as well as above."""
    part = member(z=zs[0])
    for z in zs[1:]:
        part.saw(event(z=z))
    assert abs(part.z) == max(map(abs, zs))
    assert part.value == 100.0 + 2.0 * part.z


@pytest.mark.parametrize(
    ("carrier", "weight"), [(Carrier.REGION, 3.0), (Carrier.ALONE, 8.0), (Carrier.OWN, 8.0)], ids=str
)
def test_what_is_shared_with_a_region_counts_by_its_own_part(carrier: Carrier, weight: float) -> None:
    """Three deviations of its own in a region of eight: by three; alone against its fellows: by eight."""
    assert member(z=-3.0, strength=8.0, carrier=carrier).weight() == weight


def test_those_that_carry_most_come_first_and_the_lowest_id_among_equals() -> None:
    """Nine before six, below normal or above, and of two sixes the one declared first."""
    made = group(member(4, z=6.0), member(2, z=6.0), member(3, z=-9.0))
    assert order(made) == [3, 2, 4]
    assert made.lead().datastream.id == 3


def test_a_broken_instrument_comes_last_however_far_out_it_was() -> None:
    """And among broken ones the furthest first again."""
    parts = [member(1, z=90.0), member(2, z=6.0), member(3, z=70.0)]
    parts[0].is_broken = parts[2].is_broken = True
    assert order(group(*parts)) == [2, 1, 3]


def test_running_are_those_that_are_not_over() -> None:
    """One of three has ended."""
    parts = [member(1), member(2), member(3)]
    parts[1].running = False
    assert [each.datastream.id for each in group(*parts).running()] == [1, 3]


def test_things_are_counted_once_and_broken_ones_not_at_all() -> None:
    """Two datastreams of one box are one thing; a third thing that broke is none; an event is never about nothing."""
    box = ThingKey("line/s1")
    parts = [member(1), Member.of(event(2), sensor(2, thing=box), set()), member(3)]
    made = group(*parts)
    assert made.things() == 2
    parts[2].is_broken = True
    assert made.things() == 1
    for part in parts:
        part.is_broken = True
    assert made.things() == 1


@given(some.permutations(range(1, 7)), some.sets(some.integers(1, 6)))
@settings(max_examples=30)
def test_the_order_of_joining_is_nothing_to_the_order_of_naming(numbers: list[int], broken: set[int]) -> None:
    """Whoever came first: the same ranking, sound ones before broken ones."""
    parts = [member(number, z=float(number // 2)) for number in numbers]
    for part in parts:
        part.is_broken = int(part.datastream.id) in broken
    ranked = order(group(*parts))
    assert ranked == sorted(ranked, key=lambda number: (number in broken, -(number // 2), number))
