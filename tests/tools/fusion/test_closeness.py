"""How close is close: metres, seconds and chance, each worked out by hand, and what must hold of any two."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.alert import AlertState
from impetus.core.finding import Finding, Kind
from impetus.core.ids import ZoneId
from impetus.tools.fusion.config import Config
from impetus.tools.fusion.detect import RELATED, closeness, gap_s
from impetus.tools.fusion.explain import MIN_M, MIN_S, Closeness, chance_of, why_joined
from tools.fusion.samples import AT, CONFIG, alert_of, moved, seen

MINUTE = timedelta(minutes=1)
CROWD = alert_of(seen(ended=AT + 2 * MINUTE))
"""An alert that lasted from 21:00 to 21:02, in the middle of the square."""


def around(minutes: float, *, lasting: float = 0.0, **changes: object) -> Finding:
    """Return a finding that began so many minutes after 21:00 and lasted so many."""
    began = AT + timedelta(minutes=minutes)
    ended = began + timedelta(minutes=lasting)
    return seen(subject="thing:square/c11", began=began, noticed=ended, ended=ended, **changes)


@pytest.mark.parametrize(
    ("finding", "apart_s"),
    [
        (around(5), 180.0),
        (around(2), 0.0),
        (around(1), 0.0),
        (around(-3), 180.0),
        (around(-3, lasting=2), 60.0),
        (around(-3, lasting=10), 0.0),
    ],
)
def test_the_gap_is_between_the_end_of_one_and_the_beginning_of_the_other(finding: Finding, apart_s: float) -> None:
    """After it, at its very end, within it, before it, and around it: nothing when they overlap."""
    assert gap_s(CROWD, finding) == apart_s


@pytest.mark.parametrize(("minutes", "is_close"), [(7, True), (7.1, False), (-5, True), (-5.1, False)])
def test_five_minutes_are_the_longest_gap(minutes: float, *, is_close: bool) -> None:
    """From 21:02 on, or up to 21:00: five minutes and no more."""
    assert (closeness(CONFIG, CROWD, around(minutes)) is not None) is is_close


@pytest.mark.parametrize(("metres", "is_close"), [(0, True), (99, True), (101, False), (5_000, False)])
def test_a_hundred_metres_are_the_longest_distance(metres: float, *, is_close: bool) -> None:
    """Further off is not one thing to the people there."""
    assert (closeness(CONFIG, CROWD, around(1, point=moved(metres))) is not None) is is_close


@pytest.mark.parametrize("state", list(AlertState))
def test_only_an_open_alert_is_joined(state: AlertState) -> None:
    """New, held and being handed on; what is shelved or closed is nobody's screen."""
    is_open = state in {AlertState.NEW, AlertState.HELD, AlertState.OFFERED}
    assert (closeness(CONFIG, replace(CROWD, state=state), around(1)) is not None) is is_open


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("other", list(Kind))
def test_only_related_kinds_are_joined(kind: Kind, other: Kind) -> None:
    """Deviations and silences with each other; a fault and the platform's own trouble with nothing."""
    together = {kind, other} <= {Kind.ANOMALY, Kind.SILENCE}
    assert (closeness(CONFIG, replace(CROWD, kind=kind), around(1, kind=other)) is not None) is together
    assert (other in RELATED[kind]) is together


@pytest.mark.parametrize(
    ("alerts", "findings", "is_close"),
    [("plaza", "plaza", True), ("plaza", "quay", False), ("plaza", None, False), (None, None, False)],
)
def test_without_a_position_the_zone_must_be_the_same(
    alerts: str | None, findings: str | None, *, is_close: bool
) -> None:
    """Two things of which nobody knows where are not thereby in one place."""
    nowhere = replace(CROWD, point=None, zone=ZoneId(alerts) if alerts else None)
    finding = around(1, point=None, zone=ZoneId(findings) if findings else None)
    assert (closeness(CONFIG, nowhere, finding) is not None) is is_close


def test_a_position_decides_even_against_the_zone() -> None:
    """Ten metres apart across the border of two zones are close; two ends of one zone are not."""
    here = replace(CROWD, zone=ZoneId("plaza"))
    assert closeness(CONFIG, here, around(1, point=moved(10), zone=ZoneId("quay"))) is not None
    assert closeness(CONFIG, here, around(1, point=moved(400), zone=ZoneId("plaza"))) is None


@pytest.mark.parametrize(
    ("distance_m", "gap", "lasted_s", "expected"),
    [
        (100.0, 60.0, 0.0, 0.0062634),
        (50.0, 60.0, 0.0, 0.0015696),
        (100.0, 60.0, 120.0, 0.0124876),
        (0.0, 0.0, 0.0, 0.00019633),
    ],
)
def test_chance_is_a_rate_times_a_region(distance_m: float, gap: float, lasted_s: float, expected: float) -> None:
    """Six an hour on a square kilometre; within 100 m and a minute either side: 1 - e^-(6/3600 x 120 x 31,416 / 10^6)."""
    assert chance_of(CONFIG, distance_m=distance_m, gap_s=gap, lasted_s=lasted_s) == pytest.approx(expected, rel=1e-4)


def test_nearer_than_sensors_can_tell_is_not_nearer() -> None:
    """Twenty-five metres and half a minute are as near as anything gets."""
    least = chance_of(CONFIG, distance_m=MIN_M, gap_s=MIN_S, lasted_s=0.0)
    assert chance_of(CONFIG, distance_m=0.0, gap_s=0.0, lasted_s=0.0) == least
    assert chance_of(CONFIG, distance_m=MIN_M + 1, gap_s=MIN_S, lasted_s=0.0) > least


def test_a_region_is_never_larger_than_the_watched_area() -> None:
    """On a hectare, everything is everywhere: only time decides."""
    small = Config(area_km2=0.01)
    far, further = (chance_of(small, distance_m=metres, gap_s=60, lasted_s=0.0) for metres in (100, 10_000))
    assert far == further == pytest.approx(1 - math.exp(-6 / 3600 * 120))


@given(some.floats(0.01, 100), some.floats(0.01, 100), some.floats(1, 100))
def test_a_larger_area_or_a_quieter_city_makes_closeness_say_more(area: float, rate: float, factor: float) -> None:
    """The same distance is less likely by chance where less happens, or where there is more room for it."""
    usual = chance_of(Config(area_km2=area, background_per_hour=rate), distance_m=50, gap_s=60, lasted_s=0)
    wider = chance_of(Config(area_km2=area * factor, background_per_hour=rate), distance_m=50, gap_s=60, lasted_s=0)
    busier = chance_of(Config(area_km2=area, background_per_hour=rate * factor), distance_m=50, gap_s=60, lasted_s=0)
    assert wider <= usual * (1 + 1e-12)
    assert busier >= usual * (1 - 1e-12)


findings = some.builds(
    around,
    some.floats(-20, 20),
    lasting=some.floats(0, 10),
    point=some.one_of(some.none(), some.builds(moved, some.floats(-200, 200), some.floats(-200, 200))),
    zone=some.sampled_from([None, ZoneId("plaza"), ZoneId("quay")]),
    kind=some.sampled_from([Kind.ANOMALY, Kind.SILENCE]),
)


@given(findings, findings)
@settings(max_examples=60)
def test_being_close_does_not_depend_on_who_came_first(one: Finding, other: Finding) -> None:
    """Of two findings, either may be the alert: as far apart, as long between, as likely by chance."""
    there, back = closeness(CONFIG, alert_of(one), other), closeness(CONFIG, alert_of(other), one)
    assert (there is None) is (back is None)
    if there is not None and back is not None:
        assert there.gap_s == back.gap_s
        assert there.chance == pytest.approx(back.chance)
        assert there.distance_m == pytest.approx(back.distance_m)


@given(findings, findings)
@settings(max_examples=60)
def test_whatever_is_close_keeps_to_every_limit(one: Finding, other: Finding) -> None:
    """Metres, seconds and chance are within the settings, or it was not called close."""
    found = closeness(CONFIG, alert_of(one), other)
    if found is not None:
        assert 0 <= found.gap_s <= CONFIG.join_s
        assert 0 < found.chance <= CONFIG.max_chance
        assert found.distance_m is None or found.distance_m <= CONFIG.join_m


def said(found: Closeness, **changes: object) -> str:
    """Return the sentence for how close something was."""
    return why_joined(CROWD, around(1, **changes), found).say()


def test_the_sentence_says_metres_seconds_and_percent() -> None:
    """In whole metres and seconds, and two figures of chance."""
    assert said(Closeness(distance_m=30.4, gap_s=40.6, chance=0.000378)) == (
        "Joined with what urban_anomaly noticed: 30 m and 41 s apart; "
        "unrelated alerts come this close in 0.038 % of cases."
    )


def test_without_metres_the_sentence_names_the_zone() -> None:
    """An operator knows what stood in for the distance."""
    words = said(Closeness(distance_m=None, gap_s=0.0, chance=0.0123), zone=ZoneId("plaza"))
    assert "the same zone plaza, 0 s apart" in words
    assert "in 1.2 % of cases" in words
