"""Server-sent events over a real server: quick, resumed where they broke off, honest about what was missed."""

import asyncio
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.types import Message

from impetus.core.actor import Role
from impetus.desk import tokens
from impetus.run.heartbeat import Heart
from impetus.run.web import serve
from impetus.web.app import create_app
from impetus.web.context import Web
from impetus.web.sse import EventStream, Hub, Limits
from town import CONSOLE, NOW, Town, csrf_of

PATIENCE_S = 10.0


@dataclass(slots=True)
class Event:
    """One event as a client reads it."""

    name: str
    data: dict[str, object]
    id: int | None = None


@dataclass(slots=True)
class Station:
    """An installation behind a real server."""

    town: Town
    port: int
    heart: Heart
    thread: threading.Thread
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def web(self) -> Web:
        """Return the web process."""
        web = self.town.app.state.web
        assert isinstance(web, Web)
        return web

    def change(self, kind: str = "alert", **facts: str | int) -> int:
        """Commit a change and return its number."""
        return change(self.town, kind, **facts)

    @contextmanager
    def listening(self, after: int | None = None, **headers: str) -> Iterator[Iterator[Event]]:
        """Open a stream and read its events; the first heartbeat has been read."""
        resume = {} if after is None else {"Last-Event-ID": str(after)}
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S) as client,
            client.stream("GET", "/api/v1/events", headers={**(headers or self.headers), **resume}) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            events = read_events(answer.iter_lines())
            assert next(events).name == "time"
            yield events


def change(town: Town, kind: str = "alert", **facts: str | int) -> int:
    """Commit a change and return its number."""
    with town.desk.store.write() as unit:
        unit.outbox.add(NOW, kind, "1", facts)
    with town.desk.store.read() as unit:
        return unit.outbox.newest()


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Read events as a browser does; comments are skipped."""
    event = Event(name="message", data={})
    for line in lines:
        if line.startswith("event: "):
            event.name = line.removeprefix("event: ")
        elif line.startswith("id: "):
            event.id = int(line.removeprefix("id: "))
        elif line.startswith("data: "):
            event.data = json.loads(line.removeprefix("data: "))
        elif not line and event.data:
            yield event
            event = Event(name="message", data={})


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.005)


def named(events: Iterator[Event], name: str) -> Event:
    """Return the next event of that name."""
    return next(event for event in events if event.name == name)


@contextmanager
def serving(town: Town, limits: Limits | None = None) -> Iterator[Station]:
    """Serve an installation on a free port of this machine."""
    town.app = create_app(town.desk, town.settings, limits=limits)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    heart = Heart()
    thread = threading.Thread(target=serve, args=(town.app, "127.0.0.1", port, heart))
    thread.start()
    _, secret = tokens.issue(town.desk, CONSOLE, "reader", ["events.read", "alerts.read"])
    station = Station(town=town, port=port, heart=heart, thread=thread, headers={"authorization": f"Bearer {secret}"})
    until(lambda: is_open(port))
    try:
        yield station
    finally:
        heart.stopping.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def is_open(port: int) -> bool:
    """Say whether something listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def station(town: Town) -> Iterator[Station]:
    """Return an installation that is served, with quick heartbeats."""
    with serving(town, Limits(heartbeat_s=0.2)) as station:
        yield station


def test_a_change_reaches_an_open_screen_at_once(station: Station) -> None:
    """From the commit to the client within 100 ms, in the middle of twenty changes."""
    waits = []
    with station.listening() as events:
        for number in range(20):
            at = time.perf_counter()
            station.change(number=number)
            assert named(events, "alert").data["facts"] == {"number": number}
            waits.append(time.perf_counter() - at)
    assert statistics.median(waits) < 0.1


def test_a_screen_that_comes_back_gets_what_it_missed_once_and_in_order(station: Station) -> None:
    """`Last-Event-ID` is where it goes on, across what happened before this process lived and while it listens."""
    ids = [station.change(number=number) for number in range(3)]
    with station.listening(after=ids[0]) as events:
        assert [named(events, "alert").id for _ in range(2)] == ids[1:]
        newest = station.change(number=3)
        assert named(events, "alert").id == newest
    with station.listening(after=ids[1]) as events:
        assert [named(events, "alert").id for _ in range(2)] == [ids[2], newest]


def test_a_screen_without_an_id_hears_only_what_is_new(station: Station) -> None:
    """A page that was just loaded has the present already."""
    station.change(number=0)
    with station.listening() as events:
        newest = station.change(number=1)
        assert named(events, "alert").id == newest


@pytest.mark.parametrize("known", ["too old", "from another life"])
def test_what_is_no_longer_kept_is_a_gap_and_not_silence(station: Station, known: str) -> None:
    """Too old, or from before the state was restored: told to read everything again, and where to go on."""
    for number in range(3):
        newest = station.change(number=number)
    with station.town.desk.store.write() as unit:
        unit.outbox._connection.exec_driver_sql("DELETE FROM outbox WHERE id <= 2")
    after = 0 if known == "too old" else newest + 100
    with station.listening(after=after) as events:
        gap = named(events, "gap")
        assert (gap.id, gap.data["reason"]) == (newest, "too_old")
        station.change(number=9)
        assert named(events, "alert").data["facts"] == {"number": 9}


def test_a_client_that_does_not_read_is_dropped_and_counted(town: Town) -> None:
    """It costs nobody else anything: another client hears every change, and the slow one comes to an end."""
    with serving(town, Limits(ring_frames=16, heartbeat_s=0.2, stall_s=0.5)) as station:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", station.port))
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {station.headers['authorization']}\r\n\r\n"
        slow.sendall(request.encode())
        until(lambda: station.web.hub.clients == 1)
        with station.listening() as events:
            numbers = []
            while station.web.hub.dropped == 0:
                station.change(number=len(numbers), ballast="x" * 60_000)
                numbers.append(named(events, "alert").data["facts"]["number"])  # type: ignore[index]  # the test wrote it
                assert len(numbers) < 2000
            assert numbers == list(range(len(numbers)))
            until(lambda: station.web.hub.clients == 1)
        slow.close()


def test_a_client_behind_the_ring_is_told_that_it_missed_something(town: Town) -> None:
    """Its place has passed out of the ring while its socket was busy: `gap` with where it stood, the end, and a count."""
    hub = Hub(town.desk, Limits(ring_frames=2))
    bodies = asyncio.run(through_a_busy_socket(town, hub))
    hub.stop()
    assert b"event: alert" in bodies[1]
    assert b'"reason":"too_slow","after":1,"newest":6' in bodies[2]
    assert bodies[3] == b""
    assert hub.dropped == 1


async def through_a_busy_socket(town: Town, hub: Hub) -> list[bytes]:
    """Return what a client gets whose socket takes one event and then nothing while five more happen."""
    client = await hub.join(CONSOLE, 0)
    bodies: list[bytes] = []
    busy, free = asyncio.Event(), asyncio.Event()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            bodies.append(message["body"])
            if b"event: alert" in message["body"]:
                busy.set()
                await free.wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    stream = EventStream(hub, client, lambda: True, town.clock.now)
    answering = asyncio.create_task(stream({"type": "http"}, receive, send))
    await asyncio.to_thread(change, town)
    await busy.wait()
    for _ in range(5):
        await asyncio.to_thread(change, town)
    while hub.newest < 6:
        await hub.changed().wait()
    free.set()
    await answering
    return bodies


def test_events_are_told_only_to_who_may_see_them(station: Station) -> None:
    """An integrator hears of sources and never of alerts."""
    person = station.town.person(Role.INTEGRATOR)
    cookie = f"impetus_session={person.cookies['impetus_session']}"
    with station.listening(cookie=cookie) as events:
        station.change("alert")
        station.change("account")
        source = station.change("source")
        first = next(event for event in events if event.name != "time")
        assert (first.name, first.id) == ("source", source)


@pytest.mark.parametrize(("operations", "status"), [(["events.read"], 200), (["alerts.read"], 403), ([], 401)])
def test_only_who_may_follow_gets_a_stream(station: Station, operations: list[str], status: int) -> None:
    """Without the operation 403, without a token 401."""
    headers = {}
    if operations:
        headers["authorization"] = f"Bearer {tokens.issue(station.town.desk, CONSOLE, 'other', operations)[1]}"
    with httpx.stream("GET", f"http://127.0.0.1:{station.port}/api/v1/events", headers=headers) as answer:
        assert answer.status_code == status


def test_a_session_that_ends_ends_its_stream(station: Station) -> None:
    """Signing out in one window ends the live view in the other at the next heartbeat."""
    person = station.town.person()
    cookie = f"impetus_session={person.cookies['impetus_session']}"
    with station.listening(cookie=cookie) as events:
        person.post("/sign-out", data={"csrf": csrf_of(person)})
        assert named(events, "signed_out")
        assert list(events) == []


def test_the_heartbeat_carries_the_servers_time_as_a_comment(station: Station) -> None:
    """A screen can tell a live line from a dead one, and its clock from ours."""
    with httpx.stream("GET", f"http://127.0.0.1:{station.port}/api/v1/events", headers=station.headers) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        beats = [line for line, _ in zip((line for line in lines if line.startswith(":")), range(3), strict=False)]
    assert beats == [f": {NOW.isoformat()}"] * 3


def test_one_account_has_a_bounded_number_of_streams(town: Town) -> None:
    """The third is refused with what to do; when one ends there is room again."""
    with serving(town, Limits(per_account=2)) as station:
        with station.listening(), station.listening():
            answer = httpx.get(f"http://127.0.0.1:{station.port}/api/v1/events", headers=station.headers)
            assert answer.status_code == 429
            assert answer.json()["remedy"] == "close a window"
        until(lambda: station.web.hub.clients == 0)
        with station.listening() as events:
            station.change()
            assert named(events, "alert")


def test_the_process_stops_within_two_seconds_with_streams_open(town: Town) -> None:
    """Streams are ended properly, not cut: the client reads to the end."""
    with serving(town) as station, station.listening() as events, station.listening():
        began = time.monotonic()
        station.heart.stopping.set()
        assert [event.name for event in events if event.name != "time"] == []
        station.thread.join(PATIENCE_S)
        assert time.monotonic() - began < 2
