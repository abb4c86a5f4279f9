"""The ring behind every live screen: what a client is told from where it was, and what the header may be."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from impetus.core.actor import Actor, Role
from impetus.desk.context import Desk
from impetus.ports import Change
from impetus.testing.desk import memory_desk
from impetus.web.security import TooMany
from impetus.web.sse import Client, EventStream, Frame, Hub, Limits, _gap, encode, event
from seats import seat
from town import NOW, Town

OPERATOR = Actor(name="Kari", role=Role.OPERATOR)
INTEGRATOR = Actor(name="Ivar", role=Role.INTEGRATOR)


def frame(number: int, kind: str = "alert") -> Frame:
    """Return the frame of one change."""
    return encode(Change(id=number, at=NOW, kind=kind, subject=str(number), facts={}))


@cache
def idle_desk() -> Desk:
    """Return a desk that nothing is asked of."""
    return memory_desk(NOW)


def hub_of(*numbers: int, ring: int = 4) -> Hub:
    """Return a hub that was handed these changes."""
    hub = Hub(idle_desk(), Limits(ring_frames=ring))
    hub._deliver([frame(number) for number in numbers])
    return hub


def ids(frames: Sequence[Frame] | None) -> list[int] | None:
    """Return the numbers of frames."""
    return None if frames is None else [one.id for one in frames]


def parsed(body: bytes) -> tuple[str, dict[str, object]]:
    """Return name and document of one encoded event."""
    fields = dict(line.split(": ", 1) for line in body.decode().strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


@pytest.mark.parametrize(
    ("position", "told"),
    [(0, [1, 2, 3]), (1, [2, 3]), (2, [3]), (3, []), (4, []), (2**63 - 1, [])],
)
def test_a_client_is_told_what_came_after_its_place(position: int, told: list[int]) -> None:
    """From the start, from the middle, from the end, and from beyond it."""
    assert ids(hub_of(1, 2, 3).since(position)) == told


def test_a_place_the_ring_has_moved_past_is_said_to_be_lost() -> None:
    """Of six changes in a ring of four the first two are gone: place 2 still reaches on, place 1 does not."""
    hub = hub_of(1, 2, 3, 4, 5, 6)
    assert ids(hub.since(2)) == [3, 4, 5, 6]
    assert hub.since(1) is None


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 5), max_size=12),
    st.integers(1, 8),
    st.integers(0, 40),
)
def test_nothing_is_ever_missed_silently(steps: list[int], ring: int, position: int) -> None:
    """For any changes, any ring and any place: either everything after the place, in order, or `lost`."""
    numbers, at = [], 0
    for step in steps:
        at += step
        numbers.append(at)
    told = ids(hub_of(*numbers, ring=ring).since(position))
    assert told is None or told == [number for number in numbers if number > position]
    if position >= at:
        assert told == []


def test_a_change_is_one_event_with_its_number_first() -> None:
    """The browser keeps the id and sends it back; the document repeats it for scripts."""
    body = frame(7).body
    assert body.startswith(b"id: 7\nevent: alert\ndata: ")
    assert body.endswith(b"\n\n")
    assert parsed(body)[1]["id"] == 7


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_no_fact_can_end_an_event_early(facts: dict[str, str]) -> None:
    """Line breaks in facts stay inside the JSON: one event is always three lines and a blank one."""
    try:
        body = encode(Change(id=1, at=NOW, kind="alert", subject="1", facts=facts)).body
    except TypeError:
        assert any("\ud800" <= letter <= "\udfff" for word in (*facts, *facts.values()) for letter in word)
        return
    assert body.count(b"\n") == 4
    assert b"\r" not in body
    assert parsed(body)[1]["facts"] == facts


def test_a_gap_says_why_and_where_to_go_on() -> None:
    """Its own id is the newest, so that the browser's next question starts there."""
    body = _gap("too_old", after=3, newest=90)
    assert body.startswith(b"id: 90\n")
    assert parsed(body) == ("gap", {"reason": "too_old", "after": 3, "newest": 90})


def test_times_in_events_are_rfc_3339() -> None:
    """Scripts read them without guessing a zone."""
    _, document = parsed(event("signed_out", {"at": datetime(2026, 11, 21, 13, 7, tzinfo=UTC)}))
    assert document["at"] == "2026-11-21T13:07:00+00:00"


class Wire:
    """A client's side of one answer: collects what was sent."""

    def __init__(self) -> None:
        self.body = b""
        self.started: list[int] = []

    async def send(self, message: dict[str, object]) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            self.started.append(int(str(message["status"])))
        elif isinstance(body := message.get("body"), bytes):
            self.body += body

    @property
    def names(self) -> list[str]:
        """Return the names of the events that came, in order."""
        return [line.removeprefix("event: ") for line in self.body.decode().split("\n") if line.startswith("event: ")]


def replayed(hub: Hub, actor: Actor, position: int) -> tuple[Wire, Client]:
    """Return what a client that knows `position` is sent before anything live."""
    wire, client = Wire(), Client(actor=actor, position=position)
    stream = EventStream(hub, client, lambda: True, lambda: NOW)

    async def write(body: bytes) -> None:
        await wire.send({"type": "http.response.body", "body": body})

    asyncio.run(stream._replay(write))
    return wire, client


def changed(town: Town, *kinds: str) -> None:
    """Commit one change of each kind."""
    for kind in kinds:
        with town.desk.store.write() as unit:
            unit.outbox.add(NOW, kind, "1", {})


def test_a_client_from_the_future_is_told_to_load_again(town: Town) -> None:
    """An id we never gave belongs to another installation, or to a state that was restored."""
    changed(town, "alert", "alert")
    wire, client = replayed(Hub(town.desk), OPERATOR, 900)
    assert wire.names == ["gap"]
    assert client.position == 2


def test_a_client_at_the_newest_is_told_nothing(town: Town) -> None:
    """Nothing was missed, so nothing is said."""
    changed(town, "alert")
    assert replayed(Hub(town.desk), OPERATOR, 1)[0].names == []


def test_an_empty_outbox_is_no_gap(town: Town) -> None:
    """The first screen of a fresh installation is not told that it missed something."""
    assert replayed(Hub(town.desk), OPERATOR, 0)[0].names == []


@pytest.mark.parametrize(
    ("actor", "told"), [(OPERATOR, ["alert", "incident", "part", "source"]), (INTEGRATOR, ["part", "source"])]
)
def test_a_replay_tells_each_role_only_what_it_may_see(town: Town, actor: Actor, told: list[str]) -> None:
    """An account's change and a kind nobody knows are told to nobody; the place moves past all of them."""
    changed(town, "alert", "incident", "part", "source", "account", "mystery")
    hub = Hub(town.desk)
    hub._floor = 99
    wire, client = replayed(hub, actor, 0)
    assert wire.names == told
    assert client.position == 6
    assert client.sent == len(told)


@pytest.mark.parametrize("value", ["-1", "1.5", "", "newest", "0x10", str(2**63), "9" * 40, "1 2", "1e3"])
def test_a_last_event_id_that_is_no_number_is_refused(town: Town, value: str) -> None:
    """With the header's name, as a problem document, and no stream is opened."""
    answer = seat(town).get("/api/v1/events", headers={"last-event-id": value.encode()})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fields"][0]["field"] == "last-event-id"
    assert town.app.state.web.hub.clients == 0


@pytest.mark.parametrize("value", ["-1", "x", str(2**63)])
def test_a_bad_place_in_the_address_is_refused_too(town: Town, value: str) -> None:
    """`after` is the same number for a first request."""
    assert seat(town).get("/api/v1/events", params={"after": value}).status_code == 422


def test_a_stream_needs_somebody(town: Town) -> None:
    """Nobody gets none, and learns how to ask."""
    answer: TestClient = town.visitor()
    refused = answer.get("/api/v1/events")
    assert (refused.status_code, "Bearer" in refused.headers["www-authenticate"]) == (401, True)


def test_streams_are_bounded_for_each_account_and_in_all() -> None:
    """The third of one account waits; so does the fourth of anybody; one that left makes room."""
    hub = Hub(memory_desk(NOW), Limits(per_account=2, clients=3))

    async def story() -> None:
        first = await hub.join(OPERATOR, None)
        await hub.join(OPERATOR, None)
        with pytest.raises(TooMany, match="Kari has 2 live views") as refused:
            await hub.join(OPERATOR, None)
        assert refused.value.remedy == "close a window"
        await hub.join(INTEGRATOR, None)
        with pytest.raises(TooMany):
            await hub.join(Actor(name="Ola", role=Role.OPERATOR), None)
        hub.leave(first)
        await hub.join(OPERATOR, None)

    try:
        asyncio.run(story())
    finally:
        hub.stop()
    assert hub.clients == 3


def test_a_hub_that_stopped_starts_no_thread_again() -> None:
    """A request that comes while the process ends does not keep it alive."""
    hub = Hub(memory_desk(NOW))
    hub.stop()
    client = asyncio.run(hub.join(OPERATOR, 5))
    assert (hub._thread, client.position, hub.stopping) == (None, 5, True)
