"""The simulator against the real ingest: it tells the past, lives, stops, and goes on where it was acknowledged."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import patience
from impetus.core.errors import NotNow, OurFault
from impetus.core.ids import Offset
from impetus.core.observation import US_PER_S, Batch, concatenate
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.run.heartbeat import Heart
from impetus.run.simulator import STATE_FILE, Door, Simulator
from impetus.run.start import free_port
from impetus.settings import Settings, read_settings
from impetus.wiring import open_desk

LIMIT_S = 40.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    """Give a simulated home whose ingest is running."""
    (tmp_path / "impetus.toml").write_text(f'port = {free_port()}\nsimulated = true\ntimezone = "Europe/Oslo"\n')
    settings = read_settings(tmp_path)
    open_desk(settings).store.close()
    command = [sys.executable, "-m", "impetus.run.child", "ingest", "--home", str(tmp_path)]
    ingest = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    yield settings
    ingest.terminate()
    ingest.wait(timeout=20)


def _live(desk: Desk, settings: Settings, until: Callable[[], bool]) -> None:
    """Run the simulator until a condition holds."""
    heart = Heart()
    living = threading.Thread(target=Simulator(desk, settings, heart, recordings=settings.home / "recordings").run)
    living.start()
    try:
        patience.until(until, limit_s=LIMIT_S, what="the simulator's life")
    finally:
        heart.stopping.set()
        living.join(LIMIT_S)
    assert not living.is_alive()


def _sent(desk: Desk) -> Batch:
    return concatenate(
        [desk.columns.decode(each.body) for each in desk.bus.read(OBSERVATIONS, Offset(0), limit=10_000)]
    )


def _through_us(settings: Settings) -> int:
    file = settings.home / STATE_FILE
    return int(json.loads(file.read_text())["through_us"]) if file.exists() else 0


def test_the_past_is_told_by_the_minute_and_life_goes_on_from_it(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day of minutes, then seconds; no reading twice, none in the future; a second start goes on where the first was."""
    monkeypatch.setattr("impetus.run.simulator.PAST_DAYS", 1)
    desk = open_desk(home)
    began_us = time.time_ns() // 1000
    _live(desk, home, lambda: _through_us(home) > began_us + 2 * US_PER_S)
    first = _sent(desk)
    assert len(first) > 57 * 1400
    assert int(first.time_us.min()) > began_us - 86_410 * US_PER_S
    stopped_us = _through_us(home)
    _live(desk, home, lambda: _through_us(home) > stopped_us + 2 * US_PER_S)
    both = _sent(desk)
    assert len(both) > len(first)
    assert len(np.unique(np.stack([both.datastream, both.time_us]), axis=1).T) == len(both)
    assert int(both.time_us.max()) <= time.time_ns() // 1000
    desk.store.close()


def test_recordings_that_are_there_are_played_as_a_second_source(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked as replayed; a file that is no recording is left out."""
    monkeypatch.setattr("impetus.run.simulator.PAST_DAYS", 1)
    folder = home.home / "recordings" / "nab" / "data" / "realTraffic"
    folder.mkdir(parents=True)
    began = datetime(2015, 9, 1, tzinfo=UTC)
    rows = [f"{began + timedelta(minutes=5 * number):%Y-%m-%d %H:%M:%S},{number % 90}" for number in range(4032)]
    (folder / "occupancy_6005.csv").write_text("\n".join(["timestamp,value", *rows]))
    (folder / "speed_6005.csv").write_text("no times here\n1\n")
    desk = open_desk(home)
    _live(desk, home, lambda: _through_us(home) > 0)
    with desk.store.read() as unit:
        sources = {source.id: source for source in unit.sources.all()}
        ids = [each.id for each in unit.sources.catalogue().datastreams.values() if each.source == "recorded"]
    assert sources["recorded"].simulated
    assert sources["recorded"].kind == "replayed"
    assert len(ids) == 1
    sent = _sent(desk)
    assert int(np.count_nonzero(sent.datastream == ids[0])) >= 70
    desk.store.close()


def test_a_closed_door_asks_to_wait() -> None:
    """The ingest may be starting."""
    with pytest.raises(NotNow, match="does not answer"):
        Door(host="127.0.0.1", port=free_port(), token="x").send(b"")


def test_a_refusal_is_our_own_fault(home: Settings) -> None:
    """The simulator's token and columns are ours; a refusal is a bug and says what was answered."""
    host, port = home.ingest_address
    door = Door(host=host, port=port, token="imp_" + "x" * 43)
    patience.until(lambda: _answers(door), limit_s=LIMIT_S, what="the ingest's answer")
    with pytest.raises(OurFault, match="401"):
        door.send(b"nonsense")


def _answers(door: Door) -> bool:
    """Say whether the ingest is up, whatever it answers."""
    try:
        door.send(b"")
    except NotNow:
        return False
    except OurFault:
        return True
    return True
