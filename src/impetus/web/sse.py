"""Server-sent events: every open screen learns of a change as soon as it is committed.

One thread a process sleeps on the store and puts what changed into one ring of frames, encoded once. Each client keeps
only its place in the ring, so a slow client costs no memory: when the ring has moved past it, it is told `gap`, its
stream ends, and it is counted. The browser then comes back with `Last-Event-ID` and is served from the outbox; what
the outbox no longer holds is a `gap` too, never silence. Every frame is checked against the client's permissions.
"""

import asyncio
import contextlib
import logging
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError
from impetus.desk import follow
from impetus.desk.context import Desk
from impetus.ports import Change
from impetus.web.security import TooMany

LOGGER = logging.getLogger(__name__)
Write = Callable[[bytes], Awaitable[None]]
REPLAY_CHANGES = 500
RETRY_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of the fan-out; house rules all.

    `ring_frames`: how far a client may lag, ten seconds at 100 changes a second. `heartbeat_s`: seconds between
    heartbeats. `stall_s`: longest a client's socket may take nothing, four heartbeats. `per_account`, `clients`: open
    streams of one account, and in all.
    """

    ring_frames: int = 1024
    heartbeat_s: float = 5.0
    stall_s: float = 20.0
    per_account: int = 16
    clients: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One change, encoded for the wire; `seat` is whom alone it is for, empty for all."""

    id: int
    kind: str
    body: bytes
    seat: str = ""


def encode(change: Change) -> Frame:
    """Encode a change as an event named by its kind."""
    document = {
        "id": change.id,
        "kind": change.kind,
        "subject": change.subject,
        "at": change.at,
        "facts": dict(change.facts),
    }
    seat = str(change.facts.get("seat", "")) if change.kind == "ask" else ""
    return Frame(id=change.id, kind=change.kind, body=b"id: %d\n" % change.id + event(change.kind, document), seat=seat)


def event(name: str, document: dict[str, object]) -> bytes:
    """Return one event without an id; JSON holds no line breaks."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(document) + b"\n\n"


@dataclass(slots=True, kw_only=True, eq=False)
class Client:
    """One open stream: whose it is and how far it has been told."""

    actor: Actor
    position: int
    sent: int = 0


class Hub:
    """The fan-out from the outbox to every open stream of this process."""

    def __init__(self, desk: Desk, limits: Limits | None = None) -> None:
        """Prepare; the thread starts with the first client."""
        self.desk = desk
        self.dropped = 0
        self.delivered = 0
        self.limits = limits or Limits()
        self._ring: deque[Frame] = deque(maxlen=self.limits.ring_frames)
        self._clients: set[Client] = set()
        self._newest = 0
        self._floor = 0
        self._changed = asyncio.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = asyncio.Lock()

    @property
    def clients(self) -> int:
        """Return how many streams are open."""
        return len(self._clients)

    @property
    def newest(self) -> int:
        """Return the id of the newest change known here."""
        return self._newest

    @property
    def stopping(self) -> bool:
        """Say whether streams should end."""
        return self._stopping.is_set()

    async def join(self, actor: Actor, last_id: int | None) -> Client:
        """Add a stream that has been told everything up to `last_id`, or up to now; `TooMany` beyond the bound."""
        await self._start()
        open_by_account = Counter(client.actor.name for client in self._clients)
        if open_by_account[actor.name] >= self.limits.per_account or len(self._clients) >= self.limits.clients:
            raise TooMany(
                f"{actor.name} has {open_by_account[actor.name]} live views open",
                retry_after_s=self.limits.heartbeat_s,
                value=open_by_account[actor.name],
                limit=self.limits.per_account,
                remedy="close a window",
            )
        client = Client(actor=actor, position=self._newest if last_id is None else last_id)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a stream."""
        self._clients.discard(client)

    def stop(self) -> None:
        """End every stream and the thread; may be called from any thread."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=2)

    def changed(self) -> asyncio.Event:
        """Return the event that is set at the next change; take it before reading, so that none is missed."""
        return self._changed

    def since(self, position: int) -> Sequence[Frame] | None:
        """Return frames after the position, None when the ring no longer reaches back to it."""
        if position < self._floor:
            return None
        return [frame for frame in self._ring if frame.id > position] if position < self._newest else ()

    async def _start(self) -> None:
        async with self._starting:
            if self._thread is None and not self.stopping:
                kept = await asyncio.to_thread(follow.span, self.desk)
                self._newest = self._floor = kept.newest
                loop = asyncio.get_running_loop()
                self._thread = threading.Thread(
                    target=self._watch, args=(loop, kept.newest), name="outbox-watch", daemon=True
                )
                self._thread.start()

    def _watch(self, loop: asyncio.AbstractEventLoop, after: int) -> None:
        """Sleep on the store and hand on what was committed, until stopped; runs in its own thread."""
        while not self._stopping.is_set():
            try:
                if not follow.wait(self.desk, after, timeout_s=0.5):
                    continue
                changes = follow.changes_after(self.desk, after)
            except ImpetusError:
                LOGGER.exception("the outbox could not be read; trying again in a second")
                self._stopping.wait(1.0)
                continue
            if changes:
                after = changes[-1].id
                _call(loop, self._deliver, [encode(change) for change in changes])
        _call(loop, self._deliver, [])

    def _deliver(self, frames: Sequence[Frame]) -> None:
        """Put frames in the ring and wake every client; runs in the event loop."""
        for frame in frames:
            if self._ring.maxlen is not None and len(self._ring) == self._ring.maxlen:
                self._floor = self._ring[0].id
            self._ring.append(frame)
            self._newest = frame.id
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()


def _call(loop: asyncio.AbstractEventLoop, call: Callable[[list[Frame]], None], frames: list[Frame]) -> None:
    """Run a call in the loop; a loop that is closed has nobody left to tell."""
    try:
        loop.call_soon_threadsafe(call, frames)
    except RuntimeError:
        if not loop.is_closed():
            raise


class EventStream(Response):
    """The answer to one client: replay, then live, until it leaves, lags, stalls or loses its session."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, client: Client, still: Callable[[], bool], now: Callable[[], datetime]) -> None:
        """Stream to `client`; `still` tells at each heartbeat whether the client may go on."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub = hub
        self._client = client
        self._still = still
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until there is a reason to end."""
        del scope
        pump = asyncio.ensure_future(self._pump(send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._client)
            for task in (pump, gone):
                task.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

        async def write(body: bytes) -> None:
            async with asyncio.timeout(self._hub.limits.stall_s):
                await send({"type": "http.response.body", "body": body, "more_body": True})

        try:
            await write(b"retry: %d\n" % RETRY_MS + self._beat())
            await self._replay(write)
            await self._follow(write)
        except TimeoutError:
            self._hub.dropped += 1
            LOGGER.warning(
                "%s took nothing for %s s; its stream was ended", self._client.actor.name, self._hub.limits.stall_s
            )
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _replay(self, write: Write) -> None:
        """Send from the outbox what the ring no longer holds; what the outbox lost is a gap."""
        client, hub = self._client, self._hub
        kept = await asyncio.to_thread(follow.span, hub.desk)
        if client.position > kept.newest or client.position < kept.oldest - 1:
            await write(_gap("too_old", after=client.position, newest=kept.newest))
            client.position = kept.newest
        while hub.since(client.position) is None:
            changes = await asyncio.to_thread(follow.changes_after, hub.desk, client.position, limit=REPLAY_CHANGES)
            if not changes:
                return
            await self._send([encode(change) for change in changes], write)

    async def _follow(self, write: Write) -> None:
        """Send what happens from now on, and a heartbeat when nothing does."""
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + self._hub.limits.heartbeat_s
        while not self._hub.stopping:
            changed = self._hub.changed()
            frames = self._hub.since(self._client.position)
            if frames is None:
                self._hub.dropped += 1
                await write(_gap("too_slow", after=self._client.position, newest=self._hub.newest))
                return
            await self._send(frames, write)
            if loop.time() >= beat_at:
                if not await asyncio.to_thread(self._still):
                    await write(event("signed_out", {"at": self._now()}))
                    return
                await write(self._beat())
                beat_at = loop.time() + self._hub.limits.heartbeat_s
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, beat_at - loop.time())):
                    await changed.wait()

    async def _send(self, frames: Sequence[Frame], write: Write) -> None:
        """Send the frames this client may see, in one write, and move its place past all of them."""
        if not frames:
            return
        who = self._client.actor
        seen = [frame.body for frame in frames if follow.may_be_told(who, frame.kind, seat=frame.seat)]
        if seen:
            await write(b"".join(seen))
        self._client.position = frames[-1].id
        self._client.sent += len(seen)
        self._hub.delivered += len(seen)

    def _beat(self) -> bytes:
        """Return the heartbeat: a comment with the server's time, and the same as an event that scripts can see."""
        at = self._now().isoformat()
        return f": {at}\n".encode() + event("time", {"at": at, "newest": self._client.position})


def _gap(reason: str, *, after: int, newest: int) -> bytes:
    """Return the event that says: something was missed, load everything again; its id is where to go on from."""
    return b"id: %d\n" % newest + event("gap", {"reason": reason, "after": after, "newest": newest})


async def _gone(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
