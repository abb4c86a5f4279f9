"""The ingest as a real child process: it takes readings over HTTP and MQTT, keeps them, and stops in time."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from impetus.adapters.ingest_client import IngestClient
from impetus.core.ids import Offset
from impetus.core.observation import Batch, batch_of, concatenate
from impetus.desk import tokens
from impetus.desk.context import OBSERVATIONS
from impetus.desk.declare_source import declare, read_toml
from impetus.run.ingest import DAY_US, limits_of, sender_of
from impetus.settings import Settings, read_settings
from impetus.wiring import open_desk
from ingest_samples import ADMINISTRATOR, SQUARE, declaration
from mqtt_broker import PATIENCE_S, free_port, start_broker

STOP_WITHIN_S = 2.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of an installation with one declared source, at a free port."""
    (tmp_path / "impetus.toml").write_text(f"ingest_port = {free_port()}\n")
    desk = open_desk(read_settings(tmp_path))
    declare(desk, ADMINISTRATOR, read_toml(declaration()))
    desk.store.close()
    return tmp_path


def sending_token(home: Path) -> str:
    """Return a token of the source."""
    desk = open_desk(read_settings(home))
    try:
        return tokens.issue(desk, ADMINISTRATOR, "square", ["observations.write"], SQUARE)[1]
    finally:
        desk.store.close()


@contextmanager
def child(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the child until the block ends."""
    running = subprocess.Popen([sys.executable, "-m", "impetus.run.child", "ingest", "--home", str(home)])
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def client_of(home: Path) -> IngestClient:
    """Return a sender that waits until the child is up."""
    host, port = read_settings(home).ingest_address
    return IngestClient(url=f"http://{host}:{port}", token=sending_token(home), patience_s=PATIENCE_S)


def on_the_bus(home: Path) -> Batch:
    """Return every reading the bus holds, read from another process."""
    desk = open_desk(read_settings(home))
    messages = desk.bus.read(OBSERVATIONS, Offset(0), limit=1000)
    desk.store.close()
    return concatenate([desk.columns.decode(message.body) for message in messages])


def now_us() -> int:
    """Return our clock."""
    return time.time_ns() // 1000


def test_acknowledged_readings_survive_a_kill_and_are_known_afterwards(home: Path) -> None:
    """Kill -9 right after the receipt: the reading is there, and sending it again is a duplicate."""
    client = client_of(home)
    batch = batch_of([1, 2, 3], [now_us()] * 3, [20.0, 21.0, 22.0])
    with child(home) as first:
        assert client.send(batch) == {"accepted": 3}
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert on_the_bus(home).result.tolist() == [20.0, 21.0, 22.0]
    with child(home):
        assert client.send(batch) == {"duplicate": 3}
    client.close()


def test_it_stops_within_two_seconds_and_writes_its_counters(home: Path) -> None:
    """SIGTERM while a sender keeps its connection open."""
    client = client_of(home)
    with child(home) as running:
        client.send(batch_of([1], [now_us()], [20.0]))
        running.terminate()
        began_s = time.monotonic()
        assert running.wait(10) == 0
        assert time.monotonic() - began_s < 2 * STOP_WITHIN_S  # twice: the machine of a test is shared
    client.close()
    desk = open_desk(read_settings(home))
    with desk.store.read() as unit:
        (status,) = unit.sources.statuses()
    desk.store.close()
    assert {rule.value: number for rule, number in status.counts.items()} == {"accepted": 1}


def test_health_is_told_without_a_token(home: Path) -> None:
    """Up or not, nothing else."""
    client = client_of(home)
    with child(home):
        client.datastreams()
        assert httpx.get(f"{client.url}/healthz", trust_env=False).json() == {"status": "up"}
    client.close()


@pytest.mark.real
def test_readings_come_over_mqtt_too(home: Path, mosquitto: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """From a publisher through a real broker to the durable log, by the topic's source."""
    broker = start_broker(mosquitto, tmp_path_factory.mktemp("broker"))
    settings = (home / "impetus.toml").read_text()
    (home / "impetus.toml").write_text(f'{settings}mqtt_url = "{broker.url()}"\n')
    client = client_of(home)
    with child(home):
        sent = {"observations": [{"datastream": "square/t1/temperature", "time": now_us(), "result": 20.0}]}
        client.datastreams()
        deadline_s = time.monotonic() + 3 * PATIENCE_S
        while not len(on_the_bus(home)) and time.monotonic() < deadline_s:
            broker.publish("impetus/square/observations", json.dumps(sent).encode())
    broker.stop()
    assert set(on_the_bus(home).result.tolist()) == {20.0}
    client.close()


def test_the_rules_limits_come_from_the_settings() -> None:
    """Seconds and days become microseconds."""
    limits = limits_of(Settings(home=Path("unused"), late_s=60.0, future_s=5.0, observations_days=2))
    assert (limits.late_us, limits.future_us) == (60_000_000, 5_000_000)
    assert limits.default_retention_us == limits.retention_us["observations"] == 2 * DAY_US


def test_a_broker_lets_a_source_send_and_nothing_else() -> None:
    """The topic is the source; its actor carries one operation."""
    assert (sender_of("square").source, sender_of("square").operations) == ("square", {"observations.write"})
