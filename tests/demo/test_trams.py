"""The demonstration's trams: a feed as an operator would publish it, which the crowd on the rails can be read from."""

import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import told
from impetus.adapters.feeds.declared import Dropped
from impetus.adapters.feeds.fetch import open_origin
from impetus.adapters.feeds.gtfs_realtime import read_gtfs_realtime
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.sources_file import read_sources
from impetus.cli.demo import prepare
from impetus.core.quantity import LINES as MEASURES
from impetus.demo.script import LOOP_S
from impetus.demo.trams import EVERY_S, FILE, FOLDER, LINES, TramWriter, feed_at, make_trams, trams_at
from impetus.run.parts import plan_parts

EVENING_S = 1_773_522_000.0
"""2026-03-14 21:00:00 UTC."""


def line(script_s: float, name: str = "12") -> tuple[int, float]:
    """Return how many trams of a line there are at a moment of the scenario, and how late the middle one is."""
    late = sorted(tram.late_s for tram in trams_at(EVENING_S, script_s) if tram.line == name)
    return len(late), float(late[len(late) // 2]) if late else math.nan


def test_the_line_across_the_square_is_late_and_then_gone() -> None:
    """Late while the crowd grows, gone while it stands, back when it has left, and again half an hour later."""
    before, growing, standing, after = (line(script_s) for script_s in (0, 100, 300, 700))
    assert before[0] >= 2
    assert growing[1] > before[1] + 120
    assert standing[0] == 0
    assert after == before
    assert line(300 + LOOP_S)[0] == 0


def test_the_line_around_it_keeps_running() -> None:
    """A little late, never gone."""
    assert line(300, "31")[0] == line(0, "31")[0] > 0
    assert 30 < line(300, "31")[1] - line(0, "31")[1] < 90


@settings(max_examples=40)
@given(st.floats(1e9, 2e9), st.floats(0, 1e5))
def test_at_every_moment_it_is_a_feed_within_its_ranges(at_s: float, script_s: float) -> None:
    """Whole, of its moment, and nothing an instrument could not report."""
    report = read_gtfs_realtime(feed_at(at_s, script_s), Reading())
    assert report.whole_at_us == int(at_s) * 1_000_000
    assert not report.left_out
    for key, _, value in told(report):
        measure = MEASURES[key.partition("/")[2]]
        assert value is not None
        assert measure.lowest <= value <= measure.highest


def test_the_same_moment_is_the_same_feed() -> None:
    """A demonstration can be repeated."""
    assert feed_at(EVENING_S, 100) == feed_at(EVENING_S, 100)


def test_a_picture_is_written_whole_every_few_seconds(tmp_path: Path) -> None:
    """Of its time, by the scenario's own clock, and the reader takes it from the folder."""
    make_trams(tmp_path)
    now = [EVENING_S]
    writer = TramWriter(home=tmp_path, now_s=lambda: now[0], speed=2.0)
    assert writer.write_due()
    first = (tmp_path / FOLDER / FILE).read_bytes()
    assert first == feed_at(EVENING_S, 0)
    now[0] += EVERY_S / 2
    assert not writer.write_due()
    now[0] += EVERY_S / 2
    assert writer.write_due()
    assert (tmp_path / FOLDER / FILE).read_bytes() == feed_at(EVENING_S + EVERY_S, 2 * EVERY_S)
    os.utime(tmp_path / FOLDER / FILE, (1000, 1000))
    assert len(list(open_origin(Dropped(folder=tmp_path / FOLDER, pattern="*.pb")).bodies())) == 1
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == [FILE]


def test_the_demonstration_declares_them_as_simulated(tmp_path: Path) -> None:
    """And has the part that reads them."""
    made = prepare(tmp_path / "demo", 8470, 1.0)
    (source,) = read_sources(made.home)
    assert (source.id, source.simulated, source.format) == ("trams", True, "gtfs-realtime")
    assert source.every_s == EVERY_S
    assert "polled" in {part.id for part in plan_parts(made)}
    assert isinstance(source.origin, Dropped)
    assert source.origin.folder == made.home / FOLDER


@pytest.mark.parametrize("name", LINES)
def test_no_count_stands_still_for_hours(name: str) -> None:
    """What never changes would be taken for a broken counter."""
    counts = {sum(tram.line == name for tram in trams_at(EVENING_S + 600 * step, 0)) for step in range(36)}
    assert len(counts) >= 3
