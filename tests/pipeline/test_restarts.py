"""Killed anywhere: what was acknowledged is told once, whoever dies between which two steps."""

import shutil

from starlette.testclient import TestClient

from impetus.core.admission import Limits
from impetus.core.alert import AlertState
from impetus.core.board import Rule
from impetus.core.ids import AlertId, Offset
from impetus.desk import triage
from impetus.desk.context import FINDINGS, OBSERVATIONS
from impetus.desk.ingest import Intake
from impetus.run.heartbeat import Heart
from impetus.run.keeper import Keeper
from impetus.testing.bus import MemoryBus
from impetus.web.ingest.app import create_ingest_app
from pipeline.city import City, crowd
from seats import actor, seat


def restart_ingest(city: City) -> None:
    """Let another ingest process take over the door, which knows only what bus and history know."""
    city.intake.close()
    city.door.close()
    city.intake = Intake(city.desk, Limits())
    city.intake.start()
    app = create_ingest_app(city.desk, city.settings, city.intake)
    city.door = TestClient(app, raise_server_exceptions=False)


def test_a_tool_killed_between_publishing_and_its_snapshot_shows_nothing_twice(city: City) -> None:
    """It says the same again when it resumes, under the same keys, and fusion passes over what it knows."""
    city.tool.save()
    city.live(6, crowd)
    before = city.alerts()
    city.start()
    city.turn()
    keys = [finding.key for finding in city.findings()]
    assert len(keys) == 2 * len(set(keys))
    assert city.alerts() == before


def test_a_tool_restarted_from_an_older_snapshot_tells_what_came_since(city: City) -> None:
    """What the bus holds beyond the snapshot is not lost with the process."""
    city.tool.save()
    city.minutes(6, crowd)
    city.start()
    city.turn()
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]


def test_a_tool_that_lost_its_snapshot_learns_anew_from_what_the_bus_holds(city: City) -> None:
    """A fresh start costs a look at the bus, and still shows the crowd once."""
    city.live(6, crowd)
    city.tool.save()
    shutil.rmtree(city.home / "tools")
    city.start()
    city.turn()
    assert len(city.alerts()) == 1


def test_a_damaged_snapshot_is_set_aside_and_said_and_the_next_crowd_is_seen(city: City) -> None:
    """The tool begins at the end of the bus; nothing old is told again, and after learning it works as before."""
    city.tool.save()
    (city.home / "tools/urban_anomaly/snapshot").write_bytes(b"{}\nnonsense")
    city.start()
    assert "set aside" in city.tool.tally.note()
    city.live(60)
    city.live(6, crowd)
    assert len(city.alerts()) == 1


def test_fusion_killed_before_it_told_the_bus_takes_nothing_twice(city: City) -> None:
    """Its place is in the state, moved together with the alerts."""
    city.live(6, crowd)
    before = city.alerts()
    city.desk.bus.hold(FINDINGS, "fusion", Offset(0))
    city.start()
    city.turn()
    assert city.alerts() == before


def test_a_keeper_killed_before_its_flush_keeps_every_reading_once(city: City) -> None:
    """What it had taken in but not made durable is still held on the bus, and read again."""
    city.clock.advance(6)
    city.turn()
    city.live(5)
    city.keeper = Keeper(city.desk, city.settings, Heart())
    city.turn()
    city.clock.advance(6)
    city.turn()
    history = city.desk.history.read([1, 2, 3], city.began, city.clock.now())  # type: ignore[list-item]  # their numbers
    assert len(history) == len(city.readings()) == 65 * 3
    assert sorted(history.time_us.tolist()) == sorted(city.readings().time_us.tolist())


def test_a_batch_sent_again_after_ingest_was_killed_is_known(city: City) -> None:
    """The sender who never saw the receipt sends once more; nothing is doubled on the bus."""
    row = {"datastream": ["square/c1/people_count"], "time": [city.now_us + 1], "result": [21]}
    city.post(row)
    restart_ingest(city)
    assert city.post(row).json()["counts"] == {Rule.DUPLICATE.value: 1}
    assert len(city.readings()) == 60 * 3 + 1


def test_a_new_ingest_knows_the_newest_of_each_datastream(city: City) -> None:
    """After a kill a reading that comes late is still told from one that comes in time."""
    restart_ingest(city)
    stream, minute_us = "square/c1/people_count", 60_000_000
    body = {"datastream": [stream] * 2, "time": [city.now_us - minute_us + 1, city.now_us + 1], "result": [20, 20]}
    assert city.post(body).json()["counts"] == {Rule.OUT_OF_ORDER.value: 1, Rule.ACCEPTED.value: 1}


def test_everything_restarted_at_once_shows_what_it_showed(city: City) -> None:
    """The power went: tool, fusion, keeper and ingest come back, and the screen is the same."""
    city.live(6, crowd)
    city.tool.save()
    before = city.alerts()
    restart_ingest(city)
    city.start()
    city.turn()
    assert city.alerts() == before
    city.live(2, crowd)
    assert len(city.alerts()) == 1


def test_what_an_operator_did_survives_a_replay(city: City) -> None:
    """The same findings once more do not take an alert back to new."""
    city.tool.save()
    city.live(6, crowd)
    with city.pages() as town:
        seat(town, "Kari")
        triage.acknowledge(city.desk, actor(town), AlertId(1))
    city.start()
    city.turn()
    [alert] = city.alerts()
    assert (alert.state, alert.owner) == (AlertState.HELD, "Kari")


def test_a_replaced_bus_of_findings_is_read_from_its_start(city: City) -> None:
    """Someone put an empty bus in place: fusion does not wait for offsets that will never come."""
    for _ in range(2):
        city.live(6, crowd)
        city.live(60)
    raised = len(city.alerts())
    object.__setattr__(city.desk, "bus", MemoryBus(city.clock))
    city.start()
    city.live(60)
    city.live(6, crowd)
    assert len(city.alerts()) >= raised
    assert city.desk.bus.held(FINDINGS, "fusion") == city.desk.bus.status(FINDINGS).last


def test_a_tool_that_slept_through_a_trimmed_bus_says_what_it_missed(city: City) -> None:
    """What was dropped before it came is counted on the board, and it goes on with what is there."""
    city.minutes(5)
    city.minutes(5)
    city.desk.bus.release(OBSERVATIONS, "history")
    city.desk.bus.trim(OBSERVATIONS, older_than=city.clock.now())
    city.minutes(5)
    city.tool.turn()
    assert city.tool.tally.dropped >= 1
    assert "messages lost" in city.tool.tally.note()
    assert city.tool.stamp.offset == city.desk.bus.status(OBSERVATIONS).last


def test_history_holds_the_bus_until_it_has_the_readings(city: City) -> None:
    """Trimming by age takes nothing that is not yet history."""
    city.minutes(5)
    city.clock.advance(86_400 * 40)
    city.desk.bus.trim(OBSERVATIONS, older_than=city.clock.now())
    assert len(city.readings()) == 5 * 3
    city.turn()
    city.clock.advance(6)
    city.turn()
    city.desk.bus.trim(OBSERVATIONS, older_than=city.clock.now())
    assert len(city.readings()) == 0
