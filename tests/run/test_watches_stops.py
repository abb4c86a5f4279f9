"""The watches under the kill switch: what a person stopped is not told as silent, and gets its time again afterwards."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from impetus.core.stop import parse_target
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_toml
from impetus.run.watches import Watches
from impetus.testing.desk import clock_of
from ingest_samples import ADMINISTRATOR, make_desk
from run.test_watches import PROMISED, _hear, _look, _told

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """Give a desk on which a source promised to speak every minute, and its meter every half."""
    desk = make_desk()
    declare(desk, ADMINISTRATOR, read_toml(PROMISED))
    return desk


@pytest.mark.parametrize("target", ["source:quay", "site", "all"])
def test_a_stopped_source_is_not_silent(desk: Desk, tmp_path: Path, target: str) -> None:
    """Neither the source nor its meter, for an hour; nobody is alarmed by what a person did."""
    watches = Watches(desk, tmp_path)
    _hear(watches, desk)
    desk.stops.stop(parse_target(target), by="ada", at=AT)
    for _ in range(60):
        clock_of(desk).advance(60)
        _look(watches, desk)
    assert [told for told in _told(desk) if "quay" in told.subject] == []


def test_only_the_stopped_camera_is_excused(desk: Desk, tmp_path: Path) -> None:
    """Its source still promised to speak."""
    watches = Watches(desk, tmp_path)
    _hear(watches, desk)
    desk.stops.stop(parse_target("camera:quay/n1"), by="ada", at=AT)
    clock_of(desk).advance(90)
    _look(watches, desk)
    assert [told.subject for told in _told(desk) if "quay" in told.subject] == ["source:quay"]


def test_after_the_lift_it_has_its_whole_time_to_speak(desk: Desk, tmp_path: Path) -> None:
    """Then it is silent like any other."""
    watches = Watches(desk, tmp_path)
    _hear(watches, desk)
    desk.stops.stop(parse_target("source:quay"), by="ada", at=AT)
    clock_of(desk).advance(3600)
    _look(watches, desk)
    desk.stops.lift(parse_target("source:quay"), by="sam", at=AT, why="mended")
    clock_of(desk).advance(20)
    _look(watches, desk)
    assert [told for told in _told(desk) if "quay" in told.subject] == []
    clock_of(desk).advance(60)
    _look(watches, desk)
    assert [told.subject for told in _told(desk) if "quay" in told.subject] == ["source:quay"]
