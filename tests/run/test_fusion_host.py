"""The host of fusion: takes what is on the bus, stands where the state says, and looks after the shelf."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desk.samples import AT, alert, person, publish, seen
from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState
from impetus.core.errors import Misconfigured, NotNow
from impetus.core.finding import Finding
from impetus.core.ids import AlertId, ToolId
from impetus.core.tool import Joined
from impetus.desk import triage
from impetus.desk.context import FINDINGS, Desk
from impetus.run.fusion_host import Host, joiner_of
from impetus.run.heartbeat import Heart
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.register import clear
from impetus.tools.fusion.tool import Tool


@dataclass
class ListeningHeart:
    """A heart whose beats a test can read."""

    stopping: threading.Event = field(default_factory=threading.Event)
    beats: list[dict[str, object]] = field(default_factory=list)

    def beat(self, **said: object) -> None:
        """Keep what was said."""
        self.beats.append(said)


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk whose register clears fusion."""
    made = memory_desk(AT)
    clear(made, find_tool("fusion"))
    return made


def _host(desk: Desk, heart: ListeningHeart | None = None, *, batch: int = 20) -> Host:
    return Host(desk, Tool.create({}), heart or ListeningHeart(), batch=batch)  # type: ignore[arg-type]  # it beats like one


def test_what_is_on_the_bus_becomes_alerts_and_may_then_go(desk: Desk) -> None:
    """Three batches: each turn takes one, says whether there is more, and tells the bus how far it came."""
    host = _host(desk)
    publish(desk, *(seen(f"{number}", subject=f"zone:{number % 3}") for number in range(45)))
    assert [host.turn() for _ in range(4)] == [True, True, False, False]
    assert alert(desk, 3).repeats == 14
    assert desk.bus.held(FINDINGS, "fusion") == 45


def test_a_new_host_goes_on_where_the_state_says(desk: Desk) -> None:
    """Killed between the commit and telling the bus: nothing is taken twice."""
    publish(desk, seen("a"))
    _host(desk).turn()
    desk.bus.hold(FINDINGS, "fusion", 0)  # type: ignore[arg-type]  # an offset
    publish(desk, seen("b"))
    second = _host(desk)
    assert second.offset == 1
    second.turn()
    assert alert(desk).repeats == 1


def test_a_replaced_bus_is_read_from_its_start(desk: Desk) -> None:
    """The cursor is ahead of a younger bus: said on the board, and nothing of the new bus is missed."""
    publish(desk, *(seen(f"old{number}") for number in range(9)))
    _host(desk).turn()
    younger = MemoryBus(desk.clock)
    object.__setattr__(desk, "bus", younger)
    publish(desk, seen("fresh", subject="zone:fresh"))
    heart = ListeningHeart()
    host = _host(desk, heart)
    assert "bus was replaced" in host.tally.remark
    host.turn()
    assert alert(desk, 2).subject == "zone:fresh"


def test_beats_say_rate_lag_and_what_was_malformed(desk: Desk) -> None:
    """Once a second: how many a second, how far behind, how many could not be read."""
    heart = ListeningHeart()
    host = _host(desk, heart)
    publish(desk, *(seen(f"{number}") for number in range(10)))
    desk.bus.publish(FINDINGS, [b"nonsense"])
    clock_of(desk).advance(2)
    host.turn()
    assert heart.beats == [{"rate_per_s": 5.0, "lag": 0, "dropped": 1, "note": "1 findings malformed"}]
    host.turn()
    assert len(heart.beats) == 1


def test_shelved_alerts_come_back_by_themselves(desk: Desk) -> None:
    """Nobody has to look: the host wakes what is due."""
    host = _host(desk)
    publish(desk, seen("a"))
    host.turn()
    triage.shelve(desk, person(desk, "ada", Role.OPERATOR), AlertId(1), until=AT + timedelta(minutes=5), why="works")
    clock_of(desk).advance(299)
    host.turn()
    assert alert(desk).state is AlertState.SHELVED
    clock_of(desk).advance(1)
    host.turn()
    assert alert(desk).state is AlertState.NEW


class _FullDisk(Tool):
    """Fusion that meets a full disk once."""

    full = True

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Fail the first time."""
        if self.full:
            self.full = False
            raise NotNow("the disk is full", retry_after_s=0.01)
        return super().join(finding, recent, at=at)


def test_a_full_disk_is_said_on_the_board_and_recovered_from(desk: Desk) -> None:
    """The batch comes again when there is room, and the remark goes."""
    heart = ListeningHeart()
    host = Host(desk, _FullDisk.create({}), heart)  # type: ignore[arg-type]  # it beats like one
    publish(desk, seen("a"))
    clock_of(desk).advance(1)
    host.turn()
    assert heart.beats[0]["note"] == "the disk is full"
    clock_of(desk).advance(1)
    host.turn()
    assert heart.beats[1]["note"] == ""
    assert alert(desk).repeats == 0


def test_the_loop_ends_when_told_to_stop(desk: Desk) -> None:
    """Stopped while it sleeps on an empty bus: it takes what comes and returns, within its wait."""
    heart = ListeningHeart()
    host = _host(desk, heart)
    running = threading.Thread(target=host.run)
    running.start()
    publish(desk, seen("a"))
    while desk.bus.held(FINDINGS, "fusion") != 1:
        running.join(timeout=0.01)
    heart.stopping.set()
    running.join(timeout=5)
    assert not running.is_alive()


def test_the_installed_fusion_is_built_with_its_settings() -> None:
    """Found by its entry point like any tool; wrong settings name themselves."""
    settings = Settings(home=Path("unused"), tool_settings={"fusion": {"join_m": 50}})
    joiner = joiner_of(find_tool("fusion"), settings)
    assert joiner.config.join_m == 50.0  # type: ignore[attr-defined]  # it is the Tool of fusion
    with pytest.raises(Misconfigured, match="join_m"):
        joiner_of(find_tool("fusion"), Settings(home=Path("unused"), tool_settings={"fusion": {"join_m": -1}}))


def test_a_sensing_tool_is_not_hosted_here() -> None:
    """The host of findings takes tools that sense findings."""
    with pytest.raises(Misconfigured, match="does not sense findings"):
        joiner_of(find_tool(ToolId("urban_anomaly")), Settings(home=Path("unused")))


def test_a_real_heart_has_what_the_host_uses() -> None:
    """The listening heart of these tests stands for this one."""
    heart = Heart(None)
    assert not heart.stopping.is_set()
    heart.beat(rate_per_s=1.0, lag=0, dropped=0, note="")
