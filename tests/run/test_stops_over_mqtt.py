"""The kill switch over a real Mosquitto that does not stop feeding: after the stop nothing is taken, and nothing comes later."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest

import patience
from impetus.adapters.stop_files import StopFiles
from impetus.bench.installation import clear_tools, free_port, write_settings
from impetus.core.actor import console
from impetus.core.ids import Offset
from impetus.core.observation import to_us
from impetus.core.stop import parse_target
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.declare_source import declare, read_document
from impetus.run import ingest
from impetus.run.heartbeat import Heart
from impetus.run.tool_host import Host
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.wiring import open_desk
from mqtt_broker import Mosquitto, start_broker

EVERY_S = 0.005
WITHIN_S = 2.0
"""In which the last byte must have come in, position 8 of the house's ethics; what was measured stands in the figures."""
LIMIT_S = 30.0
SOURCE = {
    "source": {"id": "square", "kind": "trial", "simulated": True},
    "things": [
        {
            "key": "t",
            "datastreams": [{"property": "count", "unit": "1", "lowest": 0, "highest": 1e9, "cadence_s": 1.0}],
        }
    ],
}


@dataclass(slots=True)
class Feeder:
    """Publishes readings numbered from 1 up, without looking at what becomes of them; `sent` is when each was."""

    broker: Mosquitto
    ends: threading.Event = field(default_factory=threading.Event)
    sent: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Publish until told to end, 200 a second."""
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        client.username_pw_set("square", "secret-square")
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        while not self.ends.wait(EVERY_S):
            now = datetime.now(UTC)
            reading = {"datastream": "square/t/count", "time": to_us(now), "result": len(self.sent) + 1}
            client.publish("impetus/square/observations", json.dumps({"observations": [reading]}), qos=1)
            self.sent.append(now.timestamp())
        client.loop_stop()
        client.disconnect()


@dataclass(slots=True)
class Square:
    """A home whose ingest is fed by a broker."""

    settings: Settings
    desk: Desk
    feeder: Feeder
    stops: StopFiles

    def taken(self) -> list[int]:
        """Return the numbers of the readings that were taken in, in order."""
        messages = self.desk.bus.read(OBSERVATIONS, Offset(0), limit=100_000)
        return [int(value) for each in messages for value in self.desk.columns.decode(each.body).result]

    def now_flows(self) -> None:
        """Wait until newer readings come in than had been sent when this was asked."""
        sent = len(self.feeder.sent)
        patience.until(lambda: max(self.taken(), default=0) > sent, limit_s=LIMIT_S, what="readings over MQTT")

    def sends(self, more: int) -> None:
        """Wait until so many more were published."""
        wanted = len(self.feeder.sent) + more
        patience.until(lambda: len(self.feeder.sent) >= wanted, limit_s=LIMIT_S, what="readings to be published")


@pytest.fixture
def square(mosquitto: str, tmp_path: Path) -> Iterator[Square]:
    """Run the ingest against a real broker that somebody feeds."""
    (tmp_path / "broker").mkdir()
    broker = start_broker(mosquitto, tmp_path / "broker")
    (tmp_path / "home").mkdir()
    settings = write_settings(tmp_path / "home", port=free_port(), simulated=True, mqtt_url=broker.url())
    desk, heart = open_desk(settings), Heart()
    declare(desk, console(), read_document(SOURCE))
    feeder = Feeder(broker)
    threads = [
        threading.Thread(target=ingest.run, args=(settings, heart), daemon=True),
        threading.Thread(target=feeder.run, daemon=True),
    ]
    for thread in threads:
        thread.start()
    yield Square(settings=settings, desk=desk, feeder=feeder, stops=StopFiles(settings.home / "stops"))
    feeder.ends.set()
    heart.stopping.set()
    for thread in threads:
        thread.join(LIMIT_S)
    desk.close()
    broker.stop()


@pytest.mark.real
@pytest.mark.parametrize("target", ["source:square", "all"])
def test_of_a_stopped_source_no_message_is_taken_and_none_comes_after_the_lift(square: Square, target: str) -> None:
    """The broker goes on delivering; what came meanwhile is dropped for good, and what comes after the lift is taken."""
    square.now_flows()
    wanted, before = parse_target(target), datetime.now(UTC).timestamp()
    square.stops.stop(wanted, by="sol", at=datetime.now(UTC))
    square.sends(500)
    late = [number for number in square.taken() if square.feeder.sent[number - 1] > before]
    assert not late or square.feeder.sent[late[-1] - 1] - before < WITHIN_S
    stopped = len(square.feeder.sent)
    square.stops.lift(wanted, by="sol", at=datetime.now(UTC), why="mended")
    square.now_flows()
    taken = square.taken()
    missing = set(range(taken[0], stopped)) - set(taken)
    assert len(missing) > 500 - WITHIN_S / EVERY_S
    assert [number for number in missing if square.feeder.sent[number - 1] < before - WITHIN_S] == []
    assert len(set(taken)) == len(taken)


@pytest.mark.real
def test_a_stopped_tool_takes_nothing_more_while_the_broker_feeds_on(square: Square) -> None:
    """Its host ends by itself, the second lock behind the supervisor's kill; its place in the bus moves no further."""
    clear_tools(square.settings)
    square.now_flows()
    heart = Heart()
    host = Host(square.desk, find_tool("urban_anomaly"), square.settings, heart)
    host.turn()
    square.sends(50)
    host.turn()
    taken = host.stamp.offset
    assert taken > 0
    square.stops.stop(parse_target("tool:urban_anomaly"), by="sol", at=datetime.now(UTC))
    square.sends(100)
    host.turn()
    assert heart.stopping.is_set()
    assert host.stamp.offset == taken
    assert square.desk.bus.status(OBSERVATIONS).last > taken
