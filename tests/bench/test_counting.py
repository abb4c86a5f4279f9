"""The counts of the crash trial, on desks in memory: what is lost, doubled or shown twice is found, and only that."""

import json
import random
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from impetus.bench.alerts import _timed
from impetus.bench.crash import Victims, _behind, findings_kept, readings_kept, shown
from impetus.bench.crash import declaration as crash_declaration
from impetus.bench.ingest import PROBES, _rows
from impetus.bench.ingest import declaration as ingest_declaration
from impetus.bench.installation import free_port, wait_until_up, write_settings
from impetus.bench.load import Feeder, Finder, Screen, _finding
from impetus.core.errors import Misconfigured, OurFault
from impetus.core.evidence import Evidence
from impetus.core.ids import FindingKey, Offset
from impetus.core.observation import batch_of, to_us
from impetus.core.place import Point, distance_m
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.declare_source import read_document
from impetus.desk.raise_alert import raise_alerts
from impetus.run.fusion_host import joiner_of
from impetus.run.start import check_ports
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from ingest_samples import NOW

SETTINGS = Settings(home=Path("nowhere"))
FIRST_US = to_us(NOW) - 1_000_000


@pytest.fixture
def desk() -> Desk:
    """Give an empty desk in memory."""
    return memory_desk(NOW)


def _feeder(*acknowledged: int) -> Feeder:
    feeder = Feeder(settings=SETTINGS, token="x", ids=[1, 2])
    feeder.acknowledged.extend(FIRST_US + tick for tick in acknowledged)
    return feeder


def _keep(desk: Desk, *rows: tuple[int, int]) -> None:
    """Put readings of (datastream, tick) into the history."""
    batch = batch_of([row[0] for row in rows], [FIRST_US + row[1] for row in rows], [1.0] * len(rows))
    desk.history.append(batch, "observations", through=Offset(1))
    desk.history.flush()


@pytest.mark.parametrize(
    ("kept", "lost", "doubled"),
    [
        ([(1, 0), (2, 0), (1, 1), (2, 1)], 0, 0),
        ([(1, 0), (2, 0), (1, 1)], 1, 0),
        ([(1, 0), (1, 1)], 2, 0),
        ([(1, 0), (2, 0), (1, 1), (2, 1), (2, 1)], 0, 1),
        ([(1, 0), (1, 0), (1, 0)], 3, 2),
        ([(1, 0), (2, 0), (1, 1), (2, 1), (1, 2), (2, 2)], 0, 0),
    ],
)
def test_each_acknowledged_reading_is_looked_for(
    kept: list[tuple[int, int]], lost: int, doubled: int, desk: Desk
) -> None:
    """Two datastreams, two ticks acknowledged; what was kept without being acknowledged is no fault."""
    _keep(desk, *kept)
    figures = readings_kept(desk, _feeder(0, 1))
    assert (figures["readings_acknowledged"], figures["readings_lost"], figures["readings_doubled"]) == (
        4,
        lost,
        doubled,
    )


def test_nothing_promised_is_nothing_lost(desk: Desk) -> None:
    """A feeder that never got through."""
    figures = readings_kept(desk, _feeder())
    assert set(figures.values()) == {0}


def _publish(desk: Desk, numbers: list[int]) -> Finder:
    finder = Finder(bus=desk.bus, codec=desk.codec)
    for number in numbers:
        finding = _finding(number, NOW)
        finder.published.append(finding.key)
        body = desk.codec.encode_finding(finding, Evidence(finding=finding.key, summary=finding.why))
        desk.bus.publish(FINDINGS, [body])
    return finder


def _join(desk: Desk) -> None:
    joiner = joiner_of(find_tool("fusion"), SETTINGS)
    raise_alerts(desk, joiner, desk.bus.read(FINDINGS, Offset(0)))


def test_findings_that_became_alerts_are_kept(desk: Desk) -> None:
    """Each once, also when the bus delivers them again."""
    finder = _publish(desk, [0, 1, 2])
    _join(desk)
    _join(desk)
    assert findings_kept(desk, finder) == {"findings_published": 3, "findings_lost": 0, "findings_doubled": 0}


def test_a_finding_without_an_alert_is_lost(desk: Desk) -> None:
    """It was published and never taken in."""
    finder = _publish(desk, [0, 1])
    _join(desk)
    finder.published.append(FindingKey("trial:77"))
    assert findings_kept(desk, finder)["findings_lost"] == 1


def test_more_alerts_than_findings_are_doubled(desk: Desk) -> None:
    """Somebody was shown something twice."""
    finder = _publish(desk, [0, 1, 2])
    _join(desk)
    del finder.published[1:]
    assert findings_kept(desk, finder)["findings_doubled"] == 2


def _screen(*events: int) -> Screen:
    screen = Screen(settings=SETTINGS, token="x")
    screen.events.update(events)
    screen.last_id = max(events, default=0)
    return screen


def _change(desk: Desk, count: int, kind: str = "alert") -> None:
    with desk.store.write() as unit:
        for number in range(count):
            unit.outbox.add(NOW, kind, str(number), {"version": 0})


@pytest.mark.parametrize(
    ("seen", "lost", "twice"),
    [
        ((1, 2, 3, 4, 5), 0, 0),
        ((1, 2, 4, 5), 1, 0),
        ((1, 5), 3, 0),
        ((3, 4), 0, 0),
        ((1, 1, 2, 3, 3, 3, 4, 5), 0, 2),
        ((), 0, 0),
    ],
)
def test_changes_of_alerts_between_the_first_and_the_last_are_shown_once(
    seen: tuple[int, ...], lost: int, twice: int, desk: Desk
) -> None:
    """What lies before the first or after the last is not the screen's to have seen."""
    _change(desk, 5)
    figures = shown(desk, _screen(*seen))
    assert (figures["events_lost"], figures["events_shown_twice"]) == (lost, twice)


def test_a_gap_that_was_told_is_no_loss(desk: Desk) -> None:
    """A screen that knows what it missed asks for it."""
    _change(desk, 5)
    screen = _screen(1, 5)
    screen.gaps = 1
    assert shown(desk, screen)["events_lost"] == 0


def test_changes_of_the_board_are_not_counted_as_lost(desk: Desk) -> None:
    """Not all of them are for every eye."""
    _change(desk, 5, "part")
    assert shown(desk, _screen(1, 5))["events_lost"] == 0


def _event(number: object, document: object, *more: bytes) -> list[bytes]:
    return [f"id: {number}\n".encode(), b"data: " + json.dumps(document).encode() + b"\n", *more]


def test_a_screen_counts_events_and_versions() -> None:
    """The same event twice is twice, the same version in another event too."""
    screen = _screen()
    alert = {"kind": "alert", "subject": "7", "facts": {"version": 2}}
    for number in (4, 5, 5):
        screen._take(_event(number, alert))
    screen._take(_event(6, {"kind": "part", "subject": "web", "facts": {}}))
    assert (screen.last_id, screen.events) == (6, Counter({5: 2, 4: 1, 6: 1}))
    assert screen.versions == {("7", 2): 3}


@pytest.mark.parametrize("lines", [[], [b": still here\n"], [b"id: 4\n"], [b"data: {}\n"], [b"id: 4\n", b": data\n"]])
def test_half_an_event_is_none(lines: list[bytes]) -> None:
    """A cut connection, or a comment that only keeps it open."""
    screen = _screen()
    screen._take(lines)
    assert (screen.last_id, screen.events) == (0, {})


def test_a_gap_event_is_counted() -> None:
    """The stream says that the screen came back too late."""
    screen = _screen()
    screen._take(_event(9, {}, b"event: gap\n"))
    assert (screen.gaps, screen.last_id) == (1, 9)


def test_who_is_behind_is_named_in_the_order_of_the_way(desk: Desk) -> None:
    """History, fusion, screen, nobody."""
    desk.bus.publish(OBSERVATIONS, [b"x"])
    desk.bus.publish(FINDINGS, [b"x"])
    assert _behind(desk, 0, 99) == "the history"
    _keep(desk, (1, 0))
    assert _behind(desk, 0, 99) == "fusion"
    assert _behind(desk, 1, 99) == "the screen"
    assert _behind(desk, 1, 2) == ""


def test_a_feeder_without_an_ingest_is_not_acknowledged() -> None:
    """No connection is no promise."""
    port = free_port()
    feeder = Feeder(settings=Settings(home=Path("nowhere"), port=port), token="x", ids=[1])
    assert not feeder._post(b"")


def test_a_supervisor_without_children_ends_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, and with a remedy; there is nobody to kill."""
    monkeypatch.setattr("impetus.bench.crash.CHILD_LIMIT_S", 0.0)
    lonely = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    victims = Victims(settings=SETTINGS, supervisor=lonely, chance=random.Random(1))  # noqa: S311 - who is killed is no secret
    with pytest.raises(OurFault, match="no children"):
        victims.kill_one(0)
    lonely.communicate()
    assert (victims.killed, lonely.returncode) == ({}, 0)


def test_a_call_is_timed_by_median_and_95th_percentile() -> None:
    """Warmed up once, then measured; none is negative and they are in order."""
    calls: list[int] = []
    figures = _timed(lambda: calls.append(sum(range(100))), 40)
    assert len(calls) == 41
    assert 0 <= figures["p50_ms"] <= figures["p95_ms"]
    assert figures["p50_ms"] <= figures["max_ms"]


def test_declarations_of_the_trials_are_sound_and_simulated() -> None:
    """They go through the door of any source."""
    for document in (crash_declaration(), ingest_declaration()):
        declared = read_document(document)
        assert declared.source.simulated
        assert len({stream.key for stream in declared.datastreams}) == len(declared.datastreams)


def test_probes_stand_too_far_apart_to_be_joined() -> None:
    """A kilometre from one to the next, so that each becomes an alert of its own."""
    declared = read_document(ingest_declaration())
    points = [stream.point or Point(lon=0.0, lat=0.0) for stream in declared.datastreams[:PROBES]]
    apart = [distance_m(one, other) for one, other in pairwise(points)]
    assert min(apart) > 1000.0


@pytest.mark.parametrize(("document", "rows"), [([{"a": 1}, 7, None], [{"a": 1}]), ({}, []), (None, []), ("x", [])])
def test_rows_of_an_answer_are_its_objects(document: object, rows: list[object]) -> None:
    """Whatever the page answered."""
    assert _rows(document) == rows


def test_settings_of_a_trial_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Words, numbers and switches; a wrong one is refused like anybody's."""
    settings = write_settings(tmp_path, port=9000, site='A "site"', simulated=True, late_s=2.5)
    assert (settings.port, settings.site, settings.simulated, settings.late_s) == (9000, 'A "site"', True, 2.5)
    with pytest.raises(Misconfigured):
        write_settings(tmp_path, port=0)


def test_a_free_port_is_free_with_its_neighbour(tmp_path: Path) -> None:
    """The trial never meets the installation of whoever runs it."""
    check_ports(Settings(home=tmp_path, port=free_port()))


def test_waiting_for_nobody_ends() -> None:
    """With the address, and where to look."""
    with pytest.raises(OurFault, match="nothing answered") as fault:
        wait_until_up("127.0.0.1", free_port(), limit_s=0.05)
    assert "log/" in fault.value.remedy
