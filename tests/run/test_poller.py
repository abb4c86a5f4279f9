"""A source that is read regularly, from a real folder into a real ingest: what is new, what is known, what goes wrong."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.feeds.gtfs_feed import AT_S, feed, trip, vehicle
from feed_samples import sample
from impetus.adapters.feeds.declared import Dropped, FeedDeclared
from impetus.adapters.feeds.fetch import FolderOrigin
from impetus.adapters.feeds.options import Reading
from impetus.adapters.ingest_client import IngestClient
from impetus.core.admission import Limits
from impetus.core.errors import Misconfigured
from impetus.core.observation import from_us, to_us
from impetus.core.stop import parse_target
from impetus.desk.context import Desk
from impetus.desk.ingest import Intake
from impetus.desk.stop_watch import LOOK_EVERY_S, StopWatch
from impetus.desk.watch_freshness import Watched, watch_freshness
from impetus.run import poller as module
from impetus.run.feed_formats import PLAIN, reader_of
from impetus.run.poller import Poller
from impetus.run.source_tokens import fresh_token
from impetus.settings import Settings
from impetus.testing.desk import clock_of
from impetus.web.ingest.app import create_ingest_app
from ingest_samples import NOW, datastreams, make_desk, published


@dataclass(frozen=True)
class House:
    """A folder that is watched, the poller that watches it, and the desk where readings arrive."""

    folder: Path
    desk: Desk
    poller: Poller
    intake: Intake

    def drop(self, name: str, body: bytes) -> float:
        """Put a file there and let the poller take its turn."""
        file = self.folder / name
        file.write_bytes(body)
        return self.poller.turn()

    def arrived(self) -> dict[str, list[tuple[str, float]]]:
        """Return what is durable of the source, by key."""
        keys = {stream.id: key for key, stream in datastreams(self.desk).items()}
        batch, found = published(self.desk), dict[str, list[tuple[str, float]]]()
        for number, time_us, result in zip(
            batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist(), strict=True
        ):
            found.setdefault(keys[number].removeprefix("feed/"), []).append((f"{from_us(time_us):%H:%M:%S}", result))
        return found


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Give a watched folder; the parameter is the format, or a whole declaration."""
    asked = getattr(request, "param", "nilu")
    declared = FeedDeclared(
        id="feed", name="A feed", format=asked if isinstance(asked, str) else "nilu", origin=Dropped(folder=tmp_path, pattern="*"),
        every_s=60, freshness_s=300, how=Reading(thing="gate", missing=("-200",)),
    )  # fmt: skip
    declared = replace(declared, **asked) if isinstance(asked, dict) else declared
    desk = make_desk()
    intake = Intake(desk, Limits())
    intake.start()
    app = create_ingest_app(desk, Settings(home=Path("unused")), intake)
    token = fresh_token(desk, "polled", "feed", ("observations.write", "sources.declare"))
    client = IngestClient(url="http://testserver", token=token, patience_s=0.0)
    client._client = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    origin = FolderOrigin(dropped=Dropped(folder=tmp_path, pattern="*"), wall_s=lambda: time.time() + 60)
    yield House(
        tmp_path,
        desk,
        Poller(
            declared,
            origin,
            reader_of(declared),
            client,
            StopWatch(desk),
            latest_us=lambda: to_us(desk.clock.now()) + 300_000_000,
        ),
        intake,
    )
    intake.close()


def test_the_first_turn_declares_the_source_so_that_its_silence_is_noticed(house: House) -> None:
    """Also when it never says anything."""
    assert house.poller.turn() == 60
    with house.desk.store.read() as unit:
        (source,) = [each for each in unit.sources.all() if each.id == "feed"]
    assert (source.name, source.kind, source.freshness_s, source.simulated) == ("A feed", "nilu", 300.0, False)


def test_what_a_body_speaks_of_is_declared_and_durable(house: House) -> None:
    """With unit, range, place and rhythm; what was left out is counted."""
    house.drop("a.json", sample("nilu.json"))
    found = house.arrived()
    assert found["north-quay/no2"] == [("10:00:00", 31.25)]
    assert len(found) == 4
    declared = datastreams(house.desk)["feed/north-quay/no2"]
    assert (declared.unit, declared.cadence_s, declared.point is not None) == ("ug/m3", 3600.0, True)
    assert house.poller.status.left_out == {"a component nobody here knows": 1}
    assert (house.poller.status.sent, house.poller.status.refused, house.poller.status.trouble) == (4, 0, "")


def test_a_feed_that_stands_still_says_nothing_new(house: House) -> None:
    """The same hour again is not sent: when nothing arrives any more the watch for silence speaks."""
    house.drop("a.json", sample("nilu.json"))
    with house.desk.store.read() as unit:
        seen = {status.source: status.counts for status in unit.sources.statuses()}
    house.drop("b.json", sample("nilu.json"))
    house.poller.turn()
    assert house.poller.status.sent == 4
    with house.desk.store.read() as unit:
        assert {status.source: status.counts for status in unit.sources.statuses()} == seen


@pytest.mark.parametrize("house", ["gtfs-realtime"], indirect=True)
def test_a_line_whose_vehicles_are_gone_has_none(house: House) -> None:
    """A gap would look like a broken feed; the delay of nobody is no number."""
    first, later = feed(), feed(AT_S + 60)
    vehicle(first, "17")
    vehicle(first, "31")
    trip(first, "17", (60, 120))
    vehicle(later, "31")
    house.drop("1.pb", first.SerializeToString())
    house.drop("2.pb", later.SerializeToString())
    found = house.arrived()
    assert found["17/vehicles"] == [("10:00:00", 1.0), ("10:01:00", 0.0)]
    assert found["31/vehicles"] == [("10:00:00", 1.0), ("10:01:00", 1.0)]
    assert found["17/journeys"][-1] == ("10:01:00", 0.0)
    assert len(found["17/delay"]) == 1


def test_a_standstill_becomes_an_alert_for_silence(house: House) -> None:
    """The same hour over and over is no sign of life: six minutes later the watch says that the feed is silent."""
    house.drop("a.json", sample("nilu.json"))
    began = house.desk.clock.now()
    for minute in range(1, 7):
        clock_of(house.desk).advance(60)
        house.drop(f"{minute}.json", sample("nilu.json"))
    house.intake.settle()
    with house.desk.store.read() as unit:
        (seen,) = [status.seen_at for status in unit.sources.statuses() if status.source == "feed"]
        (source,) = [each for each in unit.sources.all() if each.id == "feed"]
    watched = Watched(source=source.id, name=source.name, limit_s=source.freshness_s, seen=seen)
    (finding,), _ = watch_freshness([watched], {}, started=began, at=house.desk.clock.now())
    assert finding.headline.say() == "A feed is silent"


@pytest.mark.parametrize("house", ["gtfs-realtime"], indirect=True)
def test_a_clock_that_jumped_ahead_does_not_silence_what_comes_after(house: House) -> None:
    """The ingest refuses tomorrow; the next picture of today is news."""
    now_s = to_us(NOW) // 1_000_000
    for name, at_s in (("1", now_s - 60), ("2", now_s + 86_400), ("3", now_s)):
        made = feed(at_s)
        vehicle(made, "17", age_s=AT_S - at_s)
        house.drop(f"{name}.pb", made.SerializeToString())
    assert house.arrived()["17/vehicles"] == [("11:59:00", 1.0), ("12:00:00", 1.0)]
    assert house.poller.status.refused == 1


@pytest.mark.parametrize("house", ["table"], indirect=True)
def test_a_file_of_the_past_is_taken_after_one_of_today(house: House) -> None:
    """Of files older rows are news; a file that grows is read again, and what was known is known."""
    house.drop("today.csv", b"time,people\n2026-06-01T11:00:00Z,5\n")
    house.drop("before.csv", b"time,people\n2026-06-01T10:00:00Z,4\n")
    house.drop("today.csv", b"time,people\n2026-06-01T11:00:00Z,5\n2026-06-01T11:05:00Z,6\n")
    assert sorted(house.arrived()["gate/people"]) == [("10:00:00", 4.0), ("11:00:00", 5.0), ("11:05:00", 6.0)]


def test_a_body_that_cannot_be_read_is_trouble_and_not_the_end(house: House) -> None:
    """It is said, the next turn is as usual, and the next good body is taken."""
    house.drop("a.json", b"<html>out of order</html>")
    assert "not JSON" in house.poller.status.trouble
    assert house.poller.status.failures == 1
    (house.folder / "a.json").unlink()
    assert house.drop("b.json", sample("nilu.json")) == 60
    assert (house.poller.status.trouble, house.poller.status.failures) == ("", 0)
    assert house.arrived()


def test_a_bug_of_ours_waits_longer_and_ends_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No body may stop the others from being read."""

    def broken(_body: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.poller, "_read", broken)
    assert house.drop("a.json", b"[]") == module.BUG_WAIT_S
    assert house.poller.status.trouble == "a bug: ZeroDivisionError"


def test_a_stopped_source_is_not_even_fetched(house: House) -> None:
    """The kill switch holds; when it is lifted reading goes on."""
    house.poller.turn()
    house.desk.stops.stop(parse_target("source:feed"), by="ada", at=NOW)
    clock_of(house.desk).advance(LOOK_EVERY_S)
    assert house.drop("a.json", sample("nilu.json")) == 60
    assert "stopped by ada" in house.poller.status.trouble
    assert not house.arrived()


@pytest.mark.parametrize("house", [{"most_streams": 2, "zone_of_place": "quay"}], indirect=True)
def test_a_source_does_not_grow_beyond_its_declaration(house: House) -> None:
    """What comes after the limit is counted; what was declared goes on."""
    house.drop("a.json", sample("nilu.json"))
    assert len(house.arrived()) == 2
    assert house.poller.status.left_out["a datastream beyond most_datastreams"] == 2
    assert datastreams(house.desk)["feed/north-quay/no2"].zone == "quay"


@pytest.mark.parametrize(
    "house", [{"format": "gtfs-realtime"}, {"format": "gtfs-realtime", "cadence_s": 20.0}], indirect=True
)
def test_a_count_has_the_rhythm_of_our_rounds_and_a_delay_has_none(house: House) -> None:
    """Unless the declaration knows better: who looks for missing readings goes by it."""
    made = feed()
    trip(made, "17", (60, 120))
    house.drop("1.pb", made.SerializeToString())
    declared, told = datastreams(house.desk), house.poller.declared.cadence_s
    assert declared["feed/17/journeys"].cadence_s == (told or 60)
    assert declared["feed/17/delay"].cadence_s == told


@pytest.mark.parametrize("house", ["table"], indirect=True)
def test_a_column_that_stands_for_a_person_stops_the_source_and_is_said(house: House) -> None:
    """A list of number plates is refused whole, whatever stands beside it."""
    house.drop("a.csv", b"time,people,licence_plate\n2026-06-01T11:00:00Z,5,7\n")
    assert "licence_plate" in house.poller.status.trouble
    assert not house.arrived()


def test_an_ingest_that_does_not_take_is_tried_again_with_the_same_body(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is not done before its readings are durable."""
    house.poller.turn()
    lines = house.poller._client
    monkeypatch.setattr(lines, "url", "http://127.0.0.1:9")
    real, lines._client = lines._client, TestClient(_closed, raise_server_exceptions=False)  # type: ignore[attr-defined]
    assert house.drop("a.json", sample("nilu.json")) >= 60
    assert house.poller.status.failures == 1
    lines._client = real  # type: ignore[attr-defined]
    house.poller.turn()
    assert house.arrived()["north-quay/no2"] == [("10:00:00", 31.25)]


async def _closed(_scope: object, _receive: object, send: object) -> None:
    """Answer that it is not now."""
    await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"2")]})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"{}"})  # type: ignore[operator]


def test_every_format_has_a_reader_and_no_other_has(tmp_path: Path) -> None:
    """What may be declared can be read."""
    from impetus.adapters.feeds.sources_file import FORMATS

    origin = Dropped(folder=tmp_path, pattern="*")
    for name in FORMATS:
        read = reader_of(
            FeedDeclared(id="a", name="a", format=name, origin=origin, every_s=60, freshness_s=1, how=Reading())
        )
        assert callable(read)
    assert set(PLAIN) | {"datex2", "gtfs-realtime", "ngsi-ld"} == set(FORMATS)
    with pytest.raises(Misconfigured, match="no format x"):
        reader_of(FeedDeclared(id="a", name="a", format="x", origin=origin, every_s=60, freshness_s=1, how=Reading()))


def test_sites_of_datex_come_from_a_file_of_the_home(tmp_path: Path) -> None:
    """A file that is not there is said before anything is read."""
    origin = Dropped(folder=tmp_path, pattern="*")
    declared = FeedDeclared(
        id="a",
        name="a",
        format="datex2",
        origin=origin,
        every_s=60,
        freshness_s=1,
        how=Reading(),
        sites=tmp_path / "sites.xml",
    )
    with pytest.raises(Misconfigured, match="sites of a cannot be read"):
        reader_of(declared)
    (tmp_path / "sites.xml").write_bytes(sample("datex2-sites.xml"))
    report = reader_of(declared)(sample("datex2-v2.xml"))
    assert report.streams[0].thing.name == "Ring 162, harbour tunnel"


def test_entities_of_a_broker_can_be_asked_for_as_well(tmp_path: Path) -> None:
    """What a query answers is a list of entities."""
    declared = FeedDeclared(
        id="a",
        name="a",
        format="ngsi-ld",
        origin=Dropped(folder=tmp_path, pattern="*"),
        every_s=60,
        freshness_s=1,
        how=Reading(),
    )
    entities = json.loads(sample("ngsi-notification.json"))["data"]
    assert len(reader_of(declared)(json.dumps(entities).encode())) == 5


def test_a_file_that_is_still_written_is_left_alone(tmp_path: Path) -> None:
    """Only what has not changed for a moment is read; links lead nowhere."""
    file = tmp_path / "a.csv"
    file.write_bytes(b"half")
    now = file.stat().st_mtime
    origin = FolderOrigin(dropped=Dropped(folder=tmp_path, pattern="*.csv"), wall_s=lambda: now + 1)
    assert list(origin.bodies()) == []
    (tmp_path / "b.csv").symlink_to(file)
    origin = FolderOrigin(dropped=Dropped(folder=tmp_path, pattern="*.csv"), wall_s=lambda: now + 100)
    assert list(origin.bodies()) == [b"half"]
    assert list(origin.bodies()) == []
