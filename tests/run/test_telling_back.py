"""How a hosted tool is told what people decided: when, what, and what becomes of trouble."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Role
from impetus.core.alert import Verdict as AlertVerdict
from impetus.core.ids import AlertId, DatastreamId, ToolId, ZoneId
from impetus.core.observation import to_us
from impetus.core.tool import SensingTool, Window
from impetus.core.verdict import Verdict, VerdictKind
from impetus.desk import planned_works, triage
from impetus.desk.context import Desk
from impetus.desk.quieting import Wanted
from impetus.run.telling_back import EVERY_S, TellingBack
from impetus.testing.desk import clock_of, memory_desk

UAD = ToolId("urban_anomaly")


@dataclass
class Pupil:
    """Remembers what it is told; raises when told to."""

    verdicts: list[Verdict] = field(default_factory=list)
    plans: list[tuple[Window, ...]] = field(default_factory=list)
    is_stubborn: bool = False

    def judged(self, verdicts: Sequence[Verdict]) -> None:
        """Take verdicts."""
        if self.is_stubborn:
            raise ValueError("no")
        self.verdicts += verdicts

    def planned(self, windows: Sequence[Window]) -> None:
        """Take a plan."""
        self.plans.append(tuple(windows))


@pytest.fixture
def desk() -> Desk:
    """Return a desk on which one alert was closed as harmless."""
    made = memory_desk(AT)
    fuse(made, seen("crowd", datastreams=(DatastreamId(4),)))
    who = person(made, "kari", Role.OPERATOR)
    triage.assess(made, who, AlertId(1), verdict=AlertVerdict.BENIGN)
    clock_of(made).advance(60)
    triage.close(made, who, AlertId(1))
    clock_of(made).advance(1)
    return made


def tool(pupil: object) -> SensingTool:
    """Return a pupil as the host holds it: what it does besides is not looked at here."""
    return cast("SensingTool", cast("Any", pupil))


def test_a_verdict_is_told_once(desk: Desk) -> None:
    """The second look finds nothing new."""
    back, pupil = TellingBack(tool=UAD), Pupil()
    back.look(desk, tool(pupil), now_s=0.0)
    back.look(desk, tool(pupil), now_s=EVERY_S)
    assert [verdict.kind for verdict in pupil.verdicts] == [VerdictKind.BENIGN]


def test_it_is_asked_no_more_than_every_half_minute(desk: Desk) -> None:
    """A look too soon looks at nothing."""
    back, pupil = TellingBack(tool=UAD), Pupil()
    back.look(desk, tool(Pupil()), now_s=0.0)
    back.told_us = 0
    back.look(desk, tool(pupil), now_s=EVERY_S - 1)
    assert pupil.verdicts == []


def test_a_host_that_goes_on_from_a_snapshot_tells_what_that_does_not_know(desk: Desk) -> None:
    """Told up to before the verdict: told again; told up to after it: not."""
    for told_us, count in ((to_us(AT), 1), (to_us(desk.clock.now()), 0)):
        pupil = Pupil()
        TellingBack(tool=UAD, told_us=told_us).look(desk, tool(pupil), now_s=0.0)
        assert len(pupil.verdicts) == count


def test_a_plan_is_told_when_it_changes(desk: Desk) -> None:
    """Nothing planned, a market, still that market: told twice."""
    back, pupil = TellingBack(tool=UAD), Pupil()
    back.look(desk, tool(pupil), now_s=0.0)
    now = desk.clock.now()
    market = Wanted(title="Market", why="stalls", since=now, until=now + timedelta(hours=3), zone=ZoneId("quay"))
    planned_works.plan_works(desk, person(desk, "ola", Role.SUPERVISOR), market)
    back.look(desk, tool(pupil), now_s=EVERY_S)
    back.look(desk, tool(pupil), now_s=2 * EVERY_S)
    assert pupil.plans == [(), ((ZoneId("quay"), to_us(now), to_us(now + timedelta(hours=3))),)]


def test_a_tool_that_learns_nothing_is_told_nothing(desk: Desk) -> None:
    """The host does not ask the desk for it either."""
    back = TellingBack(tool=UAD)
    back.look(desk, tool(object()), now_s=0.0)
    assert (back.told_us, back.remark) == (0, "")


def test_a_tool_that_raises_is_noted_and_told_again_later(desk: Desk) -> None:
    """Its findings go on; when it takes it, the note is gone."""
    back, pupil = TellingBack(tool=UAD), Pupil(is_stubborn=True)
    back.look(desk, tool(pupil), now_s=0.0)
    assert "no" in back.remark
    pupil.is_stubborn = False
    back.look(desk, tool(pupil), now_s=EVERY_S)
    assert (len(pupil.verdicts), back.remark) == (1, "")
