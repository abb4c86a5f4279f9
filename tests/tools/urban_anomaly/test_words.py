"""What an operator reads: each sentence in full, the figures in it, and how bad it is called."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.finding import Certainty, Finding, Severity, Urgency
from impetus.core.ids import DatastreamId, ThingKey
from impetus.core.observation import Datastream, from_us, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.group import Carrier, Group, Member
from impetus.tools.urban_anomaly.words import figure, group_finding, score_of, severity_of
from tools.urban_anomaly.street import START, catalogue

AT = START + timedelta(hours=1)
BEGAN_US = to_us(START)
CONFIG = Config()
NOISE: dict[str, object] = {"observed_property": "noise_level", "unit": "dB", "lowest": 0.0, "highest": 130.0}


def stream(number: int = 1, **changes: object) -> Datastream:
    """Return counter C1 of the street, or another, with these fields changed."""
    return replace(catalogue(4, zone="quay").datastreams[DatastreamId(number)], **changes)  # type: ignore[arg-type]


def member(number: int = 1, *, z: float = 6.0, value: float = 160.0, **changes: object) -> Member:
    """Return a datastream's part in a group: 100 was expected, a deviation is 10."""
    return Member(
        datastream=stream(number, **changes),
        began_us=BEGAN_US,
        z=z,
        value=value,
        expected=100.0,
        scale=10.0,
        one_in=2_000.0,
        seen_us=BEGAN_US + 300_000_000,
        coverage=0.9,
    )


def group(*members: Member, over: bool = False, tellings: int = 0) -> Group:
    """Return a group of these members."""
    return Group(
        first=members[0].datastream,
        began_us=BEGAN_US,
        members={each.datastream.id: each for each in members},
        over=over,
        tellings=tellings,
    )


def finding_of(*members: Member, severity: Severity = Severity.MINOR, over: bool = False) -> Finding:
    """Return what is said of a group of these members."""
    return group_finding(group(*members, over=over), severity, at=AT)


def test_one_thing_far_above_is_named_with_its_reading() -> None:
    """The headline an operator reads first."""
    assert finding_of(member()).headline.say() == "People count far above normal at C1: 160"


def test_one_thing_far_below_is_named_so() -> None:
    """Absence is as strange as presence."""
    assert finding_of(member(z=-6.0, value=40.0)).headline.say() == "People count far below normal at C1: 40"


def test_a_unit_is_said_unless_it_is_a_count() -> None:
    """Decibels are named, people are just counted."""
    assert finding_of(member(**NOISE)).headline.say() == "Noise level far above normal at C1: 160 dB"


def test_the_reason_says_what_was_expected_and_how_rare_it_is() -> None:
    """Two and a half deviations of ten either side of a hundred, one in two thousand readings."""
    assert finding_of(member()).why.say() == (
        "160 measured, 75 to 125 expected at this time of day (90 % of readings); 1 in 2,000 readings of this sensor is this far off"
    )


def test_what_is_expected_stays_within_what_the_instrument_can_report() -> None:
    """A count is never expected to be below nothing, a meter never above its end."""
    low = replace(member(), expected=10.0, value=99.0)
    high = replace(member(**NOISE), expected=120.0)
    assert "0 to 35 expected" in finding_of(low).why.say()
    assert "95 dB to 130 dB" in finding_of(high).why.say() or "95 to 130 dB" in finding_of(high).why.say()


@pytest.mark.parametrize(("z", "way"), [(8.0, "above"), (-8.0, "below")])
def test_several_things_are_told_as_their_zone_with_the_furthest_first(z: float, way: str) -> None:
    """How many, where, and which one to look at first."""
    finding = finding_of(member(1), member(2, z=z), member(3))
    assert finding.subject == "zone:quay"
    assert finding.headline.say() == (
        f"3 sensors in quay far from normal together, most of all People count {way} normal at C2"
    )
    assert finding.datastreams == (2, 1, 3)


def test_two_datastreams_of_one_thing_are_one_thing() -> None:
    """A counter that counts both ways does not agree with itself."""
    other = member(2, thing=ThingKey("street/c1"))
    both = group(member(1), other)
    assert both.things() == 1
    assert group_finding(both, Severity.MINOR, at=AT).subject == "thing:street/c1"


def test_among_equals_the_first_declared_leads() -> None:
    """The same group is told the same way every time."""
    assert group(member(3), member(1), member(2)).lead().datastream.id == 1


@pytest.mark.parametrize(
    ("things", "z", "severity"),
    [
        (1, 5.0, Severity.MINOR),
        (1, 12.4, Severity.MINOR),
        (1, 12.5, Severity.MODERATE),
        (1, 100.0, Severity.MODERATE),
        (2, 5.0, Severity.MODERATE),
        (2, 100.0, Severity.MODERATE),
        (3, 9.9, Severity.MODERATE),
        (3, 10.0, Severity.SEVERE),
        (4, -100.0, Severity.SEVERE),
    ],
)
def test_how_bad_follows_from_how_far_and_how_many(things: int, z: float, severity: Severity) -> None:
    """Multiples of the five at which events start: two and a half for one alone, two for three that agree."""
    assert severity_of(group(*(member(number, z=z) for number in range(1, things + 1))), CONFIG) is severity


@pytest.mark.parametrize(
    ("severity", "over", "urgency"),
    [
        (Severity.SEVERE, False, Urgency.IMMEDIATE),
        (Severity.MODERATE, False, Urgency.EXPECTED),
        (Severity.MINOR, False, Urgency.EXPECTED),
        (Severity.SEVERE, True, Urgency.PAST),
    ],
)
def test_how_soon_follows_from_how_bad_and_whether_it_lasts(
    severity: Severity, *, over: bool, urgency: Urgency
) -> None:
    """What is over is past, however bad it was."""
    assert finding_of(member(), severity=severity, over=over).urgency is urgency


@pytest.mark.parametrize(
    ("things", "one_in", "certainty"),
    [(1, 999.0, Certainty.POSSIBLE), (1, 1000.0, Certainty.LIKELY), (2, 2.0, Certainty.LIKELY)],
)
def test_how_sure_follows_from_how_rare_or_from_a_second_thing(
    things: int, one_in: float, certainty: Certainty
) -> None:
    """One in a thousand readings, or somebody else who saw it too."""
    members = [replace(member(number), one_in=one_in) for number in range(1, things + 1)]
    assert finding_of(*members).certainty is certainty


def test_an_end_is_when_the_last_member_was_seen() -> None:
    """The latest of them; while it lasts there is none."""
    late = replace(member(2), seen_us=BEGAN_US + 900_000_000)
    assert finding_of(member(1), late, over=True).ended == from_us(BEGAN_US + 900_000_000)
    assert finding_of(member(1), late).ended is None


def test_how_rare_a_group_is_is_the_rarest_of_it() -> None:
    """One member's one in nine thousand is the group's."""
    assert finding_of(member(1), replace(member(2), one_in=9_000.0)).one_in == 9_000.0


def test_what_is_made_up_says_so_and_never_has_the_key_of_what_is_real() -> None:
    """An exercise on a real place must be told from it everywhere."""
    simulated, real = finding_of(member(simulated=True)), finding_of(member())
    assert (simulated.simulated, real.simulated) == (True, False)
    assert simulated.key != real.key


def test_keys_are_made_of_tool_kind_subject_beginning_and_telling() -> None:
    """Nothing in a key depends on when the host asked."""
    first = group_finding(group(member()), Severity.MINOR, at=AT)
    third = group_finding(group(member(), tellings=2), Severity.MINOR, at=AT + timedelta(days=1))
    assert first.key == f"urban_anomaly:anomaly:thing:street/c1:{BEGAN_US}"
    assert third.key == f"{first.key}:2"


def test_a_group_of_many_names_the_sixty_four_furthest() -> None:
    """A finding stays small however many sensors a zone has."""
    template = stream()
    members = [
        replace(member(), datastream=replace(template, id=DatastreamId(number)), z=5.0 + number)
        for number in range(1, 101)
    ]
    named = finding_of(*members).datastreams
    assert (len(named), named[0], named[-1]) == (64, 100, 37)


def test_what_a_region_carries_is_said_of_the_region() -> None:
    """Nobody is told that 1 in so many readings is this far off where it is the neighbourhood that is."""
    carried = replace(member(), carrier=Carrier.REGION, strength=7.2, fellows=8, one_in=0.0)
    finding = finding_of(carried)
    assert finding.why.say() == (
        "160 measured, 75 to 125 expected at this time of day (90 % of readings); "
        "with its 8 neighbours it is 7 times as far off as they usually are together"
    )
    assert finding.one_in is None


def test_what_left_its_neighbours_is_said_so() -> None:
    """The reason names how many did not go with it."""
    carried = replace(member(), carrier=Carrier.ALONE, strength=-9.4, fellows=8)
    assert (
        "its 8 neighbours did not go with it: it is 9 times as far from them as usual" in finding_of(carried).why.say()
    )


def test_those_that_carry_an_event_are_named_first() -> None:
    """In a region by their own part; alone by how far they are from their neighbours."""
    region = replace(member(1, z=2.0), carrier=Carrier.REGION, strength=9.0)
    stronger = replace(member(2, z=4.0), carrier=Carrier.REGION, strength=9.0)
    alone = replace(member(3, z=1.0), carrier=Carrier.ALONE, strength=6.0)
    assert finding_of(region, stronger, alone).datastreams == (3, 2, 1)


@given(some.floats(-1e9, 1e9), some.floats(1e-6, 1e6))
def test_a_figure_is_as_near_as_its_step(value: float, step: float) -> None:
    """What is written differs from what was measured by less than half of what would make a difference."""
    assert abs(float(figure(value, step).replace(",", "")) - value) <= step / 2 + 1e-6


@given(some.floats(-1e9, 1e9), some.floats(1e-6, 1e6))
def test_a_figure_has_no_digits_that_mean_nothing(value: float, step: float) -> None:
    """One decimal fewer would be too coarse, and nothing is written as minus nothing."""
    text = figure(value, step)
    decimals = len(text.partition(".")[2])
    assert decimals == 0 or 10.0 ** (1 - decimals) > step
    assert not (text.startswith("-") and float(text.replace(",", "")) == 0)


@given(some.floats(-100, 100), some.floats(-100, 100))
def test_the_score_ranks_by_distance_and_stays_below_one(one: float, other: float) -> None:
    """Which way does not matter, only how far."""
    assert 0 <= score_of(one) < 1
    assert (score_of(one) <= score_of(other)) is (abs(one) <= abs(other)) or score_of(one) == score_of(other)


@pytest.mark.parametrize(("minutes", "past"), [(0, False), (55, False), (56, True), (10_000, True)])
def test_an_event_in_old_readings_is_told_as_past(minutes: int, *, past: bool) -> None:
    """Last seen five minutes after it began: an hour later nobody knows that it lasts, however many readings are replayed."""
    at = START + timedelta(minutes=10 + minutes)
    told = group_finding(group(member()), Severity.SEVERE, at=at)
    assert (told.ended is not None, told.urgency is Urgency.PAST) == (past, past)
