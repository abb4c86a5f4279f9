"""What a tool is told back of the alerts it raised, and of what the city planned."""

from datetime import timedelta

import pytest

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import Verdict as AlertVerdict
from impetus.core.ids import AlertId, DatastreamId, ToolId, ZoneId
from impetus.core.observation import to_us
from impetus.core.verdict import Verdict, VerdictKind
from impetus.desk import planned_works, triage
from impetus.desk.context import Desk
from impetus.desk.quieting import Wanted
from impetus.desk.tell_tool import decided, planned
from impetus.testing.desk import clock_of, memory_desk

UAD = ToolId("urban_anomaly")
STREAMS = (DatastreamId(4), DatastreamId(7))


@pytest.fixture
def desk() -> Desk:
    """Return a desk with one alert about two datastreams."""
    made = memory_desk(AT)
    fuse(made, seen("crowd", datastreams=STREAMS, ended=AT + timedelta(minutes=20)))
    return made


def close(desk: Desk, verdict: AlertVerdict, *, alert: int = 1) -> Actor:
    """Let an operator say what an alert was, and close it a minute later."""
    who = person(desk, f"kari{alert}{verdict}", Role.OPERATOR)
    triage.assess(desk, who, AlertId(alert), verdict=verdict)
    clock_of(desk).advance(60)
    triage.close(desk, who, AlertId(alert))
    return who


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (AlertVerdict.FALSE_ALARM, VerdictKind.BENIGN),
        (AlertVerdict.BENIGN, VerdictKind.BENIGN),
        (AlertVerdict.EXERCISE, VerdictKind.EXPECTED),
        (AlertVerdict.CONFIRMED, VerdictKind.TRUE),
    ],
)
def test_a_closed_alert_tells_its_tool_what_it_was(desk: Desk, verdict: AlertVerdict, kind: VerdictKind) -> None:
    """About which datastreams, from when until when."""
    close(desk, verdict)
    assert decided(desk, UAD, AT) == (
        Verdict(
            subject="zone:south-east",
            datastreams=STREAMS,
            began_us=to_us(AT),
            ended_us=to_us(AT + timedelta(minutes=20)),
            kind=kind,
        ),
    )


def test_nobody_is_told_what_nobody_could_say(desk: Desk) -> None:
    """Not enough information teaches nothing."""
    close(desk, AlertVerdict.NOT_ENOUGH_INFORMATION)
    assert decided(desk, UAD, AT) == ()


def test_what_is_judged_and_still_open_is_not_told(desk: Desk) -> None:
    """A verdict may change until the alert is closed."""
    triage.assess(desk, person(desk, "kari", Role.OPERATOR), AlertId(1), verdict=AlertVerdict.BENIGN)
    assert decided(desk, UAD, AT) == ()


def test_each_decision_is_told_once(desk: Desk) -> None:
    """What was decided before the time that is asked about was told then."""
    close(desk, AlertVerdict.BENIGN)
    assert decided(desk, UAD, desk.clock.now()) == ()


def test_another_tool_is_not_told(desk: Desk) -> None:
    """Each learns from its own alerts."""
    close(desk, AlertVerdict.BENIGN)
    assert decided(desk, ToolId("bacteria"), AT) == ()


def test_an_alert_without_datastreams_teaches_nothing() -> None:
    """There is no sensor it would be about."""
    desk = memory_desk(AT)
    fuse(desk, seen("talk"))
    close(desk, AlertVerdict.BENIGN)
    assert decided(desk, UAD, AT) == ()


def works(desk: Desk, zone: str | None, *, tool: ToolId | None = None, hours: int = 3) -> None:
    """Let a supervisor plan works from now on."""
    who = person(desk, f"sup{zone}{tool}{hours}", Role.SUPERVISOR)
    subject = None if zone else "thing:street/c1"
    wanted = Wanted(
        title="Market",
        why="stalls are put up",
        since=AT,
        until=AT + timedelta(hours=hours),
        zone=ZoneId(zone) if zone else None,
        subject=subject,
        tool=tool,
    )
    planned_works.plan_works(desk, who, wanted)


def test_planned_works_of_a_zone_are_told_with_their_times() -> None:
    """Those of one tool only to that tool; those of no zone to nobody."""
    desk = memory_desk(AT)
    works(desk, "quay")
    works(desk, "square", tool=ToolId("bacteria"), hours=2)
    works(desk, None)
    quay = (ZoneId("quay"), to_us(AT), to_us(AT + timedelta(hours=3)))
    square = (ZoneId("square"), to_us(AT), to_us(AT + timedelta(hours=2)))
    assert planned(desk, UAD) == (quay,)
    assert planned(desk, ToolId("bacteria")) == (quay, square)


def test_works_that_are_over_are_no_longer_planned() -> None:
    """Four hours later nothing is."""
    desk = memory_desk(AT)
    works(desk, "quay")
    clock_of(desk).advance(4 * 3_600)
    assert planned(desk, UAD) == ()
