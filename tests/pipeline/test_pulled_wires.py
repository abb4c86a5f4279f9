"""Pull one wire after another out of the running demonstration, under load, and look at what people were promised.

Every part is killed with SIGKILL, one after the other, while readings come in and an operator writes notes. Then the door gets
garbage, two hands press one button, and somebody touches the stop file. At the end: each part is back, nothing that was
acknowledged is lost, the board told it, and a copy of the log verifies offline.
"""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import patience
from impetus.bench.crash import readings_kept
from impetus.bench.load import Feeder
from impetus.bench.start import start_demo, stop
from impetus.core.actor import console
from impetus.core.ids import AlertId, DatastreamId, IncidentId, SourceId
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.ports.ethics import AccessQuery
from impetus.settings import read_settings
from impetus.web.security import CSRF_HEADER, csrf_of
from impetus.wiring import open_desk

PARTS = (
    "log",
    "keeper",
    "ingest",
    "fusion",
    "urban_anomaly",
    "square_posts",
    "simulator",
    "notifier",
    "effects",
    "broker",
    "city",
    "polled",
    "web",
)
ROLES = {
    "urban_anomaly": "tool:urban_anomaly",
    "square_posts": "posts",
    "broker": "call:impetus.run.demo_city:run_broker",
    "city": "call:impetus.run.demo_city:run_city",
}
UP_LIMIT_S, BACK_LIMIT_S, STOP_LIMIT_S = 240.0, 60.0, 20.0
"""How long a part may take on a busy machine; what it takes on a quiet one is measured elsewhere."""
DATASTREAMS = 10
GARBAGE = (
    b"\x00\xff" * 500,
    b'{"value": ',
    b"POST / HTTP/9.9\r\n\r\n",
    b"[" * 100_000,
    json.dumps([{"datastream": "trial/t0/count", "time": "never", "value": "many"}]).encode(),
)


@dataclass(slots=True)
class Seat:
    """One person with a browser, and what was acknowledged to them."""

    client: httpx.Client
    kept: list[str] = field(default_factory=list)
    tried: int = 0

    def act(self, path: str, **fields: object) -> int:
        """Do something by the API and return the status; 0 when nobody answered."""
        secret = next(cookie.value or "" for cookie in self.client.cookies.jar if "session" in cookie.name)
        try:
            answer = self.client.post(f"/api/v1{path}", json=fields, headers={CSRF_HEADER: csrf_of(secret)})
        except httpx.TransportError:
            return 0
        return answer.status_code

    def note(self, incident: int) -> None:
        """Write one more line into the timeline, and remember it when it was acknowledged."""
        self.tried += 1
        text = f"note {self.tried}"
        if 200 <= self.act(f"/incidents/{incident}/note", text=text) < 300:
            self.kept.append(text)


@dataclass(slots=True)
class Demo:
    """The demonstration under trial."""

    process: subprocess.Popen[str]
    facts: dict[str, str]
    home: Path
    desk: Desk

    def board(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the board; none while nobody answers."""
        try:
            answer = httpx.get(
                self.facts["url"] + "api/v1/parts",
                headers={"Authorization": f"Bearer {self.facts['token']}"},
                timeout=5,
            )
        except httpx.TransportError:
            return {}
        return {row["part"]: row for row in answer.json()} if answer.status_code == 200 else {}

    def until(self, part: str, state: str, *, limit_s: float = BACK_LIMIT_S, restarts: int = 0) -> None:
        """Wait until the board says this of a part."""

        def is_so() -> bool:
            row = self.board().get(part)
            return row is not None and row["state"] == state and row["restarts"] >= restarts

        patience.until(
            is_so, limit_s=limit_s, what=f"{part} {state} with {restarts} restarts: {self.board().get(part)}"
        )

    def pid(self, part: str) -> int:
        """Return the process of a part, found by its role."""
        role = ROLES.get(part, part)
        for child in psutil.Process(self.process.pid).children():
            words = child.cmdline()
            if "impetus.run.child" in words and words[words.index("impetus.run.child") + 1] == role:
                return child.pid
        raise AssertionError(f"{part} does not run")

    def sit_down(self, name: str) -> Seat:
        """Sign somebody in."""
        people: Any = self.facts["people"]
        client = httpx.Client(base_url=self.facts["url"], timeout=10, follow_redirects=True)
        page = client.get("/sign-in").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        answer = client.post("/sign-in", data={"csrf": csrf[1], "name": name, "password": people[name]})
        assert answer.status_code == 200, answer.text[:300]
        return Seat(client=client)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Start it, and wait until every part runs."""
    home = tmp_path_factory.mktemp("wires") / "home"
    process = start_demo(home)
    try:
        facts = read_facts_of(process)
        made = Demo(process=process, facts=facts, home=home, desk=open_desk(read_settings(home)))
        for part in PARTS:
            made.until(part, "running", limit_s=UP_LIMIT_S)
        yield made
        made.desk.close()
    finally:
        if process.poll() is None:
            stop(process)


def read_facts_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return the line a demonstration prints, whole."""
    assert process.stdout is not None
    facts: dict[str, Any] = json.loads(process.stdout.readline())
    return facts


@pytest.fixture(scope="module")
def load(demo: Demo) -> Iterator[Feeder]:
    """Send readings of a source of its own from beginning to end."""
    stream = {"property": "count", "unit": "1", "lowest": 0, "highest": 1e6, "cadence_s": 1.0}
    things = [{"key": f"t{number}", "datastreams": [stream]} for number in range(DATASTREAMS)]
    document = {"source": {"id": "trial", "kind": "bench", "simulated": True}, "things": things}
    ids = [int(each.id) for each in declare(demo.desk, console(), read_document(document))]
    _, secret = tokens.issue(demo.desk, console(), "trial", ["observations.write"], SourceId("trial"))
    feeder = Feeder(settings=read_settings(demo.home), token=secret, ids=ids)
    thread = threading.Thread(target=feeder.run, daemon=True)
    thread.start()
    yield feeder
    feeder.stop.set()
    thread.join(BACK_LIMIT_S)


@pytest.fixture(scope="module")
def operator(demo: Demo) -> Iterator[tuple[Seat, int]]:
    """Let the operator open an incident from the first alert and write notes from beginning to end."""
    seat = demo.sit_down("operator")
    alerts: list[int] = []

    def has_one() -> bool:
        answer = seat.client.get("/api/v1/alerts").json()["items"]
        alerts[:] = [each["id"] for each in answer]
        return bool(alerts)

    patience.until(has_one, limit_s=UP_LIMIT_S, what="an alert")
    assert seat.act("/incidents", title="Wires", alerts=alerts[:1]) == 201
    ends, number = threading.Event(), 1

    def write() -> None:
        while not ends.wait(0.1):
            seat.note(number)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield seat, number
    ends.set()
    thread.join(BACK_LIMIT_S)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_comes_back_alone_and_the_board_says_so(
    demo: Demo, load: Feeder, operator: tuple[Seat, int], part: str
) -> None:
    """Its restarts are counted, no other part is restarted, and readings and notes go on being acknowledged."""
    before = {name: row["restarts"] for name, row in demo.board().items()}
    pid = demo.pid(part)
    psutil.Process(pid).send_signal(signal.SIGKILL)
    demo.until(part, "running", restarts=before[part] + 1)
    assert demo.pid(part) != pid
    after = {name: row["restarts"] for name, row in demo.board().items()}
    assert {name: count for name, count in after.items() if count != before[name]} == {part: before[part] + 1}
    readings, notes = len(load.acknowledged), len(operator[0].kept)
    patience.until(
        lambda: len(load.acknowledged) > readings and len(operator[0].kept) > notes,
        limit_s=BACK_LIMIT_S,
        what=f"readings and notes after the end of {part}",
    )


@pytest.mark.slow
def test_people_are_told_of_parts_that_died(demo: Demo, operator: tuple[Seat, int]) -> None:
    """An alert of the platform's own names them."""

    def told() -> bool:
        items = operator[0].client.get("/api/v1/alerts", params={"limit": 200}).json()["items"]
        return any("platform" in each["tools"] for each in items)

    patience.until(told, limit_s=BACK_LIMIT_S, what="an alert about a part")
    assert told()


@pytest.mark.slow
def test_garbage_at_the_door_is_refused_and_harms_nobody(demo: Demo, load: Feeder) -> None:
    """Nonsense with and without a token, raw bytes and half requests: never an error of ours, and the ingest lives on."""
    url, headers = demo.facts["ingest_url"], {"Authorization": f"Bearer {load.token}"}
    restarts = demo.board()["ingest"]["restarts"]
    for body in GARBAGE:
        for kind in ("application/json", "application/vnd.apache.arrow.stream", "text/plain"):
            for who in (headers, {}):
                answer = httpx.post(f"{url}api/v1/observations", content=body, headers={**who, "Content-Type": kind})
                assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:200])
    host, port = read_settings(demo.home).ingest_address
    for body in GARBAGE:
        with socket.create_connection((host, port), timeout=5) as wire:
            wire.sendall(
                b"POST /api/v1/observations HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n" + body[:100]
            )
        with socket.create_connection((host, port), timeout=5) as wire:
            wire.sendall(body[:1000])
    before = len(load.acknowledged)
    patience.until(lambda: len(load.acknowledged) > before, limit_s=BACK_LIMIT_S, what="readings after the garbage")
    assert demo.board()["ingest"]["restarts"] == restarts


@pytest.mark.slow
def test_two_hands_on_one_button_do_it_once(demo: Demo) -> None:
    """Eight presses at one moment, each of what was seen: one takes the alert, seven are told who did; one line of history."""
    seats = [demo.sit_down("operator") for _ in range(8)]
    free = [each for each in seats[0].client.get("/api/v1/alerts").json()["items"] if each["state"] == "new"]
    assert free
    number, version = free[0]["id"], free[0]["version"]
    with ThreadPoolExecutor(len(seats)) as pool:
        answers = list(pool.map(lambda seat: seat.act(f"/alerts/{number}/acknowledge", version=version), seats))
    assert sorted(answers) == [200] + [409] * 7
    with demo.desk.store.read() as unit:
        events = [str(entry.event) for entry in unit.alerts.entries(AlertId(number))]
    assert events.count("acknowledge") == 1


@pytest.mark.slow
def test_a_touched_file_stops_a_part_until_a_named_person_lets_it_run(demo: Demo) -> None:
    """The board says that it is stopped and since when; nobody restarts it; lifted by name, it runs."""
    pid = demo.pid("urban_anomaly")
    (demo.home / "stops" / "tool:urban_anomaly").touch()
    demo.until("urban_anomaly", "stopped", limit_s=STOP_LIMIT_S)
    assert not psutil.pid_exists(pid)
    assert "by hand at " in demo.board()["urban_anomaly"]["note"]
    supervisor = demo.sit_down("supervisor")
    secret = next(each.value or "" for each in supervisor.client.cookies.jar if "session" in each.name)
    form = {"csrf": csrf_of(secret), "target": "tool:urban_anomaly", "why": "the wire is back"}
    assert supervisor.client.post("/stops/lift", data=form).status_code == 200
    demo.until("urban_anomaly", "running")


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_the_log_verifies_offline(
    demo: Demo, load: Feeder, operator: tuple[Seat, int]
) -> None:
    """Each reading is in the history once, each note in the timeline and in the log, and a copy fits its checkpoint.

    Last in this file: it ends the load and the demonstration.
    """
    seat, incident = operator
    load.stop.set()
    kept, notes = list(load.acknowledged), list(seat.kept)
    assert kept
    assert len(notes) > len(PARTS)
    patience.until(lambda: _has(demo, load, kept[-1]), limit_s=BACK_LIMIT_S, what="the last reading in the history")
    figures = readings_kept(demo.desk, load)
    assert (figures["readings_lost"], figures["readings_doubled"]) == (0, 0)
    with demo.desk.store.read() as unit:
        written = [entry.text for entry in unit.incidents.entries(IncidentId(incident)) if entry.event == "note"]
    assert [text for text in notes if text not in written] == []
    patience.until(lambda: _noted(demo, incident) >= len(notes), limit_s=BACK_LIMIT_S, what="the notes in the log")
    assert stop(demo.process) < STOP_LIMIT_S
    copy = demo.home.parent / "copy"
    for words in (["log", "export", str(copy), "--home", str(demo.home)], ["log", "verify", str(copy)]):
        done = subprocess.run([sys.executable, "-m", "impetus", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _has(demo: Demo, load: Feeder, time_us: int) -> bool:
    """Say whether the history holds this reading."""
    at = datetime.fromtimestamp(time_us / 1e6, tz=UTC)
    found = demo.desk.history.read([DatastreamId(load.ids[0])], at - timedelta(seconds=1), at + timedelta(seconds=1))
    return time_us in found.time_us.tolist()


def _noted(demo: Demo, incident: int) -> int:
    """Return how many notes on the incident the log holds."""
    with demo.desk.store.read() as unit:
        return unit.accesses.count(AccessQuery(subject=f"incident:{incident}", acts=("incident.note",)))
