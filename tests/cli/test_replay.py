"""`impetus replay` plays recordings through the real door, whatever happens to the connection."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from impetus.adapters.ingest_client import IngestClient
from impetus.adapters.series_files import Series, SeriesFile
from impetus.cli import replay as module
from impetus.cli.replay import MOST_ROWS, Plan, pieces, plan_of, play, shift_of
from impetus.core.errors import Malformed, NotNow, TheirFault, Unauthenticated, Unknown
from ingest_samples import NOW_US, SQUARE, datastreams, published
from ingest_server import RunningIngest, running_ingest

HOUR_US = 3_600_000_000


@pytest.fixture
def ingest() -> Iterator[RunningIngest]:
    """Return an ingest that does not listen yet."""
    with running_ingest() as ingest:
        yield ingest


def recording(name: str, hours: int = 24, *, end_us: int = NOW_US) -> SeriesFile:
    """Return a file with one series by the hour that ends at a time."""
    times = end_us - np.arange(hours, dtype=np.int64)[::-1] * HOUR_US
    series = Series(name=name, time_us=times, result=np.arange(hours, dtype=np.float64))
    return SeriesFile(path=Path(f"{name}.csv"), series=(series,))


def plan(*files: SeriesFile) -> Plan:
    """Return the plan of files played as the square."""
    return plan_of(files or (recording("speed"),), SQUARE, unit="km/h", simulated=True)


def nowhere(_share: float, _text: str) -> None:
    """Show no progress."""


def test_two_files_are_merged_by_time_and_declared() -> None:
    """A thing for each file, with the cadence it was recorded at."""
    made = plan(recording("speed", 3), recording("count", 3))
    assert made.keys == ("square/speed/value", "square/count/value")
    assert made.readings.datastream.tolist() == [0, 1] * 3
    assert made.declaration["things"][0]["datastreams"] == [  # type: ignore[index]
        {"property": "value", "unit": "km/h", "cadence_s": 3600.0}
    ]


def test_two_files_of_one_name_are_refused() -> None:
    """Their datastreams would be one."""
    with pytest.raises(Malformed, match="same name"):
        plan(recording("a"), recording("a"))


def test_batches_are_what_falls_due_together() -> None:
    """At 3,600 s a second, 0.2 s are 12 minutes; as fast as accepted, the bound alone counts."""
    times = np.arange(0, 3 * HOUR_US, 60_000_000, dtype=np.int64)
    assert list(pieces(times, 3600.0))[:2] == [(0, 13), (13, 26)]
    assert list(pieces(np.zeros(2 * MOST_ROWS + 1, dtype=np.int64), 0.0)) == [
        (0, MOST_ROWS),
        (MOST_ROWS, 2 * MOST_ROWS),
        (2 * MOST_ROWS, 2 * MOST_ROWS + 1),
    ]
    assert list(pieces(np.array([], dtype=np.int64), 1.0)) == []


def test_a_shifted_recording_ends_now_or_begins_now_at_its_own_speed() -> None:
    """Never in the future."""
    readings = plan().readings
    assert int(readings.time_us[-1]) + shift_of(readings, 3600.0, NOW_US + 5) == NOW_US + 5
    assert int(readings.time_us[0]) + shift_of(readings, 1.0, NOW_US + 5) == NOW_US + 5


def test_everything_played_arrives(ingest: RunningIngest) -> None:
    """Declared, sent in batches, counted."""
    ingest.start()
    client = IngestClient(url=ingest.url, token=ingest.token("observations.write", "sources.declare"))
    counts = play(client, plan(), speed=0.0, shift_us=0, move=nowhere)
    client.close()
    assert counts == {"accepted": 24}
    assert published(ingest.desk).result.tolist() == list(range(24))
    assert datastreams(ingest.desk)["square/speed/value"].simulated


def test_a_lost_connection_is_waited_out_and_nothing_is_doubled(ingest: RunningIngest) -> None:
    """The ingest comes up only after the client asked in vain, goes away in the middle, and comes back."""
    waits: list[float] = []

    def come_up(seconds: float) -> None:
        waits.append(seconds)
        ingest.start()

    stopped = []

    def go_away(share: float, _text: str) -> None:
        if not stopped:
            stopped.append(share)
            ingest.stop()

    token = ingest.token("observations.write", "sources.declare")
    client = IngestClient(url=ingest.url, token=token, sleep=come_up)
    counts = play(client, plan(), speed=3600.0 * 12, shift_us=0, move=go_away, sleep=lambda _seconds: None)
    client.close()
    assert (counts["accepted"], len(waits), len(stopped)) == (24, 2, 1)
    assert len(published(ingest.desk)) == 24


def test_a_full_disk_is_waited_out(ingest: RunningIngest) -> None:
    """503 with Retry-After: the client waits as long as it is asked to."""
    ingest.start()
    ingest.bus.room.left = False
    waits: list[tuple[str, float]] = []

    def wait(reason: str, seconds: float) -> None:
        waits.append((reason, seconds))
        ingest.bus.room.left = True

    client = IngestClient(
        url=ingest.url, token=ingest.token("observations.write", "sources.declare"), on_wait=wait, sleep=lambda _s: None
    )
    assert play(client, plan(), speed=0.0, shift_us=0, move=nowhere) == {"accepted": 24}
    assert waits == [("the disk is full", 5.0)]
    client.close()


def test_patience_ends(ingest: RunningIngest) -> None:
    """Nobody there, for ever: the client says so."""
    client = IngestClient(url=ingest.url, token="x", patience_s=1.0, sleep=lambda _seconds: None)
    with pytest.raises(NotNow, match="no answer"):
        client.datastreams()
    client.close()


def test_a_token_that_may_not_declare_plays_what_is_declared(ingest: RunningIngest) -> None:
    """And says what would help when it is not."""
    ingest.start()
    client = IngestClient(url=ingest.url, token=ingest.token("observations.write"))
    with pytest.raises(Unknown) as told:
        play(client, plan(), speed=0.0, shift_us=0, move=nowhere)
    assert "--may-declare" in told.value.remedy
    allowed = IngestClient(url=ingest.url, token=ingest.token("observations.write", "sources.declare"))
    allowed.declare(plan().declaration)
    assert play(client, plan(), speed=0.0, shift_us=0, move=nowhere) == {"accepted": 24}
    client.close()
    allowed.close()


def test_refusals_are_counts_and_errors_have_families(ingest: RunningIngest) -> None:
    """Refused readings do not stop a replay; a wrong token does."""
    ingest.start()
    client = IngestClient(url=ingest.url, token=ingest.token("observations.write", "sources.declare"))
    assert play(client, plan(recording("x", end_us=NOW_US + 10**12)), speed=0.0, shift_us=0, move=nowhere) == {
        "future": 24
    }
    with pytest.raises(TheirFault, match="unknown field"):
        client.declare({"source": {"id": "square", "colour": 1}})
    client.close()
    with pytest.raises(Unauthenticated):
        IngestClient(url=ingest.url, token="imp_nobody").datastreams()


def test_the_command_prints_one_line_of_json(ingest: RunningIngest, tmp_path: Path) -> None:
    """Facts on standard output, progress beside it."""
    ingest.start()
    file = tmp_path / "taxi.csv"
    file.write_text("timestamp,value\n2014-07-01 00:00:00,10844\nsoon,1\n2014-07-01 00:30:00,8127\n")
    app = Typer()
    module.register(app)
    token = ingest.token("observations.write", "sources.declare")
    arguments = [str(file), "--source", "square", "--token", token, "--url", ingest.url, "--speed", "0", "--keep-times"]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1]) == {"source": "square", "readings": 2, "counts": {"accepted": 2}}
    assert "1 rows without a time" in done.stderr
    assert "duplicate" in CliRunner().invoke(app, arguments).stdout
    assert isinstance(CliRunner().invoke(app, [*arguments, "--zone", "Mars/Crater"]).exception, Malformed)
