"""What the simulator remembers, how fast it plays and which recordings it finds: without an ingest and without waiting."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.actor import console
from impetus.core.observation import to_us
from impetus.demo.recorded import RECORDINGS, WEEK_US, Played
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.run.heartbeat import Heart
from impetus.run.simulator import (
    STATE_FILE,
    TOKEN_NAME,
    Recorded,
    Simulator,
    _read_state,
    _recorded,
    _write_state,
    speed_of,
)
from impetus.run.source_tokens import fresh_token
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from ingest_samples import NOW

HOUR_US = 3_600_000_000


@pytest.fixture
def desk() -> Desk:
    """Give an empty desk in memory."""
    return memory_desk(NOW)


@given(st.integers(0, 2**62))
@settings(max_examples=20, deadline=None)
def test_how_far_it_came_is_read_back(tmp_path_factory: pytest.TempPathFactory, through_us: int) -> None:
    """To the microsecond, and without a half-written file in between."""
    file = tmp_path_factory.mktemp("state") / STATE_FILE
    _write_state(file, through_us)
    assert _read_state(file) == through_us
    assert [each.name for each in file.parent.iterdir()] == [STATE_FILE]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "null", "{}", '{"through_us": null}', '{"through_us": "noon"}', "\xff"]
)
def test_a_memory_that_cannot_be_read_begins_anew(text: str, tmp_path: Path) -> None:
    """Readings sent again are dropped as duplicates."""
    (tmp_path / STATE_FILE).write_text(text, encoding="utf-8")
    assert _read_state(tmp_path / STATE_FILE) == 0
    assert _read_state(tmp_path / "absent") == 0


@pytest.mark.parametrize(
    ("tool_settings", "speed"),
    [
        ({}, 1.0),
        ({"simulator": {}}, 1.0),
        ({"simulator": {"speed": 4}}, 4.0),
        ({"simulator": {"speed": 0.5}}, 0.5),
        ({"simulator": {"speed": 0}}, 1.0),
        ({"simulator": {"speed": -3.0}}, 1.0),
        ({"simulator": {"speed": "fast"}}, 1.0),
    ],
)
def test_how_fast_the_scenario_plays(
    tool_settings: Mapping[str, Mapping[str, float]], speed: float, tmp_path: Path
) -> None:
    """As written unless the installation says otherwise, and never backwards."""
    assert speed_of(Settings(home=tmp_path, tool_settings=tool_settings)) == speed


def test_each_start_has_one_token_a_source(desk: Desk) -> None:
    """The one before is revoked; another source's stays."""
    secrets = [fresh_token(desk, TOKEN_NAME, source) for source in ("square", "recorded", "square")]
    active = [token.source for token in tokens.everything(desk, console()) if token.revoked_at is None]
    assert sorted(map(str, active)) == ["recorded", "square"]
    assert len(set(secrets)) == 3
    assert tokens.who(desk, secrets[2]).source == "square"


def test_it_is_declared_as_simulated_before_it_sends_anything(desk: Desk, tmp_path: Path) -> None:
    """Every datastream says so, which is what screens show."""
    Simulator(desk, Settings(home=tmp_path), Heart(), recordings=tmp_path / "nothing")
    with desk.store.read() as unit:
        datastreams = unit.sources.catalogue().datastreams.values()
        assert [source.simulated for source in unit.sources.all()] == [True]
    assert len(datastreams) > 50
    assert all(each.simulated for each in datastreams)


def test_a_second_start_keeps_the_numbers(desk: Desk, tmp_path: Path) -> None:
    """History of yesterday and readings of today are of one datastream."""
    one, other = (Simulator(desk, Settings(home=tmp_path), Heart(), recordings=tmp_path) for _ in range(2))
    assert one._ids == other._ids


def _record(folder: Path, number: int, text: str) -> None:
    file = folder / RECORDINGS[number].file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_without_recordings_there_is_no_second_source(desk: Desk, tmp_path: Path) -> None:
    """Nothing is declared for nothing."""
    assert _recorded(desk, tmp_path).played == ()
    with desk.store.read() as unit:
        assert list(unit.sources.all()) == []


def test_a_recording_that_cannot_be_read_does_not_keep_the_others(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log."""
    _record(tmp_path, 0, "timestamp,value\n2015-09-01 00:00:00,3\n2015-09-01 00:05:00,4\n")
    _record(tmp_path, 2, "no times here\n1\n")
    with caplog.at_level(logging.ERROR):
        found = _recorded(desk, tmp_path)
    assert [each.result.tolist() for each in found.played] == [[3.0, 4.0]]
    assert RECORDINGS[2].file in caplog.text


def _played(datastream: int) -> Played:
    times = to_us(NOW) - WEEK_US + np.arange(8 * 24, dtype=np.int64) * HOUR_US
    return Played(datastream=datastream, time_us=times, result=np.arange(times.size, dtype=np.float64))


def test_recordings_are_played_side_by_side() -> None:
    """Whatever cadence is asked for, their own stands."""
    batch = Recorded(played=[_played(5), _played(9)]).readings(to_us(NOW), to_us(NOW) + 3 * HOUR_US, every_s=10)
    assert np.bincount(batch.datastream)[[5, 9]].tolist() == [3, 3]
    assert len(Recorded(played=[]).readings(0, to_us(NOW))) == 0
