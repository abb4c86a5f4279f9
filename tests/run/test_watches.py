"""The keeper's watches: told once, over a restart too, and bounded when there is no room to tell."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.errors import NotNow
from impetus.core.finding import Finding
from impetus.core.ids import Offset
from impetus.core.observation import batch_of, from_us, to_us
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.declare_source import declare, read_toml
from impetus.run.watches import MAX_WAITING, Watches, _recall, _remember
from impetus.testing.desk import clock_of
from ingest_samples import ADMINISTRATOR, NOW, TightBus, make_desk

PROMISED = """
[source]
id = "quay"
name = "Quay"
kind = "http"
freshness_s = 60
[[things]]
key = "n1"
name = "Noise meter"
position = [10.73, 59.91]
[[things.datastreams]]
property = "sound_level"
unit = "dB"
freshness_s = 30
"""


@pytest.fixture
def bus() -> TightBus:
    """Give a bus whose disk can be full."""
    return TightBus()


@pytest.fixture
def desk(bus: TightBus) -> Desk:
    """Give a desk on which a source promised to speak every minute, and its meter every half."""
    desk = make_desk(bus=bus)
    declare(desk, ADMINISTRATOR, read_toml(PROMISED))
    return desk


def _told(desk: Desk) -> list[Finding]:
    messages = desk.bus.read(FINDINGS, Offset(0), limit=10_000)
    found = [desk.codec.decode_finding(message.body)[0] for message in messages]
    return [finding for finding in found if finding.subject != "platform:disk"]


def _look(watches: Watches, desk: Desk) -> None:
    with desk.store.read() as unit:
        catalogue = unit.sources.catalogue()
    watches.look(catalogue)


def _meter(desk: Desk) -> int:
    with desk.store.read() as unit:
        return next(int(each.id) for each in unit.sources.catalogue().datastreams.values() if each.source == "quay")


def _hear(watches: Watches, desk: Desk) -> None:
    watches.hear(batch_of([_meter(desk)], [to_us(desk.clock.now())], [60.0]))


def test_nobody_is_silent_at_the_start(desk: Desk, tmp_path: Path) -> None:
    """A platform that was off hears nobody; that is no silence of theirs."""
    watches = Watches(desk, tmp_path)
    _look(watches, desk)
    assert _told(desk) == []


def test_a_meter_that_falls_silent_is_told_once(desk: Desk, tmp_path: Path) -> None:
    """Thirty seconds after it last spoke, and not again at the next look."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(10)
    _hear(watches, desk)
    clock_of(desk).advance(30)
    _look(watches, desk)
    assert _told(desk) == []
    clock_of(desk).advance(1)
    _look(watches, desk)
    _look(watches, desk)
    assert [finding.subject for finding in _told(desk)] == ["datastream:quay/n1/sound_level"]


def test_a_meter_that_speaks_again_is_told_once_too(desk: Desk, tmp_path: Path) -> None:
    """With the seconds it was silent."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(31)
    _look(watches, desk)
    clock_of(desk).advance(9)
    _hear(watches, desk)
    _look(watches, desk)
    _look(watches, desk)
    assert [finding.ended for finding in _told(desk)] == [None, NOW + timedelta(seconds=40)]
    assert _told(desk)[-1].why.say() == "It was silent for 40 s."


def test_a_watch_that_starts_anew_says_nothing_twice(desk: Desk, tmp_path: Path) -> None:
    """Who is silent is written down; the end of the silence is still told."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(31)
    _look(watches, desk)
    again = Watches(desk, tmp_path)
    _look(again, desk)
    assert len(_told(desk)) == 1
    _hear(again, desk)
    _look(again, desk)
    assert [finding.ended is None for finding in _told(desk)] == [True, False]


def test_a_silent_source_speaks_for_its_datastreams(desk: Desk, tmp_path: Path) -> None:
    """One finding, not one a meter."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(61)
    _look(watches, desk)
    assert [finding.subject for finding in _told(desk)] == ["source:quay"]


def test_old_readings_that_arrive_now_are_no_silence(desk: Desk, tmp_path: Path) -> None:
    """What counts is when something arrived, not the time it was about."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(31)
    watches.hear(batch_of([_meter(desk)], [to_us(NOW - timedelta(days=300))], [60.0]))
    _look(watches, desk)
    assert _told(desk) == []


@pytest.mark.parametrize("numbers", [[], [0], [-5, 0], [1023], [1024], [5, 40_000]])
def test_any_number_of_a_datastream_may_be_heard(numbers: list[int], desk: Desk, tmp_path: Path) -> None:
    """The column grows with the highest; numbers that name nobody are passed over."""
    watches = Watches(desk, tmp_path)
    watches.hear(batch_of(numbers, [0] * len(numbers), [0.0] * len(numbers)))
    heard = watches._heard_us.nonzero()[0].tolist()
    assert heard == [number for number in numbers if number > 0]
    assert len(watches._heard_us) <= max(1024, 2 * max(numbers, default=0))


def test_growing_forgets_nobody_heard_before(desk: Desk, tmp_path: Path) -> None:
    """A newly declared datastream does not make the others silent."""
    watches = Watches(desk, tmp_path)
    _hear(watches, desk)
    watches.hear(batch_of([9000], [0], [1.0]))
    assert watches._heard_us[_meter(desk)] == to_us(NOW)


def test_findings_wait_for_room_on_the_bus(desk: Desk, bus: TightBus, tmp_path: Path) -> None:
    """A full disk delays what is told, and loses nothing within the bound."""
    watches = Watches(desk, tmp_path)
    bus.room.left = False
    clock_of(desk).advance(61)
    _look(watches, desk)
    assert _told(desk) == []
    bus.room.left = True
    _look(watches, desk)
    assert [finding.subject for finding in _told(desk)] == ["source:quay"]
    assert watches.dropped == 0


def test_what_waits_beyond_the_bound_is_counted(desk: Desk, bus: TightBus, tmp_path: Path) -> None:
    """The oldest go first."""
    watches = Watches(desk, tmp_path)
    clock_of(desk).advance(61)
    _look(watches, desk)
    (finding,) = _told(desk)
    bus.room.left = False
    for _ in range(3):
        watches._tell([finding] * 90)
    assert (watches.dropped, len(watches._waiting)) == (70, MAX_WAITING)


def test_a_memory_that_cannot_be_written_is_said_to_whoever_looks(desk: Desk, tmp_path: Path) -> None:
    """`NotNow`: the keeper notes it on the board and tries again."""
    home = tmp_path / "home"
    home.mkdir()
    watches = Watches(desk, home)
    (home / "watches.json").mkdir()
    clock_of(desk).advance(61)
    with pytest.raises((NotNow, OSError)):
        _look(watches, desk)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.text(max_size=20), st.integers(0, 4 * 10**15), max_size=5),
    st.none() | st.integers(0, 4 * 10**15),
)
def test_what_was_written_down_is_recalled(silent_us: dict[str, int], low_us: int | None) -> None:
    """Subjects with their times, to the microsecond, and the disk's."""
    silent = {subject: from_us(us) for subject, us in silent_us.items()}
    low_since = None if low_us is None else from_us(low_us)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "watches.json"
        _remember(file, silent, low_since)
        assert _recall(file) == (silent, low_since)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        '{"silent": {}}',
        '{"silent": [], "disk_low_since": null}',
        '{"silent": {"a": "noon"}, "disk_low_since": null}',
        '{"silent": {"a": 1e30}, "disk_low_since": null}',
        '{"silent": {"a": NaN}, "disk_low_since": null}',
        '{"silent": {}, "disk_low_since": 1e300}',
        "[" * 50_000,
    ],
)
def test_a_memory_that_cannot_be_read_is_no_memory(text: str, tmp_path: Path) -> None:
    """Then things are told once more; the keeper starts all the same."""
    file = tmp_path / "watches.json"
    file.write_text(text)
    assert _recall(file) == ({}, None)


def test_no_memory_is_no_memory(tmp_path: Path) -> None:
    """The first start."""
    assert _recall(tmp_path / "watches.json") == ({}, None)


def test_the_memory_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    """Microseconds since the epoch, by subject."""
    file = tmp_path / "watches.json"
    _remember(file, {"source:quay": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)}, None)
    assert json.loads(file.read_text()) == {"silent": {"source:quay": 1_000_000}, "disk_low_since": None}
