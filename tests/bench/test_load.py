"""The counting of the crash trial: a trial that could not find a loss would prove nothing."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from impetus.bench import crash
from impetus.bench.load import Feeder, Finder, Screen
from impetus.core.actor import console
from impetus.core.ids import FindingKey, Offset
from impetus.core.observation import batch_of, to_us
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.settings import Settings
from impetus.wiring import open_desk

AT_US = to_us(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a real desk with the trial source declared."""
    desk = open_desk(Settings(home=tmp_path))
    declare(desk, console(), read_document(crash.declaration()))
    return desk


def _feeder(tmp_path: Path, times: list[int]) -> Feeder:
    return Feeder(settings=Settings(home=tmp_path), token="", ids=[1, 2], acknowledged=times)


def _store(desk: Desk, rows: list[tuple[int, int]]) -> None:
    ids, times = zip(*rows, strict=True)
    desk.history.append(batch_of(ids, times, np.ones(len(rows))), "observations", through=Offset(1))
    desk.history.flush()


def test_everything_kept_counts_as_nothing_lost(desk: Desk, tmp_path: Path) -> None:
    """Two datastreams, two times, four readings."""
    _store(desk, [(stream, AT_US + step) for stream in (1, 2) for step in (0, 1000)])
    kept = crash.readings_kept(desk, _feeder(tmp_path, [AT_US, AT_US + 1000]))
    assert (kept["readings_acknowledged"], kept["readings_lost"], kept["readings_doubled"]) == (4, 0, 0)


def test_a_reading_that_is_not_there_is_found_missing(desk: Desk, tmp_path: Path) -> None:
    """One of four."""
    _store(desk, [(1, AT_US), (1, AT_US + 1000), (2, AT_US)])
    assert crash.readings_kept(desk, _feeder(tmp_path, [AT_US, AT_US + 1000]))["readings_lost"] == 1


def test_a_finding_that_became_no_alert_is_found_missing(desk: Desk) -> None:
    """It was published, and nobody was told."""
    finder = Finder(bus=desk.bus, codec=desk.codec, published=[FindingKey("trial:0")])
    assert crash.findings_kept(desk, finder)["findings_lost"] == 1


def _screen(tmp_path: Path) -> Screen:
    return Screen(settings=Settings(home=tmp_path), token="")


def _frame(number: int, version: int) -> list[bytes]:
    facts = b'{"kind":"alert","subject":"5","facts":{"version":%d}}' % version
    return [b"id: %d\n" % number, b"event: alert\n", b"data: " + facts + b"\n"]


def test_an_event_shown_twice_is_counted(desk: Desk, tmp_path: Path) -> None:
    """By its number, and by alert and version."""
    screen = _screen(tmp_path)
    for number, version in ((1, 1), (2, 2), (2, 2), (3, 2)):
        screen._take(_frame(number, version))
    counted = crash.shown(desk, screen)
    assert (counted["events_shown"], counted["events_shown_twice"], counted["alert_versions_shown_twice"]) == (3, 1, 1)


def test_an_alert_that_was_skipped_is_found_missing(desk: Desk, tmp_path: Path) -> None:
    """The outbox held it, the screen went past it."""
    with desk.store.write() as unit:
        before = unit.outbox.newest()
        for number in range(3):
            unit.outbox.add(desk.clock.now(), "alert", str(number), {"version": 1})
    screen = _screen(tmp_path)
    for number in (before + 1, before + 3):
        screen._take(_frame(number, number))
    assert crash.shown(desk, screen)["events_lost"] == 1


def test_a_heartbeat_is_no_event_and_a_gap_is_told(tmp_path: Path) -> None:
    """Comments and cut events count for nothing, a gap for itself."""
    screen = _screen(tmp_path)
    screen._take([b": 2026-03-02\n"])
    screen._take([b"event: time\n", b'data: {"at":"now"}\n'])
    screen._take([b"id: 9\n", b"event: gap\n", b'data: {"reason":"too_old"}\n'])
    assert (len(screen.versions), screen.gaps, screen.last_id) == (0, 1, 9)


def test_a_batch_nobody_takes_is_not_acknowledged(tmp_path: Path) -> None:
    """A closed door is no receipt."""
    feeder = Feeder(settings=Settings(home=tmp_path, port=1), token="", ids=[1])
    assert not feeder._post(b"")
