"""The part that reads simulated posts: through the register's gate, with a key for the day, until somebody stops it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impetus.cli.demo import TOOLS, admit, prepare
from impetus.core.actor import console
from impetus.core.errors import NotNow, Refused
from impetus.core.ids import Offset
from impetus.core.stop import Scope, Target
from impetus.demo.posts.feed import LINES
from impetus.demo.posts.notice import TOOL, named
from impetus.desk.clearance import clearance
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.pseudonym_keys import set_up
from impetus.run import posts as part
from impetus.run.child import find_role
from impetus.run.gate import NotCleared
from impetus.run.heartbeat import Heart
from impetus.run.parts import plan_parts
from impetus.run.posts import Watch
from impetus.run.tools import find_tool, installed
from impetus.settings import Settings
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.register import clear
from impetus.wiring import open_desk

EVENING = datetime(2026, 3, 14, 20, 0, tzinfo=UTC)
THREATS = sum(named(line.text) is not None for line in LINES)


def _watching(*, keys: bool = True, cleared: bool = True) -> tuple[Desk, Watch]:
    """Return a desk and the part at the beginning of the scenario."""
    desk = memory_desk(EVENING)
    if cleared:
        clear(desk, find_tool(TOOL))
    if keys:
        set_up(desk, console(), days=1)
    return desk, Watch(desk, Heart(), began=EVENING)


def _said(desk: Desk) -> int:
    return len(desk.bus.read(FINDINGS, Offset(0), limit=100))


def test_it_shows_what_the_rule_finds_and_counts_the_rest() -> None:
    """The board says both, and that it is simulated."""
    desk, watch = _watching()
    clock_of(desk).advance(600)
    assert watch.turn() == f"simulated posts: {len(LINES)} read, {THREATS} shown"
    assert _said(desk) == THREATS


def test_without_the_registers_leave_it_reads_nothing() -> None:
    """The gate is asked at each turn, not once."""
    desk, watch = _watching(cleared=False)
    clock_of(desk).advance(600)
    with pytest.raises(NotCleared):
        watch.turn()
    assert _said(desk) == 0


def test_without_a_key_for_the_day_nothing_passes_and_nothing_is_lost() -> None:
    """The board says what is missing; when the custodians came, it goes on where it was."""
    desk, watch = _watching(keys=False)
    clock_of(desk).advance(600)
    assert "no pseudonym key" in watch.turn()
    assert _said(desk) == 0
    set_up(desk, console(), days=1)
    watch.turn()
    assert (_said(desk), watch.read) == (THREATS, len(LINES))


def test_a_full_bus_is_waited_for() -> None:
    """No post is passed over, and none is said twice."""
    desk, watch = _watching()
    assert isinstance(desk.bus, MemoryBus)
    clock_of(desk).advance(600)
    publish, desk.bus.publish = desk.bus.publish, _full  # type: ignore[method-assign]  # a bus that is full for a while
    assert "waiting" in watch.turn()
    desk.bus.publish = publish  # type: ignore[method-assign]  # and is not any more
    watch.turn()
    assert _said(desk) == THREATS


def _full(*_: object) -> Offset:
    raise NotNow("the bus is full", retry_after_s=1.0)


def test_a_stop_ends_it_before_the_next_post() -> None:
    """The supervisor kills it anyway; this is the second lock."""
    desk, watch = _watching()
    desk.stops.stop(Target(scope=Scope.TOOL, key=TOOL), by="sol", at=EVENING, why="")
    clock_of(desk).advance(600)
    assert "sol" in watch.turn()
    assert _said(desk) == 0
    watch.run()


def test_real_input_and_invented_posts_do_not_go_together(tmp_path: Path) -> None:
    """Whoever switches it on by mistake is told what to do."""
    with pytest.raises(Refused, match="real") as refused:
        part.run(Settings(home=tmp_path, simulated=False), Heart())
    assert "take square_posts out" in refused.value.remedy


def test_it_is_found_only_where_it_is_named() -> None:
    """A city's register does not list what belongs to the demonstration."""
    assert TOOL not in installed()
    assert TOOL in installed(TOOLS)
    assert find_tool(TOOL).manifest is not None


def test_the_demonstration_clears_it_as_an_exercise_and_gives_the_shares_out_once(tmp_path: Path) -> None:
    """Its manifest says that it gives pseudonyms, the register has it, the part is planned; no file has a share."""
    settings = prepare(tmp_path / "demo", 8470, 1.0)
    first, second = admit(settings), admit(settings)
    assert (len(set(first.shares)), second.shares) == (3, ())
    held = [file.read_bytes() for file in settings.home.rglob("*") if file.is_file()]
    secrets = [share.split("-")[5].encode() for share in first.shares]
    assert [secret for secret in secrets if any(secret in body for body in held)] == []
    desk = open_desk(settings)
    try:
        assert clearance(desk, TOOL).is_cleared
        manifest = desk.configuration.read().installed[TOOL].manifest
        assert manifest is not None
        assert "pseudonym" in manifest.declares.categories
        assert "pseudonym" in manifest.capabilities.gives
        assert len(desk.vault.days()) == 60
    finally:
        desk.close()
    planned = {each.id: each for each in plan_parts(settings)}
    assert (planned[TOOL].role, planned[TOOL].fault) == ("posts", "")
    assert find_role("posts") is part.run


def test_a_prohibited_configuration_does_not_start(tmp_path: Path) -> None:
    """The posts' part asks the guard against prohibited uses like any tool's host."""
    settings = replace(prepare(tmp_path / "demo", 8470, 1.0), tool_settings={TOOL: {"mode": "profile authors"}})
    with pytest.raises(Refused, match="may not run"):
        part.run(settings, Heart())


def test_a_scenario_at_double_speed_is_over_in_half_the_time() -> None:
    """As the readings of the square are."""
    desk, _ = _watching()
    watch = Watch(desk, Heart(), began=EVENING, speed=2.0)
    clock_of(desk).set(EVENING + timedelta(seconds=LINES[-1].at_s / 2))
    watch.turn()
    assert watch.read == len(LINES)
