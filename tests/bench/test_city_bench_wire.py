"""The bench of a city on the wire: what it sends, what it takes for shown, whom it kills; by a small server of our own."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from impetus.adapters.arrow import decode
from impetus.bench import city as bench
from impetus.bench.city import PROBES, City, declaration, figures_of, kill_detector, playing, shown_probes
from impetus.bench.ingest import Feed, Screen
from impetus.bench.installation import Installation
from impetus.core.errors import OurFault
from impetus.core.observation import Batch
from impetus.desk.declare_source import read_document
from impetus.settings import Settings


@dataclass(slots=True, kw_only=True)
class Town:
    """A small server that takes readings and tells alerts; answers `refusals` times that it is not now."""

    port: int = 0
    batches: list[Batch] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    alerts: dict[str, object] = field(default_factory=dict)
    refusals: int = 0
    status: int = 200
    least: int = 0

    def feed(self) -> Feed:
        """Return where to send."""
        return Feed(host="127.0.0.1", port=self.port, token="secret")

    def installation(self) -> Installation:
        """Return it as something to ask for alerts; the process is one that has ended."""
        ended = subprocess.Popen(["true"])
        ended.wait()
        return Installation(settings=Settings(home=Path("nowhere"), port=self.port), process=ended, reader="r")


def answering(town: Town) -> type[BaseHTTPRequestHandler]:
    """Return what answers for a town."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            town.tokens.append(self.headers["Authorization"])
            if town.refusals:
                town.refusals -= 1
                self.tell(503, {})
            elif town.status != 200:
                self.tell(town.status, {"problem": "no"})
            else:
                town.batches.append(decode(body))
                self.tell(200, {"accepted": len(town.batches[-1]) - town.least})

        def do_GET(self) -> None:
            facts = town.alerts.get(self.path.rpartition("/")[2])
            self.tell(404 if facts is None else 200, facts)

        def tell(self, status: int, facts: object) -> None:
            body = json.dumps(facts).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Door


@pytest.fixture
def town() -> Iterator[Town]:
    """Give a town that listens."""
    made = Town()
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering(made))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def playing_city(town: Town, datastreams: int, jumping: set[int]) -> City:
    """Return a city of so many datastreams, of which some jump."""
    return City(feed=town.feed(), ids=np.arange(1, datastreams + 1, dtype=np.int64), jumping=jumping)


def test_every_datastream_sends_once_a_turn_and_time_ends_now(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four turns of three: twelve readings around a hundred, five minutes of the city's own time apart."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    city = playing_city(town, 3, set())
    playing(city, 0.004)
    assert [batch.datastream.tolist() for batch in town.batches] == [[1, 2, 3]] * 4
    assert (city.ticks, city.feed.accepted, city.feed.refused, city.sent) == (4, 12, 0, {})
    moments = [int(batch.time_us[0]) for batch in town.batches]
    assert {after - before for before, after in pairwise(moments)} == {300_000_000}
    assert max(abs(value - 100.0) for batch in town.batches for value in batch.result.tolist()) < 6.0


def test_a_probe_jumps_and_its_moments_of_sending_are_noted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty above the others, each time, and only it."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    city = playing_city(town, 3, {2})
    playing(city, 0.003)
    values = np.array([batch.result for batch in town.batches])
    assert (values[:, 1] > 130.0).all()
    assert (values[:, [0, 2]] < 110.0).all()
    assert list(city.sent) == [2]
    assert len(city.sent[2]) == 3
    assert city.sent[2] == sorted(city.sent[2])


def test_many_datastreams_are_sent_in_shares_spread_over_the_cadence(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five datastreams at two a batch are two shares: half a cadence apart, each in its turn, and a tick is both."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    monkeypatch.setattr(bench, "ROWS", 2)
    city = playing_city(town, 5, set())
    playing(city, 0.002)
    assert [batch.datastream.tolist() for batch in town.batches] == [[1, 2, 3], [4, 5]] * 2
    assert np.diff([int(batch.time_us[0]) for batch in town.batches]).tolist() == [150_000_000] * 3
    assert city.ticks == 2


def test_what_was_not_accepted_is_counted_as_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of three, twice."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    town.least = 1
    city = playing_city(town, 3, set())
    playing(city, 0.002)
    assert (city.feed.accepted, city.feed.refused) == (4, 2)


def test_a_batch_that_is_not_now_is_sent_again_and_none_is_lost(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice told to wait: the third time it is taken, with the source's token each time."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    town.refusals = 2
    city = playing_city(town, 2, set())
    playing(city, 0.001)
    assert town.tokens == ["Bearer secret"] * 3
    assert city.feed.accepted == 2


def test_a_door_that_refuses_ends_the_run_with_its_answer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong token is our mistake, not a low rate."""
    monkeypatch.setattr(bench, "SPEED", 300_000.0)
    town.status = 401
    with pytest.raises(OurFault, match="ingest answered 401"):
        playing(playing_city(town, 2, set()), 0.001)


def shown(town: Town, seen: dict[str, float], keys: dict[str, int]) -> dict[int, float]:
    """Return the probes that alerts shown at these moments are about."""
    screen = Screen(town.installation())
    screen.seen.update(seen)
    return shown_probes(screen.target, screen, keys)


def test_an_alert_is_about_the_probe_it_names_and_no_longer_name(town: Town) -> None:
    """`t1` is neither `t10` nor `t12`, whether a thing or a datastream is named."""
    town.alerts = {
        "a": {"subjects": ["bench/t1"]},
        "b": {"subjects": ["bench/t10"]},
        "c": {"series": [{"datastream": "bench/t12/people"}]},
    }
    keys = {"bench/t1": 1, "bench/t10": 10, "bench/t12": 12, "bench/t2": 2}
    assert shown(town, {"a": 5.0, "b": 6.0, "c": 7.0}, keys) == {1: 5.0, 10: 6.0, 12: 7.0}


def test_the_first_of_two_alerts_about_a_probe_counts(town: Town) -> None:
    """In whatever order they are asked for."""
    town.alerts = {name: {"subjects": ["bench/t1"]} for name in "ab"}
    assert shown(town, {"a": 9.0, "b": 4.0}, {"bench/t1": 1}) == {1: 4.0}


def test_an_alert_about_something_else_is_no_probe(town: Town) -> None:
    """And without alerts nothing is shown."""
    town.alerts = {"a": {"subjects": ["other/t1"]}}
    assert shown(town, {"a": 9.0}, {"bench/t1": 1}) == {}
    assert shown(town, {}, {"bench/t1": 1}) == {}


@contextmanager
def running(word: str) -> Iterator[Installation]:
    """Give a supervisor with one child that bears a word in its command; both end when their input closes."""
    process = subprocess.Popen(
        ["sh", "-c", f'sh -c "echo up; read line" {word}; echo ended $?; read line'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    yield Installation(settings=Settings(home=Path("nowhere")), process=process, reader="")
    process.communicate(b"\n\n", timeout=5)


def test_the_detectors_process_is_killed_as_by_a_crash() -> None:
    """The supervisor lives and is told of the signal: 128 and 9."""
    with running(bench.TOOL) as target:
        assert kill_detector(target)
        assert target.process.stdout is not None
        assert target.process.stdout.readline() == b"ended 137\n"
        assert target.process.poll() is None


@pytest.mark.parametrize("word", ["fusion", f"not_{bench.TOOL}", f"{bench.TOOL}_too"])
def test_no_other_process_is_killed(word: str) -> None:
    """A name that only contains the tool's is another's; it is said that there was none."""
    with running(word) as target:
        assert not kill_detector(target)
        assert target.process.poll() is None


def test_probes_come_first_and_the_rest_stand_a_street_apart() -> None:
    """220 metres to the next street, in a square."""
    things = declaration(PROBES + 250)["things"]
    assert isinstance(things, list)
    rest = np.array([thing["position"] for thing in things[PROBES:]])
    assert [thing["key"] for thing in things] == [f"t{number}" for number in range(PROBES + 250)]
    assert rest[:, 1].min() >= 61.0
    streets = np.unique(np.round(rest[:, 1], 6))
    assert np.diff(streets) * 111_195 == pytest.approx(222.4, abs=1.0)


@pytest.mark.parametrize("datastreams", [1, 2, PROBES, PROBES + 1])
def test_a_city_of_any_size_can_be_declared(datastreams: int) -> None:
    """The declaration is one that the platform takes, simulated and of one datastream a thing."""
    declared = read_document(declaration(datastreams))
    assert declared.source.simulated
    assert len(declared.datastreams) == datastreams
    assert {datastream.cadence_s for datastream in declared.datastreams} == {300.0}


def test_figures_tell_the_middle_and_the_hundredth_slowest() -> None:
    """Delays of 0 to 100 s: the middle is 50, of a hundred one is slower than 99."""
    city = City(feed=Feed(host="", port=1, token=""), ids=np.arange(101, dtype=np.int64))
    city.sent = {number: [0.0, 10.0] for number in range(101)}
    city.jumping = set(city.sent)
    figures = figures_of(city, {number: 10.0 + number for number in range(101)}, [], (0, 0))
    assert (figures["alarm_delay_p50_s"], figures["alarm_delay_p99_s"]) == (50.0, 99.0)
    assert figures["memory_mib"] is None
    assert json.loads(json.dumps(figures)) == figures


def test_probes_that_were_never_sent_are_counted_as_not_shown() -> None:
    """A probe without a reading has no delay, but it is one of the probes."""
    city = City(feed=Feed(host="", port=1, token=""), ids=np.array([1, 2]), jumping={1, 2}, sent={1: [5.0]})
    figures = figures_of(city, {1: 6.5}, [10.0], (0, 2))
    assert (figures["probes"], figures["probes_shown"], figures["alarm_delay_p50_s"]) == (2, 1, 1.5)
    assert (figures["probes_after_kill"], figures["probes_after_kill_shown"]) == (2, 0)
